"""The seam of what is made anew in a part of a picture, and whether the rest stays as it was.

The seam is the mean absolute difference of neighbours across the edge of the mask, over that of neighbours beside it:
about 1 where nothing shows. The same picture pasted without any blending stands beside it.
"""

from __future__ import annotations

import hashlib
import io
import queue
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from benchmarks.common import library, median, report
from studio.engine.job import Event, Failed, Finished, Job, Request, Result
from studio.engine.supervisor import Supervisor
from studio.project.paint import Picture, Plane, Rect
from studio.ui.canvas.asking import working_mask

SIDE = 256
PROMPTS = ("a red apple", "a green tree", "a blue car", "a house")
NEAR = 12
"""Neighbours this near to the edge, in pixels, are compared with those across it."""
BUDGET = "seam at most 1.5 x the gradient beside it; nothing outside the mask changes"

Array = NDArray[Any]


class Host:
    """One host, and the media that its jobs name."""

    def __init__(self) -> None:
        self._media: dict[str, tuple[bytes, str]] = {}
        self.supervisor = Supervisor(media=lambda sha: self._media[sha], log=lambda _: None)
        self._model = library().resolve("spark", ["stable-diffusion"])

    def lend(self, pixels: Array) -> dict[str, str]:
        """pixels: (h, w, 3 or 4) or, for a mask, (h, w); uint8."""
        out = io.BytesIO()
        PIL.Image.fromarray(pixels).save(out, "PNG")
        sha = hashlib.sha256(out.getvalue()).hexdigest()
        self._media[sha] = (out.getvalue(), "image/png")
        return {"media": sha, "type": "image/png"}

    def make(self, **params: Any) -> Array:
        """(h, w, 3) int. Raises RuntimeError where it fails."""
        job = Job(Request("diffusion.image", {"width": SIDE, "height": SIDE, **params}, {"model": self._model}))
        self.supervisor.submit(job)
        data = b""
        while True:
            try:
                event = self.supervisor.events.get(timeout=300)
            except queue.Empty:
                raise RuntimeError("the host does not answer") from None
            if not isinstance(event, Event) or event.job != job.id:
                continue
            if isinstance(event, Result):
                data = event.data
            elif isinstance(event, Failed):
                raise RuntimeError(event.error.message)  # noqa: TRY004
            elif isinstance(event, Finished):
                return np.asarray(PIL.Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def masks(start: Array) -> dict[str, tuple[Array, Array]]:
    """For each kind of work the picture to start from, (h, w, 4), and the mask, (h, w)."""
    import cv2

    opaque = np.dstack([start, np.full(start.shape[:2], 255)]).astype(np.uint8)
    hard = cv2.ellipse(np.zeros((SIDE, SIDE), np.uint8), (130, 120), (70, 50), 20, 0, 360, 255, -1)
    extended = opaque.copy()
    extended[:, SIDE // 2:] = 0
    nothing = Picture(SIDE, SIDE, ())
    marked = Picture(SIDE, SIDE, (), mask=Plane.from_array(cv2.GaussianBlur(hard, (0, 0), 6)))
    whole, full = Rect(0, 0, SIDE, SIDE), opaque[..., 3]
    return {"hard mask": (opaque, hard), "soft mask": (opaque, working_mask(marked, whole, full)),
            "extension": (extended, working_mask(nothing, whole, np.ascontiguousarray(extended[..., 3])))}


def seam(pixels: Array, inside: Array) -> tuple[float, float]:
    """Differences across the edge of `inside` (h, w, bool) over those beside it, and in levels of 255."""
    import cv2

    kernel = np.ones((3, 3), np.uint8)
    rim = cv2.dilate(inside.astype(np.uint8), kernel) - cv2.erode(inside.astype(np.uint8), kernel)
    near = cv2.dilate(rim, np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8)) > 0
    across, beside = [], []
    for axis in (0, 1):
        step = np.abs(np.diff(pixels, axis=axis)).mean(-1)
        one, other = (np.take(inside, range(SIDE - 1), axis), np.take(inside, range(1, SIDE), axis))
        close = np.take(near, range(SIDE - 1), axis)
        across.append(step[one != other])
        beside.append(step[(one == other) & close])
    levels = float(np.concatenate(across).mean())
    return levels / max(0.05, float(np.concatenate(beside).mean())), levels


def measured(host: Host) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    made: dict[str, list[tuple[float, ...]]] = {}
    shift = most = 0.0
    for seed, prompt in enumerate(PROMPTS):
        start = host.make(prompt=prompt, seed=seed, steps=12)
        other = host.make(prompt=PROMPTS[seed - 1], seed=seed + 50, steps=12)
        for name, (picture, mask) in masks(start).items():
            result = host.make(prompt=PROMPTS[seed - 1], seed=seed + 50, steps=12, strength=1.0,
                               init_image=host.lend(picture), mask=host.lend(mask))
            kept, half = mask == 0, mask >= 128
            pasted = np.where(half[..., None], other, start)
            made.setdefault(name, []).append((*seam(result, half), *seam(pasted, half), *seam(start, half)))
            change = (result - start)[kept]
            shift, most = max(shift, abs(change.mean())), max(most, float(np.abs(change).max()))
    for name, rows in made.items():
        ours, levels, bare, bare_levels, before, before_levels = (
            round(median(column), 2) for column in zip(*rows, strict=True))
        figures[name] = {"seam_over_gradient": ours, "seam_levels": levels, "pasted": bare,
                         "pasted_levels": bare_levels, "there_before": before, "there_before_levels": before_levels}
    return figures | {"colour_shift_outside": shift, "largest_change_outside": most,
                      "pictures": len(PROMPTS) * len(made)}


def main() -> None:
    host = Host()
    try:
        figures = measured(host)
    finally:
        host.supervisor.close()
    report("inpaint", figures, BUDGET)


if __name__ == "__main__":
    main()
