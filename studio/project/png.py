"""PNG chunks, without decoding a pixel (W3C PNG specification, third edition, section 5)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXTUAL = (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME")
MAX_CHUNKS = 100_000
MAX_TEXT = 4 << 20
"""Bytes of one text, packed or unpacked; a longer one is passed over."""


class BadPng(ValueError):
    """The file does not follow the rules; the message is a sentence."""


@dataclass(frozen=True)
class TextChunk:
    """keyword and text; `text` is None where it was too long or broken, and `problem` says which."""

    keyword: str
    text: str | None
    problem: str = ""


def text_chunk(keyword: str, text: str) -> bytes:
    """A tEXt chunk, or an uncompressed iTXt chunk where Latin-1 does not hold the text."""
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        return international_chunk(keyword, text)
    return _chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + raw.replace(b"\0", b" "))


def international_chunk(keyword: str, text: str) -> bytes:
    """An uncompressed iTXt chunk."""
    raw = text.encode("utf-8", "replace").replace(b"\0", b" ")
    return _chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + raw)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunks(data: bytes, chunks: bytes) -> bytes:
    """`data` with `chunks` before the pixels and all texts and camera facts that it had removed; pixels as they were.

    Raises:
        BadPng: `data` is no PNG, or it is cut off.
    """
    if not data.startswith(SIGNATURE):
        raise BadPng("This is not a PNG picture.")
    parts, at, placed = [SIGNATURE], len(SIGNATURE), False
    view = memoryview(data)
    while at + 12 <= len(data):
        length, name = struct.unpack(">I4s", view[at:at + 8])
        end = at + 12 + length
        if end > len(data):
            break
        if name == b"IDAT" and not placed:
            parts.append(chunks)
            placed = True
        if name not in TEXTUAL:
            parts.append(bytes(view[at:end]))
        at = end
        if name == b"IEND" and placed:
            return b"".join(parts)
    raise BadPng("This PNG picture is cut off.")


def read_texts(file: BinaryIO) -> Iterator[TextChunk]:
    """The texts of a PNG, read chunk by chunk; never more than `MAX_TEXT` bytes of one at once.

    Raises:
        BadPng: the signature or a length is wrong, or there are too many chunks.
    """
    if file.read(8) != SIGNATURE:
        raise BadPng("This is not a PNG picture.")
    for _ in range(MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            raise BadPng("This PNG picture is cut off.")
        length, name = struct.unpack(">I4s", head)
        if length > 0x7FFFFFFF:
            raise BadPng("This PNG picture has a part of an impossible size.")
        if name == b"IEND":
            return
        if name not in (b"tEXt", b"zTXt", b"iTXt"):
            file.seek(length + 4, 1)
        elif length > MAX_TEXT:
            keyword = file.read(80).partition(b"\0")[0].decode("latin-1")
            file.seek(length + 4 - min(length, 80), 1)
            yield TextChunk(keyword, None, f"the text “{keyword[:40]}” is too long to read")
        else:
            body = file.read(length)
            file.seek(4, 1)
            yield _parse(name, body)
    raise BadPng("This PNG picture has too many parts.")


def _parse(name: bytes, body: bytes) -> TextChunk:
    keyword, _, rest = body.partition(b"\0")
    key = keyword[:80].decode("latin-1")
    packed = name == b"zTXt"
    if packed:
        rest = rest[1:]
    elif name == b"iTXt":
        packed = rest[:1] == b"\x01"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    if packed:
        unpacked = unpack(rest)
        if unpacked is None:
            return TextChunk(key, None, f"the packed text “{key[:40]}” is broken or too long to read")
        rest = unpacked
    return TextChunk(key, rest.decode("utf-8" if name == b"iTXt" else "latin-1", "replace"))


def unpack(data: bytes) -> bytes | None:
    """zlib data; None where it is broken or unpacks to more than `MAX_TEXT` bytes."""
    decoder = zlib.decompressobj()
    try:
        text = decoder.decompress(data, MAX_TEXT)
    except zlib.error:
        return None
    return text if decoder.eof else None
