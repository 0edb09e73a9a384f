"""When Python looks for garbage: not while the window is made, and then not through all that a start leaves behind."""

import gc


class Garbage:
    """A full collection goes through every object that there is, and every thread waits meanwhile (measured: 28 to 40
    ms after a start, more than two frames). Made where the process begins: from there on nothing is collected until
    `settle`."""

    def __init__(self) -> None:
        gc.disable()
        self._left_behind = False

    def settle(self) -> None:
        """What is there now stays, and no collection looks at it any more; what comes is collected as usual."""
        if self._left_behind:
            gc.collect()
        self._left_behind = False
        gc.freeze()
        gc.enable()

    def release(self) -> None:
        """A project was closed, and what it held is to be found."""
        gc.unfreeze()
        self._left_behind = True
