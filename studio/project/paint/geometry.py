"""Edits of size and place: crop, canvas and image size, flip, quarter turns. Each takes a picture and gives another."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture, check_size
from studio.project.paint.plane import Key, Pixels, Plane, Rect, Tile, inner_slice, tile_rect, whole_pixels
from studio.project.paint.tree import extent, moved, unlocked

TileMap = Callable[[Tile], Tile]
KeyMap = Callable[[Key], Key]


def crop(picture: Picture, rect: Rect, *, delete: bool = False) -> Picture:
    """The artboard cut (or grown) to `rect`. What lies outside stays in the layers unless `delete`."""
    if rect.empty:
        raise PaintError("The crop is empty; drag a rectangle with some width and height.")
    check_size(rect.w, rect.h)
    result = _shifted(picture.with_(width=rect.w, height=rect.h), -rect.x, -rect.y)
    if delete:
        result = result.with_(layers=tuple(_cut(layer, result.rect) for layer in result.layers))
    return result


def resize_canvas(picture: Picture, w: int, h: int, anchor: tuple[float, float] = (0.5, 0.5)) -> Picture:
    """The artboard at another size; `anchor` says where the old one sits in the new: (0, 0) top left, (1, 1) bottom
    right."""
    check_size(w, h)
    dx, dy = round((w - picture.width) * anchor[0]), round((h - picture.height) * anchor[1])
    return _shifted(picture.with_(width=w, height=h), dx, dy)


def resize_image(picture: Picture, w: int, h: int) -> Picture:
    """Everything scaled so that the artboard becomes w x h: averaged when shrinking, bicubic when growing."""
    check_size(w, h)
    if (w, h) == (picture.width, picture.height):
        return picture
    x, y = Fraction(w, picture.width), Fraction(h, picture.height)
    return picture.with_(
        width=w, height=h, layers=tuple(_scaled_layer(layer, x, y) for layer in picture.layers),
        selection=_scaled(picture.selection, x, y), mask=_scaled(picture.mask, x, y))


def flip(picture: Picture, horizontal: bool, layer_id: str | None = None) -> Picture:
    """Left becomes right (or top becomes bottom): of the whole picture, or of one layer about its own middle."""
    if layer_id is not None:
        layer = _free(picture, layer_id)
        box = extent((layer,))
        return picture.replace(_flipped(layer, horizontal, 2 * box.x + box.w if horizontal else 2 * box.y + box.h))
    size = picture.width if horizontal else picture.height

    def flat(plane: Plane | None) -> Plane | None:
        if plane is None:
            return None
        return _flip_plane(plane, horizontal).translated(*((size, 0) if horizontal else (0, size)))

    return picture.with_(layers=tuple(_flipped(layer, horizontal, size) for layer in picture.layers),
                         selection=flat(picture.selection), mask=flat(picture.mask))


def rotate90(picture: Picture, turns: int, layer_id: str | None = None) -> Picture:
    """`turns` quarter turns clockwise: of the whole picture, or of one layer about its own middle."""
    for _ in range(turns % 4):
        picture = _turned_layer(picture, layer_id) if layer_id is not None else _turned_picture(picture)
    return picture


def _turned_picture(picture: Picture) -> Picture:
    height = picture.height

    def turn(plane: Plane | None) -> Plane | None:
        return None if plane is None else _turn_plane(plane).translated(height, 0)

    return picture.with_(
        width=height, height=picture.width, layers=tuple(_turned(layer, height, 0) for layer in picture.layers),
        selection=turn(picture.selection), mask=turn(picture.mask))


def _turned_layer(picture: Picture, layer_id: str) -> Picture:
    layer = _free(picture, layer_id)
    box = extent((layer,))
    # a pixel (x, y) goes to (across - 1 - y, down + x): the box keeps its middle, to half a pixel
    left, top = box.x + (box.w - box.h) // 2, box.y + (box.h - box.w) // 2
    return picture.replace(_turned(layer, left + box.bottom, top - box.x))


def _flipped(layer: Layer, horizontal: bool, size: int) -> Layer:
    """A pixel (x, y) of the document goes to (size - 1 - x, y), or vertically to (x, size - 1 - y)."""
    return _pixels(layer).with_(
        plane=_flip_plane(layer.plane, horizontal), mask=layer.mask and _flip_plane(layer.mask, horizontal),
        dx=size - layer.dx if horizontal else layer.dx, dy=layer.dy if horizontal else size - layer.dy,
        children=tuple(_flipped(child, horizontal, size) for child in layer.children))


def _turned(layer: Layer, across: int, down: int) -> Layer:
    """A pixel (x, y) of the document goes to (across - 1 - y, down + x)."""
    return _pixels(layer).with_(
        plane=_turn_plane(layer.plane), mask=layer.mask and _turn_plane(layer.mask),
        dx=across - layer.dy, dy=down + layer.dx,
        children=tuple(_turned(child, across, down) for child in layer.children))


def _flip_plane(plane: Plane, horizontal: bool) -> Plane:
    """Pixel x goes to -1 - x (or y to -1 - y), so that whole tiles map to whole tiles."""
    if horizontal:
        return _mapped(plane, lambda key: (-1 - key[0], key[1]), lambda tile: tile[:, ::-1])
    return _mapped(plane, lambda key: (key[0], -1 - key[1]), lambda tile: tile[::-1])


def _turn_plane(plane: Plane) -> Plane:
    """Pixel (x, y) goes to (-1 - y, x): a quarter turn clockwise."""
    return _mapped(plane, lambda key: (-1 - key[1], key[0]), lambda tile: np.rot90(tile, -1))


def _mapped(plane: Plane, place: KeyMap, change: TileMap) -> Plane:
    done: dict[int, Tile] = {}  # tiles that share their pixels go on sharing them
    tiles: dict[Key, Tile | None] = {}
    for key, tile in plane.tiles.items():
        if id(tile) not in done:
            numbers = np.ascontiguousarray(change(whole_pixels(tile)))
            done[id(tile)] = numbers.view(np.uint8).reshape(tile.shape)
        tiles[place(key)] = done[id(tile)]
    return Plane.empty(plane.channels, plane.default).with_tiles(tiles)


def _shifted(picture: Picture, dx: int, dy: int) -> Picture:
    if not dx and not dy:
        return picture
    return picture.with_(layers=tuple(moved(layer, dx, dy) for layer in picture.layers),
                         selection=picture.selection and picture.selection.translated(dx, dy),
                         mask=picture.mask and picture.mask.translated(dx, dy))


def _cut(layer: Layer, rect: Rect) -> Layer:
    """The layer without its pixels outside `rect`."""
    inside = rect.translated(-layer.dx, -layer.dy)
    changed: dict[Key, Tile | None] = {}
    for key, tile in layer.plane.tiles.items():
        place = tile_rect(key)
        part = place.intersected(inside)
        if part.empty:
            changed[key] = None
        elif part != place:
            kept = np.zeros_like(tile)
            kept[inner_slice(place, part)] = tile[inner_slice(place, part)]
            changed[key] = kept
    inner = tuple(_cut(child, rect) for child in layer.children)
    return layer.with_(plane=layer.plane.with_tiles(changed), children=inner)


def _scaled_layer(layer: Layer, x: Fraction, y: Fraction) -> Layer:
    inner = tuple(_scaled_layer(child, x, y) for child in layer.children)
    changes: dict[str, Any] = {"children": inner, "dx": 0, "dy": 0}
    if layer.kind != "group":
        changes["plane"] = _scaled(layer.plane.translated(layer.dx, layer.dy), x, y)
    if layer.mask is not None:
        changes["mask"] = _scaled(layer.mask.translated(layer.dx, layer.dy), x, y)
    if layer.text is not None:
        changes["text"] = _scaled_text(layer, float(x), float(y))
    return layer.with_(**changes)


def _scaled_text(layer: Layer, x: float, y: float) -> dict[str, Any]:
    text = dict(layer.text or {})
    for name, offset, scale in (("x", layer.dx, x), ("y", layer.dy, y), ("size", 0, y)):
        if name in text:
            text[name] = (text[name] + offset) * scale
    return text


def _scaled(plane: Plane | None, x: Fraction, y: Fraction) -> Plane | None:
    """A plane with document pixel p at p * scale, read in whole periods of the scale so that edges stay in place."""
    box = plane.bounds() if plane is not None else None
    if plane is None or box is None:
        return plane
    left, top = box.x // x.denominator, box.y // y.denominator
    columns, rows = -(-box.right // x.denominator) - left, -(-box.bottom // y.denominator) - top
    pixels = plane.read(left * x.denominator, top * y.denominator, columns * x.denominator, rows * y.denominator)
    pixels = _resized(pixels, columns * x.numerator, pixels.shape[0])
    pixels = _resized(pixels, pixels.shape[1], rows * y.numerator)
    if plane.channels == 4:
        pixels[..., :3] = np.minimum(pixels[..., :3], pixels[..., 3:])  # bicubic overshoots
    return Plane.empty(plane.channels, plane.default).write(pixels, left * x.numerator, top * y.numerator)


def _resized(pixels: Pixels, w: int, h: int) -> Pixels:
    """Averaged over areas when it becomes smaller, bicubic when larger."""
    import cv2

    smaller = w < pixels.shape[1] or h < pixels.shape[0]
    found = cv2.resize(pixels, (w, h), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
    return np.asarray(found, np.uint8)


def _free(picture: Picture, layer_id: str) -> Layer:
    for layer in picture.layer(layer_id).walk():
        unlocked(layer)
    return picture.layer(layer_id)


def _pixels(layer: Layer) -> Layer:
    """A turned or flipped text can no longer be typed in: it becomes pixels."""
    return layer.with_(kind="pixels", text=None) if layer.kind == "text" else layer
