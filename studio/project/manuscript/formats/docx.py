"""Word documents (Office Open XML), both ways, by python-docx; footnotes, which it does not know, by hand."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from studio.project.manuscript.book import LINE_BREAK, Book, Flow, Picture, structure
from studio.project.manuscript.formats.reading import BREAK, MAX_PICTURE, opening
from studio.project.manuscript.formats.tables import SAID, table_lines
from studio.project.manuscript.prose import Line, Run
from studio.project.manuscript.rows import BODY, OBJECT, Block, picture_value

if TYPE_CHECKING:
    from docx.document import Document

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FOOTNOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
FOOTNOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_LIST = re.compile(r"list (bullet|number|paragraph|continue)(?: (\d))?", re.IGNORECASE)
_MONO = re.compile(r"mono|courier|consol|menlo|code", re.IGNORECASE)


def read(data: bytes, name: str) -> Book:
    """A book from a .docx. Raises FormatError."""
    import docx

    with opening(data, name):
        document = docx.Document(io.BytesIO(data))
        reader = _Reader(document)
        reader.run()
    facts = document.core_properties
    title, parts = structure(reader.flow, reader.title or "")
    language = str(facts.language or "")
    return Book(title or str(facts.title or ""), reader.author or _author(facts.author), language, parts,
                reader.pictures, messages=tuple(reader.messages))


def _author(name: str | None) -> str:
    return "" if name in (None, "python-docx") else str(name)


def _q(tag: str) -> str:
    return f"{{{W}}}{tag}"


class _Reader:
    """Goes through the body in its order."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._part = document.part
        self.flow: list[Flow] = []
        self.pictures: dict[str, Picture] = {}
        self.messages: list[str] = []
        self.title = ""
        self.author = ""
        self._notes = self._footnotes()
        self._styles = {style.style_id: style for style in document.styles}
        self._numbers = self._numbering()
        self._tables = 0

    def run(self) -> None:
        for element in self._document.element.body.iterchildren():
            if element.tag == _q("p"):
                self._paragraph(element)
            elif element.tag == _q("tbl"):
                self._table(element)
            elif element.tag == _q("sdt"):
                for inner in element.iter(_q("p")):
                    self._paragraph(inner)
        if self._tables:
            self.messages.append(SAID)

    def _table(self, table: Any) -> None:
        rows = [[self._cell(cell) for cell in row.findall(_q("tc"))] for row in table.findall(_q("tr"))]
        self._tables += any(len(row) > 1 for row in rows)
        self.flow += [Flow(line) for line in table_lines(rows)]

    def _cell(self, cell: Any) -> list[Line]:
        before, self.flow = self.flow, [Flow(Line(BODY, ()))]  # nothing in a cell is the book's title
        for element in cell.iterchildren():
            if element.tag == _q("p"):
                self._paragraph(element)
            elif element.tag == _q("tbl"):
                self._table(element)
        lines = [item.line for item in self.flow[1:]]
        self.flow = before
        return lines

    def _paragraph(self, element: Any) -> None:
        style = self._style_name(element)
        runs = list(self._runs(element, {}))
        text = "".join(run.text for run in runs)
        if style in ("title", "subtitle") and not self.flow:
            if style == "title":
                self.title = (self.title + " " + text).strip()
            else:
                self.author = text.strip()
            return
        level = self._heading(style, element)
        if level:
            if text.strip():
                self.flow.append(Flow(Line(BODY, tuple(runs)), level))
            return
        if BREAK.fullmatch(text):
            self.flow.append(Flow(Line(Block("break"), ())))
        elif text or (self.flow and element.find(f".//{_q('commentReference')}") is None):  # a comment alone is none
            self.flow.append(Flow(Line(self._block(style, element), tuple(runs))))

    def _style_name(self, element: Any) -> str:
        value = element.find(f"{_q('pPr')}/{_q('pStyle')}")
        style = self._styles.get(value.get(_q("val"))) if value is not None else None
        return str(style.name).lower() if style is not None and style.name else ""

    def _heading(self, style: str, element: Any) -> int:
        match = re.fullmatch(r"heading (\d)", style)
        if match:
            return min(6, int(match.group(1)))
        outline = element.find(f"{_q('pPr')}/{_q('outlineLvl')}")
        value = outline.get(_q("val")) if outline is not None else None
        return int(value) + 1 if value is not None and value.isdigit() and int(value) < 6 else 0

    def _block(self, style: str, element: Any) -> Block:
        match = _LIST.fullmatch(style)
        number = element.find(f"{_q('pPr')}/{_q('numPr')}")
        if match and match.group(1).lower() in ("bullet", "number"):
            level = int(match.group(2) or 1) - 1
            return Block("bullet" if match.group(1).lower() == "bullet" else "number", level)
        if number is not None:
            level = number.find(_q("ilvl"))
            key = number.find(_q("numId"))
            depth = int(level.get(_q("val")) or 0) if level is not None else 0
            kind = self._numbers.get((key.get(_q("val")) if key is not None else "", depth), "bullet")
            return Block("number" if kind != "bullet" else "bullet", min(depth, 8))
        if "quot" in style or style == "block text":
            return Block("quote")
        if _MONO.search(style) or style in ("plain text", "html preformatted", "macro text"):
            return Block("code")
        return BODY

    def _numbering(self) -> dict[tuple[str | None, int], str]:
        """Format of each level of each list."""
        try:
            root = self._part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            return {}
        formats: dict[tuple[str | None, int], str] = {}
        for abstract in root.iter(_q("abstractNum")):
            for level in abstract.iter(_q("lvl")):
                form = level.find(_q("numFmt"))
                formats[abstract.get(_q("abstractNumId")), int(level.get(_q("ilvl")) or 0)] = (
                    form.get(_q("val")) if form is not None else "bullet")
        out: dict[tuple[str | None, int], str] = {}
        for number in root.iter(_q("num")):
            of = number.find(_q("abstractNumId"))
            for (key, depth), form in formats.items():
                if of is not None and key == of.get(_q("val")):
                    out[number.get(_q("numId")), depth] = form
        return out

    # ------------------------------------------------------------ inside a paragraph

    def _runs(self, element: Any, around: Mapping[str, str]) -> Iterator[Run]:
        for child in element.iterchildren():
            if child.tag == _q("r"):
                yield from self._run(child, around)
            elif child.tag == _q("hyperlink"):
                yield from self._runs(child, {**around, **self._link(child)})
            elif child.tag in (_q("ins"), _q("smartTag"), _q("sdt"), _q("sdtContent")):
                yield from self._runs(child, around)

    def _link(self, element: Any) -> dict[str, str]:
        relation = self._part.rels.get(element.get(f"{{{R}}}id") or "")
        if relation is not None and relation.is_external:
            return {"link": str(relation.target_ref)}
        anchor = element.get(_q("anchor"))
        return {"link": f"#{anchor}"} if anchor else {}

    def _run(self, run: Any, around: Mapping[str, str]) -> Iterator[Run]:
        marks = {**around, **self._looks(run)}
        for child in run.iterchildren():
            if child.tag == _q("t") and child.text:
                yield Run(child.text.replace("\n", " "), marks)
            elif child.tag == _q("tab"):
                yield Run("\t", marks)
            elif child.tag in (_q("br"), _q("cr")) and child.get(_q("type")) != "page":
                yield Run(LINE_BREAK, marks)
            elif child.tag == _q("noBreakHyphen"):
                yield Run("\u2011", marks)
            elif child.tag == _q("footnoteReference"):
                text = self._notes.get(child.get(_q("id")) or "")
                if text is not None:
                    yield Run(OBJECT, {**around, "footnote": text})
            elif child.tag == _q("drawing"):
                yield from self._images(child, around)

    def _looks(self, run: Any) -> dict[str, str]:
        facts = run.find(_q("rPr"))
        marks: dict[str, str] = {}
        if facts is None:
            return marks
        for tag, kind in (("b", "bold"), ("i", "italic"), ("strike", "strike"), ("u", "underline")):
            found = facts.find(_q(tag))
            if found is not None and found.get(_q("val")) not in ("0", "false", "none", "off"):
                marks[kind] = ""
        style = facts.find(_q("rStyle"))
        known = self._styles.get(style.get(_q("val"))) if style is not None else None
        name = str(known.name).lower() if known is not None else ""
        fonts = facts.find(_q("rFonts"))
        font = fonts.get(_q("ascii")) or "" if fonts is not None else ""
        if name in ("strong", "emphasis"):
            marks["bold" if name == "strong" else "italic"] = ""
        if _MONO.search(name) or _MONO.search(font):
            marks["code"] = ""
        if name == "hyperlink":
            marks.pop("underline", None)
        return marks

    def _images(self, drawing: Any, around: Mapping[str, str]) -> Iterator[Run]:
        for blip in drawing.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip"):
            key = blip.get(f"{{{R}}}embed")
            part = self._part.related_parts.get(key) if key else None
            if part is None:
                self.messages.append("A linked picture is not in the file and was left out.")
                continue
            if len(part.blob) > MAX_PICTURE:
                self.messages.append(f"A picture of more than {MAX_PICTURE >> 20} MB was left out; make it smaller.")
                continue
            name = str(part.partname).replace(" ", "%20")
            self.pictures[name] = Picture(part.blob, part.content_type)
            said = next((e.get("descr") or e.get("title") or "" for e in drawing.iter() if str(e.tag).endswith(
                "}docPr")), "")
            yield Run(OBJECT, {**around, "image": picture_value(name, said)})

    def _footnotes(self) -> dict[str, str]:
        from lxml import etree

        for relation in self._part.rels.values():
            if relation.reltype == FOOTNOTES and not relation.is_external:
                root = etree.fromstring(relation.target_part.blob, _parser())
                return {note.get(_q("id")) or "": _text(note) for note in root.iter(_q("footnote"))
                        if note.get(_q("type")) is None}
        return {}


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def _text(element: Any) -> str:
    paragraphs: Iterable[str] = ("".join(t.text or "" for t in p.iter(_q("t"))) for p in element.iter(_q("p")))
    return " ".join(part.strip() for part in paragraphs if part.strip())

