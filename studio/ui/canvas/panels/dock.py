"""The lower half of the inspector: Layers, Masks, Colour and History of the open canvas."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout

from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.panels.colours import ColoursPanel
from studio.ui.canvas.panels.history import HistoryPanel
from studio.ui.canvas.panels.layers import LayersPanel
from studio.ui.canvas.panels.masks import MasksPanel
from studio.ui.canvas.panels.thumbs import Thumbs
from studio.ui.canvas.toolstate import ToolState
from studio.ui.surface import Surface
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.segmented import TabBar

TABS = [("layers", "Layers"), ("masks", "Masks"), ("colour", "Colour"), ("history", "History")]


class StructureDock(Surface):
    """What the canvas is made of. Panels follow the document by themselves."""

    def __init__(self, theme: Theme, document: CanvasDocument, state: ToolState) -> None:
        super().__init__(theme, "panel", "top")
        self.document = document
        self.thumbs = Thumbs(self)
        self.layers = LayersPanel(theme, document, self.thumbs)
        self.masks = MasksPanel(theme, document, state, self.thumbs)
        self.colours = ColoursPanel(theme, state)
        self.history = HistoryPanel(theme, document)
        self.tabs = TabBar(theme, "Canvas panels", TABS)
        self.more = IconButton(theme, "dots-three", "More on layers")
        self.tabs.add_corner(self.more)
        self.pages = QStackedWidget()
        for page in (self.layers, self.masks, self.colours, self.history):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 1, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.pages, 1)
        self.setAccessibleName("Canvas panels")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.tabs.changed.connect(self.show_tab)
        self.more.clicked.connect(self._show_menu)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.theme.dp(396))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.theme.dp(196))

    def tab(self) -> str:
        return self.tabs.current()

    def show_tab(self, tab: str) -> None:
        """Bring "layers", "masks", "colour" or "history" to the front."""
        place = next((n for n, (key, _) in enumerate(TABS) if key == tab), -1)
        if place >= 0:
            self.tabs.set_current(tab)
            self.pages.setCurrentIndex(place)
            self.more.setVisible(tab == "layers")

    def close_panels(self) -> None:
        """End the threads behind the thumbnails."""
        self.thumbs.close()

    def _show_menu(self) -> None:
        menu = self.layers.menu(self)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
