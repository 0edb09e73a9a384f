"""Mixes an arrangement to stereo, exact to the sample.

Whatever is asked for, it is made of blocks of BLOCK frames that lie at fixed places: so the same arrangement gives the
same samples however it is read. Panning keeps the power and leaves the middle as it is: cos and sin (of a quarter
circle), times the root of two. A mono clip goes to both sides; a stereo one has its sides weighted.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from studio.project.sound.arrangement import Arrangement
from studio.project.sound.errors import SoundError
from studio.project.sound.media import AudioSource, Media, Samples
from studio.project.sound.values import SILENT, Clip, FadeShape, Track

BLOCK = 8192
"""Frames that are mixed at once."""
STEP = 1024
"""Frames of one reading of a level meter."""
FEW_POINTS = 16
"""So many points of automation in a block are joined line by line."""
KEPT_LEVELS = 128
"""Blocks whose levels are remembered."""

_RAMP = np.arange(BLOCK, dtype=np.float32)

GONE = "What was decoded of this recording is no longer on the disk; open the project again to hear it."

Level = tuple[float, float, float, float]
"""Peak left and right, RMS left and right; 1 is full scale."""


def amplitude(decibels: float) -> float:
    """What a gain multiplies by; 0 at SILENT and below."""
    return 0.0 if decibels <= SILENT else 10.0 ** (decibels / 20)


def decibels(amplitude: float) -> float:
    """The gain that multiplies by `amplitude`; SILENT at the least."""
    return max(20 * math.log10(amplitude), SILENT) if amplitude > 0 else SILENT


def pan_gains(pan: float) -> tuple[float, float]:
    """What left and right are multiplied by."""
    if pan == 0:
        return 1.0, 1.0
    angle = (min(max(pan, -1.0), 1.0) + 1) * math.pi / 4
    return math.sqrt(2) * math.cos(angle), math.sqrt(2) * math.sin(angle)


def fade(shape: FadeShape, length: int, first: int, last: int) -> Samples:
    """A fade in over `length` frames, of which those from `first` to `last` are wanted."""
    x = (np.arange(first, last, dtype=np.float64) + 0.5) / length
    if shape == "power":
        x = np.sin(x * (math.pi / 2))
    elif shape == "smooth":
        x = 0.5 - 0.5 * np.cos(x * math.pi)
    return x.astype(np.float32)


@dataclass(frozen=True)
class _Part:
    """A clip in frames."""

    media: str
    first: int
    last: int
    offset: int
    gain: np.float32
    fade_in: int
    fade_out: int
    in_shape: FadeShape
    out_shape: FadeShape

    def envelope(self, start: int, stop: int) -> Samples | None:
        """What the fades multiply the frames from `start` to `stop` of the arrangement by; None for 1."""
        found: Samples | None = None
        if self.fade_in and start < self.first + self.fade_in:
            found = np.ones(stop - start, np.float32)
            end = min(stop, self.first + self.fade_in)
            found[:end - start] = fade(self.in_shape, self.fade_in, start - self.first, end - self.first)
        if self.fade_out and stop > self.last - self.fade_out:
            found = np.ones(stop - start, np.float32) if found is None else found
            begin = max(start, self.last - self.fade_out)
            found[begin - start:] *= fade(self.out_shape, self.fade_out, self.last - stop, self.last - begin)[::-1]
        return found


class _Lane:
    """A track with its clips, ready to be mixed."""

    def __init__(self, arrangement: Arrangement, track: Track) -> None:
        self.track, self.clips = track, arrangement.on(track.id)
        self.parts = [part for clip in self.clips if (part := _part(arrangement, clip)) is not None]
        self._furthest = list(accumulate((part.last for part in self.parts), max))
        left, right = pan_gains(track.pan)
        base = amplitude(track.gain)
        self.gains = np.float32(base * left), np.float32(base * right)
        self.times = np.array([point.time for point in track.volume]) * arrangement.rate
        self.heights = np.array([point.gain for point in track.volume])
        self._jumps = bool((np.diff(self.times) <= 0).any())

    def between(self, start: int, stop: int) -> list[_Part]:
        """The clips of which something lies between two frames."""
        first = bisect_left(self._furthest, start + 1)
        found = []
        for part in self.parts[first:]:
            if part.first >= stop:
                break
            if part.last > start:
                found.append(part)
        return found

    def automation(self, start: int) -> Samples | np.float32 | None:
        """What automation multiplies a block by; None for 1."""
        if not len(self.times):
            return None
        stop = start + BLOCK
        inside = slice(int(np.searchsorted(self.times, start, "right")), int(np.searchsorted(self.times, stop)))
        ends = np.interp((start, stop), self.times, self.heights)
        times, heights = [start, *self.times[inside], stop], [ends[0], *self.heights[inside], ends[1]]
        if min(heights) == max(heights):
            return np.float32(amplitude(float(heights[0])))
        curve: Samples
        if len(times) > FEW_POINTS or self._jumps:
            curve = np.interp(np.arange(start, stop, dtype=np.float64), self.times, self.heights).astype(np.float32)
        else:
            curve = _lines(start, times, heights)
        silent = curve <= SILENT if min(heights) <= SILENT else None
        np.exp(curve * np.float32(math.log(10) / 20), out=curve)
        if silent is not None:
            curve[silent] = 0
        return curve


def _same(lane: _Lane | None, arrangement: Arrangement, track: Track) -> _Lane:
    """The lane of a track: the one there was, where neither it nor its clips have changed."""
    if lane is not None and lane.track == track and lane.clips == arrangement.on(track.id):
        return lane
    return _Lane(arrangement, track)


def _lines(start: int, times: Sequence[float], heights: Sequence[float]) -> Samples:
    """What `np.interp` gives for the frames of a block, many times as fast where few points lie in it."""
    curve = np.empty(BLOCK, np.float32)
    for (left, low), (right, high) in pairwise(zip(times, heights, strict=True)):
        first, last = math.ceil(left), math.ceil(right)
        slope = (high - low) / (right - left)
        piece = curve[first - start:last - start]
        np.multiply(_RAMP[:last - first], np.float32(slope), out=piece)
        piece += np.float32(low + slope * (first - left))
    return curve


@dataclass(frozen=True)
class _Levels:
    """How loud a block is: of each name the peaks and the RMS of both sides, (names, 2, steps)."""

    names: list[str]
    peaks: Samples
    rms: Samples

    def at(self, step: int) -> dict[str, Level]:
        """Of each name at one step."""
        values = np.concatenate([self.peaks[:, :, step], self.rms[:, :, step]], axis=1).tolist()
        return {name: (level[0], level[1], level[2], level[3]) for name, level in zip(self.names, values, strict=True)}


def _part(arrangement: Arrangement, clip: Clip) -> _Part | None:
    first, last = arrangement.frame(clip.start), arrangement.frame(clip.end)
    if not clip.media or clip.muted or last <= first or clip.gain <= SILENT:
        return None
    frames = last - first
    fade_in = min(arrangement.frame(clip.fade_in), frames)
    return _Part(clip.media, first, last, max(arrangement.frame(clip.offset), 0), np.float32(amplitude(clip.gain)),
                 fade_in, min(arrangement.frame(clip.fade_out), frames), clip.in_shape, clip.out_shape)


class Mixer:
    """Reads an arrangement as stereo float32. Not to be called by two threads at once.

    Attributes:
        problems: one sentence for each medium that could not be read; its clips are silent.
        waiting: media that were not there yet when their clips were mixed (only without `wait`).
        frames: how long the arrangement is.
    """

    def __init__(self, arrangement: Arrangement, source: AudioSource, *, wait: bool = True,
                 tracks: Iterable[str] | None = None, meters: bool = False, like: Mixer | None = None) -> None:
        """
        Args:
            like: a mixer of a value before this one; what has not changed since is taken over.
            wait: wait for media that are not decoded yet; otherwise they are silent until they are.
            tracks: only these, whatever is muted or solo; None: those that are heard.
            meters: keep the levels of tracks and master for `levels`.
        """
        if source.rate != arrangement.rate:
            raise ValueError(f"the source gives {source.rate} Hz, the arrangement has {arrangement.rate}")
        self.arrangement, self.rate = arrangement, arrangement.rate
        self.frames = arrangement.frame(arrangement.length)
        self.problems: dict[str, str] = {}
        self.waiting: set[str] = set()
        self._source, self._wait, self._meters = source, wait, meters
        known = {lane.track.id: lane for lane in like._lanes} if like is not None and like.rate == self.rate else {}
        lanes = (_same(known.get(track.id), arrangement, track) for track in heard(arrangement, tracks))
        self._lanes: list[_Lane] = [lane for lane in lanes if lane.parts and any(lane.gains)]
        self._master = np.float32(amplitude(arrangement.master_gain))
        self._media: dict[str, Media] = {}
        self._last: tuple[int, Samples] | None = None
        self._levels: OrderedDict[int, _Levels] = OrderedDict()
        self._rows = np.empty((len(self._lanes), 2, BLOCK), np.float32)
        self._scratch = np.empty((2, BLOCK), np.float32)
        self._short = False

    def read(self, start: int, frames: int) -> Samples:
        """`frames` frames from `start` on, (frames, 2); silence before 0 and behind the end."""
        out = np.zeros((max(frames, 0), 2), np.float32)
        first, last = max(start, 0), min(start + frames, self.frames)
        if last <= first:
            return out
        for index in range(first // BLOCK, -(-last // BLOCK)):
            begin = index * BLOCK
            left, right = max(first, begin), min(last, begin + BLOCK)
            out[left - start:right - start] = self._block(index)[:, left - begin:right - begin].T
        return out

    def levels(self, frame: int) -> dict[str, Level]:
        """How loud each track, and "" the master, is at a frame that was read not long ago; {} where none is known.
        A track on which there is no clip in this block is left out."""
        index, inside = divmod(frame, BLOCK)
        found = self._levels.get(index)
        return {} if found is None else found.at(inside // STEP)

    # ------------------------------------------------------------ blocks

    def _block(self, index: int) -> Samples:
        if self._last is not None and self._last[0] == index:
            return self._last[1]
        start, names = index * BLOCK, list[str]()
        self._short = False
        for lane in self._lanes:
            if self._lane(lane, start, self._rows[len(names)]):
                names.append(lane.track.id)
        rows = self._rows[:len(names)]
        # Few calls over all tracks rather than many over one: at each, a busy window may take the interpreter away.
        out: Samples = np.add.reduce(rows, axis=0)
        if self._master != 1:
            out *= self._master
        if self._meters:
            self._levels[index] = _Levels(["", *names], *(
                np.concatenate(both) for both in zip(_measured(out[None]), _measured(rows), strict=True)))
            while len(self._levels) > KEPT_LEVELS:
                self._levels.popitem(last=False)
        if not self._short:
            self._last = index, out
        return out

    def _lane(self, lane: _Lane, start: int, row: Samples) -> bool:
        """Lay a block of a track, with its volume and pan, into `row`; False for silence."""
        filled = False
        for part in lane.between(start, start + BLOCK):
            filled = self._add(part, lane.gains, start, row, filled) or filled
        volume = lane.automation(start) if filled else None
        if volume is not None:
            row *= volume
        return filled

    def _add(self, part: _Part, gains: tuple[np.float32, np.float32], start: int, row: Samples, filled: bool) -> bool:
        """Add what of a clip lies in a block, if anything does. filled: whether something is in `row` already."""
        media = self._find(part.media)
        if media is None:
            return False
        first, last = max(part.first, start), min(part.last, start + BLOCK)
        begin = first - part.first + part.offset
        ready = min(begin + last - first, media.ready)
        if ready < begin + last - first and media.ready < media.frames:
            self._miss(part.media)
        if ready <= begin:
            return False
        last = first + ready - begin
        try:
            channels = media.read(begin, ready)
        except OSError:  # the source was closed meanwhile, or somebody has cleared the folder for temporary files
            self.problems[part.media] = GONE
            del self._media[part.media]
            return False
        envelope = part.envelope(first, last)
        left, right = first - start, last - start
        piece = self._scratch[:, left:right] if filled else row[:, left:right]
        for side, gain in enumerate(gains):
            np.multiply(channels[side % len(channels)], part.gain * gain, out=piece[side])
        if envelope is not None:
            piece *= envelope
        if filled:
            row[:, left:right] += piece
        else:
            row[:, :left] = row[:, right:] = 0
        return True

    def _find(self, sha: str) -> Media | None:
        found = self._media.get(sha)
        if found is not None or sha in self.problems:
            return found
        try:
            found = self._source.open(sha) if self._wait else self._source.peek(sha)
        except SoundError as error:
            self.problems[sha] = str(error)
            self.waiting.discard(sha)
            return None
        if found is None:
            self._miss(sha)
            return None
        self._media[sha] = found
        self.waiting.discard(sha)
        return found

    def _miss(self, sha: str) -> None:
        self._short = True
        self.waiting.add(sha)


def heard(arrangement: Arrangement, tracks: Iterable[str] | None = None) -> list[Track]:
    """The tracks that sound: of those that are solo, or of all if none is, those that are not mute. With `tracks` these
    and no others."""
    if tracks is not None:
        wanted = set(tracks)
        return [track for track in arrangement.tracks if track.id in wanted]
    solo = any(track.solo for track in arrangement.tracks)
    return [track for track in arrangement.tracks if not track.mute and (track.solo or not solo)]


def _measured(rows: Samples) -> tuple[Samples, Samples]:
    """Peak and RMS of each step of blocks (rows, 2, BLOCK), each (rows, 2, steps)."""
    steps = rows.reshape(len(rows), 2, BLOCK // STEP, STEP)
    squares = np.matmul(steps[..., None, :], steps[..., None])[..., 0, 0]
    return np.maximum(steps.max(axis=3), -steps.min(axis=3)), np.sqrt(squares / STEP)
