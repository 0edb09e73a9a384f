"""`enhance.denoise`: pictures without grain."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from plugins_builtin.enhance.pixels import Pixels, tiled
from studio.plugins import Context, Generator, GeneratorError, Image, ModelField, Params, ui
from studio.plugins import Requirements as Needs

SIDE, OVERLAP = 256, 24
"""Pixels of a tile, and of what FFDNet's 12 layers at half size see around it."""


class DenoiseParams(Params):
    """What to clean and how much."""

    image: Image = Field(description="The picture to clean.",
                         json_schema_extra=ui(role="init_image", label="Picture", media="image"))
    strength: float = Field(
        15, ge=0, le=75, description="How strong the noise is, as its standard deviation in grey levels.",
        json_schema_extra=ui(widget="slider", label="Noise", step=1))
    grey: bool = Field(False, description="Clean the lightness only; colours stay as they are.",
                       json_schema_extra=ui(widget="switch", label="Lightness only"))
    model: Annotated[str, Field(description="The network that cleans.")] = ModelField("ffdnet", default="ffdnet")


class Denoise(Generator):
    """Takes noise of a known strength out of a picture.

    Source: Zhang, Zuo and Zhang 2018, "FFDNet: Toward a Fast and Flexible Solution for CNN based Image Denoising".
    """

    id = "enhance.denoise"
    title = "Denoise"
    produces = "image"
    summary = "Takes grain and noise out of a picture."
    icon = "drop"
    requires = Needs(memory=500 * 2**20)
    libraries = ("torch",)

    class Params(DenoiseParams):
        """What to clean and how much."""

    def __init__(self) -> None:
        self._network: Any = None

    def load(self, ctx: Context) -> None:
        """Bring the network in. Raises `GeneratorError` for broken files."""
        from plugins_builtin.enhance.ffdnet import load_network

        ctx.check()
        self._network = load_network(ctx.model("model"), ctx.device)

    def unload(self) -> None:
        self._network = None

    def run(self, params: DenoiseParams, ctx: Context) -> Image:
        """Clean one picture. Raises `InputError` where it cannot be read."""
        import cv2
        import numpy as np

        if self._network is None:
            raise GeneratorError("The denoising network is not loaded.")
        pixels = Pixels.of(params.image)
        ctx.check()
        if params.strength == 0:
            return pixels.image()
        rgb = pixels.rgb
        is_grey = bool((rgb == rgb[..., :1]).all())
        lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb) if params.grey and not is_grey else None
        source = rgb if lab is None else np.repeat(lab[..., :1], 3, axis=-1)
        made = tiled(source, lambda part: self._network(part, params.strength / 255), ctx, side=SIDE, overlap=OVERLAP)
        if lab is not None:
            lab[..., 0] = np.rint(made.mean(-1))
            made = cv2.cvtColor(lab, cv2.COLOR_YCrCb2RGB)
        elif is_grey:
            made = np.repeat(np.rint(made.mean(-1, keepdims=True)).astype(np.uint8), 3, axis=-1)
        return Pixels(made, pixels.alpha).image()
