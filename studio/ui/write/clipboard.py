"""Prose on the clipboard: as plain text, as HTML for other programs, and whole for this studio."""

from __future__ import annotations

import html
import itertools
import json
from html.parser import HTMLParser
from typing import Any

from PySide6.QtCore import QByteArray, QMimeData

from studio.project.manuscript.rows import BODY, MARK_KINDS, OBJECT, STYLES, Block, Mark, Prose, join_marks
from studio.ui.write.text import clean

PROSE_MIME = "application/x-pieria-prose"
MAX_HTML = 4_000_000
"""Longest HTML, in characters, that is read for its looks; of a longer one the plain text is taken."""

_BLOCKS: dict[str, Block] = {
    "p": BODY, "div": BODY, "section": BODY, "article": BODY, "h1": Block("h1"), "h2": Block("h2"), "h3": Block("h3"),
    "h4": Block("h3"), "h5": Block("h3"), "h6": Block("h3"), "blockquote": Block("quote"), "pre": Block("code"),
    "li": Block("bullet"), "tr": BODY, "dt": BODY, "dd": BODY, "table": BODY, "ul": BODY, "ol": BODY,
}
_LOOKS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "cite": "italic", "u": "underline",
          "ins": "underline", "s": "strike", "del": "strike", "strike": "strike", "code": "code", "tt": "code",
          "kbd": "code"}
_SKIPPED = ("script", "style", "head", "title", "template", "noscript", "svg")


class _Reader(HTMLParser):
    """HTML as other programs copy it, read for what prose can carry; everything else is passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.blocks: list[Block] = [BODY]
        self.marks: list[Mark] = []
        self.length = 0
        self._open: list[tuple[str, list[tuple[str, str]], int]] = []
        self._lists: list[str] = []
        self._quotes = self._skips = self._pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _SKIPPED:
            self._skips += 1
        elif tag == "br":
            self._line(self.blocks[-1])
        elif tag == "hr":
            self._line(Block("break"))
            self._line(BODY)
        elif tag in ("ul", "ol"):
            self._lists.append(tag)
        elif tag in _BLOCKS:
            self._quotes += tag == "blockquote"
            self._pre += tag == "pre"
            self._line(self._block(tag))
        else:
            looks = _looks_of(tag, given)
            if looks:
                self._open.append((tag, looks, self.length))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skips = max(0, self._skips - 1)
        elif tag in ("ul", "ol"):
            if self._lists:
                self._lists.pop()
        elif tag in _BLOCKS:
            self._quotes = max(0, self._quotes - (tag == "blockquote"))
            self._pre = max(0, self._pre - (tag == "pre"))
            if self.lines[-1]:
                self._line(Block("quote", min(self._quotes - 1, 8)) if self._quotes else BODY)
        else:
            at = next((i for i in range(len(self._open) - 1, -1, -1) if self._open[i][0] == tag), None)
            if at is not None:
                self._close(*self._open.pop(at)[1:])

    def handle_data(self, data: str) -> None:
        if self._skips:
            return
        if self._pre:
            for number, line in enumerate(data.split("\n")):
                if number:
                    self._line(Block("code"))
                self._write(line)
            return
        text = " ".join(data.split())
        if not text:
            if data and self.lines[-1] and not self.lines[-1].endswith(" "):
                self._write(" ")
            return
        if data[:1].isspace() and self.lines[-1] and not self.lines[-1].endswith(" "):
            text = " " + text
        self._write(text + (" " if data[-1:].isspace() else ""))

    def prose(self) -> Prose:
        for _, looks, start in self._open:
            self._close(looks, start)
        while len(self.lines) > 1 and not self.lines[-1].strip() and self.blocks[-1].style != "break":
            self.lines.pop()
            self.blocks.pop()
        text = "\n".join(self.lines)
        return Prose(text, tuple(self.blocks), join_marks(self.marks, text))

    def _block(self, tag: str) -> Block:
        if tag == "li":
            style = "number" if self._lists[-1:] == ["ol"] else "bullet"
            return Block(style, min(8, max(0, len(self._lists) - 1)))  # type: ignore[arg-type]
        if self._quotes:
            return Block("quote", min(8, self._quotes - 1))
        if tag in ("p", "div") and self._lists and not self.lines[-1]:
            return self.blocks[-1]
        return _BLOCKS[tag]

    def _line(self, block: Block) -> None:
        """Begin a paragraph; one that is still empty is used."""
        if not self.lines[-1] and self.blocks[-1].style != "break" and len(self.lines) == len(self.blocks):
            self.blocks[-1] = block
            return
        stripped = self.lines[-1].rstrip(" ")
        self.length -= len(self.lines[-1]) - len(stripped)
        self.lines[-1] = stripped
        self.lines.append("")
        self.blocks.append(block)
        self.length += 1

    def _write(self, text: str) -> None:
        text = clean(text).replace("\n", " ")
        self.lines[-1] += text
        self.length += len(text)

    def _close(self, looks: list[tuple[str, str]], start: int) -> None:
        for kind, value in looks:
            if self.length > start:
                self.marks.append(Mark(start, self.length - start, kind, value))  # type: ignore[arg-type]


def _looks_of(tag: str, given: dict[str, str]) -> list[tuple[str, str]]:
    looks = [(_LOOKS[tag], "")] if tag in _LOOKS else []
    if tag == "a" and given.get("href", "").startswith(("http://", "https://", "mailto:")):
        looks.append(("link", given["href"]))
    style = given.get("style", "").replace(" ", "").lower()
    weight = style.partition("font-weight:")[2].partition(";")[0]
    if tag in ("b", "strong") and weight in ("normal", "400"):  # as Google Docs wraps everything
        looks = []
    elif weight == "bold" or (weight.isdigit() and int(weight) >= 600):
        looks.append(("bold", ""))
    if "font-style:italic" in style:
        looks.append(("italic", ""))
    if "text-decoration:underline" in style and tag != "a":
        looks.append(("underline", ""))
    if "line-through" in style:
        looks.append(("strike", ""))
    return looks


def from_html(source: str) -> Prose:
    """The prose in HTML, as far as prose can say it. Never fails: what is not understood is text."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return reader.prose()


def to_html(prose: Prose) -> str:
    """For other programs: paragraphs, emphasis and links."""
    tags = {"bold": "strong", "italic": "em", "underline": "u", "strike": "s", "code": "code"}
    edges = sorted({0, len(prose.text), *(m.start for m in prose.marks), *(m.end for m in prose.marks),
                    *(i for i, c in enumerate(prose.text) if c == "\n"),
                    *(i + 1 for i, c in enumerate(prose.text) if c == "\n")})
    lines, out = [""], []
    for low, high in itertools.pairwise(edges):
        piece = prose.text[low:high]
        if piece == "\n":
            lines.append("")
            continue
        text = html.escape(piece).replace(OBJECT, "")
        for mark in (m for m in prose.marks if m.start <= low and m.end >= high):
            if mark.kind in tags:
                text = f"<{tags[mark.kind]}>{text}</{tags[mark.kind]}>"
            elif mark.kind == "link":
                text = f'<a href="{html.escape(mark.value)}">{text}</a>'
        lines[-1] += text
    wraps = {"h1": "h1", "h2": "h2", "h3": "h3", "quote": "blockquote", "code": "pre", "bullet": "li", "number": "li"}
    for number, line in enumerate(lines):
        style = prose.blocks[number].style if number < len(prose.blocks) else "body"
        tag = wraps.get(style, "p")
        inside = f"<{tag}>{line}</{tag}>"
        if tag == "li":
            kind = "ol" if style == "number" else "ul"
            inside = f"<{kind}>{inside}</{kind}>"
        out.append("<hr>" if style == "break" else inside)
    return "".join(out)


def to_mime(prose: Prose, carried: Any, spans_mime: str) -> QMimeData:
    """What a copy puts on the clipboard. carried: see `Story.carried`."""
    data = QMimeData()
    data.setText(prose.text.replace(OBJECT, ""))
    if prose.blocks or prose.marks:
        data.setHtml(to_html(prose))
    whole = {"text": prose.text, "blocks": [[b.style, b.level] for b in prose.blocks],
             "marks": [[m.start, m.length, m.kind, m.value] for m in prose.marks], "spans": list(prose.spans)}
    data.setData(PROSE_MIME, QByteArray(json.dumps(whole).encode()))
    data.setData(spans_mime, QByteArray(json.dumps(carried).encode()))
    return data


def whole_prose(value: Any) -> Prose | None:
    """What this studio put on the clipboard; None where it does not make sense."""
    match value:
        case {"text": str(text), "blocks": list(blocks), "marks": list(marks), "spans": list(spans)}:
            pass
        case _:
            return None
    kept = [Block(s, n) for s, n in (b for b in blocks if isinstance(b, list) and len(b) == 2)
            if s in STYLES and isinstance(n, int) and 0 <= n <= 8]
    made = [Mark(*m) for m in marks if isinstance(m, list) and len(m) == 4 and isinstance(m[0], int)
            and isinstance(m[1], int) and m[2] in MARK_KINDS and isinstance(m[3], str)]
    text = clean(text, objects=True)
    return Prose(text, tuple(kept) if len(kept) == len(blocks) else (), join_marks(made, text),
                 tuple(s for s in spans if isinstance(s, dict)))


def looks_binary(data: bytes | str) -> bool:
    """Whether what was pasted as text is none."""
    sample = data[:4096]
    if isinstance(sample, str):
        odd = sum((c < " " and c not in "\t\n\r\f") or c == "\ufffd" for c in sample)
    else:
        odd = sum(c < 32 and c not in (9, 10, 12, 13) for c in sample)
    return len(sample) >= 8 and odd > len(sample) * 0.1
