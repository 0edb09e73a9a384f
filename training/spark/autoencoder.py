"""Train the picture autoencoder: ``python -m training.spark.autoencoder --minutes 22``.

AutoencoderKL (Rombach et al. 2022, arXiv:2112.10752) with five levels, so a 256 x 256 picture becomes 16 x 16 latents
of 4 channels. Loss: L1, L1 of multi-scale gradients (edges; no pretrained network needed) and a tiny KL.
Trains on 128-pixel crops: the network is convolutional and has no attention, so sizes carry over.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from diffusers import AutoencoderKL
from numpy.typing import NDArray

from . import compose, data, linear_start, packages, warm_start
from .adversary import Adversary
from .runtime import Clock, Ema, Runtime, optimisers, restore, save, schedule, stream

CHECKPOINT = packages.BUILD / "autoencoder.pt"
CHANNELS = (16, 32, 64, 96, 128)
LATENT_CHANNELS = 4


@dataclass(frozen=True)
class Settings:
    minutes: float = 22.0
    batch: int = 8
    crop: int = 128
    matrix_rate: float = 1e-3  # Muon
    other_rate: float = 3e-4  # AdamW: norms and biases
    kl: float = 2e-4
    gradient: float = 1.0
    ema: float = 0.998
    warm: Path | None = None  # pipeline folder of an earlier version to start from
    adversary: float = 0.0  # weight of the discriminator in the last third; 0: none (it costs a CPU a third more)
    workers: int = 0  # processes that prepare pictures


def settings_for(minutes: float, batch: int, warm: Path | None = None) -> Settings:
    """Settings for this machine: the discriminator and many workers where there is a GPU."""
    if torch.cuda.is_available():
        return Settings(minutes, batch, warm=warm, adversary=0.05, workers=min(12, os.cpu_count() or 1))
    return Settings(minutes, batch, warm=warm)


def build() -> AutoencoderKL:
    """The untrained network; about 3 million parameters, most of them at the small sizes, where they are cheap."""
    levels = len(CHANNELS)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        block_out_channels=CHANNELS,
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=2,
        sample_size=data.SIZE,
        mid_block_add_attention=False,
        force_upcast=False,
    )


def gradient_loss(x: torch.Tensor, y: torch.Tensor, scales: int = 3) -> torch.Tensor:
    """Mean absolute difference of horizontal and vertical gradients at halving scales; (B, 3, H, W) in -1..1."""
    total = x.new_zeros(())
    for scale in range(scales):
        if scale:
            x, y = functional.avg_pool2d(x, 2), functional.avg_pool2d(y, 2)
        error = x - y
        total = total + error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()
    return total / scales


class Crops:
    """Random crops of pictures on random backgrounds, with mirrored, turned and colour-permuted variants."""

    def __init__(self, seed: int, crop: int) -> None:
        self.pictures, rows = data.load()
        self.rows = [i for i, row in enumerate(rows) if row.split != "held out"]
        weight = np.array([self._weight(rows[i]) for i in self.rows])
        self.weight = weight / weight.sum()
        self.rng, self.crop = np.random.default_rng(seed), crop

    @staticmethod
    def _weight(row: data.Row) -> float:
        """How often a picture is shown: those that captions name oftenest come oftenest."""
        return 0.3 if row.split != "train" else 1.0 if row.weight <= 1 else 12.0 if row.style == "3d" else 4.0

    def one(self) -> NDArray[np.float32]:
        rng, size = self.rng, self.crop
        picture = np.asarray(self.pictures[self.rows[int(rng.choice(len(self.rows), p=self.weight))]])
        white = rng.random() < 0.6
        if rng.random() < 0.35:
            canvas = compose.background("white" if white else str(rng.choice(list(compose.BACKGROUNDS))), rng)
            whole = compose.compose(picture, canvas, compose.Placement(False, float(rng.uniform(0.5, 1.0))))
            y, x = rng.integers(0, data.SIZE - size + 1, 2)
            crop = whole[y : y + size, x : x + size]
        else:
            y, x = rng.integers(0, data.SIZE - size + 1, 2)
            part = picture[y : y + size, x : x + size].astype(np.float32) / 255
            colour = np.ones(3, np.float32) if white else rng.random(3).astype(np.float32)
            crop = part[..., :3] * part[..., 3:] + colour * (1 - part[..., 3:])
        if rng.random() < 0.3:
            crop = crop[..., rng.permutation(3)]
        if rng.random() < 0.5:
            crop = crop[:, ::-1]
        return compose.to_tensor_layout(crop)

    def batch(self, count: int) -> torch.Tensor:
        return torch.from_numpy(np.stack([self.one() for _ in range(count)]))

    def batches(self, count: int) -> Iterator[torch.Tensor]:
        while True:
            yield self.batch(count)


def losses(
    model: AutoencoderKL, pictures: torch.Tensor, settings: Settings, adversary: Adversary | None = None
) -> tuple[torch.Tensor, dict[str, float]]:
    posterior = model.encode(pictures).latent_dist
    output = model.decode(posterior.sample()).sample.float()
    flat = functional.l1_loss(output, pictures)
    edges = gradient_loss(output, pictures)
    kl = 0.5 * (posterior.mean.float() ** 2 + posterior.var.float() - 1 - posterior.logvar.float()).mean()
    total = flat + settings.gradient * edges + settings.kl * kl
    if adversary is not None:
        total = total + settings.adversary * adversary.blame(output, pictures)
        adversary.learn(output, pictures)
    mse = (output.detach() - pictures).square().mean().item() / 4
    return total, {"l1": flat.item(), "edges": edges.item(), "kl": kl.item(), "psnr": -10 * math.log10(mse + 1e-9)}


def begin(model: AutoencoderKL, warm: Path | None) -> None:
    """Set the first weights: from an earlier version's folder, or else as the best linear autoencoder."""
    pictures = Crops(0, data.SIZE).batch(32)
    if warm is None:
        linear_start.start(model, pictures)
    else:
        warm_start.shrink_autoencoder(AutoencoderKL.from_pretrained(warm / "vae").float(), model, pictures)


def train(settings: Settings) -> AutoencoderKL:
    runtime = Runtime.detect()
    torch.manual_seed(1)
    model, state = build(), restore(CHECKPOINT)
    if state is None:
        begin(model, settings.warm)
    else:
        model.load_state_dict(state["model"])
    model.to(runtime.device, memory_format=torch.channels_last)
    both = optimisers(model, settings.matrix_rate, settings.other_rate)
    ema, step, done = Ema(model, settings.ema), 0, 0.0
    if state is not None:
        for optimiser, saved in zip(both, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        ema.shadow = {name: value.to(runtime.device) for name, value in state["ema"].items()}
        ema.steps, step, done = state["step"], state["step"], state["minutes"]
    crops = stream(lambda seed: Crops(seed, settings.crop).batches(settings.batch), step, settings.workers)
    clock, adversary = Clock(settings.minutes - done), Adversary(runtime.device) if settings.adversary else None
    mean: dict[str, float] = {}
    while clock.progress < 1:
        progress = (done + clock.progress * (settings.minutes - done)) / settings.minutes
        factor = min(1, (step + 1) / 50) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * progress)))
        schedule(both, factor)
        pictures = next(crops).to(runtime.device, memory_format=torch.channels_last)
        with runtime.autocast():
            loss, report = losses(model, pictures, settings, adversary if progress > 2 / 3 else None)
        model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in both:
            optimiser.step()
        ema.update(model)
        step += 1
        clock.add(settings.batch)
        mean = {k: v if k not in mean else 0.96 * mean[k] + 0.04 * v for k, v in report.items()}
        if step % 50 == 0:
            text = " ".join(f"{k} {v:.4f}" for k, v in mean.items())
            print(f"step {step} {progress:.1%} rate x{factor:.2f} {text} {clock.rate():.1f} samples/s", flush=True)
        if step % 250 == 0 or clock.progress >= 1:
            saved = {"model": model.state_dict(), "optimisers": [o.state_dict() for o in both], "ema": ema.shadow}
            save(CHECKPOINT, {**saved, "step": step, "minutes": progress * settings.minutes})
    ema.copy_to(model)
    return model


@torch.no_grad()
def balance(model: AutoencoderKL, pictures: torch.Tensor) -> None:
    """Make each latent channel zero mean and unit deviation over ``pictures``, by the two 1 x 1 convolutions alone.

    What decode(encode(x)) gives does not change; the denoiser gets channels of equal weight, scaling_factor is near 1.
    """
    z = model.encode(pictures).latent_dist.mean
    mean, std, count = z.mean((0, 2, 3)), z.std((0, 2, 3)), z.shape[1]
    into, out = model.quant_conv, model.post_quant_conv
    into.weight[:count] /= std[:, None, None, None]
    into.bias[:count] = (into.bias[:count] - mean) / std
    into.bias[count:] -= 2 * std.log()
    out.bias += out.weight[:, :, 0, 0] @ mean
    out.weight *= std[None, :, None, None]


def finish() -> AutoencoderKL:
    """Balance the averaged weights of the checkpoint over training pictures, and keep them as the finished ones."""
    model, state = build().eval(), restore(CHECKPOINT)
    if state is None:
        return model
    model.load_state_dict(state["ema"], strict=False)
    pictures, rows = data.load()
    canvas = np.ones((data.SIZE, data.SIZE, 3), np.float32)
    chosen = [i for i, row in enumerate(rows) if row.split == "train"][::12]
    whole = [compose.compose(np.asarray(pictures[i]), canvas, compose.Placement(scale=0.85)) for i in chosen]
    balance(model, torch.from_numpy(np.stack([compose.to_tensor_layout(picture) for picture in whole])))
    save(CHECKPOINT, {**state, "finished": model.state_dict()})
    return model


def load() -> AutoencoderKL:
    """The trained autoencoder (averaged weights), in float32, ready to use."""
    model = build()
    if state := restore(CHECKPOINT):
        model.load_state_dict(state.get("finished", state["ema"]), strict=False)
    return model.eval().requires_grad_(False)


@torch.no_grad()
def held_out_psnr(model: AutoencoderKL, size: int = 256) -> float:
    """Mean PSNR in dB over the held-out pictures, whole and on white, encoded to the mean and decoded."""
    pictures, rows = data.load()
    held = [i for i, row in enumerate(rows) if row.split == "held out"]
    values = []
    canvas = np.ones((size, size, 3), np.float32)
    for i in held:
        whole = compose.compose(np.asarray(pictures[i]), canvas, compose.Placement(scale=0.9))
        x = torch.from_numpy(compose.to_tensor_layout(whole))[None]
        y = model.decode(model.encode(x).latent_dist.mean).sample.clamp(-1, 1)
        values.append(-10 * math.log10((x - y).square().mean().item() / 4 + 1e-9))
    return float(np.mean(values))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=Settings.minutes)
    parser.add_argument("--warm", type=Path, help="folder of an earlier version to start from")
    parser.add_argument("--batch", type=int, default=64 if torch.cuda.is_available() else Settings.batch)
    options = parser.parse_args()
    train(settings_for(options.minutes, options.batch, options.warm))
    print(f"held-out PSNR {held_out_psnr(finish()):.2f} dB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
