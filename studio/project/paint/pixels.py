"""Edits of pixels and masks: paste, fill, clear, put a painted plane in place. Each takes a picture and gives
another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from studio.project.paint.blend import multiply
from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer, new_id
from studio.project.paint.picture import Picture, check_size
from studio.project.paint.plane import TILE, Key, Pixels, Plane, Rect, Tile, frozen, inner_slice, tile_rect
from studio.project.paint.tree import add_layer, extent, unlocked

RGBA = tuple[int, int, int, int]
"""Red, green, blue, alpha, 0-255, not premultiplied."""


def paste_array(picture: Picture, array: Pixels, x: int, y: int, name: str, *, above: str | None = None,
                result: str = "", mask: Plane | None = None) -> Picture:
    """A new pixel layer with `array` ((h, w, 4) premultiplied BGRA) at document (x, y); it becomes active. `mask`, in
    document
    coordinates, becomes its layer mask."""
    check_size(array.shape[1], array.shape[0])
    layer = Layer(new_id(), name, plane=Plane.from_array(array, x, y), result=result, mask=mask)
    return add_layer(picture, layer, above)


def put_plane(picture: Picture, layer_id: str, plane: Plane, *, in_selection: bool = False) -> Picture:
    """A pixel layer with `plane` (its own coordinates) in place of its own. With alpha lock the old transparency
    stays; with
    `in_selection` only the selection changes, softly where it is soft."""
    layer = paintable(picture, layer_id)
    old = layer.plane
    keys = old.changed(plane)
    if not keys or not (layer.alpha_locked or (in_selection and picture.selection is not None)):
        return picture.replace(layer.with_(plane=plane)) if keys else picture
    changed: dict[Key, Tile | None] = {}
    for key in keys:
        before, after = _tile(old, key), _tile(plane, key)
        if layer.alpha_locked:
            after = with_alpha(after, before)
        if in_selection and picture.selection is not None:
            place = tile_rect(key).translated(layer.dx, layer.dy)
            after = mix(before, after, picture.selection.read(*place))
        changed[key] = after
    return picture.replace(layer.with_(plane=old.with_tiles(changed)))


def fill_plane(picture: Picture, layer_id: str, colour: RGBA) -> Picture:
    """A layer filled with one colour, inside the selection or else all over the artboard."""
    layer = paintable(picture, layer_id)
    area = (picture.selection.bounds() if picture.selection is not None else None) or picture.rect
    area = area.translated(-layer.dx, -layer.dy)
    tile = np.empty((TILE, TILE, 4), np.uint8)
    tile[:] = premultiplied(colour)
    tile = frozen(tile)
    changed: dict[Key, Tile | None] = {}
    for key in area.tiles():
        part = tile_rect(key).intersected(area)
        changed[key] = tile if part == tile_rect(key) else _patched(_tile(layer.plane, key), tile, key, part)
    return put_plane(picture, layer_id, layer.plane.with_tiles(changed), in_selection=True)


def clear(picture: Picture, layer_id: str) -> Picture:
    """A layer made transparent inside the selection, or else altogether."""
    layer = paintable(picture, layer_id)
    if layer.alpha_locked:
        raise PaintError(f"The transparency of “{layer.name}” is locked; unlock it to clear pixels.")
    if picture.selection is None:
        return picture.replace(layer.with_(plane=Plane.empty()))
    keep: dict[Key, Tile | None] = {}
    for key, tile in layer.plane.tiles.items():
        hit = picture.selection.read(*tile_rect(key).translated(layer.dx, layer.dy))
        if hit.any():
            keep[key] = multiply(tile, 255 - hit)
    return picture.replace(layer.with_(plane=layer.plane.with_tiles(keep)))


def set_mask(picture: Picture, layer_id: str, mask: Plane | None) -> Picture:
    """A layer with another mask, in the layer's own coordinates; None takes it away."""
    layer = picture.layer(layer_id)
    unlocked(layer)
    return picture.replace(layer.with_(mask=mask, mask_on=layer.mask_on if mask is not None else True))


def mask_from_selection(picture: Picture, layer_id: str, *, hide: bool = False) -> Picture:
    """A layer mask that shows (or, with `hide`, hides) what is selected; with nothing selected one that shows all."""
    layer = picture.layer(layer_id)
    if picture.selection is None:
        return set_mask(picture, layer_id, Plane.empty(1, 255))
    area = extent((layer,)).united(picture.rect).translated(-layer.dx, -layer.dy)
    none = frozen(np.zeros((TILE, TILE), np.uint8))
    tiles: dict[Key, Tile | None] = {}
    for key in area.tiles():
        hit = picture.selection.read(*tile_rect(key).translated(layer.dx, layer.dy))
        tiles[key] = 255 - hit if hide else hit if hit.any() else none
    return set_mask(picture, layer_id, Plane.empty(1, 255).with_tiles(tiles))


def apply_mask(picture: Picture, layer_id: str) -> Picture:
    """A pixel layer multiplied by its mask, which is gone then."""
    layer = paintable(picture, layer_id)
    if layer.mask is None:
        raise PaintError(f"“{layer.name}” has no mask to apply.")
    return picture.replace(layer.with_(plane=masked(layer.plane, layer.mask), mask=None, mask_on=True))


def paintable(picture: Picture, layer_id: str) -> Layer:
    """The pixel layer with this id; PaintError where it cannot be painted on."""
    layer = picture.layer(layer_id)
    if layer.kind == "group":
        raise PaintError("A group has no pixels of its own; choose a layer in it.")
    if layer.kind == "text":
        raise PaintError("A text has no pixels to paint on; turn it into pixels first.")
    for step in picture.path(layer_id):
        unlocked(picture.layer(step))
    return layer


def masked(plane: Plane, mask: Plane) -> Plane:
    """A plane multiplied by a mask of the same coordinates."""
    tiles = {key: multiply(tile, mask.tiles[key]) for key, tile in plane.tiles.items() if key in mask.tiles}
    if mask.default == 0:
        return Plane.empty(plane.channels).with_tiles(tiles)
    return plane.with_tiles(tiles)


def mix(before: Pixels, after: Pixels, share: Pixels) -> Pixels:
    """`before` where the mask `share` is 0, `after` where it is 255, in proportion between; each an (h, w, 4)."""
    weight = share[..., None].astype(np.uint16)
    sum_ = after.astype(np.uint16) * weight + before.astype(np.uint16) * (255 - weight) + 128
    out: Pixels = ((sum_ + (sum_ >> 8)) >> 8).astype(np.uint8)
    return out


def with_alpha(colours: Pixels, shape: Pixels) -> Pixels:
    """The colours of one array with the transparency of another; where the first has no colour, the other's pixels."""
    have, want = colours[..., 3:].astype(np.uint32), shape[..., 3:].astype(np.uint32)
    scaled = (colours.astype(np.uint32) * want + have // 2) // np.maximum(have, 1)
    out: Pixels = np.where(have > 0, np.minimum(scaled, want), shape).astype(np.uint8)
    return out


def premultiplied(colour: RGBA) -> tuple[int, int, int, int]:
    """Red, green, blue, alpha as premultiplied blue, green, red, alpha."""
    red, green, blue, alpha = colour
    return (blue * alpha + 127) // 255, (green * alpha + 127) // 255, (red * alpha + 127) // 255, alpha


def _tile(plane: Plane, key: Key) -> Tile:
    tile = plane.tiles.get(key)
    return plane.blank() if tile is None else tile


def _patched(tile: Tile, source: Tile, key: Key, part: Rect) -> Tile:
    place = tile_rect(key)
    out = tile.copy()
    out[inner_slice(place, part)] = source[inner_slice(place, part)]
    return out


def changed_tiles(old: Plane, new: Plane) -> Mapping[Key, Tile | None]:
    """What `old.with_tiles` needs to become `new`."""
    return {key: new.tiles.get(key) for key in old.changed(new)}
