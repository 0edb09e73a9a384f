"""Pictures and masks as generators work with them: upright, eight bits a channel, RGB or RGBA."""

from __future__ import annotations

from typing import Any

from studio.plugins import Image, InputError


def upright(image: Image, field: str, what: str = "The picture") -> Any:
    """A Pillow picture in mode RGB or RGBA, turned as its EXIF says.

    Args:
        field: the parameter that it came by.
        what: how a sentence about it begins.

    Raises:
        InputError: it cannot be read.
    """
    import PIL.ImageOps

    try:
        picture = PIL.ImageOps.exif_transpose(image.pil())
        has_alpha = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
        return _eight_bits(picture).convert("RGBA" if has_alpha else "RGB")
    except (InputError, OSError, ValueError) as error:
        raise InputError(f"{what} cannot be read.", field=field) from error


def grey(mask: Image, field: str, what: str = "The mask") -> Any:
    """A mask as a Pillow picture in mode L; what is transparent counts as black. Raises `InputError`."""
    import PIL.Image

    picture = upright(mask, field, what)
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
