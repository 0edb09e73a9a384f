"""Chords that fit a melody, found by dynamic programming over half bars.

Each segment scores every chord of the mode by how much of its sound lies in the chord; changes cost a little, dominants
like to go home, and the piece likes to begin and end on its tonic. The best path is Viterbi's (Raphael and Stoddard
2004, "Functional Harmonic Analysis Using Probabilistic Models", use the same shape with learnt numbers).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from plugins_builtin.music.piece import Chord, Note, Piece
from plugins_builtin.music.vocabulary import QUALITIES

SEGMENT = {"2/4": 24, "3/4": 36, "4/4": 24, "2/2": 24, "3/2": 24, "3/8": 18, "6/8": 18, "9/8": 18, "12/8": 36,
           "6/4": 36}

# (root above the tonic, quality, how welcome it is), Roman numerals in the order I IV V V7 vi ii iii II bVII
CHORDS: dict[str, tuple[tuple[int, str, float], ...]] = {
    "major": ((0, "maj", 0.5), (5, "maj", 0.35), (7, "maj", 0.35), (7, "7", 0.3), (9, "min", 0.1), (2, "min", 0.1),
              (4, "min", -0.2), (2, "7", -0.15), (10, "maj", -0.5)),
    "minor": ((0, "min", 0.5), (5, "min", 0.3), (7, "7", 0.25), (7, "maj", 0.15), (7, "min", 0.0), (3, "maj", 0.15),
              (8, "maj", 0.15), (10, "maj", 0.2), (2, "dim", -0.3)),
    "dorian": ((0, "min", 0.5), (10, "maj", 0.35), (5, "maj", 0.25), (3, "maj", 0.1), (7, "min", 0.1),
               (2, "min", -0.1)),
    "mixolydian": ((0, "maj", 0.5), (10, "maj", 0.35), (5, "maj", 0.25), (7, "min", 0.0), (2, "min", 0.05),
                   (9, "min", 0.0)),
}
CHANGE_AT_BAR, CHANGE_INSIDE = 0.05, 0.4
HOME = 1.5
OUTSIDE = 0.9


def weights(notes: Iterable[Note], piece: Piece, segments: int) -> Any:
    """float64 (segments, 12): sound of each pitch class above the tonic, heavier on the first beat of a segment."""
    import numpy as np

    size = SEGMENT[piece.metre]
    sound = np.zeros((segments, 12))
    for note in notes:
        start, end = note.start, min(note.start + note.ticks, segments * size)
        emphasis = 1.6 if start % size == 0 else 1.15 if start % 12 == 0 else 1.0
        while start < end:
            until = min(end, (start // size + 1) * size)
            sound[start // size, (note.pitch - piece.tonic) % 12] += (until - start) * emphasis
            start = until
    return sound / size


def infer(piece: Piece) -> tuple[Chord, ...]:
    """Chords for all notes of the piece; adjacent equal ones in a bar are one."""
    size = SEGMENT[piece.metre]
    segments = piece.bars * piece.bar // size
    if not segments:
        return ()
    notes = [note for voice in piece.voices.values() for note in voice]
    path = _path(weights(notes, piece, segments), piece, size)
    chords: list[Chord] = []
    for number, (root, quality, _) in enumerate(path):
        start = number * size
        if chords and start % piece.bar and chords[-1][2:] == ((root + piece.tonic) % 12, quality):
            chords[-1] = chords[-1]._replace(ticks=chords[-1].ticks + size)
        else:
            chords.append(Chord(start, size, (root + piece.tonic) % 12, quality))
    return tuple(chords)


def _path(sound: Any, piece: Piece, size: int) -> list[tuple[int, str, float]]:
    import numpy as np

    choice = CHORDS[piece.mode]
    inside = np.zeros((len(choice), 12))
    for row, (root, quality, _) in enumerate(choice):
        for step, interval in enumerate(QUALITIES[quality]):
            inside[row, (root + interval) % 12] = 1.1 if step == 0 else 0.6 if step == 3 else 1.0
    welcome = np.array([c[2] for c in choice]) * 0.25
    fit = sound @ inside.T - OUTSIDE * sound @ (inside == 0).T + welcome
    fit[0, 0] += HOME / 3
    fit[-1, 0] += HOME
    moves = np.array([[_move(a, b) for b in choice] for a in choice])
    best, back = fit[0], []
    for number in range(1, len(fit)):
        cost = CHANGE_AT_BAR if number * size % piece.bar == 0 else CHANGE_INSIDE
        total = best[:, None] + moves - cost * (1 - np.eye(len(choice)))
        back.append(total.argmax(0))
        best = total.max(0) + fit[number]
    at = int(best.argmax())
    path = [at]
    for step in reversed(back):
        at = int(step[at])
        path.append(at)
    return [choice[i] for i in reversed(path)]


def _move(before: tuple[int, str, float], after: tuple[int, str, float]) -> float:
    if before[1] == "7":  # a seventh wants to fall a fifth
        return 0.25 if (before[0] - after[0]) % 12 == 7 else 0.0 if before[:2] == after[:2] else -0.3
    return 0.1 if (before[0] - after[0]) % 12 == 7 else 0.0


def with_chords(piece: Piece) -> Piece:
    """The melody of the piece with chords under it."""
    melody = {"melody": piece.voices["melody"]}
    return replace(piece, texture="chords", voices=melody, chords=infer(piece))
