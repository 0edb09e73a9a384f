"""PDF, to be written: Qt lays the text out (QtGui alone), page by page, with page numbers; notes end each chapter."""

from __future__ import annotations

import os
import re
from html import unescape
from typing import Any

from studio.project.formats.limits import FormatError
from studio.project.manuscript.book import Book, written
from studio.project.manuscript.formats.options import WriteOptions, escape
from studio.project.manuscript.formats.xhtml import Body
from studio.project.marks import xmp

FAMILY = "Literata"
PAGE_MM = (148.0, 210.0)
"""A5, as books are."""
MARGIN_MM = 18.0
DPI = 600
MAX_IMAGE = 16_384
_CSS = """
h1 { font-size: 20pt; font-weight: 600; margin-top: {100}; margin-bottom: {24}; }
h2 { font-size: 15pt; font-weight: 600; margin-top: {40}; margin-bottom: {16}; }
h3, h4, h5, h6 { font-size: 12pt; font-weight: 600; margin-top: {16}; margin-bottom: {8}; }
p { text-indent: {14h}; margin: 0; line-height: 135%; }
li { line-height: 135%; }
.flush { text-indent: 0px; }
.break { text-align: center; text-indent: 0px; margin-top: {14}; margin-bottom: {14}; }
.title { text-align: center; text-indent: 0px; margin-top: {150}; font-size: 26pt; font-weight: 600; }
.author { text-align: center; text-indent: 0px; margin-top: {20}; font-size: 14pt; }
blockquote { margin-top: {8}; margin-bottom: {8}; margin-left: {18h}; margin-right: {18h}; }
ul, ol { margin-top: {8}; margin-bottom: {8}; }
pre { font-family: 'JetBrains Mono', monospace; font-size: 8.5pt; margin-top: {8}; margin-bottom: {8}; }
.note { font-size: 8.5pt; text-indent: 0px; }
a { color: #000000; }
"""
"""Lengths in points stand in braces: Qt takes margins above and below as pixels of a screen (96 an inch), and indents
and margins at the sides ("h") as pixels of the device, whatever unit they have."""
_POINTS = re.compile(r"\{(\d+)(h?)\}")
_NOTES_SPACE = ' style="margin-top: 32px"'
_FLUSH = re.compile(r'<(?:h\d|blockquote|ul|ol|pre|p class="break")')
_application: Any = None
"""Qt needs one for fonts; in the window it is there."""


def write(book: Book, options: WriteOptions) -> bytes:
    """The bytes of a PDF. Raises FormatError where nothing could be laid out."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF
    from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter

    _ready(options)
    data = QByteArray()
    device = QBuffer(data)
    device.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(device)
    writer.setResolution(DPI)
    writer.setPageSize(QPageSize(QSizeF(*PAGE_MM), QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM), QPageLayout.Unit.Millimeter)
    writer.setTitle(book.title)
    if book.author:
        writer.setAuthor(book.author)
    if options.source_type:
        writer.setCreator("Pieria")
        writer.setDocumentXmpMetadata(QByteArray(_metadata(book, options).encode()))
    _paint(_document(book, options, writer), writer, options.title_page and bool(book.title))
    device.close()
    if not data.size():
        raise FormatError("This manuscript could not be laid out as a PDF; write it as .docx and print that.")
    return bytes(data.data())


def _metadata(book: Book, options: WriteOptions) -> str:
    packet = xmp(source=options.source_type)
    told = (f'\n   <dc:title xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Alt><rdf:li xml:lang="x-default">'
            f"{escape(book.title)}</rdf:li></rdf:Alt></dc:title>\n  </rdf:Description>")
    return packet.replace('CreatorTool="Pieria"/>', f'CreatorTool="Pieria">{told}', 1)


def _ready(options: WriteOptions) -> None:
    global _application
    from PySide6.QtGui import QFontDatabase, QGuiApplication

    if QGuiApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        _application = QGuiApplication(["studio"])
    if FAMILY not in QFontDatabase.families():
        for file in options.fonts:
            QFontDatabase.addApplicationFont(file)


def _document(book: Book, options: WriteOptions, writer: Any) -> Any:
    from PySide6.QtCore import QSizeF
    from PySide6.QtGui import QFont, QFontDatabase, QTextDocument

    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    font = QFont(FAMILY if FAMILY in QFontDatabase.families() else "serif")
    font.setStyleHint(QFont.StyleHint.Serif)
    for feature in ("liga", "dlig", "clig"):  # a joined glyph has no letters: its text could not be copied
        font.setFeature(QFont.Tag(feature), 0)
    font.setPointSizeF(10.5)
    document.setDefaultFont(font)
    document.setDocumentMargin(0)
    document.setDefaultStyleSheet(_POINTS.sub(_pixels, _CSS))
    box = writer.pageLayout().paintRectPixels(DPI)
    document.setPageSize(QSizeF(box.width(), box.height() - DPI * 0.3))  # room for the page number
    width = (PAGE_MM[0] - 2 * MARGIN_MM) / 25.4 * 96
    document.setHtml(_html(book, options, _Images(document, book, int(width))))
    frame = document.rootFrame().frameFormat()
    frame.setTopMargin(8)  # Qt draws a picture a little above its line, which would show on the page before
    document.rootFrame().setFrameFormat(frame)
    return document


def _pixels(match: re.Match[str]) -> str:
    return f"{int(match.group(1)) * (DPI if match.group(2) else 96) // 72}px"


class _Images:
    """Puts pictures into the document, no wider than the page."""

    def __init__(self, document: Any, book: Book, width: int) -> None:
        self._document, self._book, self._width = document, book, width
        self._known: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = self._load(name)
        return self._known[name]

    def _load(self, name: str) -> str:
        from PySide6.QtCore import QBuffer, QByteArray, QSize, QUrl
        from PySide6.QtGui import QImageReader, QTextDocument

        picture = self._book.pictures.get(name)
        if picture is None:
            return ""
        bytes_ = QByteArray(picture.data)
        buffer = QBuffer(bytes_)
        reader = QImageReader(buffer)
        size = reader.size()
        if not size.isValid() or max(size.width(), size.height()) > MAX_IMAGE:
            return ""
        if size.width() > 4 * self._width:
            reader.setScaledSize(QSize(4 * self._width, max(1, size.height() * 4 * self._width // size.width())))
        image = reader.read()
        if image.isNull():
            return ""
        address = f"picture:{len(self._known)}:{min(self._width, size.width())}"
        self._document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(address), image)
        return address


def _html(book: Book, options: WriteOptions, images: _Images) -> str:
    out = []
    if options.title_page and book.title:
        # A margin above the first line of all would be lost.
        out.append(f'<p class="flush">&#160;</p><p class="title">{escape(book.title)}</p>'
                   f'<p class="author">{escape(book.author)}</p>')
    first = not out
    for piece in written(book):
        body = Body(images)
        blocks = [_sized(block) for block in body.blocks(piece.lines, piece.base)]
        new_page = "" if first else ' style="page-break-before: always"'
        if piece.heading:
            out.append(f"<h{piece.heading}{new_page}>{escape(piece.title) or '&#160;'}</h{piece.heading}>")
        elif blocks:
            out.append(f'<p class="flush"{new_page}></p>' if new_page else "")
        out += _flushed(blocks)
        out += [f'<p class="note"{_NOTES_SPACE if n == 1 else ""}>{n} {escape(text)}</p>'
                for n, text in enumerate(body.notes, 1)]
        first = False
    return "<html><body>" + "".join(out) + "</body></html>"


def _flushed(blocks: list[str]) -> list[str]:
    """Paragraphs that follow something else than a paragraph begin without an indent."""
    return [block.replace("<p", '<p class="flush"', 1)
            if block.startswith(("<p>", "<p style")) and (not n or _FLUSH.match(blocks[n - 1])) else block
            for n, block in enumerate(blocks)]


def _sized(block: str) -> str:
    """Images get the width that their address tells; Qt knows no max-width."""
    parts = block.split('<img src="picture:')
    for number in range(1, len(parts)):
        address, _, rest = parts[number].partition('"')
        parts[number] = f'<img width="{address.rpartition(":")[2]}" src="picture:{unescape(address)}"{rest}'
    out = "".join(parts)
    return out.replace("<p>", '<p style="line-height: 100%">') if len(parts) > 1 else out  # else it crosses pages


def _paint(document: Any, writer: Any, has_title: bool) -> None:
    from PySide6.QtCore import QRectF, Qt
    from PySide6.QtGui import QAbstractTextDocumentLayout, QColor, QPainter, QPalette

    size = document.pageSize()
    painter = QPainter(writer)
    context = QAbstractTextDocumentLayout.PaintContext()
    context.palette.setColor(QPalette.ColorRole.Text, QColor("black"))
    font = document.defaultFont()
    font.setPointSizeF(8.5)
    for page in range(document.pageCount()):
        if page:
            writer.newPage()
        view = QRectF(0, page * size.height(), size.width(), size.height())
        painter.save()
        painter.translate(0, -view.top())
        painter.setClipRect(view)
        context.clip = view
        document.documentLayout().draw(painter, context)
        painter.restore()
        if page or not has_title:
            painter.setFont(font)
            painter.drawText(QRectF(0, size.height(), size.width(), DPI * 0.3),
                             Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, str(page + 1))
    painter.end()

