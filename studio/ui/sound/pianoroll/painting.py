"""How the piano roll looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.project.sound.mixing import is_muted
from studio.project.sound.score import TICKS, Part, pitch_name
from studio.ui.sound.notepaint import MANY
from studio.ui.sound.pianoroll.many import paint_many, velocities_of_many

if TYPE_CHECKING:
    from studio.ui.sound.pianoroll.roll import PianoRoll

BLACK = (1, 3, 6, 8, 10)
COLOURS = ("notes", "music", "ambience", "voice")
NUMBER = 64
"""Pixels in which a bar's number stands."""


def part_colour(part: int) -> str:
    """The token of a part's colour."""
    return COLOURS[part % len(COLOURS)]


def paint_roll(painter: QPainter, roll: PianoRoll, dirty: QRectF) -> None:
    """Rows, lines, notes, velocities, keys, bar numbers, the playhead; and a floor under the prompt bar. dirty: what is
    painted anew; while it plays this is a stripe at the playhead."""
    space, theme = roll.space, roll.theme
    painter.fillRect(dirty, theme.color("canvas"))
    painter.save()
    room = space.notes.intersected(dirty)
    painter.setClipRect(room)
    _rows(painter, roll, room)
    _lines(painter, roll, room)
    for index, part in enumerate(space.score.parts):
        if index != roll.part:
            _notes(painter, roll, part, index, room)
    if space.score.parts:
        _notes(painter, roll, space.score.parts[roll.part], roll.part, room)
    if not roll.band.isEmpty():
        painter.fillRect(roll.band, theme.color("sky", 0.2))
        painter.setPen(theme.color("sky"))
        painter.drawRect(roll.band)
    painter.restore()
    _velocities(painter, roll, dirty)
    if dirty.left() < space.keys:
        _keys(painter, roll)
    _ruler(painter, roll, dirty)
    _playhead(painter, roll)


def _rows(painter: QPainter, roll: PianoRoll, room: QRectF) -> None:
    space, theme = roll.space, roll.theme
    painter.fillRect(room, theme.color("chrome"))
    for pitch in range(space.pitch(room.bottom()), space.pitch(room.top()) + 1):
        y = space.y(pitch)
        if pitch % 12 in BLACK:
            painter.fillRect(QRectF(room.left(), y, room.width(), space.row), theme.color("canvas"))
        if pitch % 12 in (0, 5):  # between B and C, and between E and F
            painter.setPen(theme.color("line", 1.0 if pitch % 12 == 0 else 0.4))
            bottom = round(y + space.row) - 0.5
            painter.drawLine(QLineF(room.left(), bottom, room.right(), bottom))


def _lines(painter: QPainter, roll: PianoRoll, room: QRectF) -> None:
    """Bars and beats, and the bars that are selected."""
    space, theme = roll.space, roll.theme
    if roll.bars is not None:
        left, right = (space.x(space.score.bar_tick(bar)) for bar in roll.bars)
        painter.fillRect(QRectF(left, room.top(), right - left, room.height()), theme.color("sky", 0.12))
    first, last = space.bar(max(room.left() - 1, space.keys)), space.bar(room.right() + 1)
    beats: list[QLineF] = []
    bars: list[QLineF] = []
    every = roll.bars_apart()
    for bar in range(first, min(last, first + 2000) + 1):
        begin, end = space.score.bar_tick(bar), space.score.bar_tick(bar + 1)
        x = round(space.x(begin)) + 0.5
        if bar % every == 0:
            bars.append(QLineF(x, room.top(), x, room.bottom()))
        if (space.x(end) - x) / max((end - begin) / TICKS, 1) >= 14:
            beats += [QLineF(at, room.top(), at, room.bottom()) for tick in range(begin + TICKS, end, TICKS)
                      if (at := round(space.x(tick)) + 0.5)]
    painter.setPen(theme.color("line", 0.5))
    painter.drawLines(beats)
    painter.setPen(theme.color("line2"))
    painter.drawLines(bars)


def _notes(painter: QPainter, roll: PianoRoll, part: Part, index: int, room: QRectF) -> None:
    space, theme = roll.space, roll.theme
    front, ink = index == roll.part, "t4" if is_muted(part) else part_colour(index)
    if len(space.seen(part)) > MANY:
        paint_many(painter, space, index, theme.color(ink, 1.0 if front else 0.3), room)
        notes = tuple(roll.chosen)[:MANY] if front else ()
    else:
        notes = space.between(part, room.left(), room.right())
    top, row, chosen = space.y(127) + 1, space.row, roll.chosen if front else ()
    rects: dict[float, list[QRectF]] = {}  # by strength: many of one colour at once take a fraction of the time
    outlines = []
    for note, (left, right) in zip(notes, space.spans(notes), strict=True):
        if right < room.left() or left > room.right():
            continue
        rect = QRectF(left, top + (127 - note.pitch) * row, right - left - 1, row - 2)
        rects.setdefault(0.45 + 0.55 * note.velocity / 127 if front else 0.3, []).append(rect)
        if chosen and note in chosen:
            outlines.append(rect)
    painter.setPen(Qt.PenStyle.NoPen)
    for strength, alike in rects.items():
        painter.setBrush(theme.color(ink, strength))
        painter.drawRects(alike)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(theme.color("t1"))
    painter.drawRects(outlines)


def _velocities(painter: QPainter, roll: PianoRoll, dirty: QRectF) -> None:
    space, theme, lane = roll.space, roll.theme, roll.space.lane
    room = lane.intersected(dirty)
    painter.fillRect(lane.adjusted(-space.keys, 0, 0, 0), theme.color("panel"))
    painter.save()
    painter.setClipRect(room)
    _lines(painter, roll, room)
    if space.score.parts:
        colour, front = theme.color(part_colour(roll.part)), theme.color("t1")
        part = space.score.parts[roll.part]
        notes = space.between(part, room.left(), room.right())
        if len(space.seen(part)) > MANY:
            velocities_of_many(painter, space, roll.part, colour, room)
            notes = ()
        for note, (left, _) in zip(notes, space.spans(notes), strict=True):
            stem = space.stem(note, left, lane)
            ink = front if note in roll.chosen else colour
            painter.fillRect(stem, ink)
            painter.fillRect(QRectF(stem.left() - 1.5, stem.top() - 2, 6, 4), ink)
    painter.restore()
    painter.setPen(theme.color("line2"))
    painter.drawLine(QPointF(0, lane.top()), QPointF(space.width, lane.top()))
    painter.drawLine(QPointF(0, lane.bottom()), QPointF(space.width, lane.bottom()))
    painter.setFont(theme.font("caption"))
    painter.setPen(theme.color("t3"))
    painter.drawText(QRectF(-10, lane.top() + 4, space.keys + 20, 20), Qt.AlignmentFlag.AlignHCenter, "Velocity")


def _keys(painter: QPainter, roll: PianoRoll) -> None:
    space, theme, room = roll.space, roll.theme, roll.space.notes
    painter.save()
    painter.setClipRect(QRectF(0, room.top(), space.keys, room.height()))
    white, black = QColor("#E4E6EA"), QColor("#26282D")
    painter.fillRect(QRectF(0, room.top(), space.keys, room.height()), white)
    painter.setFont(theme.font("caption"))
    for pitch in range(space.pitch(room.bottom()), space.pitch(room.top()) + 1):
        y = space.y(pitch)
        if pitch == roll.sounding:
            painter.fillRect(QRectF(0, y, space.keys, space.row), theme.color("spring"))
        elif pitch % 12 in BLACK:
            painter.fillRect(QRectF(0, y + 1, space.keys * 0.62, space.row - 2), black)
            painter.fillRect(QRectF(space.keys * 0.62, y + space.row / 2, space.keys * 0.38, 1), QColor("#AEB2BA"))
        if pitch % 12 in (0, 5):
            painter.fillRect(QRectF(0, y + space.row - 1, space.keys, 1), QColor("#9A9EA7"))
        if pitch % 12 == 0 and space.row >= 9:
            painter.setPen(QColor("#3B3E45"))
            painter.drawText(QRectF(0, y, space.keys - 4, space.row), Qt.AlignmentFlag.AlignRight
                             | Qt.AlignmentFlag.AlignVCenter, pitch_name(pitch))
    painter.restore()


def _ruler(painter: QPainter, roll: PianoRoll, dirty: QRectF) -> None:
    space, theme = roll.space, roll.theme
    painter.fillRect(QRectF(0, 0, space.width, space.ruler), theme.color("chrome"))
    painter.save()
    painter.setClipRect(QRectF(space.keys, 0, space.width - space.keys, space.ruler))
    painter.setFont(theme.font("caption", tnum=True))
    if roll.bars is not None:
        left, right = (space.x(space.score.bar_tick(bar)) for bar in roll.bars)
        painter.fillRect(QRectF(left, 0, right - left, space.ruler - 1), theme.color("sky", 0.35))
    first, last = space.bar(max(dirty.left() - NUMBER, space.keys)), space.bar(min(dirty.right() + 1, space.width))
    every = roll.bars_apart()
    bars = space.score.bars
    for bar in range(first - first % every, min(last, first + 2000) + 1, every):
        x = round(space.x(space.score.bar_tick(bar))) + 0.5
        painter.setPen(theme.color("line2"))
        painter.drawLine(QLineF(x, space.ruler - 8, x, space.ruler))
        chosen = roll.bars is not None and roll.bars[0] <= bar < roll.bars[1]
        painter.setPen(theme.color("t1" if chosen else "t2" if bar < bars else "t4"))
        painter.drawText(QRectF(x + 4, 0, NUMBER - 4, space.ruler), Qt.AlignmentFlag.AlignVCenter, str(bar + 1))
    painter.restore()
    painter.setFont(theme.font("caption"))
    painter.setPen(theme.color("t3"))
    painter.drawText(QRectF(0, 0, space.keys - 6, space.ruler), Qt.AlignmentFlag.AlignRight
                     | Qt.AlignmentFlag.AlignVCenter, "Bar")
    painter.setPen(theme.color("line"))
    painter.drawLine(QPointF(0, space.ruler - 0.5), QPointF(space.width, space.ruler - 0.5))


def _playhead(painter: QPainter, roll: PianoRoll) -> None:
    space = roll.space
    x = space.keys + space.axis.x(roll.playhead)
    if x >= space.keys:
        painter.setPen(QPen(roll.theme.color("t1"), 2))
        painter.drawLine(QLineF(x, 0, x, space.lane.bottom()))
