"""Plain text, both ways."""

from __future__ import annotations

import re

from studio.project.formats.limits import FormatError
from studio.project.manuscript.book import LINE_BREAK, SCENE_BREAK, Book, Flow, structure, written
from studio.project.manuscript.prose import Line, Run
from studio.project.manuscript.rows import BODY, OBJECT, Block, picture_of

MAX_TEXT = 64 << 20
"""Bytes of a text file: about ten times the longest novels."""
_NUMBER = (r"(?:\d{1,4}|[IVXLC]{1,8}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|the\s+\w+|"
           r"eins|zwei|drei|vier|fünf|une?|deux|trois)\b")
_CHAPTER = re.compile(r"(?:chapter|kapitel|chapitre|capítulo|capitolo|глава|part|book|teil|buch|partie|livre|"
                      rf"parte|часть)\s+{_NUMBER}(?:\W.{{0,70}})?|(?:prologue|epilogue|preface|prolog|epilog)(?:[.:].{{0,70}})?|"
                      r"第[\d一二三四五六七八九十百〇零]+[章部回](?:\s.{0,70})?", re.IGNORECASE)
_PART = re.compile(r"(?:part|book|teil|buch|partie|livre|parte|часть)\b|第[\d一二三四五六七八九十百〇零]+部",
                   re.IGNORECASE)
_BREAK = re.compile(r"(?:[*#~•⁂—–\-_=]\s*){1,20}|⁂|❦")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def decode(data: bytes, name: str) -> tuple[str, list[str]]:
    """The text of a file and what had to be guessed. Raises FormatError for what is no text."""
    if len(data) > MAX_TEXT:
        raise FormatError(f"{name} is larger than {MAX_TEXT >> 20} MB; split it into several files first.")
    messages: list[str] = []
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
                           (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            text = data.decode(encoding, "replace")
            break
    else:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
            messages.append(f"{name} is not in UTF-8; it was read as Western European text, so look at its accents.")
    sample = text[:1 << 20]
    odd = len(_CONTROLS.findall(sample)) + sample.count("\ufffd")
    if odd > max(2, len(sample) // 200):
        raise FormatError(f"{name} is not a text; choose a .txt, .md or .docx file.")
    return _CONTROLS.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace(
        "\x0c", "\n"), messages


def read(text: str) -> Book:
    """A book from plain text: lines such as “Chapter 3” begin chapters, “***” or the like scenes. Lines that were
    broken at a fixed width become paragraphs again."""
    blocks = [block.split("\n") for block in re.split(r"\n[ \t]*(?:\n[ \t]*)+", text.strip("\n")) if block.strip()]
    if _is_wrapped(blocks):
        paragraphs = [" ".join(line.strip() for line in block) for block in blocks]
    else:
        paragraphs = [line.strip("\t ") for block in blocks for line in block]
    flow = [_flow(paragraph) for paragraph in paragraphs]
    title, parts = structure(flow)
    return Book(title, parts=parts)


def _is_wrapped(blocks: list[list[str]]) -> bool:
    """Whether most lines within blocks end near one width."""
    inner = [len(line.rstrip()) for block in blocks for line in block[:-1]]
    if len(inner) < 3:
        return False
    return sum(45 <= length <= 90 for length in inner) > 0.8 * len(inner)


def _flow(text: str) -> Flow:
    if _BREAK.fullmatch(text):
        return Flow(Line(Block("break"), ()))
    line = Line(BODY, (Run(text, {}),) if text else ())
    if len(text) < 90 and _CHAPTER.fullmatch(text) and not text.endswith((",", ";")):
        return Flow(line, 1 if _PART.match(text) else 2)
    return Flow(line)


def write(book: Book, *, title_page: bool = True) -> str:
    """The book as plain text: a blank line between paragraphs, footnotes as [1] behind their chapter."""
    blocks: list[str] = []
    if title_page and book.title:
        blocks.append("\n".join(part for part in (book.title, book.author) if part))
    count = 0
    for piece in written(book):
        if piece.heading:
            blocks.append(("\n" if blocks else "") + piece.title)
        notes: list[str] = []
        numbers: dict[int, int] = {}
        for line in piece.lines:
            text = _told(line, notes, count)
            style, level = line.block.style, line.block.level
            numbers = {k: n for k, n in numbers.items() if k <= level} if style == "number" else {}
            if style == "break":
                blocks.append(SCENE_BREAK)
            elif style == "number":
                numbers[level] = numbers.get(level, 0) + 1
                blocks.append("    " * level + f"{numbers[level]}. {text}")
            elif text.strip() or style == "code":
                prefix = {"bullet": "    " * level + "- ", "quote": "    " * (level + 1)}.get(style, "")
                blocks.append(prefix + text)
        blocks += [f"[{number}] {note}" for number, note in enumerate(notes, count + 1)]
        count += len(notes)
    return "\n\n".join(blocks) + "\n"


def _told(line: Line, notes: list[str], count: int) -> str:
    parts = []
    for run in line.runs:
        if "footnote" in run.marks:
            notes.append(" ".join(run.marks["footnote"].split()))
            parts.append(f"[{count + len(notes)}]")
        elif "image" in run.marks:
            alt = picture_of(run.marks["image"])[1]
            parts.append(f"[picture: {alt}]" if alt else "[picture]")
        else:
            parts.append(run.text.replace(OBJECT, "").replace(LINE_BREAK, "\n"))
    return "".join(parts)


