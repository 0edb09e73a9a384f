"""How loud a sound is to people: ITU-R BS.1770-4 and EBU R 128 with Tech 3341 and 3342, piece by piece.

The filters are those of pyloudnorm; gates and blocks are applied here, so that hours need not be in memory at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.project.sound.media import Samples

STEPS = 10
"""Steps a second in which power is gathered."""
MOMENTARY, SHORT_TERM = 4, 30
"""Steps of a momentary (0.4 s) and of a short-term (3 s) reading."""
ABSOLUTE_GATE = -70.0
OVERSAMPLING = 4
QUIET = -70.0
"""LUFS that are given for silence, which has no loudness."""

Powers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Loudness:
    """What was measured.

    Attributes:
        integrated: LUFS of the whole, QUIET where nothing is above the gate.
        range: LU between soft and loud passages (EBU Tech 3342).
        momentary, short_term: the loudest 0.4 and 3 seconds, LUFS.
        true_peak: dBTP, four times oversampled; peak: dBFS of the samples. -inf for silence.
        series: short-term loudness ten times a second, of the 3 seconds before (LUFS).
    """

    integrated: float
    range: float
    momentary: float
    short_term: float
    true_peak: float
    peak: float
    series: npt.NDArray[np.float32]


class LoudnessMeter:
    """Takes a sound piece by piece, of any sizes; `result` may be asked at any time."""

    def __init__(self, rate: int, channels: int = 2, *, true_peak: bool = True) -> None:
        self._rate, self._channels = rate, channels
        self._sections = _filters(rate)
        self._state = np.zeros((len(self._sections), 2, channels))
        self._step = rate // STEPS
        self._rest = np.zeros((0, channels))
        self._powers: list[Powers] = []
        self._peak = self._true = 0.0
        self._over: Any = None
        if true_peak:
            import soxr

            self._over = soxr.ResampleStream(rate, rate * OVERSAMPLING, channels, dtype="float32", quality="HQ")

    def add(self, samples: Samples) -> None:
        """The next frames, (frames, channels)."""
        from scipy.signal import sosfilt

        if not len(samples):
            return
        self._peak = max(self._peak, float(np.abs(samples).max()))
        if self._over is not None:
            over = self._over.resample_chunk(np.ascontiguousarray(samples, np.float32))
            self._true = max(self._true, float(np.abs(over).max(initial=0)))
        weighted, self._state = sosfilt(self._sections, samples.astype(np.float64), axis=0, zi=self._state)
        block = np.concatenate((self._rest, weighted)) if len(self._rest) else weighted
        whole = len(block) // self._step
        steps = block[:whole * self._step].reshape(whole, self._step, self._channels)
        self._powers.append(np.einsum("sfc,sfc->s", steps, steps) / self._step)
        self._rest = block[whole * self._step:].copy()

    def result(self) -> Loudness:
        """The loudness of all that has come so far."""
        powers = np.concatenate(self._powers) if self._powers else np.zeros(0)
        short, blocks = _means(powers, SHORT_TERM), _means(powers, MOMENTARY)
        if not len(blocks) and len(self._rest) + len(powers):  # shorter than one reading: the whole of it is one
            blocks = np.array([self._whole_power(powers)])
        series = np.full(len(powers), QUIET, np.float32)
        series[SHORT_TERM - 1:] = np.maximum(lufs(short), QUIET)
        true = max(self._true, self._tail(), self._peak)
        return Loudness(_integrated(blocks), _range(short), _most(blocks), _most(short if len(short) else blocks),
                        _db(true) if self._over is not None else math.nan, _db(self._peak), series)

    def _whole_power(self, powers: Powers) -> float:
        total = float(powers.sum()) * self._step + float((self._rest ** 2).sum())
        return total / (len(powers) * self._step + len(self._rest))

    def _tail(self) -> float:
        """The last frames are still in the oversampling filter: it is given silence to push them out."""
        if self._over is None:
            return 0.0
        pushed = self._over.resample_chunk(np.zeros((2048, self._channels), np.float32))
        return float(np.abs(pushed).max(initial=0))


def measure(blocks: Iterable[Samples], rate: int, channels: int = 2) -> Loudness:
    """The loudness of a sound that comes in pieces of (frames, channels)."""
    meter = LoudnessMeter(rate, channels)
    for block in blocks:
        meter.add(block)
    return meter.result()


def lufs(power: Powers) -> Powers:
    """BS.1770-4, equation 2; -inf for silence."""
    with np.errstate(divide="ignore"):
        found: Powers = -0.691 + 10 * np.log10(power)
    return found


def gain_to(target: float, found: Loudness, ceiling: float = -1.0) -> tuple[float, str]:
    """Decibels that bring a sound to a loudness, but its true peak not above `ceiling` (dBTP). Also a sentence where
    the target was not reached, "" otherwise."""
    if found.integrated <= QUIET:
        return 0.0, "This is silence; its loudness was left as it is."
    wanted, most = target - found.integrated, ceiling - found.true_peak
    if wanted <= most:
        return wanted, ""
    return most, (f"Its peaks allow {found.integrated + most:.1f} LUFS and not {target:g}; lower the loudest places, "
                  "or choose a softer target.")


def _filters(rate: int) -> npt.NDArray[np.float64]:
    """K weighting as second-order sections."""
    import pyloudnorm

    stages = pyloudnorm.Meter(rate, filter_class="DeMan")._filters.values()
    return np.array([[*stage.b, *stage.a] for stage in stages])


def _means(powers: Powers, count: int) -> Powers:
    if len(powers) < count:
        return np.zeros(0)
    total = np.concatenate(([0.0], np.cumsum(powers)))
    return np.asarray(np.maximum(total[count:] - total[:-count], 0) / count)


def _gated(powers: Powers, below: float) -> Powers:
    """Those above the absolute gate, and then not more than `below` LU under their mean."""
    heard = powers[lufs(powers) > ABSOLUTE_GATE]
    return heard[lufs(heard) > lufs(np.array([heard.mean()]))[0] - below] if len(heard) else heard


def _integrated(blocks: Powers) -> float:
    heard = _gated(blocks, 10)
    return float(lufs(np.array([heard.mean()]))[0]) if len(heard) else QUIET


def _range(short: Powers) -> float:
    heard = _gated(short, 20)
    if not len(heard):
        return 0.0
    low, high = np.quantile(lufs(heard), (0.1, 0.95))
    return float(high - low)


def _most(powers: Powers) -> float:
    return max(float(lufs(np.array([powers.max()]))[0]), QUIET) if len(powers) else QUIET


def _db(amplitude: float) -> float:
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


