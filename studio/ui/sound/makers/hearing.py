"""A result heard by itself: a sound as it is, notes as soon as they are rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.job import Failed, Job, Result, Stopped
from studio.ui.requests import RENDER, Ask
from studio.ui.sound.makers.asking import NO_RENDERER, RENDERER

if TYPE_CHECKING:
    from studio.ui.session import Session
    from studio.ui.sound.pane import SoundPane

MOST = 600
"""Seconds of a result that are played."""
TICK_MS = 50


class Hearing(QObject):
    """Space on a result: plays it, and silences it again. Another one takes its place."""

    progressed = Signal(str, float)
    """Id of the result that is heard and how far it is, 0 to 1; "" when none is any more."""
    said = Signal(str)

    def __init__(self, session: Session, pane: SoundPane) -> None:
        super().__init__(pane)
        self.session, self.pane = session, pane
        self.result = ""
        self._seconds = 0.0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        session.tried.connect(self._tried)
        session.event.connect(self._event)
        session.batch_queued.connect(self._queued)
        session.refused.connect(self._refused)

    def toggle(self, result: str) -> None:
        """Let a result be heard, or be silent again."""
        player, again = self.pane.player, result == self.result
        player.pause()
        if player.streaming:
            player.stop()
        self._end()
        if again:
            return
        try:
            row = self.session.project.result(result)
        except KeyError:
            return
        self.result = result
        self.progressed.emit(result, 0.0)
        if row.kind == "score":
            self._render(row.media, row.media_type)
        else:
            self.session.read(lambda: self._samples(row.media), lambda samples: self._play(result, samples))

    # ------------------------------------------------------------ inside

    def _samples(self, sha: str) -> Any:
        import numpy as np

        source = self.pane.source
        media = source.open(sha)
        return np.stack(media.read(0, min(media.ready, MOST * source.rate)), axis=1)

    def _render(self, sha: str, media_type: str) -> None:
        if self.session.discovery.find(RENDERER) is None:
            self._end()
            self.said.emit(NO_RENDERER)
            return
        target = {"kind": RENDER, "result": self.result}
        self.session.generate(Ask(RENDERER, {"score": {"media": sha, "type": media_type}}, 1, {}, (sha,), target))

    def _queued(self, jobs: list[Job]) -> None:
        """Who waits to hear it does not wait for what is being made."""
        if self.result and jobs[0].request.target.get("result") == self.result:
            QTimer.singleShot(0, self, lambda: self.session.move(jobs[0].id, 0))

    def _tried(self, event: Result, job: Job) -> None:
        result = str(job.request.target.get("result", ""))
        if result and result == self.result:
            rate = self.pane.source.rate
            self.session.read(lambda: _decoded(event.data, rate), lambda samples: self._play(result, samples))

    def _event(self, event: Any, job: Job) -> None:
        if isinstance(event, (Failed, Stopped)) and job.request.target.get("result") == self.result:
            self._end()

    def _refused(self, _report: object, ask: Ask) -> None:
        if ask.target.get("result") == self.result:
            self._end()

    def _play(self, result: str, samples: Any) -> None:
        if result != self.result:
            return  # another one was asked for meanwhile
        self._seconds = len(samples) / self.pane.source.rate
        self.pane.player.stream(samples, self.pane.source.rate)
        self._timer.start()

    def _tick(self) -> None:
        left = self.pane.player.stream_left
        if left <= 0:
            self._end()
        else:
            self.progressed.emit(self.result, 1 - min(left / max(self._seconds, 1e-6), 1.0))

    def _end(self) -> None:
        self._timer.stop()
        self.result = ""
        self.progressed.emit("", 0.0)


def _decoded(data: bytes, rate: int) -> Any:
    """Frames (n, 2) of an encoded sound."""
    import numpy as np

    from studio.project.sound.decode import Decoder

    with Decoder(data, rate, "This music") as decoder:
        blocks = [np.stack(block, axis=1) for block in decoder.blocks()]
    return np.concatenate(blocks) if blocks else np.zeros((0, 2), np.float32)
