"""Where the pasteboard lies under the window: one scale and one offset."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF

MIN_SCALE, MAX_SCALE = 0.02, 32.0


class Camera:
    """screen = scene * scale + offset. Scene units are picture pixels, screen units are device-independent px."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.offset = QPointF(0.0, 0.0)

    def to_screen(self, point: QPointF) -> QPointF:
        return QPointF(point.x() * self.scale + self.offset.x(), point.y() * self.scale + self.offset.y())

    def to_scene(self, point: QPointF) -> QPointF:
        return QPointF((point.x() - self.offset.x()) / self.scale, (point.y() - self.offset.y()) / self.scale)

    def rect_to_screen(self, rect: QRectF) -> QRectF:
        return QRectF(self.to_screen(rect.topLeft()), rect.size() * self.scale)

    def rect_to_scene(self, rect: QRectF) -> QRectF:
        return QRectF(self.to_scene(rect.topLeft()), rect.size() / self.scale)

    def pan(self, delta: QPointF) -> None:
        self.offset = self.offset + delta  # a new point: += would change it under those who hold the old one

    def zoom_at(self, anchor: QPointF, scale: float) -> None:
        """Set the scale (clamped to 2 %..3200 %) so that the scene point under `anchor` stays where it is."""
        held = self.to_scene(anchor)
        self.scale = min(MAX_SCALE, max(MIN_SCALE, scale))
        self.offset = QPointF(anchor.x() - held.x() * self.scale, anchor.y() - held.y() * self.scale)

    def fit(self, rect: QRectF, area: QRectF, most: float = 1.0) -> None:
        """Show all of `rect` (scene) centred in `area` (screen), at most at scale `most`."""
        if rect.isEmpty() or area.width() < 1 or area.height() < 1:
            return
        scale = min(area.width() / rect.width(), area.height() / rect.height(), most)
        self.scale = min(MAX_SCALE, max(MIN_SCALE, scale))
        size = QSizeF(rect.size() * self.scale)
        self.offset = QPointF(area.center().x() - size.width() / 2 - rect.x() * self.scale,
                              area.center().y() - size.height() / 2 - rect.y() * self.scale)

    def snap(self, ratio: float) -> None:
        """Put the offset on whole device pixels, so that pictures keep their size and sharpness while panning."""
        self.offset = QPointF(round(self.offset.x() * ratio) / ratio, round(self.offset.y() * ratio) / ratio)
