"""Layers that steer the machine: their own prompts where they lie, and what the picture is to follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage

from studio.project.paint.compositor import compose_plane
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Rect, from_qimage, to_qimage
from studio.ui.canvas.controls import BY_ID, Chooser, kinds_of, no_net
from studio.ui.canvas.making import png_bytes, rect_of, scaled_to
from studio.ui.prompt import field_of_role
from studio.ui.requests import Ask, Media

MOST = 8
"""Layers with prompts of their own that count where the generator names no limit."""

@dataclass(frozen=True)
class Steering:
    """What layers add to a request. notes: a sentence for each layer that cannot be heard."""

    params: dict[str, Any] = field(default_factory=dict)
    media: dict[str, Media] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def content(picture: Picture) -> Picture:
    """The picture without the layers that only steer: they are no part of what is there."""
    for layer, _ in picture.walk():
        if layer.control and layer.visible:
            picture = picture.replace(layer.with_(visible=False))
    return picture


def layer_image(layer: Layer, rect: Rect, *, masked: bool = True) -> QImage:
    """A layer alone inside `rect` (document coordinates), at full opacity, with its mask unless `masked` is False."""
    shown = layer.with_(visible=True, opacity=1.0, blend="normal", clipped=False,
                        mask_on=layer.mask_on and masked)
    return to_qimage(compose_plane((shown,), rect).read(*rect))


def coverage(layer: Layer, rect: Rect) -> QImage:
    """Where a layer lies inside `rect`, as greys: white where it covers."""
    image = to_qimage(from_qimage(layer_image(layer, rect))[..., 3].copy()).copy()
    image.reinterpretAsFormat(QImage.Format.Format_Grayscale8)
    return image


def steerable(schema: Mapping[str, Any]) -> tuple[bool, tuple[str, ...]]:
    """Whether a generator takes prompts for parts of the picture, and which kinds of control ("edges") of layers."""
    roles = dict(schema)
    name = field_of_role(roles, "controls")
    return bool(field_of_role(roles, "regions")), kinds_of(schema, name) if name else ()


def steering(picture: Picture, rect: Rect, size: QSize, params: Mapping[str, Any], schema: Mapping[str, Any],
             nets: Chooser) -> Steering:
    """What the visible layers inside `rect` say to a generator that makes a picture of `size`.

    Args:
        params: of the request so far; what the person chose in the form counts before what a layer suggests.
    """
    there = [layer for layer, _ in picture.walk() if _lies_in(picture, layer, rect)]
    prompts = _prompts([layer for layer in there if layer.prompt.strip()], rect, size, schema)
    control = _control([layer for layer in there if layer.control], rect, size, params, schema, nets)
    return Steering(prompts.params | control.params, prompts.media | control.media, prompts.notes + control.notes)


def steered(ask: Ask, picture: Picture, rect: QRect, size: QSize, schema: Mapping[str, Any],
            nets: Chooser) -> tuple[Ask, tuple[str, ...]]:
    """A request with what layers add to it, and what is to be said of that."""
    found = steering(picture, rect_of(rect), size, ask.params, schema, nets)
    if not found.params:
        return ask, found.notes
    return replace(ask, params=ask.params | found.params, media=dict(ask.media) | found.media), found.notes


def _lies_in(picture: Picture, layer: Layer, rect: Rect) -> bool:
    if not (layer.prompt.strip() or layer.control):
        return False
    if not all(picture.layer(step).visible for step in picture.path(layer.id)):
        return False
    bounds = layer.bounds()
    return bounds is not None and not bounds.intersected(rect).empty


def _prompts(layers: Sequence[Layer], rect: Rect, size: QSize, schema: Mapping[str, Any]) -> Steering:
    name = field_of_role(dict(schema), "regions")
    if not layers:
        return Steering()
    if not name:
        return Steering(notes=("This generator takes no prompts of layers, so they are left out.",))
    most = int(schema["properties"][name].get("maxItems", MOST))
    heard = layers[:most]
    notes = (f"Only the {most} topmost layers with a prompt count.",) if len(layers) > most else ()
    regions: list[dict[str, Any]] = [{"prompt": layer.prompt.strip()} for layer in heard]
    media: dict[str, Media] = {f"{name}.{index}.mask": (partial(_coverage_png, layer, rect, size), "image/png")
                               for index, layer in enumerate(heard)}
    return Steering({name: regions}, media, notes)


def _control(layers: Sequence[Layer], rect: Rect, size: QSize, params: Mapping[str, Any], schema: Mapping[str, Any],
             nets: Chooser) -> Steering:
    """The layers whose edges, lines, poses or looks are to be followed."""
    name = field_of_role(dict(schema), "controls")
    kinds = kinds_of(schema, name) if name else ()
    most = int(schema["properties"][name].get("maxItems", MOST)) if name else 0
    model = drawing_model(schema, params)
    notes: list[str] = []
    items: list[dict[str, Any]] = []
    media: dict[str, Media] = {}
    for layer in (layer for layer in layers if layer.control_weight > 0):
        if layer.control not in kinds:
            notes.append(f"“{layer.name}” cannot steer this generator, so it is left out.")
            continue
        net = nets(model, layer.control, layer.control_model)
        if net is None:
            notes.append(f"“{layer.name}” is left out: {no_net(model or 'this generator', layer.control)}")
        elif len(items) == most:
            notes.append(f"Only the {most} topmost control layers count.")
            break
        else:
            media[f"{name}.{len(items)}.image"] = (partial(_layer_png, layer, rect, size), "image/png")
            items.append({"kind": BY_ID[layer.control].value, "weight": layer.control_weight,
                          "start": layer.control_start, "end": layer.control_end, "model": net})
    return Steering({name: items} if items else {}, media, tuple(notes))


def drawing_model(schema: Mapping[str, Any], params: Mapping[str, Any]) -> str:
    """Name of the model that draws."""
    prop = schema.get("properties", {}).get("model", {})
    return str(params.get("model") or prop.get("default", ""))


def _coverage_png(layer: Layer, rect: Rect, size: QSize) -> bytes:
    return png_bytes(scaled_to(coverage(layer, rect), size).convertToFormat(QImage.Format.Format_Grayscale8))


def _layer_png(layer: Layer, rect: Rect, size: QSize) -> bytes:
    return png_bytes(scaled_to(layer_image(layer, rect), size))
