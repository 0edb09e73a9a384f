"""The Write workspace: a page on which a person and a machine write at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, cast

from PySide6.QtCore import QRect, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.project.manuscript.rows import Prose
from studio.ui.theme import Theme
from studio.ui.write.anchors import Anchor
from studio.ui.write.contextbar import WriteBar
from studio.ui.write.find import FindBar
from studio.ui.write.manuscript import Manuscript
from studio.ui.write.passages import Passages
from studio.ui.write.story import Story
from studio.ui.write.text import minutes, words

SAVE_MS = 400
LEAST_PAGE = 360
"""Width of the page from which on there is room for something beside it."""
LONG = 200_000
"""Counting the words of a text of more characters takes longer than a frame: it is done only every few seconds."""


class StructureSteps(Protocol):
    """The undo of what is no text: the tree of the manuscript, and changes of several scenes at once."""

    def last_order(self) -> int:
        """Of the step that undo would take back, 0 where there is none; see `history.next_order`."""

    def next_order(self) -> int:
        """Of the step that redo would bring back, 0 where there is none."""

    def undo(self) -> None: ...
    def redo(self) -> None: ...
    def text_changed(self) -> None:
        """The person wrote something: what was undone is gone."""


class WritePane(Passages):
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

    changed = Signal(str, object, int)
    """Id of a scene, its Prose and the caret in it, at most 400 ms after a change."""
    stats_changed = Signal(int, int)
    """Words, and minutes to read them."""
    passage_undone = Signal(str)
    """A passage was taken back while it streamed: stop its job."""
    undo_changed = Signal(bool, bool)
    narrowed = Signal(bool)
    """There is room for the side no longer, or again."""
    notice = Signal(str)
    result_dropped = Signal(dict, int)
    """A text result was dropped on the page, at this position; answer with `put_passage`."""
    selection_changed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.stories: dict[str, Story] = {}
        """Those of the scenes that were on the page, by their ids; each keeps its history."""
        self._carets: dict[str, tuple[int, int]] = {}
        self._jobs: dict[str, Story] = {}
        self._unsaved: set[Story] = set()
        self.structure: StructureSteps | None = None
        """What can be undone besides the text."""
        self._stepping = False
        self._spare = self._new_story("")
        self.page = Manuscript(theme, self._spare, self)
        self.page.undo_with, self.page.redo_with = self.undo, self.redo
        self.find_bar = FindBar(theme, self.page, self)
        self.bar = WriteBar(theme)
        self._waiting: list[tuple[str, str]] = []
        self._timer = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._timer.timeout.connect(self._tell)
        self._count_timer = QTimer(self, singleShot=True, interval=4000)
        self._count_timer.timeout.connect(self._count)
        self.setFocusProxy(self.page)
        self.page.notice.connect(self.notice)
        self.page.composed.connect(self._catch_up)
        self.page.result_dropped.connect(lambda result, at: self.result_dropped.emit(
            result, self.story.shadow.to_chars(at)))
        self.page.find_asked.connect(self.find_bar.open)
        self.page.cursorPositionChanged.connect(self.caret_moved)
        self.page.selectionChanged.connect(lambda: self.selection_changed.emit(self.selected_text()))
        self.bar.style_chosen.connect(lambda style: self._format(lambda: self._choose_style(style)))
        self.bar.look_toggled.connect(lambda kind: self._format(lambda: self.page.editing.toggle(kind)))
        self.page.format_changed.connect(self._show_format)
        self.side: QWidget | None = None
        self.narrow = False
        """There is no room for the side beside the page: it lies over it, while it is asked for."""
        self.bar.authorship_toggled.connect(self.set_authorship)
        theme.changed.connect(self.update)

    # ------------------------------------------------------------ scenes

    @property
    def node(self) -> str:
        """Id of the scene on the page, "" where it is none."""
        return self.story.node

    def _new_story(self, node: str) -> Story:
        story = Story(self)
        story.node = node
        story.edited.connect(lambda: self._edited(story))
        story.undo_changed.connect(lambda *_: self.tell_undo())
        story.passage_undone.connect(self.passage_undone)
        return story

    def open_story(self, node: str, prose: Prose) -> Story:
        """The story of a scene, made of `prose` where it is not open yet."""
        story = self.stories.get(node)
        if story is None:
            story = self.stories[node] = self._new_story(node)
            look = self.page.look_of(story)
            story.document.setPageSize(QSizeF(0, 0))  # nothing is laid out until it has a width
            with look.loading():
                story.load(prose)
            look.retheme()
            story.document.setTextWidth(self.page.page_width())
        return story

    def show_scene(self, node: str, prose: Prose | None = None, cursor: int | None = None) -> None:
        """Put a scene on the page, where it was left or at `cursor`; `prose` is needed the first time."""
        if node != self.node:
            self._leave()
        story = self.open_story(node, prose or Prose())
        caret, scroll = self._carets.get(node, (0, None))
        if cursor is not None:
            caret, scroll = story.shadow.to_units(cursor), None
        self.find_bar.dismiss(focus=False)
        self.page.show_story(story, caret, scroll)
        self._count()
        self.tell_undo()
        self.node_shown.emit(node)

    def _leave(self) -> None:
        if self.node:
            self._carets[self.node] = self.page.textCursor().position(), self.page.verticalScrollBar().value()
        self.flush()

    def set_head(self, caption: str, title: str) -> None:
        """What stands above the text."""
        self.page.set_head(caption, title)

    def forget_scene(self, node: str) -> None:
        """The scene's text was changed elsewhere or is gone: read it anew when it is shown again."""
        story = self.stories.pop(node, None)
        if story is None:
            return
        self._unsaved.discard(story)
        if story is self.story:
            self.page.show_story(self._spare, 0)
        self.page.forget(story)
        story.deleteLater()

    # ------------------------------------------------------------ text

    def load(self, text: Prose | str, spans: Iterable[Mapping[str, Any]] = (), cursor: int = 0) -> None:
        """Replace what is on the page; undo starts anew. Nothing is emitted but the counts."""
        self.story.load(text, spans)
        self._timer.stop()
        self._unsaved.discard(self.story)
        self.set_cursor_position(cursor)
        self._count()

    def text(self) -> str:
        return self.story.text()

    def prose(self) -> Prose:
        """What is on the page, with its looks."""
        return self.story.prose()

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
        for story in list(self._unsaved):
            here = story is self.story
            caret = self.page.textCursor().position() if here else self._carets.get(story.node, (0, 0))[0]
            self.changed.emit(story.node, story.prose(), story.shadow.to_chars(caret))
        self._unsaved.clear()
        if len(self.story.shadow) < LONG:
            self._count()
        elif not self._count_timer.isActive():
            self._count_timer.start()

    def _edited(self, story: Story) -> None:
        self._unsaved.add(story)
        if self.structure is not None and not self._stepping and not story.history.undone:
            self.structure.text_changed()
        # Not restarted by each key: who types without a pause must not lose more than this.
        if not self._timer.isActive():
            self._timer.start()
        if story is self.story:
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
        story, start = cast("Story", anchor.story), anchor.start
        end = story.replace(start, anchor.end, new, recipe)
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

    # ------------------------------------------------------------ commands

    def undo(self) -> None:
        """Take back what was done last, in the text on the page or in the structure."""
        self._stepping = True
        try:
            done = self.story.history.done
            tagged = bool(done) and bool(done[-1].tag)
            if self.structure is not None and (tagged or self.structure.last_order() > self.story.last_order()):
                self.structure.undo()
            else:
                self.page.go(self.story.undo())
        finally:
            self._stepping = False
        self.tell_undo()

    def redo(self) -> None:
        self._stepping = True
        try:
            undone = self.story.history.undone
            order = self.structure.next_order() if self.structure is not None else 0
            if order and self.structure and (not undone or undone[-1].tag or order < undone[-1].order):
                self.structure.redo()
            else:
                self.page.go(self.story.redo())
        finally:
            self._stepping = False
        self.tell_undo()

    def tell_undo(self) -> None:
        self.undo_changed.emit(self.can_undo(), self.can_redo())

    def can_undo(self) -> bool:
        return self.story.can_undo() or (self.structure is not None and self.structure.last_order() > 0)

    def can_redo(self) -> bool:
        return bool(self.story.history.undone) or (self.structure is not None and self.structure.next_order() > 0)

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

    def _format(self, act: Callable[[], object]) -> None:
        act()
        self.page.setFocus()
        self._show_format()

    def _choose_style(self, style: Any) -> None:
        if style == "break":
            self.page.editing.insert_break()
        else:
            self.page.editing.set_style(style)

    def _show_format(self) -> None:
        editing = self.page.editing
        self.bar.show_format(editing.style().style, {kind for kind in self.bar.looks if editing.has(kind)})

    def set_side(self, side: QWidget) -> None:
        """What stands at the left of the page."""
        self.side = side
        side.setParent(self)
        self.place()

    def side_width(self) -> int:
        """What the side takes of the page's room: nothing where it lies over a narrow page."""
        beside = self.side is not None and not self.side.isHidden() and not self.narrow
        return self.side.width() if self.side is not None and beside else 0

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
        self.place()

    def place(self) -> None:
        """Give page, side and find bar their places."""
        if self.side is not None:
            narrow = self.width() < self.side.width() + self.theme.dp(LEAST_PAGE)
            if narrow != self.narrow:
                self.narrow = narrow
                self.narrowed.emit(narrow)
        left = self.side_width()
        if self.side is not None:
            self.side.setGeometry(0, 0, self.side.width(), self.height())
            self.side.raise_()
        self.page.setGeometry(left, 0, self.width() - left, self.height())
        self.find_bar.ensurePolished()
        size = self.find_bar.sizeHint()
        right = left + (self.page.width() + self.page.page_width()) // 2
        self.find_bar.setGeometry(QRect(max(8, right - size.width() - 16), 12, size.width(), size.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self.theme.color("canvas"))

    def select(self, start: int, length: int) -> None:
        """Select characters, as a click on a result's place would."""
        cursor = self.page.textCursor()
        cursor.setPosition(self.story.shadow.to_units(start))
        cursor.setPosition(self.story.shadow.to_units(start + length), QTextCursor.MoveMode.KeepAnchor)
        self.page.setTextCursor(cursor)
