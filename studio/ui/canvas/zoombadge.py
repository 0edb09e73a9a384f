"""The zoom badge at the bottom left of the canvas."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import IconButton, PushButton


def percent(scale: float) -> str:
    """67 % for 0.667; one decimal below 10 %."""
    value = scale * 100
    return f"{value:.1f} %" if value < 9.95 else f"{round(value)} %"


class ZoomBadge(Themed, QWidget):
    """Out, the scale (a click shows 100 %), in, fit."""

    zoom_in = Signal()
    zoom_out = Signal()
    reset = Signal()
    fit = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Zoom")
        self._out = IconButton(theme, "minus", "Zoom out", key="-")
        self._scale = _Scale(theme)
        self._in = IconButton(theme, "plus", "Zoom in", key="+")
        self._fit = IconButton(theme, "corners-out", "Show everything", key="0")
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 2, 3, 2)
        row.setSpacing(0)
        for widget in (self._out, self._scale, self._in):
            row.addWidget(widget)
        row.addSpacing(9)
        row.addWidget(self._fit)
        for button, signal in ((self._out, self.zoom_out), (self._in, self.zoom_in), (self._scale, self.reset),
                               (self._fit, self.fit)):
            button.clicked.connect(lambda _=False, s=signal: s.emit())
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.init_theme(theme)
        self.set_scale(1.0)

    def set_scale(self, scale: float) -> None:
        self._scale.setText(percent(scale))
        self._scale.set_name(f"Zoom {percent(scale)}, show at 100 %", "1")

    def text(self) -> str:
        return self._scale.text()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), 8, self.theme.color("panel"), self.theme.color("line2"))
        x = self._fit.x() - 5
        painter.fillRect(x, 8, 1, self.height() - 16, self.theme.color("line2"))


class _Scale(PushButton):
    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "100 %", variant="quiet")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def ink(self) -> str:
        return "t1"

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.theme.font("medium")).horizontalAdvance("3200 %") + 24
        return QSize(width, self.theme.dp(28))
