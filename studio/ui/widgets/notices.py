"""What went wrong, what is not there yet, and what has just happened."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.popup import Card, paint_shadow


def announce(widget: QWidget, text: str) -> None:
    """Let a screen reader say `text`."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


class Icon(Themed, QWidget):
    """An icon alone, in a token's colour; decoration, so it has no name."""

    def __init__(self, theme: Theme, name: str, *, tone: str = "t2", size: int = 16, weight: str = "regular",
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._tone, self._side, self._weight = name, tone, size, weight
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.init_theme(theme)

    def set_icon(self, name: str, tone: str | None = None) -> None:
        self._icon, self._tone = name, tone or self._tone
        self.update()

    def sizeHint(self) -> QSize:
        side = self.theme.dp(self._side)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.theme.icons.paint(QPainter(self), self.rect().toRectF(), self._icon, self._tone,
                               weight=self._weight)  # type: ignore[arg-type]


class ErrorCard(Card):
    """One plain sentence, the action that mends it, and the details behind "Details".

    Signals ``action()`` and ``dismissed()``. `source` is the plugin or generator that failed.
    """

    action = Signal()
    dismissed = Signal()

    def __init__(self, theme: Theme, message: str = "", *, details: str = "", action: str = "", source: str = "",
                 closable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(theme, surface="panel", edge="line2", radius=8, parent=parent)
        self.message = Label(theme, "", "body", "t1", wrap=True)
        self.source = Label(theme, "", "caption", "t3")
        self.button = PushButton(theme, action or "Try again")
        self.more = PushButton(theme, "Details", variant="quiet", checkable=True)
        self.copy = PushButton(theme, "Copy", variant="quiet", icon="copy", name="Copy details")
        self.close_button = IconButton(theme, "x", "Dismiss")
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setAccessibleName("Details of the error")
        self.details.setFont(theme.font("mono"))
        self._lay_out()
        self.button.clicked.connect(self.action)
        self.more.toggled.connect(self._unfold)
        self.copy.clicked.connect(self._copy)
        self.close_button.clicked.connect(self.dismissed)
        self.close_button.setVisible(closable)
        self.show_error(message, details=details, action=action, source=source)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.message)
        words.addWidget(self.source)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(Icon(self.theme, "warning-circle", tone="err", size=18), 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        top.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout()
        row.setContentsMargins(28, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.button)
        row.addWidget(self.more)
        row.addWidget(self.copy)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 8, 10)
        column.setSpacing(8)
        column.addLayout(top)
        column.addLayout(row)
        column.addWidget(self.details)

    def show_error(self, message: str, *, details: str = "", action: str = "", source: str = "") -> None:
        """Replace what it says; an empty `action` hides the button."""
        self.message.setText(message)
        self.source.setText(source)
        self.source.setVisible(bool(source))
        self.button.setVisible(bool(action))
        if action:
            self.button.set_text(action)
        self.details.setPlainText(details)
        lines = min(8, max(2, sum(1 + len(line) // 48 for line in details.splitlines())))
        self.details.setFixedHeight(lines * self.details.fontMetrics().lineSpacing() + 24)
        self.more.setVisible(bool(details))
        self.more.setChecked(False)
        self._unfold(False)
        self.setAccessibleName(f"Error: {message}")

    def _unfold(self, on: bool) -> None:
        self.details.setVisible(on)
        self.copy.setVisible(on)
        self.updateGeometry()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.message.text()}\n{self.details.toPlainText()}")


class EmptyState(Themed, QWidget):
    """One line on what appears here, and one button. Signal ``activated()``."""

    activated = Signal()

    def __init__(self, theme: Theme, text: str, button: str = "", *, icon: str = "",
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = Label(theme, text, "body", "t3", wrap=True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = PushButton(theme, button, icon=icon)
        self.button.clicked.connect(self.activated)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(self.label)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.button.setVisible(bool(button))  # not before it has a parent: it would be a window of its own
        self.init_theme(theme)

    def set_text(self, text: str, button: str = "") -> None:
        self.label.setText(text)
        self.button.setVisible(bool(button))
        if button:
            self.button.set_text(button)


class Notice(Themed, QWidget):
    """One line on what has just happened, with Undo, over the bottom of its parent; it goes by itself.

    `show_message` replaces what was there. While the pointer or the focus is on it, it stays.
    """

    def __init__(self, theme: Theme, parent: QWidget, *, bottom: int = 16) -> None:
        super().__init__(parent)
        self._bottom, self._over = bottom, parent
        self._undo: Callable[[], object] | None = None
        self.label = Label(theme, "", "body", "t1")
        self.button = PushButton(theme, "Undo", variant="quiet")
        self.close_button = IconButton(theme, "x", "Dismiss")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(24 + 12, 12 + 4, 24 + 4, 24 + 4)
        row.setSpacing(8)
        row.addWidget(self.label)
        row.addWidget(self.button)
        row.addWidget(self.close_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._time_over)
        self.button.clicked.connect(self._do_undo)
        self.close_button.clicked.connect(self.hide)
        self.init_theme(theme)
        parent.installEventFilter(self)
        self.hide()

    def show_message(self, text: str, undo: Callable[[], object] | None = None, *, action: str = "Undo",
                     seconds: float = 6.0) -> None:
        """Say `text`; `undo` runs when the button is pressed (no button without it). seconds 0: until dismissed."""
        self._undo = undo
        self.label.setText(re.sub(r"(\S{40})(?=\S)", "\\1\u200b", text))  # the name of a file may be one long word
        self.button.setVisible(undo is not None)
        self.button.set_text(action)
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()
        announce(self, text)
        if seconds > 0:
            self._timer.start(round(seconds * 1000))
        else:
            self._timer.stop()

    def _do_undo(self) -> None:
        undo, self._undo = self._undo, None
        self.hide()
        if undo is not None:
            undo()

    def _time_over(self) -> None:
        if self.underMouse() or self.button.hasFocus() or self.close_button.hasFocus():
            self._timer.start(2000)
        else:
            self.hide()

    def set_bottom(self, bottom: int) -> None:
        """Pixels that it keeps from the lower edge of what it lies over."""
        if bottom != self._bottom:
            self._bottom = bottom
            if self.isVisible():
                self._place()

    def _place(self) -> None:
        """In one line where there is room for it, else in as many as it takes."""
        room = self._over.rect()
        self.label.setWordWrap(False)
        self._row.activate()
        size = self.sizeHint()
        width, height = min(size.width(), room.width()), size.height()
        if size.width() > width:
            self.label.setWordWrap(True)
            self._row.activate()
            height = max(self._row.totalHeightForWidth(width), height)
        self.setGeometry((room.width() - width) // 2, room.height() - self._bottom - height + 24, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self.rect().adjusted(24, 12, -24, -24).toRectF()
        paint_shadow(painter, self.theme, area, 10)
        box(painter, area, 10, self.theme.color("raised"), self.theme.color("line2"))
