"""The page: a text editor with the face of a book and a spring caret; what is around the text, `pagepaint` paints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QShowEvent,
    QTextBlock,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.popup import Menu
from studio.ui.write.anchors import Anchor, Gap
from studio.ui.write.editing import LOOK_KEYS, Editing
from studio.ui.write.look import Look, Pictures
from studio.ui.write.pagepaint import PagePainter
from studio.ui.write.pasting import Pasting
from studio.ui.write.story import Story

PAGE, COLUMN = 720, 592


class Manuscript(Pasting):
    """Shows a `Story`. The viewport is the page, so that resizing the window does not break lines anew."""

    composed = Signal()
    """An input method has finished; tokens that waited may come in."""
    find_asked = Signal()
    format_changed = Signal()
    """The style or the emphasis at the caret may be another."""
    object_asked = Signal(int)
    """The footnote, picture or link at this position (UTF-16 units) was clicked."""
    menu_opening = Signal(object, int)
    """Menu, and the position that was clicked: others may put their entries in."""

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
        below = max(self.bottom_inset + 96, self.height() // 2 if self.typewriter else 0) + self._last_gap()
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

    def _last_gap(self) -> int:
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

    # ------------------------------------------------------------ input

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and any(c(cast(QKeyEvent, event)) for c in self.key_claims):
            event.accept()
            return True
        if event.type() == QEvent.Type.ShortcutOverride and _pressed(cast(QKeyEvent, event)) in LOOK_KEYS:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and any(f(cast(QKeyEvent, event)) for f in self.key_filters):
            event.accept()  # here, because Tab would leave the page before `keyPressEvent`
            return True
        if event.type() == QEvent.Type.KeyPress and _is_tab(cast(QKeyEvent, event)) and self.editing.take_key(
                cast(QKeyEvent, event)):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        standard = QKeySequence.StandardKey
        if event.matches(standard.Undo):
            self.undo_step()
        elif event.matches(standard.Redo) or (event.key() == Qt.Key.Key_Y
                                              and event.modifiers() == Qt.KeyboardModifier.ControlModifier):
            self.redo_step()
        elif event.matches(standard.Find):
            self.find_asked.emit()
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in (
                Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Period):
            event.ignore()  # generate and stop belong to the window
        elif not self.isReadOnly() and self.editing.take_key(event):
            event.accept()
        else:
            super().keyPressEvent(event)

    def undo_step(self) -> None:
        if self.undo_with is not None:
            self.undo_with()
        else:
            self.go(self.story.undo())

    def redo_step(self) -> None:
        if self.redo_with is not None:
            self.redo_with()
        else:
            self.go(self.story.redo())

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

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        super().inputMethodEvent(event)
        self.composing = bool(event.preeditString())
        if not self.composing:
            self.composed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()  # QTextEdit would change the size of the face
        else:
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = Menu(self.theme, "Text", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        selected = self.textCursor().hasSelection()
        for text, key, slot, enabled in (
            ("Undo", "Ctrl+Z", self.undo_step, self.story.can_undo()),
            ("Redo", "Ctrl+Shift+Z", self.redo_step, bool(self.story.history.undone)),
            ("", "", None, False),
            ("Cut", "Ctrl+X", self.cut, selected), ("Copy", "Ctrl+C", self.copy, selected),
            ("Paste", "Ctrl+V", self.paste, self.canPaste()),
            ("Select all", "Ctrl+A", self.selectAll, True),
            ("", "", None, False),
            ("Find", "Ctrl+F", self.find_asked.emit, True),
        ):
            if slot is None:
                menu.addSeparator()
                continue
            action = menu.addAction(text)
            action.setShortcut(QKeySequence(key))
            action.setEnabled(enabled)
            action.triggered.connect(lambda _=False, s=slot: s())
        self.menu_opening.emit(menu, self.cursorForPosition(event.pos()).position())
        menu.popup(event.globalPos())

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

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() != Qt.MouseButton.LeftButton or self.textCursor().hasSelection():
            return
        note = self.painting.notes.at(event.position(), self.painting.notes_top(), self.column_width())
        if note is not None:
            self.object_asked.emit(note)
            return
        at = self.cursorForPosition(event.position().toPoint()).position()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        for place in (at, at - 1):
            looks = dict(self.story.runs.at(place)) if place >= 0 else {}
            if ("footnote" in looks or "image" in looks) and self._hits(place, event.position()):
                self.object_asked.emit(place)
                return
            if "link" in looks and control:
                self.object_asked.emit(place)
                return

    def _hits(self, at: int, point: QPointF) -> bool:
        rect = self.rect_of(at, at + 1)
        return rect.adjusted(-2, -4, 2, 4).contains(point)

    def sizeHint(self) -> Any:
        return QSizeF(PAGE, 600).toSize()


def _is_tab(event: QKeyEvent) -> bool:
    return event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


def _pressed(event: QKeyEvent) -> tuple[Qt.Key, Qt.KeyboardModifier]:
    return Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
