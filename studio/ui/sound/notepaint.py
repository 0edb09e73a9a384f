"""The notes of a clip on the timeline; where there are very many they are painted as one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from studio.project.sound import Clip
from studio.ui.timeaxis import TimeAxis

if TYPE_CHECKING:
    from studio.project.sound.score import Score

MANY = 2000
"""Notes in view from which on they are one picture."""
LOWEST_ROWS = 12


def paint_notes(painter: QPainter, body: QRectF, area: QRectF, score: Score, clip: Clip, axis: TimeAxis,
                colour: QColor) -> None:
    """The notes of a clip between its lowest and its highest; softer ones are fainter. body: all of the clip below its
    head, area: what of it is painted."""
    start, end, pitch, velocity = score.table
    if not len(start):
        return
    low, high = int(pitch.min()) - 1, int(pitch.max()) + 1
    row = body.height() / max(high - low + 1, LOWEST_ROWS)
    begin = clip.start - clip.offset - axis.start
    left, right = (begin + start) * axis.scale, (begin + end) * axis.scale
    seen = np.flatnonzero((right >= area.left()) & (left <= area.right()))
    if len(seen) > MANY:
        rows = high - low + 1
        image = picture(left[seen] - area.left(), right[seen] - area.left(), high - pitch[seen], rows,
                         max(round(area.width()), 1), colour)
        painter.drawImage(QRectF(area.left(), body.bottom() - rows * row, area.width(), rows * row), image)
        return
    ink = QColor(colour)
    for at in seen:
        ink.setAlphaF(0.45 + 0.5 * float(velocity[at]) / 127)
        y = body.bottom() - (float(pitch[at]) - low + 1) * row
        painter.fillRect(QRectF(float(left[at]), y, max(float(right[at] - left[at]) - 1, 2.0), max(row - 0.5, 2.0)),
                         ink)


def picture(left: Any, right: Any, rows: Any, height: int, width: int, colour: QColor) -> QImage:
    """A row of pixels for each pitch, opaque where at least one note sounds.

    Args:
        left, right: of each note in pixels, rows: its row from the top; arrays of one length.
    """
    first = left.clip(0, width - 1).astype(np.int64)
    last = right.clip(0, width - 1).astype(np.int64) + 1
    size = width + 1
    edges = (np.bincount(rows * size + first, minlength=height * size)
             - np.bincount(rows * size + last, minlength=height * size)).reshape(height, size)
    sounds = np.cumsum(edges, axis=1)[:, :width] > 0
    pixels = np.where(sounds, np.uint32(QColor(colour.red(), colour.green(), colour.blue()).rgba()), np.uint32(0))
    return QImage(pixels.tobytes(), width, height, width * 4, QImage.Format.Format_ARGB32).copy()
