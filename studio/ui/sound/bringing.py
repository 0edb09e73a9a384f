"""Take in files of other programs and results of the project: by dialog, by drop, from the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from studio.project.sound import Arrangement, SoundError, edits
from studio.ui.sound import placing
from studio.ui.sound.choices import Choices

if TYPE_CHECKING:
    from studio.project import ResultRow
    from studio.project.sound.importing import Brought
    from studio.ui.session import Session
    from studio.ui.sound.pane import SoundPane


class Bringing(QObject):
    """Attributes: session, pane."""

    said = Signal(str)

    def __init__(self, session: Session, pane: SoundPane) -> None:
        super().__init__(pane)
        self.session, self.pane, self.choices = session, pane, Choices()
        pane.files_dropped.connect(self.take)
        pane.result_dropped.connect(self._dropped)

    # ------------------------------------------------------------ files

    def ask(self) -> None:
        from studio.project.sound.importing import CAPTIONS, FILMS, READS, SCORES, SOUNDS

        kinds = ";;".join(f"{title} ({' '.join('*' + ending for ending in endings)})" for title, endings in (
            ("All that can be read", READS), ("Sound", SOUNDS), ("Films", FILMS), ("MIDI", SCORES),
            ("Captions", CAPTIONS)))
        paths, _ = QFileDialog.getOpenFileNames(self.pane, "Import", self.choices.folder("import_folder"), kinds)
        if paths:
            self.choices.put("import_folder", str(Path(paths[0]).parent))
            chosen = self.pane.document.chosen
            self.take(paths, chosen.cursor, chosen.track)

    def take(self, paths: Sequence[str], at: float, track: str) -> None:
        """Take files in: the first one on `track` where it suits, each other one on a track of its own."""
        if self.pane.document.closed_because:
            self.said.emit(self.pane.document.closed_because)
            return
        for number, name in enumerate(paths):
            path = Path(name)
            self.pane.working.run(f"Importing {path.name}", self._reader(path),
                                  partial(self._took, at=at, track="" if number else track))

    def _reader(self, path: Path) -> Callable[..., Any]:
        project = self.session.project

        def work(progress: Callable[[float], None], stopped: Callable[[], bool]) -> Any:
            from studio.project.sound.importing import bring

            return bring(path, lambda data, kind: project.put_media(data, kind).result(), progress=progress,
                         stopped=stopped)

        return work

    def _took(self, found: Brought, at: float, track: str) -> None:
        made = self.pane.document.edit("Import", lambda old: _added(old, found, at, track))
        if made is None:
            return
        for note in found.notes:
            self.said.emit(note)
        if isinstance(made, list):
            self.show(made)

    def show(self, clips: list[str]) -> None:
        """Choose new clips and show them; notes are rendered by whoever watches the document."""
        found = [clip for name in clips if (clip := self.pane.document.arrangement.find(name)) is not None]
        if not found:
            return
        self.pane.document.choose(clips=frozenset(clips), region=None, track=found[0].track, cursor=found[-1].end)
        self.pane.axis.follow(found[0].start, self.pane.timeline.width())
        self.pane.timeline.show_track(found[0].track)

    # ------------------------------------------------------------ results

    def place(self, row: ResultRow, at: float | None = None, track: str = "") -> None:
        """Put a result onto a track: at a time, or at the first free place from the cursor on."""
        pane, project = self.pane, self.session.project
        if row.kind not in ("audio", "score"):
            self.said.emit("Only sound and notes can be put on a track; open this result in its own workspace.")
            return
        chosen = pane.document.chosen
        start, kind = chosen.cursor if at is None else at, placing.kind_for(row)
        where = track or chosen.track

        def put(piece: Any) -> None:
            made = pane.document.edit("Place the result", lambda old: placing.put(old, piece, kind, where, start,
                                                                                  exactly=at is not None))
            if made:
                self.show([made])

        def work(_progress: object, _stopped: object) -> Any:
            return placing.piece_of(row, project, pane.source)

        pane.working.run("Placing the result", work, put)

    def _dropped(self, result: dict[str, Any], at: float, track: str) -> None:
        key, project = str(result.get("id", "")), self.session.project

        def fetch() -> Any:
            try:
                return project.result(key)
            except KeyError:
                return None

        self.session.read(fetch, lambda row: self.place(row, at, track) if row is not None
                          else self.said.emit("This result is no longer in the project."))


def _added(old: Arrangement, found: Brought, at: float, track: str) -> Any:
    """With what came out of a file; the ids of new clips. Captions keep their own times."""
    if found.labels:
        return edits.add_labels(old, found.labels), True
    kind = "notes" if found.score is not None else "music"
    made: list[str] = []
    where = placing.suited(old, kind, track) if track else ""
    if not where:
        old, where = edits.add_track(old, kind, found.name[:40])  # type: ignore[arg-type]
    if found.score is not None:
        old = edits.follow_tempo(old, found.score.tempo, at)
    for piece in found.pieces:
        old, clip = edits.add_clip(old, where, at, piece)
        made.append(clip)
        at += piece.length
    if not made:
        raise SoundError(f"There is nothing in {found.name} to put on a track.")
    return old, made
