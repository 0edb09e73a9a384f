"""Small pictures of layers and masks. Pixels are sampled on a grid before anything is composed, so that the time
taken depends
on the thumbnail and hardly on the picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import TILE, Pixels, Plane, Rect, to_qimage
from studio.project.paint.render import Renderer, stacks

SAMPLES = 4
"""Samples a side that become one pixel of a thumbnail."""


def layer_thumbnail(layer: Layer, picture_size: tuple[int, int], side: int) -> QImage:
    """The layer alone (visible or not, at full opacity) on the artboard, its longer side `side` pixels."""
    shown = layer.with_(visible=True, opacity=1.0, blend="normal", clipped=False)
    return picture_thumbnail(Picture(*picture_size, (shown,)), side)


def picture_thumbnail(picture: Picture, side: int) -> QImage:
    """What the picture shows, its longer side `side` pixels."""
    step = _step((picture.width, picture.height), side)
    rect = Rect(0, 0, -(-picture.width // step), -(-picture.height // step))
    layers = tuple(_sampled_layer(layer, rect, step) for layer in picture.layers)
    return _fitted(to_qimage(Renderer().draw(stacks(layers), rect)), side)


def mask_thumbnail(mask: Plane, picture_size: tuple[int, int], side: int, dx: int = 0, dy: int = 0) -> QImage:
    """A mask as greys (255 is white) on the artboard, its longer side `side` pixels."""
    width, height = picture_size
    step = _step(picture_size, side)
    pixels = _sampled(mask, dx, dy, Rect(0, 0, -(-width // step), -(-height // step)), step)
    grey = np.repeat(pixels[..., None], 4, axis=2)
    grey[..., 3] = 255
    return _fitted(to_qimage(grey), side)


def _step(size: tuple[int, int], side: int) -> int:
    return max(1, max(size) // (max(1, side) * SAMPLES))


def _fitted(image: QImage, side: int) -> QImage:
    return image.scaled(max(1, side), max(1, side), Qt.AspectRatioMode.KeepAspectRatio,
                        Qt.TransformationMode.SmoothTransformation)


def _sampled_layer(layer: Layer, rect: Rect, step: int) -> Layer:
    """The layer with every `step`-th pixel of the document, whose coordinates are divided by `step`."""
    plane, mask = layer.plane, layer.mask
    if plane.tiles:
        plane = Plane.from_array(_sampled(plane, layer.dx, layer.dy, rect, step))
    if mask is not None:
        mask = Plane.from_array(_sampled(mask, layer.dx, layer.dy, rect, step), default=mask.default)
    return layer.with_(plane=plane, mask=mask, dx=0, dy=0,
                       children=tuple(_sampled_layer(child, rect, step) for child in layer.children))


def _sampled(plane: Plane, dx: int, dy: int, rect: Rect, step: int) -> Pixels:
    """(rect.h, rect.w[, 4]): the pixels of `plane` at document coordinates that are multiples of `step`."""
    out = plane.blank(rect.w, rect.h)
    for (column, row), tile in plane.tiles.items():
        x, y = column * TILE + dx, row * TILE + dy
        left, top = max(0, -(-x // step)), max(0, -(-y // step))
        part = tile[top * step - y::step, left * step - x::step] if top * step >= y and left * step >= x else tile[:0]
        height, width = min(part.shape[0], rect.h - top), min(part.shape[1], rect.w - left)
        if height > 0 and width > 0:
            out[top:top + height, left:left + width] = part[:height, :width]
    return out
