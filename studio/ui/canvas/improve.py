"""Improve what is there: upscale, cut out, select, denoise, restyle. Generators do the work; it comes back in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.engine.job import GeneratorInfo, Job
from studio.project import ResultRow
from studio.project.paint.compositor import compose
from studio.project.paint.edit import PaintError, add_layer, resize_image, set_mask, set_props, unlocked
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture, check_size
from studio.project.paint.plane import Plane, Rect, from_qimage
from studio.project.paint.selecting import take_in
from studio.ui.canvas.controller import CanvasController
from studio.ui.canvas.document import Edit
from studio.ui.canvas.improvements import GROUPS, IMPROVEMENTS, Improvement
from studio.ui.canvas.making import layer_at, png_bytes, scaled_to
from studio.ui.canvas.regions import layer_image
from studio.ui.form import FormPickers, SchemaForm
from studio.ui.prompt import media_field
from studio.ui.requests import Ask
from studio.ui.thumbnails import decode
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.popup import Menu, Popup, close_popup

IMPROVE = "improve"
"""Kind of the targets of these jobs."""
DRAWN = {"edges": "Edges", "outlines": "Outlines", "pose": "Pose"}
"""What comes of drawing what a control net sees -> name of the layer."""
FOUND = 24
"""A matte that is nowhere above this (of 255) has found nothing."""
STRETCHED = "The canvas was scaled or turned meanwhile, so the picture is only among the results."
NOTHING = "Nothing stands out clearly in this picture, so it was left as it is."


# ---------------------------------------------------------------- what becomes of a result: Picture -> Picture


def put_upscaled(picture: Picture, image: QImage, scale: int, size: tuple[int, int], result: str) -> Picture:
    """All layers `scale` times as large, under the upscaled picture of what was seen."""
    if (picture.width, picture.height) != size:
        raise PaintError("The canvas has another size by now, so the upscaled picture is only among the results.")
    width, height = picture.width * scale, picture.height * scale
    larger = resize_image(picture, width, height)
    return add_layer(larger, layer_at(image, QRect(0, 0, width, height), f"Upscaled {scale}×", result))


def put_cutout(picture: Picture, matte: QImage, layer_id: str, area: Rect) -> Picture:
    """The matte as the mask of a layer. area: what it is of, in the layer's own coordinates."""
    layer = _still_there(picture, layer_id)
    shows = greys(matte, area)
    if shows.max() < FOUND:
        raise PaintError(NOTHING)
    own = from_qimage(layer_image(layer, area.translated(layer.dx, layer.dy), masked=False))[..., 3]
    # the matte counts how much the layer covers by itself, and so would the mask once more
    mask = np.where(own > 0, np.minimum(255, shows * 255.0 / np.maximum(own, 1)), shows)
    plane = Plane.from_array(np.rint(mask).astype(np.uint8), area.x, area.y, default=255)
    return set_mask(picture, layer_id, plane)


def put_selection(picture: Picture, matte: QImage, area: Rect) -> Picture:
    """The matte as the selection. area: what it is of, in the document."""
    values = greys(matte, area)
    if values.max() < FOUND:
        raise PaintError(NOTHING)
    return take_in(picture, Plane.from_array(values, area.x, area.y))


def put_above(picture: Picture, image: QImage, layer_id: str, area: Rect, name: str, result: str) -> Picture:
    """The picture as a layer right above the one it was made from, blended as that is. area: as for `put_cutout`.

    A layer that lets others through is hidden: both would show, one through the other.
    """
    source = _still_there(picture, layer_id)
    place = area.translated(source.dx, source.dy)
    layer = layer_at(image, QRect(*place), name, result)
    layer = layer.with_(opacity=source.opacity, blend=source.blend, clipped=source.clipped)
    if source.opacity < 1 or source.blend != "normal":
        picture = set_props(picture, layer_id, visible=False)
    return add_layer(picture, layer, layer_id)


def greys(matte: QImage, area: Rect) -> NDArray[np.uint8]:
    """A grey picture as (h, w), 0 to 255, at the size of `area`."""
    grey = scaled_to(matte, QRect(*area).size()).convertToFormat(QImage.Format.Format_Grayscale8)
    grey.reinterpretAsFormat(QImage.Format.Format_Alpha8)
    return from_qimage(grey).copy()


def _still_there(picture: Picture, layer_id: str) -> Layer:
    layer = picture.find(layer_id)
    if layer is None:
        raise PaintError("The layer that this was made from is gone; the picture is among the results.")
    return layer


# ---------------------------------------------------------------- asking


class OptionsCard(QWidget):
    """The form of a generator in a popup, with the button that begins."""

    delete_on_close = True

    def __init__(self, what: Improvement, info: GeneratorInfo, values: Mapping[str, Any], pickers: FormPickers,
                 begin: Callable[[dict[str, Any]], object], theme: Any) -> None:
        super().__init__()
        title = what.title.removesuffix("…")
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Label(theme, title, "strong"))
        self.form = SchemaForm(info.schema, theme, pickers, exclude_roles=("init_image",))
        self.form.set_values(values)
        column.addWidget(self.form)
        self.button = PushButton(theme, title.split()[0], variant="primary", icon=what.icon)
        self.button.clicked.connect(lambda: self._begin(begin))
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        self.setFocusProxy(self.button)

    def _begin(self, begin: Callable[[dict[str, Any]], object]) -> None:
        begin(self.form.values())
        close_popup(self)


class Improver(QObject):
    """Asks for improvements of the canvas on the screen, and puts what comes of them where it belongs."""

    def __init__(self, control: CanvasController, pickers: FormPickers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.control, self.session, self.pane = control, control.session, control.pane
        self.document = control.pane.document
        self._pickers = pickers
        self._values: dict[str, dict[str, Any]] = {}
        """What was last asked for with each form, by improvement."""
        self._seen: dict[str, Picture] = {}
        """The picture that an upscaling was made of, by batch, while it is under way."""
        self.session.batch_queued.connect(self._queued)
        self.session.result_stored.connect(self._stored)

    def offered(self) -> list[Improvement]:
        """Those whose generator is there."""
        return [what for what in IMPROVEMENTS if self.session.discovery.find(what.generator) is not None]

    def start(self, name: str) -> None:
        """Ask for an improvement: at once, or after its form. A sentence says why it cannot be done."""
        what = next(what for what in IMPROVEMENTS if what.id == name)
        info = self.session.discovery.find(what.generator)
        if info is None:
            self.session.notice.emit(f"No generator “{what.generator}” is installed; see Help about plugins.")
        elif self._possible(what, what.params):
            if what.asks:
                self._show_options(what, info)
            else:
                self.begin(what, dict(what.params))

    def begin(self, what: Improvement, params: Mapping[str, Any]) -> None:
        """Queue the work."""
        info = self.session.discovery.find(what.generator)
        if info is None or not self._possible(what, params):
            return
        if what.asks:
            self._values[what.id] = dict(params)
        picture, layer = self.document.picture, self.document.picture.active_layer
        area, source = picture.rect, partial(_canvas_png, picture)
        target: dict[str, Any] = {"document": self.control.document, "kind": IMPROVE, "what": what.id}
        parents: tuple[str, ...] = self.control.media_under(picture, QRect(*picture.rect))
        if what.layer and layer is not None:
            place = layer.bounds() or picture.rect
            area, source = place.translated(-layer.dx, -layer.dy), partial(_layer_png, layer, place)
            target["layer"] = layer.id
            parents = self.control.media_of(layer)
        target |= {"x": area.x, "y": area.y, "width": area.w, "height": area.h}
        name = media_field(info.schema, "image")
        self.session.generate(Ask(what.generator, {k: v for k, v in params.items() if k != name}, 1,
                                  {name: (source, "image/png")}, parents, target))

    def menu(self, parent: QWidget) -> Menu:
        """All that is offered."""
        menu = Menu(self.pane.theme, "Improve", parent)
        self.fill(menu)
        return menu

    def fill(self, menu: Menu) -> None:
        """Put what is offered into a menu."""
        offered = {what.id: what for what in self.offered()}
        for group in GROUPS:
            for what in [offered[name] for name in group if name in offered]:
                action = menu.addAction(self.pane.theme.icons.icon(what.icon), what.title)
                action.setObjectName(what.id)
                action.triggered.connect(lambda _=False, name=what.id: self.start(name))
            menu.addSeparator()
        if not offered:
            menu.addAction("No generator that improves pictures is installed").setEnabled(False)

    def show_menu(self, at: QPoint) -> None:
        menu = self.menu(self.pane)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at - QPoint(0, menu.sizeHint().height()))

    def _possible(self, what: Improvement, params: Mapping[str, Any]) -> bool:
        try:
            check(what, params, self.document.picture)
        except PaintError as error:
            self.session.notice.emit(str(error))
            return False
        return True

    def _show_options(self, what: Improvement, info: GeneratorInfo) -> None:
        theme = self.pane.theme
        values = self._values.get(what.id, dict(what.params))
        card = OptionsCard(what, info, values, self._pickers, lambda params: self.begin(what, params), theme)
        Popup(theme, self.pane, card, place="centre", width=theme.dp(320), margins=12, keep=False).open()

    # ------------------------------------------------------------ what comes back

    def _queued(self, jobs: list[Job]) -> None:
        if jobs and jobs[0].request.target.get("kind") == IMPROVE:
            self._seen[jobs[0].request.batch] = self.document.picture

    def _stored(self, row: ResultRow, job: Job) -> None:
        target = job.request.target
        if target.get("kind") != IMPROVE or row.kind != "image":
            return
        seen = self._seen.pop(job.request.batch, None)
        if target.get("document") != self.control.document:
            self.session.notice.emit(f"{row.title} is done for another canvas; the picture is among the results.")
            return
        project = self.session.project
        self.session.read(lambda: decode(project.media(row.media)[0]),
                          lambda image: self._put(image, row, job, seen))

    def _put(self, image: QImage, row: ResultRow, job: Job, seen: Picture | None) -> None:
        if image.isNull():
            self.session.notice.emit("What came back is no picture that can be read.")
            return
        target, params = job.request.target, job.request.params
        if seen is not None and _stretched(seen, self.document.picture, target):
            self.session.notice.emit(STRETCHED)
            return
        area = Rect(*(int(target[name]) for name in ("x", "y", "width", "height")))
        layer, what = str(target.get("layer", "")), str(target.get("what", ""))
        edits: dict[str, tuple[str, Edit]] = {
            "cutout": ("Cut out", lambda picture: put_cutout(picture, image, layer, area)),
            "select": ("Select what stands out", lambda picture: put_selection(picture, image, area)),
            "denoise": ("Denoise", lambda picture: put_above(picture, image, layer, area, "Denoised", row.id)),
            **{name: (title, partial(put_above, image=image, layer_id=layer, area=area, name=title, result=row.id))
               for name, title in DRAWN.items()},
            "style": ("Restyle", lambda picture: put_above(picture, image, layer, area,
                                                           str(params.get("style") or "Styled"), row.id)),
        }
        scale = max(1, round(image.width() / max(1, area.w)))
        upscaled: tuple[str, Edit] = (f"Upscale {scale}×", lambda picture: put_upscaled(
            picture, image, scale, (area.w, area.h), row.id))
        if what not in edits and seen is not None and seen.layers is not self.document.picture.layers:
            self.session.notice.emit("What you painted meanwhile lies under the upscaled picture.")
        self.document.run(*edits.get(what, upscaled))


def _stretched(before: Picture, after: Picture, target: Mapping[str, Any]) -> bool:
    """Whether what an improvement was made of was scaled or turned together with the canvas since."""
    if (before.width, before.height) == (after.width, after.height):
        return False
    if "layer" not in target:
        return target.get("what") == "select"  # what is upscaled says so itself
    old, new = before.find(str(target["layer"])), after.find(str(target["layer"]))
    return old is not None and new is not None and old.plane is not new.plane


def check(what: Improvement, params: Mapping[str, Any], picture: Picture) -> None:
    """Raise PaintError with one sentence where an improvement cannot be made of a picture as it is."""
    if not what.layer:
        if all(layer.bounds() is None for layer in picture.layers):
            raise PaintError("The canvas is empty; paint or put a picture on it first.")
        if what.generator == "enhance.upscale":
            scale = int(params.get("scale") or 2)
            check_size(picture.width * scale, picture.height * scale)
        return
    layer = picture.active_layer
    if layer is None:
        raise PaintError("Choose a layer first.")
    if layer.bounds() is None:
        raise PaintError(f"“{layer.name}” is empty; choose a layer with a picture on it.")
    if what.id == "cutout":
        unlocked(layer)


def _canvas_png(picture: Picture) -> bytes:
    return png_bytes(compose(picture, picture.rect))


def _layer_png(layer: Layer, place: Rect) -> bytes:
    return png_bytes(layer_image(layer, place))
