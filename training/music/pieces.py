"""Parsed corpus pieces as `Piece` values: style, tempo, bars that add up, a split that keeps variants together."""

from __future__ import annotations

import bisect
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plugins_builtin.music.piece import Note, Piece
from plugins_builtin.music.vocabulary import METRES, bar_ticks

FEWEST_BARS = 6
MODES = {"major": "major", "ionian": "major", "lydian": "major", "minor": "minor", "aeolian": "minor",
         "phrygian": "minor", "dorian": "dorian", "mixolydian": "mixolydian"}
SATB = ("melody", "alto", "tenor", "bass")
STYLE_WORDS = (
    ("slip jig", ("slip jig", "slipjig", "hop jig")), ("strathspey", ("strathspey",)), ("fling", ("fling",)),
    ("reel", ("reel",)), ("hornpipe", ("hornpipe", "clog")), ("waltz", ("waltz", "walts")), ("polka", ("polka",)),
    ("jig", ("jig", "jigg", "slide")), ("march", ("march", "quick step", "quickstep", "retreat", "troop")),
    ("air", ("air", "song", "lament", "lullaby", "ballad")),
)
SLOW, FAST = ("slow", "adagio", "largo", "plaintive", "mournful", "tender", "andante"), \
    ("lively", "spirit", "allegro", "quick", "presto", "vivace", "animated", "brisk")


def style_of(raw: dict[str, Any]) -> str:
    """The style that header, title and collection say; "folk" where they say none."""
    if raw["collection"] == "bach":
        return "chorale"
    headers = raw["headers"]
    for field in ("R", "G", "T"):
        words = " ".join(headers.get(field, ())).lower()
        for style, names in STYLE_WORDS:
            if any(re.search(rf"\b{name}s?\b", words) for name in names):
                return style
    if raw["collection"] == "oneills1850":
        number = re.search(r"(\d+)", " ".join(headers.get("B", ()) or headers.get("X", ("0",))).split("neill's")[-1])
        if number and int(number[1]) <= 625:  # the first section of the book: airs and songs
            return "air"
    return "folk"


def tempo_of(raw: dict[str, Any]) -> tuple[str, float]:
    """(slow, moderate, fast or any; quarter notes a minute or 0)."""
    headers = raw["headers"]
    for line in headers.get("Q", ()):
        match = re.search(r"(\d+)/(\d+)\s*=\s*(\d+)", line)
        if match:
            bpm = int(match[3]) * 4 * int(match[1]) / int(match[2])
            return ("slow" if bpm < 80 else "moderate" if bpm < 125 else "fast"), bpm
    words = " ".join(headers.get("N", []) + headers.get("Q", [])).lower()
    if any(word in words for word in SLOW):
        return "slow", 0.0
    if "moderate" in words or "andantino" in words:
        return "moderate", 0.0
    return ("fast" if any(word in words for word in FAST) else "any"), 0.0


def convert(raw: dict[str, Any]) -> Piece | None:
    """A parsed piece as voices on the grid, without its upbeat; None where bars do not add up or it has no use."""
    metre = "/".join(map(str, raw["metre"])) if raw["metre"] else ""
    if metre not in METRES or raw["metres"] != 1 or raw["key"][1] not in MODES:
        return None
    parts = raw["parts"]
    four = raw["collection"] == "bach"
    if (four and len(parts) < 4) or not all(part["exact"] for part in parts[:4 if four else 1]):
        return None
    bar, measures = bar_ticks(metre), parts[0]["measures"]
    places = bar_places(measures, bar)
    if places is None:
        return None
    names = SATB if four else ("melody",)
    voices = {}
    for role, part in zip(names, parts, strict=False):
        voices[role] = _voice(part["notes"], places)
    end = max((n.start + n.ticks for notes in voices.values() for n in notes), default=0)
    bars = -(-end // bar)
    if bars < FEWEST_BARS or any(not notes for notes in voices.values()):
        return None
    tempo, bpm = tempo_of(raw)
    return Piece(style_of(raw), MODES[raw["key"][1]], int(raw["key"][0]), metre, bars, "four" if four else "solo",
                 tempo, bpm, voices, name=f"{raw['collection']}/{raw['name']}")


def bar_places(measures: list[list[int]], bar: int) -> list[tuple[int, int, int]] | None:
    """(start, ticks, start on the grid) of each measure, so that every bar is a whole one; the upbeat is before 0.

    Two halves around a repeat sign are one bar; a short bar, where a line ends without its rest, is filled up with
    silence. None where a measure is too long or a fifth of them are odd.
    """
    measures = [m for m in measures if m[1] > 0]
    if len(measures) < 4 or any(ticks > bar for _, ticks in measures):
        return None
    places = []
    at = odd = 0
    if measures[0][1] < bar:
        at = -measures[0][1]
    half = 0
    for start, ticks in measures:
        if half and half + ticks > bar:  # the rest of the bar before is silence
            at, half, odd = at + bar - half, 0, odd + 1
        places.append((start, ticks, at))
        at += ticks
        half = (half + ticks) % bar if at > 0 else 0
    return places if odd <= len(measures) / 5 else None


def _voice(raw: list[list[int]], places: list[tuple[int, int, int]]) -> tuple[Note, ...]:
    """One note at a time, on the grid, the upbeat cut off; a note ends where the next begins."""
    notes: list[Note] = []
    starts = [place[0] for place in places]
    for begin, ticks, pitch in sorted(raw):
        measure, _, place = places[max(bisect.bisect_right(starts, begin) - 1, 0)]
        start = begin - measure + place
        if start < 0:
            start, ticks = 0, ticks + start
        if ticks <= 0:
            continue
        if notes and start <= notes[-1].start:
            if pitch > notes[-1].pitch:
                notes[-1] = notes[-1]._replace(pitch=pitch)
            continue
        if notes and notes[-1].start + notes[-1].ticks > start:
            notes[-1] = notes[-1]._replace(ticks=start - notes[-1].start)
        notes.append(Note(start, ticks, pitch))
    return tuple(notes)


def read(path: Path) -> Iterator[tuple[Piece, str]]:
    """(piece, "train" | "valid" | "test"); equal pieces are given once, tunes of one title fall into one part."""
    seen = set()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            piece = convert(raw)
            if piece is None:
                continue
            melody = tuple((n.start, n.ticks, n.pitch + piece.shift) for n in piece.voices["melody"])
            if melody in seen:
                continue
            seen.add(melody)
            yield piece, part_of(raw)


def part_of(raw: dict[str, Any]) -> str:
    """Which split a title belongs to: 4 % validation, 6 % test."""
    title = " ".join(raw["headers"].get("T", ())[:1]) or raw["name"].split(".")[0].split("-")[0]
    words = re.sub(r"\b(the|a|an|reel|jig|hornpipe|strathspey)\b|[^a-z0-9]", "", title.lower())
    number = int(hashlib.sha256(words.encode()).hexdigest(), 16) % 100
    return "valid" if number < 4 else "test" if number < 10 else "train"
