"""A picture of the window's size: a document's tiles as the camera sees them. Only what changed is redrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QRegion, QTransform

from studio.project.paint.plane import Key, Rect
from studio.ui.canvas.camera import Camera
from studio.ui.canvas.pyramid import Pyramid, level_for, source_part, tile_area

CRISP = 2.0
"""From this magnification on, pixels are drawn as squares."""
FORMAT = QImage.Format.Format_ARGB32_Premultiplied

Background = Callable[[QPainter, QRect], None]
"""Fills a rectangle (device pixels) with what lies under the tiles. The painter is clipped to what is redrawn."""


class TileBuffer:
    """Draws the tiles of a pyramid. What cannot be made in time shows its old look and comes later."""

    def __init__(self, pyramid: Pyramid, background: Background | None = None) -> None:
        self.pyramid, self.background = pyramid, background
        self.image = QImage()
        """In device pixels."""
        self.transform = QTransform()
        """Document to device pixels."""
        self.pending: set[Key] = set()
        """Visible tiles of the current level that are not up to date."""
        self._level = 0
        self._scale = 1.0
        self._upright = True
        self._damaged = QRegion()
        self._old: tuple[QImage, QTransform] | None = None
        """How it looked before the camera moved, while tiles are pending."""

    @property
    def settled(self) -> bool:
        return not self.pending and self._damaged.isEmpty()

    # ------------------------------------------------------------ what has changed

    def follow(self, camera: Camera, size: QSize, ratio: float) -> None:
        """Take the camera and the size of the window (px). ratio: device pixels per px."""
        transform = camera.transform() * QTransform.fromScale(ratio, ratio)
        device = QSize(max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio)))
        if transform == self.transform and device == self.image.size():
            return
        if not self.image.isNull():
            self._old = (self.image, self.transform)
        self.image = QImage(device, FORMAT)
        self.transform, self._scale, self._upright = transform, camera.scale * ratio, camera.upright
        self._level = level_for(self._scale)
        self.pending.clear()
        self.damage_all()

    def damage_all(self) -> None:
        self._damaged = QRegion(self.image.rect())

    def damage(self, keys: Iterable[Key]) -> QRegion:
        """These document tiles have changed; the part of the image that shows them, in device pixels."""
        self.pyramid.invalidate(keys)
        shift = self._level
        cells = QRegion()
        for key in {(column >> shift, row >> shift) for column, row in keys}:
            cells += self.cell(key)
        cells &= self.image.rect()
        self._damaged += cells
        return cells

    # ------------------------------------------------------------ drawing

    def cell(self, key: Key) -> QRect:
        """Where a tile of the current level lies, in whole device pixels."""
        board = QRectF(0, 0, *self.pyramid.size)
        return whole(self.transform.mapRect(tile_area(self._level, key).intersected(board)), self._upright)

    def visible(self, region: QRect) -> list[Key]:
        """The tiles of the current level inside a part of the image (device pixels), the middle first."""
        seen = self.transform.inverted()[0].mapRect(QRectF(region)).toAlignedRect()
        keys = list(self.pyramid.keys(self._level, Rect(seen.x(), seen.y(), seen.width(), seen.height())))
        middle = QRectF(self.image.rect()).center()
        return sorted(keys, key=lambda key: _far(self.cell(key), middle))

    def repair(self, deadline: float, smooth: bool = True) -> None:
        """Redraw what is damaged; tiles are made until `deadline` (of `perf_counter`), the rest is left `pending`."""
        if self._damaged.isEmpty():
            return
        damaged, self._damaged = self._damaged, QRegion()
        painter = QPainter(self.image)
        painter.setClipRegion(damaged)
        bounds = damaged.boundingRect()
        if self.background is not None:
            self.background(painter, bounds)
        else:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
            painter.fillRect(bounds, Qt.GlobalColor.transparent)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth and self._scale < CRISP)
        for key in self.visible(bounds):
            cell = self.cell(key)
            if damaged.intersects(cell):
                self._draw(painter, key, cell, self.pyramid.make(self._level, key, deadline))
        painter.end()
        if not self.pending:
            self._old = None

    def work(self, deadline: float) -> QRegion:
        """Make pending tiles until `deadline`; the part of the image that is to be redrawn, in device pixels."""
        ready = QRegion()
        for key in [key for key in self.visible(self.image.rect()) if key in self.pending]:
            if not self.pyramid.make(self._level, key, deadline):
                break
            self.pending.discard(key)
            ready += self.cell(key)
            if perf_counter() > deadline:
                break
        ready &= self.image.rect()
        self._damaged += ready
        return ready

    def _draw(self, painter: QPainter, key: Key, cell: QRect, fresh: bool) -> None:
        image = self.pyramid.image(self._level, key)
        if fresh:
            self.pending.discard(key)
        else:
            self.pending.add(key)
            if self._old is not None:
                self._draw_old(painter, cell)
                return
        if image is None or image.isNull():
            return
        board = QRect(0, 0, *self.pyramid.size)
        part = source_part(self._level, key, board)
        if self._upright:
            painter.drawImage(QRectF(cell), image, part)
        else:
            painter.save()
            painter.setTransform(self.transform)
            painter.drawImage(tile_area(self._level, key).intersected(QRectF(board)), image, part)
            painter.restore()

    def _draw_old(self, painter: QPainter, cell: QRect) -> None:
        """The old look of a tile that is not ready, stretched to where it lies now."""
        if self._old is None:
            return
        image, before = self._old
        painter.save()
        painter.setClipRect(cell, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.setTransform(before.inverted()[0] * self.transform)
        painter.drawImage(0, 0, image)
        painter.restore()


def whole(rect: QRectF, upright: bool) -> QRect:
    """In whole pixels: neighbours that touch still touch; a turned tile's box is rounded outwards."""
    if not upright:
        return rect.toAlignedRect()
    left, top = round(rect.left()), round(rect.top())
    return QRect(left, top, max(1, round(rect.right()) - left), max(1, round(rect.bottom()) - top))


def _far(cell: QRect, middle: QPointF) -> float:
    gap = QRectF(cell).center() - middle
    return gap.x() ** 2 + gap.y() ** 2
