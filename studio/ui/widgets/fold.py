"""A section with a head that folds it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed
from studio.ui.widgets.buttons import BaseButton


class _Head(BaseButton):
    def __init__(self, theme: Theme, title: str) -> None:
        self.count = ""
        super().__init__(theme, title, text=title, checkable=True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.theme.font("strong")).horizontalAdvance(self.text()) + 60
        return QSize(width, self.theme.dp(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.color("t1"))
        middle = Qt.AlignmentFlag.AlignVCenter
        width = painter.fontMetrics().horizontalAdvance(self.text())
        painter.drawText(self.rect(), middle, self.text())
        if self.count:
            painter.setFont(theme.font("body", tnum=True))
            painter.setPen(theme.color("t3"))
            painter.drawText(self.rect().adjusted(width + 7, 0, 0, 0), middle, self.count)
        caret = theme.dp(12)
        area = QRectF(self.width() - 8 - caret, (self.height() - caret) / 2, caret, caret)
        theme.icons.paint(painter, area, "caret-down" if self.isChecked() else "caret-right",
                          "t1" if self.underMouse() else "t3", weight="bold")


class FoldSection(Themed, QWidget):
    """A titled section. Put widgets into `body`; small buttons into the head with `add_action`.

    Signal ``folded(bool)`` when the person folds or unfolds it. `foldable=False` leaves out the caret's function.
    """

    folded = Signal(bool)

    def __init__(self, theme: Theme, title: str, *, open_: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = _Head(theme, title)
        self.head.setChecked(open_)
        self.content = QWidget()
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(0, 0, 0, 8)
        self.body.setSpacing(4)
        self._top = QHBoxLayout()
        self._top.setSpacing(0)
        self._top.addWidget(self.head, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._top)
        column.addWidget(self.content)
        self.content.setVisible(open_)
        self.setFocusProxy(self.head)
        self.head.toggled.connect(self._toggled)
        self.init_theme(theme)
        self._describe()

    def is_open(self) -> bool:
        return self.head.isChecked()

    def set_open(self, on: bool) -> None:
        """Silent."""
        self.head.blockSignals(True)
        self.head.setChecked(on)
        self.head.blockSignals(False)
        self.content.setVisible(on)
        self._describe()

    def set_count(self, count: int | None) -> None:
        """The number behind the title; None for none."""
        self.head.count = "" if count is None else str(count)
        self.head.update()

    def add_action(self, widget: QWidget) -> None:
        self._top.addWidget(widget)

    def _toggled(self, on: bool) -> None:
        self.content.setVisible(on)
        self._describe()
        self.folded.emit(not on)

    def _describe(self) -> None:
        self.head.setAccessibleDescription("open" if self.is_open() else "folded")
