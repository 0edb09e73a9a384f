"""EPUB 2 and 3, read: the pages of the spine in order, with titles from the table of contents where they have none."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import Any
from urllib.parse import unquote

from studio.project.formats.limits import MAX_XML, FormatError, damaged, read_at_most
from studio.project.manuscript.book import Book, Flow, Picture, structure
from studio.project.manuscript.formats.htmlnotes import Notes
from studio.project.manuscript.formats.htmlreading import HtmlReader, css_classes, is_title_page, parsed
from studio.project.manuscript.formats.reading import MAX_PICTURE, data_picture, given, named, opening
from studio.project.manuscript.prose import Line, Run
from studio.project.manuscript.rows import BODY

_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def read(data: bytes, name: str) -> Book:
    """A book from an .epub. Raises FormatError."""
    with opening(data, name), zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _Reader(archive, name).read()


class _Reader:
    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive, self._name = archive, name
        self._names = set(archive.namelist())
        self._types: dict[str, str] = {}
        self._items: dict[str, tuple[str, str]] = {}
        """Path and properties by id."""

    def read(self) -> Book:
        self._check_locks()
        package = self._page("META-INF/container.xml")
        path = next((unquote(e.get("full-path") or "") for e in package.iter() if named(e) == "rootfile"), "")
        package, folder = self._page(path), posixpath.dirname(path)
        facts = {named(e): " ".join("".join(e.itertext()).split()) for e in reversed(list(package.iter()))
                 if named(e) in ("title", "creator", "language")}
        for item in (e for e in package.iter() if named(e) == "item"):
            place = _joined(folder, item.get("href") or "")
            self._items[item.get("id") or ""] = place, item.get("properties") or ""
            self._types[place] = item.get("media-type") or ""
        spine = [self._items[e.get("idref")][0] for e in package.iter()
                 if named(e) == "itemref" and e.get("idref") in self._items and e.get("linear") != "no"]
        pages = [(place, self._page(place)) for place in spine if place in self._names]
        if not pages:
            raise damaged(self._name)
        return self._book(pages, facts)

    def _check_locks(self) -> None:
        """Fonts may be scrambled; where texts are, the book is sold with a lock on it."""
        if "META-INF/encryption.xml" not in self._names:
            return
        for one in (e for e in self._page("META-INF/encryption.xml").iter() if named(e) == "encrypteddata"):
            method = next((e.get("Algorithm") or "" for e in one.iter() if named(e) == "encryptionmethod"), "")
            if not method.startswith(_FONTS):
                raise FormatError(f"{self._name} is locked by its seller (DRM) and cannot be read; use one without.")

    def _book(self, pages: list[tuple[str, Any]], facts: dict[str, str]) -> Book:
        notes, classes = Notes(), {}
        for sheet in (place for place, kind in self._types.items() if kind == "text/css" and place in self._names):
            classes.update(css_classes(self._bytes(sheet).decode("utf-8", "replace")))
        for place, root in pages:
            notes.take(place, root)
        reader = HtmlReader(self._picture, notes, classes)
        contents = self._contents()
        title = facts.get("title", "")
        for place, root in pages:
            start = len(reader.flow)
            if self._is_front(place, root, title, facts.get("creator", "")):
                continue
            reader.path = place
            reader.read(root)
            fresh = reader.flow[start:]
            if place in contents and any(f.line.text.strip() for f in fresh) and not any(f.level for f in fresh):
                name, level = contents[place]
                reader.flow.insert(start, Flow(Line(BODY, (Run(name, {}),)), level))
        _, parts = structure(reader.flow, title or self._name)
        return Book(title, facts.get("creator", ""), facts.get("language", ""), parts, reader.pictures,
                    messages=tuple(dict.fromkeys(reader.messages)))

    def _is_front(self, place: str, root: Any, title: str, author: str) -> bool:
        """A cover, a title page, the table of contents."""
        if any("nav" in properties.split() for path, properties in self._items.values() if path == place):
            return True
        body = next((e for e in root.iter() if named(e) == "body"), root)
        first = next((e for e in body if named(e)), body)
        if is_title_page(body) or (is_title_page(first) and sum(bool(named(e)) for e in body) == 1):
            return True
        text = " ".join("".join(body.itertext()).split()).lower()
        rest = text.removeprefix(title.lower()).replace(author.lower() or "\0", "")
        return bool(title) and text.startswith(title.lower()) and re.sub(r"\W|\bby\b", "", rest) == "" \
            and not any(named(e) in ("img", "image") for e in body.iter())

    # ------------------------------------------------------------ parts of the archive

    def _bytes(self, place: str) -> bytes:
        with self._archive.open(place) as file:
            return read_at_most(file, MAX_XML, self._name)  # type: ignore[arg-type]

    def _page(self, place: str) -> Any:
        data = self._bytes(place)
        utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        root = parsed(data.decode("utf-16" if utf16 else "utf-8-sig", "replace"))
        if root is None:
            raise damaged(self._name)
        return root

    def _picture_at(self, place: str) -> Picture | None:
        if place not in self._names:
            return None
        kind = self._types.get(place, "")
        if not kind.startswith("image/") or self._archive.getinfo(place).file_size > MAX_PICTURE:
            return None
        return Picture(self._archive.read(place), kind)

    def _picture(self, source: str, path: str) -> Picture | None:
        if source.startswith("data:"):
            return data_picture(source)
        return self._picture_at(_joined(posixpath.dirname(path), source))

    def _contents(self) -> dict[str, tuple[str, int]]:
        """Title and level of pages, from the navigation of EPUB 3 or the NCX of EPUB 2: level 1 holds others."""
        nav = next((path for path, properties in self._items.values() if "nav" in properties.split()), "")
        ncx = next((place for place, kind in self._types.items() if kind == "application/x-dtbncx+xml"), "")
        found: list[tuple[str, str, int]] = []
        if nav in self._names:
            root = self._page(nav)
            toc = next((e for e in root.iter() if named(e) == "nav" and given(e, "type") in ("toc", "")), root)
            for link in (e for e in toc.iter() if named(e) == "a" and e.get("href")):
                depth = sum(named(above) == "ol" for above in link.iterancestors())
                found.append((_joined(posixpath.dirname(nav), link.get("href")), "".join(link.itertext()), depth))
        elif ncx in self._names:
            for point in (e for e in self._page(ncx).iter() if named(e) == "navpoint"):
                source = next((e.get("src") or "" for e in point if named(e) == "content"), "")
                words = next(("".join(e.itertext()) for e in point if named(e) == "navlabel"), "")
                depth = 1 + sum(named(above) == "navpoint" for above in point.iterancestors())
                found.append((_joined(posixpath.dirname(ncx), source), words, depth))
        out: dict[str, tuple[str, int]] = {}
        for place, words, depth in found:
            if words.strip():
                out.setdefault(place, (" ".join(words.split()), min(max(1, depth), 6)))
        return out


def _joined(folder: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(re.split("[#?]", address)[0])))
