"""What can be done to improve a picture: the commands know it before the canvas is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Improvement:
    """One thing that can be asked for.

    Attributes:
        params: what is asked for beyond the generator's defaults.
        layer: it works on the active layer; otherwise on all that is seen.
        asks: the person is shown the generator's form first.
    """

    id: str
    title: str
    generator: str
    icon: str
    params: Mapping[str, Any] = field(default_factory=dict)
    layer: bool = False
    asks: bool = False


IMPROVEMENTS: tuple[Improvement, ...] = (
    Improvement("upscale-2", "Upscale the canvas 2×", "enhance.upscale", "arrows-out", {"scale": 2}),
    Improvement("upscale-4", "Upscale the canvas 4×", "enhance.upscale", "arrows-out", {"scale": 4}),
    Improvement("upscale", "Upscale the canvas…", "enhance.upscale", "arrows-out", asks=True),
    Improvement("cutout", "Cut out the background", "enhance.cutout", "scissors", {"output": "Mask"}, layer=True),
    Improvement("select", "Select what stands out", "enhance.cutout", "selection-plus", {"output": "Mask"}),
    Improvement("denoise", "Denoise…", "enhance.denoise", "drop", layer=True, asks=True),
    Improvement("style", "Restyle…", "enhance.style", "palette", layer=True, asks=True),
    Improvement("edges", "Draw its edges…", "control.edges", "pencil-simple-line", layer=True, asks=True),
    Improvement("outlines", "Draw its outlines…", "control.hed", "pencil-simple-line", layer=True, asks=True),
    Improvement("pose", "Draw the pose in it", "control.pose", "person-arms-spread", layer=True),
)
GROUPS = (("upscale-2", "upscale-4", "upscale"), ("cutout", "select"), ("denoise", "style"),
          ("edges", "outlines", "pose"))
