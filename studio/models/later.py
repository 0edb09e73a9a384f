"""A library that is made when it is first asked."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.models.library import Library, ModelPaths


class LaterLibrary:
    """Stands for a `Library` without reading the catalogue: the window's first look at its models, on a thread of its
    own, makes the real one. Takes `Library`'s arguments and has its methods."""

    def __init__(self, paths: ModelPaths, folders: Iterable[str | Path] = ()) -> None:
        self._arguments = paths, list(folders)
        self._lock = threading.Lock()
        self._library: Library | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made(), name)

    def _made(self) -> Library:
        with self._lock:
            if self._library is None:
                from studio.models.library import Library

                self._library = Library(*self._arguments)
            return self._library
