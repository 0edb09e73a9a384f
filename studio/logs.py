"""The studio's log: one rotating file; standard error too where somebody looks at it."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
MAX_BYTES = 1_000_000
BACKUPS = 3


def set_up(path: Path, *, verbose: bool = False) -> Callable[[], None]:
    """Send the log of this process to `path` (1 MB, three older ones kept). verbose: debug level, and stderr as well.

    A folder that cannot be written to costs the log, never the start. Returns a function that ends it again.
    """
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)] if verbose else []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.handlers.RotatingFileHandler(path, maxBytes=MAX_BYTES, backupCount=BACKUPS,
                                                             encoding="utf-8", errors="replace", delay=True))
    except OSError as error:
        print(f"There will be no log: {path.parent} cannot be written to ({error.strerror}).", file=sys.stderr)
        handlers.append(logging.NullHandler())
    for handler in handlers:
        handler.setFormatter(logging.Formatter(FORMAT))
        root.addHandler(handler)

    def end() -> None:
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)

    return end


def tail(path: Path, lines: int = 200) -> list[str]:
    """The last lines of the log, oldest first; empty where there is none."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=lines)]
    except OSError:
        return []
