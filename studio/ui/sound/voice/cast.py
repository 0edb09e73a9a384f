"""The cast of a dialogue: each name in the text, and the voice that speaks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.sound.voice.voices import Voice
from studio.ui.theme import Theme
from studio.ui.widgets.choice import Choice, Option, Switch
from studio.ui.widgets.labels import ElidedLabel, Label

NARRATOR = "Narrator"
HINT = "Begin a line with a name, such as “Anna: Come in.”, and each name gets a voice."


class CastList(QWidget):
    """A switch, and below it a row for the narrator and for each name."""

    toggled = Signal(bool)
    picked = Signal(str, str)
    """A name ("" for the narrator) and the key of the voice that the person chose."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.rows: dict[str, Choice] = {}
        self._voices: list[Voice] = []
        self.setAccessibleName("Dialogue")
        self.switch = Switch(theme, "Dialogue")
        self.count = Label(theme, "", "caption", "t3", tnum=True)
        self.hint = Label(theme, HINT, "caption", "t3", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Label(theme, "Dialogue", "strong"))
        head.addWidget(self.count)
        head.addStretch(1)
        head.addWidget(self.switch)
        self._column = QVBoxLayout()
        self._column.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.hint)
        column.addLayout(self._column)
        self.switch.clicked.connect(lambda _=False: self.toggled.emit(self.switch.isChecked()))

    def show_cast(self, on: bool, names: Sequence[str], cast: Mapping[str, str], voices: Sequence[Voice],
                  narrator: str) -> None:
        """names: those in the text. cast: their voices. Silent."""
        self.switch.setChecked(on)
        self.count.setText("" if not names else f"{len(names)} name{'' if len(names) == 1 else 's'} in the text")
        self.hint.setVisible(on and not names)
        wanted = ["", *names] if on and names else []
        if list(self.rows) != wanted or list(voices) != self._voices:
            self._build(wanted, voices)
        for name, choice in self.rows.items():
            choice.set_key(cast.get(name, "") if name else narrator)

    def _build(self, names: Sequence[str], voices: Sequence[Voice]) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.rows, self._voices = {}, list(voices)
        options = [Option(voice.key, voice.title, voice.about) for voice in voices]
        for name in names:
            shown = name or NARRATOR
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(8)
            label = ElidedLabel(self.theme, shown, "body", "t2" if name else "t3")
            label.setFixedWidth(self.theme.dp(92))
            choice = Choice(self.theme, f"Voice of {shown}", options)
            choice.chosen.connect(lambda key, name=name: self.picked.emit(name, key))
            row.addWidget(label, 0, Qt.AlignmentFlag.AlignVCenter)
            row.addWidget(choice, 1)
            self._column.addWidget(holder)
            self.rows[name] = choice
