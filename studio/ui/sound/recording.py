"""Record from a microphone onto the armed track."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QLine, QObject, QRect, Signal
from PySide6.QtGui import QPainter

from studio.project.sound import Arrangement, Take, Track, edits
from studio.ui.sound import tape
from studio.ui.sound.choices import Choices
from studio.ui.sound.meters import NOTHING
from studio.ui.sound.microphones import SILENT, Microphone

if TYPE_CHECKING:
    from studio.ui.session import Session
    from studio.ui.sound.pane import SoundPane

log = logging.getLogger(__name__)
COLUMNS = 100
"""Peaks a second of the waveform while it is recorded."""
SHORT = 0.25
"""Seconds that the last pass of a loop must have to be a take."""
EMPTY = "Nothing came from the microphone; check that it is on."
COUNTED = "It was stopped before anything was recorded: the count-in takes a bar."
FULL = "The recording cannot be written ({}); what came until now is kept. Make room on the disk."


class Recording(QObject):
    """Toggled by the record button. What comes is on the disk at once, and in the project when it is stopped; what a
    crash left is put in when the document is opened again.

    In a loop each pass is a take of one clip; recorded there again, further ones. While a track is armed by the person
    its head shows the level.

    Attributes:
        on: whether it records.
        choices: "microphone" (id of the input), "count_in", "latency" (seconds).
    """

    said = Signal(str)
    changed = Signal(bool)

    def __init__(self, session: Session, pane: SoundPane, document: Callable[[], str],
                 microphone: Microphone | None = None) -> None:
        super().__init__(pane)
        self.session, self.pane, self._document = session, pane, document
        self.microphone = microphone or Microphone(self)
        self._tape: tape.Tape | None = None
        self._peaks: list[float] = []
        self._rest = np.zeros(0, np.float32)
        self._track = ""
        self.choices = Choices()
        self._armed: set[str] = set()
        self._rests = False
        self.microphone.came.connect(self._came)
        self.microphone.lost.connect(self._lost)
        pane.document.committed.connect(lambda *_: self._listen())
        pane.document.history_changed.connect(self._note_armed)
        pane.installEventFilter(self)
        pane.add_overlay(self._paint)

    @property
    def on(self) -> bool:
        return self._tape is not None

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
        problem = self._open()
        if problem:
            self.said.emit(problem)
            return
        self._track = self._target()
        facts = self._facts()
        try:
            self._tape = tape.Tape(Path(project.path), facts)
        except OSError as error:
            self._tape = None
            self.pane.player.metronome.cancel()
            self._listen()
            self.said.emit(FULL.format(error.strerror or error))
            return
        self._peaks, self._rest = [], np.zeros(0, np.float32)
        self.pane.loudness.hold(True)
        self.pane.empty.hide()
        on_the_way = self.pane.player.playing and not facts.loop and not self.choices.get("count_in", False)
        self.pane.player.play(None if on_the_way else facts.start)

    def _facts(self) -> tape.TapeFacts:
        """Where it begins: at the playhead, in a loop at its beginning; after a bar that is counted in if that is
        wanted."""
        document, player = self.pane.document, self.pane.player
        loop = document.arrangement.loop
        looped = loop is not None and loop.on
        start = loop.start if loop is not None and looped else player.position
        skip = min(max(self.choices.get("latency", 0.0), 0.0), 2.0)
        if self.choices.get("count_in", False):
            skip += player.metronome.count_in(start, document.arrangement)
        return tape.TapeFacts(self._document(), self._track, start, self.microphone.rate, self.microphone.channels,
                              skip, loop.end - loop.start if loop is not None and looped else 0.0)

    def stop(self) -> None:
        """End it and put it on its track."""
        self.microphone.stop()  # may still give what it had
        take, self._tape = self._tape, None
        if take is None:
            return
        self._listen_again()
        self.pane.player.pause()
        self.pane.loudness.hold(False)
        self.pane.empty.setVisible(not self.pane.document.shown.clips)
        try:
            take.close()
        except OSError as error:
            self.said.emit(FULL.format(error.strerror or error))
        if take.seconds > take.facts.skip:
            self._keep(take.path, "Recording")
        else:
            take.path.unlink(missing_ok=True)
            self.said.emit(COUNTED if take.frames else EMPTY)

    def recover(self) -> None:
        """Put in what a crash left beside the project."""
        project = self.session.project
        if project.read_only:
            return
        for path in tape.left_behind(Path(project.path)):
            if self._tape is None or path != self._tape.path:
                self._keep(path, "Recovered recording")

    def close(self) -> None:
        """The project is closed: end the recording; its file is put in when it is opened again."""
        self.microphone.stop()
        take, self._tape = self._tape, None
        if take is not None:
            take.close()

    # ------------------------------------------------------------ armed tracks

    def _open(self) -> str:
        """Let the microphone run; "" or why it cannot."""
        if self.microphone.running:
            return ""
        self.microphone.device = self.choices.get("microphone", "")
        problem: str = self.microphone.start(self.pane.document.arrangement.rate)
        return problem

    def choose(self, device: str) -> None:
        """Take another input from now on."""
        self.choices.put("microphone", device)
        if not self.on and self.microphone.running:
            self.microphone.stop()
            self._listen_again()

    def _listen_again(self) -> None:
        self._armed = set()
        self._listen()

    def _note_armed(self) -> None:
        """What is armed when a document is opened listens to nobody until a track is armed or recording begins."""
        if not self.pane.document.can_undo() and not self.pane.document.can_redo():
            self._armed = self._now_armed()

    def _now_armed(self) -> set[str]:
        return {track.id for track in self.pane.document.arrangement.tracks if track.armed}

    def _listen(self) -> None:
        """Show the level of tracks that have been armed; with none of them the microphone rests."""
        before, self._armed = self._armed, self._now_armed()
        if self.on:
            return
        wanted = self.microphone.running or bool(self._armed - before)
        if self._armed and wanted and self.pane.isVisible():
            if problem := self._open():
                self.said.emit(problem)
        elif self.microphone.running:
            self.microphone.stop()
            self.pane.let_fall()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While another workspace is in front nobody is listened to, but for a recording."""
        if event.type() == QEvent.Type.Hide and not self.on and self.microphone.running:
            self.microphone.stop()
            self._rests = True
        elif event.type() == QEvent.Type.Show and self._rests:
            self._rests = False
            self._listen_again()
        return False

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
        if self._tape is None:
            for track in self._armed:
                self._show(samples, track)
            return
        try:
            self._tape.add(samples)
        except OSError as error:
            self.stop()
            self.said.emit(FULL.format(error.strerror or error))
            self.changed.emit(False)
            return
        loud = np.abs(samples).max(axis=1) if samples.size else np.zeros(0, np.float32)
        joined = np.concatenate((self._rest, loud))
        step = max(self._tape.facts.rate // COLUMNS, 1)
        whole = len(joined) // step
        self._peaks += joined[:whole * step].reshape(whole, step).max(axis=1).tolist() if whole else []
        self._rest = joined[whole * step:]
        self._show(samples, self._track)
        self.pane.timeline.update(self.pane.lane_rect(self._track))

    def _show(self, samples: Any, track: str) -> None:
        """The level, at the head of a track."""
        head = self.pane.heads.heads.get(track)
        if head is not None:
            peak = float(np.abs(samples).max(initial=0))
            head.meter.show_level((peak, peak, peak, peak) if peak else NOTHING)

    def _lost(self, sentence: str) -> None:
        if self.on:
            self.stop()
            self.changed.emit(False)
            self.said.emit(sentence)
        else:
            self.pane.let_fall()
            self.said.emit(SILENT)

    def _keep(self, path: Path, name: str) -> None:
        project = self.session.project
        mine = self._document()

        def work(_progress: object, _stopped: object) -> Any:
            from studio.project.sound.exporting import encode

            found = tape.read(path)
            if found is None:
                return None
            facts, samples = found
            samples = samples if facts.channels <= 2 else samples.mean(axis=1, keepdims=True)
            data, kind = encode(samples, facts.rate)
            sha = project.put_media(data, kind).result()
            return facts, passes(Take(len(samples) / facts.rate, sha, kind, name=name), facts.loop)

        def put(found: Any) -> None:
            if found is None:
                path.unlink(missing_ok=True)
                return
            facts, made = found
            if facts.document != mine:
                return
            clip = self.pane.document.edit("Record", lambda old: _recorded(old, facts, made))
            if clip:
                self.pane.document.choose(clips=frozenset({clip}), region=None)
                self._forget_later(path)

        self.pane.working.run("Keeping the recording", work, put)

    def _forget_later(self, path: Path) -> None:
        """The file goes when the document with it has been written."""
        self.pane.flush_asked.emit()
        future = self.session.project.set_state("sound.recorded", path.name)  # written after the document
        self.session.store(future, lambda _: path.unlink(missing_ok=True))

    def _paint(self, painter: QPainter, dirty: QRect) -> None:
        take = self._tape
        lane = self.pane.timeline.lanes.find(self._track)
        if take is None or lane is None:
            return
        axis, theme, facts = self.pane.axis, self.pane.theme, take.facts
        heard = max(take.seconds - facts.skip, 0.0)
        begin = facts.skip + (heard // facts.loop * facts.loop if facts.loop else 0.0)  # of the pass that is recorded
        left, right = axis.x(facts.start), axis.x(facts.start + max(take.seconds - begin, 0.0))
        painter.fillRect(round(left), lane.top + 6, round(right - left), lane.height - 12, theme.color("err_t"))
        painter.setPen(theme.color("err"))
        middle, reach = lane.top + lane.height / 2, lane.height / 2 - 10
        lines = []
        for x in range(max(round(left), dirty.left()), min(round(right), dirty.right() + 1)):
            index = int((axis.seconds(x) - facts.start + begin) * COLUMNS)
            until = max(int((axis.seconds(x + 1) - facts.start + begin) * COLUMNS), index + 1)
            peak = max(self._peaks[max(index, 0):until], default=0.0)
            lines.append(QLine(x, round(middle - min(peak, 1) * reach), x, round(middle + min(peak, 1) * reach)))
        painter.drawLines(lines)


def passes(whole: Take, loop: float) -> list[Take]:
    """A recording as takes: one for each pass of a loop of so many seconds, or only one where that is 0."""
    rest = whole.length
    if loop <= 0 or rest <= loop:
        return [replace(whole, source_length=rest)]
    made: list[Take] = []
    while rest - len(made) * loop >= (SHORT if made else 0.0):
        at = len(made) * loop
        made.append(replace(whole, offset=at, length=min(loop, rest - at), source_length=rest))
    return made


def _recorded(old: Arrangement, facts: tape.TapeFacts, made: list[Take]) -> Any:
    """Onto its track; in a loop as takes of what was recorded in its place before. The last whole one is heard."""
    track = facts.track
    if old.find_track(track) is None:
        old, track = edits.add_track(old, "voice")
    held = next((take for take in reversed(made) if take.length >= facts.loop - 0.01), made[-1])
    there = [clip for clip in old.on(track) if old.frame(clip.start) == old.frame(facts.start) and clip.media
             and not clip.score and not clip.result] if facts.loop else []
    if not there:
        first, rest = made[0], made[1:]
        piece = edits.Piece(first.media, first.media_type, first.length, first.offset, first.source_length, first.name)
        old, clip = edits.add_clip(old, track, facts.start, piece)
    else:
        clip, rest = there[-1].id, made
    old = edits.add_takes(old, clip, rest, switch=False)
    at = next((place for place, take in enumerate(old.clip(clip).all_takes)
               if (take.media, take.offset) == (held.media, held.offset)), 0)
    return edits.set_take(old, clip, at), clip
