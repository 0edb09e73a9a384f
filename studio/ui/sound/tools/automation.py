"""Draw how the volume of a track goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from studio.project.sound import Arrangement, AutomationPoint, edits
from studio.ui.sound.tools.base import CLICK, Hit, TimelineTool
from studio.ui.sound.volumeline import gain_at, near_point, y_of

APART = 10.0
"""Pixels between points that are drawn with a free hand."""


class AutomationTool(TimelineTool):
    """A press on a lane sets a point and drags it, Alt or a double click takes one away; with Shift a free hand draws
    many."""

    id, name, icon, key = "automation", "Draw the volume", "line-segments", "E"

    def __init__(self, timeline: Any) -> None:
        super().__init__(timeline)
        self._track = ""
        self._index: int | None = None
        self._from: Hit | None = None
        self._drawn: list[QPointF] = []
        self._told = ""
        self._at = QPointF()

    def cursor(self, hit: Hit) -> Qt.CursorShape:
        found = self._found(hit)
        return Qt.CursorShape.SizeAllCursor if found is not None else Qt.CursorShape.CrossCursor

    def press(self, hit: Hit) -> None:
        document = self.timeline.document
        if not hit.track:
            return
        document.choose(track=hit.track, clips=frozenset(), region=None)
        self._track, self._from, self._drawn = hit.track, hit, [hit.pos]
        self._index = self._found(hit)
        if hit.alt:
            self._from = None
            self.remove(hit)
        elif not hit.shift:
            self.timeline.document.preview(self._edit(hit))
            self._tell(hit)

    def move(self, hit: Hit) -> None:
        if self._from is None:
            return
        if self._from.shift and abs(hit.pos.x() - self._drawn[-1].x()) >= APART:
            self._drawn.append(hit.pos)
        self.timeline.document.preview(self._edit(hit))
        self._tell(hit)

    def release(self, hit: Hit) -> None:
        if self._from is None:
            return
        moved = (hit.pos - self._from.pos).manhattanLength() >= CLICK
        if self._index is None or moved:
            self.timeline.document.edit("Draw the volume", self._edit(hit))
        else:
            self.timeline.document.preview(None)
        self._from, self._told = None, ""

    def cancel(self) -> None:
        self._from, self._told = None, ""
        self.timeline.document.preview(None)

    def double(self, hit: Hit) -> bool:
        return self.remove(hit)

    def remove(self, hit: Hit) -> bool:
        """Take the point under the pointer away."""
        index = self._found(hit)
        if index is None:
            return False
        track = hit.track
        self.timeline.document.edit("Remove the point", lambda old: edits.remove_points(old, track, [index]))
        return True

    def paint(self, painter: QPainter) -> None:
        if not self._told:
            return
        theme = self.timeline.theme
        painter.setFont(theme.font("strong", tnum=True))
        width = QFontMetrics(painter.font()).horizontalAdvance(self._told) + 12
        badge = QRectF(self._at.x() + 12, self._at.y() - theme.dp(24), width, theme.dp(20))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(theme.color("t1"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, self._told)

    # ------------------------------------------------------------ inside

    def _found(self, hit: Hit) -> int | None:
        track = self.timeline.document.arrangement.find_track(hit.track)
        rect = self.timeline.volume_rect(hit.track)
        return near_point(track, self.timeline.axis, rect, hit.pos) if track is not None else None

    def _edit(self, hit: Hit) -> Callable[[Arrangement], Any]:
        begin, track, index = self._from, self._track, self._index
        rect, timeline = self.timeline.volume_rect(track), self.timeline
        gain = gain_at(hit.pos.y(), rect)
        assert begin is not None
        if begin.shift:
            return self._stroke(track, rect)
        if index is not None:
            return lambda old: edits.move_point(old, track, index, timeline.snapped(hit.seconds, hit), gain)
        line = edits.volume_at(timeline.document.arrangement.track(track), begin.seconds)
        clicked = (hit.pos - begin.pos).manhattanLength() < CLICK
        if clicked and abs(y_of(line, rect) - hit.pos.y()) <= 8:
            gain = line  # a click on the line leaves it as it is
        return lambda old: edits.add_point(old, track, timeline.snapped(hit.seconds, hit), gain)

    def _stroke(self, track: str, rect: QRectF) -> Callable[[Arrangement], Any]:
        """What the free hand drew takes the place of the points under it."""
        axis = self.timeline.axis
        drawn = [AutomationPoint(max(axis.seconds(p.x()), 0.0), gain_at(p.y(), rect)) for p in self._drawn]
        low, high = min(p.time for p in drawn), max(p.time for p in drawn)

        def apply(old: Arrangement) -> Arrangement:
            kept = [point for point in old.track(track).volume if not low <= point.time <= high]
            return edits.set_points(old, track, [*kept, *drawn])

        return apply

    def _tell(self, hit: Hit) -> None:
        gain = gain_at(hit.pos.y(), self.timeline.volume_rect(self._track))
        self._told, self._at = f"{gain:+.1f} dB".replace("-", "−"), hit.pos
        self.timeline.update()
