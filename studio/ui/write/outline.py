"""The outline: parts, chapters and scenes as a tree, and what was written today at its foot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QTreeWidgetItem, QVBoxLayout, QWidget

from studio.project.manuscript.rows import Node
from studio.ui.surface import Surface
from studio.ui.theme import Theme
from studio.ui.widgets import IconButton, Label, Menu
from studio.ui.widgets.base import Themed, box
from studio.ui.write.outlinetree import KEY, NODE, NUMBER, Tree, spoken, tip

WIDTH = 240


class GoalBar(Themed, QWidget):
    """A thin bar of progress."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._share = 0.0
        self.setFixedHeight(4)
        self.setAccessibleName("Progress of today's goal")
        self.init_theme(theme)

    def set_share(self, share: float) -> None:
        self._share = min(1.0, max(0.0, share))
        self.setAccessibleDescription(f"{round(self._share * 100)} %")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), 2, self.theme.color("line2"))
        if self._share > 0:
            whole = QRectF(self.rect())
            whole.setWidth(max(4.0, whole.width() * self._share))
            box(painter, whole, 2, self.theme.color("spring"))


class Outline(Surface):
    """240 px at the left of the page."""

    add_asked = Signal(str)
    """"part", "chapter" or "scene"."""
    menu_asked = Signal(object)
    """Menu of the whole outline: others fill it."""
    goal_asked = Signal()
    folded = Signal(list)
    """Ids of what is folded."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "panel", "right", parent)
        self.setFixedWidth(theme.dp(WIDTH))
        self.setAccessibleName("Outline")
        self.tree = Tree(theme)
        self._folds: set[str] = set()
        self._filling = False
        add = IconButton(theme, "plus", "Add a scene, chapter or part")
        more = IconButton(theme, "dots-three", "More about the outline")
        add.clicked.connect(lambda *_: self._show_add(add))
        more.clicked.connect(lambda *_: self._show_more(more))
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 6, 4)
        head.addWidget(Label(theme, "Outline", "strong"), 1)
        head.addWidget(add)
        head.addWidget(more)
        self._today = Label(theme, "Today", "strong")
        self._count = Label(theme, "", "body", "t3", tnum=True)
        self.goal = GoalBar(theme)
        self._foot = QWidget()
        self._foot.setCursor(Qt.CursorShape.PointingHandCursor)
        self._foot.setToolTip("Click to set the goal of the day")
        self._foot.setAccessibleName("Goal of the day")
        self._foot.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._foot.installEventFilter(self)
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(12, 10, 12, 14)
        foot.setSpacing(8)
        line = QHBoxLayout()
        line.addWidget(self._today, 1)
        line.addWidget(self._count)
        foot.addLayout(line)
        foot.addWidget(self.goal)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 1, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.tree, 1)
        column.addWidget(_line(theme))
        column.addWidget(self._foot)
        self.tree.itemExpanded.connect(lambda item: self._fold(item, False))
        self.tree.itemCollapsed.connect(lambda item: self._fold(item, True))

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonRelease or (
                event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
                and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space)):
            self.goal_asked.emit()
            return True
        return False

    # ------------------------------------------------------------ what it shows

    def set_folds(self, keys: Iterable[str]) -> None:
        self._folds = set(keys)

    def set_nodes(self, nodes: list[Node], shown: str) -> None:
        """Show the tree anew; what is current and where it is scrolled to stays."""
        current, bar = self.tree.current_key() or shown, self.tree.verticalScrollBar()
        at = bar.value()
        self._filling = True
        self.tree.shown = shown
        self.tree.clear()
        items: dict[str, QTreeWidgetItem] = {}
        chapters = 0
        for node in nodes:
            parent = items.get(node.parent)
            item = QTreeWidgetItem(parent) if parent is not None else QTreeWidgetItem(self.tree)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setData(0, KEY, node.id)
            item.setData(0, NODE, node)
            if node.kind == "chapter":
                chapters += 1
                item.setData(0, NUMBER, str(chapters))
            item.setToolTip(0, tip(node))
            item.setData(0, int(Qt.ItemDataRole.AccessibleTextRole), spoken(node))
            items[node.id] = item
        for key, item in items.items():
            item.setExpanded(key not in self._folds)
        if current in items:
            self.tree.setCurrentItem(items[current])
        bar.setValue(at)
        self._filling = False

    def set_shown(self, key: str) -> None:
        """The scene on the page."""
        self.tree.shown = key
        item = self.tree.item_of(key)
        if item is not None:
            self.tree.setCurrentItem(item)
        self.tree.viewport().update()

    def set_words(self, key: str, words: int) -> None:
        """The scene on the page has so many words by now."""
        item = self.tree.item_of(key)
        node = self.tree.node_at(item)
        if item is None or node is None or node.words == words:
            return
        from dataclasses import replace

        by = words - node.words
        while item is not None:
            above = self.tree.node_at(item)
            if above is not None:
                item.setData(0, NODE, replace(above, words=above.words + by))
            item = item.parent()
        self.tree.viewport().update()

    def set_today(self, words: int, goal: int) -> None:
        self._count.setText(f"{words:,} of {goal:,} words" if goal else f"{words:,} words")
        self.goal.setVisible(goal > 0)
        self.goal.set_share(words / goal if goal else 0)

    def _fold(self, item: QTreeWidgetItem, folded: bool) -> None:
        if not self._filling:
            key = item.data(0, KEY)
            self._folds = self._folds | {key} if folded else self._folds - {key}
            self.folded.emit(sorted(self._folds))

    # ------------------------------------------------------------ menus

    def _show_add(self, anchor: QWidget) -> None:
        menu = Menu(self.theme, "Add", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind, icon in (("scene", "file-text"), ("chapter", "bookmark-simple"), ("part", "books")):
            action = menu.addAction(self.theme.icons.icon(icon), f"New {kind}")
            action.triggered.connect(lambda _=False, k=kind: self.add_asked.emit(k))
        menu.popup(anchor.mapToGlobal(QPoint(0, anchor.height() + 2)))

    def _show_more(self, anchor: QWidget) -> None:
        menu = Menu(self.theme, "Outline", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Fold all").triggered.connect(self.tree.collapseAll)
        menu.addAction("Unfold all").triggered.connect(self.tree.expandAll)
        self.menu_asked.emit(menu)
        menu.popup(anchor.mapToGlobal(QPoint(0, anchor.height() + 2)))


def _line(theme: Theme) -> QWidget:
    from studio.ui.widgets import Separator

    return Separator(theme)
