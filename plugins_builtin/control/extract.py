"""What a control net is shown of a picture, by the kind of control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plugins_builtin.control import edges
from studio.plugins import Device, ModelFiles

CANNY, HED, SOFT, DRAWING = "Edges (Canny)", "Edges (HED)", "Edges (soft)", "Drawing"
POSE, REFERENCE, AS_IT_IS = "Pose", "Reference", "As it is"
DETECTORS = {HED: "hed", POSE: "blazepose"}
"""Kind of control -> kind of the weights that it takes to make its picture."""

Extractor = Callable[[Any], Any]
"""uint8 (height, width, 3) -> uint8 (height, width) or (height, width, 3)."""


def load_detector(kind: str, files: ModelFiles, device: Device) -> Extractor:
    """The network behind "Edges (HED)" or "Pose". Raises `GeneratorError` for broken files."""
    if kind == HED:
        from plugins_builtin.control.hed import Hed

        return Hed(files, device)
    from plugins_builtin.control.pose import Pose

    return Pose(files, device)


def control_picture(picture: Any, kind: str, detector: Extractor | None = None) -> Any:
    """A Pillow RGB picture of the same size as the Pillow RGB `picture`.

    kind: "Edges (Canny)" gives thin white lines on black, "Edges (HED)" and "Edges (soft)" broad grey ones, "Drawing"
    a person's own lines as white on black, "Pose" skeletons; "Reference" and "As it is" the picture itself.
    detector: what `load_detector` gave, for the kinds in `DETECTORS`.
    """
    import numpy as np
    import PIL.Image

    if kind in (AS_IT_IS, REFERENCE):
        return picture
    rgb = np.ascontiguousarray(np.asarray(picture))
    found = detector(rgb) if detector is not None else {
        CANNY: edges.canny, SOFT: edges.soft, DRAWING: edges.drawing}[kind](rgb)
    return PIL.Image.fromarray(found if found.ndim == 3 else np.repeat(found[..., None], 3, axis=-1))


LIGHT = 200
"""Mean grey of what is seen of a transparent picture, from which on it lies on black: white chalk shows on a board."""


def flattened(picture: Any) -> Any:
    """A Pillow picture in mode RGB or RGBA on white, or on black where what is seen of it is light; in mode RGB."""
    import numpy as np
    import PIL.Image

    if picture.mode != "RGBA":
        return picture
    pixels = np.asarray(picture, dtype=np.float32)
    seen = pixels[..., 3]
    grey = float((pixels[..., :3].mean(-1) * seen).sum() / max(float(seen.sum()), 1e-6))
    ground = "black" if seen.min() < 250 and seen.max() > 0 and grey > LIGHT else "white"
    return PIL.Image.alpha_composite(PIL.Image.new("RGBA", picture.size, ground), picture).convert("RGB")
