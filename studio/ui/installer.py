"""Install and remove model packs off the UI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from studio.models.errors import InstallStopped
from studio.ui.relay import Relay


class PackLibrary(Protocol):
    def install(self, name: str, on_progress: Callable[[Any], None], should_stop: Callable[[], bool]) -> Any: ...
    def remove(self, name: str) -> None: ...


class Installer(QObject):
    """One pack at a time, in order; signals on the thread that made it."""

    progressed = Signal(str, object)
    """pack, InstallProgress"""
    finished = Signal(str)
    removed = Signal(str)
    failed = Signal(str, str)
    """pack and one sentence, "" when the person stopped it"""

    def __init__(self, library: PackLibrary, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._pool = ThreadPoolExecutor(1, "install")
        self._relay = Relay(self)
        self._stops: dict[str, threading.Event] = {}

    @property
    def busy(self) -> list[str]:
        return list(self._stops)

    def install(self, pack: str) -> None:
        if pack in self._stops:
            return
        stop = self._stops[pack] = threading.Event()
        future = self._pool.submit(
            self._library.install, pack, lambda p: self.progressed.emit(pack, p), stop.is_set)
        self._relay(future, lambda _: self._done(pack), lambda error: self._over(pack, error))

    def remove(self, pack: str) -> None:
        self._relay(self._pool.submit(self._library.remove, pack), lambda _: self.removed.emit(pack),
                    lambda error: self._over(pack, error))

    def stop(self, pack: str) -> None:
        """What was downloaded stays; the next installation goes on from there."""
        if pack in self._stops:
            self._stops[pack].set()

    def close(self) -> None:
        for stop in self._stops.values():
            stop.set()
        self._relay.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _done(self, pack: str) -> None:
        self._stops.pop(pack, None)
        self.finished.emit(pack)

    def _over(self, pack: str, error: BaseException) -> None:
        self._stops.pop(pack, None)
        self.failed.emit(pack, "" if isinstance(error, InstallStopped) else str(error))
