"""A thread that does what others ask of it, one errand after the other, and rings alarms in between."""

from __future__ import annotations

import queue
import threading
import traceback
from collections.abc import Callable

from studio.engine.alarms import Alarms

Errand = Callable[[], object]


class Errands:
    """The thread starts with the first errand. `ask`, `post`, `close` and `join` are for any thread.

    Args:
        name: of the thread.
        log: told of an errand that raised; the thread goes on.

    Attributes:
        alarms: for errands alone.
        closed: nothing new is taken.
    """

    def __init__(self, name: str, log: Callable[[str], None]) -> None:
        self.alarms = Alarms()
        self.closed = False
        self._name, self._log = name, log
        self._inbox: queue.Queue[Errand | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._gate = threading.Lock()

    def ask(self, errand: Errand) -> None:
        """Have it done after what was asked before; dropped once closed."""
        with self._gate:
            if self.closed:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        self._inbox.put(errand)

    def post(self, errand: Errand) -> None:
        """Have it done even while closing: what the errands themselves have started reports its end so."""
        self._inbox.put(errand)

    def close(self, last: Errand) -> None:
        """Have `last` done, which sets `closed` and sees to it that `end` is called; only that where nothing was ever
        asked."""
        with self._gate:
            if self._thread is None:
                self.closed = True
                return
        self.ask(last)

    def end(self) -> None:
        """Let the thread end after what waits."""
        self._inbox.put(None)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread's end. Returns whether it has ended."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            try:
                errand = self._inbox.get(timeout=self.alarms.wait())
            except queue.Empty:
                errand = self.alarms.ring
            if errand is None:
                return
            try:
                errand()
                self.alarms.ring()
            except Exception:  # a message in a wrong shape must not end the supervision
                self._log(f"the {self._name} stumbled:\n" + traceback.format_exc())
