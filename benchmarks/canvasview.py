"""The canvas view over 4096 x 4096 pixels in 10 layers: frames while panning, zooming, turning and painting, and how
long it takes until a picture that was just opened is seen whole.

Frames are given as the CPU time of the window's thread from the pointer's events to the end of the repaint: what else
the machine does changes that little. Painting is the real brush, 200 pen events a second at 60 frames a second.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from benchmarks._paintings import BATCH, LAYERS, SIDE, document
from benchmarks.common import percentiles, report
from studio.ui.canvas.pane import CanvasPane
from studio.ui.canvas.tools.base import PointerEvent
from studio.ui.theme import Theme, load_fonts
from studio.ui.thumbnails import ImageLoader

FRAMES = 120
WINDOW = (1440, 900)
BUDGET = "every frame: p99 under 16 ms"


def frame(app: QApplication) -> float:
    """Milliseconds of CPU time of one turn of the event loop, repaint included."""
    begun = time.thread_time()
    app.processEvents()
    return (time.thread_time() - begun) * 1000


def settle(app: QApplication, pane: CanvasPane) -> tuple[list[float], float]:
    """Turns of the event loop until everything is seen as it is; their CPU milliseconds, and the seconds in all."""
    begun, turns = time.perf_counter(), [frame(app)]
    while not pane.view.settled:
        turns.append(frame(app))
    return turns, time.perf_counter() - begun


def moved(app: QApplication, pane: CanvasPane, move: Callable[[int], object]) -> dict[str, float]:
    out = []
    for number in range(FRAMES):
        move(number)
        out.append(frame(app))
    settle(app, pane)
    return percentiles(out)


def pen(pane: CanvasPane) -> Iterator[PointerEvent]:
    """Pen events along a curve over the window."""
    number = 0
    while True:
        at = QPointF(700 + 400 * math.cos(number / 60), 420 + 260 * math.sin(number / 37))
        yield PointerEvent(pane.view.camera.to_document(at), at, pressure=0.7, time=number * 5)
        number += 1


def painted(app: QApplication, pane: CanvasPane, diameter: int, scale: float) -> dict[str, float]:
    """Frames of one long stroke."""
    view = pane.view
    pane.set_tool("brush")
    pane.state.set_brush("brush", size=diameter)
    view.look_at(QPointF(SIDE / 2, SIDE / 2), scale)
    settle(app, pane)
    tool, events, out = view.tool, pen(pane), []
    if tool is None:
        raise RuntimeError("the brush did not come to hand")
    view.feed.press(tool, next(events))
    for _ in range(FRAMES):
        for _ in range(BATCH):
            view.feed.move(tool, next(events))
        out.append(frame(app))
    view.feed.release(next(events))
    settle(app, pane)
    return percentiles(out)


def main() -> None:
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication([])
    load_fonts()
    loader = ImageLoader(lambda _: b"")
    pane = CanvasPane(Theme("dark", reduced_motion=True), loader)
    pane.resize(*WINDOW)
    pane.show()
    view = pane.view
    figures: dict[str, Any] = {"document": f"{SIDE} x {SIDE}, {LAYERS} layers"}
    pane.load(document())
    turns, seconds = settle(app, pane)
    figures |= {"open_to_seen_whole_s": round(seconds, 2), "open_turn_ms": percentiles(turns)}
    middle = QPointF(WINDOW[0] / 2, WINDOW[1] / 2)
    moves: dict[str, Callable[[int], Any]] = {
        "pan_fit_ms": lambda n: view.pan(QPointF(5 if n % 2 else -5, 3)),
        "zoom_ms": lambda n: view.zoom_at(middle, 0.15 * 1.03 ** n),
        "pan_ms": lambda n: view.pan(QPointF(-9, 4 if n % 2 else -4)),
        "turn_ms": lambda n: view.turn(n * 3.0),
    }
    for name, move in moves.items():
        figures[name] = moved(app, pane, move)
    pane.reset_turn()
    for diameter in (64, 512):
        figures[f"brush_{diameter}px_ms"] = painted(app, pane, diameter, 1.0)
    figures["brush_512px_zoomed_out_ms"] = painted(app, pane, 512, 0.25)
    report("canvasview", figures, BUDGET)
    pane.close_document()
    loader.close()


if __name__ == "__main__":
    main()
