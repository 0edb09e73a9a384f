"""Captions in order of time as rows of a list: two times at the left, two lines of words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.project.sound import Label
from studio.ui.sound.captions.times import clock
from studio.ui.theme import Theme
from studio.ui.widgets.base import box

Index = QModelIndex | QPersistentModelIndex
LABEL = int(Qt.ItemDataRole.UserRole) + 1
HEIGHT, TIMES = 46, 66


class CaptionsModel(QAbstractListModel):
    """Attributes: labels, as they are shown; now (the row at the playhead, -1 for none)."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: tuple[Label, ...] = ()
        self._starts: list[float] = []
        self._reach: list[float] = []
        """Until when a row, or one above it, stands."""
        self.now = -1

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self.labels)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not 0 <= index.row() < len(self.labels):
            return None
        label = self.labels[index.row()]
        if role == LABEL:
            return label
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            who = f"{label.speaker}: " if label.speaker else ""
            return f"{clock(label.start)} to {clock(label.end)}, {who}{label.text}"
        return None

    def take(self, labels: tuple[Label, ...]) -> None:
        """Show these; rows that stay keep their selection where their number stays."""
        before, self.labels = self.labels, labels
        self._starts = [label.start for label in labels]
        self._reach = list(accumulate((label.end for label in labels), max))
        if [label.id for label in before] == [label.id for label in labels]:
            changed = [row for row, (old, new) in enumerate(zip(before, labels, strict=True)) if old is not new]
            if changed:
                self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))
            return
        self.beginResetModel()
        self.endResetModel()

    def row_of(self, key: str) -> int:
        return next((row for row, label in enumerate(self.labels) if label.id == key), -1)

    def at(self, seconds: float) -> int:
        """The row whose caption stands at a time: of several the last; -1 for none."""
        row = bisect_right(self._starts, seconds + 1e-6) - 1
        while row >= 0 and self._reach[row] > seconds:
            if self.labels[row].end > seconds:
                return row
            row -= 1
        return -1

    def set_now(self, row: int) -> bool:
        """Mark the row at the playhead; whether it is another one."""
        if row == self.now:
            return False
        before, self.now = self.now, row
        for changed in (before, row):
            if 0 <= changed < len(self.labels):
                self.dataChanged.emit(self.index(changed), self.index(changed))
        return True


class _Rows(QStyledItemDelegate):
    def __init__(self, theme: Theme, model: CaptionsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self.model = theme, model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, self.theme.dp(HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, label = self.theme, index.data(LABEL)
        rect = QRectF(option.rect).adjusted(0, 1, 0, -1)
        state = option.state  # type: ignore[attr-defined]
        on, now = bool(state & state.State_Selected), index.row() == self.model.now
        if on:
            box(painter, rect, 6, theme.color("spring_t"))
        elif state & state.State_MouseOver:
            box(painter, rect, 6, theme.color("control", 0.6))
        if now:
            box(painter, QRectF(rect.left(), rect.top() + 6, 3, rect.height() - 12), 1.5, theme.color("spring"))
        half = (rect.height() - 8) / 2
        line = QRectF(rect.left() + 10, rect.top() + 4, theme.dp(TIMES), half)
        for text, tone in ((clock(label.start), "t1" if now else "t2"), (clock(label.end), "t3")):
            painter.setFont(theme.font("caption", tnum=True))
            painter.setPen(theme.color("t2" if on and tone == "t3" else tone))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
            line.translate(0, half)
        self._paint_words(painter, label, QRectF(line.right() + 4, rect.top() + 4, rect.right() - line.right() - 12,
                                                 half), now)

    def _paint_words(self, painter: QPainter, label: Label, room: QRectF, now: bool) -> None:
        theme = self.theme
        painter.setFont(theme.font("medium" if now else "body"))
        words = " ".join(f"{label.speaker}: {label.text}".split() if label.speaker else label.text.split())
        painter.setPen(theme.color("t1" if words else "t3"))
        for line in two_lines(QFontMetricsF(painter.font()), words or "No words yet", room.width()):
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, line)
            room.translate(0, room.height())


def two_lines(metrics: QFontMetricsF, text: str, width: float) -> list[str]:
    """A text on at most two lines, the second one shortened."""
    if metrics.horizontalAdvance(text) <= width:
        return [text]
    first, words = "", text.split(" ")
    while words and metrics.horizontalAdvance(f"{first} {words[0]}".strip()) <= width:
        first = f"{first} {words.pop(0)}".strip()
    rest = " ".join(words)
    if not first:
        return [metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)]
    return [first, metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)]


class CaptionsList(QListView):
    """Enter or F2 goes to the words of the row, Delete takes rows away, Space plays."""

    edit_asked = Signal()
    delete_asked = Signal()
    play_asked = Signal()

    def __init__(self, theme: Theme, model: CaptionsModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(_Rows(theme, model, self))
        self.setAccessibleName("Captions")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setStyleSheet("QListView { background: transparent; border: none; padding: 0; }")

    def rows(self) -> list[int]:
        return sorted(index.row() for index in self.selectedIndexes())

    def choose(self, rows: Sequence[int]) -> None:
        """Select rows, and show the first."""
        selection = self.selectionModel()
        selection.clear()
        for row in rows:
            index = self.model().index(row, 0)
            if row == rows[0]:
                selection.setCurrentIndex(index, selection.SelectionFlag.Select)
                self.scrollTo(index)
            selection.select(index, selection.SelectionFlag.Select)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.edit_asked.emit()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_asked.emit()
        elif key == Qt.Key.Key_Space and not event.modifiers():
            self.play_asked.emit()
        else:
            super().keyPressEvent(event)
