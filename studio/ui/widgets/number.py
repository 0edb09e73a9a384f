"""Numbers: text boxes that hold one, and the slider with its box."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QSlider, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box

AUTO = "Auto"
NUMBER = re.compile(r"[-+−]?(\d[\d\s  ]*([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")


def decimals_of(step: float) -> int:
    """How many decimals a step needs, at most 6: 0.05 gives 2."""
    for places in range(7):
        if math.isclose(round(step, places), step, rel_tol=1e-9):
            return places
    return 6


def parse_number(text: str) -> float | None:
    """The first number in what a person typed, with comma or point and grouping spaces; None if there is none."""
    match = NUMBER.search(text)
    if match is None:
        return None
    digits = re.sub(r"[\s  ]", "", match.group()).replace(",", ".").replace("−", "-")
    try:
        value = float(digits)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


class NumberField(Themed, QLineEdit):
    """A number that is typed, stepped with the arrow keys (Shift: fine) or dragged by its prefix.

    minimum, maximum: None where there is no bound. whole: integers only. small: 24 px high, right-aligned, as beside
    a slider. auto: a value that is shown, and may be typed, as "Auto"; usual: where a step up from it leads. Signal
    ``value_changed(float)`` for changes by the person; `set_value` is silent.
    """

    value_changed = Signal(float)
    reset_asked = Signal()

    def __init__(self, theme: Theme, name: str, *, minimum: float | None = None, maximum: float | None = None,
                 step: float = 1.0, whole: bool = False, unit: str = "", prefix: str = "", small: bool = False,
                 value: float = 0.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.minimum, self.maximum, self.step, self.whole = minimum, maximum, step, whole
        self.unit, self.prefix = unit, prefix
        self.auto: float | None = None
        self.usual: float | None = None
        self._small = small
        self._value = 0.0
        self._drag: tuple[float, float] | None = None
        self.setAccessibleName(name)
        self.setProperty("small", small)
        if small:
            self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setSizePolicy(QSizePolicy.Policy.Fixed if small else QSizePolicy.Policy.Expanding,
                           QSizePolicy.Policy.Fixed)
        self.editingFinished.connect(self._commit)
        self.init_theme(theme)
        self.retheme()
        self.set_value(value)

    def value(self) -> float:
        """The number; a whole one is a float without a fraction."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a number, clamped to the bounds, without `value_changed`."""
        self._value = self._clamped(value)
        self.setText(self.shown(self._value))
        self.setCursorPosition(0)

    def shown(self, value: float) -> str:
        """How a value reads, with its unit."""
        if value == self.auto:
            return AUTO
        unit = f"{'' if self.unit in ('×', '°') else ' '}{self.unit}" if self.unit else ""
        if self.whole:
            return f"{round(value)}{unit}"
        least = decimals_of(self.step)
        text = f"{value:.{least + 1}f}"
        if text.endswith("0"):
            text = text[:-1] if least else text[:-2]
        if len(text) > 12:
            text = f"{value:g}"
        return text.replace("-", "−") + unit

    def nudge(self, steps: float) -> None:
        """Change by a number of steps, as the arrow keys do."""
        if self._value == self.auto and self.usual is not None and steps > 0:
            self._take(self.usual)
        else:
            self._take(self._value + steps * self.step)

    def retheme(self) -> None:
        self.setFont(self.theme.font("body", tnum=True))
        if self.prefix:
            self.setTextMargins(QFontMetrics(self.font()).horizontalAdvance(self.prefix) + 10, 0, 0, 0)
        super().retheme()

    def sizeHint(self) -> QSize:
        height = self.theme.dp(24 if self._small else 28)
        if not self._small:
            return QSize(self.theme.dp(72), height)
        metrics = QFontMetrics(self.font())
        ends = [v for v in (self.minimum, self.maximum) if v is not None and abs(v) < 1e7]
        widest = max((metrics.horizontalAdvance(self.shown(v)) for v in ends), default=0)
        return QSize(max(self.theme.dp(48), widest + 18), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    # ------------------------------------------------------------ input

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason,
                              Qt.FocusReason.ShortcutFocusReason):
            self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, fine = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._commit()
            amount = 0.1 if fine and not self.whole else 1.0
            self.nudge(amount if key == Qt.Key.Key_Up else -amount)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._commit()
            self.nudge(10 if key == Qt.Key.Key_PageUp else -10)
        elif key == Qt.Key.Key_Escape and self.text() != self.shown(self._value):
            self.setText(self.shown(self._value))
            self.selectAll()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and event.angleDelta().y():
            self.nudge(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()  # the panel scrolls

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.prefix and event.position().x() < self.textMargins().left() + 6:
            self._drag = (event.globalPosition().x(), self._value)
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            start, value = self._drag
            fine = 0.1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
            self._take(value + round((event.globalPosition().x() - start) / 4 * fine) * self.step)
            return
        if self.prefix:
            over = event.position().x() < self.textMargins().left() + 6
            self.setCursor(Qt.CursorShape.SizeHorCursor if over else Qt.CursorShape.IBeamCursor)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self._drag = None
            return
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.prefix and event.position().x() < self.textMargins().left() + 6:
            self.reset_asked.emit()
            return
        super().mouseDoubleClickEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.prefix:
            painter = QPainter(self)
            painter.setFont(self.font())
            painter.setPen(self.theme.color("t3" if self.isEnabled() else "t4"))
            painter.drawText(QRectF(10, 0, 60, self.height()), Qt.AlignmentFlag.AlignVCenter, self.prefix)

    # ------------------------------------------------------------ inside

    def _clamped(self, value: float) -> float:
        if self.minimum is not None:
            value = max(self.minimum, value)
        if self.maximum is not None:
            value = min(self.maximum, value)
        return float(round(value)) if self.whole else value

    def _take(self, value: float) -> None:
        # steps add up in binary; what is shown is what is kept
        value = self._clamped(round(value, decimals_of(self.step) + 1) if not self.whole else value)
        changed = value != self._value
        self._value = value
        self.setText(self.shown(value))
        if changed:
            self.value_changed.emit(value)

    def _commit(self) -> None:
        if self.text() == self.shown(self._value):
            return
        word = self.auto is not None and self.text().strip().lower() in ("", AUTO.lower())
        typed = self.auto if word else parse_number(self.text())
        if typed is None:
            self.setText(self.shown(self._value))
            return
        typed = self._clamped(typed)
        changed = typed != self._value
        self._value = typed
        self.setText(self.shown(typed))
        if changed:
            self.value_changed.emit(typed)


class Slider(Themed, QSlider):
    """Groove 4, handle 12. Press anywhere and drag; Shift is fine; double-click asks for the default.

    It counts in fine steps: `coarse` of them make the step of an arrow key.
    """

    reset_asked = Signal()
    focus_radius = 8.0

    def __init__(self, theme: Theme, name: str, count: int, coarse: int = 1, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._coarse = max(1, coarse)
        self._drag: tuple[float, float] | None = None
        self.setAccessibleName(name)
        self.setRange(0, max(1, count))
        self.setSingleStep(self._coarse)
        self.setPageStep(max(self._coarse, round(count / 10 / self._coarse) * self._coarse))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.init_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(120, self.theme.dp(28))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.theme.dp(28))

    def _span(self) -> tuple[float, float]:
        """First x of the handle's centre, and the length of its way."""
        radius = self.theme.dp(12) / 2
        return radius, max(1.0, self.width() - 2 * radius)

    def _at(self, x: float) -> float:
        first, way = self._span()
        return self.minimum() + min(1.0, max(0.0, (x - first) / way)) * (self.maximum() - self.minimum())

    def _snapped(self, position: float) -> int:
        return round(position / self._coarse) * self._coarse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if not fine:
            self.setSliderDown(True)
            self.setValue(self._snapped(self._at(event.position().x())))
        self._drag = (event.position().x(), float(self.value()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            return
        x, start = self._drag
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            _, way = self._span()
            moved = (event.position().x() - x) / way * (self.maximum() - self.minimum()) * 0.1
            self.setValue(round(start + moved))
        else:
            self.setValue(self._snapped(self._at(event.position().x())))
            self._drag = (event.position().x(), float(self.value()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        self.reset_asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and event.key() in (
                Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            up = event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Up)
            self.setValue(self.value() + (1 if up else -1))
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset_asked.emit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # the panel scrolls

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        first, way = self._span()
        share = (self.value() - self.minimum()) / (self.maximum() - self.minimum())
        x, middle, radius = first + share * way, self.height() / 2, first
        groove = max(4, theme.dp(4))
        top = round(middle - groove / 2)
        gap = radius + 3  # the groove stops 3 px before the handle
        right = QRectF(x + gap, top, max(0.0, self.width() - x - gap), groove)
        left = QRectF(0, top, max(0.0, x - gap), groove)
        box(painter, right, groove / 2, theme.color("line2"))
        box(painter, left, groove / 2, theme.color("spring" if self.isEnabled() else "t4"))
        knob = QRectF(x - radius, round(middle) - radius, radius * 2, radius * 2)
        if self.isEnabled():
            edge = None if theme.tokens.knob == theme.tokens.knob_edge else theme.color("knob_edge")
            box(painter, knob, radius, theme.color("knob"), edge)
        else:
            box(painter, knob, radius, theme.color("t4"))


class SliderField(Themed, QWidget):
    """A slider with its value box of 48 px. Values are floats in the unit's own scale; `whole` for integers.

    Signal ``value_changed(float)`` for changes by the person; `set_value` is silent. `default` is where a double-click
    leads (None: nowhere).
    """

    value_changed = Signal(float)

    def __init__(self, theme: Theme, name: str, minimum: float, maximum: float, *, value: float | None = None,
                 step: float | None = None, whole: bool = False, unit: str = "", default: float | None = None,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if not maximum > minimum:
            maximum = minimum + 1
        self._low, self._high, self.default = float(minimum), float(maximum), default
        step = step or (1.0 if whole else nice_step(maximum - minimum))
        coarse = 1 if whole else 10
        self._fine = max(step / coarse, (maximum - minimum) / 1_000_000)
        self.slider = Slider(theme, name, round((maximum - minimum) / self._fine), coarse)
        self.box = NumberField(theme, f"{name}, value", minimum=minimum, maximum=maximum, step=step, whole=whole,
                               unit=unit, small=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.slider, 1)
        row.addWidget(self.box)
        self.setFocusProxy(self.slider)
        self.slider.valueChanged.connect(self._slid)
        self.slider.reset_asked.connect(self.reset)
        self.box.value_changed.connect(self._typed)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.init_theme(theme)
        self.set_value(value if value is not None else default if default is not None else minimum)

    def value(self) -> float:
        return self.box.value()

    def set_value(self, value: float) -> None:
        self.box.set_value(value)
        self._place(self.box.value())

    def reset(self) -> None:
        """Go to the default, as a double-click does."""
        if self.default is not None and self.default != self.value():
            self.set_value(self.default)
            self.value_changed.emit(self.value())

    def setToolTip(self, text: str) -> None:
        super().setToolTip(text)
        self.slider.setToolTip(text)

    def _place(self, value: float) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(round((value - self._low) / self._fine))
        self.slider.blockSignals(False)
        self.slider.setAccessibleDescription(self.box.text())
        self.slider.update()

    def _slid(self, position: int) -> None:
        value = min(self._high, self._low + position * self._fine)
        before = self.box.value()
        self.box.set_value(round(value, decimals_of(self.box.step) + 1))
        self.slider.setAccessibleDescription(self.box.text())
        if self.box.value() != before:
            self.value_changed.emit(self.box.value())

    def _typed(self, value: float) -> None:
        self._place(value)
        self.value_changed.emit(value)


def nice_step(span: float) -> float:
    """A step of 1, 2 or 5 times a power of ten that gives 40 to 100 steps over `span`."""
    if not (span > 0 and math.isfinite(span)):
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / 100))
    step = next(f * power for f in (1, 2, 5, 10) if span / (f * power) <= 100.0000001)
    return round(step, 9) or span / 100
