"""Find and replace over many texts. Regular expressions are those of the `regex` package, which can be stopped."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from studio.project.errors import ProjectError
from studio.project.manuscript.prose import substitute
from studio.project.manuscript.rows import ANCHORED, Hit, Mark, Prose, Replaced, tidy
from studio.project.rows import Json

if TYPE_CHECKING:
    import regex

SECONDS = 2.0
"""A search over all scenes may take so long; one that takes longer never ends."""
MAX_HITS = 100_000
MAX_QUERY = 10_000
AROUND = 60
"""Characters of the paragraph that a hit shows on either side."""


class Search:
    """One thing to look for. Raises ProjectError, one sentence, where it cannot be looked for."""

    def __init__(self, query: str, *, regex: bool = False, case: bool = False, whole: bool = False) -> None:
        self.is_regex = regex
        self._pattern = _compiled(query, regex, case, whole) if query else None

    def hits(self, texts: Iterable[tuple[str, str]], limit: int = MAX_HITS) -> list[Hit]:
        """All places in (node, text) pairs. Places where the expression matches nothing at all are left out. Raises
        ProjectError where it takes too long."""
        out: list[Hit] = []
        until = time.monotonic() + SECONDS
        for node, text in texts:
            for match in self._matches(text, until):
                out.append(_hit(node, text, match.start(), match.end()))
                if len(out) >= limit:
                    return out
        return out

    def replace(self, proses: Mapping[str, Prose], replacement: str) -> Replaced:
        """Every place in every prose replaced; marks go on over what is put in, and it counts as the person's. Raises
        ProjectError."""
        count = 0
        before: dict[str, Prose] = {}
        after: dict[str, Prose] = {}
        until = time.monotonic() + SECONDS
        for node, prose in proses.items():
            found = [(m.start(), m.end(), self._expanded(m, replacement)) for m in self._matches(prose.text, until)]
            found = [(start, end, text) for start, end, text in found if prose.text[start:end] != text]
            if found:
                count += len(found)
                before[node], after[node] = prose, replace_ranges(prose, found)
        return Replaced(count, before, after)

    def _matches(self, text: str, until: float) -> Iterator[regex.Match[str]]:
        if self._pattern is None:
            return
        left = until - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            for match in self._pattern.finditer(text, timeout=left, concurrent=True):
                if match.end() > match.start():
                    yield match
        except TimeoutError as error:
            raise ProjectError(f"This search took longer than {SECONDS:.0f} seconds and was stopped; make the regular "
                               "expression simpler.") from error

    def _expanded(self, match: Any, replacement: str) -> str:
        if not self.is_regex:
            return replacement
        try:
            return str(match.expand(replacement))
        except Exception as error:  # the errors of the package have no base of their own
            raise _wrong("replacement", error) from error


def _wrong(what: str, error: Exception) -> ProjectError:
    return ProjectError(f"The {what} is not a regular expression ({error}); correct it, or switch regular expressions "
                        "off.")


def _compiled(query: str, is_regex: bool, case: bool, whole: bool) -> regex.Pattern[str]:
    import regex

    if len(query) > MAX_QUERY:
        raise ProjectError(f"What is looked for is longer than {MAX_QUERY:,} characters; look for a part of it.")
    source = query if is_regex else regex.escape(query, special_only=True)
    if whole:
        source = rf"(?<!\w)(?:{source})(?!\w)"
    flags = regex.MULTILINE | regex.VERSION0 | (0 if case else regex.IGNORECASE)
    try:
        return regex.compile(source, flags, cache_pattern=False)
    except (regex.error, OverflowError, RecursionError, MemoryError) as error:
        raise _wrong("search", error) from error


def _hit(node: str, text: str, start: int, end: int) -> Hit:
    low = max(text.rfind("\n", 0, start) + 1, start - AROUND)
    stop = text.find("\n", end)
    high = min(stop if stop >= 0 else len(text), end + AROUND, start + 4 * AROUND)
    return Hit(node, start, end - start, text[low:high].replace("\n", " "), start - low)


def replace_ranges(prose: Prose, found: Sequence[tuple[int, int, str]]) -> Prose:
    """Ranges that are not empty and do not overlap, in order, each replaced by a text, as `substitute` does one by
    one."""
    if any("\n" in text or "\n" in prose.text[start:end] for start, end, text in found):
        for start, end, text in reversed(found):  # paragraphs come or go; rare
            prose = substitute(prose, start, end, text)
        return prose
    starts, parts, shifts, at, shift = [f[0] for f in found], [], [0], 0, 0
    for start, end, text in found:
        parts += [prose.text[at:start], text]
        at, shift = end, shift + len(text) - (end - start)
        shifts.append(shift)

    def moved(position: int, *, behind: bool) -> int:
        """Where a mark ends that did so in a range: behind what was put there, if it has its first letter."""
        number = bisect_right(starts, position - behind) - 1
        if number >= 0 and position < found[number][1] and position > starts[number]:
            return starts[number] + shifts[number] + len(found[number][2])
        return position + shifts[bisect_right(starts, position - 1)]

    marks = []
    for mark in prose.marks:
        low, high = moved(mark.start, behind=False), moved(mark.end, behind=True)
        number = bisect_right(starts, mark.start) - 1
        if mark.kind in ANCHORED and number >= 0 and mark.start < found[number][1]:
            continue
        marks.append(Mark(low, high - low, mark.kind, mark.value))
    spans = [piece for span in prose.spans for piece in _outside(span, found, starts, shifts)]
    return tidy(Prose("".join(parts) + prose.text[at:], prose.blocks, tuple(marks), tuple(spans)))


def _outside(span: Json, found: Sequence[tuple[int, int, str]], starts: Sequence[int],
             shifts: Sequence[int]) -> Iterator[Json]:
    """The parts of a span that were not replaced, where they are now."""
    at, stop = span["start"], span["start"] + span["length"]
    number = max(0, bisect_right(starts, at) - 1)
    touched = False
    pieces = []
    while number < len(found) and starts[number] < stop:
        start, end, _ = found[number]
        if end > at:
            touched = True
            if start > at:
                pieces.append((at, start, shifts[number]))
            at = end
        number += 1
    if at < stop:
        pieces.append((at, stop, shifts[number] if number < len(shifts) else shifts[-1]))
    for low, high, shift in pieces:
        yield {**span, "start": low + shift, "length": high - low, **({"origin": "edited"} if touched else {})}
