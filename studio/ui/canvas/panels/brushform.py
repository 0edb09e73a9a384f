"""The settings of a brush that the context bar has no room for."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from studio.ui.canvas.toolstate import ToolState
from studio.ui.theme import Theme
from studio.ui.widgets.choice import Check, Choice, Option
from studio.ui.widgets.fold import FoldSection
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import SliderField

GRAINS = (Option("", "None"), Option("paper", "Paper"), Option("chalk", "Chalk"), Option("canvas", "Canvas"))
ROWS = (
    ("spacing", "Spacing", 1.0, 200.0, "%", 100.0), ("roundness", "Roundness", 5.0, 100.0, "%", 100.0),
    ("angle", "Angle", -180.0, 180.0, "°", 1.0), ("scatter", "Scatter", 0.0, 200.0, "%", 100.0),
    ("least_size", "Least size", 0.0, 100.0, "%", 100.0), ("grain_strength", "Grain strength", 0.0, 100.0, "%", 100.0),
)
"""Setting, title, bounds, unit, and what one of the setting is on the slider."""


class BrushForm(QWidget):
    """Shape, spacing and grain of one tool's brush."""

    def __init__(self, theme: Theme, state: ToolState, tool: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state, self.tool = state, tool
        self.fields: dict[str, tuple[SliderField, float]] = {}
        section = FoldSection(theme, "Shape and texture")
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, (name, title, least, most, unit, factor) in enumerate(ROWS):
            field = SliderField(theme, title, least, most, whole=True, unit=unit)
            field.value_changed.connect(lambda value, n=name, f=factor: state.set_brush(tool, **{n: value / f}))
            grid.addWidget(Label(theme, title, "body", "t2"), row, 0)
            grid.addWidget(field, row, 1)
            self.fields[name] = (field, factor)
        self.grain = Choice(theme, "Grain", GRAINS)
        self.grain.chosen.connect(lambda key: state.set_brush(tool, grain=key))
        grid.addWidget(Label(theme, "Grain", "body", "t2"), len(ROWS), 0)
        grid.addWidget(self.grain, len(ROWS), 1)
        self.tilt = Check(theme, "Tilt of the pen flattens and turns it")
        self.tilt.clicked.connect(lambda on: state.set_brush(tool, tilt=on))
        section.body.addWidget(holder)
        section.body.addWidget(self.tilt)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 0)
        column.addWidget(section)
        self.section = section
        state.changed.connect(lambda name: self.refresh() if name == tool else None)
        self.refresh()

    def refresh(self) -> None:
        brush = self.state.brush(self.tool)
        for name, (field, factor) in self.fields.items():
            if not field.slider.isSliderDown():
                field.set_value(getattr(brush, name) * factor)
        self.fields["grain_strength"][0].setEnabled(bool(brush.grain))
        self.grain.set_key(brush.grain)
        self.tilt.setChecked(brush.tilt)
