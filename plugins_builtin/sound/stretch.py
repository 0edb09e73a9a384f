"""`sound.stretch`: longer or shorter at the same pitch, higher or lower at the same length."""

from __future__ import annotations

from pydantic import Field

from plugins_builtin.sound.fields import bits_of, read, sound_field
from studio.plugins import Audio, Context, Generator, Params, ui
from studio.plugins import Requirements as Needs


class StretchParams(Params):
    """What to change and how."""

    audio: Audio = sound_field("The sound to change.")
    length: float = Field(1.0, ge=0.25, le=4, description="How long it becomes: 2 is twice as long, half as fast.",
                          json_schema_extra=ui(widget="slider", label="Length", unit="x", step=0.01))
    semitones: float = Field(0.0, ge=-24, le=24, description="Higher or lower, in semitones; 12 is an octave.",
                             json_schema_extra=ui(widget="slider", label="Pitch", unit="st", step=0.5))


class Stretch(Generator):
    """Signalsmith Stretch (see `plugins_builtin.stretching`)."""

    id = "sound.stretch"
    title = "Stretch and pitch"
    produces = "audio"
    summary = "Makes sound longer, shorter, higher or lower, each without the other."
    icon = "arrows-out-line-horizontal"
    requires = Needs(memory=300 * 2**20)
    libraries = ("python-stretch", "numpy")

    class Params(StretchParams):
        """What to change and how."""

    def run(self, params: StretchParams, ctx: Context) -> Audio:
        """Change it. Raises `InputError` where it cannot be read, is empty or too long."""
        from plugins_builtin.stretching import stretched

        ctx.progress(0, 1)
        samples, rate = read(params.audio, 3600)
        if params.length != 1 or params.semitones != 0:
            samples = stretched(samples, rate, params.length, params.semitones, ctx)
        ctx.progress(1, 1)
        return Audio.from_samples(samples, rate, bits=bits_of(params.audio))
