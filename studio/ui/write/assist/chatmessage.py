"""One message of a chat, with what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.ring import Ring
from studio.ui.widgets.text import TextArea
from studio.ui.write.assist.parts import row

SHOW_MS = 50
MOST_SHOWN = 40_000


class ChatMessage(Themed, QWidget):
    """Signals name what was asked: ``copied``, ``inserted``, ``again`` (the machine's answer anew), ``edited(str)``
    (said otherwise), ``stepped(int)`` (another version)."""

    copied = Signal()
    inserted = Signal()
    again = Signal()
    edited = Signal(str)
    stepped = Signal(int)

    def __init__(self, theme: Theme, message: str, role: str, who: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message, self.role = message, role
        self._text, self._editor = "", None
        mine = role == "user"
        self.who = Label(theme, who, "strong", "t1" if mine else "iris")
        self.ring = Ring(theme, tone="iris")
        self.number = Label(theme, "", "caption", "t3", tnum=True)
        self.previous = IconButton(theme, "caret-left", "Previous version")
        self.next = IconButton(theme, "caret-right", "Next version")
        self.body = Label(theme, "", "body", "t1", wrap=True)
        self.body.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse
                                          | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.body.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.copy = IconButton(theme, "copy", "Copy the message")
        self.insert = IconButton(theme, "text-indent", "Insert into the text")
        self.redo = IconButton(theme, "arrows-clockwise", "Answer again")
        self.edit = IconButton(theme, "pencil-simple", "Say it otherwise")
        self.redo.setVisible(not mine)
        self.edit.setVisible(mine)
        self._tools = QWidget()
        self._tools.setLayout(row(self.previous, self.number, self.next, 1, self.copy, self.insert, self.redo,
                                  self.edit, gap=0))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 8, 6, 2)
        self._column.setSpacing(2)
        self._column.addLayout(row(self.who, 1, self.ring))
        self._column.addWidget(self.body)
        self._column.addWidget(self._tools)
        self._late = QTimer(self, singleShot=True, interval=SHOW_MS)
        self._late.timeout.connect(self._show_text)
        self.copy.clicked.connect(self.copied)
        self.insert.clicked.connect(self.inserted)
        self.redo.clicked.connect(self.again)
        self.edit.clicked.connect(self._begin_edit)
        self.previous.clicked.connect(lambda: self.stepped.emit(-1))
        self.next.clicked.connect(lambda: self.stepped.emit(1))
        self.init_theme(theme)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        self._text = text
        self._show_text()

    def append(self, text: str) -> None:
        """More of it has come; shown at most twenty times a second."""
        self._text += text
        if not self._late.isActive():
            self._late.start()

    def _show_text(self) -> None:
        self.body.setText(self._text[:MOST_SHOWN].strip())
        self.setAccessibleName(f"{self.who.text()}: {self._text[:500]}")

    def set_state(self, *, running: bool, place: tuple[int, int], can_insert: bool) -> None:
        """running: it is being written; place: which version of how many."""
        if running:
            self.ring.set_progress(0, 0)
        else:
            self.ring.clear()
        self.ring.setVisible(running)
        at, of = place
        for widget in (self.previous, self.number, self.next):
            widget.setVisible(of > 1)
        self.number.setText(f"{at} of {of}")
        self.previous.set_available(at > 1 and not running, "This is the first")
        self.next.set_available(at < of and not running, "This is the last")
        for button in (self.redo, self.edit):
            button.set_available(not running, "Stop the answer first")
        self.insert.set_available(can_insert and not running, "Go to a scene first" if not running else
                                  "It is still being written")

    def _begin_edit(self) -> None:
        if self._editor is not None:
            return
        area = TextArea(self.theme, "Message", text=self._text, least=2, most=10)
        send = PushButton(self.theme, "Send", variant="primary")
        cancel = PushButton(self.theme, "Cancel", variant="quiet")
        holder = QWidget()
        lines = QVBoxLayout(holder)
        lines.setContentsMargins(0, 0, 4, 6)
        lines.setSpacing(6)
        lines.addWidget(area)
        lines.addLayout(row(1, cancel, send))
        self._editor = holder
        self._column.addWidget(holder)
        self.body.hide()
        self._tools.hide()
        cancel.clicked.connect(self._end_edit)
        send.clicked.connect(lambda: self._send_edit(area.text()))
        area.setFocus()

    _editor: QWidget | None

    def _send_edit(self, text: str) -> None:
        self._end_edit()
        if text.strip() and text != self._text:
            self.edited.emit(text)

    def _end_edit(self) -> None:
        if self._editor is not None:
            self._editor.deleteLater()
            self._editor = None
            self.body.show()
            self._tools.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.role == "user":
            box(painter, self.rect(), 8, self.theme.color("control"))
        else:
            painter.fillRect(0, 8, 3, self.height() - 16, self.theme.color("iris"))
