"""Place a cut-out on a background: the augmentation that both the autoencoder and the denoiser are trained with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .colours import PALETTE, to_rgb

Rgba = NDArray[np.uint8]
Rgb = NDArray[np.float32]

# Soft surfaces behind an object: (hue, saturation, value) of each background a caption can name.
BACKGROUNDS: dict[str, tuple[float, float, float]] = {
    **{n: (h, s * 0.75, max(v, 0.8)) for n, (h, s, v) in PALETTE.items() if s > 0 and n not in ("brown", "golden")},
    "black": (0.0, 0.0, 0.06),
    "gray": (0.0, 0.0, 0.62),
}  # fmt: skip


@dataclass(frozen=True)
class Placement:
    """How a cut-out lies on the canvas: mirrored, scaled (1 fills the canvas) and shifted (in pixels)."""

    flip: bool = False
    scale: float = 0.9
    dx: int = 0
    dy: int = 0

    @staticmethod
    def random(rng: np.random.Generator, flip: bool = True) -> Placement:
        scale = float(rng.uniform(0.78, 0.92))
        room = int(256 * (1 - scale) / 2 * 0.6)
        return Placement(flip and bool(rng.random() < 0.5), scale, *(int(d) for d in rng.integers(-room, room + 1, 2)))


def background(name: str, rng: np.random.Generator, size: int = 256) -> Rgb:
    """A plain or softly graded canvas (size, size, 3) in 0..1; ``white`` is pure white."""
    if name == "white":
        return np.ones((size, size, 3), np.float32)
    hue, sat, val = BACKGROUNDS[name]
    jitter = rng.uniform(-1, 1, 3) * (0.012, 0.08, 0.04)
    hsv = np.clip(np.array([(hue + jitter[0]) % 1, (sat + jitter[1]) * (sat > 0), val + jitter[2]]), 0, 1)
    canvas = np.broadcast_to(to_rgb(hsv), (size, size, 3))
    if rng.random() < 0.4:  # a soft gradient towards a lighter tone
        angle = rng.uniform(0, 2 * np.pi)
        y, x = np.mgrid[0:size, 0:size] / size - 0.5
        ramp = ((np.cos(angle) * x + np.sin(angle) * y + 0.7) / 1.4 * 0.3)[..., None]
        canvas = canvas * (1 - ramp) + ramp
    return canvas.astype(np.float32)


def compose(picture: Rgba, canvas: Rgb, placement: Placement) -> Rgb:
    """Blend an RGBA cut-out onto the canvas; returns (H, W, 3) in 0..1."""
    size = canvas.shape[0]
    image = Image.fromarray(picture)
    if placement.flip:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    side = max(8, round(size * placement.scale))
    premultiplied = image.convert("RGBa").resize((side, side), Image.Resampling.BICUBIC)
    full = Image.new("RGBa", (size, size))
    full.paste(premultiplied, ((size - side) // 2 + placement.dx, (size - side) // 2 + placement.dy))
    layer = np.asarray(full, np.float32) / 255
    return np.clip(layer[..., :3] + canvas * (1 - layer[..., 3:]), 0, 1)


def to_tensor_layout(picture: Rgb) -> NDArray[np.float32]:
    """(H, W, 3) in 0..1 to (3, H, W) in -1..1."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)) * 2 - 1
