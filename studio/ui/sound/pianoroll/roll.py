"""The piano roll: notes are drawn, moved, pulled and struck harder; every edit is a step of the document's history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.project.sound import Clip, SoundError, mixing
from studio.project.sound.score import TICKS, Note, Part, Score
from studio.ui.sound.edgescroll import EdgeScroll
from studio.ui.sound.generate import Generating
from studio.ui.sound.makers.arriving import TAIL
from studio.ui.sound.pane import SoundPane
from studio.ui.sound.pianoroll import drags, keys
from studio.ui.sound.pianoroll.barwork import BarWork, words
from studio.ui.sound.pianoroll.instruments import instrument_menu
from studio.ui.sound.pianoroll.notework import NoteWork
from studio.ui.sound.pianoroll.painting import paint_roll
from studio.ui.sound.pianoroll.scores import Scores
from studio.ui.sound.pianoroll.space import RollSpace
from studio.ui.timeaxis import bars_apart
from studio.ui.widgets.base import Themed
from studio.ui.widgets.notices import announce

Edit = Callable[[Score], Any]


class PianoRoll(Themed, QWidget):
    """Keys, notes, bar numbers and velocities of a clip, on the timeline's time axis.

    Attributes: clip (id), score (as shown), part (index), chosen (notes), bars (selected ones: first, and the one
    behind the last; or None), grid (ticks to which notes are drawn), work (what is done with bars), notes (with notes).
    """

    changed = Signal()
    """What is shown, or what is selected."""
    closed = Signal()
    heard = Signal(int, int)
    """A pitch of the shown part is to be heard, and how hard it is struck."""

    def __init__(self, pane: SoundPane, generating: Generating, scores: Scores, parent: QWidget | None = None) -> None:
        super().__init__(parent or pane)
        self.pane, self.generating, self.scores = pane, generating, scores
        self.space = RollSpace(pane.axis, pane.theme)
        self.clip, self.part = "", 0
        self.chosen: frozenset[Note] = frozenset()
        self.bars: tuple[int, int] | None = None
        self.grid = TICKS // 2
        self.band = QRectF()
        self.sounding: int | None = None
        self.playhead = 0.0
        self.work, self.notes = BarWork(self), NoteWork(self)
        self._sha = ""
        self._waiting: list[tuple[Score, str, float | None]] = []
        self._saving = False
        self._drag: drags.Drag | None = None
        self._edges = EdgeScroll(self, self._scroll, self._again)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Piano roll")
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # nothing behind it is painted in vain
        pane.axis.changed.connect(self.update)
        pane.document.changed.connect(self._changed)
        pane.player.position_changed.connect(self._played)
        self.init_theme(pane.theme)

    @property
    def score(self) -> Score:
        return self.space.score

    # ------------------------------------------------------------ open and close

    def open(self, clip: Clip) -> None:
        """Show the notes of a clip, as soon as they are read."""
        self.clip, self._sha, self.part, self.chosen, self.bars = clip.id, "", 0, frozenset(), None
        self.space.score = Score()
        self.pane.axis.fit(clip.start, clip.end, self.pane.timeline.width(), 8)
        self.playhead = self.pane.timeline.playhead
        self.setFocus()
        self._changed()

    def close_roll(self) -> None:
        self.clip = ""
        self.closed.emit()
        self.pane.timeline.setFocus()

    def step_back(self) -> None:
        """End the drag, let go of the bars, then of the roll."""
        if self._drag is not None:
            self._end_drag().cancel()
        elif self.bars is not None:
            self.select_bars(None)
        else:
            self.close_roll()

    @property
    def shown_clip(self) -> Clip | None:
        return self.pane.document.shown.find(self.clip) if self.clip else None

    def refresh(self) -> None:
        """A score has been read."""
        self._changed()

    def _changed(self) -> None:
        if not self.clip or self._drag is not None:
            return
        clip = self.shown_clip
        if clip is None:
            self.close_roll()
            return
        self.space.zero = clip.start - clip.offset
        if clip.score != self._sha and not self._saving and not self._waiting:
            score = self.scores(clip.score)
            if score is None:
                return
            first = not self._sha
            self._sha = clip.score
            self.part = min(self.part, max(len(score.parts) - 1, 0))
            here = frozenset(score.parts[self.part].notes) if score.parts else frozenset()
            self.show_score(score, self.chosen & here)
            if first:
                self.centre()
        self.update()

    def centre(self) -> None:
        """Bring the notes of the part into view."""
        pitches = [note.pitch for part in self.score.parts[self.part:self.part + 1] for note in part.notes]
        if pitches:
            self.space.centre((min(pitches) + max(pitches)) / 2)
            self.update()

    # ------------------------------------------------------------ edits

    def edit(self, label: str, change: Edit, *, fit: bool = False) -> None:
        """Change the notes; the new score is written, and its sound follows. fit: the clip gets the length of the
        score; else it only grows where notes are drawn behind its end."""
        before = self.score if self.score.parts else Score((Part("Piano"),))
        try:
            made = change(before)
        except SoundError as error:
            self.pane.notice.emit(str(error))
            return
        score, chosen = made if isinstance(made, tuple) else (made, frozenset())
        if score == self.score:
            return
        seconds = self._length(before, score, fit)
        self.show_score(score, chosen)
        self._waiting.append((score, label, seconds))
        self._save()

    def _length(self, before: Score, after: Score, fit: bool) -> float | None:
        """Seconds of the clip's notes where its length changes."""
        clip = self.shown_clip
        if clip is None or after.duration == before.duration:
            return None
        seconds = after.duration - clip.offset
        grown = after.duration > before.duration and seconds + TAIL > clip.length
        return max(seconds, 0.1) if fit or grown else None

    def _save(self) -> None:
        if self._saving or not self._waiting:
            return
        score, label, seconds = self._waiting.pop(0)
        self._saving = True

        def done(sha: str) -> None:
            self._saving = False
            if sha:
                self._sha = sha
                self.scores.keep(sha, score)
                self._save()
            else:  # it was changed elsewhere: show what there is
                self._waiting.clear()
                self._changed()

        self.generating.save_score(self.clip, self._sha, score, label, done=done, seconds=seconds)

    def show_score(self, score: Score, chosen: frozenset[Note]) -> None:
        """Show notes and selection, as a drag does while it lasts."""
        self.space.score, self.chosen = score, chosen
        self.part = min(self.part, max(len(score.parts) - 1, 0))
        self.changed.emit()
        self.update()

    def show_band(self, band: QRectF) -> None:
        self.band = band
        self.update()

    # ------------------------------------------------------------ bars

    def select_bars(self, bars: tuple[int, int] | None) -> None:
        """Select whole bars: the first, and the one behind the last."""
        if bars != self.bars:
            self.bars = bars
            if bars is not None:
                self.chosen = frozenset()
                announce(self, f"Selected {words(bars)}")
            self.changed.emit()
            self.update()

    def select_bar_here(self) -> None:
        """The bars of the chosen notes, or the one at the playhead."""
        starts = [self.score.bar_of(note.start) for note in self.chosen] or [self.playhead_bar]
        self.select_bars((min(starts), max(starts) + 1))

    @property
    def playhead_bar(self) -> int:
        return self.space.bar(self.space.keys + self.pane.axis.x(self.playhead))

    def bars_apart(self) -> int:
        """A number for each so many bars, so that they never come close."""
        first = max(self.space.bar(self.space.keys), 0)
        wide = self.space.x(self.score.bar_tick(first + 1)) - self.space.x(self.score.bar_tick(first))
        return bars_apart(wide)

    # ------------------------------------------------------------ parts

    def show_part(self, part: int) -> None:
        """Bring a part to the front."""
        if 0 <= part < len(self.score.parts) and part != self.part:
            self.part = part
            announce(self, f"{self.score.parts[part].name or 'Part'} {part + 1} of {len(self.score.parts)}")
            self.show_score(self.score, frozenset())
            room = self.space.notes
            rows = [self.space.y(note.pitch) for note in self.score.parts[part].notes]
            if rows and not any(room.top() <= y < room.bottom() - self.space.row for y in rows):
                self.centre()

    def set_instrument(self, program: int, part: int | None = None) -> None:
        """The General MIDI program of a part (the shown one), 0 to 127."""
        place = self.part if part is None else part
        self.edit("Change the instrument", lambda s: s.with_part(place, replace(
            s.parts[place], program=min(max(program, 0), 127))))

    def show_instruments(self, part: int | None = None, where: QPoint | None = None) -> None:
        """Let the person choose what plays a part (the shown one). Drums have nothing to choose from."""
        place = self.part if part is None else part
        if self.score.parts and not self.score.parts[place].drums:
            menu = instrument_menu(self, self.score.parts[place].program, lambda p: self.set_instrument(p, place))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(where or self.mapToGlobal(QPoint(12, self.space.ruler)))

    def toggle_mute(self) -> None:
        if self.score.parts:
            on = not mixing.is_muted(self.score.parts[self.part])
            self.edit("Mute the part" if on else "Unmute the part", lambda s: mixing.set_muted(s, self.part, on))

    def add_part(self) -> None:
        """One more part, in front at once."""
        self.edit("Add a part", lambda s: mixing.add_part(s, f"Part {len(s.parts) + 1}"))
        self.show_part(len(self.score.parts) - 1)

    # ------------------------------------------------------------ hearing

    def hear(self, pitch: int, velocity: int = 90) -> None:
        """Let a note of the shown part be heard, and show its key."""
        self.show_sounding(pitch)
        self.heard.emit(pitch, velocity)

    def show_sounding(self, pitch: int | None) -> None:
        if pitch != self.sounding:
            self.sounding = pitch
            self.update(0, 0, self.space.keys, self.height())

    def _played(self, seconds: float) -> None:
        """Only the two stripes that change are painted anew."""
        for at in (self.playhead, seconds):
            self.update(round(self.space.keys + self.pane.axis.x(at)) - 2, 0, 5, self.height())
        self.playhead = seconds

    # ------------------------------------------------------------ view

    def note_at(self, pos: QPointF) -> Note | None:
        if not self.score.parts or not self.space.notes.contains(pos):
            return None
        near = self.space.between(self.score.parts[self.part], pos.x(), pos.x())
        return next((note for note in reversed(near) if self.space.rect(note).contains(pos)), None)

    def zoom_rows(self, steps: float, y: float | None = None) -> None:
        """Make the rows of pitches taller, or lower."""
        self.space.zoom_rows(steps, self.space.notes.center().y() if y is None else y)
        self.update()

    def _scroll(self, right: float, down: float) -> None:
        if right:
            self.pane.axis.scroll(right)
        if down:
            self.space.scroll_to(self.space.scroll + down)
            self.changed.emit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit_inset()

    def fit_inset(self) -> None:
        """The prompt bar, or the window, has another height."""
        self.space.measure(self.width(), self.height(), self.pane.timeline.inset)
        self.changed.emit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        paint_roll(painter, self, QRectF(event.rect()))

    # ------------------------------------------------------------ pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.clip:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._drag = drags.begin(self, event.position(), event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pos = event.position()
        if self._drag is None:
            note = self.note_at(pos)
            end = note is not None and self.space.rect(note).right() - pos.x() <= drags.EDGE
            self.setCursor(Qt.CursorShape.SizeHorCursor if end else Qt.CursorShape.ArrowCursor)
            return
        self._drag.move(pos)
        if self._drag is not None and self._drag.moved:
            self._edges.follow(pos, self._room())

    def _room(self) -> QRectF:
        """What scrolls while something is dragged: among the notes both ways, elsewhere in time only."""
        notes_, wide = self.space.notes, isinstance(self._drag, drags.NoteDrag | drags.BandDrag | drags.DrawDrag)
        if isinstance(self._drag, drags.KeyDrag):
            return notes_.adjusted(-1e6, 0, 1e6, 0)
        return notes_ if wide else notes_.adjusted(0, -1e6, 0, 1e6)

    def _again(self, pos: QPointF) -> None:
        if self._drag is not None:
            self._drag.move(pos)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._drag is not None:
            self._end_drag().release(event.position())
            self.show_sounding(None)

    def _end_drag(self) -> drags.Drag:
        assert self._drag is not None
        drag, self._drag = self._drag, None
        self._edges.stop()
        return drag

    def hideEvent(self, event: QHideEvent) -> None:
        if self._drag is not None:
            self._end_drag().cancel()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with bars; a click on the numbers selects the one there first."""
        pos = event.pos()
        if pos.y() < self.space.ruler and pos.x() >= self.space.keys:
            bar = self.space.bar(pos.x())
            if self.bars is None or not self.bars[0] <= bar < self.bars[1]:
                self.select_bars((bar, bar + 1))
        elif self.bars is None:
            self.select_bar_here()
        menu = self.work.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls pitches, with Shift time; with Ctrl it zooms time, with Ctrl and Shift pitches."""
        steps = event.angleDelta() if event.pixelDelta().isNull() else event.pixelDelta()
        by = steps.y() or steps.x()
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if ctrl and shift:
            self.zoom_rows(2 if by > 0 else -2, event.position().y())
        elif ctrl:
            self.pane.axis.zoom(2 ** (event.angleDelta().y() / 360), event.position().x() - self.space.keys)
        elif shift:
            self.pane.axis.scroll(-by)
        else:
            self.pane.axis.scroll(-steps.x())
            self._scroll(0, -steps.y() / 2)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.press(self, event):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes to the next part, after the last one on."""
        to = self.part + (1 if forward else -1)
        if 0 <= to < len(self.score.parts):
            self.show_part(to)
            return True
        return super().focusNextPrevChild(forward)
