"""Layered pictures to measure with, and the strokes of a pen on them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.project.paint import Layer, Picture, Plane

SIDE = 4096
LAYERS = 10
BATCH = 4
"""Pen events in one frame: 200 a second at 60 frames a second."""


def texture(seed: int, *, opaque: bool, side: int = SIDE) -> NDArray[np.uint8]:
    """(side, side, 4) premultiplied blotches; without `opaque` a quarter is transparent and the rest has all alphas."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (side // 8, side // 8, 4)).astype(np.uint16)
    small[..., 3] = 255 if opaque else np.maximum(small[..., 3].astype(int) * 4 // 3 - 85, 0)
    small[..., :3] = small[..., :3] * small[..., 3:] // 255
    return np.repeat(np.repeat(small.astype(np.uint8), 8, axis=0), 8, axis=1)


def document(side: int = SIDE, count: int = LAYERS, **top: Any) -> Picture:
    """An opaque layer and others with every alpha over it, each full of its own pixels; the fifth is active. `top` are
    fields of the topmost, such as `blend`."""
    layers = [Layer(f"layer{n}", f"Layer {n}", plane=Plane.from_array(texture(n, opaque=n == 0, side=side)))
              for n in range(count)]
    layers[-1] = layers[-1].with_(**top)
    return Picture(side, side, tuple(layers), active=layers[min(4, count - 1)].id)


def dab(diameter: int) -> NDArray[np.float32]:
    """(diameter, diameter): a soft round brush tip, 0-1."""
    line = (np.arange(diameter, dtype=np.float32) + 0.5) / diameter * 2 - 1
    distance = np.hypot(line[None], line[:, None])
    return np.clip((1 - distance) * 4, 0, 1).astype(np.float32)


def stroke(batches: int, side: int = SIDE) -> Iterator[list[tuple[int, int]]]:
    """Pen positions frame by frame, `BATCH` in each, along a curve over the picture at about 1,600 pixels a second."""
    for frame in range(batches):
        yield [(int(side * (0.5 + 0.35 * math.cos(t))), int(side * (0.5 + 0.35 * math.sin(2 * t))))
               for t in ((frame * BATCH + event) * 0.004 for event in range(BATCH))]


def painted(plane: Plane, tip: NDArray[np.float32], points: list[tuple[int, int]],
            colour: tuple[int, int, int]) -> Plane:
    """The plane with one dab at each point, in one write over all of them."""
    radius = tip.shape[0] // 2
    left, top = min(x for x, _ in points) - radius, min(y for _, y in points) - radius
    w = max(x for x, _ in points) + radius - left
    h = max(y for _, y in points) + radius - top
    cover = np.zeros((h, w), np.float32)
    for x, y in points:
        part = cover[y - radius - top:y + radius - top, x - radius - left:x + radius - left]
        np.maximum(part, tip, out=part)
    pixels = plane.read(left, top, w, h).astype(np.float32)
    pixels += (np.array([*colour, 255], np.float32) - pixels) * cover[..., None]
    return plane.write(np.rint(pixels).astype(np.uint8), left, top)
