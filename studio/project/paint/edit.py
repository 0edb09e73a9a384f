"""All edits of a picture, in one name space: pure functions `Picture -> Picture` that raise `PaintError` with one
sentence."""

from __future__ import annotations

from studio.project.paint.errors import PaintError
from studio.project.paint.geometry import crop, flip, resize_canvas, resize_image, rotate90
from studio.project.paint.layer import new_id
from studio.project.paint.pixels import (
    apply_mask,
    clear,
    fill_plane,
    mask_from_selection,
    masked,
    mix,
    paintable,
    paste_array,
    premultiplied,
    put_plane,
    set_mask,
    with_alpha,
)
from studio.project.paint.plane import Rect
from studio.project.paint.tree import (
    add_layer,
    duplicate,
    extent,
    flatten,
    group,
    merge_down,
    merge_visible,
    move_layer,
    moved,
    rasterize,
    remove,
    set_props,
    translate,
    ungroup,
    unlocked,
)

__all__ = [
    "PaintError", "Rect", "add_layer", "apply_mask", "clear", "crop", "duplicate", "extent", "fill_plane", "flatten",
    "flip", "group", "mask_from_selection", "masked", "merge_down", "merge_visible", "mix", "move_layer", "moved",
    "new_id",
    "paintable", "paste_array", "premultiplied", "put_plane", "rasterize", "remove", "resize_canvas", "resize_image",
    "rotate90", "set_mask", "set_props", "translate", "ungroup", "unlocked", "with_alpha",
]
