"""Layers and selected pixels moved, scaled, turned and mirrored by any affine map."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QTransform

from studio.project.paint.edit import moved, paintable, translate, unlocked
from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer
from studio.project.paint.lettering import rendered, turned
from studio.project.paint.picture import MAX_SIDE, Picture
from studio.project.paint.plane import Key, Pixels, Plane, Rect, Tile, from_qimage, tile_rect, to_qimage
from studio.project.paint.selecting import cut

NEARLY = 1e-6


def box_transform(before: Rect, x: float, y: float, w: float, h: float, angle: float) -> QTransform:
    """The map that takes the rectangle `before` to the box (x, y, w, h), turned by `angle` degrees clockwise about its
    centre. A negative w or h mirrors."""
    turn = QTransform.fromTranslate(x + w / 2, y + h / 2)
    turn.rotate(angle)
    turn.scale(w / max(1, before.w), h / max(1, before.h))
    turn.translate(-(before.x + before.w / 2), -(before.y + before.h / 2))
    return turn


def transform_layer(picture: Picture, layer_id: str, by: QTransform, *, smooth: bool = True,
                    draft: bool = False) -> Picture:
    """A layer, with its mask and all in it, after the map `by` (document to document). A text stays a text.

    A move by whole pixels touches no pixel. smooth: interpolated (bicubic when growing, averaged when shrinking), else
    the nearest pixel. draft: for a preview, bilinear, and only what shows on the canvas. Raises PaintError for a locked
    layer, and where nothing or too much would be left.
    """
    layer = picture.layer(layer_id)
    for inner in layer.walk():
        unlocked(inner)
    _check(layer.bounds(), by)
    return picture.replace(_mapped(layer, by, smooth, picture.rect if draft else None))


class Lifted:
    """Selected pixels lifted off a layer, to be set down elsewhere: `at` gives the picture with them there, and the
    selection goes with them."""

    def __init__(self, picture: Picture, layer_id: str) -> None:
        layer, selection = paintable(picture, layer_id), picture.selection
        if selection is None:
            raise PaintError("Nothing is selected; select something first.")
        if layer.alpha_locked:
            raise PaintError(f"The transparency of “{layer.name}” is locked; unlock it to move a part of it.")
        self.picture, self.layer, self._selection = picture, layer, selection
        rest: dict[Key, Tile | None] = {}
        taken: dict[Key, Tile | None] = {}
        for key, tile in layer.plane.tiles.items():
            share = selection.read(*tile_rect(key).translated(layer.dx, layer.dy))
            if share.any():
                part = _times(tile, share)
                taken[key], rest[key] = part, tile - part
        self._rest = layer.plane.with_tiles(rest)
        self._taken = Plane.empty().with_tiles(taken)
        bounds = self._taken.bounds()
        if bounds is None:
            raise PaintError(f"“{layer.name}” is empty inside the selection; choose another layer.")
        self.bounds = bounds.translated(layer.dx, layer.dy)
        """Of the lifted pixels, in document coordinates."""

    def at(self, by: QTransform, *, smooth: bool = True, draft: bool = False) -> Picture:
        """The picture with the lifted pixels after the map `by` (document to document)."""
        _check(self.bounds, by)
        layer, shown = self.layer, self.picture.rect if draft else None
        if by.isIdentity():
            return self.picture
        floating = map_plane(self._taken, _local(by, layer), smooth, _inside(shown, layer))
        selection = cut(map_plane(self._selection, by, smooth, shown), self.picture.rect)
        plane = self._rest.with_tiles({
            key: _over(self._rest.tiles.get(key), tile) for key, tile in floating.tiles.items()})
        return self.picture.replace(layer.with_(plane=plane)).with_selection(selection)


def carried(picture: Picture, layer_id: str, dx: int, dy: int) -> Picture:
    """A layer, or what is selected of it, moved by whole pixels."""
    if (dx, dy) == (0, 0):
        return picture
    if picture.selection is not None:
        return Lifted(picture, layer_id).at(QTransform.fromTranslate(dx, dy))
    return translate(picture, layer_id, dx, dy)


def map_plane(plane: Plane, by: QTransform, smooth: bool = True, shown: Rect | None = None) -> Plane:
    """A plane after a map of its coordinates. shown: a draft of no more than this rectangle is enough."""
    whole = _whole_move(by)
    if whole is not None:
        return plane.translated(*whole)
    box = plane.bounds()
    if box is None:
        return plane
    place = by.mapRect(QRectF(*box))
    # Corners that land on whole pixels, but for rounding, must not add a row of nothing.
    left, top = math.floor(place.left() + NEARLY), math.floor(place.top() + NEARLY)
    right, bottom = math.ceil(place.right() - NEARLY), math.ceil(place.bottom() - NEARLY)
    out = Rect(left, top, max(1, right - left), max(1, bottom - top))
    if shown is not None:
        out = out.intersected(shown)
        if out.empty:
            return Plane.empty(plane.channels, plane.default)
    source = Rect(box.x - 2, box.y - 2, box.w + 4, box.h + 4)
    pixels = warped(plane.read(*source), source, out, by, smooth, plane.default, draft=shown is not None)
    return Plane.from_array(pixels, out.x, out.y, plane.default)


def warped(pixels: Pixels, source: Rect, out: Rect, by: QTransform, smooth: bool, default: int = 0, *,
           draft: bool = False) -> Pixels:
    """`pixels`, which lie at `source`, as they lie in `out` after the map `by`; `default` where there are none."""
    import cv2

    back, _ = by.inverted()
    # OpenCV counts from pixel centres: u in `out` is document u + out.x + 0.5.
    at = back.map(QPointF(out.x + 0.5, out.y + 0.5))
    matrix = np.array([[back.m11(), back.m21(), at.x() - 0.5 - source.x],
                       [back.m12(), back.m22(), at.y() - 0.5 - source.y]])
    across, down = math.hypot(back.m11(), back.m12()), math.hypot(back.m21(), back.m22())
    kind = cv2.INTER_NEAREST
    if smooth:
        kind = cv2.INTER_LINEAR if draft or max(across, down) > 1.01 else cv2.INTER_CUBIC
        pixels = pixels if draft else _softened(pixels, back)
    done: NDArray[Any] = np.asarray(cv2.warpAffine(pixels, matrix, (out.w, out.h), flags=kind | cv2.WARP_INVERSE_MAP,
                                                   borderMode=cv2.BORDER_CONSTANT, borderValue=(default,) * 4))
    if done.ndim == 3 and kind == cv2.INTER_CUBIC:
        done[..., :3] = np.minimum(done[..., :3], done[..., 3:])  # bicubic overshoots
    return np.asarray(done, np.uint8)


def _softened(pixels: Pixels, back: QTransform) -> Pixels:
    """Blurred as wide as a new pixel is, so that shrinking leaves no pixel out."""
    import cv2

    # How far one step of the result, in either direction, reaches along x and along y of the source.
    across, down = math.hypot(back.m11(), back.m21()), math.hypot(back.m12(), back.m22())
    sigma = [0.5 * math.sqrt(max(0.0, reach * reach - 1)) for reach in (across, down)]
    if max(sigma) < 0.2:
        return pixels
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigmaX=max(sigma[0], 1e-3), sigmaY=max(sigma[1], 1e-3),
                                       borderType=cv2.BORDER_REPLICATE), np.uint8)


def _mapped(layer: Layer, by: QTransform, smooth: bool, shown: Rect | None) -> Layer:
    whole = _whole_move(by)
    if whole is not None:
        return moved(layer, *whole)
    local, area = _local(by, layer), _inside(shown, layer)
    mask = layer.mask and map_plane(layer.mask, local, smooth, area)
    if layer.kind == "text" and layer.text is not None:
        return rendered(layer.with_(mask=mask), turned(layer.text, local))
    return layer.with_(plane=map_plane(layer.plane, local, smooth, area), mask=mask,
                       children=tuple(_mapped(child, by, smooth, shown) for child in layer.children))


def _inside(shown: Rect | None, layer: Layer) -> Rect | None:
    """A rectangle of the document in the layer's own coordinates."""
    return shown and shown.translated(-layer.dx, -layer.dy)


def _local(by: QTransform, layer: Layer) -> QTransform:
    """A map of the document as a map of the layer's own coordinates."""
    there, back = QTransform.fromTranslate(layer.dx, layer.dy), QTransform.fromTranslate(-layer.dx, -layer.dy)
    return there * by * back


def _whole_move(by: QTransform) -> tuple[int, int] | None:
    """The move, where the map is one by whole pixels."""
    if max(abs(by.m11() - 1), abs(by.m12()), abs(by.m21()), abs(by.m22() - 1)) > 1e-9:
        return None
    dx, dy = round(by.dx()), round(by.dy())
    return (dx, dy) if abs(by.dx() - dx) < NEARLY and abs(by.dy() - dy) < NEARLY else None


def _check(bounds: Rect | None, by: QTransform) -> None:
    if bounds is None:
        raise PaintError("There is nothing to transform: the layer is empty.")
    place = by.mapRect(QRectF(*bounds))
    if not by.isInvertible() or min(place.width(), place.height()) < 0.5:
        raise PaintError("Nothing would be left of it; make it at least a pixel wide and high.")
    if max(place.width(), place.height()) > MAX_SIDE:
        raise PaintError(f"It would be larger than {MAX_SIDE:,} pixels a side; make it smaller.")


def _times(tile: Tile, share: Pixels) -> Tile:
    product = tile.astype(np.uint16) * share[..., None] + 128
    out: Tile = ((product + (product >> 8)) >> 8).astype(np.uint8)
    return out


def _over(below: Tile | None, above: Tile) -> Tile:
    if below is None:
        return above
    canvas, image = to_qimage(below.copy()), to_qimage(above)
    painter = QPainter(canvas)
    painter.drawImage(0, 0, image)
    painter.end()
    return from_qimage(canvas)
