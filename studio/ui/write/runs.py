"""How stretches of a text look, as runs: each so many UTF-16 units with the same looks, one behind the other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import cast

from studio.project.manuscript.rows import ANCHORED, Mark, MarkKind
from studio.ui.write.text import Shadow

Looks = tuple[tuple[str, str], ...]
"""(kind, value) of the marks on a character, sorted; see `Mark`."""
Run = tuple[int, Looks]
"""Length in UTF-16 units, and its looks."""
PLAIN: Looks = ()
OBJECTS = frozenset(ANCHORED)
STAYS_BEHIND = OBJECTS | {"link"}
"""What text typed behind it does not take over."""


def with_look(looks: Looks, kind: str, value: str = "") -> Looks:
    return tuple(sorted([*(look for look in looks if look[0] != kind), (kind, value)]))


def without_look(looks: Looks, kind: str) -> Looks:
    return tuple(look for look in looks if look[0] != kind)


def value_of(looks: Looks, kind: str) -> str | None:
    """The value of a look, None where it is not there."""
    return next((value for name, value in looks if name == kind), None)


def object_of(looks: Looks) -> tuple[str, str] | None:
    """The footnote or picture that a character stands for."""
    return next((look for look in looks if look[0] in OBJECTS), None)


def tight(runs: Iterable[Run]) -> list[Run]:
    """Without empty runs, and neighbours that look the same as one. Objects stay apart."""
    out: list[Run] = []
    for length, looks in runs:
        if out and out[-1][1] == looks and not object_of(looks):
            out[-1] = (out[-1][0] + length, looks)
        elif length > 0:
            out.append((length, looks))
    return out


class Runs:
    """The looks of a whole text. A change costs what lies between it and the change before, not the whole text.

    Attributes:
        objects_count: how many footnotes and pictures there are.
    """

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self.all = tight(runs)
        self.objects_count = _objects_in(self.all)
        at = 0
        self._starts: list[int] = []
        for length, _ in self.all:
            self._starts.append(at)
            at += length
        # Those from here on begin so many units later than it says: typing moves all that lies behind it.
        self._late_from, self._late_by = len(self._starts), 0

    def _start(self, index: int) -> int:
        return self._starts[index] + (self._late_by if index >= self._late_from else 0)

    def _find(self, position: int) -> int:
        """The last run that begins at or before a position, -1 where there is none."""
        edge = self._late_from
        if edge < len(self._starts) and position >= self._starts[edge] + self._late_by:
            return bisect_right(self._starts, position - self._late_by, edge) - 1
        return bisect_right(self._starts, position, 0, edge) - 1

    def _move_edge(self, index: int) -> None:
        """Let the runs from `index` on be those that are late, and no others."""
        edge, by = self._late_from, self._late_by
        if by:
            low, high, sign = (edge, index, 1) if index > edge else (index, edge, -1)
            self._starts[low:high] = [start + sign * by for start in self._starts[low:high]]
        self._late_from = index

    def total(self) -> int:
        return self._start(len(self.all) - 1) + self.all[-1][0] if self.all else 0

    def at(self, position: int) -> Looks:
        """Of the unit at a position; plain where there is none."""
        index = self._find(position)
        if index < 0 or position >= self._start(index) + self.all[index][0]:
            return PLAIN
        return self.all[index][1]

    def within(self, start: int, end: int) -> list[Run]:
        """The runs in [start, end), cut to it."""
        out = []
        for index in range(max(0, self._find(start)), len(self.all)):
            begin = self._start(index)
            low = max(start, begin)
            if low >= end:
                break
            length = min(end, begin + self.all[index][0]) - low
            if length > 0:
                out.append((length, self.all[index][1]))
        return out

    def splice(self, at: int, removed: int, added: Sequence[Run]) -> None:
        """[at, at + removed) gives way to `added`."""
        first = max(0, self._find(at))
        last, end = first, at + removed
        while last < len(self.all) and self._start(last) < end:
            last += 1
        last = max(last, min(first + 1, len(self.all)))
        head = self.within(self._start(first), at) if first < len(self.all) else []
        tail = self.within(end, self._start(last - 1) + self.all[last - 1][0]) if last > first else []
        low, high = max(0, first - 1), min(len(self.all), last + 1)
        self._replace(low, high, tight([*self.all[low:first], *head, *added, *tail, *self.all[last:high]]))

    def _replace(self, low: int, high: int, fresh: list[Run]) -> None:
        """Other runs in the place of those from `low` to `high`."""
        self._move_edge(high)
        begin = self._starts[low] if low < high else 0
        at, starts = begin, []
        for length, _ in fresh:
            starts.append(at)
            at += length
        gone = self.all[low:high]
        self._late_by += at - begin - sum(length for length, _ in gone)
        self.objects_count += _objects_in(fresh) - _objects_in(gone)
        self.all[low:high] = fresh
        self._starts[low:high] = starts
        self._late_from = low + len(fresh)

    def changed(self, start: int, end: int, change: Callable[[Looks], Looks]) -> list[Run]:
        """The runs of [start, end) as they would be with each one's looks changed."""
        return tight((length, change(looks)) for length, looks in self.within(start, end))

    def everywhere(self, start: int, end: int, kind: str) -> bool:
        """Whether all of [start, end) has a look; False where it is empty."""
        inside = self.within(start, end)
        return bool(inside) and all(value_of(looks, kind) is not None for _, looks in inside)

    def objects(self, kind: str) -> list[tuple[int, str]]:
        """Positions and values of all footnotes or pictures."""
        if not self.objects_count:
            return []
        out = []
        for index, (_, looks) in enumerate(self.all):
            value = value_of(looks, kind)
            if value is not None and object_of(looks):
                out.append((self._start(index), value))
        return out


def _objects_in(runs: Iterable[Run]) -> int:
    return sum(object_of(looks) is not None for _, looks in runs)


def runs_of(marks: Sequence[Mark], shadow: Shadow) -> list[Run]:
    """Runs for the marks of a prose, whose positions are characters of the text in `shadow`."""
    total = len(shadow)
    plain = total == len(shadow.text())
    edges: list[tuple[int, int, Mark]] = []
    for mark in marks:
        start = mark.start if plain else shadow.to_units(mark.start)
        end = mark.end if plain else shadow.to_units(mark.end)
        if 0 <= start < end <= total:
            edges.append((start, 1, mark))
            edges.append((end, 0, mark))
    edges.sort(key=lambda edge: (edge[0], edge[1]))
    out: list[Run] = []
    open_: list[Mark] = []
    at = 0
    for position, opens, mark in edges:
        if position > at:
            out.append((position - at, _looks(open_)))
            at = position
        if opens:
            open_.append(mark)
        elif mark in open_:
            open_.remove(mark)
    out.append((total - at, PLAIN))
    return tight(out)


def _looks(marks: Iterable[Mark]) -> Looks:
    looks: Looks = PLAIN
    for mark in marks:
        looks = with_look(looks, mark.kind, mark.value)
    return looks


def marks_of(runs: Iterable[Run], shadow: Shadow) -> tuple[Mark, ...]:
    """Marks for runs; positions in characters."""
    plain = len(shadow) == len(shadow.text())
    out: list[Mark] = []
    open_: dict[str, Mark] = {}
    at = start = 0
    for length, looks in runs:
        size = length if plain else len(shadow.read(at, at + length))
        if not looks and not open_:
            at, start = at + length, start + size
            continue
        going: dict[str, Mark] = {}
        for kind, value in looks:
            known = open_.get(kind)
            if known is not None and known.value == value and kind not in OBJECTS:
                going[kind] = Mark(known.start, known.length + size, known.kind, value)
            else:
                going[kind] = Mark(start, size, cast(MarkKind, kind), value)
        for kind, mark in open_.items():
            if kind not in going or going[kind].start != mark.start:
                out.append(mark)
        open_ = going
        at += length
        start += size
    out += open_.values()
    return tuple(sorted(out, key=attrgetter("start", "kind")))
