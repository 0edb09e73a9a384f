"""Where the tracks lie in the timeline: one lane each, from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.project.sound import Track

USUAL, LEAST, MOST = 144, 44, 480
"""Pixels that a lane is high."""


@dataclass(frozen=True)
class Lane:
    """top: pixels below the upper edge of the timeline; may lie outside."""

    track: str
    top: int
    height: int

    @property
    def bottom(self) -> int:
        return self.top + self.height


class Lanes:
    """Attributes: scroll: pixels by which everything lies higher."""

    def __init__(self) -> None:
        self.scroll = 0
        self._heights: list[tuple[str, int]] = []
        self._laid: tuple[int, dict[str, Lane]] | None = None  # for which scroll, and every lane by its track

    def set_tracks(self, tracks: Sequence[Track], scale: float = 1.0) -> None:
        self._laid = None
        self._heights = [(track.id, round(min(max(track.height or USUAL, LEAST), MOST) * scale)) for track in tracks]

    @property
    def height(self) -> int:
        """Of all lanes together."""
        return sum(height for _, height in self._heights)

    def all(self) -> list[Lane]:
        """Every lane, where it lies now."""
        return list(self._now().values())

    def _now(self) -> dict[str, Lane]:
        if self._laid is None or self._laid[0] != self.scroll:
            found, top = dict[str, Lane](), -self.scroll
            for track, height in self._heights:
                found[track] = Lane(track, top, height)
                top += height
            self._laid = self.scroll, found
        return self._laid[1]

    def find(self, track: str) -> Lane | None:
        return self._now().get(track)

    def at(self, y: float) -> Lane | None:
        """The lane at a height, None above and below all of them."""
        return next((lane for lane in self.all() if lane.top <= y < lane.bottom), None)

    def nearest(self, y: float) -> Lane | None:
        """The lane at a height, or the one nearest to it."""
        lanes = self.all()
        if not lanes:
            return None
        return self.at(y) or (lanes[0] if y < lanes[0].top else lanes[-1])

    def between(self, one: float, other: float) -> list[Lane]:
        """The lanes that a stretch of height touches."""
        low, high = sorted((one, other))
        return [lane for lane in self.all() if lane.top <= high and lane.bottom > low]

    def scroll_to(self, value: int, room: int) -> bool:
        """Move the view; True where that changed something. room: pixels that the timeline is high."""
        kept, self.scroll = self.scroll, max(0, min(value, self.height - room))
        return kept != self.scroll
