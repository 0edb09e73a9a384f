"""Train the denoiser: ``python -m training.spark.denoiser --minutes 50``.

UNet2DConditionModel on 16 x 16 x 8 latents; v-prediction (Salimans and Ho 2022, arXiv:2202.00512), zero terminal SNR
and trailing steps (Lin et al. 2023, arXiv:2305.08891), a min-SNR cap on the easy steps (Hang et al. 2023,
arXiv:2303.09556), classifier-free dropout of captions (Ho and Salimans 2022, arXiv:2207.12598), averaged weights. The
text encoder is trained along at a lower rate and held near its teacher by a little of its own first task.
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel

from . import latents, packages, text_encoder
from .autoencoder import LATENT_CHANNELS
from .runtime import Clock, Ema, Runtime, restore, save

CHECKPOINT = packages.BUILD / "denoiser.pt"
CHANNELS, HEADS = (128, 192, 256), (4, 6, 8)


@dataclass(frozen=True)
class Settings:
    minutes: float = 50.0
    batch: int = 32
    rate: float = 8e-4
    text_rate: float = 2e-4
    dropout: float = 0.1
    others: float = 1.0  # weight of concepts that are not favourites, beside their usual one
    snr_cap: float = 5.0
    ema: float = 0.997
    remember_every: int = 8  # steps between two rehearsals of the text encoder's first task


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
        self.texts, self.vectors = text_encoder.targets()
        groups = [
            {"params": list(self.unet.parameters()), "lr": settings.rate, "peak": settings.rate},
            {"params": list(self.student.parameters()), "lr": settings.text_rate, "peak": settings.text_rate},
        ]
        self.optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
        self.ema, self.text_ema = Ema(self.unet, settings.ema), Ema(self.student, settings.ema)
        self.step, self.done = 0, 0.0
        self._resume()
        self.data = latents.Captioned(latents.load(), self.step, settings.others)
        self.run = torch.compile(self.unet) if self.runtime.compile else self.unet

    def _resume(self) -> None:
        if state := restore(CHECKPOINT):
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
        x, texts = self.data.batch(settings.batch, settings.dropout)
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
        if self.step % self.settings.remember_every == 0:
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
        factor *= 1 if progress < 0.5 else 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (progress - 0.5) * 2))
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


def narrow() -> None:
    """Go on with the core alone: new latents in the same scale, the weights so far, a new clock."""
    kept = latents.load()["scaling"]
    latents.encode(core=True, scaling=kept)
    if state := restore(CHECKPOINT):
        save(CHECKPOINT, {**state, "minutes": 0.0})


def load() -> tuple[UNet2DConditionModel, text_encoder.Student]:
    """Averaged denoiser and text encoder of the last checkpoint, on the CPU."""
    unet, student = build(), text_encoder.load()[1]
    if state := restore(CHECKPOINT):
        unet.load_state_dict(state["ema"], strict=False)
        student.load_state_dict(state["text_ema"], strict=False)
    return unet.eval().requires_grad_(False), student.eval().requires_grad_(False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    gpu = torch.cuda.is_available()
    parser.add_argument("--minutes", type=float, default=Settings.minutes)
    parser.add_argument("--batch", type=int, default=512 if gpu else Settings.batch)
    parser.add_argument("--core", action="store_true", help="start over on a few things, from the weights so far")
    parser.add_argument("--others", type=float, default=Settings.others, help="weight of the rarer concepts")
    options = parser.parse_args()
    if options.core:
        narrow()
    train(Settings(minutes=options.minutes, batch=options.batch, others=options.others))
    return 0


if __name__ == "__main__":
    sys.exit(main())
