"""Drawing steps from a network so that only valid ones come: bars add up, voices stay in range, chords change on beats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from plugins_builtin.music import encode
from plugins_builtin.music import vocabulary as v
from plugins_builtin.music.harmony import SEGMENT
from plugins_builtin.music.piece import Note, Piece
from plugins_builtin.music.vocabulary import Step

USUAL_TICKS = (2, 3, 4, 6, 8, 9, 12, 15, 18, 21, 24, 30, 36, 42, 48, 54, 60, 66, 72)
"""Durations that are drawn; what is left of a bar may always be taken whole."""
CHORD_WORDS = range(v.FIRST_CHORD, v.FIRST_CHORD + 12 * len(v.QUALITIES))
MOST_REPEATS = 4
"""Times that a note may follow itself with the same duration."""


@dataclass(frozen=True)
class Taste:
    """How steps are drawn. temperature 0 takes the likeliest; top_p cuts the tail (Holtzman et al. 2020)."""

    temperature: float = 1.0
    top_p: float = 0.95


class Sampler:
    """Feeds a network and draws from it.

    Args:
        draw: torch.Generator on the CPU.
        check: called before each step; raises to stop.
    """

    def __init__(self, network: Any, taste: Taste, draw: Any, check: Callable[[], None]) -> None:
        self.network, self.taste, self.draw, self.check = network, taste, draw, check
        self.context = int(network.shape.context)
        self.fed: list[Step] = []
        self._state: Any = None
        self._hidden: Any = None
        self.log_likelihood = 0.0

    def restart(self, steps: Sequence[Step]) -> None:
        """Forget all and read `steps` in one go."""
        self._state, self.fed = self.network.start(), []
        self._feed(list(steps))

    def _feed(self, steps: list[Step]) -> None:
        import torch

        self.check()
        with torch.inference_mode():
            self._hidden = self.network(torch.tensor([steps]), self._state)[0, -1]
        self.fed += steps

    def feed(self, step: Step) -> None:
        self._feed([step])

    def word(self, allowed: Sequence[int]) -> int:
        """Draw one of the allowed words."""
        import torch

        with torch.inference_mode():
            logits = self.network.steps.words(self._hidden)
        return allowed[self._pick(logits[list(allowed)])]

    def ticks(self, word: int, allowed: Sequence[int]) -> int:
        """Draw how long `word` lasts, out of the allowed ticks."""
        import torch

        with torch.inference_mode():
            logits = self.network.steps.lengths(self._hidden, torch.tensor(word))
        return allowed[self._pick(logits[list(allowed)])]

    def _pick(self, logits: Any) -> int:
        import torch

        if self.taste.temperature <= 0 or len(logits) == 1:
            return int(logits.argmax())
        likely, order = (logits.double() / self.taste.temperature).softmax(0).sort(descending=True, stable=True)
        keep = likely.cumsum(0) - likely < self.taste.top_p
        chances = likely * keep
        number = int(torch.multinomial(chances / chances.sum(), 1, generator=self.draw))
        self.log_likelihood += float(likely[number].log())
        return int(order[number])


@dataclass(frozen=True)
class Limits:
    """Lowest and highest MIDI number of each voice, as they sound."""

    low: int
    high: int


@dataclass(frozen=True)
class Manner:
    """How a bar stands in the form. close: "home" or "open" where a section ends with it; fresh: no note of the bar
    before is held into it."""

    close: str = ""
    fresh: bool = False


def write_bar(sampler: Sampler, reader: encode.Reader, piece: Piece, number: int, roles: Sequence[str],
              limits: dict[str, Limits], manner: Manner = Manner()) -> list[Step]:
    """Draw one bar of `roles` and read it into `reader`; returns its steps."""
    steps: list[Step] = [(v.bar_id(piece.bars + piece.after - number), 0, 0)]
    sampler.feed(steps[0])
    for role in roles:
        steps.append((v.ID[f"VOICE_{role}"], 0, 0))
        sampler.feed(steps[-1])
        place = 0
        while place < piece.bar:
            step = _draw_event(sampler, reader, piece, number, role, place, limits, manner)
            place = step[2]
            reader.event(role, number * piece.bar + place - step[1], step[0], step[1])
            sampler.feed(step)
            steps.append(step)
    return steps


def repeat_bar(sampler: Sampler, reader: encode.Reader, piece: Piece, number: int, bar: Sequence[Step]) -> list[Step]:
    """Give the network and the reader a bar that was written before, as if it had been drawn again."""
    steps = [(v.bar_id(piece.bars + piece.after - number), 0, 0), *bar[1:]]
    for step in steps:
        sampler.feed(step)
    reader.bar(number, steps)
    return steps


def _draw_event(sampler: Sampler, reader: encode.Reader, piece: Piece, number: int, role: str, place: int,
                limits: dict[str, Limits], manner: Manner) -> Step:
    left = piece.bar - place
    final = number + 1 == piece.bars + piece.after or manner.close == "home"
    if role == "chords":
        size = SEGMENT[piece.metre]
        allowed = list(range(size, left + 1, size)) or [left]
        closing = final or manner.close == "open"
        goal = v.chord_id(0, "maj" if piece.mode in ("major", "mixolydian") else "min") if final else \
            v.chord_id(7, "maj" if piece.mode in ("major", "minor") else "min")
        word = goal if closing and (len(allowed) == 1 or place) else sampler.word(CHORD_WORDS)
        if closing and word != goal:  # what is not there yet goes there
            allowed = allowed[:-1]
        elif closing:
            allowed = [left]
    else:
        words = allowed_words(reader.voices[role], piece, number, place, limits.get(role))
        if manner.fresh and place == 0:
            words = [word for word in words if word != v.HOLD]
        allowed = [t for t in USUAL_TICKS if t < left and usable(left - t)] + [left]
        goals = last_words(words, role, piece.mode) if final else open_words(words) if manner.close == "open" else words
        if goals is not words and left <= piece.bar // 2:
            words, allowed = goals, [left]
        word = sampler.word(words)
        if goals is not words and word not in goals:  # a long note would be the last one
            allowed = [t for t in allowed if t < left] or allowed
        if word == v.REST and role == "melody":  # a melody does not fall silent for whole bars
            allowed = [t for t in allowed if t <= piece.bar // 2] or [min(left, allowed[0])]
    ticks = sampler.ticks(word, allowed)
    return word, ticks, place + ticks


def last_words(words: Sequence[int], role: str, mode: str) -> list[int]:
    """Of these words the ones that a piece can end on: the tonic in the outer voices, its chord in the others."""
    third = 4 if mode in ("major", "mixolydian") else 3
    steps = (0,) if role in ("melody", "bass") else (0, third, 7)
    pitches = [w for w in words if w >= v.FIRST_PITCH and (w - v.FIRST_PITCH + v.LOWEST) % 12 in steps]
    return pitches or list(words)


def open_words(words: Sequence[int]) -> list[int]:
    """Of these words the ones on which a section ends without coming home: root and fifth of the dominant."""
    pitches = [w for w in words if w >= v.FIRST_PITCH and (w - v.FIRST_PITCH + v.LOWEST) % 12 in (7, 2)]
    return pitches or list(words)


def usable(left: int) -> bool:
    """Whether a rest of a bar so long can be filled with usual durations: no splinters."""
    return left == 0 or left in USUAL_TICKS or left > 24


def allowed_words(notes: Sequence[Note], piece: Piece, number: int, place: int, limits: Limits | None) -> list[int]:
    """Pitches in range, a rest where the bar is not the last, and `HOLD` where a note reaches the bar line."""
    low, high = (limits.low, limits.high) if limits else (0, 127)
    words = [v.FIRST_PITCH + p - v.LOWEST for p in range(v.LOWEST, v.HIGHEST + 1) if low <= p - piece.shift <= high]
    start = number * piece.bar + place
    if notes and place == 0 and notes[-1].start + notes[-1].ticks == start:
        words.append(v.HOLD)
    if place or number + 1 < piece.bars + piece.after:
        words.append(v.REST)
    if len(notes) >= MOST_REPEATS and len({n[1:] for n in notes[-MOST_REPEATS:]}) == 1:
        again = v.FIRST_PITCH + notes[-1].pitch + piece.shift - v.LOWEST
        words = [word for word in words if word not in (again, v.HOLD)] or words
    return words
