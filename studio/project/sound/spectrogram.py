"""Spectrograms of what is visible: magnitude in dB on a logarithmic axis of frequency."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from studio.project.sound.media import Media, Samples

LOWEST = 40.0
"""Hz of the lowest row."""
FLOOR, TOP = -90.0, 0.0
"""dB of the values 0 and 255; 0 dB is a sine of full scale."""
SIZES = (512, 1024, 2048, 4096)
"""Frames of a window."""
BATCH = 256

Image = npt.NDArray[np.uint8]


def spectrogram(media: Media, rate: int, start: float, end: float, columns: int, rows: int, *,
                size: int = 2048) -> Image:
    """The stretch from `start` to `end` (frames, may lie outside) as (rows, columns), the highest row first, from half
    the rate down to LOWEST. Each column is one Hann window of `size` frames around its middle, however far apart they
    lie, so that it costs the same at any zoom. Of what is ready."""
    out = np.zeros((max(rows, 0), max(columns, 0)), np.uint8)
    if rows < 1 or columns < 1 or end <= start:
        return out
    middles = start + (np.arange(columns) + 0.5) * (end - start) / columns
    inside = np.flatnonzero((middles >= 0) & (middles < media.ready))
    bands = _bands(rate, rows, size)
    for first in range(0, len(inside), BATCH):
        places = inside[first:first + BATCH]
        power = _power(media, middles[places].astype(np.int64) - size // 2, size)
        found = bands(power)
        with np.errstate(divide="ignore"):
            level = 10 * np.log10(found)
        out[:, places] = np.clip((level - FLOOR) * (255 / (TOP - FLOOR)), 0, 255).round().T.astype(np.uint8)
    return out


def frequency(row: float, rows: int, rate: int) -> float:
    """Hz in the middle of a row of a spectrogram; row 0 is the highest."""
    return LOWEST * math.pow(rate / 2 / LOWEST, 1 - (row + 0.5) / rows)


def _power(media: Media, starts: npt.NDArray[np.int64], size: int) -> Samples:
    """(windows, bins): power of each window, the mean of its channels."""
    windows = np.zeros((len(starts), size), np.float32)
    total = np.zeros((len(starts), size // 2 + 1), np.float32)
    hann = _hann(size)
    pieces = [media.read(max(int(at), 0), min(max(int(at) + size, 0), media.ready)) for at in starts]
    for channel in range(media.channels):
        windows[:] = 0
        for row, (at, piece) in enumerate(zip(starts, pieces, strict=True)):
            offset = max(-int(at), 0)
            windows[row, offset:offset + len(piece[channel])] = piece[channel]
        found = np.fft.rfft(windows * hann, axis=1)
        total += (found.real ** 2 + found.imag ** 2).astype(np.float32)
    total /= media.channels
    return total


@lru_cache(8)
def _hann(size: int) -> Samples:
    window = np.hanning(size + 1)[:-1]
    return np.asarray(window * 2 / window.sum(), np.float32)  # a sine of full scale has 0 dB


class _Bands:
    """From the bins of a transform to rows: between bins it goes straight, over several the loudest counts."""

    def __init__(self, rate: int, rows: int, size: int) -> None:
        edges = np.array([frequency(row - 0.5, rows, rate) for row in range(rows, -1, -1)]) * size / rate
        self.last = size // 2
        self.centre = np.sqrt(edges[:-1] * edges[1:]).clip(0, self.last - 1e-6)
        left = np.ceil(edges[:-1]).astype(np.int64).clip(0, self.last)
        right = np.ceil(edges[1:]).astype(np.int64).clip(0, self.last + 1)
        self.wide = right - left >= 2
        self.pairs = np.stack((left, np.maximum(right, left + 1)), axis=1)[self.wide].ravel()

    def __call__(self, power: Samples) -> Samples:
        low = self.centre.astype(np.int64)
        share = (self.centre - low).astype(np.float32)
        found = power[:, low] * (1 - share) + power[:, low + 1] * share
        if len(self.pairs):
            padded = np.concatenate((power, power[:, -1:]), axis=1)
            found[:, self.wide] = np.maximum.reduceat(padded, self.pairs, axis=1)[:, ::2]
        return found[:, ::-1]


@lru_cache(16)
def _bands(rate: int, rows: int, size: int) -> _Bands:
    return _Bands(rate, rows, size)


def best_size(frames_per_column: float) -> int:
    """A window that shows time as finely as the zoom asks for, and pitch as finely as then is possible."""
    wanted: int = 2 ** math.ceil(math.log2(max(frames_per_column * 4, 1)))
    return int(min(max(wanted, SIZES[0]), SIZES[-1]))
