"""Text made by language models: GGUF files through llama.cpp, and transformers folders."""

from __future__ import annotations

from plugins_builtin.language.writer import Writer
from studio.plugins import Generator, hookimpl

__all__ = ["Writer", "studio_generators"]


@hookimpl
def studio_generators() -> list[type[Generator]]:
    return [Writer]
