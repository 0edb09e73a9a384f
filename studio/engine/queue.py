"""The order of jobs: two lanes, pause, moving, speed and time left. Plain Python; one thread at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from studio.engine.job import Event, Failed, Finished, Job, JobState, Lane, Progress, Started, Stopped, Token

SMOOTHING = 0.3
"""Weight of the newest interval in the rate."""


class JobQueue:
    """Jobs from asking to their end. At most one runs; done and cancelled jobs leave, failed ones stay for a retry.

    Args:
        clock: seconds; injected by tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._running: Job | None = None
        self._waiting: list[Job] = []
        self._failed: list[Job] = []
        self._ticked: tuple[int, float] | None = None
        self.paused = False
        """While true, `next` gives nothing; what runs goes on."""

    def add(self, jobs: Iterable[Job]) -> None:
        """Append jobs to their lanes, interrupted or failed ones anew. One that already runs or waits is left alone."""
        for job in jobs:
            if any(job.id == known.id for known in self.active()):
                continue
            self._failed = [failed for failed in self._failed if failed.id != job.id]
            self._waiting.append(fresh(job))
        self._sort()

    def next(self) -> Job | None:
        """Take the job to run now; None while one runs, while paused, or where none waits."""
        if self.paused or self._running is not None or not self._waiting:
            return None
        self._running = replace(self._waiting.pop(0), state=JobState.RUNNING)
        self._ticked = None
        return self._running

    def move(self, job_id: str, place: int) -> bool:
        """Put a waiting job at `place` among the waiting ones (0 is next), as far as its lane reaches."""
        job = self._find(self._waiting, job_id)
        if job is None:
            return False
        self._waiting.remove(job)
        self._waiting.insert(min(max(place, 0), len(self._waiting)), job)
        self._sort()
        return True

    def cancel(self, job_id: str) -> Job | None:
        """Remove a waiting or a failed job and return it. A running one stays until its end is reported: None."""
        for jobs in (self._waiting, self._failed):
            job = self._find(jobs, job_id)
            if job is not None:
                jobs.remove(job)
                return replace(job, state=JobState.CANCELLED)
        return None

    def retry(self, job_id: str) -> bool:
        """Queue a failed job once more, at the end of its lane."""
        job = self._find(self._failed, job_id)
        if job is None:
            return False
        self.add([job])
        return True

    def update(self, event: Event) -> bool:
        """Take in what happened to the running job. Returns whether its state changed, not only its progress."""
        job = self._running
        if job is None or job.id != event.job:
            return False
        match event:
            case Progress():
                self._tick(job, event.step, event.of, event.message)
            case Token():
                self._tick(job, job.step + 1, job.of, job.message)
            case Finished() | Stopped():
                self._running = None
            case Failed():
                self._running = None
                self._failed.append(replace(job, state=JobState.FAILED, error=event.error, seconds_left=None))
        return isinstance(event, (Started, Finished, Stopped, Failed))

    @property
    def running(self) -> Job | None:
        return self._running

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing could be run now."""
        return self._running is None and (self.paused or not self._waiting)

    def active(self) -> list[Job]:
        """The running job and the waiting ones."""
        return [*([self._running] if self._running else []), *self._waiting]

    def snapshot(self) -> list[Job]:
        """Running, waiting in their order, then failed."""
        return [*self.active(), *self._failed]

    def _sort(self) -> None:
        self._waiting.sort(key=lambda job: job.lane != Lane.FOREGROUND)  # stable: keeps the order within a lane

    def _tick(self, job: Job, step: int, of: int, message: str) -> None:
        now, rate = self._clock(), job.rate
        if self._ticked is None or step < self._ticked[0] or of != job.of:
            self._ticked, rate = (step, now), 0.0
        elif step > self._ticked[0] and now > self._ticked[1]:
            newest = (step - self._ticked[0]) / (now - self._ticked[1])
            rate = newest if not rate else SMOOTHING * newest + (1 - SMOOTHING) * rate
            self._ticked = (step, now)
        left = max(of - step, 0) / rate if rate and of else None
        self._running = replace(job, step=step, of=of, rate=rate, seconds_left=left, message=message)

    @staticmethod
    def _find(jobs: list[Job], job_id: str) -> Job | None:
        return next((job for job in jobs if job.id == job_id), None)


def fresh(job: Job) -> Job:
    """The job as it waits: without the traces of an earlier run."""
    return Job(job.request, job.id, job.lane)
