"""What Generate does with the frame: it is decided by what lies under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage

from studio.project.paint.compositor import compose
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane, Rect, from_qimage, to_qimage
from studio.ui.canvas.making import png_bytes, rect_of
from studio.ui.canvas.regions import content
from studio.ui.prompt import PromptState, field_of_role, media_field
from studio.ui.requests import Ask, Media

COVERED = 0.02
"""Least share of the frame that pixels must cover before they count."""
HOLE = 0.004
"""Least share of the frame that must be transparent before the picture is extended."""
SOFT = 12
"""Pixels by which an extension reaches into what is there, so that no edge shows."""
CLEAR = 128
"""Alpha below this counts as transparent."""


class Mode(StrEnum):
    """What the next Generate will do."""

    TEXT = "text"
    IMAGE = "image"
    INPAINT = "inpaint"
    EXTEND = "extend"

    @property
    def words(self) -> str:
        """For the frame's badge; a picture from nothing goes without saying."""
        return {Mode.TEXT: "", Mode.IMAGE: "From canvas", Mode.INPAINT: "Inpaint", Mode.EXTEND: "Extend"}[self]


@dataclass(frozen=True)
class Under:
    """What lies under a frame.

    Attributes:
        covered: share of pixels that are not wholly transparent, 0 to 1.
        hole: share of pixels that are (nearly) transparent, 0 to 1.
        masked: the inpaint mask, or else the selection, marks a part of it.
    """

    covered: float = 0.0
    hole: float = 1.0
    masked: bool = False

    def mode(self, from_canvas: bool, schema: Mapping[str, Any]) -> Mode:
        """What a generator with this schema does with it. from_canvas: the person wants to start from what is there."""
        image, mask = bool(start_field(schema)), bool(media_field(dict(schema), "mask"))
        if self.covered <= COVERED or not image:
            return Mode.TEXT
        if mask and self.masked:
            return Mode.INPAINT
        if from_canvas:
            return Mode.IMAGE
        return Mode.EXTEND if mask and self.hole > HOLE else Mode.TEXT


def start_field(schema: Mapping[str, Any]) -> str:
    """The Params field that takes the picture to start from, "" if there is none."""
    return field_of_role(dict(schema), "init_image") or media_field(dict(schema), "image")


def marks(picture: Picture, rect: Rect) -> NDArray[np.uint8] | None:
    """Where the person wants the machine to work inside `rect`: the inpaint mask, or else the selection; (h, w)."""
    for plane in (picture.mask, picture.selection):
        values = _inside(plane, rect)
        if values is not None:
            return values
    return None


def _inside(plane: Plane | None, rect: Rect) -> NDArray[np.uint8] | None:
    if plane is None:
        return None
    values = plane.read(*rect)
    return values if values.any() else None


def look(picture: Picture, rect: Rect) -> Under:
    """What lies under a frame. Any thread may ask."""
    alpha = from_qimage(compose(content(picture), rect))[..., 3]
    return Under(float((alpha > 0).mean()), float((alpha < CLEAR).mean()), marks(picture, rect) is not None)


def working_mask(picture: Picture, rect: Rect, alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """White where the machine works: what is marked, and what is transparent with a soft edge into what is there."""
    found = marks(picture, rect)
    mask = np.zeros(alpha.shape, np.uint8) if found is None else found
    hole = ((alpha < CLEAR) * 255).astype(np.uint8)
    if hole.any():
        import cv2

        reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (SOFT * 2 + 1, SOFT * 2 + 1))
        soft = cv2.GaussianBlur(cv2.dilate(hole, reach), (0, 0), SOFT / 2.5)
        mask = np.maximum(mask, np.maximum(hole, np.asarray(soft, np.uint8)))
    return mask


def request_size(rect: QRect, schema: Mapping[str, Any]) -> QSize:
    """The size that the model makes for a frame: its own, or scaled down to what the model can make at most."""
    fields = [schema.get("properties", {}).get(field_of_role(dict(schema), role), {}) for role in ("width", "height")]
    most = QSize(*(int(field.get("maximum", 1 << 20)) for field in fields))
    size = rect.size()
    if size.width() <= most.width() and size.height() <= most.height():
        return size
    scaled = size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio)
    return QSize(*(_side(length, field) for length, field in zip(scaled.toTuple(), fields, strict=True)))


def _side(length: int, field: Mapping[str, Any]) -> int:
    """The nearest length that a width or height field takes."""
    step = max(1, int(field.get("multipleOf", 1)))
    least, most = int(field.get("minimum", step)), int(field.get("maximum", 1 << 20))
    return max(-(-least // step) * step, min(most // step * step, round(length / step) * step))


def build(document: str, picture: Picture, rect: QRect, state: PromptState, schema: dict[str, Any], under: Under,
          parents: tuple[str, ...] = ()) -> tuple[Ask, Mode]:
    """The request for what the frame and the prompt bar say. Pictures are encoded later, off the UI thread."""
    size = request_size(rect, schema)
    params = state.params(schema)
    for role, value in (("width", size.width()), ("height", size.height())):
        if name := field_of_role(schema, role):
            params[name] = value
    mode = under.mode(state.from_canvas, schema)
    media: dict[str, Media] = {}
    if mode is not Mode.TEXT:
        media[start_field(schema)] = (partial(start_png, picture, rect_of(rect), size), "image/png")
    if mode in (Mode.INPAINT, Mode.EXTEND):
        media[media_field(schema, "mask")] = (partial(mask_png, picture, rect_of(rect), size), "image/png")
    if mode is Mode.EXTEND and (name := field_of_role(schema, "strength")):
        params[name] = 1.0  # there is nothing in a hole to hold on to
    target = {"document": document, "kind": "frame", "x": rect.x(), "y": rect.y(), "width": rect.width(),
              "height": rect.height()}
    return Ask(state.generator, params, state.count, media, parents if media else (), target), mode


def start_png(picture: Picture, rect: Rect, size: QSize) -> bytes:
    """What lies under the frame, at the size in which the model works."""
    return png_bytes(_sized(compose(content(picture), rect), size))


def mask_png(picture: Picture, rect: Rect, size: QSize) -> bytes:
    """Where the machine works: a grey picture, white to make anew."""
    alpha = from_qimage(compose(content(picture), rect))[..., 3]
    image = to_qimage(working_mask(picture, rect, alpha))
    grey = image.copy()
    grey.reinterpretAsFormat(QImage.Format.Format_Grayscale8)
    return png_bytes(_sized(grey, size).convertToFormat(QImage.Format.Format_Grayscale8))


def mask_image(data: bytes) -> QImage:
    """The mask of a request as Alpha8."""
    image = QImage.fromData(data).convertToFormat(QImage.Format.Format_Grayscale8)
    image.reinterpretAsFormat(QImage.Format.Format_Alpha8)
    return image


def _sized(image: QImage, size: QSize) -> QImage:
    if image.size() == size:
        return image
    return image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
