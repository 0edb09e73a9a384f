"""Frames on the host's pipes: a JSON header and raw blobs, no pickle.

A frame is a 4-byte big-endian header length, the header as UTF-8 JSON (an object; its "blobs" lists the sizes of what
follows), then the blobs one after another. NaN and the infinities travel as Python's json spells them, so that the host
can refuse them by the name of their field.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]

MAX_HEADER = 32 * 2**20
MAX_BLOB = 2**31 - 1
MAX_BLOBS = 4096

_LENGTH = struct.Struct(">I")


class ProtocolError(Exception):
    """What came is no frame, or what was to be sent cannot be one."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes | None: ...


class Writable(Protocol):
    def write(self, data: bytes, /) -> int | None: ...

    def flush(self) -> None: ...


@dataclass(frozen=True)
class Message:
    """One frame. `header` is the JSON object without its "blobs"."""

    header: Json
    blobs: tuple[bytes, ...] = ()

    @property
    def type(self) -> str:
        return str(self.header.get("type", ""))

    def text(self, name: str) -> str:
        """A field as a string, "" where it is missing."""
        return str(self.header.get(name, ""))


def encode(header: Json, blobs: Sequence[bytes] = ()) -> list[bytes]:
    """The pieces of a frame, to be written in order (large blobs are not copied). Raises `ProtocolError`."""
    if len(blobs) > MAX_BLOBS or any(len(blob) > MAX_BLOB for blob in blobs):
        raise ProtocolError("too many or too large blobs for one frame")
    try:
        head = json.dumps({**header, "blobs": [len(blob) for blob in blobs]}).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        raise ProtocolError(f"the header is not JSON: {error}") from error
    if len(head) > MAX_HEADER:
        raise ProtocolError(f"the header has {len(head)} bytes, more than {MAX_HEADER}")
    return [_LENGTH.pack(len(head)) + head, *blobs]


def write(stream: Writable, header: Json, blobs: Sequence[bytes] = ()) -> None:
    """Write one frame and flush. Raises `ProtocolError`, or OSError where the pipe is gone."""
    for piece in encode(header, blobs):
        stream.write(piece)
    stream.flush()


def read(stream: Readable) -> Message | None:
    """Read one frame, waiting for it. None at a clean end of the stream; raises `ProtocolError` on anything else."""
    prefix = _exactly(stream, _LENGTH.size, may_end=True)
    if not prefix:
        return None
    (size,) = _LENGTH.unpack(prefix)
    if size > MAX_HEADER:
        raise ProtocolError(f"a header of {size} bytes is more than {MAX_HEADER}")
    try:
        header = json.loads(_exactly(stream, size).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"the header is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise ProtocolError("the header is not a JSON object")
    sizes = header.pop("blobs", [])
    if not isinstance(sizes, list) or len(sizes) > MAX_BLOBS:
        raise ProtocolError("the header's list of blobs is no list, or too long")
    if any(type(n) is not int or not 0 <= n <= MAX_BLOB for n in sizes):
        raise ProtocolError("the size of a blob is no size")
    return Message(header, tuple(_exactly(stream, n) for n in sizes))


def _exactly(stream: Readable, size: int, may_end: bool = False) -> bytes:
    pieces: list[bytes] = []
    missing = size
    while missing:
        # Never ask for more than 16 MiB at once: a lying size must not reserve memory before bytes have come.
        piece = stream.read(min(missing, 2**24))
        if not piece:
            if may_end and missing == size:
                return b""
            raise ProtocolError(f"the stream ended {missing} bytes early")
        pieces.append(piece)
        missing -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
