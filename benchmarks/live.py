"""Painting live in the real window: from the end of a stroke to the picture that the machine makes of it, beside what
the host takes for that picture alone."""

from __future__ import annotations

import math
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.common import library, median, percentiles, report

STROKES = 12
SIDE = 256
BUDGET = "stroke end to new picture: at most 1.2 x the host's own time for it + 0.1 s"


def measure(home: str) -> dict[str, Any]:
    from PySide6.QtCore import QRect
    from PySide6.QtWidgets import QApplication

    from studio.app import Studio
    from studio.engine.job import Event, Finished, Job
    from studio.settings import Paths
    from studio.shots import Pen, wait

    app = QApplication([])
    studio = Studio(app, Paths.from_env())
    studio.desk.open_project(Path(home, "bench.pieria"), create=True)
    studio.window.resize(1440, 900)
    studio.window.show()
    studio.desk.go("canvas")
    bench, session = studio.window.workbench, studio.desk.session
    canvas, live, pen = bench.canvas, bench.live, Pen(bench.canvas)
    wait(lambda: bool(session.discovery.generators) and not canvas.document.closed_because)
    host: list[float] = []

    def heard(event: Event, _job: Job) -> None:
        if isinstance(event, Finished):
            host.append(event.seconds)

    session.event.connect(heard)
    bench.shelf.set_size(SIDE, SIDE)
    canvas.set_frame_rect(QRect(0, 0, SIDE, SIDE))
    canvas.set_tool("brush")
    canvas.state.set_brush("brush", size=40)
    bench.bar.prompt.set_text("a red apple")
    pen.stroke([(60 + 8 * n, 128 + 40 * math.sin(n / 3)) for n in range(17)])
    live.set_on(True)
    wait(lambda: live.shown is not None and not live.working)
    host.clear()
    seconds = []
    for number in range(STROKES):
        before = live.picture
        pen.stroke([(50 + 6 * n, 60 + 12 * number) for n in range(25)])
        begun = time.perf_counter()
        wait(lambda before=before: live.shown is not None and live.shown is not before
             and not live.shown.image.isNull() and not live.working)
        seconds.append(time.perf_counter() - begun)
    kept = session.project.count_results()
    studio.window.close()
    app.processEvents()
    return {"stroke_to_picture_seconds": percentiles(seconds), "host_seconds": percentiles(host),
            "ratio": round(median(seconds) / median(host), 2),
            "added_ms": round((median(seconds) - median(host)) * 1000), "pictures_kept_unasked": kept}


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    models = library().root
    with tempfile.TemporaryDirectory() as home:
        data = Path(home, "data")
        data.mkdir()
        if models.is_dir():
            (data / "models").symlink_to(models, target_is_directory=True)
        os.environ["PIERIA_HOME"] = home
        figures = measure(home)
    report("live", figures, BUDGET)


if __name__ == "__main__":
    main()
