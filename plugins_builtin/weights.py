"""Checks of weight files that every family needs: a broken file is named in a sentence before a loader trips over it.

Format: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import json
from pathlib import Path

from studio.plugins import GeneratorError, ModelFiles

_LONGEST_HEADER = 100_000_000


def broken_safetensors(path: Path) -> str:
    """What is wrong with a safetensors file, as the end of a sentence; "" where its frame is sound."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            length = int.from_bytes(start, "little")
            if size == 0:
                return "is empty"
            if len(start) < 8 or not 2 <= length <= _LONGEST_HEADER:
                return "is not a safetensors file"
            if 8 + length > size:
                return "is cut short"
            header = json.loads(file.read(length))
        ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
    except OSError:
        return "cannot be read"
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return "is not a safetensors file"
    if 8 + length + max(ends, default=0) > size:
        return "is cut short"
    return ""


def check_folder(files: ModelFiles) -> None:
    """Raise `GeneratorError`, naming model and file, where the folder is missing or a safetensors in it is broken."""
    if not files.path.is_dir():
        raise GeneratorError(f"The model {files.name} cannot be loaded: its folder is missing. Install it again.")
    for path in sorted(files.path.rglob("*.safetensors")):
        wrong = broken_safetensors(path)
        if wrong:
            name = path.relative_to(files.path).as_posix()
            raise GeneratorError(f"The model {files.name} cannot be loaded: {name} {wrong}. Install it again.")


def first_line(error: BaseException) -> str:
    """The first line of an error, short enough for a sentence."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")[:200]


def quiet() -> None:
    """Silence transformers: its warnings quote prompts, which must not reach a log, and its progress bars fill it."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
