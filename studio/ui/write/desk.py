"""What acts on the manuscript around the page: outline, toggles of the view, popups, searching, snapshots, files."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QWidget

from studio.project.manuscript.rows import STATUSES, Node
from studio.ui.widgets import Menu, Popup
from studio.ui.widgets.askname import ask_name
from studio.ui.write.outline import STATUS_TITLES
from studio.ui.write.text import words

if TYPE_CHECKING:
    from studio.ui.write.room import WriteRoom

OPTIONS = {"markdown": True, "typographic": False, "spelling": True}
"""What can be switched in the menu of the outline, and how it is at first."""
StripRow = tuple[str, str, str, str, bool]


class WriteDesk(QObject):
    """One for each room. The heavier parts are made when they are first asked for."""

    def __init__(self, room: WriteRoom) -> None:
        super().__init__(room)
        self.room, self.pane, self.control = room, room.pane, room.control
        self.structure, self.outline, self.theme = room.control.structure, room.outline, room.theme
        self.session = room.session
        self.data: Path | None = None
        """The studio's data folder: dictionaries, and words of the person's own."""
        self.focused = False
        self._hidden: list[QWidget] = []
        self._spelling: Any = None
        self._search: Any = None
        self._files: Any = None
        self._late = QTimer(self, singleShot=True, interval=0)
        self._late.timeout.connect(self._show_nodes)
        self._connect()
        self._restore()

    def _connect(self) -> None:
        outline, tree = self.outline, self.outline.tree
        outline.set_folds(self.control.memory.get("folded", []))
        outline.folded.connect(lambda keys: self.control.remember(folded=keys))
        outline.add_asked.connect(self.add)
        outline.menu_asked.connect(self._fill_menu)
        outline.goal_asked.connect(self.ask_day_goal)
        tree.picked.connect(self._picked)
        tree.renamed.connect(lambda key, title: self.structure.change(key, title=title))
        tree.moved.connect(self._moved)
        tree.asked.connect(self.act)
        self.structure.changed.connect(self._late.start)
        self.structure.said.connect(self.room.said)
        self.control.scene_shown.connect(self._shown)
        self.pane.stats_changed.connect(self._counted)
        self.pane.bar.asked.connect(self.ask)
        self.pane.page.object_asked.connect(self.open_object)
        self.pane.page.menu_opening.connect(self._fill_page_menu)
        self.pane.page.key_filters.append(self._take_key)
        self._show_nodes()

    def _restore(self) -> None:
        memory = self.control.memory
        self.outline.setVisible(bool(memory.get("outline", True)))
        self.set_typewriter(bool(memory.get("typewriter", False)))
        self.pane.set_authorship(bool(memory.get("authorship", True)))
        self.pane.bar.authorship_toggled.connect(lambda on: self.control.remember(authorship=on))
        for name in OPTIONS:
            self.set_option(name, self.option(name))

    # ------------------------------------------------------------ the strip

    def strip_rows(self) -> list[StripRow]:
        """id, icon, name, key, whether it stays on; "" is a line."""
        return [
            ("outline", "list-bullets", "Outline", "Ctrl+Alt+O", True),
            ("search", "magnifying-glass", "Find in the manuscript", "Ctrl+Shift+F", False),
            ("chat", "chat-text", "Chat", "Ctrl+Alt+T", False),
            ("notes", "notebook", "Story notes", "", False),
            ("", "", "", "", False),
            ("focus", "target", "Focus", "F11", True),
            ("typewriter", "keyboard", "Typewriter", "Ctrl+Alt+W", True),
            ("stats", "chart-bar", "Figures", "", False),
            ("", "", "", "", False),
            ("branches", "git-branch", "Branches of this scene", "", False),
            ("snapshots", "clock-counter-clockwise", "Snapshots of this scene", "Ctrl+S", False),
        ]

    def strip_clicked(self, id_: str) -> None:
        coauthor = self.room.coauthor
        {"outline": self.toggle_outline, "search": self.show_search, "chat": coauthor.show_chat,
         "notes": lambda: coauthor.show_tab("notes"), "focus": self.toggle_focus,
         "typewriter": lambda: self.set_typewriter(not self.pane.page.typewriter), "stats": self.show_stats,
         "branches": coauthor.show_branches, "snapshots": self.show_snapshots}[id_]()
        self.show_toggles()

    def show_toggles(self) -> None:
        """Bring buttons to what is on."""
        states = {"outline": not self.outline.isHidden(), "focus": self.focused,
                  "typewriter": self.pane.page.typewriter}
        for id_, on in states.items():
            if id_ in self.room.strip_buttons:
                self.room.strip_buttons[id_].setChecked(on)
        self.pane.bar.focus.setChecked(self.focused)
        self.pane.bar.typewriter.setChecked(self.pane.page.typewriter)

    def ask(self, what: str) -> None:
        """What the context bar asks for."""
        {"footnote": self.add_footnote, "focus": self.toggle_focus, "stats": self.show_stats,
         "typewriter": lambda: self.set_typewriter(not self.pane.page.typewriter),
         "export": self.show_export}[what]()

    # ------------------------------------------------------------ the view

    def toggle_outline(self) -> None:
        shown = self.outline.isHidden()
        self.outline.setVisible(shown)
        self.control.remember(outline=shown)
        self.show_toggles()

    def set_typewriter(self, on: bool) -> None:
        """Keep the line of the caret at the same height."""
        self.pane.page.set_typewriter(on)
        self.control.remember(typewriter=on)
        self.show_toggles()

    def toggle_focus(self) -> None:
        """Only the page, the paragraph of the caret bright; the same again brings everything back."""
        self.focused = not self.focused
        bench = self.room.bench
        if self.focused:
            top = getattr(bench.window(), "top", None)
            around = [bench.strips, bench.bars, bench.inspector, bench.results, bench.bar, self.outline, top]
            self._hidden = [w for w in around if w is not None and not w.isHidden()]
            for widget in self._hidden:
                widget.hide()
        else:
            for widget in self._hidden:
                widget.show()
            self._hidden = []
        self.pane.page.set_focus_mode(self.focused)
        bench.place_bar()
        self.pane.page.setFocus()
        self.show_toggles()

    def _take_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape and self.focused and not event.modifiers():
            self.toggle_focus()
            return True
        return False

    # ------------------------------------------------------------ outline

    def _show_nodes(self) -> None:
        self.outline.set_nodes(self.structure.nodes, self.control.node)
        self._show_today()

    def _shown(self, key: str) -> None:
        self.outline.set_shown(key)

    def _picked(self, key: str) -> None:
        self.control.show(key)
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
        entry("Synopsis…", lambda: self.ask_synopsis(key))
        entry("Goal in words…", lambda: self.ask_goal(key))
        menu.addSeparator()
        entry("Move up\tAlt+Up", lambda: self.structure.shift(key, -1))
        entry("Move down\tAlt+Down", lambda: self.structure.shift(key, 1))
        if node.kind == "scene":
            entry("Merge with the next scene", lambda: self.structure.merge(key))
            entry("Snapshots…", lambda: self._snapshots_of(key))
        menu.addSeparator()
        entry("Throw away\tDel", lambda: self.trash(key))
        rect = self.outline.tree.visualItemRect(item)
        menu.popup(self.outline.tree.viewport().mapToGlobal(rect.bottomLeft() + QPoint(24, 0)))

    def _fill_menu(self, menu: Menu) -> None:
        """The menu of the whole outline."""
        menu.addSeparator()
        menu.addAction("Import a text…").triggered.connect(lambda *_: self.show_import())
        menu.addAction("Export…").triggered.connect(lambda *_: self.show_export())
        menu.addAction("Bin…").triggered.connect(lambda *_: self.show_bin(menu))
        menu.addSeparator()
        for name, title in (("markdown", "Markdown shortcuts"), ("typographic", "Typographic quotes"),
                            ("spelling", "Check spelling")):
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(self.option(name))
            action.triggered.connect(lambda on, n=name: self.set_option(n, on))
        if self._spelling is not None:
            self._spelling.add_choices(menu)

    def show_bin(self, _menu: Any = None) -> None:
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

    def ask_synopsis(self, key: str) -> None:
        from studio.ui.write.popups import AskText

        node = self.structure.node(key)
        if node is not None:
            self.pop(AskText(self.theme, "Synopsis", node.synopsis, "What happens here, in a few sentences",
                             lambda text: self.structure.change(key, synopsis=text)), self.outline)

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

    def show_stats(self) -> None:
        from studio.ui.write.stats import Figures

        self.pop(Figures(self.theme, self), self.pane.bar.export)

    # ------------------------------------------------------------ options

    def option(self, name: str) -> bool:
        return bool(self.control.memory.get("options", {}).get(name, OPTIONS[name]))

    def set_option(self, name: str, on: bool) -> None:
        self.control.remember(options={**self.control.memory.get("options", {}), name: on})
        if name == "spelling":
            self._set_spelling(on)
        else:
            setattr(self.pane.page.editing, name, on)

    def use_data(self, folder: Path) -> None:
        """The studio's data folder."""
        self.data = folder
        if self._spelling is not None:
            self._spelling.use(self.control.memory.get("options", {}).get("dictionary", "en_US"))

    def _set_spelling(self, on: bool) -> None:
        if on and self._spelling is None:
            from studio.ui.write.spelling import Spelling

            self._spelling = Spelling(self)
        if self._spelling is not None:
            self._spelling.set_on(on)

    # ------------------------------------------------------------ popups

    def pop(self, content: QWidget, anchor: QWidget, width: int = 0) -> Popup:
        """Open a popup with something that goes with it."""
        content.delete_on_close = True  # type: ignore[attr-defined]
        popup = Popup(self.theme, anchor, content, place="below", width=width)
        content.popup = popup  # type: ignore[attr-defined]
        popup.open()
        return popup

    def add_footnote(self) -> None:
        from studio.ui.write.popups import AskText

        self.pop(AskText(self.theme, "Footnote", "", "What the note says", lambda text: text and self.pane.page.editing
                         .insert_object("footnote", text)), self._spot())

    def open_object(self, at: int) -> None:
        """What was clicked on the page: a footnote to be written, a link to be opened or changed."""
        from studio.ui.write.popups import AskText

        looks = dict(self.pane.story.runs.at(at))
        if "footnote" in looks:
            def keep(text: str) -> None:
                if text:
                    self.pane.story.set_look(at, at + 1, "footnote", text)
                else:
                    self.pane.story.change([(at, 1, "", "")])

            self.pop(AskText(self.theme, "Footnote", looks["footnote"], "Empty removes the note", keep), self._spot(at))
        elif "link" in looks:
            from PySide6.QtCore import QUrl
            from PySide6.QtGui import QDesktopServices

            QDesktopServices.openUrl(QUrl(looks["link"]))

    def ask_link(self) -> None:
        from studio.ui.write.popups import AskText

        editing, cursor = self.pane.page.editing, self.pane.page.textCursor()
        start, _ = editing.stretch_of("link", cursor.selectionStart())
        known = dict(self.pane.story.runs.at(start)).get("link", "")

        def keep(text: str) -> None:
            url = text.strip()
            if url and "://" not in url and not url.startswith("mailto:"):
                url = f"https://{url}"
            editing.set_link(url)

        self.pop(AskText(self.theme, "Link", known, "https://… (empty removes the link)", keep, lines=1), self._spot())

    def _spot(self, at: int | None = None) -> QWidget:
        """A widget at the caret, for a popup to stand at."""
        page = self.pane.page
        rect = (page.caret_rect() if at is None else page.rect_of(at, at + 1)).toRect()
        spot = self.pane.findChild(QWidget, "spot") or QWidget(page.viewport())
        spot.setObjectName("spot")
        spot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        spot.setGeometry(rect.adjusted(0, 0, 4, 0))
        spot.show()
        return spot

    def _fill_page_menu(self, menu: Menu, at: int) -> None:
        if self._spelling is not None:
            self._spelling.fill_menu(menu, at)
        menu.addSeparator()
        for title, key, run in (
            ("Paste without formatting", "Ctrl+Shift+V", self.pane.page.paste_plain),
            ("Link…", "Ctrl+Shift+K", self.ask_link), ("Footnote…", "Ctrl+Alt+F", self.add_footnote),
            ("Split the scene here", "Ctrl+Alt+S", self.structure.split),
        ):
            menu.addAction(f"{title}\t{key}").triggered.connect(lambda *_, r=run: r())

    # ------------------------------------------------------------ searching, snapshots, files

    def find(self) -> None:
        """In the scene on the page."""
        self.pane.find()

    def show_search(self) -> None:
        """Over the whole manuscript."""
        if self._search is None:
            from studio.ui.write.search import SearchPanel

            self._search = SearchPanel(self)
        self._search.open()

    def show_snapshots(self) -> None:
        self._snapshots_of(self.control.node)

    def _snapshots_of(self, key: str) -> None:
        from studio.ui.write.snapshots import SnapshotPanel

        if key:
            self.pane.flush()
            self.pop(SnapshotPanel(self, key), self.pane.bar.style_choice, width=self.theme.dp(720))

    def take_snapshot(self) -> None:
        """Keep the scene on the page as it is."""
        key = self.control.node
        if key:
            self.pane.flush()
            self.session.store(self.session.project.add_snapshot(key, ""),
                               lambda _: self.room.said.emit("The scene was kept as a snapshot."))

    def _filer(self) -> Any:
        if self._files is None:
            from studio.ui.write.files import Files

            self._files = Files(self)
        return self._files

    def show_export(self) -> None:
        self._filer().show_export()

    def show_import(self) -> None:
        self._filer().ask_import()

    def close(self) -> None:
        """End the threads."""
        if self._spelling is not None:
            self._spelling.close()
