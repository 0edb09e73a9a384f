"""How loud the mix is, measured on a thread when changes have settled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.project.sound import Arrangement, SoundError
from studio.ui.relay import Relay
from studio.ui.sound.document import SoundDocument

if TYPE_CHECKING:
    from studio.project.sound.source import DecodedSource

QUIET_MS = 1200
STEP = 1 << 16


class LoudnessWatch(QObject):
    """Measures what is heard of the document. It waits while something plays or is recorded: mixing in
    time comes first.

    Attributes:
        found: `studio.project.sound.loudness.Loudness` of the mix, None while it is not known (or empty).
    """

    measured = Signal(object)
    """Loudness, or None: it is being measured, or there is nothing."""

    def __init__(self, document: SoundDocument, source: DecodedSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document, self._source = document, source
        self.found: Any = None
        self.held = False
        """Nothing is measured while this is set."""
        self._measured: Arrangement | None = None
        self._stop = Event()
        self._pool: ThreadPoolExecutor | None = None
        self._relay = Relay(self)
        self._timer = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._timer.timeout.connect(self._start)
        document.changed.connect(self._changed)

    def hold(self, on: bool) -> None:
        """Wait, or go on."""
        self.held = on
        if on:
            self._stop.set()
        elif self._measured is not self.document.arrangement:
            self._timer.start()

    def close(self) -> None:
        self._timer.stop()
        self._relay.close()
        self._stop.set()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _changed(self) -> None:
        arrangement = self.document.arrangement
        if self.document.previewing or arrangement is self._measured:
            return
        if self._measured is not None and _sounds_alike(arrangement, self._measured):
            self._measured = arrangement
            return
        self._stop.set()
        self._tell(None)
        self._timer.start()

    def _start(self) -> None:
        arrangement = self.document.arrangement
        if self.held:
            return
        if not any(clip.media for clip in arrangement.clips):
            self._measured = arrangement
            self._tell(None)
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "loudness")
        self._stop = Event()
        self._relay(self._pool.submit(self._measure, arrangement, self._stop),
                    lambda found: self._came(arrangement, found), lambda _: self._tell(None))

    def _measure(self, arrangement: Arrangement, stop: Event) -> Any:
        from studio.project.sound.loudness import LoudnessMeter
        from studio.project.sound.mixer import Mixer

        mixer, meter = Mixer(arrangement, self._source), LoudnessMeter(arrangement.rate)
        for at in range(0, mixer.frames, STEP):
            if stop.is_set():
                return None
            try:
                meter.add(mixer.read(at, min(STEP, mixer.frames - at)))
            except SoundError:
                return None
        return None if stop.is_set() else meter.result()

    def _came(self, arrangement: Arrangement, found: Any) -> None:
        if found is None or arrangement is not self.document.arrangement:
            return
        self._measured = arrangement
        self._tell(found)

    def _tell(self, found: Any) -> None:
        self.found = found
        self.measured.emit(found)


def _sounds_alike(one: Arrangement, other: Arrangement) -> bool:
    """Whether only what is not heard differs: markers, labels, tempo, the loop, other takes."""
    same_tracks = len(one.tracks) == len(other.tracks) and all(
        (a.id, a.gain, a.pan, a.mute, a.solo, a.volume) == (b.id, b.gain, b.pan, b.mute, b.solo, b.volume)
        for a, b in zip(one.tracks, other.tracks, strict=True))
    return same_tracks and one.master_gain == other.master_gain and len(one.clips) == len(other.clips) and all(
        a is b or a.with_(takes=(), take=0) == b.with_(takes=(), take=0)
        for a, b in zip(one.clips, other.clips, strict=True))
