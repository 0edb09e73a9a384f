"""Drawing the next token from logits, for the transformers path: penalties, filters, and what a grammar allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from plugins_builtin.language.backend import Sampling

Mask = Callable[[Any], Any]
"""Takes scores and gives them with what a grammar forbids at minus infinity."""

BREAKERS = ("\n", ":", '"', "*")
"""Text in a token that ends a run for DRY, so that the form of a dialogue or list may repeat."""


def pick(
    logits: Any,
    recent: Sequence[int],
    sampling: Sampling,
    draw: Any,
    breakers: frozenset[int] = frozenset(),
    mask: Mask | None = None,
) -> int:
    """Draw the next token.

    Args:
        logits: float32 tensor of shape (vocabulary,).
        recent: tokens that the repetition penalty (Keskar et al. 2019, CTRL) and DRY look at.
        draw: torch.Generator on the CPU.
        breakers: tokens at which a run ends for DRY.
        mask: the grammar.
    """
    scores = _penalised(mask(logits) if mask else logits.clone(), recent, sampling, breakers)
    return _drawn(scores, sampling, draw)


def options(logits: Any, count: int, drawn: int) -> list[tuple[int, float]]:
    """The likeliest tokens and their probabilities, and the one that was drawn, however unlikely."""
    shares = logits.softmax(0)
    likely, order = shares.topk(min(count, logits.numel()))
    found = [(int(token), float(share)) for token, share in zip(order, likely, strict=True)]
    return found if drawn in order else [*found, (drawn, float(shares[drawn]))]


def _penalised(scores: Any, recent: Sequence[int], sampling: Sampling, breakers: frozenset[int]) -> Any:
    import torch

    if sampling.banned:
        scores[torch.tensor(sampling.banned)] = float("-inf")
    if sampling.repetition_penalty != 1.0 and recent:
        index = torch.tensor(sorted(set(recent)))
        values = scores[index]
        scores[index] = torch.where(
            values > 0, values / sampling.repetition_penalty, values * sampling.repetition_penalty
        )
    for token, length in dry_runs(recent, breakers).items() if sampling.dry_multiplier else ():
        if length >= sampling.dry_allowed_length:
            grown = min(sampling.dry_base ** (length - sampling.dry_allowed_length), 1e6)
            scores[token] -= sampling.dry_multiplier * grown
    return scores


def dry_runs(recent: Sequence[int], breakers: frozenset[int] = frozenset()) -> dict[int, int]:
    """For each token that would prolong a run seen before, the length of that run.

    DRY ("Don't Repeat Yourself", https://github.com/oobabooga/text-generation-webui/pull/5677). Runs end at breakers.
    """
    found: dict[int, int] = {}
    last = len(recent)
    for after in range(1, last):
        length = 0
        while length < after and recent[after - 1 - length] == recent[last - 1 - length]:
            if recent[after - 1 - length] in breakers:
                break
            length += 1
        if length and recent[after] not in breakers:
            found[recent[after]] = max(found.get(recent[after], 0), length)
    return found


def _drawn(scores: Any, sampling: Sampling, draw: Any) -> int:
    import torch

    if sampling.temperature <= 0:
        return int(scores.argmax())
    top = min(sampling.top_k or scores.numel(), scores.numel())
    ranked, order = scores.sort(descending=True, stable=True)
    ranked = ranked[:top]
    likely = ranked.softmax(0)
    keep = (likely.cumsum(0) - likely < sampling.top_p) & (likely >= sampling.min_p * likely[0])
    keep[0] = True
    chances = (ranked / sampling.temperature).masked_fill(~keep, float("-inf")).softmax(0)
    return int(order[torch.multinomial(chances, 1, generator=draw)])
