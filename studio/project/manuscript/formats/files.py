"""Reading and writing manuscripts by the ending of the name, and by how the file begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.project.export import write_atomically
from studio.project.formats.limits import FormatError, check_file
from studio.project.manuscript.book import Book
from studio.project.manuscript.formats.options import WriteOptions

READS = (".md", ".markdown", ".txt", ".text", ".docx", ".odt", ".epub", ".html", ".htm", ".xhtml", ".json",
         ".lorebook", ".png")
"""Endings that can be opened; .json and .lorebook are lorebooks or characters, .png characters."""
NOTES = (".json", ".lorebook", ".png")
WRITES = (".md", ".txt", ".docx", ".epub", ".odt", ".html", ".pdf")
_OTHERS = {".doc": "save it as .docx in the program it was made with",
           ".pdf": "a PDF has no paragraphs to take; use its source", ".rtf": "save it as .docx or .odt",
           ".pages": "export it as .docx", ".mobi": "convert it to .epub first", ".azw3": "convert it to .epub first"}


def read(path: str | Path) -> Book:
    """The manuscript, lorebook or character in a file. A lorebook is a book without parts. Raises FormatError, one
    sentence for the person."""
    place = Path(path).expanduser()
    check_file(place)
    ending = place.suffix.lower()
    if ending in _OTHERS:
        raise FormatError(f"{place.name} cannot be read: {_OTHERS[ending]}.")
    if ending not in READS:
        raise FormatError(f"{place.name} is of a kind that cannot be read; use one of {', '.join(READS)}.")
    return read_bytes(_loaded(place), place.name, place.parent)


def _loaded(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError as error:
        raise FormatError(f"{place.name} cannot be read; check its permissions.") from error


def read_bytes(data: bytes, name: str, folder: Path | None = None) -> Book:
    """The same of what was read already; `name` says the kind. folder: where it lies, for the pictures that an HTML
    file names. Raises FormatError."""
    from dataclasses import replace

    ending = Path(name).suffix.lower()
    if ending == ".docx":
        from studio.project.manuscript.formats import docx

        return docx.read(data, name)
    if ending == ".odt":
        from studio.project.manuscript.formats import odtreading

        return odtreading.read(data, name)
    if ending == ".epub":
        from studio.project.manuscript.formats import epubreading

        return epubreading.read(data, name)
    if ending in (".html", ".htm", ".xhtml") and data[:4] != b"PK\x03\x04":
        from studio.project.manuscript.formats import htmlreading

        return htmlreading.read(data, name, folder)
    if ending == ".png":
        from studio.project.manuscript.formats import card

        return card.read_png(data, name)
    if ending in NOTES:
        return _notes(data, name)
    from studio.project.manuscript.formats import plain

    if data[:4] == b"PK\x03\x04" or data[:4] == b"%PDF" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise FormatError(f"{name} is not a text, whatever its name says; give it its right ending.")
    text, messages = plain.decode(data, name)
    if ending in (".md", ".markdown"):
        from studio.project.manuscript.formats import markdown

        book = markdown.read(text)
    else:
        book = plain.read(text)
    return replace(book, messages=(*messages, *book.messages))


def _notes(data: bytes, name: str) -> Book:
    from studio.project.manuscript.formats import card, lorebook

    value: Any = lorebook.parse_json(data, name)
    if card.is_card(value):
        notes = card.read(value)
        return Book(notes[0].title, notes=tuple(notes))
    return Book(Path(name).stem, notes=tuple(lorebook.read(value, name)))


def write(book: Book, path: str | Path, options: WriteOptions | None = None) -> None:
    """Write a book as the ending of the name says. Raises FormatError, ProjectError."""
    place = Path(path).expanduser()
    write_atomically(place, to_bytes(book, place.suffix, options))


def to_bytes(book: Book, ending: str, options: WriteOptions | None = None) -> bytes:
    """The bytes of a file with this ending. Raises FormatError."""
    how = options or WriteOptions()
    match ending.lower():
        case ".md":
            from studio.project.manuscript.formats import markdown

            return markdown.write(book, title_page=how.title_page, synopses=how.synopses).encode("utf-8", "replace")
        case ".txt":
            from studio.project.manuscript.formats import plain

            return plain.write(book, title_page=how.title_page).encode("utf-8", "replace")
        case ".html":
            from studio.project.manuscript.formats import xhtml

            return xhtml.write(book, how).encode("utf-8", "replace")
        case ".docx":
            from studio.project.manuscript.formats import docxwriting

            return docxwriting.write(book, how)
        case ".epub":
            from studio.project.manuscript.formats import epub

            return epub.write(book, how)
        case ".odt":
            from studio.project.manuscript.formats import odt

            return odt.write(book, how)
        case ".pdf":
            from studio.project.manuscript.formats import pdf

            return pdf.write(book, how)
    raise FormatError(f"A manuscript cannot be written as “{ending}”; use one of {', '.join(WRITES)}.")
