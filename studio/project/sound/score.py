"""Music as notes: an immutable value beside its MIDI file. Times are ticks, TICKS of them in a quarter note."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from studio.project.sound.tempo import TempoMap

TICKS = 480
MOST_NOTES = 500_000
"""Notes that a score may hold: a MIDI file of a million events."""
LONGEST_TICKS = 1 << 28


class Note(NamedTuple):
    """A note; they compare and sort by start, then pitch. velocity: 1-127. pitch: MIDI, 60 is middle C."""

    start: int
    pitch: int
    length: int
    velocity: int = 80

    @property
    def end(self) -> int:
        return self.start + self.length


class Control(NamedTuple):
    """A controller (0-127), or the pitch wheel (BEND, 0-16383), takes a value."""

    time: int
    number: int
    value: int


BEND = 128
"""Number of a `Control` that is the pitch wheel."""


@dataclass(frozen=True)
class Part:
    """One instrument. notes: sorted, each once. program: General MIDI 0-127; drums: on the channel of percussion."""

    name: str = ""
    program: int = 0
    drums: bool = False
    notes: tuple[Note, ...] = ()
    controls: tuple[Control, ...] = ()

    @cached_property
    def longest(self) -> int:
        """Ticks of the longest note."""
        return max((note.length for note in self.notes), default=0)

    def between(self, first: int, last: int) -> tuple[Note, ...]:
        """The notes that may sound between two ticks: all that do, and a few that ended just before."""
        begin = bisect_left(self.notes, (first - self.longest,))
        return self.notes[begin:bisect_left(self.notes, (last + 1,))]

    def with_notes(self, notes: Any) -> Part:
        """With other notes, sorted; of the same note twice one stays."""
        return replace(self, notes=tuple(sorted(set(notes))))


@dataclass(frozen=True)
class Score:
    """Parts with one tempo and metre for all. fifths: sharps (or flats, below 0) of the key; minor: its mode."""

    parts: tuple[Part, ...] = ()
    tempo: TempoMap = field(default_factory=TempoMap)
    fifths: int = 0
    minor: bool = False
    title: str = ""

    @cached_property
    def table(self) -> tuple[Any, Any, Any, Any]:
        """Start and end in seconds (float64), pitch and velocity (int64) of all notes, part after part: for painting.
        Of very many notes it takes a while, so ask for it off the window's thread first."""
        import numpy as np

        notes = [note for part in self.parts for note in part.notes]
        start, length = (np.fromiter((note[at] for note in notes), np.float64, len(notes)) for at in (0, 2))
        pitch, velocity = (np.fromiter((note[at] for note in notes), np.int64, len(notes)) for at in (1, 3))
        return self.seconds_of(start), self.seconds_of(start + length), pitch, velocity

    def seconds_of(self, ticks: Any) -> Any:
        """As `seconds`, for an array of ticks."""
        import numpy as np

        last = float(ticks.max(initial=0)) / TICKS + 1
        beats = [*(change.beat for change in self.tempo.tempos if change.beat < last), last]
        return np.interp(ticks / TICKS, beats, [self.tempo.seconds(beat) for beat in beats])

    def table_of(self, part: int) -> tuple[Any, Any, Any, Any]:
        """The rows of `table` that are of one part."""
        begin = sum(len(one.notes) for one in self.parts[:part])
        rows = slice(begin, begin + len(self.parts[part].notes))
        start, end, pitch, velocity = self.table
        return start[rows], end[rows], pitch[rows], velocity[rows]

    @cached_property
    def length(self) -> int:
        """Ticks to the end of the last note."""
        return max((note.end for part in self.parts for note in part.notes), default=0)

    @property
    def note_count(self) -> int:
        return sum(len(part.notes) for part in self.parts)

    def seconds(self, tick: float) -> float:
        return self.tempo.seconds(tick / TICKS)

    def tick(self, seconds: float) -> int:
        return round(self.tempo.beat(seconds) * TICKS)

    @property
    def duration(self) -> float:
        """Seconds to the end of the last note."""
        return self.seconds(self.length)

    def bar_tick(self, bar: int) -> int:
        """Where a bar (0 is the first) begins."""
        return round(self.tempo.bar_beat(bar) * TICKS)

    def bar_of(self, tick: int) -> int:
        return self.tempo.bar_of_beat(tick / TICKS)

    @property
    def bars(self) -> int:
        """How many bars have something in them, from the first."""
        return self.bar_of(max(self.length - 1, 0)) + 1 if self.length else 0

    def with_part(self, index: int, part: Part) -> Score:
        return replace(self, parts=(*self.parts[:index], part, *self.parts[index + 1:]))


_MAJORS = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
_MINORS = ("Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#")
_PITCHES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def key_name(fifths: int, minor: bool) -> str:
    """Such as "D minor"."""
    place = min(max(fifths, -7), 7) + 7
    return f"{_MINORS[place]} minor" if minor else f"{_MAJORS[place]} major"


def pitch_name(pitch: int) -> str:
    """Such as "C4" for 60."""
    return f"{_PITCHES[pitch % 12]}{pitch // 12 - 1}"
