"""Commands: everything a person can do by name or by key, as one set that palette, menus and shortcuts share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

RECENT = 8


@dataclass(frozen=True)
class Command:
    """One thing a person can do.

    Attributes:
        id: "group.verb", stable: settings keep shortcuts under it.
        title: as menu and palette show it, in sentence case.
        group: heading in the palette and in the list of shortcuts.
        shortcut: default key in portable text, "" for none; `alternatives` work too.
        enabled: asked when the palette opens and after `CommandSet.refresh`.
        reason: why it is not enabled, for the tool tip.
        scope: "" everywhere, else the workspace in which its key works.
        checked: for a toggle, whether it is on.
        here: its key works only where the document itself has the focus (`CommandSet.install_here`): Delete and Space
            mean other things elsewhere.
    """

    id: str
    title: str
    group: str
    shortcut: str
    run: Callable[[], object]
    enabled: Callable[[], bool] | None = None
    icon: str = ""
    reason: str = ""
    scope: str = ""
    alternatives: tuple[str, ...] = ()
    checked: Callable[[], bool] | None = None
    here: bool = False

    @property
    def is_enabled(self) -> bool:
        return self.enabled is None or self.enabled()


def portable(sequence: str) -> str:
    """A key sequence in Qt's portable spelling, "" where it is none."""
    return QKeySequence(sequence).toString(QKeySequence.SequenceFormat.PortableText)


class CommandSet(QObject):
    """The commands of one window, with their QActions and the keys that the person has chosen.

    overrides: id -> key ("" for no key), as settings keep them. Signal ``changed()`` after commands or keys changed;
    ``rebound(dict)`` gives the new overrides to be kept.
    """

    changed = Signal()
    rebound = Signal(dict)

    def __init__(self, overrides: Mapping[str, str] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._overrides = {k: portable(v) for k, v in (overrides or {}).items()
                           if isinstance(k, str) and isinstance(v, str)}
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}
        self._recent: list[str] = []
        self._scope = ""
        self._window: QWidget | None = None

    # ------------------------------------------------------------ commands

    def add(self, *commands: Command) -> None:
        """Add or replace commands."""
        for command in commands:
            self._commands[command.id] = command
            if command.id in self._actions:
                self._dress(command.id)
            elif self._window is not None and not command.here:
                self._window.addAction(self.action(command.id))
        self.changed.emit()

    def remove(self, *ids: str) -> None:
        for id_ in ids:
            self._commands.pop(id_, None)
            action = self._actions.pop(id_, None)
            if action is not None:
                action.deleteLater()
        self.changed.emit()

    def all(self) -> list[Command]:
        """In the order in which they were added."""
        return list(self._commands.values())

    def get(self, id_: str) -> Command | None:
        return self._commands.get(id_)

    def run(self, id_: str) -> bool:
        """Run a command if it is enabled, and remember it as recent."""
        command = self._commands.get(id_)
        if command is None or not command.is_enabled:
            return False
        if id_ in self._recent:
            self._recent.remove(id_)
        self._recent.insert(0, id_)
        del self._recent[RECENT:]
        command.run()
        return True

    def recent(self) -> list[str]:
        """Ids, the latest first."""
        return [id_ for id_ in self._recent if id_ in self._commands]

    def set_recent(self, ids: Iterable[str]) -> None:
        self._recent = [id_ for id_ in ids if isinstance(id_, str)][:RECENT]

    # ------------------------------------------------------------ actions

    def action(self, id_: str) -> QAction:
        """The QAction of a command, made once; add it to the window so that its key works. Raises KeyError."""
        if id_ not in self._actions:
            command = self._commands[id_]
            action = QAction(command.title, self)
            action.triggered.connect(lambda *_: self.run(id_))
            self._actions[id_] = action
            self._dress(id_)
        return self._actions[id_]

    def actions(self) -> list[QAction]:
        """The actions of all commands whose keys work in the whole window, e.g. for `window.addActions`."""
        return [self.action(id_) for id_, command in self._commands.items() if not command.here]

    def install_here(self, scope: str, *widgets: QWidget) -> None:
        """Let the keys that belong to a document of a workspace work where one of these has the focus."""
        found = [self.action(id_) for id_, command in self._commands.items() if command.here and command.scope == scope]
        for widget in widgets:
            widget.addActions(found)

    def install(self, window: QWidget) -> None:
        """Let the keys of all commands, also of those added later, work in a window."""
        self._window = window
        window.addActions(self.actions())

    def refresh(self) -> None:
        """Ask every command again whether it is enabled and on."""
        for id_ in self._actions:
            self._dress_state(id_)

    def set_scope(self, scope: str) -> None:
        """Keys of other workspaces rest."""
        self._scope = scope
        for id_ in self._actions:
            self._dress(id_)

    def _dress(self, id_: str) -> None:
        command, action = self._commands[id_], self._actions[id_]
        action.setText(command.title)
        if command.here:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        active = command.scope in ("", self._scope)
        keys = [self.shortcut(id_), *(command.alternatives if id_ not in self._overrides else ())]
        action.setShortcuts([QKeySequence(k) for k in keys if k] if active else [])
        self._dress_state(id_)

    def _dress_state(self, id_: str) -> None:
        command, action = self._commands[id_], self._actions[id_]
        # an action that is disabled here would swallow no key, so a key of a disabled command reaches the focus
        action.setEnabled(command.is_enabled)
        action.setToolTip(command.title if command.is_enabled else f"{command.title}\n{command.reason}".strip())
        if command.checked is not None:
            action.setCheckable(True)
            action.setChecked(command.checked())

    # ------------------------------------------------------------ keys

    def shortcut(self, id_: str) -> str:
        """The key that holds now, in portable text."""
        if id_ in self._overrides:
            return self._overrides[id_]
        command = self._commands.get(id_)
        return portable(command.shortcut) if command and command.shortcut else ""

    def overrides(self) -> dict[str, str]:
        return dict(self._overrides)

    def conflicts(self, id_: str, sequence: str) -> list[Command]:
        """The other commands that use a key where this command uses it."""
        mine, wanted = self._commands[id_], portable(sequence)
        return [c for c in self._commands.values()
                if wanted and c.id != id_ and self.shortcut(c.id) == wanted
                and ("" in (c.scope, mine.scope) or c.scope == mine.scope)]

    def rebind(self, id_: str, sequence: str, *, take: bool = False) -> list[Command]:
        """Give a command another key, "" for none. Returns the commands in conflict and changes nothing if there are
        any, unless `take`: then they lose the key."""
        clash = self.conflicts(id_, sequence)
        if clash and not take:
            return clash
        for other in clash:
            self._overrides[other.id] = ""
        self._overrides[id_] = portable(sequence)
        if self._overrides[id_] == portable(self._commands[id_].shortcut):
            del self._overrides[id_]
        self._rebound()
        return []

    def reset_shortcuts(self, id_: str = "") -> None:
        """One command, or all, back to the default keys."""
        if id_:
            self._overrides.pop(id_, None)
        else:
            self._overrides.clear()
        self._rebound()

    def _rebound(self) -> None:
        for id_ in self._actions:
            self._dress(id_)
        self.rebound.emit(self.overrides())
        self.changed.emit()


def with_shortcut(command: Command, sequence: str) -> Command:
    """The same command with another default key."""
    return replace(command, shortcut=sequence)


def fuzzy(needle: str, text: str) -> tuple[float, list[int]] | None:
    """How well what was typed fits a text: a score (more is better) and the places of its letters; None if not.

    Every word typed must occur, as a run of letters or as letters in order. Word starts and runs count more.
    """
    low, score = text.casefold(), 0.0
    places: list[int] = []
    if len(low) != len(text):
        low = text.lower() if len(text.lower()) == len(text) else text
    for word in needle.casefold().split():
        at = low.find(word)
        starts = [i for i in range(len(low)) if low.startswith(word, i) and (i == 0 or not low[i - 1].isalnum())]
        if starts:
            at = starts[0]
            score += 3 * len(word) + 4 + (2 if at == 0 else 0)
            places += range(at, at + len(word))
        elif at >= 0:
            score += 2 * len(word)
            places += range(at, at + len(word))
        else:
            found, spot = [], 0
            for letter in word:
                spot = low.find(letter, spot)
                if spot < 0:
                    return None
                found.append(spot)
                spot += 1
            gaps = sum(b - a - 1 for a, b in pairwise(found))
            if gaps > 3 * len(word) or not _begins_word(low, found[0]):
                return None
            score += len(word) - 0.2 * gaps
            places += found
    return score - 0.01 * len(text), sorted(set(places))


def _begins_word(text: str, index: int) -> bool:
    return index == 0 or not text[index - 1].isalnum()
