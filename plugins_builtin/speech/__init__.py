"""Text read aloud."""

from __future__ import annotations

from plugins_builtin.speech.hibari import Hibari
from plugins_builtin.speech.kokoro import Kokoro
from plugins_builtin.speech.transformers import Speakers, Transformers
from studio.plugins import Generator, hookimpl

__all__ = ["Hibari", "Kokoro", "Speakers", "Transformers", "studio_generators"]


@hookimpl
def studio_generators() -> list[type[Generator]]:
    return [Hibari, Kokoro, Transformers, Speakers]
