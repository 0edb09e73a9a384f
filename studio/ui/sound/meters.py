"""Level meters: green to -14 dB, yellow above, red where it clips; the peak stays for a moment, the clip light until it
is pressed or something is played anew."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, tooltip

LOWEST = -48.0
LOUD = -14.0
FALL = 1.2
"""dB by which the bar falls with each reading."""
HOLD = 30
"""Readings for which the peak stays."""
LIGHT = 5
"""Pixels of the clip light."""

Level = tuple[float, float, float, float]
NOTHING: Level = (0.0, 0.0, 0.0, 0.0)


def share(amplitude: float) -> float:
    """How much of a meter an amplitude fills, 0 to 1."""
    if amplitude <= 0:
        return 0.0
    return min(max(1 - 20 * math.log10(amplitude) / LOWEST, 0.0), 1.0)


class Meter(Themed, QWidget):
    """Stereo or mono, upright or lying. It paints only when what it would show has moved by a pixel."""

    def __init__(self, theme: Theme, name: str, *, upright: bool, channels: int = 2,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.upright, self.channels = upright, channels
        self._bars = [0.0] * channels
        self._peaks = [(0.0, 0)] * channels
        self.clipped = [False] * channels
        """Whether full scale was reached since the light was put out."""
        self._shown: tuple[object, ...] = ()
        self.setAccessibleName(name)
        self.setToolTip(tooltip(f"{name}. Red: too loud; press to put it out"))
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(*((fixed, free) if upright else (free, fixed)))
        self.init_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(5 * self.channels, 60) if self.upright else QSize(104, 6 * self.channels)

    @property
    def quiet(self) -> bool:
        """Whether nothing is left to fall."""
        return not any(self._bars) and not any(peak for peak, _ in self._peaks)

    def show_level(self, level: Level) -> None:
        """A new reading; called as often as the playhead moves."""
        for channel in range(self.channels):
            loud = max(level[:2]) if self.channels == 1 else level[channel]
            new = share(loud)
            self.clipped[channel] |= loud >= 1
            self._bars[channel] = max(new, self._bars[channel] - FALL / -LOWEST)
            peak, left = self._peaks[channel]
            self._peaks[channel] = (new, HOLD) if new >= peak or left <= 0 else (peak, left - 1)
        self._tell()

    def reset(self) -> None:
        """Nothing is heard, and nothing was too loud."""
        self._bars, self._peaks = [0.0] * self.channels, [(0.0, 0)] * self.channels
        self.put_out()

    def put_out(self) -> None:
        """Put the clip light out."""
        self.clipped = [False] * self.channels
        self._tell()

    def _tell(self) -> None:
        room = self.height() if self.upright else self.width()
        shown = (*(round(bar * room) for bar in self._bars), *(round(peak * room) for peak, _ in self._peaks),
                 *self.clipped)
        if shown != self._shown:
            self._shown = shown
            self.setAccessibleDescription("Too loud" if any(self.clipped) else "")
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.put_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        thick = (self.width() if self.upright else self.height()) / self.channels
        for channel, (bar, (peak, _)) in enumerate(zip(self._bars, self._peaks, strict=True)):
            lane, light = self._lane(channel * thick, thick - (1.5 if self.channels > 1 else 0))
            painter.fillRect(lane, self.theme.color("control"))
            painter.fillRect(light, self.theme.color("err" if self.clipped[channel] else "control"))
            loud = 1 - LOUD / LOWEST
            self._fill(painter, lane, 0, min(bar, loud), "spring")
            if bar > loud:
                self._fill(painter, lane, loud, min(bar, 1.0), "warn")
            if peak > 0.02:
                self._fill(painter, lane, max(peak - 0.015, 0), peak, "warn" if peak > loud else "spring")

    def _lane(self, at: float, thick: float) -> tuple[QRectF, QRectF]:
        """The room of a bar, and of its clip light at the loud end."""
        if self.upright:
            return (QRectF(at, LIGHT + 1, thick, self.height() - LIGHT - 1), QRectF(at, 0, thick, LIGHT))
        return (QRectF(0, at, self.width() - LIGHT - 1, thick), QRectF(self.width() - LIGHT, at, LIGHT, thick))

    def _fill(self, painter: QPainter, lane: QRectF, start: float, end: float, tone: str) -> None:
        if self.upright:
            part = QRectF(lane.x(), lane.bottom() - end * lane.height(), lane.width(), (end - start) * lane.height())
        else:
            part = QRectF(lane.x() + start * lane.width(), lane.y(), (end - start) * lane.width(), lane.height())
        painter.fillRect(part, self.theme.color(tone))


SEGMENTS = 20
DEEPEST = -40.0
SCALE = (0, -14, -23, -40)
GAP = 1.5


class SegmentMeter(Themed, QWidget):
    """Two columns of segments with a scale: left and right while something plays, else how loud the whole is. What lies
    above the target is yellow."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.target = LOUD
        self._whole = -math.inf
        self._levels: tuple[float, float] | None = None
        self._shown: tuple[object, ...] = ()
        self.setAccessibleName("Loudness meter")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.init_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(58), self.theme.dp(100))

    def show_level(self, level: Level | None) -> None:
        """RMS of left and right; None while nothing plays."""
        self._levels = None if level is None else (_decibels(level[2]), _decibels(level[3]))
        self._tell()

    def show_whole(self, lufs: float, target: float) -> None:
        """How loud the whole mix is (LUFS, minus infinity where it is not known), and how loud it should be."""
        self._whole, self.target = lufs, target
        known = lufs > DEEPEST
        self.setAccessibleDescription(f"The mix has {lufs:.1f} LUFS" if known else "Not measured yet")
        self.setToolTip(tooltip("Left and right while it plays (RMS, dB), else the loudness of the mix (LUFS); "
                                "yellow above the target"))
        self._tell()

    def lit(self) -> tuple[int, int]:
        """How many segments of each column are lit."""
        left, right = self._levels or (self._whole, self._whole)
        return _segments(left), _segments(right)

    def _tell(self) -> None:
        shown = (self.lit(), self.target)
        if shown != self._shown:
            self._shown = shown
            self.update(0, 0, 2 * self.theme.dp(11) + 4, self.height())  # not the scale: text costs more than all else

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setFont(theme.font("mono"))
        font = painter.font()
        font.setPixelSize(theme.dp(10))
        painter.setFont(font)
        edge = painter.fontMetrics().height() / 2
        room = QRectF(0, edge, self.width(), self.height() - 2 * edge)
        wide, step = float(theme.dp(11)), room.height() / SEGMENTS
        above, found = _segments(self.target), dict[str, list[QRectF]]()
        for column, lit in enumerate(self.lit()):
            for place in range(SEGMENTS):
                tone = "control" if place >= lit else "warn" if place >= above else "spring"
                found.setdefault(tone, []).append(QRectF(
                    column * (wide + 3), room.bottom() - (place + 1) * step + GAP / 2, wide, step - GAP))
        painter.setPen(Qt.PenStyle.NoPen)
        for tone, segments in found.items():
            painter.setBrush(theme.color(tone))
            painter.drawRects(segments)
        left = 2 * wide + 10
        if event.rect().right() < left:
            return
        painter.setPen(theme.color("t3"))
        for mark in SCALE:
            y = room.top() + room.height() * mark / DEEPEST
            painter.drawText(QRectF(left, y - edge, self.width() - left, 2 * edge), Qt.AlignmentFlag.AlignVCenter |
                             Qt.AlignmentFlag.AlignRight, f"{mark}".replace("-", "−"))


def _decibels(amplitude: float) -> float:
    return 20 * math.log10(amplitude) if amplitude > 1e-6 else -math.inf


def _segments(decibels: float) -> int:
    """How many segments a level lights."""
    return 0 if decibels <= DEEPEST else min(round(SEGMENTS * (1 - decibels / DEEPEST)), SEGMENTS)
