"""Which bar belongs to which tool, and the widget that shows the bar of the tool in hand."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from studio.ui.canvas.bars.base import ToolBar
from studio.ui.canvas.bars.boxes import CropBar, MoveBar
from studio.ui.canvas.bars.brush import BrushBar, MaskBar
from studio.ui.canvas.bars.fill import EyedropperBar, FillBar, GradientBar, ShapeBar
from studio.ui.canvas.bars.select import SelectBar, WandBar
from studio.ui.canvas.bars.text import TextBar
from studio.ui.canvas.bars.view import FrameBar, HintBar, ZoomBar
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.toolstate import ToolState
from studio.ui.theme import Theme

BARS: dict[str, tuple[type[ToolBar], str, str]] = {
    "move": (MoveBar, "Move", "cursor"),
    "select-rect": (SelectBar, "Rectangle", "selection"),
    "select-ellipse": (SelectBar, "Ellipse", "circle-dashed"),
    "lasso": (SelectBar, "Lasso", "lasso"),
    "polygon": (SelectBar, "Polygon lasso", "polygon"),
    "wand": (WandBar, "Magic wand", "magic-wand"),
    "brush": (BrushBar, "Brush", "paint-brush"),
    "eraser": (BrushBar, "Eraser", "eraser"),
    "mask": (MaskBar, "Mask brush", "mask-brush"),
    "fill": (FillBar, "Fill", "paint-bucket"),
    "gradient": (GradientBar, "Gradient", "gradient"),
    "shape": (ShapeBar, "Shape", "shapes"),
    "eyedropper": (EyedropperBar, "Pick a colour", "eyedropper"),
    "text": (TextBar, "Text", "text-t"),
    "frame": (FrameBar, "Generation frame", "frame-corners"),
    "crop": (CropBar, "Crop", "crop"),
    "hand": (ZoomBar, "Hand", "hand"),
    "zoom": (ZoomBar, "Zoom", "magnifying-glass-plus"),
}
"""Tool id: its bar, and the name and icon where the tool's class gives none."""


def bar_for(tool: str, state: ToolState, document: CanvasDocument, theme: Theme, name: str = "", icon: str = "",
            hint: str = "") -> ToolBar:
    """A new bar for a tool. A tool that is not known here (of a plugin) gets its name and its hint."""
    kind, title, glyph = BARS.get(tool, (HintBar, tool.capitalize(), "sparkle"))
    bar = kind(tool, (name or title, icon or glyph), state, document, theme)
    if isinstance(bar, HintBar):
        bar.label.setText(hint)
    return bar


class ToolLike(Protocol):
    """What a bar needs to know of its tool."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def icon(self) -> str: ...
    @property
    def hint(self) -> str: ...


class CanvasBars(QStackedWidget):
    """The bar of the tool in hand; bars are made when their tool is taken first."""

    size_chosen = Signal(int, int)
    """Width and height of the generation frame, px."""
    sizes_asked = Signal()
    zoomed = Signal(str)
    """"in", "out", "100" or "fit"."""
    turned = Signal(str)
    """"left", "right", "reset" or "mirror": the view."""

    def __init__(self, theme: Theme, state: ToolState, document: CanvasDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.state, self.document = theme, state, document
        self._bars: dict[str, ToolBar] = {}
        self._frame = (256, 256, 8, 64, 2048)
        self.setAccessibleName("Tool options")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_tool(self, tool: ToolLike) -> ToolBar:
        """Bring the bar of a tool to the front."""
        bar = self._bars.get(tool.id)
        if bar is None:
            bar = self._bars[tool.id] = bar_for(tool.id, self.state, self.document, self.theme, tool.name, tool.icon,
                                                tool.hint)
            self.addWidget(bar)
            if isinstance(bar, FrameBar):
                bar.size_chosen.connect(self.size_chosen)
                bar.sizes_asked.connect(self.sizes_asked)
                bar.show_frame(*self._frame)
            elif isinstance(bar, ZoomBar):
                bar.zoomed.connect(self.zoomed)
                bar.turned.connect(self.turned)
        self.setCurrentWidget(bar)
        return bar

    def show_frame(self, width: int, height: int, step: int, least: int, most: int) -> None:
        """The generation frame as it is and may be, px."""
        self._frame = (width, height, step, least, most)
        bar = self._bars.get("frame")
        if isinstance(bar, FrameBar):
            bar.show_frame(*self._frame)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.theme.dp(40))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.theme.dp(40))
