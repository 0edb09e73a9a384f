"""Join the page to the session: what stands before the caret becomes context, tokens become text."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Slot

from studio.engine.job import Event, Failed, Job, Stopped, Token
from studio.project import ResultRow
from studio.ui.prompt import PromptState, media_field
from studio.ui.requests import Ask
from studio.ui.session import Session
from studio.ui.write.pane import WritePane

CONTEXT_CHARS = 24_000
"""How much of the text before the caret goes along; the generator drops what its window cannot hold."""


class WriteController(QObject):
    """One manuscript on the screen."""

    def __init__(self, session: Session, pane: WritePane, document: str) -> None:
        super().__init__(pane)
        self.session, self.pane, self.document = session, pane, document
        self._streaming: dict[str, bool] = {}
        manuscript = session.project.manuscript(document)
        pane.load(manuscript.text, manuscript.spans, manuscript.cursor)
        pane.changed.connect(self._changed)
        pane.passage_undone.connect(session.cancel)
        session.batch_queued.connect(self._queued)
        session.event.connect(self._event)
        session.result_stored.connect(self._stored)

    def ask(self, state: PromptState, schema: dict[str, Any]) -> Ask:
        """A continuation at the caret, with the prompt as the wish."""
        media: dict[str, tuple[bytes, str]] = {}
        before = self.pane.context_before_cursor(CONTEXT_CHARS)
        if before.strip() and (name := media_field(schema, "text")):
            media[name] = (before.encode("utf-8", "replace"), "text/plain; charset=utf-8")
        target = {"document": self.document, "kind": "passage", "position": self.pane.cursor_position()}
        return Ask(state.generator, state.params(schema), 1, media, (), target)

    def close(self) -> None:
        """Hand what was typed in the last moments to the project."""
        self.pane.flush()

    @Slot(str, list, int)
    def _changed(self, text: str, spans: list[dict[str, Any]], cursor: int) -> None:
        self.session.store(self.session.project.set_manuscript(self.document, text, spans, cursor))

    def _mine(self, job: Job) -> bool:
        return job.request.target.get("document") == self.document and job.request.target.get("kind") == "passage"

    @Slot(object)
    def _queued(self, jobs: list[Job]) -> None:
        for job in jobs:
            if self._mine(job):
                self._streaming[job.id] = False
                self.pane.begin_passage(job.id, int(job.request.target.get("position", 0)))

    @Slot(object, object)
    def _event(self, event: Event, job: Job) -> None:
        if job.id not in self._streaming:
            return
        if isinstance(event, Token):
            self._streaming[job.id] = True
            self.pane.append_token(job.id, event.text)
        elif isinstance(event, (Failed, Stopped)):
            del self._streaming[job.id]
            self.pane.fail_passage(job.id)

    @Slot(object, object)
    def _stored(self, row: ResultRow, job: Job) -> None:
        if self._streaming.pop(job.id, None) is not None:
            self.pane.end_passage(job.id, row.id)
