"""One diffusion model in memory: loading, and the two pipelines that share its parts."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plugins_builtin.control.extract import Extractor, load_detector
from plugins_builtin.diffusion.control import ControlNets
from plugins_builtin.diffusion.inpaint import ChangeMap, change_of, padded
from plugins_builtin.diffusion.loras import Loras
from plugins_builtin.diffusion.previews import Previewer, vae_scaling
from plugins_builtin.diffusion.prompts import plain
from plugins_builtin.diffusion.references import References
from plugins_builtin.diffusion.regions import regional, shares
from plugins_builtin.diffusion.samplers import SamplerView, make_sampler
from plugins_builtin.diffusion.settings import Settings
from plugins_builtin.diffusion.words import conditioning, embedding_of
from plugins_builtin.threads import share_cores
from plugins_builtin.weights import check_folder, first_line, quiet
from studio.plugins import Device, GeneratorError, ModelFiles

OnStep = Callable[[int, int, Any], None]
"""Called after each step with steps done, steps in all, and clean latents (or None)."""


@dataclass
class Loaded:
    """A pipeline in place, ready to run."""

    text_to_image: Any
    device: Device
    scale: int
    """Pixels to one latent along a side."""
    previewer: Previewer
    own_scheduler: Any = field(repr=False)
    path: Path
    """The model's folder."""

    def __post_init__(self) -> None:
        self._loras = Loras(self.text_to_image)
        self._nets = ControlNets(self.text_to_image)
        self._references = References(self.text_to_image)
        self._detectors: dict[Path, Extractor] = {}

    def detector(self, kind: str, files: ModelFiles) -> Extractor:
        """The network that makes a control picture of this kind. Raises `GeneratorError` for broken files."""
        if files.path not in self._detectors:
            self._detectors[files.path] = load_detector(kind, files, self.device)
        return self._detectors[files.path]

    # ---------------------------------------------------------------- prompt

    def truncated(self, text: str) -> int:
        """How many tokens of the prompt `text` the text encoder does not see."""
        tokenizer = self.text_to_image.tokenizer
        ids = tokenizer(plain(text), truncation=False, verbose=False)["input_ids"]
        return max(0, len(ids) - int(tokenizer.model_max_length))

    def fit_side(self, pixels: int) -> int:
        """The nearest side that this model can make, at least one latent."""
        return max(self.scale, round(pixels / self.scale) * self.scale)

    # ---------------------------------------------------------------- picture

    def run(self, settings: Settings, on_step: OnStep) -> tuple[Any, int]:
        """Make the picture. Returns a Pillow picture and the number of steps run.

        `on_step` may raise; nothing of a stopped run stays behind.
        """
        import torch

        if self.device.type == "cpu" and torch.get_num_threads() != max(1, self.device.threads):
            torch.set_num_threads(max(1, self.device.threads))  # sums depend on how work is split
        scheduler = make_sampler(settings.sampler, self.own_scheduler)
        view, done = SamplerView(scheduler), [0]

        def after_step(pipeline: Any, index: int, _timestep: Any, _tensors: dict[str, Any]) -> dict[str, Any]:
            done[0] = index + 1
            self._references.at((index + 1) / int(pipeline.num_timesteps))
            on_step(index + 1, int(pipeline.num_timesteps), view.clean)
            return {}

        common = {
            "guidance_scale": settings.guidance_scale,
            "eta": settings.eta,
            "generator": torch.Generator("cpu").manual_seed(settings.seed),
            "output_type": "latent",
            "callback_on_step_end": after_step,
        }
        self._loras.use(list(settings.loras))
        with torch.inference_mode(), ExitStack() as stack:
            common |= self._references.use([lead for lead in settings.leads if lead.is_reference])
            common |= conditioning(self.text_to_image, settings.prompt, settings.negative_prompt)
            if settings.regions:
                embedded = [embedding_of(self.text_to_image, region.prompt) for region in settings.regions]
                parts = shares([region.mask for region in settings.regions], self.scale)
                stack.enter_context(regional(self.text_to_image.unet, embedded, parts))
            start = self._start(settings)
            if start is None:
                latents = self._from_noise(scheduler, settings, common)
            else:
                latents = self._from_picture(scheduler, settings, common, start, view)
            pixels = self._decode(latents if view.exact is None else view.exact)
        return self._finished(pixels, settings), done[0]

    @property
    def wants_mask(self) -> bool:
        """The model was made for inpainting: it reads the mask and the rest of the picture besides the latents."""
        config = self.text_to_image.unet.config
        return bool(config.in_channels == 2 * config.out_channels + 1)

    def _start(self, settings: Settings) -> Any:
        """uint8 (height, width, 3), sides divisible by `scale`; None to begin with noise."""
        import numpy as np

        if settings.inpaint is not None:
            return padded(settings.inpaint.start.known(), self.scale)
        if settings.init is not None:
            return np.asarray(settings.init)
        # such a model cannot do without a picture: all of it is masked
        return np.full((settings.height, settings.width, 3), 127, np.uint8) if self.wants_mask else None

    def _from_noise(self, scheduler: Any, settings: Settings, common: dict[str, Any]) -> Any:
        import diffusers

        pipeline: Any = self.text_to_image
        extra: dict[str, Any] = {}
        pipeline.scheduler = scheduler
        led = [lead for lead in settings.leads if not lead.is_reference]
        if led:
            nets, extra = self._nets.parts(led)
            pipeline = diffusers.AutoPipelineForText2Image.from_pipe(pipeline, controlnet=_joined(nets))
            pipeline.set_progress_bar_config(disable=True)
            extra |= {"image": [_picture(lead.picture) for lead in led]}
        size = {"width": settings.width, "height": settings.height}
        return pipeline(num_inference_steps=settings.steps, **size, **extra, **common).images

    def _from_picture(self, scheduler: Any, settings: Settings, common: dict[str, Any], picture: Any,
                      view: SamplerView) -> Any:
        import numpy as np

        start = self._encode(picture)
        strength = settings.strength if settings.init is not None or settings.inpaint is not None else 1.0
        if strength <= 0:
            return start
        mask = np.ones(picture.shape[:2], np.float32)
        changes = None
        if settings.inpaint is not None:
            mask = padded(settings.inpaint.start.mask, self.scale)
            changes = ChangeMap(scheduler, start, change_of(mask, self.scale))
            view.adjust = changes.after_step
        pipeline, extra = self._image_to_image(scheduler, settings, picture, mask)
        pipeline.set_progress_bar_config(disable=True)
        # handed over behind the pipeline's back: it would take latents that have not just 4 channels for pixels
        pipeline.prepare_latents = _noised(start, scheduler, changes, with_noise="mask_image" in extra)
        # At least one step must remain of the share that strength leaves.
        steps = max(settings.steps, math.ceil(1 / strength))
        return pipeline(image=_picture(picture), strength=strength, num_inference_steps=steps,
                        **extra, **common).images

    def _image_to_image(self, scheduler: Any, settings: Settings, picture: Any,
                        mask: Any) -> tuple[Any, dict[str, Any]]:
        """The pipeline that continues a picture, and what else it is called with."""
        import diffusers
        import numpy as np

        if not self.wants_mask:
            parts: dict[str, Any] = {"scheduler": scheduler}
            extra: dict[str, Any] = {}
            if led := [lead for lead in settings.leads if not lead.is_reference]:
                nets, extra = self._nets.parts(led)
                parts["controlnet"] = _joined(nets)
                extra |= {"control_image": [_picture(lead.picture) for lead in led]}
            return diffusers.AutoPipelineForImage2Image.from_pipe(self.text_to_image, **parts), extra
        hole = _picture(np.where(mask > 0, 255, 0).astype(np.uint8))
        kept = np.where(mask[..., None] > 0, np.uint8(127), picture)
        pipeline = diffusers.AutoPipelineForInpainting.from_pipe(self.text_to_image, scheduler=scheduler)
        height, width = mask.shape
        # encoded here: the decoder and encoder stay in float32 where the rest of the model has half of that
        return pipeline, {"mask_image": hole, "masked_image_latents": self._encode(kept), "height": height,
                          "width": width}

    def _encode(self, pixels: Any) -> Any:
        """Clean latents (1, channels, height, width) of a uint8 (height, width, 3) array."""
        import numpy as np
        import torch

        vae = self.text_to_image.vae
        factor, shift = vae_scaling(vae)
        values = torch.from_numpy(np.array(pixels, dtype=np.float32)).permute(2, 0, 1)[None] / 127.5 - 1
        latents = (vae.encode(values.to(vae.device, vae.dtype)).latent_dist.mode() - shift) * factor
        return latents.to(self.text_to_image.unet.dtype)

    def _decode(self, latents: Any) -> Any:
        """uint8 (height, width, 3) of latents (1, channels, height, width). Raises `GeneratorError` for no numbers."""
        import torch

        vae = self.text_to_image.vae
        factor, shift = vae_scaling(vae)
        pixels = vae.decode(latents.to(vae.dtype) / factor + shift).sample[0].float()
        if not torch.isfinite(pixels).all():
            raise GeneratorError(
                "The model made numbers that are no picture; try another sampler, more steps or less guidance."
            )
        return ((pixels.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()

    @staticmethod
    def _finished(pixels: Any, settings: Settings) -> Any:
        return settings.inpaint.join(pixels) if settings.inpaint is not None else _picture(pixels)


def _joined(nets: list[Any]) -> Any:
    """Several ControlNets as one; a single one too, so that one and many take the same path."""
    from diffusers.models.controlnets.multicontrolnet import MultiControlNetModel

    return MultiControlNetModel(nets)


def _picture(array: Any) -> Any:
    import PIL.Image

    return PIL.Image.fromarray(array)


def _noised(start: Any, scheduler: Any, changes: ChangeMap | None, with_noise: bool) -> Callable[..., Any]:
    """What takes the place of a pipeline's `prepare_latents`: `start` with the noise of the first step.

    Args:
        changes: is told the noise and the timesteps to come.
        with_noise: the inpainting pipelines want the noise back too.
    """

    def prepare_latents(*given: Any, generator: Any = None, timestep: Any = None, **_rest: Any) -> Any:
        import torch
        from diffusers.utils.torch_utils import randn_tensor

        found = generator or next(value for value in given if isinstance(value, torch.Generator))
        first = timestep if timestep is not None else given[1]
        noise = randn_tensor(start.shape, generator=found, device=start.device, dtype=start.dtype)
        if changes is not None:
            changes.begin(noise, _to_come(scheduler, first[:1]))
        latents = scheduler.add_noise(start, noise, first)
        return (latents, noise) if with_noise else latents

    return prepare_latents


def _to_come(scheduler: Any, first: Any) -> Any:
    """The scheduler's timesteps from `first` on."""
    begin = getattr(scheduler, "begin_index", None)
    if begin is None:
        begin = int((scheduler.timesteps == first).nonzero()[0])
    return scheduler.timesteps[begin:]


def load_model(files: ModelFiles, device: Device) -> Loaded:
    """Load a folder in diffusers' StableDiffusionPipeline layout.

    Raises:
        GeneratorError: names model and file.
    """
    check_folder(files)
    index = _index(files)
    share_cores(device)
    quiet()
    import torch
    from diffusers import AutoPipelineForText2Image
    from diffusers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()

    options: dict[str, Any] = (
        {"safety_checker": None, "requires_safety_checker": False} if "safety_checker" in index else {}
    )
    dtype = {"bfloat16": torch.bfloat16, "float16": torch.float16}.get(device.dtype, torch.float32)
    try:
        pipeline: Any = AutoPipelineForText2Image.from_pretrained(
            files.path, local_files_only=True, use_safetensors=True, dtype=dtype, **options
        )
    except Exception as error:  # loaders raise OSError, ValueError, KeyError, RuntimeError, SafetensorError, ...
        raise GeneratorError(
            f"The model {files.name} cannot be loaded: {first_line(error)}. Install it again."
        ) from error
    pipeline.set_progress_bar_config(disable=True)
    if device.type == "cuda":
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    pipeline.to(device.type)
    pipeline.vae.to(dtype=torch.float32)  # half precision bands smooth skies; the decoder runs once a picture
    scale = int(pipeline.vae_scale_factor)
    previewer = Previewer(pipeline.vae, scale, device.type)
    return Loaded(pipeline, device, scale, previewer, pipeline.scheduler, files.path)


def _index(files: ModelFiles) -> dict[str, Any]:
    """`model_index.json`, with every part it names checked to have its folder and weights as safetensors."""
    path = files.path / "model_index.json"
    try:
        index = dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise GeneratorError(
            f"The model {files.name} cannot be loaded: model_index.json is missing or damaged. Install it again."
        ) from error
    for part in ("unet", "vae", "text_encoder"):
        if not any((files.path / part).glob("*.safetensors")):
            raise GeneratorError(
                f"The model {files.name} cannot be loaded: {part}/ holds no safetensors weights. Install it again."
            )
    return index
