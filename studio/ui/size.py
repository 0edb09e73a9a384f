"""Width and height as one row, with proportions to choose from and a link between the two."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui.editors import Editor, NumberEditor, usable
from studio.ui.schema import FieldSpec
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.number import NumberField
from studio.ui.widgets.segmented import Segment, Segmented

PRESETS: dict[str, tuple[int, int, str, str]] = {
    "1:1": (1, 1, "aspect-square", "Square, 1 to 1"), "3:2": (3, 2, "aspect-wide", "Landscape, 3 to 2"),
    "2:3": (2, 3, "aspect-tall", "Portrait, 2 to 3"), "16:9": (16, 9, "aspect-cinema", "Wide, 16 to 9"),
}


class _Side(NumberEditor):
    """Width or height, as a small field with its letter."""

    def __init__(self, spec: FieldSpec, theme: Theme, letter: str) -> None:
        step = spec.step or 8.0
        self.field = NumberField(theme, spec.title, minimum=spec.minimum, maximum=spec.maximum, step=step, whole=True,
                                 prefix=letter)
        Editor.__init__(self, spec, self.field)
        self._field = self.field
        default = usable(spec.default)
        self.set_value(default if default is not None else spec.minimum or 512)
        self.field.reset_asked.connect(self.reset)


class SizeEditor(Editor):
    """The row "Size": W, link, H; `presets` stands above it. Values are whole multiples of the schema's step."""

    def __init__(self, width: FieldSpec, height: FieldSpec, theme: Theme) -> None:
        self.width, self.height = _Side(width, theme, "W"), _Side(height, theme, "H")
        self.editors = (self.width, self.height)
        self.link = IconButton(theme, "link-simple", "Keep the proportions", checkable=True)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.width.field, 1)
        row.addWidget(self.link)
        row.addWidget(self.height.field, 1)
        spec = FieldSpec(("size",), "number", "Size", group=width.group,
                         description="Width and height of the picture in pixels")
        super().__init__(spec, holder, self.width.field)
        self.presets = Segmented(theme, "Proportions", [Segment(k, k, icon, name=name)
                                                        for k, (_, _, icon, name) in PRESETS.items()],
                                 stretch=True, pad=4)
        self._step = self._common_step(width, height)
        start_w, start_h = self.width.value(), self.height.value()
        self._area = max(1, start_w * start_h)
        self._ratio = start_w / max(1, start_h)
        self.presets.changed.connect(self._preset)
        self.link.toggled.connect(self._linked)
        self.width.field.value_changed.connect(lambda _: self._typed(self.width, self.height))
        self.height.field.value_changed.connect(lambda _: self._typed(self.height, self.width))
        self.width.changed.connect(self.refresh)
        self.height.changed.connect(self.refresh)
        self.refresh()

    def value(self) -> tuple[int, int]:
        """(width, height) in px."""
        return self.width.value(), self.height.value()

    def set_value(self, value: Any) -> None:
        if isinstance(value, list | tuple) and len(value) == 2:
            self.width.set_value(value[0])
            self.height.set_value(value[1])
            self.refresh()

    def reset(self) -> None:
        for side in self.editors:
            side.set_value(side.spec.default)
        self.refresh()
        self.changed.emit()

    def refresh(self) -> None:
        """Mark the proportion that width and height have now."""
        now = self.value()
        self.presets.set_current(next((k for k in PRESETS if self.size_of(k) == now), ""))

    def size_of(self, preset: str) -> tuple[int, int]:
        """Width and height of a proportion with about the area of the generator's default size."""
        across, down, _, _ = PRESETS[preset]
        height = math.sqrt(self._area * down / across)
        return self._snap(self.width, height * across / down), self._snap(self.height, height)

    # ------------------------------------------------------------ inside

    @staticmethod
    def _common_step(width: FieldSpec, height: FieldSpec) -> int:
        return max(1, math.lcm(max(1, round(width.step or 8)), max(1, round(height.step or 8))))

    def _snap(self, side: _Side, px: float) -> int:
        low, high = side.spec.minimum, side.spec.maximum
        value = round(px / self._step) * self._step
        if low is not None and value < low:
            value = math.ceil(low / self._step) * self._step
        if high is not None and value > high:
            value = math.floor(high / self._step) * self._step
        return value

    def _preset(self, key: str) -> None:
        width, height = self.size_of(key)
        self.width.set_value(width)
        self.height.set_value(height)
        self._ratio = width / max(1, height)
        self.changed.emit()

    def _linked(self, on: bool) -> None:
        if on:
            self._ratio = self.width.value() / max(1, self.height.value())

    def _typed(self, side: _Side, other: _Side) -> None:
        if side.spec.step:
            side.set_value(self._snap(side, side.value()))
        if self.link.isChecked():
            ratio = self._ratio if side is self.width else 1 / self._ratio
            other.set_value(self._snap(other, side.value() / ratio))
        self.refresh()
        self.changed.emit()

