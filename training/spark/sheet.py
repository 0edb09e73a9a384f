"""Draw the contact sheet of fixed prompts: ``python -m training.spark.sheet [PICTURE]``."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from PIL import Image, ImageDraw

from . import export, prompts

PROMPTS = (
    """
a red apple|a yellow star|a blue car|a green tree|a red heart|a pizza|a cat|a rocket
a pink flower|a house|an orange fish|a birthday cake|the sun|a golden crown|a purple dragon|a robot
a red mushroom|a brown guitar|a dog|a sailboat|a soccer ball|a cup of coffee|a blue book|a moon
a banana|a strawberry|a hamburger|an ice cream cone|a doughnut|a green frog|a butterfly|a penguin
an airplane|a red bus|a steam train|a bicycle|a castle|a golden key|a green balloon|a gift
a blue star, flat icon|a fox, 3d render|a tulip, clip art|a lemon on a blue background
a black cat|a white rabbit|a puppy|a pink car, flat icon
""".strip()
    .replace("\n", "|")
    .split("|")
)
OUT = Path(__file__).with_name("sheet.png")
LARGEST = 1_000_000


@torch.no_grad()
def latents(
    pipe: StableDiffusionPipeline,
    texts: Sequence[str],
    seeds: Sequence[int],
    steps: int = 20,
    guidance: float = 3.0,
    negative: Sequence[str] | None = None,
) -> torch.Tensor:
    """Finished latents of 256 x 256 pictures, (B, channels, height, width) as the decoder takes them, in one batch."""
    pipe.set_progress_bar_config(disable=True)
    return pipe(
        list(texts),
        negative_prompt=None if negative is None else list(negative),
        num_inference_steps=steps,
        guidance_scale=guidance,
        generator=[torch.Generator().manual_seed(seed) for seed in seeds],
        height=256,
        width=256,
        output_type="latent",
    ).images


@torch.no_grad()
def decode(pipe: StableDiffusionPipeline, finished: torch.Tensor) -> list[Image.Image]:
    """The pictures of finished latents."""
    scaled = finished.to(pipe.device, pipe.vae.dtype) / pipe.vae.config.scaling_factor
    return pipe.image_processor.postprocess(pipe.vae.decode(scaled).sample.float())


def draw(
    pipe: StableDiffusionPipeline,
    texts: Sequence[str],
    seed: int = 0,
    steps: int = 20,
    guidance: float = 3.0,
    batch: int = 12,
) -> list[Image.Image]:
    """One 256 x 256 picture for each text; picture i starts from seed + i, whatever the batch."""
    pictures: list[Image.Image] = []
    for first in range(0, len(texts), batch):
        part = texts[first : first + batch]
        made = latents(pipe, part, range(seed + first, seed + first + len(part)), steps, guidance)
        pictures += decode(pipe, made)
    return pictures


def shows(text: str, things: Sequence[prompts.Thing]) -> str:
    """Name of the thing in scope that a prompt is about: of all its words found in the text, the longest decides.

    Raises:
        ValueError: the text names nothing in scope.
    """
    found = [
        (len(word), thing.name)
        for thing in things
        for word in (thing.name, *thing.unsaid)
        if re.search(rf"\b{re.escape(word)}\b", text)
    ]
    if not found:
        raise ValueError(f"The prompt “{text}” names nothing in scope; add its thing to training/spark/prompts.py.")
    return max(found)[1]


def contact_sheet(
    pictures: Sequence[Image.Image], texts: Sequence[str], columns: int = 8, cell: int = 144
) -> Image.Image:
    """All pictures in a grid, each with its prompt below."""
    line = 14
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * cell, rows * (cell + line)), "white")
    pen = ImageDraw.Draw(sheet)
    for i, (picture, text) in enumerate(zip(pictures, texts, strict=True)):
        x, y = i % columns * cell, i // columns * (cell + line)
        sheet.paste(picture.resize((cell, cell), Image.Resampling.LANCZOS), (x, y))
        pen.text((x + 4, y + cell), text[:26], fill=(60, 60, 60))
    return sheet


def save(pictures: Sequence[Image.Image], texts: Sequence[str], path: Path) -> None:
    """Write the sheet as a PNG of less than 1 MB, if need be of 256 colours."""
    sheet = contact_sheet(pictures, texts)
    sheet.save(path, optimize=True)
    if path.stat().st_size >= LARGEST:
        sheet.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path, nargs="?", default=OUT)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    pictures = draw(export.pipeline(), PROMPTS, options.seed, options.steps, options.guidance)
    save(pictures, PROMPTS, options.picture)
    print(f"{len(pictures)} pictures -> {options.picture}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
