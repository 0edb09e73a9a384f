"""Change how a cut-out looks: another material, or a pencil sketch of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from . import colours
from .compose import Rgb, Rgba

# material -> (colour that the surface is given, how strongly grain shows)
MATERIALS: dict[str, tuple[str, float]] = {
    "wooden": ("brown", 0.16), "golden": ("golden", 0.0), "silver": ("gray", 0.0),
}  # fmt: skip


def _grain(size: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Wavy lines like those of a board, -1..1, shape (size, size)."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    warp = 0.06 * np.sin(2 * np.pi * (x * rng.uniform(0.6, 1.4) + rng.random()))
    return np.sin(2 * np.pi * (y + warp) * rng.uniform(9, 13)).astype(np.float32)


def _metal(rgb: Rgb) -> Rgb:
    """More contrast and brighter lights, as polished metal has them."""
    return np.clip((rgb - 0.5) * 1.25 + 0.55, 0, 1)


def repaint(picture: Rgba, source: str, target: str, rng: np.random.Generator) -> Rgba:
    """Give the surface of colour ``source`` the colour or material ``target``; RGBA in and out."""
    colour, grain = MATERIALS.get(target, (target, 0.0))
    out = picture if colour == source else colours.recolour(picture, source, colour)
    if target not in MATERIALS:
        return out
    changed = (out[..., :3] != picture[..., :3]).any(-1) if colour != source else out[..., 3] > 0
    rgb = out[..., :3].astype(np.float32) / 255
    lit = rgb * (1 + grain * _grain(len(rgb), rng))[..., None] if grain else _metal(rgb)
    rgb = np.where(changed[..., None], lit.clip(0, 1), rgb)
    return np.dstack([(rgb * 255 + 0.5).astype(np.uint8), out[..., 3]])


def sketch(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """A pencil drawing of an RGB picture: dark where a blurred copy differs (colour dodge), on white; 0..1."""
    grey = picture @ np.float32((0.3, 0.59, 0.11))
    image = Image.fromarray((255 - grey * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(rng.uniform(3, 4.5)))
    inverse = np.asarray(image, np.float32) / 255
    dodge = np.clip(grey / np.maximum(1 - inverse, 1e-3), 0, 1) ** 3
    return np.repeat((0.12 + 0.88 * dodge)[..., None], 3, -1).astype(np.float32)
