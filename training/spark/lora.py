"""Teach Spark a new thing or style from some twenty pictures: ``python -m training.spark.lora PICTURES``.

PICTURES is a folder of pictures; the caption of each is the text of a .txt file beside it, or else its file name
("a_red_kite.png": "a red kite"). A LoRA (Hu et al. 2021, arXiv:2106.09685) is trained with peft on the U-Net and
written as ``pytorch_lora_weights.safetensors``, which diffusers' `load_lora_weights` and the studio read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from PIL import Image, ImageOps, UnidentifiedImageError

from . import export
from .runtime import Runtime

NAME = "pytorch_lora_weights.safetensors"
KINDS = frozenset({".png", ".jpg", ".jpeg", ".webp"})
TARGETS = ("to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out", "conv1", "conv2")
"""Attention and, since a small U-Net draws mostly with them, convolutions."""


@dataclass(frozen=True)
class Settings:
    steps: int = 300
    batch: int = 8
    rank: int = 16
    rate: float = 1e-3
    size: int = 256
    unsaid: float = 0.1  # share of empty captions, for guidance
    snr_cap: float = 5.0
    seed: int = 0


def read(folder: Path) -> list[tuple[Image.Image, str]]:
    """The pictures of a folder with their captions, transparent ones laid on white.

    Raises:
        ValueError: there is no picture, or one cannot be read.
    """
    found = []
    for path in sorted(path for path in folder.glob("*") if path.suffix.lower() in KINDS):
        try:
            picture = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
        except (OSError, UnidentifiedImageError) as error:
            raise ValueError(f"The picture {path.name} cannot be read; remove it or save it again as PNG.") from error
        said = path.with_suffix(".txt")
        named = path.stem.replace("_", " ").rstrip("0123456789 ")
        caption = said.read_text("utf-8").strip() if said.exists() else named
        found.append((Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB"), caption))
    if not found:
        raise ValueError(f"{folder} holds no PNG, JPEG or WebP picture; put some twenty there.")
    return found


@torch.no_grad()
def encode(pipe: StableDiffusionPipeline, pictures: Sequence[Image.Image], size: int) -> torch.Tensor:
    """Latents (2 N, C, h, w), scaled as the U-Net sees them: each picture as it is and mirrored."""
    parts = []
    for picture in pictures:
        square = ImageOps.pad(picture, (size, size), color="white")
        for shown in (square, ImageOps.mirror(square)):
            x = pipe.image_processor.preprocess(shown).to(pipe.device, pipe.vae.dtype)
            parts.append(pipe.vae.encode(x).latent_dist.mean * pipe.vae.config.scaling_factor)
    return torch.cat(parts)


@torch.no_grad()
def states(pipe: StableDiffusionPipeline, texts: Sequence[str]) -> torch.Tensor:
    """(N, tokens, width) of the text encoder."""
    length = pipe.tokenizer.model_max_length
    tokens = pipe.tokenizer(list(texts), padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    return pipe.text_encoder(tokens.input_ids.to(pipe.device))[0]


def loss(unet: Any, scheduler: DDIMScheduler, x: torch.Tensor, said: torch.Tensor, settings: Settings,
         draw: torch.Generator) -> torch.Tensor:  # fmt: skip
    """The loss of a v- or epsilon-predicting U-Net on latents ``x``, weighted by min-SNR (arXiv:2303.09556)."""
    noise = torch.randn(x.shape, generator=draw).to(x)
    t = torch.randint(scheduler.config.num_train_timesteps, (len(x),), generator=draw).to(x.device)
    alphas = scheduler.alphas_cumprod.to(x)[t]
    snr = alphas / (1 - alphas).clamp_min(1e-8)
    velocity = scheduler.config.prediction_type == "v_prediction"
    target = scheduler.get_velocity(x, noise, t) if velocity else noise
    weight = snr.clamp_max(settings.snr_cap) / snr.clamp_min(1e-8)
    if velocity:
        weight = (snr + 1).clamp_max(settings.snr_cap) / (snr + 1)
    error = unet(scheduler.add_noise(x, noise, t), t, said).sample.float() - target.float()
    return (weight * error.square().mean((1, 2, 3))).mean()


def adapt(unet: Any, settings: Settings) -> list[torch.nn.Parameter]:
    """Freeze the U-Net and put fresh LoRA layers into it; returns their weights."""
    unet.requires_grad_(False)
    unet.add_adapter(LoraConfig(r=settings.rank, lora_alpha=settings.rank, target_modules=list(TARGETS)))
    return [p for p in unet.parameters() if p.requires_grad]


def write(unet: Any, out: Path) -> Path:
    """Write the LoRA layers of the U-Net in half precision; returns the file."""
    # diffusers' convert_state_dict_to_diffusers renames attention layers but no others, and loading drops the renamed
    layers = get_peft_model_state_dict(unet)
    out.mkdir(parents=True, exist_ok=True)
    half = {name: value.half().contiguous() for name, value in layers.items()}
    StableDiffusionPipeline.save_lora_weights(out, unet_lora_layers=half)
    return out / NAME


def train(pipe: StableDiffusionPipeline, pictures: Sequence[tuple[Image.Image, str]], out: Path,
          settings: Settings | None = None) -> list[float]:  # fmt: skip
    """Train a LoRA on pictures with captions, write it into the folder ``out``; returns the loss of every step.

    ``pipe`` is used up: its U-Net carries the new weights afterwards.
    """
    settings = settings or Settings()
    runtime = Runtime.detect()
    pipe.to(runtime.device)
    torch.manual_seed(settings.seed)
    draw = torch.Generator().manual_seed(settings.seed)
    latents = encode(pipe, [picture for picture, _ in pictures], settings.size)
    said = states(pipe, [caption for _, caption in pictures]).repeat_interleave(2, 0)
    nothing, scheduler = states(pipe, [""])[0], DDIMScheduler.from_config(pipe.scheduler.config)
    weights = adapt(pipe.unet, settings)
    optimiser = torch.optim.AdamW(weights, settings.rate, weight_decay=0.01)
    losses = []
    for step in range(settings.steps):
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * min(1, (step + 1) / 20) * (1.02 - step / settings.steps)
        index = torch.randint(len(latents), (settings.batch,), generator=draw)
        silent = torch.rand(settings.batch, generator=draw) < settings.unsaid
        captions = torch.where(silent[:, None, None].to(said.device), nothing, said[index])
        with runtime.autocast():
            error = loss(pipe.unet, scheduler, latents[index], captions, settings, draw)
        optimiser.zero_grad(set_to_none=True)
        error.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        losses.append(error.item())
        if (step + 1) % 50 == 0:
            print(f"lora step {step + 1} of {settings.steps} loss {sum(losses[-50:]) / 50:.4f}", flush=True)
    write(pipe.unet, out)
    return losses


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--model", type=Path, default=export.FOLDER)
    parser.add_argument("--out", type=Path, default=Path("out/lora"))
    parser.add_argument("--steps", type=int, default=Settings.steps)
    parser.add_argument("--rank", type=int, default=Settings.rank)
    options = parser.parse_args()
    try:
        pictures = read(options.pictures)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    pipe = StableDiffusionPipeline.from_pretrained(options.model, dtype=torch.float32, local_files_only=True)
    train(pipe, pictures, options.out, Settings(steps=options.steps, rank=options.rank))
    print(f"{len(pictures)} pictures -> {options.out / NAME} ({(options.out / NAME).stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
