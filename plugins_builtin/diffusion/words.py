"""Prompts into what a text encoder makes of them, with weights."""

from __future__ import annotations

from typing import Any

from plugins_builtin.diffusion.prompts import Fragment, fragments, plain


def conditioning(pipeline: Any, prompt: str, negative: str) -> dict[str, Any]:
    """What to call a diffusers pipeline with: the prompts as text, or as embeddings where one of them has weights.

    Weights are compel's: above 1 they scale what a word does, below 1 they blend with the prompt without it.
    """
    both = fragments(prompt), fragments(negative)
    weighted = any(fragment.weight != 1 for part in both for fragment in part)
    if not weighted or not can_weigh(pipeline):
        return {"prompt": plain(prompt), "negative_prompt": plain(negative)}
    names = ("prompt_embeds", "negative_prompt_embeds")
    return {name: _embedded(pipeline, part) for name, part in zip(names, both, strict=True)}


def embedding_of(pipeline: Any, prompt: str) -> Any:
    """Embeddings (1, tokens, channels) of one prompt, with its weights."""
    return _embedded(pipeline, fragments(prompt))


def can_weigh(pipeline: Any) -> bool:
    """Whether the model has the one text encoder that weights are made for here."""
    return getattr(pipeline, "text_encoder_2", None) is None


def _embedded(pipeline: Any, parts: list[Fragment]) -> Any:
    """Embeddings (1, tokens, channels) of a prompt in fragments."""
    from compel.embeddings_provider import EmbeddingsProvider

    tokenizer, encoder = pipeline.tokenizer, pipeline.text_encoder
    texts, weights = _read(tokenizer, parts)
    provider = EmbeddingsProvider(tokenizer, encoder, dtype_for_device_getter=lambda _: encoder.dtype, truncate=True)
    return provider.get_embeddings_for_weighted_prompt_fragments([texts], [weights], device=encoder.device)


def _read(tokenizer: Any, parts: list[Fragment]) -> tuple[list[str], list[float]]:
    """Texts and weights of the fragments that fit into the encoder's window; those of no tokens are left out.

    The encoder would run once more for every fragment that weighs less than 1, also for those it never sees.
    """
    texts: list[str] = []
    weights: list[float] = []
    room = int(tokenizer.model_max_length) - 2
    for part in parts:
        count = len(tokenizer(part.text, add_special_tokens=False, verbose=False)["input_ids"])
        if count and room > 0:
            texts.append(part.text)
            weights.append(part.weight)
        room -= count
    return (texts, weights) if texts else ([""], [1.0])
