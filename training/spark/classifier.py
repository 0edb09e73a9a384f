"""The judge of Spark's pictures: a small network that says what an icon shows and where.

``python -m training.spark.classifier`` trains it twice on the real pictures, a few minutes each: once without one
drawing style of every thing, to see how often it names a drawing it has never seen, and once on all of them, to be
used. It tells the things in scope and "other"; ruined pictures (torn, blurred to a blob) are taught as "other", so
that a blob with the right colour does not pass. Scenes of several things are searched through nine overlapping
windows.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from . import compose, data, packages, prompts
from .classifier_data import SIDE, Mix, Store, Views, store
from .runtime import Clock, Runtime, restore, save

CHECKPOINT = packages.BUILD / "classifier.pt"
WIDTHS = (32, 64, 96, 128, 160)


@dataclass(frozen=True)
class Settings:
    steps: int = 800  # of `batch` pictures; about three minutes on one CPU core
    batch: int = 48
    rate: float = 2e-3
    mix: Mix = field(default_factory=Mix)


class Block(nn.Module):
    """Residual block with batch norm; halves the size."""

    def __init__(self, into: int, out: int) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(into, out, 3, 2, 1, bias=False), nn.BatchNorm2d(out), nn.SiLU())
        self.more = nn.Sequential(nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.down(x)
        return functional.silu(x + self.more(x))


class Net(nn.Module):
    """(B, 3, 96, 96) in -1..1 -> logits of the K things and "other" (B, K + 1), features (B, 64)."""

    def __init__(self, things: int) -> None:
        super().__init__()
        first = nn.Sequential(nn.Conv2d(3, WIDTHS[0], 3, 2, 1, bias=False), nn.BatchNorm2d(WIDTHS[0]), nn.SiLU())
        self.blocks = nn.Sequential(first, *(Block(a, b) for a, b in itertools.pairwise(WIDTHS)))
        self.embed = nn.Linear(WIDTHS[-1] * 2, 64)
        self.name = nn.Linear(64, things + 1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.blocks(x)
        features = self.embed(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1))
        return self.name(functional.silu(features)), features


def train(source: Store, settings: Settings, seed: int = 4) -> Net:
    """A fresh network trained on ``source`` in evaluation mode."""
    runtime = Runtime.detect()
    torch.manual_seed(seed)
    net = Net(len(source.things)).to(runtime.device, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), settings.rate, weight_decay=0.02, fused=True)
    views, clock = Views(source, settings.mix, seed), Clock(1)
    for step in range(settings.steps):
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * min(1, (step + 1) / 60) * (1.01 - (step + 1) / settings.steps)
        x, classes = (part.to(runtime.device) for part in views.batch(settings.batch))
        with runtime.autocast():
            names, _ = net(x.contiguous(memory_format=torch.channels_last))
        loss = functional.cross_entropy(names.float(), classes, label_smoothing=0.05)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        clock.add(settings.batch)
        if (step + 1) % 100 == 0:
            right = (names.argmax(1) == classes).float().mean().item()
            print(f"classifier step {step + 1} of {settings.steps} loss {loss.item():.3f} right {right:.2f} "
                  f"{clock.rate():.0f} pictures/s", flush=True)  # fmt: skip
    return net.eval().cpu()


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one picture."""

    name: str  # a thing in scope, or "other"
    probability: float  # 0..1
    features: NDArray[np.float32]  # (64,)


@dataclass(frozen=True)
class Found:
    """What a search of a scene has found of each thing."""

    scores: NDArray[np.float32]  # (K,) probability in the window that shows it best, 0..1
    centres: NDArray[np.float32]  # (K, 2) x and y from left and top in 0..1: mean of the windows, by probability


class Judge:
    """A trained network with the names of its classes."""

    THERE = 0.4
    """Probability from which a thing counts as there; `check_scenes` says how good that is."""
    WINDOW = 0.56
    """Side of a search window; nine of them lie on the picture."""

    def __init__(self, net: Net, things: Sequence[str], report: dict[str, Any] | None = None) -> None:
        self.net, self.things, self.report = net, list(things), report or {}

    @torch.no_grad()
    def look(self, pictures: torch.Tensor) -> list[Verdict]:
        """Verdicts on (B, 3, 96, 96) in -1..1."""
        verdicts = []
        for part in pictures.split(64):
            names, features = self.net(part)
            best = names.softmax(1).max(1)
            for probability, index, vector in zip(best.values, best.indices, features, strict=True):
                name = self.things[index] if index < len(self.things) else "other"
                verdicts.append(Verdict(name, float(probability), vector.numpy()))
        return verdicts

    def see(self, pictures: Sequence[Image.Image]) -> list[Verdict]:
        """Verdicts on Pillow pictures of any size."""
        return self.look(torch.stack([as_input(picture) for picture in pictures]))

    @torch.no_grad()
    def search(self, picture: Image.Image) -> Found:
        """Where each thing is in a scene."""
        width, height = picture.size
        half = self.WINDOW / 2
        places = [(x, y) for y in (half - 0.02, 0.5, 1.02 - half) for x in (half - 0.02, 0.5, 1.02 - half)]
        edge = Image.new("RGB", (width * 2, height * 2), picture.getpixel((1, 1)))
        edge.paste(picture, (width // 2, height // 2))
        boxes = [((x - half + 0.5) * width, (y - half + 0.5) * height, (x + half + 0.5) * width,
                  (y + half + 0.5) * height) for x, y in places]  # fmt: skip
        parts = [edge.crop(tuple(round(side) for side in box)) for box in boxes]
        shown = self.net(torch.stack([as_input(part) for part in parts]))[0].softmax(1)[:, :-1].numpy()
        weight = shown / shown.sum(0).clip(1e-6)
        return Found(shown.max(0), (weight.T @ np.array(places)).astype(np.float32))

    def both(self, found: Found, first: str, second: str) -> bool:
        """True when both things are there."""
        return self.there(found, first) and self.there(found, second)

    def there(self, found: Found, name: str) -> bool:
        return bool(found.scores[self.things.index(name)] > self.THERE)

    def related(self, found: Found, first: str, second: str, relation: str) -> bool:
        """True when the first thing lies to the second as ``relation`` says; always for "and" and "next to"."""
        (ax, ay), (bx, by) = found.centres[self.things.index(first)], found.centres[self.things.index(second)]
        sides = {"to the left of": bx - ax, "to the right of": ax - bx, "above": by - ay, "below": ay - by}
        return relation not in sides or bool(sides[relation] > 0.08)


def as_input(picture: Image.Image) -> torch.Tensor:
    """(3, 96, 96) in -1..1."""
    small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
    return torch.from_numpy(np.asarray(small, np.float32).transpose(2, 0, 1) / 127.5 - 1)


def check(net: Net, source: Store, views: int = 8, seed: int = 21) -> dict[str, float]:
    """How often the net names the in-scope pictures of ``source`` rightly, each in ``views`` fresh renderings."""
    inside = (source.classes < len(source.things)).nonzero()[:, 0]
    only = inside.repeat(views)
    x, _ = Views(source, Mix(), seed).batch(len(only), only)
    said = [verdict.name for verdict in Judge(net, source.things).look(x)]
    right = np.array([source.things[int(source.classes[i])] == name for i, name in zip(only, said, strict=True)])
    styles = np.array([source.styles[int(i)] for i in only])
    return {"all": float(right.mean())} | {
        str(style): float(right[styles == style].mean()) for style in sorted(set(styles))
    }


def real_scene(rng: np.random.Generator, pictures: Sequence[NDArray[np.uint8]], upright: bool) -> Image.Image:
    """Two real cut-outs on white, side by side or, where ``upright``, the first above the second."""
    canvas = np.ones((data.SIZE, data.SIZE, 3), np.float32)
    for picture, sign in zip(pictures, (-1, 1), strict=True):
        away, aside = round(sign * data.SIZE * rng.uniform(0.22, 0.26)), int(rng.integers(-15, 16))
        shift = (aside, away) if upright else (away, aside)
        place = compose.Placement(bool(rng.random() < 0.5), float(rng.uniform(0.4, 0.52)), *shift)
        canvas = compose.compose(picture, canvas, place)
    return Image.fromarray((canvas * 255 + 0.5).astype(np.uint8))


def check_scenes(judge: Judge, count: int = 100, seed: int = 22) -> dict[str, float]:
    """Scenes of two real 3D things: how often both are found, the relation is right, and what is not there is found."""
    stored, rows = data.load()
    rng, things = np.random.default_rng(seed), prompts.scope(judge.things)
    both, right, wrong = 0, 0, 0
    for _ in range(count):
        pair = [things[int(i)] for i in rng.choice(len(things), 2, replace=False)]
        chosen = [int(rng.choice([i for i, row in enumerate(rows) if row.label in thing.labels and row.style == "3d"]))
                  for thing in pair]  # fmt: skip
        upright = bool(rng.random() < 0.4)
        found = judge.search(real_scene(rng, [np.asarray(stored[i]) for i in chosen], upright))
        names = [thing.name for thing in pair]
        ok = judge.both(found, *names)
        both += ok
        right += ok and judge.related(found, *names, "above" if upright else "to the left of")
        wrong += sum(judge.there(found, name) for name in judge.things if name not in names)
    shares = {"both found": both / count, "both found, relation right": right / count}
    return shares | {"false finds a scene": wrong / count}


def unseen_style(source: Store) -> tuple[list[int], list[int]]:
    """(to train on, to test on): of each thing one style is held out, taking turns; all others are trained on."""
    styles, count = data.STYLES, len(source.things)
    test = [i for i, c in enumerate(source.classes.tolist()) if c < count and source.styles[i] == styles[c % 3]]
    held = set(test)
    return [i for i in range(len(source.styles)) if i not in held], test


def make(settings: Settings, names: Sequence[str] | None = None) -> Judge:
    """Check on styles never seen, train on everything, check again, and keep the judge with its report."""
    source = store(prompts.scope(names))
    training, test = unseen_style(source)
    net = train(source.select(training), settings)
    report: dict[str, Any] = {"a drawing style never seen": check(net, source.select(test))}
    print(report, flush=True)
    net = train(source, settings, seed=5)
    judge = Judge(net, source.things)
    report["new renderings"] = check(net, source)
    report["scenes of two"] = check_scenes(judge)
    strangers = store(prompts.scope(names), others=-700)
    every = torch.arange(len(strangers.styles))
    verdicts = judge.look(Views(strangers, Mix(), 23).batch(len(every), every)[0])
    report["unseen strangers called other"] = float(np.mean([v.name == "other" for v in verdicts]))
    judge.report = report
    save(CHECKPOINT, {"net": net.state_dict(), "things": source.things, "report": report})
    return judge


def load(names: Sequence[str] | None = None, settings: Settings | None = None) -> Judge:
    """The judge of the things ``names``; trained now when there is none for just these."""
    things = [thing.name for thing in prompts.scope(names)]
    state = restore(CHECKPOINT)
    if state is None or state["things"] != things:
        return make(settings or Settings(), names)
    net = Net(len(things))
    net.load_state_dict(state["net"])
    return Judge(net.eval(), things, state["report"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=Settings.steps, help="of each of the two trainings")
    print(make(Settings(steps=parser.parse_args().steps)).report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
