"""Pieces as steps and steps as pieces.

A whole piece is ``BOS style mode metre tempo texture bar bar ... EOS``. Filling in the middle gives the bars before,
``GAP``, the bars after, ``FILL``, and then the bars that belong into the gap (Bavarian et al. 2022, "Efficient Training
of Language Models to Fill in the Middle"; Donahue et al. 2020, "Enabling Language Models to Fill in the Blanks").
Harmonising gives ``GIVEN``, the melody's bars, ``FILL``, and the bars of the other voices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plugins_builtin.music import vocabulary as v
from plugins_builtin.music.piece import Chord, Note, Piece
from plugins_builtin.music.vocabulary import Step

RARE = {"polka": "folk", "waltz": "folk"}
"""Styles that the corpora hardly have: metre, tempo and accompaniment make them, and the network is told another."""


def prefix(piece: Piece) -> list[Step]:
    """The steps that say what is asked for."""
    words = [v.BOS, v.ID[f"STYLE_{RARE.get(piece.style, piece.style)}"], v.ID[f"MODE_{piece.mode}"],
             v.ID[f"METRE_{piece.metre}"], v.ID[f"TEMPO_{piece.tempo}"], v.ID[f"TEXTURE_{piece.texture}"]]
    return [(word, 0, 0) for word in words]


def bar_steps(piece: Piece, number: int, roles: Sequence[str]) -> list[Step]:
    """One bar: how many are left, then each voice of `roles`."""
    steps: list[Step] = [(v.bar_id(piece.bars + piece.after - number), 0, 0)]
    for role in roles:
        steps.append((v.ID[f"VOICE_{role}"], 0, 0))
        steps += _chords(piece, number) if role == "chords" else _events(piece, number, role)
    return steps


def _events(piece: Piece, number: int, role: str) -> list[Step]:
    start, end = number * piece.bar, (number + 1) * piece.bar
    steps: list[Step] = []
    at = start
    for note in piece.voices.get(role, ()):
        if note.start + note.ticks <= at:
            continue
        if note.start >= end:
            break
        if note.start > at:
            steps.append((v.REST, note.start - at, note.start - start))
            at = note.start
        until = min(note.start + note.ticks, end)
        word = v.HOLD if note.start < start else v.pitch_id(note.pitch + piece.shift)
        steps.append((word, until - at, until - start))
        at = until
    if at < end:
        steps.append((v.REST, end - at, piece.bar))
    return steps


def _chords(piece: Piece, number: int) -> list[Step]:
    start, end = number * piece.bar, (number + 1) * piece.bar
    steps: list[Step] = []
    at = start
    for chord in piece.chords:
        if start <= chord.start < end:
            if chord.start > at:
                steps.append((v.REST, chord.start - at, chord.start - start))
            until = min(chord.start + chord.ticks, end)
            steps.append((v.chord_id(chord.root + piece.shift, chord.quality), until - chord.start, until - start))
            at = until
    if at < end:
        steps.append((v.REST, end - at, piece.bar))
    return steps


def bars(piece: Piece, numbers: Iterable[int], roles: Sequence[str] | None = None) -> list[Step]:
    steps: list[Step] = []
    for number in numbers:
        steps += bar_steps(piece, number, piece.roles if roles is None else roles)
    return steps


END: Step = (v.EOS, 0, 0)


def whole(piece: Piece) -> list[Step]:
    """The piece from its first bar to its last; a cut before the end has no `EOS`."""
    return [*prefix(piece), *bars(piece, range(piece.bars)), *([] if piece.after else [END])]


def filling(piece: Piece, first: int, last: int) -> list[Step]:
    """The piece with bars `first` up to but without `last` at its end."""
    return [*asked(piece, first, last), *bars(piece, range(first, last)), END]


def asked(piece: Piece, first: int, last: int) -> list[Step]:
    """What stands before the bars that are filled in."""
    after = bars(piece, range(last, piece.bars))
    return [*prefix(piece), *bars(piece, range(first)), (v.GAP, 0, 0), *after, (v.FILL, 0, 0)]


def harmonising(piece: Piece) -> list[Step]:
    """The melody, then the other voices."""
    return [*given(piece), *bars(piece, range(piece.bars), piece.roles[1:]), END]


def given(piece: Piece) -> list[Step]:
    """What stands before the voices that are added to a melody."""
    return [*prefix(piece), (v.GIVEN, 0, 0), *bars(piece, range(piece.bars), ("melody",)), (v.FILL, 0, 0)]


class Reader:
    """Notes and chords out of steps, bar by bar.

    Attributes:
        voices: notes so far by voice, which `HOLD` makes longer.
        chords: chords so far.
    """

    def __init__(self, piece: Piece) -> None:
        """`piece` says metre and tonic, and gives what is there already."""
        self.piece = piece
        self.voices: dict[str, list[Note]] = {role: list(piece.voices.get(role, ())) for role in v.VOICES
                                              if role != "chords"}
        self.chords: list[Chord] = list(piece.chords)

    def event(self, role: str, start: int, word: int, ticks: int) -> None:
        """Add one event of a voice; `start` in ticks from bar 0."""
        if word == v.REST:
            return
        if role == "chords":
            root, quality = divmod(word - v.FIRST_CHORD, len(v.QUALITIES))
            self.chords.append(Chord(start, ticks, (root - self.piece.shift) % 12, tuple(v.QUALITIES)[quality]))
            return
        notes = self.voices[role]
        if word == v.HOLD:
            if notes and notes[-1].start + notes[-1].ticks == start:
                notes[-1] = notes[-1]._replace(ticks=notes[-1].ticks + ticks)
            return
        notes.append(Note(start, ticks, word - v.FIRST_PITCH + v.LOWEST - self.piece.shift))

    def bar(self, number: int, steps: Sequence[Step]) -> None:
        """Read the steps of one bar as `bar_steps` writes them."""
        role, start = "melody", number * self.piece.bar
        for word, ticks, place in steps:
            if ticks:
                self.event(role, start + place - ticks, word, ticks)
            elif v.WORDS[word].startswith("VOICE_"):
                role = v.WORDS[word].removeprefix("VOICE_")
