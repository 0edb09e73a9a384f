"""What a runtime for language models must offer, and the arithmetic both runtimes share.

Bit-stable prefix reuse: a matrix product over 64 rows and one over 3 rows differ in their last bits, so a token whose
keys and values were computed in another batch shape may change the text. Prompts are therefore evaluated in blocks of
`BLOCK` tokens from position 0, and only whole blocks of an earlier prompt are reused. A warm run then gives the same
bytes as a cold one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from studio.plugins import GeneratorError

BLOCK = 64
"""Tokens that are evaluated together while a prompt is read; also how soon a stop is noticed while reading."""

Ended = Literal["length", "eos", "stop"]

SLOTS = ("manuscript", "chat", "code")
"""A model's memories: each keeps the beginning of its own text warm. Their numbers are llama.cpp's."""

FIM_WORDS = (
    ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    ("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
    ("<\uff5cfim\u2581begin\uff5c>", "<\uff5cfim\u2581hole\uff5c>", "<\uff5cfim\u2581end\uff5c>"),
    ("\u2581<PRE>", "\u2581<SUF>", "\u2581<MID>"),
)
"""Control words for fill-in-the-middle: before the prefix, before the suffix, before what is filled in."""


@dataclass(frozen=True)
class Piece:
    """New text, never half a character.

    Attributes:
        count: tokens made so far.
        options: the likeliest tokens at this place with their probabilities, where they were asked for.
    """

    text: str
    count: int
    options: tuple[tuple[str, float], ...] = ()


OnPiece = Callable[[Piece], bool]
"""Takes each piece; True asks the runtime to stop."""

OnRead = Callable[[int, int], bool]
"""Called while the prompt is read, with tokens read and tokens in all; True asks the runtime to stop."""


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn.

    Filters apply in this order: grammar, banned tokens, repetition penalty, DRY, top-k, top-p, min-p, temperature.
    temperature 0 takes the likeliest token; top_k 0, top_p 1, min_p 0 and dry_multiplier 0 are off.

    Attributes:
        banned: token ids that are never drawn.
        json_schema: text of a JSON Schema, or "".
        grammar: GBNF (https://github.com/ggml-org/llama.cpp/tree/master/grammars), or "".
        alternatives: how many of the likeliest tokens are told with each piece, by the model's own probabilities.
    """

    max_tokens: int = 160
    temperature: float = 0.8
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.05
    repetition_penalty: float = 1.1
    seed: int = 0
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    banned: tuple[int, ...] = ()
    json_schema: str = ""
    grammar: str = ""
    alternatives: int = 0


PENALTY_WINDOW = 256
"""How many of the last tokens (prompt included) the repetition penalty looks at."""


class TemplateFails(GeneratorError):
    """The model's chat template refuses a conversation; some know no system role, some are broken."""


class BadGrammar(GeneratorError):
    """A grammar or JSON Schema that no text can be checked by."""


class Backend(Protocol):
    """One loaded language model."""

    window: int
    """Tokens that prompt and text may take together."""

    def tokenize(self, text: str, *, start: bool) -> list[int]:
        """Token ids of plain text (control words stay plain); `start` adds the start token of a model that has one."""

    def chat(self, messages: Sequence[dict[str, str]]) -> list[int] | None:
        """Token ids of a conversation up to where the assistant speaks; None where the model has no chat template.

        Raises `TemplateFails` where the template refuses these messages.
        """

    def fim(self) -> tuple[int, int, int] | None:
        """Tokens before the prefix, the suffix and the middle; None where the model cannot fill in."""

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens with control words, for people to read."""

    def generate(
        self, prompt: Sequence[int], sampling: Sampling, on_piece: OnPiece, on_read: OnRead, slot: int = 0
    ) -> Ended:
        """Continue `prompt`. Returns why it ended; "stop" where a callback asked for it.

        Raises `BadGrammar` where json_schema or grammar cannot be used.
        """

    def close(self) -> None:
        """Free the weights."""


def common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    """Length of the longest common beginning."""
    shortest = min(len(a), len(b))
    return next((i for i in range(shortest) if a[i] != b[i]), shortest)


def whole_blocks(known: Sequence[int], prompt: Sequence[int]) -> int:
    """How many tokens of `prompt` need not be read again: whole blocks shared with `known`, the last token never."""
    return min(common_prefix(known, prompt), len(prompt) - 1) // BLOCK * BLOCK


def fit_window(tokens: list[int], room: int) -> tuple[list[int], int]:
    """Drop the oldest tokens until at most `room` are left; returns what is left and how many were dropped.

    The cut moves in steps of a quarter of the room, so that a growing manuscript keeps the same beginning, and with it
    the cached prefix, for a while.
    """
    over = len(tokens) - room
    if over <= 0:
        return tokens, 0
    step = max(1, room // 4)
    dropped = min(-(-over // step) * step, len(tokens))
    return tokens[dropped:], dropped


def tight(json_schema: str) -> dict[str, Any]:
    """The schema, with blanks only where they are usual: small models left free to put them fill the answer with them.

    `x-guidance` is llguidance's own (https://github.com/guidance-ai/llguidance/blob/main/docs/json_schema.md).
    """
    wish = {"whitespace_flexible": False, "key_separator": ": ", "item_separator": ", "}
    return {"x-guidance": wish, **json.loads(json_schema)}
