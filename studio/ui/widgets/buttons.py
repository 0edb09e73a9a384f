"""Buttons: tools, icon buttons, push buttons and filter chips."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from studio.ui.icons import Weight
from studio.ui.theme import FontRole, Theme
from studio.ui.widgets.base import MINIMUM_HIT, Fade, Themed, blend, box, is_enter, is_leave, tooltip

Variant = Literal["primary", "secondary", "quiet", "danger"]


class BaseButton(Themed, QPushButton):
    """A QPushButton that paints itself; keeps name, tool tip, key and the reason why it is disabled.

    `key` is shown in the tool tip only; binding it is the work of the command set.
    """

    def __init__(self, theme: Theme, name: str, *, icon: str = "", text: str = "", key: str = "",
                 checkable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon_name = icon
        self.icon_weight: Weight = "regular"
        self._name, self._key, self._reason = name, key, ""
        self.setText(text)
        self.setCheckable(checkable)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.init_theme(theme)
        self._fade = Fade(self, theme)
        self._tell()

    def set_name(self, name: str, key: str | None = None) -> None:
        """Change what it is called, and the key that its tool tip shows."""
        self._name = name
        self._key = self._key if key is None else key
        self.setAccessibleName(name)
        self._tell()

    def set_icon(self, name: str, weight: Weight = "regular") -> None:
        self.icon_name, self.icon_weight = name, weight
        self.updateGeometry()
        self.update()

    def set_available(self, available: bool, reason: str = "") -> None:
        """Enable or disable; `reason` says why it is disabled, in the tool tip."""
        self._reason = "" if available else reason
        self.setEnabled(available)
        self.setAccessibleDescription(self._reason)
        self._tell()

    def _tell(self) -> None:
        show = not self.text() or self._key or self._reason or self.text() != self._name
        self.setToolTip(tooltip(self._name, self._key, self._reason) if show else "")

    def event(self, event: QEvent) -> bool:
        if is_enter(event):
            self._fade.to(1.0 if self.isEnabled() else 0.0)
        elif is_leave(event) or event.type() == QEvent.Type.EnabledChange:
            self._fade.to(0.0)
        return super().event(event)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    # ------------------------------------------------------------ painting

    def ink(self) -> str:
        """The token of icon and text in the present state."""
        if not self.isEnabled():
            return "t4"
        if self.isChecked():
            return "spring"
        return "t1" if self.underMouse() or self.isDown() else "t2"

    def fill(self) -> QColor | None:
        """The colour behind, None for none: transparent at rest, control on hover, spring-t when on."""
        if self.isChecked():
            return self.theme.color("spring_t")
        if self.isDown() and self.isEnabled():
            return self.theme.color("press")
        return self.theme.color("control", self._fade.amount) if self._fade.amount else None


class ToolButton(BaseButton):
    """A tool of the strip: 32 px with an 18 px icon, spring-t while on. `more` draws the corner of a tool family."""

    focus_radius = 7.0
    side, glyph = 32, 18

    def __init__(self, theme: Theme, icon: str, name: str, *, key: str = "", checkable: bool = True,
                 more: bool = False, parent: QWidget | None = None) -> None:
        self.more = more
        super().__init__(theme, name, icon=icon, key=key, checkable=checkable, parent=parent)

    def sizeHint(self) -> QSize:
        side = max(MINIMUM_HIT, self.theme.dp(self.side))
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if (fill := self.fill()) is not None:
            box(painter, self.rect(), self.focus_radius, fill)
        glyph = self.theme.dp(self.glyph)
        area = QRectF(0, 0, glyph, glyph)
        area.moveCenter(QRectF(self.rect()).center())
        self.theme.icons.paint(painter, area, self.icon_name, self.ink(), weight=self.icon_weight)
        if self.more:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color("t3"))
            corner = self.rect().bottomRight()
            x, y = corner.x() - 2, corner.y() - 2
            painter.drawPolygon([QRect(x - 4, y, 1, 1).topLeft(), QRect(x, y - 4, 1, 1).topLeft(),
                                 QRect(x, y, 1, 1).topLeft()])


class IconButton(ToolButton):
    """A 28 px button with a 16 px icon, for bars, rows and panel heads."""

    focus_radius = 6.0
    side, glyph = 28, 16

    def __init__(self, theme: Theme, icon: str, name: str, *, key: str = "", checkable: bool = False,
                 filled: bool = False, parent: QWidget | None = None) -> None:
        self.filled = filled
        super().__init__(theme, icon, name, key=key, checkable=checkable, parent=parent)

    def fill(self) -> QColor | None:
        if self.filled and not self.isChecked():
            rest = self.theme.color("control")
            if self.isDown():
                return self.theme.color("press")
            return blend(rest, self.theme.color("hover"), self._fade.amount)
        return super().fill()


class PushButton(BaseButton):
    """A button with a label, 28 px high (`tall`: 36). variant: primary, secondary, quiet or danger.

    `hint` is small text behind the label, such as a key.
    """

    def __init__(self, theme: Theme, text: str, *, variant: Variant = "secondary", icon: str = "", name: str = "",
                 key: str = "", hint: str = "", tall: bool = False, checkable: bool = False,
                 parent: QWidget | None = None) -> None:
        self.variant: Variant = variant
        self.tall, self.hint = tall, hint
        self.compact = False
        super().__init__(theme, name or text.rstrip("…").rstrip("."), icon=icon, text=text, key=key,
                         checkable=checkable, parent=parent)
        self.focus_radius = 8.0 if tall else 6.0

    def set_text(self, text: str) -> None:
        self.setText(text)
        self.set_name(text.rstrip("…"))
        self.updateGeometry()

    def set_compact(self, on: bool) -> None:
        """Show the icon alone, where there is one; the words stay the accessible name and the tooltip."""
        if on != self.compact:
            self.compact = on
            self.updateGeometry()
            self.update()

    @property
    def label(self) -> str:
        """The words that are shown."""
        return "" if self.compact and self.icon_name else self.text()

    def _role(self) -> FontRole:
        return "strong" if self.variant in ("primary", "danger") or self.tall else "medium"

    def _parts(self) -> tuple[int, int, int, int]:
        """Padding, icon size, widths of label and hint, in px."""
        label = QFontMetrics(self.theme.font(self._role())).horizontalAdvance(self.label)
        hint = QFontMetrics(self.theme.font("caption")).horizontalAdvance(self.hint) if self.hint else 0
        pad = 14 if self.tall else 8 if self.variant == "quiet" else 12
        return pad, self.theme.dp(16) if self.icon_name else 0, label, hint

    def sizeHint(self) -> QSize:
        pad, glyph, label, hint = self._parts()
        width = pad * 2 + label + (glyph + (8 if label else 0) if glyph else 0) + (hint + 8 if hint else 0)
        return QSize(width, self.theme.dp(36 if self.tall else 28))

    def ink(self) -> str:
        if not self.isEnabled():
            return "t4"
        if self.isChecked():
            return "spring"
        if self.variant == "primary":
            return "on_spring"
        if self.variant == "danger":
            return "err"
        return "t1" if self.variant == "secondary" or self.underMouse() else "t2"

    def fill(self) -> QColor | None:
        colour, amount = self.theme.color, self._fade.amount
        if self.isChecked():
            return colour("spring_t")
        if self.variant == "quiet":
            return super().fill()
        rest, over, down = {
            "primary": ("spring", "spring_hover", "spring_press"), "secondary": ("control", "hover", "press"),
            "danger": ("err_t", "err_t", "press"), "quiet": ("control", "hover", "press"),
        }[self.variant]
        if not self.isEnabled():
            return colour("control")
        return colour(down) if self.isDown() else blend(colour(rest), colour(over), amount)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, ink = self.theme, self.ink()
        if (fill := self.fill()) is not None:
            edge = theme.color("err", 0.5) if self.variant == "danger" and self.isEnabled() else None
            box(painter, self.rect(), self.focus_radius, fill, edge)
        pad, glyph, label, hint = self._parts()
        total = label + (glyph + (8 if label else 0) if glyph else 0) + (hint + 8 if hint else 0)
        x = max(pad, (self.width() - total) / 2)
        if glyph:
            icon_ink = "t2" if ink == "t1" and self.variant == "secondary" and not self.underMouse() else ink
            weight = self.icon_weight
            if self.variant == "primary" and weight == "regular":
                weight = "fill" if self.icon_name == "sparkle" else "bold"
            theme.icons.paint(painter, QRectF(x, (self.height() - glyph) / 2, glyph, glyph), self.icon_name,
                              icon_ink, weight=weight)
            x += glyph + 8
        painter.setFont(theme.font(self._role()))
        painter.setPen(theme.color(ink))
        room = self.width() - pad - x - (hint + 8 if hint else 0)
        text = painter.fontMetrics().elidedText(self.label, Qt.TextElideMode.ElideRight, int(room + 1))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(x, 0, room + 1, self.height()), middle, text)
        if hint:
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color(ink if self.variant == "primary" or ink == "t4" else "t3",
                                       0.85 if self.variant == "primary" else 1.0))
            painter.drawText(QRectF(x + label + 8, 0, hint + 2, self.height()), middle, self.hint)


class Chip(BaseButton):
    """A filter chip: 24 px pill in a 28 px hit area; checked is spring-t. `count` shows behind the text if not None."""

    focus_radius = 12.0

    def __init__(self, theme: Theme, text: str, *, icon: str = "", checkable: bool = True, name: str = "",
                 parent: QWidget | None = None) -> None:
        super().__init__(theme, name or text, icon=icon, text=text, checkable=checkable, parent=parent)

    def sizeHint(self) -> QSize:
        font = self.theme.font("body")
        width = QFontMetrics(font).horizontalAdvance(self.text()) + 22
        return QSize(width + (self.theme.dp(14) + 6 if self.icon_name else 0), self.theme.dp(MINIMUM_HIT))

    def focus_rect(self) -> QRect:
        inset = (self.height() - self.theme.dp(24)) // 2
        return self.rect().adjusted(0, inset, 0, -inset)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        pill = self.focus_rect()
        fill = theme.color("spring_t") if self.isChecked() else theme.color("control", self._fade.amount)
        if self.isDown():
            fill = theme.color("press")
        box(painter, pill, pill.height() / 2, fill, None if self.isChecked() else theme.color("line2"))
        x = 11.0
        if self.icon_name:
            glyph = theme.dp(14)
            theme.icons.paint(painter, QRectF(x, (self.height() - glyph) / 2, glyph, glyph), self.icon_name, self.ink())
            x += glyph + 6
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color(self.ink()))
        painter.drawText(QRectF(x, 0, self.width() - x - 8, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
