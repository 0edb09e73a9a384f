"""Pick a colour."""

from __future__ import annotations

from PySide6.QtGui import QCursor, QPainter

from studio.ui.canvas.tools.base import PointerEvent, Tool, ToolHost
from studio.ui.canvas.tools.picking import Picker


class EyedropperTool(Tool):
    """The foreground colour follows the picture under the pointer; with Alt the background colour does."""

    id, name, icon, key, order = "eyedropper", "Eyedropper", "eyedropper", "I", 27
    hint = "Press to pick the foreground colour, with Alt the background colour."

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._picker = Picker(host)

    def press(self, event: PointerEvent) -> None:
        self._picker.press(event, background=event.alt)

    def move(self, event: PointerEvent) -> None:
        self._picker.move(event)

    def release(self, event: PointerEvent) -> None:
        self._picker.release()

    def cancel(self) -> bool:
        return self._picker.release()

    @property
    def busy(self) -> bool:
        return self._picker.active

    def paint(self, painter: QPainter) -> None:
        if self._picker.active:
            self._picker.paint(painter)

    def cursor(self) -> QCursor:
        return self._picker.cursor()
