"""Takes of clips: those that are on their way, and what a person does with those that are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from studio.engine.job import Job
from studio.project.sound import Arrangement, Clip, edits
from studio.ui.sound.makers import asking
from studio.ui.sound.pane import SoundPane

ONE = "There is only one take; Regenerate, Vary and Speak again give others, and so does a count of several."


@dataclass
class Batch:
    """Results that were asked for together. left: jobs that have not ended; clips: what the first has become."""

    left: set[str] = field(default_factory=set)
    clips: list[str] = field(default_factory=list)


class Takes(QObject):
    """Works on the chosen clips. Another take is heard at once, from the beginning of its clip to its end."""

    changed = Signal()
    """Another take is expected, or no longer."""

    def __init__(self, pane: SoundPane) -> None:
        super().__init__(pane)
        self.pane, self.document = pane, pane.document
        self._batches: dict[str, Batch] = {}
        self._until = -1.0
        """Where what is being heard ends, seconds; below 0 where nothing is."""
        pane.player.position_changed.connect(self._at)

    # ------------------------------------------------------------ on their way

    def queued(self, job: Job) -> None:
        """A job that may give a take."""
        batch = self._batches.setdefault(job.request.batch, Batch())
        batch.left.add(job.id)
        clip = job.request.target.get("clip")
        if clip and job.request.target.get("kind") in ("sentence", "score", "region"):
            batch.clips = batch.clips or [str(clip)]
        self.changed.emit()

    def ended(self, job: Job) -> None:
        """It has come, failed, or was stopped."""
        batch = self._batches.get(job.request.batch)
        if batch is not None and job.id in batch.left:
            batch.left.remove(job.id)
            self.changed.emit()

    def came(self, job: Job, clips: Sequence[str]) -> None:
        """The first of a batch has become these clips."""
        self._batches.setdefault(job.request.batch, Batch()).clips = list(clips)
        self.changed.emit()

    def clips_of(self, job: Job) -> list[str]:
        """What an earlier result of the same batch has become; [] where there was none."""
        batch = self._batches.get(job.request.batch)
        return batch.clips if batch is not None else []

    def coming(self, clip: str) -> int:
        """How many further takes of a clip are expected."""
        return sum(len(batch.left) for batch in self._batches.values() if clip in batch.clips)

    # ------------------------------------------------------------ what a person does

    def chosen(self) -> list[Clip]:
        """The clips with takes that are meant: those of the chosen ones, or the one under the selected stretch."""
        found = self.document.chosen_clips
        if not found:
            one = asking.any_clip_of(self.document.arrangement, self.document.chosen)
            found = [one] if one is not None else []
        return [clip for clip in found if clip.takes]

    def step(self, by: int) -> None:
        """To the next take, or the previous one; from the last one to the first."""
        self.go(lambda clip: (clip.take + by) % len(clip.takes))

    def go(self, place: Callable[[Clip], int]) -> None:
        """To the take that `place` gives for each of the clips, as one step of the history, and let it be heard."""
        clips = self.chosen()
        if not clips:
            self.document.refused.emit(ONE)
            return
        wanted = {clip.id: place(clip) for clip in clips}

        def change(old: Arrangement) -> Arrangement:
            for name, at in wanted.items():
                old = edits.set_take(old, name, at)
            return old

        first = wanted[clips[0].id]
        if self.document.edit(f"Take {first + 1}", change):
            self.hear([clip.id for clip in clips])

    def keep(self) -> None:
        """Let go of the takes that are not heard."""
        self._edit("Keep only this take", lambda old, names: edits.keep_take(old, names))

    def remove(self) -> None:
        """Let go of the take that is heard."""
        self._edit("Delete this take", _each(edits.remove_take))

    def spread(self) -> None:
        """Put the takes that are not heard on tracks of their own."""
        self._edit("Takes on tracks", _each(lambda old, name: edits.spread_takes(old, name)[0]))

    def _edit(self, label: str, change: Callable[[Arrangement, list[str]], Arrangement]) -> None:
        names = [clip.id for clip in self.chosen()]
        if not names:
            self.document.refused.emit(ONE)
            return
        self.document.edit(label, lambda old: change(old, names))

    # ------------------------------------------------------------ hearing

    def hear(self, names: Sequence[str]) -> None:
        """Play clips from their beginning to their end; over what plays already nothing changes. Notes without sound
        are heard while it is made."""
        player = self.pane.player
        clips = [clip for name in names if (clip := self.document.arrangement.find(name)) is not None and clip.media]
        if (player.playing and self._until < 0) or not clips:
            return
        self._until = max(clip.end for clip in clips)
        player.play(min(clip.start for clip in clips))

    def _at(self, seconds: float) -> None:
        if self._until < 0:
            return
        if not self.pane.player.playing:
            self._until = -1.0
        elif seconds >= self._until:
            self._until = -1.0
            self.pane.player.pause()
            self.pane.player.seek(self.document.chosen.cursor)


def _each(change: Callable[[Arrangement, str], Arrangement]) -> Callable[[Arrangement, list[str]], Arrangement]:
    def all_of(arrangement: Arrangement, names: list[str]) -> Arrangement:
        for name in names:
            arrangement = change(arrangement, name)
        return arrangement

    return all_of

