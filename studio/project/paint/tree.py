"""Edits of the tree of layers: add, remove, group, order, merge. Each takes a picture and gives another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from studio.project.paint.blend import BLEND_IDS
from studio.project.paint.errors import PaintError
from studio.project.paint.layer import CONTROLS, Layer, new_id
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane, Rect
from studio.project.paint.render import compose_plane

MAX_LAYERS = 1000
MAX_DEPTH = 16
"""Groups inside groups."""

_PROPERTIES = frozenset(field.name for field in fields(Layer)) - {"id", "children"}


def add_layer(picture: Picture, layer: Layer, above: str | None = None) -> Picture:
    """`layer` right above the layer `above`, in the same group; None puts it on top of all. It becomes the active
    one."""
    if sum(1 for _ in picture.walk()) >= MAX_LAYERS:
        raise PaintError(f"A picture has at most {MAX_LAYERS:,} layers; merge some first.")
    if picture.find(layer.id) is not None:
        raise PaintError("That layer is in the picture already.")
    if not above:
        return picture.with_(layers=(*picture.layers, layer), active=layer.id)
    picture.layer(above)
    parent = picture.parent(above)
    siblings = children(picture, parent)
    index = _index(siblings, above) + 1
    return with_children(picture, parent, (*siblings[:index], layer, *siblings[index:])).with_(active=layer.id)


def remove(picture: Picture, layer_id: str) -> Picture:
    """The picture without a layer (or a group and all in it); its neighbour becomes active."""
    for layer in picture.layer(layer_id).walk():
        unlocked(layer)
    left, _ = _taken(picture, layer_id)
    if left.active and left.find(left.active) is None:
        siblings = children(picture, picture.parent(layer_id))
        index = _index(siblings, layer_id)
        near = siblings[index - 1].id if index else siblings[1].id if len(siblings) > 1 else picture.parent(layer_id)
        left = left.with_(active=near)
    return left


def duplicate(picture: Picture, layer_id: str) -> Picture:
    """A copy of a layer, with all in it, right above it; the copy becomes active."""
    source = picture.layer(layer_id)
    return add_layer(picture, _copied(source).with_(name=f"{source.name} copy"), layer_id)


def group(picture: Picture, ids: Sequence[str], name: str = "Group") -> Picture:
    """A new group, at the place of the topmost of these layers, that holds them in their order; it becomes active."""
    for layer_id in ids:
        picture.layer(layer_id)
    chosen = [layer for layer, _ in picture.walk()
              if layer.id in ids and not set(picture.path(layer.id)[:-1]) & set(ids)]
    if not chosen:
        raise PaintError("Choose the layers to group first.")
    if max(len(picture.path(layer.id)) + _height(layer) for layer in chosen) > MAX_DEPTH:
        raise PaintError(f"Groups go at most {MAX_DEPTH} deep.")
    made = Layer(new_id(), name, "group", children=tuple(reversed(chosen)))
    result = add_layer(picture, made.with_(children=()), chosen[0].id)
    for layer in chosen:
        result, _ = _taken(result, layer.id)
    return result.replace(made)


def ungroup(picture: Picture, layer_id: str) -> Picture:
    """The layers of a group in its place."""
    layer = _group(picture, layer_id)
    parent = picture.parent(layer_id)
    siblings = children(picture, parent)
    index = _index(siblings, layer_id)
    result = with_children(picture, parent, (*siblings[:index], *layer.children, *siblings[index + 1:]))
    if picture.active == layer_id:
        result = result.with_(active=layer.children[-1].id if layer.children else parent)
    return result


def move_layer(picture: Picture, layer_id: str, parent: str, index: int) -> Picture:
    """A layer at another place: among the children of group `parent` ("" for the top), `index` counted from the
    rearmost
    without the layer itself."""
    layer = picture.layer(layer_id)
    if parent:
        _group(picture, parent)
        if layer_id in picture.path(parent):
            raise PaintError("A group cannot be moved into itself.")
        if len(picture.path(parent)) + _height(layer) > MAX_DEPTH:
            raise PaintError(f"Groups go at most {MAX_DEPTH} deep.")
    left, _ = _taken(picture, layer_id)
    siblings = children(left, parent)
    index = max(0, min(index, len(siblings)))
    return with_children(left, parent, (*siblings[:index], layer, *siblings[index:]))


def set_props(picture: Picture, layer_id: str, **changes: Any) -> Picture:
    """A layer with other fields (all but `id` and `children`): `set_props(picture, id, opacity=0.5)`. Values are
    checked."""
    unknown = set(changes) - _PROPERTIES
    if unknown:
        raise TypeError(f"a layer has no {', '.join(sorted(unknown))} to set")
    if changes.get("blend", "normal") not in BLEND_IDS:
        raise PaintError(f"There is no blend mode “{changes['blend']}”.")
    if changes.get("control", "") not in CONTROLS:
        raise PaintError(f"A layer cannot steer by “{changes['control']}”.")
    if "opacity" in changes:
        changes["opacity"] = min(1.0, max(0.0, float(changes["opacity"])))
    if "control_weight" in changes:
        changes["control_weight"] = min(2.0, max(0.0, float(changes["control_weight"])))
    for name in {"control_start", "control_end"} & set(changes):
        changes[name] = min(1.0, max(0.0, float(changes[name])))
    return picture.replace(picture.layer(layer_id).with_(**changes))


def translate(picture: Picture, layer_id: str, dx: int, dy: int) -> Picture:
    """A layer, with its mask and all in it, moved by whole pixels. No pixel is touched."""
    layer = picture.layer(layer_id)
    for inner in layer.walk():
        unlocked(inner)
    return picture.replace(moved(layer, dx, dy)) if dx or dy else picture


def merge_down(picture: Picture, layer_id: str) -> Picture:
    """A layer and the one below it as one pixel layer that keeps the lower one's id, name and blend mode."""
    upper = picture.layer(layer_id)
    parent = picture.parent(layer_id)
    siblings = children(picture, parent)
    index = _index(siblings, layer_id)
    if index == 0:
        raise PaintError("There is no layer below this one to merge with.")
    lower = siblings[index - 1]
    if lower.kind == "group":
        raise PaintError("The layer below is a group; merge the group first.")
    if not (lower.visible and upper.visible):
        raise PaintError("Show both layers first; a hidden one cannot be merged.")
    for layer in (lower, *upper.walk()):
        unlocked(layer)
    # of layers clipped to the lower one its opacity is that of both; else it goes into the pixels
    atop = upper.clipped and not lower.clipped
    under = lower.with_(blend="normal", clipped=False, opacity=1.0 if atop else lower.opacity)
    pair = (under, upper.with_(clipped=atop))
    plane = compose_plane(pair, extent(pair))
    merged = pixels_of(lower.with_(opacity=lower.opacity if atop else 1.0, mask=None), plane)
    result = with_children(picture, parent, (*siblings[:index - 1], merged, *siblings[index + 1:]))
    return result.with_(active=merged.id)


def rasterize(picture: Picture, layer_id: str) -> Picture:
    """A group or a text as a pixel layer that looks the same; opacity, blend mode and a layer's mask stay."""
    layer = picture.layer(layer_id)
    unlocked(layer)
    if layer.kind == "pixels":
        return picture
    if layer.kind == "text":
        return picture.replace(layer.with_(kind="pixels", text=None))
    plane = compose_plane(layer.children, extent(layer.children))
    mask = layer.mask.translated(layer.dx, layer.dy) if layer.mask is not None else None
    return picture.replace(pixels_of(layer, plane).with_(mask=mask)).with_active(layer_id)


def flatten(picture: Picture) -> Picture:
    """All that shows on the artboard as one layer; hidden layers are gone."""
    if not picture.layers:
        return picture
    name = picture.layers[0].name
    made = Layer(new_id(), name, plane=compose_plane(picture.layers, picture.rect))
    return picture.with_(layers=(made,), active=made.id)


def merge_visible(picture: Picture) -> Picture:
    """All visible layers at the top of the tree as one, in place of the topmost of them; hidden ones stay."""
    shown = [layer for layer in picture.layers if layer.visible]
    if len(shown) < 2:
        raise PaintError("There is only one visible layer; show another to merge it with.") if shown else PaintError(
            "No layer is visible; show the layers to merge.")
    made = Layer(new_id(), shown[-1].name, plane=compose_plane(picture.layers, extent(shown)))
    layers = tuple(made if layer is shown[-1] else layer for layer in picture.layers
                   if layer is shown[-1] or not layer.visible)
    return picture.with_(layers=layers, active=made.id)


def children(picture: Picture, parent: str) -> tuple[Layer, ...]:
    """The layers in a group, or with "" those at the top, rearmost first."""
    return picture.layer(parent).children if parent else picture.layers


def with_children(picture: Picture, parent: str, layers: tuple[Layer, ...]) -> Picture:
    return picture.replace(picture.layer(parent).with_(children=layers)) if parent else picture.with_(layers=layers)


def moved(layer: Layer, dx: int, dy: int) -> Layer:
    inner = tuple(moved(child, dx, dy) for child in layer.children)
    return layer.with_(dx=layer.dx + dx, dy=layer.dy + dy, children=inner)


def unlocked(layer: Layer) -> None:
    """Raise PaintError for a locked layer."""
    if layer.locked:
        raise PaintError(f"“{layer.name}” is locked; unlock it first.")


def extent(layers: Sequence[Layer]) -> Rect:
    """The rectangle around all that these layers hold."""
    found = Rect(0, 0, 0, 0)
    for layer in layers:
        inner = layer.bounds()
        if inner is not None:
            found = found.united(inner)
    return found


def pixels_of(layer: Layer, plane: Plane) -> Layer:
    """A pixel layer with this plane (document coordinates) and the other fields of `layer`."""
    return layer.with_(kind="pixels", plane=plane, dx=0, dy=0, children=(), text=None)


def _group(picture: Picture, layer_id: str) -> Layer:
    layer = picture.layer(layer_id)
    if layer.kind != "group":
        raise PaintError(f"“{layer.name}” is not a group.")
    return layer


def _index(layers: Sequence[Layer], layer_id: str) -> int:
    return next(index for index, layer in enumerate(layers) if layer.id == layer_id)


def _taken(picture: Picture, layer_id: str) -> tuple[Picture, Layer]:
    layer = picture.layer(layer_id)
    parent = picture.parent(layer_id)
    rest = tuple(other for other in children(picture, parent) if other.id != layer_id)
    return with_children(picture, parent, rest), layer


def _copied(layer: Layer) -> Layer:
    return layer.with_(id=new_id(), children=tuple(_copied(child) for child in layer.children))


def _height(layer: Layer) -> int:
    return 1 + max((_height(child) for child in layer.children), default=0)
