"""The command palette: type, choose, Enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtCore import Signal as Notification
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from studio.ui.commandset import Command, CommandSet, fuzzy
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.labels import Label, Separator, key_text, keycap_width, paint_keycap
from studio.ui.widgets.notices import announce
from studio.ui.widgets.popup import Popup
from studio.ui.widgets.text import TextField

__all__ = ["Command", "CommandPalette", "CommandSet"]

WIDTH, ROW, HEAD, SHOWN = 560, 34, 26, 10


@dataclass(frozen=True)
class Line:
    """A row of the palette: a command, or the heading of a group."""

    command: Command | None = None
    heading: str = ""
    places: list[int] = field(default_factory=list)
    key: str = ""


def find(commands: CommandSet, typed: str) -> list[Line]:
    """The rows for what was typed: without it recent commands, then all by group; with it the best first."""
    if typed.strip():
        scored = []
        recent = commands.recent()
        for order, command in enumerate(commands.all()):
            title = fuzzy(typed, command.title)
            wide = title or fuzzy(typed, f"{command.group} {command.title}")
            if wide is not None:
                bonus = 1.5 if command.id in recent else 0.0
                rank = wide[0] + bonus + (2 if title else 0) - (3 if not command.is_enabled else 0)
                scored.append((-rank, order, command, title[1] if title else []))
        return [Line(c, places=places, key=commands.shortcut(c.id)) for _, _, c, places in sorted(
            scored, key=lambda s: s[:2])]
    lines: list[Line] = []
    recent_ids = commands.recent()[:4]
    groups: dict[str, list[Command]] = {}
    if recent_ids:
        found = [commands.get(id_) for id_ in recent_ids]
        groups["Recent"] = [c for c in found if c is not None]
    for command in commands.all():
        if command.id not in recent_ids:
            groups.setdefault(command.group, []).append(command)
    for heading, members in groups.items():
        lines.append(Line(heading=heading))
        lines += [Line(c, key=commands.shortcut(c.id)) for c in members]
    return lines


class _Lines(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []

    def show_lines(self, lines: Sequence[Line]) -> None:
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.command.title if line.command else line.heading
        if role == Qt.ItemDataRole.AccessibleTextRole and line.command:
            off = "" if line.command.is_enabled else f", not available. {line.command.reason}"
            return f"{line.command.title}, {line.command.group}, {key_text(line.key)}{off}".replace(", ,", ",")
        if role == Qt.ItemDataRole.ToolTipRole and line.command and not line.command.is_enabled:
            return line.command.reason or None
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        if self.lines[index.row()].command is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled


class _Painter(QStyledItemDelegate):
    def __init__(self, theme: Theme, list_: QWidget) -> None:
        super().__init__(list_)
        self._theme, self._list = theme, list_

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        model = index.model()
        assert isinstance(model, _Lines)
        return QSize(200, self._theme.dp(ROW if model.lines[index.row()].command else HEAD))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem,
              index: QModelIndex | QPersistentModelIndex) -> None:
        model, theme, rect = index.model(), self._theme, QRectF(option.rect)
        assert isinstance(model, _Lines)
        line = model.lines[index.row()]
        middle = Qt.AlignmentFlag.AlignVCenter
        if line.command is None:
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("t3"))
            painter.drawText(rect.adjusted(10, 4, 0, 0), middle, line.heading)
            return
        enabled = line.command.is_enabled
        if option.state & option.state.State_Selected:  # type: ignore[attr-defined]
            box(painter, rect, 6, theme.color("spring_t"))
        glyph, right = theme.dp(16), rect.right() - 10
        area = QRectF(rect.left() + 10, rect.center().y() - glyph / 2, glyph, glyph)
        if line.command.icon:
            theme.icons.paint(painter, area, line.command.icon, "t2" if enabled else "t4")
        if line.key:
            text = key_text(line.key)
            width, height = keycap_width(theme, text), theme.dp(18)
            cap = QRectF(right - width, rect.center().y() - height / 2, width, height)
            paint_keycap(painter, theme, cap, text, "t2" if enabled else "t4")
            right -= width + 10
        group = "" if self._list.property("grouped") else line.command.group
        if group:
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("t3" if enabled else "t4"))
            width = painter.fontMetrics().horizontalAdvance(group)
            painter.drawText(QRectF(right - width, rect.top(), width + 2, rect.height()), middle, group)
            right -= width + 12
        self._title(painter, line, rect.left() + 20 + glyph, right, rect, enabled)

    def _title(self, painter: QPainter, line: Line, x: float, right: float, rect: QRectF, enabled: bool) -> None:
        """The title, with the letters that were typed in strong."""
        assert line.command is not None
        plain, strong = self._theme.font("body"), self._theme.font("strong")
        title, marked = line.command.title, set(line.places)
        if not marked:
            title = QFontMetrics(plain).elidedText(title, Qt.TextElideMode.ElideRight, int(right - x))
        start = 0
        while start < len(title):
            end = start
            while end < len(title) and (end in marked) == (start in marked):
                end += 1
            font = strong if start in marked else plain
            painter.setFont(font)
            painter.setPen(self._theme.color("t4" if not enabled else "t1" if start in marked or not marked else "t2"))
            piece = title[start:end]
            width = QFontMetrics(font).horizontalAdvance(piece)
            if x + width > right + 4:
                break
            painter.drawText(QRectF(x, rect.top(), width + 4, rect.height()), Qt.AlignmentFlag.AlignVCenter, piece)
            x, start = x + width, end


class _Panel(Themed, QWidget):
    """The search field and the list."""

    chosen = Notification(str)

    def __init__(self, theme: Theme, commands: CommandSet) -> None:
        super().__init__()
        self._commands = commands
        self.setAccessibleName("Commands")
        self.field = TextField(theme, "Search commands", placeholder="Search or run a command",
                               icon="magnifying-glass", role="prompt")
        self.field.setProperty("noFocusRing", True)
        self.field.setProperty("bare", True)
        self.field.retheme()
        self.list = QListView()
        self.list.setAccessibleName("Matching commands")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setStyleSheet("background: transparent;")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setMouseTracking(True)
        self.model = _Lines(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Painter(theme, self.list))
        self.empty = Label(theme, "", "body", "t3")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMinimumHeight(theme.dp(64))
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(Separator(theme))
        column.addWidget(self.list)
        column.addWidget(self.empty)
        self.field.setMinimumHeight(theme.dp(36))
        self.setFocusProxy(self.field)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self.search)
        self.list.clicked.connect(lambda index: self._choose(index.row()))
        self.list.entered.connect(self._hover)
        self.init_theme(theme)
        self.search("")

    def search(self, typed: str) -> None:
        lines = find(self._commands, typed)
        self.list.setProperty("grouped", not typed.strip())
        self.model.show_lines(lines)
        self.list.setVisible(bool(lines))
        self.empty.setVisible(not lines)
        self.empty.setText(f"No command matches “{typed.strip()[:60]}”." if typed.strip() else "No commands.")
        height = sum(self.theme.dp(ROW if line.command else HEAD) for line in lines[:SHOWN])
        self.list.setFixedHeight(max(height, self.theme.dp(ROW)))
        self._mark(next((i for i, line in enumerate(lines) if line.command), -1))
        card = self.parentWidget()
        popup = card.parentWidget() if card is not None else None
        if isinstance(popup, Popup):
            self._column.activate()
            popup.place()
        if typed.strip():
            announce(self.field, f"{len(lines)} commands" if lines else "No matching command")

    def current(self) -> Command | None:
        row = self.list.currentIndex().row()
        return self.model.lines[row].command if 0 <= row < len(self.model.lines) else None

    def _mark(self, row: int) -> None:
        self.list.setCurrentIndex(self.model.index(row) if row >= 0 else QModelIndex())
        if row == 1 and self.model.lines[0].command is None:
            self.list.scrollToTop()
        if (command := self.current()) is not None:
            self.field.setAccessibleDescription(command.title)

    def _hover(self, index: QModelIndex) -> None:
        if self.model.lines[index.row()].command is not None:
            self._mark(index.row())

    def _move(self, by: int) -> None:
        rows = [i for i, line in enumerate(self.model.lines) if line.command]
        if rows:
            now = self.list.currentIndex().row()
            place = rows.index(now) if now in rows else -1
            far = place + by if abs(by) > 1 else (place + by) % len(rows)
            self._mark(rows[max(0, min(len(rows) - 1, far))])

    def _choose(self, row: int) -> None:
        command = self.model.lines[row].command if 0 <= row < len(self.model.lines) else None
        if command is not None and command.is_enabled:
            self.chosen.emit(command.id)
        elif command is not None:
            announce(self.field, f"Not available. {command.reason}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: SHOWN, Qt.Key.Key_PageUp: -SHOWN}
            if event.key() in moves:
                self._move(moves[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentIndex().row())
                return True
        return False


class CommandPalette(QObject):
    """Opens the palette over a window. ``CommandPalette(theme, commands, window).open()``; one is open at a time."""

    def __init__(self, theme: Theme, commands: CommandSet, window: QWidget) -> None:
        super().__init__(window)
        self._theme, self._commands, self._window = theme, commands, window
        self.popup: Popup | None = None
        self.panel: _Panel | None = None

    @classmethod
    def open_over(cls, window: QWidget, theme: Theme, commands: CommandSet) -> CommandPalette:
        """Open the palette of a window, or close it if it is open."""
        palette = window.findChild(cls) or cls(theme, commands, window)
        palette.open()
        return palette

    def is_open(self) -> bool:
        return self.popup is not None

    def open(self, typed: str = "") -> None:
        """Show it, or close it if it is open."""
        if self.popup is not None:
            self.popup.dismiss()
            return
        self._commands.refresh()
        self.panel = _Panel(self._theme, self._commands)
        self.popup = Popup(self._theme, self._window, self.panel, place="top", width=self._theme.dp(WIDTH), dim=True,
                           keep=False)
        self.panel.chosen.connect(self._run)
        self.popup.closed.connect(self._closed)
        self.panel.field.setText(typed)
        self.popup.open()

    def _closed(self) -> None:
        self.popup = self.panel = None

    def _run(self, id_: str) -> None:
        if self.popup is not None:
            self.popup.dismiss()  # first, so that the command finds the focus where it was
        self._commands.run(id_)
