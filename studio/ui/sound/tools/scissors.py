"""Cut clips where they are clicked."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen

from studio.project.sound import edits
from studio.ui.sound.tools.base import Hit, TimelineTool


class ScissorsTool(TimelineTool):
    """A click cuts the clip under it; with Shift all tracks are cut there. A line shows where before it happens."""

    id, name, icon, key = "scissors", "Cut clips", "scissors", "B"
    at_edges = ""

    def __init__(self, timeline: Any) -> None:
        super().__init__(timeline)
        self._over: Hit | None = None

    def cursor(self, hit: Hit) -> Qt.CursorShape:
        self._over = hit
        self.timeline.update()
        return Qt.CursorShape.CrossCursor

    def press(self, hit: Hit) -> None:
        at, clip = self.timeline.snapped(hit.seconds, hit), hit.clip
        if hit.shift:
            self.timeline.document.edit("Split", lambda old: edits.split(old, at))
        elif clip is not None:
            self.timeline.document.edit("Split", lambda old: edits.split_clips(old, [clip.id], at))

    def left(self) -> None:
        self._over = None
        self.timeline.update()

    def paint(self, painter: QPainter) -> None:
        hit = self._over
        if hit is None or (hit.clip is None and not hit.shift):
            return
        x = self.timeline.axis.x(self.timeline.snapped(hit.seconds, hit))
        rect = self.timeline.clip_rect(hit.clip) if hit.clip is not None else None
        top, bottom = (0.0, float(self.timeline.height())) if hit.shift or rect is None else (rect.top(), rect.bottom())
        painter.setPen(QPen(self.timeline.theme.color("t1"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(round(x), round(top), round(x), round(bottom))
