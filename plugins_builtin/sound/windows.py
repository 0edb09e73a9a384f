"""Sound of any length as mono windows of a bounded size, cut where it is quiet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.plugins import Audio, Context, InputError

STEP = 10.0
"""Seconds that are decoded at a time."""


def mono_windows(audio: Audio, rate: int, ctx: Context, window: float = 300.0,
                 search: float = 20.0) -> Iterator[tuple[float, Any]]:
    """(start in seconds, float32 (frames,) at `rate`), one after another without gaps.

    Args:
        window: seconds at most; each but the last is cut at the quietest place of its last `search` seconds.

    Raises:
        InputError: it is no sound that can be read.
    """
    import numpy as np
    import soxr

    held: list[Any] = []
    have, at = 0, 0
    with _reader(audio) as reader:
        resample = soxr.ResampleStream(reader.rate, rate, 1, dtype="float32") if reader.rate != rate else None
        last = False
        while not last:
            ctx.check()
            block = reader.read(max(1, int(STEP * reader.rate)))
            last = not len(block)
            mono = block.mean(axis=1, dtype=np.float32)
            held.append(resample.resample_chunk(mono, last=last) if resample is not None else mono)
            have += len(held[-1])
            while have >= window * rate or (last and have):
                whole = np.concatenate(held)
                cut = quietest(whole[:int(window * rate)], rate, search) if have > window * rate else have
                yield at / rate, whole[:cut]
                at, have, held = at + cut, have - cut, [whole[cut:]]


def quietest(samples: Any, rate: int, search: float) -> int:
    """The frame in the last `search` seconds around which 0.2 s are the quietest."""
    import numpy as np

    hop = max(1, rate // 50)
    begin = max(0, len(samples) - int(search * rate))
    tail = samples[begin:]
    blocks = len(tail) // hop
    if blocks < 12:
        return len(samples)
    power = (tail[:blocks * hop].reshape(blocks, hop) ** 2).mean(axis=1)
    smooth = np.convolve(power, np.ones(10) / 10, "valid")
    return begin + (int(smooth.argmin()) + 5) * hop


def _reader(audio: Audio) -> Any:
    try:
        return audio.reader()
    except InputError as error:
        raise InputError(str(error), "audio") from error
