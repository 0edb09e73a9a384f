"""Train one of the two models: ``python -m training.music train transformer --minutes 75``. Stops and goes on."""

from __future__ import annotations

import json
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional

from plugins_builtin.music import vocabulary as v
from plugins_builtin.music.network import Network, Shape, build
from plugins_builtin.music.piece import Piece

from . import data

SHAPES = {
    "transformer": Shape("transformer", v.SIZE, v.LONGEST, width=160, layers=5, heads=4),
    "lstm": Shape("lstm", v.SIZE, v.LONGEST, width=184, layers=2, embedding=88, dropout=0.2),
}
RATES = {"transformer": 2.5e-3, "lstm": 4e-3}
BATCH = {"transformer": 2048, "lstm": 1024}
"""Steps of music in a step of training."""
WARM_STEPS = 60


@dataclass
class Log:
    """What a training leaves beside its weights."""

    lines: list[dict[str, float]]

    def add(self, path: Path, **facts: float) -> None:
        self.lines.append({key: round(value, 4) for key, value in facts.items()})
        path.write_text(json.dumps(self.lines))
        print(" ".join(f"{key} {value:.4g}" for key, value in facts.items()), flush=True)


def losses(network: Network, steps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Summed cross entropy in nats of words and of their lengths, and the number of steps told."""
    hidden, aims = network(steps[:, :-1]), steps[:, 1:]
    words = aims[..., 0]
    told = functional.cross_entropy(network.steps.words(hidden).flatten(0, 1), words.flatten(), ignore_index=v.PAD,
                           reduction="sum")
    lasting = aims[..., 1] > 0
    lengths = network.steps.lengths(hidden[lasting], words[lasting])
    return told, functional.cross_entropy(lengths, aims[..., 1][lasting], reduction="sum"), int((words != v.PAD).sum())


@torch.no_grad()
def validate(network: Network, held_out: list[Piece], context: int, solo: bool) -> float:
    """Mean loss in nats a step over sequences drawn with a fixed seed."""
    network.eval()
    rng = random.Random(1)
    rows = sorted((data.draw(p, context, rng, solo) for p in held_out), key=len)
    total = count = 0.0
    for start in range(0, len(rows), 12):
        words, lengths, told = losses(network, data.pad(rows[start:start + 12]))
        total, count = total + float(words + lengths), count + told
    network.train()
    return total / max(count, 1)


def rate_at(done: float, step: int, highest: float) -> float:
    """Linear warm-up, then a cosine down to a twentieth over the time there is; `done` 0 to 1."""
    warm = min(1.0, (step + 1) / WARM_STEPS)
    return highest * warm * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))


def train(kind: str, corpus: Path, build_dir: Path, minutes: float, most_steps: float = math.inf) -> Path:
    """Train until `minutes` of work or so many steps are done, counting those of earlier runs; returns the checkpoint.
    """
    torch.manual_seed(1)
    shape, solo = SHAPES[kind], kind == "lstm"
    splits = data.load(corpus)
    network = build(shape)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    path = build_dir / f"{kind}.pt"
    step, spent, log, best = 0, 0.0, Log([]), math.inf
    if path.exists():
        saved = torch.load(path, weights_only=True)
        network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent, log, best = saved["step"], saved["spent"], Log(saved["log"]), saved["best"]
    rng = random.Random(1000 + step)
    size = sum(p.numel() for p in network.parameters())
    print(f"{kind}: {size / 1e6:.2f} M parameters, {[(k, len(x)) for k, x in splits.items()]}", flush=True)
    began, said, seen, running = time.monotonic() - spent, time.monotonic(), 0, 0.0
    for epoch, rows in data.batches(splits["train"], shape.context, BATCH[kind], rng, solo):
        spent = time.monotonic() - began
        for group in optimizer.param_groups:
            group["lr"] = rate_at(spent / (minutes * 60), step, RATES[kind])
        optimizer.zero_grad()
        told_all = 0
        for part in rows.split(max(1, 2048 // rows.shape[1])):  # memory stays small on a shared machine
            words, lengths, told = losses(network, part)
            loss = words + lengths
            (loss / (rows.shape[0] * rows.shape[1])).backward()
            running, told_all = running + float(loss.detach()), told_all + told
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step, seen = step + 1, seen + told_all
        over = spent >= minutes * 60 or step >= most_steps
        if over or time.monotonic() - said > (60 if kind == "lstm" else 180):
            held = validate(network, splits["valid"], shape.context, solo)
            log.add(build_dir / f"{kind}.json", minutes=spent / 60, step=step, epoch=epoch,
                    train=running / max(seen, 1), valid=held, steps=seen)
            said, seen, running = time.monotonic(), 0, 0.0
            best = min(best, held)
            state = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "step": step,
                     "spent": spent, "log": log.lines, "best": best}
            torch.save(state, path.with_suffix(".part"))
            path.with_suffix(".part").replace(path)
        if over:
            break
    return path
