"""The tool strip at the left: the tools of the workspace in front, settings at the foot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from studio.ui.surface import Surface
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import ToolButton
from studio.ui.widgets.labels import Separator


class ToolLike(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def icon(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def key(self) -> str: ...


class ToolStrip(Surface):
    """44 px wide; exclusive tool buttons, and the buttons in `foot` at the bottom."""

    picked = Signal(str)

    def __init__(self, theme: Theme, tools: Sequence[ToolLike], foot: Sequence[QWidget] = (),
                 parent: QWidget | None = None) -> None:
        super().__init__(theme, "chrome", "right", parent)
        self.setFixedWidth(44)
        self.setAccessibleName("Tools")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 8, 6, 8)
        column.setSpacing(4)
        self._buttons: dict[str, ToolButton] = {}
        group = QButtonGroup(self)
        for tool in tools:
            if getattr(tool, "separated", False):
                column.addWidget(Separator(theme, length=20, tone="line2"), alignment=Qt.AlignmentFlag.AlignHCenter)
            button = ToolButton(theme, tool.icon, tool.name, key=tool.key)
            button.clicked.connect(lambda _=False, name=tool.id: self.picked.emit(name))
            group.addButton(button)
            column.addWidget(button)
            self._buttons[tool.id] = button
        column.addStretch(1)
        for widget in foot:
            column.addWidget(widget)

    def show_tool(self, tool: str) -> None:
        if tool in self._buttons:
            self._buttons[tool].setChecked(True)
