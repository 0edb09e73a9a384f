"""Inpainting with soft masks: what the model may change at each step, and how its picture joins the one it began with.

Source of the change map: Levin and Fried 2023, "Differential Diffusion: Giving Each Pixel Its Strength"
(arXiv:2306.00950).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plugins_builtin.diffusion.starts import Start
from plugins_builtin.fields import pull_push

MOST_SHIFT = 16.0
"""Grey levels by which a colour drift of the decoder is mended at most; more than that is the model's intention."""


class ChangeMap:
    """Gives each latent back to the picture until its share of the steps is left.

    A latent that may change by 0.5 follows the noised picture for the first half of the steps and is free in the
    second, as if it had been started at half the strength; one of 0 follows it to the end.
    """

    def __init__(self, scheduler: Any, start: Any, change: Any) -> None:
        """
        Args:
            scheduler: a diffusers scheduler with its timesteps set when `after_step` is called.
            start: clean latents, (1, channels, height, width).
            change: float32 (1, 1, height, width), 0 to 1.
        """
        self._scheduler, self._start, self._keep = scheduler, start.float(), 1 - change.to(start.device)
        self._noise: Any = None
        self._timesteps: Any = None

    def begin(self, noise: Any, timesteps: Any) -> None:
        """noise: that of the first latents, same shape as `start`. timesteps: those that will run."""
        self._noise, self._timesteps = noise.float(), timesteps

    def after_step(self, done: int, latents: Any) -> Any:
        """Latents in float32 after `done` steps, with what must still follow the picture put back."""
        import torch

        of = len(self._timesteps)
        if done >= of:
            return torch.where(self._keep >= 1, self._start, latents)
        # keyed to the timestep that comes next: latents are at its noise level now
        noised = self._scheduler.add_noise(self._start, self._noise, self._timesteps[done : done + 1])
        return torch.where(self._keep > done / of, noised, latents)


def change_of(mask: Any, scale: int) -> Any:
    """How far each latent may change: the most that any of its pixels may, as a tensor (1, 1, height, width).

    The most and not the mean, or else what was to go would stay visible along the edge of a hard mask.

    Args:
        mask: float32 array, sides divisible by `scale`.
    """
    import torch

    return torch.nn.functional.max_pool2d(torch.from_numpy(mask)[None, None], scale)


def padded(array: Any, scale: int) -> Any:
    """(height, width, ...) continued by its edge pixels until both sides are whole latents."""
    import numpy as np

    height, width = array.shape[:2]
    more = [(0, -height % scale), (0, -width % scale)] + [(0, 0)] * (array.ndim - 2)
    return np.pad(array, more, mode="edge") if -height % scale or -width % scale else array


@dataclass(frozen=True)
class Composite:
    """Joins what a model drew with the picture it began with, pixel by pixel as the mask says."""

    start: Start
    scale: int
    """Pixels to one latent along a side: how far a correction at the mask's edge reaches inwards."""

    def join(self, drawn: Any) -> Any:
        """A Pillow picture, RGBA where the start has transparency; where the mask is 0 it is the start byte for byte.

        Args:
            drawn: uint8 (height, width, 3), at least as large as the start.
        """
        import numpy as np
        import PIL.Image

        height, width = self.start.mask.shape
        new = drawn[:height, :width].astype(np.float32)
        new = np.clip(new + self._correction(new), 0, 255)
        return PIL.Image.fromarray(_over(self.start, new))

    def glance(self, drawn: Any, width: int, height: int) -> Any:
        """The same for a preview, a Pillow RGB picture, at the preview's own size and without the correction.

        Args:
            drawn: a small Pillow picture of the padded work.
            width, height: the padded work's size in pixels.
        """
        import numpy as np
        import PIL.Image

        tall, wide = self.start.mask.shape
        size = (max(1, round(drawn.width * wide / width)), max(1, round(drawn.height * tall / height)))
        small = Start(
            np.asarray(PIL.Image.fromarray(self.start.pixels).resize(size, PIL.Image.Resampling.BOX)),
            np.asarray(PIL.Image.fromarray(self.start.mask).resize(size, PIL.Image.Resampling.BOX)),
            self.start.opaque,
        )
        new = np.asarray(drawn.convert("RGB").crop((0, 0, *size)), dtype=np.float32)
        return PIL.Image.fromarray(_over(small, new))

    def _correction(self, new: Any) -> Any:
        """What to add to the drawn picture so that no edge shows, float32 (height, width, 3).

        Outside the mask the true picture is known, so the difference to what was drawn there is known too. Its median
        (the drift of colours through the decoder) counts everywhere; the rest is continued inwards and fades over
        about one latent.
        """
        import cv2
        import numpy as np

        known = (self.start.mask <= 0) & (self.start.pixels[..., 3] == 255)
        if not known.any() or known.all():
            return np.zeros(1, np.float32)
        away = cv2.distanceTransform((~known).astype(np.uint8), cv2.DIST_L2, 5)
        near = known & (cv2.distanceTransform(known.astype(np.uint8), cv2.DIST_L2, 5) <= 2 * self.scale)
        difference = self.start.pixels[..., :3].astype(np.float32) - new
        shift = np.clip(np.median(difference[near], axis=0), -MOST_SHIFT, MOST_SHIFT).astype(np.float32)
        # from near by only: what does not match on the far side of the mask is no colour for this one
        spread = pull_push(difference - shift, known.astype(np.float32), levels=max(1, self.scale.bit_length() - 1))
        fade = np.exp(-((away / self.scale) ** 2))[..., None]
        return shift + spread * fade


def _over(start: Start, new: Any) -> Any:
    """uint8 (height, width, 3 or 4): `new`, opaque, over the start by the mask, mixed as light (premultiplied)."""
    import numpy as np

    share = start.mask[..., None]
    old = start.pixels.astype(np.float32)
    alpha = old[..., 3:] / 255
    whole = alpha * (1 - share) + share
    colours = (old[..., :3] * alpha * (1 - share) + new * share) / np.maximum(whole, 1e-6)
    mixed = np.concatenate([colours, whole * 255], axis=-1)
    result = np.where(share > 0, np.rint(mixed).clip(0, 255).astype(np.uint8), start.pixels)
    return result[..., :3] if start.opaque else result
