"""One set of weights for all generators of this plugin: the host loads each generator, the weights only once."""

from __future__ import annotations

import threading
from typing import Any
from weakref import WeakValueDictionary

from plugins_builtin.language.backend import Backend
from studio.plugins import Context, Device, Generator, GeneratorError, ModelFiles

_Key = tuple[Any, ...]

_loaded: WeakValueDictionary[_Key, Any] = WeakValueDictionary()
"""Held weakly: weights go when the last generator that uses them is unloaded, whether or not it said goodbye."""
_lock = threading.Lock()


def borrow(files: ModelFiles, device: Device) -> Backend:
    """The backend of these weights on this device, loaded now if no generator has it. Raises `GeneratorError`."""
    key = (str(files.path.resolve()), files.sha256, _stamp(files), device.type, device.dtype, device.threads)
    with _lock:
        found: Backend | None = _loaded.get(key)
        if found is None:
            found = _load(files, device)
            _loaded[key] = found
        return found


def _stamp(files: ModelFiles) -> int:
    try:
        return files.path.stat().st_mtime_ns
    except OSError:
        return 0


def _load(files: ModelFiles, device: Device) -> Backend:
    if files.kind == "gguf" or files.path.suffix == ".gguf":
        from plugins_builtin.language.llama_cpp import LlamaCpp

        return LlamaCpp(files, device)
    from plugins_builtin.language.causal import CausalLM

    return CausalLM(files, device)


class Speaker(Generator):
    """Base of the generators here: holds the borrowed weights."""

    _borrowed: Backend | None = None

    def load(self, ctx: Context) -> None:
        """Bring the model in. Raises `GeneratorError` where its files are missing or broken."""
        ctx.check()
        self._borrowed = borrow(ctx.model("model"), ctx.device)

    def unload(self) -> None:
        self._borrowed = None

    @property
    def backend(self) -> Backend:
        if self._borrowed is None:
            raise GeneratorError("The language model is not loaded.")
        return self._borrowed
