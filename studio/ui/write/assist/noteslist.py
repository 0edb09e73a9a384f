"""The list of story notes: picture, name, kind, how it begins, and a pin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.widgets.base import box

ROW, GAP, PICTURE, PIN = 50, 6, 36, 34
KIND_ICONS = {"character": "user", "place": "map-pin", "creature": "paw-print", "rule": "scales", "memory": "brain",
              "other": "note"}
Index = QModelIndex | QPersistentModelIndex


class NotesModel(QAbstractListModel):
    """Notes as they are shown: those that fit the search, the pinned first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notes: list[Any] = []
        self.shown: list[Any] = []
        self._search = ""

    def set_notes(self, notes: Sequence[Any]) -> None:
        self.notes = list(notes)
        self._fill()

    def set_search(self, text: str) -> None:
        self._search = text.casefold().strip()
        self._fill()

    def _fill(self) -> None:
        words = self._search.split()

        def fits(note: Any) -> bool:
            whole = "\n".join((note.title, note.kind, note.text, *note.keys)).casefold()
            return all(word in whole for word in words)

        self.beginResetModel()
        found = [note for note in self.notes if fits(note)]
        self.shown = sorted(found, key=lambda n: not n.pinned)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        note = self.shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return note.title or "Untitled"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = ", pinned" if note.pinned else ""
            return f"{note.title or 'Untitled'}, {note.kind}{state}{'' if note.enabled else ', off'}"
        if role == Qt.ItemDataRole.UserRole:
            return note
        return None

    def row_of(self, note: str) -> int:
        return next((row for row, n in enumerate(self.shown) if n.id == note), -1)


class _Rows(QStyledItemDelegate):
    def __init__(self, theme: Theme, loader: ImageLoader | None, view: QListView) -> None:
        super().__init__(view)
        self.theme, self.loader, self.hovered_pin = theme, loader, -1

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, self.theme.dp(ROW) + GAP)

    def card(self, rect: QRect) -> QRect:
        return rect.adjusted(0, 0, 0, -GAP)

    def pin_rect(self, rect: QRect) -> QRect:
        card = self.card(rect)
        return QRect(card.right() - PIN, card.top(), PIN, card.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, note = self.theme, index.data(Qt.ItemDataRole.UserRole)
        option = cast(Any, option)
        card = self.card(option.rect)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        box(painter, card, 8, theme.color("spring_t" if chosen else "hover" if over else "control"))
        side = theme.dp(PICTURE)
        picture = QRectF(card.left() + 7, card.top() + (card.height() - side) / 2, side, side)
        self._paint_picture(painter, picture, note)
        left = int(picture.right()) + 10
        room = card.right() - PIN - left
        strong, body = theme.font("strong"), theme.font("body")
        title = note.title or "Untitled"
        wide = min(QFontMetrics(strong).horizontalAdvance(title), room)
        middle = card.top() + card.height() // 2
        line = QRect(left, middle - theme.dp(17), room, theme.dp(16))
        painter.setFont(strong)
        painter.setPen(theme.color("t1" if note.enabled else "t3"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter,
                         QFontMetrics(strong).elidedText(title, Qt.TextElideMode.ElideRight, room))
        painter.setFont(body)
        painter.setPen(theme.color("t3"))
        if room - wide > 40:
            kind = note.kind if note.enabled else f"{note.kind}, off"
            painter.drawText(line.adjusted(wide + 7, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter,
                             QFontMetrics(body).elidedText(kind, Qt.TextElideMode.ElideRight, room - wide - 7))
        about = QFontMetrics(body).elidedText(" ".join(note.text.split())[:200] or "Nothing written yet",
                                              Qt.TextElideMode.ElideRight, room)
        painter.setPen(theme.color("t2"))
        painter.drawText(QRect(left, middle + 1, room, theme.dp(16)), Qt.AlignmentFlag.AlignVCenter, about)
        self._paint_pin(painter, option.rect, note, index.row())

    def _paint_pin(self, painter: QPainter, rect: QRect, note: Any, row: int) -> None:
        glyph = self.theme.dp(14)
        area = QRectF(0, 0, glyph, glyph)
        area.moveCenter(QPointF(self.pin_rect(rect).center()))
        ink = "spring" if note.pinned else "t1" if self.hovered_pin == row else "t3"
        self.theme.icons.paint(painter, area, "push-pin", ink, weight="fill" if note.pinned else "regular")

    def _paint_picture(self, painter: QPainter, rect: QRectF, note: Any) -> None:
        image: QImage | None = None
        if note.picture and self.loader is not None:
            ratio = painter.device().devicePixelRatioF()
            image = self.loader.thumbnail(note.picture, (rect.size() * ratio).toSize())
        if image is None:
            box(painter, rect, 5, self.theme.color("raised"))
            glyph = rect.adjusted(9, 9, -9, -9)
            self.theme.icons.paint(painter, glyph, KIND_ICONS.get(note.kind, "note"), "t3")
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        path.addRoundedRect(rect, 5, 5)
        painter.setClipPath(path)
        painter.drawImage(rect, image)
        painter.restore()


class NotesList(QListView):
    """Signals ``opened(str)`` for a click or Enter on a note, ``pinned(str, bool)``, ``deleted(str)``."""

    opened = Signal(str)
    pinned = Signal(str, bool)
    deleted = Signal(str)

    def __init__(self, theme: Theme, loader: ImageLoader | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.notes = NotesModel(self)
        self.rows = _Rows(theme, loader, self)
        self.setModel(self.notes)
        self.setItemDelegate(self.rows)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Story notes")
        self.setStyleSheet("QListView { background: transparent; padding: 0; }")
        self.clicked.connect(lambda index: self.opened.emit(index.data(Qt.ItemDataRole.UserRole).id))
        if loader is not None:
            loader.thumbnail_ready.connect(self._picture_ready)
        theme.changed.connect(self.viewport().update)

    def _picture_ready(self, _sha: str, _image: QImage) -> None:
        self.viewport().update()

    def set_notes(self, notes: Sequence[Any]) -> None:
        """Show these; the one that was chosen stays so."""
        chosen = self.current_id()
        self.notes.set_notes(notes)
        self.select(chosen)

    def current_id(self) -> str:
        index = self.currentIndex()
        return index.data(Qt.ItemDataRole.UserRole).id if index.isValid() else ""

    def select(self, note: str) -> None:
        row = self.notes.row_of(note)
        if row >= 0:
            self.setCurrentIndex(self.notes.index(row))

    def _pin_at(self, event: QMouseEvent) -> QModelIndex:
        index = self.indexAt(event.position().toPoint())
        inside = index.isValid() and self.rows.pin_rect(self.visualRect(index)).contains(event.position().toPoint())
        return index if inside else QModelIndex()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._pin_at(event)
        if index.isValid():
            note = index.data(Qt.ItemDataRole.UserRole)
            self.pinned.emit(note.id, not note.pinned)
        else:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._pin_at(event).isValid():
            super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        over = self._pin_at(event).row()
        if over != self.rows.hovered_pin:
            self.rows.hovered_pin = over
            self.setToolTip("" if over < 0 else "Pinned notes are always told" if self.notes.shown[over].pinned
                            else "Pin: always tell the machine")
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.rows.hovered_pin = -1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        note = self.currentIndex().data(Qt.ItemDataRole.UserRole) if self.currentIndex().isValid() else None
        if note is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(note.id)
        elif note is not None and event.key() == Qt.Key.Key_P and not event.modifiers():
            self.pinned.emit(note.id, not note.pinned)
        elif note is not None and event.key() == Qt.Key.Key_Delete:
            self.deleted.emit(note.id)
        else:
            super().keyPressEvent(event)
