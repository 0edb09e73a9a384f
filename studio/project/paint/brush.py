"""What a brush is: plain settings, and the presets that come with the studio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Self, TypeAlias

Grain: TypeAlias = Literal["", "paper", "chalk", "canvas"]

MAX_SIZE = 1000.0
"""Widest brush, in document pixels."""

LIMITS: dict[str, tuple[float, float]] = {
    "size": (1.0, MAX_SIZE), "hardness": (0.0, 1.0), "opacity": (0.0, 1.0), "flow": (0.01, 1.0), "spacing": (0.01, 2.0),
    "stabiliser": (0.0, 1.0), "roundness": (0.05, 1.0), "angle": (-180.0, 180.0), "least_size": (0.0, 1.0),
    "grain_strength": (0.0, 1.0), "scatter": (0.0, 2.0), "feather": (0.0, 200.0), "grow": (-100.0, 100.0),
}
"""Least and greatest value of each number."""


@dataclass(frozen=True)
class Brush:
    """Settings of a brush. Values outside `LIMITS` are clamped by `with_`.

    Attributes:
        name: of the preset it came from.
        size: diameter in document pixels at full pressure.
        hardness: 0 falls off from the centre, 1 has an edge of one pixel.
        opacity: what one stroke reaches at most, however often it crosses itself.
        flow: what one dab adds; strokes build up towards `opacity`.
        spacing: distance of two dabs as a share of the diameter.
        stabiliser: 0 follows the pen, 1 drags far behind it.
        roundness: height of the dab over its width; `angle` turns it clockwise, in degrees.
        pressure_size, pressure_opacity: pressure scales size (down to `least_size` of it) and opacity.
        tilt: the tilt of the pen flattens the dab and turns it.
        grain: a texture that lies still in the document; `grain_strength` 0-1.
        scatter: dabs stray from the path by up to this many diameters.
        feather, grow: soft rim and widening in pixels; of the mask brush.
        mode: "add" or "subtract"; of the mask brush.
    """

    name: str = ""
    size: float = 32.0
    hardness: float = 0.8
    opacity: float = 1.0
    flow: float = 1.0
    spacing: float = 0.08
    stabiliser: float = 0.15
    roundness: float = 1.0
    angle: float = 0.0
    pressure_size: bool = True
    least_size: float = 0.1
    pressure_opacity: bool = False
    tilt: bool = False
    grain: Grain = ""
    grain_strength: float = 0.5
    scatter: float = 0.0
    feather: float = 0.0
    grow: float = 0.0
    mode: Literal["add", "subtract"] = "add"

    def with_(self, **changes: Any) -> Self:
        """The brush with these settings, each number within its limits. An unknown name is a TypeError."""
        for name, (least, most) in LIMITS.items():
            if name in changes:
                changes[name] = min(most, max(least, float(changes[name])))
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """A brush from what `to_json` gave; what has another name or type is passed over."""
        base = cls()
        known: dict[str, Any] = {}
        for field in fields(cls):
            value, default = data.get(field.name), getattr(base, field.name)
            number = isinstance(default, float) and isinstance(value, (int, float)) and not isinstance(value, bool)
            if (number and value == value) or (not isinstance(default, float) and type(value) is type(default)):
                known[field.name] = value
        if known.get("grain", "") not in ("", "paper", "chalk", "canvas"):
            del known["grain"]
        if known.get("mode", "add") not in ("add", "subtract"):
            del known["mode"]
        return base.with_(**known)


PRESETS: tuple[Brush, ...] = (
    Brush("Round", size=32, hardness=0.85),
    Brush("Soft round", size=96, hardness=0.0, flow=0.6, pressure_size=False, pressure_opacity=True),
    Brush("Pencil", size=5, hardness=0.6, flow=0.75, spacing=0.12, least_size=0.4, pressure_opacity=True, tilt=True,
          grain="paper", grain_strength=0.5, stabiliser=0.1),
    Brush("Ink pen", size=10, hardness=0.95, spacing=0.05, least_size=0.0, stabiliser=0.35),
    Brush("Technical pen", size=4, hardness=1.0, spacing=0.08, pressure_size=False, stabiliser=0.25),
    Brush("Airbrush", size=180, hardness=0.0, flow=0.08, spacing=0.06, pressure_size=False, pressure_opacity=True,
          stabiliser=0.0),
    Brush("Marker", size=40, hardness=0.9, opacity=0.55, spacing=0.05, roundness=0.35, angle=-35,
          pressure_size=False),
    Brush("Calligraphy", size=28, hardness=0.95, spacing=0.03, roundness=0.16, angle=-45, least_size=0.6,
          stabiliser=0.3),
    Brush("Chalk", size=44, hardness=0.75, flow=0.7, spacing=0.1, least_size=0.6, pressure_opacity=True, grain="chalk",
          grain_strength=0.85),
    Brush("Dry bristle", size=60, hardness=0.55, flow=0.5, spacing=0.06, roundness=0.7, least_size=0.5, tilt=True,
          grain="canvas", grain_strength=0.8),
    Brush("Spatter", size=14, hardness=0.8, spacing=0.45, least_size=0.2, scatter=1.6, stabiliser=0.0),
)
"""The presets that come with the studio, in the order of the list."""
