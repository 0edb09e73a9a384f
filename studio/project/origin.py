"""What an exported painting says of its origin: made by a model, by a person, or by both.

The kinds are those of the IPTC digital source type vocabulary (cv.iptc.org/newscodes/digitalsourcetype).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.project.export import SEGMENT, exif_comment, shortened
from studio.project.marks import (
    PARAMETERS_KEY,
    RECIPE_KEY,
    SOURCE_TYPES,
    parameters_text,
    public_recipe,
    recipe_text,
    xmp,
)
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture

if TYPE_CHECKING:
    from studio.project.rows import ResultRow

SCHEMA = "pieria.canvas/1"


def shown(layers: tuple[Layer, ...]) -> Iterator[Layer]:
    """The layers that are seen, topmost first, without groups."""
    for layer in reversed(layers):
        if not layer.visible or layer.opacity <= 0:
            continue
        if layer.kind == "group":
            yield from shown(layer.children)
        else:
            yield layer


def origin(picture: Picture, result: Callable[[str], ResultRow],
           media: Callable[[str], bytes]) -> dict[str, bytes | str]:
    """The metadata of an exported painting, as `WriteOptions.metadata` takes it.

    result: the result of an id, KeyError where it is unknown; media: the bytes of a content hash. A picture of one
    layer that is a result, pixel for pixel, is the model's; with anything else over it, it is a composite; without
    any result, a person's.
    """
    layers = list(shown(picture.layers))
    rows: dict[str, ResultRow] = {}
    for layer in layers:
        with contextlib.suppress(KeyError):  # a layer from another project
            if layer.result and layer.result not in rows:
                rows[layer.result] = result(layer.result)
    if not rows:
        return {"xmp": xmp(source=SOURCE_TYPES["person"]).encode()}
    parts = list(rows.values())
    whole = len(layers) == 1 and _untouched(layers[0], picture, media(parts[0].media))
    recipe: dict[str, Any] = public_recipe(parts[0].recipe) if whole else {
        "schema": SCHEMA, "parts": [public_recipe(row.recipe) for row in parts]}
    text, source = parameters_text(parts[0]), SOURCE_TYPES["model" if whole else "both"]
    packet = xmp(recipe_text(recipe), source).encode()
    return {RECIPE_KEY: recipe_text(recipe), PARAMETERS_KEY: text, "exif": exif_comment(shortened(text)),
            "xmp": packet if len(packet) < SEGMENT else xmp(source=source).encode()}


def _untouched(layer: Layer, picture: Picture, data: bytes) -> bool:
    """Whether the layer shows the result as it came, and nothing changes its look."""
    from PySide6.QtGui import QImage

    from studio.project.paint.plane import from_qimage

    if layer.opacity < 1 or layer.blend != "normal" or (layer.mask is not None and layer.mask_on):
        return False
    image = QImage.fromData(data)
    area = layer.plane.bounds()
    if image.isNull() or area is None or (image.width(), image.height()) != (area.w, area.h):
        return False
    if (area.x + layer.dx, area.y + layer.dy, area.w, area.h) != (0, 0, picture.width, picture.height):
        return False
    return bool(np.array_equal(from_qimage(image), layer.plane.read(area.x, area.y, area.w, area.h)))
