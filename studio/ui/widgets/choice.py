"""Choices and switches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QListView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.ui.theme import Theme
from studio.ui.widgets.base import Fade, Themed, blend, box
from studio.ui.widgets.labels import paint_tag
from studio.ui.widgets.popup import Popup

NOTE, ICON, TAG = (int(Qt.ItemDataRole.UserRole) + n for n in (1, 2, 3))


@dataclass(frozen=True)
class Option:
    """One choice. note: small text under or behind the title; tag: "GPU", "starter", ..."""

    key: str
    title: str = ""
    note: str = ""
    icon: str = ""
    tag: str = ""


class _Rows(QStyledItemDelegate):
    """Rows of the popup: icon, title, note, and a check at the chosen one."""

    def __init__(self, theme: Theme, chosen: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._chosen = theme, chosen

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        metrics = QFontMetrics(self._theme.font("body"))
        width = metrics.horizontalAdvance(index.data() or "") + 48
        note = index.data(NOTE) or ""
        if note:
            width += QFontMetrics(self._theme.font("caption")).horizontalAdvance(note) + 16
        return QSize(width + (24 if index.data(ICON) else 0), self._theme.dp(28))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem,
              index: QModelIndex | QPersistentModelIndex) -> None:
        theme, rect = self._theme, QRectF(option.rect)
        enabled = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        if option.state & option.state.State_Selected and enabled:  # type: ignore[attr-defined]
            box(painter, rect, 6, theme.color("hover"))
        x, ink = rect.left() + 8, "t1" if enabled else "t4"
        if index.data(ICON):
            glyph = theme.dp(16)
            theme.icons.paint(painter, QRectF(x, rect.center().y() - glyph / 2, glyph, glyph), index.data(ICON), "t2")
            x += glyph + 8
        right, tick = rect.right() - 8, theme.dp(14)
        if index.row() == self._chosen:
            theme.icons.paint(painter, QRectF(right - tick, rect.center().y() - tick / 2, tick, tick), "check",
                              "spring", weight="bold")
        right -= tick + 8
        note = index.data(NOTE) or ""
        title_width = QFontMetrics(theme.font("body")).horizontalAdvance(index.data() or "")
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color(ink))
        middle = Qt.AlignmentFlag.AlignVCenter
        text = painter.fontMetrics().elidedText(index.data() or "", Qt.TextElideMode.ElideRight, int(right - x))
        painter.drawText(QRectF(x, rect.top(), right - x + 2, rect.height()), middle, text)
        x += title_width + 12
        if note and x < right - 20:
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("t3" if enabled else "t4"))
            note = painter.fontMetrics().elidedText(note, Qt.TextElideMode.ElideRight, int(right - x))
            painter.drawText(QRectF(x, rect.top(), right - x + 2, rect.height()),
                             middle | Qt.AlignmentFlag.AlignRight, note)


class _List(QListView):
    """The popup's list: Enter and click choose, hovering marks."""

    picked = Signal(int)

    def __init__(self, theme: Theme, combo: QComboBox) -> None:
        super().__init__()
        self.setModel(combo.model())
        self.setItemDelegate(_Rows(theme, combo.currentIndex(), self))
        self.setAccessibleName(combo.accessibleName())
        self.setMouseTracking(True)
        self.setStyleSheet("background: transparent;")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(True)
        self.entered.connect(self.setCurrentIndex)
        self.clicked.connect(lambda index: self.picked.emit(index.row()))
        if combo.currentIndex() >= 0:
            self.setCurrentIndex(combo.model().index(combo.currentIndex(), 0))

    def sizeHint(self) -> QSize:
        rows = self.model().rowCount()
        height = self.sizeHintForRow(0) if rows else 28
        wide = (self.sizeHintForIndex(self.model().index(row, 0)).width() for row in range(min(rows, 400)))
        width = max(wide, default=80)
        return QSize(width, height * min(rows, 12))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, 28)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.currentIndex().isValid() and self.currentIndex().flags() & Qt.ItemFlag.ItemIsEnabled:
                self.picked.emit(self.currentIndex().row())
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Tab):
            event.ignore()
        else:
            super().keyPressEvent(event)


class Choice(Themed, QComboBox):
    """One of several, 28 px high, with a popup in the theme's look. Signal ``chosen(key)`` when the person chooses.

    The text shown is the option's title; an icon and a tag of the chosen option stand in the field too.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, name: str, options: Sequence[Option | str] = (), *, key: str = "",
                 quiet: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quiet = quiet
        self._popup: Popup | None = None
        self.placeholder = "None"
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.init_theme(theme)
        self._fade = Fade(self, theme)
        self.activated.connect(lambda _: self.chosen.emit(self.key()))
        self.set_options(options)
        if key:
            self.set_key(key)

    def set_options(self, options: Sequence[Option | str]) -> None:
        """Replace the options; the chosen key stays chosen if it is still there. Silent."""
        before = self.key()
        self.blockSignals(True)
        self.clear()
        for item in options:
            option = item if isinstance(item, Option) else Option(item, item)
            self.addItem(option.title or option.key, option.key)
            row = self.count() - 1
            for role, value in ((NOTE, option.note), (ICON, option.icon), (TAG, option.tag)):
                self.setItemData(row, value, role)
        self.setCurrentIndex(max(0, self.findData(before)) if self.count() else -1)
        self.blockSignals(False)
        self.updateGeometry()
        self.update()

    def key(self) -> str:
        """The chosen key, "" if there is none."""
        data = self.currentData()
        return data if isinstance(data, str) else ""

    def set_key(self, key: str) -> bool:
        """Choose silently; False if there is no such option."""
        row = self.findData(key)
        if row >= 0:
            self.blockSignals(True)
            self.setCurrentIndex(row)
            self.blockSignals(False)
            self.update()
        return row >= 0

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.theme.font("body"))
        longest = max((metrics.horizontalAdvance(self.itemText(r)) for r in range(min(self.count(), 200))), default=40)
        return QSize(longest + 28 + self.theme.dp(12), self.theme.dp(28))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.dp(56), self.theme.dp(28))

    def showPopup(self) -> None:
        if self._popup is not None or not self.count():
            return
        rows = _List(self.theme, self)
        popup = Popup(self.theme, self, rows, keep=False)
        popup.card.setMinimumWidth(self.width())
        rows.picked.connect(self._picked)
        popup.closed.connect(self._popup_closed)
        self._popup = popup
        popup.open()
        rows.scrollTo(rows.currentIndex())

    def hidePopup(self) -> None:
        if self._popup is not None:
            self._popup.dismiss()

    def _picked(self, row: int) -> None:
        self.hidePopup()
        self.setCurrentIndex(row)
        self.activated.emit(row)

    def _popup_closed(self) -> None:
        self._popup = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the panel scrolls; a choice never changes by accident

    def enterEvent(self, event: object) -> None:
        self._fade.to(1.0)

    def leaveEvent(self, event: object) -> None:
        self._fade.to(0.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        rest = theme.color("control", 0.0 if self._quiet else 1.0)
        down = self._popup is not None
        fill = theme.color("hover") if down else blend(rest, theme.color("hover"), self._fade.amount)
        box(painter, self.rect(), 6, fill, theme.color("t3") if theme.high_contrast else None)
        row, on = self.currentIndex(), self.isEnabled()
        x, right = 10.0, self.width() - 14.0 - theme.dp(12)
        icon, tag = (self.itemData(row, ICON) or "", self.itemData(row, TAG) or "") if row >= 0 else ("", "")
        glyph, caret = theme.dp(16), theme.dp(12)
        if icon:
            theme.icons.paint(painter, QRectF(x, (self.height() - glyph) / 2, glyph, glyph), icon, "t2" if on else "t4")
            x += glyph + 7
        if tag:
            font = theme.font("caption")
            font.setWeight(font.Weight.DemiBold)
            width, height = QFontMetrics(font).horizontalAdvance(tag) + 10, theme.dp(16)
            ink, tint = ("sky", "sky_t") if tag == "GPU" else ("spring", "spring_t")
            area = QRectF(right - width, (self.height() - height) / 2, width, height)
            paint_tag(painter, theme, area, tag, ink, tint)
            right -= width + 8
        text = self.currentText() if row >= 0 else self.placeholder
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("t4" if not on else "t1" if row >= 0 else "t3"))
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(right - x))
        painter.drawText(QRectF(x, 0, right - x + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        area = QRectF(self.width() - 10 - caret, (self.height() - caret) / 2, caret, caret)
        theme.icons.paint(painter, area, "caret-down", "t3" if on else "t4", weight="bold")


class _Toggle(Themed, QCheckBox):
    """What Switch and Check share: text, fade, size."""

    mark_width = 16

    def __init__(self, theme: Theme, name: str, *, checked: bool = False, show_text: bool = False,
                 parent: QWidget | None = None) -> None:
        super().__init__(name if show_text else "", parent)
        self.setAccessibleName(name)
        self.setChecked(checked)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.init_theme(theme)
        self._fade = Fade(self, theme)
        self._on = Fade(self, theme)
        self._on.amount = float(checked)
        self.toggled.connect(lambda on: self._on.to(float(on)))

    def sizeHint(self) -> QSize:
        text = QFontMetrics(self.theme.font("body")).horizontalAdvance(self.text())
        width = self.theme.dp(self.mark_width) + (text + 8 if text else 0)
        return QSize(max(28, width + 2), self.theme.dp(28))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, position: object) -> bool:
        return True

    def enterEvent(self, event: object) -> None:
        self._fade.to(1.0)

    def leaveEvent(self, event: object) -> None:
        self._fade.to(0.0)

    def mark(self) -> QRect:
        height = self.theme.dp(18 if self.mark_width > 20 else 16)
        return QRect(1, (self.height() - height) // 2, self.theme.dp(self.mark_width), height)

    def focus_rect(self) -> QRect:
        return self.rect() if self.text() else self.mark()

    def paint_text(self, painter: QPainter) -> None:
        if self.text():
            painter.setFont(self.theme.font("body"))
            painter.setPen(self.theme.color("t1" if self.isEnabled() else "t4"))
            area = self.rect().adjusted(self.mark().right() + 9, 0, 4, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self.text())


class Switch(_Toggle):
    """On or off at once: a 32 x 18 track."""

    mark_width = 32
    focus_radius = 9.0

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, mark = QPainter(self), self.theme, QRectF(self.mark())
        amount, on = self._on.amount, self.isEnabled()
        off_fill = blend(theme.color("control"), theme.color("hover"), self._fade.amount)
        fill = blend(off_fill, theme.color("spring_t"), amount)
        edge = blend(theme.color("t3"), theme.color("spring"), amount) if on else theme.color("t4")
        box(painter, mark, mark.height() / 2, fill, edge)
        radius = mark.height() / 2 - 4
        x = mark.left() + 4 + (mark.width() - 8 - radius * 2) * amount
        knob = QRectF(x, mark.center().y() - radius, radius * 2, radius * 2)
        colour = blend(theme.color("t2"), theme.color("spring"), amount) if on else theme.color("t4")
        box(painter, knob, radius, colour)
        self.paint_text(painter)


class Check(_Toggle):
    """A check box: 16 px, spring with a tick when checked."""

    focus_radius = 4.0

    def __init__(self, theme: Theme, name: str, *, checked: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, checked=checked, show_text=True, parent=parent)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, mark = QPainter(self), self.theme, QRectF(self.mark()).adjusted(1, 1, -1, -1)
        if self.isChecked():
            box(painter, mark, 3, theme.color("spring" if self.isEnabled() else "control"))
            ink = "on_spring" if self.isEnabled() else "t4"
            theme.icons.paint(painter, mark.adjusted(1, 1, -1, -1), "check", ink, weight="bold")
        else:
            edge = blend(theme.color("t3"), theme.color("t1"), self._fade.amount) if self.isEnabled() \
                else theme.color("t4")
            box(painter, mark, 3, None, edge, 1.5)
        self.paint_text(painter)


__all__ = ["Check", "Choice", "Option", "Switch"]
