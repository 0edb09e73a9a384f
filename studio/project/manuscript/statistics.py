"""What can be counted in a text: words, sentences, reading time, the share of dialogue, readability."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from studio.project.manuscript.words import WORD, words_of

WORDS_A_MINUTE = 240
"""Silent reading of adults (Brysbaert, "How many words do we read per minute?", 2019: 238 for English non-fiction, 260
for fiction)."""

_SENTENCE_END = re.compile(r"[.!?…。！？؟।]+[\"'”’»›)\]]*(?=\s|$|[\u3000-\u9fff])(?!\s+[a-zß-öø-ÿ])|\n")
_DIALOGUE = re.compile(r"(?=[“„«»「『\"‘])(?:“[^”\n]*(?:”|$)|„[^“”\n]*(?:[“”]|$)|"
                       r"«[^»\n]*(?:»|$)|»[^«\n]*(?:«|$)|「[^」\n]*(?:」|$)"
                       r"|『[^』\n]*(?:』|$)|(?<!\w)\"[^\"\n]*(?:\"|$)|(?<![\w’])‘[^’\n]*(?:’(?!\w)|$))", re.MULTILINE)
_VOWELS = re.compile(r"[aeiouyáàâäãåéèêëíìîïóòôöõúùûüýÿæœø]+")
# The words that say least, by which other words are hidden in the list of the most used.
_COMMON_WORDS = """
about after again all am an and any are as at back be because been before being but by can could did do does
don't down even for from get go had has have he her here hers him his how i i'd i'll i'm if in into is it it's
its just like me more my no not now of off on one only or other our out over said she so some than that that's
the their them then there these they this those through to too up upon us very was we were what when where which
while who why will with would you your der die das und den von zu mit sich des auf für ist im dem nicht ein eine
als auch es er hat aus bei ich sie wir ihr le la les de un une et à il elle en que qui ne pas je se ce dans sur
a
"""
COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True)
class Statistics:
    """words, sentences, paragraphs (those with a letter in them), characters (with and without spaces).
    reading_minutes: at 240 words a minute. dialogue: share of the characters in quotation marks, 0 to 1.
    words_a_sentence: on average. readability: Flesch's reading ease (1948), 0 hard to 100 easy, made for English; None
    for under 30 words or another script. most_used: words in lower case with how often, without the commonest."""

    words: int = 0
    sentences: int = 0
    paragraphs: int = 0
    characters: int = 0
    letters: int = 0
    reading_minutes: float = 0.0
    dialogue: float = 0.0
    words_a_sentence: float = 0.0
    readability: float | None = None
    most_used: tuple[tuple[str, int], ...] = ()


def statistics(text: str, most: int = 20) -> Statistics:
    """Count. A novel takes half a second: call it off the window's thread."""
    every = list(words_of(text))
    words = len(every)
    if not words:
        return Statistics(characters=len(text), letters=sum(map(len, text.split())))
    sentences = max(1, sum(1 for part in _SENTENCE_END.split(text) if WORD.search(part)))
    counted = _folded(Counter(every))
    used = [(word, count) for word, count in counted.most_common(most + len(COMMON))
            if word not in COMMON and not word.isdigit() and (len(word) > 1 or ord(word) > 0x2e80)]
    spoken = sum(len(match.group()) for match in _DIALOGUE.finditer(text))
    letters = sum(map(len, text.split()))
    return Statistics(words, sentences, sum(1 for line in text.split("\n") if WORD.search(line)), len(text), letters,
                      words / WORDS_A_MINUTE, min(1.0, spoken / max(1, len(text))), words / sentences,
                      _flesch(counted, words, sentences), tuple(used[:most]))


def _folded(counted: Counter[str]) -> Counter[str]:
    """Words in lower case, with straight apostrophes."""
    out: Counter[str] = Counter()
    for word, count in counted.items():
        out[word.casefold().replace("’", "'")] += count
    return out


def _flesch(counted: Counter[str], words: int, sentences: int) -> float | None:
    """Rudolf Flesch, "A new readability yardstick", 1948: 206.835 - 1.015 words/sentence - 84.6 syllables/word."""
    latin = sum(count for word, count in counted.items() if _VOWELS.search(word) or word.isascii())
    if words < 30 or latin < 0.9 * words:
        return None
    syllables = sum(_syllables(word) * count for word, count in counted.items())
    return round(min(100.0, max(0.0, 206.835 - 1.015 * words / sentences - 84.6 * syllables / words)), 1)


def _syllables(word: str) -> int:
    """Of an English word, by its groups of vowels; right for about nine in ten."""
    groups = len(_VOWELS.findall(word))
    if word.endswith("e") and not word.endswith("le") and groups > 1:
        groups -= 1
    return max(1, groups)
