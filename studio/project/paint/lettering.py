"""Text layers: the words stay words, their pixels are made from them by QPainter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QTransform

from studio.project.paint.edit import add_layer, new_id, unlocked
from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer
from studio.project.paint.picture import MAX_SIDE, Picture
from studio.project.paint.plane import Plane, from_qimage

DEFAULTS: Mapping[str, Any] = {
    "string": "", "family": "Inter", "size": 48.0, "colour": "#1A1C20", "bold": False, "italic": False,
    "align": "left", "line_height": 1.0, "x": 0.0, "y": 0.0, "matrix": [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
}
"""What a text has. x, y: the top left corner of its first line (of centred text the middle, of text on the right the
right end) in layer coordinates, before `matrix` (m11, m12, m21, m22, dx, dy of a QTransform) turns it."""
MOST_WORDS = 20_000


def text_layer(text: Mapping[str, Any], name: str = "") -> Layer:
    """A layer that shows `text`; missing keys are as in `DEFAULTS`."""
    return rendered(Layer(new_id(), name or title_of(text), "text"), {**DEFAULTS, **text})


def add_text(picture: Picture, text: Mapping[str, Any], above: str | None = None) -> Picture:
    """A new text layer; it becomes active."""
    return add_layer(picture, text_layer(text), above)


def set_text(picture: Picture, layer_id: str, **changes: Any) -> Picture:
    """A text layer with other words or another look. Its name follows the words unless it was given another."""
    layer = picture.layer(layer_id)
    if layer.kind != "text" or layer.text is None:
        raise PaintError(f"“{layer.name}” is not a text.")
    for step in picture.path(layer_id):
        unlocked(picture.layer(step))
    after = {**DEFAULTS, **layer.text, **changes}
    if layer.name == title_of(layer.text):
        layer = layer.with_(name=title_of(after))
    return picture.replace(rendered(layer, after))


def title_of(text: Mapping[str, Any]) -> str:
    """The name of a text layer: its first words."""
    words = " ".join(str(text.get("string", "")).split())
    return (words if len(words) <= 32 else words[:31].rstrip() + "…") or "Text"


def rendered(layer: Layer, text: Mapping[str, Any]) -> Layer:
    """`layer` with `text` and its pixels."""
    if len(str(text["string"])) > MOST_WORDS:
        raise PaintError(f"A text layer holds at most {MOST_WORDS:,} characters; use several.")
    path = text_path(text)
    box = path.boundingRect()
    if box.isEmpty():
        return layer.with_(kind="text", text=dict(text), plane=Plane.empty())
    if max(box.width(), box.height()) > MAX_SIDE:
        raise PaintError(f"The text would be larger than {MAX_SIDE:,} pixels a side; make it smaller.")
    left, top = math.floor(box.left()) - 1, math.floor(box.top()) - 1
    image = QImage(math.ceil(box.right()) + 1 - left, math.ceil(box.bottom()) + 1 - top,
                   QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-left, -top)
    colour = QColor(str(text["colour"]))
    painter.fillPath(path, colour if colour.isValid() else Qt.GlobalColor.black)
    painter.end()
    return layer.with_(kind="text", text=dict(text), plane=Plane.from_array(from_qimage(image), left, top))


def text_path(text: Mapping[str, Any]) -> QPainterPath:
    """The outlines of all letters, in the layer's coordinates."""
    font, path = font_of(text), QPainterPath()
    for line, origin, _ in _lines(text, font):
        path.addText(origin, font, line)
    path.setFillRule(Qt.FillRule.WindingFill)
    return matrix_of(text).map(path)


def text_box(text: Mapping[str, Any]) -> QRectF:
    """The lines' box before `matrix`: what an outline around the text shows, also around an empty one."""
    font = font_of(text)
    metrics, box = QFontMetricsF(font), QRectF()
    for _, origin, width in _lines(text, font):
        line = QRectF(origin.x(), origin.y() - metrics.ascent(), max(1.0, width), metrics.height())
        box = line if box.isNull() else box.united(line)
    return box


def turned(text: Mapping[str, Any], by: QTransform) -> dict[str, Any]:
    """The text after a map of its layer's coordinates."""
    m = matrix_of(text) * by
    return {**DEFAULTS, **text, "matrix": [m.m11(), m.m12(), m.m21(), m.m22(), m.dx(), m.dy()]}


def matrix_of(text: Mapping[str, Any]) -> QTransform:
    values = text.get("matrix", DEFAULTS["matrix"])
    if len(values) != 6 or not np.isfinite(values).all():
        return QTransform()
    return QTransform(*(float(value) for value in values))


def font_of(text: Mapping[str, Any]) -> QFont:
    """The font; where the family is not installed Qt's nearest."""
    font = QFont(str(text.get("family", DEFAULTS["family"])))
    font.setPixelSize(max(1, round(float(text.get("size", DEFAULTS["size"])))))
    font.setBold(bool(text.get("bold")))
    font.setItalic(bool(text.get("italic")))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _lines(text: Mapping[str, Any], font: QFont) -> list[tuple[str, QPointF, float]]:
    """Each line with the start of its baseline and its width."""
    metrics, out = QFontMetricsF(font), []
    step = metrics.lineSpacing() * float(text.get("line_height", 1.0))
    share = {"center": 0.5, "right": 1.0}.get(str(text.get("align")), 0.0)
    y = float(text.get("y", 0.0)) + metrics.ascent()
    for line in str(text.get("string", "")).replace("\t", "    ").split("\n"):
        width = metrics.horizontalAdvance(line)
        out.append((line, QPointF(float(text.get("x", 0.0)) - width * share, y), width))
        y += step
    return out
