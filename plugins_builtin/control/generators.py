"""`control.edges`, `control.hed` and `control.pose`: what a control net would be shown, as a picture of its own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from plugins_builtin.control.extract import HED, POSE, flattened, load_detector
from plugins_builtin.pictures import upright
from studio.plugins import Context, Generator, GeneratorError, Image, InputError, ModelField, Params, ui
from studio.plugins import Requirements as Needs

LARGEST = 64_000_000
"""Most pixels of a picture."""
Output = Literal["White on black", "Lines only"]


class _Lines(Params):
    """What every drawing is asked for."""

    model_config = ConfigDict(json_schema_extra=ui(listed=False))

    image: Image = Field(description="The picture to draw after.",
                         json_schema_extra=ui(role="init_image", label="Picture", media="image"))
    output: Output = Field(
        "White on black", description="As control nets read it, or black lines on nothing, to draw on.",
        json_schema_extra=ui(widget="choice", label="Give"))


class EdgeParams(_Lines):
    """Which edges to draw."""

    method: Literal["Canny", "Soft", "Drawing"] = Field(
        "Canny", description="Canny gives thin edges, Soft broad grey ones, Drawing the lines of a drawing on paper.",
        json_schema_extra=ui(widget="choice", label="Method"))
    low: int = Field(100, ge=1, le=500, description="How weak an edge may go on. Canny only.",
                     json_schema_extra=ui(widget="slider", label="Goes on above", step=1))
    high: int = Field(200, ge=1, le=500, description="How strong an edge has to begin. Canny only.",
                      json_schema_extra=ui(widget="slider", label="Begins above", step=1))
    smooth: float = Field(0, ge=0, le=8, description="Blurs the picture before, so that texture gives no edges. Canny "
                          "only.", json_schema_extra=ui(widget="slider", label="Smooth", unit="px", step=0.1))


class HedParams(_Lines):
    """Outlines to draw."""

    model: Annotated[str, Field(description="The network that draws outlines.")] = ModelField("hed", default="hed")


class PoseParams(Params):
    """Whose poses to draw."""

    model_config = ConfigDict(json_schema_extra=ui(listed=False))

    image: Image = Field(description="The picture with people.",
                         json_schema_extra=ui(role="init_image", label="Picture", media="image"))
    model: Annotated[str, Field(description="The networks that find people and their joints.")] = ModelField(
        "blazepose", default="blazepose")


class EdgePicture(Generator):
    """Edges without a network."""

    id = "control.edges"
    title = "Edges"
    produces = "image"
    summary = "Draws the edges of a picture as thin or soft lines."
    icon = "pencil-simple-line"
    requires = Needs(memory=100 * 2**20)
    libraries = ("opencv-python-headless",)

    class Params(EdgeParams):
        """Which edges to draw."""

    def run(self, params: EdgeParams, ctx: Context) -> Image:
        """Draw the edges of one picture. Raises `InputError` where it cannot be read."""
        from plugins_builtin.control import edges

        rgb = pixels_of(params.image)
        ctx.check()
        if params.method == "Canny":
            lines = edges.canny(rgb, params.low, params.high, params.smooth)
        else:
            lines = edges.soft(rgb) if params.method == "Soft" else edges.drawing(rgb)
        return given(lines, params.output)


class _Network(Generator):
    """What the two with a network share."""

    KIND = ""

    def __init__(self) -> None:
        self._network: Any = None

    def load(self, ctx: Context) -> None:
        """Bring the network in. Raises `GeneratorError` for broken files."""
        ctx.check()
        self._network = load_detector(self.KIND, ctx.model("model"), ctx.device)

    def unload(self) -> None:
        self._network = None

    def drawn(self, image: Image, ctx: Context) -> Any:
        """The network's drawing of a picture. Raises `InputError` where it cannot be read."""
        if self._network is None:
            raise GeneratorError(f"The network for “{self.title}” is not loaded.")
        rgb = pixels_of(image)
        ctx.check()
        return self._network(rgb)


class HedPicture(_Network):
    """Outlines by `Hed`."""

    id = "control.hed"
    title = "Outlines"
    produces = "image"
    summary = "Draws the outlines of a picture as a person would, without its texture."
    icon = "pencil-simple-line"
    requires = Needs(memory=900 * 2**20)
    libraries = ("torch", "h5py", "opencv-python-headless")
    KIND = HED

    class Params(HedParams):
        """Outlines to draw."""

    def run(self, params: HedParams, ctx: Context) -> Image:
        """Draw the outlines of one picture. Raises `InputError` where it cannot be read."""
        return given(self.drawn(params.image, ctx), params.output)


class PosePicture(_Network):
    """Poses by `Pose`."""

    id = "control.pose"
    title = "Pose"
    produces = "image"
    summary = "Draws the skeletons of the people in a picture."
    icon = "person-arms-spread"
    requires = Needs(memory=300 * 2**20)
    libraries = ("ai-edge-litert", "opencv-python-headless")
    KIND = POSE

    class Params(PoseParams):
        """Whose poses to draw."""

    def run(self, params: PoseParams, ctx: Context) -> Image:
        """Draw the poses in one picture. Raises `InputError` where it cannot be read."""
        rgb = pixels_of(params.image)
        if self._network is None:
            raise GeneratorError("The network for “Pose” is not loaded.")
        from plugins_builtin.control import skeleton

        people = self._network.people(rgb)
        if not people:
            ctx.log("No person was found in this picture.")
        return picture(skeleton.drawn(people, rgb.shape[1], rgb.shape[0]), people=len(people))


def pixels_of(image: Image) -> Any:
    """uint8 (height, width, 3) of a picture as a control net would see it. Raises `InputError`."""
    import numpy as np

    picture = upright(image, "image")
    if picture.width * picture.height > LARGEST:
        raise InputError(f"The picture has {picture.width:,} x {picture.height:,} pixels, and {LARGEST // 1_000_000} "
                         "million are the most; choose a smaller one.", field="image")
    return np.ascontiguousarray(np.asarray(flattened(picture)))


def given(lines: Any, output: Output) -> Image:
    """White lines on black as they are, or as black on nothing."""
    import numpy as np

    if output == "White on black":
        return picture(lines)
    return picture(np.dstack([np.zeros((*lines.shape, 3), np.uint8), lines]))


def picture(array: Any, **meta: Any) -> Image:
    import PIL.Image

    return Image.from_pil(PIL.Image.fromarray(array), **meta)


