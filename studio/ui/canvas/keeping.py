"""Load and save of a canvas: read off the UI thread, written soon after each change."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

from studio.project.paint.picture import Picture
from studio.ui.canvas.document import CanvasDocument
from studio.ui.session import Session

log = logging.getLogger(__name__)

QUIET_MS = 300
"""A change is written this long after the last one..."""
STORM_MS = 1000
"""...or this long after the first, while they go on."""
OPENING = "The canvas is still being opened; wait a moment."


class CanvasKeeper(QObject):
    """Keeps what a document shows in the project: what it writes is the difference to what is written already."""

    loaded = Signal(object)
    """The picture that was read."""

    def __init__(self, session: Session, document: CanvasDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.document = session, document
        self.name = ""
        """Id of the canvas in the project."""
        self._written: Picture | None = None
        """What the project has, or will have when its writer is done."""
        self._due: float | None = None
        """When the first unwritten change came."""
        self._waiting: Future[None] | None = None
        """Tells the session that there is something to write."""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.flush)
        document.committed.connect(self._committed)

    def open(self, name: str) -> None:
        """Read a canvas; nothing can be changed until it is there, and `loaded` says so."""
        self.flush()
        self.name = name
        self.document.closed_because = OPENING
        project = self.session.project

        def read() -> tuple[Picture, list[str]]:
            project.flush()  # what was painted on it a moment ago may still be on its way to the file
            return project.paint_with_notes(name)

        self.session.read(read, lambda found: self._read(name, *found))

    def _read(self, name: str, picture: Picture, notes: list[str]) -> None:
        if name != self.name:
            return  # another canvas was opened meanwhile
        self._written = picture
        self.document.closed_because = ""
        for note in notes:
            self.session.notice.emit(note)
        self.loaded.emit(picture)

    def _committed(self, _picture: Picture, _label: str) -> None:
        if self.session.project.read_only:
            return
        now = monotonic()
        if self._due is None:
            self._due = now
            self._waiting = Future()
            self.session.store(self._waiting)
        left = STORM_MS - (now - self._due) * 1000
        self._timer.start(max(0, min(QUIET_MS, round(left))))

    def flush(self) -> None:
        """Hand everything unwritten to the project's writer."""
        self._timer.stop()
        if self._due is None or self._waiting is None:
            return
        before, self._written = self._written, self.document.picture
        waiting, self._waiting, self._due = self._waiting, None, None
        future = self.session.project.put_paint(self.name, before, self._written)
        future.add_done_callback(lambda done: _pass_on(done, waiting))


def _pass_on(done: Future[None], waiting: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        waiting.set_exception(error)
    else:
        waiting.set_result(None)
