"""The bar of the text tool."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QWidget

from studio.ui.canvas.bars.base import ToolBar
from studio.ui.theme import Theme
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.segmented import Segment


class FontChoice(Choice):
    """The installed families, read when the list is opened first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Font", parent=parent)
        self._read = False

    def show_family(self, family: str) -> None:
        if not self.set_key(family):
            self.set_options([Option(family), *(Option(self.itemText(row)) for row in range(self.count()))])
            self.set_key(family)

    def showPopup(self) -> None:
        if not self._read:
            self._read = True
            now = self.key()
            families = {name for name in QFontDatabase.families() if not name.startswith((".", "@"))} | {now}
            self.set_options([Option(name) for name in sorted(families, key=str.casefold)])
            self.set_key(now)
        super().showPopup()


class TextBar(ToolBar):
    def build(self) -> None:
        read, write = self.option("family")
        self.font_choice = FontChoice(self.theme)
        self.font_choice.setFixedWidth(self.theme.dp(148))
        self.font_choice.chosen.connect(write)
        self.bind(lambda: self.font_choice.show_family(read()))
        self.add(self.font_choice)
        field = self.add_slider("Size", *self.option("size"), 4, 400, unit="px", curve=2.0, width=72)
        field.box.maximum = 2000
        self.add_toggle("text-b", "Bold", *self.option("bold"))
        self.add_toggle("text-italic", "Italic", *self.option("italic"))
        self.add_segments("Alignment", [
            Segment("left", "", "text-align-left", name="Align left"),
            Segment("center", "", "text-align-center", name="Centre"),
            Segment("right", "", "text-align-right", name="Align right")], *self.option("align"))
        self.add_colour()
        self.add_slider("Line height", *self.option("line_height", 100), 50, 400, unit="%", default=100, width=64)
