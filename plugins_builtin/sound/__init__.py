"""Tools for sound: transcribe, denoise, sound to notes, stretch, normalise, silence."""

from __future__ import annotations

from plugins_builtin.sound.transcribe import Transcribe
from studio.plugins import Generator, hookimpl

__all__ = ["Transcribe", "studio_generators"]


@hookimpl
def studio_generators() -> list[type[Generator]]:
    return [Transcribe]
