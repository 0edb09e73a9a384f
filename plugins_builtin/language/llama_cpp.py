"""GGUF models through llama.cpp, as the `xllamacpp` wheel carries it, inside this process."""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from plugins_builtin.language.backend import (
    BLOCK,
    PENALTY_WINDOW,
    Ended,
    OnPiece,
    OnRead,
    Sampling,
    common_prefix,
    whole_blocks,
)
from plugins_builtin.language.gguf import BadGguf, read_header
from plugins_builtin.threads import share_cores
from studio.plugins import Device, GeneratorError, ModelFiles

WINDOW = 4096
"""Tokens kept in mind; smaller where the model was trained on less."""


_PLAIN = {"chat_template_kwargs": {"enable_thinking": False}}
"""Models that think aloud before they answer are asked not to."""


class LlamaCpp:
    """One GGUF model with one slot. Only tokenizing goes over its loopback port, behind a random key."""

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
        self.window = min(WINDOW, header.number("context_length", WINDOW))
        self._key = secrets.token_hex(16)
        self._stable: list[int] = []
        """Tokens in the cache that were read in whole blocks."""
        self._cached: list[int] = []
        """What the last prompt left in the cache; the text made after it lies there too."""
        share_cores(device)
        import xllamacpp

        try:
            self._server: Any = xllamacpp.Server(self._settings(xllamacpp, str(path), device))
        except RuntimeError as error:
            raise GeneratorError(
                f"The model {files.name} cannot be loaded: llama.cpp refuses {path.name}. "
                "It may be damaged or of a kind that is not supported."
            ) from error
        # A server that is closed before its loop has begun waits for ever; one token makes sure that it has.
        self._cached = [0]
        self._server.handle_completions({"prompt": self._cached, "max_tokens": 1}, lambda _: False)
        self._template = bool(header.metadata.get("tokenizer.chat_template"))

    def _settings(self, xllamacpp: Any, path: str, device: Device) -> Any:
        params = xllamacpp.CommonParams()
        params.model.path = path
        params.n_ctx, params.n_parallel = self.window, 1
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
        prompt = self._post("/apply-template", {"messages": list(messages), **_PLAIN})["prompt"]
        answer = self._post("/tokenize", {"content": prompt, "add_special": True, "parse_special": True})
        return [int(token) for token in answer["tokens"]]

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

    def generate(self, prompt: Sequence[int], sampling: Sampling, on_piece: OnPiece, on_read: OnRead) -> Ended:
        tokens = list(prompt)
        self._cut_cache(tokens)
        ended: list[Ended] = []
        failure: list[str] = []

        def on_chunk(chunk: dict[str, Any]) -> bool:
            if "error" in chunk:
                failure.append(_reason(chunk))
                return True
            if "prompt_progress" in chunk:
                reading = chunk["prompt_progress"]
                return self._asked(ended, on_read(int(reading["processed"]), int(reading["total"])))
            choice = chunk["choices"][0]
            text = choice["text"]
            if text and self._asked(ended, on_piece(text, int(chunk["timings"]["predicted_n"]))):
                return True
            if choice["finish_reason"] and not ended:
                ended.append("length" if choice["finish_reason"] == "length" else "eos")
            return False

        self._server.handle_completions(self._body(tokens, sampling), on_chunk)
        if failure:
            self._stable, self._cached = [], []
            raise GeneratorError(f"The language model stopped: {failure[0]}")
        return ended[0] if ended else "eos"

    @staticmethod
    def _asked(ended: list[Ended], stop: bool) -> bool:
        if stop and not ended:
            ended.append("stop")
        return stop

    @staticmethod
    def _body(tokens: list[int], sampling: Sampling) -> dict[str, Any]:
        return {
            "prompt": tokens,
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
            # the largest value means "draw one" to llama.cpp
            "seed": min(sampling.seed, 2**32 - 2),
            "samplers": ["penalties", "top_k", "top_p", "min_p", "temperature"],
        }

    def _cut_cache(self, tokens: list[int]) -> None:
        """Leave in the slot only what `tokens` shares with it in whole blocks (see `backend`).

        llama.cpp reuses the longest common prefix and cannot be told less, so a short request that leaves the common
        path at the right place makes it forget the rest.
        """
        keep = whole_blocks(self._stable, tokens)
        shared = common_prefix(self._cached, tokens)
        if self._cached and not shared == keep < len(self._cached):
            other = 0 if tokens[keep] else 1
            detour = [*tokens[:keep], other]
            self._server.handle_completions({"prompt": detour, "max_tokens": 1, "cache_prompt": True}, lambda _: False)
        self._stable = tokens
        self._cached = tokens

    def close(self) -> None:
        self._server = None


def _reason(answer: dict[str, Any]) -> str:
    error = answer.get("error")
    return str(error.get("message", error)) if isinstance(error, dict) else str(error)
