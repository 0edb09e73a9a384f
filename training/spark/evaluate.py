"""Measure the exported model: ``python -m training.spark.evaluate``.

Prints, and writes to ``training/spark/figures.json``: autoencoder PSNR on held-out pictures, colour accuracy, distance
to the nearest training picture, seconds a picture; draws the contact sheet.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from numpy.typing import NDArray
from PIL import Image

from . import autoencoder, colours, compose, data, export, sheet
from .runtime import Runtime

FIGURES = Path(__file__).with_name("figures.json")
THINGS = ("apple", "star", "car", "heart", "cat", "balloon", "book", "crown", "fish", "flower")
ASKED = ("red", "yellow", "green", "blue", "pink", "black")


def load(folder: Path, dtype: torch.dtype) -> StableDiffusionPipeline:
    """The pipeline as any program loads it."""
    pipe = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=dtype, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def foreground(picture: Image.Image) -> NDArray[np.uint8]:
    """RGBA whose alpha is 255 where the picture differs from its border colour (the median of the edge pixels)."""
    rgb = np.asarray(picture.convert("RGB"))
    edge = np.concatenate(
        [rgb[:4].reshape(-1, 3), rgb[-4:].reshape(-1, 3), rgb[:, :4].reshape(-1, 3), rgb[:, -4:].reshape(-1, 3)]
    )
    away = np.abs(rgb.astype(int) - np.median(edge, axis=0)).max(-1)
    return np.dstack([rgb, np.where(away > 24, 255, 0).astype(np.uint8)])


def colour_accuracy(pipe: StableDiffusionPipeline, steps: int, guidance: float) -> dict[str, Any]:
    """Share of pictures whose commonest foreground colour has the name that was asked for."""
    pairs = [(colour, thing) for thing in THINGS for colour in ASKED]
    pictures = sheet.draw(pipe, [f"a {colour} {thing}" for colour, thing in pairs], 100, steps, guidance)
    got = [colours.dominant(foreground(picture))[0] for picture in pictures]
    right = dict.fromkeys(ASKED, 0)
    for (colour, _), found in zip(pairs, got, strict=True):
        right[colour] += colour == found
    wrong = [f"{colour} {thing}: {found}" for (colour, thing), found in zip(pairs, got, strict=True) if colour != found]
    return {"accuracy": sum(right.values()) / len(pairs), "prompts": len(pairs), "right of 10": right, "wrong": wrong}


def _small(picture: NDArray[np.floating]) -> NDArray[np.float32]:
    """(256, 256, 3) in 0..1 -> 32 x 32 x 3 as one vector."""
    return picture.reshape(32, 8, 32, 8, 3).mean((1, 3), dtype=np.float32).reshape(-1)


def memory(pictures: Sequence[Image.Image]) -> dict[str, float]:
    """RMS distance (0..1, at 32 x 32 pixels) to the nearest training picture on white, centred, both ways round.

    ``between training pictures`` is the same figure for training pictures among themselves: the scale to read it by.
    """
    stored, rows = data.load()
    canvas = np.ones((256, 256, 3), np.float32)
    train = [i for i, row in enumerate(rows) if row.split == "train"]
    vectors = [
        _small(compose.compose(np.asarray(stored[i]), canvas, compose.Placement(flip, 0.85)))
        for i in train
        for flip in (False, True)
    ]
    known = np.stack(vectors)
    made = np.stack([_small(np.asarray(p, np.float32) / 255) for p in pictures])
    sample = known[:: max(1, len(known) // 200)]

    def nearest(queries: NDArray[np.float32], rank: int) -> float:
        square = (queries**2).sum(1)[:, None] + (known**2).sum(1)[None] - 2 * queries @ known.T
        return float(np.median(np.sqrt(np.sort(square.clip(0), 1)[:, rank] / known.shape[1])))

    return {
        "to training pictures": nearest(made, 0),
        "between training pictures": nearest(sample, 2),
    }  # after itself and its mirror image


def seconds(folder: Path, steps: int = 20) -> dict[str, float]:
    """Seconds for one 256 x 256 picture (batch 1, guided), best of three, by number format."""
    found = {}
    for name, dtype in (("bfloat16", torch.bfloat16), ("float32", torch.float32)):
        pipe = load(folder, dtype)
        times = []
        for _ in range(3):
            start = time.perf_counter()
            pipe(
                "a red apple",
                num_inference_steps=steps,
                generator=torch.Generator().manual_seed(0),
                height=256,
                width=256,
            )
            times.append(time.perf_counter() - start)
        found[name] = min(times)
    return found


def same_bytes(pipe: StableDiffusionPipeline) -> bool:
    """True when the same seed gives the same picture twice."""
    digests = {hashlib.sha256(sheet.draw(pipe, ["a cat"], seed=7)[0].tobytes()).hexdigest() for _ in range(2)}
    return len(digests) == 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=export.FOLDER)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=5.0)
    options = parser.parse_args()
    runtime = Runtime.detect()
    pipe = load(options.folder, torch.float32)
    vae: AutoencoderKL = pipe.vae
    figures: dict[str, Any] = {"steps": options.steps, "guidance": options.guidance}
    figures["autoencoder PSNR, dB"] = autoencoder.held_out_psnr(vae)
    with runtime.autocast():
        pictures = sheet.draw(pipe, sheet.PROMPTS, 0, options.steps, options.guidance)
    drawn = sheet.contact_sheet(pictures, sheet.PROMPTS)
    drawn.quantize(256, dither=Image.Dither.NONE).save(sheet.OUT, optimize=True)
    figures["nearest neighbour"] = memory(pictures)
    with runtime.autocast():
        figures["colour"] = colour_accuracy(pipe, options.steps, options.guidance)
    figures["same seed, same bytes"] = same_bytes(pipe)
    figures["seconds a picture"] = seconds(options.folder, options.steps)
    text = json.dumps(figures, indent=2, default=lambda value: round(float(value), 4))
    FIGURES.write_text(text + "\n", "utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
