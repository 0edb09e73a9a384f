"""Standard MIDI files in and out, by symusic: bars, voices and facts of a score, and bars exchanged in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plugins_builtin.music import standard
from plugins_builtin.music.arrange import Part
from plugins_builtin.music.piece import Note, Piece
from plugins_builtin.music.vocabulary import METRES, ROLES, STYLES, TEXTURES, TICKS
from plugins_builtin.music.words import MODES, pace_of
from studio.plugins import InputError, Score

RESOLUTION = 480
MOST_NOTES = 200_000
"""Notes of a score that can be composed on."""
MOST_BARS = 20_000
MARK = "Pieria:"
# Krumhansl 1990, "Cognitive Foundations of Musical Pitch", table 2.1: how well each step fits a major and a minor key.
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


def parse(score: Score) -> Any:
    """The symusic score of a MIDI file. Raises `InputError` where it is none."""
    from symusic import Score as File

    data = standard.clean(score.data)
    try:
        return File.from_midi(data)
    except (RuntimeError, ValueError, MemoryError, OverflowError) as error:
        raise standard.Unreadable from error


@dataclass(frozen=True)
class Bar:
    """start and end: in ticks of the file. metre: as text, "3/4"."""

    start: int
    end: int
    metre: str


class Sheet:
    """A score that is to be composed on: its bars, its key, which track is which voice.

    Raises:
        InputError: it has no notes, too many, or bars that cannot be counted.
    """

    def __init__(self, score: Score) -> None:
        self.file = parse(score)
        self.tpq = int(self.file.ticks_per_quarter)
        self.tracks = [t for t in range(len(self.file.tracks))
                       if not self.file.tracks[t].is_drum and len(self.file.tracks[t].notes)]
        count = sum(len(t.notes) for t in self.file.tracks)
        if not self.tracks:
            raise InputError("There are no notes in this score to go on from; choose one that has some.")
        if count > MOST_NOTES:
            raise InputError(f"This score has {count:,} notes; at most {MOST_NOTES:,} can be composed on. Cut out the "
                             "part that you need.")
        self.bars = self._bars()
        self.facts = self._facts()
        self.roles = self._roles()
        self.tonic, self.mode = self._key()

    def _bars(self) -> list[Bar]:
        end = int(self.file.end())
        signs = sorted((int(s.time), int(s.numerator), int(s.denominator)) for s in self.file.time_signatures)
        if not signs or signs[0][0] > 0:
            signs.insert(0, (0, 4, 4))
        bars: list[Bar] = []
        for number, (start, beats, unit) in enumerate(signs):
            until = min(signs[number + 1][0], end) if number + 1 < len(signs) else end
            ticks = self.tpq * 4 * beats // max(unit, 1)
            if ticks < 1 or beats < 1 or (self.tpq * 4 * beats) % max(unit, 1):
                raise InputError(f"The metre {beats}/{unit} in this score cannot be counted; correct it and try again.")
            if (until - start) / ticks + len(bars) > MOST_BARS:
                raise InputError(f"This score has more than {MOST_BARS:,} bars; cut out the part that you need.")
            at = start
            while at < until:
                bars.append(Bar(at, at + ticks, f"{beats}/{unit}"))
                at += ticks
        return bars

    def _facts(self) -> dict[str, str]:
        for marker in self.file.markers:
            if marker.text.startswith(MARK):
                return dict(pair.split("=", 1) for pair in marker.text[len(MARK):].split(";") if "=" in pair)
        return {}

    def _roles(self) -> dict[str, int]:
        """Track number of each role: by the names that are written here, else by how high and how thick it is."""
        by_name = {self.file.tracks[t].name.strip().lower(): t for t in self.tracks}
        if "melody" in by_name:
            names = {"melody": "melody", "chords": "chords", "low": "low part", "alto": "alto", "tenor": "tenor",
                     "bass": "bass"}
            return {role: by_name[name] for role, name in names.items() if name in by_name}
        order = sorted(self.tracks, key=lambda t: -float(self.file.tracks[t].notes.numpy()["pitch"].mean()))
        if len(order) == 4 and all(self._single(t) for t in order):
            return dict(zip(ROLES["four"], order, strict=True))
        roles = {"melody": order[0]}
        if len(order) > 1:
            roles["low"] = order[-1]
            roles["chords"] = order[1] if len(order) > 2 else order[-1]
        elif not self._single(order[0]):
            roles["chords"] = roles["low"] = order[0]
        return roles

    def _single(self, track: int) -> bool:
        """Whether hardly ever two notes of the track start together."""
        times = self.file.tracks[track].notes.numpy()["time"]
        return len(set(times.tolist())) >= 0.95 * len(times)

    @property
    def texture(self) -> str:
        said = self.facts.get("texture", "")
        if said in TEXTURES:
            return said
        return "four" if "alto" in self.roles else "chords" if "chords" in self.roles else "solo"

    @property
    def style(self) -> str:
        said = self.facts.get("style", "")
        return said if said in STYLES else "any"

    def _key(self) -> tuple[int, str]:
        tonic, mode = self.facts.get("tonic", ""), self.facts.get("mode", "")
        if mode in MODES and tonic.isdigit() and int(tonic) < 12:
            return int(tonic), mode
        import numpy as np

        sound = np.zeros(12)
        for track in self.tracks:
            notes = self.file.tracks[track].notes.numpy()
            sound += np.bincount(notes["pitch"].astype(int) % 12, np.minimum(notes["duration"], 8 * self.tpq) + 1.0, 12)
        if sound.std() == 0:  # all twelve alike say nothing
            return 0, "major"
        scores = [(float(np.corrcoef(np.roll(shape, tonic), sound)[0, 1]), tonic, mode)
                  for mode, shape in (("major", MAJOR), ("minor", MINOR)) for tonic in range(12)]
        best = max(scores, key=lambda s: (s[0] if s[0] == s[0] else -2.0, -s[1]))
        return best[1], best[2]

    def bpm(self, bar: int) -> float:
        """Quarter notes a minute at the start of a bar."""
        at = self.bars[min(bar, len(self.bars) - 1)].start
        tempos = [t for t in self.file.tempos if t.time <= at]
        return float(tempos[-1].qpm) if tempos else 120.0

    def piece(self, first: int, last: int, texture: str = "") -> Piece:
        """Bars `first` up to but without `last` as voices on the grid. They have to be of one metre that is known."""
        metre = self.bars[first].metre
        if metre not in METRES:
            raise InputError(f"The model does not know the metre {metre}; it knows {', '.join(METRES)}.")
        texture = texture or self.texture
        voices = {role: self._voice(self.roles[role], first, last) for role in ROLES[texture]
                  if role in self.roles and role != "chords"}
        bpm = self.bpm(first)
        return Piece(self.style, self.mode, self.tonic, metre, last - first, texture, pace_of(bpm), bpm,
                     voices, after=len(self.bars) - last)

    def all_notes(self, first: int, last: int) -> tuple[Note, ...]:
        """All pitched notes of these bars on the grid, for finding chords."""
        found: list[Note] = []
        for track in self.tracks:
            found += self._grid(track, first, last)
        return tuple(sorted(found))

    def _grid(self, track: int, first: int, last: int) -> list[Note]:
        start, end = self.bars[first].start, self.bars[last - 1].end
        rows = self.file.tracks[track].notes.numpy()
        inside = (rows["time"] < end) & (rows["time"] + rows["duration"] > start)
        scale = TICKS / self.tpq
        notes = []
        for at, long, pitch in zip(rows["time"][inside].tolist(), rows["duration"][inside].tolist(),
                                   rows["pitch"][inside].tolist(), strict=True):
            begin = max(round((at - start) * scale), 0)
            until = min(round((at + long - start) * scale), round((end - start) * scale))
            if until > begin or long:
                notes.append(Note(begin, max(until - begin, 1), int(pitch)))
        return notes

    def _voice(self, track: int, first: int, last: int) -> tuple[Note, ...]:
        """The highest notes of a track, one at a time."""
        notes: list[Note] = []
        for note in sorted(self._grid(track, first, last), key=lambda n: (n.start, -n.pitch)):
            if notes and note.start == notes[-1].start:
                continue
            if notes and notes[-1].start + notes[-1].ticks > note.start:
                notes[-1] = notes[-1]._replace(ticks=note.start - notes[-1].start)
            notes.append(note)
        return tuple(notes)

    def same_metre(self, first: int, last: int) -> tuple[int, int]:
        """The widest run of bars around these that has their metre. Raises `InputError` where theirs changes."""
        metre = self.bars[first].metre
        if any(bar.metre != metre for bar in self.bars[first:last]):
            raise InputError("The metre changes inside these bars; choose bars of one metre.")
        low, high = first, last
        while low > 0 and self.bars[low - 1].metre == metre:
            low -= 1
        while high < len(self.bars) and self.bars[high].metre == metre:
            high += 1
        return low, high


def track_of(part: Part, start: int, tpq: int) -> Any:
    """A symusic track of a part whose bar 0 begins at `start` ticks of the file."""
    from symusic import Track

    track = Track(name=part.name, program=part.instrument.program, is_drum=False)
    track.notes = _notes(part, start, tpq)
    return track


def _notes(part: Part, start: int, tpq: int) -> Any:
    import numpy as np
    from symusic import Note as MidiNote

    rows = np.array(part.notes, dtype=np.int64).reshape(-1, 4)
    begin = start + np.rint(rows[:, 0] * tpq / TICKS).astype(np.int32)
    end = start + np.rint((rows[:, 0] + rows[:, 1]) * tpq / TICKS).astype(np.int32)
    return MidiNote.from_numpy(time=begin, duration=np.maximum(end - begin, 1).astype(np.int32),
                               pitch=rows[:, 2].astype(np.int8), velocity=rows[:, 3].clip(1, 127).astype(np.int8))


def write(piece: Piece, made: Sequence[Part]) -> Any:
    """A new symusic score of the parts, with tempo, metre, key and the facts that `Sheet` reads again."""
    from symusic import KeySignature, Tempo, TextMeta, TimeSignature
    from symusic import Score as File

    file: Any = File(RESOLUTION)
    beats, unit = map(int, piece.metre.split("/"))
    file.tempos.append(Tempo(0, piece.bpm))
    file.time_signatures.append(TimeSignature(0, beats, unit))
    sharps, minor = signature(piece.tonic, piece.mode)
    file.key_signatures.append(KeySignature(0, sharps, minor))
    file.markers.append(TextMeta(0, mark(piece)))
    for part in made:
        file.tracks.append(track_of(part, 0, RESOLUTION))
    return file


def mark(piece: Piece) -> str:
    return f"{MARK}style={piece.style};tonic={piece.tonic};mode={piece.mode};texture={piece.texture}"


def signature(tonic: int, mode: str) -> tuple[int, int]:
    """(sharps, or flats below 0; 1 for minor) of a key signature; a church mode has that of its relative major."""
    relative = (tonic + {"major": 0, "minor": 3, "dorian": 10, "mixolydian": 5}[mode]) % 12
    sharps = (relative * 7) % 12
    return (sharps - 12 if sharps > 6 else sharps), int(mode == "minor")


def exchange(sheet: Sheet, first: int, last: int, made: Sequence[Part]) -> Any:
    """The score with the notes that start in bars `first` up to but without `last` exchanged for the parts'.

    Nothing that starts outside is touched. A role without a track gets a new one. Parts count from bar `first`.
    """
    import numpy as np

    file = sheet.file.copy()
    start, end = sheet.bars[first].start, sheet.bars[last - 1].end
    cleared: set[int] = set()
    for part in made:
        number = sheet.roles.get(part.role, -1)
        if number < 0:
            file.tracks.append(track_of(part, start, sheet.tpq))
            continue
        track = file.tracks[number]
        rows = track.notes.numpy()
        if number not in cleared:
            cleared.add(number)
            keep = (rows["time"] < start) | (rows["time"] >= end)
        else:
            keep = np.ones(len(rows["time"]), bool)
        hanging = {int(p): int(t + d) for t, d, p in zip(rows["time"][keep], rows["duration"][keep],
                                                        rows["pitch"][keep], strict=True) if t < start < t + d}
        notes = type(track.notes)()
        notes.extend([note for note, kept in zip(track.notes, keep.tolist(), strict=True) if kept])
        for note in _notes(part, start, sheet.tpq):
            if note.time < hanging.get(int(note.pitch), 0):  # the same key still sounds from the bar before
                continue
            note.duration = min(int(note.duration), end - int(note.time))
            notes.append(note)
        notes.sort(key=lambda n: (n.time, n.pitch, n.duration))
        track.notes = notes
    return file


def append(sheet: Sheet, made: Sequence[Part]) -> Any:
    """The score with the parts after its last bar. Parts count from there."""
    file = sheet.file.copy()
    start = sheet.bars[-1].end
    for part in made:
        number = sheet.roles.get(part.role, -1)
        if number < 0:
            file.tracks.append(track_of(part, start, sheet.tpq))
        else:
            file.tracks[number].notes.extend(_notes(part, start, sheet.tpq))
    return file


def dump(file: Any, **facts: Any) -> Score:
    """The MIDI file as an artifact; "seconds" is measured from the notes."""
    seconds = float(file.to("second").end()) if file.note_num() else 0.0
    return Score(bytes(file.dumps_midi()), meta={**facts, "seconds": round(seconds, 3)})
