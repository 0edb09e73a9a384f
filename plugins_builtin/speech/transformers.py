"""`speech.transformers`: any voice that transformers runs, from a folder of the person's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from plugins_builtin.speech.sentences import pieces
from plugins_builtin.speech.speaking import Speech, SpeechParams, voice_hints
from plugins_builtin.threads import share_cores
from plugins_builtin.weights import first_line
from studio.plugins import Context, Generator, GeneratorError, ModelField, ModelMissing, Params, Text, ui
from studio.plugins import Requirements as Needs


class TransformersParams(SpeechParams):
    """What to say and how."""

    voice: str = Field("", max_length=200, description="Who speaks, where the model has several voices; empty is its "
                       "first.", json_schema_extra=voice_hints("text", choices_by="speech.speakers"))
    model: Annotated[str, Field(description="A folder of VITS or MMS, SpeechT5 or Bark.")] = ModelField(
        "vits", "speecht5", "bark")
    vocoder: Annotated[str, Field(description="What turns SpeechT5's spectra into sound.")] = ModelField(
        "hifigan", optional=True, group="Advanced", label="Vocoder")


class Transformers(Speech):
    """Reads text with VITS, MMS, SpeechT5 and Bark. The same seed gives the same sound."""

    id = "speech.transformers"
    title = "Speech model"
    summary = "Reads text aloud with a speech model of your own: VITS, MMS, SpeechT5 or Bark."
    requires = Needs(memory=2 * 2**30)
    libraries = ("torch", "transformers", "hibari-tts", "python-stretch")
    said_to_be = "This voice"

    class Params(TransformersParams):
        """What to say and how."""

    def __init__(self) -> None:
        self._network: Any = None
        self._module: Any = None

    def load(self, ctx: Context) -> None:
        """Bring the network in. Raises `GeneratorError` for broken files and for voices that need eSpeak."""
        share_cores(ctx.device)
        from plugins_builtin.speech.networks import open_network

        ctx.check()
        vocoder: Path | None = None
        try:
            vocoder = ctx.model("vocoder").path
        except ModelMissing:
            pass
        self._network, self._module = open_network(ctx.model("model"), vocoder, ctx.device)
        self.rate = self._network.rate

    def unload(self) -> None:
        self._network = self._module = None

    def voices(self) -> Sequence[str]:
        if self._network is None:
            raise GeneratorError("The network that speaks is not loaded.")
        found: list[str] = self._network.voices()
        return found

    def known(self, voice: str, field: str) -> str:
        return super().known(voice, field) if voice.strip() else self.voices()[0]

    def check_text(self, text: str) -> None:
        self._network.check_text(text)

    def utter(self, text: str, voice: str, params: TransformersParams, ctx: Context) -> Any:
        import numpy as np
        import torch

        from plugins_builtin.speech.networks import watched
        from plugins_builtin.speech.waves import changed

        ctx.check()
        hooks = watched(self._module, ctx)
        try:
            cuda = [self._module.device] if self._module.device.type == "cuda" else []
            with torch.random.fork_rng(devices=cuda), torch.inference_mode():
                torch.manual_seed(params.seed)
                made = [self._network.spoken(part, voice, params.speed) for part in pieces(text, self._network.longest)]
        except (RuntimeError, ValueError, IndexError) as error:
            raise GeneratorError(f"This model cannot say a sentence ({first_line(error)}); change the sentence, or "
                                 "choose another model.") from error
        finally:
            for hook in hooks:
                hook.remove()
        return changed(np.concatenate(made), self.rate, 1.0 if self._network.own_pace else params.speed, params.pitch)


class SpeakersParams(Params):
    """Of which model."""

    model_config = ConfigDict(json_schema_extra=ui(listed=False))
    model: Annotated[str, Field(description="A folder of VITS or MMS, SpeechT5 or Bark.")] = ModelField(
        "vits", "speecht5", "bark")


class Speakers(Generator):
    """The voices of a model of `speech.transformers`, as its form takes them."""

    id = "speech.speakers"
    title = "Speakers of a model"
    produces = "text"
    icon = "user-sound"
    summary = "Names the voices of a speech model."

    class Params(SpeakersParams):
        """Of which model."""

    def run(self, params: SpeakersParams, ctx: Context) -> Text:
        """JSON: {name: {}} of each voice. Raises `GeneratorError` where the folder is broken."""
        from plugins_builtin.speech.networks import speakers_of

        ctx.check()
        return Text.of(json.dumps({name: {} for name in speakers_of(ctx.model("model"))}, ensure_ascii=False))
