"""A small card over the timeline that says what is going on, how far it is, and lets it be stopped."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.popup import Card


class WorkCard(Card):
    """Signal ``stop_asked`` when it is to be stopped. Progress may be told from any thread by `progress`."""

    stop_asked = Signal()
    _told = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, surface="raised", edge="line2", radius=8, parent=parent)
        self.share = 0.0
        self.label = Label(theme, "", "body", "t1", tnum=True)
        self.button = IconButton(theme, "x", "Stop")
        self.button.clicked.connect(self.stop_asked)
        self._words = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 6, 6)
        row.addWidget(self.label)
        row.addWidget(self.button)
        self._told.connect(self._show)
        self.hide()

    def begin(self, words: str) -> Callable[[float], None]:
        """Show it; what is returned takes the share that is done, 0 to 1."""
        self._words = words
        self._show(0.0)
        self.show()
        self.raise_()
        last = [0.0]

        def progress(share: float) -> None:
            if share - last[0] >= 0.005 or share >= 1:
                last[0] = share
                self._told.emit(share)

        return progress

    def end(self) -> None:
        self.hide()

    def _show(self, share: float) -> None:
        self.share = share
        self.label.setText(f"{self._words} · {share:.0%}".replace("%", " %") if share else f"{self._words}…")
        self.setAccessibleName(self.label.text())
        self.adjustSize()
        parent = self.parentWidget()
        if parent is not None:
            self.move(parent.width() - self.width() - 16, self.theme.dp(40))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        room = QRectF(8, self.height() - 5, self.width() - 16, 2)
        painter.fillRect(room, self.theme.color("press"))
        room.setWidth(room.width() * self.share)
        painter.fillRect(room, self.theme.color("spring"))
