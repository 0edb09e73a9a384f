"""The words that the symbolic models read and write.

A piece is a row of steps (word, ticks, place). A bar is the word `BAR_n` (n bars are left, this one included), then for
each voice its name and its events: a pitch, a rest, a chord or `HOLD` (the last note goes on over the bar line), which
last `ticks`; other words last 0. `place` is where in the bar the next event of the voice starts, so a bar adds up or
can be seen not to. Pitches and chords are relative to the tonic: every piece is read as if its tonic were C, so that
all keys share what is learnt.
"""

from __future__ import annotations

TICKS = 12
"""Ticks in a quarter note."""

STYLES = ("any", "folk", "reel", "jig", "slip jig", "hornpipe", "strathspey", "polka", "march", "waltz", "air",
          "chorale", "fling")
MODES = ("major", "minor", "dorian", "mixolydian")
METRES = ("2/4", "3/4", "4/4", "2/2", "3/2", "3/8", "6/8", "9/8", "12/8", "6/4")
TEMPI = ("any", "slow", "moderate", "fast")
TEXTURES = ("solo", "chords", "four")
"""A melody alone, a melody with chord symbols, four voices."""
VOICES = ("melody", "chords", "alto", "tenor", "bass")
ROLES: dict[str, tuple[str, ...]] = {
    "solo": ("melody",), "chords": ("melody", "chords"), "four": ("melody", "alto", "tenor", "bass"),
}
QUALITIES: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10), "dim": (0, 3, 6),
}
LOWEST, HIGHEST = 34, 98
"""MIDI numbers, both included, of pitches that have a token once the tonic is moved to C."""
MOST_BARS = 32
"""Bars that can be counted down; in a longer piece the earlier ones say 32."""
LONGEST = 72
"""Ticks of the longest duration: a bar of 12/8."""


def _words() -> tuple[str, ...]:
    words = ["PAD", "BOS", "EOS", "GAP", "FILL", "GIVEN", "HOLD", "REST"]
    words += [f"STYLE_{style}" for style in STYLES] + [f"MODE_{mode}" for mode in MODES]
    words += [f"METRE_{metre}" for metre in METRES] + [f"TEMPO_{tempo}" for tempo in TEMPI]
    words += [f"TEXTURE_{texture}" for texture in TEXTURES] + [f"VOICE_{voice}" for voice in VOICES]
    words += [f"BAR_{left}" for left in range(1, MOST_BARS + 1)]
    words += [f"CHORD_{root}_{quality}" for root in range(12) for quality in QUALITIES]
    words += [f"PITCH_{pitch}" for pitch in range(LOWEST, HIGHEST + 1)]
    return tuple(words)


Step = tuple[int, int, int]
"""(word, ticks, place): see above."""

WORDS = _words()
ID: dict[str, int] = {word: number for number, word in enumerate(WORDS)}
SIZE = len(WORDS)

PAD, BOS, EOS, GAP, FILL, GIVEN, HOLD, REST = range(8)
FIRST_PITCH = ID[f"PITCH_{LOWEST}"]
FIRST_CHORD = ID["CHORD_0_maj"]
FIRST_BAR = ID["BAR_1"]
EVENTS = (HOLD, REST, *range(FIRST_CHORD, SIZE))
"""Words that last."""


def pitch_id(pitch: int) -> int:
    """Token of a pitch relative to a tonic of C, moved by octaves into the range that has tokens."""
    while pitch < LOWEST:
        pitch += 12
    while pitch > HIGHEST:
        pitch -= 12
    return FIRST_PITCH + pitch - LOWEST


def bar_id(left: int) -> int:
    """Token of a bar; `left` counts it and the bars after it."""
    return FIRST_BAR + min(max(left, 1), MOST_BARS) - 1


def chord_id(root: int, quality: str) -> int:
    return ID[f"CHORD_{root % 12}_{quality}"]


def bar_ticks(metre: str) -> int:
    """Ticks in a bar of "3/4". Raises ValueError where they are no whole number."""
    beats, unit = metre.split("/")
    ticks, rest = divmod(int(beats) * 4 * TICKS, int(unit))
    if rest or ticks < 1:
        raise ValueError(f"a bar of {metre} is no whole number of ticks")
    return ticks
