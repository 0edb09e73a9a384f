"""Select, move and trim clips, drag their fades, and select stretches of time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt

from studio.project.sound import Arrangement, edits
from studio.ui.sound.document import Region
from studio.ui.sound.tools.base import CLICK, Hit, TimelineTool

Shape = Qt.CursorShape
CURSORS = {"start": Shape.SizeHorCursor, "end": Shape.SizeHorCursor, "fade-in": Shape.SizeFDiagCursor,
           "fade-out": Shape.SizeBDiagCursor, "body": Shape.OpenHandCursor}
LABELS = {"start": "Trim", "end": "Trim", "fade-in": "Fade in", "fade-out": "Fade out", "body": "Move"}


class SelectTool(TimelineTool):
    """A click chooses a clip (Ctrl: one more); a drag moves what is chosen, at an edge trims, at a corner fades; with
    Alt it leaves a copy. A drag over empty room selects a stretch of time on the tracks it crosses."""

    id, name, icon, key = "select", "Select and move", "cursor", "V"

    def __init__(self, timeline: Any) -> None:
        super().__init__(timeline)
        self._from: Hit | None = None
        self._moved = False

    def cursor(self, hit: Hit) -> Shape:
        return Shape.IBeamCursor if hit.clip is None else CURSORS[hit.part]

    def press(self, hit: Hit) -> None:
        document = self.timeline.document
        self._from, self._moved = hit, False
        self.at_edges = "time and lanes" if hit.clip is not None and hit.part == "body" else "time"
        if hit.clip is None:
            document.choose(clips=frozenset(), region=None, track=hit.track or document.chosen.track,
                            cursor=self.timeline.snapped(hit.seconds, hit))
            self.timeline.seek_asked.emit(document.chosen.cursor)
            return
        chosen = document.chosen.clips
        if hit.ctrl:
            chosen = chosen ^ {hit.clip.id}
        elif hit.clip.id not in chosen:
            chosen = frozenset({hit.clip.id})
        document.choose(clips=frozenset(edits.grouped(document.arrangement, chosen)), region=None, track=hit.track)

    def move(self, hit: Hit) -> None:
        begin = self._from
        if begin is None or (not self._moved and (hit.pos - begin.pos).manhattanLength() < CLICK):
            return
        self._moved = True
        if begin.clip is None:
            self._stretch(begin, hit)
        else:
            self.timeline.document.preview(self._edit(begin, hit))

    def release(self, hit: Hit) -> None:
        begin, self._from = self._from, None
        if begin is None or begin.clip is None:
            return
        if self._moved:
            self.timeline.document.edit(LABELS[begin.part], self._edit(begin, hit))
        elif not hit.ctrl:
            document = self.timeline.document
            document.choose(clips=frozenset(edits.grouped(document.arrangement, {begin.clip.id})))

    def cancel(self) -> None:
        self._from = None
        self.timeline.document.preview(None)

    def _stretch(self, begin: Hit, hit: Hit) -> None:
        timeline = self.timeline
        ends = sorted((timeline.snapped(begin.seconds, begin), timeline.snapped(max(hit.seconds, 0), hit)))
        tracks = tuple(lane.track for lane in timeline.lanes.between(begin.pos.y(), hit.pos.y()))
        region = Region(ends[0], ends[1], tracks) if ends[1] > ends[0] and tracks else None
        timeline.document.choose(region=region, cursor=ends[0])

    def _edit(self, begin: Hit, hit: Hit) -> Callable[[Arrangement], Any]:
        """What the drag from `begin` to `hit` does."""
        clip, timeline = begin.clip, self.timeline
        assert clip is not None
        by = hit.seconds - begin.seconds
        match begin.part:
            case "start":
                return lambda old: edits.trim_start(old, clip.id, timeline.snapped(clip.start + by, hit, {clip.id}))
            case "end":
                return lambda old: edits.trim_end(old, clip.id, timeline.snapped(clip.end + by, hit, {clip.id}))
            case "fade-in":
                return lambda old: edits.set_fade_in(old, [clip.id], max(0.0, clip.fade_in + by))
            case "fade-out":
                return lambda old: edits.set_fade_out(old, [clip.id], max(0.0, clip.fade_out - by))
        return self._shift(begin, hit, by)

    def _shift(self, begin: Hit, hit: Hit, by: float) -> Callable[[Arrangement], Any]:
        timeline, clip = self.timeline, begin.clip
        assert clip is not None
        chosen = timeline.document.chosen.clips
        by = timeline.snapped_by(chosen, by, hit)
        lanes = [track.id for track in timeline.document.arrangement.tracks]
        target = timeline.lanes.nearest(hit.pos.y())
        down = lanes.index(target.track) - lanes.index(clip.track) if target is not None else 0
        if begin.alt:
            return lambda old: edits.move(*_copied(old, chosen), by, down)
        return lambda old: edits.move(old, chosen, by, down)


def _copied(arrangement: Arrangement, clips: frozenset[str]) -> tuple[Arrangement, list[str]]:
    """With copies of clips at the same places, and their ids."""
    made = [arrangement.clip(name).with_(id=edits.new_id()) for name in sorted(clips)]
    return arrangement.with_(clips=(*arrangement.clips, *made)), [clip.id for clip in made]
