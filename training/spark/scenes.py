"""Plan and paint the scenes that the denoiser is trained on: cut-outs put together, with what is where kept beside.

The pictures show single things. Several things, relations, counts and places are taught by scenes put together here,
so what a caption says of them is true by construction.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from . import backgrounds, looks
from .compose import Rgb

SIDE = 256
STYLES = ("3d", "clip art", "flat", "sketch")


@dataclass(frozen=True)
class Item:
    """One thing in a scene: which picture, in which colour, and where (centre and side as shares of the canvas)."""

    row: int
    colour: str | None  # colour or material that a caption may name
    must: bool  # the colour is not the natural one, so a caption has to name it
    source: str | None  # colour to replace, where it is repainted
    x: float = 0.5
    y: float = 0.5
    size: float = 0.88
    flip: bool = False


@dataclass(frozen=True)
class Scene:
    """All that is needed to paint a variant again, bit by bit, and to say what it shows."""

    kind: str  # one of scope.KINDS
    items: tuple[Item, ...]  # painted in this order
    background: str
    style: str  # one of STYLES
    relation: str | None  # how items[0] lies to items[1]: "left", "above", "on", "in"
    weight: float
    seed: int

    def plain(self) -> dict[str, Any]:
        """As numbers, texts and lists, for a checkpoint."""
        return asdict(self)

    @staticmethod
    def of(plain: dict[str, Any]) -> Scene:
        return Scene(**{**plain, "items": tuple(Item(**item) for item in plain["items"])})


def _layer(picture: NDArray[np.uint8], item: Item) -> NDArray[np.float32]:
    """The cut-out at its place on an empty canvas: (SIDE, SIDE, 4), premultiplied, 0..1."""
    image = Image.fromarray(picture)
    if item.flip:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    side = max(8, round(SIDE * item.size))
    small = image.convert("RGBa").resize((side, side), Image.Resampling.BICUBIC)
    full = Image.new("RGBA", (SIDE, SIDE))
    full.paste(small, (round(item.x * SIDE - side / 2), round(item.y * SIDE - side / 2)))
    return np.asarray(full, np.float32) / 255


def paint(scene: Scene, pictures: NDArray[np.uint8]) -> Rgb:
    """The picture of a scene, (256, 256, 3) in 0..1."""
    rng = np.random.default_rng(scene.seed)
    canvas = backgrounds.paint(scene.background, rng, SIDE)
    order = reversed(scene.items) if scene.relation == "on" else scene.items
    for item in order:
        picture = np.asarray(pictures[item.row])
        if item.source and item.colour:
            picture = looks.repaint(picture, item.source, item.colour, rng)
        layer = _layer(picture, item)
        if len(scene.items) > 1:  # premultiplied resampling bounds hold for one layer, not for their sum
            layer = layer.clip(0, 1)
        canvas = layer[..., :3] + canvas * (1 - layer[..., 3:])
    shown: Rgb = canvas.clip(0, 1).astype(np.float32)
    return looks.sketch(shown, rng) if scene.style == "sketch" else shown
