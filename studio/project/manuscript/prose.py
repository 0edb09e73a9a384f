"""Operations on prose, each from one value to the next: text, blocks, marks and spans stay consistent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import NamedTuple

from studio.project.manuscript.rows import ANCHORED, BODY, OBJECT, Block, Mark, MarkKind, Prose, join_marks, tidy
from studio.project.rows import Json


class Paragraph(NamedTuple):
    """A paragraph of a prose: [start, end) without its line break."""

    start: int
    end: int
    block: Block


def paragraphs(prose: Prose) -> list[Paragraph]:
    """All paragraphs, at least one."""
    out, at = [], 0
    for number, line in enumerate(prose.text.split("\n")):
        block = prose.blocks[number] if number < len(prose.blocks) else BODY
        out.append(Paragraph(at, at + len(line), block))
        at += len(line) + 1
    return out


def all_blocks(prose: Prose) -> list[Block]:
    """A block for each paragraph."""
    count = prose.text.count("\n") + 1
    return [*prose.blocks[:count], *[BODY] * (count - len(prose.blocks))]


def units(text: str) -> int:
    """Length in UTF-16 units, in which spans keep their size."""
    return len(text) if text.isascii() else sum(2 if char > "\uffff" else 1 for char in text)


# ---------------------------------------------------------------- cutting and joining

def cut(prose: Prose, start: int, end: int) -> Prose:
    """The part [start, end) as a prose of its own. What a machine wrote and nobody changed stays the machine's, though
    only a part of it is left."""
    total = len(prose.text)
    start = min(max(0, start), total)
    end = min(max(start, end), total)
    first = prose.text.count("\n", 0, start)
    last = first + prose.text.count("\n", start, end)
    return tidy(Prose(prose.text[start:end], tuple(all_blocks(prose)[first:last + 1]),
                      tuple(_cut_marks(prose.marks, start, end)), tuple(_cut_spans(prose, start, end))))


def _cut_marks(marks: Iterable[Mark], start: int, end: int) -> Iterator[Mark]:
    for mark in marks:
        low, high = max(mark.start, start), min(mark.end, end)
        if low < high:
            yield Mark(low - start, high - low, mark.kind, mark.value)


def _cut_spans(prose: Prose, start: int, end: int) -> Iterator[Json]:
    for span in prose.spans:
        was, until = span["start"], span["start"] + span["length"]
        low, high = max(was, start), min(until, end)
        if low >= high:
            continue
        piece = {**span, "start": low - start, "length": high - low}
        size = span.get("size")
        if (low, high) != (was, until) and isinstance(size, int) and size > 0:
            length = units(prose.text[low:high])
            if span.get("origin") == "machine":
                piece["size"] = length
            elif size == length:  # else it would look as the machine wrote it
                piece["size"] = length + 1
        yield piece


def delete(prose: Prose, start: int, end: int) -> Prose:
    """Without [start, end). Where paragraphs are joined thereby the first one's look stays."""
    total = len(prose.text)
    start = min(max(0, start), total)
    end = min(max(start, end), total)
    if start == end:
        return tidy(prose)
    first = prose.text.count("\n", 0, start)
    last = first + prose.text.count("\n", start, end)
    blocks = all_blocks(prose)
    if last > first and prose.text[start - 1:start] in ("", "\n") and prose.text[end:end + 1] not in ("", "\n"):
        del blocks[first:last]  # nothing is left of the first paragraph: what stays keeps its own look
    else:
        del blocks[first + 1:last + 1]

    def moved(at: int) -> int:
        return at if at <= start else max(start, at - (end - start))

    marks = [Mark(moved(m.start), moved(m.end) - moved(m.start), m.kind, m.value) for m in prose.marks
             if not (m.kind in ANCHORED and start <= m.start < end)]
    spans = []
    for span in prose.spans:
        low, high = moved(span["start"]), moved(span["start"] + span["length"])
        if low < high:
            changed = high - low != span["length"]
            spans.append({**span, "start": low, "length": high - low, **({"origin": "edited"} if changed else {})})
    return tidy(Prose(prose.text[:start] + prose.text[end:], tuple(blocks), tuple(marks), tuple(spans)))


def insert(prose: Prose, at: int, piece: Prose | str, *, inherit: bool = True) -> Prose:
    """`piece` put in at `at`. What a machine wrote around it breaks in two and is edited from then on.

    inherit: text in the middle of something bold is bold too; a link or the like around it grows.
    """
    inner = Prose(piece) if isinstance(piece, str) else piece
    at = min(max(0, at), len(prose.text))
    length = len(inner.text)
    if not length:
        return tidy(prose)
    marks = [*_around(prose.marks, at, length, inherit),
             *(Mark(m.start + at, m.length, m.kind, m.value) for m in inner.marks)]
    spans = [*_broken(prose.spans, at, length), *({**s, "start": s["start"] + at} for s in inner.spans)]
    spans.sort(key=lambda s: int(s["start"]))
    text = prose.text[:at] + inner.text + prose.text[at:]
    return tidy(Prose(text, _joined_blocks(prose, at, inner), tuple(marks), tuple(spans)))


def _around(marks: Iterable[Mark], at: int, length: int, inherit: bool) -> Iterator[Mark]:
    for mark in marks:
        if mark.end <= at:
            yield mark
        elif mark.start >= at:
            yield replace(mark, start=mark.start + length)
        elif inherit:
            yield replace(mark, length=mark.length + length)
        else:
            yield replace(mark, length=at - mark.start)
            yield Mark(at + length, mark.end - at, mark.kind, mark.value)


def _broken(spans: Iterable[Json], at: int, length: int) -> Iterator[Json]:
    for span in spans:
        start, end = span["start"], span["start"] + span["length"]
        if end <= at:
            yield span
        elif start >= at:
            yield {**span, "start": start + length}
        else:
            yield {**span, "length": at - start, "origin": "edited"}
            yield {**span, "start": at + length, "length": end - at, "origin": "edited"}


def _joined_blocks(prose: Prose, at: int, inner: Prose) -> tuple[Block, ...]:
    blocks, fresh = all_blocks(prose), all_blocks(inner)
    number = prose.text.count("\n", 0, at)
    here = blocks[number]
    begins = at == 0 or prose.text[at - 1] == "\n"
    ends = at == len(prose.text) or prose.text[at] == "\n"
    if len(fresh) == 1:
        return (*blocks[:number], fresh[0] if begins and ends and here == BODY else here, *blocks[number + 1:])
    head = fresh[0] if begins else here
    tail = fresh[-1] if ends else here
    return (*blocks[:number], head, *fresh[1:-1], tail, *blocks[number + 1:])


def substitute(prose: Prose, start: int, end: int, piece: Prose | str) -> Prose:
    """[start, end) replaced by `piece`, which takes over the marks of the first replaced letter where it is text
    alone."""
    if isinstance(piece, str) and piece:
        kept = tuple(Mark(0, len(piece), m.kind, m.value) for m in prose.marks
                     if m.kind not in ANCHORED and m.start <= start < m.end)
        piece = Prose(piece, (), kept)
    return insert(delete(prose, start, end), start, piece, inherit=False)


def join(proses: Sequence[Prose], joint: str = "\n") -> Prose:
    """All of them one after another."""
    if not proses:
        return Prose()

    def add(left: Prose, right: Prose) -> Prose:
        offset = len(left.text) + len(joint)
        blocks = all_blocks(left)
        if "\n" not in joint:
            blocks += all_blocks(right)[0 if not blocks else 1:]
        else:
            blocks += [BODY] * (joint.count("\n") - 1) + all_blocks(right)
        return Prose(left.text + joint + right.text, tuple(blocks),
                     left.marks + tuple(replace(m, start=m.start + offset) for m in right.marks),
                     left.spans + tuple({**s, "start": s["start"] + offset} for s in right.spans))

    return tidy(reduce(add, proses))


def split(prose: Prose, at: int) -> tuple[Prose, Prose]:
    """What is before and behind `at`; a line break just there belongs to neither."""
    at = min(max(0, at), len(prose.text))
    before = at - 1 if at > 0 and prose.text[at - 1] == "\n" else at
    behind = at + 1 if before == at and prose.text[at:at + 1] == "\n" else at
    return cut(prose, 0, before), cut(prose, behind, len(prose.text))


# ---------------------------------------------------------------- looks

def mark(prose: Prose, start: int, end: int, kind: MarkKind, value: str = "", *, on: bool = True) -> Prose:
    """[start, end) made bold, a link, ...; with `on` false no longer."""
    start, end = min(max(0, start), len(prose.text)), min(max(0, end), len(prose.text))
    kept: list[Mark] = []
    for old in prose.marks:
        if old.kind != kind or old.end <= start or old.start >= end:
            kept.append(old)
            continue
        if kind in ANCHORED:
            continue
        kept += [piece for piece in (Mark(old.start, start - old.start, kind, old.value),
                                     Mark(end, old.end - end, kind, old.value)) if piece.length > 0]
    fresh = [Mark(start, end - start, kind, value)] if on and end > start else []
    return replace(prose, marks=join_marks([*kept, *fresh], prose.text))


def has_mark(prose: Prose, start: int, end: int, kind: MarkKind) -> bool:
    """Whether all of [start, end) has a mark of this kind."""
    at = start
    for known in sorted((m for m in prose.marks if m.kind == kind), key=lambda m: m.start):
        if known.start <= at < known.end:
            at = known.end
    return start < end <= at


def set_block(prose: Prose, start: int, end: int, block: Block) -> Prose:
    """All paragraphs that [start, end] touches look like `block`."""
    first = prose.text.count("\n", 0, max(0, start))
    last = prose.text.count("\n", 0, max(start, end, 0))
    blocks = [block if first <= number <= last else known for number, known in enumerate(all_blocks(prose))]
    return tidy(replace(prose, blocks=tuple(blocks)))


def written_by(prose: Prose, start: int, end: int, recipe: str) -> Prose:
    """[start, end) was written by a machine: one span for each paragraph."""
    rest = delete_spans(prose, start, end)
    fresh: list[Json] = []
    for part in paragraphs(prose):
        low, high = max(part.start, start), min(part.end, end)
        if low < high:
            fresh.append({"start": low, "length": high - low, "origin": "machine", "recipe": recipe,
                          "size": units(prose.text[low:high])})
    spans = sorted([*rest.spans, *fresh], key=lambda s: int(s["start"]))
    return replace(prose, spans=tuple(spans))


def delete_spans(prose: Prose, start: int, end: int) -> Prose:
    """[start, end) counts as the person's."""
    left, right = cut(prose, 0, start), cut(prose, end, len(prose.text))
    return replace(prose, spans=left.spans + tuple({**s, "start": s["start"] + end} for s in right.spans))


# ---------------------------------------------------------------- runs

@dataclass(frozen=True)
class Run:
    """A stretch of one look within a paragraph. marks: value by kind. origin: "" the person, "machine" or "edited"."""

    text: str
    marks: dict[str, str]
    origin: str = ""
    recipe: str = ""


@dataclass(frozen=True)
class Line:
    """A paragraph with its runs."""

    block: Block
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


def to_lines(prose: Prose) -> list[Line]:
    """The paragraphs in runs of one look; each footnote and image is a run of its own."""
    edges = {0, len(prose.text)}
    for known in prose.marks:
        edges |= {known.start, known.end}
    for span in prose.spans:
        edges |= {span["start"], span["start"] + span["length"]}
    order = sorted(edges)
    events = _Active(prose)
    out, place = [], 0
    for part in paragraphs(prose):
        runs = []
        while place > 0 and order[place] > part.start:
            place -= 1
        at = part.start
        while at < part.end:
            while place + 1 < len(order) and order[place + 1] <= at:
                place += 1
            stop = min(part.end, order[place + 1] if place + 1 < len(order) else part.end)
            marks, origin, recipe = events.at(at)
            runs.append(Run(prose.text[at:stop], marks, origin, recipe))
            at = stop
        out.append(Line(part.block, tuple(runs)))
    return out


class _Active:
    """Which marks and which span hold at a position; asked in order."""

    def __init__(self, prose: Prose) -> None:
        self._marks = sorted(prose.marks, key=lambda m: m.start)
        self._spans = sorted(prose.spans, key=lambda s: int(s["start"]))
        self._next, self._span = 0, 0
        self._open: list[Mark] = []

    def at(self, position: int) -> tuple[dict[str, str], str, str]:
        while self._next < len(self._marks) and self._marks[self._next].start <= position:
            self._open.append(self._marks[self._next])
            self._next += 1
        self._open = [m for m in self._open if m.end > position]
        while self._span < len(self._spans) and \
                self._spans[self._span]["start"] + self._spans[self._span]["length"] <= position:
            self._span += 1
        origin = recipe = ""
        if self._span < len(self._spans) and self._spans[self._span]["start"] <= position:
            span = self._spans[self._span]
            origin, recipe = str(span.get("origin") or "machine"), str(span.get("recipe") or "")
        return {m.kind: m.value for m in self._open}, origin, recipe


class Builder:
    """Puts a prose together from runs and paragraphs, as importers meet them."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._marks: list[Mark] = []
        self._spans: list[Json] = []
        self._length = 0

    @property
    def empty(self) -> bool:
        return not self._blocks

    def paragraph(self, block: Block = BODY) -> None:
        """Begin a paragraph."""
        if self._blocks:
            self._parts.append("\n")
            self._length += 1
        self._blocks.append(block)

    def text(self, text: str, marks: dict[str, str] | None = None) -> None:
        """Add to the paragraph. Line breaks in it become spaces."""
        if not text:
            return
        if not self._blocks:
            self.paragraph()
        text = text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
        for kind, value in (marks or {}).items():
            self._marks.append(Mark(self._length, len(text), kind, value))  # type: ignore[arg-type]
        self._parts.append(text)
        self._length += len(text)

    def object(self, kind: MarkKind, value: str, marks: dict[str, str] | None = None) -> None:
        """Add a footnote or an image."""
        self.text(OBJECT, {**(marks or {}), kind: value})

    def span(self, start: int, span: Json) -> None:
        """What was added since `start` was written by a machine."""
        if self._length > start:
            self._spans.append({**span, "start": start, "length": self._length - start})

    @property
    def length(self) -> int:
        return self._length

    def prose(self) -> Prose:
        return tidy(Prose("".join(self._parts), tuple(self._blocks), tuple(self._marks), tuple(self._spans)))


def from_lines(lines: Iterable[Line]) -> Prose:
    """The prose of these paragraphs; `to_lines` gives them back."""
    builder = Builder()
    for line in lines:
        builder.paragraph(line.block)
        for run in line.runs:
            start = builder.length
            builder.text(run.text, run.marks)
            if run.origin:
                builder.span(start, {"origin": run.origin, "recipe": run.recipe, "size": units(run.text)})
    return builder.prose()
