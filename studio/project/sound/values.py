"""What an arrangement is made of: tracks, clips, markers, labels, the loop. All of them are frozen values that compare
by what they hold. Times are seconds, gains decibels."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

TrackKind: TypeAlias = Literal["voice", "music", "ambience", "notes"]
TRACK_KINDS: tuple[TrackKind, ...] = ("voice", "music", "ambience", "notes")
FadeShape: TypeAlias = Literal["linear", "power", "smooth"]
FADE_SHAPES: tuple[FadeShape, ...] = ("linear", "power", "smooth")
"""linear: gain rises evenly. power: a quarter of a sine, so that two that cross keep their power. smooth: half a
cosine, so that two that cross keep their amplitude."""

SILENT = -96.0
"""Decibels at and below which nothing is heard."""
LOUDEST = 24.0
"""Decibels that a track, a clip or a point of automation may add."""
LONGEST = 100 * 3600.0
"""Seconds that an arrangement may be long."""

NO_FACTS: Mapping[str, Any] = MappingProxyType({})


def new_id() -> str:
    """An id that nothing else has."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class AutomationPoint:
    """At `time` (seconds of the arrangement) the volume is changed by `gain` dB; in between it goes straight in dB."""

    time: float
    gain: float


@dataclass(frozen=True)
class Track:
    """One track.

    Attributes:
        gain: dB, from SILENT (nothing is heard) to LOUDEST.
        pan: -1 left to 1 right.
        armed: what is recorded goes here.
        colour: a name of the theme or "#rrggbb", "" for that of its kind.
        volume: automation, in order of time; it is added to `gain`.
        instrument: of a notes track: its General MIDI program 0-127, -1 leaves the notes' own.
        view: "waveform" or "spectrogram".
        height: pixels in the window, 0 for the usual.
    """

    id: str
    name: str
    kind: TrackKind = "music"
    gain: float = 0.0
    pan: float = 0.0
    mute: bool = False
    solo: bool = False
    armed: bool = False
    colour: str = ""
    volume: tuple[AutomationPoint, ...] = ()
    instrument: int = -1
    view: str = "waveform"
    height: int = 0

    def with_(self, **changes: Any) -> Track:
        """The track with these fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Take:
    """What a clip can hold in place of what it holds. The fields mean what they mean there; place, gain, fades and
    looks belong to the clip."""

    length: float
    media: str = ""
    media_type: str = ""
    offset: float = 0.0
    source_length: float = 0.0
    score: str = ""
    stretch: float = 1.0
    pitch: float = 0.0
    name: str = ""
    result: str = ""
    text: str = ""
    speaker: str = ""
    recipe: Mapping[str, Any] = field(default_factory=lambda: NO_FACTS, hash=False)


@dataclass(frozen=True)
class Clip:
    """A piece of a medium on a track. Clips of a track that overlap are heard together.

    Attributes:
        start: where it begins in the arrangement, seconds.
        media: SHA-256 of its sound; "" while it has none (notes that are not rendered yet), which is silence.
        offset: seconds of the medium that are skipped at its beginning.
        length: seconds that are heard; beyond the end of the medium there is silence.
        source_length: seconds of the whole medium, 0 where it is not known: how far the edges may be pulled.
        fade_in, fade_out: seconds, at its beginning and its end.
        score: SHA-256 of the MIDI file of a notes clip, of which `media` is the rendering.
        stretch, pitch: how the medium was made from another one (times as long, semitones up); only noted here.
        result: id of the result it came from.
        text, speaker: the sentence that is spoken, and by which voice.
        recipe: facts about how it was made, for what has no result of its own.
        group: clips with the same one move together; "" for none.
        takes: what it can hold instead, in the order in which it came; none where there is only one. The one that it
            holds now is among them as it was when another was left for it: `all_takes` has it as it is.
        take: which of them it holds.
    """

    id: str
    track: str
    start: float
    length: float
    media: str = ""
    media_type: str = ""
    offset: float = 0.0
    source_length: float = 0.0
    gain: float = 0.0
    fade_in: float = 0.0
    fade_out: float = 0.0
    in_shape: FadeShape = "power"
    out_shape: FadeShape = "power"
    score: str = ""
    stretch: float = 1.0
    pitch: float = 0.0
    name: str = ""
    result: str = ""
    text: str = ""
    speaker: str = ""
    recipe: Mapping[str, Any] = field(default_factory=lambda: NO_FACTS, hash=False)
    muted: bool = False
    colour: str = ""
    group: str = ""
    takes: tuple[Take, ...] = ()
    take: int = 0

    @property
    def end(self) -> float:
        return self.start + self.length

    @property
    def held(self) -> Take:
        """What it holds now, as a take."""
        return Take(**{name: getattr(self, name) for name in _OF_A_TAKE})

    @property
    def all_takes(self) -> tuple[Take, ...]:
        """All of its takes, the one that it holds as it is now; only that one where there are no others."""
        if not self.takes:
            return (self.held,)
        return tuple(self.held if place == self.take else take for place, take in enumerate(self.takes))

    def with_(self, **changes: Any) -> Clip:
        """The clip with these fields changed."""
        return replace(self, **changes)


_OF_A_TAKE = tuple(one.name for one in fields(Take))


@dataclass(frozen=True)
class Marker:
    """A named moment."""

    id: str
    time: float
    name: str = ""


@dataclass(frozen=True)
class Label:
    """A text over a stretch of time: a caption, a transcribed word, a note. speaker: who says it, "" for nobody."""

    id: str
    start: float
    length: float
    text: str = ""
    speaker: str = ""

    @property
    def end(self) -> float:
        return self.start + self.length


@dataclass(frozen=True)
class Loop:
    """A stretch of time that is repeated while it is `on`."""

    start: float
    end: float
    on: bool = True
