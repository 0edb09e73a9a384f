"""The prompt bar: what to make, with which generator, how many, which seed; Generate, or the running job and Stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.engine.job import GeneratorInfo, Job
from studio.ui.prompt import PromptState, can_count, field_of_role, media_field
from studio.ui.promptparts import GeneratorButton, RunningPill
from studio.ui.promptsyntax import STEP, PromptHighlighter, weigh
from studio.ui.styles import PLACE
from studio.ui.theme import Theme
from studio.ui.widgets.askname import ask_name
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.labels import Separator
from studio.ui.widgets.popup import Menu
from studio.ui.widgets.text import TextArea

COUNTS = (1, 2, 4, 8)
BRANCHES = (1, 2, 3, 4)
"""So many continuations of a text can be compared side by side."""
WHAT = {"image": "picture", "text": "continuation"}
MINIMUM = 320
"""Narrower than this, in px, the bar has not been given its place yet."""


class PromptBar(Themed, QWidget):
    """Floats over the document. Holds the PromptState of the workspace in front; says when it changes."""

    generate = Signal()
    stop = Signal()
    state_changed = Signal(object)
    generator_picked = Signal(str)
    style_named = Signal(str)
    """Save the prompt and negative prompt as a style of this name."""
    style_removed = Signal(str)
    grid_asked = Signal()
    live_toggled = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = PromptState()
        self._info: GeneratorInfo | None = None
        self._choices: list[GeneratorInfo] = []
        self._history: list[str] = []
        self._history_at = -1
        self._unsent = ""
        """What was typed before the history was gone through."""
        self._styles: list[str] = []
        self._own_styles: set[str] = set()
        self._filling = False
        self.setAccessibleName("Prompt bar")
        self.prompt = TextArea(theme, "Prompt", role="prompt", most=6, bare=True)
        self.negative = TextArea(theme, "Negative prompt", role="body", most=3, bare=True,
                                 placeholder="What should not be in it")
        self.generator = GeneratorButton(theme)
        self.negative_chip = PushButton(theme, "Negative", variant="quiet", icon="prohibit", checkable=True,
                                        key="Ctrl+Shift+N")
        self.start_chip = PushButton(theme, "Start from canvas", variant="quiet", icon="image", checkable=True)
        self.live_chip = PushButton(theme, "Live", variant="quiet", icon="lightning", checkable=True, key="Alt+L",
                                    name="Paint live")
        self.style_chip = PushButton(theme, "Style", variant="quiet", icon="palette", checkable=True, name="Style")
        self.notes_chip = PushButton(theme, "Story notes", variant="quiet", icon="notebook")
        self._notes = -1
        self.count_chip = PushButton(theme, "×1", variant="quiet", icon="stack", name="How many")
        self.seed_chip = PushButton(theme, "Seed", variant="quiet", icon="lock-simple-open", checkable=True,
                                    key="Ctrl+Shift+L")
        self.button = PushButton(theme, "Generate", variant="primary", icon="sparkle", hint="Ctrl Enter", tall=True)
        self.pill = RunningPill(theme)
        self.action = QStackedWidget()
        self._syntax = [PromptHighlighter(area.document(), theme) for area in (self.prompt, self.negative)]
        self._build(theme)
        self.init_theme(theme)
        self.retheme()
        self._connect()

    # ------------------------------------------------------------ state

    @property
    def state(self) -> PromptState:
        return self._state

    def show_state(self, state: PromptState, info: GeneratorInfo | None, choices: Sequence[GeneratorInfo],
                   tag: str = "") -> None:
        """Fill the bar; `choices` are the generators that this workspace can use."""
        self._filling = True
        self._state, self._info, self._choices = state, info, list(choices)
        schema = info.schema if info else {}
        for area, text in ((self.prompt, state.prompt), (self.negative, state.negative)):
            area.set_text(text)
        self.generator.show_generator(info, tag)
        has_negative = bool(field_of_role(schema, "negative"))
        self.negative_chip.setVisible(has_negative)
        self.negative_chip.setChecked(has_negative and bool(state.negative))
        self.negative.setVisible(self.negative_chip.isChecked())
        self.start_chip.setVisible(bool(media_field(schema, "image")))
        self.start_chip.setChecked(state.from_canvas)
        self.live_chip.setVisible(bool(info) and info.produces == "image" and bool(media_field(schema, "image")))
        self.count_chip.set_text(f"×{state.count}")
        picture = bool(info) and info.produces == "image"
        self.count_chip.setVisible(can_count(info))
        self.notes_chip.setVisible(bool(info) and info.produces == "text" and self._notes >= 0)
        self.style_chip.setVisible(picture and bool(field_of_role(schema, "prompt")))
        self._show_style()
        for syntax in self._syntax:
            syntax.set_on(picture)
        has_seed = bool(field_of_role(schema, "seed"))
        self.seed_chip.setVisible(has_seed)
        self.show_seed(state)
        self.button.set_available(info is not None, "" if info else "No generator for this workspace is installed")
        self._filling = False
        self.fit()

    def show_notes(self, count: int) -> None:
        """How many story notes go along with the next text; -1 where there are none at all."""
        if count == self._notes:
            return
        self._notes = count
        self.notes_chip.set_text(f"Story notes {count}" if count > 0 else "Story notes")
        self.notes_chip.set_name(f"Story notes that apply here: {max(0, count)}")
        self.notes_chip.setVisible(count >= 0 and self._info is not None and self._info.produces == "text")
        self.fit()

    def show_seed(self, state: PromptState) -> None:
        self._state = replace(self._state, seed=state.seed, seed_locked=state.seed_locked)
        self.seed_chip.setChecked(state.seed_locked)
        self.seed_chip.set_icon("lock-simple" if state.seed_locked else "lock-simple-open")
        self.seed_chip.set_name(f"Seed {state.seed}, locked" if state.seed_locked else "Lock the seed")

    def set_placeholder(self, text: str) -> None:
        self.prompt.setPlaceholderText(text)

    def set_live(self, on: bool) -> None:
        """Show whether the machine paints after each stroke."""
        self.live_chip.blockSignals(True)
        self.live_chip.setChecked(on)
        self.live_chip.blockSignals(False)

    def set_can_start(self, possible: bool) -> None:
        self.start_chip.set_available(possible or self.start_chip.isChecked(), "Put a picture under the frame first")

    def set_history(self, prompts: Sequence[str]) -> None:
        """Prompts used before, newest first; Alt+Up and Alt+Down go through them."""
        self._history, self._history_at = list(prompts), -1

    def set_styles(self, names: Sequence[str], own: Sequence[str]) -> None:
        """The styles to choose from; `own` can be removed."""
        self._styles, self._own_styles = list(names), set(own)
        self._show_style()

    def show_running(self, job: Job | None, unit: str = "Step") -> None:
        """Generate becomes the running pill while `job` is not None."""
        if job is None:
            self.action.setCurrentWidget(self.button)
            self.action.setFixedSize(self.button.sizeHint())
        else:
            self.pill.show_job(job, unit)
            self.action.setCurrentWidget(self.pill)
            self.action.setFixedSize(self.pill.sizeHint())
        self._narrow()

    def focus_prompt(self) -> None:
        self.prompt.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # ------------------------------------------------------------ building

    def _build(self, theme: Theme) -> None:
        column = QVBoxLayout(self)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)  # chips give way instead
        column.setContentsMargins(12, 10, 10, 10)
        column.setSpacing(6)
        column.addWidget(self.prompt)
        column.addWidget(self.negative)
        self._row = row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.generator)
        row.addWidget(Separator(theme, vertical=True, length=20, tone="line2"))
        for chip in (self.negative_chip, self.start_chip, self.live_chip, self.style_chip, self.notes_chip,
                     self.count_chip, self.seed_chip):
            row.addWidget(chip)
        row.addStretch(1)
        self.action.addWidget(self.button)
        self.action.addWidget(self.pill)
        row.addWidget(self.action)
        column.addLayout(row)
        self.negative.hide()
        self.show_running(None)

    def _connect(self) -> None:
        self.prompt.textChanged.connect(self._typed)
        self.negative.textChanged.connect(self._typed)
        for area in (self.prompt, self.negative):
            area.installEventFilter(self)
            area.height_changed.connect(self.fit)
        self.generator.clicked.connect(self._pick_generator)
        self.negative_chip.toggled.connect(self._toggle_negative)
        self.start_chip.toggled.connect(lambda on: self._change(from_canvas=on))
        self.live_chip.toggled.connect(self.live_toggled)
        self.style_chip.clicked.connect(self._pick_style)
        self.count_chip.clicked.connect(self._pick_count)
        self.seed_chip.toggled.connect(self._lock_seed)
        self.button.clicked.connect(self.generate)
        self.pill.stopped.connect(self.stop)

    def retheme(self) -> None:
        super().retheme()
        self.fit()

    # ------------------------------------------------------------ reacting

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.generate.emit()
                return True
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                up = 1 if event.key() == Qt.Key.Key_Up else -1
                if event.modifiers() == Qt.KeyboardModifier.AltModifier:
                    self._recall(up)
                    return True
                if event.modifiers() == Qt.KeyboardModifier.ControlModifier:
                    self._weigh(watched, up * STEP)
                    return True
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().eventFilter(watched, event)

    def _recall(self, step: int) -> None:
        at = max(-1, min(len(self._history) - 1, self._history_at + step))
        if at != self._history_at:
            if self._history_at < 0:
                self._unsent = self.prompt.toPlainText()
            self._history_at = at
            self.prompt.setPlainText(self._history[at] if at >= 0 else self._unsent)

    def _weigh(self, area: TextArea, delta: float) -> None:
        """Give the selected words, or the word at the caret, more weight or less; one undo takes it back."""
        cursor = area.textCursor()
        text, start, end = weigh(area.toPlainText(), cursor.selectionStart(), cursor.selectionEnd(), delta)
        if text == area.toPlainText():
            return
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text)
        cursor.setPosition(start)
        cursor.setPosition(end, cursor.MoveMode.KeepAnchor)
        area.setTextCursor(cursor)

    def _typed(self) -> None:
        self._change(prompt=self.prompt.toPlainText(), negative=self.negative.toPlainText())

    def _toggle_negative(self, on: bool) -> None:
        self.negative.setVisible(on)
        if not on:
            self.negative.clear()
        elif not self._filling:
            self.negative.setFocus()
        self.fit()

    def _lock_seed(self, on: bool) -> None:
        self.seed_chip.set_icon("lock-simple" if on else "lock-simple-open")
        self._change(seed_locked=on)

    def _change(self, **changes: Any) -> None:
        if not self._filling:
            self._state = replace(self._state, **changes)
            self.state_changed.emit(self._state)

    def _show_style(self) -> None:
        name = self._state.style if self._state.style in self._styles else ""
        self.style_chip.set_text(name or "Style")
        self.style_chip.set_name(f"Style: {name}" if name else "Style")
        self.style_chip.setChecked(bool(name))

    def _pick_style(self) -> None:
        self._show_style()  # the click has turned the chip over
        menu = Menu(self.theme, parent=self)
        for name in ("", *self._styles):
            action = menu.addAction(name or "No style")
            action.setCheckable(True)
            action.setChecked(name == (self._state.style if self._state.style in self._styles else ""))
            action.triggered.connect(lambda _=False, chosen=name: self._set_style(chosen))
        menu.addSeparator()
        save = menu.addAction("Save prompt as a style…")
        save.setEnabled(bool(self._state.prompt.strip()))
        save.triggered.connect(self._name_style)
        if self._state.style in self._own_styles:
            remove = menu.addAction(f"Remove the style “{self._state.style}”")
            remove.triggered.connect(lambda: self.style_removed.emit(self._state.style))
        menu.popup(self.style_chip.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))

    def _name_style(self) -> None:
        first = " ".join(self._state.prompt.replace(PLACE, "").split())[:40].strip(" ,")
        ask_name(self.theme, self.style_chip, "Save the prompt as a style", first, self.style_named.emit)

    def _set_style(self, name: str) -> None:
        self._change(style=name)
        self._show_style()
        self.fit()

    def _pick_count(self) -> None:
        menu = Menu(self.theme, parent=self)
        picture = self._info is None or self._info.produces == "image"
        what = WHAT.get(self._info.produces if self._info is not None else "image", "take")
        for count in COUNTS if picture else BRANCHES:
            action = menu.addAction(f"{count} {what}" + ("s" if count > 1 else ""))
            action.setCheckable(True)
            action.setChecked(count == self._state.count)
            action.triggered.connect(lambda _=False, n=count: self._set_count(n))
        if picture:
            menu.addSeparator()
            menu.addAction("X/Y grid…").triggered.connect(self.grid_asked)
        menu.popup(self.count_chip.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))

    def _set_count(self, count: int) -> None:
        self.count_chip.set_text(f"×{count}")
        self._change(count=count)

    def _pick_generator(self) -> None:
        menu = Menu(self.theme, parent=self)
        for info in self._choices:
            action = menu.addAction(self.theme.icons.icon(info.icon), f"{info.title}  ·  {info.plugin}")
            action.setToolTip(info.summary)
            action.setCheckable(True)
            action.setChecked(self._info is not None and info.id == self._info.id)
            action.triggered.connect(lambda _=False, name=info.id: self.generator_picked.emit(name))
        menu.popup(self.generator.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))

    # ------------------------------------------------------------ shape

    def fit(self) -> None:
        """Grow upwards: the owner places the bar by its bottom. Chips give up their words where the row is too long."""
        self._narrow()
        height = self.layout().sizeHint().height()
        if height != self.height():
            bottom = self.geometry().bottom()
            self.resize(self.width(), height)
            self.move(self.x(), bottom - height + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._narrow()

    def _narrow(self) -> None:
        # Those whose icon says most go first; how many and the style keep what they say.
        chips: list[PushButton | GeneratorButton] = [
            self.negative_chip, self.seed_chip, self.live_chip, self.start_chip, self.style_chip, self.notes_chip,
            self.generator]
        for chip in chips:
            chip.set_compact(False)
        if self.width() < MINIMUM:
            return  # not laid out yet
        for chip in chips:
            if self._wanted() <= self.width():
                return
            chip.set_compact(not chip.isHidden())

    def _wanted(self) -> int:
        """The width at which nothing of the row is cut, in px."""
        items = [self._row.itemAt(index) for index in range(self._row.count())]
        shown = [widget for item in items if (widget := item.widget()) is not None and not widget.isHidden()]
        margins = self.layout().contentsMargins()
        widths = [widget.width() if widget is self.action else widget.sizeHint().width() for widget in shown]
        return sum(widths) + self._row.spacing() * len(shown) + margins.left() + margins.right()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        focused = self.prompt.hasFocus() or self.negative.hasFocus()
        if focused:
            box(painter, self.rect(), 14, None, theme.color("spring_t"), 3)
        inner = self.rect().adjusted(2, 2, -2, -2)
        box(painter, inner, 12, theme.color("raised"), theme.color("spring" if focused else "line2"))
