"""The chat tab: several chats, what they may see, their messages, and a place to write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import Chip, IconButton, PushButton
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.labels import Label, Separator
from studio.ui.widgets.notices import EmptyState
from studio.ui.widgets.popup import Menu
from studio.ui.widgets.text import TextArea
from studio.ui.write.assist.chatmessage import ChatMessage
from studio.ui.write.assist.chattree import ChatTree
from studio.ui.write.assist.parts import column, row, scrolled

SCOPES = (("scene", "Scene"), ("selection", "Selection"), ("notes", "Notes"))
MOST_MESSAGES = 200
"""Of a long chat the last so many are shown."""
MOST_TEXT = 20_000


class _Line(TextArea):
    """Enter sends, Shift+Enter breaks the line."""

    sent = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.sent.emit()
        else:
            super().keyPressEvent(event)


class ChatPanel(QWidget):
    """Chats and messages go in as plain data, what the person does comes out as signals with ids of messages."""

    sent = Signal(str)
    stopped = Signal()
    chat_picked = Signal(str)
    chat_added = Signal()
    chat_deleted = Signal()
    chat_renamed = Signal()
    setup_asked = Signal()
    scopes_changed = Signal(tuple)
    copied = Signal(str)
    inserted = Signal(str)
    again = Signal(str)
    edited = Signal(str, str)
    stepped = Signal(str, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.widgets: dict[str, ChatMessage] = {}
        self.running = ""
        self.can_insert = True
        self.choice = Choice(theme, "Chat")
        self.add = IconButton(theme, "plus", "New chat", filled=True)
        self.more = IconButton(theme, "dots-three", "More for this chat")
        self.scopes = {key: Chip(theme, title, name=f"May see: {title.lower()}")
                       for key, title in SCOPES}
        self.about = Label(theme, "", "caption", "t3", wrap=True)
        self.empty = EmptyState(theme, "Talk about the text: ask for ideas, let a character answer, try a scene out.")
        self.line = _Line(theme, "Message", least=1, most=6, placeholder="Say something")
        self.send = PushButton(theme, "Send", variant="primary", icon="paper-plane-right")
        self.stop = PushButton(theme, "Stop", icon="stop", key="Ctrl+.")
        self._holder = QWidget()
        self._list = QVBoxLayout(self._holder)
        self._list.setContentsMargins(12, 8, 12, 8)
        self._list.setSpacing(10)
        self._list.addStretch(1)
        self.area = scrolled(self._holder)
        self._lay_out(theme)
        self._connect()
        self.set_running("")

    def _lay_out(self, theme: Theme) -> None:
        top = column((12, 12, 12, 8), 8)
        top.addLayout(row(self.choice, self.add, self.more, gap=4))
        top.setStretch(0, 0)
        see = Label(theme, "May see", "body", "t2")
        top.addLayout(row(see, *self.scopes.values(), 1, gap=6))
        top.addWidget(self.about)
        foot = column((12, 8, 12, 12), 8)
        foot.addWidget(self.line)
        foot.addLayout(row(Label(theme, "Enter sends, Shift Enter breaks the line", "caption", "t3"), 1, self.stop,
                           self.send))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(Separator(theme))
        whole.addWidget(self.area, 1)
        whole.addWidget(self.empty, 1)
        whole.addWidget(Separator(theme))
        whole.addLayout(foot)

    def _connect(self) -> None:
        self.choice.chosen.connect(self.chat_picked)
        self.add.clicked.connect(self.chat_added)
        self.more.clicked.connect(self.show_menu)
        self.line.sent.connect(self._send)
        self.line.textChanged.connect(lambda: self._show_send())
        self.send.clicked.connect(self._send)
        self.stop.clicked.connect(self.stopped)
        for chip in self.scopes.values():
            chip.clicked.connect(lambda: self.scopes_changed.emit(self.chosen_scopes()))
        self._bottom = QTimer(self, singleShot=True, interval=0)
        self._bottom.timeout.connect(self._to_end)

    # ------------------------------------------------------------ chats

    def show_chats(self, chats: Sequence[tuple[str, str]], current: str) -> None:
        """(id, title) of each; none is an empty project's."""
        self.choice.set_options([Option(key, title or "Chat") for key, title in chats] or [Option("", "New chat")])
        self.choice.set_key(current)

    def chosen_scopes(self) -> tuple[str, ...]:
        return tuple(key for key, chip in self.scopes.items() if chip.isChecked())

    def show_scopes(self, scopes: Sequence[str], *, selection: bool) -> None:
        """selection: whether there is one to be seen."""
        for key, chip in self.scopes.items():
            chip.setChecked(key in scopes)
        self.scopes["selection"].set_available(selection, "Nothing is selected")

    def show_about(self, text: str) -> None:
        """Who answers, and the standing instructions, in a line."""
        self.about.setText(text)
        self.about.setVisible(bool(text))

    def show_menu(self) -> None:
        menu = Menu(self.theme, "Chat", self)
        menu.addAction("Character and system prompt…").triggered.connect(self.setup_asked)
        menu.addAction("Rename…").triggered.connect(self.chat_renamed)
        delete = menu.addAction("Delete the chat")
        delete.triggered.connect(self.chat_deleted)
        delete.setEnabled(bool(self.choice.key()))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 4)))

    # ------------------------------------------------------------ messages

    def show_tree(self, tree: ChatTree, who: str) -> None:
        """Show the path to the leaf; widgets of messages that stay are kept."""
        path = tree.path()[-MOST_MESSAGES:]
        wanted = {message.id for message in path}
        for gone in [key for key in self.widgets if key not in wanted]:
            widget = self.widgets.pop(gone)
            self._list.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        for at, message in enumerate(path):
            if message.id not in self.widgets:
                made = self.widgets[message.id] = self._make(message, "You" if message.role == "user" else who)
                self._list.insertWidget(at, made)
                made.show()
            widget = self.widgets[message.id]
            if message.id != self.running and widget.text() != message.text:
                widget.set_text(message.text)
            widget.set_state(running=message.id == self.running, place=tree.place(message.id),
                             can_insert=self.can_insert)
        self.area.setVisible(bool(path))
        self.empty.setVisible(not path)
        self._bottom.start()

    def _make(self, message: Any, who: str) -> ChatMessage:
        key = message.id
        widget = ChatMessage(self.theme, key, message.role, who)
        widget.copied.connect(lambda: self.copied.emit(key))
        widget.inserted.connect(lambda: self.inserted.emit(key))
        widget.again.connect(lambda: self.again.emit(key))
        widget.edited.connect(lambda text: self.edited.emit(key, text))
        widget.stepped.connect(lambda by: self.stepped.emit(key, by))
        return widget

    def append(self, message: str, text: str) -> None:
        """A token for the message that is being written."""
        widget = self.widgets.get(message)
        if widget is not None:
            near = self._near_end()
            widget.append(text)
            if near:
                self._bottom.start()

    def set_running(self, message: str) -> None:
        """The message that is being written, "" for none."""
        self.running = message
        self.stop.setVisible(bool(message))
        self._show_send()

    def _near_end(self) -> bool:
        bar = self.area.verticalScrollBar()
        return bar.value() >= bar.maximum() - 60

    def _to_end(self) -> None:
        self._holder.adjustSize()
        self.area.verticalScrollBar().setValue(self.area.verticalScrollBar().maximum())

    def _show_send(self) -> None:
        reason = "Stop the answer first" if self.running else "Say something first"
        self.send.set_available(not self.running and bool(self.line.text().strip()), reason)

    def _send(self) -> None:
        text = self.line.text().strip()[:MOST_TEXT]
        if text and not self.running:
            self.line.clear()
            self.sent.emit(text)
