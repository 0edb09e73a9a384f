"""Samplers by the names people know, each made from the model's own scheduler settings."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Literal, get_args

Sampler = Literal[
    "Model's own",
    "DDIM",
    "Euler",
    "Euler a",
    "DPM++ 2M",
    "DPM++ 2M Karras",
    "DPM++ 2M SDE",
    "UniPC",
    "Heun",
    "DDPM",
    "LCM",
]

NAMES: tuple[str, ...] = get_args(Sampler)

_CLASSES: dict[str, tuple[str, dict[str, Any]]] = {
    "DDIM": ("DDIMScheduler", {}),
    "Euler": ("EulerDiscreteScheduler", {}),
    "Euler a": ("EulerAncestralDiscreteScheduler", {}),
    "DPM++ 2M": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++", "use_karras_sigmas": False}),
    "DPM++ 2M Karras": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++", "use_karras_sigmas": True}),
    "DPM++ 2M SDE": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++", "use_karras_sigmas": False}),
    "UniPC": ("UniPCMultistepScheduler", {}),
    "Heun": ("HeunDiscreteScheduler", {}),
    "DDPM": ("DDPMScheduler", {}),
    "LCM": ("LCMScheduler", {}),
}


def make_sampler(name: str, own: Any) -> Any:
    """A fresh diffusers scheduler of that name with the settings of `own`, the model's scheduler.

    A fresh one for every run: schedulers keep state between steps, and a stopped run would leave some behind.
    """
    if name == NAMES[0]:
        return type(own).from_config(own.config)
    import inspect

    import diffusers

    class_name, changes = _CLASSES[name]
    scheduler = getattr(diffusers, class_name)
    config = dict(own.config)
    takes = inspect.signature(scheduler.__init__).parameters
    if config.get("rescale_betas_zero_snr") and "rescale_betas_zero_snr" not in takes:
        changes = changes | {"trained_betas": zero_snr_betas(own)}
    return scheduler.from_config(config, **changes)


def zero_snr_betas(own: Any) -> list[float]:
    """Betas of a model trained to end in pure noise, for samplers that cannot rescale them themselves.

    The last step keeps a trace of signal (2**-24, as diffusers' Euler does), since these samplers divide by it.
    Source: Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are Flawed".
    """
    import torch

    kept = own.alphas_cumprod.detach().double().cpu().clone()
    kept[-1] = max(float(kept[-1]), 2**-24)
    before = torch.cat([torch.ones(1, dtype=kept.dtype), kept[:-1]])
    return [float(beta) for beta in (1 - kept / before)]


class SamplerView:
    """Sits on a scheduler's `step`: keeps the latents in float32, and what the model expects them to become.

    In half precision a schedule that starts at sigma 4096 (zero terminal SNR) rounds by more than the picture's whole
    range, and samplers that look back at the last step, such as Heun, return noise.
    """

    def __init__(self, scheduler: Any) -> None:
        self.exact: Any = None
        """Latents after the last step in float32, shape (1, channels, height, width); None before the first."""
        self.clean: Any = None
        """Predicted finished latents, same shape; None before the first step or where the sampler knows none."""
        self.adjust: Callable[[int, Any], Any] | None = None
        """Given the steps done and the latents after them in float32, returns those to go on with."""
        self._scheduler, self._done = scheduler, 0
        inner = scheduler.step

        # wraps: diffusers reads the signature to see whether a scheduler takes eta and generator
        @functools.wraps(inner)
        def step(model_output: Any, timestep: Any, sample: Any, *, return_dict: bool = True, **named: Any) -> Any:
            before = sample.float() if self.exact is None else self.exact
            out = inner(model_output.float(), timestep, before, return_dict=True, **named)
            self.exact, self.clean, self._done = out.prev_sample, self._clean(out), self._done + 1
            if self.adjust is not None:
                self.exact = out.prev_sample = self.adjust(self._done, self.exact)
            out.prev_sample = out.prev_sample.to(sample.dtype)
            return out if return_dict else (out.prev_sample,)

        scheduler.step = step

    def _clean(self, out: Any) -> Any:
        for name in ("pred_original_sample", "denoised"):
            found = getattr(out, name, None)
            if found is not None:
                return found
        # multistep solvers keep the converted predictions, which are clean latents for the "++" kinds
        kept = getattr(self._scheduler, "model_outputs", None)
        config = self._scheduler.config
        is_clean = config.get("algorithm_type") in ("dpmsolver++", "sde-dpmsolver++") or config.get("predict_x0")
        return kept[-1] if is_clean and kept and kept[-1] is not None else None
