"""What the picture tools share: pixels in and out, and networks that see a picture in tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from plugins_builtin.fields import behind_transparency
from plugins_builtin.pictures import upright
from studio.plugins import Context, Image, InputError

LARGEST = 64_000_000
"""Most pixels of a result."""


@dataclass(frozen=True)
class Pixels:
    """A picture to work on.

    Attributes:
        rgb: uint8 (height, width, 3); where the picture is transparent, continued from what lies around.
        alpha: uint8 (height, width), or None for a picture without transparency.
    """

    rgb: Any
    alpha: Any = None

    @classmethod
    def of(cls, image: Image, times: int = 1) -> Pixels:
        """Decode. Raises `InputError` for what is no picture, or whose result of `times` its sides is too large."""
        import numpy as np

        picture = upright(image, "image")
        width, height = picture.size
        if width * height * times * times > LARGEST:
            raise InputError(
                f"The result would have {width * times:,} x {height * times:,} pixels, and {LARGEST // 1_000_000} "
                "million are the most; choose a smaller picture.", field="image")
        pixels = np.asarray(picture)
        if picture.mode == "RGB":
            return cls(pixels)
        return cls(behind_transparency(pixels), np.ascontiguousarray(pixels[..., 3]))

    def image(self, **meta: Any) -> Image:
        """Encode as PNG."""
        import numpy as np
        import PIL.Image

        rgb = self.rgb if self.alpha is None else np.dstack([self.rgb, self.alpha])
        return Image.from_pil(PIL.Image.fromarray(rgb), **meta)


@dataclass(frozen=True)
class Tile:
    """A part of a picture. left, top, right, bottom: the part itself; wide: the same with its surroundings, as
    (left, top, right, bottom)."""

    left: int
    top: int
    right: int
    bottom: int
    wide: tuple[int, int, int, int]


def tiles(width: int, height: int, side: int, overlap: int) -> Iterator[Tile]:
    """Cut a picture into tiles of at most `side`, each with `overlap` pixels of its surroundings."""
    for top in range(0, height, side):
        for left in range(0, width, side):
            right, bottom = min(left + side, width), min(top + side, height)
            wide = (max(left - overlap, 0), max(top - overlap, 0), min(right + overlap, width),
                    min(bottom + overlap, height))
            yield Tile(left, top, right, bottom, wide)


def tiled(rgb: Any, network: Callable[[Any], Any], ctx: Context, *, side: int, overlap: int, times: int = 1) -> Any:
    """Run a network over a picture in tiles, with progress and a look at Stop after each.

    Args:
        rgb: uint8 (height, width, 3).
        network: float32 (height, width, 3), 0 to 1, to the same `times` as large.
        overlap: surroundings of each tile; at least what the network looks around a pixel leaves no seam at all.

    Returns:
        uint8 (height * times, width * times, 3).
    """
    import numpy as np

    height, width = rgb.shape[:2]
    parts = list(tiles(width, height, side, overlap))
    result = np.empty((height * times, width * times, 3), np.uint8)
    for number, part in enumerate(parts):
        ctx.progress(number, len(parts))
        left, top, right, bottom = part.wide
        made = network(rgb[top:bottom, left:right].astype(np.float32) / 255)
        y, x = (part.top - top) * times, (part.left - left) * times
        tall, wide = (part.bottom - part.top) * times, (part.right - part.left) * times
        made = np.nan_to_num(made[y : y + tall, x : x + wide])
        result[part.top * times : part.bottom * times, part.left * times : part.right * times] = np.rint(
            made.clip(0, 1) * 255
        ).astype(np.uint8)
    ctx.progress(len(parts), len(parts))
    return result
