"""EPUB 3 (W3C Recommendation, 2023), written (`epubreading` reads it): one file for each chapter, a table of contents,
a title page with cover, footnotes that pop up. See docs/adr/0009-epub-is-written-by-hand.md.

The same book gives the same bytes: nothing in it depends on the time.
"""

from __future__ import annotations

import hashlib
import io
import uuid
import zipfile

from studio.project.manuscript.book import Book, Written, begins_with_heading, written
from studio.project.manuscript.formats.options import WriteOptions, escape
from studio.project.manuscript.formats.xhtml import AUTHOR_CSS, CSS, TEXT_BEGINS, Body

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/svg+xml": "svg"}
_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
MODIFIED = "2000-01-01T00:00:00Z"
"""EPUB demands a time of the last change; a manuscript does not know one, and the same book shall be the same file."""


def write(book: Book, options: WriteOptions) -> bytes:
    """The bytes of an EPUB. Pictures of kinds that EPUB does not know are left out."""
    return _Writer(book, options).write()


class _Writer:
    def __init__(self, book: Book, options: WriteOptions) -> None:
        self._book, self._options = book, options
        self._language = book.language or "en"
        self._title = book.title or "Manuscript"
        self._images = {name: f"images/{name[:40]}.{_ENDINGS[picture.media_type]}"
                        for name, picture in book.pictures.items() if picture.media_type in _ENDINGS}
        self._files: list[tuple[str, str, str, str]] = []
        """name, media type, id, text."""
        self._contents: list[tuple[str, str, int]] = []
        """file, title, level."""

    def write(self) -> bytes:
        if self._options.title_page:
            author = f"<p>{escape(self._book.author)}</p>" if self._book.author else ""
            self._page("title.xhtml", "titlepage", self._title,
                       f'<section class="titlepage" epub:type="titlepage"><h1>{escape(self._title)}</h1>{author}'
                       "</section>")
        pieces = written(self._book) or [Written(0, self._title, 0, ())]
        for number, piece in enumerate(pieces, 1):
            self._chapter(number, piece)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            _put(archive, "mimetype", b"application/epub+zip", packed=False)
            _put(archive, "META-INF/container.xml", _CONTAINER.encode())
            _put(archive, "EPUB/package.opf", self._package().encode())
            _put(archive, "EPUB/nav.xhtml", self._nav().encode())
            _put(archive, "EPUB/style.css", (CSS + (AUTHOR_CSS if self._options.authorship else "")).encode())
            for name, _, _, text in self._files:
                _put(archive, f"EPUB/{name}", text.encode())
            for name, file in self._images.items():
                _put(archive, f"EPUB/{file}", self._book.pictures[name].data, packed=False)
        return out.getvalue()

    def _chapter(self, number: int, piece: Written) -> None:
        body = Body(lambda name: self._images.get(name, ""), self._options.authorship, epub=True)
        blocks = body.blocks(piece.lines, piece.base)
        title = piece.title or (self._title if not piece.heading else f"{number}")
        head = f"<h{piece.heading}>{escape(piece.title)}</h{piece.heading}>" if piece.heading and piece.title else ""
        head += TEXT_BEGINS if begins_with_heading(piece) else ""
        kind = "part" if piece.heading == 1 and self._is_part(piece) else "chapter"
        file = f"chapter{number:04}.xhtml"
        self._page(file, f"chapter{number}", title,
                   f'<section epub:type="{kind}">{head}{"".join(blocks) or "<p><br/></p>"}{body.notes_block()}'
                   "</section>")
        self._contents.append((file, title, max(1, piece.heading)))

    def _is_part(self, piece: Written) -> bool:
        return any(part.kind == "part" and part.title == piece.title for part in self._book.parts)

    def _page(self, name: str, key: str, title: str, body: str) -> None:
        text = (f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
                f'xmlns:epub="http://www.idpf.org/2007/ops" lang="{escape(self._language)}" '
                f'xml:lang="{escape(self._language)}">\n<head><title>{escape(title)}</title>'
                f'<link rel="stylesheet" type="text/css" href="style.css"/></head>\n<body>{body}</body>\n</html>\n')
        self._files.append((name, "application/xhtml+xml", key, text))

    def _package(self) -> str:
        book = self._book
        known = hashlib.sha256("\0".join([book.title, book.author, *(text for *_, text in self._files)])
                               .encode("utf-8", "replace"))
        lines = [f'<dc:identifier id="id">urn:uuid:{uuid.UUID(bytes=known.digest()[:16], version=5)}</dc:identifier>',
                 f"<dc:title>{escape(self._title)}</dc:title>",
                 f"<dc:language>{escape(self._language)}</dc:language>",
                 f'<meta property="dcterms:modified">{MODIFIED}</meta>']
        if book.author:
            lines.append(f"<dc:creator>{escape(book.author)}</dc:creator>")
        if self._options.source_type:
            lines += ["<dc:contributor>Pieria</dc:contributor>",
                      f'<meta property="iptc:DigitalSourceType">{self._options.source_type}</meta>']
        items = ['<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
                 '<item id="css" href="style.css" media-type="text/css"/>']
        items += [f'<item id="{key}" href="{name}" media-type="{kind}"/>' for name, kind, key, _ in self._files]
        items += [f'<item id="image{n}" href="{file}" media-type="{book.pictures[name].media_type}"/>'
                  for n, (name, file) in enumerate(self._images.items())]
        spine = "".join(f'<itemref idref="{key}"/>' for _, _, key, _ in self._files)
        return ('<?xml version="1.0" encoding="UTF-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
                'unique-identifier="id" prefix="iptc: http://iptc.org/std/Iptc4xmpExt/2008-02-29/">\n'
                '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n' + "\n".join(lines) + "\n</metadata>\n"
                "<manifest>\n" + "\n".join(items) + f"\n</manifest>\n<spine>{spine}</spine>\n</package>\n")

    def _nav(self) -> str:
        entries = [(file, title, level) for file, title, level in self._contents]
        return (f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
                f'xmlns:epub="http://www.idpf.org/2007/ops" lang="{escape(self._language)}">\n<head><title>'
                f'{escape(self._title)}</title></head>\n<body><nav epub:type="toc" id="toc"><h1>Contents</h1>'
                f"{_list_of(entries)}</nav></body>\n</html>\n")


def _list_of(entries: list[tuple[str, str, int]]) -> str:
    """Chapters inside the parts before them."""
    out, inside = ["<ol>"], False
    for number, (file, title, level) in enumerate(entries):
        last = number + 1 == len(entries)
        if level == 1 and inside:
            out.append("</ol></li>")
            inside = False
        out.append(f'<li><a href="{file}">{escape(title)}</a>')
        deeper = not last and entries[number + 1][2] > level
        if deeper:
            out.append("<ol>")
            inside = True
        else:
            out.append("</li>")
    out.append("</ol></li></ol>" if inside else "</ol>")
    return "".join(out)


def _put(archive: zipfile.ZipFile, name: str, data: bytes, *, packed: bool = True) -> None:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    archive.writestr(entry, data)
