"""What acts on the outline: adding, renaming, moving, throwing away, status and goals, and what was written today."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, QPoint, Qt, QTimer

from studio.project.manuscript.rows import STATUSES, Node
from studio.ui.widgets import Menu
from studio.ui.widgets.askname import ask_name
from studio.ui.write.outlinetree import STATUS_TITLES
from studio.ui.write.text import words

if TYPE_CHECKING:
    from studio.ui.sound.room import SoundRoom
    from studio.ui.write.desk import WriteDesk


class OutlineWork(QObject):
    """Joins the outline to the tree of the manuscript."""

    def __init__(self, desk: WriteDesk) -> None:
        super().__init__(desk)
        self.desk, self.room, self.pane, self.control = desk, desk.room, desk.pane, desk.control
        self.structure, self.outline, self.theme, self.session = desk.structure, desk.outline, desk.theme, desk.session
        self._late = QTimer(self, singleShot=True, interval=0)
        self._late.timeout.connect(self._show_nodes)
        outline, tree = self.outline, self.outline.tree
        outline.set_folds(self.control.memory.get("folded", []))
        outline.folded.connect(lambda keys: self.control.remember(folded=keys))
        outline.add_asked.connect(self.add)
        outline.goal_asked.connect(self.ask_day_goal)
        tree.picked.connect(self._picked)
        tree.renamed.connect(lambda key, title: self.structure.change(key, title=title))
        tree.moved.connect(self._moved)
        tree.asked.connect(self.act)
        self.structure.changed.connect(self._late.start)
        self.control.scene_shown.connect(self._shown)
        self.pane.stats_changed.connect(self._counted)
        self._show_nodes()

    # ------------------------------------------------------------ outline

    def _show_nodes(self) -> None:
        self.outline.set_nodes(self.structure.nodes, self.control.node)
        self._show_today()

    def _shown(self, key: str) -> None:
        self.outline.set_shown(key)

    def _picked(self, key: str) -> None:
        self.control.show(key)
        if self.pane.narrow:
            self.desk.toggle_outline()
        if not self.outline.tree.hasFocus():
            self.pane.page.setFocus()

    def _moved(self, key: str, parent: str, before: str) -> None:
        node = self.structure.node(key)
        if node is not None and not self.structure.move(key, parent, before):
            above = self.structure.node(parent)
            if above is not None and above.kind == node.kind:
                self.room.said.emit(f"A {node.kind} cannot lie in a {above.kind}; drop it between two of them.")

    def add(self, kind: Any) -> None:
        """A new node behind the current one; its title is there to be written over."""
        near = self.outline.tree.current_key() or self.control.node

        def added(node: Node) -> None:
            if node.kind == "scene":
                self.control.show(node.id)
            QTimer.singleShot(60, self.outline, lambda: self.outline.tree.rename(node.id))

        self.structure.add(kind, near, done=added)

    def act(self, what: str, key: str) -> None:
        """What the tree asks for one of its nodes."""
        if what == "menu":
            self._node_menu(key)
        elif what == "trash":
            self.trash(key)
        else:
            self.structure.shift(key, -1 if what == "up" else 1)

    def trash(self, key: str) -> None:
        node = self.structure.node(key)
        if node is None:
            return
        self.structure.trash(key)
        self.room.bench.notice.show_message(f"“{node.title}” was thrown away.", self.structure.undo)

    def _node_menu(self, key: str) -> None:
        node = self.structure.node(key)
        item = self.outline.tree.item_of(key)
        if node is None or item is None:
            return
        menu = Menu(self.theme, node.title, self.outline)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def entry(title: str, run: Callable[[], object], into: Menu = menu) -> Any:
            action = into.addAction(title)
            action.triggered.connect(lambda *_: run())
            return action

        entry("Rename\tF2", lambda: self.outline.tree.rename(key))
        if node.kind == "scene":
            status = Menu(self.theme, "Status", menu)
            for name in STATUSES:
                action = entry(STATUS_TITLES[name], partial(self.structure.change, key, status=name), status)
                action.setCheckable(True)
                action.setChecked(name == node.status)
            menu.addMenu(status)
        entry("Synopsis…", lambda: self.desk.show_scene_tab(key))
        entry("Goal in words…", lambda: self.ask_goal(key))
        menu.addSeparator()
        entry("Move up\tAlt+Up", lambda: self.structure.shift(key, -1))
        entry("Move down\tAlt+Down", lambda: self.structure.shift(key, 1))
        if node.kind == "scene":
            entry("Merge with the next scene", lambda: self.structure.merge(key))
            entry("Snapshots…", lambda: self.desk.snapshots_of(key))
            entry("Read into Sound", lambda: self.read_into_sound(key))
        menu.addSeparator()
        entry("Throw away\tDel", lambda: self.trash(key))
        rect = self.outline.tree.visualItemRect(item)
        menu.popup(self.outline.tree.viewport().mapToGlobal(rect.bottomLeft() + QPoint(24, 0)))

    def read_into_sound(self, key: str) -> None:
        """Let Sound speak a scene at its cursor, sentence by sentence, and show it."""
        bench = self.room.bench
        bench.show_workspace("sound")
        cast("SoundRoom", bench.room("sound")).makers.scenes.read(key)

    def show_bin(self) -> None:
        """What was thrown away, each to be brought back."""
        project, document = self.session.project, self.control.document

        def show(nodes: list[Node]) -> None:
            menu = Menu(self.theme, "Bin", self.outline)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            gone = {n.id for n in nodes}
            for node in [n for n in nodes if n.parent not in gone][:30]:
                action = menu.addAction(f"Bring back “{node.title}”")
                action.triggered.connect(lambda *_, k=node.id: self.structure.restore(k))
            if not nodes:
                menu.addAction("The bin is empty").setEnabled(False)
            menu.popup(self.outline.mapToGlobal(QPoint(24, 40)))

        self.session.read(lambda: project.manuscript_nodes(document, True), show)

    def ask_goal(self, key: str) -> None:
        node = self.structure.node(key)
        if node is not None:
            self._ask_number("Goal in words", node.goal, lambda goal: self.structure.change(key, goal=goal))

    def ask_day_goal(self) -> None:
        def keep(goal: int) -> None:
            self.control.remember(goal=goal)
            self._show_today()

        self._ask_number("Words a day", int(self.control.memory.get("goal", 0)), keep)

    def _ask_number(self, title: str, value: int, done: Callable[[int], None]) -> None:
        def kept(text: str) -> None:
            digits = "".join(c for c in text if c.isdigit())
            if not digits:
                self.room.said.emit("A goal is a number of words, such as 800; 0 is none.")
            else:
                done(min(int(digits[:8]), 10_000_000))

        ask_name(self.theme, self.outline, title, str(value), kept)

    # ------------------------------------------------------------ figures

    def _counted(self, count: int, _minutes: int) -> None:
        self.outline.set_words(self.control.node, count)
        self._show_today()

    def total(self) -> int:
        """Words of the manuscript, with those of the scene on the page as they are now."""
        here = words(self.pane.text()) if len(self.pane.story.shadow) < 200_000 else -1
        return sum(here if n.id == self.control.node and here >= 0 else n.words for n in self.structure.scenes())

    def _show_today(self) -> None:
        total, today = self.total(), datetime.date.today().isoformat()
        day = self.control.memory.get("day")
        if not isinstance(day, dict) or day.get("date") != today or not isinstance(day.get("start"), int):
            day = {"date": today, "start": total}
            self.control.remember(day=day)
        self.outline.set_today(max(0, total - day["start"]), int(self.control.memory.get("goal", 0)))
