"""The text of a manuscript: a QTextDocument, who wrote what in it, and one history for person and machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextBlockFormat, QTextCursor, QTextDocument

from studio.ui.write.anchors import Anchor, Gaps
from studio.ui.write.history import Edit, Fragment, History, Passage, Step
from studio.ui.write.spans import Span, Spans
from studio.ui.write.text import Shadow, clean, units


class Story(QObject):
    """Records every change of its document. Positions inside are UTF-16 units; those of the dicts are characters.

    QTextDocument's own undo is off: it is strictly in order, and a passage that streamed while the person typed
    elsewhere could not be taken back as one step.
    """

    edited = Signal()
    """The text or its spans changed."""
    undo_changed = Signal(bool, bool)
    """Whether there is something to undo, and to redo."""
    passage_undone = Signal(str)
    """A passage was taken back while it still streamed: its job is to be stopped."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = QTextDocument(self)
        self.document.setUndoRedoEnabled(False)
        self.document.documentLayout()  # without a layout a document tells nobody about its changes
        self.shadow = Shadow()
        self.spans = Spans()
        self.history = History()
        self.paragraph = QTextBlockFormat()
        """Line height and space of every paragraph."""
        self.gaps = Gaps(self)
        self._anchors: WeakSet[Anchor] = WeakSet()
        self._dirty: tuple[int, int] | None = None
        self._silent = False
        self._owner: Passage | None = None
        self._carried: tuple[Span, ...] = ()
        self._credits: dict[str, str] = {}
        """Results that were not known when their text came in."""
        self.document.contentsChange.connect(self._changed)
        self.document.contentsChanged.connect(self.dress)

    # ------------------------------------------------------------ whole

    def text(self) -> str:
        return self.shadow.text()

    def load(self, text: str, spans: Iterable[Mapping[str, Any]]) -> None:
        """Replace everything; the history starts anew. Spans that do not fit the text are cut or left out."""
        with self._quietly():
            cursor = QTextCursor(self.document)
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.removeSelectedText()
            cursor.setBlockFormat(self.paragraph)  # what is inserted takes it over; setPlainText would lose it
            cursor.insertText(clean(text))
        self.history.clear()
        self.gaps.clear()
        for anchor in list(self._anchors):
            anchor.alive = False
        self._anchors.clear()
        self.spans = Spans(_read_spans(spans, self.shadow))
        self.undo_changed.emit(False, False)

    def span_dicts(self) -> list[dict[str, Any]]:
        """start and length in characters; origin "machine" or "edited"; recipe: result id; size: length in UTF-16
        units as the machine wrote it, 0 if unknown."""
        ascii_only = len(self.shadow) == len(self.text())
        return [self._record(s, ascii_only) for s in self.spans.all]

    def span_dict(self, at: int) -> dict[str, Any] | None:
        """The span that covers the unit at `at`, None where the person wrote it."""
        found = next((s for s in self.spans.all if s.start <= at < s.end), None)
        return self._record(found, False) if found is not None else None

    def _record(self, s: Span, ascii_only: bool) -> dict[str, Any]:
        start = s.start if ascii_only else self.shadow.to_chars(s.start)
        length = s.length if ascii_only else len(self.shadow.read(s.start, s.end))
        origin = "machine" if s.size in (0, s.length) else "edited"
        recipe = self.credited(s.recipe)
        return {"start": start, "length": length, "origin": origin, "recipe": recipe, "size": s.size}

    # ------------------------------------------------------------ places

    def anchor(self, start: int, end: int) -> Anchor:
        """A stretch (UTF-16 units) that follows the edits."""
        total = len(self.shadow)
        start = min(max(0, start), total)
        made = Anchor(self, start, min(max(start, end), total))
        self._anchors.add(made)
        return made

    def replace(self, start: int, end: int, text: str, spans: Iterable[Mapping[str, Any]] = (), recipe: str = ""
                ) -> int:
        """Put a text in place of [start, end), as one step of undo; returns its end.

        spans: who wrote what in it, in characters, as `span_dicts` has them. recipe: where there are no spans, the
        result that all of it came from; "" is the person.
        """
        text = clean(text)
        size = len(Shadow(text))
        inside = tuple(_read_spans(spans, Shadow(text))) if spans else _written(text, recipe)
        gone, added = self._fragment(start, end), Fragment(text, inside)
        self.history.record(start, gone, added, "edit")
        with self._quietly():
            if end > start:
                self._remove(start, end - start)
            if text:
                self._insert(start, text)
                self.spans.add(added.spans, start)
        self._tell()
        return start + size

    def mark_paragraphs(self, first: int, last: int) -> None:
        """Their look may have changed: `dress` sees to them."""
        low, high = self._dirty or (first, last)
        self._dirty = min(low, first), max(high, last)

    def dress(self) -> None:
        """Give the paragraphs that changed their look."""
        if self._dirty is None:
            return
        (first, last), self._dirty = self._dirty, None
        block = self.document.findBlockByNumber(max(0, first))
        cursor = QTextCursor(self.document)
        with self._quietly():
            while block.isValid() and block.blockNumber() <= last:
                wanted = self.look(block.blockNumber())
                if block.blockFormat() != wanted:
                    cursor.setPosition(block.position())
                    cursor.setBlockFormat(wanted)
                block = block.next()

    def look(self, number: int) -> QTextBlockFormat:
        """How the paragraph with this number is to be laid out."""
        made = QTextBlockFormat(self.paragraph)
        made.setBottomMargin(self.paragraph.bottomMargin() + self.gaps.height(number))
        return made

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
        self.history.land(passage, self._fragment(start, end))
        self._tell()

    def put_passage(self, text: str, recipe: str, at: int) -> int:
        """Insert a finished machine text as one step; returns the position behind it."""
        job = f"put:{recipe}:{at}"
        self.begin_passage(job, at)
        passage = self.append(job, text)
        end = passage.end if passage is not None else at
        self.land(job, recipe)
        return end

    def change(self, changes: Sequence[tuple[int, int, str, str]]) -> None:
        """Replace stretches as one step: (position, length, text, recipe) each, as they are before it; they do not
        overlap. A recipe marks the text as a machine's; "" as the person's. "job:..." may be credited later."""
        edits = []
        with self._quietly():
            for at, length, text, recipe in sorted(changes, key=lambda c: c[0], reverse=True):
                text = clean(text)
                base, gone = self.history.base(at), self.history.outside(at, self._fragment(at, at + length))
                if length:
                    self._remove(at, length)
                added = Fragment(text, _written(text, recipe))
                if text:
                    self._insert(at, text)
                    self.spans.add(added.spans, at)
                if gone.text or text:
                    edits.append(Edit(base, gone, added))
        if edits:
            self.history.push(Step(edits))
            self._tell()

    def credit(self, old: str, new: str) -> None:
        """Text that was marked with the recipe `old` came from the result `new`; undone steps know it too."""
        self._credits[old] = new
        self.edited.emit()

    def credited(self, recipe: str) -> str:
        """The result that a span's recipe stands for, "" if it is not known."""
        found = self._credits.get(recipe, recipe)
        return "" if found.startswith("job:") else found

    def carried(self, start: int, end: int) -> list[list[Any]]:
        """What a machine wrote in [start, end), for the clipboard: start, end, recipe, size of each stretch."""
        return [[s.start - start, s.end - start, self.credited(s.recipe), s.size]
                for s in self.spans.within(start, end)]

    def paste(self, cursor: QTextCursor, text: str, carried: Any) -> None:
        """The person puts text from this studio in place of the selection; what a machine wrote in it stays marked."""
        spans, total = [], len(Shadow(text))
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

    # ------------------------------------------------------------ undo

    def can_undo(self) -> bool:
        return bool(self.history.done) or any(p.length for p in self.history.floating)

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
                pieces = self.history.pieces(edit.at, edit.removed.size)
                for start, length in reversed(pieces):
                    self._remove(start, length)
                at = pieces[0][0] if pieces and not edit.added.text else self.history.place(edit.at)
                if edit.added.text:
                    self._insert(at, edit.added.text)
                    self.spans.add(edit.added.spans, at)
                    at += edit.added.size
        return at

    # ------------------------------------------------------------ the document

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Changes in here are followed, not recorded."""
        before, self._silent = self._silent, True
        try:
            yield
        finally:
            self._silent = before

    def _insert(self, at: int, text: str) -> None:
        cursor = QTextCursor(self.document)
        cursor.setPosition(at)
        cursor.insertText(text)

    def _remove(self, at: int, length: int) -> None:
        cursor = QTextCursor(self.document)
        cursor.setPosition(at)
        cursor.setPosition(at + length, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()

    def _fragment(self, start: int, end: int) -> Fragment:
        spans = tuple(s.moved(-start) for s in self.spans.within(start, end))
        return Fragment(self.shadow.read(start, end), spans)

    def _read(self, start: int, end: int) -> str:
        cursor = QTextCursor(self.document)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText().replace("\u2029", "\n").replace("\u2028", "\n")

    def _changed(self, at: int, removed: int, added: int) -> None:
        """Qt counts the last paragraph's end and formats as changes too: find what really changed."""
        total = self.document.characterCount() - 1
        if at + added > total or len(self.shadow) - removed + added != total:
            at, removed, added = 0, len(self.shadow), total
        new, old = self._read(at, at + added), self.shadow.read(at, at + removed)
        if new == old:
            return
        head = _common(old, new) if removed and added else 0
        tail = _common(old[head:][::-1], new[head:][::-1]) if removed and added else 0
        skipped = len(Shadow(old[:head]))
        old, new = old[head : len(old) - tail], new[head : len(new) - tail]
        self._follow(at + skipped, old, new)

    def _follow(self, at: int, old: str, new: str) -> None:
        removed, added = len(Shadow(old)), len(Shadow(new))
        gone = Fragment(old, self.spans.remove(at, removed)) if removed else Fragment()
        if added:
            self.spans.insert(at, added)
            self.spans.add(self._carried, at)
        if not self._silent:
            self.history.record(at, gone, Fragment(new, self._carried))
        self.shadow.splice(at, removed, new)
        self.history.shift(at, removed, added, self._owner)
        for anchor in self._anchors:
            anchor.shift(at, removed, added)
        first = self.document.findBlock(at).blockNumber()
        self.mark_paragraphs(first, first + new.count("\n"))
        if self.gaps.all:
            self.gaps.apply()
        if not self._silent:
            self._tell()

    def _tell(self) -> None:
        self.undo_changed.emit(self.can_undo(), bool(self.history.undone))
        self.edited.emit()


def _written(text: str, recipe: str) -> tuple[Span, ...]:
    """The marks of a machine's text, one a paragraph; none for a person's."""
    out, at = [], 0
    for line in text.split("\n") if recipe else ():
        length = units(line)
        out.append(Span(at, at + length, recipe, length))
        at += length + 1
    return tuple(span for span in out if span.length)


def _common(one: str, other: str) -> int:
    """Length of the common start, in characters."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _read_spans(spans: Iterable[Mapping[str, Any]], shadow: Shadow) -> list[Span]:
    """Spans that lie in a text, in units."""
    out, last, total = [], 0, len(shadow)
    records = []
    for record in spans:
        try:
            start, length = int(record["start"]), int(record["length"])
        except (KeyError, TypeError, ValueError):
            continue
        if record.get("origin") != "you" and length > 0 and start >= 0:
            records.append((start, length, str(record.get("recipe") or ""), record.get("size") or 0))
    for start, length, recipe, size in sorted(records, key=lambda r: r[0]):
        low = max(last, shadow.to_units(start))
        high = min(total, shadow.to_units(start + length))
        if high > low:
            out.append(Span(low, high, recipe, int(size) if isinstance(size, int) else 0))
            last = high
    return out
