"""What control layers hand on: the edges, lines, poses or looks of each, drawn in the background as a thumbnail."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QSize, QTimer, Signal
from PySide6.QtGui import QImage

from studio.engine.job import Event, Failed, Job, Result, Stopped
from studio.engine.recipe import media_in
from studio.project.paint.layer import Layer
from studio.project.paint.plane import Rect
from studio.ui.canvas.controller import CanvasController
from studio.ui.canvas.controls import BY_ID, Kind
from studio.ui.canvas.making import png_bytes, rect_of, scaled_to
from studio.ui.canvas.regions import layer_image
from studio.ui.requests import PREVIEW, Ask, is_preview
from studio.ui.thumbnails import decode

SIDE = 512
"""Longest side of a preview in pixels."""
REST_MS = 400
"""After the last stroke a preview is drawn this much later."""


@dataclass(frozen=True)
class _Seen:
    """What a preview is of."""

    layer: Layer
    rect: Rect

    def same(self, other: _Seen) -> bool:
        one, two = self.layer, other.layer
        return (one.plane is two.plane and one.mask is two.mask and one.mask_on == two.mask_on
                and one.children == two.children and (one.dx, one.dy, one.control) == (two.dx, two.dy, two.control)
                and self.rect == other.rect)


class ControlPreviews(QObject):
    """One preview is under way at a time. Nothing of it is kept in the project."""

    changed = Signal(str)
    """Id of a layer that has another preview."""

    def __init__(self, control: CanvasController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.control, self.session = control, control.session
        self._known: dict[str, tuple[_Seen, QImage | None]] = {}
        self._waiting: dict[str, _Seen] = {}
        self._doing: tuple[str, _Seen] | None = None
        self._job = ""
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.refresh)
        session, document = self.session, control.pane.document
        document.committed.connect(lambda *_: self._rest.start())
        document.layers_changed.connect(self._rest.start)
        control.pane.frame_changed.connect(lambda _: self._rest.start())
        control.opened.connect(self._opened)
        session.batch_queued.connect(self._queued)
        session.refused.connect(self._refused)
        session.tried.connect(self._tried)
        session.event.connect(self._event)

    def picture(self, layer: str) -> QImage | None:
        """What the net sees of a layer; None while that is not known, or where it cannot be."""
        return self._known[layer][1] if layer in self._known else None

    def refresh(self) -> None:
        """Draw what is missing or older than its layer."""
        self._rest.stop()
        picture = self.control.pane.document.picture
        layers = {layer.id: layer for layer, _ in picture.walk() if layer.control}
        self._known = {key: known for key, known in self._known.items() if key in layers}
        self._waiting.clear()
        for key, layer in layers.items():
            seen = self._seen(layer)
            if seen is None:
                self._keep(key, _Seen(layer, Rect(0, 0, 0, 0)), None)
            elif key not in self._known or not self._known[key][0].same(seen):
                self._waiting[key] = seen
        self._next()

    def lacks(self, kind: Kind) -> str:
        """Kind of the weights that a preview needs and that are not installed; "" where nothing is lacking."""
        installed = {model.kind for model in self.session.library.installed()}
        return kind.detector if kind.detector and kind.detector not in installed else ""

    # ------------------------------------------------------------ inside

    def _seen(self, layer: Layer) -> _Seen | None:
        """The layer under the frame, or all of it where it lies elsewhere; None for one without pixels."""
        bounds, frame = layer.bounds(), rect_of(self.control.pane.frame_rect())
        if bounds is None or bounds.empty:
            return None
        return _Seen(layer, bounds if bounds.intersected(frame).empty else frame)

    def _next(self) -> None:
        if self._doing is not None or not self._waiting:
            return
        key = next(iter(self._waiting))
        seen = self._waiting.pop(key)
        kind = BY_ID[seen.layer.control]
        if kind.generator and (self.lacks(kind) or self.session.discovery.find(kind.generator) is None):
            self._keep(key, seen, None)
            self._next()
            return
        self._doing = (key, seen)
        size = QSize(seen.rect.w, seen.rect.h)
        ratio = SIDE / max(size.width(), size.height())
        size = size * ratio if ratio < 1 else size
        if kind.generator:
            ask = Ask(kind.generator, dict(kind.params or {}), 1,
                      {"image": (partial(_png, seen.layer, seen.rect, size), "image/png")}, (),
                      {"kind": PREVIEW, "document": self.control.document})
            self.session.generate(ask)
        else:
            self.session.read(partial(_image, seen.layer, seen.rect, size), lambda image: self._done(image))

    def _queued(self, jobs: list[Job]) -> None:
        if jobs and self._mine(jobs[0]) and self._doing is not None:
            self._job = jobs[0].id

    def _refused(self, _report: Any, ask: Ask) -> None:
        if is_preview(ask.target):
            self._done(None)

    def _tried(self, result: Result, job: Job) -> None:
        if self._mine(job):
            self.session.project.return_media(sha for sha, _ in media_in(job.request.params))
            if job.id == self._job:
                self.session.read(lambda: decode(result.data), self._done)

    def _event(self, event: Event, job: Job) -> None:
        if self._mine(job) and job.id == self._job and isinstance(event, (Failed, Stopped)):
            self.session.project.return_media(sha for sha, _ in media_in(job.request.params))
            self._done(None)

    def _done(self, image: QImage | None) -> None:
        doing, self._doing, self._job = self._doing, None, ""
        if doing is not None:
            self._keep(*doing, image if image is not None and not image.isNull() else None)
        self._next()

    def _keep(self, key: str, seen: _Seen, image: QImage | None) -> None:
        self._known[key] = (seen, image)
        self.changed.emit(key)

    def _opened(self, _: str) -> None:
        self._known.clear()
        self._rest.start()

    @staticmethod
    def _mine(job: Job) -> bool:
        return is_preview(job.request.target)


def _image(layer: Layer, rect: Rect, size: QSize) -> QImage:
    return scaled_to(layer_image(layer, rect), size)


def _png(layer: Layer, rect: Rect, size: QSize) -> bytes:
    return png_bytes(_image(layer, rect, size))
