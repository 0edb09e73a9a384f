"""A painting with a bit of everything for the tests of files, and what makes two of them the same."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane
from studio.project.paint.store import tree_of

Pixels = NDArray[np.uint8]


def colours(width: int, height: int, seed: int = 1, *, soft: bool = True) -> Pixels:
    """(height, width, 4) premultiplied BGRA, a pattern with every value; opaque unless `soft`. The golden files hold
    it: it must stay as it is."""
    y, x = np.mgrid[:height, :width]
    made = np.stack([x * (seed + 2) + y, x * y // 16 + 40 * seed, y * (seed + 5) - x, (x + y * seed) * 3], axis=-1)
    made = (made % 256).astype(np.uint8)
    if not soft:
        made[..., 3] = 255
    made[..., :3] = (made[..., :3].astype(np.uint16) * made[..., 3:] // 255).astype(np.uint8)
    return made


def ramp(width: int, height: int) -> Pixels:
    """(height, width) from 0 on the left to 255 on the right."""
    return np.tile((np.arange(width) * 255 // max(width - 1, 1)).astype(np.uint8), (height, 1))


def painting() -> Picture:
    """Group, masks, clipping, modes, places off the artboard, text, selection, inpaint mask. Golden files hold it."""
    back = Layer("back", "Hintergrund 🍎", plane=Plane.from_array(colours(300, 280, 1, soft=False)), locked=True)
    soft = Layer("soft", "Soft", plane=Plane.from_array(colours(90, 70, 2), 20, 30), dx=-40, dy=200, opacity=0.4,
                 blend="multiply", mask=Plane.from_array(ramp(90, 70), 20, 30, 255))
    base = Layer("base", "Base", plane=Plane.from_array(colours(60, 60, 3, soft=False)), dx=100, dy=100,
                 blend="screen")
    clip = Layer("clip", "Clip", plane=Plane.from_array(colours(80, 80, 4)), dx=90, dy=90, clipped=True, opacity=0.8)
    hidden = Layer("hidden", "Hidden", plane=Plane.from_array(colours(10, 10, 5)), visible=False, alpha_locked=True,
                   prompt="a tower", control="edges", control_weight=0.7, result="r1")
    words = Layer("words", "Words", "text", Plane.from_array(colours(50, 20, 6)), dx=200, dy=10,
                  text=MappingProxyType({"string": "Hi", "size": 12.0, "bold": True}))
    group = Layer("group", "Group", "group", children=(base, clip, hidden), opacity=0.9, blend="overlay", folded=True,
                  mask=Plane.from_array(ramp(300, 100), 0, 60, 255))
    empty = Layer("empty", "Empty")
    return Picture(300, 280, (back, soft, group, words, empty), "clip", Plane.from_array(ramp(30, 30), 5, 5),
                   Plane.from_array(ramp(64, 64), 260, 250))


def same(one: Picture, other: Picture) -> bool:
    """Whether two pictures hold the same, tile for tile."""
    if (one.width, one.height) != (other.width, other.height) or tree_of(one) != tree_of(other):
        return False
    mine, theirs = one.planes(), other.planes()
    return mine.keys() == theirs.keys() and all(same_plane(plane, theirs[name]) for name, plane in mine.items())


def same_plane(one: Plane, other: Plane) -> bool:
    return ((one.channels, one.default) == (other.channels, other.default) and one.tiles.keys() == other.tiles.keys()
            and all(np.array_equal(tile, other.tiles[key]) for key, tile in one.tiles.items()))
