"""Move the view."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor

from studio.ui.canvas.tools.base import PointerEvent, Tool, ToolHost


class HandTool(Tool):
    id, name, icon, key, order = "hand", "Hand", "hand", "H", 33
    hint = "Drag to move the view; Space does the same for a moment."

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._last: QPointF | None = None

    def press(self, event: PointerEvent) -> None:
        self._last = event.screen
        self.host.refresh_cursor()

    def move(self, event: PointerEvent) -> None:
        if self._last is not None:
            delta, self._last = event.screen - self._last, event.screen
            self.host.pan(delta)

    def release(self, event: PointerEvent) -> None:
        self._last = None
        self.host.refresh_cursor()

    def cancel(self) -> bool:
        was, self._last = self._last is not None, None
        return was

    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.OpenHandCursor if self._last is None else Qt.CursorShape.ClosedHandCursor)
