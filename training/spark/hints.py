"""Pictures, their latents and drawings of their edges, for `control`.

The denoiser knows its icons nearly by heart, so a drawing tells it nothing while things stand where they always stand.
Here they are moved, stretched, turned and bent before they are encoded: only the drawing says how. Drawings vary too,
from clean edges (Canny 1986) at all thresholds to thick, shaky and incomplete strokes, as people draw them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from numpy.typing import NDArray
from transformers import CLIPTextModel, CLIPTokenizer

from . import captions, data, packages, plan, scenes, scope
from .compose import to_tensor_layout

PICTURES = packages.BUILD / "control_pictures.npy"
LATENTS = packages.BUILD / "control_latents.pt"
SHARES = {"single": 0.7, "style": 0.12, "background": 0.1, "pair": 0.05, "count": 0.03}
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Parts:
    """The finished pipeline's parts, frozen, in float32."""

    unet: UNet2DConditionModel
    vae: AutoencoderKL
    encoder: CLIPTextModel
    tokenizer: CLIPTokenizer
    scheduler: DDIMScheduler

    @staticmethod
    def load(folder: Path, device: torch.device) -> Parts:
        """From a folder in the layout of diffusers' StableDiffusionPipeline."""

        def part(kind: Any, name: str) -> Any:
            return kind.from_pretrained(folder / name).float().eval().requires_grad_(False).to(device)

        return Parts(
            part(UNet2DConditionModel, "unet").to(memory_format=torch.channels_last),
            part(AutoencoderKL, "vae").to(memory_format=torch.channels_last),
            part(CLIPTextModel, "text_encoder"),
            CLIPTokenizer.from_pretrained(folder / "tokenizer"),
            DDIMScheduler.from_pretrained(folder / "scheduler"),
        )

    @torch.no_grad()
    def read(self, texts: list[str]) -> torch.Tensor:
        """(B, 32, W) hidden states of the captions."""
        ids = self.tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids
        return self.encoder(ids.to(self.encoder.device)).last_hidden_state

    @torch.no_grad()
    def encode(self, pictures: Bytes) -> torch.Tensor:
        """Scaled latents (B, C, h, w) of pictures (B, H, W, 3)."""
        x = np.stack([to_tensor_layout(p.astype(np.float32) / 255) for p in pictures])
        given = torch.from_numpy(x).to(self.vae.device, memory_format=torch.channels_last)
        return self.vae.encode(given).latent_dist.mean * self.vae.config.scaling_factor


def warped(picture: Bytes, rng: np.random.Generator, most: float = 1.0) -> Bytes:
    """The picture turned, stretched, moved and gently bent; ``most`` scales how much."""
    side = picture.shape[0]
    angle = np.deg2rad(rng.normal(0, 12) * most)
    stretch = np.exp(rng.uniform(-0.32, 0.12, 2) * most)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5
    shift = rng.uniform(-0.12, 0.12, 2) * most
    x, y = x - shift[0], y - shift[1]
    across = (np.cos(angle) * x + np.sin(angle) * y) / stretch[0]
    down = (np.cos(angle) * y - np.sin(angle) * x) / stretch[1]
    bend = [cv2.resize(rng.normal(0, 0.035 * most, (4, 4)).astype(np.float32), (side, side),
                       interpolation=cv2.INTER_CUBIC) for _ in range(2)]  # fmt: skip
    at = [((part + move + 0.5) * side).astype(np.float32) for part, move in zip((across, down), bend, strict=True)]
    white = bool((picture[[0, 0, -1, -1], [0, -1, 0, -1]] > 250).all())
    border = cv2.BORDER_CONSTANT if white else cv2.BORDER_REFLECT_101
    out: Bytes = cv2.remap(picture, at[0], at[1], cv2.INTER_LINEAR, borderMode=border, borderValue=(255, 255, 255))
    return out


def edges(picture: Bytes, low: float = 100, high: float = 200, blur: float = 0.0) -> Bytes:
    """(H, W) of 0 and 255: thin edges of a picture (H, W, 3), as the program finds them for "Edges (Canny)"."""
    grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)
    if blur:
        grey = cv2.GaussianBlur(grey, (0, 0), blur)
    found: Bytes = cv2.Canny(grey, low, high)
    return found


def outline(picture: Bytes) -> Bytes:
    """(H, W) of 0 and 255: where the thing ends, without its inside, as a quick sketch has it."""
    far = np.abs(picture.astype(np.int16) - picture[2, 2].astype(np.int16)).max(-1) > 24
    solid = cv2.morphologyEx(far.astype(np.uint8) * 255, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    found: Bytes = cv2.morphologyEx(solid, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return found


def drawn(picture: Bytes, rng: np.random.Generator) -> Bytes:
    """(H, W) in 0..255: a drawing of the picture's edges, of a kind that a person or a program would give."""
    kind = rng.random()
    if kind < 0.15:
        lines = outline(picture)
    else:
        high = float(np.exp(rng.uniform(np.log(50), np.log(240))))
        lines = edges(picture, high * 0.5, high, float(rng.choice((0.0, 0.0, 1.0, 2.0))))
    if rng.random() < 0.5:
        return lines if kind > 0.15 or rng.random() < 0.5 else by_hand(lines, rng)
    return by_hand(lines, rng)


def by_hand(lines: Bytes, rng: np.random.Generator) -> Bytes:
    """Shaky, thicker, with gaps, sometimes soft."""
    side = lines.shape[0]
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    shake = [cv2.resize(rng.normal(0, rng.uniform(0, 2.5), (12, 12)).astype(np.float32), (side, side),
                        interpolation=cv2.INTER_CUBIC) for _ in range(2)]  # fmt: skip
    lines = cv2.dilate(lines, np.ones((2, 2), np.uint8))
    lines = cv2.remap(lines, x + shake[0], y + shake[1], cv2.INTER_LINEAR)
    for _ in range(int(rng.integers(0, 6))):
        centre = tuple(int(c) for c in rng.integers(0, side, 2))
        cv2.circle(lines, centre, int(rng.integers(6, 26)), 0, -1)
    width = int(rng.choice((1, 2, 3, 4)))
    if width > 1:
        lines = cv2.dilate(lines, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)))
    if rng.random() < 0.25:
        lines = cv2.GaussianBlur(lines, (0, 0), float(rng.uniform(0.7, 2)))
    out: Bytes = lines if rng.random() < 0.3 else np.where(lines > 90, 255, 0).astype(np.uint8)
    return out


def tensor(maps: list[Bytes] | Bytes) -> torch.Tensor:
    """(B, 3, H, W) in 0..1 of drawings (B, H, W) in 0..255."""
    return torch.from_numpy(np.stack(list(maps))).float()[:, None].expand(-1, 3, -1, -1) / 255


def planned(chosen: scope.Scope) -> tuple[list[scenes.Scene], list[data.Row]]:
    """The scenes of a scope, weighted for drawings: single things oftener."""
    rows = data.load()[1]
    return plan.Planner(rows, replace(chosen, shares=SHARES)).all(), rows


class Shown:
    """Latents, pictures and captions, drawn at random; made once and kept in the build folder."""

    def __init__(self, parts: Parts, chosen: scope.Scope, count: int, seed: int = 5) -> None:
        self.rng = np.random.default_rng(seed)
        self.scenes, rows = planned(chosen)
        self.speaker = captions.Speaker(rows, self.rng)
        if not LATENTS.exists() or len(torch.load(LATENTS)["latents"]) != count:
            self._make(parts, count)
        state = torch.load(LATENTS)
        self.latents, self.index = state["latents"].float(), state["index"]
        self.pictures = np.load(PICTURES, mmap_mode="r")

    def _make(self, parts: Parts, count: int, batch: int = 16) -> None:
        rng, sheet = np.random.default_rng(17), data.load()[0]
        weight = np.cumsum([scene.weight for scene in self.scenes])
        index = np.searchsorted(weight, rng.random(count) * weight[-1]).clip(0, len(self.scenes) - 1)
        pictures, latents = [], []
        for first in range(0, count, batch):
            part = [
                warped((scenes.paint(self.scenes[int(i)], sheet) * 255).round().astype(np.uint8), rng,
                       float(rng.choice((0.3, 1.0)))) for i in index[first : first + batch]
            ]  # fmt: skip
            pictures += part
            latents.append(parts.encode(np.stack(part)).half().cpu())
            if first % (batch * 20) == 0:
                print(f"pictures {first}/{count}", flush=True)
        np.save(PICTURES, np.stack(pictures))
        torch.save({"latents": torch.cat(latents), "index": torch.from_numpy(index)}, LATENTS)

    def batch(self, count: int, unsaid: float) -> tuple[torch.Tensor, list[str], torch.Tensor]:
        """Latents, captions (a share ``unsaid`` of them empty) and drawings (B, 3, H, W) in 0..1."""
        chosen = self.rng.integers(0, len(self.latents), count)
        texts = [
            "" if self.rng.random() < unsaid else self.speaker.say(self.scenes[int(self.index[i])]) for i in chosen
        ]
        return self.latents[chosen], texts, tensor([drawn(np.asarray(self.pictures[i]), self.rng) for i in chosen])
