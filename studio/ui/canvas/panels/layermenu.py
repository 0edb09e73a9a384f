"""The menu of a layer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from studio.project.paint.layer import Layer
from studio.ui.theme import Theme
from studio.ui.widgets.popup import Menu

Do = Callable[[str], object]

Entry = tuple[str, str, str]
"""Command, title and key; an empty command is a line between groups."""
LINE: Entry = ("", "", "")


def entries_for(layer: Layer | None, count: int, steerable: bool) -> list[Entry]:
    """What can be done with `count` selected layers of which `layer` is the active one."""
    entries: list[Entry] = [("add", "New layer", ""), ("add-group", "New group", "")]
    if layer is None:
        return entries
    entries += [LINE, ("duplicate", "Duplicate", "Ctrl+J"), ("delete", "Delete", "Del"), ("rename", "Rename", "F2"),
                LINE, ("group", "Group", "Ctrl+G")]
    if layer.kind == "group":
        entries += [("ungroup", "Ungroup", "Ctrl+Shift+G"), ("rasterize", "Merge group", "")]
    if layer.kind == "text":
        entries += [("rasterize", "Turn text into pixels", "")]
    if count == 1:
        entries += [("merge-down", "Merge down", "")]
    entries += [("merge-visible", "Merge visible", ""), ("flatten", "Flatten picture", ""), LINE]
    entries += [("lock", "Unlock" if layer.locked else "Lock", "")]
    if layer.kind != "group":
        entries += [("alpha", "Unlock transparency" if layer.alpha_locked else "Lock transparency", "")]
    entries += [("clip", "Release from the layer below" if layer.clipped else "Clip to the layer below", ""),
                ("select", "Select its pixels", ""), LINE]
    entries += mask_entries(layer)
    if steerable:
        entries += [LINE, ("steer", "Prompt and control…", "")]
    return entries


def mask_entries(layer: Layer) -> list[Entry]:
    """What can be done with a layer's mask."""
    if layer.mask is None:
        return [("mask", "Add mask", ""), ("mask-hide", "Add mask that hides the selection", "")]
    entries: list[Entry] = [("mask-toggle", "Turn mask off" if layer.mask_on else "Turn mask on", ""),
                            ("mask-invert", "Invert mask", ""), ("mask-select", "Select by mask", "")]
    if layer.kind == "pixels":
        entries += [("mask-apply", "Apply mask", "")]
    return [*entries, ("mask-delete", "Delete mask", "")]


def layer_menu(theme: Theme, layer: Layer | None, count: int, do: Do, parent: QWidget, *,
               steerable: bool = False) -> Menu:
    """A menu whose entries call `do` with their command; it goes when it is closed."""
    menu = Menu(theme, "Layer", parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for command, title, key in entries_for(layer, count, steerable):
        if not command:
            menu.addSeparator()
            continue
        keys = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        action = menu.addAction(f"{title}\t{keys}" if keys else title)
        action.setObjectName(command)
        action.triggered.connect(lambda _=False, c=command: do(c))
    return menu
