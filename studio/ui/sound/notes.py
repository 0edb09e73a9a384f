"""The strip of markers and labels under the ruler: names that are edited in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.project.sound import Arrangement, Label, Marker, edits
from studio.ui.sound.document import Region, SoundDocument
from studio.ui.sound.timeline import Timeline
from studio.ui.sound.tools.base import CLICK, Hit
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.notices import announce
from studio.ui.widgets.popup import Menu
from studio.ui.widgets.text import TextField

HEIGHT = 24
EDGE = 5.0

Note = Marker | Label


@dataclass(frozen=True)
class _Drag:
    note: Note
    part: str
    """body, start or end"""
    x: float


class NotesStrip(Themed, QWidget):
    """Markers as flags, labels as boxes over their stretch. A click chooses (a label its stretch too), a drag moves,
    the edges of a label pull, a double click or Enter names."""

    seek_asked = Signal(float)
    shown_changed = Signal()
    """There are notes now, or none any more."""

    def __init__(self, theme: Theme, document: SoundDocument, timeline: Timeline,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.timeline, self.axis = document, timeline, timeline.axis
        self.chosen = ""
        """Id of the chosen marker or label."""
        self.field = TextField(theme, "Name", parent=self)
        self.field.hide()
        self._naming = ""
        self._back: QWidget | None = None
        self.field.installEventFilter(self)
        self._drag: _Drag | None = None
        self._moved = False
        self.field.editingFinished.connect(self._keep)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Markers and labels")
        self.axis.changed.connect(self.update)
        document.changed.connect(self._changed)
        self.init_theme(theme)
        self._changed()

    def sizeHint(self) -> QSize:
        return QSize(200, self.theme.dp(HEIGHT))

    # ------------------------------------------------------------ what there is

    def notes(self) -> list[Note]:
        """By time."""
        shown = self.document.shown
        found: list[Note] = [*shown.markers, *shown.labels]
        return sorted(found, key=_time)

    def find(self, key: str) -> Note | None:
        return next((note for note in self.notes() if note.id == key), None)

    def note_rect(self, note: Note) -> QRectF:
        """Where a note lies."""
        if isinstance(note, Label):
            width = max(note.length * self.axis.scale, 10.0)
        else:
            width = 20 + QFontMetricsF(self.theme.font("caption")).horizontalAdvance(words(note))
        return QRectF(self.axis.x(_time(note)), 2, width, self.height() - 5)

    def at(self, pos: QPointF) -> Note | None:
        return next((note for note in reversed(self.notes())
                     if self.note_rect(note).adjusted(-2, 0, 2, 0).contains(pos)), None)

    # ------------------------------------------------------------ changing

    def choose(self, key: str) -> None:
        """Choose a note, and hear of it."""
        self.chosen = key
        note = self.find(key)
        if note is not None:
            kind = "Label" if isinstance(note, Label) else "Marker"
            self.setAccessibleDescription(f"{kind} {words(note)}")
            announce(self, f"{kind} {words(note)}")
        self.update()

    def rename(self, key: str) -> None:
        """Let a name be typed where it stands."""
        note = self.find(key)
        if note is None:
            return
        self.choose(key)
        self.axis.follow(_time(note), self.width())
        rect = self.note_rect(note)
        self._naming = key
        if not self.field.hasFocus():
            self._back = self.timeline if self.timeline.hasFocus() else None
        self.field.setText(words(note))
        self.field.setGeometry(round(max(rect.left(), 0)), 0, max(round(rect.width()), self.theme.dp(140)),
                               self.height())
        self.field.show()
        self.field.selectAll()
        self.field.setFocus()

    def delete(self, key: str) -> None:
        """Take a note away."""
        note = self.find(key)
        if isinstance(note, Label):
            self.document.edit("Delete the label", lambda old: edits.remove_labels(old, [key]))
        elif note is not None:
            self.document.edit("Delete the marker", lambda old: edits.remove_markers(old, [key]))

    def step(self, by: int) -> None:
        """Choose the next or the previous one, and go there."""
        notes = self.notes()
        if not notes:
            return
        names = [note.id for note in notes]
        at = (names.index(self.chosen) + by) % len(names) if self.chosen in names else 0
        self.choose(names[at])
        self._go(notes[at])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The field leaves Enter to whoever it lies in, which would open it again."""
        if watched is self.field and event.type() == QEvent.Type.KeyPress:
            key = cast(QKeyEvent, event).key()
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._keep()
                return True
        return super().eventFilter(watched, event)

    def _keep(self) -> None:
        key, self._naming = self._naming, ""
        if not key:
            return
        name, note = " ".join(self.field.text().split()), self.find(key)
        self._close()
        if note is None or not name or name == words(note):
            return
        if isinstance(note, Label):
            self.document.edit("Edit the label", lambda old: edits.change_label(old, key, text=name))
        else:
            self.document.edit("Rename the marker", lambda old: edits.change_marker(old, key, name=name))

    def _close(self) -> None:
        """Put the field away; the keys go where they went before."""
        self.field.hide()
        (self._back or self).setFocus()

    def _go(self, note: Note) -> None:
        self.document.choose(cursor=_time(note))
        if isinstance(note, Label) and note.length > 0:
            tracks = tuple(track.id for track in self.document.shown.tracks)
            self.document.choose(region=Region(note.start, note.end, tracks), clips=frozenset())
        self.axis.follow(_time(note), self.width())
        self.seek_asked.emit(_time(note))

    def _changed(self) -> None:
        shown = bool(self.document.shown.markers or self.document.shown.labels)
        if self.chosen and self.find(self.chosen) is None:
            self.chosen = ""
        if shown == self.isHidden():
            self.setVisible(shown)
            self.shown_changed.emit()
        self.update()

    # ------------------------------------------------------------ pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        note = self.at(event.position())
        self.choose(note.id if note is not None else "")
        if event.button() == Qt.MouseButton.RightButton:
            self._menu(note, event.globalPosition().toPoint())
        elif note is not None:
            self._drag, self._moved = _Drag(note, self._part(note, event.position()), event.position().x()), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        note = self.at(event.position())
        edge = note is not None and self._part(note, event.position()) != "body"
        self.setCursor(Qt.CursorShape.SizeHorCursor if edge else Qt.CursorShape.ArrowCursor)
        if self._drag is not None and (self._moved or abs(event.position().x() - self._drag.x) >= CLICK):
            self._moved = True
            self.document.preview(self._edit(self._drag, event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        if drag is None:
            return
        if self._moved:
            self.document.preview(None)
            label = isinstance(drag.note, Label)
            self.document.edit("Move the label" if label else "Move the marker", self._edit(drag, event))
        else:
            self._go(drag.note)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        note = self.at(event.position())
        if note is not None:
            self.rename(note.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, alt = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key), 0)
        note = self.find(self.chosen)
        if by and not alt:
            self.step(by)
        elif by and note is not None:
            self._nudge(note, by)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2) and note is not None:
            self.rename(note.id)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and note is not None:
            self.delete(note.id)
        elif key == Qt.Key.Key_Escape and not self.field.isHidden():
            self._naming = ""
            self._close()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if not self.chosen and self.notes():
            self.choose(self.notes()[0].id)
        super().focusInEvent(event)

    def _nudge(self, note: Note, by: int) -> None:
        tempo = self.document.shown.tempo
        at = tempo.seconds(max(tempo.beat(_time(note)) + by * (self.timeline.grid or 1.0), 0.0))
        self.document.edit("Move the label" if isinstance(note, Label) else "Move the marker",
                           lambda old: _moved(old, note, at), merge=f"note:{note.id}")

    def _part(self, note: Note, pos: QPointF) -> str:
        rect = self.note_rect(note)
        if isinstance(note, Marker) or rect.width() < 4 * EDGE:
            return "body"
        return "start" if pos.x() - rect.left() <= EDGE else "end" if rect.right() - pos.x() <= EDGE else "body"

    def _edit(self, drag: _Drag, event: QMouseEvent) -> Callable[[Arrangement], Arrangement]:
        note, by = drag.note, (event.position().x() - drag.x) / self.axis.scale
        hit = Hit(event.position(), 0.0, modifiers=event.modifiers())
        if isinstance(note, Label) and drag.part == "start":
            start = min(self.timeline.snapped(max(note.start + by, 0.0), hit), note.end)
            return lambda old: edits.change_label(old, note.id, start=start, length=note.end - start)
        if isinstance(note, Label) and drag.part == "end":
            end = max(self.timeline.snapped(note.end + by, hit), note.start)
            return lambda old: edits.change_label(old, note.id, length=end - note.start)
        at = self.timeline.snapped(max(_time(note) + by, 0.0), hit)
        return lambda old: _moved(old, note, at)

    def _menu(self, note: Note | None, where: QPoint) -> None:
        if note is None:
            return
        menu = Menu(self.theme, "Marker or label", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for title, run in (("Rename", self.rename), ("Delete", self.delete)):
            menu.addAction(title).triggered.connect(lambda _=False, run=run: run(note.id))
        menu.popup(where)

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.setPen(theme.color("line"))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        first, last = self.axis.start, self.axis.seconds(self.width())
        notes = [note for note in self.notes() if _time(note) <= last
                 and (isinstance(note, Marker) or note.end >= first)]
        for index, note in enumerate(notes):
            rect = self.note_rect(note)
            if isinstance(note, Marker) and index + 1 < len(notes):  # its name ends where the next one begins
                rect.setRight(max(min(rect.right(), self.axis.x(_time(notes[index + 1])) - 4), rect.left() + 9))
            if rect.right() >= 0 and rect.left() <= self.width():
                self._paint_note(painter, note, rect)

    def _paint_note(self, painter: QPainter, note: Note, rect: QRectF) -> None:
        theme, chosen = self.theme, note.id == self.chosen
        painter.setFont(theme.font("caption"))
        if isinstance(note, Label):
            box(painter, rect, 4, theme.color("control"), theme.color("sky" if chosen else "line2"))
            room = rect.adjusted(6, 0, -4, 0)
        else:
            x = rect.left()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("sky" if chosen else "warn"))
            painter.drawPolygon(QPolygonF([QPointF(x, 3), QPointF(x + 8, 7), QPointF(x, 11)]))
            painter.drawRect(QRectF(x, 3, 1.5, self.height() - 5))
            room = rect.adjusted(11, 0, 0, 0)
        if room.width() > 12:
            painter.setPen(theme.color("t1" if chosen else "t2"))
            text = QFontMetricsF(painter.font()).elidedText(words(note), Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)


def words(note: Note) -> str:
    """What is written on a marker or a label."""
    return note.text if isinstance(note, Label) else note.name


def _time(note: Note) -> float:
    return note.start if isinstance(note, Label) else note.time


def _moved(old: Arrangement, note: Note, at: float) -> Arrangement:
    if isinstance(note, Label):
        return edits.change_label(old, note.id, start=at)
    return edits.change_marker(old, note.id, time=at)
