"""Loudness (ITU-R BS.1770, EBU R 128) and true peaks, and a limiter that keeps them below a ceiling."""

from __future__ import annotations

from typing import Any

OVERSAMPLING = 4
CHUNK, MARGIN = 1 << 19, 256
"""Frames that are oversampled at once, and those around them that the filter needs."""
AHEAD = 0.005
"""Seconds in which the limiter turns down before a peak and up again behind it."""


def loudness(samples: Any, rate: int) -> float:
    """Integrated loudness in LUFS; of less than 0.4 s that of the sound repeated; -inf for silence.

    Args:
        samples: float32 (frames, channels); beyond five channels the first five count.
    """
    import math
    import warnings

    import numpy as np
    import pyloudnorm

    short = math.ceil(0.4 * rate / max(1, len(samples))) + 1
    heard = np.tile(samples, (short, 1)) if len(samples) <= 0.4 * rate else samples
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of what it then gives as -inf
        found = float(pyloudnorm.Meter(rate).integrated_loudness(heard[:, :5].astype(np.float64)))
    return found if math.isfinite(found) else -math.inf


def peaks(samples: Any, rate: int) -> Any:
    """float32 (frames,): the largest value of any channel around each frame, also between samples."""
    import numpy as np
    import soxr

    frames = len(samples)
    found = np.abs(samples).max(axis=1)
    for start in range(0, frames, CHUNK):
        first, last = max(0, start - MARGIN), min(frames, start + CHUNK + MARGIN)
        part = np.pad(samples[first:last], ((MARGIN, MARGIN), (0, 0)))
        fine = np.abs(soxr.resample(part, rate, rate * OVERSAMPLING)).max(axis=1)
        fine = np.pad(fine, (0, max(0, len(part) * OVERSAMPLING - len(fine))))[:len(part) * OVERSAMPLING]
        coarse = fine.reshape(-1, OVERSAMPLING).max(axis=1)[MARGIN + start - first:]
        end = min(start + CHUNK, frames)
        found[start:end] = np.maximum(found[start:end], coarse[:end - start])
    return found


def true_peak(samples: Any, rate: int) -> float:
    """In dBTP, -inf for silence."""
    import math

    top = float(peaks(samples, rate).max(initial=0))
    return 20 * math.log10(top) if top > 0 else -math.inf


def limited(samples: Any, rate: int, ceiling: float) -> Any:
    """float32 whose true peaks stay below `ceiling` (linear): turned down ahead of each peak, without a click."""
    import numpy as np
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    top = peaks(samples, rate)
    if top.max(initial=0) <= ceiling:
        return samples
    reach = max(1, int(AHEAD * rate)) | 1
    gain = np.minimum(1, ceiling / np.maximum(top, 1e-9)).astype(np.float32)
    # the least gain over the window, smoothed over the same window, is never above what the peak itself needs
    gain = uniform_filter1d(minimum_filter1d(gain, 2 * reach + 1), reach)
    made = samples * gain[:, None]
    # turning down moves what lies between two samples a little
    over = float(peaks(made, rate).max(initial=0))
    return made * np.float32(ceiling / over) if over > ceiling else made
