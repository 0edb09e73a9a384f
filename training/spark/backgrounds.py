"""Backgrounds that a caption can name: plain colours, and a handful of places painted by code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from . import compose

Rgb = NDArray[np.float32]


def _noise(rng: np.random.Generator, cells: int, size: int) -> Rgb:
    """Smooth noise in 0..1 of ``cells`` bumps across, shape (size, size)."""
    small = Image.fromarray(rng.random((cells, cells), dtype=np.float32))
    return np.asarray(small.resize((size, size), Image.Resampling.BICUBIC), np.float32).clip(0, 1)


def _ramp(top: tuple[float, ...], bottom: tuple[float, ...], size: int) -> Rgb:
    """A vertical gradient between two RGB colours."""
    t = np.linspace(0, 1, size, dtype=np.float32)[:, None, None]
    return np.broadcast_to((1 - t) * np.float32(top) + t * np.float32(bottom), (size, size, 3)).copy()


def _ground(canvas: Rgb, level: float, colour: Rgb) -> Rgb:
    """Fill below ``level`` (0..1 from the top), with a soft edge; colour is (3) or (size, size, 3)."""
    size = len(canvas)
    mask = np.clip((np.arange(size) - level * size) / 3 + 0.5, 0, 1).astype(np.float32)[:, None, None]
    return canvas * (1 - mask) + colour * mask


def night_sky(rng: np.random.Generator, size: int) -> Rgb:
    """Dark blue with some thirty stars."""
    canvas = _ramp((0.03, 0.05, 0.18), (0.10, 0.13, 0.38), size)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    for _ in range(int(rng.integers(22, 38))):
        cy, cx, radius = *(rng.random(2) * size), rng.uniform(0.007, 0.014) * size
        canvas += np.clip(1.5 - np.hypot(y - cy, x - cx) / radius, 0, 1)[..., None] * np.float32((0.95, 0.93, 0.75))
    return canvas.clip(0, 1)


def grass(rng: np.random.Generator, size: int) -> Rgb:
    """Pale sky above a green meadow."""
    canvas = _ramp((0.62, 0.84, 0.98), (0.86, 0.95, 1.0), size)
    green = np.float32((0.42, 0.74, 0.28)) * (0.86 + 0.2 * _noise(rng, 12, size))[..., None]
    return _ground(canvas, float(rng.uniform(0.58, 0.66)), green)


def beach(rng: np.random.Generator, size: int) -> Rgb:
    """Sky, a strip of sea and sand."""
    canvas = _ramp((0.50, 0.80, 0.98), (0.80, 0.94, 1.0), size)
    canvas = _ground(canvas, 0.48, np.float32((0.15, 0.58, 0.82)))
    sand = np.float32((0.96, 0.86, 0.62)) * (0.93 + 0.09 * _noise(rng, 16, size))[..., None]
    return _ground(canvas, float(rng.uniform(0.62, 0.68)), sand)


def snow(rng: np.random.Generator, size: int) -> Rgb:
    """Grey-blue sky with flakes above white ground."""
    canvas = _ramp((0.60, 0.70, 0.84), (0.80, 0.87, 0.95), size)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    for _ in range(24):
        cy, cx = rng.random(2) * size
        canvas += 0.5 * np.clip(1.5 - np.hypot(y - cy, x - cx) / (0.012 * size), 0, 1)[..., None]
    return _ground(canvas, float(rng.uniform(0.62, 0.7)), np.float32((0.96, 0.97, 1.0))).clip(0, 1)


def sea(rng: np.random.Generator, size: int) -> Rgb:
    """Under water: blue that darkens downwards."""
    canvas = _ramp((0.30, 0.72, 0.90), (0.03, 0.26, 0.55), size)
    return (canvas * (0.94 + 0.1 * _noise(rng, 6, size))[..., None]).clip(0, 1)


def blue_sky(rng: np.random.Generator, size: int) -> Rgb:
    """Blue with soft white clouds."""
    canvas = _ramp((0.32, 0.64, 0.96), (0.70, 0.87, 1.0), size)
    cloud = np.clip((_noise(rng, 5, size) - 0.62) * 4, 0, 1)[..., None]
    return canvas * (1 - cloud) + cloud


def sunset(rng: np.random.Generator, size: int) -> Rgb:
    """Orange and pink sky over a dark strip of land."""
    canvas = _ramp((0.55, 0.32, 0.60), (1.0, 0.68, 0.35), size)
    return _ground(canvas, float(rng.uniform(0.78, 0.84)), np.float32((0.22, 0.14, 0.22)))


def space(rng: np.random.Generator, size: int) -> Rgb:
    """Black with stars and a violet haze."""
    haze = np.clip(_noise(rng, 4, size) - 0.5, 0, 1)[..., None] * np.float32((0.35, 0.15, 0.55))
    stars = night_sky(rng, size) - _ramp((0.03, 0.05, 0.18), (0.10, 0.13, 0.38), size)
    return (0.02 + haze + stars.clip(0, 1)).clip(0, 1)


Painter = Callable[[np.random.Generator, int], Rgb]
# name -> (what paints it, how captions say it; the first way oftenest)
PLACES: dict[str, tuple[Painter, tuple[str, ...]]] = {
    "night sky": (night_sky, ("on a night sky", "in the night sky", "at night", "under the stars")),
    "grass": (grass, ("on grass", "on a meadow", "in a field", "on a green meadow")),
    "beach": (beach, ("on a beach", "at the beach", "on the sand")),
    "snow": (snow, ("in the snow", "on snow", "in winter")),
    "sea": (sea, ("under water", "in the sea", "underwater", "in the ocean")),
    "blue sky": (blue_sky, ("in the sky", "on a blue sky", "with clouds behind")),
    "sunset": (sunset, ("at sunset", "in front of a sunset")),
    "space": (space, ("in space", "in outer space")),
}
NAMES = (*compose.BACKGROUNDS, *PLACES)


def paint(name: str, rng: np.random.Generator, size: int = 256) -> Rgb:
    """The background (size, size, 3) in 0..1; ``white`` is pure white."""
    if name in PLACES:
        return PLACES[name][0](rng, size).astype(np.float32)
    return compose.background(name, rng, size)
