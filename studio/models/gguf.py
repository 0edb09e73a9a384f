"""Just enough of the GGUF format to know where the last tensor ends (ggml's docs/gguf.md, versions 2 and 3)."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

FIXED = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of each scalar metadata type by its number: integers, float32 (6), bool (7), float64 (12)."""
STRING, ARRAY = 8, 9
MAX_COUNT = 10_000_000
BLOCKS = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
          10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
          24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 30: (1, 2)}
"""Tensor type -> (elements, bytes) of a block. Other types count as nothing, so that they are never called short."""


def tensor_end(path: Path) -> int:
    """Byte offset where the last tensor of a GGUF file ends, as its header says.

    Raises:
        ValueError, EOFError, struct.error: the header makes no sense or stops short.
    """
    with path.open("rb") as file:
        file.seek(8)
        tensors, entries = _unpack(file, "<QQ")
        if tensors > MAX_COUNT or entries > MAX_COUNT:
            raise ValueError("too many entries")
        alignment = 32
        for _ in range(entries):
            key = _string(file)
            (kind,) = _unpack(file, "<I")
            if key == b"general.alignment" and kind == 4:
                (alignment,) = _unpack(file, "<I")
            else:
                _skip_value(file, kind)
        end = 0
        for _ in range(tensors):
            end = max(end, _tensor_end(file))
        start = file.tell()
    if not 0 < alignment <= 1 << 20:
        raise ValueError("alignment out of range")
    return (start + alignment - 1) // alignment * alignment + end if tensors else start


def _tensor_end(file: BinaryIO) -> int:
    _string(file)
    (dimensions,) = _unpack(file, "<I")
    if dimensions > 8:
        raise ValueError("too many dimensions")
    count = 1
    for side in _unpack(file, f"<{dimensions}Q"):
        count *= side
    kind, offset = _unpack(file, "<IQ")
    block, width = BLOCKS.get(kind, (1, 0))
    return int(offset + count // block * width)


def _skip_value(file: BinaryIO, kind: int, depth: int = 0) -> None:
    if kind in FIXED:
        _skip(file, FIXED[kind])
    elif kind == STRING:
        _skip(file, _unpack(file, "<Q")[0])
    elif kind == ARRAY and depth < 4:
        inner, count = _unpack(file, "<IQ")
        if inner in FIXED:
            _skip(file, FIXED[inner] * count)
            return
        if count > MAX_COUNT:
            raise ValueError("array too long")
        for _ in range(count):
            _skip_value(file, inner, depth + 1)
    else:
        raise ValueError(f"unknown metadata type {kind}")


def _string(file: BinaryIO) -> bytes:
    (length,) = _unpack(file, "<Q")
    if length > 1 << 16:
        raise ValueError("name too long")
    data = file.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _skip(file: BinaryIO, count: int) -> None:
    if count > 1 << 40:
        raise ValueError("value too long")
    file.seek(count, 1)


def _unpack(file: BinaryIO, form: str) -> tuple[int, ...]:
    data = file.read(struct.calcsize(form))
    if len(data) < struct.calcsize(form):
        raise EOFError
    return struct.unpack(form, data)
