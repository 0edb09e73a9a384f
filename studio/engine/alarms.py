"""Named points in time at which something is to be done. For one thread."""

from __future__ import annotations

import time
from collections.abc import Callable


class Alarms:
    """Set, cancel and ring; setting a name again moves it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: dict[str, tuple[float, Callable[[], None]]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._due

    def set(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        """Have `action` done when `ring` is called `seconds` from now or later."""
        self._due[name] = (self._clock() + seconds, action)

    def cancel(self, *names: str) -> None:
        for name in names:
            self._due.pop(name, None)

    def clear(self) -> None:
        self._due.clear()

    def wait(self) -> float | None:
        """Seconds until the next is due; None where there is none."""
        soonest = min((at for at, _ in self._due.values()), default=None)
        return None if soonest is None else max(0.0, soonest - self._clock())

    def ring(self) -> None:
        """Do all that is due. An action may set and cancel others."""
        now = self._clock()
        for name, (at, action) in list(self._due.items()):
            if at <= now and name in self._due:
                del self._due[name]
                action()
