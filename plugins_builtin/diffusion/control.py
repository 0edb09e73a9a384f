"""ControlNets: loading one that fits, and the picture that it is shown.

Source: Zhang, Rao and Agrawala 2023, "Adding Conditional Control to Text-to-Image Diffusion Models".
"""

from __future__ import annotations

from typing import Any

from plugins_builtin.weights import check_folder, first_line
from studio.plugins import GeneratorError, ModelFiles


def load_control(files: ModelFiles, pipeline: Any) -> Any:
    """A ControlNet beside its model, in the same place and dtype.

    Raises:
        GeneratorError: the folder is broken, or made for another kind of model.
    """
    from diffusers import ControlNetModel

    check_folder(files)
    unet = pipeline.unet
    try:
        control = ControlNetModel.from_pretrained(files.path, local_files_only=True, use_safetensors=True,
                                                  torch_dtype=unet.dtype)
    except Exception as error:  # loaders raise OSError, ValueError, KeyError, RuntimeError, ...
        raise GeneratorError(
            f"The control model {files.name} cannot be loaded: {first_line(error)}. Install it again."
        ) from error
    same = ("cross_attention_dim", "in_channels")
    blocks = tuple(control.config.block_out_channels) == tuple(unet.config.block_out_channels)
    if not blocks or any(getattr(control.config, name) != getattr(unet.config, name) for name in same):
        raise GeneratorError(f"The control model {files.name} was made for another kind of model; choose one made for "
                             "the model that draws.")
    return control.to(unet.device)


def control_picture(picture: Any, kind: str) -> Any:
    """What a ControlNet is shown of a Pillow RGB picture, of the same size.

    kind: "Edges (Canny)" gives thin white lines on black, "Edges (soft)" broad grey ones, "As it is" the picture.
    """
    import cv2
    import numpy as np
    import PIL.Image

    if kind == "As it is":
        return picture
    grey = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2GRAY)
    if kind == "Edges (Canny)":
        lines = cv2.Canny(grey, 100, 200)
    else:
        smooth = cv2.GaussianBlur(grey, (0, 0), 1.2).astype(np.float32)
        slope = np.hypot(cv2.Scharr(smooth, cv2.CV_32F, 1, 0), cv2.Scharr(smooth, cv2.CV_32F, 0, 1))
        strongest = max(float(np.percentile(slope, 99.5)), 16.0)  # of a flat picture noise would be the strongest
        lines = (np.minimum(slope / strongest, 1) * 255).astype(np.uint8)
    return PIL.Image.fromarray(np.repeat(lines[..., None], 3, axis=-1))
