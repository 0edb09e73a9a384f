"""The list of shortcuts: find one, give it another key, take it back."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QKeyCombination, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.ui.commandset import Command, CommandSet, fuzzy
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import BaseButton, IconButton, PushButton
from studio.ui.widgets.labels import ElidedLabel, Label, key_text, keycap_width, paint_keycap
from studio.ui.widgets.notices import Icon, announce
from studio.ui.widgets.popup import close_popup
from studio.ui.widgets.text import TextField

DEFAULTS: dict[str, str] = {
    "palette.open": "Ctrl+K", "generate": "Ctrl+Return", "stop": "Ctrl+.", "prompt.focus": "Ctrl+L",
    "workspace.canvas": "Ctrl+1", "workspace.write": "Ctrl+2", "workspace.sound": "Ctrl+3", "workspace.movie": "Ctrl+4",
    "workspace.3d": "Ctrl+5", "edit.undo": "Ctrl+Z", "edit.redo": "Ctrl+Shift+Z", "version.save": "Ctrl+S",
    "export": "Ctrl+E", "region.next": "F6", "region.previous": "Shift+F6", "panels.hide": "Ctrl+\\",
    "results.toggle": "Ctrl+J", "inspector.toggle": "Ctrl+I", "help": "F1",
    "prompt.negative": "Ctrl+Shift+N", "seed.lock": "Ctrl+Shift+L",
    "tool.move": "V", "tool.marquee": "M", "tool.lasso": "L", "tool.wand": "W", "tool.brush": "B", "tool.eraser": "E",
    "tool.mask": "Q", "tool.fill": "G", "tool.pick": "I", "tool.frame": "F", "tool.text": "T", "tool.hand": "H",
    "tool.zoom": "Z", "view.fit": "0", "view.actual": "1",
    "write.authorship": "Ctrl+Shift+A", "write.focus": "F11",
}
"""The keys of the design language, for whoever makes the commands."""

MODIFIERS = {Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr}


class KeyButton(BaseButton):
    """Shows a key; pressed, it waits for another. Esc leaves it, Backspace takes the key away.

    Signal ``recorded(str)`` with the new key in portable text.
    """

    recorded = Signal(str)
    WAITING = "Press a key…"

    def __init__(self, theme: Theme, command: Command, key: str) -> None:
        self._sequence, self.recording = key, False
        super().__init__(theme, f"Key of {command.title}")
        self.clicked.connect(self.record)
        self._describe()

    def set_sequence(self, sequence: str) -> None:
        self._sequence = sequence
        self._describe()
        self.retheme()

    def sequence(self) -> str:
        return self._sequence

    def record(self) -> None:
        self.recording = True
        self.retheme()
        announce(self, "Press a key. Escape cancels, Backspace removes.")

    def _stop(self) -> None:
        self.recording = False
        self.retheme()

    def _describe(self) -> None:
        self.setAccessibleDescription(key_text(self._sequence) or "No key")
        self.setToolTip("Click, then press the new key")

    def event(self, event: QEvent) -> bool:
        if self.recording and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # no shortcut fires while a key is being chosen
            return True
        if self.recording and event.type() == QEvent.Type.KeyPress:
            self._take(cast(QKeyEvent, event))
            return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key in MODIFIERS or key == Qt.Key.Key_unknown:
            return
        self._stop()
        plain = modifiers == Qt.KeyboardModifier.NoModifier
        if key == Qt.Key.Key_Escape and plain:
            return
        if key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete) and plain:
            self.recorded.emit("")
            return
        if key == Qt.Key.Key_Backtab:
            key = Qt.Key.Key_Tab
        sequence = QKeySequence(QKeyCombination(modifiers, key))
        self.recorded.emit(sequence.toString(QKeySequence.SequenceFormat.PortableText))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._stop()
        super().focusOutEvent(event)

    def _shown(self) -> str:
        return self.WAITING if self.recording else key_text(self._sequence) or "None"

    def sizeHint(self) -> QSize:
        return QSize(keycap_width(self.theme, self._shown()) + 12, self.theme.dp(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        area = self.rect().adjusted(0, 3, 0, -3).toRectF()
        if self.recording:
            box(painter, area, 4, theme.color("spring_t"), theme.color("spring"))
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("spring"))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._shown())
            return
        box(painter, area, 4, theme.color("control", self._fade.amount))
        if self._sequence:
            paint_keycap(painter, theme, area, self._shown(), "t1")
        else:
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("t3"))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._shown())


class _Row(QWidget):
    def __init__(self, theme: Theme, command: Command, commands: CommandSet) -> None:
        super().__init__()
        self.command = command
        self.key = KeyButton(theme, command, commands.shortcut(command.id))
        self.back = IconButton(theme, "arrow-counter-clockwise", f"Default key of {command.title}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(ElidedLabel(theme, command.title.rstrip("…"), "body", "t1"), 1)
        row.addWidget(self.back)
        row.addWidget(self.key)
        policy = self.back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(policy)

    def show_key(self, commands: CommandSet) -> None:
        self.key.set_sequence(commands.shortcut(self.command.id))
        self.back.setVisible(self.command.id in commands.overrides())


class ShortcutsPanel(Themed, QWidget):
    """All commands by group, each with its key. Put it into a popup or a dialog."""

    delete_on_close = True

    def __init__(self, theme: Theme, commands: CommandSet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._commands = commands
        self._rows: list[_Row] = []
        self._heads: list[tuple[Label, list[_Row]]] = []
        self._pending: tuple[str, str] = ("", "")
        self.setAccessibleName("Shortcuts")
        self.field = TextField(theme, "Search shortcuts", placeholder="Search shortcuts or keys",
                               icon="magnifying-glass", clearable=True)
        self.close_button = IconButton(theme, "x", "Close")
        self.reset_button = PushButton(theme, "Reset all", icon="arrow-counter-clockwise", name="Reset all shortcuts")
        self.none = Label(theme, "No shortcut matches.", "body", "t3")
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.none.hide()
        self.init_theme(theme)
        self._lay_out()
        self.field.textChanged.connect(self.search)
        self.reset_button.clicked.connect(lambda *_: self._commands.reset_shortcuts())
        self.close_button.clicked.connect(lambda *_: close_popup(self))
        commands.changed.connect(self._show_keys)
        self.setFocusProxy(self.field)
        self._show_keys()

    def _lay_out(self) -> None:
        theme = self.theme
        head = QHBoxLayout()
        head.addWidget(Label(theme, "Shortcuts", "title"), 1)
        head.addWidget(self.close_button)
        body = QWidget()
        list_ = QVBoxLayout(body)
        list_.setContentsMargins(0, 0, 12, 0)
        list_.setSpacing(0)
        groups: dict[str, list[Command]] = {}
        for command in self._commands.all():
            groups.setdefault(command.group, []).append(command)
        for title, members in groups.items():
            label = Label(theme, title, "strong", "t3")
            label.setContentsMargins(0, 12, 0, 4)
            list_.addWidget(label)
            rows = [self._row(command) for command in members]
            for row in rows:
                list_.addWidget(row)
            self._heads.append((label, rows))
        list_.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        foot = QHBoxLayout()
        foot.addWidget(Label(theme, "Click a key to change it.", "caption", "t3"), 1)
        foot.addWidget(self.reset_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 6, 6)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.field)
        column.addWidget(self._clash_line())
        column.addWidget(self.none)
        column.addWidget(scroll, 1)
        column.addLayout(foot)

    def _clash_line(self) -> QWidget:
        self._clash = QWidget()
        self._clash_text = Label(self.theme, "", "body", "warn", wrap=True)
        self.take_button = PushButton(self.theme, "Use it here")
        leave = PushButton(self.theme, "Cancel", variant="quiet")
        row = QHBoxLayout(self._clash)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(Icon(self.theme, "warning", tone="warn"))
        row.addWidget(self._clash_text, 1)
        row.addWidget(self.take_button)
        row.addWidget(leave)
        self.take_button.clicked.connect(lambda *_: self._take_over())
        leave.clicked.connect(lambda *_: self._clash.hide())
        self._clash.hide()
        return self._clash

    def _row(self, command: Command) -> _Row:
        row = _Row(self.theme, command, self._commands)
        row.key.recorded.connect(lambda sequence: self._rebind(command.id, sequence))
        row.back.clicked.connect(lambda *_: self._commands.reset_shortcuts(command.id))
        self._rows.append(row)
        return row

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(480), self.theme.dp(560))

    def row_of(self, id_: str) -> _Row:
        """The row of a command. Raises StopIteration where there is none."""
        return next(row for row in self._rows if row.command.id == id_)

    def search(self, typed: str) -> None:
        """Show the commands whose title, group or key fits."""
        wanted = typed.strip()
        some = False
        for label, rows in self._heads:
            any_here = False
            for row in rows:
                key = key_text(self._commands.shortcut(row.command.id))
                text = f"{row.command.group} {row.command.title} {key}"
                fits = not wanted or fuzzy(wanted, text) is not None or wanted.casefold() == key.casefold()
                row.setVisible(fits)
                any_here = any_here or fits
            label.setVisible(any_here)
            some = some or any_here
        self.none.setVisible(not some)

    def conflict(self) -> str:
        """The sentence about a key that is taken, "" if there is none."""
        return self._clash_text.text() if not self._clash.isHidden() else ""

    def _rebind(self, id_: str, sequence: str) -> None:
        clash = self._commands.rebind(id_, sequence)
        if not clash:
            self._clash.hide()
            return
        self._pending = (id_, sequence)
        names = " and ".join(f"“{c.title.rstrip('…')}”" for c in clash)
        self._clash_text.setText(f"{key_text(sequence)} belongs to {names}.")
        self._clash.show()
        announce(self, self._clash_text.text())

    def _take_over(self) -> None:
        id_, sequence = self._pending
        self._clash.hide()
        self._commands.rebind(id_, sequence, take=True)

    def _show_keys(self) -> None:
        for row in self._rows:
            row.show_key(self._commands)
        self.reset_button.set_available(bool(self._commands.overrides()), "All keys are the default keys")
