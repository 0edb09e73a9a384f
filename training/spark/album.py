"""Pictures that were drawn before, so that an evaluation can be stopped, started again and judged anew."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diffusers import StableDiffusionPipeline
from PIL import Image

from . import packages, sheet


def fingerprint(folder: Path) -> str:
    """Digest of all weights and settings of a pipeline folder: other weights, other pictures."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".safetensors", ".json"):
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Album:
    """Draws what it does not have yet, with one pipeline."""

    def __init__(self, pipe: StableDiffusionPipeline, weights: str, folder: Path = packages.BUILD / "drawn") -> None:
        self.pipe, self.weights, self.folder = pipe, weights, folder
        folder.mkdir(parents=True, exist_ok=True)

    def draw(self, texts: Sequence[str], seeds: Sequence[int], negative: Sequence[str] | None = None,
             batch: int = 8, **how: Any) -> list[Image.Image]:  # fmt: skip
        """One picture for each text; ``how`` are the other arguments of `sheet.draw` and whatever else decides them."""
        paths = [self.path(t, seeds[i], negative[i] if negative else None, how) for i, t in enumerate(texts)]
        missing = [i for i, path in enumerate(paths) if not path.exists()]
        options = {name: value for name, value in how.items() if name != "mode"}
        for start in range(0, len(missing), batch):
            part = missing[start : start + batch]
            unwanted = [negative[i] for i in part] if negative else None
            drawn = sheet.draw(self.pipe, [texts[i] for i in part], seeds=[seeds[i] for i in part], negative=unwanted,
                               batch=batch, **options)  # fmt: skip
            for i, picture in zip(part, drawn, strict=True):
                picture.save(paths[i])
        return [Image.open(path).convert("RGB") for path in paths]

    def path(self, text: str, seed: int, negative: str | None, how: dict[str, Any]) -> Path:
        key = repr((self.weights, text, seed, negative, sorted(how.items())))
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.png"
