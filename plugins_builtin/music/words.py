"""What is asked for, out of a prompt's words and the form's fields.

"a slow waltz in D minor for flute and harp, 24 bars" sets style, tempo, key, metre, instruments and length. A field
that is not left at "auto" wins over the words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugins_builtin.music.instruments import BY_NAME, Instrument
from plugins_builtin.music.vocabulary import METRES

AUTO = "auto"
DEFAULT_BARS = 16
MOST_BARS = 64
NOTES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MODES = ("major", "minor", "dorian", "mixolydian")
# style -> metre, beats a minute slow, usual and fast, beat in quarters, and what it calls for
MANNERS: dict[str, tuple[str, tuple[int, int, int], float]] = {
    "folk": ("4/4", (76, 108, 138), 1.0), "reel": ("4/4", (84, 100, 112), 2.0), "jig": ("6/8", (80, 108, 124), 1.5),
    "slip jig": ("9/8", (76, 100, 120), 1.5), "hornpipe": ("4/4", (66, 80, 92), 2.0),
    "strathspey": ("4/4", (60, 72, 84), 2.0), "polka": ("2/4", (96, 120, 132), 1.0),
    "march": ("4/4", (84, 108, 126), 1.0), "waltz": ("3/4", (88, 126, 168), 1.0), "air": ("3/4", (60, 76, 100), 1.0),
    "chorale": ("4/4", (58, 72, 88), 1.0), "fling": ("4/4", (84, 104, 120), 1.0),
}
STYLE_WORDS: tuple[tuple[str, str], ...] = (
    ("slip jig", "slip jig"), ("jig", "jig"), ("reel", "reel"), ("hornpipe", "hornpipe"), ("strathspey", "strathspey"),
    ("highland fling", "fling"), ("fling", "fling"), ("polka", "polka"), ("march", "march"), ("waltz", "waltz"),
    ("minuet", "waltz"), ("chorale", "chorale"), ("hymn", "chorale"), ("baroque", "chorale"), ("anthem", "chorale"),
    ("air", "air"), ("lullaby", "air"), ("ballad", "air"), ("song", "air"), ("lament", "air"), ("folk", "folk"),
    ("dance", "reel"), ("tune", "folk"),
)
SLOW_WORDS = ("slow", "slowly", "adagio", "largo", "lento", "calm", "gentle", "sad", "mournful", "peaceful", "quiet")
FAST_WORDS = ("fast", "quick", "quickly", "allegro", "presto", "vivace", "lively", "energetic", "brisk", "merry")
MINOR_WORDS = ("sad", "dark", "mournful", "melancholy", "lament", "gloomy")
NUMBERS = {"four": 4, "eight": 8, "twelve": 12, "sixteen": 16, "twenty": 20, "twenty-four": 24, "thirty-two": 32}


@dataclass(frozen=True)
class Wish:
    """What to compose. Empty strings, None and 0 mean that nothing was said."""

    style: str = ""
    tonic: int | None = None
    mode: str = ""
    metre: str = ""
    bars: int = 0
    bpm: float = 0.0
    pace: str = ""
    instruments: tuple[Instrument, ...] = ()
    texture: str = ""
    form: str = ""
    sections: str = ""


def read_prompt(text: str) -> Wish:
    """What the words of a prompt say; words that mean nothing here are ignored."""
    words = " " + re.sub(r"[\u2010-\u2015]", "-", text.lower()).replace("\u266d", "b").replace("\u266f", "#") + " "
    style = next((style for name, style in STYLE_WORDS if re.search(rf"\b{name}e?s?\b", words)), "")
    tonic, mode = read_key(text)
    if not mode and any(re.search(rf"\b{word}\b", words) for word in MINOR_WORDS):
        mode = "minor"
    pace = "slow" if _any(words, SLOW_WORDS) else "fast" if _any(words, FAST_WORDS) else ""
    if not pace and _any(words, ("moderate", "moderato", "andante")):
        pace = "moderate"
    metre = next((m[1] for m in re.finditer(r"\b(\d{1,2}/\d{1,2})\b", words) if m[1] in METRES), "")
    bars = re.search(r"\b(\d{1,3}|" + "|".join(NUMBERS) + r")[ -](?:bars?|measures?)\b", words)
    bpm = re.search(r"\b(\d{2,3})\s*bpm\b", words)
    texture = "four" if re.search(r"\b(four[- ](voice|part)|satb|four voices)", words) else \
        "solo" if re.search(r"\b(solo|unaccompanied|melody only|alone)\b", words) else ""
    form = re.search(r"\b((?:[A-H]['\u2019\u2032]*){2,})(?=[ -]form\b)", text)
    count = 0
    if bars:
        count = min(max(NUMBERS.get(bars[1]) or int(bars[1]), 1), MOST_BARS)
    return Wish(style, tonic, mode, metre, count, float(bpm[1]) if bpm else 0.0, pace, read_instruments(words), texture,
                sections=form[1] if form else "")


def _any(words: str, names: tuple[str, ...]) -> bool:
    return any(re.search(rf"\b{name}\b", words) for name in names)


def read_key(text: str) -> tuple[int | None, str]:
    """(tonic pitch class or None, mode or "") out of words such as "in D minor", "B flat major", "E dorian"."""
    pattern = r"\b([A-Ga-g])(?:\s*(#|b|\u266f|\u266d)|[ -](sharp|flat))?[ -]?(major|minor|dorian|mixolydian)\b"
    match = re.search(pattern, text, re.IGNORECASE)
    if not match:
        match = re.search(r"\bin ([A-G])(?:(#|b|\u266f|\u266d)|[ -](sharp|flat))?(?![\w'])()", text)
    if not match:
        loose = re.search(r"\b(minor|dorian|mixolydian|major)\b", text, re.IGNORECASE)
        return None, loose[1].lower() if loose else ""
    sign = (match[2] or match[3] or "").lower()
    step = 1 if sign in ("#", "\u266f", "sharp") else -1 if sign else 0
    return (NOTES[match[1].upper()] + step) % 12, (match[4] or "").lower()


def read_instruments(text: str) -> tuple[Instrument, ...]:
    """Instruments in the order in which the words name them; the longest name counts ("bass guitar" is no bass)."""
    found: list[tuple[int, Instrument]] = []
    words = f" {text.lower()} "
    for name in sorted(BY_NAME, key=len, reverse=True):
        for match in re.finditer(rf"\b{re.escape(name)}s?\b", words):
            found.append((match.start(), BY_NAME[name]))
            words = words[: match.start()] + "*" * (match.end() - match.start()) + words[match.end():]
    unique: dict[str, Instrument] = {}
    for _, instrument in sorted(found, key=lambda pair: pair[0]):
        unique.setdefault(instrument.name, instrument)
    return tuple(unique.values())


def key_name(tonic: int, mode: str) -> str:
    """"B flat major" is said as "Bb major", "F# minor" with a sharp."""
    flat = {1: "Db", 3: "Eb", 8: "Ab", 10: "Bb"}
    sharp_minor = {1: "C#", 6: "F#", 8: "G#"}
    name = flat.get(tonic, SHARPS[tonic]) if mode != "minor" else sharp_minor.get(tonic, flat.get(tonic, SHARPS[tonic]))
    return f"{name} {mode}"


def pace_of(bpm: float) -> str:
    """The tempo word for so many quarter notes a minute, as the training data says it."""
    return "any" if bpm <= 0 else "slow" if bpm < 80 else "moderate" if bpm < 125 else "fast"


def quarter_bpm(style: str, pace: str, metre: str) -> float:
    """Quarter notes a minute of a style at a pace ("" for its usual one)."""
    usual, beats, beat = MANNERS.get(style, MANNERS["folk"])
    if metre.endswith("/8") and not usual.endswith("/8"):
        beat = 1.5
    elif not metre.endswith("/8") and usual.endswith("/8"):
        beat = 1.0
    return beats[{"slow": 0, "fast": 2}.get(pace, 1)] * beat
