"""The text of a scene with one history for person and machine: passages that stream, looks, and undo for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor

from studio.project.manuscript.rows import BODY, Block, Prose
from studio.ui.write.history import Edit, Fragment, Passage, Step
from studio.ui.write.runs import OBJECTS, PLAIN, Looks, Run, Runs, marks_of, runs_of, with_look, without_look
from studio.ui.write.spans import Span, Spans
from studio.ui.write.storybase import StoryBase, read_spans
from studio.ui.write.text import Shadow, clean, units


class Story(StoryBase):
    """Records every change of its document. Positions inside are UTF-16 units; those of dicts and prose characters.

    QTextDocument's own undo is off: it is strictly in order, and a passage that streamed while the person typed
    elsewhere could not be taken back as one step.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.node = ""
        """Id of the scene, where the story is one."""

    # ------------------------------------------------------------ passages

    def begin_passage(self, job: str, at: int) -> None:
        if self.history.passage(job) is None:
            self.history.begin(job, min(max(0, at), len(self.shadow)))

    def append(self, job: str, text: str) -> Passage | None:
        """Put a token at the end of its passage, wherever that is by now. None if the passage is gone."""
        passage = self.history.passage(job)
        text = clean(text)
        if passage is None or not text:
            return passage
        before = passage.end
        if not passage.length:
            passage.block = self.block_at(before)
        self._owner = passage
        try:
            with self._quietly():
                self._insert(before, text)
        finally:
            self._owner = None
        self.history.undone.clear()
        self.spans.add([Span(before, passage.end, f"job:{job}")])
        self._tell()
        return passage

    def land(self, job: str, recipe: str = "") -> None:
        """The passage is finished (or will get no more): it becomes one step of undo."""
        passage = self.history.passage(job)
        if passage is None:
            return
        start, end = passage.start, passage.end
        self.spans.settle(start, end, self.shadow.read(start, end), f"job:{job}", recipe)
        self.history.land(passage, self.fragment(start, end))
        self._tell()

    def put_passage(self, text: str, recipe: str, at: int) -> int:
        """Insert a finished machine text as one step; returns the position behind it."""
        job = f"put:{recipe}:{at}"
        self.begin_passage(job, at)
        passage = self.append(job, text)
        end = passage.end if passage is not None else at
        self.land(job, recipe)
        return end

    # ------------------------------------------------------------ changes in one step

    def replace(self, start: int, end: int, new: Prose | str, recipe: str = "", tag: str = "") -> int:
        """Put a text in place of [start, end), as one step of undo; returns its end.

        new: a plain text, written by the result `recipe` ("": the person); or a prose that says so itself in its
        spans. Its paragraphs keep their blocks where it has any, but the first one where it begins in the middle of
        another.
        """
        added = self._written(new, recipe)
        at_start = start == self.document.findBlock(start).position()
        self._step([self._put(start, end, added, isinstance(new, Prose) and bool(new.blocks), at_start)], tag)
        return start + added.size

    def change(self, changes: Sequence[tuple[int, int, str, str]], tag: str = "") -> None:
        """Replace stretches as one step: (position, length, text, recipe) each, as they are before it; they do not
        overlap. A recipe marks the text as a machine's; "" as the person's. "job:..." may be credited later."""
        edits = [self._put(at, at + length, self._written(text, recipe), False, False)
                 for at, length, text, recipe in sorted(changes, key=lambda c: c[0], reverse=True)]
        self._step(edits, tag)

    def _written(self, new: Prose | str, recipe: str) -> Fragment:
        prose = new if isinstance(new, Prose) else Prose(new)
        text = clean(prose.text, objects=True)
        shadow = Shadow(text)
        spans = read_spans(prose.spans, shadow) if prose.spans or not recipe else _machine(text, recipe)
        count = text.count("\n") + 1
        blocks = (*prose.blocks[:count], *[BODY] * (count - len(prose.blocks))) if prose.blocks else ()
        return Fragment(text, tuple(spans), tuple(runs_of(prose.marks, shadow)) if prose.marks else (), blocks)

    def _put(self, start: int, end: int, added: Fragment, styled: bool, at_start: bool) -> Edit | None:
        """Put a fragment in place of a stretch, without recording it."""
        first, inside = self.paragraph_of(start), self.history.inside(start, end - start)
        base, gone = self.history.base(start), self.history.outside(start, self.fragment(start, end))
        looks = self.runs.at(start) if end > start else self.looks_for_typing(start)
        runs = added.runs or (((added.size, _inherited(looks)),) if not styled else ())
        with self._quietly():
            if end > start:
                self._remove(start, end - start)
            if added.text:
                self._insert(start, added.text, runs)
                self.spans.add(added.spans, start)
            if styled and len(added.blocks) == added.text.count("\n") + 1:
                skip = 0 if at_start else 1
                self.blocks[first + skip:first + len(added.blocks)] = added.blocks[skip:]
        self.restyle(first, first + added.text.count("\n"))
        put = self.fragment(start, start + added.size)
        return Edit(base, gone, put) if (gone.text or put.text) and not inside else None

    def _step(self, edits: Iterable[Edit | None], tag: str = "") -> None:
        made = [edit for edit in edits if edit is not None]
        if made:
            self.history.push(Step(made, tag=tag))
            self._tell()

    def credit(self, old: str, new: str) -> None:
        """Text that was marked with the recipe `old` came from the result `new`; undone steps know it too."""
        self._credits[old] = new
        self.edited.emit()

    # ------------------------------------------------------------ clipboard

    def part(self, start: int, end: int) -> Prose:
        """[start, end) as a prose of its own."""
        piece = self.fragment(start, end)
        shadow = Shadow(piece.text)
        spans = tuple({"start": shadow.to_chars(s.start), "length": len(shadow.read(s.start, s.end)),
                       "origin": "machine" if s.size in (0, s.length) else "edited",
                       "recipe": self.credited(s.recipe), "size": s.size} for s in piece.spans)
        return Prose(piece.text, piece.blocks, marks_of(piece.runs, shadow) if piece.runs else (), spans)

    def carried(self, start: int, end: int) -> list[list[Any]]:
        """What a machine wrote in [start, end), for the clipboard: start, end, recipe, size of each stretch."""
        return [[s.start - start, s.end - start, self.credited(s.recipe), s.size]
                for s in self.spans.within(start, end)]

    def paste(self, cursor: QTextCursor, text: str, carried: Any) -> None:
        """The person puts text from this studio in place of the selection; what a machine wrote in it stays marked."""
        spans, total = [], units(text)
        for entry in carried if isinstance(carried, list) else []:
            match entry:
                case [int(start), int(end), str(recipe), int(size)] if 0 <= start < end <= total:
                    spans.append(Span(start, end, recipe, size))
        cursor.removeSelectedText()
        self._carried = tuple(Spans(spans).all)
        try:
            cursor.insertText(text)
        finally:
            self._carried = ()

    # ------------------------------------------------------------ looks

    def set_look(self, start: int, end: int, kind: str, value: str = "", *, on: bool = True) -> None:
        """Give all of [start, end) a look, or take it away; one step of undo."""
        self._change_looks(start, end, lambda looks: with_look(looks, kind, value) if on else without_look(looks, kind))

    def toggle_look(self, start: int, end: int, kind: str) -> None:
        """Take a look away where all of [start, end) has it, else give it to all. Nothing selected: to what is typed
        next."""
        if start == end:
            looks = self.looks_for_typing(start)
            self.typing = without_look(looks, kind) if (kind, "") in looks else with_look(looks, kind)
            self.typing_at = start
            return
        self.set_look(start, end, kind, on=not self.runs.everywhere(start, end, kind))

    def _change_looks(self, start: int, end: int, change: Callable[[Looks], Looks]) -> None:
        before = self.fragment(start, end)
        fresh = self.runs.changed(start, end, change)
        if tuple(fresh) == tuple(self.runs.within(start, end)):
            return
        self.history.record_looks(start, before, replace(before, runs=tuple(fresh)))
        self._set_runs(start, fresh)
        self._tell()

    def _set_runs(self, start: int, runs: Sequence[Run]) -> None:
        length = sum(n for n, _ in runs)
        self.runs.splice(start, length, runs)
        self.restyle(self.paragraph_of(start), self.paragraph_of(start + length))

    def set_blocks(self, start: int, end: int, change: Block | Callable[[Block], Block]) -> None:
        """Give all paragraphs that [start, end) touches a block; one step of undo."""
        first, last = self.paragraph_of(start), self.paragraph_of(end)
        old = self.blocks[first:last + 1]
        new = [change(block) if callable(change) else change for block in old]
        if new == old:
            return
        at = self.document.findBlockByNumber(first).position()
        block = self.document.findBlockByNumber(last)
        before = self.fragment(at, block.position() + block.length() - 1)
        self.history.record_looks(at, before, replace(before, blocks=tuple(new)))
        self.blocks[first:last + 1] = new
        self.restyle(first, last)
        self._tell()

    # ------------------------------------------------------------ undo

    def can_undo(self) -> bool:
        return bool(self.history.done) or any(p.length for p in self.history.floating)

    def last_order(self) -> int:
        """Of the step that undo would take back; 0 where there is none."""
        if any(p.length for p in self.history.floating):
            return 1 << 60
        return self.history.done[-1].order if self.history.done else 0

    def undo(self) -> int | None:
        """Take back the last step; a passage that still streams is the last. Returns where the caret belongs."""
        streaming = next((p for p in reversed(self.history.floating) if p.length), None)
        if streaming is not None:
            self.land(streaming.job)
            self.passage_undone.emit(streaming.job)
        if not self.history.done:
            return None
        step = self.history.done.pop()
        at = self._apply([edit.inverse() for edit in reversed(step.edits)])
        self.history.undone.append(step)
        self._tell()
        return at

    def redo(self) -> int | None:
        if not self.history.undone:
            return None
        step: Step = self.history.undone.pop()
        at = self._apply(step.edits)
        self.history.done.append(step)
        self._tell()
        return at

    def _apply(self, edits: list[Edit]) -> int:
        at = 0
        with self._quietly():
            for edit in edits:
                at = self._apply_looks(edit) if edit.looks_only else self._apply_text(edit)
        return at

    def _apply_text(self, edit: Edit) -> int:
        pieces = self.history.pieces(edit.at, edit.removed.size)
        for start, length in reversed(pieces):
            self._remove(start, length)
        at = pieces[0][0] if pieces and not edit.added.text else self.history.place(edit.at)
        first = self.paragraph_of(at)
        if edit.added.text:
            self._insert(at, edit.added.text, edit.added.runs)
            self.spans.add(edit.added.spans, at)
            at += edit.added.size
        self._apply_blocks(first, edit.added)
        return at

    def _apply_looks(self, edit: Edit) -> int:
        pieces = self.history.pieces(edit.at, edit.added.size)
        at, taken = self.history.place(edit.at), 0
        first = self.paragraph_of(pieces[0][0] if pieces else at)
        runs = edit.added.runs or ((edit.added.size, PLAIN),)
        for start, length in pieces:
            self._set_runs(start, _part(runs, taken, taken + length))
            taken += length
            at = start + length
        self._apply_blocks(first, edit.added)
        return at

    def _apply_blocks(self, first: int, fragment: Fragment) -> None:
        if fragment.blocks:
            self.blocks[first:first + len(fragment.blocks)] = fragment.blocks[:max(0, len(self.blocks) - first)]
        self.restyle(first, first + fragment.text.count("\n"))


def _part(runs: Sequence[Run], start: int, end: int) -> list[Run]:
    return Runs(runs).within(start, end)


def _inherited(looks: Looks) -> Looks:
    return tuple(look for look in looks if look[0] not in OBJECTS)


def _machine(text: str, recipe: str) -> tuple[Span, ...]:
    """The marks of a machine's text, one a paragraph."""
    out, at = [], 0
    for line in text.split("\n"):
        length = units(line)
        out.append(Span(at, at + length, recipe, length))
        at += length + 1
    return tuple(span for span in out if span.length)
