"""Footnotes in HTML and in books: which links call one, and what it says."""

from __future__ import annotations

import posixpath
import re
from typing import Any
from urllib.parse import unquote

from studio.project.manuscript.formats.reading import named

MOST = 20_000
"""Characters of a note; what is longer is a text of its own."""
_CALL = re.compile(r"[\[(]?(?:\d{1,4}|[a-z]|[ivxlc]{1,6}|[*†‡§¶]{1,3})[\])]?\.?", re.IGNORECASE)
_LEAD = re.compile(r"^\s*[\[(]?(?:\d{1,4}|[*†‡§¶]{1,3})[\]).]*\s+")
_HOLDERS = ("li", "p", "aside", "div", "dd", "section", "td")


def _kinds(element: Any) -> set[str]:
    """epub:type, role and class."""
    return {word.removeprefix("doc-") for key, value in element.attrib.items()
            if key.rpartition("}")[2].rpartition(":")[2] in ("type", "role", "class") for word in value.lower().split()}


class Notes:
    """The notes of several pages. A link calls one if it says so, or if it is a number or a sign that leads to a
    paragraph of its own further on."""

    def __init__(self) -> None:
        self._texts: dict[Any, str] = {}
        """By the call."""
        self._held: set[Any] = set()
        self._wraps: set[Any] = set()
        self._pages: list[tuple[str, Any]] = []
        self._ready = False

    def take(self, path: str, root: Any) -> None:
        """One more page; `path` is what links call it, as seen from the top."""
        self._pages.append((path, root))
        self._ready = False

    def holds(self, element: Any) -> bool:
        """Whether an element is a note, or nothing but notes: it is no part of the text."""
        self._find()
        return element in self._held or element in self._wraps

    def called(self, link: Any) -> str | None:
        """What the note says that a link calls; None where it calls none."""
        self._find()
        return self._texts.get(link)

    def _find(self) -> None:
        if self._ready:
            return
        self._ready = True
        places = {(path, element.get("id")): element for path, root in self._pages for element in root.iter()
                  if isinstance(element.tag, str) and element.get("id")}
        callers: set[Any] = set()
        for path, root in self._pages:
            for link in root.iter():
                if named(link) == "a" and not self._in_note(link):
                    self._look(path, link, places, callers)
        for holder in list(self._held):
            self._wrap(holder.getparent())

    def _look(self, path: str, link: Any, places: dict[Any, Any], callers: set[Any]) -> None:
        href = link.get("href") or ""
        file, mark, key = href.partition("#")
        if not mark or re.match(r"[a-z][a-z0-9+.-]*:", href, re.IGNORECASE):
            return
        where = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(file))) if file else path
        target = places.get((where, unquote(key)))
        says = bool({"noteref", "footnote-ref", "footnoteref"} & _kinds(link))
        if target is None or not (says or _CALL.fullmatch("".join(link.itertext()).strip())):
            return
        holder = target
        while holder is not None and named(holder) not in _HOLDERS:
            holder = holder.getparent()
        if holder is None or holder in callers:
            return
        text = _LEAD.sub("", _text(holder))
        if not text or len(text) > MOST or any(named(e)[:1] == "h" and named(e)[1:].isdigit() for e in holder.iter()):
            return
        above = link
        while above is not None:  # a note cannot hold its own call
            callers.add(above)
            above = above.getparent()
        if holder not in callers:
            self._texts[link] = text
            self._held.add(holder)

    def _in_note(self, element: Any) -> bool:
        while element is not None:
            if element in self._held:
                return True
            element = element.getparent()
        return False

    def _wrap(self, element: Any) -> None:
        """A list or section of nothing but notes goes with them."""
        while element is not None and named(element) in ("ol", "ul", "section", "div", "aside", "dl"):
            inside = [e for e in element if isinstance(e.tag, str) and named(e) not in ("hr", "h1", "h2", "h3", "h4")]
            if not all(e in self._held or e in self._wraps for e in inside) or (element.text or "").strip():
                return
            self._wraps.add(element)
            element = element.getparent()


def _text(holder: Any) -> str:
    """What a note says, without the link that leads back."""
    parts = [holder.text or ""]
    for child in holder:
        back = named(child) == "a" and (child.get("href") or "").find("#") >= 0 and (
            _CALL.fullmatch("".join(child.itertext()).strip()) or "backlink" in _kinds(child)
            or "".join(child.itertext()).strip() in ("↩", "↩︎", "^", "↑", "⏎"))
        if not back and isinstance(child.tag, str):
            parts.append(_text(child))
        parts.append(child.tail or "")
    return " ".join("".join(parts).split())
