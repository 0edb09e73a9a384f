"""What the list of layers does to several layers at once; each function takes a picture and gives another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studio.project.paint import edit, selecting
from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer, new_id
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane, frozen
from studio.project.paint.render import compose_plane
from studio.project.paint.tree import children


def outermost(picture: Picture, ids: Sequence[str]) -> list[str]:
    """Those of `ids` that lie in no other of them, topmost first."""
    chosen = set(ids)
    return [layer.id for layer, _ in picture.walk()
            if layer.id in chosen and not chosen & set(picture.path(layer.id)[:-1])]


def free_name(picture: Picture, stem: str) -> str:
    """"Layer 3" where "Layer 1" and "Layer 2" are taken."""
    taken = {layer.name for layer, _ in picture.walk()}
    return next(name for number in range(1, len(taken) + 2) if (name := f"{stem} {number}") not in taken)


def add_empty(picture: Picture, kind: str = "pixels") -> Picture:
    """A new empty layer or group above the active layer (into it, where that is an open group)."""
    name = free_name(picture, "Group" if kind == "group" else "Layer")
    layer = Layer(new_id(), name, "group" if kind == "group" else "pixels")
    active = picture.active_layer
    picture = edit.add_layer(picture, layer, active.id if active is not None else None)
    if active is not None and active.kind == "group" and not active.folded and kind != "group":
        picture = edit.move_layer(picture, layer.id, active.id, len(active.children))
    return picture


def steer_by_canvas(picture: Picture, name: str, control: str) -> Picture:
    """A new topmost layer that steers by what the picture shows now, layers that only steer left aside."""
    shown = picture
    for layer, _ in picture.walk():
        if layer.control and layer.visible:
            shown = shown.replace(layer.with_(visible=False))
    plane = compose_plane(shown.layers, picture.rect)
    if plane.bounds() is None:
        raise PaintError("The canvas is empty; paint or put a picture on it first.")
    layer = Layer(new_id(), free_name(picture, name) if picture_has(picture, name) else name, plane=plane,
                  control=control)
    return edit.add_layer(picture, layer)


def picture_has(picture: Picture, name: str) -> bool:
    """Whether a layer is called so."""
    return any(layer.name == name for layer, _ in picture.walk())


def set_all(picture: Picture, ids: Sequence[str], **changes: Any) -> Picture:
    """The same properties for several layers."""
    for key in ids:
        picture = edit.set_props(picture, key, **changes)
    return picture


def remove_all(picture: Picture, ids: Sequence[str]) -> Picture:
    for key in outermost(picture, ids):
        picture = edit.remove(picture, key)
    return picture


def duplicate_all(picture: Picture, ids: Sequence[str]) -> Picture:
    """A copy of each right above it; the topmost copy is active."""
    for key in reversed(outermost(picture, ids)):
        picture = edit.duplicate(picture, key)
    return picture


def move_all(picture: Picture, ids: Sequence[str], parent: str, index: int) -> Picture:
    """Several layers, in their order, to one place; `index` counts the children of `parent` as they are now."""
    chosen = outermost(picture, ids)
    before = [layer.id for layer in children(picture, parent)]
    under = [key for key in before[:index] if key not in chosen]
    moved = picture
    for key in chosen:  # the topmost first: each next one goes right under it
        siblings = [layer.id for layer in children(moved, parent) if layer.id != key]
        moved = edit.move_layer(moved, key, parent, siblings.index(under[-1]) + 1 if under else 0)
    return picture if [layer.id for layer in children(moved, parent)] == before else moved


def shift(picture: Picture, ids: Sequence[str], up: bool) -> Picture:
    """One step up or down: past the neighbour, into an open group there, or out of the own one at its end."""
    chosen = outermost(picture, ids)
    if not chosen:
        raise PaintError("Choose a layer first.")
    lead = chosen[0] if up else chosen[-1]
    parent = picture.parent(lead)
    siblings = children(picture, parent)
    place = next(n for n, layer in enumerate(siblings) if layer.id == lead)
    beside = siblings[place + 1:place + 2] if up else siblings[max(0, place - 1):place]
    near = beside[0] if beside else None
    if near is None:
        if not parent:
            raise PaintError(f"This is the {'topmost' if up else 'lowest'} layer already.")
        outer = picture.parent(parent)
        at = next(n for n, layer in enumerate(children(picture, outer)) if layer.id == parent)
        return move_all(picture, chosen, outer, at + 1 if up else at)
    if near.kind == "group" and not near.folded:
        return move_all(picture, chosen, near.id, 0 if up else len(near.children))
    return move_all(picture, chosen, parent, place + 2 if up else place - 1)


def solo(picture: Picture, key: str) -> Picture:
    """Only this layer (with its groups) shows; done again on the only one that shows, all show."""
    keep = set(picture.path(key)) | {layer.id for layer in picture.layer(key).walk()}
    others = [layer for layer, _ in picture.walk() if layer.id not in keep]
    alone = picture.layer(key).visible and not any(layer.visible for layer in others)
    picture = set_all(picture, [layer.id for layer in others], visible=alone)
    return set_all(picture, list(picture.path(key)), visible=True)


def select_layer(picture: Picture, key: str, what: str = "pixels") -> Picture:
    """A selection as soft as what the layer shows (what: "pixels") or as its mask ("mask")."""
    layer = picture.layer(key)
    if what == "mask" and layer.mask is not None:
        shape = layer.mask.read(-layer.dx, -layer.dy, picture.width, picture.height)
        return selecting.select_plane(picture, Plane.from_array(shape))
    return selecting.select_layer(picture, key)


def invert_mask(picture: Picture, key: str) -> Picture:
    """A layer's mask shows what it hid."""
    layer = picture.layer(key)
    if layer.mask is None:
        raise PaintError(f"“{layer.name}” has no mask; add one first.")
    mask = layer.mask
    tiles = {key: frozen(255 - tile) for key, tile in mask.tiles.items()}
    return edit.set_mask(picture, key, Plane(tiles, 1, 255 - mask.default))
