"""What the co-author sends to the engine, and who hears of it: each errand has callbacks of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject

from studio.engine.job import Event, Failed, Finished, Job, Result, Stopped, Token
from studio.project import ResultRow
from studio.ui.prompt import MAX_SEED
from studio.ui.requests import LIVE, Ask
from studio.ui.session import Session

TEXT = "text/plain; charset=utf-8"


def _nothing(*_: Any) -> None:
    pass


@dataclass
class Errand:
    """One request of one or more results.

    Attributes:
        token: (number, text) for each piece of the result of this number.
        result: (number, row) once it is in the project; of what is only tried out `tried` (number, result, job).
        ended: (number, sentence) at the end of each, with "" where it went well or was stopped by a person.
        jobs: once they are queued.
    """

    key: str
    token: Callable[[int, str], object] = _nothing
    result: Callable[[int, ResultRow], object] = _nothing
    tried: Callable[[int, Result, Job], object] = _nothing
    ended: Callable[[int, str], object] = _nothing
    begun: Callable[[], object] = _nothing
    jobs: list[Job] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    cancelled: bool = False
    count: int = 1

    def forget(self) -> None:
        """Nobody is to hear of it any more."""
        self.token = self.result = self.tried = self.ended = self.begun = _nothing


class Errands(QObject):
    """Sends asks and routes what comes back. What belongs to no errand of it is passed over."""

    def __init__(self, session: Session, document: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.document = session, document
        self._open: dict[str, Errand] = {}
        session.batch_queued.connect(self._queued)
        session.refused.connect(self._refused)
        session.event.connect(self._event)
        session.tried.connect(self._tried)
        session.result_stored.connect(self._stored)

    def known(self, generator: str) -> bool:
        """Whether the machine has this generator."""
        return self.session.discovery.find(generator) is not None

    def schema(self, generator: str) -> dict[str, Any]:
        info = self.session.discovery.find(generator)
        return info.schema if info is not None else {}

    def busy(self) -> bool:
        """Whether a job runs or waits that a person has asked for (what is only tried out does not count)."""
        return any(not job.state.ended and job.request.target.get("kind") != LIVE for job in self.session.jobs)

    def send(self, generator: str, params: Mapping[str, Any], texts: Mapping[str, str] | None = None, *,
             kind: str, count: int = 1, target: Mapping[str, Any] | None = None, **calls: Any) -> Errand:
        """Queue a request; see `make`."""
        errand, ask = self.make(generator, params, texts, kind=kind, count=count, target=target, **calls)
        self.session.generate(ask)
        return errand

    def make(self, generator: str, params: Mapping[str, Any], texts: Mapping[str, str] | None = None, *,
             kind: str, count: int = 1, target: Mapping[str, Any] | None = None, **calls: Any) -> tuple[Errand, Ask]:
        """An errand, and what is to be queued for it.

        texts: for media fields that take text; empty ones are left out. kind: of the target; LIVE is only tried out.
        Parameters that the generator does not know are left out. calls: see `Errand`.
        """
        errand = Errand(secrets.token_hex(6), count=count, **calls)
        self._open[errand.key] = errand
        props = self.schema(generator).get("properties", {})
        own = {name: value for name, value in params.items() if name in props}
        if "seed" in props and "seed" not in own:
            own["seed"] = secrets.randbelow(MAX_SEED)
        media = {name: (text.encode("utf-8", "replace"), TEXT) for name, text in (texts or {}).items()
                 if name in props and text.strip()}
        where = {**(target or {}), "document": self.document, "kind": kind, "errand": errand.key}
        return errand, Ask(generator, own, count, media, (), where)

    def cancel(self, errand: Errand, *, patient: bool = False) -> None:
        """Stop what is left of it. patient: rather wait for a slow step than lose the models that are loaded."""
        errand.cancelled = True
        for job in errand.jobs:
            if job.id in errand.left:
                self.session.cancel(job.id, patient)

    def knows(self, job: Job) -> bool:
        """Whether somebody waits for what this job makes."""
        return self._of(job) is not None

    def running(self, errand: Errand | None) -> bool:
        """Whether more is to come."""
        return errand is not None and errand.key in self._open

    # ------------------------------------------------------------ what comes back

    def _of(self, job: Job) -> Errand | None:
        return self._open.get(str(job.request.target.get("errand", "")))

    def _queued(self, jobs: list[Job]) -> None:
        errand = self._of(jobs[0]) if jobs else None
        if errand is None:
            return
        errand.jobs, errand.left = list(jobs), {job.id for job in jobs}
        errand.begun()
        if errand.cancelled:
            # the session hands them to the worker after this
            from PySide6.QtCore import QTimer

            QTimer.singleShot(0, self, lambda: self.cancel(errand, patient=True))

    def _refused(self, report: Any, ask: Ask) -> None:
        errand = self._open.pop(str(ask.target.get("errand", "")), None)
        if errand is not None:
            for number in range(errand.count):
                errand.ended(number, str(report.message))

    def _event(self, event: Event, job: Job) -> None:
        errand = self._of(job)
        if errand is None:
            return
        number = job.request.index
        if isinstance(event, Token):
            if not errand.cancelled:
                errand.token(number, event.text)
        elif isinstance(event, (Finished, Failed, Stopped)):
            errand.left.discard(job.id)
            if not errand.left:
                del self._open[errand.key]
            errand.ended(number, event.error.message if isinstance(event, Failed) else "")

    def _tried(self, result: Result, job: Job) -> None:
        errand = self._of(job)
        if errand is not None:
            errand.tried(job.request.index, result, job)

    def _stored(self, row: ResultRow, job: Job) -> None:
        errand = self._of(job)
        if errand is not None:
            errand.result(job.request.index, row)
