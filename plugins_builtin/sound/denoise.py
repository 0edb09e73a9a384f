"""`sound.denoise`: speech without what hums, hisses and rattles behind it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from plugins_builtin.sound.fields import bits_of, read, sound_field
from studio.plugins import Audio, Context, Generator, GeneratorError, ModelField, Params, ui
from studio.plugins import Requirements as Needs

LEVEL = 0.1
"""Root mean square at which the network hears each channel: what is very quiet it would take for noise."""


class DenoiseParams(Params):
    """What to clean and how much."""

    audio: Audio = sound_field("The recording to clean.")
    reduction: float = Field(
        100, ge=0, le=100, description="The most by which noise is turned down; 100 dB takes out all it can.",
        json_schema_extra=ui(widget="slider", label="Reduction", unit="dB", step=1))
    model: Annotated[str, Field(description="The network that cleans.")] = ModelField(
        "deepfilternet", default="deepfilternet3")


class Denoise(Generator):
    """Takes noise out of speech; music is not what it knows. Each channel is cleaned by itself."""

    id = "sound.denoise"
    title = "Denoise"
    produces = "audio"
    summary = "Takes noise out of recorded speech."
    icon = "broom"
    requires = Needs(memory=400 * 2**20)
    libraries = ("onnxruntime", "scipy", "soxr")

    class Params(DenoiseParams):
        """What to clean and how much."""

    def __init__(self) -> None:
        self._network: Any = None

    def load(self, ctx: Context) -> None:
        """Bring the networks in. Raises `GeneratorError` for broken files."""
        from plugins_builtin.sound.deepfilter import DeepFilter

        ctx.check()
        self._network = DeepFilter(ctx.model("model"), ctx.device)

    def unload(self) -> None:
        self._network = None

    def run(self, params: DenoiseParams, ctx: Context) -> Audio:
        """Clean one recording. Raises `InputError` where it cannot be read, is empty or too long."""
        import numpy as np
        import soxr

        from plugins_builtin.sound import deepfilter

        if self._network is None:
            raise GeneratorError("The denoising network is not loaded.")
        ctx.check()
        samples, rate = read(params.audio)
        sections = -(-len(samples) * 100 // rate // deepfilter.SECTION) + 1
        keep = 10 ** (-params.reduction / 20) if params.reduction < 100 else 0.0
        made = np.empty_like(samples)
        for channel in range(samples.shape[1]):
            line = samples[:, channel]
            wide = line if rate == deepfilter.RATE else soxr.resample(line, rate, deepfilter.RATE)
            level = LEVEL / max(float(np.sqrt((wide**2).mean())), 1e-6)
            clean = self._network.enhanced(wide * level, ctx, channel * sections, sections * samples.shape[1]) / level
            clean = clean if rate == deepfilter.RATE else soxr.resample(clean, deepfilter.RATE, rate)
            clean = np.pad(clean, (0, max(0, len(line) - len(clean))))[:len(line)]
            made[:, channel] = clean * (1 - keep) + line * keep
        ctx.progress(1, 1)
        return Audio.from_samples(made, rate, bits=bits_of(params.audio))
