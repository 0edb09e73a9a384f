"""A layered picture of fixed size, as an immutable value: every edit is a function `Picture -> Picture`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer
from studio.project.paint.plane import Plane, Rect

MAX_SIDE = 16384
"""Longest side of a picture in pixels."""


def check_size(width: int, height: int) -> None:
    """Raise PaintError unless a picture may have this size."""
    if width < 1 or height < 1:
        raise PaintError("A picture is at least 1 pixel wide and high.")
    if width > MAX_SIDE or height > MAX_SIDE:
        raise PaintError(f"A picture of {width:,} x {height:,} pixels is too large; a side has at most {MAX_SIDE:,}.")


@dataclass(frozen=True, eq=False)
class Picture:
    """Layers on an artboard of `width` x `height` pixels with its top left corner at (0, 0).

    Attributes:
        layers: rearmost first.
        active: id of the layer that tools work on, "" for none.
        selection: 1 channel, document coordinates; None means that nothing is selected and everything may be painted.
        mask: 1 channel, document coordinates: where the machine works (the inpaint mask), soft values count.
    """

    width: int
    height: int
    layers: tuple[Layer, ...] = ()
    active: str = ""
    selection: Plane | None = None
    mask: Plane | None = None

    @property
    def rect(self) -> Rect:
        return Rect(0, 0, self.width, self.height)

    @property
    def active_layer(self) -> Layer | None:
        return self.find(self.active) if self.active else None

    def find(self, layer_id: str) -> Layer | None:
        return _find(self.layers, layer_id)

    def layer(self, layer_id: str) -> Layer:
        """The layer with this id; PaintError where there is none."""
        found = self.find(layer_id)
        if found is None:
            raise PaintError("That layer is no longer there; choose another." if layer_id else "Choose a layer first.")
        return found

    def path(self, layer_id: str) -> tuple[str, ...]:
        """The ids from the outermost group down to the layer itself; () where there is no such layer."""
        return _path(self.layers, layer_id)

    def parent(self, layer_id: str) -> str:
        """Id of the group around a layer; "" at the top."""
        path = self.path(layer_id)
        return path[-2] if len(path) > 1 else ""

    def walk(self) -> Iterator[tuple[Layer, int]]:
        """All layers with their depth, topmost first: the order of the list of layers."""
        yield from _walk(self.layers, 0)

    def replace(self, layer: Layer) -> Picture:
        """The picture with `layer` in place of the one that has its id; PaintError where there is none."""
        layers = _replaced(self.layers, layer)
        if layers is None:
            self.layer(layer.id)
            return self
        return self.with_(layers=layers)

    def with_(self, **changes: Any) -> Picture:
        return replace(self, **changes)

    def with_active(self, layer_id: str) -> Picture:
        """The picture with another active layer; "" for none."""
        if layer_id == self.active:
            return self
        if layer_id:
            self.layer(layer_id)
        return self.with_(active=layer_id)

    def with_selection(self, selection: Plane | None) -> Picture:
        """The picture with another selection; one without a selected pixel is none."""
        return self.with_(selection=_unless_empty(selection))

    def with_mask(self, mask: Plane | None) -> Picture:
        """The picture with another inpaint mask; an empty one is none."""
        return self.with_(mask=_unless_empty(mask))

    def planes(self) -> dict[str, Plane]:
        """All planes by their names in the project file: "<layer>", "<layer>/mask", "selection", "mask"."""
        found: dict[str, Plane] = {}
        for layer, _ in self.walk():
            if layer.kind != "group":
                found[layer.id] = layer.plane
            if layer.mask is not None:
                found[f"{layer.id}/mask"] = layer.mask
        if self.selection is not None:
            found["selection"] = self.selection
        if self.mask is not None:
            found["mask"] = self.mask
        return found

    @property
    def nbytes(self) -> int:
        """Bytes of all tiles, each counted once."""
        found = {id(tile): tile.nbytes for plane in self.planes().values() for tile in plane.tiles.values()}
        return sum(found.values())


def _unless_empty(plane: Plane | None) -> Plane | None:
    return plane if plane is not None and (plane.tiles or plane.default) else None


def _find(layers: tuple[Layer, ...], layer_id: str) -> Layer | None:
    for layer in layers:
        if layer.id == layer_id:
            return layer
        if layer.children:
            inner = _find(layer.children, layer_id)
            if inner is not None:
                return inner
    return None


def _path(layers: tuple[Layer, ...], layer_id: str) -> tuple[str, ...]:
    for layer in layers:
        if layer.id == layer_id:
            return (layer_id,)
        if layer.children and (rest := _path(layer.children, layer_id)):
            return (layer.id, *rest)
    return ()


def _walk(layers: tuple[Layer, ...], depth: int) -> Iterator[tuple[Layer, int]]:
    for layer in reversed(layers):
        yield layer, depth
        if layer.children:
            yield from _walk(layer.children, depth + 1)


def _replaced(layers: tuple[Layer, ...], new: Layer) -> tuple[Layer, ...] | None:
    """`layers` with the one that has `new`'s id replaced; None where none has."""
    for index, layer in enumerate(layers):
        if layer.id == new.id:
            return (*layers[:index], new, *layers[index + 1:])
        if layer.children and (inner := _replaced(layer.children, new)) is not None:
            return (*layers[:index], layer.with_(children=inner), *layers[index + 1:])
    return None
