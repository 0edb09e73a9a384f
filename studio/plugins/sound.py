"""Encoded sound as float samples: what `Audio.samples` and `Audio.reader` stand on.

soundfile reads WAV, FLAC, OGG, MP3, AIFF and their kind; PyAV (FFmpeg) the rest, and the sound of a film.
"""

from __future__ import annotations

import io
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.plugins.errors import InputError

if TYPE_CHECKING:
    import numpy as np

MOST_VALUES = 1 << 29
"""Samples times channels that are decoded into memory at once: 2 GB."""
STEP = 1024
"""Frames that are read at a time towards the place where a file was cut."""
UNKNOWN = 0x7FFF0000
"""From so many bytes on the length in a WAV's head is one that its writer did not know (2^31 or 2^32)."""
SLOWEST, FASTEST = 1_000, 1_000_000
"""Rates in Hz that a file can claim."""


class SoundReader(ABC):
    """Sound that is decoded piece by piece, from start to end. A context manager.

    Attributes:
        rate: samples a second.
        channels: 1 is mono, 2 stereo.
        seconds: how much there seems to be; 0 where the file does not say, wrong where it was cut.
        claimed: the length that the file says it has, at least `seconds`.
        repaired: how many samples read so far were no numbers.
    """

    rate: int
    channels: int
    seconds: float
    claimed: float
    repaired: int = 0

    @abstractmethod
    def read(self, frames: int) -> np.ndarray:
        """The next samples, float32 (up to `frames`, channels); none at the end. NaN and infinities come as 0."""

    def _clean(self, samples: np.ndarray) -> np.ndarray:
        import numpy as np

        self.repaired += int(samples.size - np.count_nonzero(np.isfinite(samples)))
        return clean(samples)

    @abstractmethod
    def close(self) -> None:
        """Let go of the decoder."""

    def __enter__(self) -> SoundReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_sound(data: bytes | Path) -> SoundReader:
    """A reader of an encoded file, its bytes or its place. Raises `InputError` where it is no sound that can be
    read."""
    try:
        return _File(data)
    except (OSError, ValueError, RuntimeError):
        pass
    try:
        return _Stream(data)
    except (OSError, ValueError, RuntimeError, LookupError) as error:
        raise InputError("This file is not sound that can be read.") from error


def whole(reader: SoundReader, longest: float) -> np.ndarray:
    """All of it, float32 (frames, channels). Raises `InputError` for more than `longest` seconds or 2 GB."""
    import numpy as np

    limit = int(longest * reader.rate)
    if reader.seconds > longest * 1.5 + 1:  # what a file claims may be a little wrong, but not that much
        raise too_long(longest)
    parts, frames, step = [], 0, max(1, min(1 << 20, (1 << 22) // reader.channels))
    while (part := reader.read(step)).size:
        frames += len(part)
        if frames > limit:
            raise too_long(longest)
        if frames * reader.channels > MOST_VALUES:
            raise InputError("This sound is too large to be worked on in one piece; select a shorter part of it.")
        parts.append(part)
    return np.concatenate(parts) if parts else np.zeros((0, reader.channels), np.float32)


def too_long(longest: float) -> InputError:
    said = f"{longest / 60:.0f} minutes" if longest >= 120 else f"{longest:.0f} seconds"
    return InputError(f"This sound is longer than {said}; select a shorter part of it.")


def clean(samples: np.ndarray) -> np.ndarray:
    """Float32 without NaN and infinities, which become silence."""
    import numpy as np

    return np.nan_to_num(np.asarray(samples, np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _bounded(rate: int, channels: int) -> None:
    if not (SLOWEST <= rate <= FASTEST and 1 <= channels <= 64):
        raise ValueError("no sound has such a rate or so many channels")


def _forwards(file: io.BytesIO | Path) -> Any:
    """A file that is read from start to end. soundfile seeks to where it is after each read of one that can be sought
    in; in an MP3 that is heard as a crack, for a frame needs the ones before it."""
    import soundfile

    class Forwards(soundfile.SoundFile):
        def seekable(self) -> bool:
            return False

    return Forwards(file)


def _claimed(data: bytes | Path) -> int:
    """How many frames a WAV file says that it has (libsndfile only tells how many are there); 0 for other files, and
    for one that was written without knowing its length."""
    with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as file:
        kind, frame = file.read(12), 0
        while kind[:4] == b"RIFF" and kind[8:] == b"WAVE" and len(head := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", head)
            if name == b"data":
                return size // frame if frame and size < UNKNOWN else 0
            if name == b"fmt ":
                frame = int.from_bytes(file.read(14)[12:], "little")
                size -= 14
            file.seek(max(size, 0) + size % 2, io.SEEK_CUR)
    return 0


class _File(SoundReader):
    def __init__(self, data: bytes | Path) -> None:
        self._file = _forwards(io.BytesIO(data) if isinstance(data, bytes) else data)
        self.rate, self.channels = self._file.samplerate, self._file.channels
        self.seconds = max(0, self._file.frames) / self.rate
        self.claimed = max(self.seconds, _claimed(data) / self.rate)
        self._at = 0
        _bounded(self.rate, self.channels)

    def read(self, frames: int) -> np.ndarray:
        try:
            part = self._file.read(frames, dtype="float32", always_2d=True)
        except (RuntimeError, OSError):  # a file that was cut: what comes before the cut is good
            part = self._up_to_the_cut(frames)
        self._at += len(part)
        return self._clean(part)

    def _up_to_the_cut(self, frames: int) -> np.ndarray:
        import numpy as np

        parts: list[np.ndarray] = [np.zeros((0, self.channels), np.float32)]
        try:
            self._file.seek(self._at)
            for start in range(0, frames, STEP):
                parts.append(self._file.read(min(STEP, frames - start), dtype="float32", always_2d=True))
                if not len(parts[-1]):
                    break
        except (RuntimeError, OSError):
            pass
        return np.concatenate(parts)

    def close(self) -> None:
        self._file.close()


class _Stream(SoundReader):
    def __init__(self, data: bytes | Path) -> None:
        import av

        self._container: Any = av.open(io.BytesIO(data) if isinstance(data, bytes) else str(data))
        try:
            stream: Any = next(iter(self._container.streams.audio))
            self.rate, self.channels = int(stream.rate or 0), int(stream.channels or 0)
            _bounded(self.rate, self.channels)
        except (StopIteration, ValueError, OSError) as error:
            self._container.close()
            raise ValueError("there is no sound in it") from error
        self.seconds = self.claimed = float(stream.duration * stream.time_base) if stream.duration else 0.0
        self._resampler = av.AudioResampler(format="flt", layout=stream.layout.name, rate=self.rate)
        self._parts = self._decoded(stream)
        self._rest: np.ndarray | None = None

    def _decoded(self, stream: Any) -> Iterator[np.ndarray]:
        import av

        try:
            for frame in self._container.decode(stream):
                for part in self._resampler.resample(frame):
                    yield self._clean(part.to_ndarray().reshape(-1, self.channels))
        except (av.FFmpegError, ValueError):  # a file that was cut
            return

    def read(self, frames: int) -> np.ndarray:
        import numpy as np

        parts, have = ([], 0) if self._rest is None else ([self._rest], len(self._rest))
        while have < frames and (part := next(self._parts, None)) is not None:
            parts.append(part)
            have += len(part)
        joined = np.concatenate(parts) if parts else np.zeros((0, self.channels), np.float32)
        self._rest = joined[frames:] if len(joined) > frames else None
        return joined[:frames]

    def close(self) -> None:
        self._container.close()
