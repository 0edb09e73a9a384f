"""Layers become pixels: groups are isolated, clipped layers show where their base shows, masks and opacity multiply.

What a pixel becomes depends on that pixel of the layers alone, so any rectangle gives the same as a part of a larger
one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtGui import QPainter

from studio.project.paint.blend import FADED_FIRST, QT_MODES, blend, faded, is_opaque, multiply, opaque
from studio.project.paint.layer import Layer
from studio.project.paint.plane import TILE, Key, Pixels, Plane, Rect, Tile, inner_slice, tile_rect, to_qimage


class Stack(NamedTuple):
    """A layer with those clipped to it, lowest first."""

    base: Layer
    clipped: tuple[Layer, ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (self.base, *self.clipped)


def stacks(layers: Sequence[Layer]) -> list[Stack]:
    """The layers of one group as stacks; a clipped one with nothing below it is a base itself."""
    found: list[Stack] = []
    for layer in layers:
        if layer.clipped and found:
            found[-1] = Stack(found[-1].base, (*found[-1].clipped, layer))
        else:
            found.append(Stack(layer, ()))
    return found


class Renderer:
    """Draws layers into arrays. A subclass may remember what groups look like.

    Args:
        only: ids of the layers and groups to draw, None for all; hidden ones stay hidden.
    """

    def __init__(self, only: Collection[str] | None = None) -> None:
        self.only = only

    def draw(self, found: Sequence[Stack], rect: Rect, start: Callable[[], Pixels] | None = None) -> Pixels:
        """(h, w, 4): the stacks over what `start` gives, or over nothing. `start` is asked only when something of it
        shows."""
        for index in range(len(found) - 1, 0 if start is None else -1, -1):
            if self._covers(found[index], rect):
                found, start = found[index:], None
                break
        canvas = _Canvas(rect, None if start is None else start())
        for stack in found:
            self._draw_stack(canvas, stack)
        return canvas.finish()

    def group(self, layer: Layer, rect: Rect) -> Pixels | None:
        """What the children of a group show; None where they show nothing."""
        pixels = self.draw(stacks(layer.children), rect)
        return pixels if pixels.any() else None

    def _draw_stack(self, canvas: _Canvas, stack: Stack) -> None:
        base = stack.base
        if not base.visible or base.opacity <= 0:
            return
        if not self._wanted(base):
            for layer in stack.clipped:
                self._draw_stack(canvas, Stack(layer, ()))
            return
        if base.kind != "group" and not stack.clipped and not _masked(base):
            for place, tile, at in pieces(base.plane, base, canvas.rect):
                canvas.draw(tile, place, base.blend, base.opacity, at)
            return
        found = self._own(base, canvas.rect)
        if found is not None:
            found = self._clip(found, stack.clipped, canvas.rect)
            canvas.draw(found, canvas.rect, base.blend, base.opacity)

    def _own(self, layer: Layer, rect: Rect) -> Pixels | None:
        """A layer's pixels under its mask, before opacity and blend mode; None where there are none."""
        found: Pixels | None = None
        if not self._wanted(layer):
            return None
        if layer.kind == "group":
            whole = self.only is not None and layer.id in self.only
            found = (Renderer() if whole else self).group(layer, rect)
        elif any(True for _ in pieces(layer.plane, layer, rect)):
            found = layer.plane.read(rect.x - layer.dx, rect.y - layer.dy, rect.w, rect.h)
        if found is not None and layer.mask is not None and layer.mask_on:
            found = multiply(found, layer.mask.read(rect.x - layer.dx, rect.y - layer.dy, rect.w, rect.h))
        return found

    def _clip(self, base: Pixels, clipped: Sequence[Layer], rect: Rect) -> Pixels:
        """`base` with layers atop (source-atop with blending): they blend with its colours made opaque, then its
        alpha is
        put back. Pixels that they leave alone stay as they are, to the bit."""
        if not any(layer.visible and layer.opacity > 0 for layer in clipped):
            return base
        solid = is_opaque(base)
        start = base if solid else opaque(base)
        canvas = _Canvas(rect, start)
        for layer in clipped:
            self._draw_stack(canvas, Stack(layer, ()))
        out = canvas.finish()
        if solid:
            return out
        same = out.view(np.uint32) == start.view(np.uint32)
        return np.where(same, base, multiply(out, base[..., 3]))

    def _covers(self, stack: Stack, rect: Rect) -> bool:
        """Whether a stack hides all that lies below it, as far as can be said quickly."""
        base = stack.base
        if base.kind == "group" or not base.visible or base.opacity < 1 or base.blend != "normal" or _masked(base) or (
                not self._wanted(base)):
            return False
        area = rect.translated(-base.dx, -base.dy)
        for key in area.tiles():
            tile = base.plane.tiles.get(key)
            if tile is None or not is_opaque(tile):
                return False
        return True

    def _wanted(self, layer: Layer) -> bool:
        """Whether `only` names a layer or anything in it."""
        return self.only is None or any(inner.id in self.only for inner in layer.walk())


def pieces(plane: Plane, layer: Layer, rect: Rect) -> Iterator[tuple[Rect, Tile, tuple[int, int]]]:
    """The parts of a layer's plane inside a document rectangle: where each lies, its tile, and the x and y in that tile
    at which it begins."""
    area = rect.translated(-layer.dx, -layer.dy)
    for key in area.tiles():
        tile = plane.tiles.get(key)
        if tile is not None:
            place = tile_rect(key)
            part = place.intersected(area)
            yield part.translated(layer.dx, layer.dy), tile, (part.x - place.x, part.y - place.y)


def compose_plane(layers: Sequence[Layer], rect: Rect) -> Plane:
    """What layers show inside `rect`, wherever it lies, as a plane in document coordinates."""
    renderer, found = Renderer(), stacks(layers)
    tiles: dict[Key, Pixels | None] = {}
    for key in rect.tiles():
        place = tile_rect(key)
        part = place.intersected(rect)
        tile = np.zeros((TILE, TILE, 4), np.uint8)
        tile[inner_slice(place, part)] = renderer.draw(found, part)
        tiles[key] = tile
    return Plane.empty().with_tiles(tiles)


class _Canvas:
    """Pixels of a rectangle that QPainter and numpy draw on in turn."""

    def __init__(self, rect: Rect, start: Pixels | None) -> None:
        self.rect = rect
        self._pixels = np.zeros((rect.h, rect.w, 4), np.uint8) if start is None else start.copy()
        self._image = to_qimage(self._pixels)
        self._painter: QPainter | None = None

    def draw(self, pixels: Pixels, place: Rect, mode: str, opacity: float, at: tuple[int, int] = (0, 0)) -> None:
        """Draw premultiplied pixels, from (x, y) `at` in them, at a place inside the rectangle."""
        painted = QT_MODES.get(mode)
        if painted is None or opacity < 1:
            pixels = pixels[at[1]:at[1] + place.h, at[0]:at[0] + place.w]
            at = (0, 0)
        if opacity < 1 and mode in FADED_FIRST:
            pixels, opacity = faded(pixels, opacity), 1.0
        if painted is None or opacity < 1:
            self._end()
            blend(mode, self._pixels[inner_slice(self.rect, place)], pixels, opacity)
            return
        if self._painter is None:
            self._painter = QPainter(self._image)
        self._painter.setCompositionMode(painted)
        self._painter.drawImage(place.x - self.rect.x, place.y - self.rect.y, to_qimage(pixels), *at, place.w, place.h)

    def finish(self) -> Pixels:
        self._end()
        return self._pixels

    def _end(self) -> None:
        if self._painter is not None:
            self._painter.end()
            self._painter = None


def _masked(layer: Layer) -> bool:
    return layer.mask is not None and layer.mask_on
