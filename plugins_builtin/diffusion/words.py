"""Prompts into what text encoders make of them, with weights."""

from __future__ import annotations

from typing import Any

from plugins_builtin.diffusion.prompts import Fragment, fragments, plain


def conditioning(pipeline: Any, prompt: str, negative: str) -> dict[str, Any]:
    """What to call a diffusers pipeline with: the prompts as text, or as embeddings where one of them has weights.

    Weights are compel's: above 1 they scale what a word does, below 1 they blend with the prompt without it.
    """
    both = {"": fragments(prompt), "negative_": fragments(negative)}
    if all(fragment.weight == 1 for part in both.values() for fragment in part):
        return {"prompt": plain(prompt), "negative_prompt": plain(negative)}
    found = {f"{name}prompt_embeds": _embedded(pipeline, part) for name, part in both.items()}
    if _is_xl(pipeline):
        texts = {"": plain(prompt), "negative_": plain(negative)}
        found |= {f"{name}pooled_prompt_embeds": _pooled(pipeline, text) for name, text in texts.items()}
    return found


def embedding_of(pipeline: Any, prompt: str) -> Any:
    """Embeddings (1, tokens, channels) of one prompt, with its weights."""
    return _embedded(pipeline, fragments(prompt))


def _is_xl(pipeline: Any) -> bool:
    """Whether the model reads with two encoders, as Stable Diffusion XL does."""
    return getattr(pipeline, "text_encoder_2", None) is not None


def _providers(pipeline: Any) -> list[Any]:
    """compel's side of each text encoder; those of XL give their last layer but one."""
    from compel.embeddings_provider import EmbeddingsProvider, ReturnedEmbeddingsType

    pairs = [(pipeline.tokenizer, pipeline.text_encoder)]
    kind = ReturnedEmbeddingsType.LAST_HIDDEN_STATES_NORMALIZED
    if _is_xl(pipeline):
        pairs.append((pipeline.tokenizer_2, pipeline.text_encoder_2))
        kind = ReturnedEmbeddingsType.PENULTIMATE_HIDDEN_STATES_NON_NORMALIZED
    dtype = pipeline.text_encoder.dtype
    return [EmbeddingsProvider(tokenizer, encoder, dtype_for_device_getter=lambda _: dtype, truncate=True,
                               returned_embeddings_type=kind) for tokenizer, encoder in pairs]


def _embedded(pipeline: Any, parts: list[Fragment]) -> Any:
    """Embeddings (1, tokens, channels) of a prompt in fragments."""
    import torch

    texts, weights = _read(pipeline.tokenizer, parts)
    device = pipeline.text_encoder.device
    found = [provider.get_embeddings_for_weighted_prompt_fragments([texts], [weights], device=device)
             for provider in _providers(pipeline)]
    return torch.cat(found, dim=-1)


def _pooled(pipeline: Any, text: str) -> Any:
    return _providers(pipeline)[-1].get_pooled_embeddings([text], device=pipeline.text_encoder.device)


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
