"""Stop pressed to worker free, beside one model step of the same run."""

from __future__ import annotations

import time
from itertools import pairwise

from benchmarks.common import host, median, percentiles, picture_request, report, run
from studio.engine.job import Event, Job, Progress, Stopped

ROUNDS = 12


def main() -> None:
    asked = picture_request(steps=60)
    stops: list[float] = []
    steps: list[float] = []
    with host() as supervisor:
        ticks: list[float] = []
        run(supervisor, asked, lambda e: ticks.append(time.perf_counter()) if isinstance(e, Progress) else None)
        steps = [b - a for a, b in pairwise(ticks[5:])]
        for at in range(ROUNDS):
            job = Job(asked)
            supervisor.submit(job)
            pressed = 0.0
            while True:
                event = supervisor.events.get(timeout=120)
                if not isinstance(event, Event) or event.job != job.id:
                    continue
                if isinstance(event, Progress) and event.step >= 3 + at and not pressed:
                    pressed = time.perf_counter()
                    supervisor.cancel(job.id)
                if isinstance(event, Stopped):
                    stops.append(time.perf_counter() - pressed)
                    break
    report("stop", {"stop_seconds": percentiles(stops), "model_step_seconds": round(median(steps), 3)},
           "one model step + 0.1 s")


if __name__ == "__main__":
    main()
