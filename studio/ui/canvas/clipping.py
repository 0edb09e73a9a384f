"""Select all or nothing, clear, and the clipboard."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from studio.project.paint.edit import clear
from studio.project.paint.selecting import invert, select_all, select_none
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.making import copied


class Clipping(QObject):
    """What the keys and the palette do with the selection and the layer in hand."""

    def __init__(self, document: CanvasDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document

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
