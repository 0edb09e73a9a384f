"""What the evaluation computes from pictures: colours, places, pieces, distances. Nothing here draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from . import colours, compose, data

Floats = NDArray[np.float32]


def foreground(picture: Image.Image) -> NDArray[np.uint8]:
    """RGBA (H, W, 4) whose alpha is 255 where the picture differs from its border colour (the edge pixels' median)."""
    rgb = np.asarray(picture.convert("RGB"))
    edge = np.concatenate(
        [rgb[:4].reshape(-1, 3), rgb[-4:].reshape(-1, 3), rgb[:, :4].reshape(-1, 3), rgb[:, -4:].reshape(-1, 3)]
    )
    away = np.abs(rgb.astype(int) - np.median(edge, axis=0)).max(-1)
    return np.dstack([rgb, np.where(away > 24, 255, 0).astype(np.uint8)])


def mask(picture: Image.Image, side: int = 64) -> NDArray[np.bool_]:
    """(side, side): where the foreground covers more than half of a cell; single specks are gone."""
    alpha = Image.fromarray(foreground(picture)[..., 3]).resize((side, side), Image.Resampling.BOX)
    return np.asarray(alpha) > 127


def colour(picture: Image.Image) -> str:
    """Name of the commonest colour of the foreground."""
    return colours.dominant(foreground(picture))[0]


def colour_share(picture: Image.Image, name: str) -> float:
    """Share of the foreground that has the named colour, 0..1."""
    rgba = foreground(picture)
    rgb = rgba[rgba[..., 3] > 127][:, :3].astype(np.float32) / 255
    return float((colours.name_pixels(colours.to_hsv(rgb)) == colours.NAMES.index(name)).mean()) if len(rgb) else 0.0


def pieces(picture: Image.Image, least: float = 0.012) -> int:
    """Number of separate foreground pieces that cover at least ``least`` of the picture (4-connected)."""
    shown = mask(picture)
    label = np.where(shown, np.arange(1, shown.size + 1).reshape(shown.shape), 0)
    while True:  # the largest label floods its piece
        padded = np.pad(label, 1)
        near = np.maximum.reduce([padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:], label])
        near = np.where(shown, near, 0)
        if np.array_equal(near, label):
            break
        label = near
    sizes = np.bincount(label[label > 0]) if shown.any() else np.zeros(1, int)
    return int((sizes >= least * shown.size).sum())


def overlap(first: Image.Image, second: Image.Image) -> float:
    """Intersection over union of two foregrounds, 0..1."""
    a, b = mask(first), mask(second)
    union = (a | b).sum()
    return float((a & b).sum() / union) if union else 1.0


def mean_overlap(pictures: Sequence[Image.Image]) -> float:
    """Mean intersection over union of all pairs."""
    pairs = [(i, j) for i in range(len(pictures)) for j in range(i)]
    return float(np.mean([overlap(pictures[i], pictures[j]) for i, j in pairs]))


def small(picture: NDArray[np.floating]) -> Floats:
    """(S, S, 3) in 0..1, S a multiple of 32 -> 32 x 32 x 3 as one vector."""
    part = len(picture) // 32
    return np.asarray(picture.reshape(32, part, 32, part, 3).mean((1, 3)), np.float32).reshape(-1)


def vectors(pictures: Sequence[Image.Image]) -> Floats:
    """(N, 3072): the pictures at 32 x 32 pixels."""
    sized = (p if p.size == (256, 256) else p.resize((256, 256)) for p in pictures)
    return np.stack([small(np.asarray(p.convert("RGB"), np.float32) / 255) for p in sized])


def spread(pictures: Sequence[Image.Image]) -> float:
    """Mean RMS distance of all pairs, 0..1, at 32 x 32 pixels."""
    x = vectors(pictures)
    return float(np.mean([np.sqrt(((x[i] - x[j]) ** 2).mean()) for i in range(len(x)) for j in range(i)]))


def nearest(queries: Floats, known: Floats, rank: int = 0) -> Floats:
    """(N,) RMS distance of each query to its nearest known vector, or to the ``rank``-th nearest after it."""
    square = (queries**2).sum(1)[:, None] + (known**2).sum(1)[None] - 2 * queries @ known.T
    return np.asarray(np.sqrt(np.sort(square.clip(0), 1)[:, rank] / known.shape[1]), np.float32)


def memory(pictures: Sequence[Image.Image]) -> dict[str, float]:
    """Median RMS distance to the nearest training picture: on white, centred, in three sizes, both ways round.

    ``between training pictures`` is the same figure from each training picture to the nearest other one, the scale to
    read it by: a copy would be near 0, a picture as new as one more emoji near that.
    """
    stored, rows = data.load()
    canvas = np.ones((64, 64, 3), np.float32)
    train = [i for i, row in enumerate(rows) if row.split == "train"]
    groups = []
    for scale in (0.8, 0.85, 0.9):
        shown = [compose.compose(np.asarray(stored[i]), canvas, compose.Placement(False, scale)) for i in train]
        groups += [np.stack([small(x) for x in shown]), np.stack([small(x[:, ::-1]) for x in shown])]
    made = nearest(vectors(pictures), np.concatenate(groups))
    among = groups[2]
    between = nearest(among[:: max(1, len(among) // 300)], among, 1)
    return {
        "to training pictures": float(np.median(made)),
        "between training pictures": float(np.median(between)),
        "share nearer than half of that": float((made < np.median(between) / 2).mean()),
    }


def frechet(first: Floats, second: Floats) -> float:
    """Frechet distance of two sets of features (N, D), each taken for a normal distribution.

    Heusel et al. 2017, arXiv:1706.08500, here on the judge's features, so only comparable within one judge.
    """
    first, second = first.astype(np.float64), second.astype(np.float64)
    gap = first.mean(0) - second.mean(0)
    one, two = np.cov(first.T), np.cov(second.T)
    values, axes = np.linalg.eigh(one)
    root = (axes * np.sqrt(values.clip(0))) @ axes.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ two @ root).clip(0)).sum()
    return float(gap @ gap + np.trace(one) + np.trace(two) - 2 * cross)


def real(labels: Sequence[str], styles: Sequence[str], count: int, seed: int) -> list[Image.Image]:
    """``count`` real pictures with these labels and styles, placed at random on white."""
    stored, rows = data.load()
    rng = np.random.default_rng(seed)
    wanted = [i for i, row in enumerate(rows) if row.label in set(labels) and row.style in styles]
    order = np.concatenate([rng.permutation(wanted) for _ in range(-(-count // len(wanted)))])[:count]
    canvas = np.ones((256, 256, 3), np.float32)
    shown = (compose.compose(np.asarray(stored[i]), canvas, compose.Placement.random(rng)) for i in order)
    return [Image.fromarray((x * 255 + 0.5).astype(np.uint8)) for x in shown]
