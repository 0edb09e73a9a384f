"""GGUF models through llama.cpp, as the `xllamacpp` wheel carries it, inside this process."""

from __future__ import annotations

import http.client
import json
import math
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from plugins_builtin.language.backend import (
    BLOCK,
    FIM_WORDS,
    PENALTY_WINDOW,
    SLOTS,
    BadGrammar,
    Ended,
    OnPiece,
    OnRead,
    Piece,
    Sampling,
    TemplateFails,
    common_prefix,
    tight,
    whole_blocks,
)
from plugins_builtin.language.gguf import BadGguf, Header, read_header
from plugins_builtin.language.grammar import check_schema
from plugins_builtin.threads import share_cores
from studio.plugins import Device, GeneratorError, ModelFiles

WINDOW = 8192
"""Tokens kept in mind by each slot; fewer where the model was trained on less, or memory is short."""

LEAST_WINDOW = 4096
CACHE_SHARE = 0.15
"""Of the machine's memory, the part that the slots may take."""

_PLAIN = {"chat_template_kwargs": {"enable_thinking": False}}
"""Models that think aloud before they answer are asked not to."""


class LlamaCpp:
    """One GGUF model with a slot for each of `SLOTS`.

    Only tokenizing and templates go over its loopback port, behind a random key.
    """

    def __init__(self, files: ModelFiles, device: Device) -> None:
        """Raises `GeneratorError` where the file is missing, cut short or of a kind llama.cpp does not know."""
        path = files.path if files.path.is_file() else next(iter(sorted(files.path.glob("*.gguf"))), files.path)
        try:
            header = read_header(path)
        except BadGguf as error:
            raise GeneratorError(
                f"The model {files.name} cannot be loaded: {path.name} {error}. Install it again."
            ) from error
        except OSError as error:
            raise GeneratorError(
                f"The model {files.name} cannot be loaded: {path.name} cannot be read. Install it again."
            ) from error
        self.window = min(WINDOW, header.number("context_length", WINDOW), _room_for(header, device))
        self._key = secrets.token_hex(16)
        self._slots = [_Slot() for _ in SLOTS]
        self._fim: tuple[int, int, int] | None = None
        share_cores(device)
        import xllamacpp

        self._template = bool(header.metadata.get("tokenizer.chat_template"))
        self._server: Any = self._start(xllamacpp, files, path, device)
        # A server that is closed before its loop has begun waits for ever; one token makes sure that it has.
        self._slots[0].cached = [0]
        self._server.handle_completions({"prompt": [0], "max_tokens": 1, "id_slot": 0}, lambda _: False)
        self._fim = self._find_fim()

    def _start(self, xllamacpp: Any, files: ModelFiles, path: Path, device: Device) -> Any:
        settings = self._settings(xllamacpp, str(path), device)
        try:
            return xllamacpp.Server(settings)
        except RuntimeError as error:
            first = error
        try:
            # llama.cpp refuses a model for its chat template too; with another in its place, not used, it loads.
            settings.chat_template, self._template = "chatml", False
            return xllamacpp.Server(settings)
        except RuntimeError:
            raise GeneratorError(
                f"The model {files.name} cannot be loaded: llama.cpp refuses {path.name}. "
                "It may be damaged or of a kind that is not supported."
            ) from first

    def _settings(self, xllamacpp: Any, path: str, device: Device) -> Any:
        params = xllamacpp.CommonParams()
        params.model.path = path
        # Slots of their own, not a shared store: where a token lies in the store changes the last bits of what follows.
        params.n_ctx, params.n_parallel, params.kv_unified = self.window * len(SLOTS), len(SLOTS), False
        params.slot_prompt_similarity, params.cache_idle_slots = 0.0, False
        # Blocks of one size, no guessing by free memory, no second cache: the same request gives the same text.
        params.n_batch = params.n_ubatch = BLOCK
        params.fit_params, params.cache_ram_mib, params.warmup = False, 0, False
        params.n_gpu_layers = 0 if device.type == "cpu" else 999
        # One core stays free: threads wait for each other hundreds of times a token, and one that shares its core with
        # the window slows all of them down (measured on 2 busy cores: 2 threads 3-9 tokens a second, 1 thread 40-80).
        params.cpuparams.n_threads = max(1, device.threads - 1)
        params.cpuparams_batch.n_threads = max(1, device.threads)
        params.verbosity = -1
        params.ui = params.endpoint_slots = False
        params.api_keys, params.cors_origins = [self._key], "http://127.0.0.1"
        return params

    # ---------------------------------------------------------------- tokens

    def tokenize(self, text: str, *, start: bool) -> list[int]:
        answer = self._post("/tokenize", {"content": text, "add_special": start, "parse_special": False})
        return [int(token) for token in answer["tokens"]]

    def chat(self, messages: Sequence[dict[str, str]]) -> list[int] | None:
        if not self._template:
            return None
        try:
            prompt = self._post("/apply-template", {"messages": list(messages), **_PLAIN})["prompt"]
        except GeneratorError as error:
            raise TemplateFails(f"The model's chat template refuses this conversation: {error}") from error
        return self._special(prompt, start=True)

    def fim(self) -> tuple[int, int, int] | None:
        return self._fim

    def decode(self, tokens: Sequence[int]) -> str:
        return str(self._post("/detokenize", {"tokens": list(tokens)})["content"]) if tokens else ""

    def _special(self, text: str, *, start: bool) -> list[int]:
        """Token ids of text whose control words count as such."""
        answer = self._post("/tokenize", {"content": text, "add_special": start, "parse_special": True})
        return [int(token) for token in answer["tokens"]]

    def _find_fim(self) -> tuple[int, int, int] | None:
        for words in FIM_WORDS:
            found = [self._special(word, start=False) for word in words]
            if all(len(tokens) == 1 for tokens in found):
                return found[0][0], found[1][0], found[2][0]
        return None

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        address = urlsplit(self._server.listening_address)
        connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=60)
        try:
            connection.request(
                "POST",
                path,
                json.dumps(body),
                {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
            )
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "error" in answer:
            raise GeneratorError(f"The language model could not read this text: {_reason(answer)}")
        return dict(answer)

    # ---------------------------------------------------------------- text

    def generate(
        self, prompt: Sequence[int], sampling: Sampling, on_piece: OnPiece, on_read: OnRead, slot: int = 0
    ) -> Ended:
        if sampling.json_schema:
            check_schema(sampling.json_schema)
        tokens = list(prompt)
        self._slots[slot].cut(self._server, tokens, slot)
        stream = _Stream(on_piece, on_read)
        self._server.handle_completions(_body(tokens, sampling, slot), stream.on_chunk)
        if stream.failure:
            self._slots[slot].forget()
            if "grammar" in stream.failure or "schema" in stream.failure.lower():
                raise BadGrammar(stream.failure)
            raise GeneratorError(f"The language model stopped: {stream.failure}")
        return stream.ended or "eos"

    def close(self) -> None:
        self._server = None


class _Slot:
    """What one of llama.cpp's slots holds."""

    def __init__(self) -> None:
        self.stable: list[int] = []
        """Tokens in the cache that were read in whole blocks."""
        self.cached: list[int] = []
        """What the last prompt left in the cache; the text made after it lies there too."""

    def forget(self) -> None:
        self.stable, self.cached = [], [0]  # not known, but not empty

    def cut(self, server: Any, tokens: list[int], slot: int) -> None:
        """Leave in the slot only what `tokens` shares with it in whole blocks (see `backend`).

        llama.cpp reuses the longest common prefix and cannot be told less, so a short request that leaves the common
        path at the right place makes it forget the rest.
        """
        keep = whole_blocks(self.stable, tokens)
        shared = common_prefix(self.cached, tokens)
        if self.cached and not shared == keep < len(self.cached):
            other = 0 if tokens[keep] else 1
            detour = {"prompt": [*tokens[:keep], other], "max_tokens": 1, "cache_prompt": True, "id_slot": slot}
            server.handle_completions(detour, lambda _: False)
        self.stable = tokens
        self.cached = tokens


class _Stream:
    """Takes the chunks of one completion."""

    def __init__(self, on_piece: OnPiece, on_read: OnRead) -> None:
        self._on_piece, self._on_read = on_piece, on_read
        self.ended: Ended | None = None
        self.failure = ""

    def on_chunk(self, chunk: dict[str, Any]) -> bool:
        """True asks llama.cpp to stop."""
        if "error" in chunk:
            self.failure = _reason(chunk)
            return True
        if "prompt_progress" in chunk:
            reading = chunk["prompt_progress"]
            return self._asked(self._on_read(int(reading["processed"]), int(reading["total"])))
        choice = chunk["choices"][0]
        if choice["text"]:
            made = int(chunk["timings"]["predicted_n"])
            if self._asked(self._on_piece(Piece(choice["text"], made, self._options(choice)))):
                return True
        if choice["finish_reason"] and self.ended is None:
            self.ended = "length" if choice["finish_reason"] == "length" else "eos"
        return False

    def _options(self, choice: dict[str, Any]) -> tuple[tuple[str, float], ...]:
        content = (choice.get("logprobs") or {}).get("content")
        if not content or len(content) > 1:
            return ()
        told = [*content[0].get("top_logprobs", ()), content[0]]  # with the one that was drawn, however unlikely
        found = {str(option["token"]): math.exp(option["logprob"]) for option in reversed(told)}
        ranked = sorted(found.items(), key=lambda option: -option[1])
        return tuple(option for option in ranked if "\ufffd" not in option[0])

    def _asked(self, stop: bool) -> bool:
        if stop and self.ended is None:
            self.ended = "stop"
        return stop


def _body(tokens: list[int], sampling: Sampling, slot: int) -> dict[str, Any]:
    body = {
        "prompt": tokens,
        "id_slot": slot,
        "stream": True,
        "cache_prompt": True,
        "timings_per_token": True,
        "return_progress": True,
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repetition_penalty,
        "repeat_last_n": PENALTY_WINDOW,
        "dry_multiplier": sampling.dry_multiplier,
        "dry_base": sampling.dry_base,
        "dry_allowed_length": sampling.dry_allowed_length,
        "dry_penalty_last_n": PENALTY_WINDOW,
        # the largest value means "draw one" to llama.cpp
        "seed": min(sampling.seed, 2**32 - 2),
        "samplers": ["penalties", "dry", "top_k", "top_p", "min_p", "temperature"],
    }
    if sampling.banned:
        body["logit_bias"] = [[token, False] for token in sampling.banned]
    if sampling.alternatives:
        body["n_probs"] = sampling.alternatives
    if sampling.json_schema:
        body["json_schema"] = tight(sampling.json_schema)
    elif sampling.grammar:
        body["grammar"] = sampling.grammar
    return body


def _reason(answer: dict[str, Any]) -> str:
    error = answer.get("error")
    return str(error.get("message", error)) if isinstance(error, dict) else str(error)


def _room_for(header: Header, device: Device) -> int:
    """Tokens a slot may hold, in steps of 1024, so that keys and values of all slots fit into `CACHE_SHARE` of memory.

    On a GPU the caches lie in its memory, of which nothing is known here: the least that is useful is taken for large
    models.
    """
    layers, heads = header.number("block_count", 32), max(1, header.number("attention.head_count", 32))
    size = header.number("embedding_length", 4096) // heads
    keys, values = header.number("attention.key_length", size), header.number("attention.value_length", size)
    token = layers * header.number("attention.head_count_kv", heads) * (keys + values) * 2
    memory = psutil.virtual_memory().total if device.type == "cpu" else 16 * 2**30
    fits = int(memory * CACHE_SHARE) // max(1, token * len(SLOTS))
    return max(LEAST_WINDOW, fits // 1024 * 1024)
