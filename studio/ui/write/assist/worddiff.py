"""What changed between two passages, word by word, in hunks that can be taken one by one. No Qt."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r"\w+(?:['’\-]\w+)*|\s+|[^\w\s]", re.UNICODE)
MOST = 6000
"""Tokens of a side; longer passages are compared by line."""


@dataclass(frozen=True)
class Piece:
    """A stretch that is the same on both sides, or a hunk: `old` gives way to `new`."""

    old: str
    new: str

    @property
    def same(self) -> bool:
        return self.old == self.new


def pieces(old: str, new: str) -> list[Piece]:
    """The two passages as one list: `old` of all joined is the one, `new` of all joined the other."""
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(a) > MOST or len(b) > MOST:
        a, b = old.splitlines(keepends=True), new.splitlines(keepends=True)
    out: list[Piece] = []
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        left, right = "".join(a[a0:a1]), "".join(b[b0:b1])
        if tag == "equal" and out and left.isspace() and "\n" not in left and not out[-1].same:
            out[-1] = Piece(out[-1].old + left, out[-1].new + right)  # a lone blank between two hunks makes them one
        elif out and out[-1].same == (tag == "equal"):
            out[-1] = Piece(out[-1].old + left, out[-1].new + right)
        else:
            out.append(Piece(left, right))
    return _trimmed(out)


def _trimmed(found: list[Piece]) -> list[Piece]:
    """White space that both sides of a hunk end in belongs to what is the same."""
    out: list[Piece] = []
    for piece in found:
        tail = ""
        if not piece.same:
            common = len(piece.old) - len(piece.old.rstrip())
            if common and piece.new.endswith(piece.old[-common:]) and len(piece.new) > common < len(piece.old):
                tail = piece.old[-common:]
                piece = Piece(piece.old[:-common], piece.new[:-common])
        out.append(piece)
        if tail:
            out.append(Piece(tail, tail))
    joined: list[Piece] = []
    for piece in out:
        if joined and joined[-1].same and piece.same:
            joined[-1] = Piece(joined[-1].old + piece.old, joined[-1].new + piece.new)
        else:
            joined.append(piece)
    return joined


def hunks(found: list[Piece]) -> list[int]:
    """The places of the hunks in the list."""
    return [at for at, piece in enumerate(found) if not piece.same]


def merged(found: list[Piece], taken: Collection[int]) -> str:
    """The passage with the hunks at these places taken, and the others left as they were."""
    return "".join(p.new if at in taken else p.old for at, p in enumerate(found))
