"""Mouse and pen become pointer events; between two frames they are gathered, so that no point of a stroke is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPointingDevice, QTabletEvent

from studio.ui.canvas.tools.base import PointerEvent, Tool

if TYPE_CHECKING:
    from studio.ui.canvas.camera import Camera

Button = Qt.MouseButton


def from_mouse(event: QMouseEvent, camera: Camera, button: Button, clicks: int = 1) -> PointerEvent:
    """button: the one pressed or held, NoButton while hovering."""
    at = event.position()
    return PointerEvent(camera.to_document(at), at, modifiers=event.modifiers(), button=button,
                        time=event.timestamp(), clicks=clicks)


def from_tablet(event: QTabletEvent, camera: Camera, button: Button, clicks: int = 1) -> PointerEvent:
    """A pen: pressure 0 to 1, tilt and rotation in degrees, and which end of it."""
    at = event.position()
    return PointerEvent(camera.to_document(at), at, pressure=min(1.0, max(0.0, event.pressure())),
                        tilt_x=event.xTilt(), tilt_y=event.yTilt(), rotation=event.rotation(),
                        modifiers=event.modifiers(), button=button,
                        eraser=event.pointerType() == QPointingDevice.PointerType.Eraser,
                        time=event.timestamp(), clicks=clicks)


class PointerFeed(QObject):
    """Hands events to a tool. From press to release they go to the tool that was pressed with."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.held: Tool | None = None
        """The tool that has the pointer."""
        self.last: PointerEvent | None = None
        """The latest event, for what follows the pointer."""
        self._moves: list[PointerEvent] = []
        self._hovering: Tool | None = None
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.flush)

    def press(self, tool: Tool, event: PointerEvent) -> None:
        self.flush()
        self.held, self.last = tool, event
        tool.press(event)

    def move(self, tool: Tool, event: PointerEvent) -> None:
        """A move while a button is held, or over the view (`tool` is then the one in hand)."""
        target = self.held or tool
        if self.held is None and self._hovering is not tool:
            self._moves.clear()
        self._hovering = target
        self.last = event
        self._moves.append(event)
        if not self._timer.isActive():
            self._timer.start()

    def release(self, event: PointerEvent) -> None:
        self.flush()
        held, self.held, self.last = self.held, None, event
        if held is not None:
            held.release(event)

    def flush(self) -> None:
        """Hand over the moves gathered so far."""
        self._timer.stop()
        moves, self._moves = self._moves, []
        if not moves:
            return
        if self.held is not None:
            self.held.moves(moves)
        elif self._hovering is not None:
            self._hovering.hover(moves[-1])

    def drop(self) -> None:
        """Forget what is under way: the tool was changed or cancelled."""
        self._timer.stop()
        self._moves.clear()
        self.held = self._hovering = None

    def place(self) -> QPointF | None:
        """Where the pointer was last, in widget px."""
        return self.last.screen if self.last is not None else None
