"""The page as the co-author sees it, joined to the real one: places that follow edits, room below paragraphs, changes
as one step of undo with who wrote what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QTimer, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QTextBlock, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QWidget

from studio.ui.write.assist.page import Change
from studio.ui.write.pane import WritePane
from studio.ui.write.story import Story


class TextPlace:
    """A stretch of text; what is typed at its ends stays outside."""

    def __init__(self, story: Story, start: int, length: int) -> None:
        self._anchor = story.anchor(start, start + length)

    @property
    def alive(self) -> bool:
        return self._anchor.alive

    def range(self) -> tuple[int, int]:
        return self._anchor.start, max(0, self._anchor.end - self._anchor.start)


class BelowRoom:
    """Space behind a paragraph, which is no part of text and undo."""

    def __init__(self, page: JoinedPage, at: int) -> None:
        self._page, self.story = page, page.story
        self.gap = self.story.gaps.add(self.story.anchor(at, at), 0)

    @property
    def height(self) -> int:
        return self.gap.height

    def block(self) -> QTextBlock:
        return self.story.document.findBlock(self.gap.anchor.end)

    def set_height(self, px: int) -> None:
        self.gap.set_height(px)
        self._page.late()

    def remove(self) -> None:
        self.gap.remove()
        self._page.drop_room(self)

    def rect(self) -> QRectF:
        return self._page.room_rect(self)


class JoinedPage(QObject):
    """See `PageSide`."""

    edited = Signal()
    caret_moved = Signal()
    selection_changed = Signal()
    scrolled = Signal()
    resized = Signal()
    hovered = Signal(int)
    """The pointer rests on the text at this position; -1: it has left."""
    pressed = Signal()

    def __init__(self, pane: WritePane) -> None:
        super().__init__(pane)
        self.pane, self.page = pane, pane.page
        self._rooms: list[BelowRoom] = []
        pane.edited.connect(self._edited)
        self.page.cursorPositionChanged.connect(self.caret_moved)
        self.page.selectionChanged.connect(self.selection_changed)
        self.page.verticalScrollBar().valueChanged.connect(lambda _: self._scrolled())
        self.page.viewport().installEventFilter(self)
        self.page.viewport().setMouseTracking(True)
        self._resizing = False
        self._late = QTimer(self, singleShot=True, interval=0)
        self._late.timeout.connect(self._scrolled)
        self._rest = QTimer(self, singleShot=True, interval=500)
        self._rest.timeout.connect(self._rested)
        self._pointer: Any = None
        self._watched: Any = None
        pane.node_shown.connect(lambda _: self._watch())
        self._watch()

    @property
    def story(self) -> Story:
        """Of the scene on the page."""
        return self.pane.story

    def _watch(self) -> None:
        """Another document is on the page."""
        layout = self.page.document().documentLayout()
        if layout is not self._watched:
            self._watched = layout
            layout.documentSizeChanged.connect(lambda _: self._late.start())
        self._late.start()

    # ------------------------------------------------------------ text

    def widget(self) -> QWidget:
        return self.page.viewport()

    def cursor(self, at: int) -> QTextCursor:
        cursor = QTextCursor(self.page.document())
        cursor.setPosition(min(max(0, at), self.length()))
        return cursor

    def caret(self) -> int:
        return self.page.textCursor().position()

    def set_caret(self, at: int) -> None:
        self.page.setTextCursor(self.cursor(at))
        self.page.ensureCursorVisible()

    def selection(self) -> tuple[int, int]:
        cursor = self.page.textCursor()
        return cursor.selectionStart(), cursor.selectionEnd() - cursor.selectionStart()

    def length(self) -> int:
        return len(self.story.shadow)

    def to_chars(self, at: int) -> int:
        return self.story.shadow.to_chars(at)

    def from_chars(self, at: int) -> int:
        return self.story.shadow.to_units(at)

    def text(self, start: int, end: int) -> str:
        return self.story.shadow.read(max(0, start), max(0, end))

    def paragraph(self, at: int) -> tuple[int, int]:
        block = self.cursor(at).block()
        return block.position(), block.length() - 1

    def focused(self) -> bool:
        return self.page.hasFocus() and not self.page.isReadOnly() and not self.page.composing

    def place(self, start: int, length: int) -> TextPlace:
        return TextPlace(self.story, start, length)

    def change(self, changes: Sequence[Change]) -> None:
        """Several changes as one step; see `PageSide`."""
        self.story.change([(c.start, c.length, c.text, c.recipe) for c in changes])

    def credit(self, old: str, new: str) -> None:
        self.story.credit(old, new)

    def span(self, at: int) -> tuple[int, int, str] | None:
        """The machine's stretch around a position: start, end and the result it came from, as far as the same result
        goes on without a break."""
        found = next((s for s in self.story.spans.all if s.start <= at < s.end), None)
        if found is None:
            return None
        recipe = self.story.credited(found.recipe)
        start, end = found.start, found.end
        for span in self.story.spans.all:
            if span.start >= end and self.story.credited(span.recipe) == recipe and not self.text(
                    end, span.start).strip("\n"):
                end = span.end
        return start, end, recipe

    # ------------------------------------------------------------ room

    def room(self, at: int) -> BelowRoom:
        room = BelowRoom(self, at)
        self._rooms.append(room)
        return room

    def drop_room(self, room: BelowRoom) -> None:
        if room in self._rooms:
            self._rooms.remove(room)
            self.late()

    def late(self) -> None:
        """Things have moved: tell it when the page is laid out again."""
        self.page.fit_gaps()
        self._late.start()

    def room_rect(self, room: BelowRoom) -> QRectF:
        """Rooms of one paragraph lie one below the other, in the order of their making."""
        block = room.block()
        rect = self.page.block_rect(block)
        lines = block.layout().boundingRect()
        top = rect.top() + lines.bottom() + 10
        for other in self._rooms:
            if other is room:
                break
            if other.block() == block:
                top += other.height
        left, right = self.margins()
        return QRectF(left, top, right - left, room.height)

    # ------------------------------------------------------------ where things are

    def caret_rect(self) -> QRectF:
        return self.page.caret_rect()

    def rect(self, start: int, length: int) -> QRectF:
        first, last = self.page.rect_at(start), self.page.rect_at(start + length)
        return first.united(last) if abs(first.top() - last.top()) < 2 else first

    def margins(self, at: int = -1) -> tuple[float, float]:
        margin = self.page.document().rootFrame().frameFormat().leftMargin()
        form = self.cursor(at).blockFormat() if at >= 0 else QTextBlockFormat()
        return margin + form.leftMargin(), self.page.viewport().width() - margin - form.rightMargin()

    def is_code(self, at: int) -> bool:
        return self.story.block_at(min(max(0, at), self.length())).style == "code"

    def font(self, at: int) -> QFont:
        theme = self.page.theme
        if not self.is_code(at):
            return theme.font("manuscript")
        font = theme.font("mono")
        font.setPixelSize(theme.dp(13))
        return font

    def line_height(self, at: int) -> int:
        theme = self.page.theme
        return theme.dp(22) if self.is_code(at) else theme.line_height("manuscript")

    def reveal(self, rect: QRectF) -> None:
        self.page.keep_clear(rect)

    def repaint(self) -> None:
        self.page.viewport().update()

    def join(self, keys: Sequence[Callable[[QKeyEvent], bool]], claims: Callable[[QKeyEvent], bool],
             paint: Callable[[QPainter, QRect], None]) -> None:
        """keys: asked in this order before the page; claims: whether a key that is a shortcut of the window too is the
        co-author's now; paint: over the text, in the coordinates of the viewport."""
        self.page.key_filters.extend(keys)
        self.page.key_claims.append(claims)
        self.page.overlays.append(paint)

    # ------------------------------------------------------------ events

    def _edited(self) -> None:
        if self._rooms:
            self.page.fit_gaps()
        self.edited.emit()

    def _scrolled(self) -> None:
        self.page.viewport().update()
        if self._resizing:
            self._resizing = False
            self.resized.emit()
        self.scrolled.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Resize:
            self._resizing = True
            self._late.start()
        elif kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._pointer = event.position().toPoint()
            self._rest.start()
        elif kind == QEvent.Type.Leave:
            self._rest.stop()
            self.hovered.emit(-1)
        elif kind == QEvent.Type.MouseButtonPress:
            self._rest.stop()
            self.pressed.emit()
        return False

    def _rested(self) -> None:
        if self._pointer is None:
            return
        cursor = self.page.cursorForPosition(self._pointer)
        rect = QRect(self.page.cursorRect(cursor)).adjusted(-14, -2, 14, 2)
        self.hovered.emit(cursor.position() if rect.contains(self._pointer) else -1)
