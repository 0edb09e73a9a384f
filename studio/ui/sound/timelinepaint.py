"""How the timeline looks below its tools and overlays: grid and lanes, clips, the selected stretch, the playhead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLine, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from studio.ui.sound.clippaint import ClipLook
from studio.ui.sound.volumeline import paint_volume
from studio.ui.timeaxis import CLOSE, bars_apart
from studio.ui.tokens import mix

if TYPE_CHECKING:
    from studio.ui.sound.timeline import Timeline

INSET = 6
"""Pixels that a clip keeps from the edges of its lane."""


def paint_lanes(painter: QPainter, timeline: Timeline, dirty: QRect) -> None:
    """The grid and the lines between the lanes."""
    axis, theme = timeline.axis, timeline.theme
    bottom = timeline.lanes.height - timeline.lanes.scroll
    begin, end = axis.seconds(dirty.left() - 1), axis.seconds(dirty.right() + 1)
    tempo = timeline.document.shown.tempo
    step, every = _grid_step(timeline), _bars_apart(timeline)
    if every > 1:  # bars are too close for a line each
        first = tempo.bar_of_beat(tempo.beat(max(begin, 0.0))) // every * every
        last = tempo.bar_of_beat(tempo.beat(end))
        lines = [(tempo.bar_seconds(number), True) for number in range(first, last + 1, every)]
    else:
        lines = [(seconds, bar) for seconds, _, bar in tempo.lines(max(begin, 0.0), end, step)]
    bottom = min(bottom, dirty.bottom())
    for bars, strength in ((True, 0.75), (False, 0.3)):
        colour = QColor(mix(theme.color("canvas").name(), theme.color("line").name(), strength))
        for seconds, bar in lines:
            if bar == bars:  # opaque and as rectangles: see-through lines take twenty times as long
                painter.fillRect(round(axis.x(seconds)), dirty.top(), 1, bottom - dirty.top() + 1, colour)
    painter.setPen(theme.color("line"))
    painter.drawLines([QLine(dirty.left(), lane.bottom - 1, dirty.right(), lane.bottom - 1)
                       for lane in timeline.lanes.all() if dirty.top() < lane.bottom <= dirty.bottom() + 1])


def _grid_step(timeline: Timeline) -> float:
    """Quarter notes between the lines that are drawn: as fine as there is room for, bars at the coarsest."""
    axis = timeline.axis
    quarter = 60 / timeline.document.shown.tempo.bpm_at(axis.start) * axis.scale
    return next((step for step in (0.25, 0.5, 1.0) if step * quarter >= CLOSE), 0.0)


def _bars_apart(timeline: Timeline) -> int:
    axis = timeline.axis
    tempo = timeline.document.shown.tempo
    return bars_apart(tempo.metre_at_bar(0).quarters * 60 / tempo.bpm_at(axis.start) * axis.scale)


def paint_clips(painter: QPainter, timeline: Timeline, dirty: QRectF) -> None:
    axis = timeline.axis
    arrangement, chosen = timeline.document.shown, timeline.document.chosen.clips
    begin, end = axis.seconds(dirty.left() - 2), axis.seconds(dirty.right() + 2)
    solo = any(track.solo for track in arrangement.tracks)
    for lane in timeline.lanes.all():
        if lane.bottom < dirty.top() or lane.top > dirty.bottom():
            continue
        track = arrangement.track(lane.track)
        silent = track.mute or (solo and not track.solo)
        top, height = lane.top + INSET, lane.height - 2 * INSET
        looks = ClipLook(False, silent), ClipLook(True, silent)
        for clip in arrangement.on(lane.track):
            if clip.start > end:
                break
            if clip.end < begin:
                continue
            left = axis.x(clip.start)
            rect = QRectF(left, top, max(axis.x(clip.end) - left, 2.0), height)
            if rect.intersects(dirty):
                timeline.clips.paint(painter, rect, dirty, clip, track, axis, looks[clip.id in chosen])
        active = timeline.tool.id == "automation"
        paint_volume(painter, track, axis, timeline.volume_rect(track.id), timeline.theme.color("t1"), active=active)


def paint_region(painter: QPainter, timeline: Timeline) -> None:
    theme = timeline.theme
    rect = timeline.region_rect()
    if rect.isEmpty():
        return
    sky = theme.color("sky")
    painter.fillRect(rect, theme.color("sky", 0.24))
    painter.setPen(QPen(sky, 1))
    painter.drawRect(rect)
    region = timeline.document.chosen.region
    text = f"{region.length:.1f} s" if region is not None else ""
    painter.setFont(theme.font("strong", tnum=True))
    metrics = QFontMetrics(painter.font())
    badge = QRectF(rect.left() + 4, rect.top() + 4, metrics.horizontalAdvance(text) + 12, theme.dp(20))
    if badge.width() < rect.width() - 4:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(sky)
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(theme.color("canvas"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)


def paint_heads(painter: QPainter, timeline: Timeline) -> None:
    """The edit cursor and the playhead."""
    axis, theme = timeline.axis, timeline.theme
    cursor = round(axis.x(timeline.document.chosen.cursor))
    if timeline.document.chosen.region is None:
        painter.setPen(QPen(theme.color("sky"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(cursor, 0, cursor, timeline.height())
    x = round(axis.x(timeline.playhead))
    painter.fillRect(x - 1, 0, 2, timeline.height(), theme.color("t1"))
