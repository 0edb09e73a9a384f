"""The form of a piece: sections, which of them come again, and how they end. "AABA", or "intro 4, theme, answer".

The network knows no form beyond the phrase, so a plan says which bars are what they were: a section of a name that was
there is the same again; with a mark (A', "theme varied") every second pair of its bars is new; an "answer" begins as
the section before it and ends otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from plugins_builtin.music.words import MOST_BARS
from studio.plugins import InputError

USUAL = 8
"""Bars of a section of which nothing is said; of an introduction or an end half as many."""
SHORT = ("intro", "introduction", "outro", "coda", "ending", "end", "interlude", "bridge")
MOST_SECTIONS = 24
_LETTERS = re.compile(r"(?:[A-H]['\u2019\u2032]*[\s,-]*){2,}")
_NAMED = re.compile(r"(?P<name>[^\d'\u2019\u2032]+?)\s*(?P<mark>['\u2019\u2032]+|\bvaried)?\s*(?P<bars>\d+)?"
                    r"\s*(?:bars?)?")


@dataclass(frozen=True)
class Section:
    """Bars `first` up to but without `last`.

    Attributes:
        like: the section that it is made of (its place), -1 for none.
        kept: its bars that are bars of that one, counted from its own first.
        home: it ends on the tonic; others end open, on the dominant.
        contrast: it is the other thought of the piece, and lies higher.
    """

    name: str
    first: int
    last: int
    like: int = -1
    kept: tuple[int, ...] = ()
    home: bool = False
    contrast: bool = False


@dataclass(frozen=True)
class Plan:
    """Attributes: sections; inner: whether they have repeats inside, as the strains of dance tunes; same: repeats of a
    piece without sections."""

    sections: tuple[Section, ...] = ()
    inner: bool = True
    same: Mapping[int, int] = field(default_factory=dict)

    @property
    def bars(self) -> int:
        return self.sections[-1].last if self.sections else 0

    def repeats(self) -> dict[int, int]:
        """Which bars are which earlier ones."""
        found = dict(self.same)
        for section in self.sections:
            if section.like >= 0:
                source = self.sections[section.like]
                found |= {section.first + bar: source.first + bar for bar in section.kept}
            elif self.inner:  # the third pair of bars is the first, as in most tunes of the corpora
                for start in range(section.first, section.last - 7, 8):
                    found |= {start + 4: start, start + 5: start + 1}
        return found

    def starts(self) -> frozenset[int]:
        """The first bar of each section: no note is held into it."""
        return frozenset(section.first for section in self.sections)

    def closes(self) -> dict[int, str]:
        """How the last bar of each section ends: "home" or "open"."""
        return {section.last - 1: "home" if section.home else "open" for section in self.sections}

    def higher(self) -> frozenset[int]:
        """Bars whose melody lies higher than that of the first section."""
        return frozenset(bar for section in self.sections if section.contrast
                         for bar in range(section.first, section.last))


def plan(text: str, bars: int = 0, inner: bool = True) -> Plan:
    """Read a form; `bars` are parted among the sections that do not say their own number.

    Raises:
        InputError: it cannot be read, or is too long.
    """
    said = list(_read(text))
    if not 1 < len(said) <= MOST_SECTIONS:
        raise InputError(f"“{text.strip()[:60]}” is no form; write letters such as AABA, or names with commas such as "
                         f"“intro 4, theme, answer, theme” (2 to {MOST_SECTIONS} sections).", "sections")
    lengths = _lengths(said, bars)
    if sum(lengths) > MOST_BARS:
        raise InputError(f"This form has {sum(lengths)} bars; at most {MOST_BARS} are written at once. Give its "
                         "sections fewer.", "sections")
    made: list[Section] = []
    first, places = 0, dict[str, int]()
    ending = said[-1][0]
    for number, ((name, varied, _), length) in enumerate(zip(said, lengths, strict=True)):
        like, kept = places.get(name, -1), range(length)
        if name == "answer" and like < 0 and number:
            like, kept = number - 1, range(length // 2)
        source = made[like].last - made[like].first if like >= 0 else 0
        same = tuple(bar for bar in kept if bar < source and (not varied or bar % 4 < 2))
        contrast = made[like].contrast if like >= 0 else name not in SHORT and any(n not in SHORT for n in places)
        made.append(Section(name, first, first + length, like, same, name in (ending, "answer"), contrast))
        places.setdefault(name, number)
        first += length
    return Plan(tuple(made), inner)


def _read(text: str) -> Iterator[tuple[str, bool, int]]:
    """(name, is it varied, bars or 0) of each section."""
    words = text.strip()
    if _LETTERS.fullmatch(words):
        for match in re.finditer(r"([A-H])(['\u2019\u2032]*)", words):
            yield match[1], bool(match[2]), 0
        return
    for part in re.split(r"[,;\n\u2192>]+", words):
        found = _NAMED.fullmatch(part.strip())
        if found is None:
            if part.strip():
                return
            continue
        yield " ".join(found["name"].lower().split()), bool(found["mark"]), int(found["bars"] or 0)


def _lengths(said: list[tuple[str, bool, int]], bars: int) -> list[int]:
    """Bars of each section. A section that comes again is as long as it was."""
    known = {name: count for name, _, count in reversed(said) if count}
    weights = [0 if name in known else 1 if name in SHORT else 2 for name, _, _ in said]
    left = bars - sum(count or known.get(name, 0) for name, _, count in said)
    unit = left / sum(weights) if bars and sum(weights) else USUAL / 2
    if sum(weights) and bars and left < sum(1 for weight in weights if weight):
        raise InputError(f"{bars} bars are too few for these {len(said)} sections.", "bars")
    step = 4 if unit >= 4 else 2 if unit >= 2 else 1
    lengths = [count or known.get(name) or max(round(unit * weight / step) * step, 1)
               for (name, _, count), weight in zip(said, weights, strict=True)]
    free = [place for place, weight in enumerate(weights) if weight]
    if bars and free:  # what rounding left over goes to a section that does not come again, at best a short one
        names = [name for name, _, _ in said]
        once = [place for place in free if names.count(names[place]) == 1]
        taker = next((place for place in once if weights[place] == 1), (once or free)[-1])
        lengths[taker] = max(lengths[taker] + bars - sum(lengths), 1)
    return lengths
