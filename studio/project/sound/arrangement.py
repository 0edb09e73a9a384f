"""An arrangement as an immutable value: every edit is a function `Arrangement -> Arrangement`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from studio.project.sound.errors import SoundError
from studio.project.sound.tempo import TempoMap
from studio.project.sound.values import Clip, Label, Loop, Marker, Take, Track

RATE = 48000
RATES = (22050, 32000, 44100, 48000, 88200, 96000)
"""Frames a second that an arrangement may have."""


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Tracks with clips. Two arrangements are the same only when they are the same object; `equals` compares what they
    hold.

    Attributes:
        tracks: from top to bottom.
        clips: by start, then id. `with_` keeps them, markers and labels in order.
        rate: frames a second in which it is mixed. Edits put all times on this grid.
        master_gain: dB.
    """

    tracks: tuple[Track, ...] = ()
    clips: tuple[Clip, ...] = ()
    markers: tuple[Marker, ...] = ()
    labels: tuple[Label, ...] = ()
    tempo: TempoMap = TempoMap()  # noqa: RUF009 (a frozen value)
    loop: Loop | None = None
    rate: int = RATE
    master_gain: float = 0.0

    def with_(self, **changes: Any) -> Arrangement:
        """The arrangement with these fields changed, its clips, markers and labels in order."""
        for name, key in _ORDER.items():
            if name in changes:
                changes[name] = tuple(sorted(changes[name], key=key))
        return replace(self, **changes)

    def equals(self, other: Arrangement) -> bool:
        """Whether both hold the same."""
        return self is other or all(getattr(self, f.name) == getattr(other, f.name) for f in fields(self))

    # ------------------------------------------------------------ time

    def frame(self, seconds: float) -> int:
        """The frame nearest to a time."""
        return round(seconds * self.rate)

    def at(self, seconds: float) -> float:
        """The time of the frame nearest to it, at least 0."""
        return max(round(seconds * self.rate), 0) / self.rate

    @cached_property
    def length(self) -> float:
        """Seconds to the end of the last clip."""
        return max((clip.end for clip in self.clips), default=0.0)

    # ------------------------------------------------------------ finding

    @cached_property
    def _tracks(self) -> dict[str, Track]:
        return {track.id: track for track in self.tracks}

    @cached_property
    def _clips(self) -> dict[str, Clip]:
        return {clip.id: clip for clip in self.clips}

    @cached_property
    def _on(self) -> dict[str, tuple[Clip, ...]]:
        found: dict[str, list[Clip]] = {track.id: [] for track in self.tracks}
        for clip in self.clips:
            found.setdefault(clip.track, []).append(clip)
        return {track: tuple(clips) for track, clips in found.items()}

    def find_track(self, track: str) -> Track | None:
        return self._tracks.get(track)

    def track(self, track: str) -> Track:
        """The track with this id; SoundError where there is none."""
        found = self._tracks.get(track)
        if found is None:
            raise SoundError("That track is no longer there; choose another." if track else "Choose a track first.")
        return found

    def find(self, clip: str) -> Clip | None:
        return self._clips.get(clip)

    def clip(self, clip: str) -> Clip:
        """The clip with this id; SoundError where there is none."""
        found = self._clips.get(clip)
        if found is None:
            raise SoundError("That clip is no longer there; choose another." if clip else "Choose a clip first.")
        return found

    def on(self, track: str) -> tuple[Clip, ...]:
        """The clips of a track, by start."""
        return self._on.get(track, ())

    def between(self, start: float, end: float, tracks: Iterable[str] | None = None) -> list[Clip]:
        """The clips of these tracks (all: None) of which something lies between two times."""
        wanted = None if tracks is None else set(tracks)
        return [clip for clip in self.clips if clip.start < end and clip.end > start
                and (wanted is None or clip.track in wanted)]

    def under(self, track: str, seconds: float) -> Clip | None:
        """The clip of a track at a time; of several the one that starts last, which is drawn in front."""
        return next((clip for clip in reversed(self.on(track)) if clip.start <= seconds < clip.end), None)

    # ------------------------------------------------------------ changing

    def replace_track(self, track: Track) -> Arrangement:
        """With `track` in place of the one that has its id; SoundError where there is none."""
        self.track(track.id)
        return self.with_(tracks=tuple(track if old.id == track.id else old for old in self.tracks))

    def replace_clips(self, *clips: Clip) -> Arrangement:
        """With these in place of those that have their ids; SoundError where one is not there."""
        changed = {clip.id: clip for clip in clips}
        for name in changed:
            self.clip(name)
        return self.with_(clips=tuple(changed.get(old.id, old) for old in self.clips))

    def map_clips(self, names: Iterable[str], change: Callable[[Clip], Clip]) -> Arrangement:
        """With each of these clips changed; SoundError where one is not there."""
        return self.replace_clips(*(change(self.clip(name)) for name in names))

    def media(self) -> set[str]:
        """Hashes of all media that it needs, those of takes that are not heard included."""
        held: list[Clip | Take] = [*self.clips, *(take for clip in self.clips for take in clip.takes)]
        return {sha for one in held for sha in (one.media, one.score) if sha}


_ORDER: dict[str, Callable[[Any], Any]] = {
    "clips": lambda clip: (clip.start, clip.id),
    "markers": lambda marker: (marker.time, marker.id),
    "labels": lambda label: (label.start, label.id),
}
