"""Pixels as sparse tiles that values share: a plane is never changed, `write` and `with_tiles` give a new one.

A colour tile is (256, 256, 4) uint8 in the byte order of Qt's `Format_ARGB32_Premultiplied` on little-endian
machines: blue, green, red,
alpha, with the colours multiplied by alpha. A mask tile is (256, 256) uint8. Tiles are read-only, so any thread may
hold them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

TILE = 256
"""Side of a tile in pixels."""

Tile: TypeAlias = NDArray[np.uint8]
Pixels: TypeAlias = NDArray[np.uint8]
Key: TypeAlias = tuple[int, int]
"""Column and row of a tile; both may be negative."""


class Rect(NamedTuple):
    """A rectangle of pixels; x and y may be negative. Empty when w or h is 0 or less."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        """First column past the rectangle."""
        return self.x + self.w

    @property
    def bottom(self) -> int:
        """First row past the rectangle."""
        return self.y + self.h

    @property
    def empty(self) -> bool:
        return self.w <= 0 or self.h <= 0

    def intersected(self, other: Rect) -> Rect:
        x, y = max(self.x, other.x), max(self.y, other.y)
        return Rect(x, y, max(0, min(self.right, other.right) - x), max(0, min(self.bottom, other.bottom) - y))

    def united(self, other: Rect) -> Rect:
        """The smallest rectangle around both; an empty one does not count."""
        if self.empty:
            return other
        if other.empty:
            return self
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Rect(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def translated(self, dx: int, dy: int) -> Rect:
        return Rect(self.x + dx, self.y + dy, self.w, self.h)

    def tiles(self) -> Iterator[Key]:
        """The keys of all tiles it touches, row by row."""
        if self.empty:
            return
        for row in range(self.y // TILE, (self.bottom - 1) // TILE + 1):
            for column in range(self.x // TILE, (self.right - 1) // TILE + 1):
                yield column, row


def tile_rect(key: Key) -> Rect:
    return Rect(key[0] * TILE, key[1] * TILE, TILE, TILE)


def inner_slice(outer: Rect, inner: Rect) -> tuple[slice, slice]:
    """Rows and columns of `inner` in an array that holds `outer`."""
    return slice(inner.y - outer.y, inner.bottom - outer.y), slice(inner.x - outer.x, inner.right - outer.x)


def whole_pixels(pixels: Pixels) -> NDArray[Any]:
    """Contiguous pixels as one number each, (h, w): uint32 of the four channels, or the mask itself."""
    return pixels.view(np.uint32)[..., 0] if pixels.ndim == 3 else pixels


def frozen(tile: Tile) -> Tile:
    """`tile` as a contiguous array that nobody can write to."""
    tile = np.ascontiguousarray(tile)
    tile.flags.writeable = False
    return tile


@dataclass(frozen=True, eq=False)
class Plane:
    """Unbounded pixels; a tile that is missing holds `default` everywhere.

    Attributes:
        tiles: read-only tiles by (column, row).
        channels: 4 (premultiplied B, G, R, A) or 1 (a mask).
        default: value of missing tiles, 0-255: 255 for a layer mask (shows), else 0.
    """

    tiles: Mapping[Key, Tile]
    channels: int = 4
    default: int = 0

    @staticmethod
    def empty(channels: int = 4, default: int = 0) -> Plane:
        return Plane(MappingProxyType({}), channels, default)

    @staticmethod
    def from_array(array: Pixels, x: int = 0, y: int = 0, default: int = 0) -> Plane:
        """A plane with `array` ((h, w, 4) premultiplied BGRA, or a (h, w) mask) at (x, y)."""
        return Plane.empty(4 if array.ndim == 3 else 1, default).write(array, x, y)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one tile."""
        return (TILE, TILE, 4) if self.channels == 4 else (TILE, TILE)

    @property
    def nbytes(self) -> int:
        """Bytes of all tiles, each counted once."""
        return sum({id(tile): tile.nbytes for tile in self.tiles.values()}.values())

    def blank(self, w: int = TILE, h: int = TILE) -> Pixels:
        """A writable (h, w[, 4]) array of the default value."""
        return np.full((h, w, 4) if self.channels == 4 else (h, w), self.default, np.uint8)

    def read(self, x: int, y: int, w: int, h: int) -> Pixels:
        """The pixels of a rectangle, as a copy of its own: (h, w, 4) or (h, w)."""
        rect = Rect(x, y, w, h)
        out = self.blank(max(0, w), max(0, h))
        for key in self._within(rect):
            place = tile_rect(key)
            part = place.intersected(rect)
            out[inner_slice(rect, part)] = self.tiles[key][inner_slice(place, part)]
        return out

    def write(self, array: Pixels, x: int, y: int) -> Plane:
        """A plane with `array` in place of what lay under it. Tiles whose pixels stay the same stay shared."""
        if array.ndim != (3 if self.channels == 4 else 2) or (self.channels == 4 and array.shape[2] != 4):
            raise ValueError(f"an array of shape {array.shape} does not fit a plane of {self.channels} channels")
        rect = Rect(x, y, array.shape[1], array.shape[0])
        changed: dict[Key, Tile | None] = {}
        for key in rect.tiles():
            place = tile_rect(key)
            part = place.intersected(rect)
            source = array[inner_slice(rect, part)]
            old = self.tiles.get(key)
            if part == place:
                tile = np.array(source, np.uint8, order="C")
            else:
                tile = self.blank() if old is None else old.copy()
                tile[inner_slice(place, part)] = source
            changed[key] = tile
        return self.with_tiles(changed)

    def with_tiles(self, changed: Mapping[Key, Tile | None]) -> Plane:
        """A plane with these tiles in place of the old ones. None, or a tile of nothing but the default, takes the
        tile away;
        a tile equal to the old one leaves the old one in place. The arrays become read-only."""
        tiles: dict[Key, Tile] | None = None
        for key, tile in changed.items():
            old = self.tiles.get(key)
            if tile is old:
                continue
            if tile is not None and self._is_default(tile):
                tile = None
            if tile is not None and old is not None and np.array_equal(tile, old):
                continue
            if tile is None and old is None:
                continue
            tiles = dict(self.tiles) if tiles is None else tiles
            if tile is None:
                del tiles[key]
            else:
                tiles[key] = frozen(tile)
        return self if tiles is None else Plane(MappingProxyType(tiles), self.channels, self.default)

    def translated(self, dx: int, dy: int) -> Plane:
        """The plane moved; by whole tiles the pixels stay shared."""
        if dx == 0 and dy == 0:
            return self
        if dx % TILE == 0 and dy % TILE == 0:
            columns, rows = dx // TILE, dy // TILE
            moved = {(column + columns, row + rows): tile for (column, row), tile in self.tiles.items()}
            return Plane(MappingProxyType(moved), self.channels, self.default)
        touched = {key for old in self.tiles for key in tile_rect(old).translated(dx, dy).tiles()}
        return Plane.empty(self.channels, self.default).with_tiles(
            {key: self.read(key[0] * TILE - dx, key[1] * TILE - dy, TILE, TILE) for key in touched})

    def bounds(self) -> Rect | None:
        """The smallest rectangle around all pixels that differ from the default; None when there are none."""
        if not self.tiles:
            return None
        columns, rows = {key[0] for key in self.tiles}, {key[1] for key in self.tiles}
        left = min(self._span((c, r), 0)[0] for c, r in self.tiles if c == min(columns))
        right = max(self._span((c, r), 0)[1] for c, r in self.tiles if c == max(columns))
        top = min(self._span((c, r), 1)[0] for c, r in self.tiles if r == min(rows))
        bottom = max(self._span((c, r), 1)[1] for c, r in self.tiles if r == max(rows))
        return Rect(left, top, right - left, bottom - top)

    def changed(self, other: Plane) -> set[Key]:
        """The keys whose tiles are not the same object in both."""
        if self.tiles is other.tiles:
            return set()
        mine, theirs = self.tiles, other.tiles
        keys = {key for key, tile in mine.items() if theirs.get(key) is not tile}
        keys.update(key for key in theirs if key not in mine)
        return keys

    def _within(self, rect: Rect) -> Iterator[Key]:
        """Keys of the tiles there are inside `rect`."""
        if rect.empty:
            return
        columns = range(rect.x // TILE, (rect.right - 1) // TILE + 1)
        rows = range(rect.y // TILE, (rect.bottom - 1) // TILE + 1)
        if len(columns) * len(rows) > len(self.tiles):
            yield from (key for key in self.tiles if key[0] in columns and key[1] in rows)
        else:
            yield from (key for key in rect.tiles() if key in self.tiles)

    def _is_default(self, tile: Tile) -> bool:
        if tile.flat[0] != self.default or tile.flat[-1] != self.default:
            return False
        return not (tile.any() if self.default == 0 else (tile != self.default).any())

    def _span(self, key: Key, axis: int) -> tuple[int, int]:
        """First and last-plus-one column (axis 0) or row (axis 1) of the plane with content inside one tile."""
        content = whole_pixels(self.tiles[key]) != self.default * (0x01010101 if self.channels == 4 else 1)
        line = np.flatnonzero(content.any(axis=axis))
        return key[axis] * TILE + int(line[0]), key[axis] * TILE + int(line[-1]) + 1


def to_qimage(array: Pixels) -> QImage:
    """A QImage on the array's own memory: (h, w, 4) as ARGB32_Premultiplied, (h, w) as Alpha8. This object keeps the
    array alive, a copy made by Qt does not, so hand on this object or its `.copy()`. A part of an array is copied."""
    array = np.ascontiguousarray(array)
    kind = QImage.Format.Format_ARGB32_Premultiplied if array.ndim == 3 else QImage.Format.Format_Alpha8
    image = QImage(array.data, array.shape[1], array.shape[0], array.strides[0], kind)
    image.pixels = array  # type: ignore[attr-defined]
    return image


def from_qimage(image: QImage) -> Pixels:
    """The pixels of any QImage as an own (h, w, 4) premultiplied BGRA array; (h, w) from an Alpha8 or Grayscale8
    one."""
    single = image.format() in (QImage.Format.Format_Alpha8, QImage.Format.Format_Grayscale8)
    if not single and image.format() != QImage.Format.Format_ARGB32_Premultiplied:
        image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    width, height = image.width(), image.height()
    rows: Pixels = np.frombuffer(image.constBits(), np.uint8)
    rows = rows[:height * image.bytesPerLine()].reshape(height, image.bytesPerLine())
    return rows[:, :width].copy() if single else rows[:, :width * 4].reshape(height, width, 4).copy()
