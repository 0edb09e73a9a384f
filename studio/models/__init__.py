"""What weights exist, where they come from, under which licence, with which hash.

The names below are imported when they are first used: the window's start must not wait for the catalogue's parser.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from studio.models.errors import InstallStopped, ModelDamaged, ModelError, ModelNotInstalled, PackError, UnsafeFile
from studio.models.model import Model

if TYPE_CHECKING:
    from studio.models.install import InstallProgress
    from studio.models.library import Library, Offer

__all__ = ["InstallProgress", "InstallStopped", "Library", "Model", "ModelDamaged", "ModelError", "ModelNotInstalled",
           "Offer", "PackError", "UnsafeFile"]

_LATER = {"InstallProgress": "install", "Library": "library", "Offer": "library"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
