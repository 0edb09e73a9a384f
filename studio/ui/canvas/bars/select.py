"""The bars of the selection tools."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from studio.project.paint import selecting
from studio.project.paint.picture import Picture
from studio.ui.canvas.bars.base import ToolBar
from studio.ui.canvas.bars.fields import PopupButton
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.number import NumberField
from studio.ui.widgets.segmented import Segment

MODES = [
    Segment("replace", "", "selection", name="New selection"),
    Segment("add", "", "unite", "Shift", name="Add to the selection"),
    Segment("subtract", "", "subtract", "Alt", name="Subtract from the selection"),
    Segment("intersect", "", "intersect", "Shift+Alt", name="Intersect with the selection"),
]
NOTHING = "Nothing is selected"


class ModifyForm(QWidget):
    """Feather, grow, shrink and border by so many pixels. Signal ``asked(str, float)``."""

    asked = Signal(str, float)
    delete_on_close = True

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Change the selection")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        self.fields: dict[str, NumberField] = {}
        self.buttons: dict[str, PushButton] = {}
        for row, (what, value) in enumerate((("feather", 8), ("grow", 4), ("shrink", 4), ("border", 4))):
            title = what.capitalize()
            field = NumberField(theme, f"{title} by", minimum=1, maximum=500, value=value, whole=True, unit="px")
            field.setFixedWidth(theme.dp(88))
            button = PushButton(theme, title)
            button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed)
            button.clicked.connect(lambda _=False, w=what, f=field: self.asked.emit(w, f.value()))
            grid.addWidget(button, row, 0)
            grid.addWidget(field, row, 1)
            self.fields[what], self.buttons[what] = field, button
        self.setFocusProxy(self.fields["feather"])


CHANGES: dict[str, tuple[str, Callable[[Picture, float], Picture]]] = {
    "feather": ("Feather selection", selecting.feather),
    "grow": ("Grow selection", selecting.grow),
    "shrink": ("Shrink selection", lambda picture, by: selecting.grow(picture, -by)),
    "border": ("Border of the selection", selecting.border),
}


class SelectBar(ToolBar):
    """How the next selection goes with the present one, and what can be done with that."""

    def build(self) -> None:
        self.add_segments("Selection mode", MODES, *self.option("mode"))
        self.add_slider("Feather", *self.option("feather"), 0, 200, unit="px", curve=2.0, width=72)
        self.build_more()
        self.add_line()
        self.all = self.add_button("All", "selection-all", self._all, key="Ctrl+A")
        self.none = self.add_button("None", "selection-slash", self._none, key="Ctrl+Shift+A")
        self.invert = self.add_button("Invert", "selection-inverse", self._invert, key="Ctrl+Shift+I")
        self.modify = PopupButton(self.theme, "Change", self._modify_form, icon="sliders-horizontal",
                                  name="Feather, grow, shrink or border", width=230)
        self.add(self.modify)
        self.to_mask = self.add_button("To mask", "mask-brush", self._to_mask)
        self.document.selection_changed.connect(self._show_selection)
        self._show_selection()

    def build_more(self) -> None:
        self.add_check("Smooth edges", *self.option("antialias"))

    def _show_selection(self) -> None:
        some = self.document.picture.selection is not None
        for button in (self.none, self.modify, self.to_mask):
            button.set_available(some, NOTHING)

    def _all(self) -> None:
        self.document.edit("Select all", selecting.select_all)

    def _none(self) -> None:
        self.document.edit("Select none", selecting.select_none)

    def _invert(self) -> None:
        self.document.run("Invert selection", selecting.invert)

    def _to_mask(self) -> None:
        self.document.edit("Mask from selection", lambda p: selecting.select_plane(p, p.selection, "add", "mask"))

    def _modify_form(self) -> QWidget:
        form = ModifyForm(self.theme)
        form.asked.connect(self.change)
        return form

    def change(self, what: str, by: float) -> None:
        """"feather", "grow", "shrink" or "border" the selection by so many pixels."""
        label, change = CHANGES[what]
        self.document.run(label, lambda picture: change(picture, by))


class WandBar(SelectBar):
    """What counts as alike."""

    def build_more(self) -> None:
        self.add_slider("Tolerance", *self.option("tolerance"), 0, 255, default=32, width=72)
        self.add_check("Contiguous", *self.option("contiguous"), "Only pixels that touch each other")
        self.add_check("All layers", *self.option("all_layers"), "Look at what is seen, not at the active layer alone")
