"""What can be painted on: a layer's pixels, its mask, the inpaint mask, the selection."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from studio.project.paint.dabs import Coverage
from studio.project.paint.edit import paintable, unlocked
from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Pixels, Plane, Rect, Tile, to_qimage

RGB: TypeAlias = tuple[int, int, int]
Where: TypeAlias = Literal["layer-mask", "mask", "selection"]
"""Which mask is painted on: that of the active layer, the inpaint mask, the selection."""
Part: TypeAlias = tuple[slice, slice]
"""Rows and columns of a tile."""
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
    def lay(self, tile: Tile, part: Part, base: Tile, cover: Coverage) -> None:
        """Into a part of `tile`: the same part of `base`, painted over by this target's colour where `cover` says."""

    @abstractmethod
    def lay_image(self, tile: Tile, part: Part, base: Tile, image: Pixels) -> None:
        """Into a part of `tile`: the same part of `base` with premultiplied pixels over it; masks take their greys."""

    def limit(self, picture: Picture, rect: Rect) -> Coverage | None:
        """The selection over a rectangle of this target's plane, 0-1; None where nothing limits."""
        if not self.selects or picture.selection is None:
            return None
        found = picture.selection.read(*rect.translated(self.dx, self.dy))
        return found.astype(np.float32) / np.float32(255)


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

    def lay(self, tile: Tile, part: Part, base: Tile, cover: Coverage) -> None:
        paint = self._ramp[(cover * np.float32(255) + np.float32(0.5)).astype(np.uint8)]
        self.lay_image(tile, part, base, paint.view(np.uint8).reshape(*paint.shape, 4))

    def lay_image(self, tile: Tile, part: Part, base: Tile, image: Pixels) -> None:
        tile[part] = base[part]
        canvas, paint = to_qimage(tile), to_qimage(image)
        painter = QPainter(canvas)
        painter.setCompositionMode(self._mode)
        painter.drawImage(part[1].start, part[0].start, paint)
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

    def lay(self, tile: Tile, part: Part, base: Tile, cover: Coverage) -> None:
        before = base[part].astype(np.float32)
        after = self._value - before
        after *= cover
        after *= self._opacity
        after += before
        after += np.float32(0.5)
        tile[part] = after.astype(np.uint8)

    def lay_image(self, tile: Tile, part: Part, base: Tile, image: Pixels) -> None:
        paint = image.astype(np.float32)
        grey = paint[..., 2] * 0.299 + paint[..., 1] * 0.587 + paint[..., 0] * 0.114
        after = base[part] * (1 - paint[..., 3] / 255) + grey + 0.5
        tile[part] = np.clip(after, 0, 255).astype(np.uint8)


def grey_of(colour: RGB) -> int:
    """What a colour is on a mask, 0-255 (BT.601 luma)."""
    red, green, blue = colour
    return round(red * 0.299 + green * 0.587 + blue * 0.114)


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
