"""Textures of paper that a brush catches on: one seamless tile each, so that it lies still in the document."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from studio.project.paint.brush import Grain
from studio.project.paint.plane import TILE


@lru_cache(maxsize=8)
def grain_tile(kind: Grain) -> NDArray[np.float32]:
    """Depth of the paper, (256, 256), evenly spread over 0-1: 0 is a height, 1 a valley. Read-only."""
    x, y = np.meshgrid(np.arange(TILE), np.arange(TILE))
    if kind == "chalk":
        depth = _noise(7, 1.6, 1.6) + 0.5 * _noise(8, 5.0, 5.0)
    elif kind == "canvas":
        turn = 2 * np.pi / TILE
        weave = np.sin(turn * 32 * x) * np.sin(turn * 32 * y) + 0.35 * np.cos(turn * 64 * (x + y))
        depth = weave / weave.std() + 0.7 * _noise(9, 1.2, 1.2)
    else:
        depth = _noise(5, 0.9, 0.9) + 0.6 * _noise(6, 2.2, 2.2)
    # Ranks instead of values: every depth is as common as any other, whatever the noise.
    rank = np.empty(depth.size, np.float32)
    rank[np.argsort(depth, axis=None)] = np.linspace(0, 1, depth.size, dtype=np.float32)
    tile = rank.reshape(depth.shape)
    tile.flags.writeable = False
    return tile


def _noise(seed: int, across: float, down: float) -> NDArray[np.float64]:
    """Seamless noise of unit spread with lumps of about this many pixels (Gaussian, made in frequency space)."""
    white = np.random.default_rng(seed).standard_normal((TILE, TILE))
    u, v = np.fft.rfftfreq(TILE)[None, :], np.fft.fftfreq(TILE)[:, None]
    smooth = np.exp(-2 * np.pi**2 * ((u * across) ** 2 + (v * down) ** 2))
    field: NDArray[np.float64] = np.fft.irfft2(np.fft.rfft2(white) * smooth, (TILE, TILE))
    return field / float(field.std())
