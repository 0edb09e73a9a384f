"""Who wrote what: which stretches of the text a machine wrote, and whether they are still as it wrote them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Paragraph = Literal["yours", "machine", "edited"]


@dataclass(frozen=True)
class Span:
    """A stretch written by a machine, within one paragraph once it is settled. Positions are UTF-16 units.

    Attributes:
        recipe: id of the result it came from, "" if unknown.
        size: length of this paragraph's stretch as the machine wrote it; 0 while that is not settled.
    """

    start: int
    end: int
    recipe: str = ""
    size: int = 0

    @property
    def length(self) -> int:
        return self.end - self.start

    def moved(self, by: int) -> Span:
        return Span(self.start + by, self.end + by, self.recipe, self.size)


class Spans:
    """Spans in order, never overlapping; they move with the text and break where the person writes into them."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self.all: list[Span] = sorted((s for s in spans if s.end > s.start), key=lambda s: s.start)

    def insert(self, at: int, length: int) -> None:
        """The person wrote `length` units at `at`: what lies behind moves, what lies around breaks in two."""
        first = self._behind(at)
        out = self.all[:first]
        for span in self.all[first:]:
            if span.start >= at:
                out.append(span.moved(length))
            else:
                out.append(replace(span, end=at))
                out.append(replace(span, start=at + length, end=span.end + length))
        self.all = out

    def remove(self, at: int, length: int) -> tuple[Span, ...]:
        """`length` units at `at` went away; returns the spans in them, relative to `at`."""
        gone, out, end = [], [], at + length
        for span in self.all:
            low, high = max(span.start, at), min(span.end, end)
            if low < high:
                gone.append(replace(span, start=low - at, end=high - at))
            start = span.start if span.start <= at else max(at, span.start - length)
            stop = span.end if span.end <= at else max(at, span.end - length)
            if stop > start:
                out.append(replace(span, start=start, end=stop))
        self.all = out
        self._join()
        return tuple(gone)

    def add(self, spans: Iterable[Span], offset: int = 0) -> None:
        """Put spans in, moved by `offset`; their room must be free of others."""
        fresh = [s.moved(offset) for s in spans]
        if fresh:
            self.all = sorted([*self.all, *fresh], key=lambda s: s.start)
            self._join()

    def within(self, start: int, end: int) -> list[Span]:
        """The spans in [start, end), cut to it."""
        out = []
        for index in range(self._behind(start), len(self.all)):
            span = self.all[index]
            if span.start >= end:
                break
            out.append(replace(span, start=max(span.start, start), end=min(span.end, end)))
        return out

    def _behind(self, at: int) -> int:
        """The first span that ends behind a position."""
        return bisect_right(self.all, at, key=lambda span: span.end)

    def settle(self, start: int, end: int, text: str, old: str, recipe: str) -> None:
        """The machine is done with [start, end), marked `old` so far: give it its recipe, one span a paragraph.

        text: what stands in [start, end).
        """
        mine = [s for s in self.within(start, end) if s.recipe == old and s.size == 0]
        self.all = [piece for s in self.all for piece in _without(s, start, end, old)]
        from studio.ui.write.text import units

        at = start
        fresh: list[Span] = []
        for line in text.split("\n"):
            stop = at + units(line)
            parts = [replace(s, start=max(s.start, at), end=min(s.end, stop), recipe=recipe) for s in mine
                     if s.start < stop and s.end > at]
            whole = stop - at if sum(p.length for p in parts) == stop - at else sum(p.length for p in parts) + 1
            fresh += [replace(p, size=whole) for p in parts]
            at = stop + 1
        self.add(fresh)

    def paragraph(self, start: int, end: int) -> Paragraph:
        """Who wrote the paragraph whose text is [start, end)."""
        inside = self.within(start, end)
        if not inside:
            return "yours"
        totals: dict[tuple[str, int], int] = {}
        for span in inside:
            totals[span.recipe, span.size] = totals.get((span.recipe, span.size), 0) + span.length
        covered = sum(totals.values()) == end - start
        # several pieces of one result may be as long as each other
        untouched = all(not size or total % size == 0 for (_, size), total in totals.items())
        return "machine" if covered and untouched else "edited"

    def _join(self) -> None:
        out: list[Span] = []
        for span in self.all:
            last = out[-1] if out else None
            if last is not None and last.end == span.start and _parts_of_one(last, span):
                out[-1] = replace(last, end=span.end)
            else:
                out.append(span)
        self.all = out


def _parts_of_one(left: Span, right: Span) -> bool:
    """Whether two neighbours were one stretch: together they are no longer than it was."""
    if (left.recipe, left.size) != (right.recipe, right.size):
        return False
    return not left.size or left.length + right.length <= left.size


def _without(span: Span, start: int, end: int, old: str) -> list[Span]:
    """What is left of a span marked `old` outside [start, end)."""
    if span.recipe != old or span.size or span.end <= start or span.start >= end:
        return [span]
    rest = [replace(span, end=start), replace(span, start=end)]
    return [s for s in rest if s.length > 0]
