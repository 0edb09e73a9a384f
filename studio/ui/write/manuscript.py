"""The page: a text editor with the face of a book, a spring caret and the authorship rule in its margin."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QPointF, QRect, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QTextEdit, QWidget

from studio.ui.canvas.drops import RESULT_MIME
from studio.ui.theme import Theme
from studio.ui.widgets.popup import Menu
from studio.ui.write.anchors import Anchor, Gap
from studio.ui.write.headings import Headings
from studio.ui.write.story import Story
from studio.ui.write.text import MAX_PASTE, clean

PAGE, COLUMN = 720, 592
RULE, RULE_GAP = 3, 24
SPANS_MIME = "application/x-pieria-spans"
"""Which stretches of copied text a machine wrote: cutting and pasting does not change who wrote it."""
PLACEHOLDER = "Start writing, or ask for a first line below."


class Manuscript(QTextEdit):
    """Shows a `Story`. The viewport is the page, so that resizing the window does not break lines anew."""

    notice = Signal(str)
    composed = Signal()
    """An input method has finished; tokens that waited may come in."""
    result_dropped = Signal(dict, int)
    """A text result of the project, and the position (UTF-16 units)."""
    find_asked = Signal()

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
        self._caret_on = True
        self._laying_out = False
        self.setDocument(story.document)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("bare", True)
        self.setCursorWidth(0)  # Qt draws it in the colour of the text
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Manuscript")
        self.setTabChangesFocus(True)
        self.headings = Headings(theme, story.document)
        self._blink = QTimer(self)
        self._blink.timeout.connect(self._blinked)
        self.cursorPositionChanged.connect(self._moved)
        story.edited.connect(self.viewport().update)
        theme.changed.connect(self.retheme)
        self.retheme()

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
        self.dress()
        self.headings.rehighlight()

    def dress(self) -> None:
        """Give paragraphs their line height and the space behind them, and the page its margins."""
        paragraph = QTextBlockFormat()
        least = QTextBlockFormat.LineHeightTypes.MinimumHeight.value
        paragraph.setLineHeight(self.theme.line_height("manuscript"), least)
        paragraph.setBottomMargin(self.theme.dp(14))
        self.story.paragraph = paragraph
        self.story.mark_paragraphs(0, self.document().blockCount())
        self.story.dress()
        self._lay_out()

    def page_width(self) -> int:
        return min(self.theme.dp(PAGE), self.width())

    def _lay_out(self) -> None:
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
        wanted = (float(margin), 44.0, float(margin), float(self.bottom_inset + 96))
        if (frame.leftMargin(), frame.topMargin(), frame.rightMargin(), frame.bottomMargin()) != wanted:
            frame.setLeftMargin(wanted[0])
            frame.setTopMargin(wanted[1])
            frame.setRightMargin(wanted[2])
            frame.setBottomMargin(wanted[3])
            root.setFrameFormat(frame)
        if self.document().textWidth() != self.viewport().width():
            self.document().setTextWidth(self.viewport().width())
        self._laying_out = False

    def set_bottom_inset(self, px: int) -> None:
        self.bottom_inset = px
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, view = QPainter(self.viewport()), self.theme, self.viewport()
        painter.fillRect(view.rect(), theme.color("page"))
        painter.fillRect(0, 0, 1, view.height(), theme.color("line"))
        painter.fillRect(view.width() - 1, 0, 1, view.height(), theme.color("line"))
        if self.authorship:
            self._paint_rules(painter)
        if self.document().isEmpty():
            self._paint_placeholder(painter)
        painter.end()
        super().paintEvent(event)
        if self.overlays:
            painter = QPainter(self.viewport())
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

    def _paint_placeholder(self, painter: QPainter) -> None:
        margin = self.document().rootFrame().frameFormat().leftMargin()
        painter.setFont(self.theme.font("manuscript"))
        painter.setPen(self.theme.color("t3"))
        line = QRectF(self.cursorRect()).adjusted(3, 0, self.viewport().width() - 2 * margin, 2)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, PLACEHOLDER)

    def block_rect(self, block: QTextBlock) -> QRectF:
        """Where a paragraph's lines are, in viewport coordinates."""
        rect = self.document().documentLayout().blockBoundingRect(block)
        return rect.translated(0, -self.verticalScrollBar().value())

    def _paint_rules(self, painter: QPainter) -> None:
        if not self.story.spans.all:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = self.document().rootFrame().frameFormat().leftMargin() - RULE_GAP + RULE / 2
        bottom = self.viewport().height()
        block = self.cursorForPosition(QPointF(0, 0).toPoint()).block()
        while block.isValid():
            rect = self.block_rect(block)
            if rect.top() > bottom:
                break
            start = block.position()
            written = self.story.spans.paragraph(start, start + block.length() - 1) if block.length() > 1 else "yours"
            if written != "yours":
                self._paint_rule(painter, x, rect, written == "edited")
            block = block.next()

    def _paint_rule(self, painter: QPainter, x: float, rect: QRectF, dashed: bool) -> None:
        pen = QPen(self.theme.color("iris"), RULE)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if dashed else Qt.PenCapStyle.RoundCap)
        if dashed:
            pen.setDashPattern([5 / RULE, 4 / RULE])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, rect.top() + 4), QPointF(x, rect.bottom() - 1))

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
        self.headings.set_caret(self.textCursor().block())
        self._restart_blink()
        if self.follows:
            self.keep_clear(QRectF(self.cursorRect()))

    def keep_clear(self, rect: QRectF) -> None:
        """Scroll so that `rect` (viewport coordinates) lies above the prompt bar."""
        spare = self.viewport().height() - self.bottom_inset - 24 - rect.bottom()
        if spare < 0 and rect.bottom() > 0:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - int(spare))

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
            return QRectF(first.topLeft(), last.bottomRight())
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
        if event.type() == QEvent.Type.KeyPress and any(f(cast(QKeyEvent, event)) for f in self.key_filters):
            event.accept()  # here, because Tab would leave the page before `keyPressEvent`
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
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not (
                event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)):
            self.textCursor().insertBlock()  # Shift+Enter too: a line break inside a paragraph is no prose
            self.ensureCursorVisible()
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in (
                Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Period):
            event.ignore()  # generate and stop belong to the window
        else:
            super().keyPressEvent(event)

    def undo_step(self) -> None:
        self._go(self.story.undo())

    def redo_step(self) -> None:
        self._go(self.story.redo())

    def _go(self, position: int | None) -> None:
        if position is not None:
            cursor = self.textCursor()
            cursor.setPosition(min(position, self.document().characterCount() - 1))
            self.setTextCursor(cursor)
            self.ensureCursorVisible()

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
        menu.popup(event.globalPos())

    # ------------------------------------------------------------ paste and drop

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText() or source.hasFormat(RESULT_MIME)

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        cursor = self.textCursor()
        data.setText(cursor.selectedText().replace("\u2029", "\n"))
        carried = self.story.carried(cursor.selectionStart(), cursor.selectionEnd())
        data.setData(SPANS_MIME, QByteArray(json.dumps(carried).encode()))
        return data

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasFormat(RESULT_MIME):
            self._take_result(source)
            return
        text = source.text()
        if len(text) > MAX_PASTE:
            text = text[:MAX_PASTE]
            self.notice.emit(f"The text was too long to paste whole: its first {MAX_PASTE:,} characters were taken.")
        text = clean(text)
        if text:
            self.story.paste(self.textCursor(), text, _json(source, SPANS_MIME))
            self.ensureCursorVisible()

    def _take_result(self, source: QMimeData) -> None:
        result = _json(source, RESULT_MIME)
        if isinstance(result, dict) and result.get("kind") == "text":
            self.result_dropped.emit(result, self.textCursor().position())

    def sizeHint(self) -> Any:
        return QSizeF(PAGE, 600).toSize()


def _json(source: QMimeData, mime: str) -> Any:
    """What a drag or the clipboard carries as JSON, None if it carries none."""
    try:
        return json.loads(bytes(source.data(mime).data()).decode("utf-8"))
    except ValueError:
        return None
