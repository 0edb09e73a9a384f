"""`sound.silence`: pauses taken out or made shorter."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from plugins_builtin.sound.fields import bits_of, read, sound_field
from studio.plugins import Audio, Context, Generator, InputError, Params, ui
from studio.plugins import Requirements as Needs

HOP = 0.01
FADE = 0.005
"""Seconds: of a measured piece, and of the cross-fade where two ends meet."""


class SilenceParams(Params):
    """What counts as silence and what is left of it."""

    audio: Audio = sound_field("The sound to shorten.")
    threshold: float = Field(-40, ge=-80, le=-10, description="What is this far below the loudest counts as silence.",
                             json_schema_extra=ui(widget="slider", label="Threshold", unit="dB", step=1))
    shortest: float = Field(0.5, ge=0.05, le=10, description="Pauses shorter than this stay as they are.",
                            json_schema_extra=ui(widget="slider", label="From", unit="s", step=0.05))
    keep: float = Field(0.2, ge=0, le=5, description="What is left of a longer pause; 0 takes it out.",
                        json_schema_extra=ui(widget="slider", label="Keep", unit="s", step=0.05))


class Silence(Generator):
    """Shortens pauses. The result's meta has "removed" in seconds and "cuts", (start, end) in the sound as it was."""

    id = "sound.silence"
    title = "Remove silence"
    produces = "audio"
    summary = "Takes long pauses out of a recording, or makes them shorter."
    icon = "scissors"
    requires = Needs(memory=300 * 2**20)
    libraries = ("numpy",)

    class Params(SilenceParams):
        """What counts as silence and what is left of it."""

    def run(self, params: SilenceParams, ctx: Context) -> Audio:
        """Shorten it. Raises `InputError` where it cannot be read, is empty, silent or too long."""
        ctx.progress(0, 2)
        samples, rate = read(params.audio)
        cuts = pauses(samples, rate, params.threshold, params.shortest, params.keep)
        if cuts and cuts[0] == (0, len(samples)):
            raise InputError("All of this sound is below the threshold; lower it.", "threshold")
        ctx.progress(1, 2)
        made = joined(samples, cuts, int(FADE * rate))
        ctx.progress(2, 2)
        removed = round((len(samples) - len(made)) / rate, 4)
        return Audio.from_samples(made, rate, bits=bits_of(params.audio), removed=removed,
                                  cuts=[(round(a / rate, 4), round(b / rate, 4)) for a, b in cuts])


def pauses(samples: Any, rate: int, threshold: float, shortest: float, keep: float) -> list[tuple[int, int]]:
    """(first, last) frame of what is to be cut: of each pause of at least `shortest` seconds all but `keep`."""
    import numpy as np

    hop = max(1, int(HOP * rate))
    blocks = -(-len(samples) // hop)
    power = np.zeros(blocks * hop, np.float32)
    power[:len(samples)] = (samples**2).max(axis=1)
    level = np.sqrt(power.reshape(blocks, hop).mean(axis=1))
    quiet = level <= max(level.max() * 10 ** (threshold / 20), 1e-7)
    if quiet.all():
        return [(0, len(samples))]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
    cuts = []
    for first, last in zip(edges[::2] * hop, np.minimum(edges[1::2] * hop, len(samples)), strict=True):
        if last - first < shortest * rate:
            continue
        left = int(keep * rate)
        # at the ends of the sound all that is kept lies next to what is heard
        before = 0 if first == 0 else left if last == len(samples) else left // 2
        after = 0 if last == len(samples) else left - before
        if last - first > before + after:
            cuts.append((int(first + before), int(last - after)))
    return cuts


def joined(samples: Any, cuts: list[tuple[int, int]], fade: int) -> Any:
    """float32 (frames, channels) without the cuts; the ends that meet are cross-faded."""
    import numpy as np

    edges = [0, *(frame for cut in cuts for frame in cut), len(samples)]
    parts = [samples[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    made = [parts[0]]
    for (first, last), part in zip(cuts, parts[1:], strict=True):
        width = min(fade, last - first, len(part))
        if width and first:
            ramp = np.linspace(0, 1, width, dtype=np.float32)[:, None]
            part = part.copy()
            part[:width] = samples[first:first + width] * (1 - ramp) + part[:width] * ramp
        made.append(part)
    return np.concatenate(made)
