"""Floating surfaces: cards with a shadow, and popups that lie inside the window they belong to."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QDialog, QFrame, QMenu, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box

Place = Literal["below", "above", "centre", "top"]
SHADOW = 24


def paint_shadow(painter: QPainter, theme: Theme, rect: QRectF, radius: float) -> None:
    """The shadow of floating things: 8 px down, 24 px wide, as strong as the theme says."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    layers = 18
    # layers laid over each other add up to the theme's alpha under the card and fall off outwards
    each = 1 - (1 - theme.tokens.shadow_alpha) ** (1 / layers)
    painter.setBrush(theme.color("shadow", each))
    for layer in range(layers):
        spread = ((layer + 1) / layers) ** 1.6 * SHADOW * 1.15 - SHADOW / 3
        painter.drawRoundedRect(rect.translated(0, 8).adjusted(-spread, -spread, spread, spread),
                                radius + max(0.0, spread), radius + max(0.0, spread))
    painter.restore()


class Card(Themed, QFrame):
    """A rounded surface with a border. surface: a token; radius 8 for cards, 10 for popups, 12 for the prompt bar."""

    def __init__(self, theme: Theme, *, surface: str = "panel", edge: str = "line", radius: int = 8,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.surface, self.edge, self.radius = surface, edge, radius
        self.init_theme(theme)

    def paintEvent(self, event: QPaintEvent) -> None:
        box(QPainter(self), self.rect(), self.radius, self.theme.color(self.surface), self.theme.color(self.edge))


class Popup(Themed, QWidget):
    """Content on a raised card over its window. A press outside, Esc or `dismiss` closes it and gives focus back.

    It is a child of the window, so it needs no compositor and appears in screenshots of the window. Create, `open`;
    it deletes itself when closed. keep: the content stays, hidden, as a child of the window, and may be shown in
    another popup; else it goes with this one (also if the content has `delete_on_close = True`). Signal ``closed()``.
    """

    closed = Signal()

    def __init__(self, theme: Theme, anchor: QWidget, content: QWidget, *, place: Place = "below",
                 width: int = 0, margins: int = 6, dim: bool = False, keep: bool = True) -> None:
        super().__init__(anchor.window())
        self._window = anchor.window()
        self._keep = keep and not getattr(content, "delete_on_close", False)
        self._anchor, self._place, self._width, self._dim = anchor, place, width, dim
        self.content = content
        self.card = Card(theme, surface="raised", edge="line2", radius=10, parent=self)
        inside = QVBoxLayout(self.card)
        inside.setContentsMargins(margins, margins, margins, margins)
        inside.addWidget(content)
        self._before: QWidget | None = None
        self._shadow: QPixmap | None = None
        self._open = False
        self.setAccessibleName(content.accessibleName())
        self.init_theme(theme)
        self.hide()

    def open(self) -> None:
        """Show it and move the keyboard focus into it."""
        self._before = self._window.focusWidget()
        self._open = True
        window = self._window
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.raise_()
        self.content.show()
        self.show()
        self.place()
        self.content.setFocus(Qt.FocusReason.PopupFocusReason)
        duration = self.theme.duration(120)
        if duration and window.isVisible():
            slide = QPropertyAnimation(self.card, b"pos", self)
            slide.setDuration(duration)
            slide.setEasingCurve(QEasingCurve.Type.OutCubic)
            end = self.card.pos()
            slide.setStartValue(end + QPoint(0, 4 if self._place == "above" else -4))
            slide.setEndValue(end)
            slide.valueChanged.connect(lambda _: self.update())
            slide.start(QPropertyAnimation.DeletionPolicy.DeleteWhenStopped)

    def is_open(self) -> bool:
        return self._open

    def dismiss(self) -> None:
        """Close it; the focus goes back to where it was."""
        if not self._open:
            return
        self._open = False
        self._window.removeEventFilter(self)
        now = self._window.focusWidget()
        inside = now is None or self.isAncestorOf(now)
        self.hide()
        if inside and self._before is not None:
            try:
                self._before.setFocus(Qt.FocusReason.PopupFocusReason)
            except RuntimeError:  # it was deleted meanwhile
                pass
        if self._keep:
            self.content.hide()
            self.content.setParent(self._window)
        self.closed.emit()
        self.deleteLater()

    def place(self) -> None:
        """Lay the card beside its anchor, inside the window."""
        room = self.rect().adjusted(8, 8, -8, -8)
        hint = self.card.sizeHint().expandedTo(self.card.minimumSize())
        size = QSize(min(max(self._width, hint.width()) if not self._width else self._width, room.width()),
                     min(hint.height(), room.height()))
        anchor = QRect(self._anchor.mapTo(self._window, QPoint(0, 0)), self._anchor.size())
        if self._place == "centre":
            corner = room.center() - QPoint(size.width() // 2, size.height() // 2)
        elif self._place == "top":
            corner = QPoint(room.center().x() - size.width() // 2, room.top() + max(40, room.height() // 8))
        else:
            below, above = anchor.bottom() + 5, anchor.top() - 4 - size.height()
            under = self._place == "below"
            if under and below + size.height() > room.bottom() and above >= room.top():
                under = False
            elif not under and above < room.top():
                under = True
            corner = QPoint(anchor.left(), below if under else above)
        corner.setX(max(room.left(), min(corner.x(), room.right() - size.width() + 1)))
        corner.setY(max(room.top(), min(corner.y(), room.bottom() - size.height() + 1)))
        self.card.setGeometry(QRect(corner, size))
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self.setGeometry(self._window.rect())
            self.place()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.dismiss()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # nor do shortcuts: Ctrl+Enter keeps what is written here, and generates nothing
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        event.accept()  # keys of a popup never reach the window below

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab walks inside the popup."""
        chain = [w for w in self.card.findChildren(QWidget)
                 if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isVisible() and w.isEnabled()]
        if not chain:
            return False
        now = self._window.focusWidget()
        index = chain.index(now) if now in chain else -1
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        chain[(index + (1 if forward else -1)) % len(chain)].setFocus(reason)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._dim:
            painter.fillRect(self.rect(), self.theme.color("canvas", 0.45))
        paint_shadow(painter, self.theme, QRectF(self.card.geometry()), self.card.radius)


class Menu(QMenu):
    """A QMenu in the look of the theme: rounded, without the system's shadow."""

    def __init__(self, theme: Theme, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._theme = theme
        self.setWindowFlags(self.windowFlags() | Qt.WindowType.FramelessWindowHint
                            | Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setToolTipsVisible(True)


def close_popup(widget: QWidget) -> None:
    """Close the popup or dialog that a widget stands in."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, Popup):
            parent.dismiss()
            return
        if parent.isWindow():
            break
        parent = parent.parentWidget()
    if widget.isWindow() or (parent is not None and isinstance(parent, QDialog)):
        widget.window().close()
