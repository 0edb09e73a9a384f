"""Undo for a text that a person and a machine write at the same time.

A passage that still streams floats above the history: what the person does meanwhile is recorded as if the passage
were not there. So the passage is always one step, and it can be taken back without touching what was typed since.
Positions are UTF-16 units.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal

from studio.project.manuscript.rows import Block
from studio.ui.write.runs import PLAIN, Run, Runs, tight
from studio.ui.write.spans import Span, Spans
from studio.ui.write.text import Shadow, units

MOST_STEPS = 2000

Kind = Literal["type", "erase", "edit", "passage"]


_order = count(1)


def next_order() -> int:
    """Number of a step among all steps of the window: what was done last has the highest."""
    return next(_order)


@dataclass(frozen=True)
class Fragment:
    """Text with what belongs to it.

    Attributes:
        spans: who wrote it, relative to its start.
        runs: how it looks; () is plain.
        blocks: of the paragraphs that it touches, the first and the last with it; () where that does not matter.
    """

    text: str = ""
    spans: tuple[Span, ...] = ()
    runs: tuple[Run, ...] = ()
    blocks: tuple[Block, ...] = ()

    @property
    def size(self) -> int:
        return units(self.text)

    def without(self, low: int, high: int) -> Fragment:
        """What is left when [low, high) goes."""
        text, spans, runs = Shadow(self.text), Spans(self.spans), Runs(self.runs)
        first = text.read(0, low).count("\n")
        lines = text.read(low, high).count("\n")
        spans.remove(low, high - low)
        if self.runs:
            runs.splice(low, high - low, ())
        text.splice(low, high - low, "")
        blocks = (*self.blocks[:first + 1], *self.blocks[first + 1 + lines:])
        return Fragment(text.text(), tuple(spans.all), tuple(runs.all), blocks)


@dataclass(frozen=True)
class Edit:
    """At `at`, `removed` gave way to `added`."""

    at: int
    removed: Fragment = Fragment()
    added: Fragment = Fragment()

    @property
    def looks_only(self) -> bool:
        """The text stays; its looks or paragraphs change."""
        return self.removed.text == self.added.text

    def inverse(self) -> Edit:
        return Edit(self.at, self.added, self.removed)


@dataclass
class Step:
    edits: list[Edit]
    kind: Kind = "edit"
    job: str = ""
    order: int = field(default_factory=next_order)
    tag: str = ""
    """Steps of several scenes that belong together have the same."""


@dataclass
class Passage:
    """Text that a machine is writing: [start, end) in the document as it is now."""

    job: str
    start: int
    end: int
    block: Block | None = None
    """Of its paragraph, before it."""

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass
class History:
    """Steps done and undone, and the passages that float above them."""

    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)
    floating: list[Passage] = field(default_factory=list)

    def clear(self) -> None:
        self.done, self.undone, self.floating = [], [], []

    # ------------------------------------------------------------ floating passages

    def passage(self, job: str) -> Passage | None:
        return next((p for p in self.floating if p.job == job), None)

    def _in_order(self, apart: Passage | None = None) -> list[Passage]:
        return sorted((p for p in self.floating if p is not apart), key=lambda p: (p.start, p.end))

    def base(self, at: int, apart: Passage | None = None) -> int:
        """A position of the document as it would be without the floating passages (except `apart`)."""
        return at - sum(min(max(at - p.start, 0), p.length) for p in self._in_order(apart))

    def place(self, at: int) -> int:
        """The inverse of `base`: where in the document a position without floating passages lies.

        At the very place of a passage, the position before it.
        """
        for passage in self._in_order():
            if at > passage.start:
                at += passage.length
        return at

    def pieces(self, at: int, length: int) -> list[tuple[int, int]]:
        """Where in the document [at, at + length) of the text without floating passages lies: (start, length) each."""
        out, left = [], length
        begin = self.place(at)
        for passage in self._in_order():
            if passage.start < begin or not left:
                continue
            if passage.start == begin and passage.length:
                begin = passage.end
                continue
            take = min(left, passage.start - begin)
            if take:
                out.append((begin, take))
            left -= take
            begin = passage.end
        if left:
            out.append((begin, left))
        return out

    def shift(self, at: int, removed: int, added: int, owner: Passage | None = None) -> None:
        """The document changed: carry the floating passages along. owner: the one whose own token came in."""
        for p in self.floating:
            p.start, p.end = _after_removal(p.start, at, removed), _after_removal(p.end, at, removed)
            if not added:
                continue
            if p is owner:
                p.end += added
            elif at < p.start or at == p.start:
                p.start += added
                p.end += added
            elif at < p.end:
                p.end += added

    def inside(self, at: int, removed: int) -> bool:
        """Whether a change of `removed` units at `at` lies within a floating passage."""
        return any(p.start < at < p.end and at + removed <= p.end for p in self.floating)

    # ------------------------------------------------------------ recording

    def record(self, at: int, removed: Fragment, added: Fragment, kind: Kind | None = None) -> None:
        """The person changed the document, as it was with the passages at their places before the change. kind: given
        where it may not join the step before."""
        self.undone.clear()
        if self.inside(at, removed.size):
            return  # it belongs to the passage now, and goes with it
        removed = self.outside(at, removed)
        if removed.text == added.text == "":
            return
        edit = Edit(self.base(at), removed, added)
        if kind is not None:
            self._push(Step([edit], kind))
        elif not self._merged(edit):
            kind = "edit"
            if not removed.text and added.size <= 2 and added.text != "\n":
                kind = "type"
            elif not added.text and removed.size <= 2:
                kind = "erase"
            self._push(Step([edit], kind))

    def outside(self, at: int, removed: Fragment) -> Fragment:
        """The part of a removal that is not in floating passages."""
        cuts = [(max(p.start, at) - at, min(p.end, at + removed.size) - at) for p in self._in_order()
                if p.start < at + removed.size and p.end > at]
        for low, high in reversed(cuts):
            removed = removed.without(low, high)
        return removed

    def record_looks(self, at: int, before: Fragment, after: Fragment) -> None:
        """Looks or paragraphs changed, the text did not."""
        before, after = self.outside(at, before), self.outside(at, after)
        if before != after:
            self.push(Step([Edit(self.base(at), before, after)]))

    def push(self, step: Step) -> None:
        """A whole step that is done; what was undone is gone."""
        self.undone.clear()
        self._push(step)

    def _push(self, step: Step) -> None:
        self.done.append(step)
        del self.done[: max(0, len(self.done) - MOST_STEPS)]

    def _merged(self, edit: Edit) -> bool:
        """Typing goes on in one step to the end of the word; so does erasing."""
        last = self.done[-1] if self.done else None
        if last is None or last.kind not in ("type", "erase") or len(last.edits) != 1:
            return False
        old = last.edits[0]
        if last.kind == "type" and not edit.removed.text and edit.at == old.at + old.added.size:
            new_word = old.added.text[-1:].isspace() and not edit.added.text[:1].isspace()
            if edit.added.size <= 2 and edit.added.text != "\n" and not new_word:
                joined = _joined(old.added, edit.added)
                last.edits[0] = Edit(old.at, old.removed, replace(joined, blocks=edit.added.blocks))
                last.order = next_order()
                return True
        if last.kind == "erase" and not edit.added.text and edit.removed.size <= 2:
            if edit.at + edit.removed.size == old.at:
                last.edits[0] = Edit(edit.at, _joined(edit.removed, old.removed), edit.added)
                last.order = next_order()
                return True
            if edit.at == old.at:
                last.edits[0] = Edit(old.at, _joined(old.removed, edit.removed), edit.added)
                last.order = next_order()
                return True
        return False

    def begin(self, job: str, at: int) -> Passage:
        passage = Passage(job, at, at)
        self.floating.append(passage)
        return passage

    def land(self, passage: Passage, content: Fragment) -> bool:
        """The passage is finished: it becomes the topmost step. False if nothing was written."""
        at = self.base(passage.start, apart=passage)
        self.floating.remove(passage)
        if not content.text:
            return False
        before = Fragment(blocks=(passage.block,) if passage.block else ())
        self._push(Step([Edit(at, before, content)], "passage", passage.job))
        return True


def _after_removal(position: int, at: int, removed: int) -> int:
    return position if position <= at else max(at, position - removed)


def _joined(one: Fragment, other: Fragment) -> Fragment:
    spans = one.spans + tuple(s.moved(one.size) for s in other.spans)
    runs = ((one.runs or ((one.size, PLAIN),)) + (other.runs or ((other.size, PLAIN),))
            if one.runs or other.runs else ())
    return Fragment(one.text + other.text, spans, tuple(tight(runs)), one.blocks + other.blocks[1:])
