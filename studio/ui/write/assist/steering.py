"""What the machine is told beside the text: the story notes that apply here, a sample of the style, the author's note.
No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from studio.project.manuscript.lore import Lore
from studio.project.manuscript.rows import NOTE_KINDS as KINDS
from studio.project.manuscript.rows import Note
from studio.project.rows import Json

__all__ = ["KINDS", "Memory", "Notebook", "Steering"]

ROOM = 6000
"""Characters that all notes together may take; the generator counts the tokens and cuts what its window cannot hold."""


@dataclass(frozen=True)
class Steering:
    """State of a manuscript document that goes with each request."""

    author_note: str = ""
    style_sample: str = ""
    synopsis: bool = True
    """Whether the synopsis of the scene goes along."""

    @classmethod
    def read(cls, kept: Any) -> Steering:
        data = kept if isinstance(kept, dict) else {}
        note, sample = (v if isinstance(v := data.get(name), str) else "" for name in ("author_note", "style_sample"))
        return cls(note, sample, data.get("synopsis") is not False)

    def to_json(self) -> Json:
        return {"author_note": self.author_note, "style_sample": self.style_sample, "synopsis": self.synopsis}


@dataclass(frozen=True)
class Memory:
    """The notes that apply. ids in the order in which they are given; dropped: those for which no room was left."""

    text: str = ""
    ids: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())


class Notebook:
    """The notes of a manuscript, made ready to be looked up at every request. A note without keys is brought in by
    its title."""

    def __init__(self, notes: Sequence[Note]) -> None:
        self._lore = Lore([note if note.keys else replace(note, keys=(note.title,)) for note in notes
                           if note.text.strip()])

    def memory(self, text: str, room: int = ROOM) -> Memory:
        """The notes that apply to the end of a text, as one text of about `room` characters at most."""
        chosen = self._lore.choose(text, room, len)
        return Memory(chosen.text, tuple(c.note.id for c in chosen.notes), tuple(c.note.id for c in chosen.dropped),
                      chosen.problems)
