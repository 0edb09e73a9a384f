"""Paint live: after each stroke the machine paints what lies under the frame anew, and shows it there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter

from studio.engine.job import Event, Failed, Finished, Job, Result, Stopped
from studio.engine.recipe import media_in
from studio.project import ResultRow
from studio.project.paint.difference import difference
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Rect
from studio.ui.canvas.asking import marks, mask_image, mask_png, request_size, start_field, start_png
from studio.ui.canvas.controller import CanvasController
from studio.ui.canvas.making import layer_at, put_layer, rect_of
from studio.ui.canvas.painting import paint_image
from studio.ui.canvas.regions import content
from studio.ui.prompt import PromptState, field_of_role, media_field
from studio.ui.requests import LIVE, Ask, Media
from studio.ui.thumbnails import decode

DRAFT_STEPS = 4
"""Steps of a generator that has no draft of its own."""
REST_MS = 350
"""After a change of the prompt, the form or the frame the next picture begins this much later."""
KEPT = "Keep live picture"
Key = Qt.Key


@dataclass(frozen=True)
class LivePicture:
    """What the machine made of the last stroke, and where it lies in the document. mask: Alpha8, where it worked; None
    for everywhere."""

    image: QImage
    rect: QRect
    result: Result
    job: Job
    mask: QImage | None = None


class LivePainter(QObject):
    """At most one request is under way. A stroke that comes meanwhile cancels it, and the next begins when it has
    ended. A picture is kept in the project only when the person accepts it; until then it is like a preview."""

    toggled = Signal(bool)
    changed = Signal()
    """Another picture is shown, or the machine begins or ends."""

    def __init__(self, control: CanvasController, draft: Callable[[], PromptState],
                 schema: Callable[[], dict[str, Any]], parent: QObject | None = None) -> None:
        """draft, schema: what the prompt bar and the form say, and the Params schema of their generator."""
        super().__init__(parent)
        self.control, self.session, self.pane = control, control.session, control.pane
        self.document = control.pane.document
        self.on = False
        self.picture: LivePicture | None = None
        self._draft, self._schema = draft, schema
        self._seed = 0
        self._seen: Picture = self.document.picture
        """The picture that the last request was made of."""
        self._asking = False
        self._job: Job | None = None
        self._again = False
        """Something has changed since the request under way was made."""
        self._stale = False
        """The shown picture is older than the paint under it."""
        self._coming: Job | None = None
        """Its picture is being decoded."""
        self._keeping: dict[str, LivePicture] = {}
        self._was_shown = False
        self._told = False
        """The person has heard what layers cannot do."""
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._start)
        self._connect()

    def _connect(self) -> None:
        session = self.session
        self.document.committed.connect(self._committed)
        self.document.changed.connect(lambda _: self._follow_stroke())
        self.pane.frame_changed.connect(lambda _: self.poke())
        self.control.opened.connect(lambda _: self.set_on(False))
        session.batch_queued.connect(self._queued)
        session.refused.connect(self._refused)
        session.event.connect(self._event)
        session.tried.connect(self._tried)
        session.result_stored.connect(self._stored)

    # ------------------------------------------------------------ what the person does

    def set_on(self, on: bool) -> None:
        """Paint live or not. Turned on, the first picture begins at once."""
        if on == self.on:
            return
        self.on = on
        self._told = False
        if on:
            self._seed = self._draft().rolled().seed
            self._start()
        else:
            self._rest.stop()
            self._cancel(again=False)
            self.drop()
        self.toggled.emit(on)

    def toggle(self) -> None:
        self.set_on(not self.on)

    def poke(self) -> None:
        """What the picture is made of has changed otherwise than by a stroke."""
        if self.on:
            self._rest.start()

    def accept(self) -> bool:
        """Make the shown picture a layer, once it is in the project; False where none is shown."""
        shown = self.shown
        if shown is None:
            return False
        self.picture = None
        self._keeping[shown.job.id] = shown
        self.session.keep_tried(shown.result, shown.job)
        self._show()
        return True

    def drop(self) -> bool:
        """Put the shown picture away; False where none is shown."""
        was = self.shown
        self._forget(self.picture)
        self.picture = None
        self._show()
        return was is not None

    def take_key(self, event: QKeyEvent) -> bool:
        """Enter accepts, Delete and Escape drop."""
        if self.shown is None or self.pane.choosing or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            return False
        match event.key():
            case Key.Key_Return | Key.Key_Enter:
                return self.accept()
            case Key.Key_Delete | Key.Key_Backspace | Key.Key_Escape:
                return self.drop()
        return False

    # ------------------------------------------------------------ what is seen

    @property
    def shown(self) -> LivePicture | None:
        """The picture over the frame: none while the person paints, and until the machine has answered."""
        hidden = self._stale or self.document.previewing
        return None if hidden else self.picture

    @property
    def working(self) -> bool:
        return self._asking or self._job is not None

    @property
    def outdated(self) -> bool:
        """What comes now is not of what is there any more."""
        coming = self._coming.id if self._coming is not None else ""
        return self._again or self._asking or (self._job is not None and self._job.id != coming)

    @property
    def words(self) -> str:
        """For the frame's badge."""
        if not self.on:
            return ""
        return "Live · drawing" if self.working else "Live" if self.shown is None else "Live · Enter keeps it"

    def paint(self, painter: QPainter) -> None:
        """Paint the picture in its place; the painter is in document pixels."""
        shown = self.shown
        if shown is not None:
            paint_image(painter, QRectF(shown.rect), shown.image, smooth=True, squares=False)

    # ------------------------------------------------------------ strokes

    def _committed(self, picture: Picture, label: str) -> None:
        before, self._seen = self._seen, picture
        if not self.on or label == KEPT or not self._differs(before, picture):
            return
        self._stale = True
        self._start()

    def _differs(self, before: Picture, after: Picture) -> bool:
        """Whether something under the frame looks or steers otherwise."""
        if (before.width, before.height) != (after.width, after.height):
            return True
        area = rect_of(self.pane.frame_rect()).intersected(after.rect)
        if _steering_of(before) != _steering_of(after) or _marked(before, after, area):
            return True
        dirt = difference(before.layers, after.layers, after.rect)
        return any(not rect.intersected(area).empty for rect in dirt.values())

    def _follow_stroke(self) -> None:
        """While the pen is down the paint is to be seen."""
        if (self.shown is not None) != self._was_shown:
            self._was_shown = not self._was_shown
            self.pane.view.update()

    # ------------------------------------------------------------ requests

    def _start(self) -> None:
        """Ask for a picture of what is there now; while one is under way, as soon as that has ended."""
        self._rest.stop()
        if self.working:
            self._cancel(again=True)
            return
        self._again, self._seen = False, self.document.picture
        ask = self._ask()
        if ask is None:
            self.drop()
            return
        self._asking = True
        self.session.generate(ask)
        self._show()

    def _cancel(self, *, again: bool) -> None:
        self._again = again
        if self._job is not None:
            self.session.cancel(self._job.id, patient=True)

    def _ask(self) -> Ask | None:
        """Image to image on the frame at few steps; None where nothing lies under it, or the generator cannot."""
        picture, frame, schema = content(self.document.picture), self.pane.frame_rect(), self._schema()
        if not start_field(schema) or not _covers(picture, frame):
            return None
        draft = self._draft()
        size = request_size(frame, schema)
        params = draft_params((draft if draft.seed_locked else replace(draft, seed=self._seed)).params(schema), schema)
        for role, value in (("width", size.width()), ("height", size.height())):
            if name := field_of_role(schema, role):
                params[name] = value
        target = {"document": self.control.document, "kind": LIVE, "x": frame.x(), "y": frame.y(),
                  "width": frame.width(), "height": frame.height()}
        area = rect_of(frame)
        media: dict[str, Media] = {start_field(schema): (partial(start_png, picture, area, size), "image/png")}
        mask = media_field(schema, "mask")
        if mask and marks(self.document.picture, area) is not None:
            media[mask] = (partial(mask_png, self.document.picture, area, size), "image/png")
        ask = Ask(draft.generator, params, 1, media, (), target)
        told, self._told = self._told, True
        return self.control.with_layers(ask, self.document.picture, frame, schema, say=not told)

    def _queued(self, jobs: list[Job]) -> None:
        if not jobs or not self._is_mine(jobs[0].request.target):
            return
        self._asking, self._job = False, jobs[0]
        if self._again or not self.on:
            # the session hands it to the worker after this
            QTimer.singleShot(0, self, lambda: self._cancel_late(jobs[0]))

    def _cancel_late(self, job: Job) -> None:
        if self._job is job:
            self.session.cancel(job.id, patient=True)

    def _refused(self, _report: Any, ask: Ask) -> None:
        if self._is_mine(ask.target):
            self._asking = self._again = False
            self.set_on(False)

    def _event(self, event: Event, job: Job) -> None:
        if self._job is None or job.id != self._job.id or not isinstance(event, (Finished, Stopped, Failed)):
            return
        self._job = None
        shown = self.picture.job if self.picture is not None else None
        if job.id not in [other.id for other in (self._coming, shown) if other is not None]:
            self._give_back(job)
        if isinstance(event, Failed):
            self._again = False
            self.set_on(False)
        if self._again:
            self._start()
        self._show()

    def _tried(self, result: Result, job: Job) -> None:
        """A picture is there: shown, unless something has changed meanwhile."""
        if not self.on or self._again or self._job is None or job.id != self._job.id:
            return
        self._coming = job
        name = media_field(self._schema(), "mask")
        mask = str((job.request.params.get(name) or {}).get("media", "")) if name else ""
        project = self.session.project

        def read() -> tuple[QImage, QImage | None]:
            return decode(result.data), mask_image(project.media(mask)[0]) if mask else None

        self.session.read(read, lambda images: self._decoded(images[0], images[1], result, job))

    def _decoded(self, image: QImage, mask: QImage | None, result: Result, job: Job) -> None:
        if self._coming is None or self._coming.id != job.id:
            return
        outdated = self.outdated  # the end of its own job may come before the decoded picture, or after it
        self._coming = None
        if not self.on or outdated or image.isNull():
            self._give_back(job)
            return
        target = job.request.target
        before, rect = self.picture, QRect(target["x"], target["y"], target["width"], target["height"])
        self.picture = LivePicture(image, rect, result, job, mask)
        self._forget(before)
        self._stale = False
        self._show()

    def _stored(self, row: ResultRow, job: Job) -> None:
        kept = self._keeping.pop(job.id, None)
        if kept is None:
            return
        self._give_back(job)
        layer = layer_at(kept.image, kept.rect, row.prompt or row.title, row.id, kept.mask)
        self.document.edit(KEPT, lambda picture: put_layer(picture, layer))

    # ------------------------------------------------------------ inside

    def _is_mine(self, target: dict[str, Any]) -> bool:
        """Other workspaces try things out too."""
        return target.get("kind") == LIVE and target.get("document") == self.control.document

    def _show(self) -> None:
        self._was_shown = self.shown is not None
        self.pane.view.update()
        self.changed.emit()

    def _forget(self, picture: LivePicture | None) -> None:
        if picture is not None:
            self._give_back(picture.job)

    def _give_back(self, job: Job) -> None:
        """What a request was made from is needed no longer, unless another of the same input waits to be kept."""
        jobs = [kept.job for kept in self._keeping.values()]
        shown = self.picture.job if self.picture is not None else None
        jobs += [other for other in (self._job, self._coming, shown) if other is not None]
        needed = {sha for other in jobs if other.id != job.id for sha, _ in media_in(other.request.params)}
        self.session.project.return_media(sha for sha, _ in media_in(job.request.params) if sha not in needed)


def draft_params(params: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The same parameters at the generator's fastest: its draft quality, or few steps."""
    quality, steps = field_of_role(schema, "quality"), field_of_role(schema, "steps")
    out = dict(params)
    if quality and "Draft" in schema["properties"][quality].get("enum", ()):
        out.pop(steps, None)
        out[quality] = "Draft"
    elif steps:
        prop = schema["properties"][steps]
        least = int(prop.get("minimum", 1))
        out[steps] = max(least, min(DRAFT_STEPS, int(out.get(steps) or prop.get("default") or DRAFT_STEPS)))
    return out


def _steering_of(picture: Picture) -> list[tuple[Any, ...]]:
    return [(layer.id, layer.prompt, layer.control, layer.control_weight, layer.control_start, layer.control_end,
             layer.control_model) for layer, _ in picture.walk() if layer.prompt or layer.control]


def _marked(before: Picture, after: Picture, area: Rect) -> bool:
    """Whether the mask or the selection marks something else under the frame."""
    if before.mask is after.mask and before.selection is after.selection:
        return False
    old, new = marks(before, area), marks(after, area)
    return old is not new and (old is None or new is None or not np.array_equal(old, new))


def _covers(picture: Picture, frame: QRect) -> bool:
    """Whether any visible layer has pixels under the frame."""
    area = rect_of(frame).intersected(picture.rect)
    for layer, _ in picture.walk():
        if layer.kind != "group" and all(picture.layer(step).visible for step in picture.path(layer.id)):
            bounds = layer.bounds()
            if bounds is not None and not bounds.intersected(area).empty:
                return True
    return False
