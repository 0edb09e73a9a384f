"""Peaks as a picture: one column of pixels for each bin, with soft ends."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

THIN = 0.6
"""Pixels that even silence is high."""


def waveform(bins: npt.NDArray[np.float32], height: int, colour: QColor) -> QImage:
    """A picture of bins (columns, channels, 3: least, greatest, RMS), as wide as there are columns. Two channels lie
    one above the other where there is room for it, else as one; full scale fills the height."""
    columns, channels = bins.shape[0], bins.shape[1]
    if columns < 1 or height < 1:
        return QImage()
    if channels > 1 and height < 72:
        bins = np.stack((bins[:, :, 0].min(1), bins[:, :, 1].max(1), bins[:, :, 2].max(1)), axis=1)[:, None]
        channels = 1
    cover = np.concatenate([_lane(bins[:, n], part) for n, part in enumerate(_split(height, channels))])
    return _tinted(cover, colour)


def _split(height: int, lanes: int) -> list[int]:
    return [(height * (n + 1)) // lanes - (height * n) // lanes for n in range(lanes)]


def _lane(bins: npt.NDArray[np.float32], height: int) -> npt.NDArray[np.float32]:
    """How much of each pixel is covered, (height, columns), 0 to 1."""
    middle, reach = height / 2, height / 2 - 0.5
    top = middle - np.clip(bins[:, 1], -1, 1) * reach
    bottom = middle - np.clip(bins[:, 0], -1, 1) * reach
    spread = np.maximum(THIN - (bottom - top), 0) / 2
    rows = np.arange(height, dtype=np.float32)[:, None]
    covered = np.minimum(rows + 1, (bottom + spread)[None]) - np.maximum(rows, (top - spread)[None])
    return np.clip(covered, 0, 1).astype(np.float32)


def _tinted(cover: npt.NDArray[np.float32], colour: QColor) -> QImage:
    """Premultiplied ARGB of a colour at this coverage."""
    alpha = cover * colour.alphaF()
    pixels = np.empty((*cover.shape, 4), np.uint8)
    for channel, value in enumerate((colour.blueF(), colour.greenF(), colour.redF(), 1.0)):
        pixels[..., channel] = np.rint(alpha * (value * 255))
    height, width = cover.shape
    return QImage(pixels.tobytes(), width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied).copy()
