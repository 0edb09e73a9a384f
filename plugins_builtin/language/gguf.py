"""Reads the header of a GGUF file, so that a broken file is refused in a sentence before native code maps it.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

# value type -> struct code; 8 is a string, 9 an array
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9

# ggml type -> (elements in a block, bytes of a block); types not listed here are left to llama.cpp's own check
_BLOCKS = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    9: (32, 36),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    15: (256, 292),
    16: (256, 66),
    17: (256, 74),
    18: (256, 98),
    19: (256, 50),
    20: (32, 18),
    21: (256, 110),
    22: (256, 82),
    23: (256, 136),
    24: (1, 1),
    25: (1, 2),
    26: (1, 4),
    27: (1, 8),
    28: (1, 8),
    29: (256, 56),
    30: (1, 2),
    34: (256, 54),
    35: (256, 66),
    39: (32, 17),
}
_MOST = 1 << 24  # more entries than this in one header is damage, not a model


class BadGguf(ValueError):
    """The file is no GGUF file that can be read; the message says what is wrong, as the end of a sentence."""


@dataclass
class Header:
    """Metadata (arrays of more than 64 entries are skipped) and the size in bytes that the file must at least have."""

    version: int
    metadata: dict[str, Any] = field(default_factory=dict)
    tensors: int = 0
    size: int = 0

    def number(self, name: str, default: int) -> int:
        """`<architecture>.<name>` as an integer."""
        value = self.metadata.get(f"{self.metadata.get('general.architecture', '')}.{name}", default)
        return int(value) if isinstance(value, int) else default


class _Reader:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size = file, size

    def take(self, count: int) -> bytes:
        if count > self.size - self.file.tell():
            raise BadGguf("ends too early, so the download was probably cut short")
        return self.file.read(count)

    def scalar(self, code: str) -> Any:
        return struct.unpack(f"<{code}", self.take(struct.calcsize(f"<{code}")))[0]

    def count(self) -> int:
        number = int(self.scalar("Q"))
        if number > _MOST:
            raise BadGguf("is damaged in its header")
        return number

    def string(self) -> str:
        return self.take(self.count()).decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        if kind in _SCALARS:
            return self.scalar(_SCALARS[kind])
        if kind == _STRING:
            return self.string()
        if kind != _ARRAY:
            raise BadGguf("is damaged in its header")
        inner, length = self.scalar("I"), self.count()
        if inner in _SCALARS and length > 64:
            self.take(length * struct.calcsize(f"<{_SCALARS[inner]}"))
            return None
        if inner == _STRING and length > 64:
            for _ in range(length):
                self.take(self.count())
            return None
        if inner == _ARRAY:
            raise BadGguf("is damaged in its header")
        return [self.value(inner) for _ in range(length)]


def read_header(path: Path) -> Header:
    """Read and check the header of `path`: magic, version, metadata, and that every tensor lies inside the file.

    Raises:
        BadGguf: it is empty, no GGUF, damaged, or shorter than its tensors.
        OSError: it cannot be read at all.
    """
    size = path.stat().st_size
    if size == 0:
        raise BadGguf("is empty")
    with path.open("rb") as file:
        reader = _Reader(file, size)
        if reader.take(min(4, size)) != b"GGUF":
            raise BadGguf("is not a GGUF model")
        header = Header(version=reader.scalar("I"))
        if header.version not in (2, 3):
            raise BadGguf(f"has GGUF version {header.version}, which cannot be read here")
        header.tensors, entries = reader.count(), reader.count()
        for _ in range(entries):
            name = reader.string()
            header.metadata[name] = reader.value(reader.scalar("I"))
        ends = [_tensor_end(reader) for _ in range(header.tensors)]
        alignment = int(header.metadata.get("general.alignment") or 32)
        data = -(-file.tell() // alignment) * alignment
    header.size = data + max(ends, default=0)
    if not ends:
        raise BadGguf("holds no weights")
    if header.size > size:
        raise BadGguf("ends too early, so the download was probably cut short")
    return header


def _tensor_end(reader: _Reader) -> int:
    """Offset, from the start of the data, of the first byte after the next tensor."""
    reader.string()
    dimensions = reader.scalar("I")
    if dimensions > 8:
        raise BadGguf("is damaged in its header")
    elements = 1
    for _ in range(dimensions):
        elements *= int(reader.scalar("Q"))
    kind, offset = reader.scalar("I"), int(reader.scalar("Q"))
    per_block, block_bytes = _BLOCKS.get(kind, (1, 0))
    return offset + elements // per_block * block_bytes
