"""What all formats share: what was opened, how to write, and the way between Pillow's pixels and ours."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import PIL.Image
from PIL.PngImagePlugin import PngInfo
from PySide6.QtGui import QImage

from studio.project.formats.limits import MAX_PIXELS
from studio.project.paint.picture import MAX_SIDE, Picture
from studio.project.paint.plane import Pixels, Plane, Rect, from_qimage, to_qimage

PNG_LEVEL = 4
"""zlib's level of a picture; 6 takes twice as long and saves a tenth."""

LAYER_LEVEL = 2
"""Of a layer in an archive; 4 takes half as long again and saves a fifth."""


class Opened(NamedTuple):
    """A picture from a file, and what could not be taken as it was, one sentence each."""

    picture: Picture
    notes: list[str]


@dataclass(frozen=True)
class WriteOptions:
    """How to write.

    Attributes:
        quality: of JPEG and WebP, 1-100; WebP keeps every bit at 100.
        background: behind transparent pixels where the format has no transparency, as Pillow names colours.
        metadata: "exif" and "xmp" as bytes where the format takes them; everything else is a text of that name (PNG),
            or left out.
    """

    quality: int = 95
    background: str = "white"
    metadata: Mapping[str, bytes | str] = field(default_factory=dict)

    @property
    def exif(self) -> bytes:
        return self._bytes("exif")

    @property
    def xmp(self) -> bytes:
        return self._bytes("xmp")

    @property
    def texts(self) -> dict[str, str]:
        """What is neither EXIF nor XMP, as text."""
        return {key: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
                for key, value in self.metadata.items() if key not in ("exif", "xmp")}

    def _bytes(self, key: str) -> bytes:
        value = self.metadata.get(key, b"")
        return value.encode() if isinstance(value, str) else value


def extent(plane: Plane, picture: Picture, dx: int, dy: int) -> tuple[Rect, bool]:
    """The part of a plane that lies at (dx, dy) that goes into a file, in the plane's own coordinates and at least one
    pixel large, and whether that is all of it: what is so large that no program opens it is cut to the artboard."""
    bounds = plane.bounds()
    if bounds is None:
        return Rect(0, 0, 1, 1), True
    if max(bounds.w, bounds.h) <= MAX_SIDE and bounds.w * bounds.h <= MAX_PIXELS:
        return bounds, True
    cut = bounds.intersected(picture.rect.translated(-dx, -dy))
    return (Rect(0, 0, 1, 1) if cut.empty else cut), False


def premultiplied(image: PIL.Image.Image) -> Pixels:
    """An "RGB" or "RGBA" picture as an (h, w, 4) premultiplied BGRA array."""
    rgba = np.array(image if image.mode == "RGBA" else image.convert("RGBA"))
    height, width = rgba.shape[:2]
    return from_qimage(QImage(rgba.data, width, height, rgba.strides[0], QImage.Format.Format_RGBA8888))


def straight(array: Pixels) -> PIL.Image.Image:
    """An (h, w, 4) premultiplied BGRA array as an "RGBA" picture; `premultiplied` gives the same bytes back."""
    image = to_qimage(array).convertToFormat(QImage.Format.Format_RGBA8888)
    height, width = array.shape[:2]
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    return PIL.Image.fromarray(rows[:, :width * 4].reshape(height, width, 4).copy())  # 4 channels: "RGBA"


def png(image: PIL.Image.Image, options: WriteOptions | None = None, level: int = PNG_LEVEL) -> bytes:
    """The bytes of a PNG in sRGB, with the metadata of `options`; nothing in it depends on the time."""
    info = PngInfo()
    info.add(b"sRGB", b"\0")  # rendering intent: perceptual (PNG specification, 11.3.2.5)
    options = options or WriteOptions()
    for key, text in options.texts.items():
        info.add_itxt(key, text)
    if options.xmp:
        info.add_itxt("XML:com.adobe.xmp", options.xmp.decode("utf-8", "replace"))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=level, pnginfo=info, **({"exif": options.exif} if options.exif else {}))
    return out.getvalue()
