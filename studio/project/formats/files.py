"""Opening and writing by the ending of the name, or by how the file begins."""

from __future__ import annotations

from pathlib import Path

from studio.project.formats.common import Opened, WriteOptions
from studio.project.formats.limits import FormatError, check_file
from studio.project.paint.picture import Picture

OPENS = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".ora", ".psd", ".psb", ".gif", ".bmp", ".avif")
"""Endings that a dialog offers for opening; what a file is, its first bytes say."""

WRITES = (".ora", ".psd", ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")
LAYERED = (".ora", ".psd")
"""Endings that keep layers."""


def read(path: str | Path) -> Opened:
    """The picture in a file. Raises FormatError, one sentence for the person."""
    place = Path(path).expanduser()
    check_file(place)
    with place.open("rb") as file:
        start = file.read(8)
    if start[:4] == b"8BPS":
        from studio.project.formats import psd

        return psd.read(place)
    if start[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        from studio.project.formats import ora

        return ora.read(place)
    if place.suffix.lower() in LAYERED:
        raise FormatError(f"{place.name} is not what its name says, or is damaged; export it again.")
    from studio.project.formats import pictures

    return pictures.read(place)


def write(picture: Picture, path: str | Path, options: WriteOptions | None = None) -> list[str]:
    """Write a picture as the ending of the name says. Returns what was lost, one sentence each. Raises FormatError."""
    from studio.project.formats import ora, pictures, psd

    place = Path(path).expanduser()
    ending = place.suffix.lower()
    if ending == ".ora":
        return ora.write(picture, place, options)
    if ending == ".psd":
        return psd.write(picture, place, options)
    return pictures.write(picture, place, options)
