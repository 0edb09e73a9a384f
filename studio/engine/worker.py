"""The inference worker: a QThread that owns the queue and the life of the host. The only Qt of the engine."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from studio.engine.inputs import no_media
from studio.engine.job import Discovery, Event, HostState, Job, Progress, Request, Stopped, Token
from studio.engine.queue import JobQueue
from studio.engine.supervisor import Supervisor

log = logging.getLogger("studio.host")

REPORT_SECONDS = 0.05
"""Progress alone changes the shown queue at most this often."""


class InferenceWorker(QThread):
    """Feeds jobs to the host one by one and reports as plain data. Every method returns at once, on any thread.

    Args:
        media: bytes and media type of a content hash; raises where it has none. Called on the supervisor's thread.
        env: variables for the host, over those of this process.
        supervisor: instead of one made from `media` and `env`; not started yet, and used by nobody else.
        jobs: the queue to serve; a new one by default.
    """

    discovered = Signal(object)
    """Discovery."""
    queue_changed = Signal(list)
    """list[Job]: running, waiting, failed."""
    event = Signal(object)  # type: ignore[assignment]  # Python name only; Qt still calls its own event()
    """Event of a job."""
    host_changed = Signal(str)
    """A line on how the host is, "" where there is nothing to say."""

    def __init__(self, media: Callable[[str], tuple[bytes, str]] = no_media, env: Mapping[str, str] | None = None, *,
                 supervisor: Supervisor | None = None, jobs: JobQueue | None = None,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._supervisor = supervisor or Supervisor(media=media, env=env, log=lambda line: log.info("%s", line))
        self._jobs = jobs if jobs is not None else JobQueue()
        # One inbox for both sides: what the window asks comes in the same queue as what the host says.
        self._inbox: queue.Queue[Any] = self._supervisor.events
        self._preload: Request | None = None
        self._dirty = False
        self._reported = 0.0
        self._ending = False

    # ------------------------------------------------------------ for the window

    def submit(self, jobs: list[Job]) -> None:
        """Queue jobs; those that were interrupted or have failed start anew."""
        self._inbox.put(lambda: self._jobs.add(jobs))

    def cancel(self, job_id: str, patient: bool = False) -> None:
        """Stop a running job, or take a waiting or failed one out of the queue. patient: see `Supervisor.cancel`."""
        self._inbox.put(lambda: self._cancel(job_id, patient))

    def move(self, job_id: str, place: int) -> None:
        """Put a waiting job at `place` among the waiting ones; 0 is next."""
        self._inbox.put(lambda: self._jobs.move(job_id, place))

    def set_paused(self, paused: bool) -> None:
        """While paused no further job starts."""
        self._inbox.put(lambda: setattr(self._jobs, "paused", paused))

    def retry(self, job_id: str) -> None:
        """Queue a failed job again."""
        self._inbox.put(lambda: self._jobs.retry(job_id))

    def preload(self, request: Request) -> None:
        """Load what a request needs as soon as nothing else is to be done; the last one asked for counts."""
        self._inbox.put(lambda: setattr(self, "_preload", request))

    def discover(self) -> None:
        """Ask a host for its generators; `discovered` follows."""
        self._inbox.put(self._supervisor.discover)

    def skip_plugin(self, name: str) -> None:
        """Go on without a plugin that does not finish importing."""
        self._inbox.put(lambda: self._supervisor.skip_plugin(name))

    def shut_down(self) -> None:
        """End the host and this thread, within the supervisor's grace period; `wait()` for it."""
        self._inbox.put(self._end)

    # ------------------------------------------------------------ the thread

    def run(self) -> None:
        """Serve the inbox until `shut_down`."""
        while not self._ending:
            try:
                item = self._inbox.get(timeout=self._until_report())
            except queue.Empty:
                self._report()
                continue
            if isinstance(item, Event):
                self._take_event(item)
            elif isinstance(item, Discovery):
                self.discovered.emit(item)
            elif isinstance(item, HostState):
                self.host_changed.emit(item.message)
            else:
                self._take_command(item)
        self._supervisor.join()

    def _take_command(self, command: Callable[[], object]) -> None:
        command()
        if not self._ending:
            self._advance()
            self._report()

    def _take_event(self, event: Event) -> None:
        changed = self._jobs.update(event)
        self.event.emit(event)
        if changed:
            self._advance()
            self._report()
        elif isinstance(event, (Progress, Token)):
            self._dirty = True
            if self._until_report() == 0:
                self._report()

    def _advance(self) -> None:
        job = self._jobs.next()
        if job is not None:
            self._supervisor.submit(job)
        elif self._preload is not None and self._jobs.idle:
            request, self._preload = self._preload, None
            self._supervisor.preload(request)

    def _cancel(self, job_id: str, patient: bool) -> None:
        running = self._jobs.running
        if running is not None and running.id == job_id:
            self._supervisor.cancel(job_id, patient=patient)
        elif self._jobs.cancel(job_id) is not None:
            self.event.emit(Stopped(job_id))

    def _until_report(self) -> float | None:
        """Seconds until a changed queue may be shown; None where nothing has changed."""
        return max(0.0, self._reported + REPORT_SECONDS - time.monotonic()) if self._dirty else None

    def _report(self) -> None:
        self._dirty, self._reported = False, time.monotonic()
        self.queue_changed.emit(self._jobs.snapshot())

    def _end(self) -> None:
        self._ending = True
        self._supervisor.close()
