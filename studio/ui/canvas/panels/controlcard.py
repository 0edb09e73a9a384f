"""The settings of one control layer: what the model sees of it, as what, how strongly, when, and by which net."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.project.paint.layer import Layer
from studio.ui.canvas.controls import BY_ID
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import SliderField
from studio.ui.widgets.popup import close_popup

LEAST = 5
"""Per cent of the steps that lie between begin and end at least."""


class ControlPicture(Themed, QWidget):
    """What the net sees, whole."""

    def __init__(self, theme: Theme, image: QImage | None, words: str) -> None:
        super().__init__()
        self.image, self.words = image, words
        self.setFixedHeight(theme.dp(200))
        self.setAccessibleName("What the model sees")
        self.setAccessibleDescription(words)
        self.init_theme(theme)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        box(painter, area, 6, theme.color("canvas"))
        if self.image is None:
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("t3"))
            inner = area.adjusted(16, 8, -16, -8)
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.words)
            return
        size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF((area.width() - size.width()) / 2, (area.height() - size.height()) / 2, size.width(),
                       size.height())
        painter.drawImage(place, self.image)
        box(painter, area, 6, None, theme.color("line2"))


class ControlCard(QWidget):
    """Signal ``changed(dict)`` with the layer's fields when the person is done, ``removed()`` to stop it steering."""

    changed = Signal(dict)
    removed = Signal()
    delete_on_close = True

    def __init__(self, theme: Theme, layer: Layer, kinds: Sequence[str], nets: Sequence[str], image: QImage | None,
                 problem: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"Control of {layer.name}")
        self.kind = Choice(theme, "Steers by", [Option(kind, BY_ID[kind].title) for kind in kinds], key=layer.control)
        self.weight = SliderField(theme, "Weight", 0, 2, value=layer.control_weight, step=0.05, default=1.0)
        self.start = SliderField(theme, "From", 0, 100, value=round(layer.control_start * 100), whole=True, unit="%",
                                 default=0)
        self.end = SliderField(theme, "To", 0, 100, value=round(layer.control_end * 100), whole=True, unit="%",
                               default=100)
        known = [*nets, *([layer.control_model] if layer.control_model and layer.control_model not in nets else [])]
        self.net = Choice(theme, "Net", [Option("", "The one that fits"), *(Option(name, name) for name in known)],
                          key=layer.control_model)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Label(theme, layer.name, "strong"))
        column.addWidget(ControlPicture(theme, image, problem or "The picture is being drawn."))
        if problem and image is not None:
            column.addWidget(Label(theme, problem, "caption", "warn", wrap=True))
        rows = [("Steers by", self.kind), ("Weight", self.weight), ("From step", self.start), ("To step", self.end)]
        for title, widget in [*rows, *([("Net", self.net)] if known else [])]:
            column.addLayout(_row(theme, title, widget))
        self.start.value_changed.connect(lambda value: self.end.set_value(max(self.end.value(), value + LEAST)))
        self.end.value_changed.connect(lambda value: self.start.set_value(min(self.start.value(), value - LEAST)))
        buttons = QHBoxLayout()
        off = PushButton(theme, "Stop steering", variant="quiet")
        done = PushButton(theme, "Done", variant="primary")
        buttons.addWidget(off)
        buttons.addStretch(1)
        buttons.addWidget(done)
        column.addLayout(buttons)
        off.clicked.connect(self._remove)
        done.clicked.connect(self._done)
        self.setFocusProxy(self.kind)

    def _done(self) -> None:
        start = min(self.start.value(), 100 - LEAST)
        self.changed.emit({"control": self.kind.key(), "control_weight": self.weight.value(),
                           "control_start": start / 100, "control_end": max(self.end.value(), start + LEAST) / 100,
                           "control_model": self.net.key()})
        close_popup(self)

    def _remove(self) -> None:
        self.removed.emit()
        close_popup(self)


def _row(theme: Theme, title: str, widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    label = Label(theme, title, "body", "t2")
    label.setFixedWidth(theme.dp(74))
    row.addWidget(label)
    row.addWidget(widget, 1)
    return row
