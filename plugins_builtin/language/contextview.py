"""`language.context`: exactly what the Writer would give its model, without writing."""

from __future__ import annotations

import json

from plugins_builtin.language.params import ContextParams
from plugins_builtin.language.share import Speaker
from plugins_builtin.language.writer import LIBRARIES, ask
from studio.plugins import Context, Requirements, Text


class ContextView(Speaker):
    """What the model is told, part by part and as one text."""

    id = "language.context"
    title = "Context"
    produces = "text"
    summary = "Shows what the Writer's model is given, and what did not fit."
    icon = "list-magnifying-glass"
    requires = Requirements(memory=800 * 2**20)
    libraries = LIBRARIES

    class Params(ContextParams):
        """As the Writer's."""

    def run(self, params: ContextParams, ctx: Context) -> Text:
        """JSON: {"window", "parts": [{"name", "text", "tokens", "dropped"}], "prompt", "tokens", "fim", "template",
        "suffix", "room"}. Raises `InputError` where there is nothing to write from."""
        ctx.check()
        asked, limit = ask(params, self.backend)
        told = {
            "window": self.backend.window,
            "room": limit,
            "parts": [vars(part) for part in asked.parts],
            "prompt": self.backend.decode(asked.tokens),
            "tokens": len(asked.tokens),
            "fim": asked.fim,
            "template": asked.template,
            "suffix": asked.suffix,
        }
        return Text(json.dumps(told, ensure_ascii=False).encode("utf-8"), "application/json")
