"""Small pictures made off the UI thread, one after the other, by a thread that ends when nothing is left to make."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

log = logging.getLogger(__name__)

Make = Callable[[], QImage]


class Workshop(QObject):
    """`ask` for a picture by name; `made` follows on the UI thread. A second wish of one name replaces the first."""

    made = Signal(object, QImage)
    _finished = Signal(object, QImage)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._wishes: OrderedDict[Hashable, Make] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._finished.connect(self.made, Qt.ConnectionType.QueuedConnection)

    def ask(self, name: Hashable, make: Make) -> None:
        with self._lock:
            self._wishes[name] = make
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="small pictures", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Drop what waits, and let the one under way end."""
        with self._lock:
            self._wishes.clear()
            thread = self._thread
        if thread is not None:
            thread.join(5.0)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._wishes:
                    self._thread = None
                    return
                name, make = self._wishes.popitem(last=False)
            try:
                image = make()
            except Exception as error:  # a picture that cannot be made stays away; the panel goes on
                log.info("a small picture could not be made: %s", error)
                image = QImage()
            try:
                self._finished.emit(name, image)
            except RuntimeError:  # the panel is gone
                with self._lock:
                    self._wishes.clear()
                    self._thread = None
                return
