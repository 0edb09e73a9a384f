"""Training pictures for the judge: real cut-outs placed, recoloured and made worse, in batches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional

from . import data, prompts

SIDE, STORED = 96, 112


@dataclass(frozen=True)
class Mix:
    """What the training pictures are."""

    neighbours: float = 0.25  # share of pictures into which a second thing looks from the edge
    ruined: float = 0.08
    others: float = 0.2  # share of pictures of things out of scope


@dataclass
class Store:
    """Cut-outs of all that is shown: premultiplied RGBA (N, 4, 112, 112) as uint8, and the class of each."""

    pictures: torch.Tensor
    classes: torch.Tensor
    styles: list[str]
    things: list[str]

    def select(self, keep: Sequence[int]) -> Store:
        index = torch.tensor(list(keep))
        return Store(self.pictures[index], self.classes[index], [self.styles[i] for i in keep], self.things)


def store(things: Sequence[prompts.Thing], others: int = 700) -> Store:
    """Read the pictures of ``things`` (class = index) and of ``others`` pictures out of scope (class = their count).

    A negative number gives only pictures out of scope, such that the positive one leaves out.
    """
    stored, rows = data.load()
    which = {label: i for i, thing in enumerate(things) for label in thing.labels}
    inside = [i for i, row in enumerate(rows) if row.label in which and row.split == "train"]
    outside = [i for i, row in enumerate(rows)
               if row.label not in which and row.label not in prompts.TOO_NEAR and row.split == "train"]  # fmt: skip
    outside = np.random.default_rng(3).permutation(outside).tolist()
    chosen = inside + sorted(outside[:others]) if others >= 0 else sorted(outside[-others:])
    pictures = torch.empty(len(chosen), 4, STORED, STORED, dtype=torch.uint8)
    for n, i in enumerate(chosen):
        rgba = torch.from_numpy(np.asarray(stored[i]).astype(np.float32)).permute(2, 0, 1)[None]
        rgba[:, :3] *= rgba[:, 3:] / 255
        pictures[n] = functional.interpolate(rgba, (STORED, STORED), mode="area")[0].round().to(torch.uint8)
    classes = torch.tensor([which.get(rows[i].label, len(things)) for i in chosen])
    return Store(pictures, classes, [rows[i].style for i in chosen], [thing.name for thing in things])


class Views:
    """Draws training pictures: cut-outs placed, turned a little, recoloured, on a background, then made worse."""

    def __init__(self, source: Store, mix: Mix, seed: int) -> None:
        self.source, self.mix = source, mix
        self.draw = torch.Generator().manual_seed(seed)
        count = len(source.things)
        weight = torch.bincount(source.classes, minlength=count + 1).float().clamp_min(1).reciprocal()[source.classes]
        styles = torch.tensor([1.4 if style == "3d" else 0.8 for style in source.styles])
        inside = source.classes < count
        weight = weight * styles
        weight = torch.where(inside, weight / weight[inside].sum() * (1 - mix.others), 0) + torch.where(
            ~inside, weight / weight[~inside].sum().clamp_min(1e-9) * mix.others, 0
        )
        self.weight = weight

    def uniform(self, shape: Sequence[int], low: float = 0.0, high: float = 1.0) -> torch.Tensor:
        return torch.rand(tuple(shape), generator=self.draw) * (high - low) + low

    def warp(self, count: int, strength: torch.Tensor) -> torch.Tensor:
        """Smooth random displacements (B, 96, 96, 2) in units of half a picture."""
        coarse = torch.randn(count, 2, 6, 6, generator=self.draw) * strength[:, None, None, None]
        smooth = functional.interpolate(coarse, (24, 24), mode="bicubic")
        return functional.interpolate(smooth, (SIDE, SIDE), mode="bilinear").permute(0, 2, 3, 1)

    def cut_outs(self, index: torch.Tensor, scale: torch.Tensor, centre: torch.Tensor,
                 ruin: torch.Tensor) -> torch.Tensor:
        """Place cut-outs: (B, 4, 96, 96) premultiplied; scale 1 fills the canvas, centre (B, 2) lies in -1..1."""
        count = len(index)
        angle = torch.randn(count, generator=self.draw) * 0.12
        flip = torch.where(self.uniform([count]) < 0.5, -1.0, 1.0)
        stretch = torch.exp(torch.randn(count, generator=self.draw) * 0.07)
        rotate = torch.stack([angle.cos() * flip * stretch, -angle.sin() * flip, angle.sin(), angle.cos()], -1)
        matrix = rotate.view(count, 2, 2) / scale[:, None, None]
        shift = -(matrix @ centre[..., None])
        grid = functional.affine_grid(torch.cat([matrix, shift], -1), [count, 4, SIDE, SIDE], align_corners=False)
        grid = grid + self.warp(count, 0.03 * self.uniform([count]) + 0.22 * ruin)
        pictures = self.source.pictures[index].float() / 255
        placed = functional.grid_sample(pictures, grid, align_corners=False)
        return torch.cat([self.recolour(placed[:, :3], placed[:, 3:]), placed[:, 3:]], 1)

    def recolour(self, rgb: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
        """Turn the hue, and change saturation, brightness and contrast; premultiplied (B, 3, H, W) in 0..1."""
        count = len(rgb)
        angle = torch.where(self.uniform([count]) < 0.5, self.uniform([count], 0, 2 * math.pi), 0.0)
        axis = torch.full((3,), 1 / math.sqrt(3))
        cross = torch.tensor([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
        c, s = angle.cos()[:, None, None], angle.sin()[:, None, None]
        turn = c * torch.eye(3) + s * cross + (1 - c) * torch.outer(axis, axis)
        gray = torch.full((3, 3), 1 / 3)
        saturation = self.uniform([count], 0.5, 1.4)[:, None, None]
        turn = turn @ (saturation * torch.eye(3) + (1 - saturation) * gray)
        out = torch.einsum("bij,bjhw->bihw", turn, rgb)
        gain = self.uniform([count], 0.65, 1.25)[:, None, None, None]
        lift = self.uniform([count], -0.08, 0.12)[:, None, None, None]
        return torch.minimum((out * gain + lift * alpha).clamp_min(0), alpha)

    def backgrounds(self, count: int) -> torch.Tensor:
        """White mostly, else a colour, a gradient or clouds of colours: (B, 3, 96, 96) in 0..1."""
        kind = self.uniform([count])
        coarse = functional.interpolate(self.uniform([count, 3, 4, 4]), (SIDE, SIDE), mode="bilinear")
        plain = self.uniform([count, 3, 1, 1]).expand(-1, -1, SIDE, SIDE)
        pick = kind[:, None, None, None]
        return torch.where(pick < 0.55, 1.0, torch.where(pick < 0.85, plain, coarse))

    def worsen(self, x: torch.Tensor, ruin: torch.Tensor) -> torch.Tensor:
        """Blur by scaling down and up, coloured specks and noise, as small generators leave them."""
        small = functional.interpolate(functional.interpolate(x, (48, 48), mode="area"), (SIDE, SIDE), mode="bilinear")
        blob = functional.interpolate(functional.interpolate(x, (12, 12), mode="area"), (SIDE, SIDE), mode="bilinear")
        soft = self.uniform([len(x), 1, 1, 1])
        x = x * (1 - soft) + small * soft
        x = torch.where((ruin > 0.5)[:, None, None, None], x * 0.35 + blob * 0.65, x)
        specks = torch.randn(len(x), 3, 16, 16, generator=self.draw)
        cloud = functional.interpolate(specks, (SIDE, SIDE), mode="bilinear")
        x = x + cloud * self.uniform([len(x), 1, 1, 1], 0, 0.09)
        return x + torch.randn(x.shape, generator=self.draw) * self.uniform([len(x), 1, 1, 1], 0, 0.04)

    def pick(self, count: int) -> torch.Tensor:
        """Indices of ``count`` pictures of the store, drawn by weight."""
        return torch.multinomial(self.weight, count, replacement=True, generator=self.draw)

    def neighbour(self, canvas: torch.Tensor) -> None:
        """Let a second thing look in from a side of each canvas (B, 3, 96, 96), as in a window on a larger scene."""
        count = len(canvas)
        angle, away = self.uniform([count], 0, 2 * math.pi), self.uniform([count], 1.05, 1.35)[:, None]
        centre = torch.stack([angle.cos(), angle.sin()], -1) * away
        none = torch.zeros(count)
        layer = self.cut_outs(self.pick(count), self.uniform([count], 0.5, 0.8), centre, none)
        canvas.mul_(1 - layer[:, 3:]).add_(layer[:, :3])

    def batch(self, count: int, only: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures (B, 3, 96, 96) in -1..1 and their class (B,).

        ``only``: show exactly these pictures of the store, none ruined and none with a neighbour.
        """
        ruin = ((self.uniform([count]) < self.mix.ruined) & (only is None)).float()
        canvas = self.backgrounds(count)
        visited = ((self.uniform([count]) < self.mix.neighbours) & (only is None)).nonzero()[:, 0]
        if len(visited):
            part = canvas[visited]
            self.neighbour(part)
            canvas[visited] = part
        index = self.pick(count) if only is None else only
        jitter = (self.uniform([count, 2]) - 0.5) * 0.2
        layer = self.cut_outs(index, self.uniform([count], 0.55, 1.0), jitter, ruin)
        canvas.mul_(1 - layer[:, 3:]).add_(layer[:, :3])
        classes = torch.where(ruin > 0.5, len(self.source.things), self.source.classes[index])
        return self.worsen(canvas, ruin).clamp(0, 1) * 2 - 1, classes
