"""A host for the time of one command: ask what there is, run jobs, stop them."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from studio.cli.output import BAD_ARGUMENTS, FAILED, MODEL_MISSING, CommandError, Output, left
from studio.engine import discovery as remembered
from studio.engine.job import Discovery, ErrorReport, Event, Failed, Finished, Job, Progress, Result, Stopped, Token
from studio.engine.supervisor import Supervisor
from studio.settings import Paths, SettingsFile

log = logging.getLogger("studio.host")

CODES = {"params": BAD_ARGUMENTS, "unknown-generator": BAD_ARGUMENTS, "model-missing": MODEL_MISSING}
DISCOVERY_SECONDS = 300
"""A plugin may import slowly; one that hangs is given up by the supervisor long before."""

CLOSE_SECONDS = 10
STOP_SECONDS = 30
"""Long past the supervisor's own grace, after which it kills the host."""


class Keeps(Protocol):
    """Takes results."""

    def keep(self, event: Result, job: Job) -> None: ...


class Engine:
    """Owns a `Supervisor`. Use it as a context manager.

    Attributes:
        media: what inputs jobs refer to, by content hash: (bytes, media type).
    """

    def __init__(self, supervisor: Supervisor, paths: Paths, media: dict[str, tuple[bytes, str]]) -> None:
        self.media = media
        self._supervisor, self._paths = supervisor, paths

    @classmethod
    def start(cls, media: Callable[[str], tuple[bytes, str]] | None = None) -> Engine:
        """media: where to look for inputs that are not in `Engine.media`."""
        own: dict[str, tuple[bytes, str]] = {}

        def find(sha256: str) -> tuple[bytes, str]:
            return own[sha256] if sha256 in own or media is None else media(sha256)

        paths = Paths.from_env()
        device = SettingsFile(paths.settings).value.device
        environment = {} if device == "auto" else {"PIERIA_DEVICE": device}
        return cls(Supervisor(media=find, env=environment, log=lambda line: log.info("%s", line)), paths, own)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._supervisor.close()
        self._supervisor.join(CLOSE_SECONDS)  # it kills a host that does not end

    # ------------------------------------------------------------ what there is

    def discovery(self) -> Discovery:
        """The installed generators: as remembered while no plugin has changed, else asked of the host."""
        key = remembered.fingerprint()
        known = remembered.cached(self._paths.discovery, key)
        if known is not None:
            return known
        self._supervisor.discover()
        deadline = time.monotonic() + DISCOVERY_SECONDS
        while time.monotonic() < deadline:
            event = self._next()
            if isinstance(event, Discovery):
                remembered.remember(self._paths.discovery, key, event)
                return event
        raise CommandError("The host does not answer; look into the log.", FAILED, kind="hang")

    # ------------------------------------------------------------ one job

    def run(self, job: Job, keeper: Keeps, out: Output, title: str) -> float:
        """Run a job to its end; results go to `keeper` as they come. Returns seconds.

        Raises:
            CommandError: it failed, with the exit code that fits.
            KeyboardInterrupt: it was stopped, and the host knows.
        """
        progress = _Progress(out, title, job.request.index)
        self._supervisor.submit(job)
        with out.bar():
            try:
                while True:
                    event = self._next()
                    if not isinstance(event, Event) or event.job != job.id:
                        continue
                    if isinstance(event, Result):
                        keeper.keep(event, job)
                    elif isinstance(event, Finished):
                        return event.seconds
                    elif isinstance(event, Failed):
                        raise failure(event.error)
                    elif isinstance(event, Stopped):
                        raise KeyboardInterrupt
                    else:
                        progress(event)
            except KeyboardInterrupt:
                out.clear()
                self._stop(job)
                raise

    def _stop(self, job: Job) -> None:
        """Ask the host to stop and wait for it; the supervisor kills one that does not listen."""
        self._supervisor.cancel(job.id)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            event = self._next()
            if isinstance(event, (Stopped, Finished, Failed)) and event.job == job.id:
                return

    def _next(self) -> object:
        """The next event, None after half a second without one: on Windows Ctrl+C waits that long."""
        try:
            event: object = self._supervisor.events.get(timeout=0.5)
        except queue.Empty:
            return None
        return event


class _Progress:
    """Draws what a job says on its way."""

    def __init__(self, out: Output, title: str, index: int) -> None:
        self._out, self._title, self._index = out, title, index
        self._begun = time.monotonic()
        self._text = False

    def __call__(self, event: Event) -> None:
        if isinstance(event, Token):
            self._text = True
            self._out.emit({"event": "token", "text": event.text, "index": self._index})
            self._out.stream(event.text)
        elif isinstance(event, Progress):
            self._out.emit({"event": "progress", "step": event.step, "of": event.of, "message": event.message,
                            "index": self._index})
            if not self._text:
                spent = time.monotonic() - self._begun
                rest = left(spent / event.step * (event.of - event.step)) if event.step and event.of else ""
                words = event.message or (f"{event.step}/{event.of}" if event.of else "")
                self._out.progress(event.step, event.of, self._title, f"{words} {rest}".strip())


def failure(error: ErrorReport) -> CommandError:
    """What the host says went wrong, as the end of the command."""
    command = f"studio models install {error.model}" if error.kind == "model-missing" and error.model else ""
    if error.details:
        log.info("%s of %s: %s", error.kind, error.generator or error.plugin, error.details)
    named = f"{error.field}: " if error.field and error.field not in error.message else ""
    missing = f" Install it with: {command}" if command and command not in error.message else ""
    return CommandError(f"{named}{error.message}{missing}", CODES.get(error.kind, FAILED), kind=error.kind,
                        field=error.field, command=command, details=error.details)
