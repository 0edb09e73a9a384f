"""Word documents, to be written: Word's own styles, footnotes, pictures, lists that begin at one, and on request marks
of what a machine wrote, as character styles."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from studio.project.manuscript.book import LINE_BREAK, SCENE_BREAK, Book, begins_with_heading, is_remark, written
from studio.project.manuscript.formats.docx import FOOTNOTES, FOOTNOTES_TYPE, W
from studio.project.manuscript.formats.options import WriteOptions, clean_xml, escape, origin_of
from studio.project.manuscript.formats.xhtml import safe_address
from studio.project.manuscript.prose import Line, Run
from studio.project.manuscript.rows import OBJECT, picture_of

_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
AUTHOR_STYLES = {"machine": ("Machine-written", "F4E3C3"), "edited": ("Machine-written, edited", "DFE8F3")}
"""Name and shade of the character styles that mark who wrote what."""
WIDTH_CM = 14.0
"""Of a picture, at most."""


def write(book: Book, options: WriteOptions) -> bytes:
    """The bytes of a .docx."""
    return _Writer(book, options).write()


class _Writer:
    def __init__(self, book: Book, options: WriteOptions) -> None:
        import docx

        self._book, self._options = book, options
        self._document = docx.Document()
        self._notes: list[str] = []
        self._list: Any = None
        self._prepare()

    def write(self) -> bytes:
        from docx.enum.text import WD_BREAK

        book, document = self._book, self._document
        if self._options.title_page and book.title:
            document.add_paragraph(clean_xml(book.title), "Title")
            if book.author:
                document.add_paragraph(clean_xml(book.author), "Subtitle")
            document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)
        for piece in written(book, synopses=self._options.synopses):
            if piece.heading:
                document.add_paragraph(clean_xml(piece.title), f"Heading {piece.heading}")
            if begins_with_heading(piece):
                document.add_paragraph()
            self._lines(piece.lines, piece.base)
        if self._notes:
            self._add_footnotes()
        if self._options.source_type:
            self._add_source()
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    def _prepare(self) -> None:
        from docx.enum.style import WD_STYLE_TYPE
        from docx.oxml import parse_xml

        facts, styles = self._document.core_properties, self._document.styles
        facts.title, facts.author = clean_xml(self._book.title)[:255], clean_xml(self._book.author)[:255]
        facts.comments, facts.language = "", self._book.language
        code = styles.add_style("Code", WD_STYLE_TYPE.PARAGRAPH)
        code.font.name = "Courier New"
        styles.add_style("Code Char", WD_STYLE_TYPE.CHARACTER).font.name = "Courier New"
        scene = styles.add_style("Scene Break", WD_STYLE_TYPE.PARAGRAPH)
        scene.paragraph_format.alignment = 1
        styles.add_style("Footnote Reference", WD_STYLE_TYPE.CHARACTER).font.superscript = True
        if self._options.authorship:
            for name, shade in AUTHOR_STYLES.values():
                style = styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
                style.element.get_or_add_rPr().append(
                    parse_xml(f'<w:shd xmlns:w="{W}" w:val="clear" w:color="auto" w:fill="{shade}"/>'))

    # ------------------------------------------------------------ paragraphs

    def _lines(self, lines: Iterable[Line], base: int) -> None:
        before = ""
        for line in lines:
            if is_remark(line):
                holder = self._document.add_paragraph().add_run("")
                self._document.add_comment(holder, clean_xml(f"Synopsis: {line.text}"), author="", initials="")
                continue
            style, level = line.block.style, line.block.level
            name = {"break": "Scene Break", "quote": "Quote", "code": "Code", "body": ""}.get(style, "")
            if style in ("h1", "h2", "h3"):
                name = f"Heading {min(9, base + int(style[1]))}"
            elif style in ("bullet", "number"):
                depth = min(level, 2)
                name = f"List {'Bullet' if style == 'bullet' else 'Number'}{f' {depth + 1}' if depth else ''}"
            paragraph = self._document.add_paragraph(style=name or None)
            if style == "number":
                if before not in ("number", "bullet"):
                    self._list = {}
                self._restart(paragraph, name)
            if style == "break":
                paragraph.add_run(SCENE_BREAK)
            else:
                for run in line.runs:
                    self._run(paragraph, run)
            before = style

    def _restart(self, paragraph: Any, style: str) -> None:
        """Each list counts from one."""
        from docx.oxml import parse_xml

        known = self._list if self._list is not None else {}
        if style not in known:
            numbering = self._document.part.numbering_part.element
            of = self._document.styles[style].element.pPr.numPr.numId.val
            abstract = next(n for n in numbering.num_lst if n.numId == of).abstractNumId.val
            number = numbering.add_num(abstract)
            number.append(parse_xml(f'<w:lvlOverride xmlns:w="{W}" w:ilvl="0"><w:startOverride w:val="1"/>'
                                    "</w:lvlOverride>"))
            known[style] = number.numId
        paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = known[style]
        paragraph._p.pPr.numPr.get_or_add_ilvl().val = 0

    def _run(self, paragraph: Any, run: Run) -> None:
        if "footnote" in run.marks:
            self._reference(paragraph, run.marks["footnote"])
            return
        if "image" in run.marks:
            self._image(paragraph, *picture_of(run.marks["image"]))
            return
        text = clean_xml(run.text.replace(OBJECT, "")).replace(LINE_BREAK, "\n")
        if not text:
            return
        made = paragraph.add_run(text)
        for kind, name in (("bold", "bold"), ("italic", "italic"), ("underline", "underline")):
            if kind in run.marks:
                setattr(made, name, True)
        if "strike" in run.marks:
            made.font.strike = True
        if "code" in run.marks:
            made.style = "Code Char"
        origin = origin_of(run.origin)
        if self._options.authorship and origin:
            made.style = AUTHOR_STYLES[origin][0]
            if "code" in run.marks:
                made.font.name = "Courier New"
        if "link" in run.marks:
            self._link(paragraph, made, run.marks["link"])

    def _link(self, paragraph: Any, made: Any, url: str) -> None:
        from docx.oxml import parse_xml
        from docx.oxml.ns import qn

        target = clean_xml(safe_address(url)) or "#"
        link = parse_xml(f'<w:hyperlink xmlns:w="{W}"/>')
        link.set(qn("r:id"), self._document.part.relate_to(target, _HYPERLINK, is_external=True))
        paragraph._p.remove(made._r)
        link.append(made._r)
        paragraph._p.append(link)

    def _image(self, paragraph: Any, name: str, alt: str) -> None:
        from docx.shared import Cm

        picture = self._book.pictures.get(name)
        if picture is None:
            return
        try:
            shape = paragraph.add_run().add_picture(io.BytesIO(_known(picture.data)))
        except Exception:  # python-docx raises all sorts on pictures that it does not know; the text matters more
            return
        if alt:
            shape._inline.docPr.set("descr", clean_xml(alt))
        most = Cm(WIDTH_CM)
        if shape.width > most:
            shape.height, shape.width = int(shape.height * most / shape.width), most

    def _reference(self, paragraph: Any, text: str) -> None:
        from docx.oxml import parse_xml

        self._notes.append(text)
        made = paragraph.add_run(style="Footnote Reference")
        made._r.append(parse_xml(f'<w:footnoteReference xmlns:w="{W}" w:id="{len(self._notes)}"/>'))

    # ------------------------------------------------------------ parts of their own

    def _add_part(self, name: str, kind: str, relation: str, xml: str, owner: Any) -> None:
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part

        part = Part(PackURI(name), kind, xml.encode(), self._document.part.package)
        owner.relate_to(part, relation)

    def _add_footnotes(self) -> None:
        separators = ('<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
                      '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r>'
                      "</w:p></w:footnote>")
        notes = "".join(
            f'<w:footnote w:id="{n}"><w:p><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
            f'<w:r><w:t xml:space="preserve"> {escape(text)}</w:t></w:r></w:p></w:footnote>'
            for n, text in enumerate(self._notes, 1))
        self._add_part("/word/footnotes.xml", FOOTNOTES_TYPE, FOOTNOTES,
                       f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:footnotes xmlns:w="{W}">'
                       f"{separators}{notes}</w:footnotes>", self._document.part)

    def _add_source(self) -> None:
        """Custom document properties (ISO/IEC 29500-1, 22.3)."""
        space = "http://schemas.openxmlformats.org/officeDocument/2006"
        self._add_part(
            "/docProps/custom.xml", _CUSTOM_TYPE, _CUSTOM,
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="{space}/custom-properties" '
            f'xmlns:vt="{space}/docPropsVTypes"><property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" '
            f'name="DigitalSourceType"><vt:lpwstr>{self._options.source_type}</vt:lpwstr></property></Properties>',
            self._document.part.package)


def _known(data: bytes) -> bytes:
    """The picture as a kind that Word knows."""
    if data[:4] in (b"\x89PNG", b"GIF8") or data[:2] == b"\xff\xd8":
        return data
    import PIL.Image

    with PIL.Image.open(io.BytesIO(data)) as picture:
        out = io.BytesIO()
        picture.convert("RGBA").save(out, "PNG")
    return out.getvalue()
