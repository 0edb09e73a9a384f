"""A manuscript as a whole, as formats read and write it, and the way between it and the project."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from studio.project.manuscript.prose import Line, Run, from_lines, join, to_lines
from studio.project.manuscript.rows import Block, Mark, Note, Prose, picture_of, picture_value

if TYPE_CHECKING:
    from studio.project.file import Project
    from studio.project.rows import DocumentRow

SCENE_BREAK = "* * *"
LINE_BREAK = "\u2028"
"""A new line inside a paragraph (Unicode: line separator), as Qt keeps it."""


@dataclass(frozen=True)
class Picture:
    """A medium of a book."""

    data: bytes
    media_type: str


@dataclass(frozen=True)
class Part:
    """A part, chapter or scene. depth: 0 at the top. A part or chapter has no prose of its own. synopsis: what happens
    in it, told to nobody but where it is asked for."""

    kind: str
    title: str
    depth: int = 0
    prose: Prose = field(default_factory=Prose)
    synopsis: str = ""


@dataclass(frozen=True)
class Book:
    """A manuscript to be written, or as it was read.

    Attributes:
        parts: in reading order, each followed by what lies in it.
        pictures: media that the proses name, by SHA-256 (a book that was read: by the names its marks use).
        notes: story notes that came along.
        messages: what could not be taken as it was, one sentence each.
    """

    title: str = ""
    author: str = ""
    language: str = ""
    parts: tuple[Part, ...] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    messages: tuple[str, ...] = ()

    @property
    def proses(self) -> list[Prose]:
        return [part.prose for part in self.parts if part.kind == "scene"]


@dataclass(frozen=True)
class Written:
    """A piece of a book on its way into a file. heading: level of a part's or chapter's title, 1 or 2, 0 for none;
    base: the level under which headings within the text begin. lines: of all its scenes, with a "break" between two."""

    heading: int
    title: str
    base: int
    lines: tuple[Line, ...]


def begins_with_heading(piece: Written) -> bool:
    """Whether the text of a chapter begins with a heading of its own, which would make the chapter look like a part."""
    lines = [line for line in piece.lines[:2] if not is_remark(line)] if piece.heading else []
    first = lines[0] if lines else None
    return first is not None and first.block.style in ("h1", "h2", "h3") and bool(first.text.strip())


REMARK = "synopsis:"
"""How a comment begins that holds the synopsis of the scene behind it."""


def remark(text: str) -> Line:
    """A line that is no text but says what happens in the scene behind it; formats write it as a comment."""
    return Line(Block("remark"), (Run(" ".join(text.split()), {}),))  # type: ignore[arg-type]


def is_remark(line: Line) -> bool:
    return str(line.block.style) == "remark"


def written(book: Book, *, synopses: bool = False) -> list[Written]:
    """The book as headings with text under them; scenes follow one another with a scene break between. synopses: those
    of scenes come as remarks before them, planned scenes too."""
    has_parts = any(part.kind == "part" for part in book.parts)
    out: list[Written] = []
    title, heading, base = "", 0, 0
    scenes: list[Part] = []
    opened = False

    def close() -> None:
        if opened or scenes:
            lines: list[Line] = []
            for scene in scenes:
                lines += [Line(Block("break"), ())] if lines else []
                lines += [remark(scene.synopsis)] if synopses and scene.synopsis.strip() else []
                lines += to_lines(scene.prose) if scene.prose.text.strip() else []
            out.append(Written(heading, title, base, tuple(lines)))

    for part in book.parts:
        if part.kind == "scene":
            if part.prose.text.strip() or (synopses and part.synopsis.strip()):
                scenes.append(part)
            continue
        close()
        scenes, opened, title = [], True, part.title
        heading = 1 if part.kind == "part" or not has_parts else 2
        base = heading
    close()
    return out


# ---------------------------------------------------------------- structure of what was read

@dataclass(frozen=True)
class Flow:
    """A piece of a file in its order: a heading (level 1 to 6) or a paragraph (level 0)."""

    line: Line
    level: int = 0

    @property
    def title(self) -> str:
        return " ".join(self.line.text.replace(LINE_BREAK, " ").split())


def structure(flow: Sequence[Flow], title: str = "") -> tuple[str, tuple[Part, ...]]:
    """Title and parts of what was read.

    Without a title of its own, a single heading of the highest level that begins the file, with lower ones after it, is
    the title. Headings of the highest level are chapters; where one of them is followed at once by a lower one, they
    are parts, and the next level's are chapters. Scene breaks part scenes.
    """
    flow = list(flow)
    levels = sorted({item.level for item in flow if item.level})
    if not title and levels and flow[0].level == levels[0] and sum(i.level == levels[0] for i in flow) == 1 \
            and len(levels) > 1:
        title, flow = flow[0].title, flow[1:]
        levels = levels[1:]
    top = levels[0] if levels else 0
    below = levels[1] if len(levels) > 1 else 0
    has_parts = bool(below) and any(a.level == top and b.level == below for a, b in pairwise(flow))
    chapter = below if has_parts else top
    return title, tuple(_Sorter(top if has_parts else 0, chapter).sort(flow))


class _Sorter:
    def __init__(self, part: int, chapter: int) -> None:
        self._part, self._chapter = part, chapter
        self._parts: list[Part] = []
        self._lines: list[Line] = []
        self._synopsis = ""
        self._depth, self._scene = 0, 0
        self._in_part = False

    def sort(self, flow: Iterable[Flow]) -> list[Part]:
        for item in flow:
            if item.level and item.level in (self._part, self._chapter):
                self._end_scene()
                is_part = item.level == self._part
                self._in_part = self._in_part or is_part
                kind, depth = ("part", 0) if is_part else ("chapter", 1 if self._in_part else 0)
                self._parts.append(Part(kind, item.title, depth))
                self._depth, self._scene = depth + 1, 0
            elif item.level:
                style = ("h1", "h2", "h3")[min(max(0, item.level - self._chapter - 1), 2)]
                self._lines.append(replace(item.line, block=Block(style)))  # type: ignore[arg-type]
            elif item.line.block.style == "break":
                self._end_scene(broken=True)
            elif is_remark(item.line):
                self._end_scene()
                self._synopsis = item.line.text
            else:
                self._lines.append(item.line)
        self._end_scene()
        self._fill_chapters()
        return self._parts

    def _end_scene(self, broken: bool = False) -> None:
        while self._lines and not self._lines[-1].text.strip():
            self._lines.pop()
        if len(self._lines) > 1 and not self._lines[0].text and self._lines[1].block.style in ("h1", "h2", "h3"):
            del self._lines[0]  # it parted a chapter's title from the heading that begins its text
        if self._lines or self._synopsis:
            self._scene += 1
            self._parts.append(Part("scene", f"Scene {self._scene}", self._depth, from_lines(self._lines),
                                    self._synopsis))
        self._lines, self._synopsis = [], ""

    def _fill_chapters(self) -> None:
        """A chapter without text gets an empty scene, so that there is somewhere to write."""
        out: list[Part] = []
        for number, part in enumerate(self._parts):
            out.append(part)
            after = self._parts[number + 1] if number + 1 < len(self._parts) else None
            if part.kind == "chapter" and (after is None or after.depth <= part.depth):
                out.append(Part("scene", "Scene 1", part.depth + 1))
        self._parts = out


# ---------------------------------------------------------------- project

def book_of(project: Project, document: str, *, title: str = "", author: str = "") -> Book:
    """The manuscript of a document with its pictures, from any thread. Raises KeyError, ProjectError."""
    row = next(row for row in project.documents("manuscript") if row.id == document)
    nodes = project.manuscript_nodes(document)
    proses = project.proses(document)
    depth: dict[str, int] = {}
    parts = []
    for node in nodes:
        depth[node.id] = depth.get(node.parent, -1) + 1
        parts.append(Part(node.kind, node.title, depth[node.id], proses.get(node.id, Prose()), node.synopsis))
    pictures = {}
    for sha in sorted({picture_of(m.value)[0] for prose in proses.values() for m in prose.marks if m.kind == "image"}):
        with contextlib.suppress(KeyError):
            pictures[sha] = Picture(*project.media(sha))
    wanted = row.state.get("book") if isinstance(row.state.get("book"), dict) else {}
    assert isinstance(wanted, dict)
    return Book(title or str(wanted.get("title") or row.title), author or str(wanted.get("author") or ""),
                str(wanted.get("language") or ""), tuple(parts), pictures)


def bring_in(project: Project, book: Book, title: str = "") -> Future[DocumentRow]:
    """Make a new manuscript of a book: all of it in one change, but for the media, which come first."""
    from studio.project.manuscript.writing import add_book

    return add_book(project, book, title)


def with_pictures(prose: Prose, names: Mapping[str, str]) -> Prose:
    """The prose with its images named by `names`; those that are not in it fall away with their place."""
    def known(value: str) -> str:
        name, alt = picture_of(value)
        return picture_value(names[name], alt) if name in names else ""

    marks = tuple(Mark(m.start, m.length, m.kind, known(m.value)) if m.kind == "image" else m for m in prose.marks)
    return replace(prose, marks=tuple(m for m in marks if m.kind != "image" or m.value))


def whole_text(book: Book, told: Callable[[Prose], str] = lambda prose: prose.text) -> str:
    """All text, scene after scene."""
    return "\n".join(told(prose) for prose in book.proses)


def whole_prose(book: Book) -> Prose:
    return join(book.proses)
