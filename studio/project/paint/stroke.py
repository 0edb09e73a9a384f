"""A stroke while it is painted: dabs gather in a buffer, and only the tiles they touch are made anew.

The buffer holds how far each pixel is covered (0-1, float32), so that flow builds up inside a stroke while its opacity
holds for the whole of it, however often it crosses itself.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from studio.project.paint.brush import Brush
from studio.project.paint.dabs import Coverage, Dab, Pen, Sample, Stamps
from studio.project.paint.edit import paintable, unlocked
from studio.project.paint.errors import PaintError
from studio.project.paint.grain import grain_tile
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import TILE, Key, Plane, Rect, Tile, tile_rect, to_qimage

RGB: TypeAlias = tuple[int, int, int]
Where: TypeAlias = Literal["pixels", "layer-mask", "mask", "selection"]
"""What is painted on: the active layer, its mask, the inpaint mask, the selection."""
Mode = QPainter.CompositionMode


class Target(ABC):
    """A plane of a picture to paint on. dx, dy: plane coordinates + (dx, dy) = document coordinates."""

    plane: Plane
    dx = 0
    dy = 0
    selects = True
    """The selection limits it."""

    @abstractmethod
    def put(self, picture: Picture, plane: Plane) -> Picture:
        """The picture with `plane` for this target's own."""

    @abstractmethod
    def current(self, picture: Picture) -> Plane:
        """This target's plane in another picture."""

    @abstractmethod
    def lay(self, tile: Tile, part: tuple[slice, slice], base: Tile, cover: Coverage) -> None:
        """Paint `cover` (opacity included) over the part of `base`, into the same part of `tile`."""


class ColourTarget(Target):
    """A layer's pixels. colour: None erases. With alpha lock its transparency stays."""

    def __init__(self, picture: Picture, colour: RGB | None, opacity: float = 1.0) -> None:
        layer = paintable_here(picture)
        if layer.alpha_locked and colour is None:
            raise PaintError(f"The transparency of “{layer.name}” is locked; unlock it to erase.")
        self.id, self.plane, self.dx, self.dy = layer.id, layer.plane, layer.dx, layer.dy
        self._mode = (Mode.CompositionMode_DestinationOut if colour is None else
                      Mode.CompositionMode_SourceAtop if layer.alpha_locked else Mode.CompositionMode_SourceOver)
        self._ramp = ramp(colour or (0, 0, 0), opacity)

    def put(self, picture: Picture, plane: Plane) -> Picture:
        return picture.replace(picture.layer(self.id).with_(plane=plane))

    def current(self, picture: Picture) -> Plane:
        return picture.layer(self.id).plane

    def lay(self, tile: Tile, part: tuple[slice, slice], base: Tile, cover: Coverage) -> None:
        tile[part] = base[part]
        paint = self._ramp[(cover * np.float32(255) + np.float32(0.5)).astype(np.uint8)]
        canvas, image = to_qimage(tile), to_qimage(paint.view(np.uint8).reshape(*paint.shape, 4))
        painter = QPainter(canvas)
        painter.setCompositionMode(self._mode)
        painter.drawImage(part[1].start, part[0].start, image)
        painter.end()


class MaskTarget(Target):
    """The inpaint mask, the selection or a layer's mask. value: 0-255, what is painted."""

    def __init__(self, picture: Picture, where: Where, value: int, opacity: float = 1.0) -> None:
        self.where, self._value, self._opacity = where, np.float32(value), np.float32(opacity)
        if where == "layer-mask":
            layer = picture.layer(picture.active)
            for step in picture.path(layer.id):
                unlocked(picture.layer(step))
            if layer.mask is None:
                raise PaintError(f"“{layer.name}” has no mask; add one first.")
            self.id, self.dx, self.dy = layer.id, layer.dx, layer.dy
        self.selects = where != "selection"
        self.plane = self.current(picture)

    def put(self, picture: Picture, plane: Plane) -> Picture:
        if self.where == "layer-mask":
            return picture.replace(picture.layer(self.id).with_(mask=plane))
        return picture.with_mask(plane) if self.where == "mask" else picture.with_selection(plane)

    def current(self, picture: Picture) -> Plane:
        if self.where == "layer-mask":
            return picture.layer(self.id).mask or Plane.empty(1, 255)
        found = picture.mask if self.where == "mask" else picture.selection
        return Plane.empty(1) if found is None else found

    def lay(self, tile: Tile, part: tuple[slice, slice], base: Tile, cover: Coverage) -> None:
        before = base[part].astype(np.float32)
        after = self._value - before
        after *= cover
        after *= self._opacity
        after += before
        after += np.float32(0.5)
        tile[part] = after.astype(np.uint8)


class Stroke:
    """One stroke. `add` takes what the pen did, `picture` is what it looks like so far, `apply` is the edit."""

    def __init__(self, picture: Picture, target: Target, brush: Brush, stamps: Stamps | None = None,
                 seed: int = 0) -> None:
        self.base, self.target, self.brush = picture, target, brush
        self.stamps = stamps or Stamps()
        self._pen = Pen(brush, seed)
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
            if self._limit(key) is None and self.target.selects and self.base.selection is not None:
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
            piece = np.clip((piece * np.float32(0.35 + 0.65 * cap) - grain * np.float32(strength))
                            * np.float32(1 + 3 * strength), 0, 1)
        rest = np.float32(cap) - cover
        rest *= piece
        if self.brush.flow < 1:
            rest *= np.float32(self.brush.flow)
        if cap < 1:
            np.maximum(rest, 0, out=rest)
        cover += rest

    def _limit(self, key: Key) -> Coverage | None:
        """The selection over a tile, 0-1; None where nothing of it is selected, or where nothing limits."""
        if key not in self._limits:
            selection = self.base.selection if self.target.selects else None
            found: NDArray[np.uint8] | None = None
            if selection is not None:
                place = tile_rect(key).translated(self.target.dx, self.target.dy)
                found = selection.read(*place)
            self._limits[key] = None if found is None or not found.any() else found.astype(np.float32) / np.float32(255)
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


def paintable_here(picture: Picture) -> Layer:
    """The active layer; PaintError where it cannot be painted on or cannot be seen."""
    layer = paintable(picture, picture.active)
    for step in picture.path(layer.id):
        if not picture.layer(step).visible:
            raise PaintError(f"“{picture.layer(step).name}” is hidden; show it before you paint on it.")
    return layer


def ramp(colour: RGB, opacity: float) -> NDArray[np.uint32]:
    """256 premultiplied ARGB32 values of a colour, by coverage."""
    alpha = np.arange(256) * opacity
    red, green, blue = (np.rint(alpha * (c / 255)).astype(np.uint32) for c in colour)
    out: NDArray[np.uint32] = (np.rint(alpha).astype(np.uint32) << 24) | (red << 16) | (green << 8) | blue
    return out
