"""One long piece of work after another on a thread, with its card: decoding, writing, mixing down."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.project import ProjectError
from studio.project.sound import SoundError
from studio.ui.relay import Relay
from studio.ui.sound.workcard import WorkCard
from studio.ui.theme import Theme

log = logging.getLogger(__name__)

Work = Callable[[Callable[[float], None], Callable[[], bool]], Any]
"""Gets what takes the share that is done, and what says whether to stop."""


class Working(QObject):
    """Runs what it is given, in order; the person may stop it."""

    said = Signal(str)
    """One sentence: what went wrong, or that it was stopped."""
    ended = Signal()

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self.card = WorkCard(theme, over)
        self.card.stop_asked.connect(self.stop)
        self._stop = Event()
        self._pool: ThreadPoolExecutor | None = None
        self._relay = Relay(self)
        self._count = 0

    @property
    def busy(self) -> bool:
        return self._count > 0

    def run(self, words: str, work: Work, done: Callable[[Any], object]) -> None:
        """Do `work` on the thread, `done` with its value here."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "sound work")
        self._stop.clear()
        self._count += 1
        progress = self.card.begin(words)

        def finished(value: Any) -> None:
            self._end()
            done(value)

        self._relay(self._pool.submit(work, progress, self._stop.is_set), finished,
                    lambda error: self._failed(words, error))

    def stop(self) -> None:
        self._stop.set()

    def close(self) -> None:
        """Stop and wait."""
        self._relay.close()
        self._stop.set()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _end(self) -> None:
        self._count -= 1
        if not self._count:
            self.card.end()
        self.ended.emit()

    def _failed(self, words: str, error: BaseException) -> None:
        from studio.project.sound.exporting import Cancelled

        self._end()
        if isinstance(error, Cancelled):
            self.said.emit("Stopped; nothing was changed.")
            return
        if not isinstance(error, (SoundError, ProjectError, OSError)):
            log.warning("%s failed", words, exc_info=error)
            self.said.emit(f"{words} failed: {error}.")
            return
        self.said.emit(str(error))
