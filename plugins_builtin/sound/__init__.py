"""Tools for sound: denoise, transcribe, sound to notes, stretch, normalise, remove silence."""

from __future__ import annotations

from plugins_builtin.sound.denoise import Denoise
from plugins_builtin.sound.normalise import Normalise
from plugins_builtin.sound.silence import Silence
from plugins_builtin.sound.stretch import Stretch
from plugins_builtin.sound.to_midi import ToMidi
from plugins_builtin.sound.transcribe import Transcribe
from studio.plugins import Generator, hookimpl

__all__ = ["Denoise", "Normalise", "Silence", "Stretch", "ToMidi", "Transcribe", "studio_generators"]


@hookimpl
def studio_generators() -> list[type[Generator]]:
    return [Denoise, Transcribe, ToMidi, Stretch, Normalise, Silence]
