"""Tools that work on a picture: upscale, cut out, denoise, restyle, and draw its edges or poses."""

from __future__ import annotations

from plugins_builtin.control.generators import EdgePicture, HedPicture, PosePicture
from plugins_builtin.enhance.cutout import Cutout
from plugins_builtin.enhance.denoise import Denoise
from plugins_builtin.enhance.style import Style
from plugins_builtin.enhance.upscale import Upscale
from studio.plugins import Generator, hookimpl

__all__ = ["Cutout", "Denoise", "EdgePicture", "HedPicture", "PosePicture", "Style", "Upscale", "studio_generators"]


@hookimpl
def studio_generators() -> list[type[Generator]]:
    return [Upscale, Cutout, Denoise, Style, EdgePicture, HedPicture, PosePicture]
