"""One result's sound as WAV, FLAC, OGG or MP3."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from studio.project.errors import ProjectError

ENDINGS = (".wav", ".flac", ".ogg", ".mp3")
BLOCK = 1 << 16
"""Frames that are encoded at a time: libsndfile's Vorbis encoder does not take millions at once."""
MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_FORMATS = {".wav": ("WAV", "PCM_16"), ".flac": ("FLAC", "PCM_16"), ".ogg": ("OGG", "VORBIS"),
            ".mp3": ("MP3", "MPEG_LAYER_III")}


def converted(data: bytes, ending: str) -> bytes:
    """Sound in the format of a file name ending. The same sound gives the same bytes, but for the number that
    OGG draws for each stream.

    Args:
        data: an encoded file that soundfile reads.
        ending: one of `ENDINGS`.

    Raises:
        ProjectError: another ending, or no sound.
    """
    import soundfile

    if ending not in _FORMATS:
        raise ProjectError(f"Sound is written as {', '.join(ENDINGS)}, not as {ending}.")
    kind, subtype = _FORMATS[ending]
    out = io.BytesIO()
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as source:
            if source.subtype in ("PCM_24", "PCM_32", "FLOAT", "DOUBLE") and subtype == "PCM_16":
                subtype = "PCM_24"
            if kind == "MP3" and source.channels > 2:
                raise ProjectError("MP3 has two channels at most; write this sound as .flac or .ogg.")
            rate = source.samplerate
            if kind == "MP3" and rate not in MP3_RATES:
                rate = 48000
            with soundfile.SoundFile(out, "w", rate, source.channels, subtype, format=kind) as target:
                _copy(source, target, rate)
    except (soundfile.LibsndfileError, ValueError, OSError) as error:
        raise ProjectError(f"This sound could not be written as {ending} ({error}).") from error
    return out.getvalue()


def _copy(source: Any, target: Any, rate: int) -> None:
    if rate == source.samplerate:
        for block in source.blocks(BLOCK, dtype="float32", always_2d=True):
            target.write(block)
        return
    import soxr

    resample = soxr.ResampleStream(source.samplerate, rate, source.channels, dtype="float32")
    while True:
        block = source.read(BLOCK, dtype="float32", always_2d=True)
        target.write(resample.resample_chunk(block, last=not len(block)))
        if not len(block):
            break


def check_ending(path: Path) -> str:
    """The file name's ending in small letters. Raises ProjectError for one that sound is not written as."""
    ending = path.suffix.lower()
    if ending not in _FORMATS:
        raise ProjectError(f"Sound is exported as {', '.join(ENDINGS)}, not as “{path.suffix}”; choose one of these.")
    return ending
