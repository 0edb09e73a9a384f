"""One diffusion model in memory: loading, and the two pipelines that share its parts."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from plugins_builtin.diffusion.previews import Previewer, vae_scaling
from plugins_builtin.diffusion.samplers import SamplerView, make_sampler
from plugins_builtin.threads import share_cores
from plugins_builtin.weights import check_folder, first_line, quiet
from studio.plugins import Device, GeneratorError, ModelFiles

OnStep = Callable[[int, int, Any], None]
"""Called after each step with steps done, steps in all, and clean latents (or None)."""


@dataclass(frozen=True)
class Settings:
    """What one picture needs. init: a Pillow picture of exactly width x height, or None."""

    prompt: str
    negative_prompt: str
    width: int
    height: int
    steps: int
    guidance_scale: float
    sampler: str
    seed: int
    eta: float = 0.0
    init: Any = None
    strength: float = 1.0


@dataclass
class Loaded:
    """A pipeline in place, ready to run."""

    text_to_image: Any
    device: Device
    scale: int
    """Pixels to one latent along a side."""
    previewer: Previewer
    own_scheduler: Any = field(repr=False)

    # ---------------------------------------------------------------- prompt

    def truncated(self, text: str) -> int:
        """How many tokens of `text` the text encoder does not see."""
        tokenizer = self.text_to_image.tokenizer
        ids = tokenizer(text, truncation=False, verbose=False)["input_ids"]
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
            on_step(index + 1, int(pipeline.num_timesteps), view.clean)
            return {}

        common = {
            "prompt": settings.prompt,
            "negative_prompt": settings.negative_prompt,
            "guidance_scale": settings.guidance_scale,
            "eta": settings.eta,
            "generator": torch.Generator("cpu").manual_seed(settings.seed),
            "output_type": "latent",
            "callback_on_step_end": after_step,
        }
        with torch.inference_mode():
            if settings.init is None:
                latents = self._from_noise(scheduler, settings, common)
            else:
                latents = self._from_picture(scheduler, settings, common)
            return self._decode(latents if view.exact is None else view.exact), done[0]

    def _from_noise(self, scheduler: Any, settings: Settings, common: dict[str, Any]) -> Any:
        pipeline = self.text_to_image
        pipeline.scheduler = scheduler
        size = {"width": settings.width, "height": settings.height}
        return pipeline(num_inference_steps=settings.steps, **size, **common).images

    def _from_picture(self, scheduler: Any, settings: Settings, common: dict[str, Any]) -> Any:
        from diffusers import AutoPipelineForImage2Image

        start = self._encode(settings.init)
        if settings.strength <= 0:
            return start
        pipeline = AutoPipelineForImage2Image.from_pipe(self.text_to_image, scheduler=scheduler)
        pipeline.set_progress_bar_config(disable=True)
        picture: Any = start
        if start.shape[1] != 4:
            # The pipeline would take such a tensor for pixels and encode it, so it gets the picture and is handed
            # the latents behind its back.
            picture = settings.init
            pipeline.prepare_latents = _noised(start, scheduler)
        # At least one step must remain of the share that strength leaves.
        steps = max(settings.steps, math.ceil(1 / settings.strength))
        return pipeline(image=picture, strength=settings.strength, num_inference_steps=steps, **common).images

    def _encode(self, picture: Any) -> Any:
        import numpy as np
        import torch

        vae = self.text_to_image.vae
        factor, shift = vae_scaling(vae)
        pixels = torch.from_numpy(np.asarray(picture, dtype=np.float32).copy()).permute(2, 0, 1)[None] / 127.5 - 1
        latents = (vae.encode(pixels.to(vae.device, vae.dtype)).latent_dist.mode() - shift) * factor
        return latents.to(self.text_to_image.unet.dtype)

    def _decode(self, latents: Any) -> Any:
        import PIL.Image
        import torch

        vae = self.text_to_image.vae
        factor, shift = vae_scaling(vae)
        pixels = vae.decode(latents.to(vae.dtype) / factor + shift).sample[0].float()
        if not torch.isfinite(pixels).all():
            raise GeneratorError(
                "The model made numbers that are no picture; try another sampler, more steps or less guidance."
            )
        rgb = ((pixels.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
        return PIL.Image.fromarray(rgb)


def _noised(start: Any, scheduler: Any) -> Callable[..., Any]:
    """What takes the place of the pipeline's `prepare_latents`: `start` with the noise of the first step."""

    def prepare_latents(_image: Any, timestep: Any, _batch: int, _count: int, _dtype: Any, _device: Any,
                        generator: Any = None, *_rest: Any) -> Any:
        from diffusers.utils.torch_utils import randn_tensor

        noise = randn_tensor(start.shape, generator=generator, device=start.device, dtype=start.dtype)
        return scheduler.add_noise(start, noise, timestep)

    return prepare_latents


def load_model(files: ModelFiles, device: Device) -> Loaded:
    """Load a folder in diffusers' StableDiffusionPipeline layout. Raises `GeneratorError`, naming model and file."""
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
    return Loaded(pipeline, device, scale, Previewer(pipeline.vae, scale, device.type), pipeline.scheduler)


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
