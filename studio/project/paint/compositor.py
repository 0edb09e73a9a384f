"""The composed picture of a view, tile by tile, with what does not change while one layer is painted kept ready."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence

import numpy as np
from PySide6.QtGui import QImage

from studio.project.paint.difference import Dirt, difference
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import TILE, Key, Pixels, Rect, inner_slice, tile_rect, to_qimage
from studio.project.paint.render import Renderer, Stack, compose_plane, stacks
from studio.project.paint.thumbnail import layer_thumbnail, mask_thumbnail, picture_thumbnail
from studio.project.paint.tilecache import TileCache

__all__ = ["CACHE_BYTES", "Compositor", "compose", "compose_plane", "layer_thumbnail", "mask_thumbnail",
           "picture_thumbnail"]

CACHE_BYTES = 256 * 1024 * 1024
"""Composed tiles that a compositor keeps."""

_WHOLE = "*"  # owner of the composed tiles; a group's id is never this


def compose(picture: Picture, rect: Rect, only: Collection[str] | None = None) -> QImage:
    """What a rectangle of the picture shows, ARGB32_Premultiplied; outside the artboard it is transparent. `only` names
    the layers (or groups) to draw; hidden ones stay hidden. Any thread may call it."""
    renderer, found = Renderer(only), stacks(picture.layers)
    out = np.zeros((max(0, rect.h), max(0, rect.w), 4), np.uint8)
    inside = rect.intersected(picture.rect)
    for key in inside.tiles():
        part = tile_rect(key).intersected(inside)
        out[inner_slice(rect, part)] = renderer.draw(found, part)
    return to_qimage(out)


class Compositor:
    """The composed tiles of one view. Not thread-safe.

    It keeps, up to `budget` bytes together and the least used first to go: the composed tiles; along the path from
    the root
    to the active layer what lies below it in each group; and what groups elsewhere show.
    """

    def __init__(self, budget: int = CACHE_BYTES) -> None:
        self._picture: Picture | None = None
        self._cache = TileCache(budget)
        self._dirty: Dirt = {}
        self._below: dict[str, tuple[Layer, ...]] = {}

    @property
    def picture(self) -> Picture | None:
        return self._picture

    @property
    def nbytes(self) -> int:
        """Bytes of all tiles it keeps."""
        return self._cache.nbytes

    def show(self, picture: Picture) -> set[Key]:
        """Take `picture` as the one to show; the keys of the document tiles that may look different now."""
        return set(self.differing(picture))

    def differing(self, picture: Picture) -> Dirt:
        """`show`, with the part of each tile that may look different."""
        old, self._picture = self._picture, picture
        if old is None or (old.width, old.height) != (picture.width, picture.height):
            self._cache.clear()
            self._dirty.clear()
            self._below = _below(picture)
            return {key: tile_rect(key).intersected(picture.rect) for key in picture.rect.tiles()}
        if old.layers is picture.layers and old.active == picture.active:
            return {}
        dirt = difference(old.layers, picture.layers, picture.rect)
        for key, rect in dirt.items():
            if (_WHOLE, key) in self._cache:
                known = self._dirty.get(key)
                self._dirty[key] = rect if known is None else known.united(rect)
        self._forget(picture)
        return dirt

    def tile(self, column: int, row: int) -> QImage:
        """The composed 256 x 256 tile, ARGB32_Premultiplied; transparent outside the artboard."""
        key = (column, row)
        pixels = self._cache.get((_WHOLE, key))
        dirty = self._dirty.pop(key, None)
        if pixels is not None and dirty is None:
            return to_qimage(pixels)
        place = tile_rect(key)
        part = place.intersected(self._shown().rect) if pixels is None or dirty is None else dirty
        if part == place:
            fresh = self._render(key, part)
        else:
            fresh = np.zeros((TILE, TILE, 4), np.uint8) if pixels is None else pixels.copy()
            if not part.empty:
                fresh[inner_slice(place, part)] = self._render(key, part)
        self._cache.put((_WHOLE, key), fresh)
        return to_qimage(fresh)

    def image(self, rect: Rect, *, only: Collection[str] | None = None) -> QImage:
        """Any rectangle of the picture, as `compose` gives it; composed tiles that are ready are used."""
        picture = self._shown()
        if only is not None:
            return compose(picture, rect, only)
        found, renderer = stacks(picture.layers), Renderer()
        out = np.zeros((max(0, rect.h), max(0, rect.w), 4), np.uint8)
        inside = rect.intersected(picture.rect)
        for key in inside.tiles():
            part = tile_rect(key).intersected(inside)
            ready = self._cache.get((_WHOLE, key)) if key not in self._dirty else None
            out[inner_slice(rect, part)] = (renderer.draw(found, part) if ready is None
                                            else ready[inner_slice(tile_rect(key), part)])
        return to_qimage(out)

    def _render(self, key: Key, rect: Rect) -> Pixels:
        return _CachingRenderer(self._cache, self._below, key).children("", self._shown().layers, rect)

    def _forget(self, picture: Picture) -> None:
        """Drop what `picture` no longer has: groups of other values, and tiles of what lies below where that
        changed."""
        below = _below(picture)
        for parent, layers in self._below.items():
            if parent not in below:
                self._cache.drop_owner(parent)
            elif not _same(layers, below[parent]):
                for key in difference(layers, below[parent], picture.rect):
                    self._cache.drop((parent, key))
        self._below = below
        alive: set[Hashable] = {layer for layer, _ in picture.walk() if layer.kind == "group"}
        for owner in self._cache.owners():
            if isinstance(owner, Layer) and owner not in alive:
                self._cache.drop_owner(owner)

    def _shown(self) -> Picture:
        return self._picture if self._picture is not None else Picture(1, 1)


class _CachingRenderer(Renderer):
    """Draws parts of one document tile and keeps what lies below the active layer, and groups it is not in."""

    def __init__(self, cache: TileCache, below: Mapping[str, Sequence[Layer]], key: Key) -> None:
        super().__init__()
        self._cache = cache
        self._below = below
        self._key = key

    def children(self, parent: str, layers: Sequence[Layer], rect: Rect) -> Pixels:
        """What the layers in a group show, "" for those at the top."""
        found = stacks(layers)
        below = stacks(self._below.get(parent, ()))
        if not below:
            return self.draw(found, rect)
        return self.draw(found[len(below):], rect, lambda: self._kept(parent, below)[self._part(rect)])

    def group(self, layer: Layer, rect: Rect) -> Pixels | None:
        if layer.id in self._below:
            pixels = self.children(layer.id, layer.children, rect)
        else:
            pixels = self._kept(layer, stacks(layer.children))[self._part(rect)]
        return pixels if pixels.any() else None

    def _kept(self, owner: Hashable, found: Sequence[Stack]) -> Pixels:
        """The whole tile of some stacks, from the cache or for it."""
        ready = self._cache.get((owner, self._key))
        if ready is None:
            ready = self.draw(found, tile_rect(self._key))
            self._cache.put((owner, self._key), ready)
        return ready

    def _part(self, rect: Rect) -> tuple[slice, slice]:
        return inner_slice(tile_rect(self._key), rect)


def _below(picture: Picture) -> dict[str, tuple[Layer, ...]]:
    """For each group on the path to the active layer, "" for the top, the layers below the stack that the path goes
    through."""
    found: dict[str, tuple[Layer, ...]] = {}
    parent, layers = "", picture.layers
    for step in picture.path(picture.active):
        below: list[Layer] = []
        for stack in stacks(layers):
            inside = next((layer for layer in stack.layers if layer.id == step), None)
            if inside is not None:
                found[parent], parent, layers = tuple(below), step, inside.children
                break
            below.extend(stack.layers)
    return found


def _same(old: Sequence[Layer], new: Sequence[Layer]) -> bool:
    return len(old) == len(new) and all(one is other for one, other in zip(old, new, strict=True))
