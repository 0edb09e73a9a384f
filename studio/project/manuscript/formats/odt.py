"""OpenDocument text (ISO/IEC 26300), written by odfpy (`odtreading` reads it)."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from studio.project.manuscript.book import LINE_BREAK, SCENE_BREAK, Book, begins_with_heading, written
from studio.project.manuscript.formats.options import Tree, WriteOptions, clean_xml, grouped, list_trees
from studio.project.manuscript.formats.xhtml import safe_address
from studio.project.manuscript.prose import Line, Run
from studio.project.manuscript.rows import OBJECT, picture_of

_LOOKS: dict[str, dict[str, str]] = {
    "bold": {"fontweight": "bold"}, "italic": {"fontstyle": "italic"},
    "underline": {"textunderlinestyle": "solid", "textunderlinewidth": "auto"},
    "strike": {"textlinethroughstyle": "solid"}, "code": {"fontfamily": "monospace"},
}
WIDTH_CM = 14.0
MAX_LEVELS = 9


def write(book: Book, options: WriteOptions) -> bytes:
    """The bytes of an .odt."""
    return _Writer(book, options).write()


class _Writer:
    def __init__(self, book: Book, options: WriteOptions) -> None:
        from odf.opendocument import OpenDocumentText

        self._book, self._options = book, options
        self._document = OpenDocumentText()
        self._looks: dict[tuple[str, ...], Any] = {}
        self._notes = 0
        self._styles()

    def write(self) -> bytes:
        from odf import dc, meta, text

        book, document = self._book, self._document
        document.meta.addElement(dc.Title(text=clean_xml(book.title)))
        if book.author:
            document.meta.addElement(dc.Creator(text=clean_xml(book.author)))
        if book.language:
            document.meta.addElement(dc.Language(text=clean_xml(book.language)))
        if self._options.source_type:
            document.meta.addElement(meta.UserDefined(name="DigitalSourceType", valuetype="string",
                                                      text=self._options.source_type))
        if self._options.title_page and book.title:
            document.text.addElement(text.P(stylename="Title", text=clean_xml(book.title)))
            if book.author:
                document.text.addElement(text.P(stylename="Subtitle", text=clean_xml(book.author)))
        for piece in written(book, synopses=self._options.synopses):
            if piece.heading:
                document.text.addElement(text.H(outlinelevel=piece.heading, stylename=f"Heading_20_{piece.heading}",
                                                text=clean_xml(piece.title)))
            if begins_with_heading(piece):
                document.text.addElement(text.P())
            self._lines(piece.lines, piece.base)
        out = io.BytesIO()
        document.write(out)
        return out.getvalue()

    def _styles(self) -> None:
        from odf import style, text

        def add(name: str, shown: str, paragraph: dict[str, str], letters: dict[str, str]) -> None:
            made = style.Style(name=name, displayname=shown, family="paragraph")
            if paragraph:
                made.addElement(style.ParagraphProperties(**paragraph))
            if letters:
                made.addElement(style.TextProperties(**letters))
            self._document.styles.addElement(made)

        add("Title", "Title", {"textalign": "center", "margintop": "5cm"}, {"fontsize": "28pt"})
        add("Subtitle", "Subtitle", {"textalign": "center", "marginbottom": "5cm"}, {"fontsize": "16pt"})
        add("Quotations", "Quotations", {"marginleft": "1cm", "marginright": "1cm"}, {"fontstyle": "italic"})
        add("Code", "Code", {}, {"fontfamily": "monospace"})
        add("SceneBreak", "Scene Break", {"textalign": "center", "margintop": "0.5cm", "marginbottom": "0.5cm"}, {})
        for level in range(1, 7):
            add(f"Heading_20_{level}", f"Heading {level}", {"margintop": "0.8cm", "marginbottom": "0.4cm"},
                {"fontsize": f"{24 - 2 * level}pt", "fontweight": "bold"})
        for name, ordered in (("Bullets", False), ("Numbers", True)):
            made = text.ListStyle(name=name)
            for level in range(1, MAX_LEVELS + 1):
                one = (text.ListLevelStyleNumber(level=level, numformat="1", numsuffix=".") if ordered
                       else text.ListLevelStyleBullet(level=level, bulletchar="•"))
                one.addElement(style.ListLevelProperties(spacebefore=f"{0.6 * (level - 1):.1f}cm",
                                                         minlabelwidth="0.6cm"))
                made.addElement(one)
            self._document.styles.addElement(made)

    def _lines(self, lines: Iterable[Line], base: int) -> None:
        from odf import text

        add = self._document.text.addElement
        for kind, group in grouped(lines):
            if kind == "list":
                for tree in list_trees(group):
                    add(self._list(tree))
                continue
            for line in group:
                if kind == "remark":
                    add(self._remark(line.text))
                elif kind == "break":
                    add(text.P(stylename="SceneBreak", text=SCENE_BREAK))
                elif kind in ("h1", "h2", "h3"):
                    level = min(6, base + int(kind[1]))
                    add(self._filled(text.H(outlinelevel=level, stylename=f"Heading_20_{level}"), line))
                else:
                    names = {"quote": {"stylename": "Quotations"}, "code": {"stylename": "Code"}}
                    add(self._filled(text.P(**names.get(kind, {})), line))

    def _remark(self, synopsis: str) -> Any:
        """A comment in a paragraph of its own, which the text does not show."""
        from odf import office, text

        note = office.Annotation()
        note.addElement(text.P(text=clean_xml(f"Synopsis: {synopsis}")))
        holder = text.P()
        holder.addElement(note)
        return holder

    def _list(self, tree: Tree) -> Any:
        from odf import text

        made = text.List(stylename="Numbers" if tree.ordered else "Bullets")
        for line, inside in tree.items:
            item = text.ListItem()
            item.addElement(self._filled(text.P(), line))
            for deeper in inside:
                item.addElement(self._list(deeper))
            made.addElement(item)
        return made

    def _filled(self, element: Any, line: Line) -> Any:
        for run in line.runs:
            self._run(element, run)
        return element

    def _run(self, parent: Any, run: Run) -> None:
        from odf import text

        if "footnote" in run.marks:
            self._notes += 1
            note = text.Note(noteclass="footnote", id=f"ftn{self._notes}")
            note.addElement(text.NoteCitation(text=str(self._notes)))
            body = text.NoteBody()
            body.addElement(text.P(text=clean_xml(run.marks["footnote"])))
            note.addElement(body)
            parent.addElement(note)
            return
        if "image" in run.marks:
            self._image(parent, *picture_of(run.marks["image"]))
            return
        if "link" in run.marks:
            link = text.A(href=clean_xml(safe_address(run.marks["link"])), type="simple")
            parent.addElement(link)
            parent = link
        kinds = tuple(kind for kind in _LOOKS if kind in run.marks)
        if kinds:
            span = text.Span(stylename=self._look(kinds))
            parent.addElement(span)
            parent = span
        self._letters(parent, clean_xml(run.text.replace(OBJECT, "")))

    def _letters(self, parent: Any, text_: str) -> None:
        """Text with what OpenDocument has elements for: line breaks, tabs, several spaces."""
        from odf import teletype, text

        for number, piece in enumerate(text_.split(LINE_BREAK)):
            if number:
                parent.addElement(text.LineBreak())
            if piece:
                teletype.addTextToElement(parent, piece)

    def _look(self, kinds: tuple[str, ...]) -> Any:
        from odf import style

        if kinds not in self._looks:
            made = style.Style(name=f"T{len(self._looks) + 1}", family="text")
            properties: dict[str, str] = {}
            for kind in kinds:
                properties |= _LOOKS[kind]
            made.addElement(style.TextProperties(**properties))
            self._document.automaticstyles.addElement(made)
            self._looks[kinds] = made
        return self._looks[kinds]

    def _image(self, parent: Any, name: str, alt: str) -> None:
        from odf import draw, svg

        picture = self._book.pictures.get(name)
        size = _size_cm(picture.data) if picture is not None else None
        if picture is None or size is None:
            return
        frame = draw.Frame(width=f"{size[0]:.2f}cm", height=f"{size[1]:.2f}cm", anchortype="as-char")
        ending = picture.media_type.partition("/")[2].partition("+")[0]
        href = self._document.addPicture(f"{name[:40]}.{ending}", picture.media_type, picture.data)
        frame.addElement(draw.Image(href=href, type="simple", show="embed", actuate="onLoad"))
        if alt:
            frame.addElement(svg.Desc(text=clean_xml(alt)))
        parent.addElement(frame)


def _size_cm(data: bytes) -> tuple[float, float] | None:
    """At 96 pixels an inch, at most `WIDTH_CM` wide; None where it is no picture."""
    import PIL.Image

    try:
        with PIL.Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
    except Exception:  # decoders raise all sorts on broken files
        return None
    scale = min(2.54 / 96, WIDTH_CM / max(1, width))
    return width * scale, height * scale
