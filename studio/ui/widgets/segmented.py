"""One of several: the segment tray (workspaces, aspect presets) and the tab bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import BaseButton


@dataclass(frozen=True)
class Segment:
    """One choice: its key, what it is called, an icon and a key for the tool tip."""

    key: str
    title: str
    icon: str = ""
    shortcut: str = ""
    name: str = ""
    """Accessible name, where the title alone says too little."""


class _Member(BaseButton):
    """A button of which one is on: arrow keys choose the next, Home and End the ends."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        group = self.parentWidget()
        back = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        steps = {Qt.Key.Key_Right: -1 if back else 1, Qt.Key.Key_Left: 1 if back else -1, Qt.Key.Key_Down: 1,
                 Qt.Key.Key_Up: -1, Qt.Key.Key_Home: -1000, Qt.Key.Key_End: 1000}
        if isinstance(group, _Exclusive) and event.key() in steps:
            group.step(self, steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


class _SegmentButton(_Member):
    def __init__(self, theme: Theme, item: Segment, accent: bool, pad: int) -> None:
        self.accent, self.pad = accent, pad
        super().__init__(theme, item.name or item.title, icon=item.icon, text=item.title, key=item.shortcut,
                         checkable=True)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.theme.font("medium", tnum=True)).horizontalAdvance(self.text()) + self.pad * 2
        if self.icon_name:
            width += self.theme.dp(16) + (6 if self.text() else 0)
        return QSize(width, self.theme.dp(28))

    def ink(self) -> str:
        if not self.isEnabled():
            return "t4"
        return "t1" if self.isChecked() or self.underMouse() else "t2"

    def fill(self) -> QColor | None:
        return self.theme.color("hover", self._fade.amount * 0.6) if self._fade.amount else None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        if self.isChecked():
            # the chosen segment is the lighter surface in both themes
            box(painter, self.rect(), 6, theme.color("hover" if theme.is_dark else "raised"), theme.color("line2"))
        elif (fill := self.fill()) is not None:
            box(painter, self.rect(), 6, fill)
        glyph = theme.dp(16) if self.icon_name else 0
        label = QFontMetrics(theme.font("medium", tnum=True)).horizontalAdvance(self.text())
        x = (self.width() - label - (glyph + 6 if glyph and label else glyph)) / 2
        if glyph:
            ink = "spring" if self.accent and self.isChecked() and self.isEnabled() else self.ink()
            theme.icons.paint(painter, QRectF(x, (self.height() - glyph) / 2, glyph, glyph), self.icon_name, ink)
            x += glyph + 6
        painter.setFont(theme.font("medium", tnum=True))
        painter.setPen(theme.color(self.ink()))
        painter.drawText(QRectF(x, 0, label + 4, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())


class _Exclusive(Themed, QWidget):
    """Buttons of which one is on; Tab goes to that one only (Qt's rule for exclusive groups)."""

    changed = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[str, BaseButton] = {}
        self._row = QHBoxLayout(self)
        self._group.buttonToggled.connect(self._toggled)
        self._quiet = False
        self.init_theme(theme)

    def keys(self) -> list[str]:
        return list(self._buttons)

    def button(self, key: str) -> BaseButton:
        return self._buttons[key]

    def current(self) -> str:
        """The key that is on, "" if none."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def set_current(self, key: str) -> None:
        """Turn one on without `changed`; an unknown key turns all off."""
        self._quiet = True
        try:
            if key in self._buttons:
                self._buttons[key].setChecked(True)
            elif (on := self._group.checkedButton()) is not None:
                self._group.setExclusive(False)
                on.setChecked(False)
                self._group.setExclusive(True)
        finally:
            self._quiet = False

    def step(self, start: BaseButton, by: int) -> None:
        """Choose the button `by` places from `start` among those enabled; the ends stop it."""
        usable = [b for b in self._buttons.values() if (b.isEnabled() and not b.isHidden()) or b is start]
        place = max(0, min(len(usable) - 1, usable.index(start) + by))
        usable[place].setFocus(Qt.FocusReason.TabFocusReason)
        usable[place].setChecked(True)

    def set_item_available(self, key: str, available: bool, reason: str = "") -> None:
        self._buttons[key].set_available(available, reason)

    def _add(self, key: str, button: BaseButton, stretch: int = 0) -> None:
        self._buttons[key] = button
        self._group.addButton(button)
        self._row.addWidget(button, stretch)

    def _toggled(self, button: object, on: bool) -> None:
        if on and not self._quiet:
            self.changed.emit(next(key for key, b in self._buttons.items() if b is button))


class Segmented(_Exclusive):
    """A tray of segments, one of them on. Signal ``changed(key)`` when the person chooses another.

    accent: the icon of the chosen one is spring (workspaces). stretch: segments share the width (aspect presets).
    """

    focus_radius = 7.0

    def __init__(self, theme: Theme, name: str, items: Sequence[Segment | tuple[str, ...]], *, accent: bool = False,
                 stretch: bool = False, pad: int = 11, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        for item in items:
            segment = item if isinstance(item, Segment) else Segment(*item)
            self._add(segment.key, _SegmentButton(theme, segment, accent, pad), int(stretch))
        self.setSizePolicy(QSizePolicy.Policy.Minimum if stretch else QSizePolicy.Policy.Fixed,
                           QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        box(QPainter(self), self.rect(), 7, self.theme.color("control"))


SPACING = 18


class _Tab(_Member):
    focus_radius = 4.0

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.theme.font("strong")).horizontalAdvance(self.text()), self.theme.dp(36))

    def ink(self) -> str:
        if not self.isEnabled():
            return "t4"
        return "t1" if self.isChecked() or self.underMouse() else "t3"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.theme.font("strong" if self.isChecked() else "medium"))
        painter.setPen(self.theme.color(self.ink()))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(self.rect().adjusted(0, 0, 2, 0), middle, self.text())
        if self.isChecked():
            box(painter, QRectF(0, self.height() - 2, self.width(), 2), 1, self.theme.color("spring"))


class TabBar(_Exclusive):
    """Tabs of a panel, 36 px, the chosen one underlined in spring; small buttons may stand at its right end."""

    def __init__(self, theme: Theme, name: str, items: Sequence[tuple[str, str]],
                 parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self._row.setContentsMargins(12, 0, 8, 0)
        self._row.setSpacing(SPACING)
        self._row.addStretch(1)
        for key, title in items:
            self.add_tab(key, title)
        if items:
            self.set_current(items[0][0])
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def add_tab(self, key: str, title: str, at: int | None = None) -> None:
        """Add a tab at a place, or behind the others."""
        tab = _Tab(self.theme, title, text=title, checkable=True)
        self._buttons[key] = tab
        self._group.addButton(tab)
        self._row.insertWidget(len(self._buttons) - 1 if at is None else at, tab)

    def show_tab(self, key: str, shown: bool) -> None:
        """Show a tab or leave it out."""
        self._buttons[key].setVisible(shown)
        self._space()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._space()

    def _space(self) -> None:
        """Tabs move closer together where there are many."""
        shown = [button for button in self._buttons.values() if not button.isHidden()]
        free = self.width() - 20 - sum(button.sizeHint().width() for button in shown)
        self._row.setSpacing(max(8, min(SPACING, free // max(len(shown) - 1, 1))))

    def add_corner(self, widget: QWidget) -> None:
        self._row.addWidget(widget)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.theme.dp(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, self.theme.color("line"))
