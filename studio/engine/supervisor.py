"""Starts, feeds, watches, kills and restarts one host. Plain Python and threads, no Qt."""

from __future__ import annotations

import contextlib
import os
import queue
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from studio.engine import protocol, reports, translate
from studio.engine.errands import Errands
from studio.engine.inputs import gather, no_media
from studio.engine.job import (
    Discovery,
    ErrorKind,
    ErrorReport,
    Event,
    Failed,
    GeneratorInfo,
    HostState,
    Job,
    Request,
    Stopped,
)
from studio.engine.process import Process, describe_exit

STILL_SECONDS = 2.0
"""After this long an import is worth telling."""
IMPORT_SECONDS = 120.0
"""After this long a plugin that is still importing is given up."""
PATIENCE = 10
START_ATTEMPTS = 3
LONGEST_PAUSE = 30.0


def host_command() -> list[str]:
    """The host of this Python. -P: a stray json.py in the working folder must not be imported."""
    return [sys.executable, "-P", "-m", "studio.engine.host"]


class Supervisor:
    """All methods return at once; what happens comes out of `events`.

    Args:
        command: program and arguments that start a host; None for this Python's own.
        media: bytes and media type of a content hash; raises where it has none. Called on the supervisor's thread.
        env: variables over those of this process.
        grace: seconds from Stop, or from close, until the host is killed.
        log: takes each line that the host or a plugin writes; called on several threads.
        import_seconds: how long one plugin may take to import before it is given up.
    """

    def __init__(self, command: Sequence[str] | None = None, media: Callable[[str], tuple[bytes, str]] = no_media,
                 env: Mapping[str, str] | None = None, grace: float = 3.0, log: Callable[[str], None] | None = None,
                 import_seconds: float = IMPORT_SECONDS) -> None:
        self.events: queue.Queue[Any] = queue.Queue()
        """Event, Discovery and HostState, in the order in which they happened."""
        self._command = list(command) if command is not None else host_command()
        self._media, self._env, self._grace = media, dict(env or {}), grace
        self._log = log if log is not None else _no_log
        self._import_seconds = import_seconds
        self._errands = Errands("supervisor", self._log)

        # Below: touched by the supervisor's thread alone.
        self._host: Process | None = None
        self._serial = 0
        self._hello = False
        self._importing = ""
        self._alarms = self._errands.alarms
        self._skip: dict[str, ErrorReport] = {}
        self._pending: deque[Job] = deque()
        self._current: Job | None = None
        self._started = False
        self._stopping: dict[str, bool] = {}
        """Jobs that were asked to stop, and whether patiently."""
        self._attempts: dict[str, int] = {}
        self._discovering = False
        self._preload: Request | None = None
        self._loading = ""
        self._unloadable: set[str] = set()
        self._crashes = 0
        self._infos: dict[str, GeneratorInfo] = {}

    # ------------------------------------------------------------ for any thread

    def start(self) -> None:
        """Start a host now rather than with the first job."""
        self._errands.ask(self._ensure_host)

    def submit(self, job: Job) -> None:
        """Run it after what was submitted before. Ends in exactly one of Finished, Failed or Stopped."""
        self._errands.ask(lambda: self._take(job))

    def cancel(self, job_id: str, *, patient: bool = False) -> None:
        """Stop a job: asked at once, killed after the grace period. An unknown or ended one is no error.

        patient: the host has `PATIENCE` times as long, where starting it anew and loading its models once more would
        take longer than a slow step.
        """
        self._errands.ask(lambda: self._cancel(job_id, patient))

    def preload(self, request: Request) -> None:
        """Load what `request` needs, unless a job is there."""
        self._errands.ask(lambda: self._take_preload(request))

    def discover(self) -> None:
        """Have the host tell its generators; a Discovery follows."""
        self._errands.ask(self._take_discover)

    def skip_plugin(self, name: str) -> None:
        """Go on without a plugin, e.g. one that does not finish importing. Lasts until this supervisor is closed."""
        self._errands.ask(lambda: self._give_up(name, "it was left out because it took too long to import"))

    def close(self) -> None:
        """Let the host end, kill it after the grace period. Running and waiting jobs get no further event."""
        self._errands.close(self._close)

    def join(self, timeout: float | None = None) -> bool:
        """Wait until closed. Returns whether it is."""
        return self._errands.join(timeout)

    def _emit(self, event: Event | Discovery | HostState) -> None:
        if not self._errands.closed:
            self.events.put(event)

    # ------------------------------------------------------------ the host's life

    def _ensure_host(self) -> bool:
        """Start a host unless there is one. False while a pause after crashes lasts, or where it cannot be started."""
        if self._host is not None:
            return True
        if self._errands.closed or "restart" in self._alarms:
            return False
        self._serial += 1
        serial = self._serial
        skips = [part for name in sorted(self._skip) for part in ("--skip", name)]
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8:backslashreplace", **self._env}
        self._hello, self._importing, self._loading = False, "", ""
        self._emit(HostState("starting", "Starting the engine"))
        try:
            self._host = Process([*self._command, "--parent", str(os.getpid()), *skips], environment,
                                 lambda message: self._errands.post(lambda: self._on_message(serial, message)),
                                 lambda status: self._errands.post(lambda: self._on_exit(serial, status)), self._log)
        except OSError as error:
            self._log(f"the host cannot be started: {error}")
            self._fail_all(reports.no_engine(str(error)))
            return False
        return True

    def _on_exit(self, serial: int, status: int) -> None:
        host = self._host
        if host is None or serial != self._serial:
            return
        self._host = None
        self._alarms.clear()
        if self._errands.closed:
            self._errands.end()
            return
        words = host.last_lines()
        self._log(f"the host ended: {describe_exit(status)}" + (" (stopped by the studio)" if host.killed else ""))
        self._after_exit(host.killed, describe_exit(status), words)
        self._stopping.clear()
        self._resume()

    def _after_exit(self, killed: bool, how: str, words: str) -> None:
        """Settle what the ended host was at: a plugin's import, a job, or loading ahead."""
        job, importing, loading = self._current, self._importing, self._loading
        self._importing = self._loading = ""
        if killed:
            self._emit(HostState("restarting", "The engine was stopped"))
            if job is not None and job.id in self._stopping and self._started:
                self._end(Stopped(job.id))
            elif job is not None:
                self._put_back(job)
            return
        self._crashes += 1
        self._emit(HostState("restarting", "The engine stopped by itself and is started again"))
        details = f"{how}\n{words}".strip()
        if importing:
            self._report_skip(importing, "it crashed while it was imported", details)
        if job is not None and self._started:
            report = reports.crashed(job, self._infos.get(job.request.generator), details)
            self._end(Stopped(job.id) if job.id in self._stopping else Failed(job.id, report))
        elif job is not None:
            if loading:
                self._unloadable.add(loading)
            self._attempts[job.id] = self._attempts.get(job.id, 0) + (0 if importing else 1)
            if self._attempts[job.id] >= START_ATTEMPTS:
                self._end(Failed(job.id, reports.no_engine(details, job.request.generator)))
            else:
                self._put_back(job)
        elif loading:
            self._unloadable.add(loading)
        if not self._hello and not importing and self._crashes >= START_ATTEMPTS:
            self._fail_all(reports.no_engine(details))

    def _resume(self) -> None:
        """Start again where something waits, later and later while it keeps crashing."""
        if not (self._pending or self._discovering):
            return
        pause = min(LONGEST_PAUSE, 0.1 * 2**self._crashes) if self._crashes > 1 else 0.0
        if pause:
            self._alarms.set("restart", pause, self._advance)
        else:
            self._advance()

    def _kill(self) -> None:
        if self._host is not None:
            self._host.kill()

    def _close(self) -> None:
        if self._errands.closed:
            return
        self._emit(HostState("stopped"))
        self._errands.closed = True
        self._alarms.clear()
        if self._host is None:
            self._errands.end()
            return
        self._host.send({"type": "close"})
        self._alarms.set("kill", self._grace, self._kill)

    # ------------------------------------------------------------ work

    def _take(self, job: Job) -> None:
        self._pending.append(job)
        self._advance()

    def _take_preload(self, request: Request) -> None:
        self._preload = request
        self._advance()

    def _take_discover(self) -> None:
        self._discovering = True
        if self._host is not None:
            self._host.send({"type": "discover"})
        else:
            self._advance()

    def _advance(self) -> None:
        """Give the host what it should do next."""
        if not (self._pending or self._discovering or self._preload) or not self._prepared():
            return
        host = self._host
        while host is not None and self._current is None and self._pending:
            job = self._pending.popleft()
            try:
                media = gather(job.request, self._media)
            except LookupError as error:
                report = reports.media_gone(job, str(error.args[0]), repr(error.__cause__ or error))
                self._end(Failed(job.id, report))
                continue
            refs = [[sha, kind] for sha, (_, kind) in media.items()]
            try:
                host.send({"type": "run", "job": job.id, "request": job.request.to_json(), "media": refs},
                          [data for data, _ in media.values()])
            except protocol.ProtocolError as error:
                self._end(Failed(job.id, reports.unsendable(job, str(error))))
                continue
            self._current, self._started = job, False
        if host is not None and self._preload is not None and self._current is None:
            request, self._preload = self._preload, None
            if request.generator not in self._unloadable:
                with contextlib.suppress(protocol.ProtocolError):
                    host.send({"type": "preload", "request": request.to_json()})

    def _prepared(self) -> bool:
        """Whether there is a host; a fresh one is asked for its generators first where somebody waits for them."""
        fresh = self._host is None
        if not self._ensure_host():
            return False
        if fresh and self._discovering and self._host is not None:
            self._host.send({"type": "discover"})
        return True

    def _cancel(self, job_id: str, patient: bool) -> None:
        waiting = next((job for job in self._pending if job.id == job_id), None)
        if waiting is not None:
            self._pending.remove(waiting)
            self._end(Stopped(job_id))
            return
        if self._current is None or self._current.id != job_id or self._host is None:
            return
        before = self._stopping.get(job_id)
        if before is not None and (patient or not before):
            return  # it is being stopped already, and not sooner
        self._stopping[job_id] = patient
        if before is None:
            self._host.send({"type": "cancel", "job": job_id})
        if self._started or self._loading:  # a plugin's slow import has a deadline of its own
            self._alarms.set("kill", self._grace * (PATIENCE if patient else 1), self._kill)
        if not self._started:
            self._end(Stopped(job_id))
            self._advance()

    def _put_back(self, job: Job) -> None:
        self._current, self._started = None, False
        self._pending.appendleft(job)

    def _end(self, event: Event) -> None:
        if self._current is not None and self._current.id == event.job:
            self._current, self._started = None, False
        self._attempts.pop(event.job, None)
        self._emit(event)

    def _fail_all(self, error: ErrorReport) -> None:
        jobs = [*([self._current] if self._current else []), *self._pending]
        self._pending.clear()
        self._preload = None
        for job in jobs:
            self._end(Failed(job.id, replace(error, generator=job.request.generator)))
        if self._discovering:
            self._discovering = False
            self._emit(Discovery(errors=(error, *self._skip.values())))
        self._crashes = 0

    # ------------------------------------------------------------ what the host says

    def _on_message(self, serial: int, message: protocol.Message) -> None:
        if serial != self._serial or self._errands.closed:
            return
        kind = message.type
        if kind == "hello":
            self._hello = True
        elif kind == "importing":
            self._on_importing(message.text("plugin"))
        elif kind == "discovered":
            self._on_discovered(Discovery.from_json(message.header["discovery"]))
        elif kind == "loading":
            self._loading = message.text("generator")
            info = self._infos.get(self._loading)
            self._emit(HostState("loading", f"Loading {info.title}" if info else "Loading a model"))
        elif kind == "ready":
            self._loading = ""
            self._emit(HostState("ready"))
        elif kind == "log":
            self._log(message.text("text"))
        else:
            self._on_event(message)

    def _on_event(self, message: protocol.Message) -> None:
        event = translate.event(message)
        if event is None:
            self._log(f"the host sent an unknown message: {message.type!r}")
            return
        ends = message.type in ("finished", "failed", "stopped")
        if ends and event.job in self._stopping:
            del self._stopping[event.job]
            self._alarms.cancel("kill")
        if self._current is None or self._current.id != event.job:
            return  # of a job that was stopped before it began
        if message.type == "started":
            self._started = True
        if not ends:
            self._emit(event)
            return
        self._crashes = 0
        self._end(event)
        self._advance()

    def _on_importing(self, plugin: str) -> None:
        self._importing = plugin
        self._alarms.cancel("still", "import")
        if not plugin:
            self._emit(HostState("ready"))
            return
        self._emit(HostState("importing", "", plugin))
        self._alarms.set("still", STILL_SECONDS,
                         lambda: self._emit(HostState("importing", f"Still importing the plugin {plugin}", plugin)))
        too_long = f"its import took longer than {self._import_seconds:.0f} seconds"
        self._alarms.set("import", self._import_seconds, lambda: self._give_up(plugin, too_long))

    def _on_discovered(self, discovery: Discovery) -> None:
        discovery = replace(discovery, errors=(*discovery.errors, *self._skip.values()))
        self._infos = {info.id: info for info in discovery.generators}
        self._discovering = False
        self._crashes = 0
        self._emit(discovery)

    def _give_up(self, plugin: str, why: str) -> None:
        words = self._host.last_lines() if self._host is not None else ""
        self._report_skip(plugin, why, words, "hang")
        if self._importing == plugin:
            self._kill()

    def _report_skip(self, plugin: str, why: str, details: str, kind: ErrorKind = "plugin") -> None:
        self._skip[plugin] = reports.left_out(plugin, why, details, kind)
        self._discovering = True  # whoever knows the generators must hear that these are gone


def _no_log(line: str) -> None:
    """Drop it."""
