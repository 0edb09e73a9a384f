"""The assist tab: what the machine can do with the passage, how bold and how long."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.askname import ask_name
from studio.ui.widgets.buttons import Chip, IconButton
from studio.ui.widgets.flow import FlowLayout
from studio.ui.widgets.labels import Label, Separator
from studio.ui.widgets.number import SliderField
from studio.ui.widgets.popup import Menu
from studio.ui.widgets.segmented import Segmented
from studio.ui.write.assist import actions
from studio.ui.write.assist.actions import BY_ID, LANGUAGES, SENSE_ICONS, TONES
from studio.ui.write.assist.parts import ActionButton, column, heading, labelled

GRID = (("rewrite", 0, 1), ("shorten", 1, 0), ("expand", 1, 1), ("summarise", 2, 0), ("translate", 2, 1))
MOST_TONES = 24


@dataclass(frozen=True)
class AssistState:
    """How the tab was left; kept in the project.

    Attributes:
        tones: the chosen ones, as they are called; own: those the person has added.
        senses: of `SENSE_ICONS`.
        language: to translate into.
        ghost: "off", "asked" or "pause".
    """

    tones: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    senses: tuple[str, ...] = ("sight", "hearing", "touch", "smell")
    language: str = "French"
    length: str = "passage"
    ghost: str = "pause"
    extra: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, kept: Any) -> AssistState:
        """What is unknown or of another type falls back to the default."""
        data = kept if isinstance(kept, dict) else {}
        state = cls()

        def strings(name: str, known: tuple[str, ...] | None = None) -> tuple[str, ...]:
            value = data.get(name)
            if not isinstance(value, list):
                return getattr(state, name)  # type: ignore[no-any-return]
            return tuple(v for v in value if isinstance(v, str) and (known is None or v in known))[:MOST_TONES]

        own = strings("own")
        text = {name: data[name] for name, known in (("language", None), ("length", tuple(actions.LENGTHS)),
                                                     ("ghost", ("off", "asked", "pause")))
                if isinstance(data.get(name), str) and (known is None or data[name] in known)}
        return replace(state, own=own, tones=strings("tones", (*TONES, *own)),
                       senses=strings("senses", tuple(s for s, *_ in SENSE_ICONS)), **text)

    def to_json(self) -> dict[str, Any]:
        return {"tones": list(self.tones), "own": list(self.own), "senses": list(self.senses),
                "language": self.language, "length": self.length, "ghost": self.ghost}


class AssistTab(QWidget):
    """Buttons and settings; it knows no engine. `state` is what it shows."""

    asked = Signal(str)
    """An action of `actions.EDITS` by its id, or "continue"."""
    state_changed = Signal(object)
    boldness_changed = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.state = AssistState()
        self._selected = (-1, False)
        self.buttons: dict[str, ActionButton] = {}
        self.chips: dict[str, Chip] = {}
        lines = column((12, 12, 12, 12))
        head, self.count = heading(theme, "Selection")
        lines.addLayout(head)
        lines.addLayout(self._make_grid())
        lines.addLayout(self._make_senses())
        self.code = QWidget()
        self.code.setLayout(self._make_code())
        self.code.hide()
        lines.addWidget(self.code)
        lines.addSpacing(8)
        tone_head, self._tone_hint = heading(theme, "Tone")
        lines.addLayout(tone_head)
        self.tones = QWidget()
        self._flow = FlowLayout(6)
        self.tones.setLayout(self._flow)
        lines.addWidget(self.tones)
        self._make_settings(lines)
        lines.addStretch(1)
        self.setLayout(lines)
        self.show_state(self.state)

    # ------------------------------------------------------------ building

    def _button(self, name: str, icon: str, title: str, key: str = "") -> ActionButton:
        button = ActionButton(self.theme, icon, title, key=key)
        button.clicked.connect(lambda: self.asked.emit(name))
        self.buttons[name] = button
        return button

    def _make_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(6)
        grid.addWidget(self._button("continue", "arrow-line-right", "Continue", "Alt+C"), 0, 0)
        for name, line, place in GRID:
            action = BY_ID[name]
            grid.addWidget(self._button(name, action.icon, action.title, action.key), line, place)
        translate = self.buttons["translate"]
        translate.clicked.disconnect()
        translate.clicked.connect(self.show_languages)
        return grid

    def _make_senses(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(2)
        line.addWidget(self._button("senses", "flower-lotus", "Describe with senses"), 1)
        line.addSpacing(4)
        self.senses: dict[str, IconButton] = {}
        for sense, icon, title in SENSE_ICONS:
            button = IconButton(self.theme, icon, title, checkable=True)
            button.clicked.connect(self._read_senses)
            self.senses[sense] = button
            line.addWidget(button)
        return line

    def _make_code(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for at, action in enumerate(actions.CODE):
            grid.addWidget(self._button(action.id, action.icon, action.title, action.key), at // 2, at % 2)
        return grid

    def _make_settings(self, lines: Any) -> None:
        theme = self.theme
        self.add_tone = Chip(theme, "+", checkable=False, name="Add a tone")
        self.add_tone.clicked.connect(lambda: ask_name(theme, self.add_tone, "Name a tone", "", self._add_tone,
                                                       action="Add"))
        self.boldness = SliderField(theme, "Boldness", 0.0, 2.0, value=0.8, default=0.8, step=0.05)
        self.boldness.setToolTip("How daring the choice of words is: the temperature. 0 always takes the likeliest.")
        self.boldness.value_changed.connect(self.boldness_changed)
        self.length = Segmented(theme, "Length", [("sentence", "Sentence"), ("passage", "Passage"), ("page", "Page")],
                                stretch=True, pad=6)
        self.length.changed.connect(lambda key: self._set(length=key))
        ghosts = [("off", "Off"), ("asked", "On request"), ("pause", "After a pause")]
        self.ghost = Segmented(theme, "Ghost text", ghosts, stretch=True, pad=4)
        self.ghost.changed.connect(lambda key: self._set(ghost=key))
        lines.addSpacing(2)
        lines.addLayout(labelled(theme, "Boldness", self.boldness))
        lines.addLayout(labelled(theme, "Length", self.length))
        lines.addLayout(labelled(theme, "Ghost text", self.ghost))

    # ------------------------------------------------------------ state

    def show_state(self, state: AssistState) -> None:
        """Show it without telling."""
        self.state = state
        for sense, button in self.senses.items():
            button.setChecked(sense in state.senses)
        self.length.set_current(state.length)
        self.ghost.set_current(state.ghost)
        wanted = [*TONES, *state.own]
        if list(self.chips) != wanted:
            self._fill_tones(wanted)
        for tone, chip in self.chips.items():
            chip.setChecked(tone in state.tones)
        self.buttons["rewrite"].set_name(f"Rewrite: {', '.join(state.tones).lower()}" if state.tones else "Rewrite")
        self.buttons["translate"].set_name(f"Translate into {state.language}")

    def _fill_tones(self, wanted: list[str]) -> None:
        for chip in self.chips.values():
            chip.setParent(None)
            chip.deleteLater()
        while self._flow.count():
            self._flow.takeAt(0)
        self.chips = {}
        for tone in wanted:
            chip = Chip(self.theme, tone)
            chip.clicked.connect(self._read_tones)
            self._flow.addWidget(chip)
            chip.show()
            self.chips[tone] = chip
        self._flow.addWidget(self.add_tone)
        self.add_tone.setParent(self.tones)
        self.add_tone.show()
        self.tones.updateGeometry()

    def _set(self, **changes: Any) -> None:
        self.show_state(replace(self.state, **changes))
        self.state_changed.emit(self.state)

    def _read_senses(self) -> None:
        self._set(senses=tuple(s for s, button in self.senses.items() if button.isChecked()))

    def _read_tones(self) -> None:
        self._set(tones=tuple(t for t, chip in self.chips.items() if chip.isChecked()))

    def _add_tone(self, name: str) -> None:
        tone = name[:1].upper() + name[1:]
        if tone not in self.chips and len(self.chips) < MOST_TONES:
            self._set(own=(*self.state.own, tone), tones=(*self.state.tones, tone))

    def show_languages(self) -> None:
        """Choose the language of the translation, and begin it."""
        menu = Menu(self.theme, "Translate into", self)
        for language in LANGUAGES:
            action = menu.addAction(language)
            action.setCheckable(True)
            action.setChecked(language == self.state.language)
            action.triggered.connect(lambda _=False, name=language: self.translate_into(name))
        button = self.buttons["translate"]
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))

    def translate_into(self, language: str) -> None:
        self._set(language=language)
        self.asked.emit("translate")

    # ------------------------------------------------------------ what the page tells

    def show_selection(self, words: int, *, paragraph: bool) -> None:
        """How much an action would take. paragraph: nothing is selected, so it is the paragraph of the caret."""
        if (words, paragraph) == self._selected:
            return  # it is told at every key
        self._selected = words, paragraph
        plural = "" if words == 1 else "s"
        self.count.setText(f"{words} word{plural}" + (" in this paragraph" if paragraph else ""))
        for name, button in self.buttons.items():
            if name != "continue":
                button.set_available(words > 0, "Select some text, or put the caret into a paragraph, first")

    def show_code(self, on: bool) -> None:
        """The actions for code, in a scene of code."""
        self.code.setVisible(on)


def separated(theme: Theme) -> Separator:
    return Separator(theme)


def hint(theme: Theme, text: str) -> Label:
    return Label(theme, text, "caption", "t3", wrap=True)
