"""The text of a scene in a QTextDocument, followed: what every edit took away and brought, with looks and authors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from weakref import WeakSet

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextBlock, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument

from studio.project.manuscript.rows import BODY, OBJECT, Block, Prose
from studio.ui.write.anchors import Anchor, Gaps
from studio.ui.write.history import Fragment, History, Passage
from studio.ui.write.paragraphs import spliced
from studio.ui.write.runs import PLAIN, STAYS_BEHIND, Looks, Run, Runs, marks_of, object_of, runs_of
from studio.ui.write.spans import Span, Spans
from studio.ui.write.text import Shadow, clean, units

OBJECT_TYPES = {"footnote": 0x1001, "image": 0x1002}
"""How the document knows footnotes and pictures (QTextFormat.ObjectTypes.UserObject and above)."""


class Dresser(Protocol):
    """What makes looks visible; see `studio.ui.write.look`."""

    def block_format(self, block: Block, below: int) -> QTextBlockFormat:
        """Layout of a paragraph with `below` pixels of room under it."""

    def restyle(self, block: QTextBlock) -> None:
        """The looks in this paragraph have changed."""


class StoryBase(QObject):
    """Keeps text, blocks, runs and spans equal to the document. Positions are UTF-16 units.

    Attributes:
        document: without an undo of its own.
        shadow, runs, blocks, spans: the text, how it looks, its paragraphs, and who wrote it.
        typing: looks of what is typed next, None: those of what stands before it.
        dresser: None while nothing shows the story.
    """

    edited = Signal()
    """The text, its looks or its spans changed."""
    undo_changed = Signal(bool, bool)
    """Whether there is something to undo, and to redo."""
    passage_undone = Signal(str)
    """A passage was taken back or deleted while it still streamed: its job is to be stopped."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = QTextDocument(self)
        self.document.setUndoRedoEnabled(False)
        self.document.documentLayout()  # without a layout a document tells nobody about its changes
        self.shadow, self.runs, self.spans = Shadow(), Runs(), Spans()
        self.blocks: list[Block] = [BODY]
        self.history = History()
        self.typing: Looks | None = None
        self.typing_at = -1
        self.dresser: Dresser | None = None
        self.gaps = Gaps(self)
        self._anchors: WeakSet[Anchor] = WeakSet()
        self._dirty: tuple[int, int] | None = None
        self._silent = False
        self._owner: Passage | None = None
        self._carried: tuple[Span, ...] = ()
        self._arriving: tuple[Run, ...] = ()
        """Looks of the text that is being put in, where it brings its own."""
        self._credits: dict[str, str] = {}
        """Results that were not known when their text came in."""
        self.document.contentsChange.connect(self._changed)
        self.document.contentsChanged.connect(self.dress)

    # ------------------------------------------------------------ whole

    def text(self) -> str:
        return self.shadow.text()

    def load(self, prose: Prose | str, spans: Iterable[Mapping[str, Any]] = ()) -> None:
        """Replace everything; the history starts anew. Marks and spans that do not fit the text are cut or left out."""
        prose = prose if isinstance(prose, Prose) else Prose(prose, spans=tuple(dict(s) for s in spans))
        text = clean(prose.text, objects=True)
        fresh = Shadow(text)
        runs = tuple(runs_of(prose.marks, fresh))
        with self._quietly():
            cursor = QTextCursor(self.document)
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.removeSelectedText()
            cursor.setBlockFormat(self._layout(BODY, 0))  # what is inserted takes it over
            self._insert(0, text, runs)
            count = text.count("\n") + 1
            self.blocks = [*prose.blocks[:count], *[BODY] * (count - len(prose.blocks))]
            self.mark_paragraphs(0, count)
        self.history.clear()
        self.gaps.clear()
        for anchor in list(self._anchors):
            anchor.alive = False
        self._anchors.clear()
        self.spans = Spans(read_spans(prose.spans, self.shadow))
        self.typing = None
        self.dress()
        self.undo_changed.emit(False, False)

    def prose(self) -> Prose:
        """Everything, as the project keeps it."""
        return Prose(self.text(), tuple(self.blocks), marks_of(self.runs.all, self.shadow), tuple(self.span_dicts()))

    def span_dicts(self) -> list[dict[str, Any]]:
        """start and length in characters; origin "machine" or "edited"; recipe: result id; size: length in UTF-16
        units as the machine wrote it, 0 if unknown."""
        out, before, at = [], 0, 0
        for span in self.spans.all:
            before += len(self.shadow.read(at, span.start))
            length = len(self.shadow.read(span.start, span.end))
            out.append(self._record(span, before, length))
            before, at = before + length, span.end
        return out

    def span_dict(self, at: int) -> dict[str, Any] | None:
        """The span that covers the unit at `at`, None where the person wrote it."""
        found = next((s for s in self.spans.all if s.start <= at < s.end), None)
        if found is None:
            return None
        return self._record(found, self.shadow.to_chars(found.start), len(self.shadow.read(found.start, found.end)))

    def _record(self, s: Span, start: int, length: int) -> dict[str, Any]:
        origin = "machine" if s.size in (0, s.length) else "edited"
        return {"start": start, "length": length, "origin": origin, "recipe": self.credited(s.recipe), "size": s.size}

    def credited(self, recipe: str) -> str:
        """The result that a span's recipe stands for, "" if it is not known."""
        found = self._credits.get(recipe, recipe)
        return "" if found.startswith("job:") else found

    # ------------------------------------------------------------ places

    def anchor(self, start: int, end: int) -> Anchor:
        """A stretch (UTF-16 units) that follows the edits."""
        total = len(self.shadow)
        start = min(max(0, start), total)
        made = Anchor(self, start, min(max(start, end), total))
        self._anchors.add(made)
        return made

    def paragraph_of(self, position: int) -> int:
        """The number of the paragraph around a position."""
        return self.document.findBlock(min(max(0, position), len(self.shadow))).blockNumber()

    def block_at(self, position: int) -> Block:
        return self.blocks[self.paragraph_of(position)]

    def looks_for_typing(self, at: int) -> Looks:
        """What text that is typed at a position looks like."""
        if self.typing is not None:
            return self.typing
        block = self.document.findBlock(at)
        before = self.runs.at(at - 1) if at > block.position() else self.runs.at(at)
        behind = self.runs.at(at)
        return tuple(look for look in before if look[0] not in STAYS_BEHIND
                     or (look[0] == "link" and at > block.position() and look in behind))

    # ------------------------------------------------------------ looks of paragraphs

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
            cursor.beginEditBlock()
            while block.isValid() and (number := block.blockNumber()) <= last:
                wanted = self._layout(self.blocks[number], self.gaps.height(number))
                if block.blockFormat() != wanted:
                    cursor.setPosition(block.position())
                    cursor.setBlockFormat(wanted)
                block = block.next()
            cursor.endEditBlock()

    def restyle(self, first: int, last: int) -> None:
        """The looks inside these paragraphs changed, or the paragraphs themselves."""
        self.mark_paragraphs(first, last)
        self.dress()
        block = self.document.findBlockByNumber(first)
        while self.dresser is not None and block.isValid() and block.blockNumber() <= last:
            self.dresser.restyle(block)
            block = block.next()

    def _layout(self, block: Block, below: int) -> QTextBlockFormat:
        if self.dresser is not None:
            return self.dresser.block_format(block, below)
        made = QTextBlockFormat()
        made.setBottomMargin(below)
        return made

    # ------------------------------------------------------------ the document

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Changes in here are followed, not recorded."""
        before, self._silent = self._silent, True
        try:
            yield
        finally:
            self._silent = before

    def _insert(self, at: int, text: str, runs: Sequence[Run] = ()) -> None:
        """Put text in that looks as `runs` say, or plain."""
        self._arriving = tuple(runs) or ((units(text), PLAIN),)
        cursor = QTextCursor(self.document)
        cursor.setPosition(at)
        try:
            if OBJECT not in text:
                cursor.insertText(text, QTextCharFormat())
                return
            cursor.beginEditBlock()
            shadow, position = Shadow(text), 0
            for length, looks in self._arriving:
                cursor.insertText(shadow.read(position, position + length), _char_format(looks))
                position += length
            cursor.endEditBlock()
        finally:
            self._arriving = ()

    def _remove(self, at: int, length: int) -> None:
        cursor = QTextCursor(self.document)
        cursor.setPosition(at)
        cursor.setPosition(at + length, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()

    def fragment(self, start: int, end: int) -> Fragment:
        """What is in [start, end)."""
        first, last = self.paragraph_of(start), self.paragraph_of(end)
        runs = tuple(self.runs.within(start, end))
        spans = tuple(s.moved(-start) for s in self.spans.within(start, end))
        return Fragment(self.shadow.read(start, end), spans, _slim(runs), tuple(self.blocks[first:last + 1]))

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
        skipped = units(old[:head])
        old, new = old[head : len(old) - tail], new[head : len(new) - tail]
        self._follow(at + skipped, old, new)

    def _follow(self, at: int, old: str, new: str) -> None:
        removed, added = units(old), units(new)
        deleted = self._let_go(at, at + removed) if removed and not self._silent else []
        gone_spans = self.spans.remove(at, removed) if removed else ()
        gone_runs = tuple(self.runs.within(at, at + removed))
        if added:
            self.spans.insert(at, added)
            self.spans.add(self._carried, at)
        block = self.document.findBlock(at)
        first, lines = block.blockNumber(), old.count("\n")
        before = tuple(self.blocks[first:first + lines + 1])
        rest = block.length() - 1 > at - block.position() + units(new.partition("\n")[0]) if "\n" not in new else \
            self._stands_behind(at + added)
        after = spliced(before, new, at_start=at == block.position(), rest=rest)
        arriving = (self._arriving if sum(length for length, _ in self._arriving) == added
                    else ((added, self.looks_for_typing(at) if self._owner is None else PLAIN),))
        self.blocks[first:first + lines + 1] = after
        if not self._silent:
            gone = Fragment(old, gone_spans, _slim(gone_runs), before)
            self.history.record(at, gone, Fragment(new, self._carried, _slim(arriving), tuple(after)))
        self.shadow.splice(at, removed, new)
        self.runs.splice(at, removed, arriving)
        self.history.shift(at, removed, added, self._owner)
        for anchor in self._anchors:
            anchor.shift(at, removed, added)
        self.mark_paragraphs(first, first + len(after) - 1)
        if self.gaps.all:
            self.gaps.apply(dress=False)
        self.typing = None
        if not self._silent:
            self._tell()
        for job in deleted:
            self.passage_undone.emit(job)

    def _let_go(self, start: int, end: int) -> list[str]:
        """Finish the passages that the person is about to delete, so that undo brings back all of them; their jobs."""
        gone = [p for p in self.history.floating if p.length and start <= p.start and p.end <= end]
        for passage in gone:
            text = self.shadow.read(passage.start, passage.end)
            self.spans.settle(passage.start, passage.end, text, f"job:{passage.job}", "")
            spans = tuple(s.moved(-passage.start) for s in self.spans.within(passage.start, passage.end))
            runs = _slim(tuple(self.runs.within(passage.start, passage.end)))
            self.history.land(passage, Fragment(text, spans, runs))
        return [passage.job for passage in gone]

    def _stands_behind(self, position: int) -> bool:
        """Whether text of the same paragraph stands behind a position."""
        block = self.document.findBlock(position)
        return position - block.position() < block.length() - 1

    def _tell(self) -> None:
        floats = any(p.length for p in self.history.floating)
        self.undo_changed.emit(bool(self.history.done) or floats, bool(self.history.undone))
        self.edited.emit()


def _slim(runs: Sequence[Run]) -> tuple[Run, ...]:
    return tuple(runs) if any(looks for _, looks in runs) else ()


def _char_format(looks: Looks) -> QTextCharFormat:
    """For an object the type by which it is drawn; everything else is dressed by the highlighter."""
    made = QTextCharFormat()
    found = object_of(looks)
    if found is not None:
        made.setObjectType(OBJECT_TYPES[found[0]])
    return made


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


def read_spans(spans: Iterable[Mapping[str, Any]], shadow: Shadow) -> list[Span]:
    """Spans that lie in a text, in units."""
    records = []
    for record in spans:
        try:
            start, length = int(record["start"]), int(record["length"])
        except (KeyError, TypeError, ValueError):
            continue
        if record.get("origin") != "you" and length > 0 and start >= 0:
            records.append((start, length, str(record.get("recipe") or ""), record.get("size") or 0))
    out: list[Span] = []
    last, total = 0, len(shadow)
    plain = total == len(shadow.text())
    for start, length, recipe, size in sorted(records, key=lambda r: r[0]):
        low = max(last, min(total, start) if plain else shadow.to_units(start))
        high = min(total, start + length if plain else shadow.to_units(start + length))
        if high > low:
            out.append(Span(low, high, recipe, int(size) if isinstance(size, int) else 0))
            last = high
    return out
