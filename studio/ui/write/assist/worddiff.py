"""What changed between two passages as pieces that are shown side by side and taken one by one. No Qt."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from studio.project.manuscript import diff


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
    out, at = [], 0
    for hunk in diff.hunks(old, new):
        out += [Piece(old[at : hunk.start], old[at : hunk.start]), Piece(hunk.before, hunk.after)]
        at = hunk.end
    out.append(Piece(old[at:], old[at:]))
    return [piece for piece in out if piece.old or piece.new]


def hunks(found: list[Piece]) -> list[int]:
    """The places of the hunks in the list."""
    return [at for at, piece in enumerate(found) if not piece.same]


def merged(found: list[Piece], taken: Collection[int]) -> str:
    """The passage with the hunks at these places taken, and the others left as they were."""
    return "".join(p.new if at in taken else p.old for at, p in enumerate(found))
