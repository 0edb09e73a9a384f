"""`music.musicgen`: music as sound, from MusicGen folders of transformers; text in, and sound to go on from.

Source: Copet et al. 2023, "Simple and Controllable Music Generation".
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from plugins_builtin.music.described import Described, guidance, seconds
from studio.plugins import Audio, Context, InputError, ModelField, ModelFiles, Params, Prompt, Seed, ui
from studio.plugins import Requirements as Needs

LONGEST_START = 30.0
"""Seconds of the end of a sound that a model goes on from."""


class MusicgenParams(Params):
    """What to play."""

    prompt: Prompt = Field("", description='What it should sound like: "a calm piano with rain".')
    seconds: float = seconds(30, 8.0)
    audio: Audio | None = Field(None, description="Sound to go on from; only what is new is given back.",
                                json_schema_extra=ui(role="audio", label="Go on from", media="audio"))
    guidance: float = guidance(15, 3.0)
    temperature: Annotated[float, Field(ge=0.05, le=2)] = Field(
        1.0, description="Lower is plainer, higher is wilder.",
        json_schema_extra=ui(widget="slider", step=0.05, group="Advanced"))
    top_k: Annotated[int, Field(ge=1, le=2048)] = Field(
        250, description="Only so many of the likeliest tokens are drawn from.",
        json_schema_extra=ui(widget="number", label="Top k", group="Advanced"))
    seed: Seed = 0
    model: Annotated[str, Field(description="A MusicGen folder.")] = ModelField("musicgen")


class MusicGen(Described):
    """MusicGen, in transformers' layout."""

    id = "music.musicgen"
    title = "Music from words (MusicGen)"
    summary = "Makes sound with all instruments at once from a description, and goes on from a sound."
    requires = Needs(memory=4 * 2**30)
    libraries = ("torch", "transformers")
    kind = "a MusicGen model"
    wanted = "Describe the music, or choose a sound to go on from."

    class Params(MusicgenParams):
        """What to play."""

    def __init__(self) -> None:
        super().__init__()
        self._processor: Any = None

    def bring(self, files: ModelFiles, dtype: Any) -> Any:
        from transformers import AutoProcessor, MusicgenForConditionalGeneration

        self._processor = AutoProcessor.from_pretrained(files.path, local_files_only=True)
        model = MusicgenForConditionalGeneration.from_pretrained(
            files.path, local_files_only=True, use_safetensors=True, dtype=dtype)
        return model.eval()

    def unload(self) -> None:
        super().unload()
        self._processor = None

    def run(self, params: MusicgenParams, ctx: Context) -> Audio:
        """Make it. Raises `InputError` where there are neither words nor a sound."""
        self.check(params.prompt, params.audio)
        import torch

        encoder = self._model.config.audio_encoder
        rate = int(encoder.sampling_rate)
        inputs, known = self._inputs(params, rate, ctx)
        # the books of a frame come one step after another
        steps = max(1, round(params.seconds * encoder.frame_rate)) + int(self._model.config.decoder.num_codebooks) - 1
        with torch.random.fork_rng(devices=[]), torch.inference_mode():
            torch.manual_seed(params.seed)
            made = self._model.generate(
                **inputs, do_sample=True, guidance_scale=params.guidance, temperature=params.temperature,
                top_k=params.top_k, max_new_tokens=steps, stopping_criteria=[_Watch(ctx, steps)])
        samples = made[0].float().cpu().numpy().T[known:][: round(params.seconds * rate)]
        return Audio.from_samples(samples, rate, **({"continues": True} if known else {}))

    def _inputs(self, params: MusicgenParams, rate: int, ctx: Context) -> tuple[dict[str, Any], int]:
        """What `generate` takes, and how many frames of it come back before anything new."""
        words = [params.prompt]
        if params.audio is None:
            inputs, known = self._processor(text=words, padding=True, return_tensors="pt"), 0
        else:
            samples = prepared(params.audio, rate, int(self._model.config.decoder.audio_channels))
            inputs = self._processor(text=words, audio=samples, sampling_rate=rate, padding=True, return_tensors="pt")
            known = int(samples.shape[-1])
        kind = self._model.dtype
        found = {name: value.to(ctx.device.type) for name, value in inputs.items()}
        return {name: value.to(kind) if value.is_floating_point() else value for name, value in found.items()}, known


def prepared(audio: Audio, rate: int, channels: int) -> Any:
    """float32 (frames,) or (channels, frames): the last seconds of a sound in the model's rate and channels."""
    import numpy as np
    import soxr

    samples, found = audio.samples()
    if not len(samples):
        raise InputError("This sound is empty (0 s); choose another one.", "audio")
    samples = samples[-round(LONGEST_START * found):].mean(1, keepdims=channels > 1)
    if channels > 1:
        samples = np.repeat(samples, channels, 1)
    return np.ascontiguousarray(soxr.resample(samples, found, rate).T.astype(np.float32))


class _Watch:
    """A stopping criterion of transformers that reports each step and lets a stop through."""

    def __init__(self, ctx: Context, of: int) -> None:
        self._ctx, self._of, self._done = ctx, of, 0

    def __call__(self, tokens: Any, scores: Any, **kwargs: Any) -> Any:
        import torch

        self._done += 1
        self._ctx.progress(min(self._done, self._of), self._of)
        return torch.zeros(tokens.shape[0], dtype=torch.bool, device=tokens.device)
