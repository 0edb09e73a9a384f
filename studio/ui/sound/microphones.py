"""Where recordings come from: the system's microphone."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.ui.sound.sinks import hushed

TICK_MS = 20
NONE = "There is no microphone; plug one in, or import a recording with Ctrl+Shift+I."
GONE = "The microphone does not answer any more; what was recorded until now is kept."


class Microphone(QObject):
    """Gives what it hears between `start` and `stop`. Others of this form stand in for it in tests.

    Attributes:
        rate, channels: of what it gives; known once it has started.
    """

    came = Signal(object)
    """float32 (frames, channels)"""
    lost = Signal(str)
    """One sentence: it gives nothing any more."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rate, self.channels = 48000, 1
        self._source: Any = None
        self._io: Any = None
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._pull)

    def start(self, rate: int) -> str:
        """Begin; "" or the sentence that says why it cannot."""
        try:
            with hushed():
                from PySide6.QtMultimedia import QAudio, QAudioFormat, QAudioSource, QMediaDevices

                device = QMediaDevices.defaultAudioInput()
            if device.isNull():
                return NONE
        except ImportError:
            return NONE
        form = QAudioFormat()
        form.setSampleRate(rate)
        form.setChannelCount(min(max(device.maximumChannelCount(), 1), 2))
        form.setSampleFormat(QAudioFormat.SampleFormat.Float)
        if not device.isFormatSupported(form):
            form = device.preferredFormat()
            form.setSampleFormat(QAudioFormat.SampleFormat.Float)
        self.rate, self.channels = form.sampleRate(), form.channelCount()
        self._source = QAudioSource(device, form, self)
        self._source.setBufferSize(self.rate * self.channels * 4)  # a second: a busy window loses nothing
        self._io = self._source.start()
        if self._io is None or self._source.error() != QAudio.Error.NoError:
            self.stop()
            return "The microphone cannot be opened; another program may have it, or the system does not allow it."
        self._timer.start()
        return ""

    def stop(self) -> None:
        self._timer.stop()
        if self._source is not None:
            if self._io is not None:
                self._pull()
            self._source.stop()
            self._source.deleteLater()
        self._source = self._io = None

    def _pull(self) -> None:
        import numpy as np
        from PySide6.QtMultimedia import QAudio

        if self._source is None or self._io is None:
            return
        data = bytes(self._io.readAll())
        whole = len(data) // (4 * self.channels) * 4 * self.channels
        if whole:
            self.came.emit(np.frombuffer(data[:whole], np.float32).reshape(-1, self.channels).copy())
        if self._source is not None and self._source.error() not in (QAudio.Error.NoError, QAudio.Error.UnderrunError):
            self.stop()
            self.lost.emit(GONE)
