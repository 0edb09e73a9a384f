"""`music.stable_audio` and `music.audioldm2`: music as sound by diffusion, from folders of diffusers.

Sources: Evans et al. 2024, "Stable Audio Open"; Liu et al. 2023, "AudioLDM 2". A region is made again as in Lugmayr et
al. 2022, "RePaint", without its resampling: after each step all that lies outside is put back, as noisy as the rest.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from plugins_builtin.music.described import Described, guidance, seconds
from studio.plugins import Audio, Context, InputError, ModelField, ModelFiles, NegativePrompt, Params, Prompt, Seed, ui
from studio.plugins import Requirements as Needs

SEAM = 0.02
"""Seconds over which old and new sound are mixed at the ends of a region, inside of it."""


class DiffusedParams(Params):
    """What to play."""

    prompt: Prompt = Field("", description='What it should sound like: "warm analogue synths, 90 bpm".')
    negative_prompt: NegativePrompt = Field("", description="What should not be heard.")
    seconds: float = seconds(95, 10.0)
    steps: Annotated[int, Field(ge=1, le=500)] = Field(
        100, description="More take longer and sound finer.", json_schema_extra=ui(role="steps", widget="slider"))
    guidance: float = guidance(20, 6.0)
    seed: Seed = 0


class StableAudioParams(DiffusedParams):
    """What to play, or which part of a sound to make again."""

    audio: Audio | None = Field(None, description="Sound of which a part is made again; the rest is kept.",
                                json_schema_extra=ui(role="audio", label="Sound", media="audio"))
    start: Annotated[float, Field(ge=0)] = Field(
        0.0, description="Where the part begins.", json_schema_extra=ui(widget="number", unit="s", label="From"))
    end: Annotated[float, Field(ge=0)] = Field(
        0.0, description="Where it ends.", json_schema_extra=ui(widget="number", unit="s", label="To"))
    model: Annotated[str, Field(description="A Stable Audio folder.")] = ModelField("stable-audio")


class AudioLdmParams(DiffusedParams):
    """What to play."""

    model: Annotated[str, Field(description="An AudioLDM 2 folder.")] = ModelField("audioldm2")


class Diffused(Described):
    """What both share: a pipeline of diffusers, and telling of each step."""

    requires = Needs(memory=6 * 2**30)
    libraries = ("torch", "diffusers", "transformers")
    pipeline = ""

    def bring(self, files: ModelFiles, dtype: Any) -> Any:
        import diffusers

        diffusers.utils.logging.set_verbosity_error()
        pipe = getattr(diffusers, self.pipeline).from_pretrained(
            files.path, local_files_only=True, use_safetensors=True, dtype=dtype)
        pipe.set_progress_bar_config(disable=True)
        return pipe

    def _drawer(self, params: DiffusedParams) -> Any:
        self.check(params.prompt)
        import torch

        return torch.Generator("cpu").manual_seed(params.seed)

    def _call(self, params: DiffusedParams, ctx: Context, keep: Any, **more: Any) -> Any:
        """float32 (frames, channels). `keep` is called with (index, time, latents) after each step."""
        import numpy as np
        import torch

        def step(index: int, time: Any, latents: Any) -> None:
            if keep is not None:
                keep(index, time, latents)
            ctx.progress(min(index + 1, params.steps), params.steps)

        with torch.inference_mode():
            out = self._model(params.prompt, negative_prompt=params.negative_prompt or None,
                             num_inference_steps=params.steps, guidance_scale=params.guidance, callback=step,
                             callback_steps=1, **more).audios[0]
        samples = out.float().cpu().numpy() if hasattr(out, "cpu") else np.asarray(out, np.float32)
        return np.atleast_2d(samples).T


class StableAudio(Diffused):
    """Stable Audio, in diffusers' layout."""

    id = "music.stable_audio"
    title = "Music from words (Stable Audio)"
    summary = "Makes stereo sound from a description, and makes a part of a sound again."
    kind = "a Stable Audio model"
    pipeline = "StableAudioPipeline"

    class Params(StableAudioParams):
        """What to play, or which part of a sound to make again."""

    def run(self, params: StableAudioParams, ctx: Context) -> Audio:
        """Make it. Raises `InputError` for a part that the sound does not have."""
        draw = self._drawer(params)
        rate = int(self._model.vae.sampling_rate)
        most = self._model.transformer.config.sample_size * self._model.vae.hop_length / rate
        if params.audio is not None:
            return self._part(params, ctx, draw, rate, most)
        samples = self._call(params, ctx, None, generator=draw,
                             audio_end_in_s=min(params.seconds, most))
        return Audio.from_samples(samples, rate)

    def _part(self, params: StableAudioParams, ctx: Context, draw: Any, rate: int, most: float) -> Audio:
        """The sound with the part from `start` to `end` made again."""
        import numpy as np

        assert params.audio is not None
        samples, found = params.audio.samples()
        length = len(samples) / found if len(samples) else 0.0
        if not 0 <= params.start < params.end <= length + 0.001:
            raise InputError(f"The part from {params.start:g} s to {params.end:g} s does not lie in the sound of "
                             f"{length:.2f} s; choose a part of it.", "end")
        if params.end - params.start > most:
            raise InputError(f"This model makes {most:.1f} s at most; choose a shorter part.", "end")
        first = max(0.0, min(params.start - (most - (params.end - params.start)) / 2, length - most))
        window = samples[round(first * found): round((first + most) * found)]
        keeper = _Keeper(self._model, window, found, params.start - first, params.end - first, params.seed)
        fresh = self._call(params, ctx, keeper, generator=draw, audio_end_in_s=len(window) / found)
        return Audio.from_samples(spliced(samples, found, fresh, rate, params.start, params.end, first), found,
                                  bits=24 if _deep(params.audio) else 16, part=[params.start, params.end],
                                  changed=int(np.ceil((params.end - params.start) * found)))


class _Keeper:
    """Puts latents outside of a part back after each step.

    Args:
        window: float32 (frames, channels) at `found` Hz, all that the model sees.
        start, end: seconds inside the window.
    """

    def __init__(self, pipe: Any, window: Any, found: int, start: float, end: float, seed: int) -> None:
        import numpy as np
        import soxr
        import torch

        self._pipe = pipe
        rate, hop = int(pipe.vae.sampling_rate), int(pipe.vae.hop_length)
        size = int(pipe.transformer.config.sample_size)
        channels = int(pipe.vae.config.audio_channels)
        sound = soxr.resample(window, found, rate).astype(np.float32)
        sound = sound[:, :channels] if sound.shape[1] >= channels else np.repeat(sound[:, :1], channels, 1)
        padded = np.zeros((size * hop, channels), np.float32)
        padded[: min(len(sound), len(padded))] = sound[: len(padded)]
        tensor = torch.from_numpy(padded.T[None].copy()).to(pipe.device, pipe.vae.dtype)
        with torch.inference_mode():
            self.known = pipe.vae.encode(tensor).latent_dist.mode()
        self.noise = torch.randn(self.known.shape, generator=torch.Generator("cpu").manual_seed(seed + 1)).to(
            self.known.device, self.known.dtype)
        places = (torch.arange(self.known.shape[-1]) + 0.5) * hop / rate
        self.outside = ((places < start) | (places >= end)).to(self.known.device)

    def __call__(self, index: int, time: Any, latents: Any) -> None:
        """`time`, a timestep, says less than the index: sigmas have one more than there are steps."""
        del time
        sigmas = self._pipe.scheduler.sigmas
        sigma = sigmas[min(index + 1, len(sigmas) - 1)].to(latents.device, latents.dtype)
        kept = self.known + self.noise * sigma
        latents[..., self.outside] = kept[..., self.outside].to(latents.dtype)


def spliced(samples: Any, found: int, fresh: Any, rate: int, start: float, end: float, first: float) -> Any:
    """`samples` with `fresh` between start and end, bit for bit as it was outside, and mixed over a seam inside.

    Args:
        first: seconds in `samples` at which `fresh` begins.
    """
    import numpy as np
    import soxr

    new = soxr.resample(fresh, rate, found).astype(np.float32)
    channels = samples.shape[1]
    new = new[:, :channels] if new.shape[1] >= channels else np.repeat(new.mean(1, keepdims=True), channels, 1)
    begin, until = round(start * found), min(round(end * found), len(samples))
    offset = round(first * found)
    part = np.zeros((until - begin, channels), np.float32)
    taken = new[begin - offset: until - offset]
    part[: len(taken)] = taken
    seam = min(round(SEAM * found), (until - begin) // 2)
    share = np.ones(until - begin, np.float32)
    if seam and begin > 0:
        share[:seam] = np.linspace(0, 1, seam)
    if seam and until < len(samples):
        share[-seam:] = np.minimum(share[-seam:], np.linspace(1, 0, seam))
    out = samples.copy()
    out[begin:until] = samples[begin:until] * (1 - share[:, None]) + part * share[:, None]
    return out


def _deep(audio: Audio) -> bool:
    """Whether a file has more than 16 bits."""
    import io

    import soundfile

    try:
        return soundfile.info(io.BytesIO(audio.data)).subtype not in ("PCM_16", "PCM_S8", "PCM_U8", "VORBIS",
                                                                      "MPEG_LAYER_III")
    except RuntimeError:
        return False


class AudioLdm(Diffused):
    """AudioLDM 2, in diffusers' layout. It has no encoder for sound, so there is nothing to go on from."""

    id = "music.audioldm2"
    title = "Sound from words (AudioLDM 2)"
    summary = "Makes music and noises from a description."
    kind = "an AudioLDM 2 model"
    pipeline = "AudioLDM2Pipeline"

    class Params(AudioLdmParams):
        """What to play."""

    def run(self, params: AudioLdmParams, ctx: Context) -> Audio:
        """Make it."""
        draw = self._drawer(params)
        rate = int(self._model.vocoder.config.sampling_rate)
        samples = self._call(params, ctx, None, generator=draw,
                             audio_length_in_s=params.seconds)
        return Audio.from_samples(samples, rate)
