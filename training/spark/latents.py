"""Paint and encode the training scenes once: ``python -m training.spark.latents [--scope core]``.

Kept in ``build/spark/latents.pt``: latents (N, C, 16, 16) in float16, already scaled to unit deviation, and the scenes
(`scenes.Scene`), from which captions are said anew each time and pictures can be painted again.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from . import autoencoder, captions, compose, data, packages, plan, scenes, scope
from .runtime import Runtime, save

LATENTS = packages.BUILD / "latents.pt"


@dataclass(frozen=True)
class Mix:
    """How a training departs from the shares of its scope, without encoding anything again."""

    shares: Mapping[str, float] = field(default_factory=dict)  # kind of scene -> share of the samples
    boost: Mapping[str, float] = field(default_factory=dict)  # first name of a thing -> factor; 0 drops it
    together: frozenset[str] = frozenset()  # the only things left in scenes of several; empty: all

    def factor(self, names: list[str]) -> float:
        """How much oftener than planned a scene of these things is shown."""
        if self.together and len(names) > 1:
            return float(self.together.issuperset(names))
        return math.prod(self.boost.get(name, 1.0) for name in names)


class _Painted(Dataset[torch.Tensor]):
    """Pictures (3, 256, 256) in -1..1 of scenes."""

    def __init__(self, planned: list[scenes.Scene]) -> None:
        self.planned, self.pictures = planned, data.load()[0]

    def __len__(self) -> int:
        return len(self.planned)

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.from_numpy(compose.to_tensor_layout(scenes.paint(self.planned[index], self.pictures)))


def painted(planned: list[scenes.Scene], batch: int, workers: int = 0) -> Iterator[torch.Tensor]:
    """Batches (B, 3, 256, 256) in -1..1 of the scenes, in order."""
    return iter(DataLoader(_Painted(planned), batch_size=batch, num_workers=workers))


@torch.no_grad()
def encode(chosen: scope.Scope, batch: int = 16, scaling: float = 0.0) -> dict[str, Any]:
    """Encode every scene of a scope and save; returns what was saved. ``scaling``: as trained so far, 0 for new."""
    runtime = Runtime.detect()
    model = autoencoder.load().to(runtime.device, memory_format=torch.channels_last)
    planned, parts = plan.Planner(data.load()[1], chosen).all(), []
    workers = min(14, os.cpu_count() or 1) if runtime.gpu else 0
    for number, x in enumerate(painted(planned, batch, workers)):
        with runtime.autocast():
            z = model.encode(x.to(runtime.device, memory_format=torch.channels_last)).latent_dist.mean
        parts.append(z.float().cpu())
        if number % 50 == 0:
            print(f"latents {number * batch}/{len(planned)}", flush=True)
    latents = torch.cat(parts)
    scaling = scaling or float(1 / latents.std())
    state = {
        "latents": (latents * scaling).half(),
        "scaling": scaling,
        "scope": chosen.name,
        "scenes": [scene.plain() for scene in planned],
    }
    save(LATENTS, state)
    return state


def load(chosen: scope.Scope = scope.CORE) -> dict[str, Any]:
    """What was encoded; encodes now what is missing or belongs to another scope."""
    if LATENTS.exists():
        state: dict[str, Any] = torch.load(LATENTS, weights_only=True)
        if state["scope"] == chosen.name:
            return state
    return encode(chosen)


def scaling() -> float:
    """The factor from the autoencoder's latents to the denoiser's; 1 before anything is encoded."""
    return float(torch.load(LATENTS, weights_only=True)["scaling"]) if LATENTS.exists() else 1.0


class Captioned:
    """Draws (latents, caption) pairs by weight."""

    def __init__(self, state: dict[str, Any], seed: int, mix: Mix | None = None) -> None:
        self.latents: torch.Tensor = state["latents"]
        self.scenes = [scenes.Scene.of(plain) for plain in state["scenes"]]
        self.rng = np.random.default_rng(seed)
        rows = data.load()[1]
        self.speaker = captions.Speaker(rows, self.rng)
        weight = self._weights(rows, mix or Mix())
        self.edges = np.cumsum(weight) / np.sum(weight)

    def _weights(self, rows: list[data.Row], mix: Mix) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        weight = np.array([
            s.weight * mix.factor([rows[item.row].names[0] for item in s.items[:2]]) for s in self.scenes
        ])  # fmt: skip
        kinds = np.array([s.kind for s in self.scenes])
        for kind, share in mix.shares.items():
            weight[kinds == kind] *= share / max(weight[kinds == kind].sum(), 1e-12)
        return weight

    def draw(self, count: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Indices of ``count`` scenes."""
        return np.searchsorted(self.edges, self.rng.random(count)).clip(0, len(self.edges) - 1)

    def batches(self, count: int, unsaid: float) -> Iterator[tuple[torch.Tensor, list[str]]]:
        """Endless `batch`."""
        while True:
            yield self.batch(count, unsaid)

    def batch(self, count: int, unsaid: float = 0.1) -> tuple[torch.Tensor, list[str]]:
        """Latents (B, C, 16, 16) and captions; a share ``unsaid`` of the captions is empty, for guidance."""
        index = self.draw(count)
        texts = ["" if self.rng.random() < unsaid else self.speaker.say(self.scenes[int(i)]) for i in index]
        return self.latents[torch.from_numpy(index)].float(), texts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    usual = "full" if torch.cuda.is_available() else "core"
    parser.add_argument("--scope", choices=sorted(scope.SCOPES), default=usual)
    state = encode(scope.SCOPES[parser.parse_args().scope])
    print(f"{len(state['scenes'])} scenes -> {LATENTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
