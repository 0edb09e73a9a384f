"""The Write workspace: a page on which a person and a machine write at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.project.manuscript.rows import Prose
from studio.ui.theme import Theme
from studio.ui.write.anchors import Anchor
from studio.ui.write.contextbar import WriteBar
from studio.ui.write.find import FindBar
from studio.ui.write.manuscript import Manuscript
from studio.ui.write.story import Story
from studio.ui.write.text import minutes, words

SAVE_MS = 400
LONG = 200_000
"""Counting the words of a text of more characters takes longer than a frame: it is done only every few seconds."""


class WritePane(QWidget):
    """Plain text, spans and tokens go in, signals come out; it knows no project and no engine.

    Positions and lengths are in characters (Python's, not UTF-16 units). A span is
    {"start", "length", "origin": "machine" | "edited", "recipe": result id, "size"}; text outside spans is the
    person's own.

    Hooks for what works on the text beside it:

    - Places: `anchor` follows edits; `text_before`, `text_after`, `paragraph_at`, `span_at` read; `replace` writes, as
      one step of undo and with its author.
    - The page: `page.key_filters` are asked before the page takes a key, `page.key_claims` before a shortcut of the
      window takes it; `page.overlays` paint over the text; `page.add_gap` makes room below a paragraph; `caret_rect`
      and `rect_of` say where things are, in coordinates of `page.viewport()`.
    - Signals: `edited`, `caret_moved`, `selection_changed`, `node_shown`.
    """

    edited = Signal()
    """The text, its looks or its authors changed."""
    caret_moved = Signal()
    node_shown = Signal(str)
    """Another scene is on the page: its id. Anchors of the scene before stay good in their own story."""

    changed = Signal(str, list, int)
    """Text, spans and caret, at most 400 ms after a change."""
    stats_changed = Signal(int, int)
    """Words, and minutes to read them."""
    passage_undone = Signal(str)
    """A passage was taken back while it streamed: stop its job."""
    undo_changed = Signal(bool, bool)
    notice = Signal(str)
    result_dropped = Signal(dict, int)
    """A text result was dropped on the page, at this position; answer with `put_passage`."""
    selection_changed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.story = Story(self)
        self.page = Manuscript(theme, self.story, self)
        self.find_bar = FindBar(theme, self.page, self)
        self.bar = WriteBar(theme)
        self._waiting: list[tuple[str, str]] = []
        self._timer = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._timer.timeout.connect(self._tell)
        self._count_timer = QTimer(self, singleShot=True, interval=4000)
        self._count_timer.timeout.connect(self._count)
        self.setFocusProxy(self.page)
        self.story.edited.connect(self._edited)
        self.story.undo_changed.connect(self.undo_changed)
        self.story.passage_undone.connect(self.passage_undone)
        self.page.notice.connect(self.notice)
        self.page.composed.connect(self._catch_up)
        self.page.result_dropped.connect(lambda result, at: self.result_dropped.emit(
            result, self.story.shadow.to_chars(at)))
        self.page.find_asked.connect(self.find_bar.open)
        self.page.cursorPositionChanged.connect(self.caret_moved)
        self.page.selectionChanged.connect(lambda: self.selection_changed.emit(self.selected_text()))
        self.bar.find_asked.connect(self.find_bar.open)
        self.bar.authorship_toggled.connect(self.set_authorship)
        theme.changed.connect(self.update)

    # ------------------------------------------------------------ text

    def load(self, text: str, spans: Iterable[Mapping[str, Any]] = (), cursor: int = 0) -> None:
        """Show a manuscript; undo starts anew. Nothing is emitted but the counts."""
        self.story.load(text, spans)
        self._timer.stop()
        self.set_cursor_position(cursor)
        self._count()

    def text(self) -> str:
        return self.story.text()

    def spans(self) -> list[dict[str, Any]]:
        """What a machine wrote; see the class."""
        return self.story.span_dicts()

    def cursor_position(self) -> int:
        return self.story.shadow.to_chars(self.page.textCursor().position())

    def set_cursor_position(self, position: int) -> None:
        cursor = self.page.textCursor()
        cursor.setPosition(self.story.shadow.to_units(position))
        self.page.setTextCursor(cursor)

    def selected_text(self) -> str:
        return self.page.textCursor().selectedText().replace("\u2029", "\n")

    def context_before_cursor(self, max_chars: int) -> str:
        """The text before the caret (or before the selection), at most `max_chars` of it, from its end."""
        end = self.page.textCursor().selectionStart()
        text = self.story.shadow.read(max(0, end - 2 * max_chars), end)
        return text[-max_chars:] if max_chars > 0 else ""

    def flush(self) -> None:
        """Emit `changed` now, with what may not have been told yet."""
        self._timer.stop()
        self._tell()

    def _tell(self) -> None:
        text = self.text()
        self.changed.emit(text, self.spans(), self.cursor_position())
        if len(text) < LONG:
            self._count()
        elif not self._count_timer.isActive():
            self._count_timer.start()

    def _edited(self) -> None:
        # Not restarted by each key: who types without a pause must not lose more than this.
        if not self._timer.isActive():
            self._timer.start()
        self.edited.emit()

    def _count(self) -> None:
        count = words(self.text())
        self.bar.show_stats(count, minutes(count))
        self.stats_changed.emit(count, minutes(count))

    # ------------------------------------------------------------ hooks

    def anchor(self, start: int, length: int) -> Anchor:
        """A stretch that follows the edits of the text on the page."""
        shadow = self.story.shadow
        return self.story.anchor(shadow.to_units(start), shadow.to_units(start + length))

    def replace(self, place: Anchor | tuple[int, int], new: Prose | str, recipe: str = "") -> Anchor | None:
        """Put a text in the place of a stretch, as one step of undo.

        place: an anchor (it covers the new text afterwards), or start and length.
        new: a plain text, or a `Prose`, whose spans say who wrote what of it.
        recipe: the id of the result that a plain text came from; "" for the person's own.
        Returns an anchor on the new text; None, and nothing changes, where the anchor's text is gone.
        """
        anchor = place if isinstance(place, Anchor) else self.anchor(*place)
        if not anchor.alive:
            return None
        prose = new if isinstance(new, Prose) else Prose(new)
        story, start = anchor.story, anchor.start
        end = story.replace(start, anchor.end, prose.text, prose.spans, recipe)
        anchor.set(start, end)
        anchor.alive = True
        if story is self.story:
            cursor = self.page.textCursor()
            cursor.setPosition(end)
            self.page.setTextCursor(cursor)
        return anchor

    def text_before(self, count: int) -> str:
        """At most `count` characters before the caret, or before the selection."""
        return self.context_before_cursor(count)

    def text_after(self, count: int) -> str:
        """At most `count` characters behind the caret, or behind the selection."""
        start = self.page.textCursor().selectionEnd()
        return self.story.shadow.read(start, start + 2 * max(0, count))[:max(0, count)]

    def paragraph_at(self, position: int) -> tuple[int, int]:
        """Start and length of the paragraph around a position."""
        shadow = self.story.shadow
        block = self.page.document().findBlock(shadow.to_units(position))
        start, end = block.position(), block.position() + block.length() - 1
        return shadow.to_chars(start), len(shadow.read(start, end))

    def span_at(self, position: int) -> dict[str, Any] | None:
        """The span that covers the character at a position; None where the person wrote it."""
        at = self.story.shadow.to_units(position)
        return self.story.span_dict(at)

    def caret_rect(self) -> QRectF:
        return self.page.caret_rect()

    def rect_of(self, start: int, length: int) -> QRectF:
        """See `Manuscript.rect_of`."""
        shadow = self.story.shadow
        return self.page.rect_of(shadow.to_units(start), shadow.to_units(start + length))

    # ------------------------------------------------------------ passages

    def begin_passage(self, job_id: str, position: int) -> None:
        """Text of a job will come in at `position`; the place is kept while the person goes on writing."""
        self.story.begin_passage(job_id, self.story.shadow.to_units(position))

    def append_token(self, job_id: str, text: str) -> None:
        """Put text at the end of the job's passage. Unknown jobs (taken back already) are passed over."""
        if self.page.composing:
            self._waiting.append((job_id, text))  # an input method holds the paragraph
            return
        visible = self.page.follows = self.page.caret_visible()
        try:
            passage = self.story.append(job_id, text)
        finally:
            self.page.follows = True
        if passage is not None and visible:
            end, caret = self.page.rect_at(passage.end), QRectF(self.page.cursorRect())
            room = self.page.viewport().height() - self.page.bottom_inset - 24
            down = min(end.bottom() - room, max(0.0, caret.top() - 8))
            if down > 0:
                bar = self.page.verticalScrollBar()
                bar.setValue(bar.value() + int(down))

    def end_passage(self, job_id: str, result_id: str) -> None:
        """The job is finished: its text becomes one step of undo, marked with the result it came from."""
        self._catch_up()
        self.story.land(job_id, result_id)

    def fail_passage(self, job_id: str) -> None:
        """The job failed or was stopped: what came stays, as one step of undo."""
        self._catch_up()
        self.story.land(job_id)

    def put_passage(self, text: str, result_id: str, position: int | None = None) -> None:
        """Insert a finished machine text (at the caret, if no position is given) as one step of undo."""
        at = self.page.textCursor().position() if position is None else self.story.shadow.to_units(position)
        end = self.story.put_passage(text, result_id, at)
        cursor = self.page.textCursor()
        cursor.setPosition(end)
        self.page.setTextCursor(cursor)

    def streaming(self) -> list[str]:
        """The jobs whose passages are open."""
        return [p.job for p in self.story.history.floating]

    def _catch_up(self) -> None:
        waiting, self._waiting = self._waiting, []
        for job_id, text in waiting:
            self.story.append(job_id, text)

    # ------------------------------------------------------------ commands

    def undo(self) -> None:
        self.page.undo_step()

    def redo(self) -> None:
        self.page.redo_step()

    def can_undo(self) -> bool:
        return self.story.can_undo()

    def can_redo(self) -> bool:
        return bool(self.story.history.undone)

    def find(self) -> None:  # type: ignore[override]
        self.find_bar.open()

    def set_authorship(self, shown: bool) -> None:
        """Show or hide the rule in the margin that says who wrote what."""
        self.page.authorship = shown
        self.bar.authorship.setChecked(shown)
        self.page.viewport().update()

    def context_bar(self) -> QWidget:
        """For the context bar (40 px high)."""
        return self.bar

    def set_bottom_inset(self, px: int) -> None:
        """How much at the bottom lies under the prompt bar: the caret keeps clear of it."""
        self.page.set_bottom_inset(px)

    # ------------------------------------------------------------ widget

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_A and event.modifiers() == (
                Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier):
            self.set_authorship(not self.page.authorship)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        QApplication.sendEvent(self.page.verticalScrollBar(), event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.page.setGeometry(self.rect())
        self.find_bar.ensurePolished()
        size = self.find_bar.sizeHint()
        right = (self.width() + self.page.page_width()) // 2
        self.find_bar.setGeometry(QRect(max(8, right - size.width() - 16), 12, size.width(), size.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self.theme.color("canvas"))

    def select(self, start: int, length: int) -> None:
        """Select characters, as a click on a result's place would."""
        cursor = self.page.textCursor()
        cursor.setPosition(self.story.shadow.to_units(start))
        cursor.setPosition(self.story.shadow.to_units(start + length), QTextCursor.MoveMode.KeepAnchor)
        self.page.setTextCursor(cursor)
