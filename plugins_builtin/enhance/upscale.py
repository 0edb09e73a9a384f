"""`enhance.upscale`: larger pictures with Real-ESRGAN."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from plugins_builtin.enhance.pixels import Pixels, tiled
from plugins_builtin.threads import share_cores
from studio.plugins import Context, Device, Generator, GeneratorError, Image, ModelField, ModelFiles, Params, ui
from studio.plugins import Requirements as Needs

HEAVY = 4_000_000
"""Bytes of weights above which a network is slow enough to be given small tiles."""


class UpscaleParams(Params):
    """What to enlarge and how far."""

    image: Image = Field(description="The picture to enlarge.",
                         json_schema_extra=ui(role="init_image", label="Picture", media="image"))
    scale: Literal[2, 3, 4] = Field(2, description="How many times as wide and high.",
                                    json_schema_extra=ui(widget="choice", label="Scale", unit="x"))
    model: Annotated[str, Field(description="The network that draws the detail.")] = ModelField(
        "realesrgan", default="realesrgan-fast")


class Upscale(Generator):
    """Enlarges by 2, 3 or 4. The network always enlarges by its own 4; less is scaled down from that.

    Source: Wang et al. 2021, "Real-ESRGAN: Training Real-World Blind Super-Resolution with Pure Synthetic Data".
    """

    id = "enhance.upscale"
    title = "Upscale"
    produces = "image"
    summary = "Makes a picture larger and draws the detail that is missing."
    icon = "arrows-out"
    requires = Needs(memory=400 * 2**20)
    libraries = ("ncnn", "pillow")

    class Params(UpscaleParams):
        """What to enlarge and how far."""

    def __init__(self) -> None:
        self._network: Network | None = None

    def load(self, ctx: Context) -> None:
        """Bring the network in. Raises `GeneratorError` for broken files."""
        ctx.check()
        self._network = Network(ctx.model("model"), ctx.device)

    def unload(self) -> None:
        self._network = None

    def run(self, params: UpscaleParams, ctx: Context) -> Image:
        """Enlarge one picture. Raises `InputError` where it cannot be read or the result would be too large."""
        import numpy as np
        import PIL.Image

        if self._network is None:
            raise GeneratorError("The upscaling network is not loaded.")
        ctx.check()
        pixels = Pixels.of(params.image, params.scale)
        size = (pixels.rgb.shape[1] * params.scale, pixels.rgb.shape[0] * params.scale)
        side, overlap = (64, 12) if self._network.heavy else (128, 20)
        rgb = tiled(pixels.rgb, lambda part: self._shrunk(part, params.scale), ctx, side=side, overlap=overlap,
                    times=params.scale)
        alpha = None
        if pixels.alpha is not None:
            alpha = np.asarray(PIL.Image.fromarray(pixels.alpha).resize(size, PIL.Image.Resampling.BICUBIC))
        return Pixels(rgb, alpha).image(scale=params.scale)

    def _shrunk(self, part: Any, scale: int) -> Any:
        import cv2

        assert self._network is not None
        large = self._network(part)
        height, width = part.shape[:2]
        size = (width * scale, height * scale)
        return large if large.shape[:2] == size[::-1] else cv2.resize(large, size, interpolation=cv2.INTER_AREA)


class Network:
    """A Real-ESRGAN network in ncnn's format: `network.txt` says how it is built, `network.ncnn` holds its weights."""

    def __init__(self, files: ModelFiles, device: Device) -> None:
        share_cores(device)
        import ncnn

        plan, weights = files.path / "network.txt", files.path / "network.ncnn"
        self._check(files.name, plan, weights)
        self.heavy = weights.stat().st_size > HEAVY
        self._net = ncnn.Net()
        self._net.opt.use_vulkan_compute = False  # bytes must not depend on a driver
        self._net.opt.use_fp16_arithmetic = self._net.opt.use_fp16_storage = False
        self._net.opt.num_threads = max(1, device.threads)
        if self._net.load_param(str(plan)) or self._net.load_model(str(weights)):
            raise GeneratorError(f"The model {files.name} cannot be loaded; install it again.")

    @staticmethod
    def _check(name: str, plan: Path, weights: Path) -> None:
        """ncnn reads past the end of a file that is cut short, so look first."""
        for path in (plan, weights):
            if not path.is_file() or path.stat().st_size == 0:
                raise GeneratorError(f"The model {name} cannot be loaded: {path.name} is missing or empty. "
                                     "Install it again.")
        lines = plan.read_text("utf-8", "replace").splitlines()
        needed = sum(int(word[2:]) for line in lines if line.startswith("Convolution ")
                     for word in line.split() if word.startswith("6=")) * 2
        if lines[0].strip() != "7767517":
            raise GeneratorError(f"The model {name} cannot be loaded: {plan.name} is no network. Install it again.")
        if weights.stat().st_size < needed:
            raise GeneratorError(f"The model {name} cannot be loaded: {weights.name} is cut short. Install it again.")

    def __call__(self, part: Any) -> Any:
        """float32 (height, width, 3), 0 to 1, four times as large."""
        import ncnn
        import numpy as np

        run = self._net.create_extractor()
        source = np.ascontiguousarray(part.transpose(2, 0, 1), np.float32)
        run.input("data", ncnn.Mat(source))  # looks at the array's own memory: `source` has to live until the end
        failed, out = run.extract("output")
        if failed:
            raise GeneratorError("The network could not enlarge this picture; there may be too little memory.")
        return np.array(out).transpose(1, 2, 0)
