"""What the generators that turn words into sound share: fields, and how a folder of weights is loaded."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from pydantic import Field

from plugins_builtin.threads import share_cores
from plugins_builtin.weights import check_folder, first_line, quiet
from studio.plugins import (
    Audio,
    Context,
    Generator,
    GeneratorError,
    InputError,
    ModelFiles,
    ModelMissing,
    ui,
)


def seconds(most: float, usual: float) -> Any:
    """The field for the length of what is made."""
    return Field(usual, ge=0.5, le=most, description="Length of what is made.",
                 json_schema_extra=ui(widget="slider", unit="s", step=0.5))


def guidance(most: float, usual: float) -> Any:
    """The field for how closely the words are followed."""
    return Field(usual, ge=1, le=most, description="How closely it follows the words.",
                 json_schema_extra=ui(role="guidance", widget="slider", step=0.5))


class Described(Generator):
    """Subclasses say how a folder is loaded (`bring`) and how sound is made."""

    produces = "audio"
    icon = "waveform"
    kind: ClassVar[str] = ""
    """What a model of its kind is called in a sentence: "a MusicGen model"."""
    wanted: ClassVar[str] = "Describe the music."
    """What is said where nothing is given."""

    def __init__(self) -> None:
        self._model: Any = None

    def load(self, ctx: Context) -> None:
        """Bring the model in. Raises `GeneratorError` for a broken folder."""
        files = ctx.model("model")
        share_cores(ctx.device)
        quiet()
        import torch

        check_folder(files)
        ctx.check()
        dtype = {"bfloat16": torch.bfloat16, "float16": torch.float16}.get(ctx.device.dtype, torch.float32)
        try:
            self._model = self.bring(files, dtype)
        except Exception as error:  # the loaders raise OSError, ValueError, KeyError, SafetensorError, ...
            raise GeneratorError(f"The model {files.name} cannot be loaded: {first_line(error)}. Install it again.") \
                from error
        self._model.to(ctx.device.type)

    @abstractmethod
    def bring(self, files: ModelFiles, dtype: Any) -> Any:
        """The model or pipeline of a folder, on the processor."""

    def unload(self) -> None:
        self._model = None

    def check(self, prompt: str, audio: Audio | None = None) -> None:
        """Raise `ModelMissing` without a model, `InputError` where there are neither words nor a sound."""
        if self._model is None:
            raise ModelMissing(f"Choose {self.kind}.")
        if not prompt.strip() and audio is None:
            raise InputError(self.wanted, "prompt")
