"""Come nearer and go away."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor

from studio.ui.canvas.tools.base import CLICK, PointerEvent, Tool, ToolHost


class ZoomTool(Tool):
    """A click zooms by 2; a drag to the right or left zooms smoothly."""

    id, name, icon, key, order = "zoom", "Zoom", "magnifying-glass-plus", "Z", 34
    hint = "Click to come nearer, Alt+click to go away, drag to zoom smoothly."

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._start: QPointF | None = None
        self._scale = 1.0
        self._moved = False

    def press(self, event: PointerEvent) -> None:
        self._start, self._scale, self._moved = event.screen, self.host.camera.scale, False

    def move(self, event: PointerEvent) -> None:
        if self._start is None:
            return
        across = event.screen.x() - self._start.x()
        self._moved = self._moved or abs(across) >= CLICK
        if self._moved:
            self.host.zoom_at(self._start, self._scale * 2.0 ** (across / 120))

    def release(self, event: PointerEvent) -> None:
        if self._start is not None and not self._moved:
            self.host.zoom_at(event.screen, self._scale * (0.5 if event.alt else 2.0))
        self._start = None

    def cancel(self) -> bool:
        start, self._start = self._start, None
        if start is not None and self._moved:
            self.host.zoom_at(start, self._scale)
        return start is not None

    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.PointingHandCursor)
