"""A drag that comes near an edge scrolls, and goes on by itself while it stays there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, QRectF, QTimer

NEAR = 24
"""Pixels at an edge in which it scrolls, the faster the nearer; beyond the edge faster still."""
MS = 30
FASTEST = 40.0
"""Pixels a step."""


class EdgeScroll(QObject):
    """scroll: moves the view by so many pixels right and down; again: the drag goes on at the same place."""

    def __init__(self, parent: QObject, scroll: Callable[[float, float], object],
                 again: Callable[[QPointF], object]) -> None:
        super().__init__(parent)
        self._scroll, self._again = scroll, again
        self._pos, self._by = QPointF(), QPointF()
        self._timer = QTimer(self, interval=MS)
        self._timer.timeout.connect(self._step)

    def follow(self, pos: QPointF, room: QRectF) -> None:
        """The pointer of a drag is at `pos`; `room` is what scrolls."""
        self._pos = pos
        self._by = QPointF(_speed(pos.x(), room.left(), room.right()), _speed(pos.y(), room.top(), room.bottom()))
        if self._by.isNull():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _step(self) -> None:
        self._scroll(self._by.x(), self._by.y())
        self._again(self._pos)


def _speed(at: float, low: float, high: float) -> float:
    if at < low + NEAR:
        return -min((low + NEAR - at) / 2 + 1, FASTEST)
    if at > high - NEAR:
        return min((at - high + NEAR) / 2 + 1, FASTEST)
    return 0.0
