"""Drawings that need no network: thin edges, soft edges, and a person's own lines as white on black."""

from __future__ import annotations

from typing import Any

LOW, HIGH = 100, 200
"""Thresholds of Canny's hysteresis, in grey levels of the gradient, as most control nets were trained with."""


def canny(rgb: Any, low: float = LOW, high: float = HIGH, smooth: float = 0.0) -> Any:
    """uint8 (height, width): thin white edges on black.

    Source: Canny 1986, "A Computational Approach to Edge Detection".

    Args:
        rgb: uint8 (height, width, 3).
        low, high: an edge begins above `high` and goes on above `low`; the wrong way round they are swapped.
        smooth: deviation, in pixels, of the blur before; it drops texture.
    """
    import cv2

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    if smooth > 0:
        grey = cv2.GaussianBlur(grey, (0, 0), smooth)
    return cv2.Canny(grey, min(low, high), max(low, high))


def soft(rgb: Any) -> Any:
    """uint8 (height, width): the slope of the lightness, as broad grey edges."""
    import cv2
    import numpy as np

    smooth = cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (0, 0), 1.2).astype(np.float32)
    slope = np.hypot(cv2.Scharr(smooth, cv2.CV_32F, 1, 0), cv2.Scharr(smooth, cv2.CV_32F, 0, 1))
    strongest = max(float(np.percentile(slope, 99.5)), 16.0)  # of a flat picture noise would be the strongest
    return (np.minimum(slope / strongest, 1) * 255).astype(np.uint8)


def drawing(rgb: Any) -> Any:
    """uint8 (height, width): lines drawn on paper as white on black; a dark ground is taken for black already.

    The commonest grey is the ground; what is as far from it as the lines are becomes white.
    """
    import cv2
    import numpy as np

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.int16)
    ground = int(np.bincount(np.abs(grey).ravel(), minlength=256).argmax())
    away = np.abs(grey - ground).astype(np.float32)
    strongest = max(float(away.max()), 32.0)
    return (np.clip(away / strongest * 1.25 - 0.125, 0, 1) * 255).astype(np.uint8)
