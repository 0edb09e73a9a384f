"""The automation of a track's volume as a line over its lane."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from studio.project.sound import Track, edits
from studio.ui.timeaxis import TimeAxis

TOP, BOTTOM = 12.0, -48.0
"""dB at the upper and the lower edge of a lane; what is softer lies at the edge."""
POINT = 4.0


def y_of(gain: float, rect: QRectF) -> float:
    """Where a gain (dB) lies in a lane."""
    share = (TOP - min(max(gain, BOTTOM), TOP)) / (TOP - BOTTOM)
    return rect.top() + share * rect.height()


def gain_at(y: float, rect: QRectF) -> float:
    """The gain (dB) at a height, to a tenth."""
    share = min(max((y - rect.top()) / max(rect.height(), 1.0), 0.0), 1.0)
    return round(TOP - share * (TOP - BOTTOM), 1)


def near_point(track: Track, axis: TimeAxis, rect: QRectF, pos: QPointF, reach: float = 9.0) -> int | None:
    """The point of the line under the pointer."""
    found = [(abs(axis.x(point.time) - pos.x()) + abs(y_of(point.gain, rect) - pos.y()), index)
             for index, point in enumerate(track.volume)]
    best = min(found, default=None)
    return best[1] if best is not None and best[0] <= reach * 1.4 else None


def paint_volume(painter: QPainter, track: Track, axis: TimeAxis, rect: QRectF, colour: QColor, *,
                 active: bool) -> None:
    """The line, with its points where it can be changed."""
    if not track.volume and not active:
        return
    painter.save()
    painter.setClipRect(rect.adjusted(-6, -6, 6, 6))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if active:
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DotLine))
        zero = y_of(0.0, rect)
        painter.drawLine(QPointF(rect.left(), zero), QPointF(rect.right(), zero))
    if not track.volume:
        painter.restore()
        return
    times = [axis.seconds(rect.left()), *(point.time for point in track.volume), axis.seconds(rect.right())]
    line = QPolygonF([QPointF(axis.x(time), y_of(edits.volume_at(track, time), rect)) for time in sorted(times)])
    painter.setPen(QPen(colour, 2.0 if active else 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(line)
    if active:
        painter.setBrush(colour)
        painter.setPen(Qt.PenStyle.NoPen)
        for point in track.volume:
            painter.drawEllipse(QPointF(axis.x(point.time), y_of(point.gain, rect)), POINT, POINT)
    painter.restore()
