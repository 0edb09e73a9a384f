"""A card that asks for the size of a canvas: a new one, or the one that is open."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.project.paint.picture import MAX_SIDE
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import NumberField
from studio.ui.widgets.popup import Menu, close_popup
from studio.ui.widgets.segmented import Segmented
from studio.ui.widgets.text import TextField


@dataclass(frozen=True)
class Paper:
    """A named size in pixels."""

    name: str
    width: int
    height: int


PAPERS = (Paper("Square", 512, 512), Paper("Large square", 1024, 1024), Paper("Landscape", 1344, 832),
          Paper("Portrait", 832, 1344), Paper("Full HD", 1920, 1080), Paper("4K", 3840, 2160),
          Paper("A4 at 300 dpi", 2480, 3508))


class SizeCard(QWidget):
    """Width and height with presets; for a new canvas a name, for one that is open what happens to its picture."""

    delete_on_close = True
    chosen = Signal(str, int, int, str)
    """Title, width, height, and "keep" (crop or add space) or "scale"."""

    def __init__(self, theme: Theme, heading: str, action: str, width: int, height: int, title: str | None = None,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAccessibleName(heading)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(10)
        column.addWidget(Label(theme, heading, "title"))
        self.title = TextField(theme, "Name", text=title or "", placeholder="Name")
        column.addWidget(self.title)
        self.title.setVisible(title is not None)
        self.width_field = NumberField(theme, "Width", prefix="W", unit="px", whole=True, minimum=1, maximum=MAX_SIDE,
                                       value=width)
        self.height_field = NumberField(theme, "Height", prefix="H", unit="px", whole=True, minimum=1,
                                        maximum=MAX_SIDE, value=height)
        self.presets = PushButton(theme, "Sizes", icon="caret-down", name="Common sizes")
        self.presets.clicked.connect(self._offer)
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in (self.width_field, self.height_field, self.presets):
            row.addWidget(widget)
        column.addLayout(row)
        self.how = Segmented(theme, "What happens to the picture",
                             [("keep", "Crop or add space"), ("scale", "Scale the picture")], stretch=True)
        column.addWidget(self.how)
        self.how.setVisible(title is None)
        foot = QHBoxLayout()
        foot.addStretch(1)
        cancel = PushButton(theme, "Cancel", variant="quiet")
        self.accept = PushButton(theme, action, variant="primary")
        foot.addWidget(cancel)
        foot.addWidget(self.accept)
        column.addLayout(foot)
        cancel.clicked.connect(lambda: close_popup(self))
        self.accept.clicked.connect(self._take)
        self.setFocusProxy(self.title if title is not None else self.width_field)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(360), super().sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
        else:
            super().keyPressEvent(event)

    def _offer(self) -> None:
        menu = Menu(self.theme, "Common sizes", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for paper in PAPERS:
            action = menu.addAction(f"{paper.name}   {paper.width} × {paper.height}")
            action.triggered.connect(lambda _=False, p=paper: self.set_size(p.width, p.height))
        menu.popup(self.presets.mapToGlobal(QPoint(0, self.presets.height() + 4)))

    def set_size(self, width: int, height: int) -> None:
        self.width_field.set_value(width)
        self.height_field.set_value(height)

    def _take(self) -> None:
        width, height = round(self.width_field.value()), round(self.height_field.value())
        self.chosen.emit(self.title.text().strip(), width, height, self.how.current())
        close_popup(self)


class NameCard(QWidget):
    """Asks for a name."""

    delete_on_close = True
    chosen = Signal(str)

    def __init__(self, theme: Theme, heading: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(heading)
        self.title = TextField(theme, "Name", text=title, placeholder="Name")
        self.title.setMinimumWidth(theme.dp(300))
        self.title.selectAll()
        self.accept = PushButton(theme, "Rename", variant="primary")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.title, 1)
        row.addWidget(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(10)
        column.addWidget(Label(theme, heading, "title"))
        column.addLayout(row)
        self.setFocusProxy(self.title)
        self.title.returnPressed.connect(self._take)
        self.accept.clicked.connect(self._take)

    def _take(self) -> None:
        name = self.title.text().strip()
        if name:
            self.chosen.emit(name)
        close_popup(self)
