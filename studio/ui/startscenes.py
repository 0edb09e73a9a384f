"""What the cards of the start screen show: pictures, a page and tracks that the starter models made."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

from studio.ui.theme import Theme
from studio.ui.tokens import mix
from studio.ui.widgets.base import box

Scene = Callable[[QPainter, Theme, QRectF], None]
"""Paints an area, in a theme."""
SOUND = Path(__file__).parent / "start_sound.json"
"""`voice`: a spoken sentence as peaks from 0 to 100; `notes`: eight bars of a waltz as sixteenth, pitch, sixteenths."""
BARS, SIXTEENTHS = 8, 12
LINES = ("The lamp had been dark for a week when", "the cat came up the stairs, carrying",
         "a letter with no name on it.")


class Strip:
    """Square pictures in a row, repeated where the card is wider."""

    def __init__(self) -> None:
        self.image = QImage()

    def __call__(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        painter.fillRect(area, QColor("#FFFFFF"))
        source = self.image.height()
        if not source:
            return
        side = area.height()
        count = max(1, self.image.width() // source)
        for place in range(max(1, round(area.width() / side + 0.5))):
            painter.drawImage(QRectF(area.left() + place * side, area.top(), side, side), self.image,
                              QRectF((place % count) * source, 0, source, source))


def page(painter: QPainter, theme: Theme, area: QRectF) -> None:
    """The beginning of a story: a line by the person, the rest by the machine."""
    painter.fillRect(area, theme.color("page"))
    font = theme.font("chapter")
    font.setPixelSize(theme.dp(18))
    painter.setFont(font)
    painter.setPen(theme.color("t1"))
    left, width = area.left() + 26, area.width() - 46
    painter.drawText(QRectF(left, 20, width, 30), Qt.AlignmentFlag.AlignVCenter, "The lighthouse")
    font = theme.font("manuscript")
    font.setPixelSize(theme.dp(13))
    painter.setFont(font)
    for number, line in enumerate(LINES):
        painter.setPen(theme.color("t1" if number == 0 else "ghost"))
        painter.drawText(QRectF(left, 58 + number * theme.dp(22), width, theme.dp(22)),
                         Qt.AlignmentFlag.AlignVCenter, line)
    box(painter, QRectF(left - 14, 58 + theme.dp(24), 3, theme.dp(40)), 1.5, theme.color("iris"))


class Tracks:
    """A spoken sentence above a waltz, and the playhead."""

    @cached_property
    def made(self) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(SOUND.read_text("utf-8"))
        return made

    def __call__(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        painter.fillRect(area, theme.color("canvas"))
        high = (area.height() - 56) / 2
        voice = QRectF(area.left() + 16, area.top() + 20, area.width() * 0.66, high)
        notes = QRectF(area.left() + 44, voice.bottom() + 16, area.width() - 43, high)
        for body, track in ((voice, "voice"), (notes, "notes")):
            hue, under = getattr(theme.tokens, track), theme.tokens.panel
            box(painter, body, 5, QColor(mix(under, hue, 0.15)), QColor(mix(under, hue, 0.45)))
        self._voice(painter, theme, voice.adjusted(6, 6, -6, -6))
        self._notes(painter, theme, notes.adjusted(6, 8, 0, -8))
        x = round(area.left() + area.width() * 0.47)
        painter.fillRect(QRectF(x, area.top(), 1.5, area.height()), theme.color("t1"))

    def _voice(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        peaks = self.made["voice"]
        step, middle = area.width() / (len(peaks) - 1), area.center().y()
        tops = [QPointF(area.left() + n * step, middle - max(0.5, peak / 200 * area.height()))
                for n, peak in enumerate(peaks)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("voice"))
        painter.drawPolygon(QPolygonF([*tops, *(QPointF(p.x(), 2 * middle - p.y()) for p in reversed(tops))]))

    def _notes(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        notes = self.made["notes"]
        low, high = min(pitch for _, pitch, _ in notes), max(pitch for _, pitch, _ in notes)
        step, row = area.width() / (BARS * SIXTEENTHS), area.height() / (high - low)
        for start, pitch, length in notes:
            painter.fillRect(QRectF(area.left() + start * step, area.bottom() - (pitch - low) * row - 1.5,
                                    length * step - 1, 3), theme.color("notes"))
