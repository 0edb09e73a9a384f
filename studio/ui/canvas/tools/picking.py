"""Picking a colour from the picture: of the eyedropper, and of painting tools while Alt is held."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPen

from studio.project.paint.compositor import compose
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Rect, from_qimage
from studio.ui.canvas.tools.base import PointerEvent, ToolHost

RING = 34.0
"""Radius of the ring that shows the colour, in px."""


def colour_at(picture: Picture, at: QPointF, side: int = 1, all_layers: bool = True) -> QColor | None:
    """The mean colour of a square of `side` pixels about a document point; None where there is no colour."""
    half = side // 2
    rect = Rect(int(at.x() // 1) - half, int(at.y() // 1) - half, side, side).intersected(picture.rect)
    if rect.empty:
        return None
    layer = picture.active_layer
    if all_layers or layer is None or layer.kind == "group":
        pixels = from_qimage(compose(picture, rect, None if all_layers else [picture.active]))
    else:
        pixels = layer.plane.read(rect.x - layer.dx, rect.y - layer.dy, rect.w, rect.h)
    blue, green, red, alpha = pixels.reshape(-1, 4).astype(float).sum(axis=0).tolist()
    if alpha < 1:
        return None
    return QColor(*(min(255, round(255 * value / alpha)) for value in (red, green, blue)))


class Picker:
    """From press to release the foreground (with `background`, the background) follows the colour under the pointer."""

    def __init__(self, host: ToolHost) -> None:
        self.host = host
        self.ready = False
        """The key that picks is held."""
        self.active = False
        self._background = False
        self._at = QPointF()
        self._before = QColor()

    def press(self, event: PointerEvent, background: bool = False) -> None:
        self.active, self._background = True, background
        self._before = self.host.state.background if background else self.host.state.foreground
        self.move(event)

    def move(self, event: PointerEvent) -> None:
        options = self.host.state.options("eyedropper")
        colour = colour_at(self.host.document.shown, event.pos, options.side, options.all_layers)
        if colour is not None:
            (self.host.state.set_background if self._background else self.host.state.set_foreground)(colour)
        self._at = event.screen
        self.host.update()

    def release(self) -> bool:
        """Whether a colour was being picked."""
        was, self.active = self.active, False
        if was:
            self.host.update()
        return was

    def cursor(self) -> QCursor:
        if not hasattr(self, "_cursor"):
            self._cursor = eyedropper_cursor(self.host)
        return self._cursor

    def paint(self, painter: QPainter) -> None:
        """A ring about the pointer: the new colour above, the old one below."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = self.host.state
        ring = QRectF(self._at.x() - RING, self._at.y() - RING, 2 * RING, 2 * RING)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for width, colour in ((16.0, QColor(0, 0, 0, 120)), (14.0, QColor("#FFFFFF"))):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(ring)
        new = state.background if self._background else state.foreground
        for colour, start in ((new, 0), (self._before, 180)):
            pen = QPen(colour, 11.0)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawArc(ring, start * 16, 180 * 16)


def eyedropper_cursor(host: ToolHost) -> QCursor:
    """The glyph, white with a dark rim, whose tip points."""
    ratio = host.widget.devicePixelRatioF()
    icons = host.theme.icons
    picture = icons.pixmap("eyedropper", 20, "#FFFFFF", weight="fill", dpr=ratio)
    rimmed = icons.pixmap("eyedropper", 22, "#000000", weight="fill", dpr=ratio).copy()
    painter = QPainter(rimmed)
    painter.drawPixmap(1, 1, picture)
    painter.end()
    return QCursor(rimmed, 3, 19)
