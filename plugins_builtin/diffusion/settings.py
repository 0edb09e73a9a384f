"""What one picture needs, once a request was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plugins_builtin.diffusion.inpaint import Composite
from plugins_builtin.diffusion.regions import RegionPrompt
from studio.plugins import ModelFiles


@dataclass(frozen=True)
class Settings:
    """What a loaded model is run with.

    Attributes:
        prompt, negative_prompt: with weights, without LoRA tags.
        width, height: pixels; sides of whole latents, except with `inpaint`, which pads.
        init: a Pillow RGB picture of that size, or None.
        inpaint: what is painted into; goes before `init`.
        loras: files and weights.
        control: uint8 (height, width, 3) with sides of whole latents, or None.
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
    control: Any = None
    control_weight: float = 1.0
    regions: tuple[RegionPrompt, ...] = ()
