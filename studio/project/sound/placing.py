"""Edits that place: add, move, snap, copy, paste, duplicate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from studio.project.sound.arrangement import Arrangement
from studio.project.sound.cutting import Piece, part, shift_from
from studio.project.sound.errors import SoundError
from studio.project.sound.values import LONGEST, Clip, new_id


@dataclass(frozen=True)
class Snap:
    """A place that something was drawn to. what: "grid", "clip", "marker", "label", "loop", "start", "extra"."""

    time: float
    what: str


@dataclass(frozen=True)
class Copied:
    """Clips by themselves. Their starts count from the beginning of what was copied, and `rows[i]` says how many tracks
    below the topmost copied one clip i lies. length: seconds, of a stretch the whole of it."""

    clips: tuple[Clip, ...]
    rows: tuple[int, ...]
    length: float


def add_clip(arrangement: Arrangement, track: str, start: float, piece: Piece, **changes: Any) -> tuple[
        Arrangement, str]:
    """Put a medium on a track. Returns the id of the new clip too."""
    arrangement.track(track)
    length = arrangement.at(piece.length)
    if arrangement.frame(length) < 1:
        raise SoundError("This sound is empty: it has no samples to put on a track.")
    _check_end(start + length)
    clip = Clip(**{**piece.fields(), "id": new_id(), "track": track, "start": arrangement.at(start), "length": length,
                   **changes})
    return arrangement.with_(clips=(*arrangement.clips, clip)), clip.id


def move(arrangement: Arrangement, clips: Iterable[str], shift: float, rows: int = 0) -> Arrangement:
    """Move clips by seconds and by tracks (down is positive), together: the first stops at 0, the outermost at the
    first or last track. With clips of a group all of the group move."""
    names = grouped(arrangement, clips)
    if not names:
        return arrangement
    moved = [arrangement.clip(name) for name in names]
    shift = max(shift, -min(clip.start for clip in moved))
    _check_end(max(clip.end for clip in moved) + shift)
    order = {track.id: place for place, track in enumerate(arrangement.tracks)}
    places = [order[clip.track] for clip in moved if clip.track in order]
    if places:
        rows = min(max(rows, -min(places)), len(order) - 1 - max(places))
    frames = arrangement.frame(shift)
    if not frames and not rows:
        return arrangement

    def change(clip: Clip) -> Clip:
        track = arrangement.tracks[order[clip.track] + rows].id if clip.track in order else clip.track
        return clip.with_(start=(arrangement.frame(clip.start) + frames) / arrangement.rate, track=track)

    return arrangement.map_clips(names, change)


def move_to(arrangement: Arrangement, clip: str, start: float, track: str = "") -> Arrangement:
    """Put a clip at a time, on another track if one is named."""
    _check_end(start + arrangement.clip(clip).length)
    if track:
        arrangement.track(track)
    return arrangement.map_clips([clip], lambda c: c.with_(start=arrangement.at(start), track=track or c.track))


def grouped(arrangement: Arrangement, clips: Iterable[str]) -> list[str]:
    """These clips and those that are in a group with one of them."""
    names = list(dict.fromkeys(clips))
    groups, known = {arrangement.clip(name).group for name in names} - {""}, set(names)
    return names + [clip.id for clip in arrangement.clips if clip.group in groups and clip.id not in known]


def group(arrangement: Arrangement, clips: Iterable[str]) -> Arrangement:
    """From now on these clips move together."""
    key = new_id()
    return arrangement.map_clips(list(dict.fromkeys(clips)), lambda c: c.with_(group=key))


def ungroup(arrangement: Arrangement, clips: Iterable[str]) -> Arrangement:
    """These clips and their groups move by themselves again."""
    return arrangement.map_clips(grouped(arrangement, clips), lambda c: c.with_(group=""))


# ---------------------------------------------------------------- snapping

def snap(arrangement: Arrangement, time: float, reach: float, *, grid: float | None = None,
         without: Iterable[str] = (), extra: Sequence[float] = ()) -> Snap | None:
    """The place that a time is drawn to; None where none is near enough.

    Args:
        reach: seconds; what is further away does not draw.
        grid: quarter notes between lines of the grid, 0 for bars, None for no grid.
        without: clips whose edges do not draw, such as those being moved.
        extra: more times that draw, such as the playhead.
    """
    left_out = set(without)
    places = [(0.0, "start"), *((t, "extra") for t in extra), *((m.time, "marker") for m in arrangement.markers)]
    for clip in arrangement.clips:
        if clip.id not in left_out and clip.start - reach <= time <= clip.end + reach:
            places += [(clip.start, "clip"), (clip.end, "clip")]
    for label in arrangement.labels:
        if label.start - reach <= time <= label.end + reach:
            places += [(label.start, "label"), (label.end, "label")]
    if arrangement.loop is not None:
        places += [(arrangement.loop.start, "loop"), (arrangement.loop.end, "loop")]
    if grid is not None:
        places.append((arrangement.tempo.nearest(time, grid), "grid"))
    best = min(places, key=lambda place: abs(place[0] - time))
    return Snap(arrangement.at(best[0]), best[1]) if abs(best[0] - time) <= reach else None


def snapped_shift(arrangement: Arrangement, clips: Iterable[str], shift: float, reach: float, *,
                  grid: float | None = None, extra: Sequence[float] = ()) -> tuple[float, Snap | None]:
    """By how much clips that are dragged by `shift` seconds really move: whichever of their outer edges is nearest to
    something is drawn to it. Also what it was drawn to."""
    names = grouped(arrangement, clips)
    moved = [arrangement.clip(name) for name in names]
    if not moved:
        return shift, None
    edges = (min(c.start for c in moved), max(c.end for c in moved))
    best: tuple[float, Snap | None] = (math.inf, None)
    new = shift
    for edge in edges:
        found = snap(arrangement, edge + shift, reach, grid=grid, without=names, extra=extra)
        if found is not None and abs(found.time - edge - shift) < best[0]:
            best, new = (abs(found.time - edge - shift), found), found.time - edge
    return new, best[1]


# ---------------------------------------------------------------- copy and paste

def copy(arrangement: Arrangement, clips: Iterable[str]) -> Copied:
    """These clips, to be pasted elsewhere."""
    found = [arrangement.clip(name) for name in dict.fromkeys(clips)]
    return _copied(arrangement, found, min((clip.start for clip in found), default=0.0),
                   max((clip.end for clip in found), default=0.0))


def copy_region(arrangement: Arrangement, start: float, end: float, tracks: Iterable[str] | None = None) -> Copied:
    """What these tracks (None: all) hold between two times."""
    start, end = arrangement.at(min(start, end)), arrangement.at(max(start, end))
    parts = (part(arrangement, clip, start, end) for clip in arrangement.between(start, end, tracks))
    return _copied(arrangement, [clip for clip in parts if clip is not None], start, end)


def _copied(arrangement: Arrangement, clips: list[Clip], start: float, end: float) -> Copied:
    order = {track.id: place for place, track in enumerate(arrangement.tracks)}
    top = min((order.get(clip.track, 0) for clip in clips), default=0)
    return Copied(tuple(clip.with_(start=clip.start - start) for clip in clips),
                  tuple(order.get(clip.track, 0) - top for clip in clips), end - start)


def paste(arrangement: Arrangement, copied: Copied, time: float, track: str, *, ripple: bool = False) -> tuple[
        Arrangement, list[str]]:
    """Put what was copied at a time, its topmost track on `track`; where there is no track so far down, on the last
    one.

    Args:
        ripple: what follows on these tracks moves back first.

    Returns:
        The arrangement and the ids of the new clips.
    """
    arrangement.track(track)
    _check_end(time + copied.length)
    names = [one.id for one in arrangement.tracks]
    first, groups = names.index(track), dict[str, str]()
    targets = [names[min(first + row, len(names) - 1)] for row in copied.rows]
    if ripple:
        arrangement = shift_from(arrangement, time, copied.length, set(targets))
    made = []
    for clip, target in zip(copied.clips, targets, strict=True):
        key = groups.setdefault(clip.group, new_id()) if clip.group else ""
        made.append(clip.with_(id=new_id(), track=target, start=arrangement.at(clip.start + time), group=key))
    return arrangement.with_(clips=(*arrangement.clips, *made)), [clip.id for clip in made]


def duplicate(arrangement: Arrangement, clips: Iterable[str]) -> tuple[Arrangement, list[str]]:
    """Copies of clips right behind them, on the same tracks."""
    names = list(dict.fromkeys(clips))
    if not names:
        return arrangement, []
    found = [arrangement.clip(name) for name in names]
    shift = max(c.end for c in found) - min(c.start for c in found)
    _check_end(max(c.end for c in found) + shift)
    made = [clip.with_(id=new_id(), start=arrangement.at(clip.start + shift)) for clip in found]
    return arrangement.with_(clips=(*arrangement.clips, *made)), [clip.id for clip in made]


def _check_end(end: float) -> None:
    if not end <= LONGEST:
        raise SoundError(f"An arrangement may be {LONGEST / 3600:g} hours long; this would lie behind its end.")
