"""What the context bar shows for the canvas: options of the active tool and of the selected pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from studio.ui.canvas.boardtools import TOOLS
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.labels import ElidedLabel, Label, Separator
from studio.ui.widgets.number import NumberField, SliderField


class _Glyph(Themed, QWidget):
    """The icon of the active tool, in spring."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.name = "cursor"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.init_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(18), self.theme.dp(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        self.theme.icons.paint(QPainter(self), QRectF(self.rect()), self.name, "spring")


class CanvasBar(QWidget):
    """Emits what the person asks for; `show_tool` and `show_frame` say what it shows."""

    opacity_changed = Signal(float)
    restacked = Signal(str)
    """"up", "down", "front" or "back"."""
    deleted = Signal()
    locked = Signal(bool)
    size_chosen = Signal(int, int)
    sizes_asked = Signal()
    zoomed = Signal(str)
    """"in", "out", "100" or "fit"."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAccessibleName("Tool options")
        self._glyph = _Glyph(theme)
        self._title = Label(theme, "", "strong")
        self._pages = QStackedWidget()
        self._pages.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(13, 0, 12, 0)
        row.setSpacing(8)
        for widget in (self._glyph, self._title, Separator(theme, vertical=True, length=18, tone="line2"), self._pages):
            row.addWidget(widget)
        self._hint = Label(theme, "", "body", "t3")
        self._add_page([self._hint])
        self._add_page(self._picture_widgets())
        self._add_page(self._frame_widgets())
        self._add_page(self._zoom_widgets())

    def _add_page(self, widgets: Sequence[QWidget]) -> None:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(8)
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch(1)
        self._pages.addWidget(page)

    def _picture_widgets(self) -> list[QWidget]:
        theme = self.theme
        self._name = ElidedLabel(theme, "", "body", "t2")
        self._name.setMaximumWidth(theme.dp(220))
        self._opacity = SliderField(theme, "Opacity", 0, 100, value=100, step=1, whole=True, unit="%", default=100)
        self._opacity.setFixedWidth(theme.dp(170))
        self._opacity.value_changed.connect(lambda value: self.opacity_changed.emit(value / 100))
        up = IconButton(theme, "arrow-up", "Raise", key="Ctrl+]")
        down = IconButton(theme, "arrow-down", "Lower", key="Ctrl+[")
        front = IconButton(theme, "arrow-line-up", "Bring to front", key="Ctrl+Shift+]")
        back = IconButton(theme, "arrow-line-down", "Send to back", key="Ctrl+Shift+[")
        for button, where in ((up, "up"), (down, "down"), (front, "front"), (back, "back")):
            button.clicked.connect(lambda _=False, w=where: self.restacked.emit(w))
        self._lock = IconButton(theme, "lock-simple-open", "Lock", checkable=True)
        self._lock.clicked.connect(self.locked)
        self._delete = PushButton(theme, "Delete", variant="quiet", icon="trash", key="Del")
        self._delete.clicked.connect(lambda _=False: self.deleted.emit())
        line = Separator(theme, vertical=True, length=18, tone="line2")
        label = Label(theme, "Opacity", "body", "t2")
        return [self._name, label, self._opacity, line, up, down, front, back, self._lock, self._delete]

    def _frame_widgets(self) -> list[QWidget]:
        theme = self.theme
        bounds: dict[str, Any] = {"minimum": 8, "maximum": 4096, "step": 8, "whole": True, "value": 256}
        self._width = NumberField(theme, "Frame width", prefix="W", **bounds)
        self._height = NumberField(theme, "Frame height", prefix="H", **bounds)
        for field in (self._width, self._height):
            field.setFixedWidth(theme.dp(84))
            field.value_changed.connect(
                lambda _: self.size_chosen.emit(round(self._width.value()), round(self._height.value())))
        sizes = PushButton(theme, "Sizes", icon="frame-corners")
        sizes.clicked.connect(lambda _=False: self.sizes_asked.emit())
        hint = Label(theme, "Arrows move the frame, Ctrl+arrows resize it", "body", "t3")
        return [self._width, self._height, sizes, hint]

    def _zoom_widgets(self) -> list[QWidget]:
        out: list[QWidget] = []
        for text, icon, what, key in (("Nearer", "magnifying-glass-plus", "in", "+"),
                                      ("Further", "magnifying-glass-minus", "out", "-"),
                                      ("100 %", "", "100", "1"), ("Show everything", "corners-out", "fit", "0")):
            button = PushButton(self.theme, text, variant="quiet", icon=icon, key=key)
            button.clicked.connect(lambda _=False, w=what: self.zoomed.emit(w))
            out.append(button)
        return out

    # ------------------------------------------------------------ showing

    def show_tool(self, tool_id: str, selected: list[dict[str, Any]]) -> None:
        """Show the options of a tool; for the select tool, those of the selected items."""
        tool = next(t for t in TOOLS if t.id == tool_id)
        self._glyph.name = tool.icon
        self._glyph.update()
        self._title.setText(tool.name)
        self._hint.setText(tool.hint)
        page = {"frame": 2, "hand": 3, "zoom": 3}.get(tool_id, 1 if selected else 0)
        self._pages.setCurrentIndex(page)
        if page == 1:
            self._show_selected(selected)

    def _show_selected(self, selected: list[dict[str, Any]]) -> None:
        one = selected[-1]
        self._name.setText(one["name"] or "Picture" if len(selected) == 1 else f"{len(selected)} pictures")
        locked = all(item["locked"] for item in selected)
        self._opacity.set_value(round(one["opacity"] * 100))
        self._opacity.setEnabled(not locked)
        with QSignalBlocker(self._lock):
            self._lock.setChecked(locked)
        self._lock.set_icon("lock-simple" if locked else "lock-simple-open")
        self._lock.set_name("Unlock" if locked else "Lock")
        self._delete.set_available(not locked, "The picture is locked")

    def show_frame(self, width: int, height: int, step: int, least: int, most: int) -> None:
        for field, value in ((self._width, width), (self._height, height)):
            field.minimum, field.maximum, field.step = least, most, step
            field.set_value(value)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.theme.dp(40))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.theme.dp(40))


