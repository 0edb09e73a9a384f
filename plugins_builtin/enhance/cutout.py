"""`enhance.cutout`: what stands out in a picture, without its background."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from plugins_builtin.enhance.pixels import Pixels
from studio.plugins import Context, Generator, GeneratorError, Image, ModelField, Params, ui
from studio.plugins import Requirements as Needs

SIDE = 320
"""Pixels along each side of what the network sees."""
GUIDE_SIDE = 1024
"""Longest side at which edges are looked for."""


class CutoutParams(Params):
    """What to cut out of."""

    image: Image = Field(description="The picture to cut out of.",
                         json_schema_extra=ui(role="init_image", label="Picture", media="image"))
    output: Literal["Cut out", "Mask"] = Field(
        "Cut out", description="The thing itself on nothing, or a mask that is white where it is.",
        json_schema_extra=ui(widget="choice", label="Give"))
    refine: bool = Field(
        True, description="Follow the edges in the picture closely, and take the background's colour out of them.",
        json_schema_extra=ui(widget="switch", label="Fine edges"))
    model: Annotated[str, Field(description="The network that finds what stands out.")] = ModelField(
        "u2net", default="u2net")


class Cutout(Generator):
    """Cuts out the salient object.

    Source: Qin et al. 2020, "U2-Net: Going Deeper with Nested U-Structure for Salient Object Detection".
    """

    id = "enhance.cutout"
    title = "Cut out"
    produces = "image"
    summary = "Takes the background away from what a picture is about."
    icon = "scissors"
    requires = Needs(memory=700 * 2**20)
    libraries = ("onnxruntime", "opencv-python-headless")

    class Params(CutoutParams):
        """What to cut out of."""

    def __init__(self) -> None:
        self._network: Any = None

    def load(self, ctx: Context) -> None:
        """Bring the network in. Raises `GeneratorError` for broken files."""
        from plugins_builtin.onnx import open_network

        ctx.check()
        self._network = open_network(ctx.model("model"), ctx.device)

    def unload(self) -> None:
        self._network = None

    def run(self, params: CutoutParams, ctx: Context) -> Image:
        """Cut out of one picture. Raises `InputError` where it cannot be read."""
        import numpy as np
        import PIL.Image

        if self._network is None:
            raise GeneratorError("The cut-out network is not loaded.")
        pixels = Pixels.of(params.image)
        ctx.progress(0, 2)
        matte = self._matte(pixels.rgb)
        ctx.progress(1, 2)
        rgb = pixels.rgb
        if params.refine:
            matte = refined(matte, rgb)
        if pixels.alpha is not None:
            matte = matte * (pixels.alpha.astype(np.float32) / 255)
        alpha = np.rint(matte.clip(0, 1) * 255).astype(np.uint8)
        ctx.progress(2, 2)
        if params.output == "Mask":
            return Image.from_pil(PIL.Image.fromarray(alpha))
        return Pixels(foreground(rgb, matte) if params.refine else rgb, alpha).image()

    def _matte(self, rgb: Any) -> Any:
        """float32 (height, width), 0 background to 1 object."""
        import cv2
        import numpy as np
        import PIL.Image

        small = PIL.Image.fromarray(rgb).resize((SIDE, SIDE), PIL.Image.Resampling.LANCZOS)
        seen = np.asarray(small, dtype=np.float32)
        seen = seen / max(float(seen.max()), 1e-6)
        seen = (seen - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
        name = self._network.get_inputs()[0].name
        found = self._network.run(None, {name: seen.transpose(2, 0, 1)[None].astype(np.float32)})[0][0, 0]
        low, high = float(found.min()), float(found.max())
        # a picture of nothing would be stretched to noise
        found = (found - low) / (high - low) if high - low > 0.05 else found
        return cv2.resize(found, rgb.shape[1::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)


def refined(matte: Any, rgb: Any) -> Any:
    """The matte with the edges of the picture: a guided filter with the colours as the guide.

    Sources: He, Sun and Tang 2010, "Guided Image Filtering"; He and Sun 2015, "Fast Guided Filter" (the coefficients
    come from a smaller copy).

    Args:
        matte: float32 (height, width), 0 to 1.
        rgb: uint8 (height, width, 3).
    """
    import cv2
    import numpy as np

    height, width = matte.shape
    ratio = min(1.0, GUIDE_SIDE / max(height, width))
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    guide = rgb.astype(np.float32) / 255
    small = guide if ratio == 1 else cv2.resize(guide, size, interpolation=cv2.INTER_AREA)
    coarse = matte if ratio == 1 else cv2.resize(matte, size, interpolation=cv2.INTER_AREA)
    radius = max(2, round(max(size) / 85))
    window = (2 * radius + 1, 2 * radius + 1)

    def mean(values: Any) -> Any:
        return cv2.blur(np.ascontiguousarray(values), window, borderType=cv2.BORDER_REFLECT)

    of_guide, of_matte = mean(small), mean(coarse)
    with_matte = mean(small * coarse[..., None]) - of_guide * of_matte[..., None]
    pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    spread = [mean(small[..., i] * small[..., j]) - of_guide[..., i] * of_guide[..., j] for i, j in pairs]
    slopes = _solved(spread, with_matte)
    base = mean(of_matte - (slopes * of_guide).sum(-1))
    slopes, base = (cv2.resize(field, (width, height)) for field in (mean(slopes), base))
    result = (slopes * guide).sum(-1) + base
    # the filter leaves a veil where the network was sure
    return ((result - 0.04) / 0.92).clip(0, 1).astype(np.float32)


def _solved(spread: list[Any], right: Any) -> Any:
    """x of (A + e) x = right for each pixel's symmetric 3 x 3 matrix A, given as its upper triangle; (h, w, 3)."""
    import numpy as np

    a, b, c, d, e, f = (part + (1e-4 if index in (0, 3, 5) else 0) for index, part in enumerate(spread))
    rows = [[d * f - e * e, c * e - b * f, b * e - c * d], [c * e - b * f, a * f - c * c, b * c - a * e],
            [b * e - c * d, b * c - a * e, a * d - b * b]]
    determinant = a * rows[0][0] + b * rows[0][1] + c * rows[0][2]
    return np.stack([(row[0] * right[..., 0] + row[1] * right[..., 1] + row[2] * right[..., 2]) / determinant
                     for row in rows], axis=-1)


def foreground(rgb: Any, matte: Any) -> Any:
    """Colours of the object alone, also where the background shows through its edges.

    Source: Forte 2021, "Approximate Fast Foreground Colour Estimation" (blur fusion, run twice).

    Returns:
        uint8 (height, width, 3).
    """
    import cv2
    import numpy as np

    image = rgb.astype(np.float32) / 255
    share = matte[..., None].astype(np.float32)
    front = back = image
    for radius in (max(3, round(max(matte.shape) / 12)), 3):
        window = (2 * radius + 1, 2 * radius + 1)
        weight = cv2.blur(matte, window)[..., None]
        front_mean = cv2.blur(front * share, window) / (weight + 1e-5)
        back_mean = cv2.blur(back * (1 - share), window) / (1 - weight + 1e-5)
        front = front_mean + share * (image - share * front_mean - (1 - share) * back_mean)
        front, back = front.clip(0, 1), back_mean.clip(0, 1)
    return np.rint(front * 255).astype(np.uint8)
