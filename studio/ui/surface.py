"""Plain coloured bars and panels with one border line: top bar, strips, inspector."""

from __future__ import annotations

from typing import Literal

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed

Edge = Literal["", "top", "bottom", "left", "right"]


class Surface(Themed, QWidget):
    """A widget filled with one token, with a 1 px line on one side."""

    def __init__(self, theme: Theme, token: str, edge: Edge = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token, self._edge = token, edge
        self.init_theme(theme)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.theme.color(self._token))
        painter.setPen(self.theme.color("line"))
        right, bottom = self.width() - 1, self.height() - 1
        lines = {"top": (0, 0, right, 0), "bottom": (0, bottom, right, bottom), "left": (0, 0, 0, bottom),
                 "right": (right, 0, right, bottom)}
        if self._edge:
            painter.drawLine(*lines[self._edge])

