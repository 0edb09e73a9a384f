"""Train the denoiser: ``python -m training.spark.denoiser --minutes 50``.

UNet2DConditionModel on 16 x 16 x 4 latents; v-prediction (Salimans and Ho 2022, arXiv:2202.00512), zero terminal SNR
and trailing steps (Lin et al. 2023, arXiv:2305.08891), a min-SNR cap on the easy steps (Hang et al. 2023,
arXiv:2303.09556), classifier-free dropout of captions (Ho and Salimans 2022, arXiv:2207.12598), averaged weights. The
text encoder is trained along at a lower rate and held near its teacher by a little of its own first task.
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel

from . import latents, packages, scenes, scope, text_encoder, warm_start
from .autoencoder import LATENT_CHANNELS
from .runtime import Clock, Ema, Runtime, restore, save, stream

CHECKPOINT = packages.BUILD / "denoiser.pt"
CHANNELS, HEADS = (128, 192, 256), (4, 6, 8)


@dataclass(frozen=True)
class Settings:
    minutes: float = 50.0
    batch: int = 32
    rate: float = 8e-4
    text_rate: float = 2e-4
    dropout: float = 0.1
    scope: scope.Scope = scope.CORE
    mix: latents.Mix = field(default_factory=latents.Mix)
    warm: Path | None = None  # pipeline folder of an earlier version to start from
    workers: int = 0  # processes that draw batches and say captions
    hold: float = 0.5  # share of the time before the rate falls, as a cosine
    snr_cap: float = 5.0
    ema: float = 0.997
    remember_every: int = 8  # steps between two rehearsals of the text encoder's first task; 0: none


def build() -> UNet2DConditionModel:
    """The untrained denoiser: attention to the caption at 8 x 8 and 4 x 4, convolutions only at 16 x 16."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        block_out_channels=CHANNELS,
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=text_encoder.WIDTH,
        attention_head_dim=HEADS,  # read by diffusers as the number of heads
    )


def scheduler() -> DDIMScheduler:
    """The noise schedule of training and the shipped default sampler."""
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,
    )


def v_loss(prediction: torch.Tensor, target: torch.Tensor, alphas: torch.Tensor, cap: float) -> torch.Tensor:
    """Mean squared error of v, weighted min(SNR + 1, cap) / (SNR + 1): one at noisy steps, less at easy ones."""
    snr = alphas / (1 - alphas).clamp_min(1e-8)
    weight = (snr + 1).clamp_max(cap) / (snr + 1)
    return (weight * (prediction - target).square().mean((1, 2, 3))).mean()


def begin(unet: UNet2DConditionModel, warm: Path, encoded: dict[str, Any], count: int = 96) -> None:
    """Start from an earlier version's denoiser, whose latents may have had more channels."""
    old = UNet2DConditionModel.from_pretrained(warm / "unet").float()
    if old.config.in_channels == LATENT_CHANNELS:
        unet.load_state_dict(old.state_dict())
        return
    vae = AutoencoderKL.from_pretrained(warm / "vae").float()
    index = list(range(0, len(encoded["scenes"]), max(1, len(encoded["scenes"]) // count)))
    planned = [scenes.Scene.of(encoded["scenes"][i]) for i in index]
    with torch.no_grad():
        before = torch.cat([vae.encode(x).latent_dist.mean for x in latents.painted(planned, 8)])
    after = encoded["latents"][index].float().to(unet.device)
    warm_start.shrink_denoiser(old, unet, before * vae.config.scaling_factor, after)


class Trainer:
    """All that one training step needs, and what a checkpoint holds."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.runtime = settings, Runtime.detect()
        torch.manual_seed(3)
        device = self.runtime.device
        self.tokenizer, student = text_encoder.load()
        self.student = student.to(device)
        self.unet = build().to(device, memory_format=torch.channels_last)
        self.alphas = scheduler().alphas_cumprod.to(device)
        self.texts, self.vectors = text_encoder.targets() if settings.remember_every else ([], torch.empty(0))
        groups = [
            {"params": list(self.unet.parameters()), "lr": settings.rate, "peak": settings.rate},
            {"params": list(self.student.parameters()), "lr": settings.text_rate, "peak": settings.text_rate},
        ]
        self.optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
        self.ema, self.text_ema = Ema(self.unet, settings.ema), Ema(self.student, settings.ema)
        self.step, self.done = 0, 0.0
        state = latents.load(settings.scope)
        self._resume(state)
        self.data = stream(
            lambda seed: latents.Captioned(state, seed, settings.mix).batches(settings.batch, settings.dropout),
            self.step, settings.workers,
        )  # fmt: skip
        self.run = torch.compile(self.unet) if self.runtime.compile else self.unet

    def _resume(self, encoded: dict[str, Any]) -> None:
        state = restore(CHECKPOINT)
        if state is None and self.settings.warm:
            begin(self.unet, self.settings.warm, encoded)
            self.ema = Ema(self.unet, self.settings.ema)
        if state is not None:
            self.unet.load_state_dict(state["unet"])
            self.student.load_state_dict(state["student"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step, self.done = state["step"], state["minutes"]
            for ema, name in ((self.ema, "ema"), (self.text_ema, "text_ema")):
                ema.shadow = {k: v.to(self.runtime.device) for k, v in state[name].items()}
                ema.steps = self.step
            torch.manual_seed(3 + self.step)

    def save(self, minutes: float) -> None:
        state = {"unet": self.unet.state_dict(), "student": self.student.state_dict(), "ema": self.ema.shadow}
        rest = {"text_ema": self.text_ema.shadow, "optimiser": self.optimiser.state_dict()}
        save(CHECKPOINT, {**state, **rest, "step": self.step, "minutes": minutes})

    def loss(self) -> torch.Tensor:
        settings, device = self.settings, self.runtime.device
        x, texts = next(self.data)
        x = x.to(device, memory_format=torch.channels_last)
        count = len(x)
        times = (
            ((torch.randperm(count) + torch.rand(count)) / count * 1000).long().clamp(0, 999).to(device)
        )  # stratified
        alphas = self.alphas[times]
        signal, sigma = alphas.sqrt()[:, None, None, None], (1 - alphas).sqrt()[:, None, None, None]
        noise = torch.randn_like(x)
        with self.runtime.autocast():
            hidden = self.student.encoder(text_encoder.token_ids(self.tokenizer, texts).to(device)).last_hidden_state
            prediction = self.run(signal * x + sigma * noise, times, hidden).sample
        return v_loss(prediction.float(), signal * noise - sigma * x, alphas, settings.snr_cap)

    def rehearse(self) -> torch.Tensor:
        """The text encoder's distillation loss on a small batch."""
        index = torch.randint(0, len(self.texts), (64,))
        ids = text_encoder.token_ids(self.tokenizer, [self.texts[int(i)] for i in index])[:, :20]
        with self.runtime.autocast():
            return text_encoder.distill_loss(
                self.student, ids.to(self.runtime.device), self.vectors[index].to(self.runtime.device)
            )

    def one(self, factor: float) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * factor
        loss = self.loss()
        value = loss.detach()
        if self.settings.remember_every and self.step % self.settings.remember_every == 0:
            loss = loss + 0.3 * self.rehearse()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.unet.parameters(), 1.0)
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        self.optimiser.step()
        self.ema.update(self.unet)
        self.text_ema.update(self.student)
        self.step += 1
        return float(value)


def train(settings: Settings) -> Trainer:
    trainer = Trainer(settings)
    clock, mean, saved = Clock(settings.minutes - trainer.done), 0.0, 0.0
    while clock.progress < 1:
        minutes = trainer.done + clock.progress * (settings.minutes - trainer.done)
        progress = minutes / settings.minutes
        factor = min(1, (trainer.step + 1) / 100)
        fall = max(0.0, progress - settings.hold) / (1 - settings.hold)
        factor *= 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fall))
        value = trainer.one(factor)
        mean = value if not mean else 0.98 * mean + 0.02 * value
        clock.add(settings.batch)
        if trainer.step % 50 == 0:
            rate = clock.rate()
            print(
                f"step {trainer.step} {progress:.1%} rate x{factor:.2f} loss {mean:.4f} {rate:.1f} samples/s",
                flush=True,
            )
        if minutes - saved > 2.5:
            trainer.save(minutes)
            saved = minutes
    trainer.save(settings.minutes)
    return trainer


def load() -> tuple[UNet2DConditionModel, text_encoder.Student]:
    """Averaged denoiser and text encoder of the last checkpoint, on the CPU."""
    unet, student = build(), text_encoder.load()[1]
    if state := restore(CHECKPOINT):
        unet.load_state_dict(state["ema"], strict=False)
        student.load_state_dict(state["text_ema"], strict=False)
    return unet.eval().requires_grad_(False), student.eval().requires_grad_(False)


def pairs(text: str) -> dict[str, float]:
    """ "dragon=2, frog=0.5" as a mapping."""
    return {name.strip(): float(value) for name, value in (part.split("=") for part in text.split(",") if part.strip())}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    gpu = torch.cuda.is_available()
    parser.add_argument("--minutes", type=float, default=Settings.minutes)
    parser.add_argument("--batch", type=int, default=512 if gpu else Settings.batch)
    parser.add_argument("--rate", type=float, default=Settings.rate)
    parser.add_argument("--text-rate", type=float, default=Settings.text_rate)
    parser.add_argument("--hold", type=float, default=Settings.hold)
    parser.add_argument("--scope", choices=sorted(scope.SCOPES), default="full" if gpu else "core")
    parser.add_argument("--shares", type=pairs, default={}, help="kinds of scenes, such as pair=0.2,count=0.1")
    parser.add_argument("--boost", type=pairs, default={}, help="things to show more or less often: dragon=2,frog=0")
    parser.add_argument("--together", default="", help="the only things left in scenes of several: cat,dog,tree")
    parser.add_argument("--warm", type=Path, help="folder of an earlier version to start from")
    parser.add_argument("--no-rehearsal", action="store_true", help="let the text encoder forget its first task")
    options = parser.parse_args()
    if options.warm and not text_encoder.CHECKPOINT.exists():
        text_encoder.adopt(options.warm)
    train(
        Settings(
            minutes=options.minutes, batch=options.batch, rate=options.rate, text_rate=options.text_rate,
            hold=options.hold, scope=scope.SCOPES[options.scope], warm=options.warm,
            mix=latents.Mix(options.shares, options.boost, frozenset(filter(None, options.together.split(",")))),
            remember_every=0 if options.no_rehearsal else 8,
            workers=4 if gpu else 0,
        )
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
