"""Weights on this machine, as everybody sees them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Model:
    """Weights on this machine.

    Attributes:
        kind: layout, as `ModelField` names it: "stable-diffusion", "gguf", "causal-lm".
        path: the file or folder that a generator opens.
        size: bytes on disk.
        sha256: see `HashCache.model`; "" until somebody resolved the model or installed it.
        licence: SPDX expression, "" if not known (a folder of the person's own).
        source: "bundled", "installed" or "folder".
        problem: one sentence if it cannot be used, else "".
    """

    name: str
    title: str
    kind: str
    path: Path
    size: int
    sha256: str = ""
    licence: str = ""
    summary: str = ""
    source: str = "installed"
    default: bool = False
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"path": str(self.path)}
