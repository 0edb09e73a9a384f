"""One open project joined to the inference worker: requests go down, stored results come up.

The session owns the order of things that "nothing is lost" rests on: a request is in the project file before the worker
has it, and a result is in the project file before a pane hears of it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from studio.engine.job import Discovery, ErrorKind, ErrorReport, Event, Failed, Job, JobState, Request, Result
from studio.engine.recipe import media_in
from studio.project import Project, ResultRow
from studio.ui.relay import Relay
from studio.ui.requests import Ask, ModelLibrary, RequestMaker, is_live, is_preview

log = logging.getLogger(__name__)


class Engine(Protocol):
    """What the session asks of `studio.engine.worker.InferenceWorker`; tests have one without a process."""

    discovered: Any
    queue_changed: Any
    event: Any

    def submit(self, jobs: list[Job]) -> None: ...
    def cancel(self, job_id: str, patient: bool = False) -> None: ...
    def move(self, job_id: str, place: int) -> None: ...
    def set_paused(self, paused: bool) -> None: ...
    def retry(self, job_id: str) -> None: ...
    def preload(self, request: Request) -> None: ...
    def discover(self) -> None: ...
    def shut_down(self) -> None: ...
    def wait(self, milliseconds: int) -> bool: ...


class Session(QObject):
    """Everything the panes know of engine and project. All signals are emitted on the UI thread."""

    discovered = Signal(object)
    """Discovery: generators and reports of broken plugins."""
    jobs_changed = Signal(list)
    """list[Job]: running, waiting, failed and interrupted ones, in order."""
    event = Signal(object, object)  # type: ignore[assignment]
    """Event and its Job, except results: those come as `result_stored`."""
    batch_queued = Signal(object)
    """list[Job] of one Ask, once it is in the project file."""
    result_stored = Signal(object, object)
    """ResultRow and the Job that made it, once it is in the project file."""
    tried = Signal(object, object)
    """Result and Job of what was only tried out (see `LIVE`); `keep_tried` puts it into the project."""
    result_changed = Signal(object)
    """ResultRow after a star, like, delete or restore."""
    refused = Signal(object, object)
    """ErrorReport and the Ask that could not be queued."""
    saved = Signal(bool)
    """False while changes are on their way to the disk."""
    notice = Signal(str)
    """One sentence for the person."""

    def __init__(self, project: Project, worker: Engine, library: ModelLibrary, parent: QObject | None = None,
                 wildcards: Path = Path("wildcards")) -> None:
        """wildcards: the folder of the files that ``__name__`` in a prompt stands for."""
        super().__init__(parent)
        self.project, self.worker, self.library = project, worker, library
        self.maker = RequestMaker(project, library, wildcards)
        self.export_metadata: Callable[[], bool] = lambda: True
        """Whether exported files say how they were made."""
        self.discovery = Discovery()
        self.jobs: list[Job] = []
        self.interrupted: list[Job] = []
        self._known: dict[str, Job] = {}
        self._saved_state: list[tuple[str, str]] = []
        self._pending = 0
        # Jobs in the project file that the worker's queue does not show yet; written by the prepare thread too.
        self._handed: dict[str, Job] = {}
        self._lock = threading.Lock()
        # How many results of a job are on their way to the disk, and the events that wait for them.
        self._storing: dict[str, int] = {}
        self._held: dict[str, list[Event]] = {}
        self._relay = Relay(self)
        self._closed = False
        # One thread, so that what was asked first is queued first; hashing a model file takes longer than a frame.
        self._prepare = ThreadPoolExecutor(1, "prepare")
        self._reader = ThreadPoolExecutor(1, "read")
        worker.discovered.connect(self._on_discovered)
        worker.queue_changed.connect(self._on_queue)
        worker.event.connect(self._on_event)

    # ------------------------------------------------------------ life

    def start(self, cached: Discovery | None = None) -> None:
        """Show what the last run knew, ask a host for the truth, and offer what was interrupted."""
        if cached is not None:
            self._on_discovered(cached)
        self.interrupted = [replace(Job.from_json(j), state=JobState.INTERRUPTED)
                            for j in self.project.jobs() if j.get("state") != JobState.FAILED]
        self._known |= {job.id: job for job in self.interrupted}
        self._publish()
        self.worker.discover()

    def close(self) -> None:
        """Write down the queue as it stands and stop listening. Jobs that still run are offered again next time."""
        self._save_queue(force=True)
        self._closed = True
        self._relay.close()
        for pool in (self._prepare, self._reader):
            pool.shutdown(wait=True, cancel_futures=True)
        for signal, slot in ((self.worker.discovered, self._on_discovered),
                             (self.worker.queue_changed, self._on_queue), (self.worker.event, self._on_event)):
            signal.disconnect(slot)

    # ------------------------------------------------------------ asking

    def generate(self, ask: Ask) -> Future[list[Job]]:
        """Queue `ask.count` jobs; `batch_queued` or `refused` follows."""
        future = self._prepare.submit(self._prepare_jobs, ask)
        self._relay(future, self._queued, lambda error: self._refuse(ask, error))
        return future

    def run_again(self, row: ResultRow, target: dict[str, Any] | None = None) -> None:
        """Replay a result's recipe: the same machine gives the same bytes."""
        self._relay(self._prepare.submit(self._prepare_replay, row, target or {}), self._queued,
                    lambda error: self._refuse(Ask(row.generator, {}), error))

    def cancel(self, job_id: str, patient: bool = False) -> None:
        """Stop a job. patient: rather wait for a slow step than lose the models that are loaded."""
        self.worker.cancel(job_id, patient)

    def cancel_batch(self, batch: str) -> None:
        for job in self.jobs:
            if job.request.batch == batch and not job.state.ended:
                self.worker.cancel(job.id)

    def move(self, job_id: str, place: int) -> None:
        self.worker.move(job_id, place)

    def set_paused(self, paused: bool) -> None:
        self.worker.set_paused(paused)

    def retry(self, job_id: str) -> None:
        """Run a failed or an interrupted job (again)."""
        job = next((j for j in self.interrupted if j.id == job_id), None)
        if job is None:
            self.worker.retry(job_id)
            return
        self.interrupted.remove(job)
        with self._lock:
            self._handed[job.id] = job
        self._queued([replace(job, state=JobState.WAITING, error=None)])

    def discard(self, job_id: str) -> None:
        """Forget an interrupted job."""
        self.interrupted = [j for j in self.interrupted if j.id != job_id]
        self._track(self.project.mark_job(job_id, str(JobState.CANCELLED)))
        self._publish()

    def preload(self, generator: str, params: Mapping[str, Any]) -> None:
        """Let an idle host load what the pane in front will need. Silent where the model is not installed."""
        info = self.discovery.find(generator)
        if info is not None and not self._closed:
            resolve = self._prepare.submit(self.maker.resolve, info.schema, params)
            self._relay(resolve, lambda models: self.worker.preload(Request(generator, dict(params), models)),
                        lambda error: log.info("nothing to preload for %s: %s", generator, error))

    # ------------------------------------------------------------ results

    def keep_tried(self, event: Result, job: Job) -> None:
        """Put what was tried out into the project, with what it was made from; `result_stored` follows."""
        for sha, _ in media_in(job.request.params):
            if (kept := self.project.keep_lent(sha)) is not None:
                self._track(kept)
        self._store_result(event, job)

    def star(self, result: str, on: bool) -> None:
        self._change(self.project.set_starred(result, on), result)

    def like(self, result: str, value: int) -> None:
        self._change(self.project.set_liked(result, value), result)

    def delete(self, result: str) -> None:
        self._change(self.project.delete_result(result), result)

    def restore(self, result: str) -> None:
        self._change(self.project.restore_result(result), result)

    def add_made(self, make: Callable[[], tuple[bytes, dict[str, Any]]], job: Job) -> None:
        """Keep a picture that the studio itself put together from results of `job`'s batch: `make` gives its PNG and
        its recipe, off the UI thread."""
        def keep(made: tuple[bytes, dict[str, Any]]) -> None:
            future = self.project.add_result(kind="image", data=made[0], media_type="image/png", meta={},
                                             recipe=made[1], batch=job.request.batch, index=len(self._known))
            self._track(future, lambda row: self.result_stored.emit(row, job))

        self.read(make, keep)

    def read(self, fetch: Callable[[], Any], done: Callable[[Any], object]) -> None:
        """Read from the project off the UI thread; `done` gets the value on it. The newest read ends last."""
        self._relay(self._reader.submit(fetch), done, lambda error: self.notice.emit(str(error)))

    def store(self, future: Future[Any], done: Callable[[Any], object] | None = None) -> None:
        """Watch a change on its way to the disk; a failure becomes a notice."""
        self._track(future, done)

    def watch(self, future: Future[Any], done: Callable[[Any], object],
              failed: Callable[[BaseException], object]) -> None:
        """Hear of a change on its way to the disk, and say nothing."""
        self._relay(future, done, failed)

    # ------------------------------------------------------------ inside

    def _prepare_jobs(self, ask: Ask) -> list[Job]:
        jobs = self.maker.jobs(ask, self.discovery.find(ask.generator))
        if not is_live(ask.target):
            self._hand(jobs)
        return jobs

    def _prepare_replay(self, row: ResultRow, target: dict[str, Any]) -> list[Job]:
        jobs = self.maker.replay(row, self.discovery.find(row.generator), target)
        self._hand(jobs)
        return jobs

    def _hand(self, jobs: list[Job]) -> None:
        """Put jobs into the project file, and wait until they are on disk."""
        with self._lock:
            self._handed |= {job.id: job for job in jobs}
        self._write_queue(self.jobs).result()

    def _queued(self, jobs: list[Job]) -> None:
        self._known |= {job.id: job for job in jobs}
        self.batch_queued.emit(jobs)
        self.worker.submit(jobs)

    def _refuse(self, ask: Ask, error: BaseException) -> None:
        model = getattr(error, "name", "") if hasattr(error, "command") else ""
        kind: ErrorKind = "model-missing" if model else "generator"
        self.refused.emit(ErrorReport(kind, str(error), generator=ask.generator, model=str(model)), ask)

    def _on_discovered(self, discovery: Discovery) -> None:
        if self._closed:
            return  # it was under way when the project was closed
        self.discovery = discovery
        self.discovered.emit(discovery)

    def _on_queue(self, jobs: list[Job]) -> None:
        removed = {job.id for job in self.jobs if job.state is JobState.FAILED} - {job.id for job in jobs}
        self.jobs = jobs
        with self._lock:
            self._handed = {i: job for i, job in self._handed.items() if i not in {j.id for j in jobs}}
        self._known |= {job.id: job for job in jobs}
        self._save_queue()
        for job_id in () if self.project.read_only else removed:  # else one that crashed would be offered next time
            self._track(self.project.mark_job(job_id, str(JobState.CANCELLED)))
        self._publish()

    def _publish(self) -> None:
        shown = [job for job in self.jobs if not is_preview(job.request.target)]
        self.jobs_changed.emit([*shown, *self.interrupted])

    def _on_event(self, event: Event) -> None:
        job = self._known.get(event.job)
        if job is None:
            return
        if isinstance(event, Result):
            if is_live(job.request.target):
                self.tried.emit(event, job)
            else:
                self._store_result(event, job)
            return
        if isinstance(event, Failed):
            log.info("job of %s failed: %s", job.request.generator, event.error.message)
        if self._storing.get(job.id):
            self._held.setdefault(job.id, []).append(event)
        else:
            self.event.emit(event, job)

    def _store_result(self, event: Result, job: Job) -> None:
        text = event.data.decode("utf-8", "replace") if event.kind == "text" else ""
        future = self.project.add_result(
            kind=event.kind, data=event.data, media_type=event.media_type, meta=event.meta, recipe=event.recipe,
            job=job.id, batch=job.request.batch, index=job.request.index, text=text,
        )
        self._storing[job.id] = self._storing.get(job.id, 0) + 1

        def stored(row: ResultRow) -> None:
            self.result_stored.emit(row, job)
            self._release(job)

        self._track(future, stored, lambda: self._release(job))

    def _release(self, job: Job) -> None:
        """What came after a result is told after the result."""
        self._storing[job.id] -= 1
        if self._storing[job.id] <= 0:
            del self._storing[job.id]
            for event in self._held.pop(job.id, []):
                self.event.emit(event, job)

    def _change(self, future: Future[Any], result: str) -> None:
        def changed(_: Any) -> None:
            row = self.project.result(result)
            if row is not None:
                self.result_changed.emit(row)

        self._track(future, changed)

    def _track(self, future: Future[Any], done: Callable[[Any], object] | None = None,
               lost: Callable[[], object] | None = None) -> None:
        self._pending += 1
        if self._pending == 1:
            self.saved.emit(False)

        def ended(value: Any) -> None:
            self._pending -= 1
            if self._pending == 0:
                self.saved.emit(True)
            if done is not None:
                done(value)

        def failed(error: BaseException) -> None:
            self._pending -= 1
            self.notice.emit(str(error))
            if lost is not None:
                lost()

        self._relay(future, ended, failed)

    def _save_queue(self, force: bool = False) -> None:
        state = [(job.id, str(job.state)) for job in [*self.jobs, *self.interrupted] if not is_live(job.request.target)]
        if (force or state != self._saved_state) and not self.project.read_only:
            self._saved_state = state
            self._track(self._write_queue(self.jobs))

    def _write_queue(self, jobs: list[Job]) -> Future[Any]:
        with self._lock:
            unique = {job.id: job for job in [*jobs, *self._handed.values(), *self.interrupted]
                      if not is_live(job.request.target)}
        return self.project.save_jobs([job.to_json() for job in unique.values()])
