"""The notes tab: all story notes, one note as a form, the style sample and the author's note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.ui.form import FormPickers
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.labels import Label, Separator
from studio.ui.widgets.notices import EmptyState
from studio.ui.widgets.popup import Menu
from studio.ui.widgets.text import TextArea, TextField
from studio.ui.write.assist.noteform import SAVE_MS, NoteForm
from studio.ui.write.assist.noteslist import ROW, NotesList
from studio.ui.write.assist.parts import column, heading, row, scrolled
from studio.ui.write.assist.sceneform import SceneForm
from studio.ui.write.assist.steering import Steering

MOST_STYLE = 20_000


class NotesSection(QWidget):
    """The short list in the assist tab. Signals ``opened(str)``, ``pinned(str, bool)``, ``added()``,
    ``search_asked()``."""

    opened = Signal(str)
    pinned = Signal(str, bool)
    added = Signal()
    search_asked = Signal()

    def __init__(self, theme: Theme, loader: ImageLoader | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        search = IconButton(theme, "magnifying-glass", "Search the story notes")
        add = IconButton(theme, "plus", "New story note")
        self.list = NotesList(theme, loader)
        self.empty = EmptyState(theme, "Characters, places and rules that the machine should know.", "New note",
                                icon="plus")
        head, self.count = heading(theme, "Story notes", search, add)
        lines = column((12, 8, 12, 8), 6)
        lines.addLayout(head)
        lines.addWidget(self.list, 1)
        lines.addWidget(self.empty, 1)
        self.setLayout(lines)
        self.setMinimumHeight(theme.dp(ROW) + 60)
        self.list.opened.connect(self.opened)
        self.list.pinned.connect(self.pinned)
        add.clicked.connect(self.added)
        self.empty.activated.connect(self.added)
        search.clicked.connect(self.search_asked)

    def set_notes(self, notes: Sequence[Any]) -> None:
        self.list.set_notes(notes)
        self.count.setText(str(len(notes)) if notes else "")
        self.list.setVisible(bool(notes))
        self.empty.setVisible(not notes)


class NotesPanel(QWidget):
    """Plain notes go in; what the person does comes out as signals."""

    note_changed = Signal(object)
    note_deleted = Signal(str)
    added = Signal()
    pinned = Signal(str, bool)
    steering_changed = Signal(object)
    import_asked = Signal()
    export_asked = Signal(str)
    """"lorebook", or the id of a note for its character card."""
    context_asked = Signal()
    prompts_asked = Signal()
    problem = Signal(str)

    def __init__(self, theme: Theme, loader: ImageLoader | None, pickers: FormPickers,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.steering = Steering()
        self.notes: list[Any] = []
        self.list = NotesList(theme, loader)
        self.form = NoteForm(theme, pickers)
        self.search = TextField(theme, "Search the story notes", placeholder="Search the notes")
        self.add = IconButton(theme, "plus", "New story note", filled=True)
        self.more = IconButton(theme, "dots-three", "Import and export")
        self.context = PushButton(theme, "What the machine is told…", icon="list-magnifying-glass",
                                  name="What the machine is told")
        self.author_note = TextArea(theme, "Author's note", least=2, most=5, placeholder="A wish for what comes next: "
                                    "kept near the end of the text, so it weighs more")
        self.style_sample = TextArea(theme, "Style sample", least=2, most=5,
                                     placeholder="A paragraph that sounds as this text should sound")
        self.scene = SceneForm(theme)
        self.pages = QStackedWidget()
        self._timer = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._timer.timeout.connect(self.flush)
        self._lay_out(theme)
        self._connect()

    def _lay_out(self, theme: Theme) -> None:
        listed = QWidget()
        lines = column((12, 12, 12, 8), 8)
        lines.addLayout(row(self.search, self.add, self.more, gap=4))
        self.empty = EmptyState(theme, "Characters, places and rules. A note is told to the machine when one of its "
                                       "keys occurs in the text, or always if it is pinned.", "New note", icon="plus")
        lines.addWidget(self.list, 1)
        lines.addWidget(self.empty, 1)
        listed.setLayout(lines)
        steer = QWidget()
        inside = column((12, 8, 12, 12), 6)
        inside.addWidget(Label(theme, "Author's note", "strong"))
        inside.addWidget(self.author_note)
        inside.addWidget(Label(theme, "Style sample", "strong"))
        inside.addWidget(self.style_sample)
        inside.addWidget(self.context)
        steer.setLayout(inside)
        upper = QWidget()
        whole = QVBoxLayout(upper)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.scene)
        whole.addWidget(Separator(theme))
        whole.addWidget(listed, 1)
        whole.addWidget(Separator(theme))
        whole.addWidget(steer)
        self.list.setMinimumHeight(theme.dp(2 * ROW))
        self.pages.addWidget(scrolled(upper))
        self.pages.addWidget(scrolled(self.form))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.pages)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._searched)
        self.add.clicked.connect(self.added)
        self.empty.activated.connect(self.added)
        self.more.clicked.connect(self.show_menu)
        self.context.clicked.connect(self.context_asked)
        self.list.opened.connect(self.open_note)
        self.list.pinned.connect(self.pinned)
        self.list.deleted.connect(self.note_deleted)
        self.form.changed.connect(self.note_changed)
        self.form.deleted.connect(self._deleted)
        self.form.closed.connect(lambda: self.pages.setCurrentIndex(0))
        self.form.problem.connect(self.problem)
        self.scene.told.connect(self._tell_synopsis)
        for area in (self.author_note, self.style_sample):
            area.textChanged.connect(self._typed)

    _filling = _untold = False

    # ------------------------------------------------------------ showing

    def set_notes(self, notes: Sequence[Any]) -> None:
        self.notes = list(notes)
        self.list.set_notes(notes)
        self.list.setVisible(bool(notes))
        self.empty.setVisible(not notes)

    def open_note(self, note: str) -> None:
        """Show a note's form; an unknown id shows the list."""
        found = next((n for n in self.notes if n.id == note), None)
        if found is not None:
            self.form.show_note(found)
        self.pages.setCurrentIndex(0 if found is None else 1)

    def show_steering(self, steering: Steering) -> None:
        self._filling = True
        self.steering = steering
        self.author_note.set_text(steering.author_note)
        self.style_sample.set_text(steering.style_sample)
        self.scene.set_told(steering.synopsis)
        self._filling = False

    def _typed(self) -> None:
        if not self._filling:
            self._untold = True
            if not self._timer.isActive():
                self._timer.start()

    def _tell_synopsis(self, on: bool) -> None:
        self.steering = replace(self.steering, synopsis=on)
        self.steering_changed.emit(self.steering)

    def flush(self) -> None:
        """Give out what was typed and is not told yet."""
        self.form.flush()
        self.scene.flush()
        self._timer.stop()
        if self._untold:
            self._untold = False
            self.steering = replace(self.steering, author_note=self.author_note.text()[:MOST_STYLE],
                                    style_sample=self.style_sample.text()[:MOST_STYLE])
            self.steering_changed.emit(self.steering)

    def show_menu(self) -> None:
        menu = Menu(self.theme, "Story notes", self)
        imports = menu.addAction("Import a lorebook or a character card…")
        imports.triggered.connect(self.import_asked)
        export = menu.addAction("Export as a lorebook (SillyTavern, KoboldAI)…")
        export.triggered.connect(lambda: self.export_asked.emit("lorebook"))
        chosen = self.list.current_id()
        card = menu.addAction("Export the chosen note as a character card…")
        card.triggered.connect(lambda: self.export_asked.emit(chosen))
        for action, usable in ((export, bool(self.notes)), (card, bool(chosen))):
            action.setEnabled(usable)
            action.setToolTip("" if usable else "There is no note to export")
        menu.addSeparator()
        menu.addAction("Open the folder of prompts").triggered.connect(self.prompts_asked)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 4)))

    def _searched(self, text: str) -> None:
        self.list.notes.set_search(text)

    def _deleted(self, note: str) -> None:
        self.form.forget()
        self.pages.setCurrentIndex(0)
        self.note_deleted.emit(note)
