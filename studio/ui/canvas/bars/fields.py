"""Small controls of the context bar: a slider with a curve, a label with its field, colour and popup buttons."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.ui.canvas.panels.colours import ColourEditor
from studio.ui.canvas.panels.swatches import hex_of
from studio.ui.canvas.toolstate import ToolState
from studio.ui.theme import Theme
from studio.ui.widgets.base import box
from studio.ui.widgets.buttons import BaseButton, PushButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import NumberField, Slider
from studio.ui.widgets.popup import Place, Popup

COUNT = 400
"""Positions of a slider."""


class CurvedField(QWidget):
    """A label, a slider and its number. `curve` 1 is even; above it, small values get more of the way.

    Where room is short, `set_compact` leaves out the slider. Signal ``value_changed(float)`` for changes by the person.
    """

    value_changed = Signal(float)

    def __init__(self, theme: Theme, name: str, minimum: float, maximum: float, *, unit: str = "", curve: float = 1.0,
                 whole: bool = True, step: float = 1.0, default: float | None = None, width: int = 88,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high, self._curve, self.default = minimum, maximum, curve, default
        self.label = Label(theme, name, "body", "t2")
        self.slider = Slider(theme, name, COUNT)
        self.slider.setFixedWidth(theme.dp(width))
        self.box = NumberField(theme, f"{name}, value", minimum=minimum, maximum=maximum, step=step, whole=whole,
                               unit=unit, small=True)
        self.box.setFixedWidth(theme.dp(58 if unit == "px" else 54))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.label, self.slider, self.box):
            row.addWidget(widget)
        self.setFocusProxy(self.slider)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.slider.valueChanged.connect(self._slid)
        self.slider.reset_asked.connect(self._reset)
        self.box.value_changed.connect(self._typed)

    def value(self) -> float:
        return self.box.value()

    def set_value(self, value: float) -> None:
        """Silent."""
        self.box.set_value(value)
        self._place(value)

    def set_compact(self, compact: bool) -> None:
        self.slider.setVisible(not compact)
        self.setFocusProxy(self.box if compact else self.slider)

    def _place(self, value: float) -> None:
        share = (min(self._high, max(self._low, value)) - self._low) / (self._high - self._low)
        self.slider.blockSignals(True)
        self.slider.setValue(round(math.pow(share, 1 / self._curve) * COUNT))
        self.slider.blockSignals(False)
        self.slider.setAccessibleDescription(self.box.text())
        self.slider.update()

    def _slid(self, place: int) -> None:
        value = self._low + math.pow(place / COUNT, self._curve) * (self._high - self._low)
        before = self.box.value()
        self.box.set_value(round(value) if self.box.whole else round(value, 2))
        self.slider.setAccessibleDescription(self.box.text())
        if self.box.value() != before:
            self.value_changed.emit(self.box.value())

    def _typed(self, value: float) -> None:
        self._place(value)
        self.value_changed.emit(value)

    def _reset(self) -> None:
        if self.default is not None and self.default != self.value():
            self.set_value(self.default)
            self.value_changed.emit(self.value())


class LabelledNumber(QWidget):
    """A label and a number without a slider. Signal ``value_changed(float)``."""

    value_changed = Signal(float)

    def __init__(self, theme: Theme, name: str, minimum: float, maximum: float, *, unit: str = "", whole: bool = True,
                 step: float = 1.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = NumberField(theme, name, minimum=minimum, maximum=maximum, step=step, whole=whole, unit=unit,
                               small=True)
        self.box.setFixedWidth(theme.dp(54 if unit == "px" else 44))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Label(theme, name, "body", "t2"))
        row.addWidget(self.box)
        self.setFocusProxy(self.box)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.box.value_changed.connect(self.value_changed)

    def value(self) -> float:
        return self.box.value()

    def set_value(self, value: float) -> None:
        """Silent."""
        self.box.set_value(value)


class ColourButton(BaseButton):
    """A swatch that opens the colour editor. target: "foreground" or "background"."""

    def __init__(self, theme: Theme, state: ToolState, target: str = "foreground", name: str = "",
                 parent: QWidget | None = None) -> None:
        self.state, self.target = state, target
        super().__init__(theme, name or target.capitalize(), parent=parent)
        self.clicked.connect(lambda: show_colour_editor(theme, state, self, target))
        state.changed.connect(lambda what: self._show() if what == target else None)
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(34), self.theme.dp(28))

    def colour(self) -> QColor:
        return self.state.foreground if self.target == "foreground" else self.state.background

    def _show(self) -> None:
        self.setAccessibleDescription(hex_of(self.colour()))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), QRectF(self.rect())
        if (fill := self.fill()) is not None:
            box(painter, area, 6, fill)
        box(painter, area.adjusted(4, 4, -4, -4), 4, self.colour(), self.theme.color("line2"))


def show_colour_editor(theme: Theme, state: ToolState, anchor: QWidget, target: str, place: Place = "below") -> Popup:
    """The wheel with its sliders, over the window, beside `anchor`."""
    editor = ColourEditor(theme, state)
    editor.set_target(target)
    popup = Popup(theme, anchor, editor, place=place, width=theme.dp(320), margins=12, keep=False)
    popup.open()
    return popup


class PopupButton(PushButton):
    """A quiet button that opens a popup; `build` makes its content each time."""

    def __init__(self, theme: Theme, text: str, build: Callable[[], QWidget], *, icon: str = "", name: str = "",
                 width: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(theme, text, variant="quiet", icon=icon, name=name, parent=parent)
        self._build, self._width = build, width
        self.popup: Popup | None = None
        self.clicked.connect(lambda: self.show_popup())

    def show_popup(self) -> None:
        self.popup = Popup(self.theme, self, self._build(), width=self.theme.dp(self._width) if self._width else 0,
                           margins=12, keep=False)
        self.popup.closed.connect(self._closed)
        self.popup.open()

    def _closed(self) -> None:
        self.popup = None
