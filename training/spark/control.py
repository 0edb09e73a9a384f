"""Teach Spark to follow edges: ``python -m training.spark.control --minutes 10``.

A diffusers ControlNetModel (Zhang et al. 2023, arXiv:2302.05543): the denoiser's first half is copied and reads a
256 x 256 drawing of white lines on black; zero convolutions add what it finds to the frozen denoiser. Trained on the
cached scenes with the edges of their pictures (Canny 1986). The figure is the share of the drawn edges that come back.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import ControlNetModel
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from . import autoencoder, data, denoiser, distill, latents, packages, scenes, scope
from .runtime import Clock, Ema, Runtime, restore, save

CHECKPOINT = packages.BUILD / "control.pt"
EDGES = packages.BUILD / "edges.npy"
FIGURES = packages.BUILD / "control.json"
FOLDER = Path(__file__).resolve().parents[2] / "plugins_builtin" / "diffusion" / "spark_edges"
READER = (16, 32, 64, 96, 128)  # four halvings: from the drawing to the latents


@dataclass(frozen=True)
class Settings:
    minutes: float = 10.0
    batch: int = 16
    rate: float = 6e-4
    ema: float = 0.99
    unsaid: float = 0.3  # share of empty captions: the edges then have to do
    scope: scope.Scope = scope.CORE
    mix: latents.Mix = field(default_factory=latents.Mix)


def edges(picture: NDArray[np.float32], low: float = 0.06, high: float = 0.16) -> NDArray[np.bool_]:
    """Thin edges of a picture (H, W, 3) in 0..1: blurred gradients, thinned across, hysteresis between two levels."""
    grey = Image.fromarray((picture.max(-1) * 127 + picture.mean(-1) * 128).astype(np.uint8))
    x = np.asarray(grey.filter(ImageFilter.GaussianBlur(1.4)), np.float32) / 255
    dy, dx = np.gradient(x)
    size = 2 * np.hypot(dx, dy)
    flat = np.abs(dx) > np.abs(dy)
    padded = np.pad(size, 1)
    across = np.where(
        flat, np.maximum(padded[1:-1, :-2], padded[1:-1, 2:]), np.maximum(padded[:-2, 1:-1], padded[2:, 1:-1])
    )
    thin = np.where(size >= across, size, 0)
    strong, weak = thin > high, thin > low
    for _ in range(12):
        near = Image.fromarray((strong * 255).astype(np.uint8)).filter(ImageFilter.MaxFilter(3))
        strong = (np.asarray(near) > 0) & weak
    return np.asarray(strong)


def drawn(encoded: dict[str, Any]) -> NDArray[np.uint8]:
    """(N, 256, 32) packed edges of all cached scenes, made once."""
    if not EDGES.exists() or len(np.load(EDGES, mmap_mode="r")) != len(encoded["scenes"]):
        pictures = data.load()[0]
        planned = [scenes.Scene.of(plain) for plain in encoded["scenes"]]
        np.save(EDGES, np.stack([np.packbits(edges(scenes.paint(s, pictures)), axis=1) for s in planned]))
    return np.asarray(np.load(EDGES))


def drawing(packed: NDArray[np.uint8], device: torch.device) -> torch.Tensor:
    """(B, 3, 256, 256) in 0..1 from packed edges."""
    lines = np.unpackbits(packed, axis=2).astype(np.float32)
    return torch.from_numpy(lines)[:, None].expand(-1, 3, -1, -1).to(device)


def build() -> ControlNetModel:
    """A control net for the finished denoiser, with its weights copied."""
    unet, _ = denoiser.load()
    return ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=READER).requires_grad_(True)


def train(settings: Settings) -> ControlNetModel:
    runtime = Runtime.detect()
    torch.manual_seed(5)
    teacher = distill.Teacher(runtime)
    encoded = latents.load(settings.scope)
    captioned = latents.Captioned(encoded, 55, settings.mix)
    packed, net = drawn(encoded), build().to(runtime.device)
    optimiser = torch.optim.AdamW(net.parameters(), settings.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    alphas = denoiser.scheduler().alphas_cumprod.to(runtime.device)
    ema, clock, step, mean = Ema(net, settings.ema), Clock(settings.minutes), 0, 0.0
    while clock.progress < 1:
        index = captioned.draw(settings.batch)
        texts = [
            "" if captioned.rng.random() < settings.unsaid else captioned.speaker.say(captioned.scenes[int(i)])
            for i in index
        ]
        loss = one(net, teacher, captioned.latents[torch.from_numpy(index)].float(), texts, packed[index], alphas)
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * min(1, (step + 1) / 20) * 0.5 * (1.02 + math.cos(math.pi * clock.progress))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        ema.update(net)
        step += 1
        clock.add(settings.batch)
        mean = loss.item() if not mean else 0.97 * mean + 0.03 * loss.item()
        if step % 25 == 0:
            print(f"step {step} {clock.progress:.1%} loss {mean:.4f} {clock.rate():.1f} samples/s", flush=True)
    ema.copy_to(net)
    save(CHECKPOINT, {"net": net.state_dict()})
    return net


def one(
    net: ControlNetModel, teacher: distill.Teacher, x: torch.Tensor, texts: list[str], packed: NDArray[np.uint8],
    alphas: torch.Tensor,
) -> torch.Tensor:  # fmt: skip
    """Loss of one batch; noisy steps come oftener, since edges are decided there."""
    device, count = teacher.runtime.device, len(x)
    x = x.to(device)
    t = (torch.rand(count).sqrt() * 1000).long().clamp(0, 999).to(device)
    a = alphas[t]
    signal, sigma = a.sqrt()[:, None, None, None], (1 - a).sqrt()[:, None, None, None]
    noise, hidden = torch.randn_like(x), teacher.read(texts)
    noisy = signal * x + sigma * noise
    with teacher.runtime.autocast():
        down, mid = net(noisy, t, hidden, controlnet_cond=drawing(packed, device), return_dict=False)
        v = teacher.unet(
            noisy, t, hidden, down_block_additional_residuals=down, mid_block_additional_residual=mid
        ).sample  # fmt: skip
    return denoiser.v_loss(v.float(), signal * noise - sigma * x, a, 5.0)


def load() -> ControlNetModel:
    net, state = build(), restore(CHECKPOINT)
    if state is not None:
        net.load_state_dict(state["net"])
    return net.eval().requires_grad_(False)


@torch.no_grad()
def draw(
    net: ControlNetModel | None, teacher: distill.Teacher, texts: list[str], lines: torch.Tensor, steps: int = 12,
    guidance: float = 4.0,
) -> NDArray[np.float32]:  # fmt: skip
    """Pictures (B, 256, 256, 3) in 0..1, with the control net or without."""
    hidden = torch.cat([teacher.read([""] * len(texts)), teacher.read(texts)])
    x = torch.randn(len(texts), autoencoder.LATENT_CHANNELS, 16, 16, generator=torch.Generator().manual_seed(8))
    x, alphas, both = x.to(lines.device), distill.levels(steps).to(lines.device), torch.cat([lines, lines])
    for i, t in enumerate(distill.times(steps)):
        twice, more = torch.cat([x, x]), {}
        with teacher.runtime.autocast():
            if net is not None:
                down, mid = net(twice, t, hidden, controlnet_cond=both, return_dict=False)
                more = {"down_block_additional_residuals": down, "mid_block_additional_residual": mid}
            free, told = teacher.unet(twice, t, hidden, **more).sample.float().chunk(2)
        x = distill.turn(x, free + guidance * (told - free), alphas[i], alphas[i + 1])
    shown = autoencoder.load().decode(x.cpu() / latents.scaling()).sample.clamp(-1, 1)
    return ((shown + 1) / 2).permute(0, 2, 3, 1).numpy()


def agreement(wanted: NDArray[np.bool_], found: NDArray[np.bool_], reach: int = 7) -> float:
    """F1 of two edge maps, where an edge within ``reach // 2`` pixels counts as met."""

    def wide(lines: NDArray[np.bool_]) -> NDArray[np.bool_]:
        image = Image.fromarray((lines * 255).astype(np.uint8)).filter(ImageFilter.MaxFilter(reach))
        return np.asarray(image) > 0

    recall = (wanted & wide(found)).sum() / max(wanted.sum(), 1)
    precision = (found & wide(wanted)).sum() / max(found.sum(), 1)
    return float(2 * recall * precision / max(recall + precision, 1e-9))


def measure(settings: Settings, count: int = 24) -> dict[str, float]:
    """Edge F1 with and without the control net, for single things at places that no training scene has."""
    runtime = Runtime.detect()
    teacher, net = distill.Teacher(runtime), load().to(runtime.device)
    captioned = latents.Captioned(latents.load(settings.scope), 99, settings.mix)
    pictures, rng = data.load()[0], np.random.default_rng(9)
    singles = [s for s in captioned.scenes if s.kind == "single"]
    chosen = [moved(singles[int(i)], rng) for i in rng.integers(0, len(singles), count)]
    maps = [edges(scenes.paint(scene, pictures)) for scene in chosen]
    lines = drawing(np.stack([np.packbits(m, axis=1) for m in maps]), runtime.device)
    texts, result = [captioned.speaker.say(scene) for scene in chosen], {}
    for name, given in (("with control", net), ("without", None)):
        shown = draw(given, teacher, texts, lines)
        result[name] = float(np.mean([agreement(m, edges(s)) for m, s in zip(maps, shown, strict=True)]))
    return result


def moved(scene: scenes.Scene, rng: np.random.Generator) -> scenes.Scene:
    """The scene with its thing at another place, size and perhaps mirrored."""
    plain = scene.plain()
    x, y = rng.uniform(0.42, 0.58, 2)
    plain["items"][0].update(x=float(x), y=float(y), size=float(rng.uniform(0.6, 0.8)), flip=bool(rng.random() < 0.5))
    return scenes.Scene.of(plain)


def export(folder: Path) -> int:
    """Write the control net in diffusers' layout, half precision; returns its bytes."""
    load().half().save_pretrained(folder)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    gpu = torch.cuda.is_available()
    parser.add_argument("--minutes", type=float, default=Settings.minutes)
    parser.add_argument("--batch", type=int, default=256 if gpu else Settings.batch)
    parser.add_argument("--scope", choices=sorted(scope.SCOPES), default="full" if gpu else "core")
    parser.add_argument("--export", action="store_true", help=f"write it to {FOLDER.name}")
    options = parser.parse_args()
    settings = Settings(options.minutes, options.batch, scope=scope.SCOPES[options.scope])
    train(settings)
    figures = measure(settings)
    FIGURES.write_text(json.dumps(figures, indent=2), "utf-8")
    print(json.dumps(figures, indent=2))
    if options.export:
        print(f"{export(FOLDER) / 1e6:.1f} MB in {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
