"""Transformers causal-LM folders: an own token loop, to notice a stop at each token and to reuse the cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plugins_builtin.language.backend import (
    BLOCK,
    PENALTY_WINDOW,
    Ended,
    OnPiece,
    OnRead,
    Sampling,
    whole_blocks,
)
from plugins_builtin.threads import share_cores
from plugins_builtin.weights import check_folder, first_line, quiet
from studio.plugins import Device, GeneratorError, ModelFiles

WINDOW = 4096
_DEFECT = "\ufffd"


class CausalLM:
    """One causal language model in a transformers folder (safetensors only)."""

    def __init__(self, files: ModelFiles, device: Device) -> None:
        """Raises `GeneratorError` where weights or tokenizer are missing or broken."""
        share_cores(device)
        quiet()
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        check_folder(files)
        dtype = {"bfloat16": torch.bfloat16, "float16": torch.float16}.get(device.dtype, torch.float32)
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(files.path, local_files_only=True)
            self._model: Any = AutoModelForCausalLM.from_pretrained(
                files.path, local_files_only=True, use_safetensors=True, dtype=dtype, trust_remote_code=False
            )
        except Exception as error:  # the loaders raise OSError, ValueError, KeyError, SafetensorError, ...
            raise GeneratorError(
                f"The model {files.name} cannot be loaded: {first_line(error)}. Install it again."
            ) from error
        self._model.to(device.type).eval()
        self._device = device.type
        config = self._model.config
        self.window = min(WINDOW, int(getattr(config, "max_position_embeddings", 0) or WINDOW))
        self._ends = _end_tokens(self._model, self._tokenizer)
        self._cache: Any = None
        self._stable: list[int] = []

    def tokenize(self, text: str, *, start: bool) -> list[int]:
        ids = self._tokenizer(text, add_special_tokens=False, split_special_tokens=True, verbose=False)["input_ids"]
        first = self._tokenizer.bos_token_id if start and getattr(self._tokenizer, "add_bos_token", False) else None
        return ([int(first)] if first is not None else []) + [int(token) for token in ids]

    def chat(self, messages: Sequence[dict[str, str]]) -> list[int] | None:
        if not getattr(self._tokenizer, "chat_template", None):
            return None
        try:
            text = self._tokenizer.apply_chat_template(
                list(messages), tokenize=False, add_generation_prompt=True, enable_thinking=False
            )
        except Exception as error:  # templates are programs of the model's author (jinja2.TemplateError and others)
            raise GeneratorError(f"The model's chat template refuses this prompt: {first_line(error)}.") from error
        return [int(token) for token in self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]]

    def generate(self, prompt: Sequence[int], sampling: Sampling, on_piece: OnPiece, on_read: OnRead) -> Ended:
        import torch

        with torch.inference_mode():
            return self._generate(list(prompt), sampling, on_piece, on_read)

    def _generate(self, tokens: list[int], sampling: Sampling, on_piece: OnPiece, on_read: OnRead) -> Ended:
        import torch

        logits = self._read(tokens, on_read)
        if logits is None:
            return "stop"
        draw = torch.Generator("cpu").manual_seed(sampling.seed)
        seen, made = list(tokens), _Decoder(self._tokenizer)
        for count in range(1, sampling.max_tokens + 1):
            token = pick(logits, seen[-PENALTY_WINDOW:], sampling, draw)
            if token in self._ends:
                return "eos"
            seen.append(token)
            if on_piece(made.add(token), count):
                return "stop"
            if count < sampling.max_tokens:
                logits = self._forward([token])
        left = made.rest()
        return "stop" if left and on_piece(left, sampling.max_tokens) else "length"

    def _read(self, tokens: list[int], on_read: OnRead) -> Any:
        """Logits after the prompt, shape (vocabulary,); None where a stop was asked for."""
        from transformers import DynamicCache

        keep = whole_blocks(self._stable, tokens) if self._cache is not None else 0
        if not keep or not self._cut_cache(keep):
            keep, self._cache = 0, DynamicCache(config=self._model.config)
        self._stable = tokens[:keep]
        logits = None
        for start in range(keep, len(tokens), BLOCK):
            block = tokens[start : start + BLOCK]
            logits = self._forward(block)
            if len(block) == BLOCK:
                self._stable = tokens[: start + BLOCK]
            if on_read(start + len(block), len(tokens)):
                return None
        return logits

    def _cut_cache(self, keep: int) -> bool:
        """Leave the first `keep` tokens in the cache; False where its kind cannot do that (sliding windows)."""
        over = int(self._cache.get_seq_length()) - keep
        try:
            if over > 0:
                self._cache.crop(-over)
        except (ValueError, NotImplementedError, AttributeError):
            return False
        return over >= 0

    def _forward(self, tokens: list[int]) -> Any:
        """Feed tokens after what the cache holds; float32 logits of the last, shape (vocabulary,), on the CPU."""
        import torch

        ids = torch.tensor([tokens], device=self._device)
        out = self._model(input_ids=ids, past_key_values=self._cache, use_cache=True)
        self._cache = out.past_key_values
        return out.logits[0, -1].float().cpu()

    def close(self) -> None:
        self._model = self._cache = None


def pick(logits: Any, recent: Sequence[int], sampling: Sampling, draw: Any) -> int:
    """Draw the next token.

    Args:
        logits: float32 tensor of shape (vocabulary,).
        recent: tokens that the repetition penalty (Keskar et al. 2019, CTRL) makes less likely.
        draw: torch.Generator on the CPU.
    """
    import torch

    scores = logits.clone()
    if sampling.repetition_penalty != 1.0 and recent:
        index = torch.tensor(sorted(set(recent)))
        values = scores[index]
        scores[index] = torch.where(
            values > 0, values / sampling.repetition_penalty, values * sampling.repetition_penalty
        )
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


class _Decoder:
    """Token ids to text, never half a character: undecodable ends are held until the next token completes them."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer, self._ids, self._shown = tokenizer, list[int](), ""

    def add(self, token: int) -> str:
        self._ids.append(token)
        text = self._text()
        if text.endswith(_DEFECT):
            return ""
        piece = text[len(self._shown) :]
        self._shown = text
        if len(self._ids) > 32 and not text.endswith((" ", "\n")):
            # a short tail is enough to decode what follows; the whole text each time would be quadratic
            self._ids = self._ids[-8:]
            self._shown = self._text()
        return piece

    def rest(self) -> str:
        """What was held back at the very end, without its broken last character."""
        return self._text()[len(self._shown) :].rstrip(_DEFECT)

    def _text(self) -> str:
        return str(self._tokenizer.decode(self._ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def _end_tokens(model: Any, tokenizer: Any) -> set[int]:
    ends: set[int] = set()
    generation = getattr(model, "generation_config", None)
    for found in (tokenizer.eos_token_id, model.config.eos_token_id, getattr(generation, "eos_token_id", None)):
        ends.update(found if isinstance(found, list | tuple) else [] if found is None else [found])
    return {int(end) for end in ends}
