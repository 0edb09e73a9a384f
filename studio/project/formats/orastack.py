"""`stack.xml` of an OpenRaster file and the PNGs it names: what any program shall see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import PIL.Image

from studio.project.formats.common import LAYER_LEVEL, extent, png, straight
from studio.project.formats.plain import Plain
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane, Rect

OPS = {
    "normal": "svg:src-over", "multiply": "svg:multiply", "screen": "svg:screen", "overlay": "svg:overlay",
    "darken": "svg:darken", "lighten": "svg:lighten", "color-dodge": "svg:color-dodge", "color-burn": "svg:color-burn",
    "hard-light": "svg:hard-light", "soft-light": "svg:soft-light", "difference": "svg:difference",
    "exclusion": "krita:exclusion", "hue": "svg:hue", "saturation": "svg:saturation", "color": "svg:color",
    "luminosity": "svg:luminosity", "plus": "svg:plus", "linear-burn": "krita:linear_burn",
    "vivid-light": "krita:vivid_light", "linear-light": "krita:linear light", "pin-light": "krita:pin_light",
    "subtract": "krita:subtract", "divide": "krita:divide",
}
"""Ours to OpenRaster's. Those it does not have are named as Krita names them."""

_MODES = {op: mode for mode, op in OPS.items()} | {
    "svg:add": "plus", "svg:src-atop": "normal", "krita:linear_dodge": "plus", "krita:add": "plus",
    "svg:exclusion": "exclusion", "krita:linear_light": "linear-light"}


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
        self._written: dict[int, tuple[Plane, str, Rect]] = {}
        """File and place of each plane that was written, by its identity."""
        self._count = 0
        self._selected = ""
        """Id of the layer that another program shall start on."""

    def stack(self, picture: Picture) -> bytes:
        """Write a PNG for each layer and return `stack.xml`."""
        root = ElementTree.Element("image", version="0.0.5", w=str(picture.width), h=str(picture.height), xres="72",
                                   yres="72")
        plain = Plain(picture)
        there = {layer.id for top in plain.layers for layer in top.walk()}
        self._selected = next((key for key in reversed(picture.path(picture.active)) if key in there), "")
        self._layers(ElementTree.SubElement(root, "stack"), plain.layers, picture)
        if plain.worked_in:
            self.notes.append(f"In other programs the masks and clipping of {plain.worked_in} "
                              f"{'layer is' if plain.worked_in == 1 else 'layers are'} worked into the pixels.")
        if plain.merged:
            self.notes.append(f"In other programs these are one layer each: {', '.join(plain.merged[:8])}.")
        ElementTree.indent(root)
        data: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
        return data

    def originals(self, picture: Picture) -> dict[str, dict[str, Any]]:
        """Write the planes that no PNG holds as they are yet, and say where each plane lies."""
        found: dict[str, dict[str, Any]] = {}
        for name, plane in picture.planes().items():
            if not plane.tiles:
                continue
            if id(plane) not in self._written:
                self._count += 1
                self._write(plane, f"pieria/plane{self._count}.png", picture, 0, 0)
            _, file, place = self._written[id(plane)]
            found[name] = {"file": file, "x": place.x, "y": place.y, "default": plane.default}
        return found

    # ------------------------------------------------------------ inside

    def _layers(self, parent: Any, layers: tuple[Layer, ...], picture: Picture) -> None:
        """The elements of some siblings: OpenRaster lists the topmost first."""
        for layer in reversed(layers):
            node = ElementTree.SubElement(parent, "stack" if layer.kind == "group" else "layer", {
                "name": _clean(layer.name), "opacity": f"{layer.opacity:.6g}",
                "composite-op": OPS.get(layer.blend, OPS["normal"]),
                "visibility": "visible" if layer.visible else "hidden"})
            if layer.id == self._selected:
                node.set("selected", "true")
            if layer.locked:
                node.set("edit-locked", "true")
            if layer.kind == "group":
                node.set("isolation", "isolate")
                self._layers(node, layer.children, picture)
                continue
            self._count += 1
            file = f"data/layer{self._count:04}.png"
            place = self._write(layer.plane, file, picture, layer.dx, layer.dy)
            for key, value in (("src", file), ("x", place.x + layer.dx), ("y", place.y + layer.dy)):
                node.set(key, str(value))

    def _write(self, plane: Plane, file: str, picture: Picture, dx: int, dy: int) -> Rect:
        """Write a plane that lies at (dx, dy) and return which part of it."""
        place, whole = extent(plane, picture, dx, dy)
        if not whole:
            self.notes.append("Pixels far outside the artboard were left out.")
        array = plane.read(*place)
        self._put(file, png(straight(array) if array.ndim == 3 else PIL.Image.fromarray(array), level=LAYER_LEVEL))
        self._written[id(plane)] = (plane, file, place)
        return place


def _clean(text: str) -> str:
    """Without the signs that XML 1.0 cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and not "\ud800" <= sign <= "\udfff"
                                                                and sign not in "\ufffe\uffff"))
