"""The heart of a player, without a device: a thread mixes ahead into a ring buffer, whoever plays takes frames out of
it. Transport (play, pause, seek, loop, scrub) is plain state; positions are frames of the arrangement."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import numpy as np

from studio.project.sound.arrangement import Arrangement
from studio.project.sound.media import AudioSource, Samples
from studio.project.sound.mixer import Level, Mixer

CHUNK = 1024
"""Frames that are mixed at once into the ring: how late a change of the arrangement is heard at the least."""
AHEAD = 2.0
"""Seconds that are mixed ahead: as long as a busy machine may hold the mixing thread up. A change is heard no later for
it, for what was mixed ahead is then mixed again."""
MIXING_NICE = -11
"""Priority of the mixing thread on Linux, as sound servers have it."""
EDGE = 128
"""Frames over which sound comes and goes at a jump, so that it does not click."""
KEPT = 2048
"""Frames mixed ahead that are still heard when the arrangement changes, so that there is no gap."""
SCRUB = 0.08
"""Seconds that are heard at each place while scrubbing."""


class Ring:
    """Stereo frames on their way from one thread to another, each with the place that it has in the arrangement."""

    def __init__(self, frames: int) -> None:
        self._samples = np.zeros((frames, 2), np.float32)
        self._read = self._write = 0

    @property
    def filled(self) -> int:
        return self._write - self._read

    @property
    def free(self) -> int:
        return len(self._samples) - self.filled

    def put(self, samples: Samples) -> None:
        """Add frames; there must be room for them."""
        self._move(self._write, samples, into=True)
        self._write += len(samples)

    def take(self, frames: int) -> Samples:
        """The oldest frames, at most so many."""
        out = np.empty((min(frames, self.filled), 2), np.float32)
        self._move(self._read, out, into=False)
        self._read += len(out)
        return out

    def clear(self) -> None:
        self._read = self._write

    def shorten(self, frames: int) -> None:
        """Forget the newest but for so many."""
        self._write = self._read + min(self.filled, frames)

    def _move(self, start: int, samples: Samples, *, into: bool) -> None:
        size = len(self._samples)
        at = start % size
        first = min(len(samples), size - at)
        for ring, plain in ((slice(at, at + first), slice(0, first)),
                            (slice(0, len(samples) - first), slice(first, len(samples)))):
            if into:
                self._samples[ring] = samples[plain]
            else:
                samples[plain] = self._samples[ring]


class Player:
    """Plays an arrangement. `take` is called by whoever owns the device, at its pace; everything else from any thread.
    `close` it at the end.

    Attributes:
        late: how many frames were asked for while it played and not there in time (the moment after a jump is none).
        problems: what could not be read, one sentence for each medium.
    """

    def __init__(self, arrangement: Arrangement, source: AudioSource, *, ahead: float = AHEAD,
                 on_needed: Callable[[str], object] = lambda _: None) -> None:
        """on_needed: called on the mixing thread with each medium that is not decoded yet, once; somebody should open
        it on a thread of their own."""
        self.late = 0
        self._source, self._on_needed = source, on_needed
        self._arrangement, self._frames = arrangement, arrangement.frame(arrangement.length)
        self._mixer = Mixer(arrangement, source, wait=False, meters=True)
        self._told: set[str] = set()
        self._ring = Ring(max(round(ahead * arrangement.rate), CHUNK * 2))
        self._lock = threading.Lock()
        self._wake = threading.Condition(self._lock)
        self._runs: deque[list[int]] = deque()  # [first frame of the arrangement, frames] of what is in the ring
        self._next = self._heard = 0
        self._playing = self._closed = self._fresh = self._primed = False
        self._scrub = 0
        self._generation = 0
        self._thread = threading.Thread(target=self._run, name="mixing", daemon=True)
        self._thread.start()

    # ------------------------------------------------------------ transport

    @property
    def playing(self) -> bool:
        return self._playing

    @property
    def position(self) -> int:
        """The frame that is heard next."""
        return self._heard

    @property
    def rate(self) -> int:
        return self._arrangement.rate

    @property
    def problems(self) -> dict[str, str]:
        return dict(self._mixer.problems)

    def play(self, start: int | None = None) -> None:
        """Go on, or from a frame on."""
        with self._wake:
            if start is not None:
                self._jump(start)
            self._playing, self._scrub = True, 0
            self._wake.notify_all()

    def pause(self) -> None:
        """Stop where it is; what was mixed ahead is kept for going on."""
        with self._wake:
            self._playing, self._scrub = False, 0

    def seek(self, frame: int) -> None:
        """Be at another frame, playing or not."""
        with self._wake:
            self._jump(frame)
            self._wake.notify_all()

    def scrub(self, frame: int) -> None:
        """Let the sound at a frame be heard for a moment, and be there."""
        with self._wake:
            self._jump(frame)
            self._scrub = round(SCRUB * self.rate)
            self._wake.notify_all()

    def set_arrangement(self, arrangement: Arrangement) -> None:
        """Play another value from where it is: heard after what the device has already taken. The rate must be the
        same."""
        if arrangement.rate != self._source.rate:
            raise ValueError(f"the source gives {self._source.rate} Hz, the arrangement has {arrangement.rate}")
        frames = arrangement.frame(arrangement.length)
        with self._wake:
            self._arrangement, self._frames = arrangement, frames
            self._mix_again()
            self._wake.notify_all()

    def media_ready(self, sha: str) -> None:
        """A medium that was missing is there now: what was mixed without it is mixed again."""
        with self._wake:
            self._told.discard(sha)
            # where it plays now the medium may not be heard, and nobody would find that it is there
            self._mixer.waiting.discard(sha)
            self._mix_again()
            self._wake.notify_all()

    def levels(self) -> dict[str, Level]:
        """How loud each track, and "" the master, is now; {} while nothing is heard."""
        return self._mixer.levels(self._heard) if self._playing or self._scrub else {}

    def close(self) -> None:
        """End the mixing thread."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        self._thread.join()

    # ------------------------------------------------------------ the device's side

    def take(self, frames: int) -> Samples:
        """The next `frames` frames, (frames, 2): silence while it does not play and for what was not mixed in time."""
        out = np.zeros((frames, 2), np.float32)
        with self._wake:
            wanted = frames if self._playing else min(frames, self._scrub)
            if not wanted:
                return out
            got = self._ring.take(wanted)
            out[:len(got)] = got
            self._advance(len(got))
            if not self._playing:
                self._scrub -= len(got)
            elif len(got) < wanted and self._primed and not self._ended():
                self.late += wanted - len(got)
            if self._playing and self._ended() and not self._ring.filled:
                self._playing = False
            self._wake.notify_all()
        return out

    def wait_filled(self, frames: int, timeout: float = 5.0) -> bool:
        """Wait until so many frames are mixed ahead (or the end is reached): before a device is started."""
        with self._wake:
            return self._wake.wait_for(lambda: self._ring.filled >= min(frames, len(self._ring._samples)) or
                                       self._ended() or self._closed, timeout)

    # ------------------------------------------------------------ inside, the lock held

    def _jump(self, frame: int) -> None:
        self._next = self._heard = max(frame, 0)
        self._ring.clear()
        self._runs.clear()
        self._generation += 1
        self._fresh, self._primed = True, False

    def _mix_again(self) -> None:
        """What was mixed ahead is mixed again, but for the next moment."""
        self._ring.shorten(KEPT)
        left, kept = self._ring.filled, deque[list[int]]()
        for start, frames in self._runs:
            if left > 0:
                kept.append([start, min(frames, left)])
                left -= frames
        self._runs = kept
        self._next = self._after(sum(kept[-1])) if kept else self._heard
        self._generation += 1

    def _after(self, frame: int) -> int:
        """The frame that follows, at the end of the loop its beginning."""
        loop = self._loop()
        return loop[0] if loop is not None and frame == loop[1] else frame

    def _advance(self, frames: int) -> None:
        while frames and self._runs:
            run = self._runs[0]
            step = min(frames, run[1])
            run[0], run[1], frames = run[0] + step, run[1] - step, frames - step
            self._heard = run[0]
            if not run[1]:
                self._runs.popleft()
                if self._runs:
                    self._heard = self._runs[0][0]

    def _loop(self) -> tuple[int, int] | None:
        loop = self._arrangement.loop
        if loop is None or not loop.on:
            return None
        found = self._arrangement.frame(loop.start), self._arrangement.frame(loop.end)
        return found if found[1] > found[0] else None

    def _ended(self) -> bool:
        """Whether there is nothing more to mix."""
        loop = self._loop()
        return self._next >= self._frames and (loop is None or self._next >= loop[1])

    def _plan(self) -> tuple[int, int] | None:
        """What to mix next; None while there is no room or nothing to play."""
        if self._ring.free < CHUNK or self._ended():
            return None
        loop, last = self._loop(), self._frames
        if loop is not None and self._next < loop[1]:
            last = loop[1]
        return self._next, min(CHUNK, last - self._next)

    def _run(self) -> None:
        _go_first()
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._closed or self._plan() is not None)
                if self._closed:
                    return
                plan = self._plan()
                assert plan is not None
                start, frames = plan
                arrangement, mixer, generation, fresh = self._arrangement, self._mixer, self._generation, self._fresh
            if mixer.arrangement is not arrangement:  # made here: with many clips it takes half a frame of the window
                mixer = self._mixer = Mixer(arrangement, self._source, wait=False, meters=True, like=mixer)
            block = mixer.read(start, frames)
            if fresh:
                edge = min(EDGE, frames)
                block[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)[:, None]
            self._ask(mixer)
            with self._wake:
                if generation != self._generation:
                    continue  # it jumped meanwhile
                self._ring.put(block)
                self._runs.append([start, frames])
                self._fresh, self._primed = False, True
                self._next = self._after(start + frames)
                self._wake.notify_all()

    def _ask(self, mixer: Mixer) -> None:
        for sha in mixer.waiting - self._told:
            self._told.add(sha)
            self._on_needed(sha)


def _go_first() -> None:
    """Let this thread run before others, where the system lets a program ask for it: a gap in sound is heard."""
    if sys.platform == "linux":
        with suppress(OSError):  # a person may only where the limits of the system say so
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), MIXING_NICE)
    elif sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetThreadPriority(ctypes.windll.kernel32.GetCurrentThread(), 2)


class NullSink:
    """Takes frames at the pace of a clock where there is no device: the transport runs all the same. clock: seconds."""

    def __init__(self, player: Player, clock: Callable[[], float] = time.monotonic) -> None:
        self._player, self._clock = player, clock
        self._last = clock()
        self._rest = 0.0

    def tick(self) -> Samples:
        """Take what a device would have taken since the last tick; call it from a timer."""
        now = self._clock()
        due = (now - self._last) * self._player.rate + self._rest
        self._last, frames = now, max(int(due), 0)
        self._rest = due - frames
        return self._player.take(min(frames, self._player.rate))
