"""Edits of tracks, and of what belongs to the whole arrangement: loop, tempo, metre, master."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from studio.project.sound.arrangement import RATES, Arrangement
from studio.project.sound.errors import SoundError
from studio.project.sound.shaping import gain
from studio.project.sound.tempo import TempoMap
from studio.project.sound.values import TRACK_KINDS, Loop, Track, TrackKind, new_id

MOST_TRACKS = 256
_TITLES: dict[str, str] = {"voice": "Voice", "music": "Music", "ambience": "Ambience", "notes": "Notes"}


def add_track(arrangement: Arrangement, kind: TrackKind = "music", name: str = "", *, index: int | None = None,
              **changes: Any) -> tuple[Arrangement, str]:
    """Add a track below the others, or at a place. Returns its id too."""
    if kind not in TRACK_KINDS:
        raise SoundError(f"There is no kind of track called “{kind}”; use one of {', '.join(TRACK_KINDS)}.")
    if len(arrangement.tracks) >= MOST_TRACKS:
        raise SoundError(f"An arrangement has at most {MOST_TRACKS} tracks; mix some of them down.")
    track = Track(new_id(), name or _free_name(arrangement, _TITLES[kind]), kind, **changes)
    place = len(arrangement.tracks) if index is None else min(max(index, 0), len(arrangement.tracks))
    tracks = (*arrangement.tracks[:place], track, *arrangement.tracks[place:])
    return arrangement.with_(tracks=tracks), track.id


def remove_tracks(arrangement: Arrangement, tracks: Iterable[str]) -> Arrangement:
    """Take tracks away with all that is on them. Unknown ones are no error."""
    gone = set(tracks)
    return arrangement.with_(tracks=tuple(t for t in arrangement.tracks if t.id not in gone),
                             clips=tuple(c for c in arrangement.clips if c.track not in gone))


def duplicate_track(arrangement: Arrangement, track: str) -> tuple[Arrangement, str]:
    """A copy of a track, with all that is on it, below it."""
    old = arrangement.track(track)
    place = arrangement.tracks.index(old) + 1
    made, key = add_track(arrangement, old.kind, _free_name(arrangement, old.name), index=place)
    made = made.replace_track(old.with_(id=key, name=made.track(key).name, solo=False, armed=False))
    groups: dict[str, str] = {}
    copies = [clip.with_(id=new_id(), track=key, group=groups.setdefault(clip.group, new_id()) if clip.group else "")
              for clip in arrangement.on(track)]
    return made.with_(clips=(*made.clips, *copies)), key


def move_track(arrangement: Arrangement, track: str, index: int) -> Arrangement:
    """Move a track to a place, 0 for the top."""
    moved = arrangement.track(track)
    others = [one for one in arrangement.tracks if one.id != track]
    place = min(max(index, 0), len(others))
    return arrangement.with_(tracks=(*others[:place], moved, *others[place:]))


def set_track(arrangement: Arrangement, track: str, **changes: Any) -> Arrangement:
    """Change a track: name, gain (dB), pan (-1 to 1), mute, solo, armed, colour, instrument, view, height."""
    if "gain" in changes:
        changes["gain"] = gain(changes["gain"])
    if "pan" in changes:
        if math.isnan(changes["pan"]):
            raise SoundError("A pan is a number between -1 and 1.")
        changes["pan"] = min(max(float(changes["pan"]), -1.0), 1.0)
    return arrangement.replace_track(arrangement.track(track).with_(**changes))


def _free_name(arrangement: Arrangement, name: str) -> str:
    taken = {track.name for track in arrangement.tracks}
    if name not in taken:
        return name
    stem = name.rstrip("0123456789").rstrip() or name
    return next(free for number in range(2, len(taken) + 3) if (free := f"{stem} {number}") not in taken)


# ---------------------------------------------------------------- the whole

def set_master(arrangement: Arrangement, decibels: float) -> Arrangement:
    """Set the gain of the whole."""
    return arrangement.with_(master_gain=gain(decibels))


def set_rate(arrangement: Arrangement, rate: int) -> Arrangement:
    """Mix at another rate; times stay, to the nearest frame."""
    if rate not in RATES:
        raise SoundError(f"A project runs at one of {', '.join(str(r) for r in RATES)} Hz; {rate} is not one of them.")
    fresh = arrangement.with_(rate=rate)
    return fresh.with_(clips=tuple(clip.with_(
        start=fresh.at(clip.start), offset=fresh.at(clip.offset), fade_in=fresh.at(clip.fade_in),
        fade_out=fresh.at(clip.fade_out), length=max(fresh.at(clip.end) - fresh.at(clip.start), 1 / rate))
        for clip in fresh.clips))


def set_loop(arrangement: Arrangement, start: float, end: float, on: bool = True) -> Arrangement:
    """Repeat a stretch of time."""
    start, end = arrangement.at(min(start, end)), arrangement.at(max(start, end))
    if arrangement.frame(end) <= arrangement.frame(start):
        raise SoundError("Select a stretch of time to loop.")
    return arrangement.with_(loop=Loop(start, end, on))


def clear_loop(arrangement: Arrangement) -> Arrangement:
    return arrangement.with_(loop=None)


def follow_tempo(arrangement: Arrangement, tempo: TempoMap, start: float = 0.0) -> Arrangement:
    """Take over tempo and metre of notes that come to lie at `start`, so that the grid fits them: only where there are
    no other notes and nobody has chosen a tempo. Of a tempo that changes the beginning, unless they begin at 0."""
    if arrangement.tempo != TempoMap() or any(clip.score for clip in arrangement.clips):
        return arrangement
    if start > 0:
        tempo = TempoMap(tempo.tempos[:1], tempo.metres[:1])
    return arrangement.with_(tempo=tempo)


def set_tempo(arrangement: Arrangement, bpm: float, beat: float = 0.0) -> Arrangement:
    """Another tempo from a beat (quarter notes from the beginning) on. Clips keep their times."""
    return arrangement.with_(tempo=arrangement.tempo.with_tempo(beat, bpm))


def set_metre(arrangement: Arrangement, beats: int, unit: int, bar: int = 0) -> Arrangement:
    """Another metre from a bar (0 is the first) on."""
    return arrangement.with_(tempo=arrangement.tempo.with_metre(bar, beats, unit))
