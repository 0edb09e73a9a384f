"""A sound device that is unplugged while it plays: one sentence, and the transport goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.project.sound import Arrangement, edits
from studio.project.sound.media import ArrayMedia, ArraySource
from studio.ui.sound import sinks
from studio.ui.sound.document import SoundDocument
from studio.ui.sound.player import StudioPlayer
from studio.ui.sound.sinks import DeviceSink, SilentSink

RATE = 48000
GONE = "The sound device does not answer any more; check it and press Play."


class FakeDevice:
    """Takes what is written; `how` says how it goes: it fails, it takes nothing more, or it is not there any more."""

    how = ""
    written = 0

    def isNull(self) -> bool:
        return FakeDevice.how == "none"

    def setBufferSize(self, size: int) -> None:
        pass

    def start(self) -> FakeDevice:
        return self

    def error(self) -> Any:
        from PySide6.QtMultimedia import QAudio

        return QAudio.Error.IOError if FakeDevice.how == "fails" else QAudio.Error.NoError

    def bytesFree(self) -> int:
        return 0 if FakeDevice.how == "stuck" else 480 * 8

    def write(self, data: bytes) -> None:
        FakeDevice.written += len(data)

    def reset(self) -> None:
        pass

    def deleteLater(self) -> None:
        pass


class FakeDevices:
    @staticmethod
    def defaultAudioOutput() -> FakeDevice:
        return FakeDevice()


@pytest.fixture
def player(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[StudioPlayer]:
    with sinks.hushed():
        multimedia = pytest.importorskip("PySide6.QtMultimedia", exc_type=ImportError)
    monkeypatch.setattr(multimedia, "QAudioSink", lambda *_: FakeDevice())
    monkeypatch.setattr(multimedia, "QMediaDevices", FakeDevices)
    monkeypatch.setattr(sinks, "STUCK_SECONDS", 0.1)
    FakeDevice.how, FakeDevice.written = "", 0
    document = SoundDocument()
    source: Any = ArraySource({"a": ArrayMedia(np.ones(RATE * 60, np.float32))}, RATE)
    arrangement, track = edits.add_track(Arrangement())
    document.load(edits.add_clip(arrangement, track, 0.0, edits.Piece("a", "", 60.0))[0])
    player = StudioPlayer(document, source, sink=sinks.make_sink)
    yield player
    player.close()
    document.close()
    player.deleteLater()
    document.deleteLater()


@pytest.mark.parametrize("how", ["fails", "stuck"])
def test_unplugged_while_playing(player: StudioPlayer, qtbot: QtBot, how: str) -> None:
    player.play()
    assert isinstance(player._sink, DeviceSink)
    qtbot.waitUntil(lambda: FakeDevice.written > 0 and player.position > 0)
    with qtbot.waitSignal(player.notice) as said:
        FakeDevice.how = how
    assert said.args == [GONE]
    assert not player.playing
    at = player.position
    assert at > 0  # it stays where it was
    FakeDevice.how = ""  # plugged in again
    written = FakeDevice.written
    player.play()
    qtbot.waitUntil(lambda: FakeDevice.written > written and player.position > at)


def test_without_any_device_left_the_transport_still_runs(player: StudioPlayer, qtbot: QtBot) -> None:
    player.play()
    qtbot.waitUntil(lambda: player.position > 0)
    player.pause()
    FakeDevice.how = "none"
    with qtbot.waitSignal(player.notice) as said:
        player.play()
    assert said.args == ["There is no sound device any more; plug one in and press Play."]
    at = player.position
    player.play()
    sink = player._sink
    assert isinstance(sink, SilentSink)
    qtbot.waitUntil(lambda: player.position > at)
    player.close()
    assert not sink._timer.isActive()
