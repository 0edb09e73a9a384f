"""The open sound document: its arrangement, what is shown of it, its history, and what is chosen in it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.project.sound import Arrangement, Clip, History, SoundError
from studio.ui.relay import Relay

log = logging.getLogger(__name__)

Edit = Callable[[Arrangement], Any]
"""From one arrangement to the next, or to that and what was made; raises SoundError with one sentence."""


@dataclass(frozen=True)
class Region:
    """A stretch of time on some tracks."""

    start: float
    end: float
    tracks: tuple[str, ...]

    @property
    def length(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class Chosen:
    """What the person has chosen.

    Attributes:
        clips: ids.
        region: a stretch of time, or None.
        track: id of the track that new things go to, "" for none.
        cursor: where playing begins and things are pasted, seconds.
    """

    clips: frozenset[str] = frozenset()
    region: Region | None = None
    track: str = ""
    cursor: float = 0.0


class SoundDocument(QObject):
    """Knows no project and no engine. Every change of the arrangement, undo included, goes through here."""

    changed = Signal()
    """Something else is shown: an edit, undo, or a preview of a drag."""
    committed = Signal(object, str)
    """Arrangement and label, after an edit, undo or redo: what is to be saved."""
    chosen_changed = Signal()
    history_changed = Signal()
    busy_changed = Signal(str)
    """The label of the work under way, "" when it is done."""
    refused = Signal(str)
    """One sentence: why an edit was not made."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.arrangement = Arrangement()
        """As committed."""
        self.shown = self.arrangement
        """As committed, or a preview of an edit."""
        self.chosen = Chosen()
        self.history = History(self.arrangement)
        self.closed_because = ""
        """While this is not "", nothing can be changed: the sentence that says why."""
        self._pool: ThreadPoolExecutor | None = None
        self._relay = Relay(self)

    # ------------------------------------------------------------ reading

    @property
    def chosen_clips(self) -> list[Clip]:
        """The chosen clips that are (still) there, by start."""
        return [clip for clip in self.shown.clips if clip.id in self.chosen.clips]

    @property
    def previewing(self) -> bool:
        """What is shown is not committed yet."""
        return self.shown is not self.arrangement

    def can_undo(self) -> bool:
        return self.history.can_undo

    def can_redo(self) -> bool:
        return self.history.can_redo

    # ------------------------------------------------------------ changing

    def load(self, arrangement: Arrangement) -> None:
        """Show another arrangement; its history begins anew."""
        self.history = History(arrangement)
        self.arrangement = self.shown = arrangement
        first = arrangement.tracks[0].id if arrangement.tracks else ""
        self.chosen = Chosen(track=first)
        self.changed.emit()
        self.chosen_changed.emit()
        self.history_changed.emit()

    def edit(self, label: str, edit: Edit, merge: str = "") -> Any:
        """Change the arrangement at once, as one step of the history. Steps with the same `merge` in a row are one.

        Returns what the edit made besides (ids), True where it made nothing else, or None, after `refused`, where it
        cannot be made.
        """
        if self.closed_because:
            self.refused.emit(self.closed_because)
            return None
        try:
            after, made = _parts(edit(self.arrangement))
        except SoundError as error:
            self.preview(None)
            self.refused.emit(str(error))
            return None
        if after is self.arrangement:
            self.preview(None)
            return made
        self.history.push(label, after, merge)
        self._show(after)
        self.history_changed.emit()
        self.committed.emit(after, label)
        return made

    def amend(self, change: Callable[[Arrangement], Arrangement]) -> None:
        """Change the arrangement and all steps of its history alike: what is worked out from them is no step."""
        if self.closed_because:
            return
        before = self.arrangement
        self.history.amend(change)
        if self.history.arrangement is not before:
            self._show(self.history.arrangement)
            self.committed.emit(self.arrangement, "")

    def preview(self, edit: Edit | None) -> None:
        """Show what an edit would give without making it (a drag under way); None takes it back. One that cannot be
        made shows nothing new."""
        shown = self.arrangement
        if edit is not None and not self.closed_because:
            try:
                shown = _parts(edit(self.arrangement))[0]
            except SoundError:
                return
        if shown is not self.shown:
            self.shown = shown
            self.changed.emit()

    def run(self, label: str, work: Callable[[], Any], done: Callable[[Any], object]) -> None:
        """Do something long (decode, read a file) on a thread; `done` gets its value here. What goes wrong is
        `refused`."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "sound")
        self.busy_changed.emit(label)

        def ended(value: Any) -> None:
            self.busy_changed.emit("")
            done(value)

        self._relay(self._pool.submit(work), ended, lambda error: self._failed(label, error))

    def undo(self) -> None:
        self._step(self.history.undo(), "Undo")

    def redo(self) -> None:
        self._step(self.history.redo(), "Redo")

    def jump(self, index: int) -> None:
        """Go to a step of the history, from 0."""
        if index != self.history.index:
            self._step(self.history.jump(index), "History")

    def choose(self, **changes: Any) -> None:
        """Choose something else; the fields are those of `Chosen`."""
        chosen = replace(self.chosen, **changes)
        if chosen != self.chosen:
            self.chosen = chosen
            self.chosen_changed.emit()

    def close(self) -> None:
        """Let running work end; what has not begun is dropped."""
        self._relay.close()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    # ------------------------------------------------------------ inside

    def _show(self, arrangement: Arrangement) -> None:
        self.arrangement = self.shown = arrangement
        self.changed.emit()
        there = frozenset(clip.id for clip in arrangement.clips)
        track = self.chosen.track
        if arrangement.find_track(track) is None:
            track = arrangement.tracks[0].id if arrangement.tracks else ""
        self.choose(clips=self.chosen.clips & there, track=track)

    def _step(self, arrangement: Arrangement | None, label: str) -> None:
        if arrangement is None:
            return
        there = {clip.id for clip in self.arrangement.clips}
        self._show(arrangement)
        back = frozenset(clip.id for clip in arrangement.clips if clip.id not in there)
        if back:  # what came back is what the person goes on with
            self.choose(clips=back, region=None)
        self.history_changed.emit()
        self.committed.emit(arrangement, label)

    def _failed(self, label: str, error: BaseException) -> None:
        self.busy_changed.emit("")
        if not isinstance(error, SoundError):
            log.warning("%s failed", label, exc_info=error)
        self.refused.emit(str(error) or f"{label} could not be done.")


def _parts(result: Any) -> tuple[Arrangement, Any]:
    """An edit's arrangement, and what else it gave."""
    if isinstance(result, Arrangement):
        return result, True
    return result[0], result[1] if len(result) == 2 else result[1:]
