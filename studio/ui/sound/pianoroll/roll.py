"""The piano roll: notes are drawn, moved, pulled and struck harder; every edit is a step of the document's history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.project.sound import Clip, SoundError, notes
from studio.project.sound.score import TICKS, Note, Part, Score, pitch_name
from studio.ui.sound.generate import Generating
from studio.ui.sound.pane import SoundPane
from studio.ui.sound.pianoroll.instruments import FAMILIES, instrument_name
from studio.ui.sound.pianoroll.scores import Scores
from studio.ui.widgets.base import Themed
from studio.ui.widgets.popup import Menu

ROW = 14
HEAD = 28
KEYS = 44
EDGE = 6
ROOM = 110
"""Pixels at the bottom that the prompt bar covers."""
BLACK = (1, 3, 6, 8, 10)
HELP = ("Click draws · Shift+drag selects · Alt+↑↓ velocity · Q quantises · R regenerates the bars · I instrument · "
        "Esc closes")

Edit = Callable[[Score], Any]


class PianoRoll(Themed, QWidget):
    """Lies over the timeline, on the same time axis.

    Attributes: clip (id), score (as shown), part (index), chosen (notes).
    """

    def __init__(self, pane: SoundPane, generating: Generating, scores: Scores) -> None:
        super().__init__(pane)
        self.pane, self.generating, self.scores, self.axis = pane, generating, scores, pane.axis
        self.clip, self.part = "", 0
        self.score = Score()
        self.chosen: frozenset[Note] = frozenset()
        self.top = 84
        """Pitch of the uppermost row."""
        self._sha = ""
        self._waiting: list[tuple[Score, str]] = []
        self._saving = False
        self._copied: tuple[Note, ...] = ()
        self._press: tuple[QPointF, Note | None, str] | None = None
        self._before: tuple[Score, frozenset[Note]] | None = None
        self._band = QRectF()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Piano roll")
        self.setMouseTracking(True)
        self.axis.changed.connect(self.update)
        pane.document.changed.connect(self._changed)
        pane.timeline.installEventFilter(self)
        self.init_theme(pane.theme)
        self.hide()

    # ------------------------------------------------------------ open and close

    def open(self, clip: Clip) -> None:
        """Show the notes of a clip, as soon as they are read."""
        self.clip, self._sha, self.part, self.chosen = clip.id, "", 0, frozenset()
        self._lie()
        self.axis.fit(clip.start, clip.end, self.pane.timeline.width(), 8)
        self.show()
        self.raise_()
        self.setFocus()
        self._changed()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._lie()
        return False

    def _lie(self) -> None:
        """Over the timeline, its keys beside it."""
        self.setGeometry(self.pane.timeline.geometry().adjusted(-KEYS, 0, 0, 0))

    def close_roll(self) -> None:
        self.hide()
        self.clip = ""
        self.pane.timeline.setFocus()

    @property
    def shown_clip(self) -> Clip | None:
        return self.pane.document.shown.find(self.clip) if self.clip else None

    def refresh(self) -> None:
        """A score has been read."""
        self._changed()

    def _changed(self) -> None:
        if not self.clip:
            return
        clip = self.shown_clip
        if clip is None:
            self.close_roll()
            return
        if clip.score != self._sha and not self._saving and not self._waiting:
            score = self.scores(clip.score)
            if score is None:
                return
            first = not self._sha
            self.score, self._sha = score, clip.score
            self.part = min(self.part, max(len(score.parts) - 1, 0))
            here = {note for part in score.parts[self.part:self.part + 1] for note in part.notes}
            self.chosen &= frozenset(here)
            if first and here:
                middle = (min(n.pitch for n in here) + max(n.pitch for n in here)) // 2
                self.top = min(middle + (self.height() - HEAD - self.theme.dp(ROOM)) // ROW // 2, 127)
        self.update()

    # ------------------------------------------------------------ edits

    def edit(self, label: str, change: Edit) -> None:
        """Change the notes; the new score is written, and its sound follows."""
        try:
            made = change(self.score if self.score.parts else Score((Part("Piano"),)))
        except SoundError as error:
            self.pane.notice.emit(str(error))
            return
        score, chosen = made if isinstance(made, tuple) else (made, frozenset())
        if score == self.score:
            return
        self.score, self.chosen = score, chosen
        self._waiting.append((score, label))
        self._save()
        self.update()

    def _save(self) -> None:
        if self._saving or not self._waiting:
            return
        score, label = self._waiting.pop(0)
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

        self.generating.save_score(self.clip, self._sha, score, label, done=done)

    def quantise(self) -> None:
        """Draw the chosen notes (all where none is chosen) to the grid."""
        grid = round((self.pane.timeline.grid or 1.0) * TICKS)
        self.edit("Quantise", lambda s: notes.quantise(s, self.part, self.chosen or s.parts[self.part].notes, grid))

    def regenerate(self) -> None:
        """Write the bars of the chosen notes anew."""
        clip = self.shown_clip
        if clip is None or not self.chosen:
            self.pane.notice.emit("Select notes in the bars that should be written anew.")
            return
        first = self.score.bar_of(min(n.start for n in self.chosen)) + 1
        last = self.score.bar_of(max(n.start for n in self.chosen)) + 1
        self.generating.compose(clip, "fill", first=first, last=last)

    def set_instrument(self, program: int) -> None:
        """The General MIDI program of the shown part, 0 to 127."""
        from dataclasses import replace

        self.edit("Change the instrument", lambda s: s.with_part(self.part, replace(
            s.parts[self.part], program=min(max(program, 0), 127))))

    def instrument_menu(self) -> Menu:
        """All instruments, in families; the one that plays is marked. Drums have none to choose from."""
        menu = Menu(self.theme, "Instrument", self)
        playing = self.score.parts[self.part].program if self.score.parts else -1
        for number, (family, names) in enumerate(FAMILIES.items()):
            inner = Menu(self.theme, family, menu)
            for place, name in enumerate(names):
                action = inner.addAction(name)
                action.setCheckable(True)
                action.setChecked(playing == number * 8 + place)
                action.triggered.connect(lambda _=False, program=number * 8 + place: self.set_instrument(program))
            menu.addMenu(inner)
        return menu

    def show_instruments(self) -> None:
        """Let the person choose what plays the shown part."""
        if self.score.parts and not self.score.parts[self.part].drums:
            menu = self.instrument_menu()
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.mapToGlobal(QPoint(12, HEAD)))

    # ------------------------------------------------------------ geometry

    def _tick(self, x: float) -> int:
        clip = self.shown_clip
        return self.score.tick(max(self.axis.seconds(x - KEYS) - (clip.start - clip.offset if clip else 0.0), 0.0))

    def _x(self, tick: int) -> float:
        clip = self.shown_clip
        return KEYS + self.axis.x((clip.start - clip.offset if clip else 0.0) + self.score.seconds(tick))

    def _pitch(self, y: float) -> int:
        return min(max(self.top - int((y - HEAD) // ROW), 0), 127)

    def note_rect(self, note: Note) -> QRectF:
        left, right = self._x(note.start), self._x(note.end)
        return QRectF(left, HEAD + (self.top - note.pitch) * ROW, max(right - left, 3.0), ROW)

    def note_at(self, pos: QPointF) -> Note | None:
        if not self.score.parts:
            return None
        return next((n for n in self.score.parts[self.part].notes if self.note_rect(n).contains(pos)), None)

    def _snap(self, tick: int) -> int:
        grid = round((self.pane.timeline.grid or 1.0) * TICKS / 2)
        return tick if not self.pane.timeline.snapping else round(tick / grid) * grid

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.fillRect(self.rect(), theme.color("canvas"))
        for row in range((self.height() - HEAD) // ROW + 1):
            pitch, y = self.top - row, HEAD + row * ROW
            if pitch % 12 in BLACK:
                painter.fillRect(0, y, self.width(), ROW, theme.color("chrome"))
            painter.setPen(theme.color("line", 1.0 if pitch % 12 == 0 else 0.35))
            painter.drawLine(0, y + ROW - 1, self.width(), y + ROW - 1)
        for bar in range(self.score.bars + 2):
            x = round(self._x(self.score.bar_tick(bar)))
            painter.setPen(theme.color("line2"))
            painter.drawLine(x, HEAD, x, self.height())
            painter.setPen(theme.color("t3"))
            painter.setFont(theme.font("caption", tnum=True))
            painter.drawText(QPointF(x + 4, HEAD + 12), str(bar + 1))
        painter.setClipRect(0, HEAD, self.width(), self.height() - HEAD)
        for index, part in enumerate(self.score.parts):
            if index != self.part:
                self._paint_part(painter, part, False)
        if self.score.parts:
            self._paint_part(painter, self.score.parts[self.part], True)
        if not self._band.isEmpty():
            painter.fillRect(self._band, theme.color("sky", 0.2))
        painter.setClipping(False)
        self._paint_keys(painter)
        self._paint_head(painter)

    def _paint_part(self, painter: QPainter, part: Part, front: bool) -> None:
        theme = self.theme
        for note in part.notes:
            rect = self.note_rect(note).adjusted(0, 1, -1, -1)
            if rect.right() < 0 or rect.left() > self.width():
                continue
            painter.fillRect(rect, theme.color("notes", (0.4 + 0.6 * note.velocity / 127) if front else 0.18))
            if front and note in self.chosen:
                painter.setPen(theme.color("t1"))
                painter.drawRect(rect)

    def _paint_keys(self, painter: QPainter) -> None:
        theme = self.theme
        black, white = theme.color("label"), theme.color("on_label", 0.9)
        for row in range((self.height() - HEAD) // ROW + 1):
            pitch, y = self.top - row, HEAD + row * ROW
            painter.fillRect(0, y, KEYS, ROW - 1, black if pitch % 12 in BLACK else white)
            if pitch % 12 == 0:
                painter.setFont(theme.font("caption"))
                painter.setPen(theme.color("label"))
                painter.drawText(QRectF(0, y, KEYS - 4, ROW), Qt.AlignmentFlag.AlignRight
                                 | Qt.AlignmentFlag.AlignVCenter, pitch_name(pitch))

    def _paint_head(self, painter: QPainter) -> None:
        theme, clip = self.theme, self.shown_clip
        painter.fillRect(0, 0, self.width(), HEAD, theme.color("panel"))
        part = self.score.parts[self.part] if self.score.parts else Part()
        plays = "drums" if part.drums else instrument_name(part.program)
        place = f"{self.part + 1} of {len(self.score.parts)} (Tab)"
        title = f"{clip.name if clip else ''} · {part.name or 'Part'} {place} · {plays}"
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.color("t1"))
        metrics = QFontMetricsF(painter.font())
        title = metrics.elidedText(title, Qt.TextElideMode.ElideRight, self.width() / 2)
        painter.drawText(QRectF(12, 0, self.width() - 24, HEAD), Qt.AlignmentFlag.AlignVCenter, title)
        room = self.width() - 48 - metrics.horizontalAdvance(title)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("t3"))
        keys = QFontMetricsF(painter.font()).elidedText(HELP, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(12, 0, self.width() - 24, HEAD), Qt.AlignmentFlag.AlignVCenter
                         | Qt.AlignmentFlag.AlignRight, keys)

    # ------------------------------------------------------------ pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        pos = event.position()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if pos.y() < HEAD:
            if pos.x() < self.width() / 2:
                self.show_instruments()
            return
        note = self.note_at(pos)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._before = (self.score, self.chosen)
        if note is None:
            self._press = (pos, None, "band" if shift else "draw")
            self.chosen = self.chosen if shift else frozenset()
        else:
            if note not in self.chosen:
                self.chosen = self.chosen | {note} if shift else frozenset({note})
            end = self.note_rect(note).right() - pos.x() <= EDGE
            self._press = (pos, note, "resize" if end else "move")
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None or self._before is None:
            note = self.note_at(event.position())
            end = note is not None and self.note_rect(note).right() - event.position().x() <= EDGE
            self.setCursor(Qt.CursorShape.SizeHorCursor if end else Qt.CursorShape.ArrowCursor)
            return
        pos, _, what = self._press
        if what == "band":
            self._band = QRectF(pos, event.position()).normalized()
        elif (event.position() - pos).manhattanLength() >= 4 and what != "draw":
            self.score, self.chosen = self._dragged(event)(self._before[0])
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        press, before = self._press, self._before
        self._press = self._before = None
        if press is None or before is None:
            return
        pos, _, what = press
        if what == "band":
            band, self._band = self._band, QRectF()
            self.chosen |= notes.in_region(self.score, self.part, self._tick(band.left()), self._tick(band.right()),
                                           self._pitch(band.bottom()), self._pitch(band.top()))
        elif what == "draw":
            grid = round((self.pane.timeline.grid or 1.0) * TICKS / 2)
            start = self._tick(pos.x()) // grid * grid
            length = max(self._snap(self._tick(event.position().x()) - start), grid)
            note = Note(start, self._pitch(pos.y()), length, 90)
            self.edit("Draw a note", lambda s: notes.add(s, self.part, note))
        elif (event.position() - pos).manhattanLength() >= 4:
            self._press, self._before = press, before
            change = self._dragged(event)
            self._press = self._before = None
            self.score, self.chosen = before
            self.edit("Move notes" if what == "move" else "Pull notes", change)
        self.update()

    def _dragged(self, event: QMouseEvent) -> Edit:
        assert self._press is not None
        assert self._before is not None
        pos, _, what = self._press
        chosen, part = self._before[1] or self.chosen, self.part
        if self._press[1] is not None and self._press[1] not in chosen:
            chosen = frozenset({self._press[1]})
        ticks = self._snap(self._tick(event.position().x()) - self._tick(pos.x()))
        rows = self._pitch(event.position().y()) - self._pitch(pos.y())
        if what == "resize":
            return lambda s: notes.resize(s, part, chosen, ticks, least=TICKS // 8)
        return lambda s: notes.move(s, part, chosen, ticks, rows)

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.axis.zoom(2 ** (steps.y() / 360), event.position().x() - KEYS)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.axis.scroll(-(steps.y() or steps.x()))
        else:
            self.top = min(max(self.top + (2 if steps.y() > 0 else -2), 12), 127)
            self.update()
        event.accept()

    # ------------------------------------------------------------ keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, part = event.key(), self.part
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key == Qt.Key.Key_Escape:
            self.close_roll()
        elif ctrl and key == Qt.Key.Key_A and self.score.parts:
            self.chosen = frozenset(self.score.parts[part].notes)
        elif ctrl and key == Qt.Key.Key_C:
            self._copied = notes.copy_notes(self.chosen)
        elif ctrl and key == Qt.Key.Key_V and self._copied:
            at = self._snap(self._tick(KEYS + self.axis.x(self.pane.player.position)))
            self.edit("Paste notes", lambda s: notes.paste_notes(s, part, self._copied, at))
        elif key == Qt.Key.Key_Q and not ctrl:
            self.quantise()
        elif key == Qt.Key.Key_R and not ctrl:
            self.regenerate()
        elif key == Qt.Key.Key_I and not ctrl:
            self.show_instruments()
        elif key == Qt.Key.Key_Space:
            self.pane.player.toggle()
        elif not self.chosen or not self._change_chosen(event):
            super().keyPressEvent(event)
            return
        self.update()

    def _change_chosen(self, event: QKeyEvent) -> bool:
        """What a key does to the chosen notes; False where it does nothing."""
        key, part, chosen = event.key(), self.part, self.chosen
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        up = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(key), 0)
        right = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(key), 0)
        grid = round((self.pane.timeline.grid or 1.0) * TICKS / 2)
        if up and alt:
            self.edit("Velocity", lambda s: notes.add_velocity(s, part, chosen, 8 * up))
        elif up:
            self.edit("Transpose", lambda s: notes.move(s, part, chosen, 0, up * (12 if shift else 1)))
        elif right and shift:
            self.edit("Pull notes", lambda s: notes.resize(s, part, chosen, right * grid, least=grid // 2))
        elif right:
            self.edit("Move notes", lambda s: notes.move(s, part, chosen, right * grid))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.edit("Delete notes", lambda s: notes.delete(s, part, chosen))
        else:
            return False
        return True

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes to the next part."""
        if len(self.score.parts) < 2:
            return super().focusNextPrevChild(forward)
        self.part = (self.part + (1 if forward else -1)) % len(self.score.parts)
        self.chosen = frozenset()
        self.update()
        return True
