"""The workbench: tools, document, prompt bar, inspector and results of one open project, and its rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.ui.composer import Bench, Composer
from studio.ui.form import FormPickers
from studio.ui.inspector import Inspector
from studio.ui.promptbar import PromptBar
from studio.ui.requests import is_preview
from studio.ui.results import ResultsStrip
from studio.ui.room import Room
from studio.ui.rooms import ROOMS
from studio.ui.session import Session
from studio.ui.surface import Surface
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.toolstrip import ToolStrip
from studio.ui.widgets import ErrorCard, Notice, ToolButton

if TYPE_CHECKING:
    from studio.ui.canvas.pane import CanvasPane
    from studio.ui.canvas.room import CanvasRoom
    from studio.ui.sound.room import SoundRoom
    from studio.ui.write.pane import WritePane

NARROWEST_BAR = 420
LEAST_DOCUMENT = 480
GAP = 16


class Workbench(QWidget):
    """Everything between the top bar and the window's edge. Made anew for each project; a room is made when it is
    first shown or asked for.

    Attributes:
        workspace: id of the room in front.
        rooms: those that are made, by id.
    """

    workspace_changed = Signal(str)
    settings_wanted = Signal()
    room_made = Signal(object)
    """Room"""

    def __init__(self, theme: Theme, session: Session, pickers: FormPickers, results: ResultsStrip,
                 loader: ImageLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.session, self.results = theme, session, results
        self.loader, self.pickers = loader, pickers
        self.workspace = ROOMS[0].id
        self.rooms: dict[str, Room] = {}
        self.tool_strips: dict[str, ToolStrip] = {}
        self.inspector = Inspector(theme, pickers)
        self.bar = PromptBar(theme)
        self.composer = Composer(session, self.bar, self.inspector, [self._bench(spec.id) for spec in ROOMS], self)
        self._narrow = self._folded = False
        self._lay_out(theme)
        self.notice = Notice(theme, self.document, bottom=GAP + 140)
        self.error = ErrorCard(theme, parent=self.document)
        self.error.hide()
        self._connect()

    # ------------------------------------------------------------ rooms

    def room(self, name: str) -> Room:
        """The room of this id, made now if it is not yet. Raises StopIteration where there is none such."""
        if name not in self.rooms:
            spec = next(spec for spec in ROOMS if spec.id == name)
            room = spec.make(self)
            self.rooms[name] = room
            self._add(room)
            self.room_made.emit(room)
        return self.rooms[name]

    def make_rooms(self) -> None:
        """Make all of them: jobs of any may come back."""
        for spec in ROOMS:
            self.room(spec.id)

    @property
    def front(self) -> Room:
        """The room in front."""
        return self.room(self.workspace)

    @property
    def canvas(self) -> CanvasPane:
        return cast("CanvasPane", self.room("canvas").pane)

    @property
    def canvas_room(self) -> CanvasRoom:
        return cast("CanvasRoom", self.room("canvas"))

    @property
    def write(self) -> WritePane:
        return cast("WritePane", self.room("write").pane)

    def _bench(self, name: str) -> Bench:
        spec = next(spec for spec in ROOMS if spec.id == name)
        return Bench(name, spec.kinds, lambda state, schema: self.room(name).ask(state, schema), spec.default,
                     spec.placeholder, spec.unit)

    def _add(self, room: Room) -> None:
        """Give a new room its places on the workbench."""
        theme = self.theme
        gear = ToolButton(theme, "sliders-horizontal", "Settings", key="Ctrl+,", checkable=False)
        gear.clicked.connect(self.settings_wanted)
        strip = ToolStrip(theme, room.tools(), [*room.foot(), gear], room.heads())
        self.tool_strips[room.id] = strip
        self.strips.addWidget(strip)
        if room.tools():
            strip.picked.connect(room.pane.set_tool)
            room.pane.tool_changed.connect(strip.show_tool)
            strip.show_tool(room.pane.tool)
        holder = Surface(theme, "chrome", "bottom")
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 1)
        row.addWidget(room.context_bar())
        self.bars.addWidget(holder)
        self.document.addWidget(room.pane)
        self.inspector.add_room(room.id, room.tabs(), room.structure())
        room.said.connect(lambda text: self.notice.show_message(text))
        self._places[room.id] = self.document.indexOf(room.pane)

    # ------------------------------------------------------------ building

    def _lay_out(self, theme: Theme) -> None:
        self.strips = QStackedWidget()
        self.bars = QStackedWidget()
        self.document = QStackedWidget()
        self._places: dict[str, int] = {}
        self.strips.setFixedWidth(44)
        self.bars.setFixedHeight(theme.dp(40))
        self.bar.setParent(self.document)
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.bars)
        middle.addWidget(self.document, 1)
        middle.addWidget(self.results)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.strips)
        row.addLayout(middle, 1)
        row.addWidget(self.inspector)

    def _connect(self) -> None:
        self.document.installEventFilter(self)
        self.bar.installEventFilter(self)
        self.inspector.values_changed.connect(lambda _, values: self.front.form_changed(values))
        self.session.refused.connect(self._refused)
        self.session.event.connect(self._event)
        self.session.notice.connect(lambda text: self.notice.show_message(text))
        self.session.batch_queued.connect(lambda jobs: is_preview(jobs[0].request.target) or self.error.hide())
        self.error.dismissed.connect(self.error.hide)
        self.results.play_requested.connect(self._play)
        # Another size of text: once all parts have their new widths.
        self.theme.changed.connect(lambda: QTimer.singleShot(0, self, self._fit_inspector))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_inspector()

    def _fit_inspector(self) -> None:
        """Where it leaves the document too little room (large text, a small window), the inspector folds; its key and
        what asks for one of its tabs open it all the same."""
        least = self.theme.dp(LEAST_DOCUMENT) + self.inspector.width() + self.strips.width()
        narrow = self.width() < least
        if narrow == self._narrow:
            return
        self._narrow = narrow
        if narrow:
            self._folded = not self.inspector.isHidden()
            self.inspector.hide()
        elif self._folded:
            self.inspector.show()

    # ------------------------------------------------------------ workspaces

    def show_workspace(self, name: str) -> None:
        if all(spec.id != name for spec in ROOMS):
            return
        room = self.room(name)
        self.workspace = name
        at = self._places[name]
        self.strips.setCurrentIndex(at)
        self.bars.setCurrentIndex(at)
        self.document.setCurrentIndex(at)
        self.bar.raise_()
        self.notice.raise_()
        self.inspector.show_room(name)
        self.composer.show(name)
        room.shown()
        self.place_bar()
        focused = QApplication.focusWidget()
        if focused is None or not self.bar.isAncestorOf(focused):
            self.focus_document()  # keys must have somewhere to go as soon as the workspace is there
        self.workspace_changed.emit(name)

    def focus_document(self) -> None:
        self.front.pane.setFocus()

    def regions(self) -> list[QWidget | None]:
        """The regions that F6 walks through, in the focus order of the design."""
        return [self.strips.currentWidget(), self.bars.currentWidget(), self.front.pane, self.bar.prompt,
                self.inspector, self.results]

    # ------------------------------------------------------------ the floating bar

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched in (self.document, self.bar):
            self.place_bar()
        return False

    def place_bar(self) -> None:
        """Bottom centre of the document, 16 above the results."""
        room = self.document.rect()
        widest = next(spec.bar_width for spec in ROOMS if spec.id == self.workspace)
        left = self.rooms[self.workspace].bar_margin() if self.workspace in self.rooms else 0
        free = room.width() - left
        width = max(min(widest, free - 2 * GAP), min(NARROWEST_BAR, free))
        if self.bar.width() != width:
            self.bar.resize(width, self.bar.height())
            self.bar.fit()
        height = self.bar.height()
        self.bar.move(left + (free - width) // 2, room.height() - height - GAP)
        self.notice.set_bottom(max(height + 2 * GAP, GAP + 140))
        for made in self.rooms.values():
            made.set_bottom_inset(height + GAP, self.bar.x())
        if self.error.isVisible():
            self._place_error()

    def show_error(self, message: str, *, details: str = "", action: str = "", source: str = "") -> None:
        """One sentence above the prompt bar, where it happened."""
        self.error.show_error(message, details=details, action=action, source=source)
        self.error.show()
        self.error.raise_()
        self._place_error()

    def _place_error(self) -> None:
        width = self.bar.width()
        self.error.setFixedWidth(width)
        height = self.error.layout().totalHeightForWidth(width) if self.error.layout().hasHeightForWidth() else \
            self.error.sizeHint().height()
        self.error.setGeometry(self.bar.x(), self.bar.y() - height - 8, width, height)

    # ------------------------------------------------------------ reacting

    def _refused(self, report: Any, ask: Any) -> None:
        if is_preview(ask.target):
            return  # said where it would have been seen
        action = f"Install {report.model}" if report.model else ""
        self.show_error(report.message, details=report.details, action=action, source=report.generator)

    def _event(self, event: Any, job: Any) -> None:
        from studio.engine.job import Failed

        if not isinstance(event, Failed) or is_preview(job.request.target):
            return
        if any(room.failed(event, job) for room in self.rooms.values()):
            return
        report = event.error
        if report.field and self.inspector.show_error(report.field, report.message):
            return
        source = f"{report.plugin}" if report.plugin else report.generator
        self.show_error(report.message, details=report.details, source=source,
                        action=f"Install {report.model}" if report.model else "Try again")

    def _play(self, result: str) -> None:
        """Let a result that is sound be heard."""
        cast("SoundRoom", self.room("sound")).hearing.toggle(result)

    def end(self) -> None:
        """End the threads of the rooms; nothing may be asked of them afterwards."""
        for room in self.rooms.values():
            room.end()

    def close_documents(self) -> None:
        """Hand everything unsaved to the project."""
        if not self.session.project.read_only:
            for room in self.rooms.values():
                room.save()
            self.composer.flush()
