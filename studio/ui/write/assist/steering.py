"""What the machine is told beside the text: the story notes that apply here, a sample of the style, the author's note.
No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

KINDS = ("character", "place", "creature", "rule", "other", "memory")
MEMORY_CHARS = 6000
"""Notes that apply are given in the order of their priority until so many characters are reached."""
DEPTH = 3
"""A note's text may name another note, and so on this often."""
MOST_NOTES = 20_000
SCAN_CHARS = 6000
"""How far back in the text keys are looked for."""


class NoteLike(Protocol):
    """What is read of a `studio.project.manuscript.Note`."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def keys(self) -> tuple[str, ...]: ...
    @property
    def text(self) -> str: ...
    @property
    def pinned(self) -> bool: ...
    @property
    def enabled(self) -> bool: ...
    @property
    def priority(self) -> int: ...


@dataclass(frozen=True)
class Steering:
    """State of a manuscript document that goes with each request."""

    author_note: str = ""
    style_sample: str = ""

    @classmethod
    def read(cls, kept: Any) -> Steering:
        data = kept if isinstance(kept, dict) else {}
        return cls(*(v if isinstance(v := data.get(name), str) else "" for name in ("author_note", "style_sample")))

    def to_json(self) -> dict[str, str]:
        return {"author_note": self.author_note, "style_sample": self.style_sample}


@dataclass(frozen=True)
class Memory:
    """The notes that apply. ids in the order in which they are given; dropped: those for which no room was left."""

    text: str = ""
    ids: tuple[str, ...] = ()
    dropped: tuple[str, ...] = field(default=())


def key_pattern(keys: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern that finds any of the keys as whole words, whatever their case; None where there is none."""
    parts = []
    for key in sorted({k.strip() for k in keys if k.strip()}, key=len, reverse=True):
        before = r"(?<!\w)" if key[0].isalnum() else ""
        behind = r"(?!\w)" if key[-1].isalnum() else ""
        parts.append(before + re.escape(key) + behind)
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def applying(notes: Iterable[NoteLike], text: str) -> list[NoteLike]:
    """The enabled notes that are pinned, or whose keys occur in the end of the text or in a note that applies.

    A note without keys is found by its title. Each is taken once, so notes that name each other end.
    """
    waiting = [n for n in notes if n.enabled and n.text.strip()][:MOST_NOTES]
    found = [n for n in waiting if n.pinned]
    taken = {n.id for n in found}
    places = [text[-SCAN_CHARS:], *(n.text for n in found)]
    for _ in range(DEPTH):
        where = "\n".join(places).casefold()
        fresh = []
        for note in waiting:
            if note.id in taken:
                continue
            keys = [k for k in (note.keys or (note.title,)) if k.strip().casefold() in where]
            pattern = key_pattern(keys)
            if pattern is not None and any(pattern.search(place) for place in places):
                fresh.append(note)
                taken.add(note.id)
        if not fresh:
            break
        found += fresh
        places = [note.text for note in fresh]
    return sorted(found, key=lambda n: (-n.priority, not n.pinned))


def memory(notes: Iterable[NoteLike], text: str, room: int = MEMORY_CHARS) -> Memory:
    """The notes that apply to `text` as one text of at most `room` characters."""
    lines: list[str] = []
    ids: list[str] = []
    dropped: list[str] = []
    for note in applying(notes, text):
        line = f"{note.title}: {' '.join(note.text.split())}"
        if len(line) + 1 > room:
            dropped.append(note.id)
            continue
        room -= len(line) + 1
        lines.append(line)
        ids.append(note.id)
    return Memory("\n".join(lines), tuple(ids), tuple(dropped))
