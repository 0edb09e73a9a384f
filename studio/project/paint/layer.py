"""A layer of a picture: pixels, a group or a text, as an immutable value."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from studio.project.paint.plane import Plane, Rect

LayerKind: TypeAlias = Literal["pixels", "group", "text"]
CONTROLS = ("", "edges", "hed", "soft", "drawing", "pose", "reference", "picture")


def new_id() -> str:
    """An id that no other layer has."""
    return uuid.uuid4().hex


def empty_plane() -> Plane:
    return _EMPTY


_EMPTY = Plane.empty()


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer. Two layers are the same only when they are the same object.

    Attributes:
        id: its name for life, unique in the picture.
        plane: its pixels (of a text the rendered ones, of a group none).
        dx, dy: plane coordinates + (dx, dy) = document coordinates, for `plane` and for `mask`.
        opacity: 0-1.
        blend: an id from `blend.BLEND_MODES`.
        alpha_locked: painting changes colours and leaves transparency as it is.
        clipped: shows only where the nearest layer below that is not clipped shows.
        mask: 1 channel, 255 shows, 0 hides; missing tiles are 255.
        children: of a group, rearmost first. A group is isolated (W3C compositing).
        folded: the group is shut in the list of layers.
        result: id of the result it came from.
        prompt: what to draw inside this layer's shape.
        control: what of the layer steers the generator, one of `CONTROLS`; "" for a layer that is part of the picture.
        control_weight: how strongly, 0-2.
        control_start, control_end: between which shares of the steps, 0-1.
        control_model: name of the net that follows it, "" for the one that fits.
        text: of a text: string, family, size (px), colour, bold, italic, align, x, y.
    """

    id: str
    name: str
    kind: LayerKind = "pixels"
    plane: Plane = field(default_factory=empty_plane)
    dx: int = 0
    dy: int = 0
    opacity: float = 1.0
    blend: str = "normal"
    visible: bool = True
    locked: bool = False
    alpha_locked: bool = False
    clipped: bool = False
    mask: Plane | None = None
    mask_on: bool = True
    children: tuple[Layer, ...] = ()
    folded: bool = False
    result: str = ""
    prompt: str = ""
    control: str = ""
    control_weight: float = 1.0
    control_start: float = 0.0
    control_end: float = 1.0
    control_model: str = ""
    text: Mapping[str, Any] | None = None

    def with_(self, **changes: Any) -> Layer:
        """The layer with these fields changed."""
        return replace(self, **changes)

    def walk(self) -> Iterator[Layer]:
        """It and all below it in the tree, rearmost first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def bounds(self) -> Rect | None:
        """Where it has pixels, in document coordinates (its mask left aside)."""
        if self.kind == "group":
            found: Rect | None = None
            for child in self.children:
                inner = child.bounds()
                found = inner if found is None or inner is None else found.united(inner)
                found = found or inner
            return found
        own = self.plane.bounds()
        return own.translated(self.dx, self.dy) if own else None
