"""Flat pictures, both ways: PNG, JPEG, WebP, TIFF (and GIF, BMP, AVIF to read), by Pillow.

Everything that comes in becomes 8 bits of sRGB with alpha. What that changed is said in the notes.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from PIL import ImageCms, ImageOps

from studio.project.export import write_atomically
from studio.project.formats.common import Opened, WriteOptions, png, premultiplied, straight
from studio.project.formats.limits import MAX_PIXELS, FormatError, check_file, check_size, damaged
from studio.project.paint.compositor import compose
from studio.project.paint.layer import Layer, new_id
from studio.project.paint.picture import MAX_SIDE, Picture
from studio.project.paint.plane import Pixels, Plane, from_qimage
from studio.project.png import BadPng, with_chunks

READS = ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "AVIF")
"""Pillow's decoders that may see a foreign file."""

WRITES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
_MOST = {"JPEG": 65_535, "WEBP": 16_383}
"""Longest side that the format can hold."""

Spend = Callable[[int, int], None]
_DEEP_RAW = ("16", "32", "I;", "F;")


def read(path: str | Path) -> Opened:
    """The picture as a painting of one layer. Raises FormatError."""
    place = Path(path)
    check_file(place)
    pixels, notes = decode(place, place.name)
    height, width = pixels.shape[:2]
    layer = Layer(new_id(), place.stem or "Picture", plane=Plane.from_array(pixels))
    return Opened(Picture(width, height, (layer,), layer.id), notes)


def decode(source: Path | bytes, name: str = "The picture", spend: Spend | None = None) -> tuple[Pixels, list[str]]:
    """(h, w, 4) premultiplied BGRA in sRGB, upright, and what had to be changed. `spend` hears the size before anything
    is unpacked, and may raise. Raises FormatError."""
    notes: list[str] = []
    try:
        with PIL.Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=READS) as opened:
            (spend or _nothing)(*opened.size)
            check_size(name, *opened.size)
            _note_frames(opened, name, notes)
            deep = _is_deep(opened)
            opened.load()
            image = _upright(opened, name, notes)
        if deep:
            notes.append(f"{name} has more than 8 bits a channel; it was reduced to 8.")
        return premultiplied(_to_srgb(image, name, notes)), notes
    except FormatError:
        raise
    except PIL.Image.DecompressionBombError as error:
        raise FormatError(f"{name} is larger than {MAX_PIXELS // 1_000_000} million pixels, which is the most; "
                          "make it smaller first.") from error
    except PIL.UnidentifiedImageError as error:
        raise FormatError(f"{name} is not a picture that can be read; use PNG, JPEG, WebP, TIFF, OpenRaster or "
                          "PSD.") from error
    except MemoryError as error:
        raise FormatError(f"There is not enough memory to open {name}; close something or make it smaller.") from error
    except Exception as error:  # decoders raise all sorts on broken files
        slim = _without_texts(source) if isinstance(error, ValueError) else None
        if slim is None:
            raise damaged(name) from error
    pixels, more = decode(slim, name)
    return pixels, [f"The texts in {name} are too large to be read and were left out.", *more]


def _without_texts(source: Path | bytes) -> bytes | None:
    """A PNG without its texts, of which Pillow refuses the picture where they unpack to too much; None where it has
    none, or is no PNG."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    try:
        slim = with_chunks(data, b"")
    except BadPng:
        return None
    return slim if slim != data else None


def decode_mask(data: bytes, name: str, spend: Spend | None = None) -> Pixels:
    """(h, w) of a grey PNG as it is. Raises FormatError."""
    try:
        with PIL.Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            (spend or _nothing)(*image.size)
            check_size(name, *image.size)
            return np.array(image.convert("L"))
    except FormatError:
        raise
    except Exception as error:  # decoders raise all sorts on broken files
        raise damaged(name) from error


def _nothing(_width: int, _height: int) -> None:
    """Where nobody counts."""


def decode_scaled(data: bytes, width: int, height: int) -> Pixels:
    """The picture in `data`, drawn `width` x `height` pixels large, premultiplied BGRA. Raises FormatError."""
    from PySide6.QtCore import Qt

    from studio.project.paint.plane import to_qimage

    pixels, _ = decode(data)
    if pixels.shape[:2] == (height, width):
        return pixels
    return from_qimage(to_qimage(pixels).scaled(width, height, Qt.AspectRatioMode.IgnoreAspectRatio,
                                                Qt.TransformationMode.SmoothTransformation))


def _note_frames(image: PIL.Image.Image, name: str, notes: list[str]) -> None:
    count = getattr(image, "n_frames", 1)
    if count > 1:
        what = "pages" if image.format == "TIFF" else "pictures"
        notes.append(f"{name} holds {count} {what}; the first one was taken.")
        image.seek(0)


def _is_deep(image: PIL.Image.Image) -> bool:
    if image.mode.startswith(("I", "F")):
        return True
    if image.format == "TIFF":
        bits = getattr(image, "tag_v2", {}).get(258, (8,))  # BitsPerSample
        return any(count > 8 for count in (bits if isinstance(bits, tuple) else (bits,)))
    raws = [str(part[3]) for part in getattr(image, "tile", ())] if image.format == "PNG" else []
    return any(mark in raw for raw in raws for mark in _DEEP_RAW)


def _upright(image: PIL.Image.Image, name: str, notes: list[str]) -> PIL.Image.Image:
    try:
        turned = image.getexif().get(0x0112, 1) not in (0, 1)
        made = ImageOps.exif_transpose(image) if turned else image
    except Exception:  # hostile EXIF raises all sorts
        return image
    if turned:
        notes.append(f"{name} was turned upright as its EXIF data say.")
    return made


def _to_srgb(image: PIL.Image.Image, name: str, notes: list[str]) -> PIL.Image.Image:
    """As "RGB" or "RGBA" in sRGB."""
    if image.mode.startswith(("I", "F")):
        image = _eight_bits(image)
    profile = image.info.get("icc_profile")
    if image.mode in ("RGB", "RGBA") and not profile and "transparency" not in image.info:
        return image
    alpha = None
    if image.mode in ("P", "PA", "1") or "transparency" in image.info or image.mode in ("La", "RGBa"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode in ("LA", "RGBA"):
        alpha = image.getchannel("A")
        image = image.convert("L" if image.mode == "LA" else "RGB")
    made = _by_profile(image, profile, name, notes) if profile else None
    if made is None:
        made = _without_profile(image, name, notes)
    if alpha is not None:
        made.putalpha(alpha)
    return made


def _eight_bits(image: PIL.Image.Image) -> PIL.Image.Image:
    """Grey of 16 or 32 bits, whole or floating, as "L". Floats mean 0-1, or else whatever their range is."""
    values = np.array(image)
    if image.mode == "F":
        values = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=1.0, neginf=0.0)
        least, most = float(values.min()), float(values.max())
        least, most = (0.0, 1.0) if least >= 0 and most <= 1 else (min(least, 0.0), most)
    else:
        values = values.astype(np.float64)
        least, most = 0.0, 65535.0 if values.max(initial=0) <= 65535 else float(values.max())
    scaled = (values - least) * (255.0 / max(most - least, 1e-12))
    grey = PIL.Image.fromarray(np.rint(scaled.clip(0, 255)).astype(np.uint8))
    grey.info = {key: value for key, value in image.info.items() if key == "icc_profile"}
    return grey


def _by_profile(image: PIL.Image.Image, profile: bytes, name: str, notes: list[str]) -> PIL.Image.Image | None:
    """Colours converted from the profile in the file to sRGB; None where there is nothing to convert or no way to."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        title = " ".join(ImageCms.getProfileDescription(source).split())[:60]
        if title.lower().startswith("srgb") and image.mode == "RGB":
            return None
        made = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB",
                                         renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                                         flags=ImageCms.Flags.BLACKPOINTCOMPENSATION)
    except Exception:  # LittleCMS refuses broken profiles, and those that do not fit the picture
        notes.append(f"The colour profile of {name} is broken or does not fit it and was left aside.")
        return None
    notes.append(f"The colours of {name} were converted from {title or 'its profile'} to sRGB.")
    return made


def _without_profile(image: PIL.Image.Image, name: str, notes: list[str]) -> PIL.Image.Image:
    if image.mode == "CMYK":
        notes.append(f"{name} is made of printing inks (CMYK) without a profile; its colours are an approximation.")
    elif image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        made = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
        return made if made is not None else image.convert("RGB")
    return image.convert("RGB")


# ---------------------------------------------------------------- writing

def write(picture: Picture, path: str | Path, options: WriteOptions | None = None) -> list[str]:
    """Write what the picture shows; the ending of `path` names the format. Returns what was lost, one sentence each.

    Raises:
        FormatError: the format is unknown or cannot hold this size.
        ProjectError: the place cannot be written.
    """
    place, options = Path(path), options or WriteOptions()
    wanted = WRITES.get(place.suffix.lower())
    if wanted is None:
        raise FormatError(f"Pictures cannot be written as “{place.suffix}”; use .png, .jpg, .webp, .tiff, .ora or "
                          ".psd.")
    most = _MOST.get(wanted, MAX_SIDE)
    if max(picture.width, picture.height) > most:
        raise FormatError(f"A {wanted} file is at most {most:,} pixels a side; export as PNG, or make it smaller.")
    notes: list[str] = []
    image = straight(from_qimage(compose(picture, picture.rect)))
    clear = image.getchannel("A").getextrema() != (255, 255)
    if wanted == "JPEG" and clear:
        ground = PIL.Image.new("RGBA", image.size, options.background)
        ground.alpha_composite(image)
        image = ground
        notes.append(f"JPEG has no transparency; the background became {options.background}.")
    if wanted == "JPEG" or not clear:
        image = image.convert("RGB")
    if wanted == "PNG":
        data = png(image, options)
    else:
        out = io.BytesIO()
        image.save(out, wanted, **_save_options(wanted, options))
        data = out.getvalue()
    write_atomically(place, data)
    return notes


def _save_options(wanted: str, options: WriteOptions) -> dict[str, Any]:
    quality = min(max(options.quality, 1), 100)
    said: dict[str, Any] = {"exif": options.exif} if options.exif else {}
    if wanted == "TIFF":
        tags = PIL.Image.Exif()
        if options.exif:
            tags.load(options.exif)
        if options.xmp:
            tags[700] = options.xmp
        return {"exif": tags, "compression": "tiff_adobe_deflate"}
    if options.xmp:
        said["xmp"] = options.xmp
    if wanted == "JPEG":
        return {**said, "quality": quality, "subsampling": 0, "optimize": True}
    return {**said, "quality": quality, "method": 4, **({"lossless": True, "exact": True} if quality == 100 else {})}
