"""Music made by symbolic models as scores, and rendered through a soundfont."""

from __future__ import annotations

from studio.plugins import Generator, hookimpl

__all__ = ["studio_generators"]


@hookimpl
def studio_generators() -> list[type[Generator]]:
    return []
