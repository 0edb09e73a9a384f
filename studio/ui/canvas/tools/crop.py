"""Cut the canvas, or make it larger."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QCursor, QKeyEvent, QPainter, QPainterPath, QPen

from studio.project.paint.edit import crop
from studio.project.paint.plane import Rect
from studio.ui.canvas.tools.areas import paint_note, squared, whole
from studio.ui.canvas.tools.base import CLICK, PointerEvent, Tool, ToolHost
from studio.ui.canvas.tools.boxes import Grip, cursor_of, handle_of, paint_box
from studio.ui.canvas.toolstate import Box


class CropTool(Tool):
    """Drag a rectangle, or the handles of the one that is there; Enter crops, Esc gives up. It may reach over the
    canvas, which then grows."""

    id, name, icon, key, order = "crop", "Crop", "crop", "C", 31
    hint = "Drag what is to remain; Enter crops, Esc gives up. Shift keeps the proportions."

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._grip: Grip | None = None
        self._start: QPointF | None = None
        self._pressed = QPointF()
        self._at: QPointF | None = None
        self._before: Box | None = None
        self._hovered: QPointF | None = None
        self._size = self._whole()

    # ------------------------------------------------------------ life

    def activate(self) -> None:
        state = self.host.state
        state.asked.connect(self._asked)
        state.box_asked.connect(self._set)
        state.changed.connect(self._changed)
        self.host.document.layers_changed.connect(self._resized)
        self._size = self._whole()
        selection = self.host.document.picture.selection
        area = selection.bounds() if selection is not None else None
        self._set(Box(*area) if area is not None else self._whole())

    def deactivate(self) -> None:
        state = self.host.state
        state.asked.disconnect(self._asked)
        state.box_asked.disconnect(self._set)
        state.changed.disconnect(self._changed)
        self.host.document.layers_changed.disconnect(self._resized)
        self._grip = self._start = None
        state.show_box(None)

    @property
    def box(self) -> Box:
        return self.host.state.box or self._whole()

    @property
    def busy(self) -> bool:
        return self.box != self._whole()

    # ------------------------------------------------------------ pointer

    def press(self, event: PointerEvent) -> None:
        self._pressed, self._before = event.screen, self.box
        handle = handle_of(self.box, self.host, event.screen, turns=False)
        if handle == "move" and self.box == self._whole():
            handle = None  # all of the canvas: a drag in it draws a rectangle
        if handle is not None:
            self._grip = Grip(self.box, handle, event.pos)
        else:
            self._start = whole(self.host.snap(event.pos))

    def move(self, event: PointerEvent) -> None:
        self._at = event.screen
        if (event.screen - self._pressed).manhattanLength() < CLICK and self.box == self._before:
            return
        at, ratio = self.host.snap(event.pos), self.host.state.options(self.id).ratio
        if self._grip is not None:
            keep = event.shift or ratio > 0
            self._set(_upright(self._grip.to(at, keep_ratio=keep, centred=event.alt)))
        elif self._start is not None:
            end = squared(self._start, at) if event.shift else at
            rect = QRectF(self._start, end).normalized()
            if ratio > 0:
                rect.setHeight(rect.width() / ratio)
            self._set(Box(rect.x(), rect.y(), rect.width(), rect.height()))

    def release(self, event: PointerEvent) -> None:
        self._grip = self._start = self._at = None
        self.host.update()

    def hover(self, event: PointerEvent) -> None:
        self._hovered = event.screen
        self.host.refresh_cursor()

    def cancel(self) -> bool:
        was = self.busy
        self._grip = self._start = None
        self._set(self._whole())
        return was

    def cursor(self) -> QCursor:
        handle = handle_of(self.box, self.host, self._hovered, turns=False) if self._hovered is not None else None
        if handle is None or (handle == "move" and not self.busy):
            return QCursor(Qt.CursorShape.CrossCursor)
        return QCursor(cursor_of(handle, self.box, self.host))

    def key_press(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.busy:
            self.apply()
            return True
        return False

    # ------------------------------------------------------------ the box

    def apply(self) -> None:
        """Crop to the box."""
        box = self.box
        rect = Rect(round(box.x), round(box.y), round(box.w), round(box.h))
        if rect != self.host.document.picture.rect:
            self.host.document.edit("Crop", lambda picture: crop(picture, rect))

    def _asked(self, what: str) -> None:
        if what == "apply":
            self.apply()
        elif what in ("cancel", "fit"):
            self.cancel()

    def _changed(self, what: str) -> None:
        """Another ratio in the bar: the box takes it on about its middle."""
        ratio, box = self.host.state.options(self.id).ratio, self.box
        if what == self.id and ratio > 0:
            w = min(box.w, box.h * ratio)
            h = w / ratio
            self._set(Box(box.x + (box.w - w) / 2, box.y + (box.h - h) / 2, w, h))

    def _set(self, box: Box) -> None:
        self.host.state.show_box(Box(round(box.x), round(box.y), max(1, round(box.w)), max(1, round(box.h))))
        self.host.update()

    def _whole(self) -> Box:
        return Box(*self.host.document.picture.rect)

    def _resized(self) -> None:
        """Begin anew where the picture has another size now."""
        if self._size != self._whole():
            self._size = self._whole()
            self._set(self._size)

    def paint(self, painter: QPainter) -> None:
        box, turn = self.box, self.host.camera.transform()
        around, hole = QPainterPath(), QPainterPath()
        around.addRect(QRectF(self.host.widget.rect()))
        hole.addRect(QRectF(box.x, box.y, box.w, box.h))
        painter.fillPath(around.subtracted(turn.map(hole)), self.host.theme.color("#0C0D10", 0.55))
        painter.setPen(QPen(self.host.theme.color("#FFFFFF", 0.35), 1))
        for share in (1 / 3, 2 / 3) if self.busy else ():
            x, y = box.x + box.w * share, box.y + box.h * share
            painter.drawLine(turn.map(QPointF(x, box.y)), turn.map(QPointF(x, box.y + box.h)))
            painter.drawLine(turn.map(QPointF(box.x, y)), turn.map(QPointF(box.x + box.w, y)))
        paint_box(painter, box, self.host)
        if self._at is not None:
            paint_note(painter, self.host, self._at, f"{box.w:.0f} × {box.h:.0f}")


def _upright(box: Box) -> Box:
    """The same rectangle with positive sides."""
    rect = QRectF(box.x, box.y, box.w, box.h).normalized()
    return Box(rect.x(), rect.y(), rect.width(), rect.height())
