"""Pictures that were drawn before, so that an evaluation can be stopped, started again and judged anew.

Latents are kept, not pixels: another decoder shows the same latents without drawing them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image

from . import packages, sheet

DECIDING = ("unet/*.safetensors", "text_encoder/*.safetensors", "tokenizer/*", "scheduler/*")


def fingerprint(folder: Path) -> str:
    """Digest of all that decides the latents of a pipeline folder."""
    digest = hashlib.sha256()
    for pattern in DECIDING:
        for path in sorted(folder.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


class Album:
    """Draws what it does not have yet, with one pipeline."""

    def __init__(self, pipe: StableDiffusionPipeline, weights: str, folder: Path = packages.BUILD / "drawn") -> None:
        self.pipe, self.weights, self.folder = pipe, weights, folder
        folder.mkdir(parents=True, exist_ok=True)

    def draw(self, texts: Sequence[str], seeds: Sequence[int], negative: Sequence[str] | None = None, mode: str = "",
             batch: int = 8, **how: Any) -> list[Image.Image]:  # fmt: skip
        """One picture for each text. ``how``: steps and guidance; ``mode``: whatever else decides the latents."""
        unwanted = negative or [""] * len(texts)
        asked = list(zip(texts, seeds, unwanted, strict=False))
        paths = [self.path(repr((self.weights, mode, *one, sorted(how.items())))) for one in asked]
        missing = [i for i, path in enumerate(paths) if not path.exists()]
        for start in range(0, len(missing), batch):
            part = missing[start : start + batch]
            made = sheet.latents(
                self.pipe, [texts[i] for i in part], [seeds[i] for i in part],
                negative=[unwanted[i] for i in part] if negative else None, **how,
            )  # fmt: skip
            for i, finished in zip(part, made, strict=True):
                np.save(paths[i], finished.float().cpu().numpy())
        pictures: list[Image.Image] = []
        for start in range(0, len(paths), batch):
            kept = np.stack([np.load(path) for path in paths[start : start + batch]])
            pictures += sheet.decode(self.pipe, torch.from_numpy(kept))
        return pictures

    def path(self, key: str) -> Path:
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npy"
