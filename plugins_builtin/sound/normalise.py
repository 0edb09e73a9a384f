"""`sound.normalise`: one loudness for everything, without a peak above the ceiling."""

from __future__ import annotations

import math
from typing import Any

from pydantic import Field

from plugins_builtin.sound.fields import read, sound_field
from studio.plugins import Audio, Context, Generator, InputError, Params, ui
from studio.plugins import Requirements as Needs

ROUNDS = 6


class NormaliseParams(Params):
    """What to level and where to."""

    audio: Audio = sound_field("The sound to level.")
    loudness: float = Field(
        -16, ge=-40, le=-6, description="In LUFS: -23 for broadcasts (EBU R 128), -16 for podcasts, -14 for music.",
        json_schema_extra=ui(widget="slider", label="Loudness", unit="LUFS", step=0.5))
    peak: float = Field(-1, ge=-12, le=0, description="No true peak is above this.",
                        json_schema_extra=ui(widget="slider", label="Peak", unit="dBTP", step=0.1))
    limit: bool = Field(
        True, description="Turn down single peaks to reach the loudness; else the whole stays quieter where they do.",
        json_schema_extra=ui(widget="switch", label="Limit peaks"))


class Normalise(Generator):
    """Levels sound by ITU-R BS.1770 loudness. The result's meta has "loudness" and "peak", measured in the end."""

    id = "sound.normalise"
    title = "Normalise"
    produces = "audio"
    summary = "Brings sound to a loudness, with its peaks below a ceiling."
    icon = "equalizer"
    requires = Needs(memory=300 * 2**20)
    libraries = ("pyloudnorm", "scipy", "soxr")

    class Params(NormaliseParams):
        """What to level and where to."""

    def run(self, params: NormaliseParams, ctx: Context) -> Audio:
        """Level it. Raises `InputError` where it cannot be read, is empty, silent or too long."""
        from plugins_builtin.sound import levels

        ctx.progress(0, ROUNDS + 1)
        samples, rate = read(params.audio)
        before = levels.loudness(samples, rate)
        if before == -math.inf:
            raise InputError("This sound is silent, so that it has no loudness; choose another one.", "audio")
        ctx.progress(1, ROUNDS + 1)
        made = self._levelled(samples, rate, before, params, ctx)
        ctx.progress(ROUNDS + 1, ROUNDS + 1)
        return Audio.from_samples(made, rate, bits=24, loudness=round(levels.loudness(made, rate), 2),
                                  peak=round(levels.true_peak(made, rate), 2))

    def _levelled(self, samples: Any, rate: int, before: float, params: NormaliseParams, ctx: Context) -> Any:
        import numpy as np

        from plugins_builtin.sound import levels

        ceiling, gain = 10 ** (params.peak / 20), 10 ** ((params.loudness - before) / 20)
        if not params.limit:
            top = float(levels.peaks(samples, rate).max(initial=0))
            return samples * np.float32(min(gain, ceiling / top))
        made = samples
        for step in range(ROUNDS):  # limiting takes loudness away; the next round gives back what it took
            made = levels.limited(samples * np.float32(gain), rate, ceiling)
            ctx.progress(1 + step, ROUNDS + 1)
            short = params.loudness - levels.loudness(made, rate)
            if abs(short) < 0.1:
                break
            gain *= 10 ** (min(short, 6) / 20)
        return made
