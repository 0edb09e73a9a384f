"""What the mixer takes sound from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.project.sound.errors import SoundError

Samples: TypeAlias = npt.NDArray[np.float32]


class Media(Protocol):
    """Decoded sound at the rate of the arrangement: one array of float32 for each channel.

    Attributes:
        channels: 1 or 2.
        frames: how many there are; while it is still being decoded, how many there will be about.
        ready: how many of them can be read now.
    """

    channels: int
    frames: int
    ready: int

    def read(self, start: int, stop: int) -> tuple[Samples, ...]:
        """The frames from `start` to `stop` of each channel, `0 <= start <= stop <= ready`; not to be written to."""
        ...


class AudioSource(Protocol):
    """Finds decoded media by content hash. Any thread may ask."""

    rate: int

    def open(self, sha: str) -> Media:
        """The medium, all of it; waits until it is decoded. Raises SoundError with one sentence."""
        ...

    def peek(self, sha: str) -> Media | None:
        """As much of the medium as is there now, without waiting; None where nothing is, and then somebody has to call
        `open` on a thread of their own. Raises SoundError where it cannot be decoded."""
        ...


class ArrayMedia:
    """A medium in memory."""

    def __init__(self, *channels: Samples) -> None:
        self._arrays = channels
        self.channels, self.frames = len(channels), len(channels[0])
        self.ready = self.frames

    def read(self, start: int, stop: int) -> tuple[Samples, ...]:
        return tuple(array[start:stop] for array in self._arrays)


class ArraySource:
    """A source of media in memory, for what is made on the way and for tests."""

    def __init__(self, media: Mapping[str, Media], rate: int) -> None:
        self._media = media
        self.rate = rate

    def open(self, sha: str) -> Media:
        try:
            return self._media[sha]
        except KeyError:
            raise SoundError("A recording of this clip is no longer in the project.") from None

    def peek(self, sha: str) -> Media | None:
        return self.open(sha)
