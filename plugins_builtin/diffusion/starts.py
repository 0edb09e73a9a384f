"""The picture to start from and its mask, as arrays of the size that a model works at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plugins_builtin.diffusion.fields import pull_push
from studio.plugins import Image, InputError, Mask


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
        import numpy as np
        import torch

        alpha = self.pixels[..., 3:].astype(np.float32) / 255
        if self.opaque or alpha.min() >= 1:
            return self.pixels[..., :3]
        if alpha.max() <= 0:
            return np.full_like(self.pixels[..., :3], 255)
        colours = torch.from_numpy(self.pixels[..., :3].astype(np.float32)).permute(2, 0, 1)
        filled = pull_push(colours, torch.from_numpy(alpha).permute(2, 0, 1))
        return filled.round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()


def on_white(image: Image, width: int, height: int, field: str = "init_image") -> Any:
    """A Pillow RGB picture: upright, on white, scaled to cover width x height and cropped at the centre."""
    import PIL.Image
    import PIL.ImageOps

    picture = upright(image, field)
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

    picture, matte = upright(image, "init_image"), grey(mask, "mask")
    if matte.size != picture.size:
        matte = matte.resize(picture.size, PIL.Image.Resampling.BILINEAR)
    if picture.size != (width, height):
        picture = PIL.ImageOps.fit(picture, (width, height), PIL.Image.Resampling.LANCZOS)
        matte = PIL.ImageOps.fit(matte, (width, height), PIL.Image.Resampling.BILINEAR)
    values = np.asarray(matte, dtype=np.float32) / 255
    if not values.any():
        raise InputError("The mask is empty; paint where the picture may change.", field="mask")
    return Start(np.asarray(picture.convert("RGBA")), values, picture.mode == "RGB")


def upright(image: Image, field: str) -> Any:
    """A Pillow picture in mode RGB or RGBA, turned as its EXIF says. Raises `InputError` that names the field."""
    import PIL.ImageOps

    try:
        picture = PIL.ImageOps.exif_transpose(image.pil())
        has_alpha = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
        return _eight_bits(picture).convert("RGBA" if has_alpha else "RGB")
    except (InputError, OSError, ValueError) as error:
        what = {"init_image": "The picture to start from", "control_image": "The control picture"}
        raise InputError(f"{what.get(field, 'The mask')} cannot be read.", field=field) from error


def grey(mask: Image, field: str) -> Any:
    """A mask as a Pillow picture in mode L; what is transparent counts as black."""
    import PIL.Image

    picture = upright(mask, field)
    if picture.mode == "RGBA":
        picture = PIL.Image.alpha_composite(PIL.Image.new("RGBA", picture.size, "black"), picture)
    return picture.convert("L")


def _eight_bits(picture: Any) -> Any:
    """Pillow clips 16-bit grey at 255 instead of scaling it."""
    if not picture.mode.startswith("I;16"):
        return picture
    import numpy as np
    import PIL.Image

    return PIL.Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
