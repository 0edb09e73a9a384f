"""Which colour is edited: the foreground or the background, as two large swatches."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.ui.canvas.panels.swatches import hex_of
from studio.ui.theme import Theme
from studio.ui.widgets.base import box
from studio.ui.widgets.buttons import BaseButton


class _Swatch(BaseButton):
    """A colour with its name below, ringed while it is the one that is edited."""

    focus_radius = 8.0

    def __init__(self, theme: Theme, name: str) -> None:
        self.colour = QColor(0, 0, 0)
        super().__init__(theme, name, checkable=True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(48), self.theme.dp(34))

    def show_colour(self, colour: QColor, on: bool) -> None:
        self.colour = QColor(colour)
        self.setChecked(on)
        self.setAccessibleDescription(hex_of(colour))
        self.setToolTip(f"{self.accessibleName()} {hex_of(colour)}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, area = QPainter(self), self.theme, QRectF(self.rect())
        if self.isChecked():
            box(painter, area, 8, None, theme.color("spring"), 2)
        box(painter, area.adjusted(4, 4, -4, -4), 5, self.colour, theme.color("line2"))


class TargetPair(QWidget):
    """Foreground and background side by side. Signal ``chosen(str)``."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._swatches = {"foreground": _Swatch(theme, "Foreground"), "background": _Swatch(theme, "Background")}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for name, swatch in self._swatches.items():
            swatch.clicked.connect(lambda _=False, n=name: self._choose(n))
            row.addWidget(swatch)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def swatch(self, name: str) -> BaseButton:
        return self._swatches[name]

    def show_colours(self, foreground: QColor, background: QColor, target: str) -> None:
        self._swatches["foreground"].show_colour(foreground, target == "foreground")
        self._swatches["background"].show_colour(background, target == "background")

    def _choose(self, name: str) -> None:
        for other, swatch in self._swatches.items():
            swatch.setChecked(other == name)
        self.chosen.emit(name)


