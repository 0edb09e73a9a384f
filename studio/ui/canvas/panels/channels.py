"""Colour sliders whose groove shows the colours they lead to, with their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QWidget

from studio.ui.canvas.panels.wheel import Hsv
from studio.ui.theme import Theme
from studio.ui.widgets.base import box
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import NumberField, Slider


def hsv_colour(hsv: Hsv) -> QColor:
    """The colour of hue, saturation and value, each 0 to 1."""
    return QColor.fromHsvF(min(0.99999, max(0.0, hsv[0])), hsv[1], hsv[2])


def hsv_of(colour: QColor, before: Hsv = (0.0, 0.0, 0.0)) -> Hsv:
    """Hue, saturation and value, each 0 to 1; what a grey or black leaves open stays as in `before`."""
    if hsv_colour(before).rgb() == colour.rgb():
        return before
    hue, saturation, value = colour.hsvHueF(), colour.hsvSaturationF(), colour.valueF()
    if value <= 0.0:
        return before[0], before[1], 0.0
    return (before[0] if hue < 0 or saturation <= 0 else hue), saturation, value


class ChannelSlider(Slider):
    """A slider whose groove is a gradient."""

    def __init__(self, theme: Theme, name: str, count: int) -> None:
        self._stops: Sequence[QColor] = (QColor(0, 0, 0), QColor(255, 255, 255))
        super().__init__(theme, name, count)

    def set_stops(self, stops: Sequence[QColor]) -> None:
        self._stops = stops
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first, way = self._span()
        thick = self.theme.dp(8)
        groove = QRectF(0, round((self.height() - thick) / 2), self.width(), thick)
        gradient = QLinearGradient(first, 0, first + way, 0)
        for place, colour in enumerate(self._stops):
            gradient.setColorAt(place / (len(self._stops) - 1), colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(groove, thick / 2, thick / 2)
        box(painter, groove, thick / 2, None, self.theme.color("line2", 0.8))
        share = (self.value() - self.minimum()) / (self.maximum() - self.minimum())
        x, middle = first + share * way, self.height() / 2
        painter.setBrush(self.theme.color("knob"))
        painter.setPen(QPen(self.theme.color("label", 0.55), 1))
        painter.drawEllipse(QRectF(x - first + 0.5, middle - first + 0.5, first * 2 - 1, first * 2 - 1))


class ChannelRows(QWidget):
    """Three sliders: hue, saturation, value or red, green, blue.

    Signals: ``picking(QColor, hsv)`` while a slider is dragged, ``picked(QColor, hsv)`` at the end, for keys and for
    numbers. hsv is None where the sliders are red, green and blue.
    """

    picking = Signal(QColor, object)
    picked = Signal(QColor, object)

    SETS = {
        "hsv": (("Hue", "H", 359, "°"), ("Saturation", "S", 100, "%"), ("Value", "V", 100, "%")),
        "rgb": (("Red", "R", 255, ""), ("Green", "G", 255, ""), ("Blue", "B", 255, "")),
    }

    def __init__(self, theme: Theme, which: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.which = which
        self._rows: list[tuple[ChannelSlider, NumberField]] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        for row, (name, letter, most, unit) in enumerate(self.SETS[which]):
            label = Label(theme, letter, "body", "t2")
            label.setToolTip(name)
            slider = ChannelSlider(theme, name, most)
            field = NumberField(theme, f"{name}, value", minimum=0, maximum=most, whole=True, unit=unit, small=True)
            field.setFixedWidth(theme.dp(52))
            slider.valueChanged.connect(lambda value, n=row: self._slid(n, value))
            slider.sliderReleased.connect(lambda: self.picked.emit(*self._colour()))
            field.value_changed.connect(lambda value, n=row: self._typed(n, value))
            for column, widget in enumerate((label, slider, field)):
                grid.addWidget(widget, row, column)
            self._rows.append((slider, field))
        grid.setColumnStretch(1, 1)

    def slider(self, place: int) -> ChannelSlider:
        return self._rows[place][0]

    def field(self, place: int) -> NumberField:
        return self._rows[place][1]

    def show_colour(self, colour: QColor, hsv: Hsv) -> None:
        """Silent."""
        values = (round(hsv[0] * 360) % 360, round(hsv[1] * 100), round(hsv[2] * 100)) if self.which == "hsv" else \
            (colour.red(), colour.green(), colour.blue())
        for (slider, field), value in zip(self._rows, values, strict=True):
            slider.blockSignals(True)
            if not slider.isSliderDown():
                slider.setValue(value)
            slider.blockSignals(False)
            field.set_value(value)
            slider.setAccessibleDescription(field.text())
        self._show_stops(colour, hsv)

    def _show_stops(self, colour: QColor, hsv: Hsv) -> None:
        if self.which == "hsv":
            hue, saturation, value = hsv
            stops = ([hsv_colour((n / 6, saturation, value)) for n in range(7)],
                     [hsv_colour((hue, n, value)) for n in (0.0, 1.0)],
                     [hsv_colour((hue, saturation, n)) for n in (0.0, 1.0)])
        else:
            red, green, blue = colour.red(), colour.green(), colour.blue()
            stops = ([QColor(n, green, blue) for n in (0, 255)], [QColor(red, n, blue) for n in (0, 255)],
                     [QColor(red, green, n) for n in (0, 255)])
        for (slider, _), shades in zip(self._rows, stops, strict=True):
            slider.set_stops(shades)

    def _colour(self) -> tuple[QColor, Hsv | None]:
        first, second, third = (slider.value() for slider, _ in self._rows)
        if self.which == "rgb":
            return QColor(first, second, third), None
        hsv = (first / 360, second / 100, third / 100)
        return hsv_colour(hsv), hsv

    def _slid(self, row: int, value: int) -> None:
        slider, field = self._rows[row]
        field.set_value(value)
        (self.picking if slider.isSliderDown() else self.picked).emit(*self._colour())

    def _typed(self, row: int, value: float) -> None:
        slider = self._rows[row][0]
        slider.blockSignals(True)
        slider.setValue(round(value))
        slider.blockSignals(False)
        self.picked.emit(*self._colour())
