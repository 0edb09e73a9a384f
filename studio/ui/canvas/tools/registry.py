"""The tools there are: every module of this package is looked through, so that adding a tool is adding a file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

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


def groups(classes: list[type[Tool]]) -> list[list[type[Tool]]]:
    """The slots of the strip: tools that share a group share one."""
    slots: dict[str, list[type[Tool]]] = {}
    for tool in classes:
        slots.setdefault(tool.group or tool.id, []).append(tool)
    return list(slots.values())


def tool_for_key(classes: list[type[Tool]], letter: str, current: str,
                 shown: Mapping[str, str] | None = None) -> str | None:
    """Which tool a letter takes to hand: of a group the one shown in its slot (`shown`: group to tool id), or the next
    when one of them is in hand already. None where the letter means no tool."""
    same = [tool for tool in classes if tool.key == letter.upper()]
    if not same:
        return None
    ids = [tool.id for tool in same]
    if current in ids:
        return ids[(ids.index(current) + 1) % len(ids)]
    last = (shown or {}).get(same[0].group or same[0].id, "")
    return last if last in ids else ids[0]
