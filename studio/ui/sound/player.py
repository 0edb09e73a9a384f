"""The transport as the window sees it: where playing is, how loud it is, and sound that is heard while it comes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from studio.project.sound import Arrangement
from studio.project.sound.playing import Player
from studio.ui.relay import Relay
from studio.ui.sound.document import SoundDocument
from studio.ui.sound.meters import NOTHING, Level
from studio.ui.sound.metronome import Metronome
from studio.ui.sound.sinks import Sink, make_sink

if TYPE_CHECKING:
    from studio.project.sound.source import DecodedSource

FRAME_MS = 33
"""The playhead and the meters move this often while it plays."""

MakeSink = Callable[[Any, int, QObject], Sink]


class StudioPlayer(QObject):
    """Plays the document as it is shown, previews of a drag included.

    Attributes:
        late: frames that were not mixed in time since the project was opened.
        metronome: `Metronome`; it clicks while it is on and something plays.
    """

    silenced = Signal()
    """It was stopped, and what was pushed and not heard yet is dropped."""
    position_changed = Signal(float)
    """Seconds."""
    playing_changed = Signal(bool)
    levels_changed = Signal(object)
    """dict of track id ("" for the master) to peak left, peak right, RMS left, RMS right; 1 is full scale."""
    notice = Signal(str)

    def __init__(self, document: SoundDocument, source: DecodedSource, parent: QObject | None = None, *,
                 sink: MakeSink = make_sink) -> None:
        super().__init__(parent)
        self.document, self._source = document, source
        self._relay = Relay(self)
        self._core = Player(document.shown, source, on_needed=self._needed)
        self._played: Arrangement = document.shown
        self._stream = _Stream(source.rate)
        self.metronome = Metronome(source.rate)
        self._make_sink = sink
        self._sink: Sink | None = None  # the system is asked for its devices when something is first to be heard
        self._was_playing = False
        self._decoders: list[threading.Thread] = []
        self._closed = False
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self._frame)
        document.changed.connect(self._changed)

    # ------------------------------------------------------------ transport

    @property
    def playing(self) -> bool:
        return self._core.playing

    @property
    def position(self) -> float:
        """Where it is, in seconds."""
        return self._core.position / self._core.rate

    @property
    def late(self) -> int:
        return self._core.late

    def play(self, start: float | None = None) -> None:
        """Go on, or from a time on."""
        self._core.play(None if start is None else round(start * self._core.rate))
        self._run()

    def pause(self) -> None:
        self.metronome.cancel()
        self._core.pause()
        self._frame()

    def toggle(self) -> None:
        """Space: play from where it is, or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def stop(self) -> None:
        """Stop, and go back to where the person put the cursor."""
        self.silenced.emit()
        self.metronome.cancel()
        self._core.pause()
        self._stream.clear()
        self.seek(self.document.chosen.cursor)

    def seek(self, seconds: float) -> None:
        self._core.seek(round(max(seconds, 0) * self._core.rate))
        self.position_changed.emit(self.position)

    def scrub(self, seconds: float) -> None:
        """Let the sound at a time be heard for a moment."""
        self._core.scrub(round(max(seconds, 0) * self._core.rate))
        self.position_changed.emit(self.position)
        self._run()

    def stream(self, samples: Any, rate: int) -> None:
        """Let pushed sound be heard at once, after what was pushed before: float (frames,) or (frames, channels)."""
        self._stream.add(samples, rate)
        self._run()

    def strike(self, samples: Any, rate: int) -> None:
        """Let a short sound be heard at once, in the place of what was pushed before."""
        self._stream.clear()
        self.stream(samples, rate)

    @property
    def streaming(self) -> bool:
        """Whether pushed sound waits to be heard."""
        return self._stream.waiting

    @property
    def stream_left(self) -> float:
        """Seconds of pushed sound that wait to be heard."""
        return self._stream.left / self._source.rate

    def close(self) -> None:
        """End its threads. Close the source first: what is being decoded ends with it."""
        self._closed = True
        self._timer.stop()
        if self._sink is not None:
            self._sink.close()
        self._core.close()
        self._relay.close()
        for thread in self._decoders:
            thread.join()

    # ------------------------------------------------------------ inside

    def _run(self) -> None:
        if self._closed:
            return
        if self._sink is None:
            self._sink = self._make_sink(self._take, self._source.rate, self)
            self._sink.lost.connect(self._lost)
        self._sink.start()
        self._timer.start()
        self._frame()

    def _take(self, frames: int) -> Any:
        """On the sink's thread."""
        start, playing = self._core.position, self._core.playing
        lead = self.metronome.lead(frames if playing else 0)
        out = self._core.take(frames - len(lead))
        if playing and self.metronome.on:
            self.metronome.mix(out, start, self._played)
        if len(lead):
            out = np.concatenate((lead, out))
        self._stream.mix(out)
        return out

    def _frame(self) -> None:
        playing = self.playing
        self.position_changed.emit(self.position)
        levels = self._core.levels()
        if not levels and self._stream.waiting:
            levels = {"": self._stream.level}
        self.levels_changed.emit(levels)
        if playing != self._was_playing:
            self._was_playing = playing
            self.playing_changed.emit(playing)
        if not playing and not self._stream.waiting:
            self._timer.stop()
            if self._sink is not None:
                self._sink.stop()

    def _changed(self) -> None:
        shown = self.document.shown
        if shown is not self._played and shown.rate == self._core.rate:
            self._played = shown
            self._core.set_arrangement(shown)

    def _needed(self, sha: str) -> None:
        """On the mixing thread: somebody has to decode it."""
        if self._closed:
            return
        thread = threading.Thread(target=self._decode, args=(sha,), name="decoding", daemon=True)
        self._decoders = [other for other in self._decoders if other.is_alive()] + [thread]
        thread.start()

    def _decode(self, sha: str) -> None:
        from studio.project.sound import SoundError

        try:
            self._source.open(sha)
        except SoundError:
            pass  # the mixer tells of it
        if not self._closed:
            self._core.media_ready(sha)

    def _lost(self, sentence: str) -> None:
        """The device has gone. Where the next Play finds none, a clock takes its place and the transport runs on."""
        self._core.pause()
        self._stream.clear()
        sink, self._sink = self._sink, None
        if sink is not None:
            sink.close()
            sink.deleteLater()
        self._frame()
        self.notice.emit(sentence)


class _Stream:
    """Sound that is pushed while it is made, waiting to be heard. An hour of it may wait, so it stays as it came, in
    16 bits, until its turn."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._parts: deque[tuple[Any, int]] = deque()
        self._now: Any = np.zeros((0, 2), np.float32)
        """What is heard now, in this rate and stereo."""
        self.level: Level = NOTHING
        """Of what was heard last."""

    @property
    def waiting(self) -> bool:
        with self._lock:
            return bool(self._parts) or len(self._now) > 0

    @property
    def left(self) -> int:
        """Frames that wait."""
        with self._lock:
            return len(self._now) + sum(len(part) * self._rate // rate for part, rate in self._parts)

    def clear(self) -> None:
        with self._lock:
            self._parts.clear()
            self._now = self._now[:0]

    def add(self, samples: Any, rate: int) -> None:
        frames = np.atleast_2d(np.asarray(samples, np.float32).T).T[:, :2]
        if rate != self._rate:
            import soxr  # noqa: F401  (it is needed in the middle of playing)
        if len(frames):
            whole = (np.clip(np.nan_to_num(frames), -1, 1) * 32767).round().astype(np.int16)
            with self._lock:
                self._parts.append((whole, rate))

    def _ready(self, part: Any, rate: int) -> Any:
        frames = part.astype(np.float32) / np.float32(32767)
        stereo = np.repeat(frames, 2, axis=1) if frames.shape[1] == 1 else frames
        if rate == self._rate:
            return stereo
        import soxr

        return soxr.resample(np.ascontiguousarray(stereo), rate, self._rate).astype(np.float32)

    def mix(self, out: Any) -> None:
        """Add what waits to frames on their way to the device."""
        at = 0
        with self._lock:
            while at < len(out) and (len(self._now) or self._parts):
                if not len(self._now):
                    self._now = self._ready(*self._parts.popleft())
                part = self._now[:len(out) - at]
                out[at:at + len(part)] += part
                at += len(part)
                self._now = self._now[len(part):]
        if at:
            peak, rms = np.abs(out[:at]).max(axis=0), np.sqrt(np.square(out[:at]).mean(axis=0))
            self.level = (float(peak[0]), float(peak[1]), float(rms[0]), float(rms[1]))
