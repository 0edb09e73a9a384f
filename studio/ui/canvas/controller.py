"""Join the canvas pane to the session: frames become requests, results become candidates, candidates become items."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QRect, QRectF, Slot
from PySide6.QtGui import QImage

from studio.engine.job import Event, Failed, Finished, Job, Progress, Stopped
from studio.project import CanvasItem, ResultRow
from studio.ui.canvas.pane import CanvasPane
from studio.ui.prompt import PromptState, field_of_role, media_field
from studio.ui.session import Ask, Session

COVERED = 0.02
"""Least share of the frame that pixels must cover before they can be a start picture."""


def png_bytes(image: QImage) -> bytes:
    """Encode as PNG (the start picture that goes to the host)."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


class CanvasController(QObject):
    """One canvas document on the screen."""

    def __init__(self, session: Session, pane: CanvasPane, document: str) -> None:
        super().__init__(pane)
        self.session, self.pane, self.document = session, pane, document
        self._batches: dict[str, list[str]] = {}
        self._jobs: dict[tuple[str, int], str] = {}
        """Which job fills which place of a batch, while it is under way."""
        pane.items_changed.connect(self._items_changed)
        pane.candidate_dropped.connect(self._dropped)
        pane.items_removed.connect(lambda ids: session.store(session.project.remove_canvas_items(ids)))
        session.batch_queued.connect(self._queued)
        session.event.connect(self._event)
        session.result_stored.connect(self._stored)
        self._load()

    def ask(self, state: PromptState, schema: dict[str, Any]) -> Ask:
        """The request for what the frame and the prompt bar say."""
        rect = self.pane.frame_rect()
        params = state.params(schema)
        for role, value in (("width", rect.width()), ("height", rect.height())):
            if name := field_of_role(schema, role):
                params[name] = value
        media: dict[str, tuple[bytes, str]] = {}
        if state.from_canvas and (name := media_field(schema, "image")) and self.can_start_from_canvas():
            media[name] = (png_bytes(self.pane.frame_image()), "image/png")
        target = {"document": self.document, "kind": "frame", "x": rect.x(), "y": rect.y(),
                  "width": rect.width(), "height": rect.height()}
        return Ask(state.generator, params, state.count, media, self._parents(rect) if media else (), target)

    def can_start_from_canvas(self) -> bool:
        return self.pane.frame_covers() > COVERED

    def place(self, row: ResultRow) -> None:
        """Put a result of the strip into the frame's place, as one undoable step."""
        self.pane.add_picture(self._picture(row))

    def _parents(self, rect: QRect) -> tuple[str, ...]:
        items = self.session.project.canvas_items(self.document)
        under = [item.media for item in items
                 if QRectF(item.x, item.y, item.width, item.height).intersects(rect.toRectF())]
        return tuple(dict.fromkeys(under))

    def _load(self) -> None:
        self.pane.load_items([asdict(item) for item in self.session.project.canvas_items(self.document)])

    @Slot(list)
    def _items_changed(self, items: list[dict[str, Any]]) -> None:
        known = CanvasItem.__dataclass_fields__
        rows = [CanvasItem(**{k: v for k, v in item.items() if k in known} | {"document": self.document})
                for item in items]
        self.session.store(self.session.project.put_canvas_items(rows))

    def _mine(self, job: Job) -> bool:
        return job.request.target.get("document") == self.document and job.request.target.get("kind") == "frame"

    @Slot(object)
    def _queued(self, jobs: list[Job]) -> None:
        if jobs and self._mine(jobs[0]):
            target = jobs[0].request.target
            rect = QRect(target["x"], target["y"], target["width"], target["height"])
            self._batches[jobs[0].request.batch] = [job.id for job in jobs]
            self._jobs |= {(job.request.batch, job.request.index): job.id for job in jobs}
            self.pane.begin_batch(jobs[0].request.batch, len(jobs), rect)

    @Slot(object, object)
    def _event(self, event: Event, job: Job) -> None:
        if not self._mine(job):
            return
        batch, index = job.request.batch, job.request.index
        if isinstance(event, Progress):
            picture = QImage.fromData(event.preview) if event.preview else QImage()
            self.pane.set_preview(batch, index, picture, event.step, event.of)
        elif isinstance(event, Failed):
            self.pane.set_failed(batch, index, event.error.message)
        elif isinstance(event, Stopped):
            self.pane.set_failed(batch, index, "Stopped.")
        if isinstance(event, (Failed, Stopped, Finished)):
            self._over(batch, job.id)

    @Slot(str, int)
    def _dropped(self, batch: str, index: int) -> None:
        """A candidate that nobody wants need not be finished."""
        if job := self._jobs.get((batch, index)):
            self.session.cancel(job)

    def _over(self, batch: str, job: str) -> None:
        self._jobs = {place: other for place, other in self._jobs.items() if other != job}
        waiting = self._batches.get(batch)
        if waiting is None:
            return
        if job in waiting:
            waiting.remove(job)
        if not waiting:
            del self._batches[batch]
            self.pane.end_batch(batch)

    @Slot(object, object)
    def _stored(self, row: ResultRow, job: Job) -> None:
        if self._mine(job) and row.kind == "image":
            self.pane.set_result(job.request.batch, job.request.index, self._picture(row))

    def _picture(self, row: ResultRow) -> dict[str, Any]:
        return {"result": row.id, "media": row.media, "name": row.prompt[:80] or row.title,
                "width": row.meta.get("width", 0), "height": row.meta.get("height", 0)}
