"""A stroke while it is painted: dabs gather in a buffer, and only the tiles they touch are made anew.

The buffer holds how far each pixel is covered (0-1, float32), so that flow builds up inside a stroke while its opacity
holds for the whole of it, however often it crosses itself.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from studio.project.paint.brush import Brush
from studio.project.paint.dabs import Coverage, Dab, Pen, Sample, Stamps
from studio.project.paint.grain import grain_tile
from studio.project.paint.picture import Picture
from studio.project.paint.plane import TILE, Key, Rect, Tile, tile_rect
from studio.project.paint.targets import Target


class Stroke:
    """One stroke. `add` takes what the pen did, `picture` is what it looks like so far, `apply` is the edit."""

    def __init__(self, picture: Picture, target: Target, brush: Brush, stamps: Stamps | None = None,
                 seed: int = 0) -> None:
        self.base, self.target, self.brush = picture, target, brush
        self.stamps = stamps or Stamps()
        self.held_back = False
        """The selection kept dabs away."""
        self._pen = Pen(brush, seed, picture.rect)
        self._live = picture
        self._plane = target.plane
        self._cover: dict[Key, Coverage] = {}
        self._dirty: dict[Key, Rect] = {}
        self._limits: dict[Key, Coverage | None] = {}
        self._area = picture.rect.translated(-target.dx, -target.dy)
        self._grain = grain_tile(brush.grain) if brush.grain and brush.grain_strength > 0 else None

    def add(self, samples: Iterable[Sample]) -> None:
        """Samples in document coordinates, oldest first."""
        for dab in self._pen.add(samples):
            self._print(dab)

    def end(self) -> None:
        """The pen is lifted."""
        for dab in self._pen.end():
            self._print(dab)

    @property
    def picture(self) -> Picture:
        """The picture with the stroke so far; the same object while nothing was added."""
        if self._dirty:
            changed: dict[Key, Tile | None] = {key: self._tile(key, rect) for key, rect in self._dirty.items()}
            self._dirty.clear()
            plane = self._plane.with_tiles(changed)
            if plane is not self._plane:
                self._plane = plane
                self._live = self.target.put(self.base, plane)
        return self._live

    def apply(self, picture: Picture) -> Picture:
        """The stroke on `picture`: on the one it began on or, where that has changed meanwhile, on the newer one."""
        live = self.picture
        if picture is self.base:
            return live
        tiles = {key: self._plane.tiles.get(key) for key in self.target.plane.changed(self._plane)}
        return self.target.put(picture, self.target.current(picture).with_tiles(tiles)) if tiles else picture

    def _print(self, dab: Dab) -> None:
        """Add a dab to the coverage of the tiles it touches."""
        dab = dab._replace(x=dab.x - self.target.dx, y=dab.y - self.target.dy)
        shape, left, top = self.stamps.get(self.brush, dab)
        side = shape.shape[0]
        area = Rect(left, top, side, side).intersected(self._area)
        for key in area.tiles():
            limit = self._limit(key)
            if limit is not None and not limit.any():
                self.held_back = True
                continue
            place = tile_rect(key)
            part = place.intersected(area)
            inner = (slice(part.y - place.y, part.bottom - place.y), slice(part.x - place.x, part.right - place.x))
            cover = self._cover.get(key)
            if cover is None:
                cover = self._cover[key] = np.zeros((TILE, TILE), np.float32)
            piece = shape[part.y - top:part.bottom - top, part.x - left:part.right - left]
            self._build_up(cover[inner], piece, dab.cap, None if self._grain is None else self._grain[inner])
            before = self._dirty.get(key)
            self._dirty[key] = part if before is None else before.united(part)

    def _build_up(self, cover: Coverage, piece: Coverage, cap: float, grain: Coverage | None) -> None:
        """Raise `cover` towards `cap` by flow x dab; what is over it already stays."""
        if grain is not None:
            # Paint stays on the heights of the paper; a firm hand reaches into its valleys.
            strength = self.brush.grain_strength
            piece = np.clip((piece * np.float32(0.3 + 0.45 * cap) - grain * np.float32(strength))
                            * np.float32(1 + 3 * strength), 0, 1)
        if self.brush.feather > 0:
            # A feathered rim stays as wide along the stroke: dabs that overlap do not add up.
            np.maximum(cover, piece * np.float32(cap * self.brush.flow), out=cover)
            return
        rest = np.float32(cap) - cover
        rest *= piece
        if self.brush.flow < 1:
            rest *= np.float32(self.brush.flow)
        if cap < 1:
            np.maximum(rest, 0, out=rest)
        cover += rest

    def _limit(self, key: Key) -> Coverage | None:
        """The selection over a tile, 0-1; None where nothing limits."""
        if key not in self._limits:
            self._limits[key] = self.target.limit(self.base, tile_rect(key))
        return self._limits[key]

    def _tile(self, key: Key, rect: Rect) -> Tile:
        """A tile with the stroke so far; only `rect` of it differs from the last one."""
        place = tile_rect(key)
        part = (slice(rect.y - place.y, rect.bottom - place.y), slice(rect.x - place.x, rect.right - place.x))
        blank = self._plane.blank()
        base = self.target.plane.tiles.get(key, blank)
        last = self._plane.tiles.get(key)
        tile = blank.copy() if last is None else last.copy()
        cover, limit = self._cover[key][part], self._limit(key)
        self.target.lay(tile, part, base, cover if limit is None else cover * limit[part])
        return tile
