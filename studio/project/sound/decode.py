"""Encoded sound as float32 at the rate of an arrangement, in one or two channels, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from studio.plugins.errors import InputError
from studio.plugins.sound import SoundReader, open_sound
from studio.project.sound.errors import SoundError
from studio.project.sound.media import Samples

STEP = 1 << 16
"""Frames that are decoded at once."""
SHORT = 0.1
"""Seconds that a file may be shorter than it says without being called cut off (MP3 and AAC guess)."""


class Decoder:
    """Decodes one file from start to end. A context manager.

    Attributes:
        rate: Hz of the frames that it gives.
        channels: 1 or 2 that it gives; more are folded to 2.
        frames: how many it will give, as far as the file says.
        source_rate, source_channels: of the file.
        notes: what had to be done or was found wrong, one sentence each; complete at the end.
    """

    def __init__(self, source: bytes | Path, rate: int | None = None, name: str = "This recording") -> None:
        """rate: in Hz, None for the file's own. Raises SoundError where it is no sound that can be read."""
        try:
            self._reader: SoundReader = open_sound(source)
        except InputError as error:
            raise SoundError(f"{name} is damaged or not sound that Pieria knows; open it elsewhere and save it as WAV "
                             "or FLAC.") from error
        self.source_rate, self.source_channels = self._reader.rate, self._reader.channels
        self.rate = rate or self.source_rate
        self.channels = min(self.source_channels, 2)
        self.frames = round(self._reader.seconds * self.rate)
        self.notes: list[str] = []
        if self.source_channels > 2:
            self.notes.append(f"{name} has {self.source_channels} channels; they were folded to two.")
        self._name = name

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def blocks(self) -> Iterator[tuple[Samples, ...]]:
        """The frames in order, one array for each channel; the arrays are the caller's. To be called once."""
        raw, made = 0, 0
        stream = None if self.rate == self.source_rate else self._resampler()
        while len(part := self._reader.read(STEP)):
            raw += len(part)
            block = fold(part)
            if stream is not None:
                block = stream.resample_chunk(block)
            made += len(block)
            yield _split(block)
        if stream is not None:  # the filter's tail, cut to the length that the file has at this rate
            block = stream.resample_chunk(np.zeros((0, self.channels), np.float32), last=True)
            rest = round(raw * self.rate / self.source_rate) - made
            block = np.concatenate((block, np.zeros((max(rest - len(block), 0), self.channels), np.float32)))[:max(
                rest, 0)]
            yield _split(block)
        self._look_back(raw)

    def _resampler(self) -> Any:
        import soxr

        return soxr.ResampleStream(self.source_rate, self.rate, self.channels, dtype="float32", quality="HQ")

    def _look_back(self, raw: int) -> None:
        claimed = self._reader.claimed
        missing = claimed - raw / self.source_rate
        if missing > max(SHORT, claimed * 0.01):
            self.notes.append(f"{self._name} is cut off: {missing:.1f} of its {claimed:.1f} seconds are missing.")
        if self._reader.repaired:
            self.notes.append(f"{self._reader.repaired} samples of {_small(self._name)} were no numbers and are silent "
                              "now.")


def _small(name: str) -> str:
    return name[0].lower() + name[1:] if name.startswith("This ") else name


def _split(block: np.ndarray) -> tuple[Samples, ...]:
    return tuple(np.ascontiguousarray(block[:, channel], dtype=np.float32) for channel in range(block.shape[1]))


def fold(samples: np.ndarray) -> np.ndarray:
    """At most two channels of (frames, channels): of more, in the order of WAV (left, right, centre, low, back left,
    back right, ...), the centre goes to both sides at -3 dB and the low one at -6 dB, those behind to their own side at
    -3 dB; the weights of a side add up to 1, so that nothing is clipped."""
    channels = samples.shape[1]
    if channels <= 2:
        return samples
    weights = np.zeros((channels, 2))
    weights[0, 0] = weights[1, 1] = 1
    back = 2
    if channels not in (4,):  # quadraphony has no centre
        weights[2] = 0.5 ** 0.5
        back = 3
    if channels >= 6:
        weights[3] = 0.5
        back = 4
    for place in range(back, channels):
        weights[place, (place - back) % 2] = 0.5 ** 0.5
    weights /= weights.sum(axis=0)
    return np.asarray(samples @ weights.astype(np.float32), np.float32)
