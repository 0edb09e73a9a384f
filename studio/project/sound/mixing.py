"""The parts of a score: silent ones, one alone, more and fewer. Pure functions, as in `notes`.

A silent part has its MIDI volume (controller 7) at 0, so that any player keeps it silent. What the controller had been
told waits under a number that MIDI leaves undefined.
"""

from __future__ import annotations

from dataclasses import replace

from studio.project.sound.errors import SoundError
from studio.project.sound.score import Control, Part, Score

VOLUME, KEPT = 7, 87
MOST_PARTS = 64


def is_muted(part: Part) -> bool:
    """Whether it is silent from its beginning to its end."""
    return [c[2] for c in part.controls if c.number == VOLUME] == [0]


def muted(part: Part, on: bool) -> Part:
    """The part, silent or as it was before it was."""
    if on == is_muted(part):
        return part
    renamed = {VOLUME: KEPT} if on else {KEPT: VOLUME}
    others = [c for c in part.controls if on or c.number != VOLUME]
    controls = [c._replace(number=renamed.get(c.number, c.number)) for c in others]
    return replace(part, controls=tuple(sorted([*controls, *([Control(0, VOLUME, 0)] if on else [])])))


def set_muted(score: Score, part: int, on: bool) -> Score:
    """Silence a part, or let it be heard again."""
    return score.with_part(part, muted(_there(score, part), on))


def is_alone(score: Score, part: int) -> bool:
    """Whether only this one of several parts is heard."""
    return len(score.parts) > 1 and all(is_muted(p) != (n == part) for n, p in enumerate(score.parts))


def set_alone(score: Score, part: int, on: bool) -> Score:
    """Silence all others, or let all be heard."""
    _there(score, part)
    return replace(score, parts=tuple(muted(p, on and n != part) for n, p in enumerate(score.parts)))


def add_part(score: Score, name: str, program: int = 0) -> Score:
    """With one more part, without notes."""
    if len(score.parts) >= MOST_PARTS:
        raise SoundError(f"A score holds at most {MOST_PARTS} parts.")
    return replace(score, parts=(*score.parts, Part(name, program)))


def remove_part(score: Score, part: int) -> Score:
    """Without a part; the last one stays."""
    _there(score, part)
    if len(score.parts) == 1:
        raise SoundError("A score has at least one part; delete the clip instead.")
    return replace(score, parts=(*score.parts[:part], *score.parts[part + 1:]))


def _there(score: Score, part: int) -> Part:
    if not 0 <= part < len(score.parts):
        raise SoundError("That part is no longer there; choose another.")
    return score.parts[part]
