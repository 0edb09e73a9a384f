"""LoRAs of a pipeline: those a prompt names, and the one that draws in few steps."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugins_builtin.diffusion.samplers import NAMES
from plugins_builtin.weights import broken_safetensors, first_line
from studio.plugins import GeneratorError, ModelFiles

DRAFT = "draft"
WEIGHTS = "pytorch_lora_weights.safetensors"


@dataclass(frozen=True)
class DraftCard:
    """How a model's LoRA for few steps wants to be run; None leaves it to the request.

    It lies beside the weights as `draft/pieria.json`: {"guidance_scale": 1.0, "sampler": "LCM"}.
    """

    path: Path
    guidance_scale: float | None = None
    sampler: str | None = None


def draft_of(model: Path) -> DraftCard | None:
    """The LoRA for few steps that comes with a model's folder, or None."""
    folder = model / DRAFT
    if not (folder / WEIGHTS).is_file():
        return None
    try:
        card = dict(json.loads((folder / "pieria.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        card = {}
    scale, sampler = card.get("guidance_scale"), card.get("sampler")
    guidance = float(scale) if isinstance(scale, int | float) and 1 <= scale <= 30 else None
    return DraftCard(folder / WEIGHTS, guidance, sampler if sampler in NAMES else None)


class Loras:
    """Which LoRAs lie on a pipeline, and which of them count in a run. Loading is done once for each file."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._loaded: dict[Path, str] = {}
        self._tried = 0

    def use(self, wanted: list[tuple[ModelFiles, float]]) -> None:
        """Let just these count, each with its weight; none is the model as it was.

        Raises:
            GeneratorError: a file is broken or belongs to another kind of model.
        """
        names = [(self._name(files), weight) for files, weight in wanted]
        if names:
            self._pipeline.enable_lora()
            self._pipeline.set_adapters([name for name, _ in names], [weight for _, weight in names])
        elif self._loaded:
            self._pipeline.disable_lora()

    def _name(self, files: ModelFiles) -> str:
        if files.path in self._loaded:
            return self._loaded[files.path]
        wrong = broken_safetensors(files.path)
        if wrong:
            raise GeneratorError(f"The LoRA {files.name} {wrong}; get its file again.")
        self._tried += 1
        name = f"lora{self._tried}"  # never one that failed: what it left in the layers keeps its name
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # peft warns of a second LoRA on one model
                self._pipeline.load_lora_weights(files.path.parent, weight_name=files.path.name, adapter_name=name,
                                                 local_files_only=True)
            known = {adapter for part in self._pipeline.get_list_adapters().values() for adapter in part}
        except Exception as error:  # loaders raise ValueError, KeyError, RuntimeError, ...
            raise GeneratorError(
                f"The LoRA {files.name} does not fit this model: {first_line(error)}. Take it out of the prompt."
            ) from error
        if name not in known:
            raise GeneratorError(f"The LoRA {files.name} does not fit this model; take it out of the prompt.")
        self._loaded[files.path] = name
        return name
