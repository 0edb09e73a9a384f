"""What an exported sound says about itself: title, who made it, its recipe, and that a model did (IPTC digital source
type). WAV gets LIST/INFO and XMP ("_PMX", as the XMP specification says), FLAC and OGG Vorbis comments, MP3 ID3v2.4.

Files are written anew beside themselves, piece by piece, so that hours need no memory.
"""

from __future__ import annotations

import io
import shutil
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from studio.project.marks import SOURCE_TYPES, recipe_text, xmp
from studio.project.rows import Json, loads

LONGEST_COMMENT = 1 << 20
"""Bytes of recipe that are put into a file; a longer one stays outside."""
MOST_READ = 16 << 20
"""Bytes of tags that are read."""
SERIAL = 0x50494552
"""Of OGG streams; libsndfile would roll dice, and the same export has to give the same bytes."""


@dataclass(frozen=True)
class Tags:
    """recipe: as JSON in the file. source: "model", "both" or "person", "" says nothing about who made it."""

    title: str = ""
    artist: str = ""
    date: str = ""
    recipe: Json | None = None
    source: str = ""

    @property
    def source_type(self) -> str:
        return SOURCE_TYPES.get(self.source, "")

    def recipe_text(self) -> str:
        text = recipe_text(self.recipe) if self.recipe else ""
        return text if len(text) <= LONGEST_COMMENT else ""


def apply(path: Path, ending: str, tags: Tags) -> None:
    """Give an encoded file its tags. ending: ".wav", ".flac", ".ogg" or ".mp3"."""
    draft = path.with_name(path.name + ".tags")
    try:
        with path.open("rb") as source, draft.open("wb") as target:
            _WRITERS[ending](source, target, tags)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def tagged(data: bytes, ending: str, tags: Tags) -> bytes:
    """The same in memory; a file that is none of its kind stays as it is."""
    if ending in _BEGINS and data[:4] not in _BEGINS[ending]:
        return data
    source, target = io.BytesIO(data), io.BytesIO()
    try:
        _WRITERS[ending](source, target, tags)
    except (ValueError, struct.error, IndexError):
        return data
    return target.getvalue()


def read(path: Path) -> dict[str, str]:
    """The tags of a file that `apply` could have written: "title", "artist", "date", "comment", "source_type"; those
    that it has. Never raises over what is in it."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
            file.seek(0)
            if head[:3] == b"ID3":
                return _read_id3(file)
            if head[:4] in (b"RIFF", b"RF64"):
                return _read_wav(file)
            if head[:4] == b"fLaC":
                return _known(dict(_read_flac(file)))
            if head[:4] == b"OggS":
                return _known(dict(_comments_of(b"".join(_ogg_packets(file, 2)[1:])[7:])))
    except (OSError, ValueError, struct.error, IndexError):
        pass
    return {}


def origin(path: Path) -> Json:
    """What a file says about who made it: "source" (as in `Tags`) and "recipe"; {} where it says nothing."""
    found = read(path)
    source = next((name for name, kind in SOURCE_TYPES.items() if kind == found.get("source_type")), "")
    if not source:
        return {}
    recipe = loads(found.get("comment", ""), {})
    return {"source": source, "recipe": recipe} if recipe else {"source": source}


_BEGINS = {".wav": (b"RIFF", b"RF64"), ".flac": (b"fLaC",), ".ogg": (b"OggS",)}
_FIELDS = {"TITLE": "title", "ARTIST": "artist", "DATE": "date", "COMMENT": "comment",
           "DIGITALSOURCETYPE": "source_type"}


def _known(comments: Mapping[str, str]) -> dict[str, str]:
    return {_FIELDS[name.upper()]: value for name, value in comments.items() if name.upper() in _FIELDS}


def _comments(tags: Tags) -> list[tuple[str, str]]:
    found = [("TITLE", tags.title), ("ARTIST", tags.artist), ("DATE", tags.date), ("ENCODED-BY", "Pieria"),
             ("COMMENT", tags.recipe_text()), ("DIGITALSOURCETYPE", tags.source_type)]
    return [(name, value) for name, value in found if value]


# ---------------------------------------------------------------- WAV

def _write_wav(source: BinaryIO, target: BinaryIO, tags: Tags) -> None:
    """Chunks behind the sound; the two sizes of RIFF (or of RF64) are mended."""
    shutil.copyfileobj(source, target, 1 << 20)
    if target.tell() % 2:
        target.write(b"\0")
    info = b"".join(_chunk(name, value.encode("utf-8") + b"\0") for name, value in (
        (b"INAM", tags.title), (b"IART", tags.artist), (b"ICRD", tags.date), (b"ISFT", "Pieria"),
        (b"ICMT", tags.recipe_text())) if value)
    target.write(_chunk(b"LIST", b"INFO" + info))
    if tags.source_type:
        target.write(_chunk(b"_PMX", xmp(source=tags.source_type).encode("utf-8")))
    end = target.tell()
    for name, _ in _riff(source):
        if name == b"PEAK":  # libsndfile notes the time in it, and the same export has to give the same bytes
            target.seek(source.tell() + 4)
            target.write(b"\0\0\0\0")
    source.seek(0)
    if source.read(4) == b"RF64":
        target.seek(20)
        target.write(struct.pack("<Q", end - 8))
    else:
        target.seek(4)
        target.write(struct.pack("<I", end - 8))


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _read_wav(file: BinaryIO) -> dict[str, str]:
    found: dict[str, str] = {}
    names = {b"INAM": "title", b"IART": "artist", b"ICRD": "date", b"ICMT": "comment"}
    for name, size in _riff(file):
        if name == b"LIST" and size < MOST_READ:
            data = file.read(size)
            at = 4
            while at + 8 <= len(data):
                length = struct.unpack_from("<I", data, at + 4)[0]
                key = names.get(data[at:at + 4])
                if key is not None:
                    found[key] = data[at + 8:at + 8 + length].rstrip(b"\0").decode("utf-8", "replace")
                at += 8 + length + length % 2
        elif name == b"_PMX" and size < MOST_READ:
            text = file.read(size).decode("utf-8", "replace")
            _, _, rest = text.partition('DigitalSourceType="')
            if rest:
                found["source_type"] = rest.partition('"')[0]
    return found


def _riff(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Each chunk, the file standing at its data."""
    at, large = 12, 0
    while True:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return
        name, size = head[:4], struct.unpack("<I", head[4:])[0]
        if name == b"ds64":
            large = struct.unpack("<QQ", file.read(16))[1]
            file.seek(at + 8)
        if name == b"data" and size == 0xFFFFFFFF:
            size = large
        yield name, size
        at += 8 + size + size % 2


# ---------------------------------------------------------------- Vorbis comments: FLAC and OGG

def _vorbis(comments: list[tuple[str, str]], vendor: bytes) -> bytes:
    entries = [f"{name}={value}".encode() for name, value in comments]
    return (struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(entries))
            + b"".join(struct.pack("<I", len(entry)) + entry for entry in entries))


def _comments_of(data: bytes) -> Iterator[tuple[str, str]]:
    size = struct.unpack_from("<I", data)[0]
    at = 4 + size
    count = struct.unpack_from("<I", data, at)[0]
    at += 4
    for _ in range(min(count, 10_000)):
        size = struct.unpack_from("<I", data, at)[0]
        name, _, value = data[at + 4:at + 4 + size].decode("utf-8", "replace").partition("=")
        yield name, value
        at += 4 + size


def _write_flac(source: BinaryIO, target: BinaryIO, tags: Tags) -> None:
    source.read(4)
    blocks, vendor, last = [], b"Pieria", False
    while not last:
        head = source.read(4)
        last, kind, size = bool(head[0] & 0x80), head[0] & 0x7F, int.from_bytes(head[1:], "big")
        data = source.read(size)
        if kind == 4:
            length = struct.unpack_from("<I", data)[0]
            vendor = data[4:4 + length]
        elif kind not in (1, 3):  # padding, and a table of seek points that need not be
            blocks.append((kind, data))
    blocks.append((4, _vorbis(_comments(tags), vendor)))
    target.write(b"fLaC")
    for place, (kind, data) in enumerate(blocks):
        flag = 0x80 if place + 1 == len(blocks) else 0
        target.write(bytes((flag | kind,)) + len(data).to_bytes(3, "big") + data)
    shutil.copyfileobj(source, target, 1 << 20)


def _read_flac(file: BinaryIO) -> Iterator[tuple[str, str]]:
    file.read(4)
    last = False
    while not last:
        head = file.read(4)
        last, kind, size = bool(head[0] & 0x80), head[0] & 0x7F, int.from_bytes(head[1:], "big")
        data = file.read(size)
        if kind == 4:
            yield from _comments_of(data)


@dataclass
class _Page:
    """A page of an OGG file (RFC 3533)."""

    flags: int
    granule: bytes
    sizes: bytes
    body: bytes

    def packed(self, number: int) -> bytes:
        head = b"OggS\0" + bytes((self.flags,)) + self.granule + struct.pack("<II", SERIAL, number)
        whole = bytearray(head + b"\0\0\0\0" + bytes((len(self.sizes),)) + self.sizes + self.body)
        whole[22:26] = struct.pack("<I", _ogg_sum(bytes(whole)))
        return bytes(whole)


def _pages(file: BinaryIO) -> Iterator[_Page]:
    while len(head := file.read(27)) == 27 and head[:4] == b"OggS":
        sizes = file.read(head[26])
        yield _Page(head[5], head[6:14], sizes, file.read(sum(sizes)))


def _ogg_packets(file: BinaryIO, count: int) -> list[bytes]:
    """The first packets of a stream."""
    packets, part = list[bytes](), b""
    for page in _pages(file):
        at = 0
        for size in page.sizes:
            part += page.body[at:at + size]
            at += size
            if size < 255:
                packets.append(part)
                part = b""
        if len(packets) >= count or len(part) > MOST_READ:
            break
    return packets[:count]


def _write_ogg(source: BinaryIO, target: BinaryIO, tags: Tags) -> None:
    """The three packets of the head are laid out anew, and all pages numbered and summed."""
    pages, packets, part = _pages(source), list[bytes](), b""
    for page in pages:
        at = 0
        for size in page.sizes:
            part += page.body[at:at + size]
            at += size
            if size < 255:
                packets.append(part)
                part = b""
        if len(packets) >= 3:
            break
    vendor = packets[1][11:11 + struct.unpack_from("<I", packets[1], 7)[0]]
    comment = b"\x03vorbis" + _vorbis(_comments(tags), vendor) + b"\x01"
    number = 0
    for page in (_laid([packets[0]], 2), *_split_pages([comment, packets[2]])):
        target.write(page.packed(number))
        number += 1
    for page in pages:
        target.write(page.packed(number))
        number += 1


def _laces(packet: bytes) -> bytes:
    return b"\xff" * (len(packet) // 255) + bytes((len(packet) % 255,))


def _laid(packets: list[bytes], flags: int) -> _Page:
    return _Page(flags, b"\0" * 8, b"".join(map(_laces, packets)), b"".join(packets))


def _split_pages(packets: list[bytes]) -> list[_Page]:
    sizes, body = b"".join(map(_laces, packets)), b"".join(packets)
    found, at, cut = [], 0, False
    for start in range(0, len(sizes), 255):
        part = sizes[start:start + 255]
        length = sum(part)
        ends = any(size < 255 for size in part)  # of a page in which no packet ends the position is -1
        found.append(_Page(int(cut), b"\0" * 8 if ends else b"\xff" * 8, part, body[at:at + length]))
        at, cut = at + length, part[-1] == 255
    return found


_TURNED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _ogg_sum(data: bytes) -> int:
    """The sum of RFC 3533 is that of zlib with all bits of the bytes and of the sum in the other order, from 0 on."""
    value = ~zlib.crc32(data.translate(_TURNED), 0xFFFFFFFF) & 0xFFFFFFFF
    return int(f"{value:032b}"[::-1], 2)


# ---------------------------------------------------------------- ID3v2.4

def _write_mp3(source: BinaryIO, target: BinaryIO, tags: Tags) -> None:
    frames = b"".join(_text_frame(name, value) for name, value in (
        (b"TIT2", tags.title), (b"TPE1", tags.artist), (b"TDRC", tags.date), (b"TSSE", "Pieria")) if value)
    if comment := tags.recipe_text():
        frames += _frame(b"COMM", b"\x03eng\0" + comment.encode("utf-8"))
    if tags.source_type:
        frames += _frame(b"TXXX", b"\x03DigitalSourceType\0" + tags.source_type.encode("utf-8"))
    target.write(b"ID3\4\0\0" + _safe(len(frames)) + frames)
    head = source.read(10)
    source.seek(10 + _unsafe(head[6:10]) if head[:3] == b"ID3" else 0)
    shutil.copyfileobj(source, target, 1 << 20)


def _text_frame(name: bytes, value: str) -> bytes:
    return _frame(name, b"\x03" + value.encode("utf-8"))


def _frame(name: bytes, data: bytes) -> bytes:
    return name + _safe(len(data)) + b"\0\0" + data


def _safe(value: int) -> bytes:
    return bytes((value >> 21 & 0x7F, value >> 14 & 0x7F, value >> 7 & 0x7F, value & 0x7F))


def _unsafe(data: bytes) -> int:
    return data[0] << 21 | data[1] << 14 | data[2] << 7 | data[3]


def _read_id3(file: BinaryIO) -> dict[str, str]:
    head = file.read(10)
    data, found, at = file.read(min(_unsafe(head[6:10]), MOST_READ)), dict[str, str](), 0
    names = {b"TIT2": "title", b"TPE1": "artist", b"TDRC": "date"}
    while at + 10 <= len(data) and data[at]:
        name, size = data[at:at + 4], _unsafe(data[at + 4:at + 8])
        body = data[at + 10:at + 10 + size]
        if name in names:
            found[names[name]] = body[1:].decode("utf-8", "replace").rstrip("\0")
        elif name == b"COMM":
            found["comment"] = body[4:].partition(b"\0")[2].decode("utf-8", "replace")
        elif name == b"TXXX" and body[1:].startswith(b"DigitalSourceType\0"):
            found["source_type"] = body[1:].partition(b"\0")[2].decode("utf-8", "replace")
        at += 10 + size
    return found


_WRITERS = {".wav": _write_wav, ".flac": _write_flac, ".ogg": _write_ogg, ".mp3": _write_mp3}
