"""What a runtime for language models must offer, and the arithmetic both runtimes share.

Bit-stable prefix reuse: a matrix product over 64 rows and one over 3 rows differ in their last bits, so a token whose
keys and values were computed in another batch shape may change the text. Prompts are therefore evaluated in blocks of
`BLOCK` tokens from position 0, and only whole blocks of an earlier prompt are reused. A warm run then gives the same
bytes as a cold one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

BLOCK = 64
"""Tokens that are evaluated together while a prompt is read; also how soon a stop is noticed while reading."""

Ended = Literal["length", "eos", "stop"]

OnPiece = Callable[[str, int], bool]
"""Called with new text (whole characters) and the number of tokens made so far; True asks the runtime to stop."""

OnRead = Callable[[int, int], bool]
"""Called while the prompt is read, with tokens read and tokens in all; True asks the runtime to stop."""


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn. Filters apply in this order: repetition penalty, top-k, top-p, min-p, temperature.

    temperature 0 takes the likeliest token; top_k 0, top_p 1 and min_p 0 are off.
    """

    max_tokens: int = 160
    temperature: float = 0.8
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.05
    repetition_penalty: float = 1.1
    seed: int = 0


PENALTY_WINDOW = 256
"""How many of the last tokens (prompt included) the repetition penalty looks at."""


class Backend(Protocol):
    """One loaded language model."""

    window: int
    """Tokens that prompt and text may take together."""

    def tokenize(self, text: str, *, start: bool) -> list[int]:
        """Token ids of plain text (control words stay plain); `start` adds the start token of a model that has one."""

    def chat(self, messages: Sequence[dict[str, str]]) -> list[int] | None:
        """Token ids of a conversation up to where the assistant speaks; None where the model has no chat template."""

    def generate(self, prompt: Sequence[int], sampling: Sampling, on_piece: OnPiece, on_read: OnRead) -> Ended:
        """Continue `prompt`. Returns why it ended; "stop" where a callback asked for it."""

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
