"""`enhance.style`: a picture in one of 26 manners."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from plugins_builtin.enhance.pixels import Pixels
from studio.plugins import Context, Generator, GeneratorError, Image, ModelField, Params, ui
from studio.plugins import Requirements as Needs

LONGEST = 1536
"""Longest side in pixels that the network sees; it looks at a picture as a whole, so there are no tiles."""

Manner = Literal[
    "Ochre wash", "Yellow and ink", "Quiet oil", "Shards", "Carmine canvas", "Rust and slate", "Night indigo",
    "Bold primaries", "Pale prism", "Red woodcut", "Terracotta", "Gold engraving", "Misty morning", "Spring strokes",
    "Cool watercolour", "Contour lines", "Violet crayon", "Woven bars", "Sepia drawing", "Starlit blue", "Deep red",
    "Soft poster", "Brick and bone", "Dusk", "Blue print", "Rough mosaic",
]  # fmt: skip
"""The network's 26 styles in its own order. They came without names; these say what each looks like."""

NAMES: tuple[str, ...] = get_args(Manner)


class StyleParams(Params):
    """What to restyle and how."""

    image: Image = Field(description="The picture to restyle.",
                         json_schema_extra=ui(role="init_image", label="Picture", media="image"))
    style: Manner = Field("Starlit blue", description="The manner in which it is painted anew.",
                          json_schema_extra=ui(widget="choice", label="Style"))
    strength: float = Field(1.0, ge=0, le=1, description="How much of the style shows; 0 is the picture as it was.",
                            json_schema_extra=ui(role="strength", widget="slider", label="Strength", step=0.01))
    keep_colours: bool = Field(False, description="Take the strokes of the style and the colours of the picture.",
                               json_schema_extra=ui(widget="switch", label="Keep colours"))
    model: Annotated[str, Field(description="The network that paints.")] = ModelField(
        "style-transfer", default="style-transfer")


class Style(Generator):
    """Repaints a picture. Source: Dumoulin et al. 2017, "A Learned Representation for Artistic Style"."""

    id = "enhance.style"
    title = "Style"
    produces = "image"
    summary = "Paints a picture anew in one of 26 manners."
    icon = "palette"
    requires = Needs(memory=1200 * 2**20)
    libraries = ("onnxruntime", "opencv-python-headless", "pillow")

    class Params(StyleParams):
        """What to restyle and how."""

    def __init__(self) -> None:
        self._network: Any = None

    def load(self, ctx: Context) -> None:
        """Bring the network in. Raises `GeneratorError` for broken files."""
        from plugins_builtin.onnx import open_network

        ctx.check()
        self._network = open_network(ctx.model("model"), ctx.device)

    def unload(self) -> None:
        self._network = None

    def run(self, params: StyleParams, ctx: Context) -> Image:
        """Restyle one picture. Raises `InputError` where it cannot be read."""
        import cv2
        import numpy as np

        if self._network is None:
            raise GeneratorError("The style network is not loaded.")
        pixels = Pixels.of(params.image)
        ctx.progress(0, 1)
        if params.strength == 0:
            return pixels.image()
        made = self._painted(pixels.rgb, NAMES.index(params.style))
        if params.keep_colours:
            lightness = cv2.cvtColor(made, cv2.COLOR_RGB2YCrCb)[..., :1]
            colours = cv2.cvtColor(pixels.rgb, cv2.COLOR_RGB2YCrCb)[..., 1:]
            made = cv2.cvtColor(np.concatenate([lightness, colours], axis=-1), cv2.COLOR_YCrCb2RGB)
        if params.strength < 1:
            mixed = pixels.rgb * np.float32(1 - params.strength) + made * np.float32(params.strength)
            made = np.rint(mixed).astype(np.uint8)
        ctx.progress(1, 1)
        return Pixels(made, pixels.alpha).image()

    def _painted(self, rgb: Any, style: int) -> Any:
        """uint8 (height, width, 3) in one of the styles, 0 to 25."""
        import cv2
        import numpy as np

        height, width = rgb.shape[:2]
        # the network halves each side twice and looks four pixels past the edge: at least 16, and whole quarters
        ratio = min(1.0, LONGEST / max(width, height))
        size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
        seen = rgb if ratio == 1 else cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        more = [(0, max(-side % 4, 16 - side)) for side in seen.shape[:2]]
        seen = np.pad(seen, [*more, (0, 0)], mode="symmetric").astype(np.float32) / 255
        weights = np.zeros(len(NAMES), np.float32)
        weights[style] = 1
        image = np.ascontiguousarray(seen.transpose(2, 0, 1)[None])
        made = self._network.run(None, {"image": image, "style_weights": weights})[0][0].transpose(1, 2, 0)
        made = np.rint(np.nan_to_num(made[: size[1], : size[0]]).clip(0, 1) * 255).astype(np.uint8)
        return made if ratio == 1 else cv2.resize(made, (width, height), interpolation=cv2.INTER_CUBIC)
