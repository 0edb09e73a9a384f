"""What acts on the manuscript around the page: toggles of the view, options, popups, searching, snapshots, files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QWidget

from studio.ui.widgets import Menu, Popup
from studio.ui.write.objects import PageObjects
from studio.ui.write.outlinework import OutlineWork

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
        self.scenes = OutlineWork(self)
        self.objects = PageObjects(self)
        self._connect()
        self._restore()

    def _connect(self) -> None:
        self.outline.menu_asked.connect(self._fill_menu)
        self.structure.said.connect(self.room.said)
        self.pane.bar.asked.connect(self.ask)
        self.pane.page.menu_opening.connect(self._fill_page_menu)
        self.pane.page.key_filters.append(self._take_key)

    def _restore(self) -> None:
        memory = self.control.memory
        self.outline.setVisible(bool(memory.get("outline", True)))
        self.pane.narrowed.connect(self._narrowed)
        if self.pane.narrow:
            self._narrowed(True)
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
        {"footnote": self.objects.add_footnote, "picture": self.objects.ask_picture,
         "focus": self.toggle_focus, "stats": self.show_stats,
         "typewriter": lambda: self.set_typewriter(not self.pane.page.typewriter),
         "export": self.show_export}[what]()

    # ------------------------------------------------------------ the view

    def toggle_outline(self) -> None:
        shown = self.outline.isHidden()
        self.outline.setVisible(shown)
        if not self.pane.narrow:
            self.control.remember(outline=shown)
        self.show_toggles()

    def _narrowed(self, narrow: bool) -> None:
        """Beside a narrow page there is no room for the outline: it comes over it when it is asked for."""
        self.outline.setVisible(not narrow and bool(self.control.memory.get("outline", True)))
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

    def _fill_menu(self, menu: Menu) -> None:
        """The menu of the whole outline."""
        menu.addSeparator()
        menu.addAction("Import a text…").triggered.connect(lambda *_: self.show_import())
        menu.addAction("Export…").triggered.connect(lambda *_: self.show_export())
        menu.addAction("Bin…").triggered.connect(lambda *_: self.scenes.show_bin())
        menu.addSeparator()
        for name, title in (("markdown", "Markdown shortcuts"), ("typographic", "Typographic quotes"),
                            ("spelling", "Check spelling")):
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(self.option(name))
            action.triggered.connect(lambda on, n=name: self.set_option(n, on))
        if self._spelling is not None:
            self._spelling.add_choices(menu)

    # ------------------------------------------------------------ popups

    def pop(self, content: QWidget, anchor: QWidget, width: int = 0) -> Popup:
        """Open a popup with something that goes with it."""
        content.delete_on_close = True  # type: ignore[attr-defined]
        popup = Popup(self.theme, anchor, content, place="below", width=width)
        content.popup = popup  # type: ignore[attr-defined]
        popup.open()
        return popup

    def _fill_page_menu(self, menu: Menu, at: int) -> None:
        if self._spelling is not None:
            self._spelling.fill_menu(menu, at)
        menu.addSeparator()
        self.objects.fill_menu(menu)
        for title, key, run in (
            ("Paste without formatting", "Ctrl+Shift+V", self.pane.page.paste_plain),
            ("Picture…", "Ctrl+Alt+P", self.objects.ask_picture),
            ("Link…", "Ctrl+Shift+K", self.objects.ask_link), ("Footnote…", "Ctrl+Alt+F", self.objects.add_footnote),
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
        self.snapshots_of(self.control.node)

    def snapshots_of(self, key: str) -> None:
        from studio.ui.write.snapshots import SnapshotPanel

        if key:
            self.pane.flush()
            self.pop(SnapshotPanel(self, key), self.pane.bar.style_choice, width=self.theme.dp(720))

    def show_scene_tab(self, key: str) -> None:
        """Title, status, goal and synopsis of a part, chapter or scene, in the inspector."""
        coauthor = self.room.coauthor
        coauthor.show_node(key)
        coauthor.notes.scene.fold.set_open(True)
        coauthor.notes.pages.setCurrentIndex(0)
        coauthor.show_tab("notes")
        coauthor.notes.scene.synopsis.setFocus()

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
