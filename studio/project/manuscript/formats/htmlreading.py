"""HTML and the XHTML of books, read for what prose can carry: headings, lists, quotes, emphasis, links, footnotes,
pictures. Tables become paragraphs; scripts, forms and everything that only looks are passed over."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from studio.project.manuscript.book import LINE_BREAK, REMARK, Book, Flow, Picture, remark, structure
from studio.project.manuscript.formats.htmlnotes import Notes
from studio.project.manuscript.formats.reading import BREAK, MAX_PICTURE, data_picture, given, named, table_of
from studio.project.manuscript.formats.tables import SAID, table_lines
from studio.project.manuscript.prose import Line, Run
from studio.project.manuscript.rows import BODY, MAX_LEVEL, OBJECT, Block, picture_value

MAX_DEPTH = 180
"""Elements inside one another; what lies deeper is passed over."""
_BLOCKS = frozenset(("p", "div", "section", "article", "main", "header", "footer", "body", "html", "blockquote", "pre",
                     "li", "ul", "ol", "dl", "dt", "dd", "figure", "figcaption", "address", "aside", "nav", "center",
                     "h1", "h2", "h3", "h4", "h5", "h6", "details", "summary", "fieldset", "form", "hgroup"))
_SKIPPED = frozenset(("script", "style", "head", "title", "template", "noscript", "iframe", "object", "video", "audio",
                      "button", "select", "input", "textarea", "rp", "math"))
_LOOKS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "cite": "italic", "dfn": "italic",
          "var": "italic", "u": "underline", "ins": "underline", "s": "strike", "del": "strike", "strike": "strike",
          "code": "code", "tt": "code", "kbd": "code", "samp": "code"}
_SPACE = re.compile("[ \t\r\n\f]+")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CLASS = re.compile(r"\.([\w-]+)\s*$")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
Find = Callable[[str, str], Picture | None]
"""The picture at an address, as seen from a page; None where it is not there."""


def parsed(text: str) -> Any:
    """The root of a page: as XML where it is that, else as any HTML. None where there is nothing in it."""
    from lxml import etree
    from lxml import html as forgiving

    source = re.sub(r"<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>|<\?xml[^>]*\?>", "", text, count=2, flags=re.DOTALL)
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        return etree.fromstring(_ENTITY.sub(_letter, source).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        pass
    try:
        return forgiving.document_fromstring(source.encode("utf-8", "replace"),
                                             parser=forgiving.HTMLParser(encoding="utf-8", no_network=True))
    except etree.ParserError:  # there is no element at all
        return None


def _letter(match: re.Match[str]) -> str:
    """XML knows five names of signs, HTML two thousand."""
    if match.group(1) in ("amp", "lt", "gt", "quot", "apos"):
        return match.group()
    return html.escape(html.unescape(match.group()))


def decoded(data: bytes, name: str) -> tuple[str, list[str]]:
    """The text of a page in the encoding that it says it has. Raises FormatError for what is no text."""
    from studio.project.manuscript.formats import plain

    said = _CHARSET.search(data[:4096])
    if said and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            encoding = codecs.lookup(said.group(1).decode("ascii")).name
        except (LookupError, UnicodeDecodeError):
            encoding = "utf-8"
        if encoding not in ("utf-8", "utf-16", "utf-32", "ascii"):
            return plain.decode(data.decode(encoding, "replace").encode("utf-8"), name)
    return plain.decode(data, name)


def is_title_page(element: Any) -> bool:
    return bool({"titlepage", "cover", "toc"} & {*given(element, "class").split(), *given(element, "type").split()})


def css_looks(declarations: str) -> dict[str, str]:
    """What a style sheet's declarations make of text."""
    facts = {key.strip().lower(): value.strip().lower() for key, _, value in
             (one.partition(":") for one in declarations.split(";"))}
    marks: dict[str, str] = {}
    weight = facts.get("font-weight", "")
    if weight in ("bold", "bolder") or (weight.isdigit() and int(weight) >= 600):
        marks["bold"] = ""
    if facts.get("font-style", "") in ("italic", "oblique"):
        marks["italic"] = ""
    line = facts.get("text-decoration", "") + facts.get("text-decoration-line", "")
    for word, kind in (("underline", "underline"), ("line-through", "strike")):
        if word in line:
            marks[kind] = ""
    return marks


def css_classes(sheet: str) -> dict[str, dict[str, str]]:
    """Looks by the name of a class."""
    out: dict[str, dict[str, str]] = {}
    for selectors, declarations in _RULE.findall(re.sub(r"/\*.*?\*/", "", sheet[:1 << 20], flags=re.DOTALL)):
        looks = css_looks(declarations)
        for selector in selectors.split(",") if looks else ():
            if found := _CLASS.search(selector):
                out.setdefault(found.group(1), {}).update(looks)
    return out


@dataclass
class HtmlReader:
    """Turns the elements of pages into a flow.

    Attributes:
        find: see `Find`.
        notes: the footnotes of all pages; path: of the page that is read, for their addresses.
        classes: looks by the name of a class.
    """

    find: Find
    notes: Notes
    classes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    path: str = ""
    flow: list[Flow] = field(default_factory=list)
    pictures: dict[str, Picture] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._runs: list[Run] = []
        self._lists: list[str] = []
        self._quotes = self._pre = self._level = 0

    def read(self, root: Any) -> None:
        """One page, behind those read before."""
        self._walk(root, {}, 0)
        self._end()

    # ------------------------------------------------------------ elements

    def _walk(self, element: Any, marks: Mapping[str, str], depth: int) -> None:
        tag = named(element)
        if not tag:
            self._comment(str(element.text or "").strip())
            return
        if tag in _SKIPPED or depth > MAX_DEPTH or self.notes.holds(element):
            return
        if tag == "table":
            self._table(element, depth)
        elif tag == "hr":
            self._end()
            self.flow.append(Flow(Line(Block("break"), ())))
        elif tag == "br":
            self._runs.append(Run("\n" if self._pre else LINE_BREAK, dict(marks)))
        elif tag in ("img", "image"):
            self._image(element, marks)
        elif tag in _BLOCKS:
            self._block(element, tag, depth)
        else:
            self._inline(element, tag, marks, depth)

    def _comment(self, text: str) -> None:
        """Two that this studio writes; others say nothing."""
        if text == "text" and not self._runs:
            self.flow.append(Flow(Line(BODY, ())))  # it parts a chapter's title from a heading of its text
        elif text.startswith(REMARK):
            self._end()
            self.flow.append(Flow(remark(text[len(REMARK):])))

    def _inside(self, element: Any, marks: Mapping[str, str], depth: int) -> None:
        self._text(element.text, marks)
        for child in element:
            self._walk(child, marks, depth + 1)
            self._text(child.tail, marks)

    def _block(self, element: Any, tag: str, depth: int) -> None:
        self._end()
        if is_title_page(element) and depth:
            return
        before = self._lists[:], self._quotes, self._pre, self._level
        if tag in ("ul", "ol"):
            self._lists.append("bullet" if tag == "ul" else "number")
        elif tag == "blockquote":
            self._quotes += 1
        elif tag == "pre":
            self._pre += 1
        elif tag[0] == "h" and tag[1:].isdigit():
            self._level = int(tag[1])
        self._inside(element, {}, depth)
        self._end()
        self._lists, self._quotes, self._pre, self._level = before

    def _inline(self, element: Any, tag: str, marks: Mapping[str, str], depth: int) -> None:
        note = self.notes.called(element) if tag == "a" else None
        if note is not None:
            self._runs.append(Run(OBJECT, {"footnote": note}))
            return
        own = dict(marks)
        if tag in _LOOKS and not (self._pre and tag == "code"):
            own[_LOOKS[tag]] = ""
        elif tag == "a" and given(element, "href").lower().startswith(("http://", "https://", "mailto:")):
            own["link"] = given(element, "href")
        for name in given(element, "class").split():
            own.update(self.classes.get(name, {}))
        style = given(element, "style")
        own.update(css_looks(style))
        if tag in ("b", "strong") and re.search(r"font-weight:\s*(?:normal|400)", style):  # a wrapper of Google Docs
            own.pop("bold", None)
        around = {"q": ("“", "”"), "rt": ("(", ")")}.get(tag, ("", ""))
        self._text(around[0], own)
        self._inside(element, own, depth)
        self._text(around[1], own)

    def _image(self, element: Any, marks: Mapping[str, str]) -> None:
        source = given(element, "src") or given(element, "href")
        alt = " ".join(given(element, "alt").split())
        picture = self.find(source, self.path) if source else None
        if picture is None or len(picture.data) > MAX_PICTURE:
            if source:
                self.messages.append(f"The picture {source[:80]} is not in the file and was left out; "
                                     "put it in by hand.")
            self._text(alt, marks)
            return
        name = source if source.startswith("data:") else f"{self.path}|{source}".replace(" ", "%20")
        name = re.sub(r"\s", "", name)
        self.pictures[name] = picture
        self._runs.append(Run(OBJECT, {**marks, "image": picture_value(name, alt)}))

    def _table(self, element: Any, depth: int) -> None:
        self._end()
        rows: list[list[list[Line]]] = []
        for row in (e for e in element.iter() if named(e) == "tr" and table_of(e) is element):
            cells = []
            for cell in (e for e in row if named(e) in ("td", "th")):
                inner = HtmlReader(self.find, self.notes, self.classes, self.path, [], self.pictures, self.messages)
                inner._inside(cell, {}, depth + 2)
                inner._end()
                cells.append([item.line for item in inner.flow])
            rows.append(cells)
        lines = table_lines(rows)
        self.flow += [Flow(line) for line in lines]
        if any(len(row) > 1 for row in rows) and SAID not in self.messages:
            self.messages.append(SAID)

    # ------------------------------------------------------------ text

    def _text(self, text: str | None, marks: Mapping[str, str]) -> None:
        if not text:
            return
        if not self._pre:
            text = _SPACE.sub(" ", text)
            last = self._runs[-1].text[-1:] if self._runs else " "
            if text[0] == " " and last in (" ", LINE_BREAK):
                text = text[1:]
        if text:
            self._runs.append(Run(text.replace(OBJECT, ""), dict(marks)))

    def _end(self) -> None:
        """The paragraph is finished."""
        runs, self._runs = self._runs, []
        if self._pre:
            self.flow += [Flow(Line(Block("code"), line)) for line in _code_lines(runs)]
            return
        empty_line = any(LINE_BREAK in run.text for run in runs)
        while runs and not runs[-1].text.rstrip(f" {LINE_BREAK}"):
            runs.pop()
        if runs:
            runs[-1] = Run(runs[-1].text.rstrip(f" {LINE_BREAK}"), runs[-1].marks)
        line = Line(self._kind(), tuple(runs))
        if not line.text.strip():
            if empty_line and self.flow and not self._level and not self.flow[-1].level:
                self.flow.append(Flow(Line(BODY, ())))
        elif not self._level and BREAK.fullmatch(line.text):
            self.flow.append(Flow(Line(Block("break"), ())))
        else:
            self.flow.append(Flow(line, self._level))

    def _kind(self) -> Block:
        if self._lists:
            return Block(self._lists[-1], min(len(self._lists) - 1, MAX_LEVEL))  # type: ignore[arg-type]
        return Block("quote", min(self._quotes - 1, MAX_LEVEL)) if self._quotes else BODY


def _code_lines(runs: list[Run]) -> Iterator[tuple[Run, ...]]:
    """Runs of preformatted text, line by line, without the line end before and behind it."""
    lines: list[list[Run]] = [[]]
    for run in runs:
        for number, piece in enumerate(run.text.replace("\r", "").split("\n")):
            if number:
                lines.append([])
            if piece:
                lines[-1].append(Run(piece, run.marks))
    while lines and not lines[-1]:
        lines.pop()
    yield from (tuple(line) for line in (lines[1:] if lines and not lines[0] else lines))


def read(data: bytes, name: str, folder: Path | None = None) -> Book:
    """A book from one HTML file. folder: where it lies, for the pictures beside it. Raises FormatError."""
    text, messages = decoded(data, name)
    root = parsed(text)
    if root is None:
        return Book(messages=tuple(messages))
    classes = {}
    for sheet in (e for e in root.iter() if named(e) == "style"):
        classes.update(css_classes(sheet.text or ""))
    notes = Notes()
    notes.take("", root)
    reader = HtmlReader(lambda source, _: data_picture(source) or _beside(folder, source), notes, classes)
    reader.read(root)
    own, author = _title_page(root)
    title, parts = structure(reader.flow, own)
    facts = {given(e, "name").lower(): given(e, "content") for e in root.iter() if named(e) == "meta"}
    said = next((" ".join("".join(e.itertext()).split()) for e in root.iter() if named(e) == "title"), "")
    language = given(root, "lang")
    return Book(title or ("" if said == "Manuscript" else said), author or facts.get("author", ""),
                "" if language == "und" else language, parts, reader.pictures,
                messages=(*messages, *dict.fromkeys(reader.messages)))


def _title_page(root: Any) -> tuple[str, str]:
    """Title and author of a title page such as this studio writes."""
    for page in (e for e in root.iter() if named(e) in ("header", "section") and is_title_page(e)):
        told = {named(e): " ".join("".join(e.itertext()).split()) for e in page.iter() if named(e) in ("h1", "p")}
        return told.get("h1", ""), told.get("p", "")
    return "", ""


def _beside(folder: Path | None, source: str) -> Picture | None:
    """A picture file that lies in the page's folder or below it."""
    import mimetypes

    if folder is None or re.match(r"[a-z][a-z0-9+.-]*:|//", source, re.IGNORECASE):
        return None
    try:
        place = (folder / unquote(source.partition("#")[0].partition("?")[0])).resolve()
        kind = mimetypes.guess_type(place.name)[0] or ""
        if not place.is_relative_to(folder.resolve()) or not kind.startswith("image/") or not place.is_file() \
                or place.stat().st_size > MAX_PICTURE:
            return None
        return Picture(place.read_bytes(), kind)
    except (OSError, ValueError):
        return None
