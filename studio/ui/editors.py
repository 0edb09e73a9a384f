"""One editor for each kind of field: a widget, its value, and a signal when the person changes it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui.schema import FieldSpec
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.choice import Choice, Option, Switch
from studio.ui.widgets.media import Fetch, MediaWell, Store
from studio.ui.widgets.number import NumberField, SliderField, parse_number
from studio.ui.widgets.text import SeedField, TextArea, TextField


@dataclass(frozen=True)
class FormPickers:
    """What a form asks its surroundings for.

    Attributes:
        models: for the kinds of a model field, (name, title, note) of the installed models, best first.
        store, fetch: keep and read media; called on a pool thread.
        install: opens the way to install a model of these kinds; None leaves the button out.
    """

    models: Callable[[list[str]], list[tuple[str, str, str]]] = lambda _kinds: []
    store: Store | None = None
    fetch: Fetch | None = None
    install: Callable[[list[str]], object] | None = None


class Editor(QObject):
    """Base: `widget` is shown in the row, `focus` takes the keyboard. `set_value` is silent and ignores nonsense."""

    changed = Signal()
    complaint = Signal(str)
    """A sentence to show at the field, "" to take it away."""
    tall = False
    """Takes more than one line: the label stands above it."""
    keeps_complaint = False
    """Its own complaint about what was typed is newer than its change."""

    def __init__(self, spec: FieldSpec, widget: QWidget, focus: QWidget | None = None) -> None:
        super().__init__(widget)
        self.spec, self.widget = spec, widget
        self.focus = focus or widget
        self.touched = False
        self.changed.connect(self._touch)

    def _touch(self) -> None:
        self.touched = True

    def value(self) -> Any:
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        raise NotImplementedError

    def reset(self) -> None:
        """Back to the default; tells `changed`."""
        self.set_value(self.spec.default)
        self.changed.emit()

    def set_invalid(self, invalid: bool) -> None:
        mark = getattr(self.widget, "set_invalid", None)
        if mark is not None:
            mark(invalid)


def usable(value: Any) -> float | None:
    """A finite float of a JSON number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


class NumberEditor(Editor):
    """A slider with a box, or a box alone."""

    def __init__(self, spec: FieldSpec, theme: Theme, pickers: FormPickers) -> None:
        default = usable(spec.default)
        if spec.kind == "slider":
            assert spec.minimum is not None
            assert spec.maximum is not None
            slider = SliderField(theme, spec.title, spec.minimum, spec.maximum, step=spec.step, whole=spec.whole,
                                 unit=spec.unit, default=default)
            box = slider.box
            field: SliderField | NumberField = slider
            focus: QWidget = slider.slider
        else:
            field = focus = box = NumberField(
                theme, spec.title, minimum=spec.minimum, maximum=spec.maximum, whole=spec.whole, unit=spec.unit,
                step=spec.step or (1.0 if spec.whole else 0.1))
        box.auto, box.usual = usable(spec.auto), spec.usual
        super().__init__(spec, field, focus)
        self._field = field
        self.set_value(default if default is not None else spec.minimum or 0)
        field.value_changed.connect(lambda _: self.changed.emit())
        if isinstance(field, NumberField):
            field.reset_asked.connect(self.reset)

    def value(self) -> Any:
        return round(self._field.value()) if self.spec.whole else self._field.value()

    def set_value(self, value: Any) -> None:
        number = usable(value)
        if number is not None:
            self._field.set_value(number)


class TextEditor(Editor):
    """One line: text, a number that may be missing, or JSON of what no control is made for."""

    def __init__(self, spec: FieldSpec, theme: Theme, pickers: FormPickers) -> None:
        self._line = TextField(theme, spec.title, placeholder="Auto" if spec.nullable or spec.auto == "" else "")
        if spec.max_length:
            self._line.setMaxLength(spec.max_length)
        super().__init__(spec, self._line)
        self._kept: Any = None
        self.set_value(spec.default)
        self._line.textEdited.connect(self._edited)

    def _edited(self) -> None:
        self._kept = None
        problem = ""
        if self.spec.kind == "optional_number" and self._line.text().strip() and self._parsed_number() is None:
            problem = "Enter a number, or leave it empty."
        self.keeps_complaint = bool(problem)
        self.complaint.emit(problem)
        self.changed.emit()

    def _parsed_number(self) -> Any:
        number = parse_number(self._line.text())
        if number is None:
            return None
        if self.spec.minimum is not None:
            number = max(self.spec.minimum, number)
        if self.spec.maximum is not None:
            number = min(self.spec.maximum, number)
        return round(number) if self.spec.whole else number

    def value(self) -> Any:
        text = self._line.text()
        if self.spec.nullable and not text.strip():
            return None
        if self.spec.kind == "optional_number":
            return self._parsed_number()
        if self.spec.kind == "json":
            if self._kept is not None:
                return self._kept
            try:
                return json.loads(text)
            except (ValueError, RecursionError):
                return text
        return text

    def set_value(self, value: Any) -> None:
        if self.spec.kind == "json":
            self._kept = value  # unedited, it goes back exactly as it came
            try:
                self._line.setText("" if value is None else json.dumps(value, ensure_ascii=False))
            except (TypeError, ValueError, RecursionError):
                self._line.setText(str(value))
        elif self.spec.kind == "optional_number":
            number = usable(value)
            self._line.setText("" if number is None else f"{number:.12g}")
        elif isinstance(value, str) or value is None:
            self._line.setText(value or "")
        self._line.setCursorPosition(0)

    def set_invalid(self, invalid: bool) -> None:
        self._line.set_invalid(invalid)


class AreaEditor(Editor):
    """Several lines: one text, or a list with one string on each line."""

    tall = True

    def __init__(self, spec: FieldSpec, theme: Theme, pickers: FormPickers) -> None:
        hint = "One on each line" if spec.kind == "lines" else ""
        self._area = TextArea(theme, spec.title, least=2, placeholder=hint)
        super().__init__(spec, self._area)
        self.set_value(spec.default)
        self._area.textChanged.connect(self._edited)
        self._quiet = False

    def _edited(self) -> None:
        if self._quiet:
            return
        long = self.spec.max_length is not None and len(self._area.text()) > self.spec.max_length
        self.keeps_complaint = long
        self.complaint.emit(f"At most {self.spec.max_length:,} characters." if long else "")
        self.changed.emit()

    def value(self) -> Any:
        text = self._area.text()
        if self.spec.kind == "lines":
            lines = [line for line in text.split("\n") if line]
            return None if self.spec.nullable and not lines else lines
        return None if self.spec.nullable and not text else text

    def set_value(self, value: Any) -> None:
        self._quiet = True
        if self.spec.kind == "lines":
            self._area.set_text("\n".join(str(v) for v in value) if isinstance(value, list | tuple) else "")
        elif isinstance(value, str) or value is None:
            self._area.set_text(value or "")
        self._quiet = False

    def set_invalid(self, invalid: bool) -> None:
        self._area.set_invalid(invalid)


class SwitchEditor(Editor):
    def __init__(self, spec: FieldSpec, theme: Theme, pickers: FormPickers) -> None:
        self._switch = Switch(theme, spec.title, checked=spec.default is True)
        super().__init__(spec, self._switch)
        self._switch.clicked.connect(lambda _=False: self.changed.emit())

    def value(self) -> bool:
        return self._switch.isChecked()

    def set_value(self, value: Any) -> None:
        if isinstance(value, bool):
            self._switch.setChecked(value)


class ChoiceEditor(Editor):
    """An enum, a constant, or a bool that may be missing. Values of any JSON type."""

    def __init__(self, spec: FieldSpec, theme: Theme, pickers: FormPickers) -> None:
        values: list[tuple[Any, str]] = list(spec.choices) or [(True, "On"), (False, "Off")]
        if spec.nullable:
            values.insert(0, (None, "Auto"))
        self._values = [value for value, _ in values]
        options = [Option(str(i), title) for i, (_, title) in enumerate(values)]
        self._choice = Choice(theme, spec.title, options)
        self._choice.setEnabled(len(values) > 1)
        super().__init__(spec, self._choice)
        self.set_value(spec.default)
        self._choice.chosen.connect(lambda _: self.changed.emit())

    def value(self) -> Any:
        return self._values[int(self._choice.key())]

    def set_value(self, value: Any) -> None:
        for i, known in enumerate(self._values):
            if known == value and type(known) is type(value):
                self._choice.set_key(str(i))


class SeedEditor(Editor):
    def __init__(self, spec: FieldSpec, theme: Theme, pickers: FormPickers) -> None:
        top = int(spec.maximum) if spec.maximum is not None else 2**32 - 1
        self.field = SeedField(theme, spec.title, maximum=top)
        super().__init__(spec, self.field, self.field.line)
        self.set_value(spec.default)
        self.field.value_changed.connect(lambda _: self.changed.emit())
        self.field.locked_changed.connect(lambda _: self.changed.emit())

    def value(self) -> int:
        return self.field.value()

    def set_value(self, value: Any) -> None:
        if usable(value) is not None:
            self.field.set_value(int(value))


class ModelEditor(Editor):
    """The installed models that fit; a button to install one where there is none."""

    def __init__(self, spec: FieldSpec, theme: Theme, pickers: FormPickers) -> None:
        self._pickers = pickers
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        self._choice = Choice(theme, spec.title)
        self._choice.placeholder = "None installed"
        self._install = PushButton(theme, "Install a model", icon="download-simple")
        row.addWidget(self._choice, 1)
        row.addWidget(self._install)
        super().__init__(spec, holder, self._choice)
        self._wanted = spec.default if isinstance(spec.default, str) else ""
        self._choice.chosen.connect(self._chosen)
        self._install.clicked.connect(self._ask_install)
        self.refresh()

    def refresh(self) -> None:
        """Ask again what is installed; what was chosen stays, even if it is gone."""
        found = self._pickers.models(list(self.spec.kinds))
        options = [Option(name, title or name, note) for name, title, note in found]
        if self._wanted and self._wanted not in {o.key for o in options}:
            options.append(Option(self._wanted, self._wanted, "not installed"))
        self._choice.set_options(options)
        self._choice.set_key(self._wanted)
        self._choice.setVisible(bool(options) or self._pickers.install is None)
        self._choice.setEnabled(bool(options))
        self._install.setVisible(not options and self._pickers.install is not None)
        self.focus = self._choice if options else self._install

    def _chosen(self, key: str) -> None:
        self._wanted = key
        self.changed.emit()

    def _ask_install(self) -> None:
        if self._pickers.install is not None:
            self._pickers.install(list(self.spec.kinds))

    def value(self) -> Any:
        return self._choice.key() or (None if self.spec.nullable else "")

    def set_value(self, value: Any) -> None:
        if isinstance(value, str) or value is None:
            self._wanted = value or ""
            self.refresh()


class MediaEditor(Editor):
    def __init__(self, spec: FieldSpec, theme: Theme, pickers: FormPickers) -> None:
        self.well = MediaWell(theme, spec.title, spec.media, store=pickers.store, fetch=pickers.fetch)
        super().__init__(spec, self.well)
        self.well.changed.connect(self._given)
        self.well.failed.connect(self.complaint)

    def _given(self, _reference: object) -> None:
        self.complaint.emit("")
        self.changed.emit()

    def value(self) -> Any:
        return self.well.reference()

    def set_value(self, value: Any) -> None:
        if isinstance(value, dict) or value is None:
            self.well.set_reference(value)


EDITORS: dict[str, Callable[[FieldSpec, Theme, FormPickers], Editor]] = {
    "slider": NumberEditor, "number": NumberEditor, "optional_number": TextEditor, "text": TextEditor,
    "json": TextEditor, "multiline": AreaEditor, "lines": AreaEditor, "choice": ChoiceEditor, "switch": SwitchEditor,
    "seed": SeedEditor, "model": ModelEditor, "media": MediaEditor,
}
