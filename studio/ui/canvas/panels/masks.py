"""The Masks tab: where the machine will work, and the mask of the active layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from studio.project.paint import selecting
from studio.project.paint.picture import Picture
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.panels.layercommands import LayerCommands
from studio.ui.canvas.panels.layerpaint import fitting
from studio.ui.canvas.panels.thumbs import Thumbs
from studio.ui.canvas.toolstate import ToolState
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.choice import Choice, Option, Switch
from studio.ui.widgets.labels import ElidedLabel, Label, Separator
from studio.ui.widgets.number import NumberField

SHOW_AS = (Option("tint", "Tint"), Option("mask", "Grey"), Option("off", "Hidden"))
NO_MASK = "Paint a mask with the mask brush (Q) first"
Change = Callable[[Picture], Picture]


def share_of(image: QImage | None) -> float:
    """How much a mask covers, 0 to 1, soft pixels in part, as its thumbnail tells."""
    if image is None or image.isNull():
        return 0.0
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return float(rows[:, :grey.width()].mean()) / 255


class MaskPreview(Themed, QWidget):
    """A mask in greys, in the proportions of the artboard. Signal ``clicked()``; marked: tools paint on it."""

    clicked = Signal()
    focus_radius = 6.0

    def __init__(self, theme: Theme, thumbs: Thumbs, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.thumbs, self.marked = thumbs, False
        self._image: Callable[[], Any] = lambda: None
        self._aspect = 1.0
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.init_theme(theme)
        thumbs.ready.connect(lambda *_: self.update())

    def show_image(self, image: Callable[[], Any], picture: Picture | None, marked: bool = False) -> None:
        """Ask `image` for the picture whenever it is painted; as wide as high where it is not of a whole picture."""
        self._image, self.marked = image, marked
        aspect = picture.width / picture.height if picture is not None else 1.0
        if aspect != self._aspect:
            self._aspect = aspect
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width, height = self.theme.dp(104), self.theme.dp(80)
        fits = QSize(width, round(width / self._aspect))
        return fits if fits.height() <= height else QSize(max(24, round(height * self._aspect)), height)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(area, 6, 6)
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(area, self.theme.color("label"))
        image = self._image()
        if image is not None and not image.isNull():
            painter.drawImage(area, fitting(image, area, self.devicePixelRatioF()))
        painter.restore()
        box(painter, area, 6, None, self.theme.color("iris" if self.marked else "line2"), 2 if self.marked else 1)


class _Adjust(QWidget):
    """A number of pixels and the button that does something by so much. Signal ``asked(float)``."""

    asked = Signal(float)

    def __init__(self, theme: Theme, title: str, value: float, least: float, most: float,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = NumberField(theme, f"{title} by", minimum=least, maximum=most, value=value, whole=True, unit="px")
        self.button = PushButton(theme, title)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.button)
        row.addWidget(self.field, 1)
        self.button.clicked.connect(lambda: self.asked.emit(self.field.value()))


class _MaskSection(QWidget):
    """What both masks have: a preview beside words, and rows of buttons."""

    def __init__(self, theme: Theme, title: str, preview: MaskPreview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.preview = preview
        self.words = ElidedLabel(theme, "", "body", "t2", tnum=True)
        self.side = QVBoxLayout()
        self.side.setSpacing(4)
        self.side.addWidget(Label(theme, title, "strong"))
        self.side.addWidget(self.words)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(preview, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(self.side, 1)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(6)
        self.grid.setColumnStretch(0, 1)
        self.grid.setColumnStretch(1, 1)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.column.addLayout(top)
        self.column.addLayout(self.grid)

    def add_button(self, text: str, icon: str, place: int, do: Callable[[], object]) -> PushButton:
        button = PushButton(self.theme, text, icon=icon)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: do())
        self.grid.addWidget(button, place // 2, place % 2)
        return button


class MasksPanel(QScrollArea):
    """The inpaint mask above, the active layer's mask below."""

    def __init__(self, theme: Theme, document: CanvasDocument, state: ToolState, thumbs: Thumbs,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.document, self.state, self.thumbs = theme, document, state, thumbs
        self.commands = LayerCommands(document)
        self.setAccessibleName("Masks")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        column.addWidget(self._build_inpaint())
        column.addWidget(Separator(theme))
        column.addWidget(self._build_layer())
        column.addStretch(1)
        self.setWidget(page)
        document.mask_changed.connect(self.refresh)
        document.selection_changed.connect(self.refresh)
        document.committed.connect(lambda *_: self.refresh())
        document.layers_changed.connect(self.refresh)
        document.active_changed.connect(lambda _: self.refresh())
        thumbs.ready.connect(lambda layer, _: self.refresh() if not layer else None)
        state.changed.connect(lambda name: self._show_view() if name == "mask-view" else None)
        self.refresh()

    # ------------------------------------------------------------ building

    def _build_inpaint(self) -> QWidget:
        theme = self.theme
        self.inpaint = part = _MaskSection(theme, "Inpaint mask", MaskPreview(theme, self.thumbs, "Inpaint mask"))
        part.words.setToolTip("The machine works where this mask is")
        self.show_as = Choice(theme, "Show mask as", SHOW_AS)
        self.show_as.chosen.connect(lambda key: self.state.set_options("mask-view", show=key))
        part.side.addWidget(self.show_as)
        part.side.addStretch(1)
        self.invert = part.add_button("Invert", "circle-half", 0, lambda: self._run("Invert mask", selecting.invert))
        self.clear = part.add_button("Clear mask", "trash", 1, self._clear)
        self.from_selection = part.add_button("From selection", "selection", 2, self._take_selection)
        self.to_selection = part.add_button("To selection", "selection-plus", 3, self._give_selection)
        self.feather = _Adjust(theme, "Feather", 8, 1, 500)
        self.grow = _Adjust(theme, "Grow", 8, -500, 500)
        self.feather.asked.connect(lambda by: self._run("Feather mask", lambda p, of: selecting.feather(p, by, of)))
        self.grow.asked.connect(lambda by: self._run("Grow mask" if by >= 0 else "Shrink mask",
                                                     lambda p, of: selecting.grow(p, by, of)))
        part.grid.addWidget(self.feather, 2, 0)
        part.grid.addWidget(self.grow, 2, 1)
        return part

    def _build_layer(self) -> QWidget:
        theme, do = self.theme, self._do
        self.layer = part = _MaskSection(theme, "Layer mask", MaskPreview(theme, self.thumbs, "Layer mask"))
        self.switch = Switch(theme, "On", show_text=True)
        self.switch.clicked.connect(lambda _: do("mask-toggle"))
        self.target = PushButton(theme, "Paint on it", icon="paint-brush", checkable=True)
        self.target.clicked.connect(lambda on: self.document.set_painting_mask(on))
        part.preview.clicked.connect(lambda: self.document.set_painting_mask(not self.document.painting_mask))
        row = QHBoxLayout()
        row.addWidget(self.switch)
        row.addWidget(self.target)
        row.addStretch(1)
        part.side.addLayout(row)
        part.side.addStretch(1)
        self.add = part.add_button("Add mask", "selection-slash", 0, lambda: do("mask"))
        self.layer_invert = part.add_button("Invert", "circle-half", 1, lambda: do("mask-invert"))
        self.apply = part.add_button("Apply", "check", 2, lambda: do("mask-apply"))
        self.delete = part.add_button("Delete", "trash", 3, lambda: do("mask-delete"))
        return part

    # ------------------------------------------------------------ showing

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Follow the document; what is hidden, or under a stroke, waits."""
        if self.document.previewing or not self.isVisible():
            return
        picture = self.document.picture
        self._show_inpaint(picture)
        self._show_layer(picture)
        self._show_view()

    def _show_view(self) -> None:
        self.show_as.set_key(self.state.options("mask-view").show)

    def _show_inpaint(self, picture: Picture) -> None:
        mask = picture.mask
        image = self.thumbs.of_plane("", mask, picture) if mask is not None else None
        self.inpaint.words.setText("Empty" if mask is None else f"{_percent(share_of(image))} of the canvas")
        self.inpaint.preview.show_image(
            lambda: self.thumbs.of_plane("", mask, picture) if mask is not None else None, picture)
        for widget in (self.clear, self.to_selection, self.feather.button, self.grow.button):
            widget.set_available(mask is not None, NO_MASK)
        self.from_selection.set_available(picture.selection is not None, "Nothing is selected")

    def _show_layer(self, picture: Picture) -> None:
        layer = picture.active_layer
        has = layer is not None and layer.mask is not None
        reason = "Choose a layer first." if layer is None else "The layer has no mask"
        self.layer.words.setText("No layer" if layer is None else layer.name if has else f"{layer.name}: none")
        self.layer.preview.setVisible(has)
        if layer is not None and has:
            kept = layer
            self.layer.preview.show_image(lambda: self.thumbs.of_mask(kept, picture), None,
                                          self.document.painting_mask)
        self.add.set_available(layer is not None and not has, "The layer has a mask" if has else reason)
        for button in (self.layer_invert, self.delete):
            button.set_available(has, reason)
        groups = layer is not None and layer.kind != "pixels"
        self.apply.set_available(has and not groups, "Only a mask of a pixel layer can be applied" if has else reason)
        for widget in (self.switch, self.target):
            widget.setVisible(has)
        self.switch.setChecked(layer is not None and layer.mask_on)
        self.target.setChecked(self.document.painting_mask)

    # ------------------------------------------------------------ doing

    def _do(self, command: str) -> None:
        self.commands.do(command, [self.document.picture.active])

    def _run(self, label: str, change: Callable[[Picture, Any], Picture]) -> None:
        self.document.run(label, lambda picture: change(picture, "mask"))

    def _clear(self) -> None:
        self.document.edit("Clear mask", lambda picture: picture.with_mask(None))

    def _take_selection(self) -> None:
        self.document.edit("Mask from selection",
                           lambda picture: selecting.select_plane(picture, picture.selection, of="mask"))

    def _give_selection(self) -> None:
        self.document.edit("Selection from mask", lambda picture: selecting.select_plane(picture, picture.mask))


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %" if 0 < share < 0.1 else f"{round(share * 100)} %"


__all__ = ["MaskPreview", "MasksPanel", "share_of"]
