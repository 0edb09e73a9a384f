"""What a foreign file may cost, in one place: a header can claim anything, and a small file can unpack to terabytes."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from studio.project.paint.errors import PaintError
from studio.project.paint.picture import MAX_SIDE

MAX_FILE = 2 << 30
"""Bytes of a file."""

MAX_PIXELS = 178_956_970
"""Of one flat picture; Pillow's own limit against decompression bombs."""

MAX_LAYERS = 2_000
MAX_DEPTH = 50
"""Groups inside groups."""

MAX_DECODED = 6 << 30
"""Bytes that all layers of a file may take unpacked."""

MAX_JSON = 64 << 20
MAX_XML = 16 << 20


class FormatError(PaintError):
    """A file that cannot be read or written. `str(error)` is one sentence for the person."""


def check_file(path: Path) -> None:
    """Raise FormatError unless there is a file of bearable size."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FormatError(f"There is no file {path}; it may have been moved or renamed.") from error
    if not path.is_file():
        raise FormatError(f"{path.name} is a folder; choose a file in it.")
    if size == 0:
        raise FormatError(f"{path.name} is empty; export or download it again.")
    if size > MAX_FILE:
        raise FormatError(f"{path.name} is larger than {MAX_FILE >> 30} GB; make it smaller where it was made.")


def check_size(name: str, width: int, height: int) -> None:
    """Raise FormatError unless a picture of this size may be opened."""
    if width < 1 or height < 1:
        raise FormatError(f"{name} says that it is {width} x {height} pixels large; it is damaged.")
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise FormatError(f"{name} is {width:,} x {height:,} pixels large; up to {MAX_SIDE:,} a side and "
                          f"{MAX_PIXELS // 1_000_000} million in all can be opened, so make it smaller first.")


class Budget:
    """Counts what the layers of one file take unpacked."""

    def __init__(self, name: str, decoded: int = MAX_DECODED) -> None:
        self._name, self._left, self._layers = name, decoded, 0

    def layer(self) -> None:
        """One more layer. Raises FormatError."""
        self._layers += 1
        if self._layers > MAX_LAYERS:
            raise FormatError(f"{self._name} has more than {MAX_LAYERS:,} layers; merge some of them first.")

    def pixels(self, width: int, height: int, channels: int = 4) -> None:
        """Pixels that are about to be unpacked. Raises FormatError."""
        check_size(f"A layer of {self._name}", width, height)
        self._left -= width * height * channels
        if self._left < 0:
            raise FormatError(f"{self._name} unpacks to more than {MAX_DECODED >> 30} GB; merge some layers first.")


def damaged(name: str) -> FormatError:
    return FormatError(f"{name} is damaged or cut off and cannot be opened; export or download it again.")


def read_at_most(file: BinaryIO, limit: int, name: str) -> bytes:
    """All of `file`, which must not unpack to more than `limit` bytes. Raises FormatError."""
    data = file.read(limit + 1)
    if len(data) > limit:
        raise FormatError(f"A part of {name} unpacks to more than {limit >> 20} MB; the file is not what it seems.")
    return data
