"""What differs between two texts, word by word, in hunks that can be taken one by one.

The words are compared as E. W. Myers does ("An O(ND) Difference Algorithm", 1986), paragraph by paragraph first, so
that a whole scene takes no longer than what changed in it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from studio.project.manuscript.patterns import later
from studio.project.manuscript.prose import cut, delete, insert
from studio.project.manuscript.rows import Prose
from studio.project.manuscript.words import UNSPACED

_TOKEN = later(rf"\n|[^\S\n]+|[{UNSPACED}]|[^\W{UNSPACED}]+(?:['’][^\W{UNSPACED}]+)*|.", re.DOTALL)
MAX_STEPS = 400
"""Differing words between two matching ones; beyond it the stretch counts as rewritten as a whole."""


@dataclass(frozen=True)
class Piece:
    """A stretch of the diff. kind: "same" stands in both, "gone" in the first alone, "new" in the second alone."""

    kind: Literal["same", "gone", "new"]
    text: str


@dataclass(frozen=True)
class Hunk:
    """One change: [start, end) of the first text becomes [new_start, new_end) of the second. One of them may be
    empty."""

    start: int
    end: int
    new_start: int
    new_end: int
    before: str
    after: str


def tokens(text: str) -> list[str]:
    """Words, spaces, line breaks and signs, which joined are the text."""
    return _TOKEN.findall(text)


def hunks(before: str, after: str) -> list[Hunk]:
    """The changes from one text to the other, in order. Changes with nothing but a space between them are one."""
    old, new = tokens(before), tokens(after)
    starts, new_starts = _offsets(old), _offsets(new)
    out: list[Hunk] = []
    for low, high, new_low, new_high in _merged(_changes(old, new), old):
        while high > low and new_high > new_low and old[high - 1] == new[new_high - 1]:  # the space behind a word
            high, new_high = high - 1, new_high - 1
        while high > low and new_high > new_low and old[low] == new[new_low]:
            low, new_low = low + 1, new_low + 1
        a, b, c, d = starts[low], starts[high], new_starts[new_low], new_starts[new_high]
        out.append(Hunk(a, b, c, d, before[a:b], after[c:d]))
    return out


def pieces(before: str, after: str) -> list[Piece]:
    """The diff as it is read: what stays, what goes, what comes."""
    out, at = [], 0
    for hunk in hunks(before, after):
        out += [Piece("same", before[at:hunk.start]), Piece("gone", hunk.before), Piece("new", hunk.after)]
        at = hunk.end
    out.append(Piece("same", before[at:]))
    return [piece for piece in out if piece.text]


def accept(before: Prose, after: Prose, taken: Collection[int] | None = None) -> Prose:
    """`before` with those hunks (by number in `hunks`; None: all) as `after` has them, looks and authorship included.
    What is the same in both stays as `before` has it."""
    every = hunks(before.text, after.text)
    out = before
    for number in reversed(range(len(every))):
        if taken is not None and number not in taken:
            continue
        hunk = every[number]
        out = insert(delete(out, hunk.start, hunk.end), hunk.start, cut(after, hunk.new_start, hunk.new_end),
                     inherit=False)
    return out


# ---------------------------------------------------------------- inside

Change = tuple[int, int, int, int]
"""Tokens [0, 1) of the one become [2, 3) of the other."""


def _offsets(parts: Sequence[str]) -> list[int]:
    out = [0]
    for part in parts:
        out.append(out[-1] + len(part))
    return out


def _lines(parts: Sequence[str]) -> list[tuple[int, int, str]]:
    """Paragraphs as token ranges with their text, each with its line break."""
    out, at = [], 0
    for number, part in enumerate(parts):
        if part == "\n":
            out.append((at, number + 1, "".join(parts[at:number + 1])))
            at = number + 1
    if at < len(parts):
        out.append((at, len(parts), "".join(parts[at:])))
    return out


def _changes(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """First whole paragraphs, then the words in those that differ."""
    first, second = _lines(old), _lines(new)
    out: list[Change] = []
    for a, b, c, d in _compare([line[2] for line in first], [line[2] for line in second]):
        low, high = (first[a][0] if a < len(first) else len(old)), (first[b - 1][1] if b > a else None)
        new_low, new_high = (second[c][0] if c < len(second) else len(new)), (second[d - 1][1] if d > c else None)
        high, new_high = low if high is None else high, new_low if new_high is None else new_high
        out += [(e + low, f + low, g + new_low, h + new_low)
                for e, f, g, h in _compare(old[low:high], new[new_low:new_high])]
    return out


def _compare(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Change]:
    """The changes between two sequences, the shortest way from one to the other where that is not too long."""
    head = 0
    while head < len(a) and head < len(b) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < len(a) - head and tail < len(b) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    middle_a, middle_b = a[head:len(a) - tail], b[head:len(b) - tail]
    if not middle_a and not middle_b:
        return []
    if not middle_a or not middle_b:
        return [(head, head + len(middle_a), head, head + len(middle_b))]
    return [(e + head, f + head, g + head, h + head) for e, f, g, h in _myers(middle_a, middle_b)]


def _myers(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Change]:
    reach = {1: 0}
    trace: list[dict[int, int]] = []
    for steps in range(min(len(a) + len(b), MAX_STEPS) + 1):
        trace.append(dict(reach))
        for k in range(-steps, steps + 1, 2):
            down = k == -steps or (k != steps and reach.get(k - 1, -1) < reach.get(k + 1, -1))
            x = reach[k + 1] if down else reach[k - 1] + 1
            y = x - k
            while x < len(a) and y < len(b) and a[x] == b[y]:
                x, y = x + 1, y + 1
            reach[k] = x
            if x >= len(a) and y >= len(b):
                return _walk_back(a, b, trace)
    return [(0, len(a), 0, len(b))]


def _walk_back(a: Sequence[Hashable], b: Sequence[Hashable], trace: Sequence[dict[int, int]]) -> list[Change]:
    x, y = len(a), len(b)
    out: list[Change] = []
    for steps in range(len(trace) - 1, 0, -1):
        reach, k = trace[steps], x - y
        down = k == -steps or (k != steps and reach.get(k - 1, -1) < reach.get(k + 1, -1))
        before = k + 1 if down else k - 1
        px = reach[before]
        py = px - before
        # the step itself: from (px, py) one down or right
        sx, sy = (px, py + 1) if down else (px + 1, py)
        low, new_low, high, new_high = px, py, sx, sy
        if out and (out[-1][0], out[-1][2]) == (high, new_high):
            out[-1] = (low, out[-1][1], new_low, out[-1][3])
        else:
            out.append((low, high, new_low, new_high))
        x, y = px, py
    out.reverse()
    return out


def _merged(changes: Sequence[Change], old: Sequence[str]) -> Iterator[Change]:
    """Changes with only spaces between them become one: a phrase is rewritten, not word by word."""
    now: Change | None = None
    for change in changes:
        between = old[now[1]:change[0]] if now is not None else []
        if now is not None and len(between) <= 1 and all(part.isspace() and part != "\n" for part in between):
            now = (now[0], change[1], now[2], change[3])
            continue
        if now is not None:
            yield now
        now = change
    if now is not None:
        yield now
