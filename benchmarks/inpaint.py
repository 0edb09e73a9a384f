"""Inpainting's seam: the step across a mask's edge against the steps inside the mask and in the untouched picture.

Also the largest change of any value outside the mask, which has to be 0, and how well the picture tools do on pictures
whose truth is known: decibels gained by denoising.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from benchmarks.common import library, median, report
from studio.plugins import Device, Generator, Image, Mask, ModelFiles
from studio.plugins.testing import RecordingContext, run

SEEDS = (3, 11, 27)
SUBJECTS = ("a red apple", "a yellow star", "a green balloon")


def main() -> None:
    ctx = context("spark", "stable-diffusion")
    from plugins_builtin.diffusion import Picture

    seams: dict[str, list[float]] = {"hard": [], "soft": []}
    outside = 0
    for seed, prompt in zip(SEEDS, SUBJECTS, strict=True):
        start = drawn(Picture, ctx, prompt=prompt, seed=seed)
        for kind, mask in masks(start.width, start.height).items():
            made = drawn(Picture, ctx, prompt=prompt, seed=seed + 1, strength=0.7, init_image=Image.from_pil(start),
                         mask=Mask.from_pil(PIL.Image.fromarray(mask)))
            old, new = (np.asarray(p.convert("RGB")).astype(int) for p in (start, made))
            outside = max(outside, int(np.abs(new - old)[mask == 0].max()))
            edge, inside = steps(new, mask)
            seams[kind].append(edge / max(inside, steps(old, mask)[0], 0.1))
    noisy, clean = denoised()
    report("inpaint", {
        "seam_hard_mask": round(median(seams["hard"]), 2), "seam_soft_mask": round(median(seams["soft"]), 2),
        "largest_change_outside": outside, "denoise_gain_db": round(clean - noisy, 1),
    }, "seam at most 1.2 of the steps inside or in the untouched picture; no change outside")


def context(name: str, kind: str) -> RecordingContext:
    found = library().resolve(name, (kind,))
    return RecordingContext({"model": ModelFiles(name, kind, Path(found["path"]), found["sha256"])},
                            device=Device("cpu", "float32", "CPU", 1))


def drawn(generator: type[Generator], ctx: RecordingContext, **params: Any) -> PIL.Image.Image:
    (image,), _ = run(generator, ctx, **params)
    assert isinstance(image, Image)
    return image.pil()


def masks(width: int, height: int) -> dict[str, np.ndarray]:
    """uint8 (height, width): a rectangle, and a disc that fades over 40 pixels."""
    hard = np.zeros((height, width), np.uint8)
    hard[height // 6 : -height // 8, width // 2 : -width // 7] = 255
    y, x = np.mgrid[0:height, 0:width]
    away = np.hypot(x - width / 2, y - height / 2)
    return {"hard": hard, "soft": (np.clip((80 - away) / 40, 0, 1) * 255).astype(np.uint8)}


def steps(pixels: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    """Mean absolute difference of neighbours across the mask's edge, and of those within it."""
    hole = mask > 0
    across, within = [], []
    for axis in (0, 1):
        change = np.abs(np.diff(pixels, axis=axis)).mean(-1)
        one, other = (np.delete(hole, end, axis=axis) for end in (-1, 0))
        across.append(change[one != other])
        within.append(change[one & other])
    return float(np.concatenate(across).mean()), float(np.concatenate(within).mean())


def denoised() -> tuple[float, float]:
    """Decibels against the truth of a picture with noise of 25 grey levels, and of what FFDNet makes of it."""
    from plugins_builtin.enhance import Denoise

    y, x = np.mgrid[0:256, 0:256]
    truth = np.dstack([127 + 90 * np.sin(x / 40), 127 + 90 * np.cos(y / 30), (x ^ y) / 2 + 60])
    noise = np.random.default_rng(1).normal(0, 25, truth.shape)
    given = np.clip(truth + noise, 0, 255).astype(np.uint8)
    made = drawn(Denoise, context("ffdnet", "ffdnet"), image=Image.from_pil(PIL.Image.fromarray(given)), strength=25)

    def decibels(pixels: np.ndarray) -> float:
        return float(10 * np.log10(255**2 / np.square(pixels - truth).mean()))

    return decibels(given), decibels(np.asarray(made))


if __name__ == "__main__":
    main()
