"""What can be counted in a melody: the usual figures for symbolic music, and how much of it was copied.

Sources: Wu and Yang 2020, "The Jazz Transformer on the Front Line" (pitch-class entropy, groove); Dong et al. 2020,
"MusPy" (scale and groove consistency); Yin et al. 2021, "A Good Algorithm Does Not Steal" (copied runs).
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence

from plugins_builtin.music.piece import Note, Piece

SCALES = tuple({(tonic + step) % 12 for step in steps} for tonic in range(12)
               for steps in ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)))


def pitch_class_entropy(notes: Sequence[Note]) -> float:
    """Bits, 0 to log2(12) = 3.58, over the pitch classes of the notes."""
    counts = Counter(note.pitch % 12 for note in notes)
    total = sum(counts.values())
    return -sum(n / total * math.log2(n / total) for n in counts.values()) if total else 0.0


def scale_consistency(notes: Sequence[Note]) -> float:
    """Largest share of notes that lie in one major or natural minor scale."""
    if not notes:
        return 0.0
    return max(sum(note.pitch % 12 in scale for note in notes) for scale in SCALES) / len(notes)


def groove_consistency(notes: Sequence[Note], bar: int) -> float:
    """1 less the share of grid places at which a bar and the next differ in whether a note begins."""
    bars = _bars(notes, bar)
    onsets = [{start for start, _, _ in events} for events in bars]
    pairs = list(itertools.pairwise(onsets))
    return 1 - sum(len(a ^ b) for a, b in pairs) / (len(pairs) * bar) if pairs else 1.0


def self_similarity(notes: Sequence[Note], bar: int) -> float:
    """Mean over the bars of how like the most similar other bar is: shared notes over all notes of both, 0 to 1."""
    bars = [set(events) for events in _bars(notes, bar)]
    if len(bars) < 2:
        return 0.0
    best = [max(len(a & b) / max(len(a | b), 1) for k, b in enumerate(bars) if k != i) for i, a in enumerate(bars)]
    return sum(best) / len(best)


def _bars(notes: Sequence[Note], bar: int) -> list[list[tuple[int, int, int]]]:
    count = max((note.start // bar for note in notes), default=-1) + 1
    bars: list[list[tuple[int, int, int]]] = [[] for _ in range(count)]
    for note in notes:
        bars[note.start // bar].append((note.start % bar, note.ticks, note.pitch))
    return bars


def figures(piece: Piece) -> dict[str, float]:
    """All of the above for the melody of a piece."""
    notes = piece.voices["melody"]
    return {"pitch class entropy": pitch_class_entropy(notes), "scale consistency": scale_consistency(notes),
            "groove consistency": groove_consistency(notes, piece.bar),
            "bar self-similarity": self_similarity(notes, piece.bar), "notes in a bar": len(notes) / max(piece.bars, 1)}


class Copies:
    """Finds the longest run of notes of a melody, in any key, that occurs in a training melody."""

    def __init__(self, training: Iterable[Piece], longest: int = 128) -> None:
        self._melodies = [moves(piece.voices["melody"]) for piece in training]
        self._known: dict[int, set[int]] = {}
        self._longest = longest

    def longest(self, notes: Sequence[Note]) -> int:
        """Notes in the longest copied run: equal intervals and durations, one after another."""
        row = moves(notes)
        low, high = 0, min(len(row), self._longest)
        while low < high:
            middle = (low + high + 1) // 2
            if any(hash(row[i:i + middle]) in self._grams(middle) for i in range(len(row) - middle + 1)):
                low = middle
            else:
                high = middle - 1
        return low + 1 if low else 0

    def _grams(self, size: int) -> set[int]:
        if size not in self._known:
            self._known[size] = {hash(row[i:i + size]) for row in self._melodies for i in range(len(row) - size + 1)}
        return self._known[size]


def moves(notes: Sequence[Note]) -> tuple[tuple[int, int], ...]:
    """(semitones to the next note, ticks from its start to the next) for each note but the last."""
    return tuple((b.pitch - a.pitch, b.start - a.start) for a, b in itertools.pairwise(notes))


def likeness_at(notes: Sequence[Note], bar: int, lag: int) -> float | None:
    """Mean over the bars of how like the bar `lag` before each is, 0 to 1; None for a piece that is too short."""
    bars = [set(events) for events in _bars(notes, bar)]
    if len(bars) <= lag:
        return None
    pairs = list(zip(bars, bars[lag:], strict=False))
    return sum(len(a & b) / max(len(a | b), 1) for a, b in pairs) / len(pairs)
