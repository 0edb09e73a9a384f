"""Layers become one picture: groups are isolated, clipped layers show where their base shows, masks and opacity multiply."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from studio.project.paint.blend import QT_MODES, blend
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import TILE, Key, Pixels, Plane, Rect, from_qimage, tile_rect, to_qimage

CACHE_BYTES = 256 * 1024 * 1024
"""Composed tiles that a compositor keeps."""


def compose(picture: Picture, rect: Rect, only: Collection[str] | None = None) -> QImage:
    """What a rectangle of the picture shows, ARGB32_Premultiplied; outside the artboard it is transparent. `only` names the layers
    (or groups) to draw; hidden ones stay hidden. Any thread may call it."""
    out = np.zeros((max(0, rect.h), max(0, rect.w), 4), np.uint8)
    for key in rect.intersected(picture.rect).tiles():
        part = tile_rect(key).intersected(rect).intersected(picture.rect)
        out[part.y - rect.y:part.bottom - rect.y, part.x - rect.x:part.right - rect.x] = _render(picture.layers, part, only)
    return to_qimage(out)


def compose_plane(layers: Iterable[Layer], rect: Rect) -> Plane:
    """What layers show inside `rect`, wherever it lies, as a plane in document coordinates."""
    tiles: dict[Key, Pixels | None] = {}
    for key in rect.tiles():
        place = tile_rect(key)
        part = place.intersected(rect)
        tiles[key] = np.zeros((TILE, TILE, 4), np.uint8)
        tiles[key][part.y - place.y:part.bottom - place.y, part.x - place.x:part.right - place.x] = _render(layers, part, None)
    return Plane.empty().with_tiles(tiles)


class Compositor:
    """The composed tiles of one view. Not thread-safe."""

    def __init__(self, budget: int = CACHE_BYTES) -> None:
        self._picture: Picture | None = None
        self._tiles: dict[Key, QImage] = {}
        self._budget = budget

    @property
    def picture(self) -> Picture | None:
        return self._picture

    def show(self, picture: Picture) -> set[Key]:
        """Take `picture` as the one to show; the keys of the document tiles that may look different now."""
        old, self._picture = self._picture, picture
        if old is None or (old.width, old.height) != (picture.width, picture.height):
            self._tiles.clear()
            return set(picture.rect.tiles())
        dirty = differing_tiles(old, picture)
        for key in dirty:
            self._tiles.pop(key, None)
        return dirty

    def tile(self, column: int, row: int) -> QImage:
        """The composed 256 x 256 tile, ARGB32_Premultiplied; transparent outside the artboard."""
        image = self._tiles.pop((column, row), None)
        if image is None:
            image = compose(self._shown(), tile_rect((column, row)))
        self._tiles[column, row] = image
        while len(self._tiles) * TILE * TILE * 4 > self._budget:
            del self._tiles[next(iter(self._tiles))]
        return image

    def image(self, rect: Rect, *, only: Collection[str] | None = None) -> QImage:
        """Any rectangle of the picture, as `compose` gives it."""
        return compose(self._shown(), rect, only)

    def _shown(self) -> Picture:
        return self._picture if self._picture is not None else Picture(1, 1)


def differing_tiles(old: Picture, new: Picture) -> set[Key]:
    """The document tiles inside the artboard in which two pictures of one size may look different."""
    whole = set(new.rect.tiles())
    found: set[Key] = set()
    _compare(old.layers, new.layers, found, whole)
    return found & whole


def _compare(old: tuple[Layer, ...], new: tuple[Layer, ...], found: set[Key], whole: set[Key]) -> None:
    if old is new:
        return
    before, after = {layer.id: layer for layer in old}, {layer.id: layer for layer in new}
    if [layer.id for layer in old] != [layer.id for layer in new]:
        found.update(whole)
        return
    for id, layer in after.items():
        _compare_layer(before[id], layer, found, whole)


_LOOKS = ("opacity", "blend", "visible", "clipped", "mask_on", "dx", "dy", "kind")


def _compare_layer(old: Layer, new: Layer, found: set[Key], whole: set[Key]) -> None:
    if old is new or not (old.visible or new.visible):
        return
    if any(getattr(old, name) != getattr(new, name) for name in _LOOKS) or (old.mask is None) != (new.mask is None):
        found.update(whole)
        return
    _compare(old.children, new.children, found, whole)
    keys = old.plane.changed(new.plane) if old.plane is not new.plane else set()
    if old.mask is not new.mask and old.mask is not None and new.mask is not None:
        keys |= old.mask.changed(new.mask)
    for key in keys:
        found.update(tile_rect(key).translated(new.dx, new.dy).tiles())


def _render(layers: Iterable[Layer], rect: Rect, only: Collection[str] | None) -> Pixels:
    """(h, w, 4): the layers over nothing."""
    out = np.zeros((rect.h, rect.w, 4), np.uint8)
    for base, clipped in _stacks(layers):
        if not base.visible or base.opacity <= 0:
            continue
        pixels = _pixels(base, rect, only)
        if pixels is None:
            continue
        if clipped:
            pixels = _clip(pixels, clipped, rect, only)
        out = _draw(out, pixels, base)
    return out


def _stacks(layers: Iterable[Layer]) -> list[tuple[Layer, list[Layer]]]:
    """Each layer with those clipped to it; a clipped one with nothing below it stands alone."""
    stacks: list[tuple[Layer, list[Layer]]] = []
    for layer in layers:
        if layer.clipped and stacks:
            stacks[-1][1].append(layer)
        else:
            stacks.append((layer, []))
    return stacks


def _pixels(layer: Layer, rect: Rect, only: Collection[str] | None) -> Pixels | None:
    """A layer's own pixels with its mask, without opacity and blend mode; None where `only` leaves it out or it is empty."""
    named = only is None or layer.id in only
    if layer.kind == "group":
        pixels = _render(layer.children, rect, None if named else only)
    elif not named:
        return None
    else:
        pixels = layer.plane.read(rect.x - layer.dx, rect.y - layer.dy, rect.w, rect.h)
    if not pixels.any():
        return None
    if layer.mask is not None and layer.mask_on:
        pixels = multiply(pixels, layer.mask.read(rect.x - layer.dx, rect.y - layer.dy, rect.w, rect.h))
    return pixels


def _clip(base: Pixels, clipped: list[Layer], rect: Rect, only: Collection[str] | None) -> Pixels:
    """`base` with the clipped layers atop: they blend with its colour made opaque, then its alpha is put back."""
    alpha = base[..., 3]
    out = opaque(base)
    for layer in clipped:
        if layer.visible and layer.opacity > 0:
            pixels = _pixels(layer, rect, only)
            if pixels is not None:
                out = _draw(out, pixels, layer)
    return multiply(out, alpha)


def _draw(out: Pixels, pixels: Pixels, layer: Layer) -> Pixels:
    mode = QT_MODES.get(layer.blend)
    if mode is None:
        return blend(layer.blend, out, pixels, layer.opacity)
    target = to_qimage(out)
    painter = QPainter(target)
    painter.setCompositionMode(mode)
    painter.setOpacity(layer.opacity)
    painter.drawImage(0, 0, to_qimage(pixels))
    painter.end()
    return from_qimage(target)


def multiply(pixels: Pixels, mask: Pixels) -> Pixels:
    """Premultiplied (h, w, 4) times a mask (h, w), rounded."""
    product = pixels.astype(np.uint16) * mask[..., None].astype(np.uint16) + 128
    result: Pixels = ((product + (product >> 8)) >> 8).astype(np.uint8)
    return result


def opaque(pixels: Pixels) -> Pixels:
    """The colours of premultiplied pixels without their transparency; black where there is none."""
    alpha = np.maximum(pixels[..., 3:], 1).astype(np.uint16)
    out: Pixels = np.minimum(255, (pixels.astype(np.uint16) * 255 + alpha // 2) // alpha).astype(np.uint8)
    out[..., 3] = 255
    return out


def layer_thumbnail(layer: Layer, picture_size: tuple[int, int], side: int) -> QImage:
    """The layer alone (visible or not, at full opacity) on the artboard, at most `side` pixels a side."""
    shown = layer.with_(visible=True, opacity=1.0, blend="normal", clipped=False)
    width, height = picture_size
    picture = Picture(width, height, (shown,))
    return compose(picture, picture.rect).scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio,
                                                 Qt.TransformationMode.SmoothTransformation)


def mask_thumbnail(mask: Plane, picture_size: tuple[int, int], side: int, dx: int = 0, dy: int = 0) -> QImage:
    """A mask as greys (255 white) on the artboard, at most `side` pixels a side."""
    width, height = picture_size
    image = to_qimage(mask.read(-dx, -dy, width, height))
    image.reinterpretAsFormat(QImage.Format.Format_Grayscale8)
    return image.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
