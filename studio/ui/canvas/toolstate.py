"""What the tools share and the bars show: colours, brushes, options, the box of a transformation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from studio.project.paint.brush import PRESETS, Brush
from studio.ui.canvas.tooloptions import OPTIONS

RECENT = 16
"""How many recent colours are kept."""

BRUSHES: Mapping[str, Brush] = {
    "brush": PRESETS[0],
    "eraser": Brush("Eraser", size=48, hardness=0.85),
    "mask": Brush("Mask brush", size=60, hardness=1.0, pressure_size=False, stabiliser=0.0, feather=8.0),
}
"""Brushes by tool id, as they are at first."""

SWATCHES = (
    "#000000", "#3c3f46", "#7a7f89", "#b6bac3", "#ecedf0", "#ffffff", "#7a2e2e", "#c2342b", "#ff7b72", "#f49ab8",
    "#8f5b00", "#f0b95a", "#f6e27a", "#1e7f4b", "#5fcb8a", "#0a7260", "#4bd4b4", "#1a61ba", "#6cb0ff", "#23305c",
    "#6a48d7", "#a78bff", "#5b3a29", "#c98b5e",
)
"""The swatches at first."""


@dataclass(frozen=True)
class Box:
    """A rectangle that is being transformed, in document pixels: its centre stays where x, y, w and h put it while
    `angle` (degrees, clockwise) turns it. A negative w or h mirrors."""

    x: float
    y: float
    w: float
    h: float
    angle: float = 0.0


class ToolState(QObject):
    """Colours, brushes and options. `changed` names what changed: "foreground", "background", "recent", "swatches",
    "presets", "box", or the id of the tool whose brush or options did ("mask-view" for how the mask is shown)."""

    changed = Signal(str)
    asked = Signal(str)
    """A button of the bar for the tool in hand: "apply", "cancel", "flip-h", "flip-v", "rotate-left", "rotate-right",
    "fit"."""
    box_asked = Signal(object)
    """A `Box` that a number of the bar asks for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Seen on a white canvas as well as on the dark checkerboard.
        self._foreground, self._background = QColor("#3F7BE0"), QColor("#FFFFFF")
        self.recent: tuple[str, ...] = ()
        self.swatches: tuple[str, ...] = SWATCHES
        self.presets: tuple[Brush, ...] = PRESETS
        self._box: Box | None = None
        self._brushes = dict(BRUSHES)
        self._options = dict(OPTIONS)

    # ------------------------------------------------------------ colours

    @property
    def foreground(self) -> QColor:
        return QColor(self._foreground)

    @property
    def background(self) -> QColor:
        return QColor(self._background)

    def set_foreground(self, colour: QColor) -> None:
        if colour.isValid() and colour != self._foreground:
            self._foreground = QColor(colour)
            self.changed.emit("foreground")

    def set_background(self, colour: QColor) -> None:
        if colour.isValid() and colour != self._background:
            self._background = QColor(colour)
            self.changed.emit("background")

    def swap_colours(self) -> None:
        foreground, background = self.foreground, self.background
        self.set_foreground(background)
        self.set_background(foreground)

    def reset_colours(self) -> None:
        """Black over white."""
        self.set_foreground(QColor("#000000"))
        self.set_background(QColor("#FFFFFF"))

    def use_colour(self, colour: QColor | None = None) -> None:
        """A colour (default: the foreground) was painted with: it becomes the most recent."""
        name = (colour or self._foreground).name()
        if self.recent[:1] != (name,):
            self.recent = (name, *(c for c in self.recent if c != name))[:RECENT]
            self.changed.emit("recent")

    def set_swatches(self, colours: tuple[str, ...]) -> None:
        self.swatches = tuple(colours)
        self.changed.emit("swatches")

    # ------------------------------------------------------------ brushes

    def brush(self, tool: str = "brush") -> Brush:
        """The brush of "brush", "eraser" or "mask"."""
        return self._brushes[tool]

    def set_brush(self, tool: str, brush: Brush | None = None, **changes: Any) -> None:
        """Take a preset, change settings of a tool's brush, or both."""
        after = (self._brushes[tool] if brush is None else brush).with_(**changes)
        if after != self._brushes[tool]:
            self._brushes[tool] = after
            self.changed.emit(tool)

    def resize_brush(self, tool: str, steps: int) -> None:
        """The next wider (steps above 0) or narrower size, as the keys [ and ] do: about a sixth each."""
        size = self._brushes[tool].size
        for _ in range(abs(steps)):
            step = max(1.0, round(size / 6))
            size = size + step if steps > 0 else size - max(1.0, round((size - step) / 6))
        self.set_brush(tool, size=round(size))

    def save_preset(self, brush: Brush) -> None:
        """Keep a brush under its name; one of the same name is replaced."""
        others = [p for p in self.presets if p.name != brush.name]
        at = next((i for i, p in enumerate(self.presets) if p.name == brush.name), len(others))
        self.presets = (*others[:at], brush, *others[at:])
        self.changed.emit("presets")

    def remove_preset(self, name: str) -> None:
        self.presets = tuple(p for p in self.presets if p.name != name)
        self.changed.emit("presets")

    # ------------------------------------------------------------ options

    def options(self, tool: str) -> Any:
        """The options of a tool: a value of its class in `tooloptions`."""
        return self._options[tool]

    def set_options(self, tool: str, **changes: Any) -> None:
        after = self._options[tool].with_(**changes)
        if after != self._options[tool]:
            self._options[tool] = after
            self.changed.emit(tool)

    # ------------------------------------------------------------ the box of a transformation or a crop

    @property
    def box(self) -> Box | None:
        """What the tool in hand is transforming or cropping; None while there is nothing."""
        return self._box

    def show_box(self, box: Box | None) -> None:
        """For tools: the box is now here."""
        if box != self._box:
            self._box = box
            self.changed.emit("box")

    def ask_box(self, **changes: float) -> None:
        """For bars: change x, y, w, h or angle of the box."""
        if self._box is not None:
            self.box_asked.emit(replace(self._box, **changes))

    # ------------------------------------------------------------ keeping

    def to_json(self) -> dict[str, Any]:
        """Plain data for the settings file."""
        return {
            "foreground": self._foreground.name(), "background": self._background.name(),
            "recent": list(self.recent), "swatches": list(self.swatches),
            "presets": [p.to_json() for p in self.presets] if self.presets != PRESETS else None,
            "brushes": {tool: brush.to_json() for tool, brush in self._brushes.items()},
            "options": {tool: options.to_json() for tool, options in self._options.items()},
        }

    def from_json(self, data: Mapping[str, Any]) -> None:
        """Take up what `to_json` gave; anything of another shape is passed over."""
        self._foreground = _colour(data.get("foreground"), self._foreground)
        self._background = _colour(data.get("background"), self._background)
        self.recent = _colours(data.get("recent"))[:RECENT]
        self.swatches = _colours(data.get("swatches")) or self.swatches
        presets = data.get("presets")
        if isinstance(presets, list):
            self.presets = tuple(Brush.from_json(p) for p in presets if isinstance(p, Mapping)) or PRESETS
        for tool, kept in _mappings(data.get("brushes")):
            if tool in self._brushes:
                self._brushes[tool] = Brush.from_json(kept)
        for tool, kept in _mappings(data.get("options")):
            if tool in self._options:
                now = self._options[tool]
                self._options[tool] = type(now).from_json({**now.to_json(), **kept})
        for name in ("foreground", "background", "recent", "swatches", "presets", *self._brushes, *self._options):
            self.changed.emit(name)


def _mappings(value: object) -> list[tuple[str, Mapping[str, Any]]]:
    """The entries of a mapping that are mappings themselves."""
    return [(k, v) for k, v in value.items() if isinstance(v, Mapping)] if isinstance(value, Mapping) else []


def _colour(value: object, default: QColor) -> QColor:
    colour = QColor(value) if isinstance(value, str) else QColor()
    return colour if colour.isValid() else default


def _colours(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(QColor(v).name() for v in value if isinstance(v, str) and QColor(v).isValid())
