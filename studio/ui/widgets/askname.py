"""A popup that asks for a name: one field, Enter keeps, Esc goes back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.popup import Place, Popup
from studio.ui.widgets.text import TextField


class AskName(QWidget):
    """The content of the popup. `done` gets the name, stripped and at most `most` characters; never an empty one."""

    delete_on_close = True

    def __init__(self, theme: Theme, title: str, name: str, done: Callable[[str], None], action: str = "Save",
                 most: int = 60) -> None:
        super().__init__()
        self._done, self.popup = done, None
        self.field = TextField(theme, title)
        self.field.setMaxLength(most)
        self.field.setText(name)
        self.field.selectAll()
        self.button = PushButton(theme, action, variant="primary")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(8)
        column.addWidget(Label(theme, title, role="strong"))
        column.addLayout(row)
        self.setFocusProxy(self.field)
        self.field.textChanged.connect(self._check)
        self.field.returnPressed.connect(self._keep)
        self.button.clicked.connect(self._keep)
        self._check()

    popup: Popup | None

    def _check(self) -> None:
        self.button.set_available(bool(self.field.text().strip()), "Type a name first")

    def _keep(self) -> None:
        name = " ".join(self.field.text().split())
        if name:
            if self.popup is not None:
                self.popup.dismiss()
            self._done(name)


def ask_name(theme: Theme, anchor: QWidget, title: str, name: str, done: Callable[[str], None], *,
             action: str = "Save", place: Place = "above") -> AskName:
    """Open the popup at `anchor`; `done` is called if the person keeps a name."""
    content = AskName(theme, title, name, done, action)
    content.popup = Popup(theme, anchor, content, place=place, width=theme.dp(340))
    content.popup.open()
    content.field.setFocus()
    return content
