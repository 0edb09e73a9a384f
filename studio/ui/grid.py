"""X/Y grids in the window: the popup that asks for the axes, and the sheet that is made when all pictures are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from studio.engine.grid import Axis, GridError, plan, read_axis
from studio.engine.job import Event, Failed, Finished, GeneratorInfo, Job, Stopped
from studio.project import ResultRow, gridsheet
from studio.ui.prompt import field_of_role
from studio.ui.schema import FieldSpec, fields_of
from studio.ui.session import Session
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.labels import Label
from studio.ui.widgets.popup import Popup
from studio.ui.widgets.text import TextField

TARGET = "grid"
GENERATOR = "studio.grid"
NONE = "-"
AXES = ("slider", "number", "seed", "choice", "text", "multiline", "switch")
_EXAMPLES = {"steps": "4, 10, 20", "guidance": "2, 5, 8", "seed": "1..4", "strength": "0.3..0.9:0.2",
             "prompt": "red, green, blue", "negative": "blurry, dark"}


def axis_fields(info: GeneratorInfo) -> list[FieldSpec]:
    """The parameters that an axis may be made of: those with numbers, words or choices."""
    return [spec for spec in fields_of(info.schema)
            if len(spec.path) == 1 and spec.kind in AXES]


def value_of(spec: FieldSpec, text: str) -> Any:
    """A value of the field from its text. Raises GridError with one sentence."""
    if spec.kind == "choice":
        sought = text.lower()
        found = next((value for value, title in spec.choices if sought in (str(value).lower(), title.lower())), None)
        if found is None:
            raise GridError(f"{spec.title} has no “{text}”; it has {', '.join(title for _, title in spec.choices)}.")
        return found
    if spec.kind == "switch":
        return text.lower() in ("1", "true", "yes", "on")
    if spec.kind in ("text", "multiline"):
        return text
    try:
        number = float(text)
    except ValueError:
        raise GridError(f"{spec.title} takes numbers, not “{text}”.") from None
    low, high = spec.minimum, spec.maximum
    if not (low is None or number >= low) or not (high is None or number <= high) or number != number:
        raise GridError(f"{spec.title} goes from {low:g} to {high:g}, so {text} is out of reach."
                        if low is not None and high is not None else f"{spec.title} cannot be {text}.")
    return int(number) if spec.whole or spec.kind == "seed" else number


@dataclass(frozen=True)
class Grid:
    """What was asked: the axes, and the parameters of each cell that differ from the draft's."""

    x: Axis
    y: Axis | None
    cells: tuple[dict[str, Any], ...]

    @property
    def target(self) -> dict[str, Any]:
        """What the jobs carry, so that the sheet can be made from their results."""
        titles = [self.x.field.replace("_", " "), self.y.field.replace("_", " ") if self.y else ""]
        axes = {"x": {"field": self.x.field, "values": list(self.x.values)}}
        if self.y is not None:
            axes["y"] = {"field": self.y.field, "values": list(self.y.values)}
        return {"kind": TARGET, "columns": list(self.x.labels), "rows": list(self.y.labels) if self.y else [],
                "titles": titles, "axes": axes, "count": len(self.cells)}


class GridForm(QWidget):
    """Two axes and a button; says how many pictures that makes, or what is wrong."""

    asked = Signal(object)
    """A `Grid`."""

    def __init__(self, theme: Theme, info: GeneratorInfo, params: dict[str, Any]) -> None:
        super().__init__()
        self._info, self._params = info, params
        self.popup: Popup | None = None
        self._specs = {spec.path[0]: spec for spec in axis_fields(info)}
        options = [Option(name, spec.title) for name, spec in self._specs.items()]
        self.fields = [Choice(theme, "Columns", options), Choice(theme, "Rows", [Option(NONE, "None"), *options])]
        self.values = [TextField(theme, "Values of the columns"), TextField(theme, "Values of the rows")]
        self.words = Label(theme, "", role="caption", tone="t3")
        self.words.setWordWrap(True)
        self.button = PushButton(theme, "Make the grid", variant="primary")
        self._build(theme)
        self._start()

    def _build(self, theme: Theme) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        for row, (name, field, values) in enumerate(zip(("Columns", "Rows"), self.fields, self.values, strict=True)):
            grid.addWidget(Label(theme, name, tone="t2"), row, 0)
            grid.addWidget(field, row, 1)
            grid.addWidget(values, row, 2)
            field.chosen.connect(lambda _, at=row: self._example(at))
            values.textChanged.connect(self._check)
        grid.setColumnMinimumWidth(1, theme.dp(150))
        grid.setColumnStretch(2, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.words, 1)
        foot.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(10)
        column.addWidget(Label(theme, "X/Y grid", role="strong"))
        column.addLayout(grid)
        column.addLayout(foot)
        self.button.clicked.connect(self._ask)
        self.setFocusProxy(self.values[0])

    def _start(self) -> None:
        by_role = {spec.role: name for name, spec in self._specs.items()}
        for field, role, fallback in ((self.fields[0], "steps", ""), (self.fields[1], "guidance", NONE)):
            field.set_key(by_role.get(role) or fallback or next(iter(self._specs), ""))
        for row in (0, 1):
            self._example(row)

    def _example(self, row: int) -> None:
        name = self.fields[row].key()
        spec = self._specs.get(name)
        example = "" if spec is None else _EXAMPLES.get(spec.role, ", ".join(title for _, title in spec.choices[:3]))
        prompt = str(self._params.get(field_of_role(self._info.schema, "prompt"), ""))
        if spec is not None and spec.role in ("prompt", "negative") and prompt.split():
            example = f"{prompt.split()[-1]}, "
        self.values[row].setEnabled(spec is not None)
        self.values[row].setText(example)
        self._check()

    def grid(self) -> Grid:
        """What the fields say. Raises GridError."""
        axes = [self._axis(row) for row in (0, 1)]
        if axes[0] is None:
            raise GridError("Choose a parameter for the columns.")
        prompt = field_of_role(self._info.schema, "prompt")
        cells = plan(self._params, prompt, axes[0], axes[1])
        return Grid(axes[0], axes[1], tuple(
            {name: value for name, value in cell.items() if self._params.get(name) != value} for cell in cells))

    def _axis(self, row: int) -> Axis | None:
        spec = self._specs.get(self.fields[row].key())
        return None if spec is None else read_axis(
            f"{spec.path[0]}={self.values[row].text()}", lambda _, text: value_of(spec, text))

    def _check(self) -> None:
        try:
            count, words = len(self.grid().cells), ""
        except GridError as error:
            count, words = 0, str(error)
        self.words.setText(words or f"{count} picture{'s' if count != 1 else ''}. Values: 4, 10, 20 or 1..5 or 2..8:2.")
        self.button.set_available(count > 0, words)

    def _ask(self) -> None:
        grid = self.grid()
        if self.popup is not None:
            self.popup.dismiss()
        self.asked.emit(grid)


def ask_grid(theme: Theme, anchor: QWidget, info: GeneratorInfo, params: dict[str, Any],
             done: Callable[[Grid], None]) -> GridForm:
    """Open the popup at `anchor`."""
    form = GridForm(theme, info, params)
    form.asked.connect(done)
    form.popup = Popup(theme, anchor, form, place="above", width=theme.dp(460), keep=False)
    form.popup.open()
    form.values[0].setFocus()
    return form


class GridSheets(QObject):
    """Watches for the results of grids and puts the sheet beside them when the last one has come."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._rows: dict[str, dict[int, ResultRow]] = {}
        self._ended: dict[str, set[str]] = {}
        session.result_stored.connect(self._stored)
        session.event.connect(self._event)

    def _stored(self, row: ResultRow, job: Job) -> None:
        if job.request.target.get("kind") == TARGET:
            self._rows.setdefault(job.request.batch, {})[job.request.index] = row

    def _event(self, event: Event, job: Job) -> None:
        target, batch = job.request.target, job.request.batch
        if target.get("kind") != TARGET or not isinstance(event, (Finished, Failed, Stopped)):
            return
        ended = self._ended.setdefault(batch, set())
        ended.add(job.id)
        if len(ended) >= int(target.get("count", 0)):
            del self._ended[batch]
            rows = self._rows.pop(batch, {})
            if rows:
                prompt = str(next(iter(rows.values())).prompt)
                self.session.add_made(lambda: sheet(self.session, rows, target, prompt), job)


def sheet(session: Session, rows: dict[int, ResultRow], target: dict[str, Any],
          prompt: str) -> tuple[bytes, dict[str, Any]]:
    """The sheet as a PNG and its recipe. Runs off the UI thread."""
    count = int(target["count"])
    pictures = [session.project.media(rows[i].media)[0] if i in rows else None for i in range(count)]
    data = gridsheet.compose(pictures, target["columns"], target["rows"], (target["titles"][0], target["titles"][1]),
                             prompt)
    recipe = {"generator": {"id": GENERATOR, "title": "Grid"}, "params": {"prompt": prompt, **target["axes"]},
              "cells": [rows[i].recipe for i in sorted(rows)]}
    return data, recipe
