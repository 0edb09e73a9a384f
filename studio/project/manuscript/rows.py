"""What the project hands out and takes of manuscripts: plain, frozen data."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from studio.project.rows import Json, dumps, fit_spans, loads
from studio.project.search import clean

Style = Literal["body", "h1", "h2", "h3", "quote", "bullet", "number", "code", "break"]
STYLES: tuple[Style, ...] = ("body", "h1", "h2", "h3", "quote", "bullet", "number", "code", "break")
MarkKind = Literal["bold", "italic", "underline", "strike", "code", "link", "footnote", "image"]
MARK_KINDS: tuple[MarkKind, ...] = ("bold", "italic", "underline", "strike", "code", "link", "footnote", "image")
ANCHORED: tuple[MarkKind, ...] = ("footnote", "image")
"""Marks that stand for something of their own; each covers one U+FFFC."""
OBJECT = "\ufffc"


def picture_value(name: str, alt: str = "") -> str:
    """Value of an image's mark: the SHA-256 of its medium (in a book that was read, its name, without blanks), and what
    it shows, for those who do not see it."""
    return f"{name} {' '.join(alt.split())}".rstrip()


def picture_of(value: str) -> tuple[str, str]:
    """Name and alternative text of an image's mark."""
    name, _, alt = value.partition(" ")
    return name, alt


NodeKind = Literal["part", "chapter", "scene"]
RANK: dict[str, int] = {"part": 0, "chapter": 1, "scene": 2}
"""A node may lie at the top or in one of lower rank."""
Status = Literal["planned", "draft", "revised", "done"]
STATUSES: tuple[Status, ...] = ("planned", "draft", "revised", "done")
NoteKind = Literal["character", "place", "creature", "rule", "other", "memory"]
NOTE_KINDS: tuple[NoteKind, ...] = ("character", "place", "creature", "rule", "other", "memory")
MAX_LEVEL = 8
"""Of lists and quotes inside one another."""


def new_id() -> str:
    """A name for a new row."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Block:
    """How a paragraph looks. level: depth of a list item or quote, from 0. "break" is a scene break, whatever its
    paragraph says."""

    style: Style = "body"
    level: int = 0


BODY = Block()


@dataclass(frozen=True, slots=True)
class Mark:
    """How a stretch looks. value: the URL of a link, the text of a footnote, of an image see
    `picture_value`."""

    start: int
    length: int
    kind: MarkKind
    value: str = ""

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True)
class Prose:
    """The text of a scene. Positions count code points; "\\n" separates paragraphs.

    Attributes:
        blocks: one for each paragraph; those that are missing at the end are body.
        marks: of one kind they do not overlap; different kinds may.
        spans: who wrote what: {"start", "length", "origin": "machine" or "edited", "recipe": id of the result, "size":
            length in UTF-16 units as the machine wrote it}; everything else is the person's.
    """

    text: str = ""
    blocks: tuple[Block, ...] = ()
    marks: tuple[Mark, ...] = ()
    spans: tuple[Json, ...] = field(default=())


@dataclass(frozen=True)
class Node:
    """A part, chapter or scene. parent: "" at the top. words: of a scene its text's, of others those of the scenes in
    them. goal: words, 0 is none. position: among its siblings. trashed: seconds since 1970, None while it is there."""

    id: str
    document: str
    parent: str
    kind: str
    title: str
    status: str = "draft"
    goal: int = 0
    synopsis: str = ""
    position: int = 0
    words: int = 0
    updated: float = 0.0
    trashed: float | None = None


@dataclass(frozen=True)
class Snapshot:
    """A scene as it was at `created` (seconds since 1970)."""

    id: str
    node: str
    created: float
    title: str
    words: int


@dataclass(frozen=True)
class Note:
    """A story note. id: "" makes a new one. keys: words, or /regular expressions/, whose occurrence brings it into the
    context; pinned: it always is. priority: higher is kept first where room is short. position: among the notes; -1 is
    behind them. picture: SHA-256 of a medium. extra: see `lore.Rules`, and what other programs keep."""

    id: str
    document: str
    title: str
    kind: str = "other"
    keys: tuple[str, ...] = ()
    text: str = ""
    pinned: bool = False
    enabled: bool = True
    priority: int = 0
    position: int = -1
    picture: str = ""
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Branch:
    """A continuation of a scene from `start` that stands beside it. kept: it was the one that was taken."""

    id: str
    node: str
    start: int
    text: str
    result: str = ""
    created: float = 0.0
    kept: bool = False


@dataclass(frozen=True)
class Chat:
    """A talk beside a manuscript. state: "leaf" names the last message of what is shown."""

    id: str
    document: str
    title: str
    character: str = ""
    system: str = ""
    created: float = 0.0
    state: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """A message of a chat. parent: the one before it, "" for the first; versions of a message are siblings. role:
    "user", "assistant" or "system". result: id of the result it came from."""

    id: str
    chat: str
    parent: str
    role: str
    text: str
    created: float = 0.0
    result: str = ""
    state: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Hit:
    """Where something was found in a scene. line: the paragraph around it, cut to what fits in a list; column: where in
    `line` it begins."""

    node: str
    start: int
    length: int
    line: str
    column: int = 0


@dataclass(frozen=True)
class Replaced:
    """What a replacement did: how many places, and the scenes as they were, for `set_proses` to take back."""

    count: int
    before: dict[str, Prose] = field(default_factory=dict)
    after: dict[str, Prose] = field(default_factory=dict)


# ---------------------------------------------------------------- in the file

Columns = tuple[str, str, str, str]
"""text, blocks, marks, spans."""


def tidy(prose: Prose) -> Prose:
    """The same prose in the form that the file keeps: no lone surrogates, as many blocks as paragraphs at most and no
    plain ones at the end, marks and spans inside the text, in order, those of one kind joined and not overlapping."""
    text = clean(prose.text)
    blocks = list(prose.blocks[:text.count("\n") + 1])
    while blocks and blocks[-1] == BODY:
        blocks.pop()
    return Prose(text, tuple(blocks), join_marks(prose.marks, text), tuple(fit_spans(prose.spans, len(text))))


def join_marks(marks: Iterable[Mark], text: str) -> tuple[Mark, ...]:
    """Marks cut to a text, in order; of one kind they are joined where they touch and say the same, and cut where they
    overlap and do not. Footnotes and images must cover one U+FFFC."""
    out: list[Mark] = []
    last: dict[str, int] = {}
    total = len(text)
    for mark in sorted(marks, key=lambda m: (m.start, m.kind, m.length)):
        low, high = max(0, mark.start), min(total, mark.end)
        if mark.kind in ANCHORED:
            if mark.length != 1 or mark.start < 0 or text[mark.start:mark.end] != OBJECT:
                continue
            before = last.get("object")
            if before is not None and out[before].start == mark.start:
                continue
            last["object"] = len(out)
            out.append(mark if mark.value.isascii() else Mark(mark.start, 1, mark.kind, clean(mark.value)))
            continue
        at = last.get(mark.kind)
        if at is not None:
            known = out[at]
            if known.value == mark.value and known.end >= low:
                out[at] = Mark(known.start, max(known.end, high) - known.start, known.kind, known.value)
                continue
            low = max(low, known.end)
        if high > low:
            last[mark.kind] = len(out)
            out.append(Mark(low, high - low, mark.kind, clean(mark.value)))
    out.sort(key=lambda m: (m.start, m.kind))
    return tuple(out)


def to_columns(prose: Prose) -> Columns:
    """What the file keeps of a prose."""
    prose = tidy(prose)
    return (prose.text, dumps([[b.style, b.level] for b in prose.blocks]),
            dumps([[m.start, m.length, m.kind, m.value] for m in prose.marks]), dumps(list(prose.spans)))


def from_columns(text: str, blocks: str, marks: str, spans: str) -> Prose:
    """A prose from the file; what does not make sense in it is left out."""
    return tidy(Prose(text, tuple(_block(b) for b in loads(blocks, [])),
                      tuple(m for m in map(_mark, loads(marks, [])) if m is not None),
                      tuple(s for s in loads(spans, []) if _is_span(s))))


def _block(value: Any) -> Block:
    match value:
        case [str(style), int(level)] if style in STYLES and 0 <= level <= MAX_LEVEL:
            return Block(style, level)  # type: ignore[arg-type]
    return BODY


def _mark(value: Any) -> Mark | None:
    match value:
        case [int(start), int(length), str(kind), str(text)] if kind in MARK_KINDS:
            return Mark(start, length, kind, text)  # type: ignore[arg-type]
    return None


def _is_span(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("start"), int) and isinstance(value.get("length"), int)
