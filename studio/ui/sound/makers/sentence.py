"""A spoken sentence: its text, voice and speed, to be spoken again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.project.sound import Clip
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import SliderField
from studio.ui.widgets.popup import close_popup
from studio.ui.widgets.text import TextArea


class SentenceCard(QWidget):
    """Ctrl+Enter speaks. speak: gets text, voice ("" as before) and speed."""

    delete_on_close = True

    def __init__(self, theme: Theme, clip: Clip, voices: list[str], voice: str, speed: float,
                 speak: Callable[[str, str, float], object]) -> None:
        super().__init__()
        self._speak = speak
        self.setAccessibleName("Sentence")
        self.text = TextArea(theme, "Text of the sentence", text=clip.text, least=2, most=6, role="manuscript")
        self.voice = Choice(theme, "Voice", [Option(name, name) for name in voices], key=voice)
        self.speed = SliderField(theme, "Speed", 0.5, 2.0, value=speed, step=0.05, default=1.0)
        self.button = PushButton(theme, "Speak again", variant="primary", icon="arrows-clockwise", key="Ctrl+Return")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(8)
        column.addWidget(Label(theme, "Sentence", "strong"))
        column.addWidget(self.text)
        for title, widget in (("Voice", self.voice), ("Speed", self.speed)):
            row = QHBoxLayout()
            label = Label(theme, title, "body", "t2")
            label.setFixedWidth(theme.dp(64))
            row.addWidget(label)
            row.addWidget(widget, 1)
            column.addLayout(row)
        self.voice.setVisible(bool(voices))
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.button)
        column.addLayout(foot)
        self.setFocusProxy(self.text)
        self.button.clicked.connect(lambda _=False: self.speak())

    def speak(self) -> None:
        """Ask for it, and close."""
        words = " ".join(self.text.toPlainText().split())
        if words:
            self._speak(words, self.voice.key() if not self.voice.isHidden() else "", self.speed.value())
            close_popup(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & \
                Qt.KeyboardModifier.ControlModifier:
            self.speak()
        else:
            super().keyPressEvent(event)
