"""Markdown, both ways: CommonMark with strikethrough, footnotes ([^1]) and a heading with title and author.

Underline is <u>; a line whose signs do not read back as they were meant (***a**b*) is written with HTML tags, which
CommonMark allows.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from studio.project.manuscript.book import (
    LINE_BREAK,
    REMARK,
    SCENE_BREAK,
    Book,
    Flow,
    Picture,
    is_remark,
    remark,
    structure,
    written,
)
from studio.project.manuscript.formats.options import grouped
from studio.project.manuscript.formats.reading import data_picture
from studio.project.manuscript.formats.xhtml import TEXT_BEGINS, comment
from studio.project.manuscript.prose import Line, Run
from studio.project.manuscript.rows import BODY, MAX_LEVEL, OBJECT, Block, picture_of, picture_value

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_DEFINITION = re.compile(r"^\[\^([^\]\s]{1,100})\]:[ \t]*(.*(?:\n(?: {4}|\t).*|\n(?=\n(?: {4}|\t)))*)", re.MULTILINE)
_REFERENCE = re.compile(r"\[\^([^\]\s]{1,100})\]")
_TAGS = {"u": "underline", "ins": "underline", "b": "bold", "strong": "bold", "i": "italic", "em": "italic",
         "s": "strike", "del": "strike", "code": "code"}
_TAG = re.compile(r"<(/?)(u|ins|b|strong|i|em|s|del|code|br)\s*/?>", re.IGNORECASE)
_SPECIAL = re.compile(r"([\\`*_\[\]]|<(?=[A-Za-z/!?])|~(?=~)|(?<=~)~|&(?=#?\w+;))")
_LINE_START = re.compile(r"^([^\S\n]*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|=+$|-+$|\d{1,9}(?=[.)](?:\s|$)))", re.MULTILINE)
_PAIRED = {"strong": "bold", "em": "italic", "s": "strike", "a": "link"}
_DELIMITERS = {"bold": "**", "italic": "*", "strike": "~~"}
_HTML = {"bold": "strong", "italic": "em", "strike": "s", "underline": "u"}
_ORDER = ("link", "bold", "italic", "strike", "underline", "code")


# ---------------------------------------------------------------- reading

def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable("strikethrough")
    parser.inline.ruler.before("link", "footnote", _footnote_rule)
    return parser


def _footnote_rule(state: Any, silent: bool) -> bool:
    match = _REFERENCE.match(state.src, state.pos)
    if match is None or match.group(1) not in state.env.get("footnotes", {}):
        return False
    if not silent:
        token = state.push("footnote", "", 0)
        token.content = state.env["footnotes"][match.group(1)]
    state.pos = match.end()
    return True


def read(text: str) -> Book:
    """A book from Markdown. Never fails: everything is Markdown."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    facts, text = _front(text)
    notes: dict[str, str] = {}

    def define(match: re.Match[str]) -> str:
        notes.setdefault(match.group(1), " ".join(match.group(2).split()))
        return ""

    text = _DEFINITION.sub(define, text)
    reader = _Reader(notes)
    reader.walk(_parser().parse(text, {"footnotes": notes}))
    title, parts = structure(reader.flow, facts.get("title", ""))
    return Book(title, facts.get("author", ""), facts.get("lang", facts.get("language", "")), parts, reader.pictures,
                messages=tuple(reader.messages))


def _front(text: str) -> tuple[dict[str, str], str]:
    """Title, author and language of a heading between two lines of ---, and the rest."""
    match = _FRONT.match(text)
    if match is None:
        return {}, text
    facts: dict[str, str] = {}
    for line in match.group(1).split("\n"):
        key, colon, value = line.partition(":")
        if not colon or not re.fullmatch(r"[\w -]{1,40}", key):
            if line.strip() and not line.startswith((" ", "#", "-")):
                return {}, text
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        facts[key.strip().lower()] = value
    return facts, text[match.end():]


class _Reader:
    """Turns tokens into a flow."""

    def __init__(self, notes: Mapping[str, str]) -> None:
        self.flow: list[Flow] = []
        self.pictures: dict[str, Picture] = {}
        self.messages: list[str] = []
        self._lists: list[str] = []
        self._quotes = 0

    def walk(self, tokens: Iterable[Token]) -> None:
        level = 0
        for token in tokens:
            kind = token.type
            if kind == "heading_open":
                level = int(token.tag[1])
            elif kind == "heading_close":
                level = 0
            elif kind in ("bullet_list_open", "ordered_list_open"):
                self._lists.append("bullet" if kind.startswith("b") else "number")
            elif kind in ("bullet_list_close", "ordered_list_close"):
                self._lists.pop()
            elif kind in ("blockquote_open", "blockquote_close"):
                self._quotes += 1 if kind.endswith("open") else -1
            elif kind == "hr":
                self.flow.append(Flow(Line(Block("break"), ())))
            elif kind in ("fence", "code_block"):
                for line in token.content.removesuffix("\n").split("\n"):
                    self.flow.append(Flow(Line(Block("code"), (Run(line, {}),) if line else ())))
            elif kind == "html_block":
                self._html(token.content)
            elif kind == "inline":
                self._paragraph(self._runs(token.children or []), level)

    def _html(self, content: str) -> None:
        if content.strip() == TEXT_BEGINS:
            self.flow.append(Flow(Line(BODY, ())))
        if content.strip().startswith(f"<!-- {REMARK}") and content.strip().endswith("-->"):
            self.flow.append(Flow(remark(content.strip()[5 + len(REMARK):-3])))
        if content.strip().startswith("<!--"):
            return
        for line in content.strip().split("\n"):
            self._paragraph([Run(line, {})], 0)

    def _paragraph(self, runs: list[Run], level: int) -> None:
        text = "".join(run.text for run in runs)
        if not level and text.strip() in ("\\* \\* \\*", "* * *", "***", "⁂"):
            self.flow.append(Flow(Line(Block("break"), ())))
            return
        self.flow.append(Flow(Line(self._block(), tuple(runs)), level))

    def _block(self) -> Block:
        if self._lists:
            return Block(self._lists[-1], min(len(self._lists) - 1, MAX_LEVEL))  # type: ignore[arg-type]
        return Block("quote", min(self._quotes - 1, MAX_LEVEL)) if self._quotes else BODY

    def _runs(self, tokens: Iterable[Token]) -> list[Run]:
        runs: list[Run] = []
        marks: dict[str, str] = {}

        def put(text: str, **more: str) -> None:
            if text:
                runs.append(Run(text, {**marks, **more}))

        for token in tokens:
            if token.tag in _PAIRED and token.nesting:
                _toggle(token, marks)
                continue
            match token.type:
                case "text" | "text_special":
                    put(token.content)
                case "softbreak":
                    put(" ")
                case "hardbreak":
                    put(LINE_BREAK)
                case "code_inline":
                    put(token.content, code="")
                case "footnote":
                    put(OBJECT, footnote=token.content)
                case "image":
                    self._image(token, put)
                case "html_inline":
                    self._tag(token.content, marks, put)
        return runs

    def _image(self, token: Token, put: Any) -> None:
        source = str(token.attrGet("src") or "")
        picture = data_picture(source)
        if picture is not None:
            self.pictures[source] = picture
            put(OBJECT, image=picture_value(source, "".join(c.content for c in token.children or ())))
        else:
            self.messages.append(f"The picture {source[:80]} is not in the file and was left out; put it in by hand.")
            put(token.content)

    def _tag(self, content: str, marks: dict[str, str], put: Any) -> None:
        match = _TAG.fullmatch(content)
        if match is None:
            if not content.startswith("<!--"):
                put(content)
        elif match.group(2).lower() == "br":
            put(LINE_BREAK)
        elif match.group(1):
            marks.pop(_TAGS[match.group(2).lower()], None)
        else:
            marks[_TAGS[match.group(2).lower()]] = ""


def _toggle(token: Token, marks: dict[str, str]) -> None:
    kind = _PAIRED[token.tag]
    if token.nesting > 0:
        marks[kind] = str(token.attrGet("href") or "") if kind == "link" else ""
    else:
        marks.pop(kind, None)


# ---------------------------------------------------------------- writing

def write(book: Book, *, title_page: bool = True, synopses: bool = False) -> str:
    """The book as Markdown. Empty paragraphs, and looks inside code, fall away."""
    writer = _Writer(book.pictures)
    if title_page and book.title:
        facts = (("title", book.title), ("author", book.author), ("lang", book.language))
        writer.blocks.append("---\n" + "\n".join(f"{key}: {_quoted(value)}" for key, value in facts if value) + "\n---")
    for piece in written(book, synopses=synopses):
        if piece.heading:
            writer.blocks.append(f"{'#' * piece.heading} {writer.escaped(piece.title)}".rstrip())
        writer.lines(piece.lines, piece.base, told=bool(piece.heading))
    if writer.notes:
        writer.blocks.append("\n".join(f"[^{n}]: {note}" for n, note in enumerate(writer.notes, 1)))
    return "\n\n".join(writer.blocks) + "\n"


def _quoted(value: str) -> str:
    value = " ".join(value.split())
    plain = re.fullmatch(r"[^\W\d_][^:#\"'\n]*", value)
    return value if plain else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Writer:
    def __init__(self, pictures: Mapping[str, Picture]) -> None:
        self.blocks: list[str] = []
        self.notes: list[str] = []
        self._pictures = pictures
        self._parser = _parser()
        self._counts: dict[int, int] = {}

    def lines(self, lines: Iterable[Line], base: int, *, told: bool) -> None:
        """told: a title stands before them; a heading that follows it at once would make a part of it."""
        before: Block | None = None
        for kind, group in grouped(lines):
            if kind == "code":
                self._code([line.text.replace(OBJECT, "").replace(LINE_BREAK, " ") for line in group])
                before = group[0].block
                continue
            before = self._group(group, before, base, told)

    def _group(self, group: Iterable[Line], before: Block | None, base: int, told: bool) -> Block | None:
        for line in group:
            style = line.block.style
            if style == "break":
                self.blocks.append(SCENE_BREAK)
            elif is_remark(line):
                self.blocks.append(comment(line.text))
                continue
            else:
                text = self._inline(line.runs)
                if not text:
                    continue
                if told and before is None and style in ("h1", "h2", "h3"):
                    self.blocks.append(TEXT_BEGINS)
                self._line(line.block, text, before, base)
            before = line.block
        return before

    def _code(self, lines: list[str]) -> None:
        """Between more backticks than the code has itself."""
        most = max((len(run) for line in lines for run in re.findall("`{3,}", line)), default=2)
        fence = "`" * (most + 1)
        self.blocks.append("\n".join([fence, *lines, fence]))

    def _line(self, block: Block, text: str, before: Block | None, base: int) -> None:
        style, level = block.style, block.level
        if style in ("h1", "h2", "h3"):
            self.blocks.append(f"{'#' * min(6, base + int(style[1]))} {text.replace(chr(92) + chr(10), ' ')}")
        elif style == "quote":
            quoted = "> " * (level + 1) + text.replace("\n", "\n" + "> " * (level + 1))
            if before is not None and before.style == "quote":
                self.blocks[-1] += "\n" + ("> " * (min(level, before.level) + 1)).rstrip() + "\n" + quoted
            else:
                self.blocks.append(quoted)
        elif style in ("bullet", "number"):
            self._item(style, level, text, before)
        else:
            self.blocks.append(text)

    def _item(self, style: str, level: int, text: str, before: Block | None) -> None:
        goes_on = before is not None and before.style in ("bullet", "number")
        if before is None or not goes_on:
            self._counts = {}
            level = 0
        else:
            level = min(level, before.level + 1, len(self._counts))
            self._counts = {k: n for k, n in self._counts.items() if k <= level}
        same = goes_on and before is not None and before.style == style
        self._counts[level] = self._counts.get(level, 0) + 1 if same or level not in self._counts else 1
        sign = "-  " if style == "bullet" else f"{self._counts[level]}. "
        indent = "    " * level
        item = indent + sign.ljust(4) + text.replace("\n", "\n" + indent + "    ")
        if goes_on and (same or level > 0):
            self.blocks[-1] += "\n" + item
        else:
            self.blocks.append(item)

    # ------------------------------------------------------------ inside a line

    def escaped(self, text: str) -> str:
        return _SPECIAL.sub(r"\\\1", text).replace("!\\[", "\\!\\[")

    def _inline(self, runs: Iterable[Run]) -> str:
        runs = _stripped(_merged(self._present(runs)))
        start = len(self.notes)
        text = self._render(runs, html=False)
        if any(run.marks for run in runs) and not self._reads_back(text, runs):
            del self.notes[start:]
            text = self._render(runs, html=True)
        return _LINE_START.sub(lambda m: f"{m.group(1)}{m.group(2)}\\" if m.group(2).isdigit() else
                               f"{m.group(1)}\\{m.group(2)}", text)

    def _present(self, runs: Iterable[Run]) -> Iterator[Run]:
        """What there is to write: no signs that stand for nothing, no pictures that are not there."""
        for run in runs:
            if "footnote" in run.marks or picture_of(run.marks.get("image", ""))[0] in self._pictures:
                yield run
            elif "image" not in run.marks:
                yield Run(run.text.replace(OBJECT, ""), run.marks)

    def _reads_back(self, text: str, runs: list[Run]) -> bool:
        notes = {str(n): note for n, note in enumerate(self.notes, 1)}
        tokens = self._parser.parseInline(text, {"footnotes": notes})
        found = _Reader(notes)._runs(tokens[0].children or [])
        return _letters(found) == _letters(runs)

    def _render(self, runs: list[Run], *, html: bool) -> str:
        out: list[str] = []
        open_: list[tuple[str, str]] = []
        for run in runs:
            marks = [(kind, run.marks[kind]) for kind in _ORDER if kind in run.marks]
            keep = 0
            wanted = dict(marks)
            while keep < len(open_) and wanted.get(open_[keep][0]) == open_[keep][1]:
                keep += 1
            out += [self._close(kind, value, html) for kind, value in reversed(open_[keep:])]
            del open_[keep:]
            for kind, value in marks:
                if (kind, value) not in open_ and kind != "code":
                    out.append(self._open(kind, html))
                    open_.append((kind, value))
            out.append(self._text(run, html))
        out += [self._close(kind, value, html) for kind, value in reversed(open_)]
        return "".join(out)

    def _open(self, kind: str, html: bool) -> str:
        if kind == "link":
            return "["
        return f"<{_HTML[kind]}>" if html or kind == "underline" else _DELIMITERS[kind]

    def _close(self, kind: str, value: str, html: bool) -> str:
        if kind == "link":
            return f"]({_target(value)})"
        return f"</{_HTML[kind]}>" if html or kind == "underline" else _DELIMITERS[kind]

    def _text(self, run: Run, html: bool) -> str:
        if "footnote" in run.marks:
            self.notes.append(" ".join(run.marks["footnote"].split()))
            return f"[^{len(self.notes)}]"
        if "image" in run.marks:
            name, alt = picture_of(run.marks["image"])
            picture = self._pictures[name]
            return f"![{self.escaped(alt)}](data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()})"
        text = run.text
        if "code" in run.marks and html:
            return f"<code>{self.escaped(text)}</code>".replace(LINE_BREAK, "\\\n")
        if "code" in run.marks and text.strip() == text and LINE_BREAK not in text and text:
            ticks = "`" * (max((len(m) for m in re.findall("`+", text)), default=0) + 1)
            space = " " if text.startswith("`") or text.endswith("`") else ""
            return f"{ticks}{space}{text}{space}{ticks}"
        return self.escaped(text).replace(LINE_BREAK, "\\\n")


def _target(url: str) -> str:
    url = re.sub(r"[\n<>\\]", lambda m: "%" + f"{ord(m.group()):02X}", url)
    return f"<{url}>" if re.search(r"[\s()]", url) or not url else url


def _merged(runs: Iterable[Run]) -> list[Run]:
    """Runs without those that are empty; neighbours of one look are one, whoever wrote them."""
    out: list[Run] = []
    for run in runs:
        if out and out[-1].marks == run.marks and not {"footnote", "image"} & set(run.marks):
            out[-1] = Run(out[-1].text + run.text, run.marks)
        elif run.text:
            out.append(Run(run.text, run.marks))
    return out


def _stripped(runs: list[Run]) -> list[Run]:
    """Without spaces at the ends of the line, which Markdown does not keep."""
    out = list(runs)
    while out and not out[0].text.lstrip(" \t\u2028"):
        out.pop(0)
    while out and not out[-1].text.rstrip(" \t\u2028"):
        out.pop()
    if out:
        out[0] = Run(out[0].text.lstrip(" \t\u2028"), out[0].marks)
        out[-1] = Run(out[-1].text.rstrip(" \t\u2028"), out[-1].marks)
    return out


def _letters(runs: Iterable[Run]) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    out = []
    for run in runs:
        marks = {kind: value for kind, value in run.marks.items() if kind != "image"}
        marks["link"] = "" if "link" in marks else marks.get("link", "-")
        out += [(char, tuple(sorted(marks.items()))) for char in run.text]
    return out
