"""The editor for several names out of many: a chip for each, in the order in which they were picked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.editors import Editor
from studio.ui.schema import choice_title
from studio.ui.widgets.base import MINIMUM_HIT, Themed, box
from studio.ui.widgets.buttons import Chip
from studio.ui.widgets.flow import FlowLayout
from studio.ui.widgets.popup import Menu

if TYPE_CHECKING:
    from studio.ui.editors import FormPickers
    from studio.ui.schema import FieldSpec
    from studio.ui.theme import Theme


class PickedChip(Chip):
    """A picked name. A click or Delete takes it away; Alt with an arrow moves it."""

    moved = Signal(int)

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, text, checkable=False, name=f"Remove {text}", parent=parent)
        self.setAccessibleDescription("Alt with an arrow key moves it.")

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.theme.font("body")).horizontalAdvance(self.text())
        return QSize(width + 26 + self.theme.dp(12), self.theme.dp(MINIMUM_HIT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if by and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.moved.emit(by)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, pill = QPainter(self), self.theme, self.focus_rect()
        box(painter, pill, pill.height() / 2, theme.color("press" if self.isDown() else "spring_t"))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("spring"))
        painter.drawText(QRectF(11, 0, self.width() - 11, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        glyph = theme.dp(12)
        place = QRectF(self.width() - glyph - 9, (self.height() - glyph) / 2, glyph, glyph)
        theme.icons.paint(painter, place, "x", "t1" if self.underMouse() else "spring")


class ChipPicker(Themed, QWidget):
    """Chips, and one that adds another from a menu of families. empty: what that one says while there is none."""

    changed = Signal()

    def __init__(self, theme: Theme, name: str, families: dict[str, tuple[str, ...]], empty: str = "Add",
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.families, self._empty, self._name = families, empty, name
        self.picked: list[str] = []
        self._flow = FlowLayout(6)
        self.setLayout(self._flow)
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._chips: list[PickedChip] = []
        self.add = Chip(theme, empty, icon="plus", checkable=False, name=f"{name}: add")
        self.add.clicked.connect(self.show_menu)
        self._flow.addWidget(self.add)
        self.init_theme(theme)

    def set_picked(self, names: list[str]) -> None:
        """Show these, without `changed`."""
        self.picked = list(dict.fromkeys(names))
        while self._chips:
            chip = self._chips.pop()
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        for place, name in enumerate(self.picked):
            chip = PickedChip(self.theme, choice_title(name), self)
            chip.clicked.connect(lambda _=False, name=name: self._change([n for n in self.picked if n != name]))
            chip.moved.connect(lambda by, place=place: self._move(place, by))
            self._flow.insert_widget(place, chip)
            self._chips.append(chip)
        self.add.setText("Add" if self.picked else self._empty)
        self._flow.invalidate()
        self.updateGeometry()

    def menu(self) -> Menu:
        """All that can be picked, in families; what is picked is marked."""
        menu = Menu(self.theme, self._name, self)
        for family, names in self.families.items():
            inner = menu if not family else Menu(self.theme, family, menu)
            for name in names:
                action = inner.addAction(choice_title(name))
                action.setCheckable(True)
                action.setChecked(name in self.picked)
                action.triggered.connect(lambda _=False, name=name: self.toggle(name))
            if inner is not menu:
                menu.addMenu(inner)
        return menu

    def show_menu(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.add.mapToGlobal(QPoint(0, self.add.height() + 2)))

    def toggle(self, name: str) -> None:
        """Pick a name, or take it away."""
        self._change([n for n in self.picked if n != name] if name in self.picked else [*self.picked, name])

    def _move(self, place: int, by: int) -> None:
        to = min(max(place + by, 0), len(self.picked) - 1)
        if to != place:
            names = list(self.picked)
            names.insert(to, names.pop(place))
            self._change(names)
            self._chips[to].setFocus(Qt.FocusReason.OtherFocusReason)

    def _change(self, names: list[str]) -> None:
        had = self.isAncestorOf(self.window().focusWidget() or self)
        self.set_picked(names)
        if had:
            self.add.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()


class ChipsEditor(Editor):
    """A list of strings, or one string in which commas part them. Names that are not offered are kept."""

    def __init__(self, spec: FieldSpec, theme: Theme, pickers: FormPickers) -> None:
        self.picker = ChipPicker(theme, spec.title, dict(spec.families), "Auto" if spec.auto is not None else "Add")
        super().__init__(spec, self.picker, self.picker.add)
        self.set_value(spec.default)
        self.picker.changed.connect(self.changed)

    def value(self) -> Any:
        names = list(self.picker.picked)
        if self.spec.nullable and not names:
            return None
        return names if self.spec.listed else ", ".join(names)

    def set_value(self, value: Any) -> None:
        if isinstance(value, str):
            self.picker.set_picked([name.strip() for name in value.split(",") if name.strip()])
        elif isinstance(value, list | tuple) or value is None:
            self.picker.set_picked([name for name in value or () if isinstance(name, str)])
