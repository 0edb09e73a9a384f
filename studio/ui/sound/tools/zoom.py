"""Move the view with the hand, and zoom it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from studio.ui.sound.tools.base import CLICK, Hit, TimelineTool


class HandTool(TimelineTool):
    """Drags the view."""

    id, name, icon, key, separated = "hand", "Move the view", "hand", "H", True
    at_edges = ""

    def __init__(self, timeline: Any) -> None:
        super().__init__(timeline)
        self._last: QPointF | None = None

    def cursor(self, hit: Hit) -> Qt.CursorShape:
        return Qt.CursorShape.OpenHandCursor if self._last is None else Qt.CursorShape.ClosedHandCursor

    def press(self, hit: Hit) -> None:
        self._last = hit.pos

    def move(self, hit: Hit) -> None:
        if self._last is not None:
            step, self._last = self._last - hit.pos, hit.pos
            self.timeline.axis.scroll(step.x())
            self.timeline.scroll_lanes(round(step.y()))

    def release(self, hit: Hit) -> None:
        self._last = None

    def cancel(self) -> None:
        self._last = None


class ZoomTool(TimelineTool):
    """A click zooms in (Alt: out), a drag shows the stretch it crosses."""

    id, name, icon, key = "zoom", "Zoom", "magnifying-glass", "Z"
    at_edges = ""

    def __init__(self, timeline: Any) -> None:
        super().__init__(timeline)
        self._from: QPointF | None = None
        self._to = QPointF()

    def cursor(self, hit: Hit) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def press(self, hit: Hit) -> None:
        self._from = self._to = hit.pos

    def move(self, hit: Hit) -> None:
        self._to = hit.pos
        self.timeline.update()

    def release(self, hit: Hit) -> None:
        begin, self._from = self._from, None
        axis = self.timeline.axis
        if begin is None:
            return
        if abs(hit.pos.x() - begin.x()) < CLICK:
            axis.zoom(0.5 if hit.alt else 2.0, hit.pos.x())
        else:
            ends = sorted((axis.seconds(begin.x()), axis.seconds(hit.pos.x())))
            axis.fit(max(ends[0], 0), ends[1], self.timeline.width(), 0)
        self.timeline.update()

    def cancel(self) -> None:
        self._from = None
        self.timeline.update()

    def paint(self, painter: QPainter) -> None:
        if self._from is None:
            return
        colour = self.timeline.theme.color("sky", 0.24)
        area = QRectF(QPointF(self._from.x(), 0), QPointF(self._to.x(), self.timeline.height())).normalized()
        painter.fillRect(area, colour)
