"""Arrangements as rows of the project file: one for each track, clip, marker and label, and one for the rest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, TypeVar

from studio.project.rows import Json, dumps, loads
from studio.project.sound.arrangement import RATE, RATES, Arrangement
from studio.project.sound.errors import SoundError
from studio.project.sound.tempo import MetreChange, TempoChange, TempoMap
from studio.project.sound.values import (
    FADE_SHAPES,
    LONGEST,
    LOUDEST,
    SILENT,
    TRACK_KINDS,
    AutomationPoint,
    Clip,
    Label,
    Loop,
    Marker,
    Take,
    Track,
)

T = TypeVar("T", Track, Clip, Marker, Label)
Row = tuple[str, str, str]
"""Kind, id, JSON."""
WHOLE = ("arrangement", "")
"""Kind and id of the row that holds all but tracks, clips, markers and labels."""


@dataclass(frozen=True)
class Delta:
    """What to write to get from one arrangement to another: rows to put, and kinds and ids of rows that go."""

    put: list[Row]
    removed: list[tuple[str, str]]


def delta(before: Arrangement | None, after: Arrangement, revision: str) -> Delta:
    """The rows in which two arrangements differ; all of them where there is none before."""
    put: list[Row] = [(*WHOLE, dumps({**_whole(after), "revision": revision}))]
    removed: list[tuple[str, str]] = []
    for kind, name in (("track", "tracks"), ("clip", "clips"), ("marker", "markers"), ("label", "labels")):
        old = {} if before is None else {item.id: item for item in getattr(before, name)}
        new = {item.id: item for item in getattr(after, name)}
        put += [(kind, key, dumps(_facts(item))) for key, item in new.items()
                if (known := old.get(key)) is not item and known != item]
        removed += [(kind, key) for key in old if key not in new]
    return Delta(put, removed)


def _whole(arrangement: Arrangement) -> Json:
    tempo, loop = arrangement.tempo, arrangement.loop
    return {
        "rate": arrangement.rate, "master_gain": arrangement.master_gain,
        "tracks": [track.id for track in arrangement.tracks],
        "tempos": [[change.beat, change.bpm] for change in tempo.tempos],
        "metres": [[change.bar, change.beats, change.unit] for change in tempo.metres],
        "loop": None if loop is None else [loop.start, loop.end, loop.on],
    }


def _facts(item: Track | Clip | Marker | Label | Take) -> Json:
    """The fields that are not their default, but for the id."""
    found: Json = {}
    for field in fields(item):
        value = getattr(item, field.name)
        if field.name == "id" or (_has_default(field) and value == _default(field)):
            continue
        if field.name == "volume":
            value = [[point.time, point.gain] for point in value]
        elif field.name == "takes":
            value = [_facts(take) for take in value]
        found[field.name] = dict(value) if isinstance(value, Mapping) else value
    return found


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


# ---------------------------------------------------------------- reading

def arrangement_of(rows: Iterable[Row], notes: list[str]) -> tuple[Arrangement, str]:
    """The arrangement behind rows of the file, and the name of that content. What is broken is left out and named in
    `notes`, one sentence each."""
    kept: dict[str, list[tuple[str, Json]]] = {"track": [], "clip": [], "marker": [], "label": []}
    whole: Json = {}
    for kind, key, text in rows:
        data = loads(text, {})
        if (kind, key) == WHOLE:
            whole = data
        elif kind in kept and data:
            kept[kind].append((key, data))
        else:
            notes.append(f"A {kind if kind in kept else 'part'} of this arrangement cannot be read and is left out.")
    tracks = _items(Track, kept["track"], notes)
    order = {key: place for place, key in enumerate(_list(whole.get("tracks")))}
    tracks.sort(key=lambda track: (order.get(track.id, len(order)), track.id))
    names = {track.id for track in tracks}
    clips = _items(Clip, kept["clip"], notes)
    lost = [clip for clip in clips if clip.track not in names]
    if lost:  # their track could not be read; a clip is worth more than its place
        tracks.append(Track("recovered", "Recovered"))
        clips = [clip if clip.track in names else clip.with_(track="recovered") for clip in clips]
        notes.append(f"{len(lost)} clips had lost their track and are on “Recovered” now.")
    rate = whole.get("rate")
    made = Arrangement(
        rate=rate if isinstance(rate, int) and rate in RATES else RATE, tempo=_tempo(whole, notes),
        loop=_loop(whole.get("loop")), master_gain=_number(whole.get("master_gain"), 0.0, SILENT, LOUDEST))
    revision = whole.get("revision")
    return made.with_(tracks=tuple(tracks), clips=clips, markers=_items(Marker, kept["marker"], notes), labels=_items(
        Label, kept["label"], notes)), revision if isinstance(revision, str) else ""


def _items(kind: type[T], found: list[tuple[str, Json]], notes: list[str]) -> list[T]:
    made = []
    for key, data in found:
        try:
            made.append(_item(kind, key, data))
        except (TypeError, ValueError, KeyError):
            notes.append(f"A {kind.__name__.lower()} of this arrangement cannot be read and is left out.")
    return made


_RANGES = {"gain": (SILENT, LOUDEST), "pan": (-1.0, 1.0), "start": (0.0, LONGEST), "time": (0.0, LONGEST),
           "length": (0.0, LONGEST), "offset": (0.0, LONGEST), "source_length": (0.0, LONGEST),
           "fade_in": (0.0, LONGEST), "fade_out": (0.0, LONGEST), "stretch": (0.01, 100.0), "pitch": (-96.0, 96.0)}


def _item(kind: type[T], key: str, data: Json) -> T:
    """One value; a field of a wrong type takes its default. Raises where a field without default is missing."""
    return kind(id=key, **_values(kind, data))


def _values(kind: type[Any], data: Json) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields(kind):
        if field.name == "id" or (field.name not in data and _has_default(field)):
            continue
        value = data[field.name]
        if field.name in _RANGES:
            values[field.name] = _number(value, None, *_RANGES[field.name])
        elif field.name == "volume":
            values[field.name] = tuple(AutomationPoint(_number(time, None, 0.0, LONGEST), _number(
                gain, None, SILENT, LOUDEST)) for time, gain in sorted(value))
        elif field.name == "takes":
            values |= _takes(value, data.get("take"))
        elif field.name != "take":
            values[field.name] = _checked(field, value)
    return values


def _takes(value: Any, at: Any) -> dict[str, Any]:
    """The takes of a clip, and which of them it holds; one that cannot be read is left out."""
    at, made = at if isinstance(at, int) and not isinstance(at, bool) else 0, list[Take]()
    held = 0
    for place, one in enumerate(value if isinstance(value, list) else []):
        try:
            made.append(Take(**_values(Take, one)))
        except (TypeError, ValueError, KeyError):
            continue
        held = len(made) - 1 if place == at else held
    return {"takes": tuple(made), "take": held} if len(made) > 1 else {}


_CHOICES: dict[str, tuple[str, ...]] = {"kind": TRACK_KINDS, "in_shape": FADE_SHAPES, "out_shape": FADE_SHAPES}


def _checked(field: Field[Any], value: Any) -> Any:
    if field.name in _CHOICES:
        return value if value in _CHOICES[field.name] else _default(field)
    if not _has_default(field):
        return str(value)
    usual = _default(field)
    wanted = Mapping if isinstance(usual, Mapping) else type(usual)
    return value if isinstance(value, wanted) else usual


def _number(value: Any, default: float | None, least: float, most: float) -> float:
    """Raises ValueError over what is no number, where there is no default."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        if default is None:
            raise ValueError(value)
        return default
    return min(max(float(value), least), most)


def _tempo(whole: Json, notes: list[str]) -> TempoMap:
    if not whole:
        return TempoMap()
    try:
        return TempoMap(tuple(TempoChange(float(beat), float(bpm)) for beat, bpm in whole["tempos"]),
                        tuple(MetreChange(int(bar), int(beats), int(unit)) for bar, beats, unit in whole["metres"]))
    except (SoundError, TypeError, ValueError, KeyError, ZeroDivisionError):
        notes.append("The tempo of this arrangement cannot be read; it is 120 in 4/4 now.")
        return TempoMap()


def _loop(value: Any) -> Loop | None:
    try:
        start, end, on = value
        loop = Loop(_number(start, None, 0.0, LONGEST), _number(end, None, 0.0, LONGEST), bool(on))
    except (TypeError, ValueError):
        return None
    return loop if loop.end > loop.start else None


def _list(value: Any) -> list[Any]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
