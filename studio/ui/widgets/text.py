"""Text that is typed: one line, several lines, and the seed."""

from __future__ import annotations

import secrets

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from studio.ui.theme import FontRole, Theme
from studio.ui.widgets.base import Themed, box, mark_invalid
from studio.ui.widgets.buttons import IconButton

MAX_SEED = 2**32 - 1


class TextField(Themed, QLineEdit):
    """A line of text, 28 px high. icon: a Phosphor icon at its left; clearable: a cross while there is text."""

    def __init__(self, theme: Theme, name: str, *, text: str = "", placeholder: str = "", icon: str = "",
                 role: FontRole = "body", clearable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._icon, self._role = icon, role
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._clear: IconButton | None = None
        self.init_theme(theme)
        if clearable:
            self._clear = IconButton(theme, "x", f"Clear {name.lower()}", parent=self)
            self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._clear.setCursor(Qt.CursorShape.ArrowCursor)
            self._clear.clicked.connect(self.clear)
            self._clear.setVisible(bool(text))
            self.textChanged.connect(lambda now: self._clear.setVisible(bool(now)) if self._clear else None)
        self.setCursorPosition(0)
        self.retheme()

    def set_invalid(self, invalid: bool) -> None:
        mark_invalid(self, invalid)

    def sizeHint(self) -> QSize:
        return QSize(160, self.theme.dp(28))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.theme.dp(28))

    def retheme(self) -> None:
        self.setFont(self.theme.font(self._role))
        room = self.theme.dp(16) + 6
        left = room + (10 if self.property("bare") else 0)
        self.setTextMargins(left if self._icon else 0, 0, room if self._clear else 0, 0)
        super().retheme()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._clear:
            self._clear.setGeometry(self.width() - self.height(), 0, self.height(), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._icon:
            area = QRect(8, 0, self.theme.dp(16), self.height()).toRectF()
            self.theme.icons.paint(QPainter(self), area, self._icon, "t3")


class TextArea(Themed, QPlainTextEdit):
    """Several lines that grow with the text, from `least` to `most`; then it scrolls. Tab leaves it.

    The caret is spring. bare: without a box of its own, for the prompt bar. Signal ``height_changed()``.
    """

    height_changed = Signal()

    def __init__(self, theme: Theme, name: str, *, text: str = "", placeholder: str = "", least: int = 1,
                 most: int = 6, role: FontRole = "body", bare: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least, self._most, self._role, self._bare = least, most, role, bare
        self._caret_on = True
        self._blink = QTimer(self)
        self._blink.timeout.connect(self._blinked)
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self.setProperty("bare", bare)
        self.setCursorWidth(0)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(2)
        self.document().contentsChanged.connect(self._fit)
        self.cursorPositionChanged.connect(self._restart_blink)
        self.init_theme(theme)
        self.retheme()
        if text:
            self.setPlainText(text)

    def text(self) -> str:
        return self.toPlainText()

    def set_text(self, text: str) -> None:
        if text != self.toPlainText():
            self.setPlainText(text)

    def set_invalid(self, invalid: bool) -> None:
        mark_invalid(self, invalid)

    def lines(self) -> int:
        """How many lines the text takes as it is wrapped now."""
        count, block = 0, self.document().begin()
        while block.isValid() and count <= self._most:
            layout = block.layout()
            count += max(1, layout.lineCount() if layout is not None else 1)
            block = block.next()
        return max(1, count)

    def sizeHint(self) -> QSize:
        rows = min(max(self.lines(), self._least), self._most)
        line = self.fontMetrics().lineSpacing()
        frame = 4 if self._bare else 4 + 10
        return QSize(200, max(self.theme.dp(28), rows * line + frame))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def retheme(self) -> None:
        self.setFont(self.theme.font(self._role))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.PlaceholderText, self.theme.color("t3"))
        self.setPalette(palette)
        super().retheme()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fit()

    def _fit(self) -> None:
        height = self.sizeHint().height()
        more = self.lines() > self._most
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded if more else Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if height != self.minimumHeight() or height != self.maximumHeight():
            self.setFixedHeight(height)
            self.height_changed.emit()

    # ------------------------------------------------------------ the caret

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._restart_blink()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._blink.stop()
        self.viewport().update()

    def _restart_blink(self) -> None:
        self._caret_on = True
        flash = QGuiApplication.styleHints().cursorFlashTime()
        if self.hasFocus() and flash > 0 and not self.theme.reduced_motion:
            self._blink.start(flash // 2)
        self.viewport().update()

    def _blinked(self) -> None:
        self._caret_on = not self._caret_on
        self.viewport().update(self.cursorRect().adjusted(-2, -1, 2, 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self._caret_on and not self.isReadOnly():
            place = self.cursorRect()
            QPainter(self.viewport()).fillRect(place.x(), place.y(), 2, place.height(), self.theme.color("spring"))


class _SeedLine(QLineEdit):
    left = Signal()
    entered = Signal()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.entered.emit()
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class SeedField(Themed, QWidget):
    """A seed, 0 to 2**32 - 1, in groups of three, with a dice and a lock.

    Unlocked, the studio takes a new seed at each Generate; locked, it keeps this one. Signals ``value_changed(int)``
    and ``locked_changed(bool)`` for changes by the person.
    """

    value_changed = Signal(object)  # a seed may be over 2**31, which Signal(int) cannot carry
    locked_changed = Signal(bool)

    def __init__(self, theme: Theme, name: str = "Seed", *, value: int = 0, locked: bool = False,
                 maximum: int = MAX_SEED, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maximum = max(0, maximum)
        self._value = 0
        self.line = _SeedLine()
        self.line.setAccessibleName(name)
        self.line.setProperty("bare", True)
        self.dice = IconButton(theme, "dice-five", f"New {name.lower()}")
        self.lock = IconButton(theme, "lock-simple-open", f"Keep {name.lower()}", key="Ctrl+Shift+L", checkable=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.line, 1)
        row.addWidget(self.dice)
        row.addWidget(self.lock)
        self.setFocusProxy(self.line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.line.entered.connect(lambda: self.line.setText(str(self._value)))
        self.line.left.connect(self._commit)
        self.line.returnPressed.connect(self._commit)
        self.dice.clicked.connect(self.roll)
        self.lock.toggled.connect(self._locked)
        self.init_theme(theme)
        self.retheme()
        self.set_value(value)
        self.set_locked(locked)

    def value(self) -> int:
        return self._value

    def set_value(self, value: int) -> None:
        """Silent; clamped to 0 .. maximum."""
        self._value = min(self._maximum, max(0, int(value)))
        self.line.setText(str(self._value) if self.line.hasFocus() else self._grouped())
        self.line.setCursorPosition(0)

    def locked(self) -> bool:
        return self.lock.isChecked()

    def set_locked(self, locked: bool) -> None:
        """Silent."""
        self.lock.blockSignals(True)
        self.lock.setChecked(locked)
        self.lock.blockSignals(False)
        self.lock.set_icon("lock-simple" if locked else "lock-simple-open")

    def roll(self) -> None:
        """Take a new random seed."""
        self.set_value(secrets.randbelow(self._maximum + 1))
        self.value_changed.emit(self._value)

    def sizeHint(self) -> QSize:
        return QSize(180, self.theme.dp(28))

    def retheme(self) -> None:
        self.line.setFont(self.theme.font("mono"))
        super().retheme()

    def paintEvent(self, event: QPaintEvent) -> None:
        edge = self.theme.color("t3") if self.theme.high_contrast else None
        box(QPainter(self), self.rect(), 6, self.theme.color("control"), edge)

    def _grouped(self) -> str:
        return f"{self._value:,}".replace(",", " ")

    def _commit(self) -> None:
        digits = "".join(c for c in self.line.text() if c in "0123456789")
        typed = min(self._maximum, int(digits[:20])) if digits else self._value
        changed = typed != self._value
        self.set_value(typed)
        if changed:
            self.value_changed.emit(typed)

    def _locked(self, on: bool) -> None:
        self.lock.set_icon("lock-simple" if on else "lock-simple-open")
        self.locked_changed.emit(on)
