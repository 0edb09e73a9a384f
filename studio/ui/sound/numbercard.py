"""A card with a few numbers: what the mouse can drag can be typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import NumberField
from studio.ui.widgets.popup import close_popup

Row = tuple[str, float, float, float, float, str]
"""Name, value, least, most, step, unit."""


class NumberCard(QWidget):
    """Signal ``taken(list)`` with the values in order of the rows, after OK or Enter."""

    delete_on_close = True
    taken = Signal(list)

    def __init__(self, theme: Theme, heading: str, rows: Sequence[Row], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(heading)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(10)
        column.addWidget(Label(theme, heading, "title"))
        grid = QGridLayout()
        self.fields: list[NumberField] = []
        for place, (name, value, least, most, step, unit) in enumerate(rows):
            field = NumberField(theme, name, minimum=least, maximum=most, step=step, value=value, unit=unit)
            self.fields.append(field)
            grid.addWidget(Label(theme, name, "body", "t2"), place, 0)
            grid.addWidget(field, place, 1)
        grid.setColumnStretch(0, 1)
        column.addLayout(grid)
        foot = QHBoxLayout()
        foot.addStretch(1)
        cancel = PushButton(theme, "Cancel", variant="quiet")
        accept = PushButton(theme, "Set", variant="primary")
        foot.addWidget(cancel)
        foot.addWidget(accept)
        column.addLayout(foot)
        cancel.clicked.connect(lambda: close_popup(self))
        accept.clicked.connect(self.take)
        self.setFocusProxy(self.fields[0])

    def take(self) -> None:
        """Tell the values and close."""
        self.setFocus()
        values = [field.value() for field in self.fields]
        close_popup(self)
        self.taken.emit(values)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        else:
            super().keyPressEvent(event)
