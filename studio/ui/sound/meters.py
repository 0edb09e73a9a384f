"""Level meters: green to -14 dB, yellow above, red where it clips; the peak stays for a moment."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed

LOWEST = -48.0
LOUD = -14.0
FALL = 1.2
"""dB by which the bar falls with each reading."""
HOLD = 30
"""Readings for which the peak stays."""

Level = tuple[float, float, float, float]
NOTHING: Level = (0.0, 0.0, 0.0, 0.0)


def share(amplitude: float) -> float:
    """How much of a meter an amplitude fills, 0 to 1."""
    if amplitude <= 0:
        return 0.0
    return min(max(1 - 20 * math.log10(amplitude) / LOWEST, 0.0), 1.0)


class Meter(Themed, QWidget):
    """Stereo or mono, upright or lying."""

    def __init__(self, theme: Theme, name: str, *, upright: bool, channels: int = 2,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.upright, self.channels = upright, channels
        self._bars = [0.0] * channels
        self._peaks = [(0.0, 0)] * channels
        self.setAccessibleName(name)
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(*((fixed, free) if upright else (free, fixed)))
        self.init_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(4 * self.channels, 60) if self.upright else QSize(96, 5 * self.channels)

    def show_level(self, level: Level) -> None:
        """A new reading; called as often as the playhead moves."""
        before = (list(self._bars), list(self._peaks))
        for channel in range(self.channels):
            new = share(max(level[:2]) if self.channels == 1 else level[channel])
            self._bars[channel] = max(new, self._bars[channel] - FALL / -LOWEST)
            peak, left = self._peaks[channel]
            self._peaks[channel] = (new, HOLD) if new >= peak or left <= 0 else (peak, left - 1)
        if (self._bars, self._peaks) != before:
            self.update()

    def reset(self) -> None:
        self._bars, self._peaks = [0.0] * self.channels, [(0.0, 0)] * self.channels
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        thick = (self.width() if self.upright else self.height()) / self.channels
        for channel, (bar, (peak, _)) in enumerate(zip(self._bars, self._peaks, strict=True)):
            lane = (QRectF(channel * thick, 0, thick - 1, self.height()) if self.upright
                    else QRectF(0, channel * thick, self.width(), thick - 1))
            painter.fillRect(lane, self.theme.color("line2"))
            loud = 1 - LOUD / LOWEST
            self._fill(painter, lane, 0, min(bar, loud), "ok")
            if bar > loud:
                self._fill(painter, lane, loud, min(bar, 1.0), "warn" if bar < 1 else "err")
            if peak > 0.02:
                self._fill(painter, lane, max(peak - 0.015, 0), peak, "warn" if peak > loud else "ok")

    def _fill(self, painter: QPainter, lane: QRectF, start: float, end: float, tone: str) -> None:
        if self.upright:
            part = QRectF(lane.x(), lane.bottom() - end * lane.height(), lane.width(), (end - start) * lane.height())
        else:
            part = QRectF(lane.x() + start * lane.width(), lane.y(), (end - start) * lane.width(), lane.height())
        painter.fillRect(part, self.theme.color(tone))
