"""ControlNets: those of a library and those that come with a model, and which parts of a run they lead.

Source: Zhang, Rao and Agrawala 2023, "Adding Conditional Control to Text-to-Image Diffusion Models".
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plugins_builtin.control.extract import AS_IT_IS, POSE, REFERENCE
from plugins_builtin.diffusion.settings import Lead
from plugins_builtin.weights import check_folder, first_line
from studio.plugins import GeneratorError, ModelFiles

CONTROLNET, IP_ADAPTER = "controlnet", "ip-adapter"


def family(kind: str) -> str:
    """Which of a model's own nets a kind of control takes: "edges", "pose" or "reference"."""
    return {POSE: "pose", REFERENCE: "reference"}.get(kind, "edges")


def own_control(model: Path, kind: str) -> ModelFiles | None:
    """The net for a kind of control that lies in a model's own folder, as `control-edges` does; None without one."""
    folder = model / f"control-{family(kind)}"
    if not (folder.is_dir() and kind != AS_IT_IS):
        return None
    return ModelFiles(folder.name, IP_ADAPTER if kind == REFERENCE else CONTROLNET, folder)


def load_control(files: ModelFiles, pipeline: Any) -> Any:
    """A ControlNet for a pipeline, in the same place and dtype.

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
    return control.to(unet.device).eval()


class ControlNets:
    """The ControlNets of a pipeline, each loaded once."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._loaded: dict[Path, Any] = {}

    def parts(self, leads: Sequence[Lead]) -> tuple[list[Any], dict[str, Any]]:
        """The nets that lead a run, and what its pipeline is called with besides their pictures. Raises
        `GeneratorError` for nets that are broken or do not fit."""
        nets = [self._net(lead.files) for lead in leads]
        return nets, {
            "controlnet_conditioning_scale": [lead.weight for lead in leads],
            "control_guidance_start": [lead.start for lead in leads],
            "control_guidance_end": [lead.end for lead in leads],
        }

    def _net(self, files: ModelFiles) -> Any:
        if files.path not in self._loaded:
            self._loaded[files.path] = load_control(files, self._pipeline)
        return self._loaded[files.path]
