"""Select all or nothing, clear, and the clipboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from studio.project.paint.edit import clear
from studio.project.paint.selecting import invert, select_all, select_none
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.making import copied
from studio.ui.theme import Theme
from studio.ui.widgets.popup import Menu


class Clipping(QObject):
    """What the keys and the palette do with the selection and the layer in hand."""

    def __init__(self, document: CanvasDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document

    def menu(self, theme: Theme, paste: Callable[[], object], parent: QWidget) -> Menu:
        """What a right click offers."""
        menu = Menu(theme, "Canvas", parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picture = self.document.picture
        rows: list[tuple[str, str, Callable[[], object], bool]] = [
            ("Cut", "Ctrl+X", self.cut, bool(picture.active)), ("Copy", "Ctrl+C", self.copy, bool(picture.active)),
            ("Copy what is seen", "Ctrl+Shift+C", lambda: self.copy(merged=True), True),
            ("Paste", "Ctrl+V", paste, True), ("Clear", "Del", self.clear, bool(picture.active)), ("", "", paste, True),
            ("Select all", "Ctrl+A", self.select_everything, True),
            ("Deselect", "Ctrl+D", self.select_nothing, picture.selection is not None),
            ("Invert selection", "Ctrl+Shift+I", self.invert_selection, picture.selection is not None)]
        for words, key, run, possible in rows:
            if not words:
                menu.addSeparator()
                continue
            action = menu.addAction(f"{words}\t{key}")
            action.setEnabled(possible)
            action.triggered.connect(lambda _=False, what=run: what())
        return menu

    def select_everything(self) -> None:
        self.document.edit("Select all", select_all)

    def select_nothing(self) -> bool:
        """Take the selection away; whether there was one."""
        if self.document.picture.selection is None:
            return False
        return self.document.edit("Deselect", select_none)

    def invert_selection(self) -> None:
        self.document.run("Invert selection", invert)

    def clear(self) -> None:
        """Delete what is selected of the active layer, or all that is on it."""
        self.document.edit("Clear", lambda picture: clear(picture, picture.active))

    def copy(self, merged: bool = False) -> bool:
        """Put the active layer (or all of them) inside the selection onto the clipboard."""
        image = copied(self.document.picture, merged=merged)
        if image is None:
            self.document.refused.emit("There is nothing to copy here.")
            return False
        QGuiApplication.clipboard().setImage(image)
        return True

    def cut(self) -> None:
        if self.copy():
            self.document.edit("Cut", lambda picture: clear(picture, picture.active))
