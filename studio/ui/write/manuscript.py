"""The page: a text editor with the face of a book and a spring caret; what is around the text, `pagepaint` paints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QRect, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QShowEvent,
    QTextBlock,
    QTextCursor,
)
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from studio.ui.theme import Theme
from studio.ui.write.anchors import Anchor, Gap
from studio.ui.write.editing import Editing
from studio.ui.write.look import Look, Pictures
from studio.ui.write.pageinput import PageInput
from studio.ui.write.pagepaint import PagePainter
from studio.ui.write.story import Story

PAGE, COLUMN = 720, 592


class Manuscript(PageInput):
    """Shows a `Story`. The viewport is the page, so that resizing the window does not break lines anew."""

    format_changed = Signal()
    """The style or the emphasis at the caret may be another."""

    def __init__(self, theme: Theme, story: Story, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.story = theme, story
        self.authorship = True
        self.composing = False
        self.bottom_inset = 0
        self.follows = True
        """The page scrolls to the caret when that moves; off while a token moves a caret that is out of sight."""
        self.key_filters: list[Callable[[QKeyEvent], bool]] = []
        """Asked first, in order; the one that returns True has dealt with the key."""
        self.key_claims: list[Callable[[QKeyEvent], bool]] = []
        """Where one returns True, the key comes to the page even if it is a shortcut of the window."""
        self.overlays: list[Callable[[QPainter, QRect], None]] = []
        """Paint over the text, in viewport coordinates; the rectangle is what is to be painted anew."""
        self.undo_with: Callable[[], object] | None = None
        self.redo_with: Callable[[], object] | None = None
        """Where more than the story on the page can be undone."""
        self._caret_on = True
        self._laying_out = self._was_shown = False
        self.head = ("", "")
        """Caption and title above the text."""
        self.hint = ""
        """What is to happen here, shown while the page is empty."""
        self.focus_mode = False
        self.typewriter = False
        self.pictures = Pictures()
        self.editing = Editing(self)
        self.painting = PagePainter(self)
        self._looks: dict[Story, Look] = {}
        self.setDocument(story.document)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("bare", True)
        self.setProperty("noFocusRing", True)  # the caret tells, and the ring would run round the outline too
        self.setCursorWidth(0)  # Qt draws it in the colour of the text
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Manuscript")
        self.setTabChangesFocus(True)
        self.look = self.look_of(story)
        self._blink = QTimer(self)
        self._blink.timeout.connect(self._blinked)
        self.cursorPositionChanged.connect(self._moved)
        story.edited.connect(self._notes_changed)
        self.selectionChanged.connect(self.format_changed)
        theme.changed.connect(self.retheme)
        self.retheme()

    # ------------------------------------------------------------ stories

    def look_of(self, story: Story) -> Look:
        """What dresses a story; made on first use."""
        if story not in self._looks:
            self._looks[story] = Look(self.theme, story, lambda: self.pictures)
            story.document.setDefaultFont(self.theme.font("manuscript"))
        return self._looks[story]

    def forget(self, story: Story) -> None:
        self._looks.pop(story, None)

    def show_story(self, story: Story, caret: int, scroll: int | None = None) -> None:
        """Put another scene on the page. caret: UTF-16 units."""
        if story is not self.story:
            self.story.edited.disconnect(self._notes_changed)
            self.story = story
            story.edited.connect(self._notes_changed)
            self.painting.notes.read(story)
            self.look = self.look_of(story)
            self.setDocument(story.document)
            self.setCursorWidth(0)
            if story.document.defaultFont() != self.theme.font("manuscript"):
                self.look.retheme()
            self._lay_out(anew=scroll is None)
        self.go(caret)
        if scroll is not None:
            self.verticalScrollBar().setValue(scroll)
        self.format_changed.emit()
        self.viewport().update()

    # ------------------------------------------------------------ look

    def retheme(self) -> None:
        theme = self.theme
        sky = theme.color("sky")
        self.setStyleSheet(
            f"QTextEdit {{ background: transparent; border: none; padding: 0; color: {theme.tokens.t1};"
            f" selection-background-color: rgba({sky.red()}, {sky.green()}, {sky.blue()}, 61);"
            f" selection-color: {theme.tokens.t1}; }}")
        self.viewport().setAutoFillBackground(False)
        font = theme.font("manuscript")
        self.document().setDefaultFont(font)
        self.setFont(font)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Text, theme.color("t1"))
        palette.setColor(QPalette.ColorRole.Highlight, theme.color("sky", 0.24))
        palette.setColor(QPalette.ColorRole.HighlightedText, theme.color("t1"))
        self.setPalette(palette)
        self.look.retheme()
        self._lay_out()

    def page_width(self) -> int:
        return min(self.theme.dp(PAGE), self.width())

    def _lay_out(self, *, anew: bool = False) -> None:
        """Fit margins and width to the page. anew: the text may be laid out bit by bit, what is seen first; it has no
        place yet that it could lose by that."""
        if self._laying_out:
            return
        self._laying_out = True
        width = self.page_width()
        side = (self.width() - width) // 2
        bar = self.verticalScrollBar().sizeHint().width() if side < 12 else 0
        self.setViewportMargins(side, 0, max(0, side - bar), 0)
        margin = max(28, (width - self.theme.dp(COLUMN)) // 2)
        root = self.document().rootFrame()
        frame = root.frameFormat()
        top = 44.0 if not any(self.head) else 40.0 + self.theme.dp(68)
        below = max(self.bottom_inset + 96, self.height() // 2 if self.typewriter else 0) + self.last_gap()
        wanted = (float(margin), top, float(margin), float(below + self.notes_height()))
        if (frame.leftMargin(), frame.topMargin(), frame.rightMargin(), frame.bottomMargin()) != wanted:
            frame.setLeftMargin(wanted[0])
            frame.setTopMargin(wanted[1])
            frame.setRightMargin(wanted[2])
            frame.setBottomMargin(wanted[3])
            # No text changes: without this the story would compare and the highlighter dress all of it anew.
            blocked = self.document().blockSignals(True)
            if anew or not self.isVisible():
                self.document().setPageSize(QSizeF(0, 0))
            root.setFrameFormat(frame)
            self.document().blockSignals(blocked)
        if self.document().textWidth() != self.viewport().width():
            self.document().setTextWidth(self.viewport().width())
        self._laying_out = False

    def set_head(self, caption: str, title: str) -> None:
        """Caption and title above the text."""
        if (caption, title) != self.head:
            self.head = (caption, title)
            self._lay_out()
            self.viewport().update()

    def set_hint(self, text: str) -> None:
        """What is to happen here, for a page on which nothing stands yet."""
        if text != self.hint:
            self.hint = text
            self.viewport().update()

    def set_focus_mode(self, on: bool) -> None:
        """Only the paragraph of the caret is bright."""
        self.focus_mode = on
        self.viewport().update()

    def set_typewriter(self, on: bool) -> None:
        """The line of the caret stays at the same height."""
        self.typewriter = on
        self._lay_out()
        if on:
            self.centre_caret()

    def set_bottom_inset(self, px: int) -> None:
        seen = self.caret_visible()
        self.bottom_inset = px
        self._lay_out()
        if seen:
            self.keep_clear(QRectF(self.cursorRect()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            QTimer.singleShot(0, self, self.show_caret)  # by then page and prompt bar have their sizes

    def resizeEvent(self, event: QResizeEvent) -> None:
        caret, old = self.cursorRect(), event.oldSize().height()
        super().resizeEvent(event)
        self._lay_out()
        if caret.bottom() >= 0 and caret.top() <= old - self.bottom_inset:  # it was seen before
            self.keep_clear(QRectF(self.cursorRect()))

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self.viewport()), self.theme
        self.painting.under(painter, QRectF(event.rect()))
        painter.end()
        super().paintEvent(event)
        if self.overlays or self.focus_mode:
            painter = QPainter(self.viewport())
            self.painting.over(painter)
            for paint in self.overlays:
                painter.save()
                paint(painter, event.rect())
                painter.restore()
            painter.end()
        if self._caret_on and self.hasFocus() and not self.isReadOnly():
            painter = QPainter(self.viewport())
            caret = self.caret_rect()
            painter.fillRect(QRectF(caret.left(), caret.top(), 2, caret.height()), theme.color("spring"))

    def caret_rect(self) -> QRectF:
        """The caret, as high as a line of body text, in viewport coordinates."""
        rect = QRectF(self.cursorRect())
        height = min(rect.height(), QFontMetrics(self.theme.font("manuscript")).height())
        return QRectF(rect.left(), rect.bottom() - height, 2, height) if rect.height() < 40 else rect

    def block_rect(self, block: QTextBlock) -> QRectF:
        """Where a paragraph's lines are, in viewport coordinates."""
        rect = self.document().documentLayout().blockBoundingRect(block)
        return rect.translated(0, -self.verticalScrollBar().value())

    # ------------------------------------------------------------ caret

    def _restart_blink(self) -> None:
        self._caret_on = True
        interval = QApplication.cursorFlashTime() // 2
        if self.hasFocus() and interval > 0 and not self.theme.reduced_motion:
            self._blink.start(interval)
        else:
            self._blink.stop()
        self.viewport().update()

    def _blinked(self) -> None:
        self._caret_on = not self._caret_on
        self.viewport().update(self.caret_rect().toAlignedRect().adjusted(-1, -1, 2, 1))

    def _moved(self) -> None:
        self._restart_blink()
        if self.story.typing is not None and self.story.typing_at != self.textCursor().position():
            self.story.typing = None
        if self.follows:
            self.keep_clear(QRectF(self.cursorRect()))
            if self.typewriter:
                self.centre_caret()
        self.format_changed.emit()

    def centre_caret(self) -> None:
        """Scroll so that the line of the caret stands at the same height."""
        bar, rect = self.verticalScrollBar(), self.cursorRect()
        height = self.viewport().height() - self.bottom_inset
        bar.setValue(bar.value() + rect.center().y() - round(height * 0.45))

    def keep_clear(self, rect: QRectF) -> None:
        """Scroll so that `rect` (viewport coordinates) lies above the prompt bar, as far as its top stays in sight."""
        over = rect.bottom() - (self.viewport().height() - self.bottom_inset - 24)
        if over > 0 and rect.bottom() > 0:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + int(min(over, max(0.0, rect.top() - 8))))

    def last_gap(self) -> int:
        """Qt counts the room below the last paragraph as no part of the document's height."""
        return self.story.gaps.height(self.document().blockCount() - 1)

    def fit_gaps(self) -> None:
        """Gaps have come, gone or grown: the page is as high as they need."""
        self._lay_out()

    def caret_visible(self) -> bool:
        rect = self.cursorRect()
        return rect.bottom() >= 0 and rect.top() <= self.viewport().height() - self.bottom_inset

    def rect_at(self, position: int) -> QRectF:
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(position, self.document().characterCount() - 1))
        return QRectF(self.cursorRect(cursor))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._restart_blink()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._restart_blink()

    def rect_of(self, start: int, end: int) -> QRectF:
        """What [start, end) (UTF-16 units) takes up, in viewport coordinates: over several lines, all their width."""
        first, last = self.rect_at(start), self.rect_at(end)
        if abs(first.top() - last.top()) < 1:
            return QRectF(first.topLeft(), last.bottomRight()).normalized()  # right to left it runs backwards
        margin = self.document().rootFrame().frameFormat().leftMargin()
        return QRectF(margin, first.top(), self.viewport().width() - 2 * margin, last.bottom() - first.top())

    def add_gap(self, anchor: Anchor, height: int) -> Gap:
        """Room of `height` pixels below the paragraph in which `anchor` ends; it goes with the paragraph."""
        return self.story.gaps.add(anchor, height)

    def go(self, position: int | None) -> None:
        """Put the caret there (UTF-16 units), and show it."""
        if position is not None:
            cursor = self.textCursor()
            cursor.setPosition(min(position, self.document().characterCount() - 1))
            self.setTextCursor(cursor)
            self.show_caret()

    def show_caret(self) -> None:
        """Scroll so that the caret is seen, above the prompt bar."""
        self.ensureCursorVisible()
        self.keep_clear(QRectF(self.cursorRect()))

    def notes_height(self) -> int:
        """Room for the footnotes behind the text, in pixels."""
        return self.painting.notes.height(self.column_width())

    def column_width(self) -> int:
        """Of the text, in pixels."""
        width = self.page_width()
        return width - 2 * max(28, (width - self.theme.dp(COLUMN)) // 2)

    def _notes_changed(self) -> None:
        """Footnotes came, went or say something else: their list at the foot has another height."""
        if self.painting.notes.read(self.story):
            self._lay_out()
        self.viewport().update()

    def sizeHint(self) -> Any:
        return QSizeF(PAGE, 600).toSize()
