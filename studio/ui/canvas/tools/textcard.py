"""The card in which the words of a text layer are typed."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.popup import Card
from studio.ui.widgets.text import TextArea

WIDTH, GAP = 300, 12


class TextCard(Card):
    """Floats under the text, inside the view. Signals ``changed(str)``, ``done()`` and ``cancelled()``."""

    changed = Signal(str)
    done = Signal()
    cancelled = Signal()

    def __init__(self, theme: Theme, words: str, parent: QWidget) -> None:
        super().__init__(theme, surface="raised", edge="line2", radius=10, parent=parent)
        self.setAccessibleName("Text")
        self.field = _Field(theme, words)
        self.field.textChanged.connect(lambda: self.changed.emit(self.field.toPlainText()))
        self.field.height_changed.connect(self.adjustSize)
        self.field.ended.connect(self.done)
        self.field.dropped.connect(self.cancelled)
        done = PushButton(theme, "Done", variant="primary", key="Ctrl+Return")
        done.clicked.connect(lambda _=False: self.done.emit())
        column, foot = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.field)
        foot.addWidget(Label(theme, "Enter begins a line", "caption", "t3"))
        foot.addStretch(1)
        foot.addWidget(done)
        column.addLayout(foot)
        self.setFixedWidth(theme.dp(WIDTH))
        self.adjustSize()

    def place(self, around: QRect) -> None:
        """Under `around` (px of the view), above it where there is no room, always inside the view."""
        view = self.parentWidget().rect().adjusted(GAP, GAP, -GAP, -GAP)
        x = min(max(view.left(), around.left()), view.right() - self.width())
        below, above = around.bottom() + GAP, around.top() - GAP - self.height()
        y = below if below + self.height() <= view.bottom() else above
        self.move(QPoint(x, min(max(view.top(), y), max(view.top(), view.bottom() - self.height()))))


class _Field(TextArea):
    ended = Signal()
    dropped = Signal()

    def __init__(self, theme: Theme, words: str) -> None:
        super().__init__(theme, "Words of the text", text=words, placeholder="Type the text", least=2, most=8)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Escape:
            self.dropped.emit()
        elif control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.ended.emit()
        else:
            super().keyPressEvent(event)
