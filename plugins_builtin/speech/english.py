"""English text into the phonemes that Hibari and Kokoro were taught, by the package hibari-tts.

Its grapheme-to-phoneme part is misaki's (lexicons, rules for numbers, dates, money, abbreviations) without eSpeak:
words that no lexicon has go through a small network.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from studio.plugins import InputError

_SCRIPTS = (("LATIN", ""), ("CYRILLIC", "Cyrillic letters"), ("GREEK", "Greek letters"), ("ARABIC", "Arabic letters"),
            ("HEBREW", "Hebrew letters"), ("DEVANAGARI", "Devanagari"), ("HIRAGANA", "Japanese"),
            ("KATAKANA", "Japanese"), ("HANGUL", "Korean"), ("CJK", "Chinese characters"), ("THAI", "Thai letters"))
_TIDY = str.maketrans({"\u2019": "'", "\u2018": "'", "\u2014": " — ", "\u2013": "–", "\u00a0": " ", "\u202f": " ",
                       "\u00ad": None, "\u200b": None, "\ufeff": None})


@lru_cache(maxsize=2)
def _reader(british: bool) -> Any:
    from hibari.g2p import G2P

    return G2P(british=british)


def phonemes(text: str, british: bool = False) -> str:
    """Phonemes of one sentence in misaki's alphabet; "" where nothing of it can be spoken."""
    try:
        return str(_reader(british)(tidied(text)))
    except ValueError:  # "¹" alone is a digit to the reader, but no number; "m²" it reads as it should
        plain = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isdecimal() else c for c in text)
        return str(_reader(british)(tidied(plain)))


def tidied(text: str) -> str:
    """Typographic signs as the reader knows them, numbers with thin spaces joined, links and marks of Markdown gone."""
    text = unicodedata.normalize("NFC", text).translate(_TIDY)
    text = re.sub(r"\[([^\]\n]*)\]\((?!/[^)\n]*/\))[^)\n]*\)", r"\1", text)  # but [word](/phonemes/) is for the reader
    text = re.sub(r"(?<!\w)[*_~`#]+|[*_~`]+(?!\w)", "", text)
    text = re.sub(r"(?<=\d) (?=\d{3}\b)", "", text)
    text = re.sub(r"\d[\d,]{20,}", lambda m: " ".join(m[0].replace(",", "")), text)  # no number has such a name
    return " ".join(text.split())


def check_script(text: str, who: str) -> None:
    """Raise `InputError` where most letters are of a script that English is not written in."""
    counts: dict[str, int] = {}
    for sign in text:
        if sign.isalpha():
            name = unicodedata.name(sign, "")
            script = next((said for start, said in _SCRIPTS if name.startswith(start)), "signs it does not know")
            counts[script] = counts.get(script, 0) + 1
    if not counts:
        return
    most = max(counts, key=lambda script: counts[script])
    if most:
        raise InputError(f"{who} reads English, and this text is in {most}; choose a voice that knows its language.",
                         "prompt")


def clauses(phoneme_text: str, most: int) -> list[str]:
    """Phonemes in parts of at most `most` signs, cut after clauses, else between words."""
    from plugins_builtin.speech.sentences import pieces

    return pieces(phoneme_text, most)
