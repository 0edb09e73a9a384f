"""FFDNet for colour pictures: 12 convolutions at half size that are told how strong the noise is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plugins_builtin.threads import share_cores
from plugins_builtin.weights import broken_safetensors, first_line
from studio.plugins import Device, GeneratorError, ModelFiles

LAYERS = 12


def load_network(files: ModelFiles, device: Device) -> Callable[[Any, float], Any]:
    """The network as a function of a float32 (height, width, 3) picture, 0 to 1, and the noise's deviation, 0 to 1.

    Raises:
        GeneratorError: the file is broken or holds another network.
    """
    share_cores(device)
    import numpy as np
    import torch
    from safetensors.torch import load_file
    from torch.nn import functional

    path = files.path if files.path.is_file() else files.path / "ffdnet.safetensors"
    wrong = broken_safetensors(path)
    if wrong:
        raise GeneratorError(f"The model {files.name} cannot be loaded: {path.name} {wrong}. Install it again.")
    try:
        weights = load_file(path)
        layers = [(weights[f"model.{2 * i}.weight"].float().to(device.type),
                   weights[f"model.{2 * i}.bias"].float().to(device.type)) for i in range(LAYERS)]
    except KeyError as error:
        raise GeneratorError(
            f"The model {files.name} is no FFDNet for colour: it has no {first_line(error)}. Choose another model."
        ) from error

    def network(picture: Any, sigma: float) -> Any:
        if device.type == "cpu" and torch.get_num_threads() != max(1, device.threads):
            torch.set_num_threads(max(1, device.threads))  # sums depend on how work is split
        with torch.inference_mode():
            x = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None].to(device.type)
            height, width = x.shape[-2:]
            x = functional.pixel_unshuffle(functional.pad(x, (0, width % 2, 0, height % 2), mode="replicate"), 2)
            x = torch.cat([x, torch.full_like(x[:, :1], sigma)], 1)
            for index, (weight, bias) in enumerate(layers):
                x = functional.conv2d(x, weight, bias, padding=1)
                x = x if index == LAYERS - 1 else functional.relu(x)
            return functional.pixel_shuffle(x, 2)[0, :, :height, :width].permute(1, 2, 0).cpu().numpy()

    return network
