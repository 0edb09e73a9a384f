"""The Colour tab: wheel, sliders, hex, swatches and recent colours, for the foreground or the background."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from studio.ui.canvas.panels.channels import ChannelRows, hsv_colour, hsv_of
from studio.ui.canvas.panels.swatches import SwatchGrid, hex_of
from studio.ui.canvas.panels.targets import TargetPair
from studio.ui.canvas.panels.wheel import ColourWheel, Hsv
from studio.ui.canvas.toolstate import SWATCHES, ToolState
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.popup import Menu
from studio.ui.widgets.segmented import Segmented
from studio.ui.widgets.text import TextField


class ColourEditor(QWidget):
    """Wheel, hex and sliders over `state`'s foreground or background.

    While a handle is dragged the colour is the state's already; nothing needs an "OK".
    """

    target_changed = Signal(str)

    def __init__(self, theme: Theme, state: ToolState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.state = theme, state
        self.target = "foreground"
        self._hsv: Hsv = (0.0, 0.0, 0.0)
        self.setAccessibleName("Colour")
        self._build()
        self.wheel.picking.connect(self._take_hsv)
        self.wheel.picked.connect(self._take_hsv)
        for rows in (self.hsv_rows, self.rgb_rows):
            rows.picking.connect(self._take)
            rows.picked.connect(self._take)
        self.hex.editingFinished.connect(self._typed)
        self.pair.chosen.connect(self.set_target)
        self.swap.clicked.connect(state.swap_colours)
        self.reset.clicked.connect(state.reset_colours)
        self.model.changed.connect(lambda key: self.rows.setCurrentIndex(0 if key == "hsv" else 1))
        state.changed.connect(self._state_changed)
        self.refresh()

    def _build(self) -> None:
        theme = self.theme
        self.wheel = ColourWheel(theme)
        self.pair = TargetPair(theme)
        self.swap = IconButton(theme, "arrows-left-right", "Swap foreground and background", key="X")
        self.reset = IconButton(theme, "circle-half", "Black and white", key="D")
        self.hex = TextField(theme, "Hex", role="mono")
        self.hex.setMaxLength(9)
        self.model = Segmented(theme, "Sliders", [("hsv", "HSV"), ("rgb", "RGB")], stretch=True)
        self.model.set_current("hsv")
        self.hsv_rows, self.rgb_rows = ChannelRows(theme, "hsv"), ChannelRows(theme, "rgb")
        self.rows = QStackedWidget()
        self.rows.addWidget(self.hsv_rows)
        self.rows.addWidget(self.rgb_rows)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.swap)
        buttons.addWidget(self.reset)
        buttons.addStretch(1)
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addWidget(self.pair)
        side.addLayout(buttons)
        side.addStretch(1)
        side.addWidget(self.hex)
        side.addWidget(self.model)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.wheel, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.rows)
        self.setFocusProxy(self.wheel)

    def set_target(self, target: str) -> None:
        """Edit the "foreground" or the "background"."""
        if target != self.target:
            self.target = target
            self.refresh()
            self.target_changed.emit(target)

    def colour(self) -> QColor:
        return self.state.foreground if self.target == "foreground" else self.state.background

    def refresh(self) -> None:
        colour = self.colour()
        self._hsv = hsv_of(colour, self._hsv)
        self.wheel.set_hsv(self._hsv)
        self.hsv_rows.show_colour(colour, self._hsv)
        self.rgb_rows.show_colour(colour, self._hsv)
        if not self.hex.hasFocus() or not self.hex.isModified():
            self.hex.setText(hex_of(colour))
        self.hex.set_invalid(False)
        self.pair.show_colours(self.state.foreground, self.state.background, self.target)

    # ------------------------------------------------------------ inside

    def _state_changed(self, name: str) -> None:
        if name in ("foreground", "background"):
            self.refresh()

    def _take_hsv(self, hsv: Hsv) -> None:
        self._take(hsv_colour(hsv), hsv)

    def _take(self, colour: QColor, hsv: Hsv | None) -> None:
        if hsv is not None:
            self._hsv = hsv
        put = self.state.set_foreground if self.target == "foreground" else self.state.set_background
        same = colour.rgb() == self.colour().rgb()
        put(QColor.fromRgb(colour.rgb()))
        if same:
            self.refresh()  # another hue of the same grey: the marks move all the same

    def _typed(self) -> None:
        text = self.hex.text().strip()
        colour = QColor(text if text.startswith("#") else f"#{text}")
        if not colour.isValid():
            colour = QColor(text)  # a name such as "teal"
        self.hex.setModified(False)
        if colour.isValid():
            self._take(colour, None)
            self.hex.setText(hex_of(self.colour()))
        else:
            self.hex.set_invalid(True)
            self.hex.setToolTip("A colour is written as #RRGGBB")


class ColoursPanel(QScrollArea):
    """The editor with swatches and recent colours below it."""

    def __init__(self, theme: Theme, state: ToolState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.state = theme, state
        self.setAccessibleName("Colour")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.editor = ColourEditor(theme, state)
        self.recent = SwatchGrid(theme, "Recent colours", most_rows=1)
        self.swatches = SwatchGrid(theme, "Swatches", removable=True)
        self.add = IconButton(theme, "plus", "Add the colour to the swatches")
        self.more = IconButton(theme, "dots-three", "More on swatches")
        self._build()
        for grid in (self.recent, self.swatches):
            grid.picked.connect(self._picked)
        self.swatches.removed.connect(self._remove)
        self.add.clicked.connect(self._add)
        self.more.clicked.connect(lambda: self.swatch_menu().popup(
            self.more.mapToGlobal(self.more.rect().bottomLeft())))
        self.editor.target_changed.connect(lambda _: self.refresh())
        state.changed.connect(lambda name: self.refresh() if name in (
            "foreground", "background", "recent", "swatches") else None)
        self.setFocusProxy(self.editor)
        self.refresh()

    def _build(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(4)
        column.addWidget(self.editor)
        column.addSpacing(8)
        self.recent_title = Label(self.theme, "Recent", "body", "t2")
        column.addWidget(self.recent_title)
        column.addWidget(self.recent)
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(Label(self.theme, "Swatches", "body", "t2"), 1)
        head.addWidget(self.add)
        head.addWidget(self.more)
        column.addLayout(head)
        column.addWidget(self.swatches)
        column.addStretch(1)
        self.setWidget(page)

    def refresh(self) -> None:
        state, colour = self.state, self.editor.colour()
        self.recent.set_colours([QColor(name) for name in state.recent])
        self.swatches.set_colours([QColor(name) for name in state.swatches])
        for grid in (self.recent, self.swatches):
            grid.mark(colour)
        for widget in (self.recent, self.recent_title):
            widget.setVisible(bool(state.recent))
        self.add.set_available(colour.name() not in state.swatches, "The colour is a swatch already")

    def swatch_menu(self) -> Menu:
        """What can be done with all swatches."""
        menu = Menu(self.theme, "Swatches", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Restore the default swatches").triggered.connect(lambda: self.state.set_swatches(SWATCHES))
        menu.addAction("Remove all swatches").triggered.connect(lambda: self.state.set_swatches(()))
        return menu

    def _picked(self, colour: QColor, background: bool) -> None:
        other = {"foreground": "background", "background": "foreground"}
        target = other[self.editor.target] if background and self.editor.target == "foreground" else self.editor.target
        (self.state.set_foreground if target == "foreground" else self.state.set_background)(colour)

    def _add(self) -> None:
        self.state.set_swatches((*self.state.swatches, self.editor.colour().name()))

    def _remove(self, place: int) -> None:
        kept: list[Any] = list(self.state.swatches)
        del kept[place]
        self.state.set_swatches(tuple(kept))
