"""Edits of size and place: crop, canvas and image size, flip, quarter turns. Each takes a picture and gives another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture, check_size
from studio.project.paint.plane import TILE, Key, Pixels, Plane, Rect, Tile, tile_rect
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
    """The artboard at another size; `anchor` says where the old one sits in the new: (0, 0) top left, (1, 1) bottom right."""
    check_size(w, h)
    dx, dy = round((w - picture.width) * anchor[0]), round((h - picture.height) * anchor[1])
    return _shifted(picture.with_(width=w, height=h), dx, dy)


def resize_image(picture: Picture, w: int, h: int) -> Picture:
    """Everything scaled so that the artboard becomes w x h: averaged when shrinking, bicubic when growing."""
    check_size(w, h)
    if (w, h) == (picture.width, picture.height):
        return picture
    sx, sy = w / picture.width, h / picture.height
    return picture.with_(
        width=w, height=h, layers=tuple(_scaled_layer(layer, sx, sy) for layer in picture.layers),
        selection=_scaled(picture.selection, sx, sy), mask=_scaled(picture.mask, sx, sy))


def flip(picture: Picture, horizontal: bool, id: str | None = None) -> Picture:
    """Left becomes right (or top becomes bottom): of the whole picture, or of one layer about its own middle."""
    if id is not None:
        layer = _free(picture, id)
        box = extent((layer,))
        return picture.replace(_flipped(layer, horizontal, 2 * box.x + box.w if horizontal else 2 * box.y + box.h))
    size = picture.width if horizontal else picture.height
    flat: Callable[[Plane | None], Plane | None] = lambda plane: plane and _realigned(  # noqa: E731
        _flip_plane(plane, horizontal), (size, 0) if horizontal else (0, size))
    return picture.with_(layers=tuple(_flipped(layer, horizontal, size) for layer in picture.layers),
                         selection=flat(picture.selection), mask=flat(picture.mask))


def rotate90(picture: Picture, turns: int, id: str | None = None) -> Picture:
    """`turns` quarter turns clockwise: of the whole picture, or of one layer about its own middle."""
    for _ in range(turns % 4):
        picture = _turned_layer(picture, id) if id is not None else _turned_picture(picture)
    return picture


def _turned_picture(picture: Picture) -> Picture:
    height = picture.height
    turn: Callable[[Plane | None], Plane | None] = lambda plane: plane and _realigned(  # noqa: E731
        _turn_plane(plane), (height, 0))
    return picture.with_(width=height, height=picture.width, layers=tuple(_turned(layer, height, 0) for layer in picture.layers),
                         selection=turn(picture.selection), mask=turn(picture.mask))


def _turned_layer(picture: Picture, id: str) -> Picture:
    layer = _free(picture, id)
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
        plane=_turn_plane(layer.plane), mask=layer.mask and _turn_plane(layer.mask), dx=across - layer.dy, dy=down + layer.dx,
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
            done[id(tile)] = np.ascontiguousarray(change(tile))
        tiles[place(key)] = done[id(tile)]
    return Plane.empty(plane.channels, plane.default).with_tiles(tiles)


def _realigned(plane: Plane, by: tuple[int, int]) -> Plane:
    return plane.translated(*by)


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
            rows, columns = slice(part.y - place.y, part.bottom - place.y), slice(part.x - place.x, part.right - place.x)
            kept = np.zeros_like(tile)
            kept[rows, columns] = tile[rows, columns]
            changed[key] = kept
    return layer.with_(plane=layer.plane.with_tiles(changed), children=tuple(_cut(child, rect) for child in layer.children))


def _scaled_layer(layer: Layer, sx: float, sy: float) -> Layer:
    changes: dict[str, Any] = {"children": tuple(_scaled_layer(child, sx, sy) for child in layer.children), "dx": 0, "dy": 0}
    if layer.kind != "group":
        changes["plane"] = _scaled(layer.plane.translated(layer.dx, layer.dy), sx, sy)
    if layer.mask is not None:
        changes["mask"] = _scaled(layer.mask.translated(layer.dx, layer.dy), sx, sy)
    if layer.text is not None:
        text = dict(layer.text)
        factors = {"x": sx, "y": sy, "size": sy}
        changes["text"] = {name: value * factors[name] if name in factors else value for name, value in text.items()}
    return layer.with_(**changes)


def _scaled(plane: Plane | None, sx: float, sy: float) -> Plane | None:
    """A plane with document pixel x at x * sx."""
    box = plane.bounds() if plane is not None else None
    if plane is None or box is None:
        return plane
    import cv2

    out = Rect(int(np.floor(box.x * sx)), int(np.floor(box.y * sy)), 0, 0)
    out = Rect(out.x, out.y, max(1, int(np.ceil(box.right * sx)) - out.x), max(1, int(np.ceil(box.bottom * sy)) - out.y))
    # the new pixel centre u + 0.5 lies at (u + 0.5) / s in the old picture
    matrix = np.array([[1 / sx, 0, (out.x + 0.5) / sx - 0.5 - (box.x - 1)], [0, 1 / sy, (out.y + 0.5) / sy - 0.5 - (box.y - 1)]])
    pixels = plane.read(box.x - 1, box.y - 1, box.w + 2, box.h + 2)
    if sx < 1 or sy < 1:
        scaled = _averaged(pixels, matrix, out, sx, sy, plane.default)
    else:
        scaled = cv2.warpAffine(pixels, matrix, (out.w, out.h), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                                borderMode=cv2.BORDER_CONSTANT, borderValue=(plane.default,) * 4)
    if plane.channels == 4:
        scaled[..., :3] = np.minimum(scaled[..., :3], scaled[..., 3:])  # cubic overshoots
    return Plane.empty(plane.channels, plane.default).write(np.asarray(scaled, np.uint8), out.x, out.y)


def _averaged(pixels: Pixels, matrix: np.ndarray[Any, Any], out: Rect, sx: float, sy: float, default: int) -> Pixels:
    """Shrinking without aliases: the picture is blurred as wide as a new pixel, then sampled."""
    import cv2

    sigma = [max(0.0, 0.5 * (1 / s - 1)) for s in (sx, sy)]
    soft = cv2.GaussianBlur(pixels, (0, 0), sigmaX=max(sigma[0], 1e-3), sigmaY=max(sigma[1], 1e-3), borderType=cv2.BORDER_REPLICATE)
    result: Pixels = np.asarray(cv2.warpAffine(
        soft, matrix, (out.w, out.h), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_CONSTANT,
        borderValue=(default,) * 4), np.uint8)
    return result


def _free(picture: Picture, id: str) -> Layer:
    for layer in picture.layer(id).walk():
        unlocked(layer)
    return picture.layer(id)


def _pixels(layer: Layer) -> Layer:
    """A turned or flipped text can no longer be typed in: it becomes pixels."""
    return layer.with_(kind="pixels", text=None) if layer.kind == "text" else layer
