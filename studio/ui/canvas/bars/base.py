"""The context bar of a tool: its icon and name, then its options in one row; what finds no room moves behind "More"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.canvas.bars.fields import ColourButton, CurvedField, LabelledNumber
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.toolstate import ToolState
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.choice import Check, Choice, Option
from studio.ui.widgets.labels import Label, Separator
from studio.ui.widgets.popup import Popup
from studio.ui.widgets.segmented import Segment, Segmented

GAP = 12
Read = Callable[[], Any]
Write = Callable[[Any], object]


class _Glyph(Themed, QWidget):
    """The icon of the tool: spring as it is the person's, iris for what steers the machine."""

    def __init__(self, theme: Theme, name: str, tone: str) -> None:
        super().__init__()
        self._name, self._tone = name, tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.init_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(18), self.theme.dp(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        self.theme.icons.paint(QPainter(self), QRectF(self.rect()), self._name, self._tone)


class _Face(QWidget):
    """Icon and name."""

    def __init__(self, theme: Theme, name: str, icon: str, tone: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(_Glyph(theme, icon, tone))
        row.addWidget(Label(theme, name, "strong"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)


class ToolBar(Themed, QWidget):
    """Base of all bars. Subclasses add parts in `build`; parts that are bound show the state and write to it.

    tool: the id under which the state keeps brush or options.
    """

    tone = "spring"
    refused = Signal(str)

    def __init__(self, tool: str, face: tuple[str, str], state: ToolState, document: CanvasDocument, theme: Theme,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tool, self.state, self.document = tool, state, document
        self._bound: list[Callable[[], object]] = []
        self._parts: list[QWidget] = []
        self._tail: list[QWidget] = []
        self._spilled: list[QWidget] = []
        self._away: list[QWidget] = []
        """Parts that are of no use at the moment."""
        self._fitting = False
        self.init_theme(theme)
        self.setAccessibleName(f"{face[0]} options")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(13, 0, 12, 0)
        self._row.setSpacing(GAP)
        self._head: tuple[QWidget, ...] = (_Face(theme, *face, self.tone),
                                           Separator(theme, vertical=True, length=18, tone="line2"))
        for widget in self._head:
            self._row.addWidget(widget)
        self.build()
        self.more = IconButton(theme, "dots-three", "More options")
        self.more.clicked.connect(self.show_more)
        self.more.hide()
        self._row.addWidget(self.more)
        self._row.addStretch(1)
        for part in self._tail:
            self._row.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        state.changed.connect(self._state_changed)
        self.refresh()

    def build(self) -> None:
        """Add the parts."""

    # ------------------------------------------------------------ parts

    def add(self, widget: QWidget) -> QWidget:
        self._parts.append(widget)
        self._row.addWidget(widget)
        return widget

    def add_tail(self, widget: QWidget) -> QWidget:
        """A part at the right end, which goes first when room is short."""
        self._tail.append(widget)
        return widget

    def add_line(self) -> None:
        self.add(Separator(self.theme, vertical=True, length=18, tone="line2"))

    def add_hint(self, text: str) -> Label:
        label = Label(self.theme, text, "body", "t3")
        label.setMinimumWidth(0)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._row.addWidget(label, 100)
        return label

    def bind(self, show: Callable[[], object]) -> None:
        """Call `show` whenever the state of this tool has changed, and now."""
        self._bound.append(show)

    def add_slider(self, title: str, read: Read, write: Write, least: float, most: float, **how: Any) -> CurvedField:
        field = CurvedField(self.theme, title, least, most, **how)
        field.value_changed.connect(write)
        self.bind(lambda: field.set_value(read()))
        self.add(field)
        return field

    def add_number(self, title: str, read: Read, write: Write, least: float, most: float, **how: Any) -> LabelledNumber:
        field = LabelledNumber(self.theme, title, least, most, **how)
        field.value_changed.connect(write)
        self.bind(lambda: field.set_value(read()))
        self.add(field)
        return field

    def add_segments(self, name: str, items: Sequence[Segment], read: Read, write: Write) -> Segmented:
        tray = Segmented(self.theme, name, items, pad=10)
        tray.changed.connect(write)
        self.bind(lambda: tray.set_current(read()))
        self.add(tray)
        return tray

    def add_check(self, title: str, read: Read, write: Write, tip: str = "") -> Check:
        check = Check(self.theme, title)
        check.setToolTip(tip)
        check.clicked.connect(write)
        self.bind(lambda: check.setChecked(read()))
        self.add(check)
        return check

    def add_toggle(self, icon: str, name: str, read: Read, write: Write) -> IconButton:
        button = IconButton(self.theme, icon, name, checkable=True)
        button.clicked.connect(write)
        self.bind(lambda: button.setChecked(read()))
        self.add(button)
        return button

    def add_choice(self, name: str, options: Sequence[Option], read: Read, write: Write, width: int = 0) -> Choice:
        choice = Choice(self.theme, name, options)
        if width:
            choice.setFixedWidth(self.theme.dp(width))
        choice.chosen.connect(write)
        self.bind(lambda: choice.set_key(read()))
        self.add(choice)
        return choice

    def add_button(self, text: str, icon: str, do: Callable[[], object], key: str = "") -> PushButton:
        button = PushButton(self.theme, text, variant="quiet", icon=icon, key=key)
        button.clicked.connect(lambda: do())
        self.add(button)
        return button

    def add_colour(self, target: str = "foreground") -> ColourButton:
        button = ColourButton(self.theme, self.state, target)
        self.add(button)
        return button

    def set_away(self, widget: QWidget, away: bool) -> None:
        """Take a part out of the bar while it is of no use."""
        if away == (widget in self._away):
            return
        if away:
            self._away.append(widget)
        else:
            self._away.remove(widget)
        self._fit()

    # ------------------------------------------------------------ state

    def options(self) -> Any:
        return self.state.options(self.tool)

    def option(self, name: str, factor: float = 1.0) -> tuple[Read, Write]:
        """Reading and writing one option; a factor of 100 shows a share as per cent."""
        kind = type(getattr(self.options(), name))

        def read() -> Any:
            value = getattr(self.options(), name)
            return value * factor if factor != 1.0 else value

        def write(value: Any) -> None:
            self.state.set_options(self.tool, **{name: kind(value / factor if factor != 1.0 else value)})

        return read, write

    def brush(self, name: str, factor: float = 1.0) -> tuple[Read, Write]:
        """Reading and writing one setting of this tool's brush."""

        def read() -> Any:
            value = getattr(self.state.brush(self.tool), name)
            return value * factor if factor != 1.0 else value

        def write(value: Any) -> None:
            self.state.set_brush(self.tool, **{name: value / factor if factor != 1.0 else value})

        return read, write

    def listens_to(self) -> tuple[str, ...]:
        """The names of the state's changes that this bar shows."""
        return (self.tool,)

    def _state_changed(self, name: str) -> None:
        if name in self.listens_to():
            self.refresh()

    def refresh(self) -> None:
        for show in self._bound:
            show()

    # ------------------------------------------------------------ room

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.theme.dp(40))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.theme.dp(40))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def retheme(self) -> None:
        super().retheme()
        self._fit()

    def _wide(self, widgets: Sequence[QWidget]) -> int:
        each = (1 if isinstance(widget, Separator) else
                max(widget.minimumWidth(), min(widget.maximumWidth(), widget.sizeHint().width())) for widget in widgets)
        return sum(each) + GAP * len(widgets)

    def _fit(self) -> None:
        """Sliders give way first, then what stands at the end moves behind "More"."""
        if self._fitting or not hasattr(self, "more"):
            return
        self._fitting = True
        for part in self._away:
            part.hide()
        parts = [part for part in self._parts if part not in self._away]
        tail = [part for part in self._tail if part not in self._away]
        room = self.width() - 25 - GAP - self._wide(self._head)
        sliders = [part for part in parts if isinstance(part, CurvedField)]
        for slider in sliders:
            slider.set_compact(False)
        while sliders and self._wide([*parts, *tail]) > room:
            sliders.pop().set_compact(True)
        shown: list[QWidget] = [*parts, *tail]
        spilled: list[QWidget] = []
        while shown and self._wide(shown) > room - (self.theme.dp(28) + GAP if spilled else 0):
            spilled.insert(0, shown.pop())
        while shown and isinstance(shown[-1], Separator):
            spilled.insert(0, shown.pop())
        self._spilled = [part for part in spilled if not isinstance(part, Separator)]
        for part in [*parts, *tail]:
            part.setVisible(part in shown)
        self.more.setVisible(bool(self._spilled))
        self._fitting = False

    def spilled(self) -> list[QWidget]:
        """What found no room, in order."""
        return list(self._spilled)

    def show_more(self) -> Popup:
        """What found no room, in a popup; it comes back into the bar when that is closed."""
        holder = _Holder([*self._spilled], self.theme)
        popup = Popup(self.theme, self.more, holder, margins=12, keep=False)
        popup.closed.connect(lambda: self._take_back(holder))
        popup.open()
        return popup

    def _take_back(self, holder: _Holder) -> None:
        for part in holder.parts:
            if part in self._tail:
                self._row.addWidget(part)
            else:
                self._row.insertWidget(len(self._head) + self._parts.index(part), part)
        self._fit()


class _Holder(QWidget):
    """Parts of a bar one below the other."""

    def __init__(self, parts: Sequence[QWidget], theme: Theme) -> None:
        super().__init__()
        self.parts = list(parts)
        self.setAccessibleName("More options")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in parts:
            if isinstance(part, CurvedField):
                part.set_compact(False)
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft)
            part.show()


Faces = Mapping[str, tuple[str, str]]
"""Tool id: name and icon."""
