"""Tokens a second through Studio over bare xllamacpp: same model, prompt, sampler settings and threads, in turn.

Studio leaves one core to the window; the bare rate on all cores is given beside.
"""

from __future__ import annotations

import time

import psutil

from benchmarks.common import host, library, median, passage_request, report, run
from studio.engine.job import Event, Result, Token

ROUNDS = 5


def main() -> None:
    asked = passage_request()
    with host() as supervisor:
        run(supervisor, asked)
        threads = max(1, (psutil.cpu_count(logical=False) or 1) - 1)
        bare, eager = Bare(threads), Bare(threads + 1)
        studio, plain, all_cores, first = [], [], [], []
        for _ in range(ROUNDS):
            rate, wait = through_studio(supervisor, asked)
            studio.append(rate)
            first.append(wait)
            plain.append(bare.rate(asked.params["prompt"], asked.params["max_tokens"]))
            all_cores.append(eager.rate(asked.params["prompt"], asked.params["max_tokens"]))
    report("passage", {
        "ratio": round(median([a / b for a, b in zip(studio, plain, strict=True)]), 3),
        "studio_tokens_a_second": round(median(studio), 1), "bare_tokens_a_second": round(median(plain), 1),
        "bare_on_all_cores_tokens_a_second": round(median(all_cores), 1),
        "first_token_seconds": round(median(first), 3),
    }, "ratio at least 0.97")


def through_studio(supervisor: object, asked: object) -> tuple[float, float]:
    begun = time.perf_counter()
    seen: list[float] = []
    tokens: list[int] = []

    def note(event: Event) -> None:
        if isinstance(event, Token) and not seen:
            seen.append(time.perf_counter() - begun)
        if isinstance(event, Result):
            tokens.append(int(event.meta["tokens"]))

    seconds = run(supervisor, asked, note)
    return tokens[0] / seconds, seen[0]


class Bare:
    """The same GGUF file in xllamacpp's own server class, nothing of Pieria around it."""

    def __init__(self, threads: int) -> None:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = library().resolve("smollm2-135m", ["gguf"])["path"]
        params.n_ctx = 4096
        params.n_parallel = 1
        params.cpuparams.n_threads = threads
        params.verbosity = -1
        self.server = xllamacpp.Server(params)

    def rate(self, prompt: str, tokens: int) -> float:
        """Tokens a second of one chat completion, prompt evaluation included."""
        begun = time.perf_counter()
        answer = self.server.handle_chat_completions({
            "messages": [{"role": "user", "content": prompt}], "max_tokens": tokens, "temperature": 0.8, "seed": 7,
            "min_p": 0.05, "repeat_penalty": 1.1, "cache_prompt": False,
        })
        return answer["usage"]["completion_tokens"] / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
