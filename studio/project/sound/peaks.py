"""The drawn shape of a sound: least, greatest and RMS value of ever larger stretches, computed once and kept.

Level 0 has a bin for BASE frames, each further level one for FACTOR bins of the level before. Only level 0 is stored.
"""

from __future__ import annotations

import struct
from functools import cached_property

import numpy as np
import numpy.typing as npt

from studio.project.sound.errors import SoundError
from studio.project.sound.media import Media, Samples

BASE = 256
FACTOR = 4
FORMAT = 1
_HEADER = struct.Struct("<BBHIIQf")
"""Format, channels, frames of a bin, rate, bins, frames, value of 32767."""
MOST_BINS = 1 << 28

Bins = npt.NDArray[np.float32]
"""(bins, channels, 3): least, greatest, RMS."""


class Peaks:
    """Peaks of one medium. rate: Hz that `frames` count in."""

    def __init__(self, bins: Bins, frames: int, rate: int) -> None:
        self.frames, self.rate = frames, rate
        self._base = bins

    @property
    def channels(self) -> int:
        return int(self._base.shape[1])

    @cached_property
    def levels(self) -> list[Bins]:
        """All levels, the finest first."""
        found = [self._base]
        while len(found[-1]) > FACTOR:
            found.append(_coarser(found[-1]))
        return found

    def view(self, start: float, end: float, columns: int) -> Bins:
        """The stretch from `start` to `end` (frames, may lie outside) for `columns` pixels: (columns, channels, 3).
        Finer than a bin for each column it repeats bins: below BASE frames a pixel draw from the samples
        (`of_samples`)."""
        out = np.zeros((max(columns, 0), self.channels, 3), np.float32)
        if columns < 1 or end <= start or not len(self._base):
            return out
        size, level = (end - start) / columns, 0
        while level + 1 < len(self.levels) and BASE * FACTOR ** (level + 1) <= size:
            level += 1
        return _columns(self.levels[level], start / (BASE * FACTOR ** level), size / (BASE * FACTOR ** level), out)

    def to_bytes(self) -> bytes:
        """For the project file: a header and Zstandard over 16-bit values, each minus the one before it."""
        import zstandard

        most = max(float(np.abs(self._base).max(initial=0)), 1.0)
        values = np.rint(self._base.reshape(len(self._base), self.channels * 3) * (32767 / most)).astype(np.int16)
        steps = np.diff(values, axis=0, prepend=np.zeros((1, values.shape[1]), np.int16))
        head = _HEADER.pack(FORMAT, self.channels, BASE, self.rate, len(self._base), self.frames, most)
        return head + zstandard.ZstdCompressor(level=3).compress(np.ascontiguousarray(steps.T).tobytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> Peaks:
        """Raises SoundError over bytes that are none of `to_bytes`; then they are computed anew."""
        import zstandard

        try:
            form, channels, base, rate, count, frames, most = _HEADER.unpack_from(data)
            if form != FORMAT or base != BASE or channels not in (1, 2) or count > MOST_BINS or not rate:
                raise ValueError(form)
            raw = zstandard.ZstdDecompressor().decompress(data[_HEADER.size:], max_output_size=count * channels * 6)
            steps = np.frombuffer(raw, np.int16).reshape(channels * 3, count)
        except (struct.error, ValueError, zstandard.ZstdError) as error:
            raise SoundError("The drawn shape of this sound is damaged and is made again.") from error
        values = np.cumsum(steps, axis=1, dtype=np.int16).T.astype(np.float32) * np.float32(most / 32767)
        return cls(np.ascontiguousarray(values).reshape(count, channels, 3), frames, rate)


class PeakBuilder:
    """Takes a sound piece by piece, of any sizes."""

    def __init__(self, channels: int, rate: int) -> None:
        self._rate, self._frames = rate, 0
        self._done: list[Bins] = []
        self._rest = np.zeros((channels, 0), np.float32)

    def add(self, *channels: Samples) -> None:
        """The next frames, one array for each channel."""
        block = np.stack(channels)
        self._frames += block.shape[1]
        if self._rest.shape[1]:
            block = np.concatenate((self._rest, block), axis=1)
        whole = block.shape[1] // BASE * BASE
        if whole:
            self._done.append(_bins(block[:, :whole].reshape(len(block), -1, BASE)))
        self._rest = block[:, whole:].copy()

    def peaks(self) -> Peaks:
        """The peaks of what has come so far."""
        parts = list(self._done)
        if self._rest.shape[1]:
            parts.append(_bins(self._rest[:, None, :]))
        empty = np.zeros((0, len(self._rest), 3), np.float32)
        return Peaks(np.concatenate(parts) if parts else empty, self._frames, self._rate)


def of_media(media: Media, rate: int) -> Peaks:
    """The peaks of a medium that is all there."""
    builder = PeakBuilder(media.channels, rate)
    for start in range(0, media.frames, BASE * 1024):
        builder.add(*media.read(start, min(start + BASE * 1024, media.frames)))
    return builder.peaks()


def of_samples(media: Media, start: float, end: float, columns: int) -> Bins:
    """As `Peaks.view`, from the samples themselves: for less than BASE frames a pixel. Of what is ready."""
    out = np.zeros((max(columns, 0), media.channels, 3), np.float32)
    first, last = max(int(start), 0), min(int(np.ceil(end)) + 1, media.ready)
    if columns < 1 or end <= start or last <= first:
        return out
    samples = np.stack(media.read(first, last), axis=1)
    bins = np.stack((samples, samples, np.abs(samples)), axis=2)
    return _columns(bins, start - first, (end - start) / columns, out)


def _bins(blocks: Samples) -> Bins:
    """Of (channels, bins, frames)."""
    square = np.einsum("cbf,cbf->cb", blocks, blocks) / blocks.shape[2]
    return np.stack((blocks.min(axis=2), blocks.max(axis=2), np.sqrt(square)), axis=2).transpose(1, 0, 2)


def _coarser(bins: Bins) -> Bins:
    edges = np.arange(0, len(bins), FACTOR)
    counts = np.diff(np.append(edges, len(bins)))[:, None]
    mean = np.add.reduceat(bins[:, :, 2] ** 2, edges, axis=0) / counts
    return np.stack((np.minimum.reduceat(bins[:, :, 0], edges, axis=0), np.maximum.reduceat(bins[:, :, 1], edges,
                     axis=0), np.sqrt(mean)), axis=2)


def _columns(bins: Bins, start: float, size: float, out: Bins) -> Bins:
    """Columns of `size` bins each from `start` on; those outside stay 0."""
    edges = start + size * np.arange(len(out) + 1)
    left = np.floor(edges[:-1]).astype(np.int64)
    right = np.maximum(np.ceil(edges[1:]).astype(np.int64), left + 1)
    inside = (right > 0) & (left < len(bins))
    if not inside.any():
        return out
    left, right = left[inside].clip(0, len(bins) - 1), right[inside].clip(1, len(bins))
    base = int(left[0])
    part = bins[base:int(right[-1])]
    pairs = np.stack((left, right), axis=1).ravel() - base  # reduceat takes every other stretch: from left to right
    padded = np.concatenate((part, part[-1:]))
    square = np.add.reduceat(padded[:, :, 2] ** 2, pairs, axis=0)[::2] / (right - left)[:, None]
    out[inside, :, 0] = np.minimum.reduceat(padded[:, :, 0], pairs, axis=0)[::2]
    out[inside, :, 1] = np.maximum.reduceat(padded[:, :, 1], pairs, axis=0)[::2]
    out[inside, :, 2] = np.sqrt(square)
    return out
