"""What is done to spoken samples, whichever network made them: ends trimmed, pitch and pace changed, level bounded."""

from __future__ import annotations

from typing import Any

QUIET = 10 ** (-48 / 20)
"""Below this share of the loudest value a sentence has not begun yet."""
MARGIN = 0.03
"""Seconds kept around a sentence."""
FADE = 0.005
LOUDEST = 0.97
AROUND = 0.01
"""Seconds in which a limiter turns down and up again."""


def trimmed(samples: Any, rate: int) -> Any:
    """float32 (frames,) without the silence before and after, with ends that do not click."""
    import numpy as np

    samples = np.nan_to_num(np.asarray(samples, np.float32)).reshape(-1)
    top = np.abs(samples).max(initial=0)
    if top < 1e-5:
        return np.zeros(0, np.float32)
    loud = np.flatnonzero(np.abs(samples) > top * QUIET)
    margin = int(MARGIN * rate)
    cut = samples[max(0, loud[0] - margin):loud[-1] + 1 + margin].copy()
    fade = min(int(FADE * rate), len(cut) // 2)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    cut[:fade] *= ramp
    cut[len(cut) - fade:] *= ramp[::-1]
    return cut * (LOUDEST / top) if top > LOUDEST else cut


def limited(samples: Any, rate: int, ceiling: float) -> Any:
    """float32 (frames,) without peaks above `ceiling`: around each the gain goes down and comes back within
    `AROUND` seconds, so that a few of them do not make a whole sentence quieter."""
    import numpy as np
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    loud = np.abs(samples)
    if loud.max(initial=0) <= ceiling:
        return samples
    reach = max(int(AROUND * rate), 1) | 1
    wanted = np.minimum(ceiling / np.maximum(loud, 1e-9), 1)
    # the lowest gain near each sample, smoothed over no more than that: never above what the sample itself needs
    gain = uniform_filter1d(minimum_filter1d(wanted, reach, mode="nearest"), reach, mode="nearest")
    return (samples * gain).astype(np.float32)


def changed(samples: Any, rate: int, speed: float = 1.0, semitones: float = 0.0) -> Any:
    """float32 (frames,) at another pace and pitch, each without the other. Source: Signalsmith Stretch."""
    if (speed == 1.0 and semitones == 0.0) or not len(samples):
        return samples
    from plugins_builtin.stretching import stretched

    return stretched(samples[:, None], rate, 1 / speed, semitones)[:, 0]
