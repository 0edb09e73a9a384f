"""When and where Python looks for garbage: on the window's thread, and not through all that a start leaves behind."""

import gc
from time import monotonic

FULL = 60.0
"""Seconds between two collections of all generations; Python itself puts them off while there is little that is new."""


class Garbage:
    """Python collects on whichever thread happens to ask for memory, and a QObject must not end on another thread than
    its own (Qt cannot stop its timers there). So the collector's own turns are switched off where the process begins,
    and the window takes them: call `turn` now and then on its thread, once `settle` has said that the start is over.
    A full collection after a start took 28 to 40 ms, more than two frames: what is there then is left out."""

    def __init__(self) -> None:
        gc.disable()
        self._settled = self._left_behind = False
        self._full = monotonic()

    def settle(self) -> None:
        """What is there now stays, and no collection looks at it any more."""
        if self._left_behind:
            gc.collect()
        self._left_behind = False
        gc.freeze()
        self._settled = True
        self._full = monotonic()

    def release(self) -> None:
        """A project was closed, and what it held is to be found."""
        gc.unfreeze()
        self._left_behind = True

    def turn(self) -> None:
        """Collect the oldest generation that is due by Python's own thresholds, if any is."""
        due = [age for age, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
               if count > most]
        if not self._settled or not due:
            return
        age = due[-1]
        if age == 2 and monotonic() - self._full < FULL:
            age = 1
        elif age == 2:
            self._full = monotonic()
        gc.collect(age)
