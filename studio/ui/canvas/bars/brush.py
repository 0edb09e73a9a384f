"""The bars of brush, eraser and mask brush."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.project.paint import selecting
from studio.project.paint.brush import MAX_SIZE
from studio.ui.canvas.bars.base import ToolBar
from studio.ui.canvas.panels.brushes import BrushButton
from studio.ui.canvas.panels.masks import NO_MASK
from studio.ui.theme import Theme
from studio.ui.widgets.base import box
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.labels import Label
from studio.ui.widgets.segmented import Segment

SIZE = 500.0
"""Widest brush that the slider reaches; the number takes wider ones."""
CURVE = 2.6


class BrushBar(ToolBar):
    """Preset, size, hardness, opacity, flow, stabiliser and what the pressure of the pen does."""

    def build(self) -> None:
        self.preset = BrushButton(self.theme, self.state, self.tool)
        self.add(self.preset)
        self.size_field = self.add_slider("Size", *self.brush("size"), 1, SIZE, unit="px", curve=CURVE)
        self.size_field.box.maximum = MAX_SIZE
        self.add_slider("Hardness", *self.brush("hardness", 100), 0, 100, unit="%", width=64)
        self.add_slider("Opacity", *self.brush("opacity", 100), 0, 100, unit="%", default=100, width=64)
        self.add_slider("Flow", *self.brush("flow", 100), 1, 100, unit="%", default=100, width=64)
        self.add_slider("Stabiliser", *self.brush("stabiliser", 100), 0, 100, unit="%", width=64)
        self.add_toggle("pen-nib", "Pen pressure changes the size", *self.brush("pressure_size"))
        self.add_toggle("drop-half-bottom", "Pen pressure changes the opacity", *self.brush("pressure_opacity"))


class _TintChoice(Choice):
    """With the swatch of the mask's colour before "Tint"."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = self.theme.dp(12)
        area = QRectF(12, (self.height() - side) / 2, side, side)
        painter = QPainter(self)
        if self.key() == "tint":
            box(painter, area, 3, self.theme.color("iris"))
        else:
            box(painter, area, 3, self.theme.color("label") if self.key() == "mask" else None, self.theme.color("t3"))

    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(24, 0)


class ShowMaskAs(QWidget):
    """How the inpaint mask is shown. Signal ``chosen(str)``."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # the padding before the titles makes room for the swatch
        self.choice = _TintChoice(theme, "Show mask as", [Option(key, f"      {title}") for key, title in (
            ("tint", "Tint"), ("mask", "Grey"), ("off", "Hidden"))])
        self.choice.setFixedWidth(theme.dp(96))
        self.choice.chosen.connect(self.chosen)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Label(theme, "Show mask as", "body", "t3"))
        row.addWidget(self.choice)
        self.setFocusProxy(self.choice)


class MaskBar(ToolBar):
    """Where the machine will work: paint more or less of it, soften and widen it."""

    tone = "iris"

    def build(self) -> None:
        self.add_segments("Mask brush mode", [Segment("add", "Add", "plus"), Segment("subtract", "Subtract", "minus")],
                          *self.brush("mode"))
        self.size_field = self.add_slider("Size", *self.brush("size"), 1, SIZE, unit="px", curve=CURVE)
        self.size_field.box.maximum = MAX_SIZE
        self.add_slider("Feather", *self.brush("feather"), 0, 200, unit="px", curve=2.0, width=64)
        self.add_number("Grow", *self.brush("grow"), -100, 100, unit="px")
        self.add_line()
        self.invert = self.add_button("Invert", "circle-half",
                                      lambda: self.document.run("Invert mask", lambda p: selecting.invert(p, "mask")))
        self.clear = self.add_button("Clear mask", "trash",
                                     lambda: self.document.edit("Clear mask", lambda p: p.with_mask(None)))
        self.show_as = ShowMaskAs(self.theme)
        self.show_as.chosen.connect(lambda key: self.state.set_options("mask-view", show=key))
        self.bind(lambda: self.show_as.choice.set_key(self.state.options("mask-view").show))
        self.add_tail(self.show_as)
        self.document.mask_changed.connect(self._show_mask)
        self.document.committed.connect(lambda *_: self._show_mask())  # a stroke's mask was seen before as a preview
        self._show_mask()

    def listens_to(self) -> tuple[str, ...]:
        return (self.tool, "mask-view")

    def _show_mask(self) -> None:
        if not self.document.previewing:
            self.clear.set_available(self.document.picture.mask is not None, NO_MASK)
