"""The real window on a 4096 x 4096 canvas with 10 layers: frames while painting, panning and zooming; undo; memory.

A frame is what the window's thread computes from the pen events of a 60th of a second (the pen reports 200 a second)
until the screen shows them, repaint included, or from one move of the view. That thread waits for nothing, so its CPU
time is given: what else the machine does changes it little.
"""

from __future__ import annotations

import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks._paintings import LAYERS, SIDE, document
from benchmarks.common import percentiles, report

RATE = 200
"""Pen events a second."""
FRAME_MS = 1000 / 60
FRAMES = 150
VIEWS = 90
"""Frames of each kind of move of the view."""
STROKES = 12
SIZE = (1600, 1000)
BUDGET = "painting: p99 under 16 ms a frame; memory under 1.6 x the document's pixels"


def pen_events(frames: int, at: Callable[[float], tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """Places of the pen, frame by frame. at: seconds -> document px."""
    event = 0
    for frame in range(frames):
        points = []
        while event * 1000 / RATE < (frame + 1) * FRAME_MS:
            points.append(at(event / RATE))
            event += 1
        yield points


class Window:
    """The studio's window with one large canvas."""

    def __init__(self, home: str) -> None:
        from PySide6.QtWidgets import QApplication

        from studio.app import Studio
        from studio.settings import Paths
        from studio.shots import Pen, wait

        self.app = QApplication([])
        self.studio = Studio(self.app, Paths.from_env())
        self.studio.desk.open_project(Paths.from_env().data / "bench.pieria", create=True)
        self.studio.window.resize(*SIZE)
        self.studio.window.show()
        self.studio.desk.go("canvas")
        self.canvas = self.studio.window.workbench.canvas
        self.document = self.canvas.document
        wait(lambda: bool(self.studio.desk.session.discovery.generators) and not self.document.closed_because)
        self.wait, self.pen = wait, Pen(self.canvas)

    def load(self) -> float:
        """Show the document; how many bytes of memory that took."""
        import psutil

        process = psutil.Process()
        before, picture = process.memory_info().rss, document()
        self.canvas.load(picture, "Large")
        self.rest()
        return float(process.memory_info().rss - before)

    def rest(self) -> None:
        self.wait(lambda: self.canvas.view.settled and not self.document.busy)

    def show(self) -> None:
        """Until the screen shows what is there."""
        self.app.processEvents()
        while not self.canvas.view.settled:
            self.app.processEvents()

    def timed(self, act: Callable[[], object], show: Callable[[], None]) -> float:
        """Milliseconds of this thread."""
        begun = time.thread_time()
        act()
        show()
        return (time.thread_time() - begun) * 1000

    # ------------------------------------------------------------ measured

    def painting(self, diameter: int) -> dict[str, float]:
        """Strokes over what the window shows, at up to 2,500 px a second."""
        self.canvas.set_tool("brush")
        self.canvas.state.set_brush("brush", size=diameter, hardness=0.8, opacity=1.0)
        seen = self.canvas.view.camera.to_document(self.canvas.view.centre())
        reach = 0.4 * self.canvas.view.area().height() / self.canvas.scale()

        def place(t: float) -> tuple[float, float]:
            return seen.x() + reach * math.sin(1.7 * t), seen.y() + reach * math.sin(2.3 * t)

        def send(points: list[tuple[float, float]], down: list[bool]) -> None:
            for x, y in points:
                if down:
                    self.pen.move(x, y, 0.6 + 0.4 * math.sin(x / 90))
                else:
                    self.pen.press(x, y)
                    down.append(True)

        frames, down = [], []
        for points in pen_events(FRAMES, place):
            frames.append(self.timed(lambda points=points: send(points, down), self.show))
        frames.append(self.timed(lambda: self.pen.lift(*place(FRAMES / 60)), self.show))
        self.rest()
        return percentiles(frames)

    def looking(self) -> dict[str, Any]:
        """Moves of the view at 100 %, and zooms from there until the whole canvas is seen and back."""
        from PySide6.QtCore import QPointF

        view, once = self.canvas.view, self.app.processEvents
        self.canvas.zoom_to_100()
        self.rest()
        pans = [self.timed(lambda n=n: view.pan(QPointF(24 * math.cos(n / 20), 18 * math.sin(n / 14))), once)
                for n in range(VIEWS)]
        self.rest()
        zooms = []
        for by in [1 / 1.05] * VIEWS + [1.05] * VIEWS:
            zooms.append(self.timed(lambda by=by: view.zoom_at(view.centre(), view.camera.scale * by), once))
        self.rest()
        turns = [self.timed(lambda n=n: view.turn(n * 2.0), once) for n in range(VIEWS)]
        view.turn(0.0)
        self.rest()
        return {"pan_ms": percentiles(pans), "zoom_ms": percentiles(zooms), "turn_ms": percentiles(turns)}

    def undo(self) -> dict[str, Any]:
        """Strokes of half a second, all undone and redone; what one keeps."""
        self.canvas.state.set_brush("brush", size=64)
        before = self.document.history.nbytes
        for n in range(STROKES):
            self.pen.stroke([(1200 + n * 90 + 6 * i, 1400 + 300 * math.sin(i / 25)) for i in range(100)])
            self.show()
        kept = (self.document.history.nbytes - before) / STROKES
        steps = [self.timed(self.canvas.undo, self.show) for _ in range(STROKES)]
        steps += [self.timed(self.canvas.redo, self.show) for _ in range(STROKES)]
        return {"undo_ms": percentiles(steps), "undo_kib_of_a_stroke": round(kept / 1024, 1)}

    def close(self) -> None:
        self.studio.window.close()
        self.app.processEvents()


def measure(home: str) -> dict[str, Any]:
    window = Window(home)
    grown = window.load()
    pixels = SIDE * SIDE * 4 * LAYERS
    figures: dict[str, Any] = {"document": f"{SIDE} x {SIDE}, {LAYERS} layers", "window": "{} x {}".format(*SIZE),
                               "pen": f"{RATE} events a second"}
    for name, look in (("at 100 %", window.canvas.zoom_to_100), ("whole canvas", window.canvas.zoom_to_fit)):
        look()
        window.rest()
        for diameter in (64, 512):
            figures[f"painting, {diameter} px, {name}, ms"] = window.painting(diameter)
    figures |= window.looking() | window.undo()
    figures["document_over_pixels"] = round(window.document.picture.nbytes / pixels, 3)
    figures["window_memory_over_pixels"] = round(grown / pixels, 2)
    window.close()
    return figures


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["PIERIA_HOME"] = home
        os.makedirs(os.path.join(home, "data"))  # noqa: PTH103, PTH118
        figures = measure(home)
    report("canvas_view", figures, BUDGET)


if __name__ == "__main__":
    main()
