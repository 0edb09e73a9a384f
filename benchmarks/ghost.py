"""Ghost text at the end of a long text: first token after typing, with the warm beginning against without, in one run.

Each request comes with a few more words at the end, as after a pause in typing; some are stopped after their first
token, as when the next key comes, and the one after is timed too. "Cold" is the same request to a host that
has just read another text into the same slot. The bare rate is xllamacpp's own server with the same model and threads.
"""

from __future__ import annotations

import time
from typing import Any

import psutil

from benchmarks.common import host, library, median, options, progress, report
from benchmarks.passage import Bare
from studio.engine.job import Event, Failed, Finished, Job, Request, Result, Stopped, Token
from studio.engine.supervisor import Supervisor

LENGTHS = [1_500]
"""Tokens before the caret unless --tokens says otherwise; 6,000 take minutes to read on two cores."""
WARM, COLD, STOPPED = 12, 1, 4
GHOST = {"max_tokens": 12, "temperature": 0.3, "seed": 7}
STORY = ("The lighthouse keeper climbed the stairs slowly, counting each one, as he had every night for thirty years. "
         "Number {n} creaked. Somewhere out on the black water a ship was waiting for his light, and he thought of "
         "the {n} letters in the drawer that he had never sent. ")
WORDS = ("and then", "the wind", "turned while", "the old", "door opened", "behind him", "without a", "sound and")


class Typist:
    """Asks for ghost text through a host, as the window does: the text is a medium, the job is stopped by its id."""

    def __init__(self, supervisor: Supervisor, media: dict[str, tuple[bytes, str]]) -> None:
        self._supervisor, self._media = supervisor, media
        self._models = {"model": library().resolve("smollm2-135m", ["gguf"])}

    def ask(self, text: str, *, stop: bool = False, **params: Any) -> tuple[float, float, dict[str, Any]]:
        """Seconds to the first token and to the end, and the result's facts; stop: stopped at the first token."""
        import hashlib

        data = text.encode()
        sha256 = hashlib.sha256(data).hexdigest()
        self._media[sha256] = (data, "text/plain; charset=utf-8")
        given = {**GHOST, "context": {"media": sha256, "type": "text/plain; charset=utf-8"}, **params}
        job = Job(Request("language.text", given, self._models))
        begun, first, meta = time.perf_counter(), 0.0, dict[str, Any]()
        self._supervisor.submit(job)
        while True:
            event = self._supervisor.events.get(timeout=600)
            if not isinstance(event, Event) or event.job != job.id:
                continue
            if isinstance(event, Token) and not first:
                first = time.perf_counter() - begun
                if stop:
                    self._supervisor.cancel(job.id)
            elif isinstance(event, Result):
                meta = dict(event.meta)
            elif isinstance(event, Failed):
                raise RuntimeError(event.error.message)
            elif isinstance(event, (Finished, Stopped)):
                return first or time.perf_counter() - begun, time.perf_counter() - begun, meta


def story(tokens: int) -> str:
    """About this many tokens of prose (64 to a turn of the story)."""
    return "".join(STORY.format(n=n) for n in range(1, round(tokens / 64) + 1))


def spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50_ms": round(median(values) * 1000), "p95_ms": round(ordered[min(len(ordered) - 1,
            int(0.95 * len(ordered)))] * 1000), "count": len(values)}


def measure(typist: Typist, length: int) -> dict[str, Any]:
    text, other = story(length), "It was quite another story. " + story(length)
    cold, warm, after_stop = [], [], []
    read = 0
    for _ in range(COLD):
        progress(f"reading another text of {length} tokens")
        typist.ask(other)
        progress(f"ghost text after {length} tokens, cold")
        first, _, meta = typist.ask(text)
        cold.append(first)
        read = int(meta["read"])
    progress(f"the same {WARM} times, warm")
    for index in range(WARM):
        text += WORDS[index % len(WORDS)] + " "
        warm.append(typist.ask(text)[0])
    progress(f"after a stopped one, {STOPPED} times")
    for index in range(STOPPED):
        text += WORDS[index % len(WORDS)] + " "
        typist.ask(text, stop=True)
        text += "now "
        after_stop.append(typist.ask(text)[0])
    return {"tokens": read, "cold": spread(cold), "warm": spread(warm), "warm_after_a_stopped_one": spread(after_stop),
            "gain": round(median(cold) / median(warm), 1)}


def rates(typist: Typist) -> dict[str, Any]:
    """Tokens a second of a passage through the studio, over the same model in bare xllamacpp, in turn."""
    progress("tokens a second, beside the bare library")
    bare = Bare(max(1, (psutil.cpu_count(logical=False) or 1) - 1))
    prompt = "Write a short story about a lighthouse keeper and a cat."
    studio, plain = [], []
    for _ in range(3):
        begun = time.perf_counter()
        meta = typist.ask("", prompt=prompt, max_tokens=128, temperature=0.8)[2]
        studio.append(int(meta["tokens"]) / (time.perf_counter() - begun))
        plain.append(bare.rate(prompt, 128))
    return {"studio": round(median(studio), 1), "bare": round(median(plain), 1),
            "ratio": round(median([a / b for a, b in zip(studio, plain, strict=True)]), 3)}


def main() -> None:
    parser = options("ghost", __doc__)
    parser.add_argument("--tokens", type=int, nargs="+", default=LENGTHS, help="how long the text is")
    lengths = parser.parse_args().tokens
    media: dict[str, tuple[bytes, str]] = {}
    with host(media) as supervisor:
        typist = Typist(supervisor, media)
        typist.ask("It was")
        before = _host_memory()
        figures: dict[str, Any] = {f"after_{length}": measure(typist, length) for length in lengths}
        figures["host_memory_mb"] = {"loaded": before, "after": _host_memory()}
        figures["tokens_a_second"] = rates(typist)
    report("ghost", figures, "no fixed budget; warm far below cold, a stopped request must not delay the next",
           parser)


def _host_memory() -> int:
    """Resident memory of the host process, in MB."""
    return int(max(child.memory_info().rss for child in psutil.Process().children(recursive=True)) // 10**6)


if __name__ == "__main__":
    main()
