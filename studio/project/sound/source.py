"""Media of a project, decoded to disk once and mapped into memory: a recording of hours costs no more memory than the
part of it that is heard."""

from __future__ import annotations

import itertools
import mmap
import os
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import numpy as np

from studio.project.sound.errors import SoundError
from studio.project.sound.media import Media, Samples
from studio.project.sound.peaks import PeakBuilder, Peaks

DISK = 8 << 30
"""Bytes of decoded sound that are kept on disk; what was used longest ago goes first."""
IN_MEMORY = 32 << 20
"""Bytes of a file that are decoded from memory; larger ones are laid on disk first."""
ROOM = 256 << 20
"""Bytes of the disk that are left free."""

Fetch = Callable[[str], tuple[bytes, str]]
FetchTo = Callable[[str, Path], object]


@dataclass(frozen=True)
class SoundFacts:
    """What a file is: seconds, and its own rate and channels. notes: what was found wrong, one sentence each."""

    seconds: float
    rate: int
    channels: int
    notes: tuple[str, ...] = ()


class Stopped(Exception):
    """The source was closed while it decoded."""


class _OnDisk:
    """Decoded sound in one file for each channel, which may still grow."""

    def __init__(self, paths: list[Path], frames: int) -> None:
        self.paths, self.channels = paths, len(paths)
        self.frames, self.ready = frames, 0
        self._maps: tuple[Samples, ...] = tuple(np.zeros(0, np.float32) for _ in paths)
        self._files = [FileIO(path, "wb") for path in paths]

    def add(self, *channels: Samples) -> None:
        for file, samples in zip(self._files, channels, strict=True):
            view = memoryview(samples.data).cast("B")
            while len(view):
                view = view[file.write(view) or 0:]
        self.ready += len(channels[0])
        self.frames = max(self.frames, self.ready)

    def finish(self) -> None:
        self.close()
        self.frames = self.ready

    def close(self) -> None:
        for file in self._files:
            file.close()

    def read(self, start: int, stop: int) -> tuple[Samples, ...]:
        if stop > len(self._maps[0]):
            self._maps = tuple(_mapped(path, self.ready) for path in self.paths)
        return tuple(samples[start:stop] for samples in self._maps)

    @property
    def nbytes(self) -> int:
        return self.ready * self.channels * 4


def _mapped(path: Path, frames: int) -> Samples:
    with path.open("rb") as file:
        return np.frombuffer(mmap.mmap(file.fileno(), frames * 4, access=mmap.ACCESS_READ), np.float32)


class _Entry:
    def __init__(self) -> None:
        self.done = threading.Event()
        self.media: _OnDisk | None = None
        self.error: SoundError | None = None
        self.facts: SoundFacts | None = None
        self.builder: PeakBuilder | None = None


class DecodedSource:
    """An `AudioSource` over the media of a project. Any thread may ask; each medium is decoded once, by the first that
    opens it, and the others wait. `close` it at the end.

    Attributes:
        rate: Hz of what it gives.
    """

    def __init__(self, fetch: Fetch, rate: int, folder: Path | None = None, *, budget: int = DISK,
                 size: Callable[[str], int] | None = None, fetch_to: FetchTo | None = None) -> None:
        """
        Args:
            fetch: bytes and media type of a content hash; raises KeyError where there is none.
            folder: where decoded sound is laid; the system's folder for such things by default.
            budget: bytes on disk, unless a single medium needs more.
            size: how many bytes a medium has, and
            fetch_to: lays it in a file: so that large files need not be in memory as a whole.
        """
        self.rate = rate
        self._fetch, self._size, self._fetch_to, self._budget = fetch, size, fetch_to, budget
        folder = _usual() if folder is None else folder
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        self._folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=folder))
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._closed = False

    def __enter__(self) -> DecodedSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop decoding and remove what was laid on disk. Media that somebody still holds stay readable."""
        with self._lock:
            self._closed = True
            entries = list(self._entries.values())
        for entry in entries:
            entry.done.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def open(self, sha: str) -> Media:
        """The medium, all of it; decodes it if nobody has. Raises SoundError."""
        entry = self._opened(sha)
        assert entry.media is not None
        return entry.media

    def _opened(self, sha: str) -> _Entry:
        with self._lock:
            if self._closed:
                raise SoundError("The project is closed.")
            entry = self._entries.get(sha)
            mine = entry is None
            if entry is None:
                entry = self._entries[sha] = _Entry()
            self._entries.move_to_end(sha)
        if mine:
            try:
                self._decode(sha, entry)
            finally:
                entry.done.set()
            self._trim()
        entry.done.wait()
        if entry.error is not None:
            raise entry.error
        return entry

    def peek(self, sha: str) -> Media | None:
        """What is decoded of it by now; None where nobody has opened it. Raises SoundError where it is damaged."""
        with self._lock:
            entry = self._entries.get(sha)
            if entry is not None:
                self._entries.move_to_end(sha)
        if entry is None:
            return None
        if entry.error is not None:
            raise entry.error
        return entry.media

    def facts(self, sha: str) -> SoundFacts:
        """What the file is. Decodes it; raises SoundError."""
        facts = self._opened(sha).facts
        assert facts is not None
        return facts

    def peaks(self, sha: str) -> Peaks:
        """The drawn shape of all of it. Decodes it; raises SoundError."""
        builder = self._opened(sha).builder
        assert builder is not None
        return builder.peaks()

    def peaks_so_far(self, sha: str) -> Peaks | None:
        """The drawn shape of what is decoded by now."""
        with self._lock:
            entry = self._entries.get(sha)
        return entry.builder.peaks() if entry is not None and entry.builder is not None else None

    # ------------------------------------------------------------ inside

    def _decode(self, sha: str, entry: _Entry) -> None:
        stem = f"{next(self._numbers)}"
        encoded = self._folder / f"{stem}.in"
        try:
            from studio.project.sound.decode import Decoder  # the window's start does not wait for the codecs

            with Decoder(self._encoded(sha, encoded), self.rate) as decoder:
                paths = [self._folder / f"{stem}.{channel}" for channel in range(decoder.channels)]
                self._check_room(decoder.frames * decoder.channels * 4)
                media = _OnDisk(paths, decoder.frames)
                builder = PeakBuilder(decoder.channels, self.rate)
                entry.builder, entry.media = builder, media
                try:
                    for block in decoder.blocks():
                        if self._closed:
                            raise Stopped
                        media.add(*block)
                        builder.add(*block)
                    media.finish()
                finally:
                    media.close()
                entry.facts = SoundFacts(media.frames / self.rate, decoder.source_rate, decoder.source_channels,
                                         tuple(decoder.notes))
        except SoundError as error:
            entry.error = error
        except Stopped:
            entry.error = SoundError("The project is closed.")
        except OSError as error:
            entry.error = SoundError(f"This recording could not be decoded ({error.strerror or error}); the disk for "
                                     "temporary files may be full.")
        except Exception as error:  # a decoder may raise all sorts over broken files
            entry.error = SoundError(f"This recording is damaged and cannot be decoded ({error}).")
        finally:
            encoded.unlink(missing_ok=True)

    def _encoded(self, sha: str, path: Path) -> bytes | Path:
        try:
            if self._size is not None and self._fetch_to is not None and self._size(sha) > IN_MEMORY:
                self._fetch_to(sha, path)
                return path
            return self._fetch(sha)[0]
        except KeyError:
            raise SoundError("A recording of this clip is no longer in the project.") from None

    def _check_room(self, needed: int) -> None:
        free = shutil.disk_usage(self._folder).free
        if needed + ROOM > free:
            raise SoundError(f"Decoding this recording needs {needed / 1e9:.1f} GB on the disk for temporary files, "
                             f"and {free / 1e9:.1f} GB are free; make room and try again.")

    def _trim(self) -> None:
        """Let go of what was used longest ago."""
        with self._lock:
            done = [(sha, entry.media) for sha, entry in self._entries.items() if entry.done.is_set() and entry.media]
            total = sum(media.nbytes for _, media in done)
            for sha, media in done[:-1]:
                if total <= self._budget:
                    return
                total -= media.nbytes
                del self._entries[sha]
                if media.ready:
                    media.read(0, media.ready)  # mapped: whoever holds it can go on reading what is unlinked
                for path in media.paths:
                    with suppress(OSError):  # Windows keeps what is mapped until the end
                        path.unlink()


def _usual() -> Path:
    """One folder for all decoded sound of this person, so that what a killed process left is found."""
    person = os.getuid() if hasattr(os, "getuid") else "own"
    folder = Path(tempfile.gettempdir(), f"pieria-sound-{person}")
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder if os.access(folder, os.W_OK | os.X_OK) else Path(tempfile.mkdtemp(prefix="pieria-sound-"))


def _sweep(folder: Path) -> None:
    """Remove what processes left behind that were killed."""
    found = [(path, pid) for path in folder.iterdir() if (pid := path.name.partition("-")[0]).isdigit()]
    if not found:
        return
    import psutil

    for path, pid in found:
        if path.is_dir() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(path, ignore_errors=True)
