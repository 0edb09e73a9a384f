"""One sampler, many names: "Euler a", "euler_ancestral" and "k_euler_a" are the same."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

_SPELLINGS = (
    (r"\+\+", "pp"), (r"^k[ _]", ""), (r"\bancestral\b|\ba\b", "ancestral"), (r"\bunipc\w*|\buni pc\w*", "unipc"),
    (r"\bdpmpp\b", "dpmpp"), (r"\bdpm pp\b", "dpmpp"), (r"\bdpmpp2m\b", "dpmpp 2m"), (r"\bplms\b", "pndm"),
    (r"\b(sgm )?uniform\b|\bnormal\b|\bsimple\b|\bautomatic\b|\bgpu\b|\bsampler\b|\bscheduler\b|\bdiscrete\b", " "),
)


def canonical(name: str) -> tuple[str, ...]:
    """The words that make a sampler's name, in one spelling, sorted."""
    words = re.sub(r"[_\-/().,]+", " ", name.lower())
    for pattern, put in _SPELLINGS:
        words = re.sub(pattern, put, words.strip())
    return tuple(sorted(set(words.split())))


def nearest_sampler(name: str, choices: Sequence[str]) -> tuple[str, bool]:
    """The choice that is this sampler or comes nearest, and whether it is the same one.

    Returns ("", False) where there is no name, or where nothing is at all like it.
    """
    wanted = canonical(name[:200])
    if not wanted:
        return "", False
    known = {choice: canonical(choice) for choice in choices}
    for choice, words in known.items():
        if words == wanted:
            return choice, True

    def likeness(words: tuple[str, ...]) -> float:
        shared = len(set(words) & set(wanted)) / max(1, len(set(words) | set(wanted)))
        return shared + 0.3 * difflib.SequenceMatcher(None, " ".join(words), " ".join(wanted)).ratio()

    best = max(known, key=lambda choice: likeness(known[choice]), default="")
    return (best, False) if best and likeness(known[best]) > 0.3 else ("", False)
