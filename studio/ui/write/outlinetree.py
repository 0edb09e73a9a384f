"""The outline's tree: a row for each part, chapter and scene, which can be dragged, renamed and folded."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDropEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from studio.project.manuscript.rows import Node
from studio.ui.theme import Theme
from studio.ui.widgets.base import box

KEY, NODE, NUMBER = (int(Qt.ItemDataRole.UserRole) + n for n in (1, 2, 3))
DOTS = {"draft": "warn", "revised": "sky", "done": "ok"}
STATUS_TITLES = {"planned": "Planned", "draft": "Draft", "revised": "Revised", "done": "Done"}


class _Rows(QStyledItemDelegate):
    """A row: fold arrow, number or status dot, title, words."""

    def __init__(self, theme: Theme, tree: Tree) -> None:
        super().__init__(tree)
        self.theme, self.tree = theme, tree

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, self.theme.dp(28 if _node(index).kind == "scene" else 30))

    def _left(self, node: Node, depth: int) -> int:
        return 12 + 12 * max(0, depth - (node.kind == "scene")) + (self.theme.dp(24) if node.kind == "scene" else 0)

    def title_rect(self, rect: QRectF, index: QModelIndex | QPersistentModelIndex) -> QRectF:
        node, theme = _node(index), self.theme
        left = self._left(node, _depth(index)) + theme.dp(16 if node.kind == "scene" else 18)
        if index.data(NUMBER):
            left += theme.dp(18)
        words = QFontMetrics(theme.font("body", tnum=True)).horizontalAdvance(_words(node)) + 24
        return QRectF(left, rect.top(), rect.width() - left - words, rect.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem,
              index: QModelIndex | QPersistentModelIndex) -> None:
        node, theme = _node(index), self.theme
        rect = QRectF(option.rect)
        rect.setLeft(0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current, chosen = node.id == self.tree.shown, self.tree.currentIndex() == index
        if current:
            box(painter, rect.adjusted(6, 1, -6, -1), 6, theme.color("spring_t"))
        elif chosen and self.tree.hasFocus():
            box(painter, rect.adjusted(6, 1, -6, -1), 6, theme.color("control"))
        if chosen and self.tree.hasFocus():
            painter.setPen(QPen(theme.color("spring"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(7, 2, -7, -2), 6, 6)
        left = self._left(node, _depth(index))
        if node.kind == "scene":
            self._dot(painter, QRectF(left, rect.top(), theme.dp(10), rect.height()), node.status)
        elif self.tree.model().hasChildren(index):
            size = theme.dp(12)
            icon = "caret-down" if self.tree.isExpanded(index) else "caret-right"
            theme.icons.paint(painter, QRectF(left, rect.center().y() - size / 2, size, size), icon, "t3")
        middle = Qt.AlignmentFlag.AlignVCenter
        title = self.title_rect(rect, index)
        if index.data(NUMBER):
            painter.setFont(theme.font("body", tnum=True))
            painter.setPen(theme.color("t2"))
            painter.drawText(title.adjusted(-theme.dp(18), 0, 0, 0), middle, index.data(NUMBER))
        empty = node.status == "planned" or (node.kind != "scene" and not node.words)
        painter.setFont(theme.font("body" if node.kind == "scene" or empty else "strong"))
        painter.setPen(theme.color("t1" if current or (not empty and node.kind != "scene") else "t2"))
        text = painter.fontMetrics().elidedText(node.title or "Untitled", Qt.TextElideMode.ElideRight,
                                                int(title.width()))
        painter.drawText(title, middle, text)
        painter.setFont(theme.font("body", tnum=True))
        painter.setPen(theme.color("t2" if current else "t3"))
        painter.drawText(rect.adjusted(0, 0, -12, 0), middle | Qt.AlignmentFlag.AlignRight, _words(node))

    def _dot(self, painter: QPainter, rect: QRectF, status: str) -> None:
        centre, tone = rect.center(), DOTS.get(status)
        if tone is None:
            painter.setPen(QPen(self.theme.color("t3"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(centre, 3, 3)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color(tone))
        painter.drawEllipse(centre, 3.5, 3.5)
        if status == "done":  # colour never alone
            painter.setPen(QPen(self.theme.color("panel"), 1.2))
            painter.drawLine(centre.toPoint() + QPoint(-2, 0), centre.toPoint() + QPoint(0, 2))
            painter.drawLine(centre.toPoint() + QPoint(0, 2), centre.toPoint() + QPoint(2, -1))

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem,
                     index: QModelIndex | QPersistentModelIndex) -> QWidget:
        field = QLineEdit(parent)
        field.setAccessibleName("Title")
        field.setMaxLength(200)
        field.setFont(self.theme.font("body"))
        return field

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        editor.setText(_node(index).title)  # type: ignore[attr-defined]

    def setModelData(self, editor: QWidget, model: Any, index: QModelIndex | QPersistentModelIndex) -> None:
        title = " ".join(editor.text().split())  # type: ignore[attr-defined]
        if title and title != _node(index).title:
            self.tree.renamed.emit(_node(index).id, title)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem,
                             index: QModelIndex | QPersistentModelIndex) -> None:
        rect = QRectF(option.rect)
        rect.setLeft(0)
        editor.setGeometry(self.title_rect(rect, index).adjusted(-6, 2, 30, -2).toRect())


class Tree(QTreeWidget):
    """Rows can be dragged; the tree itself changes nothing, it asks."""

    picked = Signal(str)
    renamed = Signal(str, str)
    moved = Signal(str, str, str)
    """Node, new parent, and the sibling that it goes before."""
    asked = Signal(str, str)
    """What is to be done ("trash", "up", "down", "menu", ...) with which node."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme, self.shown = theme, ""
        self.setAccessibleName("Outline")
        self.setHeaderHidden(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setItemDelegate(_Rows(theme, self))
        self.setStyleSheet("QTreeWidget { background: transparent; outline: 0; }"
                           "QTreeWidget::item { background: transparent; }")

    def node_at(self, item: QTreeWidgetItem | None) -> Node | None:
        return item.data(0, NODE) if item is not None else None

    def current_key(self) -> str:
        node = self.node_at(self.currentItem())
        return node.id if node is not None else ""

    def rename(self, key: str) -> None:
        item = self.item_of(key)
        if item is not None:
            self.scrollToItem(item)
            self.editItem(item)

    def item_of(self, key: str) -> QTreeWidgetItem | None:
        stack = [self.topLevelItem(i) for i in range(self.topLevelItemCount())]
        while stack:
            item = stack.pop()
            if item.data(0, KEY) == key:
                return item
            stack += [item.child(i) for i in range(item.childCount())]
        return None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        item = self.itemAt(event.position().toPoint())
        node = self.node_at(item)
        if event.button() != Qt.MouseButton.LeftButton or node is None or item is None:
            return
        if node.kind == "scene":
            self.picked.emit(node.id)
        elif event.position().x() < 40:
            item.setExpanded(not item.isExpanded())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.rename(self.current_key())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, mods = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        node = self.node_at(self.currentItem())
        alt = mods == Qt.KeyboardModifier.AltModifier
        if node is None or self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not mods:
            if node.kind == "scene":
                self.picked.emit(node.id)
            else:
                self.currentItem().setExpanded(not self.currentItem().isExpanded())
        elif key == Qt.Key.Key_F2:
            self.rename(node.id)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not mods:
            self.asked.emit("trash", node.id)
        elif alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.asked.emit("up" if key == Qt.Key.Key_Up else "down", node.id)
        elif key in (Qt.Key.Key_Menu,) or (key == Qt.Key.Key_F10 and mods == Qt.KeyboardModifier.ShiftModifier):
            self.asked.emit("menu", node.id)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        item = self.itemAt(event.pos())
        if item is not None:
            self.setCurrentItem(item)
            self.asked.emit("menu", item.data(0, KEY))

    def dropEvent(self, event: QDropEvent) -> None:
        """Say where to; the rows come back as they are in the project."""
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        dragged = self.node_at(self.currentItem())
        item = self.itemAt(event.position().toPoint())
        target = self.node_at(item)
        if dragged is None:
            return
        if target is None or item is None:
            self.moved.emit(dragged.id, "", "")
            return
        on = self.dropIndicatorPosition()
        if on == QAbstractItemView.DropIndicatorPosition.OnItem and target.kind != "scene" \
                and dragged.kind != target.kind:
            self.moved.emit(dragged.id, target.id, "")
        elif on == QAbstractItemView.DropIndicatorPosition.BelowItem:
            self._below(dragged, target, item)
        else:
            self.moved.emit(dragged.id, target.parent, target.id)

    def _below(self, dragged: Node, target: Node, item: QTreeWidgetItem) -> None:
        if target.kind != "scene" and dragged.kind != target.kind and item.isExpanded() and item.childCount():
            self.moved.emit(dragged.id, target.id, item.child(0).data(0, KEY))
            return
        parent = item.parent()
        siblings = [(parent.child(i) if parent else self.topLevelItem(i)) for i in range(
            parent.childCount() if parent else self.topLevelItemCount())]
        at = siblings.index(item)
        self.moved.emit(dragged.id, target.parent, siblings[at + 1].data(0, KEY) if at + 1 < len(siblings) else "")


def _node(index: QModelIndex | QPersistentModelIndex) -> Node:
    node: Node = index.data(NODE)
    return node


def _depth(index: QModelIndex | QPersistentModelIndex) -> int:
    depth, above = 0, index.parent()
    while above.isValid():
        depth, above = depth + 1, above.parent()
    return depth


def _words(node: Node) -> str:
    if node.status == "planned" and not node.words and node.kind == "scene":
        return "planned"
    return f"{node.words:,}"


def tip(node: Node) -> str:
    parts = [node.title]
    if node.kind == "scene":
        parts.append(STATUS_TITLES.get(node.status, node.status))
    if node.goal:
        parts.append(f"{node.words:,} of {node.goal:,} words")
    if node.synopsis:
        parts.append(node.synopsis)
    return "\n".join(parts)


def spoken(node: Node) -> str:
    status = f", {STATUS_TITLES.get(node.status, '').lower()}" if node.kind == "scene" else ""
    return f"{node.kind.capitalize()} {node.title}{status}, {node.words} words"
