"""`stack.xml` of an OpenRaster file and the PNGs it names: what any program shall see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import PIL.Image

from studio.project.formats.common import png, straight
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import TILE, Pixels, Plane, Rect, tile_rect
from studio.project.paint.render import compose_plane

OPS = {
    "normal": "svg:src-over", "multiply": "svg:multiply", "screen": "svg:screen", "overlay": "svg:overlay",
    "darken": "svg:darken", "lighten": "svg:lighten", "color-dodge": "svg:color-dodge", "color-burn": "svg:color-burn",
    "hard-light": "svg:hard-light", "soft-light": "svg:soft-light", "difference": "svg:difference",
    "exclusion": "svg:exclusion", "hue": "svg:hue", "saturation": "svg:saturation", "color": "svg:color",
    "luminosity": "svg:luminosity", "plus": "svg:plus", "linear-burn": "krita:linear_burn",
    "vivid-light": "krita:vivid_light", "linear-light": "krita:linear light", "pin-light": "krita:pin_light",
    "subtract": "krita:subtract", "divide": "krita:divide",
}
"""Ours to OpenRaster's. Those it does not have are named as Krita names them."""

_MODES = {op: mode for mode, op in OPS.items()} | {
    "svg:add": "plus", "svg:src-atop": "normal", "krita:linear_dodge": "plus", "krita:add": "plus",
    "krita:exclusion": "exclusion", "krita:linear_light": "linear-light"}


def mode_of(operator: str) -> str | None:
    """Our name of a composite-op; None where we have none like it."""
    return _MODES.get(operator)


class StackWriter:
    """Writes one picture's layers.

    Attributes:
        notes: what other programs will see otherwise, one sentence each.
    """

    def __init__(self, put: Callable[[str, bytes], None]) -> None:
        self.notes: list[str] = []
        self._put = put
        self._files: dict[str, dict[str, Any]] = {}
        """Where the original pixels of a layer lie, for those whose PNG is the original."""
        self._count = 0
        self._baked = 0

    def stack(self, picture: Picture) -> bytes:
        """Write a PNG for each layer and return `stack.xml`."""
        root = ElementTree.Element("image", version="0.0.5", w=str(picture.width), h=str(picture.height), xres="72",
                                   yres="72")
        self._layers(ElementTree.SubElement(root, "stack"), picture.layers, picture.active, None)
        if self._baked:
            self.notes.append(f"In other programs the masks and clipping of {self._baked} "
                              f"{'layer is' if self._baked == 1 else 'layers are'} already worked into the pixels.")
        ElementTree.indent(root)
        data: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
        return data

    def originals(self, picture: Picture) -> dict[str, dict[str, Any]]:
        """Write the planes that the PNGs of the layers do not hold as they are, and say where each plane lies."""
        found: dict[str, dict[str, Any]] = {}
        for name, plane in picture.planes().items():
            bounds = plane.bounds()
            if bounds is None:
                continue
            if name not in self._files:
                self._count += 1
                file = f"pieria/plane{self._count}.png"
                self._put(file, _encode(plane.read(*bounds)))
                self._files[name] = {"file": file, "x": bounds.x, "y": bounds.y}
            found[name] = self._files[name] | {"default": plane.default}
        return found

    # ------------------------------------------------------------ inside

    def _layers(self, parent: Any, layers: tuple[Layer, ...], active: str, mask: Plane | None) -> None:
        """The elements of some siblings, topmost first. mask: of the groups around them, in document coordinates."""
        stacks: list[list[Layer]] = []
        for layer in layers:
            if layer.clipped and stacks:
                stacks[-1].append(layer)
            else:
                stacks.append([layer])
        for base, *clipped in reversed(stacks):
            if not clipped:
                self._layer(parent, base, active, mask)
                continue
            group = self._element(parent, "stack", base, f"{base.name} (clipped)")
            shape = _within(_alpha(base), mask)
            for layer in reversed(clipped):
                self._layer(group, layer, active, shape)
            self._layer(group, base.with_(opacity=1.0, blend="normal", visible=True), active, mask)

    def _layer(self, parent: Any, layer: Layer, active: str, mask: Plane | None) -> None:
        own = layer.mask if layer.mask_on else None
        shape = mask if own is None else _within(Plane.empty(1, 255) if mask is None else mask, own, layer.dx, layer.dy)
        if layer.kind == "group":
            node = self._element(parent, "stack", layer, layer.name)
            self._layers(node, layer.children, active, shape)
        else:
            node = self._element(parent, "layer", layer, layer.name)
            self._pixels(node, layer, shape)
        if layer.id == active:
            node.set("selected", "true")
        if layer.locked:
            node.set("edit-locked", "true")

    def _element(self, parent: Any, tag: str, layer: Layer, name: str) -> Any:
        node = ElementTree.SubElement(parent, tag, {
            "name": _clean(name), "opacity": f"{layer.opacity:.6g}",
            "composite-op": OPS.get(layer.blend, OPS["normal"]),
            "visibility": "visible" if layer.visible else "hidden"})
        if tag == "stack":
            node.set("isolation", "isolate")
        return node

    def _pixels(self, node: Any, layer: Layer, shape: Plane | None) -> None:
        self._count += 1
        file = f"data/layer{self._count:04}.png"
        bounds = layer.plane.bounds() or Rect(0, 0, 1, 1)
        pixels = layer.plane.read(*bounds)
        place = bounds.translated(layer.dx, layer.dy)
        if shape is None:
            self._files[layer.id] = {"file": file, "x": bounds.x, "y": bounds.y}
        else:
            self._baked += 1
            pixels = _product(pixels, shape.read(*place)[..., None])
        node.set("src", file)
        node.set("x", str(place.x))
        node.set("y", str(place.y))
        self._put(file, _encode(pixels))


def _alpha(base: Layer) -> Plane:
    """The shape of a layer, or of a group as it is drawn, in document coordinates; its own opacity left aside."""
    alone = base.with_(opacity=1.0, blend="normal", visible=True, clipped=False)
    bounds = base.bounds()
    if bounds is None:
        return Plane.empty(1)
    drawn = compose_plane((alone,), bounds)
    return Plane.empty(1).with_tiles({key: np.ascontiguousarray(tile[..., 3]) for key, tile in drawn.tiles.items()})


def _within(shape: Plane, mask: Plane | None, dx: int = 0, dy: int = 0) -> Plane:
    """The product of two masks in document coordinates; `mask` lies at (dx, dy)."""
    if mask is None:
        return shape
    keys = set(shape.tiles) | {key for own in mask.tiles
                               for key in tile_rect(own).translated(dx, dy).tiles()}
    default = shape.default * mask.default // 255
    made: dict[tuple[int, int], Pixels] = {}
    for key in keys:
        x, y = key[0] * TILE, key[1] * TILE
        made[key] = _product(shape.read(x, y, TILE, TILE), mask.read(x - dx, y - dy, TILE, TILE))
    return Plane.empty(1, default).with_tiles(made)


def _product(one: Pixels, other: Pixels) -> Pixels:
    """Their product as shares of 255, rounded."""
    product = one.astype(np.uint16) * other + 128
    result: Pixels = ((product + (product >> 8)) >> 8).astype(np.uint8)
    return result


def _encode(array: Pixels) -> bytes:
    return png(straight(array) if array.ndim == 3 else PIL.Image.fromarray(array))


def _clean(text: str) -> str:
    """Without the signs that XML 1.0 cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and not "\ud800" <= sign <= "\udfff"
                                                                and sign not in "\ufffe\uffff"))
