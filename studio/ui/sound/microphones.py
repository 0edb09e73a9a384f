"""Where recordings come from: the system's microphone."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.ui.sound.sinks import hushed

TICK_MS = 20
SILENT = "The microphone was taken away; plug it in again to see its level."
NONE = "There is no microphone; plug one in, or import a recording with Ctrl+Shift+I."
GONE = "The microphone does not answer any more; what was recorded until now is kept."


class Microphone(QObject):
    """Gives what it hears between `start` and `stop`. Others of this form stand in for it in tests.

    Attributes:
        device: id of the input to take, "" for the system's; where it is not there the system's takes its place.
        running: between `start` and `stop`.
        rate, channels: of what it gives; known once it has started.
    """

    came = Signal(object)
    """float32 (frames, channels)"""
    lost = Signal(str)
    """One sentence: it gives nothing any more."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rate, self.channels, self.device = 48000, 1, ""
        self._devices: Any = None
        self._id = ""
        self._source: Any = None
        self._io: Any = None
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._pull)

    @property
    def running(self) -> bool:
        return self._source is not None

    def inputs(self) -> list[tuple[str, str]]:
        """Id and name of each input that there is."""
        try:
            with hushed():
                from PySide6.QtMultimedia import QMediaDevices

                return [(_id(device), device.description()) for device in QMediaDevices.audioInputs()]
        except ImportError:
            return []

    def start(self, rate: int) -> str:
        """Begin; "" or the sentence that says why it cannot."""
        try:
            with hushed():
                from PySide6.QtMultimedia import QAudio, QAudioFormat, QAudioSource, QMediaDevices

                device = next((one for one in QMediaDevices.audioInputs() if _id(one) == self.device),
                              QMediaDevices.defaultAudioInput())
                if self._devices is None:
                    self._devices = QMediaDevices(self)
                    self._devices.audioInputsChanged.connect(self._look)
            if device.isNull():
                return NONE
        except ImportError:
            return NONE
        self._id = _id(device)
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
        """End, and give what it still had."""
        self._timer.stop()
        self._read()
        source, self._source, self._io = self._source, None, None
        if source is not None:
            source.stop()
            source.deleteLater()

    def _look(self) -> None:
        """Inputs came or went."""
        if self._source is not None and self._id not in dict(self.inputs()):
            self._gone()

    def _gone(self) -> None:
        self.stop()
        self.lost.emit(GONE)

    def _pull(self) -> None:
        from PySide6.QtMultimedia import QAudio

        self._read()
        if self._source is not None and self._source.error() not in (QAudio.Error.NoError, QAudio.Error.UnderrunError):
            self._gone()

    def _read(self) -> None:
        import numpy as np

        if self._io is None:
            return
        data = bytes(self._io.readAll())
        whole = len(data) // (4 * self.channels) * 4 * self.channels
        if whole:
            self.came.emit(np.frombuffer(data[:whole], np.float32).reshape(-1, self.channels).copy())


def _id(device: Any) -> str:
    """The name by which the system knows a device."""
    return bytes(device.id().data()).decode("utf-8", "replace")
