"""What one picture needs, once a request was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plugins_builtin.diffusion.inpaint import Composite
from plugins_builtin.diffusion.regions import RegionPrompt
from studio.plugins import ModelFiles


@dataclass(frozen=True)
class Lead:
    """A picture that is followed.

    Attributes:
        files: a ControlNet, or an IP-Adapter (`kind` "ip-adapter").
        picture: uint8 (height, width, 3); for a ControlNet its sides are whole latents.
        start, end: shares of the steps between which it counts.
        field: where it stands in the parameters.
    """

    files: ModelFiles
    picture: Any
    weight: float = 1.0
    start: float = 0.0
    end: float = 1.0
    field: str = "controls"

    @property
    def is_reference(self) -> bool:
        return self.files.kind == "ip-adapter"


@dataclass(frozen=True)
class Settings:
    """What a loaded model is run with.

    Attributes:
        prompt, negative_prompt: with weights, without LoRA tags.
        width, height: pixels; sides of whole latents, except with `inpaint`, which pads.
        init: a Pillow RGB picture of that size, or None.
        inpaint: what is painted into; goes before `init`.
        loras: files and weights.
        leads: pictures that are followed.
    """

    prompt: str
    negative_prompt: str
    width: int
    height: int
    steps: int
    guidance_scale: float
    sampler: str
    seed: int
    eta: float = 0.0
    init: Any = None
    strength: float = 1.0
    inpaint: Composite | None = None
    loras: tuple[tuple[ModelFiles, float], ...] = ()
    leads: tuple[Lead, ...] = ()
    regions: tuple[RegionPrompt, ...] = ()
