"""Files of other programs as media of the project: sound, the sound of a film, MIDI, captions."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from studio.project.sound import captions, midi, tags
from studio.project.sound.cutting import Piece
from studio.project.sound.decode import Decoder
from studio.project.sound.errors import SoundError
from studio.project.sound.exporting import Cancelled, Progress
from studio.project.sound.media import Samples
from studio.project.sound.score import Score
from studio.project.sound.values import Label

SOUNDS = (".wav", ".flac", ".ogg", ".oga", ".mp3", ".m4a", ".aac", ".opus", ".aiff", ".aif", ".wma", ".caf", ".au",
          ".w64", ".rf64", ".mka")
FILMS = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".ogv")
SCORES = (".mid", ".midi", ".kar", ".rmi")
CAPTIONS = (".srt", ".vtt")
READS = (*SOUNDS, *FILMS, *SCORES, *CAPTIONS)

LARGEST = 400 << 20
"""Bytes of a file that is kept as it is; larger ones become FLAC in parts."""
LONGEST = 2.5 * 3600
"""Seconds of a file that is kept as one."""
AUDIBLY_CLIPPED = 1.1
"""Decoders of lossy sound overshoot a little; what is louder than this was meant to be."""
PART = 3600
"""Seconds of a part of a longer one."""
_TYPES = {".wav": "audio/wav", ".flac": "audio/flac", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg",
          ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".aiff": "audio/aiff", ".aif": "audio/aiff"}

Keep = Callable[[bytes, str], str]
"""Puts bytes of a media type into the project and gives their hash."""


@dataclass(frozen=True)
class Brought:
    """What came out of a file.

    Attributes:
        pieces: for `edits.add_clip`, one after the other; several for a very long recording.
        score: of a MIDI file; its piece has `score` and no sound yet.
        labels: of captions.
        notes: what should be known, one sentence each.
    """

    name: str
    pieces: tuple[Piece, ...] = ()
    score: Score | None = None
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = field(default=())


def bring(path: Path, keep: Keep, *, progress: Progress | None = None,
          stopped: Callable[[], bool] | None = None) -> Brought:
    """Take a file in; all of it is decoded once, so call it off the window's thread. Raises SoundError, Cancelled."""
    ending = path.suffix.lower()
    try:
        if not path.is_file():
            raise SoundError(f"There is no file {path.name} there.")
        if ending in CAPTIONS:
            return Brought(path.stem, labels=tuple(captions.read_file(path)))
        with path.open("rb") as file:
            head = file.read(12)
        if ending in SCORES or head[:4] == b"MThd":
            return _score(path, keep)
        return _Sound(path, keep, progress or (lambda _: None), stopped or (lambda: False)).bring()
    except OSError as error:
        raise SoundError(f"{path.name} cannot be read ({error.strerror or error}).") from error


def _score(path: Path, keep: Keep) -> Brought:
    if path.stat().st_size > midi.MOST_BYTES:
        raise SoundError(f"{path.name} is larger than {midi.MOST_BYTES >> 20} MB; it is not music that can be edited "
                         "here.")
    score, notes = midi.read(path.read_bytes(), path.name)
    if not score.note_count:
        raise SoundError(f"There are no notes in {path.name}.")
    sha = keep(midi.write(score), "audio/midi")
    return Brought(path.stem, (Piece("", "", score.duration, name=path.stem, score=sha),), score, notes=tuple(notes))


class _Sound:
    def __init__(self, path: Path, keep: Keep, progress: Progress, stopped: Callable[[], bool]) -> None:
        self._path, self._keep, self._progress, self._stopped = path, keep, progress, stopped
        self._loudest = 0.0

    def bring(self) -> Brought:
        path = self._path
        film, silent = streams_of(path)
        if silent:
            raise SoundError(f"There is no sound in {path.name}; choose a file that has some.")
        with Decoder(path, name=path.name) as decoder:
            claimed = decoder.frames / decoder.rate
            whole = not film and path.stat().st_size <= LARGEST and claimed <= LONGEST
            if whole:
                frames = sum(len(block[0]) for block in self._watched(decoder))
                pieces = [self._kept(path.read_bytes(), _TYPES.get(path.suffix.lower(), "audio/x-unknown"), frames,
                                     decoder.rate, path.stem)] if frames else []
            else:
                pieces = list(self._parts(decoder))
            if origin := tags.origin(path):
                pieces = [replace(piece, origin=origin) for piece in pieces]
            notes = list(decoder.notes)
            if self._loudest > AUDIBLY_CLIPPED:
                notes.append(f"Some of {path.name} is louder than full scale and was cut off there; make it softer in "
                             "the program that it comes from.")
        if not pieces:
            raise SoundError(f"{path.name} is empty: there is no sound in it.")
        if len(pieces) > 1:
            notes.append(f"{path.name} is {sum(piece.length for piece in pieces) / 3600:.1f} hours long and was taken "
                         f"in as {len(pieces)} clips.")
        return Brought(path.stem, tuple(pieces), notes=tuple(notes))

    def _kept(self, data: bytes, media_type: str, frames: int, rate: int, name: str) -> Piece:
        return Piece(self._keep(data, media_type), media_type, frames / rate, source_length=frames / rate, name=name)

    def _watched(self, decoder: Decoder) -> Iterator[tuple[Samples, ...]]:
        done = 0
        for block in decoder.blocks():
            if self._stopped():
                raise Cancelled
            done += len(block[0])
            self._progress(min(done / decoder.frames, 1.0) if decoder.frames else 0.0)
            yield block

    def _parts(self, decoder: Decoder) -> Iterator[Piece]:
        """FLAC of at most PART seconds each."""
        import soundfile

        whole = decoder.frames <= LONGEST * decoder.rate
        most = decoder.frames + decoder.rate * 60 if whole else PART * decoder.rate
        blocks, rest = self._watched(decoder), np.zeros((0, decoder.channels), np.float32)
        number, ended = 0, False
        while not ended:
            out, frames = io.BytesIO(), 0
            with soundfile.SoundFile(out, "w", decoder.rate, decoder.channels, self._depth(), format="FLAC") as file:
                while frames < most:
                    if not len(rest):
                        block = next(blocks, None)
                        if block is None:
                            ended = True
                            break
                        rest = np.stack(block, axis=1)
                    part, rest = rest[:most - frames], rest[most - frames:]
                    self._loudest = max(self._loudest, float(np.abs(part).max(initial=0)))
                    file.write(part.clip(-1, 1))
                    frames += len(part)
            number += 1
            if frames:
                name = self._path.stem if whole else f"{self._path.stem} ({number})"
                yield self._kept(out.getvalue(), "audio/flac", frames, decoder.rate, name)

    def _depth(self) -> str:
        """Of a file with more than 16 bits a sample 24 of them, else 16."""
        import soundfile

        try:
            return "PCM_16" if soundfile.info(self._path).subtype in (
                "PCM_16", "PCM_U8", "PCM_S8", "VORBIS", "MPEG_LAYER_III", "OPUS", "ULAW", "ALAW") else "PCM_24"
        except (soundfile.SoundFileError, RuntimeError):
            return "PCM_16"


def streams_of(path: Path) -> tuple[bool, bool]:
    """Whether a file is a film, of which only the sound is taken in (a song's cover makes none), and whether it is one
    that has no sound."""
    if path.suffix.lower() in SOUNDS:
        return False, False
    import av

    try:
        with av.open(str(path)) as container:
            film = any(not stream.disposition & av.stream.Disposition.attached_pic
                       for stream in container.streams.video)
            return film, film and not container.streams.audio
    except (OSError, ValueError):
        return False, False
