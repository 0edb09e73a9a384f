"""Record from a microphone onto the armed track."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QPainter

from studio.project.sound import Arrangement, Track, edits
from studio.ui.sound import takes
from studio.ui.sound.meters import NOTHING
from studio.ui.sound.microphones import Microphone

if TYPE_CHECKING:
    from studio.ui.session import Session
    from studio.ui.sound.pane import SoundPane

log = logging.getLogger(__name__)
COLUMNS = 100
"""Peaks a second of the waveform while it is recorded."""
FULL = "The recording cannot be written ({}); what came until now is kept. Make room on the disk."


class Recording(QObject):
    """Toggled by the record button. What comes is on the disk at once, and in the project when it is stopped; what a
    crash left is put in when the document is opened again.

    Attributes:
        on: whether it records.
    """

    said = Signal(str)
    changed = Signal(bool)

    def __init__(self, session: Session, pane: SoundPane, document: Callable[[], str],
                 microphone: Microphone | None = None) -> None:
        super().__init__(pane)
        self.session, self.pane, self._document = session, pane, document
        self.microphone = microphone or Microphone(self)
        self._take: takes.Take | None = None
        self._peaks: list[float] = []
        self._rest = np.zeros(0, np.float32)
        self._track = ""
        self.microphone.came.connect(self._came)
        self.microphone.lost.connect(self._lost)
        pane.add_overlay(self._paint)

    @property
    def on(self) -> bool:
        return self._take is not None

    def toggle(self) -> None:
        if self.on:
            self.stop()
        else:
            self.start()
        self.changed.emit(self.on)

    def start(self) -> None:
        """Begin on the armed track, or the chosen one, or a new one; the others play along."""
        document, project = self.pane.document, self.session.project
        if document.closed_because or project.read_only:
            self.said.emit(document.closed_because or "This project can only be read; save a copy to record into it.")
            return
        problem = self.microphone.start(document.arrangement.rate)
        if problem:
            self.said.emit(problem)
            return
        self._track = self._target()
        facts = takes.TakeFacts(self._document(), self._track, self.pane.player.position, self.microphone.rate,
                                self.microphone.channels)
        try:
            self._take = takes.Take(Path(project.path), facts)
        except OSError as error:
            self.microphone.stop()
            self.said.emit(FULL.format(error.strerror or error))
            return
        self._peaks, self._rest = [], np.zeros(0, np.float32)
        self.pane.loudness.hold(True)
        self.pane.player.play()

    def stop(self) -> None:
        """End it and put it on its track."""
        self.microphone.stop()  # may still give what it had
        take, self._take = self._take, None
        if take is None:
            return
        self.pane.player.pause()
        self.pane.loudness.hold(False)
        self._show(None)
        try:
            take.close()
        except OSError as error:
            self.said.emit(FULL.format(error.strerror or error))
        if take.frames:
            self._keep(take.path, "Recording")
        else:
            take.path.unlink(missing_ok=True)
            self.said.emit("Nothing came from the microphone; check that it is on.")

    def recover(self) -> None:
        """Put in what a crash left beside the project."""
        project = self.session.project
        if project.read_only:
            return
        for path in takes.left_behind(Path(project.path)):
            if self._take is None or path != self._take.path:
                self._keep(path, "Recovered recording")

    def close(self) -> None:
        """The project is closed: end the recording; its file is put in when it is opened again."""
        self.microphone.stop()
        take, self._take = self._take, None
        if take is not None:
            take.close()

    # ------------------------------------------------------------ inside

    def _target(self) -> str:
        document = self.pane.document
        tracks = document.arrangement.tracks
        chosen = document.arrangement.find_track(document.chosen.track)
        found: Track | None = next((track for track in tracks if track.armed), None)
        if found is None and chosen is not None and chosen.kind != "notes":
            found = chosen
        if found is not None:
            return found.id
        return str(document.edit("Add track", lambda old: edits.add_track(old, "voice", armed=True)))

    def _came(self, samples: Any) -> None:
        if self._take is None:
            return
        try:
            self._take.add(samples)
        except OSError as error:
            self.stop()
            self.said.emit(FULL.format(error.strerror or error))
            self.changed.emit(False)
            return
        loud = np.abs(samples).max(axis=1) if samples.size else np.zeros(0, np.float32)
        joined = np.concatenate((self._rest, loud))
        step = max(self._take.facts.rate // COLUMNS, 1)
        whole = len(joined) // step
        self._peaks += joined[:whole * step].reshape(whole, step).max(axis=1).tolist() if whole else []
        self._rest = joined[whole * step:]
        self._show(samples)
        self.pane.timeline.update()

    def _show(self, samples: Any) -> None:
        """The level, at the head of the track."""
        head = self.pane.heads.heads.get(self._track)
        if head is not None:
            peak = float(np.abs(samples).max(initial=0)) if samples is not None else 0.0
            head.meter.show_level((peak, peak, peak, peak) if peak else NOTHING)

    def _lost(self, sentence: str) -> None:
        if self.on:
            self.stop()
            self.said.emit(sentence)
            self.changed.emit(False)

    def _keep(self, path: Path, name: str) -> None:
        project = self.session.project
        mine = self._document()

        def work(_progress: object, _stopped: object) -> Any:
            from studio.project.sound.exporting import encode

            found = takes.read(path)
            if found is None:
                return None
            facts, samples = found
            samples = samples if facts.channels <= 2 else samples.mean(axis=1, keepdims=True)
            data, kind = encode(samples, facts.rate)
            seconds = len(samples) / facts.rate
            sha = project.put_media(data, kind).result()
            return facts, edits.Piece(sha, kind, seconds, source_length=seconds, name=name)

        def put(found: Any) -> None:
            if found is None:
                path.unlink(missing_ok=True)
                return
            facts, piece = found
            if facts.document != mine:
                return
            made = self.pane.document.edit("Record", lambda old: _recorded(old, facts, piece))
            if made:
                self.pane.document.choose(clips=frozenset({made}), region=None)
                self._forget_later(path)

        self.pane.working.run("Keeping the recording", work, put)

    def _forget_later(self, path: Path) -> None:
        """The file goes when the document with it has been written."""
        self.pane.flush_asked.emit()
        future = self.session.project.set_state("sound.recorded", path.name)  # written after the document
        self.session.store(future, lambda _: path.unlink(missing_ok=True))

    def _paint(self, painter: QPainter, _dirty: QRect) -> None:
        take = self._take
        lane = self.pane.timeline.lanes.find(self._track)
        if take is None or lane is None:
            return
        axis, theme = self.pane.axis, self.pane.theme
        left, right = axis.x(take.facts.start), axis.x(take.facts.start + take.seconds)
        painter.fillRect(round(left), lane.top + 6, round(right - left), lane.height - 12, theme.color("err_t"))
        painter.setPen(theme.color("err"))
        middle, reach = lane.top + lane.height / 2, lane.height / 2 - 10
        first, last = max(round(left), 0), min(round(right), self.pane.timeline.width())
        for x in range(first, last):
            index = int((axis.seconds(x) - take.facts.start) * COLUMNS)
            until = max(int((axis.seconds(x + 1) - take.facts.start) * COLUMNS), index + 1)
            peak = max(self._peaks[max(index, 0):until], default=0.0)
            painter.drawLine(x, round(middle - min(peak, 1) * reach), x, round(middle + min(peak, 1) * reach))


def _recorded(old: Arrangement, facts: takes.TakeFacts, piece: Any) -> Any:
    track = facts.track
    if old.find_track(track) is None:
        old, track = edits.add_track(old, "voice")
    return edits.add_clip(old, track, facts.start, piece)
