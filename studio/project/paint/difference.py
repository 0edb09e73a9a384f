"""Where two pictures may look different, so that only that is composed anew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.project.paint.layer import Layer
from studio.project.paint.plane import Key, Plane, Rect, Tile, tile_rect, whole_pixels
from studio.project.paint.render import Stack, stacks

FINE_TILES = 32
"""Up to this many changed tiles of a plane are compared by pixel; a change of more is not worth the look."""

_LOOKS = ("opacity", "blend", "visible", "mask_on", "dx", "dy", "kind")

Dirt = dict[Key, Rect]
"""The dirty part of each dirty document tile, in document coordinates."""


def difference(old: Sequence[Layer], new: Sequence[Layer], bounds: Rect) -> Dirt:
    """What of `bounds` may look different with the layers `new` in place of `old`."""
    found = _Difference(bounds)
    found.compare(old, new)
    return found.dirt


class _Difference:
    def __init__(self, bounds: Rect) -> None:
        self.bounds = bounds
        self.dirt: Dirt = {}

    def compare(self, old: Sequence[Layer], new: Sequence[Layer]) -> None:
        """Stacks of the same layers in the same order are compared one by one; of the others all is dirty, from the
        first
        that differs to the last."""
        if old is new:
            return
        before, after = stacks(old), stacks(new)
        head = 0
        while head < min(len(before), len(after)) and _ids(before[head]) == _ids(after[head]):
            head += 1
        tail = 0
        while tail < min(len(before), len(after)) - head and _ids(before[-1 - tail]) == _ids(after[-1 - tail]):
            tail += 1
        pairs = [*zip(before[:head], after[:head], strict=True),
                 *zip(before[len(before) - tail:], after[len(after) - tail:], strict=True)]
        for one, other in pairs:
            for layer, changed in zip(one.layers, other.layers, strict=True):
                self._layer(layer, changed)
        for stack in (*before[head:len(before) - tail], *after[head:len(after) - tail]):
            for layer in stack.layers:
                self._all_of(layer)

    def _layer(self, old: Layer, new: Layer) -> None:
        if old is new or not (old.visible or new.visible):
            return
        if any(getattr(old, name) != getattr(new, name) for name in _LOOKS) or not _alike(old.mask, new.mask):
            self._all_of(old)
            self._all_of(new)
            return
        self.compare(old.children, new.children)
        if old.plane is not new.plane:
            self._plane(old.plane, new.plane, new)
        if old.mask is not new.mask and old.mask is not None and new.mask is not None and new.mask_on:
            self._plane(old.mask, new.mask, new)

    def _plane(self, old: Plane, new: Plane, layer: Layer) -> None:
        keys = old.changed(new)
        for key in keys:
            before, after = old.tiles.get(key), new.tiles.get(key)
            place = tile_rect(key)
            if len(keys) <= FINE_TILES and before is not None and after is not None:
                place = _differing(before, after, place)
            self._add(place.translated(layer.dx, layer.dy))

    def _all_of(self, layer: Layer) -> None:
        if layer.kind == "group":
            for child in layer.children:
                self._all_of(child)
        else:
            for key in layer.plane.tiles:
                self._add(tile_rect(key).translated(layer.dx, layer.dy))

    def _add(self, rect: Rect) -> None:
        rect = rect.intersected(self.bounds)
        for key in rect.tiles():
            part = rect.intersected(tile_rect(key))
            known = self.dirt.get(key)
            self.dirt[key] = part if known is None else known.united(part)


def _ids(stack: Stack) -> tuple[str, ...]:
    return tuple(layer.id for layer in stack.layers)


def _alike(old: Plane | None, new: Plane | None) -> bool:
    """Whether both layers have masks that can be compared tile by tile, or neither has one."""
    if old is None or new is None:
        return old is new
    return old.default == new.default


def _differing(old: Tile, new: Tile, place: Rect) -> Rect:
    """The part of a tile in which two differ; empty where they do not."""
    unlike = whole_pixels(old) != whole_pixels(new)
    rows = np.flatnonzero(unlike.any(axis=1))
    if not rows.size:
        return Rect(place.x, place.y, 0, 0)
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(unlike[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return Rect(place.x + left, place.y + top, right - left, bottom - top)
