"""The syntax of prompts: weights and LoRA tags. What is not well formed is taken as it stands; nothing is an error.

    (word)        weighs 1.1 times as much        [word]    1.1 times less
    (word:1.3)    weighs 1.3 times as much        nested    multiply
    <lora:name:0.8>   a LoRA at 0.8 of its strength (1 where no number stands)
    \\( \\) \\[ \\]      the sign itself

The syntax is the one that AUTOMATIC1111's stable-diffusion-webui made common.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

STEP = 1.1
"""What one pair of brackets multiplies or divides by."""

HEAVIEST = 4.0
DEEPEST = 32
"""Brackets nested deeper than this are plain text."""

_TOKEN = re.compile(r"\\[()\[\]\\]|[()\[\]]")
_WEIGHT = re.compile(r"(.*):\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*", re.DOTALL)
_LORA = re.compile(r"<lora:([^<>:\n]{1,200})(?::([+-]?(?:\d{1,3}\.?\d{0,6}|\.\d{1,6})))?>")


@dataclass(frozen=True)
class Fragment:
    """A piece of a prompt and how much it weighs, 0 to `HEAVIEST`."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True)
class LoraTag:
    """A LoRA that a prompt asks for. name: as the model library calls it."""

    name: str
    weight: float


def loras(prompt: str) -> tuple[str, list[LoraTag]]:
    """A prompt without its LoRA tags, and the tags in their order."""
    tags = [LoraTag(found[1].strip(), float(found[2] or 1)) for found in _LORA.finditer(prompt)]
    return (_LORA.sub("", prompt), tags) if tags else (prompt, [])


def fragments(prompt: str) -> list[Fragment]:
    """A prompt cut where its weight changes. Joined, the texts are what is said; neighbours of one weight are one."""
    root: list[_Piece] = []
    open_groups: list[tuple[str, list[_Piece]]] = []
    here = root
    end = 0
    for token in _TOKEN.finditer(prompt):
        _say(here, prompt[end : token.start()])
        end, sign = token.end(), token[0]
        if sign[0] == "\\":
            _say(here, sign[1])
        elif sign in "([" and len(open_groups) < DEEPEST:
            open_groups.append((sign, here))
            here = []
        elif open_groups and sign == {"(": ")", "[": "]"}[open_groups[-1][0]]:
            opened, outer = open_groups.pop()
            outer.append(_group(opened, here))
            here = outer
        else:
            _say(here, sign)
    _say(here, prompt[end:])
    for opened, outer in reversed(open_groups):  # never closed: the bracket is a bracket
        _say(outer, opened)
        outer.extend(here)
        here = outer
    return _flat(root)


@dataclass(frozen=True)
class _Piece:
    text: str = ""
    weight: float = 1.0
    inner: tuple[_Piece, ...] = ()


def _say(pieces: list[_Piece], text: str) -> None:
    if text:
        pieces.append(_Piece(text))


def _group(opened: str, inner: list[_Piece]) -> _Piece:
    if opened == "[":
        return _Piece(weight=1 / STEP, inner=tuple(inner))
    if inner and not inner[-1].inner:
        found = _WEIGHT.fullmatch(inner[-1].text)
        if found is not None and (found[1] or len(inner) > 1):
            return _Piece(weight=float(found[2]), inner=(*inner[:-1], _Piece(found[1])))
    return _Piece(weight=STEP, inner=tuple(inner))


def _flat(root: list[_Piece]) -> list[Fragment]:
    flat: list[Fragment] = []

    def walk(pieces: tuple[_Piece, ...], weight: float) -> None:
        for piece in pieces:
            if piece.inner:
                walk(piece.inner, weight * piece.weight)
            elif piece.text:
                kept = round(min(max(weight, 0.0), HEAVIEST), 6)
                if flat and flat[-1].weight == kept:
                    flat[-1] = Fragment(flat[-1].text + piece.text, kept)
                else:
                    flat.append(Fragment(piece.text, kept))

    walk(tuple(root), 1.0)
    return flat


def plain(prompt: str) -> str:
    """What a prompt says, without weights."""
    return "".join(fragment.text for fragment in fragments(prompt))
