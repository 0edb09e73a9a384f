"""Which models stay loaded: least recently used ones go first when memory is wanted."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil

from studio.plugins import Context, Generator

Key = tuple[str, ...]

RESERVE = 512 * 2**20
"""Bytes that stay free for the window and everything else."""
SHARE = 0.75
"""Of the device's memory, the part that loaded models may take."""


class Memory(Protocol):
    """The memory that models are loaded into, in bytes."""

    def total(self) -> int: ...
    def free(self) -> int: ...
    def used(self) -> int:
        """What this process holds of it."""
    def release(self) -> None:
        """Give what is no longer referenced back to the system."""


class DeviceMemory:
    """VRAM once torch has started CUDA, RAM until then."""

    def _cuda(self) -> Any:
        torch = sys.modules.get("torch")
        return torch.cuda if torch is not None and torch.cuda.is_initialized() else None

    def total(self) -> int:
        cuda = self._cuda()
        return int(cuda.mem_get_info()[1]) if cuda else int(psutil.virtual_memory().total)

    def free(self) -> int:
        cuda = self._cuda()
        return int(cuda.mem_get_info()[0]) if cuda else int(psutil.virtual_memory().available)

    def used(self) -> int:
        cuda = self._cuda()
        return int(cuda.memory_reserved()) if cuda else int(psutil.Process().memory_info().rss)

    def release(self) -> None:
        gc.collect()
        cuda = self._cuda()
        if cuda:
            cuda.empty_cache()
        if sys.platform == "linux":
            with suppress(OSError, AttributeError):  # musl has no malloc_trim
                ctypes.CDLL(None).malloc_trim(0)


@dataclass
class Loaded:
    instance: Generator
    size: int


def key_of(generator: str, models: Mapping[str, Mapping[str, Any]]) -> Key:
    """What tells one loaded set of weights from another: generator and the hashes of its models."""
    weights = (f"{name}={model.get('sha256') or model.get('path', '')}" for name, model in sorted(models.items()))
    return (generator, *weights)


class Residents:
    """The loaded generators.

    Args:
        memory: where they are loaded into.
        log: takes one line for each that is loaded or let go.
    """

    def __init__(self, memory: Memory, log: Callable[[str], None]) -> None:
        self._memory, self._log = memory, log
        self._loaded: OrderedDict[Key, Loaded] = OrderedDict()

    @property
    def keys(self) -> list[Key]:
        """Least recently used first."""
        return list(self._loaded)

    def acquire(self, key: Key, cls: type[Generator], ctx: Context, estimate: int = 0) -> Generator:
        """The instance for `key`, loaded now if it is not yet. Raises what `load` raises, and then keeps nothing of it.

        Args:
            estimate: bytes that it is expected to take.
        """
        if key in self._loaded:
            self._loaded.move_to_end(key)
            return self._loaded[key].instance
        self.make_room(estimate)
        before = self._memory.used()
        instance = cls()
        try:
            instance.load(ctx)
        except BaseException:
            self._unload(key, instance)
            raise
        size = max(self._memory.used() - before, 0)
        self._loaded[key] = Loaded(instance, size)
        self._log(f"loaded {key[0]}: {size / 2**20:.0f} MiB")
        return instance

    def make_room(self, wanted: int) -> None:
        """Let go of the least recently used until `wanted` bytes fit, or none is left."""
        while self._loaded and not self._fits(wanted):
            self.drop(next(iter(self._loaded)))

    def drop(self, key: Key) -> None:
        loaded = self._loaded.pop(key, None)
        if loaded is not None:
            instance = loaded.instance
            del loaded
            self._unload(key, instance)
            del instance
            self._memory.release()

    def drop_all(self, but: Key | None = None) -> None:
        for key in [key for key in self._loaded if key != but]:
            self.drop(key)

    def _fits(self, wanted: int) -> bool:
        held = sum(loaded.size for loaded in self._loaded.values())
        return held + wanted <= SHARE * self._memory.total() and self._memory.free() >= wanted + RESERVE

    def _unload(self, key: Key, instance: Generator) -> None:
        try:
            instance.unload()
        except Exception as error:  # a plugin's unload must not stop the next job
            self._log(f"unload of {key[0]} failed: {type(error).__name__}: {error}")
        self._log(f"let go of {key[0]}")


def size_on_disk(models: Mapping[str, Mapping[str, Any]]) -> int:
    """Bytes of the files of all models: the least that loading them takes."""
    total = 0
    for model in models.values():
        path = Path(str(model.get("path", "")))
        with suppress(OSError):
            if model.get("path") and path.exists():
                files = path.rglob("*") if path.is_dir() else [path]
                total += sum(file.stat().st_size for file in files if file.is_file())
    return total
