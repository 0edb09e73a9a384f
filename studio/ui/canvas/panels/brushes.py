"""Brush presets: the button in the context bar, and the popup with strokes and all settings."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
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

from studio.project.paint.brush import PRESETS, Brush
from studio.ui.canvas.panels.brushform import BrushForm
from studio.ui.canvas.panels.strokes import StrokePreviews
from studio.ui.canvas.toolstate import ToolState
from studio.ui.theme import Theme
from studio.ui.widgets.base import blend, box
from studio.ui.widgets.buttons import BaseButton, IconButton, PushButton
from studio.ui.widgets.popup import Popup
from studio.ui.widgets.text import TextField

Index = QModelIndex | QPersistentModelIndex
ROW, STROKE = 36, QSize(150, 30)
BrushRole = int(Qt.ItemDataRole.UserRole) + 1


class _Presets(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.brushes: tuple[Brush, ...] = ()

    def show(self, brushes: tuple[Brush, ...]) -> None:
        self.beginResetModel()
        self.brushes = brushes
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.brushes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        brush = self.brushes[index.row()]
        if role == BrushRole:
            return brush
        if role == Qt.ItemDataRole.DisplayRole:
            return brush.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{brush.name}, {round(brush.size)} px"
        return None


class _PresetRows(QStyledItemDelegate):
    def __init__(self, theme: Theme, view: PresetList, previews: StrokePreviews) -> None:
        super().__init__(view)
        self.theme, self.view, self.previews = theme, view, previews

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.theme.dp(280), self.theme.dp(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, rect, brush = self.theme, QRectF(option.rect), index.data(BrushRole)  # type: ignore[attr-defined]
        chosen = brush.name == self.view.chosen
        if chosen:
            box(painter, rect, 6, theme.color("spring_t"))
        elif self.view.currentIndex() == index:
            box(painter, rect, 6, theme.color("hover"))
        painter.setFont(theme.font("medium" if chosen else "body"))
        painter.setPen(theme.color("t1"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(10, 0, -theme.dp(STROKE.width()) - 50, 0), middle, brush.name)
        painter.setFont(theme.font("caption", tnum=True))
        painter.setPen(theme.color("t3"))
        stroke = QRectF(rect.right() - theme.dp(STROKE.width()) - 8, rect.center().y() - theme.dp(STROKE.height()) / 2,
                        theme.dp(STROKE.width()), theme.dp(STROKE.height()))
        painter.drawText(QRectF(rect.left(), rect.top(), stroke.left() - rect.left() - 8, rect.height()),
                         middle | Qt.AlignmentFlag.AlignRight, f"{brush.size:g}")
        paint_stroke(painter, stroke, brush, self.previews, theme.color("t1"))


def paint_stroke(painter: QPainter, area: QRectF, brush: Brush, previews: StrokePreviews, colour: QColor) -> None:
    """The preview of a brush, as soon as it is there."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    image = previews.get(brush, QSize(round(area.width() * ratio), round(area.height() * ratio)), colour)
    if image is not None:
        painter.drawImage(area, image)


class PresetList(QListView):
    """Enter or a click takes a preset, Delete removes it. Signals ``picked(Brush)``, ``removed(str)``."""

    picked = Signal(object)
    removed = Signal(str)

    def __init__(self, theme: Theme, previews: StrokePreviews, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.chosen = theme, ""
        self._presets = _Presets()
        self.setModel(self._presets)
        self.setItemDelegate(_PresetRows(theme, self, previews))
        self.setAccessibleName("Brush presets")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QListView { background: transparent; border: none; }"
                           "QListView::item { padding: 0; margin: 0; min-height: 0; }")
        self.entered.connect(self.setCurrentIndex)
        self.clicked.connect(lambda index: self.picked.emit(index.data(BrushRole)))
        previews.ready.connect(self.viewport().update)

    def show_presets(self, brushes: tuple[Brush, ...], chosen: str) -> None:
        self.chosen = chosen
        if brushes != self._presets.brushes:
            self._presets.show(brushes)
        names = [brush.name for brush in brushes]
        if chosen in names:
            self.setCurrentIndex(self._presets.index(names.index(chosen), 0))
        self.updateGeometry()
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(300), self.theme.dp(ROW) * min(9, max(1, self._presets.rowCount())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if index.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.picked.emit(index.data(BrushRole))
        elif index.isValid() and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(index.data())
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)


class BrushPanel(QWidget):
    """Presets, the settings that the bar has no room for, and what keeps the present brush as a preset."""

    delete_on_close = True

    def __init__(self, theme: Theme, state: ToolState, tool: str, previews: StrokePreviews,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.state, self.tool = theme, state, tool
        self.setAccessibleName("Brushes")
        self.list = PresetList(theme, previews)
        self.form = BrushForm(theme, state, tool)
        self.name = TextField(theme, "Preset name", placeholder="Name of a new preset")
        self.save = PushButton(theme, "Save", name="Save as preset")
        self.restore = IconButton(theme, "arrow-counter-clockwise", "Restore the presets of the studio")
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget, stretch in ((self.name, 1), (self.save, 0), (self.restore, 0)):
            row.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.list, self.form):
            column.addWidget(part)
        column.addLayout(row)
        self.setFocusProxy(self.list)
        self.list.picked.connect(self._take)
        self.list.removed.connect(state.remove_preset)
        self.save.clicked.connect(self._save)
        self.name.returnPressed.connect(self._save)
        self.restore.clicked.connect(self._restore)
        state.changed.connect(self._changed)
        self.refresh()

    def refresh(self) -> None:
        self.list.show_presets(self.state.presets, self.state.brush(self.tool).name)

    def _changed(self, name: str) -> None:
        if name in ("presets", self.tool):
            self.refresh()

    def _take(self, brush: Brush) -> None:
        self.state.set_brush(self.tool, brush)

    def _save(self) -> None:
        name = " ".join(self.name.text().split())
        if not name:
            self.name.setFocus()
            return
        brush = self.state.brush(self.tool).with_(name=name)
        self.state.save_preset(brush)
        self.state.set_brush(self.tool, brush)
        self.name.clear()

    def _restore(self) -> None:
        for brush in PRESETS:
            self.state.save_preset(brush)


class BrushButton(BaseButton):
    """The present brush as a stroke with its name; opens the presets."""

    def __init__(self, theme: Theme, state: ToolState, tool: str, parent: QWidget | None = None) -> None:
        self.state, self.tool = state, tool
        self.previews = StrokePreviews()
        super().__init__(theme, "Brush presets", parent=parent)
        self.previews.setParent(self)
        self.previews.ready.connect(self.update)
        self.popup: Popup | None = None
        self.clicked.connect(lambda: self.show_popup())
        state.changed.connect(lambda name: self._show() if name == tool else None)
        self._show()

    def _show(self) -> None:
        self.setAccessibleDescription(self.state.brush(self.tool).name)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        name = QFontMetrics(self.theme.font("medium")).horizontalAdvance(self.state.brush(self.tool).name or "Brush")
        return QSize(8 + self.theme.dp(52) + 8 + min(name, self.theme.dp(96)) + 8 + self.theme.dp(12) + 8,
                     self.theme.dp(28))

    def show_popup(self) -> Popup:
        panel = BrushPanel(self.theme, self.state, self.tool, self.previews)
        self.popup = Popup(self.theme, self, panel, margins=8, width=self.theme.dp(332), keep=False)
        self.popup.closed.connect(self._closed)
        self.popup.open()
        return self.popup

    def _closed(self) -> None:
        self.popup = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, brush = QPainter(self), self.theme, self.state.brush(self.tool)
        rest = theme.color("press") if self.isDown() else blend(theme.color("control"), theme.color("hover"),
                                                                 1.0 if self.popup else self._fade.amount)
        box(painter, self.rect(), 6, rest, theme.color("t3") if theme.high_contrast else None)
        area = QRectF(8, 3, theme.dp(52), self.height() - 6)
        paint_stroke(painter, area, brush, self.previews, theme.color("t1"))
        caret = theme.dp(12)
        spot = QRectF(self.width() - 8 - caret, (self.height() - caret) / 2, caret, caret)
        theme.icons.paint(painter, spot, "caret-down", "t3", weight="bold")
        painter.setFont(theme.font("medium"))
        painter.setPen(theme.color("t1"))
        words = QRectF(area.right() + 8, 0, spot.left() - area.right() - 16, self.height())
        room = int(words.width()) + 2
        name = painter.fontMetrics().elidedText(brush.name or "Brush", Qt.TextElideMode.ElideRight, room)
        painter.drawText(words.adjusted(0, 0, 4, 0), Qt.AlignmentFlag.AlignVCenter, name)
