"""Process start to a window that takes input, beside the bare start of Python with Qt in the same run.

Once for each workspace that a project may open in.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.common import median, report

ROUNDS = 7
WORKSPACES = ("canvas", "write", "sound")
BARE = "from PySide6.QtWidgets import QApplication, QMainWindow; a = QApplication([]); w = QMainWindow(); w.show(); " \
       "a.processEvents(); print('ready', flush=True)"


def environment(home: str) -> dict[str, str]:
    """That of an installed studio: its bytecode is on the disk from the start before."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PIERIA_HOME": home, "QT_QPA_PLATFORM": "offscreen"}


def opening_in(workspace: str, home: str) -> str:
    """The path of a new project that opens in this workspace."""
    from studio.project import Project

    path = Path(home, f"{workspace}.pieria")
    with Project.create(path) as project:
        project.set_state("workspace", workspace).result()
    return str(path)


def until_ready(command: list[str], home: str) -> float:
    """Seconds from the start of the process to its first line."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                               env=environment(home))
    assert process.stdout is not None
    process.stdout.readline()
    seconds = time.perf_counter() - begun
    process.wait(60)
    return seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        starts = {name: [sys.executable, "-m", "studio.app", opening_in(name, home), "--exit-when-ready"]
                  for name in WORKSPACES}
        for start in starts.values():
            until_ready(start, home)
        seconds: dict[str, list[float]] = {name: [] for name in ("bare_qt", *WORKSPACES)}
        for _ in range(ROUNDS):
            seconds["bare_qt"].append(until_ready([sys.executable, "-c", BARE], home))
            for name, start in starts.items():
                seconds[name].append(until_ready(start, home))
    report("startup", {
        **{f"{name}_seconds": round(median(each), 3) for name, each in seconds.items()},
        "ratio": round(median([a / b for a, b in zip(seconds["canvas"], seconds["bare_qt"], strict=True)]), 2),
    }, "under 1 s, warm disk")


if __name__ == "__main__":
    main()
