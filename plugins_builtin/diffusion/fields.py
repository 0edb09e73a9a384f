"""Smooth continuation of values into places where none are known."""

from __future__ import annotations

from typing import Any

SWEEPS = 6
"""Rounds of relaxation at each level of the pyramid."""

def pull_push(values: Any, weights: Any) -> Any:
    """Fill what is not known from what lies around it, smoothly and without a step at the border of the known.

    Sources: Gortler et al. 1996, "The Lumigraph", section 3.4.2 (pull-push on a pyramid); Perez et al. 2003, "Poisson
    Image Editing", section 2 (the membrane that a few sweeps of relaxation at each level come close to).

    Args:
        values: float32 tensor (channels, height, width).
        weights: float32 tensor (1, height, width), 0 not known to 1 known.

    Returns:
        (channels, height, width): `values` where weights are 1.
    """
    import torch.nn.functional as functional

    height, width = values.shape[-2:]
    if height == 1 and width == 1:
        return values
    even = (0, width % 2, 0, height % 2)
    wide, heavy = functional.pad(values * weights, even)[None], functional.pad(weights, even)[None]
    sums, mass = functional.avg_pool2d(wide, 2), functional.avg_pool2d(heavy, 2)
    coarse = pull_push((sums / mass.clamp(min=1e-8))[0], (mass[0] * 4).clamp(max=1))
    up = functional.interpolate(coarse[None], (height, width), mode="bilinear", align_corners=False)[0]
    filled = values * weights + up * (1 - weights)
    for _ in range(SWEEPS):
        around = functional.avg_pool2d(functional.pad(filled[None], (1, 1, 1, 1), mode="replicate"), 3, 1)[0]
        filled = values * weights + around * (1 - weights)
    return filled
