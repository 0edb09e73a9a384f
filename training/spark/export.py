"""Write the pipeline folder: ``python -m training.spark.export [FOLDER]``.

The layout is that of diffusers' StableDiffusionPipeline with half-precision safetensors; it is what the program ships.
Missing checkpoints give random parts, so the layout can be tried before a training is over.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline

from . import autoencoder, denoiser, distill, latents, text_encoder

FOLDER = Path(__file__).resolve().parents[2] / "plugins_builtin" / "diffusion" / "spark"


def pipeline(dtype: torch.dtype = torch.float32) -> StableDiffusionPipeline:
    """The whole of Spark from the checkpoints of the build folder, with averaged weights."""
    unet, student = denoiser.load()
    vae: AutoencoderKL = autoencoder.load()
    if latents.LATENTS.exists():
        vae.register_to_config(scaling_factor=round(latents.scaling(), 5))
    parts = StableDiffusionPipeline(
        vae=vae,
        text_encoder=student.encoder,
        tokenizer=text_encoder.load_tokenizer(),
        unet=unet,
        scheduler=denoiser.scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    return parts.to(dtype=dtype)


def export(folder: Path) -> int:
    """Save to ``folder`` beside what lies there already; returns the size in bytes."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        pipeline(torch.float16).save_pretrained(scratch)
        tokenizer = Path(scratch) / "tokenizer"
        for name in ("vocab.json", "merges.txt"):
            if not (tokenizer / name).exists():
                (tokenizer / name).write_bytes((text_encoder.FOLDER / name).read_bytes())
        distill.export(Path(scratch) / "draft")
        for path in sorted(Path(scratch).rglob("*")):
            if path.is_file():
                target = folder / path.relative_to(scratch)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{export(folder) / 1e6:.1f} MB in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
