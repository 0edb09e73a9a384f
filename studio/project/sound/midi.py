"""Standard MIDI files, read with patience and written so that the same score gives the same bytes.

Files that others wrote are often a little wrong: notes that never end are ended with their track, a file that is cut
off is read up to the cut. (Kept libraries drop such notes or refuse such files.)
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from studio.project.sound.errors import SoundError
from studio.project.sound.score import BEND, LONGEST_TICKS, MOST_NOTES, TICKS, Control, Note, Part, Score
from studio.project.sound.tempo import FASTEST, SLOWEST, TempoChange, TempoMap, check_metre

MOST_BYTES = 64 << 20
MOST_CHANGES, MOST_METRES = 20_000, 1000
"""Changes of tempo and of metre that are read."""
DRUMS = 9
"""The channel of percussion, counted from 0."""
_LENGTHS = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}


def read(data: bytes, name: str = "This MIDI file") -> tuple[Score, list[str]]:
    """The score in a MIDI file and what was wrong with it, one sentence each. Raises SoundError where it is none."""
    if len(data) > MOST_BYTES:
        raise SoundError(f"{name} is larger than {MOST_BYTES >> 20} MB; it is not music that can be edited here.")
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":
        data = data[20:]
    if data[:4] != b"MThd" or len(data) < 14:
        raise SoundError(f"{name} is damaged or not a MIDI file.")
    _, _, division = struct.unpack_from(">HHH", data, 8)
    if division & 0x8000:  # ticks of film frames: a quarter note is half a second
        division = max((256 - (division >> 8)) * (division & 0xFF) // 2, 1)
    reader = _Reader(max(division, 1))
    at, number = 8 + int.from_bytes(data[4:8], "big"), 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4:at + 8], "big")
        if data[at:at + 4] == b"MTrk":
            reader.track(number, data[at + 8:at + 8 + size], cut=at + 8 + size > len(data))
            number += 1
        at += 8 + size
    return reader.score(name)


@dataclass
class _Voice:
    """One channel of one track."""

    name: str = ""
    program: int = -1
    notes: list[Note] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    open: dict[int, list[tuple[int, int]]] = field(default_factory=dict)


class _Reader:
    def __init__(self, division: int) -> None:
        self._division = division
        self._voices: dict[tuple[int, int], _Voice] = {}
        self._tempos: dict[int, float] = {0: 120.0}
        self._metres: dict[int, tuple[int, int]] = {0: (4, 4)}
        self._key: tuple[int, bool] | None = None
        self._title = ""
        self._count = self._hanging = 0
        self._cut = self._full = False

    def track(self, number: int, data: bytes, *, cut: bool) -> None:
        self._cut |= cut
        names: dict[str, str] = {}
        try:
            end = self._events(number, data, names)
        except IndexError:  # an event that goes on behind the end
            self._cut, end = True, self._last
        for (track, _), voice in self._voices.items():
            if track == number:
                voice.name = names.get("name", "")
                for pitch, starts in voice.open.items():
                    for start, velocity in starts:
                        self._hanging += 1
                        self._note(voice, start, max(end, start + self._division), pitch, velocity)
                voice.open.clear()
                if voice.program < 0:
                    voice.program = 0
        if number == 0:
            self._title = names.get("name", "")

    def _events(self, number: int, data: bytes, names: dict[str, str]) -> int:
        at, time, status = 0, 0, 0
        self._last = 0
        while at < len(data):
            delta, at = _variable(data, at)
            time = self._last = min(time + delta, LONGEST_TICKS)
            first = data[at]
            if first == 0xFF:
                kind = data[at + 1]
                size, at = _variable(data, at + 2)
                self._meta(kind, time, data[at:at + size], names)
                at, status = at + size, 0
                if kind == 0x2F:
                    return time
            elif first in (0xF0, 0xF7):
                size, at = _variable(data, at + 1)
                at, status = at + size, 0
            elif first > 0xF0:
                at += 1
            else:
                if first & 0x80:
                    status, at = first, at + 1
                if not status:  # a stray byte of data
                    at += 1
                    self._cut = True
                    continue
                count = _LENGTHS[status & 0xF0]
                self._message(number, status, time, data[at], data[at + count - 1])
                at += count
        return time

    def _message(self, number: int, status: int, time: int, one: int, two: int) -> None:
        kind, channel, one, two = status & 0xF0, status & 0x0F, one & 0x7F, two & 0x7F
        if kind not in (0x80, 0x90, 0xB0, 0xC0, 0xE0):
            return
        voice = self._voices.setdefault((number, channel), _Voice())
        if kind == 0x90 and two:
            voice.open.setdefault(one, []).append((time, two))
        elif kind in (0x80, 0x90):
            starts = voice.open.get(one)
            if starts:
                start, velocity = starts.pop(0)
                self._note(voice, start, time, one, velocity)
        elif kind == 0xC0:
            voice.program = one if voice.program < 0 else voice.program
        else:
            change = Control(self._tick(time), one, two) if kind == 0xB0 else Control(
                self._tick(time), BEND, one | two << 7)
            if len(voice.controls) < MOST_NOTES:
                voice.controls.append(change)

    def _note(self, voice: _Voice, start: int, end: int, pitch: int, velocity: int) -> None:
        if self._count >= MOST_NOTES:
            self._full = True
            return
        self._count += 1
        first = self._tick(start)
        voice.notes.append(Note(first, pitch, max(self._tick(end) - first, 1), velocity))

    def _tick(self, time: int) -> int:
        """As late as a file of ours can say: four groups of seven bits, with a note's length after it."""
        return min((time * TICKS + self._division // 2) // self._division, LONGEST_TICKS - 2)

    def _meta(self, kind: int, time: int, data: bytes, names: dict[str, str]) -> None:
        if kind == 0x03 and "name" not in names:
            names["name"] = data[:200].decode("utf-8", "replace").strip("\0 ")
        elif kind == 0x51 and len(data) >= 3 and (micro := int.from_bytes(data[:3], "big")):
            self._tempos[self._tick(time)] = min(max(_bpm(micro), SLOWEST), FASTEST)
        elif kind == 0x58 and len(data) >= 2:
            self._metres[self._tick(time)] = data[0], 1 << min(data[1], 8)
        elif kind == 0x59 and len(data) >= 2 and self._key is None:
            fifths = int.from_bytes(data[:1], "big", signed=True)
            if -7 <= fifths <= 7:
                self._key = fifths, data[1] == 1

    def score(self, name: str) -> tuple[Score, list[str]]:
        changes = sorted(self._tempos.items())[:MOST_CHANGES]
        tempo = self._with_metres(TempoMap(tuple(TempoChange(tick / TICKS, bpm) for tick, bpm in changes)))
        parts = tuple(Part(voice.name, voice.program, channel == DRUMS, controls=tuple(voice.controls)).with_notes(
            voice.notes) for (_, channel), voice in self._voices.items() if voice.notes)
        fifths, minor = self._key or (0, False)
        notes = []
        if self._cut:
            notes.append(f"{name} is damaged or cut off; it was read as far as it goes.")
        if self._hanging:
            notes.append(f"{self._hanging} notes of {name} never end; they were ended with their track.")
        if self._full:
            notes.append(f"{name} has more than {MOST_NOTES:,} notes; the rest was left out.")
        return Score(parts, tempo, fifths, minor, self._title), notes

    def _with_metres(self, tempo: TempoMap) -> TempoMap:
        for tick in sorted(self._metres)[:MOST_METRES]:
            beats, unit = self._metres[tick]
            try:
                check_metre(beats, unit)
                tempo = tempo.with_metre(tempo.bar_of_beat(tick / TICKS + 1e-6), beats, unit)
            except SoundError:
                continue
        return tempo


def _bpm(micro: int) -> float:
    """The roundest tempo that is written as so many microseconds."""
    found = 60e6 / micro
    return next((bpm for digits in (0, 1, 2, 3) if (bpm := round(found, digits)) and round(60e6 / bpm) == micro), found)


def _variable(data: bytes, at: int) -> tuple[int, int]:
    """A number of up to four groups of seven bits."""
    value = 0
    for _ in range(4):
        byte = data[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, at


# ---------------------------------------------------------------- writing

def write(score: Score) -> bytes:
    """The score as a MIDI file of format 1: a track of tempo and metre, then one for each part. The same score gives
    the same bytes."""
    tracks = [_conductor(score)]
    channels = [channel for channel in range(16) if channel != DRUMS]
    used = 0
    for part in score.parts:
        channel = DRUMS if part.drums else channels[used % len(channels)]
        used += not part.drums
        tracks.append(_part(part, channel))
    head = b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), TICKS)
    return head + b"".join(b"MTrk" + struct.pack(">I", len(track)) + track for track in tracks)


def _conductor(score: Score) -> bytes:
    events: list[tuple[int, int, bytes]] = [(0, 0, _text(0x03, score.title))] if score.title else []
    events.append((0, 1, bytes((0xFF, 0x59, 2, score.fifths & 0xFF, int(score.minor)))))
    for metre in score.tempo.metres:
        tick = round(score.tempo.bar_beat(metre.bar) * TICKS)
        events.append((tick, 2, bytes((0xFF, 0x58, 4, metre.beats, metre.unit.bit_length() - 1, 24, 8))))
    for tempo in score.tempo.tempos:
        micro = min(max(round(60e6 / tempo.bpm), 1), 0xFFFFFF)
        events.append((round(tempo.beat * TICKS), 3, b"\xff\x51\x03" + micro.to_bytes(3, "big")))
    return _packed(events)


def _part(part: Part, channel: int) -> bytes:
    events: list[tuple[int, int, bytes]] = [(0, 0, _text(0x03, part.name))] if part.name else []
    events.append((0, 1, bytes((0xC0 | channel, part.program & 0x7F))))
    for time, number, value in part.controls:
        message = (0xE0 | channel, value & 0x7F, value >> 7 & 0x7F) if number == BEND else (
            0xB0 | channel, number & 0x7F, value & 0x7F)
        events.append((time, 3, bytes(message)))
    for note in part.notes:  # at the same moment one note ends before another begins
        events.append((note.start, 4, bytes((0x90 | channel, note.pitch & 0x7F, min(max(note.velocity, 1), 127)))))
        events.append((note.start + max(note.length, 1), 2, bytes((0x80 | channel, note.pitch & 0x7F, 64))))
    return _packed(events)


def _packed(events: list[tuple[int, int, bytes]]) -> bytes:
    out, last = bytearray(), 0
    for time, _, message in sorted(events):
        out += _number(time - last) + message
        last = time
    return bytes(out + b"\0\xff\x2f\0")


def _text(kind: int, text: str) -> bytes:
    data = text.encode("utf-8", "replace")[:500]
    return bytes((0xFF, kind)) + _number(len(data)) + data


def _number(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
