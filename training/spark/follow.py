"""How well a control net is followed: ``python -m training.spark.follow [NET]``.

Single things, at places, in sizes and in shapes that no training picture had, with prompts in wordings that no caption
has ("show me a cat"). The drawing is what the program's "Edges (Canny)" makes of the picture. Drawn with the stock
StableDiffusionControlNetPipeline, and from the same seeds without the net.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from diffusers import ControlNetModel, StableDiffusionControlNetPipeline, StableDiffusionPipeline
from numpy.typing import NDArray
from PIL import Image

from . import captions, data, export, hints, prompts, scenes, scope
from .runtime import Runtime

REACH = 2  # pixels that an edge may lie beside its line
GAIN = 0.1  # of F1, below which a net is not shipped
Mask = NDArray[np.bool_]


def near(lines: Mask, reach: int) -> Mask:
    """All places within ``reach`` pixels of a line."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return cv2.dilate(lines.astype(np.uint8), disc) > 0


def f1(wanted: Mask, found: Mask, reach: int = REACH) -> float:
    """F1 of two edge maps, where an edge within ``reach`` pixels counts as met; 0 when one has no edges."""
    recall = (wanted & near(found, reach)).sum() / max(wanted.sum(), 1)
    precision = (found & near(wanted, reach)).sum() / max(found.sum(), 1)
    return float(2 * recall * precision / max(recall + precision, 1e-9))


def solid(picture: hints.Bytes) -> Mask:
    """Where a picture is not its white ground."""
    return picture.min(-1) < 235


def overlap(a: Mask, b: Mask) -> float:
    """Intersection over union; 1 for two empty ones."""
    return float((a & b).sum() / max((a | b).sum(), 1)) if (a | b).any() else 1.0


def asked(chosen: scope.Scope, count: int, seed: int = 91) -> tuple[list[str], list[hints.Bytes]]:
    """Held-out prompts, and pictures of how the thing should lie."""
    rng, planned = np.random.default_rng(seed), hints.planned(chosen)
    singles = [s for s in planned[0] if s.kind == "single" and not s.items[0].source]
    sheet, texts, pictures = data.load()[0], [], []
    for number, i in enumerate(rng.choice(len(singles), count, replace=len(singles) < count)):
        picture = (scenes.paint(singles[int(i)], sheet) * 255).round().astype(np.uint8)
        pictures.append(hints.warped(picture, rng))
        noun = captions.thing(planned[1][singles[int(i)].items[0].row].names[0])
        texts.append(prompts.NEW_FRAMES[number % len(prompts.NEW_FRAMES)].format(noun))
    return texts, pictures


@torch.no_grad()
def drawn(pipe: Any, texts: Sequence[str], lines: Sequence[hints.Bytes] | None, steps: int, scale: float = 1.0,
          batch: int = 8) -> list[hints.Bytes]:  # fmt: skip
    """Pictures (256, 256, 3); the i-th from seed 500 + i. ``lines`` only where the pipeline has a control net."""
    made: list[hints.Bytes] = []
    for first in range(0, len(texts), batch):
        part: dict[str, Any] = {}
        if lines is not None:
            shown = [Image.fromarray(np.repeat(m[..., None], 3, -1)) for m in lines[first : first + batch]]
            part = {"image": shown, "controlnet_conditioning_scale": scale}
        seeds = range(500 + first, 500 + min(first + batch, len(texts)))
        made += [np.asarray(p) for p in pipe(
            list(texts[first : first + batch]), num_inference_steps=steps, guidance_scale=3.0, height=256, width=256,
            generator=[torch.Generator().manual_seed(seed) for seed in seeds], **part,
        ).images]  # fmt: skip
    return made


def scores(wanted: Sequence[hints.Bytes], made: Sequence[hints.Bytes]) -> dict[str, float]:
    """Mean figures of made pictures against the pictures whose edges they were to follow."""
    maps = [(hints.edges(w) > 0, hints.edges(m) > 0) for w, m in zip(wanted, made, strict=True)]
    return {
        f"edge F1, {REACH} px": float(np.mean([f1(*pair) for pair in maps])),
        "edge F1, 4 px": float(np.mean([f1(*pair, 4) for pair in maps])),
        "overlap of shapes": float(np.mean([
            overlap(solid(w), solid(m)) for w, m in zip(wanted, made, strict=True)
        ])),
    }  # fmt: skip


def measure(
    net: ControlNetModel, model: Path = export.FOLDER, chosen: scope.Scope = scope.CORE, count: int = 48,
    steps: int = 20, sheet: Path | None = None,
) -> dict[str, dict[str, float]]:  # fmt: skip
    """Figures "with" the net, "without" it, and "by hand": with it, led by shaky lines of a person's kind."""
    device = Runtime.detect().device
    plain = StableDiffusionPipeline.from_pretrained(model, dtype=torch.float32, local_files_only=True).to(device)
    plain.set_progress_bar_config(disable=True)
    guided = StableDiffusionControlNetPipeline(**plain.components, controlnet=net.float().to(device))
    guided.set_progress_bar_config(disable=True)
    texts, wanted = asked(chosen, count)
    rng = np.random.default_rng(92)
    lines, rough = [hints.edges(p) for p in wanted], [hints.by_hand(hints.outline(p), rng) for p in wanted]
    made = {
        "with": drawn(guided, texts, lines, steps),
        "without": drawn(plain, texts, None, steps),
        "by hand": drawn(guided, texts, rough, steps),
    }
    if sheet is not None:
        rows = [lines, made["with"], made["without"], rough, made["by hand"]]
        save(rows, sheet)
    return {name: scores(wanted, pictures) for name, pictures in made.items()}


def followed(figures: dict[str, dict[str, float]]) -> bool:
    """True when the net is worth shipping."""
    name = f"edge F1, {REACH} px"
    return figures["with"][name] > figures["without"][name] + GAIN


def save(rows: Sequence[Sequence[hints.Bytes]], path: Path, columns: int = 12, side: int = 112) -> None:
    """A contact sheet: one row of pictures or drawings under the other."""
    out = np.full((len(rows) * side, columns * side, 3), 255, np.uint8)
    for y, row in enumerate(rows):
        for x, picture in enumerate(row[:columns]):
            rgb = np.repeat(picture[..., None], 3, -1) if picture.ndim == 2 else picture
            small = cv2.resize(np.ascontiguousarray(rgb), (side, side), interpolation=cv2.INTER_AREA)
            out[y * side : (y + 1) * side, x * side : (x + 1) * side] = small
    Image.fromarray(out).save(path, optimize=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("net", type=Path, nargs="?", help="folder; without it the checkpoint in the build folder")
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    from . import control

    net = ControlNetModel.from_pretrained(options.net) if options.net else control.load()
    print(json.dumps(measure(net, count=options.count, steps=options.steps, sheet=options.sheet), indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
