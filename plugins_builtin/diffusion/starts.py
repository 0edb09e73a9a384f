"""The picture to start from and its mask, as arrays of the size that a model works at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plugins_builtin.fields import behind_transparency
from plugins_builtin.pictures import grey, upright
from studio.plugins import Image, InputError, Mask

START = "The picture to start from"


@dataclass(frozen=True)
class Start:
    """What an inpainting begins with.

    Attributes:
        pixels: uint8 (height, width, 4), red, green, blue and straight alpha, as they were given.
        mask: float32 (height, width), 0 keeps a pixel, 1 gives it to the model.
        opaque: the picture came without transparency, so that the result has none either.
    """

    pixels: Any
    mask: Any
    opaque: bool

    def known(self) -> Any:
        """uint8 (height, width, 3): transparent parts filled from what lies around them."""
        return behind_transparency(self.pixels)


def on_white(image: Image, width: int, height: int, field: str = "init_image") -> Any:
    """A Pillow RGB picture: upright, on white, scaled to cover width x height and cropped at the centre."""
    import PIL.Image
    import PIL.ImageOps

    picture = upright(image, field, START)
    if picture.mode == "RGBA":
        white = PIL.Image.new("RGBA", picture.size, "white")
        picture = PIL.Image.alpha_composite(white, picture).convert("RGB")
    return PIL.ImageOps.fit(picture, (width, height), PIL.Image.Resampling.LANCZOS)


def with_mask(image: Image, mask: Mask, width: int, height: int) -> Start:
    """Picture and mask at width x height; at just that size neither is touched.

    Raises:
        InputError: one of them cannot be read, or the mask is black everywhere.
    """
    import numpy as np
    import PIL.ImageOps

    picture, matte = upright(image, "init_image", START), grey(mask, "mask")
    if matte.size != picture.size:
        matte = matte.resize(picture.size, PIL.Image.Resampling.BILINEAR)
    if picture.size != (width, height):
        picture = PIL.ImageOps.fit(picture, (width, height), PIL.Image.Resampling.LANCZOS)
        matte = PIL.ImageOps.fit(matte, (width, height), PIL.Image.Resampling.BILINEAR)
    values = np.asarray(matte, dtype=np.float32) / 255
    if not values.any():
        raise InputError("The mask is empty; paint where the picture may change.", field="mask")
    return Start(np.asarray(picture.convert("RGBA")), values, picture.mode == "RGB")
