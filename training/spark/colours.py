"""Name the main colour of a cut-out picture, and give it another one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# name -> (hue in turns, saturation, value) of a typical surface; the greys have no hue.
PALETTE: dict[str, tuple[float, float, float]] = {
    "red": (0.995, 0.85, 0.88), "orange": (0.075, 0.88, 0.97), "yellow": (0.145, 0.80, 0.99),
    "green": (0.36, 0.75, 0.72), "blue": (0.59, 0.80, 0.92), "purple": (0.76, 0.62, 0.80),
    "pink": (0.93, 0.45, 0.98), "brown": (0.06, 0.62, 0.52), "black": (0.0, 0.0, 0.18),
    "white": (0.0, 0.0, 0.96), "gray": (0.0, 0.0, 0.60), "golden": (0.120, 0.75, 0.85),
}  # fmt: skip
NAMES = tuple(PALETTE)
HUED = tuple(name for name, (_, s, _) in PALETTE.items() if s > 0)


def to_hsv(rgb: NDArray[np.floating]) -> NDArray[np.float32]:
    """RGB in 0..1, shape (..., 3), to HSV in 0..1 (hue in turns)."""
    rgb = rgb.astype(np.float32)
    high, low = rgb.max(-1), rgb.min(-1)
    span = high - low
    safe = np.where(span > 0, span, 1)
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    hue = np.where(high == r, (g - b) / safe, np.where(high == g, 2 + (b - r) / safe, 4 + (r - g) / safe))
    hue = np.where(span > 0, (hue / 6) % 1, 0)
    return np.stack([hue, np.where(high > 0, span / np.where(high > 0, high, 1), 0), high], -1).astype(np.float32)


def to_rgb(hsv: NDArray[np.floating]) -> NDArray[np.float32]:
    """HSV in 0..1 to RGB in 0..1, same shape."""
    h, s, v = hsv[..., 0:1] * 6, hsv[..., 1:2], hsv[..., 2:3]
    k = (np.array([5, 3, 1], np.float32) + h) % 6
    return (v - v * s * np.clip(np.minimum(k, 4 - k), 0, 1)).astype(np.float32)


def name_pixels(hsv: NDArray[np.floating]) -> NDArray[np.intp]:
    """Index into NAMES for each pixel of an HSV array (..., 3) -> (...)."""
    h, s, v = hsv[..., 0], hsv[..., 1], hsv[..., 2]
    edges = [0.042, 0.105, 0.19, 0.46, 0.70, 0.83, 0.955]
    by_hue = np.array([NAMES.index(n) for n in ("red", "orange", "yellow", "green", "blue", "purple", "pink", "red")])
    index = by_hue[np.digitize(h, edges)]
    warm = (h > 0.012) & (h < 0.13)
    index = np.where(warm & (v < 0.68) & (h < 0.105), NAMES.index("brown"), index)
    index = np.where((h >= 0.105) & (h < 0.19) & (v < 0.55), NAMES.index("brown"), index)
    index = np.where(((h > 0.955) | (h < 0.028)) & (s < 0.5) & (v > 0.75), NAMES.index("pink"), index)
    grey = (s < 0.16) | (v < 0.16) | ((s < 0.3) & (v < 0.4))
    shade = np.where(v > 0.85, NAMES.index("white"), np.where(v < 0.36, NAMES.index("black"), NAMES.index("gray")))
    return np.where(grey, shade, index)


def dominant(picture: NDArray[np.uint8]) -> tuple[str, float]:
    """Name of the commonest colour of the opaque part of an RGBA picture, and its share (0..1)."""
    small = picture[::4, ::4].reshape(-1, 4)
    rgb = small[small[:, 3] > 127, :3].astype(np.float32) / 255
    if not len(rgb):
        return "white", 0.0
    votes = np.bincount(name_pixels(to_hsv(rgb)), minlength=len(NAMES)) / len(rgb)
    best = int(votes.argmax())
    return NAMES[best], float(votes[best])


def recolour(picture: NDArray[np.uint8], source: str, target: str) -> NDArray[np.uint8]:
    """Give the pixels of colour ``source`` (and their close relatives) the colour ``target``; RGBA in, RGBA out.

    Shading is kept: hue is replaced, saturation and value are scaled by the ratio of target to the mean of what is
    replaced, so highlights stay bright and outlines dark.
    """
    hsv = to_hsv(picture[..., :3].astype(np.float32) / 255)
    hue, sat, val = PALETTE[source]
    if sat > 0:
        away = np.abs((hsv[..., 0] - hue + 0.5) % 1 - 0.5)
        mask = np.clip((0.15 - away) / 0.04, 0, 1) * np.clip((hsv[..., 1] - 0.10) / 0.12, 0, 1)
    else:
        mask = np.clip((0.35 - hsv[..., 1]) / 0.15, 0, 1) * np.clip(1 - np.abs(hsv[..., 2] - val) / 0.45, 0, 1) ** 0.5
    solid = (mask > 0.5) & (picture[..., 3] > 127)
    if solid.sum() < 50:
        return picture
    mean_s, mean_v = float(hsv[..., 1][solid].mean()), float(hsv[..., 2][solid].mean())
    new_h, new_s, new_v = PALETTE[target]
    out = hsv.copy()
    out[..., 0] = new_h
    out[..., 1] = (
        np.clip(hsv[..., 1] * new_s / max(mean_s, 0.05), 0, 1) if sat > 0 else new_s * np.clip(hsv[..., 2] * 2, 0, 1)
    )
    ratio = new_v / max(mean_v, 0.05)
    out[..., 2] = (
        np.clip(hsv[..., 2] * ratio, 0, 1) if ratio < 1 else 1 - (1 - hsv[..., 2]) * (1 - new_v) / max(1 - mean_v, 0.02)
    )
    out[..., 2] = np.clip(out[..., 2], 0, 1)
    rgb = to_rgb(hsv) * (1 - mask[..., None]) + to_rgb(out) * mask[..., None]
    return np.dstack([np.clip(rgb * 255 + 0.5, 0, 255).astype(np.uint8), picture[..., 3]])
