"""Notes out of what Basic Pitch hears: its network's windows, and the decoding of its two pictures of the sound.

Source: Bittner et al. 2022, "A Lightweight Instrument-Agnostic Model for Polyphonic Note Transcription and Multipitch
Estimation", section 2.3 (decoding).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

RATE, HOP = 22_050, 256
WINDOW, SEEN = 43_844, 172
"""Samples that the network hears at once, and frames that it gives for them."""
EDGE = 15
"""Frames at both ends of a window that the next one knows better."""
STEP = WINDOW - 2 * EDGE * HOP
LOWEST = 21
"""MIDI number of the first of 88 keys."""
PATIENCE = 11
"""Frames for which a note may be lost before it has ended."""


@dataclass(frozen=True)
class Note:
    """start, end: seconds. pitch: MIDI number. strength: 0 to 1."""

    start: float
    end: float
    pitch: int
    strength: float


def windows(samples: Any) -> Iterator[Any]:
    """float32 (1, 43844, 1) for the network, so that the kept frames of all cover the sound."""
    import numpy as np

    padded = np.concatenate([np.zeros(EDGE * HOP, np.float32), samples, np.zeros(WINDOW, np.float32)])
    for start in range(0, max(1, len(samples)), STEP):
        yield padded[start:start + WINDOW][None, :, None]


def times(count: int) -> Any:
    """float64: where each kept frame of `count` windows lies, in seconds."""
    import numpy as np

    inside = (np.arange(EDGE, SEEN - EDGE) - EDGE) * HOP
    return (np.arange(count)[:, None] * STEP + inside[None]).reshape(-1) / RATE


def decoded(activity: Any, onsets: Any, when: Any, *, begin: float, hold: float, shortest: float) -> list[Note]:
    """Notes in order of time.

    Args:
        activity, onsets: float32 (frames, 88), 0 to 1: that a key sounds, that it begins to sound.
        when: seconds of each frame.
        begin, hold: what an onset and a sounding key must reach.
        shortest: seconds of a note.
    """
    import numpy as np

    starts = np.maximum(onsets, _rises(activity, onsets))
    before, after = np.pad(starts[:-1], ((1, 0), (0, 0))), np.pad(starts[1:], ((0, 1), (0, 0)))
    peaks = np.argwhere((starts >= begin) & (starts > before) & (starts >= after))
    left = activity.copy()
    found = []
    for frame, key in peaks[::-1]:  # the last first: a note ends where the next of its key begins
        end = _end(left[:, key], frame, hold)
        if when[end] - when[frame] >= shortest:
            found.append(_note(activity, when, frame, end, key))
            left[frame:end + 1, max(0, key - 1):key + 2] = 0
    found += _without_onsets(activity, left, when, hold, shortest)
    return sorted(found, key=lambda note: (note.start, note.pitch))


def _rises(activity: Any, onsets: Any) -> Any:
    """Onsets that show only in how a key's activity grows, in the scale of the others."""
    import numpy as np

    one = np.diff(activity, axis=0, prepend=activity[:1])
    two = activity - np.concatenate([activity[:1], activity[:1], activity[:-2]])[:len(activity)]
    rise = np.maximum(np.minimum(one, two), 0)
    rise[:2] = 0
    top = rise.max(initial=0)
    return rise * (onsets.max(initial=0) / top) if top > 0 else rise


def _end(line: Any, frame: int, hold: float) -> int:
    """The last frame from `frame` on at which the key still sounds, gaps below `PATIENCE` frames counted in."""
    last, lost = int(frame), 0
    for place in range(int(frame) + 1, len(line)):
        if line[place] >= hold:
            last, lost = place, 0
        else:
            lost += 1
            if lost >= PATIENCE:
                break
    return last


def _without_onsets(activity: Any, left: Any, when: Any, hold: float, shortest: float) -> list[Note]:
    """Notes that faded in: around the strongest activity that is left, forwards and backwards."""
    import numpy as np

    found = []
    strong = hold + (1 - hold) * 0.3  # with no onset to speak for it, a note has to be surer
    order = np.argwhere(left >= strong)
    order = order[np.argsort(-left[order[:, 0], order[:, 1]], kind="stable")]
    for frame, key in order:
        if left[frame, key] < strong:
            continue
        end = _end(left[:, key], frame, hold)
        start = frame - _end(left[:frame + 1, key][::-1], 0, hold)
        left[start:end + 1, max(0, key - 1):key + 2] = 0
        if when[end] - when[start] >= shortest:
            found.append(_note(activity, when, start, end, key))
    return found


def _note(activity: Any, when: Any, start: int, end: int, key: int) -> Note:
    strength = float(activity[start:end + 1, key].mean())
    return Note(float(when[start]), float(when[end]), int(key) + LOWEST, strength)
