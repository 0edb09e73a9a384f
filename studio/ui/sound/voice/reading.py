"""Long texts for a speech generator: the words of a scene, and a text in parts that are spoken one after the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.project.manuscript.rows import OBJECT, Prose
from studio.ui.prompt import field_of_role
from studio.ui.requests import Ask

PART = 6_000
"""At most so many characters go into one job: each part is on the timeline, and on disk, as soon as it is spoken."""
_END = re.compile(r"[.!?…]+[\"'”’»)]*\s")


def words_of_scene(prose: Prose) -> str:
    """The text of a scene as it is read: paragraphs apart, without breaks, pictures and footnotes."""
    found = []
    for number, line in enumerate(prose.text.split("\n")):
        style = prose.blocks[number].style if number < len(prose.blocks) else "body"
        plain = " ".join(line.replace(OBJECT, "").split())
        if plain and style != "break":
            found.append(plain)
    return "\n\n".join(found)


def parts_of(text: str, most: int = PART) -> list[str]:
    """A text in parts of at most `most` characters, cut between paragraphs, else between sentences, else between words,
    else anywhere. Nothing is lost but the white space at the cuts."""
    parts: list[str] = []
    for paragraph in re.split(r"\n[ \t]*\n", text):
        for piece in _pieces(paragraph.strip("\n"), most):
            if parts and len(parts[-1]) + 2 + len(piece) <= most:
                parts[-1] += "\n\n" + piece
            elif piece.strip():
                parts.append(piece)
    return parts


def _pieces(paragraph: str, most: int) -> list[str]:
    pieces = []
    while len(paragraph) > most:
        window = paragraph[:most]
        cut = max((match.end() for match in _END.finditer(window)), default=0) or window.rfind(" ") + 1 or most
        pieces.append(paragraph[:cut].rstrip())
        paragraph = paragraph[cut:].lstrip()
    return [*pieces, paragraph]


def in_parts(ask: Ask, schema: Mapping[str, Any]) -> Ask:
    """The request as several jobs of one batch where its text is long, or longer than the generator takes."""
    name = field_of_role(dict(schema), "prompt")
    text = str(ask.params.get(name) or "")
    limit = schema.get("properties", {}).get(name, {}).get("maxLength")
    most = min(PART, limit) if isinstance(limit, int) and limit > 0 else PART
    if len(text) <= most or ask.cells or ask.count > 1:
        return ask
    parts = parts_of(text, most)
    return replace(ask, params={**ask.params, name: parts[0]}, cells=tuple({name: part} for part in parts),
                   target={**ask.target, "parts": len(parts)})
