"""Progress as a ring: real progress only; unknown progress appears after 400 ms."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed

APPEARS_AFTER_MS = 400


class Ring(Themed, QProgressBar):
    """A ring of 16 px. `set_progress(step, of)` shows what is done; `of` 0 means unknown, `clear` hides it.

    tone: spring, or iris on a picture. With reduced motion the unknown ring stands still.
    """

    def __init__(self, theme: Theme, name: str = "Progress", *, size: int = 16, tone: str = "spring",
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size, self._tone = size, tone
        self._turn = 0
        self._shown = False
        self.setTextVisible(False)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(APPEARS_AFTER_MS)
        self._late.timeout.connect(self._appear)
        self._spin = QTimer(self)
        self._spin.setInterval(40)
        self._spin.timeout.connect(self._turned)
        self.init_theme(theme)
        self.clear()

    def set_progress(self, step: int, of: int) -> None:
        """0 <= step <= of; `of` 0 for work of unknown length."""
        if of > 0:
            self._late.stop()
            self._spin.stop()
            self._shown = True
            self.setRange(0, of)
            self.setValue(min(max(0, step), of))
        else:
            self.setRange(0, 0)
            if not self._shown and not self._late.isActive():
                self._late.start()
        self.update()

    def clear(self) -> None:
        """Nothing is going on."""
        self._late.stop()
        self._spin.stop()
        self._shown = False
        self.setRange(0, 1)
        self.setValue(0)
        self.update()

    def _appear(self) -> None:
        self._shown = True
        if not self.theme.reduced_motion and self.isVisible():
            self._spin.start()
        self.update()

    def _turned(self) -> None:
        self._turn = (self._turn + 12) % 360
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        self._spin.stop()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._shown and self.maximum() == 0 and not self.theme.reduced_motion:
            self._spin.start()

    def sizeHint(self) -> QSize:
        side = self.theme.dp(self._size)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._shown:
            share = None if self.maximum() == 0 else self.value() / self.maximum()
            paint_ring(QPainter(self), self.theme, QRectF(self.rect()), share, tone=self._tone, turn=self._turn)


def paint_ring(painter: QPainter, theme: Theme, rect: QRectF, share: float | None, *, tone: str = "spring",
               track: str = "line2", turn: int = 0) -> None:
    """A ring drawn by another widget. share: 0 to 1, None for unknown (a quarter at `turn` degrees)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = min(rect.width(), rect.height())
    width = max(2.0, side / 7)
    area = QRectF(0, 0, side - width, side - width)
    area.moveCenter(rect.center())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color(track), width))
    painter.drawEllipse(area)
    painter.setPen(QPen(theme.color(tone), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    if share is None:
        painter.drawArc(area, (90 - turn) * 16, -90 * 16)
    elif share > 0:
        painter.drawArc(area, 90 * 16, round(-360 * 16 * min(1.0, share)))
    painter.restore()
