"""Event-loop gaps of the real window while a host imports, loads and generates; and what both processes weigh."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.common import library, percentiles, report


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    models = library().root
    with tempfile.TemporaryDirectory() as home:
        data = Path(home, "data")
        data.mkdir()
        if models.is_dir():
            (data / "models").symlink_to(models, target_is_directory=True)
        os.environ["PIERIA_HOME"] = home
        measure(home)


def queued_ms() -> float:
    """How long this thread was ready and other programs had the cores (Linux; 0 elsewhere)."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e6
    except OSError:
        return 0.0


def measure(home: str) -> None:
    import psutil
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from studio.app import SWITCH, Studio, spare
    from studio.garbage import Garbage
    from studio.settings import Paths
    from studio.shots import wait

    app, garbage = QApplication([]), Garbage()
    sys.setswitchinterval(SWITCH)
    studio = Studio(app, Paths.from_env())
    spare(studio, garbage)
    studio.desk.open_project(Path(home, "bench.pieria"), create=True)
    studio.window.resize(1440, 900)
    studio.window.show()
    studio.desk.go("canvas")
    wait(lambda: bool(studio.desk.session.discovery.generators))
    gaps: list[float] = []
    own: list[float] = []
    last = [time.perf_counter(), queued_ms()]

    def tick() -> None:
        now, queued = time.perf_counter(), queued_ms()
        gaps.append((now - last[0]) * 1000)
        own.append(max(0.0, gaps[-1] - (queued - last[1])))
        last[:] = now, queued

    # A tick each millisecond: what the loop is late by is what a key press would have waited.
    timer = QTimer(interval=1)
    timer.timeout.connect(tick)
    timer.start()
    bench = studio.window.workbench
    bench.bar.prompt.set_text("a red apple")
    bench.bar._set_count(4)
    studio.desk.open.generate()
    wait(lambda: studio.desk.session.project.count_results() >= 4)
    timer.stop()
    children = psutil.Process().children(recursive=True)
    report("eventloop", {
        "gap_ms": percentiles(gaps), "gap_ms_without_waiting_for_a_core": percentiles(own),
        "window_rss_mb": round(psutil.Process().memory_info().rss / 1e6),
        "host_rss_mb": round(sum(c.memory_info().rss for c in children) / 1e6),
    }, "p99 under 16 ms, none over 50 ms")
    studio.window.close()
    app.processEvents()


if __name__ == "__main__":
    main()
