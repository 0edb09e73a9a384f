"""`studio` and `studio open FILE`: the window."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from studio.cli.output import CommandError, Output


def open_window(arguments: argparse.Namespace, _: Output) -> int:
    if not has_screen():
        raise CommandError("There is no screen here; `studio demo` makes a picture and a story without one, and "
                           "`studio --help` lists the commands.", kind="screen")
    file = getattr(arguments, "file", None)
    if file is not None and not Path(file).expanduser().is_file():
        raise CommandError(f"There is no file {file}.", kind="project", field="FILE")
    from studio.app import main

    return int(main([file] if file is not None else []) or 0)


def has_screen() -> bool:
    """False on a Unix without a display server, unless Qt was told to draw without one."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
