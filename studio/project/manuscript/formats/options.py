"""What all formats of manuscripts share: how to write, who made it, and texts that XML can hold."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from studio.project.manuscript.prose import Line
from studio.project.marks import SOURCE_TYPES

_XML_BAD = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ORIGINS = {"machine": "machine", "edited": "edited"}
"""What a span's origin is called in files; everything else but these counts as edited."""


@dataclass(frozen=True)
class WriteOptions:
    """How to write a book.

    Attributes:
        title_page: begin with title and author.
        synopses: say before each scene what happens in it, as a comment, where the format can.
        authorship: mark what a machine wrote, where the format can; the report is a part of the book (`authorship`).
        source: "person", "both" or "model", told in the file's metadata; "" leaves it out.
        fonts: font files for a PDF, so that it looks the same on every machine.
    """

    title_page: bool = True
    authorship: bool = False
    source: str = ""
    synopses: bool = False
    fonts: tuple[str, ...] = ()

    @property
    def source_type(self) -> str:
        """The term of the IPTC digital source type vocabulary, "" where nothing is told."""
        return SOURCE_TYPES.get(self.source, "")


def clean_xml(text: str) -> str:
    """Without the signs that XML 1.0 cannot hold."""
    return _XML_BAD.sub("", text)


def escape(text: str) -> str:
    """For text and attributes of XML."""
    return html.escape(clean_xml(text))


def origin_of(origin: str) -> str:
    """ "machine", "edited", or "" of the person's."""
    return ORIGINS.get(origin, "edited") if origin else ""


def grouped(lines: Iterable[Line]) -> Iterator[tuple[str, list[Line]]]:
    """Lines in groups that make one element: "list", "quote" and "code" of several, everything else alone."""
    kind = ""
    group: list[Line] = []
    for line in lines:
        style = line.block.style
        now = "list" if style in ("bullet", "number") else style if style in ("quote", "code") else ""
        if group and (now != kind or not now):
            yield kind or group[0].block.style, group
            group = []
        kind = now
        group.append(line)
    if group:
        yield kind or group[0].block.style, group


@dataclass
class Tree:
    """A list of a document: items with the lists in them. ordered: numbered."""

    ordered: bool
    items: list[tuple[Line, list[Tree]]]


def list_trees(lines: list[Line]) -> list[Tree]:
    """Flat list items as lists in lists; a level may be at most one deeper than the one before."""
    top: list[Tree] = []
    stack: list[Tree] = []
    for line in lines:
        ordered = line.block.style == "number"
        level = min(line.block.level, len(stack))
        del stack[level + 1:]
        if len(stack) > level and stack[level].ordered != ordered:
            del stack[level:]
        if len(stack) <= level:
            tree = Tree(ordered, [])
            (stack[level - 1].items[-1][1] if level else top).append(tree)
            stack.append(tree)
        stack[level].items.append((line, []))
    return top


Renderer = Callable[[Line], str]
