"""A layered canvas as OpenRaster and PSD, read by other programs: how far their pixels are from ours.

psd-tools composes the PSD anew from its layers, Pillow reads the pictures that others preview. GIMP and Krita take
part where they are installed. Differences are in levels of 255, over the premultiplied channels.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from benchmarks.common import report
from studio.project.formats import files
from studio.project.formats.common import premultiplied
from studio.project.paint import Layer, Picture, Plane, from_qimage
from studio.project.paint.compositor import compose

WIDTH, HEIGHT = 1024, 768
PATIENCE = 120
BUDGET = "our own reading: equal; others: mean under 1 level"

Pixels = NDArray[np.uint8]


def blotches(seed: int, *, opaque: bool = False) -> Pixels:
    """(HEIGHT, WIDTH, 4) premultiplied soft colours."""
    import cv2

    small = np.random.default_rng(seed).random((9, 12, 4), np.float32)
    big = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    big[..., 3] = 1 if opaque else (big[..., 3] * 2.5 - 0.7).clip(0, 1)
    big[..., :3] *= big[..., 3:]
    return np.rint(big * 255).astype(np.uint8)


def canvas() -> Picture:
    """What both formats and most programs know: layers with modes and opacities, one in a group, one hidden."""
    modes = ("normal", "multiply", "screen", "overlay", "soft-light", "normal")
    layers = [Layer(f"l{n}", mode.capitalize(), plane=Plane.from_array(blotches(n, opaque=n == 0)),
                    opacity=1.0 if n < 2 else 0.7, blend=mode) for n, mode in enumerate(modes)]
    layers[4] = Layer("group", "Group", "group", children=(layers[4],))
    layers.append(Layer("hidden", "Hidden", plane=Plane.from_array(blotches(9)), visible=False))
    return Picture(WIDTH, HEIGHT, tuple(layers), "l1")


def apart(theirs: Pixels, ours: Pixels) -> dict[str, float]:
    if theirs.shape != ours.shape:
        return {"size_differs": 1.0}
    step = np.abs(theirs.astype(int) - ours)
    return {"mean": round(float(step.mean()), 4), "p99.9": float(np.quantile(step, 0.999)), "max": float(step.max())}


# ---------------------------------------------------------------- readers: a file becomes premultiplied BGRA


def ourselves(path: Path) -> Pixels:
    picture = files.read(path).picture
    return from_qimage(compose(picture, picture.rect))


def merged(path: Path) -> Pixels:
    """The picture that file managers and viewers show of an OpenRaster file."""
    with zipfile.ZipFile(path) as archive:
        return premultiplied(PIL.Image.open(io.BytesIO(archive.read("mergedimage.png"))).convert("RGBA"))


def psd_tools(path: Path) -> Pixels:
    from psd_tools import PSDImage

    return premultiplied(PSDImage.open(path).composite(ignore_preview=True))


def gimp(path: Path) -> Pixels:
    out = path.with_name(path.name + ".gimp.png")
    load = (f'(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{path}" "{path.name}"))) '
            f"(layer (car (gimp-image-merge-visible-layers image CLIP-TO-IMAGE)))) "
            f'(file-png-save RUN-NONINTERACTIVE image layer "{out}" "x" 0 4 0 0 0 0 0))')
    return by_command(["gimp-console", "-i", "-d", "-f", "-b", load, "-b", "(gimp-quit 0)"], path.parent, out)


def krita(path: Path) -> Pixels:
    out = path.with_name(path.name + ".krita.png")
    screen = ["xvfb-run", "-a"] if shutil.which("xvfb-run") else []  # it knows no other screen than X11
    return by_command([*screen, "krita", str(path), "--export", "--export-filename", str(out)], path.parent, out)


def by_command(command: list[str], home: Path, out: Path) -> Pixels:
    environment = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    environment.pop("QT_QPA_PLATFORM", None)
    subprocess.run(command, env=environment, capture_output=True, timeout=PATIENCE, check=False)
    if not out.exists():
        raise OSError("nothing was exported")
    return premultiplied(PIL.Image.open(out).convert("RGBA"))


READERS: dict[str, dict[str, Callable[[Path], Pixels]]] = {
    ".ora": {"read again": ourselves, "preview by Pillow": merged, "GIMP": gimp, "Krita": krita},
    ".psd": {"read again": ourselves, "psd-tools": psd_tools, "GIMP": gimp, "Krita": krita},
}
PROGRAMS = {"GIMP": "gimp-console", "Krita": "krita"}


def main() -> None:
    picture = canvas()
    ours = from_qimage(compose(picture, picture.rect)).copy()
    figures: dict[str, Any] = {"canvas": f"{WIDTH} x {HEIGHT}, {len(picture.layers) + 1} layers"}
    with tempfile.TemporaryDirectory() as folder:
        for ending, readers in READERS.items():
            path = Path(folder, f"canvas{ending}")
            begun = time.process_time()
            files.write(picture, path)
            figures[f"{ending} write"] = {"cpu_seconds": round(time.process_time() - begun, 2),
                                          "file_over_pixels": round(path.stat().st_size / picture.nbytes, 3)}
            for name, read in readers.items():
                if shutil.which(PROGRAMS.get(name, "true")) is None:
                    figures[f"{ending} {name}"] = "not installed here"
                    continue
                try:
                    figures[f"{ending} {name}"] = apart(read(path), ours)
                except (OSError, subprocess.TimeoutExpired):
                    figures[f"{ending} {name}"] = "has no reader for it here, or failed"
    report("canvas_formats", figures, BUDGET)


if __name__ == "__main__":
    main()
