"""The canvas view: hears mouse, pen, wheel, keys and drops, and lets the tool in hand work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QCursor,
    QDragEnterEvent,
    QDropEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPen,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.ui.canvas.aids import RULER, Axis
from studio.ui.canvas.drops import Dropped, read_drop
from studio.ui.canvas.pointer import PointerFeed, from_mouse, from_tablet
from studio.ui.canvas.screen import CanvasScreen
from studio.ui.canvas.tools.base import PointerEvent, Tool

Button = Qt.MouseButton
CLICK = 4.0
"""A press that moves less than this, in px, is a click."""


class CanvasView(CanvasScreen):
    """The `ToolHost` of its tools. A tool has the pointer from press to release, and the keys before the canvas has."""

    dropped = Signal(object, QPointF)
    """A `Dropped` and where, in document pixels."""
    sizes_asked = Signal()
    """The person clicked the frame's badge."""
    label_clicked = Signal()
    """The person clicked the artboard's name."""
    key_pressed = Signal(QKeyEvent)
    pressed = Signal()
    """A press on the view, before the tool hears it."""
    tool_wanted = Signal(str)
    menu_asked = Signal(QPointF)
    """A right click, in widget px."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.tool: Tool | None = None
        self.feed = PointerFeed(self)
        self.hand_held = False
        """Space is down: the pointer moves the view."""
        self._pan_from: QPointF | None = None
        self._guide: tuple[Axis, float | None] | None = None
        """The guide that is dragged, and where it was (None: a new one)."""
        self._badge_from: tuple[QPointF, Any] | None = None
        """Where the badge was pressed, and the frame then."""
        self._drop_at: QPointF | None = None
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)

    # ------------------------------------------------------------ what tools ask of their host

    @property
    def widget(self) -> QWidget:
        return self

    def set_tool(self, tool_id: str) -> None:
        self.tool_wanted.emit(tool_id)

    def show_sizes(self) -> None:
        self.sizes_asked.emit()

    def refresh_cursor(self) -> None:
        self.setCursor(self._cursor())

    # ------------------------------------------------------------ tools

    def take_tool(self, tool: Tool) -> None:
        """Another tool comes to hand."""
        if self.tool is not None:
            self.feed.flush()
            self.tool.deactivate()
        self.feed.drop()
        self.tool = tool
        tool.activate()
        self.refresh_cursor()
        self.update()

    def cancel(self) -> bool:
        """Take back what is under way; whether there was anything."""
        if self._guide is not None or self._badge_from is not None:
            if self._badge_from is not None:
                self.frame.set_rect(self._badge_from[1])
            self._guide = self._badge_from = None
            self.update()
            return True
        self.feed.flush()
        cancelled = self.tool.cancel() if self.tool is not None else False
        if cancelled:
            self.feed.drop()
            self.update()
        return cancelled

    @property
    def dragging(self) -> bool:
        return self.feed.held is not None or self._badge_from is not None or self._pan_from is not None

    def hold_hand(self, held: bool) -> None:
        """Let the pointer move the view while Space is down."""
        self.hand_held = held
        self.refresh_cursor()

    def _cursor(self) -> QCursor:
        if self._pan_from is not None:
            return QCursor(Qt.CursorShape.ClosedHandCursor)
        if self.hand_held:
            return QCursor(Qt.CursorShape.OpenHandCursor)
        return self.tool.cursor() if self.tool is not None else QCursor(Qt.CursorShape.ArrowCursor)

    def paint_tool(self, painter: QPainter) -> None:
        if self.tool is not None:
            painter.save()
            self.tool.paint(painter)
            painter.restore()
        if self._drop_at is not None:
            painter.setPen(QPen(self.theme.color("spring"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def pointer_place(self) -> QPointF | None:
        return self.feed.place()

    def frame_focused(self) -> bool:
        return self.tool is not None and self.tool.id == "frame"

    # ------------------------------------------------------------ pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press(from_mouse(event, self.camera, event.button()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._press(from_mouse(event, self.camera, event.button(), clicks=2))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._move(from_mouse(event, self.camera, _held(event.buttons())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._release(from_mouse(event, self.camera, event.button()))

    def tabletEvent(self, event: QTabletEvent) -> None:
        """The pen. Accepting it keeps Qt from sending it once more as a mouse."""
        event.accept()
        kind = event.type()
        if kind == QEvent.Type.TabletPress:
            self._press(from_tablet(event, self.camera, event.button()))
        elif kind == QEvent.Type.TabletRelease:
            self._release(from_tablet(event, self.camera, event.button()))
        else:
            self._move(from_tablet(event, self.camera, _held(event.buttons())))

    def _press(self, event: PointerEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.feed.held is not None:
            return  # a second button during a stroke
        at = event.screen
        if event.button == Button.MiddleButton or (self.hand_held and event.button == Button.LeftButton):
            self._pan_from = at
            self.refresh_cursor()
        elif event.button == Button.RightButton:
            self.menu_asked.emit(at)
        elif event.button == Button.LeftButton and not self._press_mark(event):
            self.pressed.emit()
            if self.tool is not None:
                self.feed.press(self.tool, event)

    def _press_mark(self, event: PointerEvent) -> bool:
        """Rulers, guides, the frame's badge and the artboard's name come before the tool."""
        at = event.screen
        if self.aids.rulers and self.camera.upright and (at.x() < RULER or at.y() < RULER):
            self._guide = ("x" if at.x() < RULER <= at.y() else "y", None)
            return True
        if self.badge().contains(at):
            self._badge_from = (at, self.frame.rect)
            return True
        if self.label().contains(at):
            self.label_clicked.emit()
            return True
        if self.tool is not None and self.tool.id == "move" and (found := self.aids.guide_at(at, self.camera)):
            self._guide = found
            return True
        return False

    def _move(self, event: PointerEvent) -> None:
        at = event.screen
        if self._pan_from is not None:
            delta, self._pan_from = at - self._pan_from, at
            self.pan(delta)
        elif self._guide is not None:
            self._drag_guide(event)
        elif self._badge_from is not None:
            self._drag_badge(event)
        else:
            if self.feed.held is None:
                self._hover_marks(at)
            if self.tool is not None:
                self.feed.move(self.tool, event)
        if self.aids.rulers:
            self.update()

    def _release(self, event: PointerEvent) -> None:
        if self._pan_from is not None:
            self._pan_from = None
        elif self._guide is not None:
            axis, old = self._guide
            self._guide = None
            if self._over_ruler(axis, event.screen) and old is not None:
                self.aids.drop_guide(axis, old)
        elif self._badge_from is not None:
            start, before = self._badge_from
            self._badge_from = None
            if self.frame.rect == before and (event.screen - start).manhattanLength() < CLICK:
                self.sizes_asked.emit()
        elif self.feed.held is not None:
            self.feed.release(event)
        self.refresh_cursor()

    def _drag_guide(self, event: PointerEvent) -> None:
        if self._guide is None:
            return
        axis, old = self._guide
        if self._over_ruler(axis, event.screen):
            return
        place = float(round(event.pos.x() if axis == "x" else event.pos.y()))
        self.aids.put_guide(axis, place, old)
        self._guide = (axis, place)

    def _over_ruler(self, axis: Axis, at: QPointF) -> bool:
        return (at.x() if axis == "x" else at.y()) < RULER

    def _drag_badge(self, event: PointerEvent) -> None:
        if self._badge_from is None:
            return
        start, before = self._badge_from
        if (event.screen - start).manhattanLength() < CLICK and self.frame.rect == before:
            return
        delta = self.camera.vector_to_document(event.screen - start)
        corner = self.snap(QPointF(before.topLeft()) + delta)
        self.frame.set_rect(before.translated(round(corner.x()) - before.x(), round(corner.y()) - before.y()))

    def _hover_marks(self, at: QPointF) -> None:
        hovered = self.label().contains(at)
        if hovered != self.label_hovered:
            self.label_hovered = hovered
            self.update()
        if hovered or self.badge().contains(at):
            self.setCursor(Qt.CursorShape.PointingHandCursor if hovered else Qt.CursorShape.SizeAllCursor)
        else:
            self.refresh_cursor()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.refresh_cursor()

    def leaveEvent(self, event: QEvent) -> None:
        self.label_hovered = False
        if self.feed.held is None:
            self.feed.flush()
            self.feed.last = None
            if self.tool is not None:
                self.tool.leave()
        self.update()

    # ------------------------------------------------------------ wheel and gestures

    def wheelEvent(self, event: QWheelEvent) -> None:
        mods = event.modifiers()
        if mods & Qt.KeyboardModifier.ControlModifier:
            turn = event.angleDelta().y() or event.pixelDelta().y()
            self.zoom_at(event.position(), self.camera.scale * 1.2 ** (turn / 120))
        else:
            delta = QPointF(event.pixelDelta()) if not event.pixelDelta().isNull() else QPointF(event.angleDelta()) / 2
            if mods & Qt.KeyboardModifier.ShiftModifier and delta.x() == 0:
                delta = QPointF(delta.y(), 0)
            self.pan(delta)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_at(event.position(), self.camera.scale * (1.0 + event.value()))
                return True
            if event.gestureType() == Qt.NativeGestureType.RotateNativeGesture:
                self.turn(self.camera.rotation + event.value(), event.position())
                return True
        return super().event(event)

    # ------------------------------------------------------------ keys and focus

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.feed.flush()
        if self.tool is not None and self.tool.key_press(event):
            event.accept()
            return
        event.ignore()
        self.key_pressed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self.tool is not None and self.tool.key_release(event):
            event.accept()
        elif event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.hold_hand(False)
        else:
            super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.hold_hand(False)
        self.update()

    # ------------------------------------------------------------ drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if read_drop(event.mimeData()) is not None:
            self._drop_at = event.position()
            event.acceptProposedAction()
            self.update()

    def dragLeaveEvent(self, event: QEvent) -> None:
        self._drop_at = None
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_at = None
        self.update()
        dropped: Dropped | None = read_drop(event.mimeData())
        if dropped is not None:
            event.acceptProposedAction()
            self.dropped.emit(dropped, self.camera.to_document(event.position()))


def _held(buttons: Qt.MouseButton) -> Button:
    """The one button that counts of those held."""
    order: Sequence[Button] = (Button.LeftButton, Button.MiddleButton, Button.RightButton)
    return next((button for button in order if buttons & button), Button.NoButton)
