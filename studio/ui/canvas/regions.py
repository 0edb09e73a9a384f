"""Layers that steer the machine: their own prompts where they lie, and what the picture is to follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage

from studio.project.paint.compositor import compose_plane
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Rect, from_qimage, to_qimage
from studio.ui.canvas.making import png_bytes, rect_of, scaled_to
from studio.ui.prompt import field_of_role
from studio.ui.requests import Ask, Media, model_fields

CONTROLNET = "controlnet"
"""Kind of the models that follow a picture."""
MOST = 8
"""Layers with prompts of their own that count where the generator names no limit."""

Models = Callable[[str], Sequence[str]]
"""Names of the installed models of a kind."""


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
    """Whether a generator takes prompts for parts of the picture, and which controls ("edges") of layers."""
    roles = dict(schema)
    edges = field_of_role(roles, "control_image") and field_of_role(roles, "control")
    return bool(field_of_role(roles, "regions")), ("edges",) if edges else ()


def steering(picture: Picture, rect: Rect, size: QSize, params: Mapping[str, Any], schema: Mapping[str, Any],
             models: Models) -> Steering:
    """What the visible layers inside `rect` say to a generator that makes a picture of `size`.

    Args:
        params: of the request so far; what the person chose in the form counts before what a layer suggests.
    """
    there = [layer for layer, _ in picture.walk() if _lies_in(picture, layer, rect)]
    prompts = _prompts([layer for layer in there if layer.prompt.strip()], rect, size, schema)
    control = _control([layer for layer in there if layer.control], rect, size, params, schema, models)
    return Steering(prompts.params | control.params, prompts.media | control.media, prompts.notes + control.notes)


def steered(ask: Ask, picture: Picture, rect: QRect, size: QSize, schema: Mapping[str, Any],
            models: Models) -> tuple[Ask, tuple[str, ...]]:
    """A request with what layers add to it, and what is to be said of that."""
    found = steering(picture, rect_of(rect), size, ask.params, schema, models)
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
             models: Models) -> Steering:
    """The topmost layer whose edges are to be followed."""
    layer = next((layer for layer in layers if layer.control == "edges"), None)
    notes = tuple(f"“{other.name}” cannot steer this generator, so it is left out."
                  for other in layers if other.control != "edges")
    if layer is None:
        return Steering(notes=notes)
    roles = dict(schema)
    image, how = field_of_role(roles, "control_image"), field_of_role(roles, "control")
    if not image or not how:
        return Steering(notes=(*notes, f"“{layer.name}” cannot steer this generator, so it is left out."))
    found: dict[str, Any] = {how: _way(schema["properties"][how], params.get(how))}
    if weight := field_of_role(roles, "control_weight"):
        found[weight] = layer.control_weight
    model = next((name for name, kinds in model_fields(schema).items() if CONTROLNET in kinds), "")
    if model and not params.get(model):
        installed = models(CONTROLNET)
        if not installed:
            return Steering(notes=(*notes, f"“{layer.name}” is left out: no control model (ControlNet) is installed; "
                                           "install one under Models.",))
        found[model] = installed[0]
    return Steering(found, {image: (partial(_layer_png, layer, rect, size), "image/png")}, notes)


def _way(prop: Mapping[str, Any], chosen: Any) -> Any:
    """How the picture is followed: as the person chose in the form, else the first way that is about edges."""
    ways = list(prop.get("enum", ()))
    first = next((way for way in ways if "edges" in str(way).casefold()), ways[-1] if ways else "Edges")
    return chosen if chosen in ways and chosen != prop.get("default") else first


def _coverage_png(layer: Layer, rect: Rect, size: QSize) -> bytes:
    return png_bytes(scaled_to(coverage(layer, rect), size).convertToFormat(QImage.Format.Format_Grayscale8))


def _layer_png(layer: Layer, rect: Rect, size: QSize) -> bytes:
    return png_bytes(scaled_to(layer_image(layer, rect), size))
