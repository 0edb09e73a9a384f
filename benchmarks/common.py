"""Shared by the benchmarks: a host to talk to, percentiles, and one way of printing."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from studio.engine.job import Event, Failed, Finished, Job, Request, Stopped
from studio.engine.supervisor import Supervisor
from studio.models.library import Library
from studio.settings import Paths

PICTURE = {"prompt": "a red apple", "seed": 7, "steps": 20}
PASSAGE = {"prompt": "Write a short story about a lighthouse keeper and a cat.", "seed": 7, "max_tokens": 128}


def library() -> Library:
    return Library(Paths.from_env())


def request(generator: str, params: dict[str, Any], kinds: Sequence[str], model: str) -> Request:
    return Request(generator, params, {"model": library().resolve(model, list(kinds))})


def picture_request(**changes: Any) -> Request:
    return request("diffusion.image", {**PICTURE, **changes}, ["stable-diffusion"], "spark")


def passage_request(**changes: Any) -> Request:
    return request("language.text", {**PASSAGE, **changes}, ["gguf"], "smollm2-135m")


@contextmanager
def host(media: Mapping[str, tuple[bytes, str]] | None = None) -> Iterator[Supervisor]:
    """media: what inputs refer to, by content hash."""
    inputs: Mapping[str, tuple[bytes, str]] = {} if media is None else media
    supervisor = Supervisor(media=inputs.__getitem__, log=lambda _: None)
    try:
        yield supervisor
    finally:
        supervisor.close()


def run(supervisor: Supervisor, asked: Request, on_event: Callable[[Event], None] = lambda _: None) -> float:
    """Run one job; seconds from submit to its end. Raises RuntimeError when it fails."""
    job = Job(asked)
    begun = time.perf_counter()
    supervisor.submit(job)
    while True:
        event = supervisor.events.get(timeout=300)
        if not isinstance(event, Event) or event.job != job.id:
            continue
        on_event(event)
        if isinstance(event, Failed):
            raise RuntimeError(event.error.message + "\n" + event.error.details)  # noqa: TRY004
        if isinstance(event, (Finished, Stopped)):
            return time.perf_counter() - begun


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p99 and max, rounded to 3 digits."""
    ordered = sorted(values)
    at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))]  # noqa: E731
    return {"p50": round(at(0.5), 3), "p99": round(at(0.99), 3), "max": round(ordered[-1], 3), "count": len(ordered)}


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def options(name: str, about: str | None = None) -> argparse.ArgumentParser:
    """The command line of a benchmark; add to it what it has of its own."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=about)
    parser.add_argument("--json", action="store_true", help="print the figures as a JSON line")
    return parser


def progress(text: str) -> None:
    """Say how far a long benchmark is."""
    print(text, file=sys.stderr, flush=True)


def report(name: str, figures: dict[str, Any], budget: str, parser: argparse.ArgumentParser | None = None) -> None:
    """Print one benchmark's figures, as a JSON line with --json. parser: where it has options of its own."""
    if (parser or options(name)).parse_args().json:
        print(json.dumps({"benchmark": name, "budget": budget, **figures}), flush=True)
        return
    print(f"{name}  (budget: {budget})")
    for key, value in figures.items():
        print(f"  {key}: {value}")
