"""What lies where in the piano roll: ticks and pitches to pixels and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF

from studio.project.sound.score import Note, Part, Score
from studio.ui.theme import Theme
from studio.ui.timeaxis import TimeAxis

LOWEST_ROW, USUAL_ROW, HIGHEST_ROW = 6, 14, 36
RULER, KEYS, VELOCITY = 24, 44, 72
NARROWEST = 3.0
"""Pixels of width of the shortest note."""
BESIDE = 6.0
"""Pixels beside a note in which something of it may still be painted, or take the pointer."""


class RollSpace:
    """Attributes:
        score: what is shown; zero: seconds on the axis at which it begins.
        row: pixels of height of a semitone; scroll: pixels that pitch 127 lies above the first row.
        keys, ruler: pixels of width of the keyboard, and of height of the bar numbers.
        width, height: of the widget; inset: pixels at its lower edge that lie under the prompt bar.
    """

    def __init__(self, axis: TimeAxis, theme: Theme) -> None:
        self.axis, self.theme = axis, theme
        self.keys, self.ruler = theme.dp(KEYS), theme.dp(RULER)
        self.score, self.zero = Score(), 0.0
        self.row, self.scroll = USUAL_ROW, 40.0 * USUAL_ROW
        self.width = self.height = self.inset = 0

    # ------------------------------------------------------------ the parts of the widget

    def measure(self, width: int, height: int, inset: int) -> None:
        """The widget, the prompt bar or the text has another size."""
        self.width, self.height, self.inset = width, height, inset
        self.keys, self.ruler = self.theme.dp(KEYS), self.theme.dp(RULER)
        self.scroll_to(self.scroll)

    @property
    def lane(self) -> QRectF:
        """Where velocities are shown."""
        tall = min(self.theme.dp(VELOCITY), max((self.height - self.inset - self.ruler) // 3, 0))
        return QRectF(self.keys, self.height - self.inset - tall, self.width - self.keys, tall)

    @property
    def notes(self) -> QRectF:
        """Where notes are shown."""
        return QRectF(self.keys, self.ruler, self.width - self.keys, max(self.lane.top() - self.ruler, 0))

    # ------------------------------------------------------------ time

    def tick(self, x: float) -> int:
        return self.score.tick(max(self.axis.seconds(x - self.keys) - self.zero, 0.0))

    def x(self, tick: float) -> float:
        return self.keys + self.axis.x(self.zero + self.score.seconds(tick))

    def bar(self, x: float) -> int:
        return self.score.bar_of(self.tick(x))

    def seen(self, part: Part) -> tuple[Note, ...]:
        """The notes of a part that may be in view."""
        return self.between(part, self.keys, self.width)

    def between(self, part: Part, left: float, right: float) -> tuple[Note, ...]:
        """The notes of a part that may lie between two pixels."""
        return part.between(self.tick(left - BESIDE) - 1, self.tick(right + BESIDE) + 1)

    # ------------------------------------------------------------ pitch

    def pitch(self, y: float) -> int:
        return min(max(127 - int((y - self.ruler + self.scroll) // self.row), 0), 127)

    def y(self, pitch: float) -> float:
        """The upper edge of a pitch's row."""
        return self.ruler + (127 - pitch) * self.row - self.scroll

    def rect(self, note: Note) -> QRectF:
        left, right = self.x(note.start), self.x(note.end)
        return QRectF(left, self.y(note.pitch), max(right - left, NARROWEST), self.row)

    def spans(self, notes: Sequence[Note]) -> list[list[float]]:
        """Left and right of many notes: for painting, since `rect` takes ten times as long."""
        table = np.array(notes, np.float64).reshape(-1, 4)
        start, length = table[:, 0], table[:, 2]
        left, right = (self.keys + (self.zero - self.axis.start + self.score.seconds_of(ticks)) * self.axis.scale
                       for ticks in (start, start + length))
        spans: list[list[float]] = np.stack((left, np.maximum(right, left + NARROWEST)), axis=1).tolist()
        return spans

    @property
    def most(self) -> float:
        """How far it can be scrolled down."""
        return max(128 * self.row - self.notes.height(), 0.0)

    def scroll_to(self, pixels: float) -> None:
        self.scroll = min(max(pixels, 0.0), self.most)

    def centre(self, pitch: float) -> None:
        """Bring a pitch into the middle."""
        self.scroll_to((127.5 - pitch) * self.row - self.notes.height() / 2)

    def zoom_rows(self, steps: float, y: float) -> None:
        """Make rows taller or lower; the pitch at `y` stays there."""
        row = min(max(self.row + round(steps), LOWEST_ROW), HIGHEST_ROW)
        fixed = (y - self.ruler + self.scroll) / self.row
        self.row = row
        self.scroll_to(fixed * row - (y - self.ruler))

    # ------------------------------------------------------------ velocity

    def velocity(self, y: float) -> int:
        """How hard a note is struck whose stem ends at `y`."""
        lane = self.lane
        return min(max(round((lane.bottom() - 4 - y) / max(lane.height() - 12, 1) * 127), 1), 127)

    def stem(self, note: Note, left: float, lane: QRectF) -> QRectF:
        """The stem of a note that begins at `left`, in the lane of the velocities."""
        tall = note.velocity / 127 * (lane.height() - 12)
        return QRectF(left, lane.bottom() - 4 - tall, 3, tall)
