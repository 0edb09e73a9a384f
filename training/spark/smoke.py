"""Made-up pictures and a made-up teacher, so that the whole recipe can be tried in seconds and without a network."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import torch
import torch.nn.functional as functional
from numpy.typing import NDArray

from . import colours, data, packages, text_encoder
from .runtime import save

THINGS = {"red apple": 0.0, "star": 0.15, "cat": 0.5, "house": 0.6, "car": 0.75, "flying saucer": 0.9}


def picture(hue: float, style: int) -> NDArray[np.uint8]:
    """A shaded shape of one hue, (256, 256, 4); the styles differ in outline."""
    y, x = (np.mgrid[0 : data.SIZE, 0 : data.SIZE] - data.SIZE / 2) / (data.SIZE / 2)
    power = (2.0, 1.0, 6.0)[style]
    inside = np.abs(x) ** power + np.abs(y) ** power < 0.8**power
    hsv = np.dstack([np.full_like(x, hue), np.full_like(x, 0.8), 0.9 - 0.2 * y])
    return np.dstack([(colours.to_rgb(hsv) * 255).astype(np.uint8), (inside * 255).astype(np.uint8)])


def prepare() -> None:
    """Write the files that data preparation and MiniLM would write, unless they are there."""
    if data.INDEX.exists():
        return
    packages.BUILD.mkdir(parents=True, exist_ok=True)
    rows, pictures = [], []
    for label, hue in THINGS.items():
        for number, style in enumerate(data.STYLES):
            made = picture(hue, number)
            colour, share = colours.dominant(made)
            split = "held out" if label == "car" and style == "flat" else "train"
            rows.append(data.Row(label, label, (label,), (label, "made up"), style, split, 1.0, colour, share))
            pictures.append(made)
    np.save(data.PICTURES, np.stack(pictures))
    data.INDEX.write_text(json.dumps([asdict(row) for row in rows]), "utf-8")
    texts = text_encoder.corpus(300)
    vectors = functional.normalize(torch.randn(len(texts), text_encoder.TEACHER_WIDTH), dim=-1)
    save(text_encoder.TARGETS, {"texts": texts, "vectors": vectors.half()})
