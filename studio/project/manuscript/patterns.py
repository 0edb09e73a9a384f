"""Regular expressions that are compiled when they are first used: those with letters of all scripts take 5 to 8 ms,
and the start of the window needs none of them."""

from __future__ import annotations

import re
from typing import Any, cast


class _Later:
    def __init__(self, source: str, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, found)
        return found


def later(source: str, flags: int = 0) -> re.Pattern[str]:
    """Has the methods of a compiled pattern."""
    return cast("re.Pattern[str]", _Later(source, flags))
