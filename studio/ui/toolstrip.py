"""The tool strip at the left: the tools of the workspace in front, colours and settings at the foot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from studio.ui.surface import Surface
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import ToolButton
from studio.ui.widgets.labels import Separator
from studio.ui.widgets.popup import Menu

HOLD_MS = 350
"""A press as long as this opens the other tools of the slot."""


class ToolLike(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def icon(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def key(self) -> str: ...


class ToolSlot(ToolButton):
    """One tool, or several that share a place: a click takes the one shown; a long press, the right button or the
    right arrow key offers all. Signal ``picked(str)``."""

    picked = Signal(str)

    def __init__(self, theme: Theme, tools: Sequence[ToolLike], parent: QWidget | None = None) -> None:
        first = tools[0]
        super().__init__(theme, first.icon, first.name, key=first.key, more=len(tools) > 1, parent=parent)
        self.tools, self.shown = list(tools), first.id
        self._hold = QTimer(self, singleShot=True, interval=HOLD_MS)
        self._hold.timeout.connect(self.show_family)
        self.clicked.connect(lambda: self.picked.emit(self.shown))

    def show_tool(self, tool: str) -> bool:
        """Show one of its tools as the one a click takes; False where it has none of this id."""
        found = next((t for t in self.tools if t.id == tool), None)
        if found is not None and found.id != self.shown:
            self.shown = found.id
            self.set_icon(found.icon)
            self.set_name(found.name, found.key)
        return found is not None

    def family_menu(self) -> Menu:
        """All tools of the slot, with their keys."""
        menu = Menu(self.theme, self.accessibleName(), self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for tool in self.tools:
            title = f"{tool.name}\t{tool.key}" if tool.key else tool.name
            action = menu.addAction(self.theme.icons.icon(tool.icon), title)
            action.triggered.connect(lambda _=False, t=tool.id: self.picked.emit(t))
        return menu

    def show_family(self) -> None:
        self.setDown(False)
        if self.more:
            self.family_menu().popup(self.mapToGlobal(QPoint(self.width() + 4, 0)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if self.more and event.button() == Qt.MouseButton.LeftButton:
            self._hold.start()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._hold.stop()
        super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._hold.stop()
        self.show_family()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.more and event.key() == Qt.Key.Key_Right:
            self.show_family()
        else:
            super().keyPressEvent(event)


def slots_of(tools: Sequence[ToolLike]) -> list[list[ToolLike]]:
    """Tools with the same `group` share a slot, at the place of the first of them."""
    slots: dict[str, list[ToolLike]] = {}
    for tool in tools:
        slots.setdefault(getattr(tool, "group", "") or tool.id, []).append(tool)
    return list(slots.values())


class ToolStrip(Surface):
    """44 px wide; `heads` at the top, exclusive tool buttons, and the buttons in `foot` at the bottom."""

    picked = Signal(str)

    def __init__(self, theme: Theme, tools: Sequence[ToolLike], foot: Sequence[QWidget] = (),
                 heads: Sequence[QWidget] = (), parent: QWidget | None = None) -> None:
        super().__init__(theme, "chrome", "right", parent)
        self.setFixedWidth(44)
        self.setAccessibleName("Tools")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 8, 6, 8)
        column.setSpacing(4)
        self.slots: list[ToolSlot] = []
        group = QButtonGroup(self)
        for widget in heads:
            column.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        for family in slots_of(tools):
            if getattr(family[0], "separated", False):
                column.addWidget(Separator(theme, length=20, tone="line2"), alignment=Qt.AlignmentFlag.AlignHCenter)
            slot = ToolSlot(theme, family)
            slot.picked.connect(self.picked)
            group.addButton(slot)
            column.addWidget(slot)
            self.slots.append(slot)
        column.addStretch(1)
        for widget in foot:
            column.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)

    def show_tool(self, tool: str) -> None:
        """Mark a tool as the one in hand; its slot shows it from now on."""
        for slot in self.slots:
            if slot.show_tool(tool):
                slot.setChecked(True)
