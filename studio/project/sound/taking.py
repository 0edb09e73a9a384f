"""Edits of takes: alternatives that share the place of a clip. Only one of them is heard; none is lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from studio.project.sound.arrangement import Arrangement
from studio.project.sound.cutting import SEAM, shift_from
from studio.project.sound.errors import SoundError
from studio.project.sound.tracks import add_track
from studio.project.sound.values import Clip, Take, new_id

MOST = 64
FULL = f"A clip has at most {MOST} takes; keep the one you want, or put them on tracks of their own."


def hold(arrangement: Arrangement, clip: Clip, take: Take) -> Clip:
    """A clip with what a take holds. Its fades are cut to what there is."""
    length = max(arrangement.at(take.length), 1 / arrangement.rate)
    fade_in = min(clip.fade_in, length)
    values: dict[str, Any] = {field.name: getattr(take, field.name) for field in fields(Take)}
    return clip.with_(**{**values, "length": length, "fade_in": fade_in,
                         "fade_out": min(clip.fade_out, length - fade_in)})


def add_takes(arrangement: Arrangement, clip: str, takes: Sequence[Take], *, switch: bool = True) -> Arrangement:
    """Give a clip further takes; what is there already comes no second time.

    Args:
        switch: hold the last of them; what follows keeps its distance, as in `set_take`.
    """
    old = arrangement.clip(clip)
    found = list(old.all_takes)
    at = old.take if old.takes else 0
    for take in takes:
        same = next((place for place, other in enumerate(found) if _alike(take, other)), -1)
        if same < 0:
            found.append(take)
        at = (len(found) - 1 if same < 0 else same) if switch else at
    if len(found) > MOST:
        raise SoundError(FULL)
    if len(found) == 1:
        return arrangement
    kept = old.with_(takes=tuple(found), take=old.take if old.takes else 0)
    after = arrangement if kept == old else arrangement.replace_clips(kept)
    return set_take(after, clip, at)


def set_take(arrangement: Arrangement, clip: str, index: int) -> Arrangement:
    """Let a clip hold another of its takes. Where sound was generated and becomes longer or shorter, what begins after
    its end on this track keeps its distance; recordings, which belong to their time, move nothing."""
    old = arrangement.clip(clip)
    takes = old.all_takes
    if not 0 <= index < len(takes):
        raise SoundError("This clip has no such take.")
    if index == old.take or len(takes) == 1:
        return arrangement
    new = hold(arrangement, old, takes[index]).with_(takes=takes, take=index)
    if not (old.score or new.score) and any((old.result, new.result, old.text, new.text)):
        edge = max(old.end - SEAM, old.start + 1 / arrangement.rate)  # what crosses with its end follows too
        arrangement = shift_from(arrangement, edge, new.length - old.length, {old.track})
    return arrangement.replace_clips(new)


def keep_take(arrangement: Arrangement, clips: Iterable[str]) -> Arrangement:
    """Let go of all takes but those that are heard."""
    names = [name for name in clips if arrangement.clip(name).takes]
    return arrangement.map_clips(names, lambda clip: clip.with_(takes=(), take=0)) if names else arrangement


def remove_take(arrangement: Arrangement, clip: str) -> Arrangement:
    """Let go of the take that is heard; the one before it takes its place."""
    old = arrangement.clip(clip)
    if not old.takes:
        raise SoundError("This clip has only one take; delete the clip instead.")
    gone, next_one = old.take, old.take - 1 if old.take else 1
    after = set_take(arrangement, clip, next_one)
    new = after.clip(clip)
    left = tuple(take for place, take in enumerate(new.all_takes) if place != gone)
    place = next_one - (next_one > gone)
    return after.replace_clips(new.with_(takes=left if len(left) > 1 else (), take=place if len(left) > 1 else 0))


def spread_takes(arrangement: Arrangement, clip: str) -> tuple[Arrangement, list[str]]:
    """Put the takes that are not heard on tracks of their own below, which are mute: what is heard stays as it is.
    Returns the ids of the new clips too."""
    old = arrangement.clip(clip)
    if not old.takes:
        raise SoundError("This clip has only one take.")
    track = arrangement.track(old.track)
    below = arrangement.tracks.index(track)
    after, made = keep_take(arrangement, [clip]), list[str]()
    for place, take in enumerate(old.all_takes):
        if place == old.take:
            continue
        below += 1
        after, key = add_track(after, track.kind, f"{track.name}: take {place + 1}", index=below)
        after = after.replace_track(track.with_(id=key, name=after.track(key).name, mute=True, solo=False,
                                                armed=False))
        one = hold(after, old, take).with_(id=new_id(), track=key, takes=(), take=0, group="")
        after, made = after.with_(clips=(*after.clips, one)), [*made, one.id]
    return after, made


def _alike(one: Take, other: Take) -> bool:
    """Whether two takes hold the same: the same stretch of the same sound, or the same notes."""
    if one.score or other.score:
        return one.score == other.score
    return (one.media, one.text) == (other.media, other.text) and abs(one.offset - other.offset) < 1e-4

