"""Select a stretch of time, over clips too."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from studio.ui.sound.document import Region
from studio.ui.sound.tools.base import CLICK, Hit, TimelineTool

NEAR = 6.0
"""Pixels at an edge of the selection that drag it."""


class RegionTool(TimelineTool):
    """A drag selects a stretch of time on the tracks that it crosses; its edges can be dragged, with Shift a click
    pulls the nearer one."""

    id, name, icon, key = "region", "Select time", "selection", "T"

    def __init__(self, timeline: Any) -> None:
        super().__init__(timeline)
        self._fixed: float | None = None
        self._from: Hit | None = None
        self._kept: Region | None = None

    def cursor(self, hit: Hit) -> Qt.CursorShape:
        return Qt.CursorShape.SizeHorCursor if self._edge(hit) is not None else Qt.CursorShape.IBeamCursor

    def press(self, hit: Hit) -> None:
        document, timeline = self.timeline.document, self.timeline
        self._from, self._kept = hit, document.chosen.region
        edge = self._edge(hit)
        if edge is None and hit.shift and self._kept is not None:
            edge = min((self._kept.start, self._kept.end), key=lambda end: abs(end - hit.seconds))
        if edge is not None and self._kept is not None:
            self._fixed = self._kept.end if edge == self._kept.start else self._kept.start
            self.move(hit)
            return
        self._fixed, self._kept = timeline.snapped(hit.seconds, hit), None
        document.choose(clips=frozenset(), region=None, track=hit.track or document.chosen.track, cursor=self._fixed)
        timeline.seek_asked.emit(self._fixed)

    def move(self, hit: Hit) -> None:
        begin, timeline = self._from, self.timeline
        if begin is None or self._fixed is None:
            return
        if self._kept is None and (hit.pos - begin.pos).manhattanLength() < CLICK:
            return
        start, end = sorted((self._fixed, timeline.snapped(max(hit.seconds, 0.0), hit)))
        tracks = (self._kept.tracks if self._kept is not None
                  else tuple(lane.track for lane in timeline.lanes.between(begin.pos.y(), hit.pos.y())))
        timeline.document.choose(region=Region(start, end, tracks) if end > start and tracks else None, cursor=start)

    def release(self, hit: Hit) -> None:
        self._from = self._fixed = self._kept = None

    def cancel(self) -> None:
        if self._from is not None:
            self.timeline.document.choose(region=self._kept)
        self.release(Hit(self._from.pos, 0.0) if self._from is not None else None)  # type: ignore[arg-type]

    def _edge(self, hit: Hit) -> float | None:
        """The edge of the selection under the pointer."""
        region, rect = self.timeline.document.chosen.region, self.timeline.region_rect()
        if region is None or not rect.adjusted(-NEAR, 0, NEAR, 0).contains(hit.pos):
            return None
        for x, at in ((rect.left(), region.start), (rect.right(), region.end)):
            if abs(hit.pos.x() - x) <= NEAR:
                return at
        return None
