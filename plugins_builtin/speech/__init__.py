"""Text read aloud."""

from __future__ import annotations

from plugins_builtin.speech.hibari import Hibari
from studio.plugins import Generator, hookimpl

__all__ = ["Hibari", "studio_generators"]


@hookimpl
def studio_generators() -> list[type[Generator]]:
    return [Hibari]
