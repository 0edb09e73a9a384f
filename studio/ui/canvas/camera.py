"""How the document lies under the window: scale, turn, mirror and offset."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPolygonF, QTransform

MIN_SCALE, MAX_SCALE = 0.02, 32.0


class Camera:
    """screen = turn(mirror(document * scale)) + offset.

    Document units are picture pixels, screen units are device-independent px. Turns are clockwise, in degrees.
    """

    def __init__(self) -> None:
        self.scale = 1.0
        self.offset = QPointF(0.0, 0.0)
        self.rotation = 0.0
        """Degrees, -180 < rotation <= 180."""
        self.mirrored = False
        """Left and right are exchanged, before the turn."""

    @property
    def upright(self) -> bool:
        """Pixels lie on the screen as in the file: neither turned nor mirrored."""
        return self.rotation == 0.0 and not self.mirrored

    # ------------------------------------------------------------ between document and screen

    def transform(self) -> QTransform:
        """Document to screen."""
        turn = QTransform.fromTranslate(self.offset.x(), self.offset.y())
        turn.rotate(self.rotation)
        return turn.scale(-self.scale if self.mirrored else self.scale, self.scale)

    def inverse(self) -> QTransform:
        """Screen to document."""
        return self.transform().inverted()[0]

    def to_screen(self, point: QPointF) -> QPointF:
        return self.transform().map(point)

    def to_document(self, point: QPointF) -> QPointF:
        return self.inverse().map(point)

    def rect_to_screen(self, rect: QRectF) -> QRectF:
        """The upright rectangle on the screen that holds a rectangle of the document."""
        return self.transform().mapRect(rect)

    def rect_to_document(self, rect: QRectF) -> QRectF:
        """The upright rectangle of the document that holds a rectangle of the screen."""
        return self.inverse().mapRect(rect)

    def outline(self, rect: QRectF) -> QPolygonF:
        """The four corners on the screen of a rectangle of the document: nw, ne, se, sw."""
        turn = self.transform()
        corners = (rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft())
        return QPolygonF([turn.map(corner) for corner in corners])

    def vector_to_document(self, delta: QPointF) -> QPointF:
        """A distance on the screen in document pixels."""
        inverse = self.inverse()
        return inverse.map(delta) - inverse.map(QPointF(0, 0))

    # ------------------------------------------------------------ moving the view

    def pan(self, delta: QPointF) -> None:
        self.offset = self.offset + delta  # a new point: += would change it under those who hold the old one

    def zoom_at(self, anchor: QPointF, scale: float) -> None:
        """Set the scale (clamped to 2 %..3200 %) so that the document point under `anchor` stays where it is."""
        held = self.to_document(anchor)
        self.scale = min(MAX_SCALE, max(MIN_SCALE, scale))
        self._hold(held, anchor)

    def turn_at(self, anchor: QPointF, rotation: float) -> None:
        """Set the turn in degrees about a point of the screen."""
        held = self.to_document(anchor)
        self.rotation = -((180.0 - rotation) % 360.0 - 180.0)
        self._hold(held, anchor)

    def mirror_at(self, anchor: QPointF, mirrored: bool) -> None:
        """Exchange left and right about a point of the screen."""
        held = self.to_document(anchor)
        if mirrored != self.mirrored:
            self.mirrored, self.rotation = mirrored, -self.rotation
        self._hold(held, anchor)

    def look_at(self, point: QPointF, middle: QPointF) -> None:
        """Bring a point of the document to a point of the screen."""
        self._hold(point, middle)

    def fit(self, rect: QRectF, area: QRectF, most: float = 1.0) -> None:
        """Show all of `rect` (document) centred in `area` (screen), at most at scale `most`. The turn stays."""
        if rect.isEmpty() or area.width() < 1 or area.height() < 1:
            return
        turned = self._turned(QSizeF(rect.size()))
        scale = min(area.width() / turned.width(), area.height() / turned.height(), most)
        self.scale = min(MAX_SCALE, max(MIN_SCALE, scale))
        self._hold(rect.center(), area.center())

    def snap(self, ratio: float) -> None:
        """Put the offset on whole device pixels, so that pictures keep their size and sharpness while panning."""
        self.offset = QPointF(round(self.offset.x() * ratio) / ratio, round(self.offset.y() * ratio) / ratio)

    def _hold(self, point: QPointF, at: QPointF) -> None:
        self.offset = self.offset + (at - self.to_screen(point))

    def _turned(self, size: QSizeF) -> QSizeF:
        angle = math.radians(self.rotation)
        across, along = abs(math.cos(angle)), abs(math.sin(angle))
        return QSizeF(size.width() * across + size.height() * along, size.width() * along + size.height() * across)
