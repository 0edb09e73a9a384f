"""Prompts for parts of a picture: each region's prediction of the noise counts as far as its mask says.

Source: Bar-Tal et al. 2023, "MultiDiffusion: Fusing Diffusion Paths for Controlled Image Generation", section 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RegionPrompt:
    """prompt: with weights. mask: float32 array (height, width), 0 to 1, in pixels of the picture."""

    prompt: str
    mask: Any


def shares(masks: list[Any], scale: int) -> Any:
    """How much each region and, last, the picture's own prompt count: a tensor (regions + 1, 1, 1, height, width).

    Where regions overlap they share; where their masks sum to less than 1 the picture's prompt has the rest.

    Args:
        masks: float32 arrays, sides divisible by `scale`.
    """
    import torch

    stacked = torch.stack([torch.from_numpy(mask) for mask in masks])[:, None]
    small = torch.nn.functional.avg_pool2d(stacked, scale)
    total = small.sum(0, keepdim=True)
    small = small / total.clamp(min=1)
    return torch.cat([small, 1 - total.clamp(max=1)])[:, None]


@contextmanager
def regional(unet: Any, embeddings: list[Any], weights: Any) -> Iterator[None]:
    """Inside, the denoiser answers for the regions too.

    Args:
        embeddings: for each region (1, tokens, channels).
        weights: from `shares`.
    """
    import torch

    forward = unet.forward
    weights = weights.to(unet.device, unet.dtype)

    def blended(sample: Any, timestep: Any, encoder_hidden_states: Any, *rest: Any, **named: Any) -> Any:
        out = forward(sample, timestep, encoder_hidden_states, *rest, **named)
        whole = out[0]
        last = {name: _last(value) for name, value in named.items()}
        mixed = whole[-1:] * weights[-1]
        for embedding, weight in zip(embeddings, weights, strict=False):
            if weight.any():
                mixed = mixed + forward(sample[-1:], timestep, embedding, *rest, **last)[0] * weight
        return (torch.cat([whole[:-1], mixed]), *out[1:])

    unet.forward = blended
    try:
        yield
    finally:
        unet.forward = forward


def _last(value: Any) -> Any:
    """The part of a batched argument that belongs to the prompt; guided runs have the negative one before it."""
    import torch

    if isinstance(value, torch.Tensor) and value.ndim > 0:
        return value[-1:]
    if isinstance(value, list | tuple):
        return type(value)(_last(item) for item in value)
    if isinstance(value, dict):
        return {name: _last(item) for name, item in value.items()}
    return value
