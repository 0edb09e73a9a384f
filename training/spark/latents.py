"""Encode the training pictures once: variants of each (mirrored, shifted, recoloured, on backgrounds) as latents.

Kept in ``build/spark/latents.pt``: latents (N, 8, 16, 16) in float16, already scaled to unit deviation, what each
shows, and its share of the training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from . import autoencoder, captions, colours, compose, data, packages
from .runtime import Runtime, save

LATENTS = packages.BUILD / "latents.pt"
CLEAR = 0.35  # share of a picture that must have a colour before a caption may name it
CORE = frozenset({
    "heart", "star", "apple", "car", "tree", "cat", "dog", "fish", "tulip", "house", "rocket", "sun", "moon", "cloud",
    "balloon", "book", "crown", "robot", "mushroom", "butterfly", "banana", "lemon", "strawberry", "umbrella", "bell",
    "ice cream cone", "bird", "ghost", "smiley", "cactus", "sailboat", "key", "pizza", "cup of coffee",
})  # fmt: skip
HUES_SAID = ("heart", "circle", "disc", "square", "book", "closed book", "diamond shape", "rhombus")


@dataclass(frozen=True)
class Variant:
    """One way to show one picture."""

    row: int
    colour: str | None  # what a caption may call it
    must: bool  # the colour is not the natural one, so a caption has to name it
    background: str
    weight: float
    source: str | None  # colour to replace, where it is recoloured
    placement: compose.Placement


def plan(rows: list[data.Row], favourites: int, others: int, seed: int = 5) -> list[Variant]:
    """All variants: ``favourites`` or ``others`` of each picture, depending on how often its concept is shown."""
    rng = np.random.default_rng(seed)
    variants: list[Variant] = []
    for index, row in enumerate(rows):
        if row.split != "train":
            continue
        count = favourites if row.weight > 1 else others
        variants += [_variant(index, row, n, row.weight / count, rng) for n in range(count)]
    return variants


def plan_core(rows: list[data.Row], colourings: int = 8, seed: int = 5) -> list[Variant]:
    """Variants of the core alone: each thing in one style and place, in its own colour and in ``colourings`` others.

    Where there is only compute for some ten thousand samples, a few things seen often beat many seen seldom.
    """
    rng = np.random.default_rng(seed)
    variants: list[Variant] = []
    for index, row in enumerate(rows):
        if row.split != "train" or row.style != "3d" or row.names[0] not in CORE:
            continue
        own = row.colour if row.share >= 0.28 else None
        still = compose.Placement(False, 0.88)
        variants.append(Variant(index, own, False, "white", 3.0, None, still))
        others = [name for name in colours.NAMES if name not in (row.colour, "white")]
        for colour in rng.permutation(others)[: colourings if own else 0]:
            variants.append(Variant(index, str(colour), True, "white", 0.6, row.colour, still))
    return variants


def _variant(index: int, row: data.Row, number: int, weight: float, rng: np.random.Generator) -> Variant:
    clear = row.share >= CLEAR
    several = row.names[0] in HUES_SAID and not row.label.startswith("red")
    recoloured = number > 0 and row.share > 0.28 and rng.random() < (0.55 if row.weight > 1 else 0.3)
    colour: str | None = row.colour if clear else None
    if recoloured:
        colour = str(rng.choice([name for name in colours.NAMES if name != row.colour]))
    behind = str(rng.choice(list(compose.BACKGROUNDS))) if number > 0 and rng.random() < 0.15 else "white"
    shown = colour or row.colour
    if shown == behind:
        behind = "white" if shown != "white" else str(rng.choice(["blue", "green", "purple", "black"]))
    placement = compose.Placement.random(rng, flip=number > 0)
    source = row.colour if recoloured else None
    return Variant(index, colour, recoloured or several, behind, weight, source, placement)


def show(variant: Variant, pictures: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """The picture of a variant, (256, 256, 3) in 0..1."""
    picture = np.asarray(pictures[variant.row])
    if variant.source and variant.colour:
        picture = colours.recolour(picture, variant.source, variant.colour)
    return compose.compose(picture, compose.background(variant.background, rng), variant.placement)


@torch.no_grad()
def encode(favourites: int = 9, others: int = 3, batch: int = 16, core: bool = False,
           scaling: float = 0.0) -> dict[str, Any]:
    """Encode every variant (of the ``core`` alone) and save; returns what was saved. ``scaling``: as trained."""
    runtime = Runtime.detect()
    model = autoencoder.load().to(runtime.device, memory_format=torch.channels_last)
    pictures, rows = data.load()
    variants = plan_core(rows) if core else plan(rows, favourites, others)
    rng, parts = np.random.default_rng(6), []
    for start in range(0, len(variants), batch):
        shown = [compose.to_tensor_layout(show(v, pictures, rng)) for v in variants[start : start + batch]]
        x = torch.from_numpy(np.stack(shown)).to(runtime.device, memory_format=torch.channels_last)
        with runtime.autocast():
            parts.append(model.encode(x).latent_dist.mean.float().cpu())
        if start // batch % 50 == 0:
            print(f"latents {start}/{len(variants)}", flush=True)
    latents = torch.cat(parts)
    scaling = scaling or float(1 / latents.std())
    state = {
        "latents": (latents * scaling).half(),
        "scaling": scaling,
        "row": [v.row for v in variants],
        "colour": [v.colour for v in variants],
        "must": [v.must for v in variants],
        "background": [v.background for v in variants],
        "weight": [v.weight for v in variants],
    }
    save(LATENTS, state)
    return state


def load() -> dict[str, Any]:
    return torch.load(LATENTS, weights_only=True) if LATENTS.exists() else encode()


class Captioned:
    """Draws (latents, caption) pairs by weight; a caption leaves things out at random but never says a wrong one."""

    def __init__(self, state: dict[str, Any], seed: int, others: float = 1.0) -> None:
        """``others`` scales the weight of all concepts that are not favourites."""
        self.state, self.rows = state, data.load()[1]
        self.rng = np.random.default_rng(seed)
        style = {"3d": 1.5, "clip art": 0.9, "flat": 0.9}
        weight = [
            w * style[self.rows[r].style] * (1 if self.rows[r].weight > 1 else others)
            for w, r in zip(state["weight"], state["row"], strict=True)
        ]
        self.weight = np.cumsum(weight) / np.sum(weight)

    def say(self, index: int) -> str:
        rng, state, row = self.rng, self.state, self.rows[self.state["row"][index]]
        colour = state["colour"][index] if state["must"][index] or rng.random() < 0.4 else None
        behind = state["background"][index]
        background = behind if rng.random() < (0.12 if behind == "white" else 0.95) else None
        style = row.style if rng.random() < (0.35 if row.style == "3d" else 0.9) else None
        return captions.caption(captions.Said(captions.pick_name(row.names, rng), colour, style, background), rng)

    def batch(self, count: int, unsaid: float = 0.1) -> tuple[torch.Tensor, list[str]]:
        """Latents (B, 8, 16, 16) and captions; a share ``unsaid`` of the captions is empty, for guidance."""
        index = np.searchsorted(self.weight, self.rng.random(count)).clip(0, len(self.weight) - 1)
        texts = ["" if self.rng.random() < unsaid else self.say(int(i)) for i in index]
        return self.state["latents"][torch.from_numpy(index)].float(), texts
