"""What the context bar shows for the page: authorship, its legend, words and minutes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.labels import Label, Separator


class _Rule(Themed, QWidget):
    """A piece of the margin rule, for the legend."""

    def __init__(self, theme: Theme, tone: str, dashed: bool) -> None:
        super().__init__()
        self._tone, self._dashed = tone, dashed
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.init_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(5, self.theme.dp(14))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        pen = QPen(self.theme.color(self._tone), 3)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self._dashed:
            pen.setDashPattern([1, 2 / 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(2.5, 0), QPointF(2.5, self.height()))


class WriteBar(QWidget):
    """Emits what the person asks for; `show_stats` says how long the text is."""

    authorship_toggled = Signal(bool)
    find_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAccessibleName("Text options")
        self.authorship = PushButton(theme, "Authorship", variant="quiet", icon="pencil-line", key="Ctrl+Shift+A",
                                     name="Show who wrote what", checkable=True)
        self.authorship.setChecked(True)
        self.authorship.toggled.connect(self.authorship_toggled)
        find = IconButton(theme, "magnifying-glass", "Find", key="Ctrl+F")
        find.clicked.connect(lambda _=False: self.find_asked.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(6)
        row.addWidget(find)
        row.addWidget(Separator(theme, vertical=True, length=18, tone="line2"))
        row.addSpacing(2)
        row.addWidget(self.authorship)
        self._legend = QWidget()
        legend = QHBoxLayout(self._legend)
        legend.setContentsMargins(6, 0, 0, 0)
        legend.setSpacing(6)
        for text, tone, dashed in (("You", "line2", False), ("Machine", "iris", False),
                                   ("Machine, edited by you", "iris", True)):
            legend.addWidget(_Rule(theme, tone, dashed))
            legend.addWidget(Label(theme, text, "body", "t3"))
            legend.addSpacing(6)
        self.authorship.toggled.connect(self._legend.setVisible)
        row.addWidget(self._legend)
        row.addStretch(1)
        self._words = Label(theme, "0", "strong", "t1", tnum=True)
        self._minutes = Label(theme, "0", "strong", "t1", tnum=True)
        self._words_unit = Label(theme, "words", "body", "t3")
        for widget in (self._words, self._words_unit):
            row.addWidget(widget)
        row.addSpacing(10)
        for widget in (self._minutes, Label(theme, "min read", "body", "t3")):
            row.addWidget(widget)

    def show_stats(self, words: int, minutes: int) -> None:
        self._words.setText(f"{words:,}")
        self._words_unit.setText("word" if words == 1 else "words")
        self._minutes.setText(str(minutes))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.theme.dp(40))
