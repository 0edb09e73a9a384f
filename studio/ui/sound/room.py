"""The Sound workspace on the workbench."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from studio.project.sound import RATE
from studio.ui.keeping import DocumentKeeper
from studio.ui.requests import Ask
from studio.ui.room import InspectorTab, Room
from studio.ui.sound.bringing import Bringing
from studio.ui.sound.choices import Choices
from studio.ui.sound.exporting import Exporting
from studio.ui.sound.generate import Generating
from studio.ui.sound.makers.hearing import Hearing
from studio.ui.sound.makers.joined import Makers
from studio.ui.sound.memory import SoundMemory
from studio.ui.sound.pane import SoundPane
from studio.ui.sound.recording import Recording
from studio.ui.sound.recordmenu import RecordMenu
from studio.ui.toolstrip import ToolLike

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from studio.engine.job import Failed, Job
    from studio.project import ResultRow
    from studio.project.sound import Arrangement
    from studio.ui.desk import Desk
    from studio.ui.prompt import PromptState
    from studio.ui.workbench import Workbench

OPENING = "The sound document is still being opened; wait a moment."


class SoundRoom(Room):
    """The timeline, joined to the project. Attributes: pane, keeper."""

    id = "sound"
    pane: SoundPane
    recording: Recording
    bringing: Bringing
    exporting: Exporting
    makers: Makers
    generating: Generating
    hearing: Hearing
    record_menu: RecordMenu

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.memory: SoundMemory | None = None
        project = self.session.project
        self.pane = SoundPane(self.theme, project, project.sound_source(RATE))
        document = self.pane.document
        self.keeper = DocumentKeeper(self.session, document, lambda: document.arrangement, project.sound_with_notes,
                                     project.put_sound, OPENING, self)
        self.keeper.loaded.connect(self._loaded)
        self.bringing = Bringing(self.session, self.pane)
        self.exporting = Exporting(self.session, self.pane)
        self.recording = Recording(self.session, self.pane, lambda: self.document)
        for part in (self.bringing, self.exporting, self.recording):
            part.said.connect(self.said)
        self.generating = Generating(self.session, self.pane, lambda: self.document)
        self.hearing = Hearing(self.session, self.pane)
        self.hearing.progressed.connect(bench.results.show_playing)
        self.generating.said.connect(self.said)
        self.hearing.said.connect(self.said)
        self.makers = Makers(self)
        self.pane.flush_asked.connect(self.keeper.flush)
        self.pane.bar.export_asked.connect(lambda: self.exporting.ask())
        self.pane.bar.record_asked.connect(self.recording.toggle)
        self.record_menu = RecordMenu(self.recording)
        self.pane.bar.record_menu_asked.connect(lambda: self.record_menu.open(self.pane.bar.record_more))
        self.recording.changed.connect(self.pane.bar.record.setChecked)
        self.pane.menus.stem_asked.connect(self.exporting.ask)
        self.pane.notice.connect(self.said)
        self.keeper.open(self.first_document("sound", "Sound"))

    @property
    def document(self) -> str:
        """Id of the sound document in the project."""
        return self.keeper.name

    def move_in(self, desk: Desk) -> None:
        desk.commands.install_here("sound", self.pane.timeline, self.pane.ruler)
        choices = Choices(desk.settings, self)
        self.bringing.choices = self.exporting.choices = self.recording.choices = choices
        self.memory = SoundMemory(self.session, self.pane, self.exporting, self.makers.loudness, choices)
        self.when_open(self.memory.show_view)

    def when_open(self, do: Callable[[], object]) -> None:
        if self.keeper.reading:
            self.keeper.loaded.connect(lambda _: do(), Qt.ConnectionType.SingleShotConnection)
        else:
            do()

    def tools(self) -> Sequence[ToolLike]:
        return self.pane.tools()

    def ask(self, state: PromptState, schema: dict[str, Any]) -> Ask | None:
        ask = self.generating.ask(self.makers.voice.ready(state), schema)
        scene = self.makers.scenes.title_of(state.prompt)
        return replace(ask, target={**ask.target, "scene": scene}) if ask is not None and scene else ask

    def speak(self, text: str) -> None:
        """Speak a text at the cursor with the voice that was last chosen here."""
        self.when_open(lambda: self.makers.speak(text))

    def failed(self, event: Failed, job: Job) -> bool:
        return self.generating.failed(event, job)

    def structure(self) -> QWidget:
        return self.makers.loudness

    def tabs(self) -> Sequence[InspectorTab]:
        return self.makers.tabs()

    def place_result(self, row: ResultRow) -> None:
        self.bringing.place(row)

    def set_bottom_inset(self, height: int, left: int) -> None:
        self.pane.set_bottom_inset(height)

    def save(self) -> None:
        self.keeper.flush()
        if self.memory is not None:
            self.memory.flush()

    def end(self) -> None:
        if self.memory is not None:
            self.memory.end()
        self.recording.close()
        self.pane.close_document()

    def _loaded(self, arrangement: Arrangement) -> None:
        self.pane.document.load(arrangement)
        self.recording.recover()
        self.generating.render_stale()
