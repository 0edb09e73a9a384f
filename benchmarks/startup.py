"""Process start to a window that takes input, beside the bare start of Python with Qt in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from benchmarks.common import median, report

ROUNDS = 7
BARE = "from PySide6.QtWidgets import QApplication, QMainWindow; a = QApplication([]); w = QMainWindow(); w.show(); " \
       "a.processEvents(); print('ready', flush=True)"


def environment(home: str) -> dict[str, str]:
    """That of an installed studio: its bytecode is on the disk from the start before."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PIERIA_HOME": home, "QT_QPA_PLATFORM": "offscreen"}


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
        project = os.path.join(home, "start.pieria")  # noqa: PTH118
        studio = [sys.executable, "-m", "studio.app", project, "--exit-when-ready"]
        bare = [sys.executable, "-c", BARE]
        until_ready(studio, home)
        pairs = [(until_ready(studio, home), until_ready(bare, home)) for _ in range(ROUNDS)]
    report("startup", {
        "studio_seconds": round(median([a for a, _ in pairs]), 3),
        "bare_qt_seconds": round(median([b for _, b in pairs]), 3),
        "ratio": round(median([a / b for a, b in pairs]), 2),
    }, "under 1 s, warm disk")


if __name__ == "__main__":
    main()
