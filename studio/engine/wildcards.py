"""Wildcards in prompts: ``{red|blue}``, ``{2$$a|b|c}``, ``__flowers__``. They are expanded before a job is queued, so
that its recipe holds what was really asked.

The grammar between the braces is that of the dynamicprompts library; what stands around them is left alone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

_NAMED = re.compile(r"__[\w\-/* ]{1,100}?__")
MAX_EXPANDED = 20_000


def pieces(text: str) -> Iterator[tuple[bool, str]]:
    """The text cut into (is a wildcard, piece); joined they are the text. A brace without its other half is text."""
    start = at = 0
    while at < len(text):
        end = _brace(text, at) if text[at] == "{" else _name(text, at) if text.startswith("__", at) else at
        if end > at:
            if start < at:
                yield False, text[start:at]
            yield True, text[at:end]
            start = at = end
        else:
            at += 1
    if start < len(text):
        yield False, text[start:]


def _name(text: str, at: int) -> int:
    """The end of ``__name__``; `at` where it is none, as in the middle of a word."""
    if at > 0 and (text[at - 1].isalnum() or text[at - 1] == "_"):
        return at
    match = _NAMED.match(text, at)
    return match.end() if match else at


def _brace(text: str, at: int) -> int:
    """The end of the braces that open at `at`, if a choice stands in them."""
    depth = 0
    for place in range(at, min(len(text), at + MAX_EXPANDED)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            inside = text[at + 1:place]
            return place + 1 if "|" in inside or "__" in inside else at
    return at


def has_wildcards(text: str) -> bool:
    """Whether `expand` may change this text."""
    return any(wild for wild, _ in pieces(text))


def expand(text: str, seed: int, folder: Path) -> str:
    """The text with a choice made at each wildcard; the same seed makes the same choices.

    ``__name__`` takes a line of ``name.txt`` in `folder`. A wildcard that cannot be read, or whose file is missing,
    stays as it stands.
    """
    parts = [(wild, piece) for wild, piece in pieces(text)]
    if not any(wild for wild, _ in parts):
        return text
    generator = _generator(folder)
    made = [_choose(generator, piece, seed + 7919 * place) if wild else piece
            for place, (wild, piece) in enumerate(parts)]
    joined = "".join(made)
    return joined if len(joined) <= MAX_EXPANDED else text


def _choose(generator: Any, piece: str, seed: int) -> str:
    try:
        return str(generator.generate(piece, 1, seeds=[seed % 2**32])[0])
    except Exception as error:  # the parser raises all sorts on odd braces
        log.info("a wildcard is taken as it stands: %s", error)
        return piece


@lru_cache(maxsize=2)
def _generator(folder: Path) -> Any:
    from dynamicprompts.generators import RandomPromptGenerator
    from dynamicprompts.wildcards import WildcardManager

    return RandomPromptGenerator(WildcardManager(folder if folder.is_dir() else None))
