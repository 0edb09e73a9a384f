"""Smooth continuation of values into places where none are known."""

from __future__ import annotations

from typing import Any

SWEEPS = 6
"""Rounds of relaxation at each level of the pyramid."""


def pull_push(values: Any, weights: Any, levels: int = 64) -> Any:
    """Fill what is not known from what lies around it, smoothly and without a step at the border of the known.

    Sources: Gortler et al. 1996, "The Lumigraph", section 3.4.2 (pull-push on a pyramid); Perez et al. 2003, "Poisson
    Image Editing", section 2 (the membrane that a few sweeps of relaxation at each level come close to).

    Args:
        values: float32 array (height, width, 3).
        weights: float32 array (height, width), 0 not known to 1 known.
        levels: of the pyramid. With few, values reach about 2 ** levels pixels far and fade to 0 beyond.

    Returns:
        (height, width, 3): `values` where weights are 1.
    """
    import cv2
    import numpy as np

    height, width = weights.shape
    if levels == 0 or (height == 1 and width == 1):
        return values * (weights > 0)[..., None]
    half = ((width + 1) // 2, (height + 1) // 2)
    share = weights[..., None]
    known = values * share
    even = [(0, height % 2), (0, width % 2)]
    sums = cv2.resize(np.pad(known, [*even, (0, 0)]), half, interpolation=cv2.INTER_AREA)
    mass = cv2.resize(np.pad(weights, even), half, interpolation=cv2.INTER_AREA)
    coarse = pull_push(sums / np.maximum(mass, 1e-8)[..., None], np.minimum(mass * 4, 1), levels - 1)
    filled = known + cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR) * (1 - share)
    for _ in range(SWEEPS):
        filled = known + cv2.blur(filled, (3, 3), borderType=cv2.BORDER_REPLICATE) * (1 - share)
    return filled


def behind_transparency(pixels: Any) -> Any:
    """uint8 (height, width, 3): colours of straight RGBA pixels, with those that do not show filled from around them.

    Args:
        pixels: uint8 (height, width, 4). Where all is transparent the result is white.
    """
    import numpy as np

    alpha = pixels[..., 3].astype(np.float32) / 255
    if alpha.min() >= 1:
        return np.ascontiguousarray(pixels[..., :3])
    if alpha.max() <= 0:
        return np.full_like(pixels[..., :3], 255)
    filled = pull_push(pixels[..., :3].astype(np.float32), alpha)
    return np.rint(filled).clip(0, 255).astype(np.uint8)
