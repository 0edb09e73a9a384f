"""Very many notes in the piano roll at once: one picture in place of a rectangle for each."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter

from studio.ui.sound.notepaint import picture
from studio.ui.sound.pianoroll.space import NARROWEST, RollSpace


def paint_many(painter: QPainter, space: RollSpace, part: int, colour: QColor, room: QRectF) -> None:
    """All notes of a part that are in `room`, each as strong as the others."""
    left, right, pitch, _ = _seen(space, part, room)
    width = max(round(room.width()), 1)
    image = picture(left - room.left(), right - room.left(), 127 - pitch, 128, width, QColor(colour.rgb()))
    painter.setOpacity(colour.alphaF())
    painter.drawImage(QRectF(room.left(), space.y(127), width, 128 * space.row), image)
    painter.setOpacity(1.0)


def velocities_of_many(painter: QPainter, space: RollSpace, part: int, colour: QColor, room: QRectF) -> None:
    """For each column of pixels of `room` the stem of the hardest note that begins there."""
    left, _, _, velocity = _seen(space, part, room)
    lane = space.lane
    width = max(round(room.width()), 1)
    column = np.floor(left - room.left()).astype(np.int64)
    begins = (column >= 0) & (column < width)
    hardest = np.zeros(width, np.int64)
    np.maximum.at(hardest, column[begins], velocity[begins])
    foot, tall = lane.bottom() - 4, (lane.height() - 12) / 127
    painter.setPen(colour)
    painter.drawLines([QLineF(room.left() + x + 0.5, foot - float(hardest[x]) * tall, room.left() + x + 0.5, foot)
                       for x in np.flatnonzero(hardest)])


def _seen(space: RollSpace, part: int, room: QRectF) -> tuple[Any, Any, Any, Any]:
    """Left and right in pixels, pitch and velocity of the notes of a part that are in `room`."""
    start, end, pitch, velocity = space.score.table_of(part)
    offset, scale = space.zero - space.axis.start, space.axis.scale
    left, right = space.keys + (start + offset) * scale, space.keys + (end + offset) * scale
    right = np.maximum(right, left + NARROWEST)
    seen = (right >= room.left()) & (left < room.right())
    return left[seen], right[seen], pitch[seen], velocity[seen]
