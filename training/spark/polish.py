"""Train the decoder alone, on slightly wrong latents: ``python -m training.spark.polish --minutes 6``.

The latents stay what they are, so the denoiser need not be trained again. A little noise on them stands for what the
denoiser gets wrong, and teaches the decoder to make clean surfaces of it.
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from diffusers import AutoencoderKL

from . import autoencoder
from .adversary import Adversary
from .runtime import Clock, Ema, Runtime, optimisers, restore, save, schedule, stream


@dataclass(frozen=True)
class Settings:
    minutes: float = 6.0
    batch: int = 8
    crop: int = 128
    matrix_rate: float = 4e-4
    other_rate: float = 1.5e-4
    noise: float = 0.12  # of the latents' unit deviation; each crop gets 0 to twice this
    adversary: float = 0.0
    workers: int = 0
    ema: float = 0.99


def spoilt(model: AutoencoderKL, pictures: torch.Tensor, noise: float) -> torch.Tensor:
    """Latents of the pictures with noise of differing strength."""
    with torch.no_grad():
        z = model.encode(pictures).latent_dist.mean
    return z + torch.randn_like(z) * torch.rand(len(z), 1, 1, 1, device=z.device) * 2 * noise


def train(settings: Settings) -> AutoencoderKL:
    """Go on from the finished autoencoder; its decoder is replaced by the better one."""
    runtime = Runtime.detect()
    torch.manual_seed(6)
    model = autoencoder.load().train().to(runtime.device, memory_format=torch.channels_last)
    half = torch.nn.ModuleList([model.decoder, model.post_quant_conv]).requires_grad_(True)
    both, ema = optimisers(half, settings.matrix_rate, settings.other_rate), Ema(half, settings.ema)
    crops = stream(lambda seed: autoencoder.Crops(seed, settings.crop).batches(settings.batch), 70, settings.workers)
    adversary = Adversary(runtime.device) if settings.adversary else None
    clock, step, mean = Clock(settings.minutes), 0, 0.0
    while clock.progress < 1:
        schedule(both, min(1, (step + 1) / 30) * 0.5 * (1.02 + math.cos(math.pi * clock.progress)))
        pictures = next(crops).to(runtime.device, memory_format=torch.channels_last)
        with runtime.autocast():
            output = model.decode(spoilt(model, pictures, settings.noise)).sample.float()
        flat = functional.l1_loss(output, pictures)
        loss = flat + autoencoder.gradient_loss(output, pictures)
        if adversary is not None:
            loss = loss + settings.adversary * adversary.blame(output, pictures)
            adversary.learn(output, pictures)
        half.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(half.parameters(), 1.0)
        for optimiser in both:
            optimiser.step()
        ema.update(half)
        step += 1
        clock.add(settings.batch)
        mean = flat.item() if not mean else 0.97 * mean + 0.03 * flat.item()
        if step % 50 == 0:
            print(f"step {step} {clock.progress:.1%} l1 {mean:.4f} {clock.rate():.1f} samples/s", flush=True)
    ema.copy_to(half)
    state = restore(autoencoder.CHECKPOINT) or {}
    save(autoencoder.CHECKPOINT, {**state, "finished": model.state_dict(), "polished": True})
    return model.eval()


def settings_for(minutes: float) -> Settings:
    """Settings for this machine."""
    return Settings(minutes, batch=64, adversary=0.05, workers=8) if torch.cuda.is_available() else Settings(minutes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=Settings.minutes)
    model = train(settings_for(parser.parse_args().minutes))
    print(f"held-out PSNR {autoencoder.held_out_psnr(model.cpu().requires_grad_(False)):.2f} dB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
