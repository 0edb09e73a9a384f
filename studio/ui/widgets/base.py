"""What the own-painted widgets share: the theme, a hover that fades, tool tips with keys, rounded boxes."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QEvent, QRect, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.ui.theme import Theme

MINIMUM_HIT = 28


def tooltip(text: str, key: str = "", reason: str = "") -> str:
    """What a tool tip says: the name, the key that does the same, and why it is disabled if it is."""
    if key:
        keys = (QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key).replace("Return", "Enter")
        text = f"{text} ({keys})"
    return f"{text}\n{reason}" if reason else text


def box(painter: QPainter, rect: QRectF | QRect, radius: float, fill: QColor | None = None,
        edge: QColor | None = None, width: float = 1.0) -> None:
    """A rounded rectangle; the edge lies inside `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = QRectF(rect)
    if edge is not None:
        painter.setPen(QPen(edge, width))
        area.adjust(width / 2, width / 2, -width / 2, -width / 2)
        radius -= width / 2
    else:
        painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(area, radius, radius)
    painter.restore()


def blend(one: QColor, other: QColor, amount: float) -> QColor:
    """The colour between two, alpha included; amount 0 to 1."""
    if amount <= 0:
        return one
    if amount >= 1:
        return other
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * amount, one.greenF() + (other.greenF() - one.greenF()) * amount,
        one.blueF() + (other.blueF() - one.blueF()) * amount, one.alphaF() + (other.alphaF() - one.alphaF()) * amount)


class Themed:
    """Mixin for a QWidget: call `init_theme` at the end of the constructor; override `retheme` for more.

    Attributes:
        focus_radius: corner radius of the focus ring around it.
    """

    theme: Theme
    focus_radius: float = 6.0

    def init_theme(self, theme: Theme) -> None:
        self.theme = theme
        theme.changed.connect(self.retheme)

    def retheme(self) -> None:
        """The theme has changed."""
        assert isinstance(self, QWidget)
        self.updateGeometry()
        self.update()

    def focus_rect(self) -> QRect:
        """Around which part of the widget the focus ring runs, in its own coordinates."""
        assert isinstance(self, QWidget)
        return self.rect()


class Fade(QVariantAnimation):
    """0 to 1 while the pointer is on the widget, in 80 ms; at once with reduced motion."""

    def __init__(self, widget: QWidget, theme: Theme, ms: int = 80) -> None:
        super().__init__(widget)
        self._theme, self._ms, self._widget = theme, ms, widget
        self.amount = 0.0
        self.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.valueChanged.connect(self._moved)

    def to(self, amount: float) -> None:
        self.stop()
        duration = self._theme.duration(self._ms)
        if duration == 0 or not self._widget.isVisible():
            self._moved(amount)
            return
        self.setDuration(duration)
        self.setStartValue(self.amount)
        self.setEndValue(float(amount))
        self.start()

    def _moved(self, value: float) -> None:
        self.amount = float(value)
        self._widget.update()


def is_enter(event: QEvent) -> bool:
    """Whether the event brings the pointer onto a widget."""
    return event.type() in (QEvent.Type.Enter, QEvent.Type.HoverEnter)


def is_leave(event: QEvent) -> bool:
    """Whether the event takes the pointer off a widget."""
    return event.type() in (QEvent.Type.Leave, QEvent.Type.HoverLeave)


def mark_invalid(widget: QWidget, invalid: bool) -> None:
    """Give a field the error edge of the style sheet, or take it away."""
    if bool(widget.property("invalid")) != invalid:
        widget.setProperty("invalid", invalid)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
