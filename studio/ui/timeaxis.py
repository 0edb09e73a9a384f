"""One time axis: what second lies at which pixel. Timeline, piano roll and film share it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

CLOSEST, FURTHEST = 48_000.0, 0.02
"""Pixels a second at most and at least: a pixel for each sample, or 14 hours on a screen."""
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600,
         7200, 18000)
"""Seconds between the labels of a ruler."""
CLOSE = 28
"""Pixels that lines of a grid are apart at least."""


@dataclass(frozen=True)
class Tick:
    """A line of a ruler. label: "" for the small ones between."""

    x: float
    seconds: float
    label: str = ""


class TimeAxis(QObject):
    """Attributes:
        start: seconds at the left edge, never below 0.
        scale: pixels a second.
    """

    changed = Signal()

    def __init__(self, scale: float = 60.0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.start, self.scale = 0.0, scale

    def x(self, seconds: float) -> float:
        """Where a time lies, in pixels from the left edge."""
        return (seconds - self.start) * self.scale

    def seconds(self, x: float) -> float:
        """The time at a pixel; before 0 for what lies left of the beginning."""
        return self.start + x / self.scale

    def span(self, width: float) -> tuple[float, float]:
        """The seconds that `width` pixels show."""
        return self.start, self.seconds(width)

    def set(self, start: float, scale: float) -> None:
        """Show another stretch; nonsense is put right."""
        scale = min(max(scale, FURTHEST), CLOSEST) if math.isfinite(scale) else self.scale
        start = max(start, 0.0) if math.isfinite(start) else self.start
        if (start, scale) != (self.start, self.scale):
            self.start, self.scale = start, scale
            self.changed.emit()

    def zoom(self, factor: float, x: float) -> None:
        """Make everything `factor` times as wide; what is at pixel `x` stays there."""
        fixed = self.seconds(x)
        scale = min(max(self.scale * factor, FURTHEST), CLOSEST)
        self.set(fixed - x / scale, scale)

    def scroll(self, pixels: float) -> None:
        """Move the view right."""
        self.set(self.start + pixels / self.scale, self.scale)

    def fit(self, start: float, end: float, width: float, margin: float = 24.0) -> None:
        """Show a stretch of time in `width` pixels."""
        room = max(width - 2 * margin, 1.0)
        scale = min(max(room / max(end - start, 1e-3), FURTHEST), CLOSEST)
        self.set(start - margin / scale, scale)

    def follow(self, seconds: float, width: float) -> None:
        """Turn the page when a time runs out of view."""
        if not 0 <= self.x(seconds) <= width:
            self.set(seconds - width * 0.08 / self.scale, self.scale)

    def ticks(self, width: float, apart: float = 88.0, parts: int = 5) -> list[Tick]:
        """The lines of a ruler of `width` pixels: labelled ones at least `apart` pixels apart, and small ones that part
        the room between them."""
        step = next((s for s in STEPS if s * self.scale >= apart), STEPS[-1])
        begin, end = self.span(width)
        small = step / parts
        found, index = [], max(math.floor(begin / small), 0)
        while (seconds := index * small) <= end:
            label = clock(seconds, step) if index % parts == 0 else ""
            found.append(Tick(self.x(seconds), seconds, label))
            index += 1
        return found


def bars_apart(width: float) -> int:
    """A line for each so many bars, where a bar is `width` pixels wide, so that they never come close."""
    return next((many for many in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512) if many * width >= CLOSE), 1024)


def clock(seconds: float, step: float = 1.0) -> str:
    """A time for a ruler whose labels are `step` seconds apart: "0:07", "1:02:30", "0:07.25"."""
    digits = 0 if step >= 1 else min(3, math.ceil(-math.log10(step) - 1e-9))
    whole = round(seconds, digits)
    minutes, rest = divmod(whole, 60)
    text = f"{rest:0{3 + digits if digits else 2}.{digits}f}"
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{text}" if hours else f"{minutes}:{text}"


def timecode(seconds: float) -> str:
    """For the transport: "00:36.240", with hours where there are any."""
    thousandths = max(0, round(seconds * 1000))
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
    return f"{hours}:{text}" if hours else text
