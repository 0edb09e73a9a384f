"""Edits of how loud something is: gain, mute, fades, crossfades, automation."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from studio.project.sound.arrangement import Arrangement
from studio.project.sound.errors import SoundError
from studio.project.sound.values import FADE_SHAPES, LOUDEST, SILENT, AutomationPoint, Clip, FadeShape, Track


def gain(value: float) -> float:
    """A gain in dB within what is allowed; raises SoundError over what is no number."""
    if math.isnan(value):
        raise SoundError("A gain is a number of decibels.")
    return min(max(float(value), SILENT), LOUDEST)


def set_gain(arrangement: Arrangement, clips: Iterable[str], decibels: float) -> Arrangement:
    """Set the gain of clips."""
    return arrangement.map_clips(clips, lambda clip: clip.with_(gain=gain(decibels)))


def add_gain(arrangement: Arrangement, clips: Iterable[str], decibels: float) -> Arrangement:
    """Make clips louder (or softer, below 0)."""
    return arrangement.map_clips(clips, lambda clip: clip.with_(gain=gain(clip.gain + decibels)))


def set_muted(arrangement: Arrangement, clips: Iterable[str], muted: bool) -> Arrangement:
    """Silence clips, or let them be heard again."""
    return arrangement.map_clips(clips, lambda clip: clip.with_(muted=muted))


# ---------------------------------------------------------------- fades

def set_fade_in(arrangement: Arrangement, clips: Iterable[str], seconds: float,
                shape: FadeShape | None = None) -> Arrangement:
    """Let clips come up over `seconds` (0: none). A fade out that would be met is shortened."""
    _check(seconds, shape)

    def change(clip: Clip) -> Clip:
        length = min(arrangement.at(seconds), clip.length)
        return clip.with_(fade_in=length, fade_out=min(clip.fade_out, clip.length - length),
                          in_shape=shape or clip.in_shape)

    return arrangement.map_clips(clips, change)


def set_fade_out(arrangement: Arrangement, clips: Iterable[str], seconds: float,
                 shape: FadeShape | None = None) -> Arrangement:
    """Let clips die away over `seconds` (0: none). A fade in that would be met is shortened."""
    _check(seconds, shape)

    def change(clip: Clip) -> Clip:
        length = min(arrangement.at(seconds), clip.length)
        return clip.with_(fade_out=length, fade_in=min(clip.fade_in, clip.length - length),
                          out_shape=shape or clip.out_shape)

    return arrangement.map_clips(clips, change)


def crossfade(arrangement: Arrangement, left: str, right: str, seconds: float = 0.0,
              shape: FadeShape = "power") -> Arrangement:
    """Let one clip pass into the next on its track.

    Where they overlap, they cross over the whole overlap. Where they only meet, both are pulled over the place by half
    of `seconds` as far as their media reach. Raises SoundError where there is nothing to cross.
    """
    _check(seconds, shape)
    first, second = sorted((arrangement.clip(left), arrangement.clip(right)), key=lambda clip: clip.start)
    if first.track != second.track:
        raise SoundError("Only clips of the same track cross; move one of them first.")
    if first.end <= second.start:
        first, second = _reached(arrangement, first, second, seconds)
    over = arrangement.at(min(first.end, second.end) - second.start)
    if arrangement.frame(over) < 1 or first.end >= second.end:
        raise SoundError("These clips neither overlap nor meet; move one over the end of the other first.")
    return arrangement.replace_clips(
        first.with_(fade_out=over, out_shape=shape, fade_in=min(first.fade_in, first.length - over)),
        second.with_(fade_in=over, in_shape=shape, fade_out=min(second.fade_out, second.length - over)))


def _reached(arrangement: Arrangement, first: Clip, second: Clip, seconds: float) -> tuple[Clip, Clip]:
    """Both clips pulled over the place at which they meet."""
    if arrangement.frame(second.start) != arrangement.frame(first.end):
        return first, second
    half = arrangement.at(seconds / 2)
    behind = first.source_length - first.offset - first.length if first.source_length else 0.0
    more = arrangement.at(max(min(half, behind), 0.0))
    before = arrangement.at(min(half, second.offset))
    return (first.with_(length=first.length + more),
            second.with_(start=second.start - before, offset=second.offset - before, length=second.length + before))


def _check(seconds: float, shape: str | None) -> None:
    if not (math.isfinite(seconds) and seconds >= 0):
        raise SoundError("A fade is a number of seconds.")
    if shape is not None and shape not in FADE_SHAPES:
        raise SoundError(f"There is no fade called “{shape}”; use one of {', '.join(FADE_SHAPES)}.")


# ---------------------------------------------------------------- automation of volume

def volume_at(track: Track, time: float) -> float:
    """What automation adds at a time, in dB: straight between points, outside of them the outermost."""
    points = track.volume
    if not points:
        return 0.0
    index = bisect_right([point.time for point in points], time)
    if index == 0:
        return points[0].gain
    if index == len(points):
        return points[-1].gain
    left, right = points[index - 1], points[index]
    return left.gain + (right.gain - left.gain) * (time - left.time) / (right.time - left.time)


def set_points(arrangement: Arrangement, track: str, points: Iterable[AutomationPoint]) -> Arrangement:
    """Replace a track's automation. Of points at the same time the last one counts."""
    found = {arrangement.at(point.time): gain(point.gain) for point in points}
    volume = tuple(AutomationPoint(time, found[time]) for time in sorted(found))
    return arrangement.replace_track(arrangement.track(track).with_(volume=volume))


def add_point(arrangement: Arrangement, track: str, time: float, decibels: float | None = None) -> Arrangement:
    """Add a point, at the height of the line where none is given; one at the same time is replaced."""
    old = arrangement.track(track)
    height = volume_at(old, time) if decibels is None else decibels
    return set_points(arrangement, track, [*old.volume, AutomationPoint(time, height)])


def move_point(arrangement: Arrangement, track: str, index: int, time: float, decibels: float) -> Arrangement:
    """Move a point, not past its neighbours."""
    points = list(arrangement.track(track).volume)
    if not 0 <= index < len(points):
        raise SoundError("That point is no longer there.")
    frame = 1 / arrangement.rate
    least = points[index - 1].time + frame if index else 0.0
    most = points[index + 1].time - frame if index + 1 < len(points) else math.inf
    points[index] = AutomationPoint(min(max(time, least), most), decibels)
    return set_points(arrangement, track, points)


def remove_points(arrangement: Arrangement, track: str, indices: Sequence[int]) -> Arrangement:
    """Take points away; unknown ones are no error."""
    gone = set(indices)
    points = [point for place, point in enumerate(arrangement.track(track).volume) if place not in gone]
    return set_points(arrangement, track, points)
