"""The canvas with 4096 x 4096 pixels and 10 layers: composition against QPainter, the tiles of a stroke, memory, undo.

Composition is also given as a ratio to a bare QPainter loop that draws the same tiles in the same run. All of it runs
on one thread and waits for nothing, so its times are that thread's CPU time: what else the machine does changes them
little.
"""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtGui import QImage, QPainter

from benchmarks._paintings import LAYERS, SIDE, dab, document, painted, stroke
from benchmarks.common import median, percentiles, report
from studio.project.paint import TILE, History, Picture, edit, to_qimage
from studio.project.paint.compositor import Compositor

ROUNDS = 5
FRAMES = 150
BUDGET = "recomposing the tiles of one event batch: p99 under 16 ms; document under 1.6 x its pixels"


def bare(picture: Picture) -> None:
    """Every tile of every layer drawn by QPainter, and nothing else."""
    planes = [layer.plane for layer in picture.layers]
    for key in picture.rect.tiles():
        image = QImage(TILE, TILE, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        for plane in planes:
            painter.drawImage(0, 0, to_qimage(plane.tiles[key]))
        painter.end()


def composed(picture: Picture) -> Compositor:
    compositor = Compositor()
    for column, row in compositor.show(picture):
        compositor.tile(column, row)
    return compositor


def seconds(work: Any, *arguments: Any) -> float:
    begun = time.thread_time()
    work(*arguments)
    return time.thread_time() - begun


def composition(picture: Picture) -> dict[str, Any]:
    ours, plain = [], []
    for _ in range(ROUNDS):
        plain.append(seconds(bare, picture))
        ours.append(seconds(composed, picture))
    return {"compose_all_over_qpainter": round(median([a / b for a, b in zip(ours, plain, strict=True)]), 2),
            "compose_all_ms": round(median(ours) * 1000, 1), "qpainter_ms": round(median(plain) * 1000, 1)}


def strokes(picture: Picture, name: str) -> dict[str, Any]:
    """Milliseconds to compose what one event batch (20 ms of pen) has changed, for two brushes."""
    figures: dict[str, Any] = {}
    for diameter in (64, 512):
        compositor, tip, live = composed(picture), dab(diameter), picture
        compose = []
        for points in stroke(FRAMES):
            layer = live.layer(live.active)
            live = live.replace(layer.with_(plane=painted(layer.plane, tip, points, (40, 80, 200))))
            begun = time.thread_time()
            for column, row in compositor.show(live):
                compositor.tile(column, row)
            compose.append((time.thread_time() - begun) * 1000)
        figures[f"{name}_{diameter}px_compose_ms"] = percentiles(compose)
    return figures


def memory(picture: Picture) -> dict[str, Any]:
    """Bytes over width x height x 4 x layers, of the document alone and with what the compositor keeps."""
    pixels = picture.width * picture.height * 4 * len(picture.layers)
    return {"document_over_pixels": round(picture.nbytes / pixels, 3),
            "with_compositor_over_pixels": round((picture.nbytes + composed(picture).nbytes) / pixels, 3)}


def undo(picture: Picture) -> dict[str, Any]:
    """Fifty strokes of 25 batches, then all undone and redone, each step shown; and what one step keeps."""
    tip, history, compositor = dab(64), History(picture), composed(picture)
    batches = list(stroke(50 * 25))
    push: list[float] = []
    for step in range(50):
        layer = history.picture.layer(picture.active)
        plane = layer.plane
        for points in batches[step * 25:step * 25 + 25]:
            plane = painted(plane, tip, points, (step * 5, 90, 200))
        after = edit.put_plane(history.picture, layer.id, plane)
        push.append(seconds(history.push, "Brush", after) * 1000)
    compositor.show(history.picture)
    steps: list[float] = []
    for move in (history.undo, history.redo):
        while True:
            begun = time.thread_time()
            found = move()
            if found is None:
                break
            for column, row in compositor.show(found):
                compositor.tile(column, row)
            steps.append((time.thread_time() - begun) * 1000)
    return {"undo_step_ms": percentiles(steps), "history_push_ms": percentiles(push),
            "undo_kib_of_a_stroke": round(history.nbytes / 1024 / 50, 1)}


def main() -> None:
    picture = document()
    figures = {"document": f"{SIDE} x {SIDE}, {LAYERS} layers", **composition(picture), **strokes(picture, "normal")}
    figures |= strokes(edit.set_props(picture, picture.layers[-1].id, blend="luminosity"), "luminosity_above")
    report("canvas", {**figures, **memory(picture), **undo(picture)}, BUDGET)


if __name__ == "__main__":
    main()
