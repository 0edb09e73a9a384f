"""The bars of move and transform, and of crop."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.ui.canvas.bars.base import ToolBar
from studio.ui.canvas.toolstate import Box, ToolState
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.choice import Option
from studio.ui.widgets.number import NumberField

RATIOS = [Option("0", "Any ratio"), Option("1", "1 : 1"), Option("1.5", "3 : 2"), Option("1.3333", "4 : 3"),
          Option("1.7778", "16 : 9"), Option("2.3333", "21 : 9"), Option("0.6667", "2 : 3"), Option("0.75", "3 : 4"),
          Option("0.5625", "9 : 16")]


class BoxNumbers(QWidget):
    """Place, size and angle of the box of a transformation or a crop, in document pixels."""

    FIELDS = (("x", "X", "Left"), ("y", "Y", "Top"), ("w", "W", "Width"), ("h", "H", "Height"))

    def __init__(self, theme: Theme, state: ToolState, *, angle: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.fields: dict[str, NumberField] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for key, prefix, name in self.FIELDS:
            field = NumberField(theme, name, prefix=prefix, whole=True)
            field.setFixedWidth(theme.dp(76))
            self.fields[key] = field
        if angle:
            self.fields["angle"] = NumberField(theme, "Angle", prefix="∠", unit="°", minimum=-360, maximum=360)
            self.fields["angle"].setFixedWidth(theme.dp(78))
        for key, field in self.fields.items():
            field.value_changed.connect(lambda value, k=key: state.ask_box(**{k: value}))
            row.addWidget(field)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_box(self, box: Box | None) -> None:
        for key, field in self.fields.items():
            field.setEnabled(box is not None)
            if box is not None:
                field.set_value(getattr(box, key))


class _BoxBar(ToolBar):
    """What move and crop share: numbers, and Apply or Cancel while there is a box."""

    angle = False

    def listens_to(self) -> tuple[str, ...]:
        return (self.tool, "box")

    def add_numbers(self) -> None:
        self.numbers = BoxNumbers(self.theme, self.state, angle=self.angle)
        self.bind(lambda: self.numbers.show_box(self.state.box))
        self.add(self.numbers)

    def add_ends(self) -> None:
        self.apply = PushButton(self.theme, "Apply", variant="primary", icon="check", key="Return")
        self.cancel = PushButton(self.theme, "Cancel", variant="quiet", key="Esc")
        for button, what in ((self.apply, "apply"), (self.cancel, "cancel")):
            button.clicked.connect(lambda _=False, w=what: self.state.asked.emit(w))
            self.add(button)

    def add_ask(self, icon: str, name: str, what: str) -> IconButton:
        button = IconButton(self.theme, icon, name)
        button.clicked.connect(lambda: self.state.asked.emit(what))
        self.add(button)
        return button


class MoveBar(_BoxBar):
    """Numbers, mirroring and turning of the active layer, or of what is selected on it."""

    angle = True

    def build(self) -> None:
        self.add_numbers()
        self.add_ends()
        self.asks = [self.add_ask(icon, name, what) for icon, name, what in (
            ("flip-horizontal", "Mirror left and right", "flip-h"),
            ("flip-vertical", "Mirror top and bottom", "flip-v"),
            ("arrow-counter-clockwise", "Turn left by 90°", "rotate-left"),
            ("arrow-clockwise", "Turn right by 90°", "rotate-right"))]
        self.add_line()
        self.add_check("Pick layer", *self.option("auto_select"), "A press takes the layer under the pointer")
        self.add_check("Keep ratio", *self.option("keep_ratio"), "Corners keep the proportions; Shift lets go of them")
        self.add_check("Smooth", *self.option("smooth"), "Pixels are interpolated")
        self.bind(self._show_box)
        self.document.active_changed.connect(lambda _: self._show_box())
        self.document.layers_changed.connect(self._show_box)
        self.document.changed.connect(lambda _: self._show_pending())

    def _show_pending(self) -> None:
        """A transformation waits for Apply while it is only previewed."""
        pending = self.document.previewing
        for button in (self.apply, self.cancel):
            if button.isEnabled() != pending:
                button.set_available(pending, "Nothing is waiting to be applied")

    def _show_box(self) -> None:
        box, layer = self.state.box, self.document.active
        reason = "Choose a layer first." if layer is None else f"“{layer.name}” is locked" if layer.locked else ""
        for button in self.asks:
            if button.isEnabled() != (not reason):
                button.set_available(not reason, reason)
        for widget in (self.numbers, self.apply, self.cancel):
            self.set_away(widget, box is None)
        self._show_pending()


class CropBar(_BoxBar):
    def build(self) -> None:
        read, write = self.option("ratio")
        self.add_choice("Ratio", RATIOS, lambda: self._ratio_key(read()), lambda key: write(float(key)), width=104)
        self.add_numbers()
        self.fit = self.add_button("Whole canvas", "corners-out", lambda: self.state.asked.emit("fit"))
        self.add_line()
        self.add_ends()
        self.hint = self.add_hint("Drag a rectangle; Enter crops the canvas to it")
        self.bind(self._show_box)

    def _show_box(self) -> None:
        none = self.state.box is None
        for widget in (self.numbers, self.apply, self.cancel):
            self.set_away(widget, none)
        self.hint.setVisible(none)

    @staticmethod
    def _ratio_key(ratio: float) -> str:
        return min(RATIOS, key=lambda option: abs(float(option.key) - ratio)).key
