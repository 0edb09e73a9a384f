"""Where sound goes: a device on a thread of its own, or a clock where there is none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot, qInstallMessageHandler

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger(__name__)

Take = Callable[[int], "np.ndarray"]
"""Gives the next frames, (frames, 2) float32; called on the sink's thread."""
TICK_MS = 10
STUCK_SECONDS = 2.0
"""A device that takes nothing for so long has gone, whatever it says."""
BUFFER_SECONDS = 0.1
"""What the device is ahead of the mixing by: late by this much is never heard."""


class Sink(QObject):
    """Pulls frames at its own pace from `start` to `stop`."""

    lost = Signal(str)
    """One sentence: the device has gone."""

    def __init__(self, take: Take, rate: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.take, self.rate = take, rate

    def start(self) -> None:
        """Begin to pull."""

    def stop(self) -> None:
        """Pull no more; what the device still holds is dropped."""

    def close(self) -> None:
        """End for good."""


class SilentSink(Sink):
    """No device: frames are taken at the pace of a clock, so that the transport runs all the same."""

    def __init__(self, take: Take, rate: int, parent: QObject | None = None) -> None:
        super().__init__(take, rate, parent)
        self._clock = monotonic
        self._last = self._rest = 0.0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        if not self._timer.isActive():
            self._last, self._rest = self._clock(), 0.0
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    close = stop

    def _tick(self) -> None:
        now = self._clock()
        due = (now - self._last) * self.rate + self._rest
        # after a stall of the window it catches up piece by piece, as a device would not have waited either
        frames = min(int(due), round(self.rate * BUFFER_SECONDS))
        self._last, self._rest = now, min(due - frames, float(self.rate))
        if frames > 0:
            self.take(frames)


class _Feeder(QObject):
    """Lives on the device's thread and writes to it as much as it takes."""

    gone = Signal(str)

    def __init__(self, take: Take, rate: int) -> None:
        super().__init__()
        self._take, self._rate = take, rate
        self._sink: Any = None
        self._io: Any = None
        self._timer: QTimer | None = None
        self._taken = 0.0
        """When the device took something last."""

    @Slot()
    def start(self) -> None:
        from PySide6.QtMultimedia import QAudio, QAudioFormat, QAudioSink, QMediaDevices

        if self._sink is not None:
            return
        form = QAudioFormat()
        form.setSampleRate(self._rate)
        form.setChannelCount(2)
        form.setSampleFormat(QAudioFormat.SampleFormat.Float)
        device = QMediaDevices.defaultAudioOutput()
        if device.isNull():
            self.gone.emit("There is no sound device any more; plug one in and press Play.")
            return
        self._sink = QAudioSink(device, form)
        self._sink.setBufferSize(int(self._rate * BUFFER_SECONDS) * 8)
        self._io = self._sink.start()
        if self._io is None or self._sink.error() != QAudio.Error.NoError:
            self._fail()
            return
        self._taken = monotonic()
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._feed)
        self._timer.start()
        self._feed()

    @Slot()
    def stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer.deleteLater()
            self._timer = None
        if self._sink is not None:
            self._sink.reset()
            self._sink.deleteLater()
        self._sink = self._io = None

    def _feed(self) -> None:
        from PySide6.QtMultimedia import QAudio

        if self._sink is None:
            return
        if self._sink.error() not in (QAudio.Error.NoError, QAudio.Error.UnderrunError):
            self._fail()
            return
        frames = self._sink.bytesFree() // 8
        if frames <= 0 and monotonic() - self._taken > STUCK_SECONDS:
            self._fail()
        elif frames > 0:
            self._taken = monotonic()
            self._io.write(self._take(frames).tobytes())

    def _fail(self) -> None:
        self.stop()
        self.gone.emit("The sound device does not answer any more; check it and press Play.")


class DeviceSink(Sink):
    """The system's sound device, fed on a thread of its own: a busy window is not heard."""

    _start = Signal()
    _stop = Signal()

    def __init__(self, take: Take, rate: int, parent: QObject | None = None) -> None:
        super().__init__(take, rate, parent)
        self._thread = QThread()
        self._thread.setObjectName("sound device")
        self._feeder = _Feeder(take, rate)
        self._feeder.moveToThread(self._thread)
        self._feeder.gone.connect(self.lost)
        self._start.connect(self._feeder.start)
        self._stop.connect(self._feeder.stop)
        self._thread.start(QThread.Priority.TimeCriticalPriority)

    def start(self) -> None:
        self._start.emit()

    def stop(self) -> None:
        self._stop.emit()

    def close(self) -> None:
        self._stop.emit()
        self._thread.quit()
        self._thread.wait(5000)


@contextmanager
def hushed() -> Iterator[None]:
    """What Qt says about sound servers that are not there goes into the log as news, not as warnings: a studio without
    a device is a usual one."""
    before = qInstallMessageHandler(lambda _kind, _context, text: log.debug("%s", text))
    try:
        yield
    finally:
        qInstallMessageHandler(before)


def make_sink(take: Take, rate: int, parent: QObject | None = None) -> Sink:
    """The system's device, or a silent one where it has none."""
    try:
        with hushed():
            from PySide6.QtMultimedia import QMediaDevices

            found = not QMediaDevices.defaultAudioOutput().isNull()
        if found:
            return DeviceSink(take, rate, parent)
    except ImportError as error:  # a Linux without PulseAudio's library
        log.info("no sound device: %s", error)
    return SilentSink(take, rate, parent)
