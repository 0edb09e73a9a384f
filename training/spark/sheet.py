"""Draw the contact sheet of fixed prompts: ``python -m training.spark.sheet [PICTURE]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from PIL import Image, ImageDraw

from . import export

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


@torch.no_grad()
def draw(
    pipe: StableDiffusionPipeline,
    prompts: Sequence[str],
    seed: int = 0,
    steps: int = 20,
    guidance: float = 5.0,
    batch: int = 12,
) -> list[Image.Image]:
    """One picture for each prompt; picture i starts from seed + i, whatever the batch."""
    pictures: list[Image.Image] = []
    pipe.set_progress_bar_config(disable=True)
    for start in range(0, len(prompts), batch):
        part = list(prompts[start : start + batch])
        noise = [torch.Generator().manual_seed(seed + start + i) for i in range(len(part))]
        pictures += pipe(
            part, num_inference_steps=steps, guidance_scale=guidance, generator=noise, height=256, width=256
        ).images
    return pictures


def contact_sheet(
    pictures: Sequence[Image.Image], prompts: Sequence[str], columns: int = 8, cell: int = 144
) -> Image.Image:
    """All pictures in a grid, each with its prompt below."""
    line = 14
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * cell, rows * (cell + line)), "white")
    pen = ImageDraw.Draw(sheet)
    for i, (picture, prompt) in enumerate(zip(pictures, prompts, strict=True)):
        x, y = i % columns * cell, i // columns * (cell + line)
        sheet.paste(picture.resize((cell, cell), Image.Resampling.LANCZOS), (x, y))
        pen.text((x + 4, y + cell), prompt[:26], fill=(60, 60, 60))
    return sheet


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path, nargs="?", default=OUT)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    pictures = draw(export.pipeline(), PROMPTS, options.seed, options.steps, options.guidance)
    sheet = contact_sheet(pictures, PROMPTS)
    sheet.quantize(256, dither=Image.Dither.NONE).save(options.picture, optimize=True)
    print(f"{len(pictures)} pictures -> {options.picture}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
