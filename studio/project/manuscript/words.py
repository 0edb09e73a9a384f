"""Words in any script, counted. (What counts as a word: Unicode Standard Annex 29, simplified.)"""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio.project.manuscript.patterns import later

# Scripts written without spaces, of which each letter counts as a word, as word processors have it.
UNSPACED = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff" \
           "\U00020000-\U0003ffff"
_JOINTS = "'’\u00ad\u200c\u200d·\u2010\u2011"
_L = rf"[^\W_{UNSPACED}]"
_MARKS = "[\u0300-\u036f\u0590-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e4e]"
WORD = later(rf"[{UNSPACED}]|{_L}+(?:{_MARKS}+{_L}*|[{_JOINTS}.,-]{_L}+)*")
"""A word: letters and digits with what joins them inside (don't, well-known, 3.14, e.g), or one letter of a script
without spaces."""

PIECE = 16_384
"""Characters that are counted at once."""
_ASCII_WORD = re.compile(r"[0-9A-Za-z]+(?:['.,-][0-9A-Za-z]+)*")


def count_words(text: str) -> int:
    """How many words there are in a text."""
    return sum(len((_ASCII_WORD if piece.isascii() else WORD).findall(piece)) for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    """A text in parts that end between words. A pattern holds the interpreter until it is through: with all of a long
    scene at once, the window would wait for the thread that counts."""
    start = 0
    while len(text) - start > PIECE:
        cut = max(text.rfind(space, start + 1, start + PIECE) for space in " \n")
        cut = cut if cut > 0 else text.find(" ", start + PIECE)
        if cut < 0:
            break
        yield text[start:cut]
        start = cut
    yield text[start:]


def words_of(text: str) -> Iterator[str]:
    """The words of a text in order, as they stand there."""
    return (match.group() for match in (_ASCII_WORD if text.isascii() else WORD).finditer(text))
