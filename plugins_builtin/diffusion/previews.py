"""Small pictures of unfinished latents: by the model's own decoder where it is quick, else by a fitted linear map."""

from __future__ import annotations

import io
import time
from typing import Any

from plugins_builtin.diffusion.inpaint import Composite
from studio.plugins import Image

LONGEST = 256
"""Longest side of a preview in pixels."""

QUICK = 0.06
"""Seconds a decode may take to serve as a preview."""

_SIDE = 64
_SAMPLES = 6


class Previewer:
    """Decodes latents for the eye only: nothing here draws from the run's random numbers or changes its result."""

    def __init__(self, vae: Any, scale: int, device: str) -> None:
        """Encode and decode a few synthetic pictures: fits the map and measures the decoder.

        Args:
            vae: AutoencoderKL in its final place and dtype.
            scale: pixels to one latent along a side.
        """
        import torch

        self._vae, self._scale = vae, scale
        factor, shift = vae_scaling(vae)
        with torch.inference_mode():
            pictures = _synthetic(_SAMPLES, max(_SIDE, scale * 4)).to(device, vae.dtype)
            latents = (vae.encode(pictures).latent_dist.mode() - shift) * factor
            decoded, seconds = [], []
            for one in latents.split(1):
                start = time.perf_counter()
                decoded.append(vae.decode(one / factor + shift).sample)
                self._await(device)
                seconds.append(time.perf_counter() - start)
            # the best of several: the first pays for setting up, and another process may have been in the way
            self._seconds_a_pixel = min(seconds) / decoded[0][0, 0].numel()
            self._map = fit(latents, torch.cat(decoded))

    @staticmethod
    def _await(device: str) -> None:
        import torch

        if device == "cuda":
            torch.cuda.synchronize()

    def quick(self, width: int, height: int) -> bool:
        """Whether the real decoder is quick enough for previews of this size in pixels."""
        return bool(self._seconds_a_pixel * width * height < QUICK)

    def __call__(self, latents: Any, composite: Composite | None = None) -> Image:
        """A picture of at most `LONGEST` pixels from latents of shape (1, channels, height, width).

        Args:
            composite: what the work will be joined with; a JPEG, or a PNG where that leaves transparency.
        """
        import PIL.Image
        import torch

        height, width = (side * self._scale for side in latents.shape[-2:])
        with torch.inference_mode():
            if self.quick(width, height):
                factor, shift = vae_scaling(self._vae)
                rgb = self._vae.decode(latents.to(self._vae.dtype) / factor + shift).sample[0].float()
            else:
                flat = latents[0].float().permute(1, 2, 0)
                rgb = (flat @ self._map[:-1] + self._map[-1]).permute(2, 0, 1)
            pixels = (
                ((rgb.clamp(-1, 1) + 1) * 127.5).round().nan_to_num(0).to(torch.uint8).permute(1, 2, 0).cpu().numpy()
            )
        ratio = LONGEST / max(width, height)
        size = (max(1, round(width * min(1, ratio))), max(1, round(height * min(1, ratio))))
        picture = PIL.Image.fromarray(pixels)
        picture = picture if picture.size == size else picture.resize(size, PIL.Image.Resampling.BICUBIC)
        if composite is not None:
            picture = composite.glance(picture, width, height)
        if picture.mode == "RGBA":
            return Image.from_pil(picture)
        buffer = io.BytesIO()
        picture.save(buffer, format="JPEG", quality=88)
        return Image(buffer.getvalue(), "image/jpeg", {"width": picture.width, "height": picture.height})


def fit(latents: Any, decoded: Any) -> Any:
    """Least-squares map from a latent to its patch's mean colour, shape (channels + 1, 3); the last row is added."""
    import torch

    small = torch.nn.functional.adaptive_avg_pool2d(decoded.float(), latents.shape[-2:])
    rows = latents.float().permute(0, 2, 3, 1).reshape(-1, latents.shape[1])
    rows = torch.cat([rows, torch.ones_like(rows[:, :1])], 1).cpu()
    colours = small.permute(0, 2, 3, 1).reshape(-1, 3).cpu()
    # a small ridge keeps the map finite for a decoder with dead channels
    gram = rows.T @ rows + 1e-3 * torch.eye(rows.shape[1])
    return torch.linalg.solve(gram, rows.T @ colours).to(latents.device)


def vae_scaling(vae: Any) -> tuple[float, float]:
    """(factor, shift): model latents = (vae latents - shift) * factor."""
    return float(vae.config.scaling_factor or 1.0), float(getattr(vae.config, "shift_factor", None) or 0.0)


def _synthetic(count: int, side: int) -> Any:
    """Coloured gradients and patches, shape (count, 3, side, side), range -1 to 1; the same every time."""
    import torch

    draw = torch.Generator("cpu").manual_seed(7)
    coarse = torch.rand((count, 3, 4, 4), generator=draw) * 2 - 1
    smooth = torch.nn.functional.interpolate(
        coarse[: count // 2], size=(side, side), mode="bicubic", align_corners=False
    )
    patches = torch.nn.functional.interpolate(coarse[count // 2 :], size=(side, side), mode="nearest")
    return torch.cat([smooth, patches]).clamp(-1, 1)
