"""The brush on a 4096 x 4096 picture with 10 layers: what one frame of a pen at 200 events a second costs.

`engine` is the brush alone (dabs, buffer, new tiles, new picture), `shown` adds composing the tiles that changed. One
thread, its CPU time: what else the machine does changes it little.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

from benchmarks._paintings import LAYERS, SIDE, document
from benchmarks.common import percentiles, report
from studio.project.paint.brush import PRESETS, Brush
from studio.project.paint.compositor import Compositor
from studio.project.paint.dabs import Sample, Stamps
from studio.project.paint.picture import Picture
from studio.project.paint.selecting import ellipse, select_path
from studio.project.paint.stroke import Stroke
from studio.project.paint.targets import ColourTarget, MaskTarget, Target

RATE = 200
"""Pen events a second."""
FRAME_MS = 1000 / 60
FRAMES = 240
BUDGET = "a frame, shown: p99 under 16 ms with 64 px and with 512 px"


def frames(count: int) -> Iterator[list[Sample]]:
    """What the pen did in each frame: a curve at up to 4,000 pixels a second, with pressure that rises and falls."""
    event = 0
    for frame in range(count):
        samples = []
        while event * 1000 / RATE < (frame + 1) * FRAME_MS:
            t = event / RATE
            samples.append(Sample(SIDE * (0.5 + 0.38 * math.sin(1.7 * t)), SIDE * (0.5 + 0.38 * math.sin(2.3 * t)),
                                  0.55 + 0.45 * math.sin(9 * t), 20, 10, t * 1000))
            event += 1
        yield samples


def measured(picture: Picture, target: Target, brush: Brush) -> dict[str, Any]:
    """Milliseconds a frame."""
    compositor = Compositor()
    for column, row in compositor.show(picture):
        compositor.tile(column, row)
    stroke = Stroke(picture, target, brush, Stamps())
    engine, shown = [], []
    for samples in frames(FRAMES):
        begun = time.thread_time()
        stroke.add(samples)
        live = stroke.picture
        painted = time.thread_time()
        for column, row in compositor.show(live):
            compositor.tile(column, row)
        engine.append((painted - begun) * 1000)
        shown.append((time.thread_time() - begun) * 1000)
    return {"engine_ms": percentiles(engine), "shown_ms": percentiles(shown)}


def main() -> None:
    picture = document()
    selected = select_path(picture, ellipse(200, 200, SIDE - 400, SIDE - 400), feather=40)
    presets = {preset.name: preset for preset in PRESETS}
    figures: dict[str, Any] = {"document": f"{SIDE} x {SIDE}, {LAYERS} layers", "pen": f"{RATE} events a second"}
    for size in (64, 512):
        for name in ("Round", "Airbrush", "Chalk"):
            figures[f"{name}, {size} px"] = measured(picture, ColourTarget(picture, (40, 80, 200)),
                                                     presets[name].with_(size=size))
        round_ = presets["Round"].with_(size=size)
        figures[f"Eraser, {size} px"] = measured(picture, ColourTarget(picture, None), round_)
        figures[f"in a selection, {size} px"] = measured(selected, ColourTarget(selected, (40, 80, 200)), round_)
        figures[f"Mask brush, {size} px"] = measured(picture, MaskTarget(picture, "mask", 255), round_.with_(feather=8))
    report("brush", figures, BUDGET)


if __name__ == "__main__":
    main()
