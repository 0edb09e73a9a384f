"""Place the generation frame."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor

from studio.ui.canvas.frame import CURSORS
from studio.ui.canvas.tools.base import PointerEvent, Tool, ToolHost
from studio.ui.canvas.tools.framing import FrameDrag, frame_handle


class FrameTool(Tool):
    """Moves and resizes the frame, or draws it anew beside it."""

    id, name, icon, key, order = "frame", "Generation frame", "frame-corners", "F", 30
    hint = "Drag the frame to where the next picture will be made; drag its handles to resize it."
    separated = True

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._drag: FrameDrag | None = None
        self._at: QPointF | None = None

    def press(self, event: PointerEvent) -> None:
        self._drag = FrameDrag(self.host, event, frame_handle(self.host, event.screen, inside=True))

    def move(self, event: PointerEvent) -> None:
        if self._drag is not None:
            self._drag.move(event)

    def release(self, event: PointerEvent) -> None:
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.release(event)

    def hover(self, event: PointerEvent) -> None:
        self._at = event.screen
        self.host.refresh_cursor()

    def cancel(self) -> bool:
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.cancel()
        return drag is not None

    @property
    def busy(self) -> bool:
        return self._drag is not None

    def cursor(self) -> QCursor:
        handle = frame_handle(self.host, self._at, inside=True) if self._at is not None else None
        return QCursor(CURSORS.get(handle or "", Qt.CursorShape.CrossCursor))
