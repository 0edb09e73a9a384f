"""Text into sentences, as they are spoken one by one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEVER = _words("""
mr mrs ms mx dr prof st mt ft gen gov sen rep capt cpt lt col sgt cmdr rev hon pres maj adm msgr messrs mme mlle
eg e.g ie i.e cf vs viz approx ca resp bzw z.b d.h u.a sog dipl ing hr fr sra srta dna sig dott
""")
"""Before a name or a word, these never end a sentence."""
BEFORE_NUMBER = _words("no nos nr vol fig ch pp p art sec abs jan feb mar apr jun jul aug sep sept oct nov dec")
"""Before a number, these never end a sentence."""
MAY_END = _words("a.m p.m u.s u.k u.s.a e.u d.c u.n inc ltd co corp jr sr ph.d b.a m.a")
"""These end a sentence only before a word that often begins one."""
STARTERS = _words("""
the a an he she it they we i you but and so then this that these those there in on at when where what why how who if
after before his her their my our your its no yes now here as for from to one some all many most
""")
_END = re.compile(r"(?:[.!?…‽]+|[。！？]+)[\"'”’»)\]}」』]*")
_OPENERS = "\"'“‘«([{„‚¿¡—–-「『"
_BULLET = re.compile(r"^\s*(?:[-*•–—]|\d{1,3}[.)])\s+")


@dataclass(frozen=True)
class Sentence:
    """text: as written. last: it ends a paragraph."""

    text: str
    last: bool = False


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text in order. Abbreviations, initials, decimals, "..." before small letters and quotes that
    go on ("Stop!" he said.) end none; blank lines and lines that stand alone do."""
    made: list[Sentence] = []
    for paragraph in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        found = [part for line in _lines(paragraph) for part in _split(line)]
        made += [Sentence(part) for part in found[:-1]]
        made += [Sentence(part, last=True) for part in found[-1:]]
    return made


def _lines(paragraph: str) -> list[str]:
    """Lines of one paragraph; those that were only wrapped are joined."""
    lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
    longest = max((len(line) for line in lines), default=0)
    joined: list[str] = []
    for line in lines:
        wrapped = joined and longest > 40 and len(joined[-1].rpartition("\n")[2]) > longest * 0.6
        goes_on = joined and not _BULLET.match(line) and (line[0].islower() or wrapped)
        if goes_on:
            joined[-1] += "\n" + line
        else:
            joined.append(line)
    return [" ".join(_BULLET.sub("", line).split()) for line in joined]


def _split(line: str) -> list[str]:
    parts, begin = [], 0
    for match in _END.finditer(line):
        if match.start() >= begin and _ends(line, match):
            parts.append(line[begin:match.end()].strip())
            begin = match.end()
    parts.append(line[begin:].strip())
    return [part for part in parts if part]


def _ends(line: str, match: re.Match[str]) -> bool:
    rest = line[match.end():]
    if match[0][0] in "。！？":
        return True
    if not rest or not rest[0].isspace():
        return not rest
    after = rest.strip().lstrip(_OPENERS).lstrip()
    if not after or after[0].islower():  # “Stop!” he said. Well ... perhaps.
        return False
    stops = match[0].rstrip("\"'”’»)]}」』")
    if stops != ".":
        return True
    word = re.split(r"[\s(\[“\"‘«—–/]", line[:match.start()])[-1]
    return not _abbreviates(word, after)


def _abbreviates(word: str, after: str) -> bool:
    """Whether the full stop behind `word` belongs to it rather than to the sentence."""
    small = word.lower().strip(".")
    if small in NEVER or (len(word) == 1 and word.isupper() and word != "I"):
        return True
    if after[0].isdigit():
        return small in BEFORE_NUMBER
    following = re.split(r"\W", after, maxsplit=1)[0].lower()
    return small in MAY_END and following not in STARTERS


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return any(unicodedata.category(sign)[0] in "LN" for sign in text)


def pieces(text: str, most: int) -> list[str]:
    """A long sentence in parts of at most `most` characters, cut at clauses, else between words, else anywhere."""
    text = text.strip()
    if len(text) <= most:
        return [text] if text else []
    window = text[:most + 1]
    cut = max((m.end() for m in re.finditer(r"[,;:—–)]+[\"”’]?\s", window)), default=0)
    if cut < most // 4:
        cut = window.rfind(" ")
    if cut <= 0:
        cut = most
    return [text[:cut].strip(), *pieces(text[cut:], most)]
