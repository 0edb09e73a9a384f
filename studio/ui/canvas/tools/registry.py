"""The tools there are: every module of this package is looked through, so that adding a tool is adding a file."""

from __future__ import annotations

import importlib
import pkgutil

import studio.ui.canvas.tools as package
from studio.ui.canvas.tools.base import Tool


def tool_classes() -> list[type[Tool]]:
    """All tools in the order of the strip: those of one group one after the other, the one shown at first in front."""
    found: set[type[Tool]] = set()
    for module in pkgutil.iter_modules(package.__path__):
        loaded = importlib.import_module(f"{package.__name__}.{module.name}")
        found.update(thing for thing in vars(loaded).values()
                     if isinstance(thing, type) and issubclass(thing, Tool) and vars(thing).get("id"))
    return sorted(found, key=lambda tool: tool.order)
