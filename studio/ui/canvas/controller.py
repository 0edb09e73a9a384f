"""Join the canvas pane to the session: frames become requests, results become candidates, candidates become layers."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QPointF, QRect, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from studio.engine.job import Event, Failed, Finished, Job, Progress, Stopped
from studio.models.nets import fitting, net_for
from studio.project import ResultRow
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.ui.canvas.asking import COVERED, Under, build, look, mask_image, request_size
from studio.ui.canvas.making import new_picture, rect_of
from studio.ui.canvas.painting import size_words
from studio.ui.canvas.pane import CanvasPane
from studio.ui.canvas.regions import steered
from studio.ui.keeping import DocumentKeeper
from studio.ui.prompt import PromptState, media_field
from studio.ui.requests import Ask
from studio.ui.session import Session
from studio.ui.thumbnails import decode

LOOK_MS = 200
"""What lies under the frame is looked at this long after the last change."""
OPENING = "The canvas is still being opened; wait a moment."


class CanvasController(QObject):
    """One canvas of the project on the screen."""

    looked = Signal(object)
    """Under: what lies under the frame now."""
    opened = Signal(str)
    """Id of the canvas that is now on the screen."""

    def __init__(self, session: Session, pane: CanvasPane, document: str) -> None:
        super().__init__(pane)
        self.session, self.pane = session, pane
        self.under = Under()
        self._seen: tuple[Picture, QRect] | None = None
        """What `under` is known of."""
        self._batches: dict[str, list[str]] = {}
        self._jobs: dict[tuple[str, int], str] = {}
        """Which job fills which place of a batch, while it is under way."""
        project, shown = session.project, pane.document
        self.keeper = DocumentKeeper(session, shown, lambda: shown.picture, project.paint_with_notes,
                                     project.put_paint, OPENING, self)
        self._look = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._look.timeout.connect(self.look)
        self.keeper.loaded.connect(self._loaded)
        pane.document.refused.connect(session.notice)
        pane.document.changed.connect(lambda _: self._look.start())
        pane.document.selection_changed.connect(self._look.start)
        pane.document.mask_changed.connect(self._look.start)
        pane.frame_changed.connect(lambda _: self._look.start())
        pane.candidate_dropped.connect(self._dropped)
        pane.result_dropped.connect(self._result_dropped)
        session.batch_queued.connect(self._queued)
        session.event.connect(self._event)
        session.result_stored.connect(self._stored)
        self.open(document)

    # ------------------------------------------------------------ the canvas

    @property
    def document(self) -> str:
        """Id of the canvas in the project."""
        return self.keeper.name

    def open(self, document: str) -> None:
        """Show a canvas of the project, as soon as it is read."""
        self.keeper.open(document)

    @Slot(object)
    def _loaded(self, picture: Picture) -> None:
        row = next((d for d in self.session.project.documents("canvas") if d.id == self.document), None)
        if not picture.layers:
            picture = new_picture(picture.width, picture.height)
        self.pane.load(picture, row.title if row is not None else "")
        state = row.state if row is not None else {}
        if "frame" not in state:
            self.pane.centre_frame()
        self.pane.restore_view(state)
        self._look.start()
        self.opened.emit(self.document)

    def leave(self) -> None:
        """Another canvas is about to be shown: keep this one and where it is looked at."""
        self.flush()
        if not self.session.project.read_only:
            self.session.store(self.session.project.set_document_state(self.document, self.pane.view_state()))

    def flush(self) -> None:
        """Hand everything unwritten to the project."""
        self.pane.view.cancel()
        self.keeper.flush()

    def close(self) -> None:
        """Hand everything to the project and end what runs."""
        self._look.stop()
        self.pane.close_document()
        self.keeper.flush()

    # ------------------------------------------------------------ asking

    def ask(self, state: PromptState, schema: dict[str, Any]) -> Ask:
        """The request for what the frame and the prompt bar say."""
        rect, picture = self.pane.frame_rect(), self.pane.document.picture
        under = self.under if self._seen == (picture, rect) else look(picture, rect_of(rect))
        ask = build(self.document, picture, rect, state, schema, under, self.media_under(picture, rect))[0]
        return self.with_layers(ask, picture, rect, schema)

    def with_layers(self, ask: Ask, picture: Picture, rect: QRect, schema: dict[str, Any], *, say: bool = True) -> Ask:
        """A request with what layers say: their own prompts, and what is followed. say: tell what cannot be heard."""
        ask, notes = steered(ask, picture, rect, request_size(rect, schema), schema, self.net_for)
        for note in notes if say else ():
            self.session.notice.emit(note)
        return ask

    def net_for(self, model: str, control: str, chosen: str = "") -> str | None:
        """The net that follows a kind of control for a model, "" for the model's own, None where there is none."""
        installed = self.session.library.installed()
        drawing = next((found for found in installed if found.name == model), None)
        return net_for(drawing, control, installed, chosen) if drawing is not None else None

    def nets(self, model: str, control: str) -> list[str]:
        """Names of the library's nets that can follow a kind of control for a model."""
        installed = self.session.library.installed()
        drawing = next((found for found in installed if found.name == model), None)
        return fitting(drawing, control, installed) if drawing is not None else []

    def mode_words(self, state: PromptState, schema: dict[str, Any]) -> str:
        """What Generate would do, as far as is known from the last look: "Inpaint · made at 512 × 512"."""
        mode = self.under.mode(state.from_canvas, schema)
        rect = self.pane.frame_rect()
        size = request_size(rect, schema) if schema else rect.size()
        made = "" if size == rect.size() else f"made at {size_words(size.width(), size.height())}"
        return " · ".join(words for words in (mode.words, made) if words)

    def look(self) -> None:
        """Find out what lies under the frame, off the UI thread; `looked` follows."""
        self._look.stop()
        picture, rect = self.pane.document.picture, self.pane.frame_rect()
        self.session.read(lambda: look(picture, rect_of(rect)), lambda under: self._looked(under, picture, rect))

    def _looked(self, under: Under, picture: Picture, rect: QRect) -> None:
        self.under, self._seen = under, (picture, rect)
        self.looked.emit(under)

    def can_start_from_canvas(self) -> bool:
        return self.under.covered > COVERED

    def media_under(self, picture: Picture, rect: QRect) -> tuple[str, ...]:
        """Media of the results that lie under the frame, the topmost first."""
        area = rect_of(rect)
        found: list[str] = []
        for layer, _ in picture.walk():
            bounds = layer.bounds() if layer.result and layer.visible else None
            if bounds is not None and not bounds.intersected(area).empty:
                found += self.media_of(layer)
        return tuple(dict.fromkeys(found))

    def media_of(self, layer: Layer) -> tuple[str, ...]:
        """Media of the result that a layer came from, if it is one of this project."""
        try:
            return (self.session.project.result(layer.result).media,) if layer.result else ()
        except KeyError:
            return ()

    # ------------------------------------------------------------ pictures

    def place(self, row: ResultRow, at: QPointF | None = None) -> None:
        """Put a result onto the canvas: into the frame's place, or about `at` (document pixels)."""
        project = self.session.project
        self.session.read(lambda: decode(project.media(row.media)[0]),
                          lambda image: self._put(image, row.prompt or row.title, at, row.id))

    def _put(self, image: QImage, name: str, at: QPointF | None, result: str) -> None:
        if image.isNull():
            self.session.notice.emit("This picture cannot be read.")
        else:
            self.pane.add_image(image, name, at, result)

    @Slot(dict, QPointF)
    def _result_dropped(self, result: dict[str, Any], at: QPointF) -> None:
        try:
            row = self.session.project.result(str(result.get("id", "")))
        except KeyError:
            self.session.notice.emit("This result is not in the project; export it there and drop the file.")
        else:
            self.place(row, at)

    # ------------------------------------------------------------ candidates

    def _mine(self, job: Job) -> bool:
        return job.request.target.get("document") == self.document and job.request.target.get("kind") == "frame"

    @Slot(object)
    def _queued(self, jobs: list[Job]) -> None:
        if jobs and self._mine(jobs[0]):
            target, batch = jobs[0].request.target, jobs[0].request.batch
            rect = QRect(target["x"], target["y"], target["width"], target["height"])
            self._batches[batch] = [job.id for job in jobs]
            self._jobs |= {(job.request.batch, job.request.index): job.id for job in jobs}
            self.pane.begin_batch(batch, len(jobs), rect)
            self._show_mask(jobs[0])

    def _show_mask(self, job: Job) -> None:
        """Candidates of a request with a mask are seen and kept only inside it."""
        info = self.session.discovery.find(job.request.generator)
        name = media_field(info.schema, "mask") if info is not None else ""
        value = job.request.params.get(name) if name else None
        if isinstance(value, dict) and value.get("media"):
            project, media, batch = self.session.project, str(value["media"]), job.request.batch
            self.session.read(lambda: mask_image(project.media(media)[0]),
                              lambda mask: self.pane.set_batch_mask(batch, mask))

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
