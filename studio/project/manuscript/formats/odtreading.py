"""OpenDocument text (ISO/IEC 26300), read by lxml: what prose can carry of it."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from studio.project.formats.limits import FormatError, damaged, read_at_most
from studio.project.manuscript.book import LINE_BREAK, Book, Flow, Picture, structure
from studio.project.manuscript.formats.reading import BREAK, MAX_PICTURE, given, named, opening, table_of
from studio.project.manuscript.formats.tables import SAID, table_lines
from studio.project.manuscript.prose import Line, Run
from studio.project.manuscript.rows import BODY, MAX_LEVEL, OBJECT, Block, picture_value

MAX_CONTENT = 256 << 20
_MONO = re.compile(r"mono|courier|consol|menlo|code|teletype|preformatted", re.IGNORECASE)
_SKIPPED = ("tracked-changes", "annotation", "annotation-end", "sequence-decls", "table-of-content", "forms",
            "alphabetical-index", "soft-page-break", "variable-decls", "user-field-decls", "bookmark-ref-decls")


def read(data: bytes, name: str) -> Book:
    """A book from an .odt. Raises FormatError."""
    with opening(data, name), zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _Reader(archive, name).read()


class _Styles:
    """What the names of styles stand for. A style takes from its parent what it does not say itself."""

    def __init__(self, *roots: Any) -> None:
        self._styles: dict[tuple[str, str], Any] = {}
        self._lists: dict[str, dict[int, str]] = {}
        for root in roots:
            for element in root.iter() if root is not None else ():
                kind = named(element)
                if kind == "style":
                    self._styles[given(element, "family"), given(element, "name")] = element
                elif kind == "list-style":
                    self._lists[given(element, "name")] = {
                        int(given(level, "level") or 1): "bullet" if named(level).endswith("bullet") else "number"
                        for level in element if named(level).startswith("list-level-style")}

    def chain(self, family: str, name: str) -> Iterator[Any]:
        for _ in range(20):
            found = self._styles.get((family, name))
            if found is None:
                return
            yield found
            name = given(found, "parent-style-name")

    def names(self, family: str, name: str) -> str:
        """The style's name and those of its parents, as the program showed them."""
        told = [name, *(given(style, key) for style in self.chain(family, name)
                        for key in ("display-name", "name", "parent-style-name"))]
        return " ".join(told).replace("_20_", " ").lower()

    def outline(self, name: str) -> int:
        level = next((given(style, "default-outline-level") for style in self.chain("paragraph", name)
                      if given(style, "default-outline-level")), "")
        return int(level) if level.isdigit() else 0

    def looks(self, name: str) -> dict[str, str]:
        """Of a style of letters."""
        facts: dict[str, str] = {}
        for style in self.chain("text", name):
            for properties in (e for e in style if named(e) == "text-properties"):
                for key, value in properties.attrib.items():
                    facts.setdefault(key.rpartition("}")[2], str(value).lower())
        marks: dict[str, str] = {}
        weight = facts.get("font-weight", "")
        if weight == "bold" or (weight.isdigit() and int(weight) >= 600):
            marks["bold"] = ""
        if facts.get("font-style", "") in ("italic", "oblique"):
            marks["italic"] = ""
        for key, kind in (("text-underline-style", "underline"), ("text-line-through-style", "strike")):
            if facts.get(key, "none") != "none":
                marks[kind] = ""
        if _MONO.search(facts.get("font-family", "") + facts.get("font-name", "")):
            marks["code"] = ""
        names = self.names("text", name)
        for word, kind in (("strong emphasis", "bold"), ("source text", "code")):
            if word in names:
                marks[kind] = ""
        if "emphasis" in names and "strong" not in names:
            marks["italic"] = ""
        return marks

    def list_kind(self, name: str, level: int) -> str:
        levels = self._lists.get(name, {})
        return levels.get(level, levels.get(1, "bullet"))


class _Reader:
    """Goes through the body in its order."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive, self._name = archive, name
        self._names = set(archive.namelist())
        self.flow: list[Flow] = []
        self.pictures: dict[str, Picture] = {}
        self.messages: list[str] = []
        self.title = self.author = ""

    def read(self) -> Book:
        if "content.xml" not in self._names:
            raise damaged(self._name)
        if "META-INF/manifest.xml" in self._names and b"encryption-data" in self._bytes("META-INF/manifest.xml"):
            raise FormatError(f"{self._name} is protected by a password; save it without one first.")
        content = self._xml("content.xml")
        self._styles = _Styles(self._xml("styles.xml"), content)
        body = next((e for e in content.iter() if named(e) == "text" and given(e.getparent(), "version") == ""
                     and named(e.getparent()) == "body"), None)
        if body is None:
            raise FormatError(f"{self._name} is no text document; open it in its program and save it as .odt.")
        self._blocks(body)
        meta = self._xml("meta.xml")
        facts = {named(e): " ".join("".join(e.itertext()).split()) for e in (meta.iter() if meta is not None else ())
                 if named(e) in ("title", "creator", "initial-creator", "language")}
        title, parts = structure(self.flow, self.title)
        return Book(title or facts.get("title", ""), self.author or facts.get("creator", facts.get(
            "initial-creator", "")), facts.get("language", ""), parts, self.pictures,
            messages=tuple(dict.fromkeys(self.messages)))

    def _bytes(self, place: str) -> bytes:
        with self._archive.open(place) as file:
            return read_at_most(file, MAX_CONTENT, self._name)  # type: ignore[arg-type]

    def _xml(self, place: str) -> Any:
        from lxml import etree

        if place not in self._names:
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        return etree.fromstring(self._bytes(place), parser)

    # ------------------------------------------------------------ blocks

    def _blocks(self, parent: Any, kinds: tuple[str, ...] = (), style: str = "") -> None:
        """kinds: of the lists around."""
        for element in parent:
            tag = named(element)
            if tag in ("p", "h"):
                self._paragraph(element, tag, kinds)
            elif tag == "list":
                own = given(element, "style-name") or style
                self._blocks(element, (*kinds, self._styles.list_kind(own, len(kinds) + 1)), own)
            elif tag == "table":
                self._table(element)
            elif tag and tag not in _SKIPPED:
                self._blocks(element, kinds, style)

    def _paragraph(self, element: Any, tag: str, kinds: tuple[str, ...]) -> None:
        style = given(element, "style-name")
        names = self._styles.names("paragraph", style)
        runs = [run for run in self._runs(element, {}) if run.text]
        text = "".join(run.text for run in runs)
        if not self.flow and not self.title and re.search(r"\btitle\b", names) and "subtitle" not in names:
            self.title = text.strip()
            return
        if not self.flow and "subtitle" in names:
            self.author = text.strip()
            return
        outline = given(element, "outline-level")
        level = (int(outline) if outline.isdigit() else 1) if tag == "h" else self._styles.outline(style)
        if level and not kinds:
            if text.strip():
                self.flow.append(Flow(Line(BODY, tuple(runs)), min(level, 6)))
        elif BREAK.fullmatch(text):
            self.flow.append(Flow(Line(Block("break"), ())))
        elif text or (self.flow and not any(named(e) == "annotation" for e in element)):  # a comment alone is none
            self.flow.append(Flow(Line(_block(names, kinds), tuple(runs))))

    def _table(self, table: Any) -> None:
        rows: list[list[list[Line]]] = []
        for row in (e for e in table.iter() if named(e) == "table-row" and table_of(e) is table):
            cells = []
            for cell in (e for e in row if named(e) in ("table-cell", "covered-table-cell")):
                before, self.flow = self.flow, [Flow(Line(BODY, ()))]  # nothing in a cell is the book's title
                self._blocks(cell)
                cells.append([item.line for item in self.flow[1:]])
                self.flow = before
            while cells and not cells[-1]:
                cells.pop()
            rows.append(cells)
        self.flow += [Flow(line) for line in table_lines(rows)]
        if any(len(row) > 1 for row in rows):
            self.messages.append(SAID)

    # ------------------------------------------------------------ inside a paragraph

    def _runs(self, element: Any, marks: Mapping[str, str]) -> Iterator[Run]:
        yield from _letters(element.text, marks)
        for child in element:
            yield from self._inline(child, named(child), marks)
            yield from _letters(child.tail, marks)

    def _inline(self, child: Any, tag: str, marks: Mapping[str, str]) -> Iterator[Run]:
        if tag == "span":
            yield from self._runs(child, {**marks, **self._styles.looks(given(child, "style-name"))})
        elif tag == "a":
            href = given(child, "href")
            yield from self._runs(child, {**marks, "link": href} if href and not href.startswith("#") else marks)
        elif tag == "s":
            count = given(child, "c")
            yield Run(" " * min(int(count) if count.isdigit() else 1, 1000), dict(marks))
        elif tag in ("tab", "line-break"):
            yield Run("\t" if tag == "tab" else LINE_BREAK, dict(marks))
        elif tag == "note":
            body = next((e for e in child if named(e) == "note-body"), None)
            told = (" ".join("".join(e.itertext()).split()) for e in (body if body is not None else ()))
            yield Run(OBJECT, {"footnote": " ".join(one for one in told if one)})
        elif tag == "frame":
            yield from self._frame(child, marks)
        elif tag and tag not in _SKIPPED:
            yield from self._runs(child, marks)

    def _frame(self, frame: Any, marks: Mapping[str, str]) -> Iterator[Run]:
        """A picture, or a box with text in it."""
        alt = next((" ".join((e.text or "").split()) for kind in ("desc", "title") for e in frame
                    if named(e) == kind), "")
        for image in (e for e in frame if named(e) == "image"):
            place = posixpath.normpath(given(image, "href"))
            if place not in self._names or self._archive.getinfo(place).file_size > MAX_PICTURE:
                self.messages.append("A linked picture is not in the file and was left out.")
                continue
            import mimetypes

            kind = given(image, "mime-type") or mimetypes.guess_type(place)[0] or "image/png"
            if not kind.startswith("image/"):
                continue
            self.pictures[place.replace(" ", "%20")] = Picture(self._archive.read(place), kind)
            yield Run(OBJECT, {**marks, "image": picture_value(place.replace(" ", "%20"), alt)})
            return
        for box in (e for e in frame if named(e) == "text-box"):
            for paragraph in (e for e in box.iter() if named(e) in ("p", "h")):
                yield from self._runs(paragraph, marks)
                yield Run(" ", {})


def _block(names: str, kinds: tuple[str, ...]) -> Block:
    if kinds:
        return Block(kinds[-1], min(len(kinds) - 1, MAX_LEVEL))  # type: ignore[arg-type]
    if "quotation" in names or "block text" in names:
        return Block("quote")
    return Block("code") if _MONO.search(names) else BODY


def _letters(text: str | None, marks: Mapping[str, str]) -> Iterator[Run]:
    """White space is folded, as the standard says; several spaces have an element of their own."""
    if text:
        yield Run(re.sub(r"[ \t\r\n]+", " ", text).replace(OBJECT, ""), dict(marks))
