"""Text made by language models: GGUF files through llama.cpp, and transformers folders."""

from __future__ import annotations

from plugins_builtin.language.chat import Chat
from plugins_builtin.language.contextview import ContextView
from plugins_builtin.language.editor import Editor
from plugins_builtin.language.planner import Planner
from plugins_builtin.language.writer import Writer
from studio.plugins import Generator, hookimpl

__all__ = ["Chat", "ContextView", "Editor", "Planner", "Writer", "studio_generators"]


@hookimpl
def studio_generators() -> list[type[Generator]]:
    return [Writer, Editor, Chat, Planner, ContextView]
