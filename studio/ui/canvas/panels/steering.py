"""What a layer tells the generator: a prompt for its own shape, or edges, lines, a pose or a look to follow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.project.paint.layer import Layer
from studio.ui.canvas.panels.layermodel import CONTROL_WORDS
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import SliderField
from studio.ui.widgets.popup import close_popup
from studio.ui.widgets.text import TextArea


class SteeringForm(QWidget):
    """Signal ``changed(dict)`` with the layer's fields when the person is done."""

    changed = Signal(dict)
    delete_on_close = True

    def __init__(self, theme: Theme, layer: Layer, regions: bool, controls: Sequence[str],
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"Prompt and control of {layer.name}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Label(theme, layer.name, "strong"))
        self.prompt = TextArea(theme, "Prompt of this layer", text=layer.prompt, least=2, most=5,
                               placeholder="What to make inside this layer's shape")
        options = [Option("", "Nothing"), *(Option(c, CONTROL_WORDS[c]) for c in controls)]
        self.control = Choice(theme, "Steers by", options, key=layer.control)
        self.weight = SliderField(theme, "Weight", 0, 2, value=layer.control_weight, step=0.05, default=1.0)
        if regions:
            column.addWidget(Label(theme, "Prompt", "body", "t2"))
            column.addWidget(self.prompt)
        if controls:
            column.addWidget(Label(theme, "Steers by", "body", "t2"))
            column.addWidget(self.control)
            column.addWidget(Label(theme, "Weight", "body", "t2"))
            column.addWidget(self.weight)
        self._regions, self._controls = regions, bool(controls)
        done = PushButton(theme, "Done", variant="primary")
        done.clicked.connect(self._done)
        column.addWidget(done, 0, Qt.AlignmentFlag.AlignRight)
        self.setFocusProxy(self.prompt if regions else self.control)

    def _done(self) -> None:
        changes: dict[str, object] = {}
        if self._regions:
            changes["prompt"] = " ".join(self.prompt.toPlainText().split())
        if self._controls:
            changes |= {"control": self.control.key(), "control_weight": self.weight.value()}
        self.changed.emit(changes)
        close_popup(self)
