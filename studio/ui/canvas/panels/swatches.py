"""Rows of colours to pick from, and the two colours of the brush at the foot of the tool strip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QSizePolicy, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box, tooltip
from studio.ui.widgets.popup import Menu

Index = QModelIndex | QPersistentModelIndex
CELL = 22
"""Side of a swatch with its gap, px."""


def hex_of(colour: QColor) -> str:
    """"#RRGGBB", in capitals."""
    return colour.name(QColor.NameFormat.HexRgb).upper()


class _Colours(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.colours: list[QColor] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.colours)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        colour = self.colours[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return colour
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return hex_of(colour)
        return None


class _Cells(QStyledItemDelegate):
    def __init__(self, theme: Theme, view: SwatchGrid) -> None:
        super().__init__(view)
        self.theme, self.view = theme, view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        side = self.theme.dp(CELL)
        return QSize(side, side)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = QRectF(option.rect).adjusted(2, 2, -2, -2)  # type: ignore[attr-defined]
        colour = index.data(Qt.ItemDataRole.DecorationRole)
        chosen = self.view.marked is not None and hex_of(colour) == hex_of(self.view.marked)
        box(painter, rect, 4, colour, self.theme.color("line2"))
        if chosen or (self.view.hasFocus() and self.view.currentIndex() == index):
            box(painter, rect.adjusted(-2, -2, 2, 2), 6, None, self.theme.color("spring"), 2)


class SwatchGrid(Themed, QListView):
    """Colours in rows as wide as there is room. Click or Enter picks; with Alt (or the menu) for the background.

    Signals: ``picked(QColor, bool)`` with True for the background, ``removed(int)`` where `removable`.
    """

    picked = Signal(QColor, bool)
    removed = Signal(int)

    def __init__(self, theme: Theme, name: str, *, removable: bool = False, most_rows: int = 0,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.removable, self._most_rows = removable, most_rows
        self.marked: QColor | None = None
        self._colours = _Colours()
        self.setModel(self._colours)
        self.setItemDelegate(_Cells(theme, self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("QListView { background: transparent; border: none; }"
                           "QListView::item { padding: 0; margin: 0; min-height: 0; }")
        self.init_theme(theme)
        self._fit()

    def colours(self) -> list[QColor]:
        return list(self._colours.colours)

    def set_colours(self, colours: Sequence[QColor]) -> None:
        """Silent."""
        if [c.rgb() for c in colours] == [c.rgb() for c in self._colours.colours]:
            return
        self._colours.beginResetModel()
        self._colours.colours = [QColor(c) for c in colours]
        self._colours.endResetModel()
        self._fit()

    def mark(self, colour: QColor) -> None:
        """The colour that is in use now."""
        self.marked = QColor(colour)
        self.viewport().update()

    def per_row(self) -> int:
        return max(1, self.width() // self.theme.dp(CELL))

    def _fit(self) -> None:
        rows = max(1, -(-len(self._colours.colours) // self.per_row()))
        rows = min(rows, self._most_rows) if self._most_rows else rows
        self.setFixedHeight(rows * self.theme.dp(CELL) + 2)

    def retheme(self) -> None:
        super().retheme()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # ------------------------------------------------------------ input

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.setCurrentIndex(index)
            self._pick(index, bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index, key = self.currentIndex(), event.key()
        if index.isValid() and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._pick(index, bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
        elif index.isValid() and self.removable and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(index.row())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = event.pos() if event.reason() == QContextMenuEvent.Reason.Mouse \
            else self.visualRect(self.currentIndex()).center()
        index = self.indexAt(at)
        if not index.isValid():
            return
        self.menu_for(index.row()).popup(self.viewport().mapToGlobal(at))

    def menu_for(self, row: int) -> Menu:
        """What can be done with one swatch."""
        menu = Menu(self.theme, "Swatch", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        index = self.model().index(row, 0)
        menu.addAction("Use as foreground").triggered.connect(lambda: self._pick(index, False))
        menu.addAction("Use as background").triggered.connect(lambda: self._pick(index, True))
        if self.removable:
            menu.addSeparator()
            menu.addAction("Remove").triggered.connect(lambda: self.removed.emit(row))
        return menu

    def _pick(self, index: Index, background: bool) -> None:
        self.picked.emit(QColor(index.data(Qt.ItemDataRole.DecorationRole)), background)


class ColourPair(Themed, QWidget):
    """Foreground over background. A click on one asks to edit it; keys and a double-click swap or reset are the pane's.

    Signals: ``asked(str)`` with "foreground" or "background", ``swap_asked()``, ``default_asked()``.
    """

    asked = Signal(str)
    swap_asked = Signal()
    default_asked = Signal()
    focus_radius = 7.0

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours = {"foreground": QColor(0, 0, 0), "background": QColor(255, 255, 255)}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colours")
        self.setMouseTracking(True)
        self.init_theme(theme)
        self._tell()

    def set_colours(self, foreground: QColor, background: QColor) -> None:
        self._colours = {"foreground": QColor(foreground), "background": QColor(background)}
        self._tell()
        self.update()

    def colour(self, which: str) -> QColor:
        return QColor(self._colours[which])

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(32), self.theme.dp(32))

    def place(self, which: str) -> QRectF:
        """Where one of them is drawn."""
        front, back = self.theme.dp(18), self.theme.dp(17)
        if which == "foreground":
            return QRectF(2, 2, front, front)
        return QRectF(self.width() - back - 1, self.height() - back - 1, back, back)

    def which_at(self, at: QPoint) -> str:
        if self.place("foreground").adjusted(-2, -2, 2, 2).contains(at.toPointF()):
            return "foreground"
        return "background" if self.place("background").contains(at.toPointF()) else ""

    def _tell(self) -> None:
        front, back = hex_of(self._colours["foreground"]), hex_of(self._colours["background"])
        self.setAccessibleDescription(f"foreground {front}, background {back}")
        self.setToolTip("\n".join((f"Foreground {front}, background {back}",
                                   tooltip("Swap", "X"), tooltip("Black and white", "D"))))

    # ------------------------------------------------------------ input

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        which = self.which_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if which:
            self.asked.emit(which)
        elif self.rect().contains(event.position().toPoint()):
            above = event.position().y() < self.height() / 2
            (self.swap_asked if above else self.default_asked).emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.asked.emit("background" if shift else "foreground")
            case Qt.Key.Key_X:
                self.swap_asked.emit()
            case Qt.Key.Key_D:
                self.default_asked.emit()
            case _:
                super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = Menu(self.theme, "Colours", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Edit foreground").triggered.connect(lambda: self.asked.emit("foreground"))
        menu.addAction("Edit background").triggered.connect(lambda: self.asked.emit("background"))
        menu.addSeparator()
        menu.addAction("Swap\tX").triggered.connect(self.swap_asked)
        menu.addAction("Black and white\tD").triggered.connect(self.default_asked)
        menu.popup(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        back, front = self.place("background"), self.place("foreground")
        box(painter, back, 5, self._colours["background"], theme.color("line2"))
        box(painter, front.adjusted(-2, -2, 2, 2), 7, theme.color("chrome"), theme.color("line2"))
        box(painter, front.adjusted(1, 1, -1, -1), 4, self._colours["foreground"])
