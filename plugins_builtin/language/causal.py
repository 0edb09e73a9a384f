"""Transformers causal-LM folders: an own token loop, to notice a stop at each token and to reuse the cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plugins_builtin.language.backend import (
    BLOCK,
    FIM_WORDS,
    PENALTY_WINDOW,
    SLOTS,
    Ended,
    OnPiece,
    OnRead,
    Piece,
    Sampling,
    TemplateFails,
    whole_blocks,
)
from plugins_builtin.language.drawing import BREAKERS, options, pick
from plugins_builtin.language.grammar import Follower, reader
from plugins_builtin.threads import share_cores
from plugins_builtin.weights import check_folder, first_line, quiet
from studio.plugins import Device, GeneratorError, ModelFiles

WINDOW = 8192
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
        self._slots = [_Slot() for _ in SLOTS]
        self._breakers: frozenset[int] | None = None
        self._pieces: dict[int, str] = {}
        self._reader: Any = None

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
            raise TemplateFails(f"The model's chat template refuses this conversation: {first_line(error)}.") from error
        return [int(token) for token in self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]]

    def fim(self) -> tuple[int, int, int] | None:
        known = self._tokenizer.get_vocab()
        for before, after, middle in FIM_WORDS:
            if before in known and after in known and middle in known:
                return int(known[before]), int(known[after]), int(known[middle])
        return None

    def decode(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(tokens), clean_up_tokenization_spaces=False))

    def generate(
        self, prompt: Sequence[int], sampling: Sampling, on_piece: OnPiece, on_read: OnRead, slot: int = 0
    ) -> Ended:
        import torch

        ruled = bool(sampling.json_schema or sampling.grammar)
        rules = Follower(self._grammar_reader(), sampling.json_schema, sampling.grammar) if ruled else None
        with torch.inference_mode():
            return self._generate(list(prompt), sampling, on_piece, on_read, self._slots[slot], rules)

    def _generate(
        self,
        tokens: list[int],
        sampling: Sampling,
        on_piece: OnPiece,
        on_read: OnRead,
        slot: _Slot,
        rules: Follower | None,
    ) -> Ended:
        import torch

        logits = self._read(tokens, on_read, slot)
        if logits is None:
            return "stop"
        draw = torch.Generator("cpu").manual_seed(sampling.seed)
        seen, made = list(tokens), _Decoder(self._tokenizer)
        breakers = self._find_breakers() if sampling.dry_multiplier else frozenset[int]()
        for count in range(1, sampling.max_tokens + 1):
            mask = rules.mask if rules else None
            token = pick(logits, seen[-PENALTY_WINDOW:], sampling, draw, breakers, mask)
            if token in self._ends:
                return "eos"
            complete = rules is not None and not rules.take(token)
            told = self._options(logits, sampling.alternatives, token)
            seen.append(token)
            text = made.add(token)
            if text and on_piece(Piece(text, count, told)):
                return "stop"
            if complete:
                return "eos"
            if count < sampling.max_tokens:
                logits = self._forward([token], slot)
        left = made.rest()
        return "stop" if left and on_piece(Piece(left, sampling.max_tokens)) else "length"

    def _options(self, logits: Any, count: int, drawn: int) -> tuple[tuple[str, float], ...]:
        told = [(self._piece(token), share) for token, share in options(logits, count, drawn)] if count else []
        return tuple(option for option in told if _DEFECT not in option[0])

    def _piece(self, token: int) -> str:
        """The text of one token, as it stands inside a text; kept, since a grammar asks for many, often."""
        if token not in self._pieces:
            self._pieces[token] = self.decode([token])
        return self._pieces[token]

    def _grammar_reader(self) -> Any:
        if self._reader is None:
            self._reader = reader(self._tokenizer, int(self._model.config.vocab_size), self._ends)
        return self._reader

    def _find_breakers(self) -> frozenset[int]:
        if self._breakers is None:
            self._breakers = frozenset(
                token for token in range(len(self._tokenizer)) if any(b in self._piece(token) for b in BREAKERS)
            )
        return self._breakers

    def _read(self, tokens: list[int], on_read: OnRead, slot: _Slot) -> Any:
        """Logits after the prompt, shape (vocabulary,); None where a stop was asked for."""
        from transformers import DynamicCache

        keep = whole_blocks(slot.stable, tokens) if slot.cache is not None else 0
        if not keep or not slot.cut(keep):
            keep, slot.cache = 0, DynamicCache(config=self._model.config)
        slot.stable = tokens[:keep]
        logits = None
        for start in range(keep, len(tokens), BLOCK):
            block = tokens[start : start + BLOCK]
            logits = self._forward(block, slot)
            if len(block) == BLOCK:
                slot.stable = tokens[: start + BLOCK]
            if on_read(start + len(block), len(tokens)):
                return None
        return logits

    def _forward(self, tokens: list[int], slot: _Slot) -> Any:
        """Feed tokens after what the slot holds; float32 logits of the last, shape (vocabulary,), on the CPU."""
        import torch

        ids = torch.tensor([tokens], device=self._device)
        out = self._model(input_ids=ids, past_key_values=slot.cache, use_cache=True)
        slot.cache = out.past_key_values
        return out.logits[0, -1].float().cpu()

    def close(self) -> None:
        self._model, self._slots = None, []


class _Slot:
    """The keys and values of one text, kept between runs."""

    def __init__(self) -> None:
        self.cache: Any = None
        self.stable: list[int] = []
        """Tokens in the cache that were read in whole blocks."""

    def cut(self, keep: int) -> bool:
        """Leave the first `keep` tokens in the cache; False where its kind cannot do that (sliding windows)."""
        over = int(self.cache.get_seq_length()) - keep
        try:
            if over > 0:
                self.cache.crop(-over)
        except (ValueError, NotImplementedError, AttributeError):
            return False
        return over >= 0


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
