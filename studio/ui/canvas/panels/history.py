"""The History tab: the steps of the document, the current one marked, and what they hold in memory."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.canvas.document import CanvasDocument
from studio.ui.surface import Surface
from studio.ui.theme import Theme
from studio.ui.widgets.base import box
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import Label

Index = QModelIndex | QPersistentModelIndex
MEGABYTE = 1024 * 1024
ICONS = (
    ("mask", "mask-brush"), ("brush", "paint-brush"), ("paint", "paint-brush"), ("stroke", "paint-brush"),
    ("eras", "eraser"), ("fill", "paint-bucket"), ("gradient", "gradient"), ("text", "text-t"), ("crop", "crop"),
    ("select", "selection"), ("move", "arrows-out-cardinal"), ("transform", "bounding-box"),
    ("rotate", "arrow-clockwise"), ("flip", "flip-horizontal"), ("opacity", "drop-half"), ("blend", "circle-half"),
    ("group", "folder"), ("delete", "trash"), ("hide", "eye-slash"), ("show", "eye"), ("lock", "lock-simple"),
    ("merge", "stack-simple"), ("flatten", "stack-simple"), ("new layer", "plus"), ("duplicate", "copy"),
    ("rename", "text-aa"), ("paste", "clipboard"), ("keep", "sparkle"), ("open", "folder-open"), ("shape", "shapes"),
    ("raise", "arrow-up"), ("lower", "arrow-down"), ("size", "resize"),
)
"""The first word found in a step's label gives its icon."""


def icon_of(label: str) -> str:
    return next((icon for word, icon in ICONS if word in label.lower()), "circle")


class _Steps(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.labels: list[str] = []
        self.current = 0

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.labels)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.labels):
            return None
        label, row = self.labels[index.row()], index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            return label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{label}, " + ("current" if row == self.current else "undone" if row > self.current else "done")
        return None


class _StepRows(QStyledItemDelegate):
    def __init__(self, theme: Theme, view: StepList) -> None:
        super().__init__(view)
        self.theme, self.view = theme, view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, self.theme.dp(28))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, rect = self.theme, QRectF(option.rect)  # type: ignore[attr-defined]
        row, current = index.row(), self.view.steps.current
        if row == current:
            painter.fillRect(rect, theme.color("spring_t"))
        elif row == self.view.hovered:
            painter.fillRect(rect, theme.color("control", 0.55))
        if self.view.hasFocus() and self.view.by_keyboard and self.view.currentIndex() == index:
            box(painter, rect.adjusted(1, 1, -1, -1), 6, None, theme.color("spring"), 2)
        ahead = row > current
        glyph = theme.dp(16)
        area = QRectF(rect.left() + 12, rect.center().y() - glyph / 2, glyph, glyph)
        theme.icons.paint(painter, area, icon_of(index.data()), "t4" if ahead else "spring" if row == current else "t2")
        painter.setFont(theme.font("medium" if row == current else "body"))
        painter.setPen(theme.color("t3" if ahead else "t1"))
        left = area.right() + 10
        words = QRectF(left, rect.top(), rect.right() - left - 12, rect.height())
        text = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)


class StepList(QListView):
    """A click or the arrow keys jump to a step."""

    def __init__(self, theme: Theme, document: CanvasDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.steps = document, _Steps()
        self.hovered, self.by_keyboard, self._following = -1, False, False
        self.setModel(self.steps)
        self.setItemDelegate(_StepRows(theme, self))
        self.setAccessibleName("History")
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setProperty("noFocusRing", True)
        self.setStyleSheet("QListView { background: transparent; border: none; }"
                           "QListView::item { padding: 0; margin: 0; min-height: 0; border-radius: 0; }")
        theme.changed.connect(self._retheme)

    def follow(self) -> None:
        """Show the document's steps as they are now."""
        history, steps = self.document.history, self.steps
        labels = history.labels()
        self._following = True
        if labels != steps.labels:
            steps.beginResetModel()
            steps.labels = labels
            steps.endResetModel()
        steps.current = history.index
        index = steps.index(history.index, 0)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(index)
        self._following = False
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if not self._following and current.isValid():
            self.document.jump(current.row())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.by_keyboard = False
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.row() != self.hovered:
            self.hovered = index.row()
            self.viewport().update()

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self.hovered = -1
        self.viewport().update()

    def keyPressEvent(self, event: Any) -> None:
        self.by_keyboard = True
        if event.text() and event.text().isprintable():
            event.ignore()  # single letters are the tools' keys, not a search
        else:
            super().keyPressEvent(event)

    def _retheme(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.viewport().update()


class HistoryPanel(QWidget):
    """Undo as a list."""

    def __init__(self, theme: Theme, document: CanvasDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.setAccessibleName("History")
        self.list = StepList(theme, document)
        self.memory = Label(theme, "", "caption", "t3", tnum=True)
        self.undo_button = IconButton(theme, "arrow-u-up-left", "Undo", key="Ctrl+Z")
        self.redo_button = IconButton(theme, "arrow-u-up-right", "Redo", key="Ctrl+Shift+Z")
        foot = Surface(theme, "panel", "top")
        row = QHBoxLayout(foot)
        row.setContentsMargins(12, 5, 8, 5)
        row.setSpacing(4)
        row.addWidget(self.memory, 1)
        row.addWidget(self.undo_button)
        row.addWidget(self.redo_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list, 1)
        column.addWidget(foot)
        self.undo_button.clicked.connect(document.undo)
        self.redo_button.clicked.connect(document.redo)
        document.history_changed.connect(self.refresh)
        self.setFocusProxy(self.list)
        self.refresh()

    def refresh(self) -> None:
        """Follow the document; what is hidden waits until it is shown."""
        if not self.isVisible():
            return
        history = self.document.history
        self.list.follow()
        self.memory.setText(memory_line(history.nbytes, history.budget, history.dropped))
        self.undo_button.set_available(self.document.can_undo(), "Nothing to undo")
        self.redo_button.set_available(self.document.can_redo(), "Nothing to redo")

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self.refresh()


def memory_line(used: int, budget: int, dropped: int) -> str:
    """What the steps hold: "12 MB of 512 MB", and how many were let go."""
    amount = f"{used / MEGABYTE:.1f}" if 0 < used < 10 * MEGABYTE else f"{round(used / MEGABYTE)}"
    line = f"{amount} MB of {round(budget / MEGABYTE)} MB"
    return line if not dropped else f"{line} · {dropped} oldest {'step' if dropped == 1 else 'steps'} let go"
