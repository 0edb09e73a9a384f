"""A real host process, with plugins that do wrong on purpose."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.engine.job import Discovery, Event, Failed, Finished, Job, Request, Result, Stopped
from studio.engine.supervisor import Supervisor

PLUGINS = Path(__file__).parent / "fault_plugins"
PATIENCE = 60.0


def python_path(*folders: str) -> str:
    """PYTHONPATH with folders of fault plugins."""
    return os.pathsep.join([*(str(PLUGINS / name) for name in folders), os.environ.get("PYTHONPATH", "")])


class Studio:
    """A supervisor as a test uses it."""

    def __init__(self, *plugins: str, media: dict[str, tuple[bytes, str]] | None = None, **options: Any) -> None:
        self.lines: list[str] = []
        self.seen: list[Any] = []
        self.media = media or {}
        options = {"grace": 5.0, **options}
        self.supervisor = Supervisor(media=lambda sha: self.media[sha], env={"PYTHONPATH": python_path(*plugins)},
                                     log=self.lines.append, **options)

    def submit(self, generator: str, /, models: dict[str, Any] | None = None, **params: Any) -> Job:
        job = Job(Request(generator, params, models or {}))
        self.supervisor.submit(job)
        return job

    def until(self, wanted: Callable[[Any], bool]) -> Any:
        """The next event that is wanted; those before it are in `seen`."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                event = self.supervisor.events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"nothing came; seen: {self.seen[-5:]}, log: {self.lines[-20:]}") from None
            self.seen.append(event)
            if wanted(event):
                return event

    def until_event(self, job: Job, *kinds: type[Event]) -> Any:
        return self.until(lambda event: isinstance(event, kinds) and event.job == job.id)

    def end_of(self, job: Job) -> Any:
        return self.until_event(job, Finished, Failed, Stopped)

    def discover(self) -> Discovery:
        self.supervisor.discover()
        found = self.until(lambda event: isinstance(event, Discovery))
        assert isinstance(found, Discovery)
        return found

    def results(self, generator: str, /, **params: Any) -> list[bytes]:
        job = self.submit(generator, **params)
        end = self.end_of(job)
        assert isinstance(end, Finished), end
        return [event.data for event in self.seen if isinstance(event, Result) and event.job == job.id]

    def error(self, generator: str, /, **params: Any) -> Any:
        end = self.end_of(self.submit(generator, **params))
        assert isinstance(end, Failed), end
        return end.error

    def works(self) -> None:
        assert self.results("faults.echo", prompt="still here") == [b"still here"]

    def close(self) -> None:
        self.supervisor.close()
        assert self.supervisor.join(PATIENCE)


@pytest.fixture
def studio() -> Iterator[Callable[..., Studio]]:
    made: list[Studio] = []

    def make(*plugins: str, **options: Any) -> Studio:
        made.append(Studio(*plugins, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One host for all tests of a module that leave it whole."""
    before = os.environ.get("PIERIA_HOME")
    os.environ["PIERIA_HOME"] = str(tmp_path_factory.mktemp("home"))
    one = Studio("run")
    one.works()  # the host has its environment now
    if before is None:
        del os.environ["PIERIA_HOME"]
    else:
        os.environ["PIERIA_HOME"] = before
    yield one
    one.close()
