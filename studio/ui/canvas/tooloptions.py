"""Options of the tools, as plain values: what the context bar shows and the project remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar, Literal, Self, get_args, get_origin, get_type_hints


@dataclass(frozen=True)
class Options:
    """Base of all options: numbers are clamped to `limits`, a choice that does not exist is passed over."""

    limits: ClassVar[dict[str, tuple[float, float]]] = {}

    def with_(self, **changes: Any) -> Self:
        """The options with these values. An unknown name is a TypeError."""
        for name, value in changes.items():
            if name in self.limits:
                least, most = self.limits[name]
                changes[name] = type(getattr(self, name))(min(most, max(least, value)))
        return replace(self, **changes)

    @classmethod
    def choices(cls, name: str) -> tuple[str, ...]:
        """What a field of fixed choices may be; () for any other field."""
        hint = get_type_hints(cls)[name]
        return get_args(hint) if get_origin(hint) is Literal else ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Options from what `to_json` gave; what has another name or type is passed over."""
        base, known = cls(), {}
        for field in fields(cls):
            default, value = getattr(base, field.name), data.get(field.name)
            if isinstance(default, float) and type(value) is int:
                value = float(value)
            right = type(value) is type(default) and value == value
            if right and value in (cls.choices(field.name) or (value,)):
                known[field.name] = value
        return base.with_(**known)


Mode = Literal["replace", "add", "subtract", "intersect"]


@dataclass(frozen=True)
class SelectOptions(Options):
    """Of rectangle, ellipse, lasso and polygon. feather: px; modifiers go before `mode`."""

    mode: Mode = "replace"
    feather: float = 0.0
    antialias: bool = True
    limits: ClassVar = {"feather": (0, 500)}


@dataclass(frozen=True)
class WandOptions(SelectOptions):
    """tolerance: greatest difference of a channel, 0-255. all_layers: look at what is seen, not at the active layer."""

    tolerance: int = 32
    contiguous: bool = True
    all_layers: bool = True
    limits: ClassVar = {"feather": (0, 500), "tolerance": (0, 255)}


@dataclass(frozen=True)
class FillOptions(Options):
    """grow: px by which the filled area reaches under lines; smooth: its rim is antialiased."""

    tolerance: int = 32
    contiguous: bool = True
    all_layers: bool = False
    grow: int = 0
    smooth: bool = False
    opacity: float = 1.0
    limits: ClassVar = {"tolerance": (0, 255), "grow": (0, 50), "opacity": (0.0, 1.0)}


@dataclass(frozen=True)
class GradientOptions(Options):
    """From foreground to background, or to nothing."""

    kind: Literal["linear", "reflected", "radial", "angle"] = "linear"
    to_transparent: bool = False
    reverse: bool = False
    opacity: float = 1.0
    limits: ClassVar = {"opacity": (0.0, 1.0)}


@dataclass(frozen=True)
class ShapeOptions(Options):
    """fill in the foreground colour; stroke in the background colour (alone, and of a line: the foreground colour).

    width: of the stroke, px. radius: of a rectangle's corners, px. sides: of a polygon; star: its inner radius as a
    share, 1 for none. new_layer: each shape becomes a layer.
    """

    kind: Literal["rectangle", "ellipse", "line", "polygon"] = "rectangle"
    fill: bool = True
    stroke: bool = False
    width: float = 4.0
    radius: float = 0.0
    sides: int = 5
    star: float = 1.0
    new_layer: bool = False
    limits: ClassVar = {"width": (0.5, 500), "radius": (0, 2000), "sides": (3, 60), "star": (0.1, 1.0)}


@dataclass(frozen=True)
class EyedropperOptions(Options):
    """side: of the square whose mean is taken, px. all_layers: what is seen, else the active layer alone."""

    side: int = 1
    all_layers: bool = True
    limits: ClassVar = {"side": (1, 51)}


@dataclass(frozen=True)
class TextOptions(Options):
    """family: of an installed font. size: px. line_height: as a share of the font's own."""

    family: str = "Inter"
    size: float = 48.0
    bold: bool = False
    italic: bool = False
    align: Literal["left", "center", "right"] = "left"
    line_height: float = 1.0
    limits: ClassVar = {"size": (4, 2000), "line_height": (0.5, 4.0)}


@dataclass(frozen=True)
class MoveOptions(Options):
    """auto_select: a press takes the layer under the pointer. smooth: pixels are interpolated when they are
    transformed. keep_ratio: corners keep the proportions, Shift lets go of them."""

    auto_select: bool = True
    smooth: bool = True
    keep_ratio: bool = True


@dataclass(frozen=True)
class CropOptions(Options):
    """ratio: width over height, 0 for any."""

    ratio: float = 0.0
    limits: ClassVar = {"ratio": (0.0, 100.0)}


@dataclass(frozen=True)
class MaskViewOptions(Options):
    """How the inpaint mask is shown: iris tint, white on black, or not at all."""

    show: Literal["tint", "mask", "off"] = "tint"


OPTIONS: Mapping[str, Options] = {
    "select-rect": SelectOptions(), "select-ellipse": SelectOptions(), "lasso": SelectOptions(),
    "polygon": SelectOptions(), "wand": WandOptions(), "fill": FillOptions(), "gradient": GradientOptions(),
    "shape": ShapeOptions(), "eyedropper": EyedropperOptions(), "text": TextOptions(), "move": MoveOptions(),
    "crop": CropOptions(), "mask-view": MaskViewOptions(),
}
"""Options by tool id, as they are at first."""
