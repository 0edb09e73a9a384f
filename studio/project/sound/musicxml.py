"""Scores as MusicXML 4.0 (W3C Community Group), for notation programs. Times are drawn to a twelfth of a quarter note,
which holds sixteenths and triplets of eighths."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple
from xml.etree import ElementTree as ET

from studio.project.sound.score import TICKS, Part, Score

DIVISIONS = 12
_SHAPES = {48: ("whole", 0), 36: ("half", 1), 24: ("half", 0), 18: ("quarter", 1), 12: ("quarter", 0),
           9: ("eighth", 1), 6: ("eighth", 0), 3: ("16th", 0)}
"""Divisions: type and dots."""
_TRIPLETS = {16: "half", 8: "quarter", 4: "eighth", 2: "16th"}
_SHARPS = (("C", 0), ("C", 1), ("D", 0), ("D", 1), ("E", 0), ("F", 0), ("F", 1), ("G", 0), ("G", 1), ("A", 0),
           ("A", 1), ("B", 0))
_FLATS = (("C", 0), ("D", -1), ("D", 0), ("E", -1), ("E", 0), ("F", 0), ("G", -1), ("G", 0), ("A", -1), ("A", 0),
          ("B", -1), ("B", 0))
MOST_VOICES = 4
_HEAD = (b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 '
         b'Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n')


class _Chord(NamedTuple):
    """Notes that begin and end together, in divisions."""

    start: int
    end: int
    pitches: tuple[int, ...]
    tied: bool = False
    """It goes on from the bar before."""
    ties: bool = False
    """It goes on in the next bar."""


def write(score: Score) -> bytes:
    """The score as a MusicXML file."""
    root = ET.Element("score-partwise", version="4.0")
    if score.title:
        ET.SubElement(ET.SubElement(root, "work"), "work-title").text = _clean(score.title)
    ET.SubElement(ET.SubElement(ET.SubElement(root, "identification"), "encoding"), "software").text = "Pieria"
    listing = ET.SubElement(root, "part-list")
    for number, part in enumerate(score.parts, 1):
        entry = ET.SubElement(listing, "score-part", id=f"P{number}")
        ET.SubElement(entry, "part-name").text = _clean(part.name) or f"Part {number}"
        ET.SubElement(ET.SubElement(entry, "score-instrument", id=f"P{number}-I1"), "instrument-name").text = _clean(
            part.name) or f"Part {number}"
        player = ET.SubElement(entry, "midi-instrument", id=f"P{number}-I1")
        ET.SubElement(player, "midi-channel").text = "10" if part.drums else str(min(number + (number > 9), 16))
        ET.SubElement(player, "midi-program").text = str(part.program + 1)
    for number, part in enumerate(score.parts, 1):
        _part(ET.SubElement(root, "part", id=f"P{number}"), score, part, first=number == 1)
    ET.indent(root, " ")
    body: bytes = ET.tostring(root, encoding="utf-8")
    return _HEAD + body + b"\n"


def _clean(text: str) -> str:
    """Without signs that XML cannot hold."""
    return "".join(sign for sign in text if sign >= " " and not 0xD800 <= ord(sign) <= 0xDFFF and sign not in "￾￿")


def _part(parent: ET.Element, score: Score, part: Part, *, first: bool) -> None:
    bars = max(score.bars, 1)
    edges = [round(score.tempo.bar_beat(bar) * DIVISIONS) for bar in range(bars + 1)]
    chords = _in_bars(_chords(part), edges)
    tempos = {round(change.beat * DIVISIONS): change.bpm for change in score.tempo.tempos}
    flats = score.fifths < 0
    for bar in range(bars):
        measure = ET.SubElement(parent, "measure", number=str(bar + 1))
        _attributes(measure, score, part, bar)
        if first:
            _tempo_marks(measure, {at: bpm for at, bpm in tempos.items() if edges[bar] <= at < edges[bar + 1]},
                         edges[bar])
        for number, voice in enumerate(_voices(chords[bar]), 1):
            if number > 1:
                backup = ET.SubElement(measure, "backup")
                ET.SubElement(backup, "duration").text = str(edges[bar + 1] - edges[bar])
            _voice(measure, voice, edges[bar], edges[bar + 1], number, flats)


def _chords(part: Part) -> list[_Chord]:
    def at(tick: int) -> int:
        return round(tick * DIVISIONS / TICKS)

    found: dict[tuple[int, int], set[int]] = {}
    for note in part.notes:
        start = at(note.start)
        found.setdefault((start, max(at(note.end), start + 1)), set()).add(note.pitch)
    return [_Chord(start, end, tuple(sorted(pitches))) for (start, end), pitches in sorted(found.items())]


def _in_bars(chords: list[_Chord], edges: list[int]) -> list[list[_Chord]]:
    """The chords of each bar; those that reach over its end are tied."""
    found: list[list[_Chord]] = [[] for _ in edges[1:]]
    bar = 0
    for chord in chords:
        while bar + 1 < len(edges) and chord.start >= edges[bar + 1]:
            bar += 1
        for place in range(bar, len(found)):
            if chord.end <= edges[place]:
                break
            start, end = max(chord.start, edges[place]), min(chord.end, edges[place + 1])
            found[place].append(_Chord(start, end, chord.pitches, start > chord.start, end < chord.end))
    return found


def _voices(chords: list[_Chord]) -> list[list[_Chord]]:
    """Chords that do not overlap go into one voice; of more than MOST_VOICES at once the later are shortened."""
    voices: list[list[_Chord]] = [[]]
    for chord in sorted(chords):
        for voice in voices:
            if not voice or voice[-1].end <= chord.start:
                voice.append(chord)
                break
        else:
            if len(voices) < MOST_VOICES:
                voices.append([chord])
            else:
                last = min(voices, key=lambda voice: voice[-1].end)
                if last[-1].start < chord.start:
                    last[-1] = last[-1]._replace(end=chord.start, ties=False)
                    last.append(chord)
    return voices


def _attributes(measure: ET.Element, score: Score, part: Part, bar: int) -> None:
    metre = score.tempo.metre_at_bar(bar)
    if bar and metre.bar != bar:
        return
    found = ET.SubElement(measure, "attributes")
    if not bar:
        ET.SubElement(found, "divisions").text = str(DIVISIONS)
        key = ET.SubElement(found, "key")
        ET.SubElement(key, "fifths").text = str(score.fifths)
        ET.SubElement(key, "mode").text = "minor" if score.minor else "major"
    time = ET.SubElement(found, "time")
    ET.SubElement(time, "beats").text = str(metre.beats)
    ET.SubElement(time, "beat-type").text = str(metre.unit)
    if not bar:
        clef = ET.SubElement(found, "clef")
        low = part.notes and sum(note.pitch for note in part.notes) / len(part.notes) < 57
        sign, line = ("percussion", "") if part.drums else ("F", "4") if low else ("G", "2")
        ET.SubElement(clef, "sign").text = sign
        if line:
            ET.SubElement(clef, "line").text = line


def _tempo_marks(measure: ET.Element, tempos: dict[int, float], start: int) -> None:
    for at, bpm in sorted(tempos.items()):
        mark = ET.SubElement(measure, "direction", placement="above")
        metronome = ET.SubElement(ET.SubElement(mark, "direction-type"), "metronome")
        ET.SubElement(metronome, "beat-unit").text = "quarter"
        ET.SubElement(metronome, "per-minute").text = f"{bpm:g}"
        if at > start:
            ET.SubElement(mark, "offset").text = str(at - start)
        ET.SubElement(mark, "sound", tempo=f"{bpm:g}")


def _voice(measure: ET.Element, chords: list[_Chord], start: int, end: int, number: int, flats: bool) -> None:
    at = start
    for chord in chords:
        _notes(measure, at, chord.start, None, number, flats, start)
        _notes(measure, chord.start, chord.end, chord, number, flats, start)
        at = chord.end
    _notes(measure, at, end, None, number, flats, start)


def _notes(measure: ET.Element, start: int, end: int, chord: _Chord | None, voice: int, flats: bool, bar: int) -> None:
    """A chord or a rest in as many notes, tied, as it takes."""
    cuts = [start, *_cuts(start - bar, end - bar, bar)]
    for place, (left, right) in enumerate(pairwise(cuts)):
        tied = chord is not None and (chord.tied or place > 0)
        ties = chord is not None and (chord.ties or place < len(cuts) - 2)
        for index, pitch in enumerate(chord.pitches if chord is not None else (-1,)):
            note = ET.SubElement(measure, "note")
            if index:
                ET.SubElement(note, "chord")
            if pitch < 0:
                ET.SubElement(note, "rest")
            else:
                _pitch(note, pitch, flats)
            ET.SubElement(note, "duration").text = str(right - left)
            for wanted, kind in ((tied, "stop"), (ties, "start")):
                if wanted:
                    ET.SubElement(note, "tie", type=kind)
            ET.SubElement(note, "voice").text = str(voice)
            _shape(note, right - left)
            if tied or ties:
                notations = ET.SubElement(note, "notations")
                for wanted, kind in ((tied, "stop"), (ties, "start")):
                    if wanted:
                        ET.SubElement(notations, "tied", type=kind)


def _cuts(start: int, end: int, shift: int) -> list[int]:
    """Where a length is cut so that each piece has a note of its own shape."""
    found, at = [], start
    while at < end:
        room = end - at
        whole = [size for size in (*_SHAPES, *_TRIPLETS) if size <= room]
        exact = room if room in whole else None
        inside = at % DIVISIONS
        to_beat = DIVISIONS - inside if inside else 0
        if exact is None and to_beat and to_beat < room and to_beat in whole:
            exact = to_beat  # to the next beat first
        at += exact or max(whole, default=1)
        found.append(at + shift)
    return found


def _shape(note: ET.Element, length: int) -> None:
    if length in _SHAPES:
        name, dots = _SHAPES[length]
    elif length in _TRIPLETS:
        name, dots = _TRIPLETS[length], 0
    else:  # a twelfth of a beat: shorter than what is drawn
        name, dots = "32nd", 0
    ET.SubElement(note, "type").text = name
    for _ in range(dots):
        ET.SubElement(note, "dot")
    if length in _TRIPLETS and length not in _SHAPES:
        change = ET.SubElement(note, "time-modification")
        ET.SubElement(change, "actual-notes").text = "3"
        ET.SubElement(change, "normal-notes").text = "2"


def _pitch(note: ET.Element, pitch: int, flats: bool) -> None:
    step, alter = (_FLATS if flats else _SHARPS)[pitch % 12]
    found = ET.SubElement(note, "pitch")
    ET.SubElement(found, "step").text = step
    if alter:
        ET.SubElement(found, "alter").text = str(alter)
    ET.SubElement(found, "octave").text = str(pitch // 12 - 1)
