"""Tiles at full size and halved again and again, made when they are looked at: what a view needs at any scale."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from studio.project.paint.plane import TILE, Key, Rect

LIMIT = 320 * 1024 * 1024
"""Bytes of images kept."""
DEEPEST = 6
"""At this level a tile covers 16384 pixels a side."""
HALF = TILE // 2
_ALL = 0b1111

Place = tuple[int, int, int]
"""Level, column, row. A tile of level n covers 256 * 2**n document pixels a side."""


def level_for(scale: float) -> int:
    """The level whose pixels are at least as fine as the screen's. scale: device pixels per document pixel."""
    if scale >= 1.0:
        return 0
    return min(DEEPEST, math.floor(math.log2(1.0 / scale) + 1e-6))


def tile_area(level: int, key: Key) -> QRectF:
    """What a tile covers, in document pixels."""
    side = TILE << level
    return QRectF(key[0] * side, key[1] * side, side, side)


class Pyramid:
    """Level 0 comes from `source` (column, row -> 256 x 256); level n is four tiles of level n - 1, halved.

    Images are remade in place when their pixels change; until then the old ones can still be shown.
    """

    def __init__(self, source: Callable[[int, int], QImage], limit: int = LIMIT) -> None:
        self.source, self.limit = source, limit
        self.size = (0, 0)
        """Width and height of the document in pixels."""
        self._images: OrderedDict[Place, QImage] = OrderedDict()
        self._todo: dict[Place, int] = {}
        """Tiles that are not as they should be, with the quarters (bits: column + 2 * row) to be made anew."""
        self._bytes = 0

    def reset(self, width: int, height: int) -> None:
        """Forget everything: another document, or another size."""
        self._images.clear()
        self._todo.clear()
        self._bytes = 0
        self.size = (width, height)

    def invalidate(self, keys: Iterable[Key]) -> None:
        """The pixels of these document tiles have changed."""
        for column, row in keys:
            self._mark((0, column, row), _ALL)
            for level in range(1, DEEPEST + 1):
                child = (column >> (level - 1), row >> (level - 1))
                self._mark((level, child[0] >> 1, child[1] >> 1), _bit(child))

    def keys(self, level: int, area: Rect) -> Iterator[Key]:
        """The tiles of a level that cover an area of the document."""
        side = TILE << level
        inside = area.intersected(Rect(0, 0, *self.size))
        if inside.empty:
            return
        for row in range(inside.y // side, (inside.bottom - 1) // side + 1):
            for column in range(inside.x // side, (inside.right - 1) // side + 1):
                yield column, row

    def fresh(self, level: int, key: Key) -> bool:
        """Whether the image of a tile is there and shows the newest pixels."""
        place = (level, *key)
        return place in self._images and place not in self._todo

    def image(self, level: int, key: Key) -> QImage | None:
        """A tile as it was last made, perhaps of older pixels; None if it never was."""
        place = (level, *key)
        image = self._images.get(place)
        if image is not None:
            self._images.move_to_end(place)
        return image

    def make(self, level: int, key: Key, deadline: float) -> bool:
        """Bring a tile up to date. False if `deadline` (of `perf_counter`) came first: call again."""
        place = (level, *key)
        if self.fresh(level, key):
            return True
        if level == 0:
            self._keep(place, self.source(*key))
            self._todo.pop(place, None)
            return True
        image = self._images.get(place)
        todo = _ALL if image is None else self._todo.get(place, 0)
        if image is None:
            image = QImage(TILE, TILE, QImage.Format.Format_ARGB32_Premultiplied)
            image.fill(Qt.GlobalColor.transparent)
        for quarter in range(4):
            if todo >> quarter & 1:
                child = (key[0] * 2 + quarter % 2, key[1] * 2 + quarter // 2)
                if not self._quarter(image, level, child, deadline):
                    break
                todo &= ~(1 << quarter)
        # An image of which nothing was made yet is no picture to show; it is kept for the quarters done.
        self._keep(place, image)
        if todo:
            self._todo[place] = todo
            return False
        self._todo.pop(place, None)
        return True

    def _quarter(self, image: QImage, level: int, child: Key, deadline: float) -> bool:
        if self._outside(level - 1, child):
            return True
        if not self.fresh(level - 1, child) and (perf_counter() > deadline or
                                                 not self.make(level - 1, child, deadline)):
            return False
        part = self._images[level - 1, child[0], child[1]]
        small = part.scaled(HALF, HALF, Qt.AspectRatioMode.IgnoreAspectRatio,
                            Qt.TransformationMode.SmoothTransformation)
        painter = QPainter(image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawImage(child[0] % 2 * HALF, child[1] % 2 * HALF, small)
        painter.end()
        return True

    def _outside(self, level: int, key: Key) -> bool:
        side = TILE << level
        return key[0] * side >= self.size[0] or key[1] * side >= self.size[1] or key[0] < 0 or key[1] < 0

    def _mark(self, place: Place, quarters: int) -> None:
        if place in self._images:
            self._todo[place] = self._todo.get(place, 0) | quarters

    def _keep(self, place: Place, image: QImage) -> None:
        old = self._images.pop(place, None)
        self._bytes += image.sizeInBytes() - (old.sizeInBytes() if old is not None else 0)
        self._images[place] = image
        while self._bytes > self.limit and len(self._images) > 8:
            gone, dropped = self._images.popitem(last=False)
            self._bytes -= dropped.sizeInBytes()
            self._todo.pop(gone, None)


def _bit(child: Key) -> int:
    return 1 << (child[0] % 2 + 2 * (child[1] % 2))


def source_part(level: int, key: Key, area: QRect) -> QRectF:
    """The part of a tile's image that lies inside `area` (document pixels), in image pixels."""
    covered = tile_area(level, key)
    inside = covered.intersected(QRectF(area))
    side = 1 << level
    return QRectF((inside.x() - covered.x()) / side, (inside.y() - covered.y()) / side, inside.width() / side,
                  inside.height() / side)
