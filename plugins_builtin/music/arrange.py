"""From voices and chord symbols to parts for instruments: who plays, and how chords are laid out under a melody."""

from __future__ import annotations

from dataclasses import dataclass

from plugins_builtin.music.instruments import BY_NAME, Instrument, into_range
from plugins_builtin.music.piece import Chord, Note, Piece
from plugins_builtin.music.vocabulary import QUALITIES

BEAT = {"3/8": 6, "6/8": 18, "9/8": 18, "12/8": 18, "2/2": 24, "3/2": 24}
"""Ticks of a beat where it is not a quarter note."""
LOUD = {"melody": 96, "alto": 78, "tenor": 78, "bass": 82, "chords": 58, "low": 66}
USUAL: dict[str, tuple[str, ...]] = {
    "folk": ("flute", "guitar", "double bass"), "reel": ("fiddle", "guitar", "double bass"),
    "jig": ("fiddle", "guitar", "double bass"), "slip jig": ("whistle", "guitar", "double bass"),
    "hornpipe": ("concertina", "piano", "double bass"), "strathspey": ("fiddle", "piano", "cello"),
    "polka": ("accordion", "guitar", "tuba"), "march": ("trumpet", "horn", "tuba"),
    "waltz": ("violin", "piano", "cello"), "air": ("flute", "harp", "cello"), "fling": ("fiddle", "piano", "cello"),
    "chorale": ("organ", "organ", "organ"),
}
BROKEN = ("harp", "guitar", "steel guitar", "piano", "dulcimer", "music box", "celesta")
"""Instruments that play slow chords as broken ones."""


@dataclass(frozen=True)
class Part:
    """One track: what is played, by whom, and which voice of the piece it is ("chords" and "low" are made here)."""

    role: str
    instrument: Instrument
    notes: tuple[tuple[int, int, int, int], ...]
    """(start, ticks, MIDI number, velocity), times in twelfths of a quarter note."""

    @property
    def name(self) -> str:
        return {"low": "Low part"}.get(self.role, self.role.capitalize())


def players(piece: Piece, wished: tuple[Instrument, ...]) -> dict[str, Instrument]:
    """Who plays each role; the wished ones come first, the style's usual ones after them."""
    roles = ("melody", "chords", "low") if piece.texture == "chords" else piece.roles
    usual = [BY_NAME[name] for name in USUAL.get(piece.style, USUAL["folk"])]
    if piece.texture == "four":
        choir = wished or (BY_NAME["choir"],)
        return {role: choir[min(number, len(choir) - 1)] for number, role in enumerate(roles)}
    chosen = list(wished[: len(roles)])
    if len(chosen) == 2 and chosen[1].low <= 45:  # the second can play the bass as well
        chosen.append(chosen[1])
    if len(chosen) == 1 and chosen[0].name in ("piano", "guitar", "organ", "harp", "accordion", "harpsichord",
                                               "electric piano", "steel guitar"):
        chosen = chosen * 3
    chosen += usual[len(chosen):]
    return dict(zip(roles, chosen, strict=False))


def parts(piece: Piece, who: dict[str, Instrument]) -> list[Part]:
    """All parts of the piece in order: melody, other voices, or chords and a low part under the melody."""
    made = []
    for role in piece.roles:
        if role != "chords":
            notes = tuple((n.start, n.ticks, n.pitch, accent(piece, n.start, LOUD[role]))
                          for n in _lifted(piece.voices.get(role, ()), who[role]))
            made.append(Part(role, who[role], notes))
    if piece.texture == "chords":
        high, low = accompaniment(piece, who["chords"], who["low"])
        made += [Part("chords", who["chords"], high), Part("low", who["low"], low)]
    return made


def _lifted(notes: tuple[Note, ...], instrument: Instrument) -> list[Note]:
    """The voice, moved as a whole by octaves towards the instrument's range, then note by note where it is wider."""
    if not notes:
        return []
    middle = sorted(n.pitch for n in notes)[len(notes) // 2]
    octaves = 12 * round((into_range(middle, instrument) - middle) / 12)
    return [n._replace(pitch=into_range(n.pitch + octaves, instrument)) for n in notes]


def accent(piece: Piece, start: int, loud: int) -> int:
    """Velocity: first beats stand out, what lies between beats steps back."""
    place = start % piece.bar
    beat = BEAT.get(piece.metre, 12)
    return loud + (8 if place == 0 else 2 if place % beat == 0 else -6)


Notes = tuple[tuple[int, int, int, int], ...]


def accompaniment(piece: Piece, high: Instrument, low: Instrument) -> tuple[Notes, Notes]:
    """The chords as played by `high` and their roots as played by `low`, in the manner of metre and style."""
    upper: list[tuple[int, int, int, int]] = []
    lower: list[tuple[int, int, int, int]] = []
    before: tuple[int, ...] = ()
    for chord in piece.chords:
        if chord.start % piece.bar == 0 and chord.start // piece.bar in piece.starts:
            before = ()  # so that a section that comes again is played as it was
        tones = voicing(chord, before, high)
        before = tones
        end = chord.start + chord.ticks
        last = end >= piece.bars * piece.bar and not piece.after
        if last or piece.style == "chorale":
            _block(piece, chord, tones, low, upper, lower)
        elif piece.style == "air" and high.name in BROKEN:
            _broken(piece, chord, tones, low, upper, lower)
        else:
            _beats(piece, chord, tones, low, upper, lower)
    return tuple(sorted(upper)), tuple(sorted(lower))


def voicing(chord: Chord, before: tuple[int, ...], instrument: Instrument) -> tuple[int, ...]:
    """Three tones in close position, the inversion nearest to the chord before; about middle C."""
    intervals = QUALITIES[chord.quality]
    intervals = (intervals[0], intervals[1], intervals[3]) if len(intervals) == 4 else intervals
    centre = sum(before) / len(before) if before else min(max(60, instrument.low + 6), instrument.high - 6)
    choices = []
    for turn in range(3):
        rotated = [i + (12 if number < turn else 0) for number, i in enumerate(intervals)]
        for octave in range(2, 7):
            tones = sorted(12 * octave + chord.root + i for i in rotated)
            middle = sum(tones) / 3
            choices.append((abs(middle - centre) + 0.5 * abs(middle - 61), tuple(tones)))
    return tuple(into_range(t, instrument) for t in min(choices)[1])


def _root(chord: Chord, low: Instrument, fifth: bool = False) -> int:
    intervals = QUALITIES[chord.quality]
    pitch = 36 + chord.root + (intervals[2] if fifth else 0)
    pitch -= 12 if pitch > 50 else 0
    return into_range(pitch, low)


def _block(piece: Piece, chord: Chord, tones: tuple[int, ...], low: Instrument, upper: list[tuple[int, int, int, int]],
           lower: list[tuple[int, int, int, int]]) -> None:
    upper += [(chord.start, chord.ticks, tone, accent(piece, chord.start, LOUD["chords"])) for tone in tones]
    lower.append((chord.start, chord.ticks, _root(chord, low), accent(piece, chord.start, LOUD["low"])))


def _broken(piece: Piece, chord: Chord, tones: tuple[int, ...], low: Instrument, upper: list[tuple[int, int, int, int]],
            lower: list[tuple[int, int, int, int]]) -> None:
    lower.append((chord.start, chord.ticks, _root(chord, low), accent(piece, chord.start, LOUD["low"])))
    order = (tones[0], tones[1], tones[2], tones[1])
    for number, start in enumerate(range(chord.start, chord.start + chord.ticks, 6)):
        ticks = min(12, chord.start + chord.ticks - start)
        upper.append((start, ticks, order[number % 4], accent(piece, start, LOUD["chords"])))


def _beats(piece: Piece, chord: Chord, tones: tuple[int, ...], low: Instrument, upper: list[tuple[int, int, int, int]],
           lower: list[tuple[int, int, int, int]]) -> None:
    """A low note on strong beats, the chord on the others: oom-pah, oom-pah-pah, or the lilt of a jig."""
    end = chord.start + chord.ticks
    three = piece.metre in ("3/4", "3/8", "6/4")
    lilt = piece.metre in ("6/8", "9/8", "12/8")
    beat = 18 if lilt else 6 if piece.metre in ("3/8", "2/4") else 12
    at, count = chord.start, 0
    while at < end:
        place = at % piece.bar
        strong = place % (3 * beat) == 0 if three else lilt or (place // beat) % 2 == 0
        ticks = min(beat, end - at)
        if strong:
            fifth = count > 0 and not three
            lower.append((at, ticks if not lilt else min(12, ticks), _root(chord, low, fifth),
                          accent(piece, at, LOUD["low"])))
            count += 1
        if not strong or lilt:
            start, long = (at + 12, 5) if lilt else (at, max(ticks - 2, 2))
            if start < end:
                upper += [(start, long, tone, accent(piece, start, LOUD["chords"])) for tone in tones]
        at += beat


def shifted(found: list[Part], ticks: int) -> list[Part]:
    """The parts, later by so many ticks."""
    return [Part(p.role, p.instrument, tuple((s + ticks, t, n, v) for s, t, n, v in p.notes)) for p in found]
