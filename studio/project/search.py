"""Text for the full-text index, and what people type turned into a query that always parses."""

from __future__ import annotations

import re
import unicodedata

MAX_INDEXED = 500_000
"""Characters of one text that are searchable."""

MAX_TERMS = 32

MAX_QUERY = 2000

_WIDE = re.compile(r"[^\x00-\u02ff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Scripts written without spaces: each character is a word of the index, and a run of them is a phrase.
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x30FF), (0x3100, 0x312F),
             (0x31A0, 0x31FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


def clean(text: str) -> str:
    """Lone surrogates, which no database takes, become U+FFFD; the length stays."""
    return _SURROGATE.sub("\ufffd", text)


def _spread(match: re.Match[str]) -> str:
    char = match.group()
    point = ord(char)
    category = unicodedata.category(char)
    if category in ("So", "Cn", "Co") and point != 0xFFFD:
        return f" x{point:x}x "  # SQLite's tokenizer drops emoji; as a word of their own they can be found
    if category[0] == "L" and any(low <= point <= high for low, high in _UNSPACED):
        return f" {char} "
    return char


def indexed(text: str) -> str:
    """`text` as the index keeps it."""
    text = clean(text[:MAX_INDEXED]).replace("\0", " ")
    return text if text.isascii() else _WIDE.sub(_spread, unicodedata.normalize("NFC", text))


def match_query(text: str) -> str:
    """An FTS5 query: every word must occur, in any order; the last letters of a word may be missing.

    Operators, quotes, colons and stars are plain text. "" where there is nothing to look for, such as "?!".
    """
    words = (indexed(word).replace('"', " ") for word in text[:MAX_QUERY].split())
    phrases = [f'"{word}"*' for word in words if any(unicodedata.category(c)[0] in "LN" for c in word)]
    return " ".join(phrases[:MAX_TERMS])
