"""Text as the manuscript keeps it: clean, in UTF-16 units inside Qt and in characters outside."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from studio.project.manuscript.words import count_words

MAX_PASTE = 1_000_000
"""Longest text, in characters, that one paste or drop brings in."""
WORDS_A_MINUTE = 240

# Qt splits text at its own frame marks and draws object replacements as pictures; control characters draw nothing.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffc\ufdd0\ufdd1\ufeff]")
_BUT_OBJECTS = re.compile(_UNWANTED.pattern.replace("\ufffc", ""))
_BREAKS = re.compile("\r\n?|[\u2028\u2029\x85]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(text: str, *, objects: bool = False) -> str:
    """Line ends become a line feed; NULs and other control characters go; lone surrogates become U+FFFD. objects:
    leave the characters that stand for footnotes and pictures."""
    try:
        text.encode("utf-16-le")
    except UnicodeEncodeError:
        # Halves that belong together were split on the way (a paste from UTF-16); the rest is lost anyway.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        text = _SURROGATES.sub("\ufffd", text)
    return (_BUT_OBJECTS if objects else _UNWANTED).sub("", _BREAKS.sub("\n", text))


def units(text: str) -> int:
    """Length in UTF-16 code units, as Qt counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def words(text: str) -> int:
    """How many there are, in any script. Paragraphs that were counted before cost next to nothing."""
    return sum(map(_in_paragraph, text.split("\n")))


@lru_cache(maxsize=10_000)
def _in_paragraph(text: str) -> int:
    return count_words(text)


def minutes(count: int) -> int:
    """Minutes to read `count` words, at least 1 if there are any."""
    return math.ceil(count / WORDS_A_MINUTE)


class Shadow:
    """The document's text again, so that what an edit removed is still known. Positions are UTF-16 units."""

    def __init__(self, text: str = "") -> None:
        self._data = bytearray(text.encode("utf-16-le", "surrogatepass"))

    def __len__(self) -> int:
        return len(self._data) // 2

    def read(self, start: int, end: int) -> str:
        return self._data[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")

    def splice(self, start: int, removed: int, added: str) -> None:
        self._data[2 * start : 2 * (start + removed)] = added.encode("utf-16-le", "surrogatepass")

    def text(self) -> str:
        return self._data.decode("utf-16-le", "replace")

    def has(self, char: str) -> bool:
        """Whether a character of the basic plane occurs; quick."""
        wanted, at = char.encode("utf-16-le"), -1
        while (at := self._data.find(wanted, at + 1)) >= 0:
            if at % 2 == 0:
                return True
        return False

    def to_chars(self, position: int) -> int:
        """Characters before a position in units."""
        return len(self._data[: 2 * position].decode("utf-16-le", "replace"))

    def to_units(self, characters: int) -> int:
        """Units before a position in characters; past the end it is the end."""
        if characters <= 0:
            return 0
        text = self.text()
        return min(len(self), units(text[:characters]))
