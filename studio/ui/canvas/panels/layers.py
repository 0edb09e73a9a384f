"""The Layers tab: blend mode and opacity, the list, and its buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.project.paint.blend import BLEND_MODES
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.panels import layerops as ops
from studio.ui.canvas.panels.layercommands import LayerCommands
from studio.ui.canvas.panels.layerlist import LayerList
from studio.ui.canvas.panels.layermenu import layer_menu
from studio.ui.canvas.panels.steering import SteeringForm
from studio.ui.canvas.panels.thumbs import Thumbs
from studio.ui.surface import Surface
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.notices import EmptyState
from studio.ui.widgets.number import SliderField
from studio.ui.widgets.popup import Menu, Popup

NO_LAYER = "Choose a layer first."
FIELDS = {"eye": ("visible", "Hide", "Show"), "lock": ("locked", "Unlock", "Lock"),
          "alpha": ("alpha_locked", "Unlock transparency", "Lock transparency"), "fold": ("folded", "Unfold", "Fold")}
"""Part of a row: the field it switches, and the label for off and on (for the eye: on means shown)."""


class LayersPanel(QWidget):
    """The layers of a document. `commands.do("duplicate", panel.list.selected())` serves menus and keys elsewhere."""

    improve_asked = Signal(QPoint)
    """The button Improve was pressed: where its menu should end, in global px."""

    def __init__(self, theme: Theme, document: CanvasDocument, thumbs: Thumbs | None = None,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.document = theme, document
        self.setAccessibleName("Layers")
        self.thumbs = thumbs if thumbs is not None else Thumbs(self)
        self.commands = LayerCommands(document)
        self.list = LayerList(theme, self.thumbs, document.picture)
        self._controls: tuple[str, ...] = ()
        self._regions = False
        self.extend_menu: Callable[[Menu], object] = lambda _: None
        """Adds to the menu of a layer what others do with it."""
        self._build()
        self._connect()
        self.refresh()

    # ------------------------------------------------------------ building

    def _build(self) -> None:
        theme = self.theme
        self.blend = Choice(theme, "Blend mode", [Option(mode.id, mode.title) for mode in BLEND_MODES], key="normal")
        self.blend.setFixedWidth(theme.dp(104))
        self.opacity = SliderField(theme, "Opacity", 0, 100, value=100, step=1, whole=True, unit="%", default=100)
        top = QHBoxLayout()
        top.setContentsMargins(12, 6, 12, 6)
        top.setSpacing(8)
        top.addWidget(self.blend)
        top.addWidget(self.opacity, 1)
        self.empty = EmptyState(theme, "Layers appear here: add one to paint on, or drop a picture on the canvas.",
                                "New layer", icon="plus")
        self.pages = QStackedWidget()
        self.pages.addWidget(self.list)
        self.pages.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.pages, 1)
        column.addWidget(self._build_foot())

    def _build_foot(self) -> QWidget:
        theme = self.theme
        foot = Surface(theme, "panel", "top")
        row = QHBoxLayout(foot)
        row.setContentsMargins(8, 5, 8, 5)
        row.setSpacing(4)
        self.buttons: dict[str, IconButton] = {}
        for command, icon, name, key in (("add", "plus", "New layer", ""), ("add-group", "folder", "New group", ""),
                                         ("mask", "selection-slash", "Add mask", ""),
                                         ("clip", "arrow-elbow-left-down", "Clip to the layer below", ""),
                                         ("improve", "sparkle", "Improve the layer or the canvas", ""),
                                         ("", "", "", ""),
                                         ("duplicate", "copy", "Duplicate layer", "Ctrl+J"),
                                         ("delete", "trash", "Delete layer", "Del")):
            if not command:
                row.addStretch(1)
                continue
            button = IconButton(theme, icon, name, key=key, checkable=command == "clip")
            button.clicked.connect(lambda _=False, c=command: self.do(c))
            row.addWidget(button)
            self.buttons[command] = button
        return foot

    def _connect(self) -> None:
        document, rows = self.document, self.list
        document.layers_changed.connect(self.refresh)
        document.active_changed.connect(lambda _: self.refresh())
        document.committed.connect(lambda *_: self.refresh())
        document.selection_changed.connect(self._show_buttons)
        rows.chosen.connect(document.set_active)
        rows.clicked_part.connect(self._clicked)
        rows.renamed.connect(lambda key, name: self.commands.set_props("Rename", [key], name=name))
        rows.moved.connect(self._moved)
        rows.commanded.connect(self.do)
        rows.menu_asked.connect(self._show_menu)
        self.empty.activated.connect(lambda: self.do("add"))
        self.blend.chosen.connect(self._set_blend)
        self.opacity.value_changed.connect(self._set_opacity)
        self.opacity.slider.sliderReleased.connect(self._keep_opacity)
        self.setFocusProxy(self.list)

    # ------------------------------------------------------------ what others tell

    def set_live(self, layer: str) -> None:
        """The layer that Live paints on gets the tag "Live"; "" for none."""
        self.list.set_live(layer)

    def set_steering(self, regions: bool, controls: Sequence[str]) -> None:
        """What the generator in front can take from layers: prompts of their own, and "edges", "pose", "reference"."""
        self._regions, self._controls = regions, tuple(controls)

    def do(self, command: str) -> None:
        """A command of the menu, the buttons or the keys, on the selected layers."""
        if command == "rename":
            self.list.rename(self.document.picture.active)
        elif command == "steer":
            self.show_steering()
        elif command == "improve":
            self.improve_asked.emit(self.buttons["improve"].mapToGlobal(QPoint(0, -4)))
        elif command in ("fold", "unfold") and not self._can_fold(command == "fold"):
            self._leave_group(command == "fold")
        else:
            self.commands.do(command, self.list.selected())

    def close_panel(self) -> None:
        """End the threads."""
        self.thumbs.close()

    # ------------------------------------------------------------ showing

    def refresh(self) -> None:
        """Follow the document. While a stroke is under way, rows follow what they say; thumbnails when it is over."""
        document = self.document
        self.list.show_picture(document.shown, document.picture)
        self.list.set_painting_mask(document.painting_mask)
        self.pages.setCurrentIndex(0 if document.shown.layers else 1)
        layer = document.active
        for widget in (self.blend, self.opacity):
            widget.setEnabled(layer is not None)
        if layer is not None:
            self.blend.set_key(layer.blend)
            if not self.opacity.slider.isSliderDown():
                self.opacity.set_value(round(layer.opacity * 100))
        self._show_buttons()

    def _show_buttons(self) -> None:
        layer, buttons = self.document.active, self.buttons
        buttons["mask"].set_available(layer is not None and layer.mask is None,
                                      NO_LAYER if layer is None else "The layer has a mask")
        buttons["mask"].set_name("Add mask from the selection" if self.document.picture.selection else "Add mask")
        buttons["clip"].set_available(layer is not None, NO_LAYER)
        buttons["clip"].blockSignals(True)
        buttons["clip"].setChecked(layer is not None and layer.clipped)
        buttons["clip"].blockSignals(False)
        buttons["duplicate"].set_available(layer is not None, NO_LAYER)
        locked = layer is not None and layer.locked
        buttons["delete"].set_available(layer is not None and not locked,
                                        "The layer is locked" if locked else NO_LAYER)

    # ------------------------------------------------------------ from the list

    def _clicked(self, key: str, part: str, modifiers: Qt.KeyboardModifier) -> None:
        layer = self.document.picture.find(key)
        if layer is None:
            return
        if part in ("thumbnail", "mask"):
            self._clicked_target(key, part, modifiers)
        elif part == "eye" and modifiers & Qt.KeyboardModifier.AltModifier:
            self.document.edit("Show alone", lambda picture: ops.solo(picture, key))
        else:
            name, off, on = FIELDS[part]
            now = not getattr(layer, name)
            chosen = self.list.selected()
            ids = chosen if key in chosen and part != "fold" else [key]
            self.document.edit(on if now else off, lambda picture: ops.set_all(picture, ids, **{name: now}))

    def _clicked_target(self, key: str, part: str, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            what = "mask" if part == "mask" else "pixels"
            self.document.run("Select", lambda picture: ops.select_layer(picture, key, what))
            return
        self.document.set_active(key)
        if part == "mask" and modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.commands.do("mask-toggle", [key])
        else:
            self.document.set_painting_mask(part == "mask")

    def _moved(self, ids: list[str], parent: str, index: int) -> None:
        label = "Move layers" if len(ids) > 1 else "Move layer"
        self.document.edit(label, lambda picture: ops.move_all(picture, ids, parent, index))

    def _show_menu(self, at: QPoint) -> None:
        self.menu(self).popup(at)

    def menu(self, parent: QWidget) -> Menu:
        """All that can be done with the selected layers."""
        menu = layer_menu(self.theme, self.document.active, len(self.list.selected()), self.do, parent,
                          steerable=self._regions or bool(self._controls))
        self.extend_menu(menu)
        return menu

    def _can_fold(self, fold: bool) -> bool:
        layer = self.document.active
        return layer is not None and layer.kind == "group" and layer.folded != fold

    def _leave_group(self, fold: bool) -> None:
        """Left on a layer goes to its group, right on an open group to its first layer."""
        picture, layer = self.document.picture, self.document.active
        if layer is None:
            return
        if fold and picture.parent(layer.id):
            self.document.set_active(picture.parent(layer.id))
        elif not fold and layer.children:
            self.document.set_active(layer.children[-1].id)

    def show_steering(self) -> None:
        """The popup in which a layer gets a prompt of its own, or steers the generator."""
        layer = self.document.active
        if layer is None:
            return
        form = SteeringForm(self.theme, layer, self._regions, self._controls)
        form.changed.connect(lambda changes: self.commands.set_props("Prompt and control", [layer.id], **changes))
        Popup(self.theme, self.list, form, place="centre", width=self.theme.dp(320), margins=12, keep=False).open()

    # ------------------------------------------------------------ blend mode and opacity

    def _set_blend(self, mode: str) -> None:
        self.commands.set_props("Blend mode", self.list.selected(), blend=mode)

    def _set_opacity(self, value: float) -> None:
        ids, picture = self.list.selected(), self.document.picture
        if self.opacity.slider.isSliderDown():  # the whole drag is one step
            self.document.preview(ops.set_all(picture, ids, opacity=value / 100))
        else:
            self.commands.set_props("Opacity", ids, "opacity", opacity=value / 100)

    def _keep_opacity(self) -> None:
        value = self.opacity.value() / 100
        layer = self.document.picture.active_layer
        if layer is not None and layer.opacity != value:
            self.commands.set_props("Opacity", self.list.selected(), opacity=value)
        else:
            self.document.preview(None)
