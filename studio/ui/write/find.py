"""The small find bar over the page."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QTextEdit, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.text import TextField

MOST_MARKED = 500


class FindBar(Themed, QWidget):
    """Finds as one types; Enter goes on, Shift+Enter back, Esc closes."""

    closed = Signal()

    def __init__(self, theme: Theme, editor: QTextEdit, parent: QWidget) -> None:
        super().__init__(parent)
        self.editor = editor
        self.setAccessibleName("Find in the text")
        self.field = TextField(theme, "Find", placeholder="Find", icon="magnifying-glass")
        self.field.setMinimumWidth(theme.dp(200))
        self.count = Label(theme, "", "body", "t3", tnum=True)
        self.count.setMinimumWidth(theme.dp(64))
        back = IconButton(theme, "caret-up", "Previous", key="Shift+Return")
        forth = IconButton(theme, "caret-down", "Next", key="Return")
        close = IconButton(theme, "x", "Close", key="Esc")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 6, 6, 6)
        row.setSpacing(6)
        for widget in (self.field, self.count, back, forth, close):
            row.addWidget(widget)
        self.field.textChanged.connect(self._typed)
        back.clicked.connect(lambda _=False: self.step(-1))
        forth.clicked.connect(lambda _=False: self.step(1))
        close.clicked.connect(lambda _=False: self.dismiss())
        self.init_theme(theme)
        self.hide()

    def open(self) -> None:
        selected = self.editor.textCursor().selectedText()
        if selected and "\u2029" not in selected:
            self.field.setText(selected)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._mark()

    def dismiss(self, *, focus: bool = True) -> None:
        self.hide()
        self.editor.setExtraSelections([])
        if focus:
            self.editor.setFocus()
        self.closed.emit()

    def matches(self) -> list[QTextCursor]:
        """All places of the text, in order, up to a bound that keeps typing quick."""
        needle = self.field.text()
        found: list[QTextCursor] = []
        cursor = QTextCursor(self.editor.document())
        while needle and len(found) < MOST_MARKED:
            cursor = self.editor.document().find(needle, cursor)
            if cursor.isNull():
                break
            found.append(QTextCursor(cursor))
        return found

    def step(self, by: int) -> None:
        """Go to the next or the previous place; past the end it starts over."""
        found = self.matches()
        if found:
            now = self.editor.textCursor()
            starts = [c.selectionStart() for c in found]
            if by > 0:
                index = next((i for i, s in enumerate(starts) if s >= now.selectionEnd()), 0)
            else:
                before = [i for i, s in enumerate(starts) if s < now.selectionStart()]
                index = before[-1] if before else len(starts) - 1
            self.editor.setTextCursor(found[index])
            self.editor.ensureCursorVisible()
        self._mark(found)

    def _typed(self) -> None:
        found = self.matches()
        if found:
            start = self.editor.textCursor().selectionStart()
            self.editor.setTextCursor(next((c for c in found if c.selectionStart() >= start), found[0]))
            self.editor.ensureCursorVisible()
        self._mark(found)

    def _mark(self, found: list[QTextCursor] | None = None) -> None:
        found = self.matches() if found is None else found
        marks = []
        here = self.editor.textCursor().selectionStart()
        for cursor in found:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = cursor
            strength = 0.6 if cursor.selectionStart() == here else 0.24
            mark.format.setBackground(QColor(self.theme.color("warn", strength)))
            marks.append(mark)
        self.editor.setExtraSelections(marks)
        index = next((i + 1 for i, c in enumerate(found) if c.selectionStart() == here), 0)
        most = f"{len(found)}+" if len(found) == MOST_MARKED else str(len(found))
        self.count.setText(f"{index} of {most}" if found else "None" if self.field.text() else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        box(QPainter(self), self.rect(), 8, self.theme.color("raised"), self.theme.color("line2"))
