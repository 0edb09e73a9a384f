"""Clicks on the beats, mixed into what goes to the device."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np

from studio.project.sound import Arrangement

SECONDS = 0.03
BAR, BEAT = 1760.0, 1175.0
"""Hz of the click on a bar, and on the other beats."""
LEVEL = 0.35


class Metronome:
    """Attributes: on."""

    def __init__(self, rate: int) -> None:
        self.on = False
        self._rate = rate
        self._lead: Any = None
        """What is left of the count-in."""
        self._lock = threading.Lock()
        self._bar, self._beat = _click(rate, BAR), _click(rate, BEAT)

    def count_in(self, seconds: float, arrangement: Arrangement) -> float:
        """Count a bar before what begins at a time; gives the seconds that it takes."""
        tempo = arrangement.tempo
        metre = tempo.metre_at_bar(tempo.bar_of_beat(tempo.beat(seconds)))
        beat = round(4 / metre.unit * 60 / tempo.bpm_at(seconds) * self._rate)
        lead = np.zeros((beat * metre.beats, 2), np.float32)
        for place in range(metre.beats):
            click = (self._beat if place else self._bar)[:beat]
            lead[place * beat:place * beat + len(click)] += click[:, None]
        with self._lock:
            self._lead = lead
        return len(lead) / self._rate

    def cancel(self) -> None:
        """Count no further."""
        with self._lock:
            self._lead = None

    def lead(self, frames: int) -> Any:
        """The next frames (n, 2) of the count-in, at most `frames`; n is 0 where nothing is counted. On the sink's
        thread."""
        with self._lock:  # else what was cancelled meanwhile would be put back
            lead = self._lead
            if lead is None:
                return np.zeros((0, 2), np.float32)
            self._lead = lead[frames:] if len(lead) > frames else None
            return lead[:frames]

    def mix(self, out: Any, start: int, arrangement: Arrangement) -> None:
        """Add clicks to frames (n, 2) that begin at frame `start`; at the end of a loop its beginning follows."""
        loop, at = arrangement.loop, 0
        if loop is not None and loop.on:
            first, last = arrangement.frame(loop.start), arrangement.frame(loop.end)
            while last > first and start < last < start + len(out) - at:
                self._add(out[at:at + last - start], start, arrangement)
                at += last - start
                start = first
        self._add(out[at:], start, arrangement)

    def _add(self, out: Any, start: int, arrangement: Arrangement) -> None:
        tempo, length = arrangement.tempo, len(self._bar)
        begin, end = max(start - length, 0) / self._rate, (start + len(out)) / self._rate
        step = 4 / tempo.metre_at_bar(0).unit
        for seconds, _, bar in tempo.lines(begin, end, step):
            click = self._bar if bar else self._beat
            place = round(seconds * self._rate) - start
            low, high = max(place, 0), min(place + length, len(out))
            if high > low:
                out[low:high] += click[low - place:high - place, None]


def _click(rate: int, pitch: float) -> Any:
    time = np.arange(round(SECONDS * rate), dtype=np.float32) / rate
    return (np.sin(2 * math.pi * pitch * time) * np.exp(-time * 160) * LEVEL).astype(np.float32)
