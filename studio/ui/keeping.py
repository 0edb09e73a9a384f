"""Load and save of a document on the screen: read off the UI thread, written soon after each change."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from studio.project import ProjectError
from studio.ui.session import Session

QUIET_MS = 300
"""A change is written this long after the last one..."""
STORM_MS = 1000
"""...or this long after the first, while they go on."""
AGAIN_MS = 5000
"""What could not be written, as on a full disk, is tried again this long after."""
UNREAD = "This document could not be opened; if the disk is full make room on it, and open the project again."
NOTHING = "This project can only be read, and there is no such document in it."

Read = Callable[[str], tuple[Any, list[str]]]
"""The value of a document, and a sentence for each thing in it that could not be read."""
Write = Callable[[str, Any, Any], "Future[None]"]
"""Keep a document's value; what was kept before is given too."""


class OpenDocument(Protocol):
    """A document on the screen. closed_because: while it is not "", nothing can be changed, and it says why."""

    closed_because: str
    committed: Any


class DocumentKeeper(QObject):
    """Keeps what a document shows in the project: what it writes is the difference to what is written already."""

    loaded = Signal(object)
    """The value that was read."""

    def __init__(self, session: Session, document: OpenDocument, value: Callable[[], Any], read: Read, write: Write,
                 opening: str, parent: QObject | None = None) -> None:
        """value: what the document holds now. opening: the sentence while it is being read."""
        super().__init__(parent)
        self.session, self.document = session, document
        self.name = ""
        """Id of the document in the project."""
        self._value, self._read_from, self._write, self._opening = value, read, write, opening
        self._written: Any = None
        """What the project has, or will have when its writer is done."""
        self._due: float | None = None
        """When the first unwritten change came."""
        self._waiting: Future[None] | None = None
        """Tells the session that there is something to write."""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.flush)
        self._lost = False
        """Whether the last write failed."""
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._write_again)
        document.committed.connect(self._committed)

    @property
    def reading(self) -> bool:
        return self.document.closed_because == self._opening

    def open(self, name: str) -> None:
        """Read a document; nothing can be changed until it is there, and `loaded` says so. "" where there is none."""
        self.flush()
        self.name = name
        self.document.closed_because = self._opening if name else NOTHING
        if not name:
            return
        project = self.session.project

        def read() -> tuple[Any, list[str]]:
            project.flush()  # what was changed a moment ago may still be on its way to the file
            try:
                return self._read_from(name)
            except (ProjectError, KeyError) as error:
                return None, [str(error) if isinstance(error, ProjectError) else UNREAD]

        self.session.read(read, lambda found: self._read(name, *found))

    def _read(self, name: str, value: Any, notes: list[str]) -> None:
        if name != self.name:
            return  # another document was opened meanwhile
        if value is None:
            self.document.closed_because = UNREAD
            self.session.notice.emit(notes[0])
            return
        self._written = value
        self.document.closed_because = ""
        for note in notes:
            self.session.notice.emit(note)
        self.loaded.emit(value)

    def _committed(self, _value: Any, _label: str) -> None:
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
            self._write_again()
            return
        before, self._written = self._written, self._value()
        waiting, self._waiting, self._due = self._waiting, None, None
        future = self._write(self.name, before, self._written)
        future.add_done_callback(lambda done: _pass_on(done, waiting))
        self._watch(future)

    def _watch(self, future: Future[None], saved: Callable[[], object] = lambda: None) -> None:
        def written(_: None) -> None:
            self._lost = False
            saved()

        def failed(_: BaseException) -> None:
            self._lost = True
            self._again.start()

        self.session.watch(future, written, failed)

    def _write_again(self) -> None:
        """Write all of a document of which a change could not be written, unless another one is about to."""
        self._again.stop()
        if not self._lost or self._due is not None:
            return
        future = self._write(self.name, None, self._value())
        self._watch(future, lambda: self.session.store(future))


def _pass_on(done: Future[None], waiting: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        waiting.set_exception(error)
    else:
        waiting.set_result(None)
