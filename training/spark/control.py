"""Teach Spark to follow edges: ``python -m training.spark.control --minutes 60``.

A diffusers ControlNetModel (Zhang et al. 2023, arXiv:2302.05543): the finished denoiser's first half is copied and
reads a 256 x 256 drawing of white lines on black; zero convolutions add what it finds to the frozen denoiser.

Left to itself such a net takes thousands of steps before it looks at its drawing. So the part that reads drawings is
taught first and alone, to guess a picture's latents from its edges, which needs no denoiser and costs a tenth. What it
then hands on is already a layout. Times near pure noise come oftest, since the layout is decided there.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as functional
from diffusers import ControlNetModel
from torch import nn

from . import denoiser, export, hints, packages, scope
from .runtime import Clock, Ema, Runtime, restore, save

CHECKPOINT = packages.BUILD / "control.pt"
FIGURES = packages.BUILD / "control.json"
FOLDER = export.FOLDER / "control-edges"
"""Where the program looks for a model's own net for edges."""
READER = (8, 16, 32, 64, 128)  # four halvings: from the drawing to the latents


@dataclass(frozen=True)
class Settings:
    minutes: float = 60.0
    reading: float = 0.2  # of the minutes go to reading drawings alone
    batch: int = 8  # steps matter more than samples until the drawing is heeded
    count: int = 2000  # pictures
    reader_rate: float = 2e-3
    fresh_rate: float = 2e-3  # zero convolutions, and the reader's last layer
    rate: float = 3e-4  # what is copied from the denoiser
    ema: float = 0.99
    unsaid: float = 0.2  # share of empty captions: the edges then have to do
    scope: scope.Scope = scope.CORE
    model: Path = export.FOLDER


def build(parts: hints.Parts) -> ControlNetModel:
    """A control net for the finished denoiser, with its weights copied, and a reader that is not zero."""
    net = ControlNetModel.from_unet(parts.unet, conditioning_embedding_out_channels=READER).requires_grad_(True)
    nn.init.kaiming_uniform_(net.controlnet_cond_embedding.conv_out.weight, a=math.sqrt(5))
    return net.to(parts.unet.device, memory_format=torch.channels_last)


class Guess(nn.Module):
    """From what the reader says, (B, 128, 16, 16), to latents; sees far, and is dropped after the first lesson."""

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [nn.Conv2d(width, 96, 3, padding=1), *(nn.Conv2d(96, 96, 3, padding=d, dilation=d) for d in (2, 4, 2))]
        )
        self.out = nn.Conv2d(96, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.layers[0](functional.silu(x))
        for layer in self.layers[1:]:
            x = x + layer(functional.silu(x))
        return self.out(functional.silu(x))


class Trainer:
    """Both lessons; a kill costs the minutes since the last checkpoint."""

    def __init__(self, settings: Settings) -> None:
        torch.manual_seed(5)
        self.settings, self.runtime = settings, Runtime.detect()
        self.parts = hints.Parts.load(settings.model, self.runtime.device)
        self.alphas = self.parts.scheduler.alphas_cumprod.to(self.runtime.device)
        self.net = build(self.parts)
        self.state = restore(CHECKPOINT) or {"read": 0.0, "minutes": 0.0, "step": 0}
        self.shown = hints.Shown(self.parts, settings.scope, settings.count, seed=5 + int(self.state["step"]))
        if "net" in self.state:
            self.net.load_state_dict(self.state["net"])
        torch.manual_seed(5 + int(self.state["step"]))

    # ---------------------------------------------------------------- first lesson

    def read(self) -> None:
        """Teach the reader alone."""
        minutes = self.settings.minutes * self.settings.reading
        if self.state["read"] >= minutes or self.state["minutes"]:
            return
        reader = self.net.controlnet_cond_embedding
        channels = self.shown.latents.shape[1]
        guess = Guess(reader.conv_out.out_channels, channels).to(self.runtime.device)
        params = [*reader.parameters(), *guess.parameters()]
        optimiser = torch.optim.AdamW(params, self.settings.reader_rate, betas=(0.9, 0.98), fused=True)
        clock, step, mean = Clock(minutes), 0, 0.0
        while clock.progress < 1:
            x, _, lines = self.shown.batch(self.settings.batch, 1.0)
            lines = lines.to(self.runtime.device, memory_format=torch.channels_last)
            loss = functional.mse_loss(guess(reader(lines)), x.to(self.runtime.device))
            rate = self.settings.reader_rate * min(1, (step + 1) / 20) * (0.02 + 0.98 * _fall(clock.progress))
            _learn(optimiser, [rate], loss, params)
            step += 1
            clock.add(self.settings.batch)
            mean = loss.item() if not mean else 0.97 * mean + 0.03 * loss.item()
            if step % 20 == 0:
                print(f"reader {step} {clock.progress:.1%} loss {mean:.4f} {clock.rate():.1f} samples/s", flush=True)
        self.state |= {"read": minutes, "net": self.net.state_dict()}
        save(CHECKPOINT, self.state)

    # ---------------------------------------------------------------- second lesson

    def follow(self) -> None:
        """Teach the net beside the frozen denoiser."""
        settings, net, reader = self.settings, self.net, self.net.controlnet_cond_embedding
        reader.requires_grad_(False)
        reader.conv_out.requires_grad_(True)
        fresh = [*reader.conv_out.parameters(), *net.controlnet_down_blocks.parameters(),
                 *net.controlnet_mid_block.parameters()]  # fmt: skip
        known = {id(p) for p in fresh}
        copied = [p for p in net.parameters() if p.requires_grad and id(p) not in known]
        optimiser = torch.optim.AdamW(
            [{"params": fresh}, {"params": copied}], settings.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        )
        ema = Ema(net, settings.ema)
        if "optimiser" in self.state:
            optimiser.load_state_dict(self.state["optimiser"])
            ema.shadow, ema.steps = self.state["ema"], int(self.state["step"])
        whole, done = settings.minutes * (1 - settings.reading), float(self.state["minutes"])
        clock, saved, mean = Clock(whole - done), done, {"with": 0.0, "without": 0.0}
        while clock.progress < 1:
            minutes = done + clock.progress * (whole - done)
            step = int(self.state["step"])
            factor = min(1, (step + 1) / 20) * (0.02 + 0.98 * _fall(minutes / whole))
            losses = self.losses(step % 20 == 0)
            _learn(optimiser, [settings.fresh_rate * factor, settings.rate * factor], losses["with"],
                   [*fresh, *copied])  # fmt: skip
            ema.update(net)
            self.state["step"] = step + 1
            clock.add(settings.batch)
            for name, loss in losses.items():
                keep = 0.95 if name == "with" else 0.7
                mean[name] = keep * mean[name] + (1 - keep) * float(loss) if mean[name] else float(loss)
            if step % 20 == 19:
                print(f"step {step + 1} {minutes / whole:.1%} loss {mean['with']:.4f} (without {mean['without']:.4f})"
                      f" {clock.rate():.1f} samples/s", flush=True)  # fmt: skip
            if minutes - saved > 3:
                self._save(optimiser, ema, minutes)
                saved = minutes
        self._save(optimiser, ema, whole)

    def _save(self, optimiser: torch.optim.Optimizer, ema: Ema, minutes: float) -> None:
        self.state |= {"net": self.net.state_dict(), "optimiser": optimiser.state_dict(), "ema": ema.shadow,
                       "minutes": minutes}  # fmt: skip
        save(CHECKPOINT, self.state)

    def losses(self, both: bool) -> dict[str, torch.Tensor]:
        """The loss of one batch "with" the net, and of the same "without" it."""
        device, count = self.runtime.device, self.settings.batch
        x, texts, lines = self.shown.batch(count, self.settings.unsaid)
        x, lines = (part.to(device, memory_format=torch.channels_last) for part in (x, lines))
        even = (torch.randperm(count) + torch.rand(count)) / count
        t = (even ** (1 / 3) * 1000).long().clamp(0, 999).to(device)
        a = self.alphas[t]
        signal, sigma = a.sqrt()[:, None, None, None], (1 - a).sqrt()[:, None, None, None]
        noise, hidden, unet = torch.randn_like(x), self.parts.read(texts), self.parts.unet
        noisy, aim = signal * x + sigma * noise, signal * noise - sigma * x
        down, mid = self.net(noisy, t, hidden, controlnet_cond=lines, return_dict=False)
        told = unet(noisy, t, hidden, down_block_additional_residuals=down, mid_block_additional_residual=mid).sample
        found = {"with": denoiser.v_loss(told, aim, a, 5.0)}
        if both:
            with torch.no_grad():
                found["without"] = denoiser.v_loss(unet(noisy, t, hidden).sample, aim, a, 5.0)
        return found


def _fall(progress: float) -> float:
    """1 for two fifths of the time, then a half cosine to 0."""
    return 0.5 * (1 + math.cos(math.pi * max(0.0, progress - 0.4) / 0.6))


def _learn(
    optimiser: torch.optim.Optimizer, rates: list[float], loss: torch.Tensor, params: list[nn.Parameter]
) -> None:
    for group, rate in zip(optimiser.param_groups, rates, strict=True):
        group["lr"] = rate
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(params, 1.0)
    optimiser.step()


def train(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.read()
    trainer.follow()


def load(model: Path = export.FOLDER) -> ControlNetModel:
    """The averaged net of the last checkpoint; an untrained one where there is none."""
    net, state = build(hints.Parts.load(model, torch.device("cpu"))), restore(CHECKPOINT)
    if state is not None:
        net.load_state_dict(state["net"])
        net.load_state_dict(state.get("ema", {}), strict=False)
    return net.eval().requires_grad_(False)


def export_net(folder: Path, model: Path = export.FOLDER) -> int:
    """Write the net in diffusers' layout, half precision; returns its bytes."""
    load(model).half().save_pretrained(folder)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    gpu = torch.cuda.is_available()
    parser.add_argument("--minutes", type=float, default=Settings.minutes)
    parser.add_argument("--batch", type=int, default=256 if gpu else Settings.batch)
    parser.add_argument("--count", type=int, default=20_000 if gpu else Settings.count, help="pictures to make")
    parser.add_argument("--scope", choices=sorted(scope.SCOPES), default="full" if gpu else "core")
    parser.add_argument("--model", type=Path, default=export.FOLDER, help="the finished pipeline")
    parser.add_argument("--export", action="store_true", help=f"write it to spark/{FOLDER.name}, if it is followed")
    options = parser.parse_args()
    settings = Settings(options.minutes, batch=options.batch, count=options.count, scope=scope.SCOPES[options.scope],
                        model=options.model)  # fmt: skip
    train(settings)
    from . import follow

    figures = follow.measure(load(settings.model), settings.model, settings.scope)
    FIGURES.write_text(json.dumps(figures, indent=2), "utf-8")
    print(json.dumps(figures, indent=2))
    if options.export and follow.followed(figures):
        print(f"{export_net(FOLDER, settings.model) / 1e6:.1f} MB in {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
