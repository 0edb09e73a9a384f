"""Bring the end of a Future back to the UI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

log = logging.getLogger(__name__)


class Relay(QObject):
    """`relay(future, done, failed)` calls `done(value)` or `failed(error)` on the thread that made the relay.

    Callbacks of a relay that was closed are dropped: the window they would touch is gone.
    """

    _ended = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def __call__(
        self,
        future: Future[Any],
        done: Callable[[Any], object] | None = None,
        failed: Callable[[BaseException], object] | None = None,
    ) -> None:
        future.add_done_callback(lambda ended: self._open and self._ended.emit(ended, done, failed))

    def close(self) -> None:
        self._open = False

    def _deliver(self, future: Future[Any], done: Callable | None, failed: Callable | None) -> None:
        if not self._open:
            return
        try:
            value = future.result()
        except CancelledError:
            return
        except BaseException as error:
            if failed is None:
                log.warning("a background change failed: %s", error)
            else:
                failed(error)
            return
        if done is not None:
            done(value)
