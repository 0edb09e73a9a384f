"""SHA-256 of weights, remembered by (path, size, time of change) so that a gigabyte is read once."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

MODEL_SUFFIXES = frozenset({".safetensors", ".gguf", ".onnx", ".ncnn", ".tflite", ".h5", ".json", ".txt", ".model",
                            ".jinja"})
NOT_THE_MODEL = frozenset({"pack.json", "license.txt", "readme.txt", "report.json", "recipe.json"})
"""Lower-case names of files that lie beside weights and do not change what a model makes."""
CHUNK = 1 << 20


def file_sha256(path: Path, should_stop: Callable[[], bool] | None = None) -> str:
    """Hash of a file's bytes, 64 hexadecimal digits. Raises OSError; InterruptedError when `should_stop` says so."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if should_stop is not None and should_stop():
                raise InterruptedError
            digest.update(chunk)
    return digest.hexdigest()


def model_files(path: Path) -> list[Path]:
    """The files that make up a model, sorted: its parts, or the weights, configuration and vocabulary in a folder."""
    if path.is_file():
        part = re.fullmatch(r"(.+)-00001-of-(\d{5})\.gguf", path.name)
        return sorted(path.parent.glob(f"{glob.escape(part[1])}-*-of-{part[2]}.gguf")) if part else [path]
    found = (p for p in path.rglob("*") if p.suffix.lower() in MODEL_SUFFIXES and p.name.lower() not in NOT_THE_MODEL)
    return sorted(p for p in found
                  if p.is_file() and not any(part.startswith(".") for part in p.relative_to(path).parts))


def joined_sha256(hashes: Mapping[str, str]) -> str:
    """One hash for a folder: that of the text `sha256sum` would print for its files, sorted by relative POSIX path."""
    lines = "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))
    return hashlib.sha256(lines.encode()).hexdigest()


class HashCache:
    """Hashes of files and folders, kept in one JSON file. Safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known: dict[str, list[object]] = {}
        try:
            data = json.loads(path.read_text("utf-8"))
            self._known = {k: v for k, v in data.items() if isinstance(v, list) and len(v) == 3}
        except (OSError, ValueError, AttributeError):
            pass  # it is a cache: an unreadable one is an empty one

    def known(self, path: Path) -> str:
        """The file's hash if it was taken before and the file has not changed since, else ""."""
        stamp = path.stat()
        entry = self._known.get(str(path))
        return str(entry[2]) if entry and entry[:2] == [stamp.st_size, stamp.st_mtime_ns] else ""

    def remember(self, path: Path, sha256: str) -> None:
        stamp = path.stat()
        with self._lock:
            self._known[str(path)] = [stamp.st_size, stamp.st_mtime_ns, sha256]

    def model(self, path: Path) -> str:
        """Hash of a model: of the file's bytes, or for a folder `joined_sha256` over its files. Raises OSError."""
        fresh = False
        hashes: dict[str, str] = {}
        for file in model_files(path):
            name = _name(file, path)
            hashes[name] = self.known(file)
            if not hashes[name]:
                hashes[name] = file_sha256(file)
                self.remember(file, hashes[name])
                fresh = True
        if fresh:
            self.save()
        return _one(hashes, path)

    def model_if_known(self, path: Path) -> str:
        """As `model`, or "" where a file would have to be read for it."""
        hashes = {_name(f, path): self.known(f) for f in model_files(path)}
        if not hashes or not all(hashes.values()):
            return ""
        return _one(hashes, path)

    def save(self) -> None:
        with self._lock:
            text = json.dumps(self._known)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
            temporary.write_text(text, "utf-8")
            temporary.replace(self._path)


def _name(file: Path, model: Path) -> str:
    return file.name if model.is_file() else file.relative_to(model).as_posix()


def _one(hashes: Mapping[str, str], model: Path) -> str:
    return next(iter(hashes.values())) if model.is_file() and len(hashes) == 1 else joined_sha256(hashes)
