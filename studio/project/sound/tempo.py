"""Tempo and metre: the way between bars, beats and seconds. A beat is a quarter note, whatever the metre."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from studio.project.sound.errors import SoundError

SLOWEST, FASTEST = 5.0, 1000.0
"""Quarter notes a minute."""
UNITS = (1, 2, 4, 8, 16, 32)
MOST_BEATS = 64


@dataclass(frozen=True)
class TempoChange:
    """From `beat` on (quarter notes from the beginning) there are `bpm` quarter notes a minute."""

    beat: float
    bpm: float


@dataclass(frozen=True)
class MetreChange:
    """From bar `bar` on (0 is the first) a bar has `beats` notes of 1/`unit`."""

    bar: int
    beats: int
    unit: int

    @property
    def quarters(self) -> float:
        """Length of a bar in quarter notes."""
        return self.beats * 4 / self.unit


@dataclass(frozen=True)
class TempoMap:
    """Changes of tempo and of metre, in order, the first of each at 0. Raises SoundError over others."""

    tempos: tuple[TempoChange, ...] = (TempoChange(0.0, 120.0),)
    metres: tuple[MetreChange, ...] = (MetreChange(0, 4, 4),)

    def __post_init__(self) -> None:
        if not self.tempos or self.tempos[0].beat != 0 or not self.metres or self.metres[0].bar != 0:
            raise SoundError("Tempo and metre must be given for the beginning.")
        if any(b.beat <= a.beat for a, b in pairwise(self.tempos)) or any(
                b.bar <= a.bar for a, b in pairwise(self.metres)):
            raise SoundError("Changes of tempo and metre must be in order.")
        for tempo in self.tempos:
            check_tempo(tempo.bpm)
        for metre in self.metres:
            check_metre(metre.beats, metre.unit)

    @classmethod
    def constant(cls, bpm: float, beats: int = 4, unit: int = 4) -> TempoMap:
        """One tempo and one metre throughout."""
        return cls((TempoChange(0.0, float(bpm)),), (MetreChange(0, beats, unit),))

    @cached_property
    def _seconds(self) -> list[float]:
        """When each tempo begins."""
        found = [0.0]
        for one, following in pairwise(self.tempos):
            found.append(found[-1] + (following.beat - one.beat) * 60 / one.bpm)
        return found

    @cached_property
    def _starts(self) -> list[float]:
        return [change.beat for change in self.tempos]

    @cached_property
    def _bars(self) -> list[int]:
        return [change.bar for change in self.metres]

    @cached_property
    def _beats(self) -> list[float]:
        """Where each metre begins, in quarter notes."""
        found = [0.0]
        for one, following in pairwise(self.metres):
            found.append(found[-1] + (following.bar - one.bar) * one.quarters)
        return found

    def seconds(self, beat: float) -> float:
        """When a beat is. Before 0 the first tempo holds."""
        index = max(bisect_right(self._starts, beat) - 1, 0)
        tempo = self.tempos[index]
        return self._seconds[index] + (beat - tempo.beat) * 60 / tempo.bpm

    def beat(self, seconds: float) -> float:
        """Quarter notes from the beginning to a time."""
        index = max(bisect_right(self._seconds, seconds) - 1, 0)
        tempo = self.tempos[index]
        return tempo.beat + (seconds - self._seconds[index]) * tempo.bpm / 60

    def bpm_at(self, seconds: float) -> float:
        return self.tempos[max(bisect_right(self._seconds, seconds) - 1, 0)].bpm

    def metre_at_bar(self, bar: int) -> MetreChange:
        return self.metres[max(bisect_right(self._bars, bar) - 1, 0)]

    def bar_beat(self, bar: int) -> float:
        """Where a bar begins, in quarter notes."""
        index = max(bisect_right(self._bars, bar) - 1, 0)
        return self._beats[index] + (bar - self.metres[index].bar) * self.metres[index].quarters

    def bar_of_beat(self, beat: float) -> int:
        """The bar (0 is the first) in which a beat lies."""
        index = max(bisect_right(self._beats, beat) - 1, 0)
        metre = self.metres[index]
        return metre.bar + int((beat - self._beats[index]) // metre.quarters)

    def bar_seconds(self, bar: int) -> float:
        """When a bar begins."""
        return self.seconds(self.bar_beat(bar))

    def position(self, seconds: float) -> tuple[int, int, float]:
        """Bar and beat of the metre, both counted from 1 as musicians do, and how far into that beat, 0 to 1."""
        beat = self.beat(max(seconds, 0.0)) + 1e-9
        bar = self.bar_of_beat(beat)
        unit = 4 / self.metre_at_bar(bar).unit
        inside = (beat - self.bar_beat(bar)) / unit
        return bar + 1, int(inside) + 1, max(inside - int(inside) - 1e-9, 0.0)

    def nearest(self, seconds: float, step: float) -> float:
        """The line of the grid nearest to a time; step: quarter notes between lines, 0 for bars. Lines start anew with
        each bar."""
        beat = self.beat(max(seconds, 0.0))
        bar = self.bar_of_beat(beat)
        left, right = self.bar_beat(bar), self.bar_beat(bar + 1)
        if step > 0:
            inside = round((beat - left) / step) * step
            beat = min(left + inside, right)
        else:
            beat = left if beat - left < right - beat else right
        return self.seconds(beat)

    def lines(self, start: float, end: float, step: float, most: int = 4000) -> list[tuple[float, int, bool]]:
        """The lines of the grid from `start` to `end` seconds: time, bar (from 0), and whether a bar begins there; at
        most `most` of them."""
        found: list[tuple[float, int, bool]] = []
        bar = self.bar_of_beat(self.beat(max(start, 0.0)))
        while len(found) < most:
            left, right = self.bar_beat(bar), self.bar_beat(bar + 1)
            if self.seconds(left) > end:
                break
            count = max(int((right - left) / step - 1e-9) + 1, 1) if step > 0 else 1
            times = [(self.seconds(left + n * step), bar, n == 0) for n in range(min(count, most - len(found)))]
            found += [line for line in times if start <= line[0] <= end]
            bar += 1
        return found

    def with_tempo(self, beat: float, bpm: float) -> TempoMap:
        """With another tempo from `beat` on to the next change."""
        check_tempo(bpm)
        kept = [t for t in self.tempos if abs(t.beat - beat) > 1e-9]
        return replace(self, tempos=tuple(sorted([*kept, TempoChange(max(beat, 0.0), float(bpm))],
                                                 key=lambda t: t.beat)))

    def without_tempo(self, beat: float) -> TempoMap:
        """Without the change of tempo at `beat`; the first stays."""
        return replace(self, tempos=tuple(t for t in self.tempos if t.beat == 0 or abs(t.beat - beat) > 1e-9))

    def with_metre(self, bar: int, beats: int, unit: int) -> TempoMap:
        """With another metre from `bar` on to the next change."""
        check_metre(beats, unit)
        kept = [m for m in self.metres if m.bar != bar]
        return replace(self, metres=tuple(sorted([*kept, MetreChange(max(bar, 0), beats, unit)], key=lambda m: m.bar)))

    def without_metre(self, bar: int) -> TempoMap:
        """Without the change of metre at `bar`; the first stays."""
        return replace(self, metres=tuple(m for m in self.metres if m.bar == 0 or m.bar != bar))

    def with_bars(self, bar: int, count: int) -> TempoMap:
        """With so many more bars before `bar`, in its metre and tempo; later changes come later."""
        at, room = self.bar_beat(bar), count * self.metre_at_bar(bar).quarters
        return TempoMap(
            tuple(replace(t, beat=t.beat + room) if t.beat > at + 1e-9 else t for t in self.tempos),
            tuple(replace(m, bar=m.bar + count) if m.bar > bar else m for m in self.metres))

    def without_bars(self, first: int, last: int) -> TempoMap:
        """Without the bars from `first` up to (not with) `last`; what holds after them goes on holding."""
        begin, end = self.bar_beat(first), self.bar_beat(last)
        tempo = self.tempos[max(bisect_right(self._starts, end + 1e-9) - 1, 0)]
        metre = self.metre_at_bar(last)
        tempos = [t for t in self.tempos if t.beat < begin - 1e-9]
        metres = [m for m in self.metres if m.bar < first]
        if not tempos or tempos[-1].bpm != tempo.bpm:
            tempos.append(replace(tempo, beat=begin))
        if not metres or (metres[-1].beats, metres[-1].unit) != (metre.beats, metre.unit):
            metres.append(replace(metre, bar=first))
        tempos += [replace(t, beat=t.beat - end + begin) for t in self.tempos if t.beat > end + 1e-9]
        metres += [replace(m, bar=m.bar - last + first) for m in self.metres if m.bar > last]
        return TempoMap(tuple(tempos), tuple(metres))


def check_tempo(bpm: float) -> None:
    """Raise SoundError unless this is a tempo."""
    if not SLOWEST <= bpm <= FASTEST:  # NaN is refused too
        raise SoundError(f"A tempo is between {SLOWEST:g} and {FASTEST:g} beats a minute; {bpm:g} is not.")


def check_metre(beats: int, unit: int) -> None:
    """Raise SoundError unless this is a metre."""
    if not 1 <= beats <= MOST_BEATS or unit not in UNITS:
        raise SoundError(f"{beats}/{unit} is not a metre; use 1 to {MOST_BEATS} over 1, 2, 4, 8, 16 or 32.")
