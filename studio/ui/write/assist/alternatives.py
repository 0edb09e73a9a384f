"""The likeliest other words at one place, with their probabilities."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.notices import announce
from studio.ui.widgets.popup import paint_shadow
from studio.ui.write.assist.ghoststate import Option

MOST = 10
ROW, EDGE, BAR, PERCENT = 28, 6, 46, 40
SHADOW = 34
WIDEST_WORD = 180


def shown_word(text: str) -> str:
    """A token as it reads in a list: blanks at its ends go, a line end becomes a sign."""
    return text.replace("\n", "⏎").replace("\t", "⇥").strip() or "␣"


def beginning_of(word: str, options: Sequence[Option]) -> int:
    """The option with which a word begins (it may be longer: "didn" and "didn't"), 0 for none."""
    found = [i for i, option in enumerate(options) if option.text.strip() and word.startswith(option.text)]
    return max(found, key=lambda i: len(options[i].text), default=0)


class Alternatives(Themed, QWidget):
    """A list over the page; it takes the focus only when it is asked to (Down). Signals ``picked(int)``: the place in
    the list, ``closed()``."""

    picked = Signal(int)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.options: list[Option] = []
        self.at = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Other words")
        self.init_theme(theme)
        self.hide()

    def show_options(self, options: Sequence[Option], near: QRect, *, current: str = "", covered: int = 0) -> None:
        """Show up to ten at the right of and below `near` (in the parent's coordinates); none hides the list.

        covered: pixels at the parent's lower edge that something else lies over.
        """
        before, self.options = self.options, list(options)[:MOST]
        if not self.options:
            self.close_list()
            return
        self.at = beginning_of(current, self.options)
        fresh = self.isHidden() or self.options != before
        size = self.sizeHint()
        parent = self.parentWidget()
        room = QRect(8, 4, parent.width() - 16, parent.height() - covered - 12)
        left, top = near.right() + 12, near.top() - 20
        inner = size - QSize(2 * SHADOW, 2 * SHADOW)
        if left + inner.width() > room.right():  # it would lie over the line that it is about
            left = room.right() - inner.width()
            top = near.top() - inner.height() - 8
            top = top if top >= room.top() else near.bottom() + 8
        top = max(room.top(), min(top, room.bottom() - inner.height()))
        self.setGeometry(QRect(QPoint(max(0, left) - SHADOW, top - SHADOW), size))
        self.show()
        self.raise_()
        self.update()
        if not fresh:
            return
        first = self.options[0]
        self.setAccessibleDescription(", ".join(f"{shown_word(o.text)} {round(o.probability * 100)} %"
                                                for o in self.options))
        announce(self, f"{len(self.options)} other words, the likeliest {shown_word(first.text)}")

    def close_list(self) -> None:
        """Hide it; the focus goes back to where it belongs."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def _font(self) -> QFont:
        font = self.theme.font("manuscript")
        font.setPixelSize(self.theme.dp(14))
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _word_width(self) -> int:
        metrics = QFontMetrics(self._font())
        widest = max((metrics.horizontalAdvance(shown_word(o.text)) for o in self.options), default=40)
        return 3 + min(WIDEST_WORD, widest)

    def sizeHint(self) -> QSize:
        width = 8 + self._word_width() + 12 + self.theme.dp(BAR) + 8 + self.theme.dp(PERCENT) + 8 + 2 * EDGE
        return QSize(width + 2 * SHADOW, self.theme.dp(ROW) * len(self.options) + 2 * EDGE + 2 * SHADOW)

    def focus_rect(self) -> QRect:
        return self.card()

    def card(self) -> QRect:
        """Without the room for the shadow."""
        return self.rect().adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)

    def _row(self, at: int) -> QRect:
        card, height = self.card(), self.theme.dp(ROW)
        return QRect(card.left() + EDGE, card.top() + EDGE + at * height, card.width() - 2 * EDGE, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        paint_shadow(painter, theme, QRectF(self.card()), 10)
        box(painter, self.card(), 10, theme.color("raised"), theme.color("line2"))
        middle = Qt.AlignmentFlag.AlignVCenter
        most = max(max(o.probability for o in self.options), 1e-6)  # the likeliest fills its bar
        for at, option in enumerate(self.options):
            row = self._row(at)
            if at == self.at:
                box(painter, row, 6, theme.color("hover"))
            painter.setFont(self._font())
            painter.setPen(theme.color("t1"))
            wide = self._word_width()
            word = QFontMetrics(self._font()).elidedText(shown_word(option.text), Qt.TextElideMode.ElideRight, wide)
            painter.drawText(row.adjusted(8, 0, 0, 0), middle | Qt.AlignmentFlag.AlignLeft, word)
            x, long = row.left() + 8 + wide + 12, theme.dp(BAR)
            groove = QRectF(x, row.center().y() - 1, long, 4)
            box(painter, groove, 2, theme.color("line2"))
            share = max(4.0, long * min(1.0, max(0.0, option.probability) / most))
            box(painter, QRectF(groove.left(), groove.top(), share, 4), 2, theme.color("iris"))
            painter.setFont(theme.font("body", tnum=True))
            painter.setPen(theme.color("t1" if at == self.at else "t2"))
            percent = option.probability * 100
            text = f"{percent:.0f} %" if percent >= 1 else "< 1 %"
            painter.drawText(row.adjusted(0, 0, -6, 0), middle | Qt.AlignmentFlag.AlignRight, text)

    def _over(self, point: QPoint) -> int:
        return next((at for at in range(len(self.options)) if self._row(at).contains(point)), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._over(event.position().toPoint())
        if over >= 0 and over != self.at:
            self.at = over
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        over = self._over(event.position().toPoint())
        if over >= 0:
            self.picked.emit(over)

    def take_key(self, event: QKeyEvent) -> bool:
        """Alt+1 to Alt+9 pick at once; Up, Down and Enter walk and pick; Esc closes."""
        if not self.isVisible():
            return False
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers == Qt.KeyboardModifier.AltModifier and Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            number = key - Qt.Key.Key_1
            if number < len(self.options):
                self.picked.emit(number)
            return True
        if modifiers == Qt.KeyboardModifier.NoModifier and self.hasFocus():
            if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self.at = (self.at + (1 if key == Qt.Key.Key_Down else -1)) % len(self.options)
                option = self.options[self.at]
                announce(self, f"{shown_word(option.text)}, {round(option.probability * 100)} %")
                self.update()
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.picked.emit(self.at)
                return True
            if key == Qt.Key.Key_Escape:
                self.close_list()
                return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.take_key(event):
            super().keyPressEvent(event)
