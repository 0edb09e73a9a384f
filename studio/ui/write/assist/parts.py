"""Small controls of the assist tab."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import blend, box
from studio.ui.widgets.buttons import BaseButton
from studio.ui.widgets.labels import Label


class ActionButton(BaseButton):
    """What the machine can do: icon and words at the left, on the control colour. 32 px high."""

    def __init__(self, theme: Theme, icon: str, text: str, *, key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(theme, text, icon=icon, text=text, key=key, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        wide = QFontMetrics(self.theme.font("medium")).horizontalAdvance(self.text())
        return QSize(12 + self.theme.dp(16) + 8 + wide + 12, self.theme.dp(32))

    def ink(self) -> str:
        return "t1" if self.isEnabled() else "t4"

    def fill(self) -> QColor:
        colour = self.theme.color
        if not self.isEnabled():
            return colour("control")
        return colour("press") if self.isDown() else blend(colour("control"), colour("hover"), self._fade.amount)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, glyph = QPainter(self), self.theme.dp(16)
        box(painter, self.rect(), self.focus_radius, self.fill())
        self.theme.icons.paint(painter, QRectF(10, (self.height() - glyph) / 2, glyph, glyph), self.icon_name,
                               "t2" if self.isEnabled() else "t4")
        painter.setFont(self.theme.font("medium"))
        painter.setPen(self.theme.color(self.ink()))
        room = QRectF(10 + glyph + 8, 0, self.width() - glyph - 26, self.height())
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def row(*widgets: QWidget | int, gap: int = 8) -> QHBoxLayout:
    """Widgets in a line; a number is a stretch."""
    line = QHBoxLayout()
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(gap)
    for widget in widgets:
        if isinstance(widget, int):
            line.addStretch(widget)
        else:
            line.addWidget(widget)
    return line


def heading(theme: Theme, title: str, *behind: QWidget) -> tuple[QHBoxLayout, Label]:
    """A title, a count in t3 behind it, and buttons at the right."""
    count = Label(theme, "", "body", "t3", tnum=True)
    line = row(Label(theme, title, "strong"), count, 1, *behind)
    line.setSpacing(6)
    return line, count


def labelled(theme: Theme, title: str, control: QWidget) -> QHBoxLayout:
    """A row of the form: the label 74 px wide."""
    label = Label(theme, title, "body", "t2")
    label.setFixedWidth(theme.dp(74))
    line = row(label)
    line.addWidget(control, 1)
    return line


def column(margins: Sequence[int] = (12, 12, 12, 12), gap: int = 8) -> QVBoxLayout:
    """An empty column with the panel's padding."""
    out = QVBoxLayout()
    out.setContentsMargins(*margins)
    out.setSpacing(gap)
    return out


def scrolled(content: QWidget) -> QScrollArea:
    """The content in a column that scrolls up and down."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    return area
