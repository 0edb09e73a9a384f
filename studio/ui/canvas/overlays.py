"""Selection and inpaint mask as the person sees them: marching ants, and a tint with hatch and outline."""

from __future__ import annotations

from time import perf_counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPixmap, QRegion

from studio.project.paint.plane import TILE, Plane, Rect, to_qimage
from studio.ui.canvas.camera import Camera
from studio.ui.canvas.pyramid import Pyramid
from studio.ui.canvas.tilebuffer import FORMAT, TileBuffer

MaskLook = Literal["tint", "mask", "off"]
"""How the inpaint mask is shown: tint with hatch, white on black, or not at all."""

RIM = 12
"""Width in device pixels of the stronger tint along the mask's edge."""
TINT, RIM_TINT, HATCH = 0.18, 0.85, 0.36
"""Opacity inside, of the rim before it is blurred (half of it is left at the edge), and of the hatch."""
DASH = 4
"""Length of an ant in px."""


class PlaneOnScreen:
    """A mask plane sampled to the window's pixels: `buffer.image` holds it as the alpha of one colour."""

    def __init__(self, colour: QColor) -> None:
        self.colour = colour
        self.plane: Plane | None = None
        self.pyramid = Pyramid(self._tile)
        self.buffer = TileBuffer(self.pyramid)
        self._stale = QRegion()

    def show(self, plane: Plane | None, size: tuple[int, int]) -> QRegion:
        """Take another value of the plane; what is to be repainted, in device pixels."""
        old, self.plane = self.plane, plane
        if size != self.pyramid.size:
            self.pyramid.reset(*size)
            self.buffer.damage_all()
            return QRegion(self.buffer.image.rect())
        if plane is old:
            return QRegion()
        missing = Plane.empty(channels=1)
        keys = (plane or missing).changed(old or missing)
        if plane is not None and old is not None and plane.default != old.default:
            keys = set(Rect(0, 0, *size).tiles())
        return self.buffer.damage(keys)

    def bounds(self) -> QRect:
        """The part of the screen in which it may lie, in device pixels."""
        if self.plane is None or self.buffer.image.isNull():
            return QRect()
        if self.plane.default:
            return self.buffer.image.rect()
        columns, rows = [c for c, _ in self.plane.tiles], [r for _, r in self.plane.tiles]
        if not columns:
            return QRect()
        left, top = min(columns) * TILE, min(rows) * TILE
        area = QRect(left, top, (max(columns) + 1) * TILE - left, (max(rows) + 1) * TILE - top)
        return self.buffer.transform.mapRect(area.toRectF()).toAlignedRect().intersected(self.buffer.image.rect())

    def follow(self, camera: Camera, size: QSize, ratio: float, deadline: float) -> None:
        """Bring the sampled plane up to date with camera and window; where there is no plane nothing is done."""
        if self.plane is not None:
            self.buffer.follow(camera, size, ratio)
            self.buffer.repair(deadline)

    def alpha(self, rect: QRect) -> NDArray[np.uint8]:
        """The sampled plane inside a rectangle of the buffer: (h, w), a view."""
        image = self.buffer.image
        rows: NDArray[np.uint8] = np.frombuffer(image.constBits(), np.uint8)
        rows = rows.reshape(image.height(), image.bytesPerLine() // 4, 4)
        return rows[rect.top():rect.bottom() + 1, rect.left():rect.right() + 1, 3]

    def _tile(self, column: int, row: int) -> QImage:
        image = QImage(TILE, TILE, FORMAT)
        tile = self.plane.tiles.get((column, row)) if self.plane is not None else None
        if tile is None:
            image.fill(self.colour if self.plane is not None and self.plane.default else Qt.GlobalColor.transparent)
            return image
        image.fill(self.colour)
        painter = QPainter(image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        painter.drawImage(0, 0, to_qimage(tile))
        painter.end()
        return image


def rows_sum(inside: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How many of the 3 x 3 pixels around each are 1; what lies past the border counts as the border pixel."""
    padded = np.pad(inside, 1, mode="edge")
    across = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    total: NDArray[np.uint8] = across[:-2] + across[1:-1] + across[2:]
    return total


def outline(alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A smooth line about two pixels wide along the 50 % contour: (h, w), 0 to 255."""
    total = rows_sum((alpha > 127).astype(np.uint8)).astype(np.int16)
    line: NDArray[np.uint8] = (np.maximum(0, 9 - np.abs(2 * total - 9) - 1) * 31).astype(np.uint8)
    return line


def contour(alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The innermost pixels of the 50 % contour: (h, w), 0 or 255."""
    inside = (alpha > 127).astype(np.uint8)
    edge: NDArray[np.uint8] = ((inside == 1) & (rows_sum(inside) < 9)).astype(np.uint8) * 255
    return edge


class MaskOverlay:
    """The inpaint mask over the picture, drawn into an image of the window's size where it has changed."""

    def __init__(self, fill: QColor, edge: QColor) -> None:
        self.on_screen = PlaneOnScreen(fill)
        self.edge = edge
        self.look: MaskLook = "tint"
        self._image = QImage()
        self._stale = QRegion()
        self._hatch = _hatching(edge, 1.0)
        self._ratio = 1.0

    def set_look(self, look: MaskLook) -> None:
        """Show the mask in another way."""
        self.look = look
        self._stale = QRegion(self._image.rect())

    def show(self, plane: Plane | None, size: tuple[int, int]) -> QRegion:
        """Take another mask; what is to be repainted, in device pixels."""
        changed = self.on_screen.show(plane, size)
        grown = QRegion()
        for rect in changed:  # type: ignore[attr-defined]
            grown += rect.adjusted(-RIM, -RIM, RIM, RIM)
        self._stale += grown
        return grown

    def follow(self, camera: Camera, size: QSize, ratio: float) -> None:
        buffer = self.on_screen.buffer
        before = buffer.image
        if ratio != self._ratio:
            self._ratio, self._hatch = ratio, _hatching(self.edge, ratio)
        self.on_screen.follow(camera, size, ratio, perf_counter() + 0.008)
        if buffer.image is not before:
            self._image = QImage(buffer.image.size(), FORMAT)
            self._image.fill(Qt.GlobalColor.transparent)
            self._stale = QRegion(self._image.rect())
        if self.on_screen.plane is not None and not self._stale.isEmpty():
            self._draw(self._stale.boundingRect())
            self._stale = QRegion()

    def work(self, deadline: float) -> QRegion:
        ready = self.on_screen.buffer.work(deadline)
        self._stale += ready
        return ready

    def paint(self, painter: QPainter) -> None:
        """The painter is in device pixels."""
        where = self.on_screen.bounds()
        if self.on_screen.plane is not None and self.look != "off" and not where.isEmpty():
            where = where.adjusted(-2, -2, 2, 2).intersected(self._image.rect())
            painter.drawImage(where.topLeft(), self._image, where)

    def _draw(self, rect: QRect) -> None:
        image = self._image
        out = QPainter(image)
        out.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        out.fillRect(rect, Qt.GlobalColor.transparent)
        rect = rect.intersected(self.on_screen.bounds().adjusted(-2, -2, 2, 2)).intersected(image.rect())
        if not rect.isEmpty():
            out.drawImage(rect.topLeft(), self._grey(rect) if self.look == "mask" else self._tinted(rect))
        out.end()

    def _tinted(self, rect: QRect) -> QImage:
        around = rect.adjusted(-RIM, -RIM, RIM, RIM).intersected(self._image.rect())
        piece = self.on_screen.buffer.image.copy(around)
        out = QImage(piece.size(), FORMAT)
        out.fill(Qt.GlobalColor.transparent)
        painter = QPainter(out)
        painter.setOpacity(TINT)
        painter.drawImage(0, 0, piece)
        painter.setOpacity(RIM_TINT)
        painter.drawImage(0, 0, _rim(piece))
        painter.setOpacity(HATCH)
        painter.drawImage(0, 0, self._hatched(piece, around.topLeft()))
        painter.setOpacity(1.0)
        line = QImage(piece.size(), FORMAT)
        line.fill(self.edge)
        over = QPainter(line)
        over.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        over.drawImage(0, 0, to_qimage(outline(self.on_screen.alpha(around))))
        over.end()
        painter.drawImage(0, 0, line)
        painter.end()
        return out.copy(rect.translated(-around.topLeft()))

    def _hatched(self, piece: QImage, origin: QPoint) -> QImage:
        out = QImage(piece.size(), FORMAT)
        out.fill(Qt.GlobalColor.transparent)
        painter = QPainter(out)
        where = self.on_screen.buffer.transform
        painter.setBrushOrigin(round(where.dx()) - origin.x(), round(where.dy()) - origin.y())
        painter.fillRect(out.rect(), QBrush(self._hatch))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        painter.drawImage(0, 0, piece)
        painter.end()
        return out

    def _grey(self, rect: QRect) -> QImage:
        alpha = self.on_screen.alpha(rect)
        grey = np.full((*alpha.shape, 4), 255, np.uint8)
        grey[..., :3] = alpha[..., None]
        return to_qimage(grey)


def _rim(piece: QImage) -> QImage:
    """The mask without what lies deep inside it."""
    stretch, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    small = piece.scaled(max(1, piece.width() // RIM), max(1, piece.height() // RIM), stretch, smooth)
    soft = small.scaled(piece.size(), stretch, smooth)
    out = piece.copy()
    painter = QPainter(out)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
    painter.drawImage(0, 0, soft)
    painter.end()
    return out


def _hatching(colour: QColor, ratio: float) -> QPixmap:
    """A tile of lines at 45 degrees, 8 px apart. ratio: device pixels per px."""
    side = round(8 * ratio)
    tile = QPixmap(side, side)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.1 * ratio))
    for shift in (-side, 0, side):
        painter.drawLine(shift, side, shift + side, 0)
    painter.end()
    return tile


class SelectionAnts:
    """The outline of the selection: ants that march along it."""

    def __init__(self) -> None:
        self.on_screen = PlaneOnScreen(QColor("#000000"))
        self.phase = 0
        self._edge = QImage()
        self._where = QRect()
        self._stale = True
        self._ratio = 1.0
        self._ants = _ant_pattern(1.0)

    @property
    def where(self) -> QRect:
        """What the ants cover, in device pixels."""
        return self._where

    def show(self, plane: Plane | None, size: tuple[int, int]) -> QRegion:
        """Take another selection; what is to be repainted, in device pixels."""
        changed = self.on_screen.show(plane, size)
        self._stale = self._stale or not changed.isEmpty()
        return changed

    def follow(self, camera: Camera, size: QSize, ratio: float) -> None:
        buffer = self.on_screen.buffer
        before = buffer.image
        if ratio != self._ratio:
            self._ratio, self._ants = ratio, _ant_pattern(ratio)
        self.on_screen.follow(camera, size, ratio, perf_counter() + 0.008)
        if self._stale or buffer.image is not before:
            self._stale = False
            self._trace()

    def work(self, deadline: float) -> QRegion:
        ready = self.on_screen.buffer.work(deadline)
        self._stale = self._stale or not ready.isEmpty()
        return ready

    def _trace(self) -> None:
        where = self.on_screen.bounds()
        self._where = where
        if self.on_screen.plane is None or where.isEmpty():
            self._where = QRect()
            return
        edge = contour(self.on_screen.alpha(where))
        for _ in range(round(self._ratio) - 1):
            edge[1:] |= edge[:-1]
            edge[:, 1:] |= edge[:, :-1]
        self._edge = to_qimage(edge)

    def paint(self, painter: QPainter, clip: QRect) -> None:
        """The painter is in device pixels; `clip` is what is being repainted."""
        part = self._where.intersected(clip)
        if self.on_screen.plane is None or part.isEmpty():
            return
        ants = QImage(part.size(), FORMAT)
        line = QPainter(ants)
        line.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        line.setBrushOrigin(self.phase - part.left(), -part.top())
        line.fillRect(ants.rect(), QBrush(self._ants))
        line.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        line.drawImage(QPoint(0, 0), self._edge, part.translated(-self._where.topLeft()))
        line.end()
        painter.drawImage(part.topLeft(), ants)


def _ant_pattern(ratio: float) -> QPixmap:
    """Diagonal stripes of black and white: along any edge they read as dashes."""
    dash = round(DASH * ratio)
    side = dash * 2
    y, x = np.mgrid[0:side, 0:side]
    white = ((x + y) // dash % 2).astype(np.uint8) * 255
    pixels = np.full((side, side, 4), 255, np.uint8)
    pixels[..., :3] = white[..., None]
    return QPixmap.fromImage(to_qimage(pixels).copy())
