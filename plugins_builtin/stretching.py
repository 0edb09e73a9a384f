"""Length and pitch of sound, each without the other, by Signalsmith Stretch (python-stretch).

Source: Luff 2023, "The Design of Signalsmith Stretch" (a phase vocoder that keeps the phases between neighbouring
bands). A change of pitch is a change of length that resampling takes back.
"""

from __future__ import annotations

from typing import Any

from studio.plugins import Context

SECTION = 10.0
"""Seconds that are worked on at once: the library holds the interpreter while it works, and Stop would wait."""
OVERLAP = 0.5
MOST = 4.0
SEARCH, FADE = 0.02, 0.06
"""Seconds: how far two sections are moved to fit each other, and how long one gives way to the next."""


def stretched(samples: Any, rate: int, factor: float, semitones: float = 0.0, ctx: Context | None = None) -> Any:
    """Sound of another length and pitch.

    Args:
        samples: float32 (frames, channels).
        factor: of the length, 0.1 to 10; 2 is twice as long.
        semitones: up or down, -24 to 24.
        ctx: told of progress, and asked whether to stop.

    Returns:
        float32 (round(frames * factor), channels). The same call gives the same samples.
    """
    import numpy as np

    frames, channels = samples.shape
    total = round(frames * factor)
    if semitones:  # the library's own change of pitch is up to 17 cents off on low notes: resampling is exact
        import soxr

        ratio = 2 ** (semitones / 12)
        longer = stretched(samples, rate, factor * ratio, 0.0, ctx)
        made = soxr.resample(longer, rate * ratio, rate) if len(longer) else longer
        return np.pad(made, ((0, max(0, total - len(made))), (0, 0)))[:total].astype(np.float32)
    if frames == 0 or total == 0:
        return np.zeros((total, channels), np.float32)
    if not 1 / MOST <= factor <= MOST:  # too much at once tears tones apart
        made = stretched(stretched(samples, rate, factor**0.5, 0.0, ctx), rate, factor**0.5, 0.0, ctx)
        return np.pad(made, ((0, max(0, total - len(made))), (0, 0)))[:total]
    step, overlap = int(SECTION * rate), int(OVERLAP * rate)
    if frames <= step + 2 * overlap:
        return _section(samples, rate, factor, total)
    made = np.zeros((total, channels), np.float32)
    starts = list(range(0, frames - overlap, step))
    for number, start in enumerate(starts):
        if ctx is not None:
            ctx.progress(number, len(starts))
        end = min(start + step + overlap, frames)
        first, last = max(0, start - overlap), round(end * factor)
        begin = round(first * factor)
        part = _section(samples[first:end], rate, factor, last - begin)
        if start == 0:
            made[:last] = part
        else:
            _join(made, part, begin, round(start * factor), rate)
    return made


def _section(samples: Any, rate: int, factor: float, length: int) -> Any:
    import numpy as np
    import python_stretch

    frames, channels = samples.shape
    pad = max(0, rate // 10 - frames)  # less than one of its blocks would come out as nothing
    padded = np.pad(samples, ((0, pad), (0, 0))) if pad else samples
    stretch = python_stretch.Signalsmith.Stretch(1)
    stretch.preset(channels, float(rate))
    stretch.setTimeFactor(1 / factor)
    made = np.nan_to_num(stretch.process(np.ascontiguousarray(padded.T, np.float32)).T)
    return np.pad(made, ((0, max(0, length - len(made))), (0, 0)))[:length]


def _join(made: Any, part: Any, begin: int, at: int, rate: int) -> None:
    """Lay `part`, which starts at `begin`, over `made` from `at` on, moved by a little so that the waves meet."""
    import numpy as np

    search, fade = int(SEARCH * rate), int(FADE * rate)
    inside = at - begin
    search = min(search, inside, max(0, len(part) - inside - fade))
    old = made[at:at + fade].mean(axis=1)
    near = part[inside - search:inside + search + fade].mean(axis=1)
    shift = 0
    if len(old) == fade and len(near) >= fade:
        windows = np.lib.stride_tricks.sliding_window_view(near, fade)
        norms = np.sqrt((windows**2).sum(axis=1)) + 1e-9
        shift = int((windows @ old / norms).argmax()) - search
    new = part[inside + shift:]
    ramp = np.linspace(0, 1, min(fade, len(new)), dtype=np.float32)[:, None]
    room = made[at:at + len(new)]
    new = new[:len(room)]
    ramp = ramp[:len(room)]
    new[:len(ramp)] = room[:len(ramp)] * (1 - ramp) + new[:len(ramp)] * ramp
    room[:] = new
