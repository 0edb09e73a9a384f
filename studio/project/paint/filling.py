"""Paint laid on in one go: fill by likeness, fill an area, gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.project.paint.picture import Picture
from studio.project.paint.plane import TILE, Key, Pixels, Plane, Rect, Tile, tile_rect
from studio.project.paint.selecting import Point, similar
from studio.project.paint.targets import Target

GradientKind: TypeAlias = Literal["linear", "reflected", "radial", "angle"]
RGBA: TypeAlias = tuple[int, int, int, int]
"""Red, green, blue, alpha, 0-255, not premultiplied."""


def lay_cover(picture: Picture, target: Target, cover: Plane) -> Picture:
    """The target's colour laid on where the mask `cover` (document coordinates) says, inside canvas and selection."""
    bounds = cover.bounds()
    if bounds is None:
        return picture

    def paint(tile: Tile, key: Key, part: Rect, base: Tile) -> None:
        share = cover.read(*part.translated(target.dx, target.dy)).astype(np.float32) / np.float32(255)
        limit = target.limit(picture, part)
        target.lay(tile, _inner(key, part), base, share if limit is None else share * limit)

    return _painted(picture, target, bounds, paint)


def lay_image(picture: Picture, target: Target, area: Rect, render: Callable[[Rect], Pixels]) -> Picture:
    """Premultiplied pixels laid on: `render` gives those of any part of `area` (document coordinates)."""

    def paint(tile: Tile, key: Key, part: Rect, base: Tile) -> None:
        image, limit = render(part.translated(target.dx, target.dy)), target.limit(picture, part)
        if limit is not None:
            image = (image * limit[..., None] + np.float32(0.5)).astype(np.uint8)
        target.lay_image(tile, _inner(key, part), base, image)

    return _painted(picture, target, area, paint)


def fill(picture: Picture, target: Target, x: int, y: int, *, tolerance: int = 32, contiguous: bool = True,
         all_layers: bool = False, grow: int = 0, smooth: bool = False) -> Picture:
    """Fill the pixels like the one at document (x, y); those connected to it where `contiguous`."""
    region = similar(picture, x, y, tolerance=tolerance, contiguous=contiguous, all_layers=all_layers, grow=grow,
                     smooth=smooth)
    return lay_cover(picture, target, Plane.from_array(region))


def fill_area(picture: Picture, target: Target) -> Picture:
    """Fill the selection, or all of the canvas where nothing is selected."""
    whole = np.full((TILE, TILE), 255, np.uint8)
    return lay_cover(picture, target, Plane.empty(1).with_tiles(dict.fromkeys(picture.rect.tiles(), whole)))


@dataclass(frozen=True)
class Gradient:
    """From `first` at `start` to `last` at `end` (document points). "reflected" goes there and back, "radial" runs from
    the centre `start` outwards, "angle" once around it, beginning towards `end`."""

    kind: GradientKind
    start: Point
    end: Point
    first: RGBA
    last: RGBA

    def render(self, rect: Rect) -> Pixels:
        """The gradient in a rectangle, (h, w, 4) premultiplied; dithered by less than half a step, so that wide ones
        show no bands."""
        share = self._share(rect)[..., None]
        first, last = _premultiplied(self.first), _premultiplied(self.last)
        rows, columns = np.arange(rect.y, rect.bottom) % TILE, np.arange(rect.x, rect.right) % TILE
        noise = _dither()[rows[:, None], columns[None, :]]
        out: Pixels = (first + (last - first) * share + noise[..., None]).astype(np.uint8)
        return out

    def _share(self, rect: Rect) -> NDArray[np.float32]:
        (x0, y0), (x1, y1) = self.start, self.end
        dx, dy = x1 - x0, y1 - y0
        x = np.arange(rect.x, rect.right, dtype=np.float32)[None, :] + np.float32(0.5 - x0)
        y = np.arange(rect.y, rect.bottom, dtype=np.float32)[:, None] + np.float32(0.5 - y0)
        length = max(1e-3, math.hypot(dx, dy))
        if self.kind == "radial":
            share = np.sqrt(x * x + y * y) / np.float32(length)
        elif self.kind == "angle":
            turn = np.arctan2(y, x) - np.float32(math.atan2(dy, dx))
            return np.asarray((turn / np.float32(2 * math.pi)) % 1.0, np.float32)
        else:
            share = x * np.float32(dx / length**2) + y * np.float32(dy / length**2)
            share = np.abs(share) if self.kind == "reflected" else share
        return np.asarray(np.clip(share, 0, 1), np.float32)


def gradient(picture: Picture, target: Target, what: Gradient) -> Picture:
    """A gradient over the canvas, or over what is selected."""
    area = picture.selection.bounds() if picture.selection is not None and target.selects else picture.rect
    return lay_image(picture, target, area or picture.rect, what.render)


def _painted(picture: Picture, target: Target, area: Rect, paint: Callable[[Tile, Key, Rect, Tile], None]) -> Picture:
    """`paint` on every tile of the target inside `area` and the canvas (document coordinates)."""
    inside = area.intersected(picture.rect).translated(-target.dx, -target.dy)
    blank = target.plane.blank()
    changed: dict[Key, Tile | None] = {}
    for key in inside.tiles():
        base = target.plane.tiles.get(key, blank)
        tile = base.copy()
        paint(tile, key, tile_rect(key).intersected(inside), base)
        changed[key] = tile
    plane = target.plane.with_tiles(changed)
    return picture if plane is target.plane else target.put(picture, plane)


def _inner(key: Key, part: Rect) -> tuple[slice, slice]:
    place = tile_rect(key)
    return slice(part.y - place.y, part.bottom - place.y), slice(part.x - place.x, part.right - place.x)


def _premultiplied(colour: RGBA) -> NDArray[np.float32]:
    red, green, blue, alpha = colour
    return np.array([blue, green, red, 255], np.float32) * np.float32(alpha / 255)


@lru_cache(maxsize=1)
def _dither() -> NDArray[np.float32]:
    """Noise between 0 and 1 without its ends, (256, 256): added before rounding down it leaves whole numbers alone."""
    return np.random.default_rng(3).uniform(0.002, 0.998, (TILE, TILE)).astype(np.float32)
