"""The co-author of one open manuscript: everything beside the page, joined to page, project and engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.project.manuscript.authorship import Shares
from studio.project.manuscript.rows import NodeKind, Prose
from studio.ui.room import InspectorTab
from studio.ui.widgets.labels import Separator
from studio.ui.write.assist import ghost as ghosts
from studio.ui.write.assist.actions import LENGTHS
from studio.ui.write.assist.asking import Asking
from studio.ui.write.assist.branches import Branches
from studio.ui.write.assist.cards import Cards
from studio.ui.write.assist.chat import ChatControl
from studio.ui.write.assist.chatpanel import ChatPanel
from studio.ui.write.assist.codepage import CodePage
from studio.ui.write.assist.commands import MENU
from studio.ui.write.assist.errands import Errands
from studio.ui.write.assist.extras import Extras
from studio.ui.write.assist.figures import SessionFigures
from studio.ui.write.assist.ghost import Ghost
from studio.ui.write.assist.ghostpaint import GhostPainter
from studio.ui.write.assist.joined import JoinedPage
from studio.ui.write.assist.notespanel import NotesPanel, NotesSection
from studio.ui.write.assist.otherwords import OtherWords
from studio.ui.write.assist.parts import scrolled
from studio.ui.write.assist.shares import ShareCount
from studio.ui.write.assist.steer import Steer
from studio.ui.write.assist.tab import AssistState, AssistTab
from studio.ui.write.text import words

if TYPE_CHECKING:
    from studio.ui.commandset import CommandSet
    from studio.ui.write.room import WriteRoom

SAVE_MS = 400
APPLY_MS = 300


class CoAuthor(Asking):
    """Made with the room of Write; closed with it.

    Attributes:
        page: the page as the co-author sees it.
        ghost, cards, branches, other_words, chat, steer: what it does.
        tab, notes, chat_panel, figures: what it shows.
    """

    def __init__(self, room: WriteRoom) -> None:
        super().__init__(room)
        self.room, self.session, self.theme = room, room.session, room.theme
        self.document = room.control.document
        self.key: Callable[[str], str] = lambda command: ghosts.KEYS.get(command, "")
        """The key that holds for a command; the desk gives its own."""
        self.commands: CommandSet | None = None
        self.plugin_data = Path("plugins")
        """The folder that holds the data of plugins; the desk gives its own."""
        self.errands = Errands(self.session, self.document, self)
        self.page = JoinedPage(room.pane)
        self.steer = Steer(self.session, self.document, self.say, self)
        self.ghost = Ghost(self.session, self.errands, self.page, self.params, lambda c: self.key(c), self)
        self.painter = GhostPainter(self.theme, self.ghost, self.page, lambda c: self.key(c))
        self.cards = Cards(self.theme, self.session, self.errands, self.page, self.params, self)
        self.branches = Branches(self.theme, self.session, self.errands, self.page, self.node, self)
        self.other_words = OtherWords(self.theme, self.session, self.page, self.ghost, self.painter, self.branches,
                                      self)
        self.code = CodePage(self.session, self.page, self)
        self._make_panels()
        self.extras = Extras(self)
        self.shares = ShareCount(self.session, self.document, self._counted, self)
        self._save = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._save.timeout.connect(self.save)
        self._apply = QTimer(self, singleShot=True, interval=APPLY_MS)
        self._apply.timeout.connect(self.show_applying)
        self._connect_page()
        self._connect_panels()
        self._load()

    def _make_panels(self) -> None:
        theme, bench = self.theme, self.room.bench
        self.tab = AssistTab(theme)
        self.notes_list = NotesSection(theme, bench.loader)
        self.figures = SessionFigures(theme)
        self.notes = NotesPanel(theme, bench.loader, bench.pickers)
        self.chat_panel = ChatPanel(theme)
        self.assist = QWidget()
        column = QVBoxLayout(self.assist)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        upper = scrolled(self.tab)
        upper.setMinimumHeight(theme.dp(120))
        column.addWidget(upper, 3)
        column.addWidget(Separator(theme))
        column.addWidget(self.notes_list, 2)
        column.addWidget(Separator(theme))
        column.addWidget(self.figures)
        self.chat = ChatControl(self.session, self.chat_panel, self.errands, self.document, self.seen,
                                self.insert_text, self.say, self.chat_params)

    def tabs(self) -> Sequence[InspectorTab]:
        """For the inspector."""
        return (InspectorTab("assist", "Assist", self.assist), InspectorTab("notes", "Notes", self.notes),
                InspectorTab("chat", "Chat", self.chat_panel))

    # ------------------------------------------------------------ wiring

    def _connect_page(self) -> None:
        page = self.page
        parts = (self.other_words, self.branches, self.cards, self.ghost, self.code)
        page.join([part.take_key for part in parts], self._claims, lambda painter, _: self.painter.paint(painter))
        self.room.pane.node_shown.connect(lambda _: self._scene_shown())
        page.edited.connect(self.ghost.text_edited)
        page.edited.connect(self.cards.text_edited)
        page.edited.connect(self.branches.layout_card)
        page.caret_moved.connect(self.ghost.caret_moved)
        page.caret_moved.connect(self._show_selection)
        page.selection_changed.connect(self._show_selection)
        page.scrolled.connect(self.cards.place)
        page.resized.connect(self.painter.fit)
        page.scrolled.connect(self.branches.layout_card)
        self.room.pane.changed.connect(self._page_changed)
        self.room.pane.page.menu_opening.connect(self._fill_menu)

    def _page_changed(self, node: str, prose: Prose, _cursor: int) -> None:
        self.shares.note(node, prose.text, prose.spans)

    def _fill_menu(self, menu: Any, _at: int) -> None:
        """The machine's part of the menu of the page."""
        if self.commands is None:
            return
        self.commands.refresh()
        menu.addSeparator()
        for name in MENU:
            if name:
                menu.addAction(self.commands.action(name))
            else:
                menu.addSeparator()

    def _scene_shown(self) -> None:
        """Another scene is on the page: what belongs to the one before goes."""
        self.ghost.clear()
        self.cards.close_all()
        self.branches.close()
        self.other_words.close()
        self._show_selection()

    def _connect_panels(self) -> None:
        tab, notes, steer = self.tab, self.notes, self.steer
        tab.asked.connect(self._act_from_tab)
        tab.state_changed.connect(self._set_state)
        tab.boldness_changed.connect(self._set_boldness)
        for source in (self.ghost, self.cards, self.branches, self.other_words):
            source.accepted.connect(self._accepted)
        for signal in (self.ghost.dismissed, self.cards.rejected, self.branches.rejected):
            signal.connect(self._rejected)
        for signal in (self.ghost.problem, self.cards.said, self.branches.said, self.other_words.said, notes.problem):
            signal.connect(self.say)
        steer.changed.connect(self._show_notes)
        self.notes_list.opened.connect(self.open_note)
        self.notes_list.pinned.connect(steer.pin)
        self.notes_list.added.connect(self.add_note)
        self.notes_list.search_asked.connect(self._search_notes)
        notes.pinned.connect(steer.pin)
        notes.added.connect(self.add_note)
        notes.note_changed.connect(steer.put)
        notes.note_deleted.connect(steer.remove)
        notes.steering_changed.connect(steer.set_steering)
        self._connect_scene()
        self.room.bench.inspector.values_changed.connect(lambda *_: self._show_boldness())
        self.session.discovered.connect(lambda _: self._show_boldness())
        self.room.bench.bar.notes_chip.clicked.connect(lambda: self.show_tab("notes"))

    def _connect_scene(self) -> None:
        """What the scene is to be."""
        control, form = self.room.control, self.notes.scene
        structure = control.structure
        self.steer.scene = lambda: node.synopsis if (node := structure.node(control.node)) is not None else ""
        form.changed.connect(lambda key, values, joined: structure.change(key, joined, **values))
        structure.changed.connect(lambda: self.show_node(form.node.id if form.node is not None else control.node))
        control.scene_shown.connect(self.show_node)
        self.show_node(control.node)

    def show_node(self, key: str) -> None:
        """Synopsis, status and goal of a part, chapter or scene, in the notes tab."""
        node = self.room.control.structure.node(key)
        self.notes.scene.show_node(node or self.room.control.structure.node(self.room.control.node))
        here = self.room.control.structure.node(self.room.control.node)
        self.room.pane.page.set_hint(here.synopsis if here is not None else "")

    def _load(self) -> None:
        self.tab.show_state(AssistState.read(self.session.project.get_state("assist")))
        self.ghost.set_mode(self.tab.state.ghost)
        self.notes.show_steering(self.steer.steering)
        self._show_notes()
        self._show_boldness()
        self._show_selection()
        self.shares.read_all()

    # ------------------------------------------------------------ what others ask

    def node(self) -> str:
        """The scene on the page, "" if there is none."""
        return str(self.room.control.node)

    def seen(self, scopes: tuple[str, ...]) -> tuple[str, str]:
        """What a chat may see: text, and notes."""
        start, length = self.page.selection()
        parts = []
        if "scene" in scopes:
            parts.append(self.page.text(0, self.page.length()))
        if "selection" in scopes and length:
            parts.append(self.page.text(start, start + length))
        text = "\n\n".join(part for part in parts if part.strip())
        told = [self.steer.synopsis() if "scene" in scopes else "",
                self.steer.memory(text).text if "notes" in scopes else ""]
        return text, "\n".join(part for part in told if part)

    def insert_text(self, text: str, result: str = "") -> None:
        """Put a text in at the caret, as the machine's if it is a result."""
        from studio.ui.write.assist.page import Change
        from studio.ui.write.text import units

        start, length = self.page.selection()
        self.page.change([Change(start, length, text, result)])
        self.page.set_caret(start + units(text))
        if result:
            self._accepted(text)

    def show_branches(self) -> None:
        """The branches of the scene, in a popup."""
        from studio.ui.write.assist.branchespanel import BranchesPanel

        panel = BranchesPanel(self.theme)
        self.branches.fill(panel)
        fill, open_ = self.branches.fill, [True]
        again = self.branches.changed.connect(lambda: fill(panel) if open_ else None)
        panel.destroyed.connect(open_.clear)
        panel.destroyed.connect(lambda: self.branches.changed.disconnect(again))
        panel.inserted.connect(self.branches.insert)
        panel.inserted.connect(lambda _: self.extras.dismiss())
        panel.place_asked.connect(self.branches.show_place)
        panel.place_asked.connect(lambda _: self.extras.dismiss())
        panel.removed.connect(lambda key: self.branches.remove(key, self.say))
        self.extras.pop(panel)

    def add_nodes(self, kind: NodeKind, items: Sequence[tuple[str, str]]) -> None:
        """Planned chapters at the end of the manuscript, or scenes at the end of the chapter of the scene shown."""
        project = self.session.project
        nodes = {node.id: node for node in project.manuscript_nodes(self.document)}
        here = nodes.get(self.node())
        parent = here.parent if here is not None and kind == "scene" else ""
        for title, about in items:
            self.session.store(project.add_node(self.document, kind, title, parent, status="planned", synopsis=about),
                               lambda _: self._nodes_added())

    def _nodes_added(self) -> None:
        self.room.control.nodes_changed()

    # ------------------------------------------------------------ panels

    def show_tab(self, tab: str) -> None:
        inspector = self.room.bench.inspector
        inspector.setVisible(True)
        inspector.show_tab(tab)

    def show_chat(self) -> None:
        self.show_tab("chat")
        self.chat_panel.line.setFocus()

    def prompts_folder(self) -> Path:
        """Where changed prompts lie."""
        return self.plugin_data / "language" / "prompts"

    # ------------------------------------------------------------ notes

    def open_note(self, note: str) -> None:
        self.room.bench.inspector.show_tab("notes")
        self.notes.open_note(note)

    def add_note(self) -> None:
        """A new note, its form open; what is selected is its beginning."""
        start, length = self.page.selection()
        chosen = " ".join(self.page.text(start, start + length).split())
        title = chosen if len(chosen) <= 40 else ""
        self.steer.add(self._opened, title, text="" if title else chosen[:2000])

    def _opened(self, note: Any) -> None:
        self.open_note(note.id)
        self.notes.form.title.setFocus()

    def _search_notes(self) -> None:
        self.room.bench.inspector.show_tab("notes")
        self.notes.pages.setCurrentIndex(0)
        self.notes.search.setFocus()

    def show_applying(self) -> None:
        """How many notes go along from here, in the prompt bar."""
        at = self.page.selection()[0]
        bar = self.room.bench.bar
        if self.steer.notes:
            self.steer.memory_later(self.page.text(max(0, at - ghosts.BEFORE), at),
                                    lambda told: bar.show_notes(len(told.ids)))
        else:
            bar.show_notes(-1)

    def _show_notes(self) -> None:
        self._apply.start()
        self.notes_list.set_notes(self.steer.notes)
        self.notes.set_notes(self.steer.notes)

    # ------------------------------------------------------------ state

    def _set_state(self, state: AssistState) -> None:
        self.ghost.set_mode(state.ghost)
        self._save.start()
        if self.room.bench.workspace == "write":
            self.room.bench.composer.set_values(max_tokens=LENGTHS[state.length])

    def _set_boldness(self, value: float) -> None:
        if self.room.bench.workspace == "write":
            self.room.bench.composer.set_values(temperature=value, preset="Custom")

    def _show_boldness(self) -> None:
        value = self.room.bench.composer.drafts["write"].values.get("temperature")
        if isinstance(value, (int, float)) and abs(value - self.tab.boldness.value()) > 1e-6:
            self.tab.boldness.set_value(float(value))

    def save(self) -> None:
        """Hand the project what it has not been told."""
        self._save.stop()
        if not self.session.project.read_only:
            self.notes.flush()
            self.session.store(self.session.project.set_state("assist", self.tab.state.to_json()))

    def _show_selection(self) -> None:
        self._apply.start()
        start, length = self.page.selection()
        paragraph = not length
        if paragraph:
            start, length = self.page.paragraph(start)
        self.tab.show_selection(words(self.page.text(start, start + length)), paragraph=paragraph)
        self.chat.show_selection(not paragraph)
        self.tab.show_code(self.page.is_code(start))

    # ------------------------------------------------------------ figures

    def _counted(self, share: Shares, count: int) -> None:
        """Of the whole manuscript."""
        self.figures.counts.note_words(count)
        self.figures.counts.note_share(share)
        self.figures.show_share(share)
        self.figures.refresh()

    def _accepted(self, _text: str) -> None:
        self.figures.counts.accepted += 1
        self.figures.refresh()

    def _rejected(self) -> None:
        self.figures.counts.rejected += 1
        self.figures.refresh()

    # ------------------------------------------------------------ small things

    def say(self, text: str, undo: Callable[[], object] | None = None, *, action: str = "Undo") -> None:
        """One sentence over the document, with what takes the change back."""
        self.room.bench.notice.show_message(text, undo, action=action)

    def _claims(self, event: QKeyEvent) -> bool:
        """Keys of ghost, card and list of other words come before those of the window while these are there."""
        pressed = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
        if self.ghost.state.proposals and any(pressed == self.key(name) for name in ghosts.KEYS):
            return True
        if self.cards.claims(event):
            return True
        alt_number = pressed.startswith("Alt+") and pressed[4:].isdigit()
        return alt_number and (self.other_words.list.isVisible() or self.branches.open is not None)

    def close(self) -> None:
        """The project is being closed."""
        self.chat.stop()
        self.ghost.clear()
        self.save()
