"""The Voice tab as widgets; `control.py` knows what stands in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.ui.form import SchemaForm
from studio.ui.sound.voice.cards import COLUMNS, GAP, HEIGHT, VoiceGrid
from studio.ui.sound.voice.cast import CastList
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.choice import Choice
from studio.ui.widgets.labels import Label, Separator
from studio.ui.widgets.segmented import Segmented
from studio.ui.widgets.text import TextArea, TextField

MANY = 8
"""More voices than these are searched, and scroll by themselves."""
ROWS = 4


class SentenceBox(QWidget):
    """The words of a spoken sentence. Ctrl+Enter speaks them again."""

    asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.where = Label(theme, "", "caption", "t3", wrap=True)
        self.text = TextArea(theme, "Words of the sentence", least=2, most=8, role="manuscript")
        self.button = PushButton(theme, "Speak again", variant="primary", icon="arrows-clockwise", key="Ctrl+Return")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.where)
        column.addWidget(self.text)
        self.text.installEventFilter(self)
        self.button.clicked.connect(self.asked)

    def words(self) -> str:
        return " ".join(self.text.toPlainText().split())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)
        if event.type() not in kinds or not isinstance(event, QKeyEvent) or event.key() not in (
                Qt.Key.Key_Return, Qt.Key.Key_Enter) or not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        if event.type() == QEvent.Type.KeyPress:
            self.asked.emit()
        event.accept()  # before Generate hears of it
        return True


class VoicePanel(QScrollArea):
    """Attributes: subject (of the prompt, or of the chosen sentence), sentence, grid, search, language, cast, scene."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setAccessibleName("Voice")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.subject = Segmented(theme, "Whose voice", [("prompt", "Next words"), ("sentence", "This sentence")],
                                 stretch=True)
        self.sentence = SentenceBox(theme)
        self.count = Label(theme, "", "body", "t3", tnum=True)
        self.search = TextField(theme, "Find a speaker", placeholder="Find a speaker", icon="magnifying-glass",
                                clearable=True)
        self.language = Choice(theme, "Language of the speakers")
        self.grid = VoiceGrid(theme)
        self.note = Label(theme, "", "body", "t3", wrap=True)
        self.cast = CastList(theme)
        self.scene = PushButton(theme, "Take a scene from Write…", icon="book-open-text")
        self.nobody = Label(theme, "", "body", "t3", wrap=True)
        self.instead = PushButton(theme, "", icon="user-sound")
        self._forms: dict[str, SchemaForm] = {}
        self._build()
        self.grid.walked.connect(self._follow)

    def _build(self) -> None:
        theme, holder = self.theme, QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        self.empty, self.body = QWidget(), QWidget()
        empty = QVBoxLayout(self.empty)
        empty.setContentsMargins(0, 0, 0, 0)
        empty.setSpacing(10)
        empty.addWidget(self.nobody)
        empty.addWidget(self.instead, 0, Qt.AlignmentFlag.AlignLeft)
        body = QVBoxLayout(self.body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Label(theme, "Speaker", "strong"))
        head.addWidget(self.count)
        head.addStretch(1)
        self._inner = QScrollArea()
        self._inner.setWidgetResizable(True)
        self._inner.setFrameShape(QScrollArea.Shape.NoFrame)
        self._inner.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inner.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        shelf = QWidget()
        inside = QVBoxLayout(shelf)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.grid)
        inside.addStretch(1)
        self._inner.setWidget(shelf)
        self._place = QVBoxLayout()
        self._place.setSpacing(0)
        self._line = Separator(theme)
        body.addWidget(self.subject)
        body.addWidget(self.sentence)
        body.addLayout(head)
        for part in (self.search, self.language, self._inner, self.note):
            body.addWidget(part)
        body.addLayout(self._place)
        body.addWidget(self.sentence.button)
        body.addWidget(self._line)
        body.addWidget(self.cast)
        column.addWidget(self.empty)
        column.addWidget(self.body)
        column.addWidget(Separator(theme))
        column.addWidget(self.scene, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.setWidget(holder)

    def show_speaker(self, on: bool) -> None:
        """Whether there is anybody who speaks; else one line and one button."""
        self.empty.setVisible(not on)
        self.body.setVisible(on)

    def show_sentence(self, on: bool) -> None:
        """The words of a sentence, or what belongs to the prompt."""
        self.sentence.setVisible(on)
        self.sentence.button.setVisible(on)

    def show_cast(self, on: bool) -> None:
        self.cast.setVisible(on)
        self._line.setVisible(on)

    def show_found(self, found: int, of: int) -> None:
        """How many cards are shown, and room for them."""
        many = of > MANY
        self.search.setVisible(many)
        self.count.setText(str(of) if found == of else f"{found} of {of}")
        self.count.setVisible(of > 0)
        rows = min(-(-found // COLUMNS), ROWS if many else -(-found // COLUMNS))
        height = rows * self.theme.dp(HEIGHT) + max(rows - 1, 0) * GAP
        self._inner.setFixedHeight(height + (self.theme.dp(HEIGHT) // 2 if many and found > rows * COLUMNS else 0))
        self._inner.setVisible(found > 0)

    def form(self, key: str, make: object = None) -> SchemaForm | None:
        """The form of a generator's speed, pitch and language, in front; made by `make` where it is new."""
        if key not in self._forms and callable(make):
            self._forms[key] = make()
            self._place.addWidget(self._forms[key])
        for name, form in self._forms.items():
            form.setVisible(name == key and bool(form.fields()))
        return self._forms.get(key)

    def drop_form(self, key: str) -> None:
        form = self._forms.pop(key, None)
        if form is not None:
            self._place.removeWidget(form)
            form.hide()
            form.deleteLater()

    def _follow(self, where: QRect) -> None:
        self._inner.ensureVisible(where.center().x(), where.center().y(), 0, where.height())
