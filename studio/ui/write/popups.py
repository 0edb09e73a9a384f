"""Small popups of the page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets import Label, Popup, PushButton, TextArea


class AskText(QWidget):
    """A few lines to be written; Ctrl+Enter or the button keeps them (Enter, where there is but one line), Esc goes
    back. `done` gets the text, stripped; it may be empty."""

    popup: Popup | None = None

    def __init__(self, theme: Theme, title: str, text: str, placeholder: str, done: Callable[[str], object],
                 lines: int = 3) -> None:
        super().__init__()
        self._done, self._lines = done, lines
        self.setAccessibleName(title)
        self.field = TextArea(theme, title, text=text, placeholder=placeholder, least=lines)
        self.field.setMinimumWidth(theme.dp(320))
        self.field.installEventFilter(self)
        keep = PushButton(theme, "Keep", variant="primary", key="Ctrl+Return")
        keep.clicked.connect(lambda *_: self.keep())
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(8)
        column.addWidget(Label(theme, title, "strong"))
        column.addWidget(self.field)
        column.addLayout(foot)
        self.setFocusProxy(self.field)

    def eventFilter(self, watched: object, event: object) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == event.Type.KeyPress:
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if enter and (control or self._lines == 1):
                self.keep()
                return True
        return False

    def keep(self) -> None:
        text = self.field.text().strip()
        if self.popup is not None:
            self.popup.dismiss()
        self._done(text)
