"""Who answers in a chat, and what it is told at all times."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.labels import Label
from studio.ui.widgets.text import TextArea
from studio.ui.write.assist.parts import column, labelled, row

MOST = 20_000


class ChatSetup(QWidget):
    """The content of a popup. `kept` gives character and system prompt. people: (name, description) to choose from."""

    delete_on_close = True
    kept = Signal(str, str)

    def __init__(self, theme: Theme, character: str, system: str, people: Sequence[tuple[str, str]],
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Character and system prompt")
        self._people = list(people)
        options = [Option("", "Choose from the notes"), *(Option(str(n), name or "Untitled")
                                                          for n, (name, _) in enumerate(self._people))]
        self.who = Choice(theme, "From the story notes", options)
        self.who.setEnabled(bool(self._people))
        self.character = TextArea(theme, "Character", text=character, least=3, most=8,
                                  placeholder="Who answers: a name in the first line, then what they are like. Empty "
                                              "for the machine itself")
        self.system = TextArea(theme, "System prompt", text=system, least=3, most=8,
                               placeholder="Standing instructions for this chat, in place of the usual ones")
        self.keep = PushButton(theme, "Keep", variant="primary", icon="check")
        lines = column((10, 8, 10, 10), 8)
        lines.addWidget(Label(theme, "Character and system prompt", "title"))
        lines.addLayout(labelled(theme, "Character", self.who))
        lines.addWidget(self.character)
        lines.addWidget(Label(theme, "System prompt", "body", "t2"))
        lines.addWidget(self.system)
        lines.addLayout(row(1, self.keep))
        self.setLayout(lines)
        self.setMinimumWidth(theme.dp(480))
        self.setFocusProxy(self.character)
        self.who.chosen.connect(self._choose)
        self.keep.clicked.connect(lambda: self.kept.emit(self.character.text()[:MOST], self.system.text()[:MOST]))

    def _choose(self, key: str) -> None:
        if key:
            self.character.set_text(self._people[int(key)][1])
