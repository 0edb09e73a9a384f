"""What the context bar shows for the page: authorship, its legend, words and minutes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.choice import Choice, Option
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


STYLES = (Option("body", "Body text"), Option("h1", "Heading 1"), Option("h2", "Heading 2"), Option("h3", "Heading 3"),
          Option("quote", "Quote"), Option("bullet", "Bulleted list"), Option("number", "Numbered list"),
          Option("code", "Code"), Option("break", "Scene break"))


class WriteBar(QWidget):
    """Emits what the person asks for; `show_stats` says how long the text is.

    Attributes:
        looks: the buttons of emphasis, by kind.
    """

    authorship_toggled = Signal(bool)
    style_chosen = Signal(str)
    look_toggled = Signal(str)
    asked = Signal(str)
    """"footnote", "picture", "focus", "typewriter", "export" or "stats"."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAccessibleName("Text options")
        self.style_choice = Choice(theme, "Paragraph style", STYLES, key="body")
        self.style_choice.setFixedWidth(theme.dp(108))
        self.style_choice.chosen.connect(self.style_chosen)
        self.looks: dict[str, IconButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(self.style_choice)
        row.addSpacing(4)
        for kind, icon, name, key in (("bold", "text-b", "Bold", "Ctrl+B"),
                                      ("italic", "text-italic", "Italic", "Ctrl+I")):
            self.looks[kind] = IconButton(theme, icon, name, key=key, checkable=True)
            self.looks[kind].clicked.connect(lambda _=False, k=kind: self.look_toggled.emit(k))
            row.addWidget(self.looks[kind])
        self.quote = IconButton(theme, "quotes", "Quote", key="Ctrl+Shift+9", checkable=True)
        self.quote.clicked.connect(lambda _=False: self.style_chosen.emit("quote"))
        note = IconButton(theme, "asterisk", "Footnote", key="Ctrl+Alt+F")
        note.clicked.connect(lambda _=False: self.asked.emit("footnote"))
        picture = IconButton(theme, "image", "Picture", key="Ctrl+Alt+P")
        picture.clicked.connect(lambda _=False: self.asked.emit("picture"))
        row.addWidget(self.quote)
        row.addWidget(note)
        row.addWidget(picture)
        self._rarer = (self.quote, note, picture)
        row.addSpacing(2)
        row.addWidget(Separator(theme, vertical=True, length=18, tone="line2"))
        row.addSpacing(2)
        self.focus = PushButton(theme, "Focus", variant="quiet", icon="target", key="F11", checkable=True)
        self.typewriter = PushButton(theme, "Typewriter", variant="quiet", icon="keyboard", key="Ctrl+Alt+W",
                                     checkable=True)
        self.authorship = PushButton(theme, "Authorship", variant="quiet", icon="pencil-line", key="Ctrl+Shift+A",
                                     name="Show who wrote what", checkable=True)
        self.authorship.setChecked(True)
        self.focus.clicked.connect(lambda _=False: self.asked.emit("focus"))
        self.typewriter.clicked.connect(lambda _=False: self.asked.emit("typewriter"))
        self.authorship.toggled.connect(self.authorship_toggled)
        for button in (self.focus, self.typewriter, self.authorship):
            row.addWidget(button)
        self._legend = self._make_legend()
        self.authorship.toggled.connect(lambda _: self._fit())
        row.addWidget(self._legend)
        row.addStretch(1)
        self._add_figures(row)
        self.export = PushButton(theme, "Export", icon="export", key="Ctrl+Shift+E")
        self.export.clicked.connect(lambda _=False: self.asked.emit("export"))
        row.addSpacing(6)
        row.addWidget(Separator(theme, vertical=True, length=18, tone="line2"))
        row.addSpacing(6)
        row.addWidget(self.export)

    def _make_legend(self) -> QWidget:
        theme, widget = self.theme, QWidget()
        legend = QHBoxLayout(widget)
        legend.setContentsMargins(6, 0, 0, 0)
        legend.setSpacing(6)
        for text, tone, dashed in (("You", "line2", False), ("Machine", "iris", False),
                                   ("Machine, edited by you", "iris", True)):
            legend.addWidget(_Rule(theme, tone, dashed))
            legend.addWidget(Label(theme, text, "body", "t3"))
            legend.addSpacing(6)
        return widget

    def _add_figures(self, row: QHBoxLayout) -> None:
        theme = self.theme
        self._words = Label(theme, "0", "strong", "t1", tnum=True)
        self._minutes = Label(theme, "0", "strong", "t1", tnum=True)
        self._words_unit = Label(theme, "words", "body", "t3")
        self._minutes_unit = Label(theme, "min read", "body", "t3")
        for widget in (self._words, self._words_unit):
            widget.setToolTip("Words of this scene; click for more figures")
            row.addWidget(widget)
        row.addSpacing(8)
        for widget in (self._minutes, self._minutes_unit):
            row.addWidget(widget)
        self._words.mouseReleaseEvent = lambda _: self.asked.emit("stats")  # type: ignore[method-assign]
        self._words_unit.mouseReleaseEvent = lambda _: self.asked.emit("stats")  # type: ignore[method-assign]

    def show_stats(self, words: int, minutes: int) -> None:
        self._words.setText(f"{words:,}")
        self._words_unit.setText("word" if words == 1 else "words")
        self._minutes.setText(str(minutes))

    def show_format(self, style: str, looks: set[str]) -> None:
        """What the caret stands in."""
        self.style_choice.set_key(style)
        self.quote.setChecked(style == "quote")
        for kind, button in self.looks.items():
            button.setChecked(kind in looks)

    # ------------------------------------------------------------ room

    def _fit(self) -> None:
        """Leave out what there is no room for: first the legend, then the words on buttons, then the minutes,
        then what has a key and a place in menus too."""
        width, dp = self.width(), self.theme.dp
        self._legend.setVisible(self.authorship.isChecked() and width >= dp(1010))
        for button in (self.focus, self.typewriter, self.authorship, self.export):
            button.set_compact(width < dp(760))
        for widget in (self._minutes, self._minutes_unit):
            widget.setVisible(width >= dp(560))
        for one in (*self._rarer, self._words, self._words_unit):
            one.setVisible(width >= dp(430))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.theme.dp(40))
