"""A 4096 x 4096 canvas with 10 layers in its project file: writing it, opening it, and what one stroke adds."""

from __future__ import annotations

import math
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._paintings import LAYERS, SIDE
from benchmarks.common import median, report
from studio.project import Project
from studio.project.paint import Layer, Picture, Plane
from studio.project.paint.brush import PRESETS
from studio.project.paint.dabs import Sample, Stamps
from studio.project.paint.stroke import Stroke
from studio.project.paint.targets import ColourTarget

STROKES = 10
BUDGET = "a stroke adds no more than its tiles; on disk within 1 s"


def painting() -> Picture:
    """Layers of soft colours with the grain of paper, which is about as hard to pack as painted work; all but the
    rearmost are transparent in places."""
    import cv2

    layers = []
    for number in range(LAYERS):
        rng = np.random.default_rng(number)
        soft = cv2.resize(rng.random((24, 24, 4), np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        grain = rng.normal(0, 0.008, (SIDE, SIDE, 1)).astype(np.float32)
        pixels = (soft + grain).clip(0, 1)
        pixels[..., 3] = 1 if number == 0 else (soft[..., 3] * 3 - 1).clip(0, 1)
        pixels[..., :3] *= pixels[..., 3:]
        plane = Plane.from_array(np.rint(pixels * 255).astype(np.uint8))
        layers.append(Layer(f"layer{number}", f"Layer {number}", plane=plane))
    return Picture(SIDE, SIDE, tuple(layers), active="layer4")


def stroked(picture: Picture, size: float, number: int) -> Picture:
    """A stroke of half a second, 100 events, about 600 px long, each at a place of its own."""
    x, y = 500 + 310 * number, 600 + 290 * number
    samples = [Sample(x + 6 * i, y + 60 * math.sin(i / 16), 0.7, 0, 0, 5 * i) for i in range(100)]
    stroke = Stroke(picture, ColourTarget(picture, (40, 80, 200)), PRESETS[0].with_(size=size), Stamps())
    stroke.add(samples)
    stroke.end()
    return stroke.picture


def size_of(path: Path) -> int:
    """Bytes of the file and what is not yet taken into it."""
    return sum(p.stat().st_size for p in path.parent.glob(path.name + "*"))


def strokes(path: Path, size: float) -> dict[str, Any]:
    """Each stroke is written, then the project is closed and opened again: what the file has grown by."""
    written, grown, seconds, handed, tiles = [], [], [], [], []
    for number in range(STROKES):
        closed = path.stat().st_size
        with Project.open(path) as project:
            name = project.documents("canvas")[0].id
            before = project.paint(name)
            after = stroked(before, size, number)
            opened, begun = size_of(path), time.perf_counter()
            future = project.put_paint(name, before, after)
            handed.append((time.perf_counter() - begun) * 1000)
            future.result()
            seconds.append((time.perf_counter() - begun) * 1000)
            written.append((size_of(path) - opened) / 1024)
            tiles.append(len(after.layer(after.active).plane.changed(before.layer(before.active).plane)))
        grown.append((path.stat().st_size - closed) / 1024)
    return {"tiles": median(tiles), "log_kib": round(median(written), 1), "file_growth_kib": round(median(grown), 1),
            "on_disk_ms": round(median(seconds), 1), "caller_waits_ms": round(median(handed), 2)}


def main() -> None:
    picture = painting()
    pixels = SIDE * SIDE * 4 * LAYERS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large.pieria")
        with Project.create(path) as project:
            name = project.documents("canvas")[0].id
            begun = time.perf_counter()
            project.put_paint(name, None, picture).result()
            whole = time.perf_counter() - begun
        with Project.open(path, read_only=True) as project:
            begun = time.perf_counter()
            project.paint(name)
            opening = time.perf_counter() - begun
        figures = {"document": f"{SIDE} x {SIDE}, {LAYERS} layers", "write_all_seconds": round(whole, 2),
                   "open_seconds": round(opening, 2), "file_over_pixels": round(path.stat().st_size / pixels, 3)}
        for size in (64, 512):
            figures[f"a stroke, {size} px"] = strokes(path, size)
    report("canvas_file", figures, BUDGET)


if __name__ == "__main__":
    main()
