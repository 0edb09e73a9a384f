"""The bars of the tools that look around: frame, hand and zoom."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal

from studio.ui.canvas.bars.base import ToolBar
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.number import NumberField


class FrameBar(ToolBar):
    """The size of the generation frame. `show_frame` tells what it is and may be."""

    tone = "iris"
    size_chosen = Signal(int, int)
    sizes_asked = Signal()

    def build(self) -> None:
        theme = self.theme
        self.fields: dict[str, NumberField] = {}
        for key, name in (("W", "Frame width"), ("H", "Frame height")):
            field = NumberField(theme, name, prefix=key, minimum=8, maximum=4096, step=8, whole=True, value=256)
            field.setFixedWidth(theme.dp(84))
            field.value_changed.connect(lambda _: self._chosen())
            self.fields[key] = field
            self.add(field)
        self.sizes = PushButton(theme, "Sizes", icon="frame-corners")
        self.sizes.clicked.connect(lambda: self.sizes_asked.emit())
        self.add(self.sizes)
        self.add_hint("Arrows move the frame, Ctrl+arrows resize it")

    def _chosen(self) -> None:
        self.size_chosen.emit(round(self.fields["W"].value()), round(self.fields["H"].value()))

    def show_frame(self, width: int, height: int, step: int, least: int, most: int) -> None:
        """Size of the frame in pixels; sides are multiples of `step` from `least` to `most`."""
        for field, value in zip(self.fields.values(), (width, height), strict=True):
            field.minimum, field.maximum, field.step = least, most, step
            field.set_value(value)


class ZoomBar(ToolBar):
    """Signal ``zoomed(str)``: "in", "out", "100" or "fit"; ``turned(str)``: "left", "right", "reset" or "mirror"."""

    zoomed = Signal(str)
    turned = Signal(str)

    def build(self) -> None:
        for text, icon, what, key in (("Nearer", "magnifying-glass-plus", "in", "+"),
                                      ("Further", "magnifying-glass-minus", "out", "-"), ("100 %", "", "100", "1"),
                                      ("Show everything", "corners-out", "fit", "0")):
            self.add_button(text, icon, partial(self.zoomed.emit, what), key)
        self.add_line()
        for text, icon, what, key in (("Turn left", "arrow-counter-clockwise", "left", "4"),
                                      ("Turn right", "arrow-clockwise", "right", "6"),
                                      ("Upright", "compass", "reset", "5"),
                                      ("Mirror", "flip-horizontal", "mirror", "Shift+M")):
            self.add_button(text, icon, partial(self.turned.emit, what), key)


class HintBar(ToolBar):
    """A tool without options: what it does."""

    hint = ""

    def build(self) -> None:
        self.label = self.add_hint(self.hint)
