"""Look at a weight file before anything reads it: whole, of the format its name says, and unable to run code.

Formats: safetensors (an 8-byte little-endian header length, a JSON header with offsets, then the tensors) and GGUF.
Pickles are refused from everywhere, whatever they are called: unpickling runs code.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from studio.models.errors import UnsafeFile

PICKLE_SUFFIXES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"})
WEIGHT_SUFFIXES = frozenset({".safetensors", ".gguf", ".onnx", ".ncnn", ".tflite", ".h5"})
MAX_HEADER = 100_000_000
"""Longest safetensors header, in bytes, that the format allows."""
WIDTHS = {"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2, "I32": 4,
          "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8}


def check(path: Path) -> None:
    """Raise `UnsafeFile` (one sentence) unless `path` may be handed to a model library.

    Only the header is read, so this takes a millisecond for a file of any size.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise UnsafeFile(f"{path.name} cannot be read ({error.strerror}); check its permissions.") from error
    if size == 0:
        raise UnsafeFile(f"{path.name} is empty (0 bytes); download it again.")
    if looks_pickled(head):
        raise UnsafeFile(f"{path.name} is a Python pickle, which can run code when it is opened; "
                         "get the model in safetensors or GGUF format.")
    suffix = path.suffix.lower()
    if suffix == ".safetensors":
        _check_safetensors(path, size)
    elif suffix == ".gguf":
        _check_gguf(path, head, size)
    elif suffix in PICKLE_SUFFIXES and not is_ctranslate2(head):
        raise UnsafeFile(f"{path.name} is of a format that can run code when it is opened; "
                         "get the model in safetensors or GGUF format.")


def looks_pickled(head: bytes) -> bool:
    """True for the first bytes of a pickle (protocol 0 to 5) and of a zip, which is how torch wraps its pickles."""
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= MAX_HEADER:
        return False  # the length of a safetensors header may happen to spell a pickle's first opcodes
    if head[:4] == b"PK\x03\x04":
        return True
    if len(head) >= 2 and head[0] == 0x80 and 2 <= head[1] <= 5:
        return True
    return head[:2] in (b"(l", b"(d", b"(i", b"cp", b"c_") or head[:3] in (b"cos", b"cno", b"cbu", b"]q\x00", b"}q\x00")


def is_ctranslate2(head: bytes) -> bool:
    """True for the first bytes of a CTranslate2 model, whose file must be called model.bin and holds plain tensors: a
    version as uint32, the length of a name as uint16, and that name, which ends with "Spec" and a zero."""
    version, length = int.from_bytes(head[:4], "little"), int.from_bytes(head[4:6], "little")
    return 2 <= version <= 16 and 5 < length < 64 and head[6:16].rstrip(b"\0").isalpha()


def _damaged(path: Path, what: str) -> UnsafeFile:
    return UnsafeFile(f"{path.name} is damaged ({what}); download it again.")


def _check_safetensors(path: Path, size: int) -> None:
    if size < 10:
        raise _damaged(path, "it ends inside its header")
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > MAX_HEADER or length < 2:
            raise _damaged(path, "it is no safetensors file")
        if 8 + length > size:
            raise _damaged(path, "it ends inside its header")
        try:
            header = json.loads(file.read(length))
        except (ValueError, RecursionError) as error:
            raise _damaged(path, "its header cannot be read") from error
    if not isinstance(header, dict):
        raise _damaged(path, "its header cannot be read")
    end = _end_of_tensors(path, header)
    if 8 + length + end > size:
        raise _damaged(path, f"{8 + length + end - size:,} bytes are missing at its end")
    if 8 + length + end < size:
        raise _damaged(path, "it holds more than its header says")


def _end_of_tensors(path: Path, header: dict[str, Any]) -> int:
    """Byte offset, after the header, where the last tensor ends; every tensor is checked on the way."""
    spans: list[tuple[int, int]] = []
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        try:
            start, stop = entry["data_offsets"]
            count = 1
            for side in entry["shape"]:
                count *= side
            width = WIDTHS.get(entry["dtype"])
            good = 0 <= start <= stop and all(isinstance(side, int) and side >= 0 for side in entry["shape"])
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(path, "its header cannot be read") from error
        if not good or (width is not None and stop - start != count * width):
            raise _damaged(path, "its header contradicts itself")
        spans.append((start, stop))
    spans.sort()
    if any(start != before for (start, _), before in zip(spans, [0, *(stop for _, stop in spans)], strict=False)):
        raise _damaged(path, "its tensors overlap or leave holes")
    return spans[-1][1] if spans else 0


def _check_gguf(path: Path, head: bytes, size: int) -> None:
    if head[:4] != b"GGUF"[: len(head)]:
        raise _damaged(path, "it is no GGUF file")
    if size < 24:
        raise _damaged(path, "it ends inside its header")
    (version,) = struct.unpack("<I", head[4:8])
    if not 2 <= version <= 3:
        raise UnsafeFile(f"{path.name} has GGUF version {version}; Pieria reads versions 2 and 3.")
    from studio.models.gguf import tensor_end

    try:
        end = tensor_end(path)
    except (ValueError, struct.error, EOFError) as error:
        raise _damaged(path, "its header cannot be read") from error
    if end > size:
        raise _damaged(path, f"{end - size:,} bytes are missing at its end")
