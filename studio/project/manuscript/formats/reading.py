"""What the readers of books share: archives that may be broken, elements of XML and HTML, pictures, scene breaks."""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from studio.project.formats.limits import FormatError, damaged
from studio.project.manuscript.book import Picture

MAX_UNPACKED = 1 << 30
"""Bytes of all parts of a document unpacked; more is a zip bomb."""
MAX_RATIO = 200
"""Of a part that is larger than 16 MB: text packs 5 to 20 times, zeros a thousand."""
MAX_PICTURE = 64 << 20
MAX_PARTS = 20_000
BREAK = re.compile(r"\s*(?:[*#~•⁂—–-]\s*){1,9}|⁂|❦")
"""A paragraph that parts two scenes."""
_DATA = re.compile(r"data:(image/[a-z0-9.+-]{1,40});base64,(.*)", re.DOTALL)


@contextmanager
def opening(data: bytes, name: str) -> Iterator[None]:
    """Reads a zip file of parts. Raises FormatError, whatever is broken in it."""
    _check_archive(data, name)
    try:
        yield
    except FormatError:
        raise
    except MemoryError as error:
        raise FormatError(f"There is not enough memory to open {name}; make it smaller first.") from error
    except Exception as error:  # zipfile, lxml and python-docx raise all sorts on broken files
        raise damaged(name) from error


def _check_archive(data: bytes, name: str) -> None:
    """Raise FormatError for a broken zip file, or one that unpacks to more than anybody writes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise damaged(name) from error
    bomb = any(i.file_size > 16 << 20 and i.file_size > MAX_RATIO * max(1, i.compress_size) for i in infos)
    if bomb or len(infos) > MAX_PARTS or sum(i.file_size for i in infos) > MAX_UNPACKED:
        raise FormatError(f"{name} unpacks to far more than its size; it is not what it seems and was not opened.")


def named(element: Any) -> str:
    """The element's name without namespace, in small letters; "" of a comment."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def given(element: Any, name: str) -> str:
    """An attribute with or without a namespace, such as epub:type."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2].rpartition(":")[2].lower() == name:
            return str(value)
    return ""


def table_of(element: Any) -> Any:
    """The innermost table that it lies in."""
    above = element.getparent()
    while above is not None and named(above) != "table":
        above = above.getparent()
    return above


def data_picture(source: str) -> Picture | None:
    """A picture in its own address."""
    match = _DATA.match(source)
    if match is None:
        return None
    try:
        data = base64.b64decode(re.sub(r"\s", "", match.group(2)), validate=True)
    except (binascii.Error, ValueError):
        return None
    return Picture(data, match.group(1)) if data else None
