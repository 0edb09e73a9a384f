"""The control layers of a canvas in the inspector: what each hands on, how strongly, and what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from studio.project.paint.layer import Layer
from studio.ui.canvas.controls import BY_ID, no_net
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.panels import layerops as ops
from studio.ui.canvas.panels.controlcard import ControlCard
from studio.ui.canvas.previews import ControlPreviews
from studio.ui.theme import Theme
from studio.ui.thumbnails import cover
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.fold import FoldSection
from studio.ui.widgets.labels import ElidedLabel, Label, Separator
from studio.ui.widgets.notices import Icon
from studio.ui.widgets.number import SliderField
from studio.ui.widgets.popup import Menu, Popup

THUMB = QSize(40, 32)
ROW, NAME = 44, 72
EMPTY = "Let a layer steer what is made: its edges, its lines, a pose, or its look."
LACKS = {"hed": "Install “HED outlines” in Models to use this.", "blazepose": "Install “BlazePose” in Models to use "
         "this."}

Problem = Callable[[Layer], str]
"""What a layer's control lacks, as one sentence; "" for nothing."""


class ControlThumb(Themed, QAbstractButton):
    """What the net sees of a layer. A click opens the settings of its control."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.image: QImage | None = None
        self._scaled: QImage | None = None
        self.setAccessibleName(name)
        self.setFixedSize(theme.dp(THUMB.width()), theme.dp(THUMB.height()))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("What the model sees of this layer; click for its settings")
        self.init_theme(theme)

    def set_image(self, image: QImage | None) -> None:
        ratio = self.devicePixelRatioF()
        self.image = image
        self._scaled = None if image is None else cover(thickened(image, self.width()), self.size() * ratio)
        if self._scaled is not None:
            self._scaled.setDevicePixelRatio(ratio)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), 5, 5)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), theme.color("control"))
        if self._scaled is not None:
            painter.drawImage(0, 0, self._scaled)
        else:
            middle = QRectF(self.width() / 2 - 8, self.height() / 2 - 8, 16, 16)
            theme.icons.paint(painter, middle, "image", "t3")
        painter.setClipping(False)
        focused = self.hasFocus() or self.underMouse()
        box(painter, self.rect(), 5, None, theme.color("spring" if focused else "line2"))


def thickened(image: QImage, width: int) -> QImage:
    """The picture with its light lines so thick that they are seen `width` pixels wide; others stay as they are."""
    reach = image.width() // (3 * max(1, width))
    if reach < 1 or not _is_drawing(image):
        return image
    out = image.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(out)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Lighten)
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)):
        painter.drawImage(dx * reach, dy * reach, image)
    painter.end()
    return out


def _is_drawing(image: QImage) -> bool:
    """Whether it is lines on black: most of a small copy is dark."""
    small = image.scaled(16, 16).convertToFormat(QImage.Format.Format_Grayscale8)
    dark = sum(small.pixelColor(x, y).red() < 32 for x in range(16) for y in range(16))
    return dark > 160


class ControlRow(Themed, QWidget):
    """One control layer: thumbnail, kind and name, weight."""

    weight_set = Signal(str, float)
    """Layer and weight, when the person has let go."""
    opened = Signal(str)
    removed = Signal(str)

    def __init__(self, theme: Theme, layer: Layer) -> None:
        super().__init__()
        self.layer = layer
        self.thumb = ControlThumb(theme, f"Control of {layer.name}")
        self.title = ElidedLabel(theme, "", "strong")
        self.name = ElidedLabel(theme, "", "caption", "t3")
        self.weight = SliderField(theme, f"Weight of {layer.name}", 0, 2, value=layer.control_weight, step=0.05,
                                  default=1.0)
        self.note = Label(theme, "", "caption", "warn", wrap=True)
        self._note_line = QWidget()
        self._lay_out(theme)
        self.thumb.clicked.connect(lambda: self.opened.emit(self.layer.id))
        self.weight.value_changed.connect(self._weighed)
        self.weight.slider.sliderReleased.connect(lambda: self.weight_set.emit(self.layer.id, self.weight.value()))
        self.init_theme(theme)
        self.show_layer(layer, "")

    def _lay_out(self, theme: Theme) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        for label in (self.title, self.name):
            label.setFixedWidth(theme.dp(NAME))
            words.addWidget(label)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.thumb)
        row.addLayout(words)
        row.addWidget(self.weight, 1)
        line = QHBoxLayout(self._note_line)
        line.setContentsMargins(0, 0, 0, 4)
        line.setSpacing(6)
        line.addWidget(Icon(theme, "warning-circle", tone="warn", size=14), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._note_line)

    def show_layer(self, layer: Layer, problem: str) -> None:
        """Follow the layer. problem: one sentence, "" for none."""
        self.layer = layer
        kind = BY_ID[layer.control]
        self.title.setText(kind.title)
        self.name.setText(layer.name)
        self.setToolTip(f"{kind.title}: {kind.of} of “{layer.name}”" + ("" if layer.visible else ", which is hidden"))
        if not self.weight.slider.isSliderDown():
            self.weight.set_value(layer.control_weight)
        self.note.setText(problem)
        self._note_line.setVisible(bool(problem))
        self.thumb.setAccessibleDescription(problem)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = Menu(self.theme, parent=self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Settings…").triggered.connect(lambda: self.opened.emit(self.layer.id))
        menu.addAction("Stop steering").triggered.connect(lambda: self.removed.emit(self.layer.id))
        menu.popup(event.globalPos())

    def _weighed(self, value: float) -> None:
        if not self.weight.slider.isSliderDown():
            self.weight_set.emit(self.layer.id, value)


class ControlList(Themed, QWidget):
    """The section "Control layers" of the inspector. Every change is a step of the document's history.

    net_for: as `CanvasController.net_for`. model: name of the model that draws.
    """

    notice = Signal(str)

    def __init__(self, theme: Theme, document: CanvasDocument, previews: ControlPreviews,
                 net_for: Callable[..., str | None], models_of: Callable[[str], list[str]],
                 model: Callable[[], str]) -> None:
        super().__init__()
        self.document, self.previews = document, previews
        self._net_for, self._models_of, self._model = net_for, models_of, model
        self._kinds: tuple[str, ...] = ()
        self.rows: dict[str, ControlRow] = {}
        self.setAccessibleName("Control layers")
        self.section = FoldSection(theme, "Control layers", open_=True)
        self.add = IconButton(theme, "plus", "Add a control layer")
        self.section.add_action(self.add)
        self.hint = Label(theme, EMPTY, "caption", "t3", wrap=True)
        self.section.body.addWidget(self.hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        column.addWidget(Separator(theme))
        column.addWidget(self.section)
        self.add.clicked.connect(self._show_add)
        document.layers_changed.connect(self.refresh)
        document.committed.connect(lambda *_: self.refresh())
        previews.changed.connect(self._previewed)
        self.init_theme(theme)
        self.refresh()

    def set_kinds(self, kinds: Sequence[str]) -> None:
        """What the generator in front can follow; nothing is shown for one that follows nothing."""
        self._kinds = tuple(kinds)
        self.setVisible(bool(kinds))
        self.refresh()

    def layers(self) -> list[Layer]:
        """The control layers, the topmost first."""
        found = [layer for layer, _ in self.document.picture.walk() if layer.control in BY_ID]
        return found

    def refresh(self) -> None:
        """Follow the document and the model that draws."""
        layers = self.layers()
        if [layer.id for layer in layers] != list(self.rows):
            for row in self.rows.values():
                row.hide()
                row.deleteLater()
            self.rows = {layer.id: self._row(layer) for layer in layers}
        for layer in layers:
            self.rows[layer.id].show_layer(layer, self.problem(layer))
        self.section.set_count(len(layers) or None)
        self.hint.setVisible(not layers)

    def problem(self, layer: Layer) -> str:
        """What keeps a layer from steering, in one sentence; "" for nothing."""
        kind = BY_ID[layer.control]
        if self._kinds and layer.control not in self._kinds:
            return f"This generator does not follow {kind.title.lower()}."
        if lacking := self.previews.lacks(kind):
            return LACKS[lacking]
        model = self._model()
        if self._kinds and model and self._net_for(model, layer.control, layer.control_model) is None:
            return no_net(model[:1].upper() + model[1:], layer.control)
        if layer.bounds() is None:
            return "This layer is empty; paint what is to be followed."
        return "" if layer.visible else "This layer is hidden, so it does not steer."

    # ------------------------------------------------------------ what the person does

    def add_control(self, control: str, *, whole: bool = False) -> None:
        """Let the active layer steer, or a copy of the whole canvas."""
        layer = self.document.active
        kind = BY_ID[control]
        if whole:
            self.document.run(f"{kind.title} of the canvas",
                              lambda picture: ops.steer_by_canvas(picture, f"{kind.title} of the canvas", control))
        elif layer is None or layer.bounds() is None:
            self.notice.emit("Choose a layer with something on it first, or take the whole canvas.")
        else:
            self.change(layer.id, "Steer", control=control)

    def change(self, layer: str, label: str, **changes: Any) -> None:
        self.document.edit(label, lambda picture: ops.set_all(picture, [layer], **changes))

    def show_card(self, layer_id: str) -> None:
        """The settings of one control layer in a popup."""
        layer, row = self.document.picture.find(layer_id), self.rows.get(layer_id)
        if layer is None or row is None:
            return
        card = ControlCard(self.theme, layer, self._kinds or (layer.control,), self._models_of(layer.control),
                           self.previews.picture(layer_id), self.problem(layer))
        card.changed.connect(lambda changes: self.change(layer_id, "Control layer", **changes))
        card.removed.connect(lambda: self.change(layer_id, "Stop steering", control=""))
        Popup(self.theme, row, card, place="centre", width=self.theme.dp(320), margins=12, keep=False).open()

    def menu(self, parent: QWidget) -> Menu:
        """What can be added."""
        menu, layer = Menu(self.theme, "Add a control layer", parent), self.document.active
        name = layer.name if layer is not None else ""
        usable = layer is not None and layer.bounds() is not None
        menu.addSection(f"“{name}” steers by" if usable else "The active layer is empty")
        for control in self._kinds:
            action = menu.addAction(f"{BY_ID[control].title} – {BY_ID[control].of}")
            action.setEnabled(usable)
            action.triggered.connect(lambda _=False, c=control: self.add_control(c))
        menu.addSeparator()
        whole = menu.addAction("Edges of the whole canvas")
        whole.setEnabled(any(one.bounds() is not None for one in self.document.picture.layers))
        whole.triggered.connect(lambda: self.add_control("edges", whole=True))
        return menu

    # ------------------------------------------------------------ inside

    def _row(self, layer: Layer) -> ControlRow:
        row = ControlRow(self.theme, layer)
        row.weight_set.connect(lambda key, value: self.change(key, "Control weight", control_weight=value))
        row.opened.connect(self.show_card)
        row.removed.connect(lambda key: self.change(key, "Stop steering", control=""))
        row.thumb.set_image(self.previews.picture(layer.id))
        self.section.body.addWidget(row)
        return row

    def _previewed(self, layer: str) -> None:
        if layer in self.rows:
            self.rows[layer].thumb.set_image(self.previews.picture(layer))

    def _show_add(self) -> None:
        menu = self.menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.add.mapToGlobal(self.add.rect().bottomLeft()))
