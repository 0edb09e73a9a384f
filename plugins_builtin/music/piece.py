"""A piece as values: voices of notes, chords, and the facts that it is asked for by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from plugins_builtin.music.vocabulary import ROLES, bar_ticks


class Note(NamedTuple):
    """start and ticks: twelfths of a quarter note. pitch: MIDI number."""

    start: int
    ticks: int
    pitch: int


class Chord(NamedTuple):
    """root: pitch class 0 to 11. quality: a key of `vocabulary.QUALITIES`."""

    start: int
    ticks: int
    root: int
    quality: str


@dataclass(frozen=True)
class Piece:
    """Voices of one note at a time, on a grid of twelfths of a quarter note, from bar 0.

    Attributes:
        tonic: pitch class, 0 is C.
        bpm: quarter notes a minute, 0 where it is not known.
        tempo: one of `vocabulary.TEMPI`.
        voices: notes in order of start, none overlapping, by voice name.
        chords: in order of start, at most from bar line to bar line.
        after: bars of a longer piece that follow this cut of it.
        starts: bars in which a section begins.
    """

    style: str
    mode: str
    tonic: int
    metre: str
    bars: int
    texture: str
    tempo: str = "any"
    bpm: float = 0.0
    voices: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    chords: tuple[Chord, ...] = ()
    after: int = 0
    name: str = ""
    starts: tuple[int, ...] = ()

    @property
    def bar(self) -> int:
        """Ticks in a bar."""
        return bar_ticks(self.metre)

    @property
    def shift(self) -> int:
        """Semitones to add to move the tonic to C: -6 to 5, so that a piece stays near its register."""
        return (-self.tonic + 6) % 12 - 6

    @property
    def roles(self) -> tuple[str, ...]:
        return ROLES[self.texture]

    def cut(self, first: int, last: int) -> Piece:
        """Bars `first` up to but without `last`, starting at bar 0; notes that cross an end are cut."""
        start, end = first * self.bar, last * self.bar
        voices = {}
        for voice, notes in self.voices.items():
            voices[voice] = tuple(
                Note(max(n.start, start) - start, min(n.start + n.ticks, end) - max(n.start, start), n.pitch)
                for n in notes if n.start < end and n.start + n.ticks > start)
        chords = tuple(c._replace(start=c.start - start) for c in self.chords if start <= c.start < end)
        return replace(self, bars=last - first, voices=voices, chords=chords, after=self.after + self.bars - last,
                       starts=())
