"""The colour wheel: a ring of hues around a square of saturation and value."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed

RING = 14
"""Thickness of the ring of hues, px."""
GAP = 7
"""Between the ring and the corners of the square, px."""

Hsv = tuple[float, float, float]
"""Hue, saturation and value, each 0 to 1."""


def to_image(rgba: np.ndarray) -> QImage:
    """An (h, w, 4) array of R, G, B, A bytes as a picture of its own."""
    data = np.ascontiguousarray(rgba)
    return QImage(data.data, data.shape[1], data.shape[0], data.shape[1] * 4, QImage.Format.Format_RGBA8888).copy()


def hue_rgb(hue: np.ndarray) -> np.ndarray:
    """Full colours of hues 0 to 1, as (..., 3) floats 0 to 1 (the hexcone of Smith, 1978)."""
    steps = hue[..., None] * 6.0 + np.array([0.0, 4.0, 2.0])
    return np.clip(np.abs(steps % 6.0 - 3.0) - 1.0, 0.0, 1.0)


@lru_cache(maxsize=8)
def ring_image(side: int, thickness: int) -> QImage:
    """The ring of hues, `side` device px wide, with edges smoothed over one pixel; red at the right."""
    centre = (side - 1) / 2
    y, x = np.mgrid[0:side, 0:side].astype(np.float64) - centre
    radius = np.hypot(x, y)
    hue = (np.arctan2(-y, x) / (2 * math.pi)) % 1.0
    outer, inner = side / 2 - 1, side / 2 - 1 - thickness
    alpha = np.clip(outer - radius + 0.5, 0, 1) * np.clip(radius - inner + 0.5, 0, 1)
    return to_image((np.concatenate([hue_rgb(hue), alpha[..., None]], axis=2) * 255.0).round().astype(np.uint8))


@lru_cache(maxsize=4)
def square_image(side: int, hue: float) -> QImage:
    """Saturation from left to right, value from bottom to top, `side` device px."""
    saturation = np.linspace(0.0, 1.0, side)[None, :, None]
    value = np.linspace(1.0, 0.0, side)[:, None, None]
    colour = value * (1.0 - saturation * (1.0 - hue_rgb(np.array(hue))))
    alpha = np.ones((side, side, 1))
    return to_image((np.concatenate([colour, alpha], axis=2) * 255.0).round().astype(np.uint8))


class ColourWheel(Themed, QWidget):
    """Drag on the ring for the hue, in the square for saturation and value.

    Keys: left and right change saturation, up and down value, page up and down hue; Shift is fine.
    Signals: ``picking(hsv)`` while the pointer is down, ``picked(hsv)`` at the end and for keys.
    """

    picking = Signal(object)
    picked = Signal(object)
    focus_radius = 10.0

    def __init__(self, theme: Theme, name: str = "Colour wheel", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hsv: Hsv = (0.0, 0.0, 0.0)
        self._drag = ""
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.init_theme(theme)

    def hsv(self) -> Hsv:
        return self._hsv

    def set_hsv(self, hsv: Hsv) -> None:
        """Silent."""
        if hsv != self._hsv:
            self._hsv = hsv
            hue, saturation, value = hsv
            self.setAccessibleDescription(
                f"hue {round(hue * 360)}°, saturation {round(saturation * 100)} %, value {round(value * 100)} %")
            self.update()

    def sizeHint(self) -> QSize:
        side = self.theme.dp(164)
        return QSize(side, side)

    # ------------------------------------------------------------ geometry

    def _ring(self) -> tuple[QPointF, float, float]:
        """Centre, outer radius and thickness."""
        side = min(self.width(), self.height())
        return QPointF(self.width() / 2, self.height() / 2), side / 2 - 1, float(self.theme.dp(RING))

    def _square(self) -> QRectF:
        centre, outer, thick = self._ring()
        half = (outer - thick - GAP) / math.sqrt(2)
        return QRectF(round(centre.x() - half), round(centre.y() - half), round(half * 2), round(half * 2))

    def spot_of(self, hsv: Hsv) -> tuple[QPointF, QPointF]:
        """Where the marks of the hue and of saturation and value stand."""
        centre, outer, thick = self._ring()
        angle, radius = hsv[0] * 2 * math.pi, outer - thick / 2
        square = self._square()
        return (centre + QPointF(math.cos(angle), -math.sin(angle)) * radius,
                QPointF(square.left() + hsv[1] * square.width(), square.bottom() - hsv[2] * square.height()))

    # ------------------------------------------------------------ input

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        centre, outer, thick = self._ring()
        away = event.position() - centre
        distance = math.hypot(away.x(), away.y())
        self._drag = "hue" if outer - thick - GAP / 2 <= distance <= outer + 4 else \
            "square" if self._square().adjusted(-6, -6, 6, 6).contains(event.position()) else ""
        self._follow(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._follow(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag:
            self._drag = ""
            self.picked.emit(self._hsv)

    def _follow(self, at: QPointF) -> None:
        if not self._drag:
            return
        hue, saturation, value = self._hsv
        if self._drag == "hue":
            centre, _, _ = self._ring()
            hue = (math.atan2(centre.y() - at.y(), at.x() - centre.x()) / (2 * math.pi)) % 1.0
        else:
            square = self._square()
            saturation = min(1.0, max(0.0, (at.x() - square.left()) / square.width()))
            value = min(1.0, max(0.0, (square.bottom() - at.y()) / square.height()))
        self.set_hsv((hue, saturation, value))
        self.picking.emit(self._hsv)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = 0.01 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.05
        moves = {Qt.Key.Key_Left: (0, -step, 0), Qt.Key.Key_Right: (0, step, 0), Qt.Key.Key_Up: (0, 0, step),
                 Qt.Key.Key_Down: (0, 0, -step), Qt.Key.Key_PageUp: (step / 2, 0, 0),
                 Qt.Key.Key_PageDown: (-step / 2, 0, 0)}
        by = moves.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
            return
        hue, saturation, value = (have + more for have, more in zip(self._hsv, by, strict=True))
        self.set_hsv((hue % 1.0, min(1.0, max(0.0, saturation)), min(1.0, max(0.0, value))))
        self.picked.emit(self._hsv)

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ratio = self.devicePixelRatioF()
        centre, outer, thick = self._ring()
        side = round((outer + 1) * 2 * ratio)
        ring = QRectF(centre.x() - outer - 1, centre.y() - outer - 1, outer * 2 + 2, outer * 2 + 2)
        painter.drawImage(ring, ring_image(side, round(thick * ratio)))
        square = self._square()
        painter.drawImage(square, square_image(round(square.width() * ratio), round(self._hsv[0], 3)))
        painter.setPen(QPen(self.theme.color("line2"), 1))
        painter.drawRect(square.adjusted(-0.5, -0.5, 0.5, 0.5))
        hue_spot, spot = self.spot_of(self._hsv)
        self._mark(painter, hue_spot, thick / 2 - 1, QColor.fromHsvF(min(0.9999, self._hsv[0]), 1.0, 1.0))
        self._mark(painter, spot, 6, QColor.fromHsvF(min(0.9999, self._hsv[0]), self._hsv[1], self._hsv[2]))

    @staticmethod
    def _mark(painter: QPainter, at: QPointF, radius: float, fill: QColor) -> None:
        """A ring in white inside black: visible on every colour."""
        painter.setBrush(fill)
        painter.setPen(QPen(QColor(0, 0, 0, 190), 3.5))
        painter.drawEllipse(at, radius, radius)
        painter.setPen(QPen(QColor(255, 255, 255), 2))
        painter.drawEllipse(at, radius, radius)
