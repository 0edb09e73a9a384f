"""Selections and masks: shapes as soft masks, how they are combined, feather, grow, border, and the wand.

All work on the selection or, with `of="mask"`, on the inpaint mask. Soft values are combined as fuzzy sets (Zadeh
1965): union is the larger value, intersection the smaller, complement 255 - value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPolygonF

from studio.project.paint.compositor import compose
from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import TILE, Key, Pixels, Plane, Rect, Tile, from_qimage, tile_rect

Mode: TypeAlias = Literal["replace", "add", "subtract", "intersect"]
Of: TypeAlias = Literal["selection", "mask"]
Point: TypeAlias = tuple[float, float]

MODES: tuple[Mode, ...] = ("replace", "add", "subtract", "intersect")
MOST = 500.0
"""Greatest radius in pixels of feather, grow and border."""


# ---------------------------------------------------------------- shapes


def rectangle(x: float, y: float, w: float, h: float) -> QPainterPath:
    """Sides may be negative."""
    path = QPainterPath()
    path.addRect(QRectF(x, y, w, h).normalized())
    return path


def ellipse(x: float, y: float, w: float, h: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QRectF(x, y, w, h).normalized())
    return path


def polygon(points: Sequence[Point]) -> QPainterPath:
    """A closed outline; where it crosses itself the even-odd rule holds."""
    path = QPainterPath()
    if len(points) >= 3:
        path.addPolygon(QPolygonF([QPointF(*point) for point in points]))
        path.closeSubpath()
    return path


def path_plane(path: QPainterPath, within: Rect, antialias: bool = True) -> Plane:
    """The inside of a path as a mask, cut to `within`."""
    box = path.boundingRect()
    left, top = math.floor(max(box.left(), within.x)), math.floor(max(box.top(), within.y))
    right, bottom = math.ceil(min(box.right(), within.right)), math.ceil(min(box.bottom(), within.bottom))
    if path.isEmpty() or right <= left or bottom <= top or box.width() <= 0 or box.height() <= 0:
        return Plane.empty(1)
    image = QImage(right - left, bottom - top, QImage.Format.Format_Alpha8)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, antialias)
    painter.translate(-left, -top)
    painter.fillPath(path, Qt.GlobalColor.black)
    painter.end()
    return Plane.from_array(from_qimage(image), left, top)


def combined(before: Plane | None, shape: Plane, mode: Mode) -> Plane | None:
    """A selection after `shape` was taken into it; None when nothing is left."""
    if mode == "replace" or (before is None and mode == "add"):
        return shape if shape.tiles else None
    if before is None:
        return None
    if mode == "add":
        after = _merged(before, shape, set(shape.tiles), np.maximum)
    elif mode == "subtract":
        after = _merged(before, shape, set(shape.tiles) & set(before.tiles), lambda a, b: np.minimum(a, 255 - b))
    else:
        after = _merged(before, shape, set(before.tiles), np.minimum)
    return after if after.tiles else None


def _merged(before: Plane, shape: Plane, keys: set[Key], rule: Callable[[Tile, Tile], Tile]) -> Plane:
    blank = before.blank()
    return before.with_tiles({
        key: rule(before.tiles.get(key, blank), shape.tiles.get(key, blank)) for key in keys})


# ---------------------------------------------------------------- edits of the selection or the mask


def chosen(picture: Picture, of: Of = "selection") -> Plane | None:
    return picture.selection if of == "selection" else picture.mask


def with_chosen(picture: Picture, plane: Plane | None, of: Of = "selection") -> Picture:
    return picture.with_selection(plane) if of == "selection" else picture.with_mask(plane)


def take_in(picture: Picture, shape: Plane, mode: Mode = "replace", *, feather: float = 0.0,
            of: Of = "selection") -> Picture:
    """The picture after `shape` (document coordinates) was taken into its selection, feathered first."""
    shape = cut(feathered(shape, feather, picture.rect), picture.rect)
    before = chosen(picture, of)
    after = combined(before, shape, mode)
    return picture if after is before else with_chosen(picture, after, of)


def select_path(picture: Picture, path: QPainterPath, mode: Mode = "replace", *, feather: float = 0.0,
                antialias: bool = True, of: Of = "selection") -> Picture:
    """Select inside a path. An empty path selects nothing: with "replace" the selection is gone."""
    return take_in(picture, path_plane(path, picture.rect, antialias), mode, feather=feather, of=of)


def select_all(picture: Picture, of: Of = "selection") -> Picture:
    return with_chosen(picture, _full(picture.rect), of)


def select_none(picture: Picture, of: Of = "selection") -> Picture:
    return picture if chosen(picture, of) is None else with_chosen(picture, None, of)


def invert(picture: Picture, of: Of = "selection") -> Picture:
    """What was not selected is; with nothing selected, all is."""
    before = chosen(picture, of)
    if before is None:
        return select_all(picture, of)
    full = _full(picture.rect)
    return with_chosen(picture, _merged(full, before, set(full.tiles), lambda a, b: np.minimum(a, 255 - b)), of)


def feather(picture: Picture, radius: float, of: Of = "selection") -> Picture:
    """Rims made soft over about `radius` pixels to either side."""
    return with_chosen(picture, feathered(_some(picture, of), radius, picture.rect), of)


def grow(picture: Picture, radius: float, of: Of = "selection") -> Picture:
    """Wider by `radius` pixels all round; a negative radius shrinks."""
    return with_chosen(picture, grown(_some(picture, of), radius, picture.rect), of)


def border(picture: Picture, width: float, of: Of = "selection") -> Picture:
    """A band of `width` pixels over the rim, half of it to either side."""
    before = _some(picture, of)
    outer, inner = grown(before, width / 2, picture.rect), grown(before, -width / 2, picture.rect)
    return with_chosen(picture, combined(outer, inner, "subtract"), of)


def select_layer(picture: Picture, layer_id: str, mode: Mode = "replace", of: Of = "selection") -> Picture:
    """Select what a layer (with its mask, and of a group all in it) shows, softly where it is."""
    layer = picture.layer(layer_id).with_(visible=True, opacity=1.0, clipped=False, blend="normal")
    return take_in(picture, _alpha(_only(picture, layer)), mode, of=of)


def select_plane(picture: Picture, plane: Plane | None, mode: Mode = "replace", of: Of = "selection") -> Picture:
    """Select by any mask in document coordinates: the selection from the inpaint mask, or the other way round."""
    return take_in(picture, plane if plane is not None else Plane.empty(1), mode, of=of)


def select_similar(picture: Picture, x: int, y: int, mode: Mode = "replace", *, tolerance: int = 32,
                   contiguous: bool = True, all_layers: bool = True, antialias: bool = True, feather: float = 0.0,
                   of: Of = "selection") -> Picture:
    """The wand: pixels whose channels differ by at most `tolerance` (0-255) from the one at (x, y)."""
    region = similar(picture, x, y, tolerance=tolerance, contiguous=contiguous, all_layers=all_layers,
                     smooth=antialias)
    return take_in(picture, Plane.from_array(region), mode, feather=feather, of=of)


# ---------------------------------------------------------------- what they are made of


def similar(picture: Picture, x: int, y: int, *, tolerance: int, contiguous: bool, all_layers: bool, grow: int = 0,
            smooth: bool = False) -> Pixels:
    """A mask (height, width) of the pixels like the one at (x, y); those connected to it where `contiguous`. `grow`:
    wider by pixels. `smooth`: the rim is antialiased."""
    import cv2

    if not (0 <= x < picture.width and 0 <= y < picture.height):
        raise PaintError("That is outside the canvas; click inside it.")
    pixels = seen(picture, all_layers)
    seed = pixels[y, x].astype(np.float64)
    low, high = np.clip(seed - tolerance, 0, 255), np.clip(seed + tolerance, 0, 255)
    alike: Pixels = np.asarray(cv2.inRange(pixels, low, high), np.uint8)
    if contiguous:
        found = np.zeros((picture.height + 2, picture.width + 2), np.uint8)
        cv2.floodFill(alike, found, (x, y), 0,
                      flags=4 | (255 << 8) | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE)
        alike = np.ascontiguousarray(found[1:-1, 1:-1])
    if grow > 0:
        alike = np.asarray(cv2.dilate(alike, _disc(grow)), np.uint8)
    return np.asarray(cv2.blur(alike, (3, 3)), np.uint8) if smooth else alike


def seen(picture: Picture, all_layers: bool) -> Pixels:
    """(height, width, 4): what the artboard shows, or the active layer alone without its opacity and blend mode."""
    if not all_layers:
        layer = picture.layer(picture.active)
        if layer.kind != "group":
            return layer.plane.read(-layer.dx, -layer.dy, picture.width, picture.height)
        picture = _only(picture, layer.with_(visible=True))
    return from_qimage(compose(picture, picture.rect))


def feathered(plane: Plane, radius: float, within: Rect) -> Plane:
    """A mask with soft rims: a Gaussian of sigma `radius` / 2. Beyond the canvas it goes on as at the edge, so that a
    feathered "all" stays all."""
    radius = min(MOST, max(0.0, radius))
    if radius < 0.1 or not plane.tiles:
        return plane
    return _changed(plane, 2 * radius + 2, within, lambda array: blurred(array, max(0.3, radius / 2)))


def blurred(array: Pixels, sigma: float) -> Pixels:
    """A Gaussian blur of (h, w[, c]); a wide one as three box blurs (Kovesi 2010), in the same time."""
    import cv2

    if sigma <= 6:
        return np.asarray(cv2.GaussianBlur(array, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.uint8)
    side = round(math.sqrt(4 * sigma * sigma + 1)) // 2 * 2 + 1
    for _ in range(3):
        array = np.asarray(cv2.blur(array, (side, side), borderType=cv2.BORDER_REPLICATE), np.uint8)
    return array


def grown(plane: Plane, radius: float, within: Rect) -> Plane:
    """A mask widened by `radius` pixels, or shrunk where it is negative; soft rims stay soft."""
    size = round(min(MOST, abs(radius)))
    if size < 1 or not plane.tiles:
        return plane
    return _changed(plane, size, within, lambda array: _spread(array, size, radius > 0))


def _spread(array: Pixels, size: int, wider: bool) -> Pixels:
    """Dilated or eroded by a disc: a large one as a row of small ones, which is much quicker and nearly as round."""
    import cv2

    change = cv2.dilate if wider else cv2.erode
    passes = -(-size // 8)
    for index in range(passes):
        radius = (index + 1) * size // passes - index * size // passes
        array = np.asarray(change(array, _disc(radius), borderType=cv2.BORDER_REPLICATE), np.uint8)
    return array


def cut(plane: Plane, within: Rect) -> Plane:
    """A mask without what lies outside `within`."""
    changed: dict[Key, Tile | None] = {}
    for key in plane.tiles:
        part = tile_rect(key).intersected(within)
        if part.empty:
            changed[key] = None
        elif part.w * part.h < TILE * TILE:
            kept = plane.blank()
            place = tile_rect(key)
            inner = (slice(part.y - place.y, part.bottom - place.y), slice(part.x - place.x, part.right - place.x))
            kept[inner] = plane.tiles[key][inner]
            changed[key] = kept
    return plane.with_tiles(changed) if changed else plane


def _changed(plane: Plane, reach: float, within: Rect, change: Callable[[Pixels], Pixels]) -> Plane:
    """`change` on the part of a mask that has content, with `reach` pixels around it, cut to `within`."""
    box, margin = plane.bounds(), math.ceil(reach)
    if box is None:
        return plane
    area = Rect(box.x - margin, box.y - margin, box.w + 2 * margin, box.h + 2 * margin).intersected(within)
    if area.empty:
        return Plane.empty(1)
    return Plane.from_array(np.asarray(change(plane.read(*area)), np.uint8), area.x, area.y)


def _disc(radius: int) -> NDArray[np.uint8]:
    """A filled circle, (2 radius + 1)²."""
    line = np.arange(-radius, radius + 1)
    return (line[:, None] ** 2 + line[None, :] ** 2 <= (radius + 0.3) ** 2).astype(np.uint8)


def _full(rect: Rect) -> Plane:
    whole = np.full((TILE, TILE), 255, np.uint8)
    return cut(Plane.empty(1).with_tiles(dict.fromkeys(rect.tiles(), whole)), rect)


def _some(picture: Picture, of: Of) -> Plane:
    plane = chosen(picture, of)
    if plane is None:
        raise PaintError("Nothing is selected; select something first." if of == "selection" else
                         "The mask is empty; paint it with the mask brush first.")
    return plane


def _only(picture: Picture, layer: Layer) -> Picture:
    return Picture(picture.width, picture.height, (layer,))


def _alpha(picture: Picture) -> Plane:
    return Plane.from_array(np.ascontiguousarray(from_qimage(compose(picture, picture.rect))[..., 3]))
