"""Parameters and checks that the tools for sound share."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from studio.plugins import Audio, InputError, ui

LONGEST = 2 * 3600.0
"""Seconds that a tool which keeps the sound in memory takes."""


def sound_field(description: str) -> Any:
    """The `audio` parameter."""
    return Field(description=description, json_schema_extra=ui(role="audio", label="Sound", media="audio"))


def read(audio: Audio, longest: float = LONGEST) -> tuple[Any, int]:
    """Samples float32 (frames, channels) and the rate. Raises `InputError` for no sound, none at all, too much."""
    try:
        samples, rate = audio.samples(longest)
    except InputError as error:
        raise InputError(str(error), "audio") from error
    if not len(samples):
        raise empty()
    return samples, rate


def empty() -> InputError:
    return InputError("This sound is empty (0 s); choose another one.", "audio")


def bits_of(audio: Audio) -> int:
    """The bits that keep what a file has: 16, or 24 for one of more."""
    import io

    import soundfile

    try:
        kind = soundfile.info(io.BytesIO(audio.data)).subtype
    except RuntimeError:
        return 16
    return 24 if kind in ("PCM_24", "PCM_32", "FLOAT", "DOUBLE") else 16
