"""Arrangements as files: the mix, a selection, stems; a clip mixed down. A file is there whole or not at all."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.project import errors
from studio.project.database import sync_folder
from studio.project.sound import tags as tagging
from studio.project.sound.arrangement import Arrangement
from studio.project.sound.errors import SoundError
from studio.project.sound.loudness import Loudness, LoudnessMeter, gain_to
from studio.project.sound.media import AudioSource, Samples
from studio.project.sound.mixer import Mixer, amplitude, heard
from studio.project.sound.tags import Tags

ENDINGS = (".wav", ".flac", ".ogg", ".mp3")
DEPTHS = ("16", "24", "float")
STEP = 1 << 16
"""Frames between two looks at whether to stop."""
CEILING = -1.0
"""dBTP that a loudness target does not push peaks over (EBU R 128)."""
CLIPPED = ("Some peaks are louder than full scale and were cut off; lower the master, choose a loudness target, or "
           "export float WAV.")

Progress = Callable[[float], None]
"""Called with the share that is done, 0 to 1."""


class Cancelled(Exception):
    """The person stopped the export; nothing was left behind."""


@dataclass(frozen=True)
class ExportOptions:
    """How to write.

    Attributes:
        depth: of WAV "16", "24" or "float"; of FLAC "16" or "24".
        loudness: LUFS that the whole is brought to, None leaves it.
        rate: Hz, 0 for that of the arrangement.
        quality: of OGG and MP3, 0 (small) to 1 (best).
        dither: seed of the noise (TPDF) that takes the place of rounding errors in 16 bits; None for none.
    """

    depth: str = "16"
    loudness: float | None = None
    rate: int = 0
    quality: float = 0.7
    dither: int | None = 1
    tags: Tags = field(default_factory=Tags)


@dataclass(frozen=True)
class Exported:
    """What was written. gain: dB that the loudness target took. notes: what should be known, one sentence each."""

    path: Path
    seconds: float
    gain: float
    loudness: Loudness | None
    notes: tuple[str, ...]


def export_mix(arrangement: Arrangement, source: AudioSource, path: Path, options: ExportOptions | None = None, *,
               start: float = 0.0, end: float | None = None, tracks: Iterable[str] | None = None,
               progress: Progress | None = None, stopped: Callable[[], bool] | None = None) -> Exported:
    """Write what is heard from `start` to `end` (seconds; None: the end of the last clip).

    Args:
        tracks: only these, whatever is muted or solo.
        stopped: asked again and again; once it says yes, `Cancelled` is raised.

    Raises:
        SoundError: there is nothing to export, the ending is unknown, the place cannot be written.
        Cancelled.
    """
    options = options or ExportOptions()
    check(path, options)
    first, last = arrangement.frame(max(start, 0.0)), arrangement.frame(arrangement.length if end is None else end)
    if last <= first:
        raise SoundError("There is nothing to export: the arrangement, or the selection, is empty.")
    mixer = Mixer(arrangement, source, tracks=tracks)
    task = _Task(mixer, first, last, options, progress or (lambda _: None), stopped or (lambda: False))
    gain, loudness, notes = task.loudness()
    clipped = _write(path, task, gain)
    notes += [CLIPPED] if clipped else []
    notes += list(dict.fromkeys(mixer.problems.values()))
    notes += _not_rendered(arrangement, tracks, first, last)
    return Exported(path, (last - first) / arrangement.rate, gain, loudness, tuple(notes))


def _not_rendered(arrangement: Arrangement, tracks: Iterable[str] | None, first: int, last: int) -> list[str]:
    """A sentence where notes should be heard that have no sound yet."""
    names = [clip.name or "a clip" for track in heard(arrangement, tracks) for clip in arrangement.on(track.id)
             if clip.score and not clip.media and not clip.muted
             and arrangement.frame(clip.start) < last and arrangement.frame(clip.end) > first]
    if not names:
        return []
    others = f" and of {len(names) - 1} more" if len(names) > 1 else ""
    return [f"The notes of “{names[0]}”{others} have no sound yet and are silent; open the document in Sound first, "
            "where they are played."]


def export_stems(arrangement: Arrangement, source: AudioSource, folder: Path, ending: str = ".wav",
                 options: ExportOptions | None = None, *, origin: Callable[[str], Mapping[str, Any]] | None = None,
                 progress: Progress | None = None, stopped: Callable[[], bool] | None = None) -> list[Exported]:
    """Write each track that is heard and has a clip to a file of its own, all of the same length, so that they fit each
    other; their sum is the mix. A loudness target does not apply. origin: "source" and "recipe" for the tags of a
    track's file. Raises as `export_mix`."""
    chosen = [track for track in heard(arrangement) if arrangement.on(track.id)]
    if not chosen:
        raise SoundError("There is nothing to export: no track that is heard has a clip.")
    options = replace(options or ExportOptions(), loudness=None)
    if not folder.exists():
        try:
            folder.mkdir()
        except OSError as error:
            raise SoundError(str(errors.from_os(error, folder))) from error
    made = []
    for number, track in enumerate(chosen):
        def report(share: float, done: int = number) -> None:
            if progress is not None:
                progress((done + share) / len(chosen))

        name = f"{number + 1:02} {_file_name(track.name)}{ending}"
        title = f"{options.tags.title} – {track.name}" if options.tags.title else track.name
        told = {} if origin is None else dict(origin(track.id))
        own = replace(options, tags=replace(options.tags, title=title, **told))
        made.append(export_mix(arrangement, source, folder / name, own, end=arrangement.length, tracks=[track.id],
                               progress=report, stopped=stopped))
    return made


def bounce(arrangement: Arrangement, source: AudioSource, start: float, end: float,
           tracks: Iterable[str] | None = None) -> tuple[Samples, list[str]]:
    """What is heard between two times in memory, (frames, 2) float32, and what could not be read: to mix clips down or
    to hand a selection to a generator."""
    first, last = arrangement.frame(start), arrangement.frame(end)
    mixer = Mixer(arrangement, source, tracks=tracks)
    return mixer.read(first, last - first), list(mixer.problems.values())


def encode(samples: Samples, rate: int) -> tuple[bytes, str]:
    """A recording or a bounce as a medium: FLAC of 24 bits, or float WAV where something is louder than full scale.
    samples: (frames, 1 or 2). Returns bytes and media type."""
    import soundfile

    loud = float(np.abs(samples).max(initial=0)) > 1
    out = io.BytesIO()
    soundfile.write(out, samples, rate, "FLOAT" if loud else "PCM_24", format="WAV" if loud else "FLAC")
    return out.getvalue(), "audio/wav" if loud else "audio/flac"


def check(path: Path, options: ExportOptions) -> None:
    """Raise SoundError unless such a file can be written."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise SoundError(f"Sound cannot be written as “{path.suffix or path.name}”; use one of {', '.join(ENDINGS)}.")
    if options.depth not in DEPTHS or (ending == ".flac" and options.depth == "float"):
        raise SoundError(f"{ending[1:].upper()} cannot have a depth of {options.depth}; use 16 or 24.")
    if options.loudness is not None and not -70 <= options.loudness <= 0:
        raise SoundError("A loudness target is between -70 and 0 LUFS; podcasts have -16, music on the net -14, "
                         "European broadcasts -23.")
    if ending == ".mp3" and options.rate > 48000:
        raise SoundError("MP3 holds at most 48,000 Hz; choose a lower rate or another format.")


class _Task:
    """A mix that is read once or twice."""

    def __init__(self, mixer: Mixer, first: int, last: int, options: ExportOptions, progress: Progress,
                 stopped: Callable[[], bool]) -> None:
        self.mixer, self.options = mixer, options
        self._first, self._last, self._progress, self._stopped = first, last, progress, stopped
        self._passes = 1 if options.loudness is None else 2
        self._pass = 0
        self.source_rate = mixer.arrangement.rate
        self.rate = options.rate or self.source_rate

    def loudness(self) -> tuple[float, Loudness | None, list[str]]:
        """The gain that the loudness target asks for, what was measured, and what to say."""
        if self.options.loudness is None:
            return 0.0, None, []
        meter = LoudnessMeter(self.source_rate)
        for block in self.blocks():
            meter.add(block)
        found = meter.result()
        gain, said = gain_to(self.options.loudness, found, CEILING)
        return gain, found, [said] if said else []

    def blocks(self) -> Iterator[Samples]:
        """The mix in pieces, at the arrangement's rate."""
        length = self._last - self._first
        for start in range(self._first, self._last, STEP):
            if self._stopped():
                raise Cancelled
            yield self.mixer.read(start, min(STEP, self._last - start))
            done = min(start + STEP, self._last) - self._first
            self._progress((self._pass + done / length) / self._passes)
        self._pass += 1

    def resampled(self) -> Iterator[Samples]:
        """The mix in pieces, at the rate of the file."""
        if self.rate == self.source_rate:
            yield from self.blocks()
            return
        import soxr

        stream: Any = soxr.ResampleStream(self.source_rate, self.rate, 2, dtype="float32", quality="HQ")
        made, wanted = 0, round((self._last - self._first) * self.rate / self.source_rate)
        for block in self.blocks():
            part = stream.resample_chunk(block)
            made += len(part)
            yield part
        yield stream.resample_chunk(np.zeros((0, 2), np.float32), last=True)[:max(wanted - made, 0)]


def _write(path: Path, task: _Task, gain: float) -> bool:
    """Whether something was louder than full scale."""
    draft = path.with_name(f".{path.stem[:60]}.{secrets.token_hex(4)}.tmp")
    ending = path.suffix.lower()
    try:
        try:
            clipped = _encode(draft, ending, task, gain)
            tagging.apply(draft, ending, task.options.tags)
            with draft.open("rb+") as file:
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise told(error, path) from error
    return clipped


def told(error: OSError, path: Path) -> SoundError:
    """The sentence for a file that cannot be written; what is full is its disk and not that of the project."""
    found = errors.from_os(error, path)
    if found.kind == "full":
        return SoundError(f"The disk is full, so {path.name} was not written; free some space or choose another place.")
    return SoundError(str(found))


def _encode(draft: Path, ending: str, task: _Task, gain: float) -> bool:
    import soundfile

    options, clipped = task.options, False
    form, subtype = {".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3"}[ending], _subtype(ending, options)
    if ending == ".wav" and task.mixer.frames * 8 > 4_000_000_000:
        form = "RF64"
    factor, whole = np.float32(amplitude(gain)), subtype in ("PCM_16", "PCM_24")
    dither = None if options.dither is None or subtype != "PCM_16" else np.random.default_rng(options.dither)
    more = {} if ending not in (".ogg", ".mp3") else {"compression_level": min(max(1 - options.quality, 0.0), 1.0)}
    with _Disk(draft) as disk:
        try:
            with soundfile.SoundFile(disk, "w", task.rate, 2, subtype, format=form, **more) as file:
                for block in task.resampled():
                    block = block * factor if factor != 1 else block
                    if subtype != "FLOAT" and np.abs(block).max(initial=0) > 1:
                        clipped = True
                        block = block.clip(-1, 1)
                    file.write(_whole(block, 16 if subtype == "PCM_16" else 24, dither) if whole else block)
                    disk.check()
        except (soundfile.SoundFileError, OSError, AssertionError):  # soundfile asserts that all was written
            disk.check()
            raise
        disk.check()
    return clipped


class _Disk:
    """A file for libsndfile, which goes on after a write that failed: the error is kept and raised."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb+", buffering=0)
        self._error: OSError | None = None

    def __enter__(self) -> _Disk:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def check(self) -> None:
        if self._error is not None:
            raise self._error

    def write(self, data: bytes) -> int:
        view = memoryview(data)
        try:
            while len(view):
                view = view[self._file.write(view) or 0:]
        except OSError as error:
            self._error = self._error or error
            return 0
        return len(data)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size) or b""

    def readinto(self, buffer: Any) -> int:
        return self._file.readinto(buffer) or 0

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        self._file.flush()


def _subtype(ending: str, options: ExportOptions) -> str:
    if ending == ".ogg":
        return "VORBIS"
    if ending == ".mp3":
        return "MPEG_LAYER_III"
    return {"16": "PCM_16", "24": "PCM_24", "float": "FLOAT"}[options.depth]


def _whole(block: Samples, bits: int, dither: np.random.Generator | None) -> np.ndarray:
    """Samples as whole numbers in the upper bits of 32; with noise of two steps width, triangular (TPDF)."""
    most = 2 ** (bits - 1)
    values = block.astype(np.float64) * most
    if dither is not None:
        values += dither.random(values.shape) - dither.random(values.shape)
    whole: np.ndarray = np.rint(values).clip(-most, most - 1).astype(np.int32)
    return whole << (32 - bits)


def _file_name(text: str) -> str:
    kept = "".join(sign if sign.isalnum() or sign in " -_()" else "_" for sign in text).strip()
    return kept[:80] or "Track"
