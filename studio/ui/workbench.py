"""The workbench: tools, document, prompt bar, inspector and results of one open project."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.project.rows import DocumentKind
from studio.ui.canvas.asking import request_size
from studio.ui.canvas.controller import CanvasController
from studio.ui.canvas.improve import Improver
from studio.ui.canvas.live import LivePainter
from studio.ui.canvas.pane import CanvasPane
from studio.ui.canvas.panels.dock import StructureDock
from studio.ui.canvas.panels.foot import colour_foot
from studio.ui.canvas.regions import steerable
from studio.ui.canvas.shelf import LAST, CanvasShelf
from studio.ui.canvas.vary import Variations
from studio.ui.composer import Bench, Composer
from studio.ui.form import FormPickers
from studio.ui.inspector import Inspector
from studio.ui.promptbar import PromptBar
from studio.ui.results import ResultsStrip
from studio.ui.session import Session
from studio.ui.surface import Surface
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.toolstrip import ToolStrip
from studio.ui.topbar import Workspace
from studio.ui.widgets import ErrorCard, Notice, ToolButton
from studio.ui.widgets.popup import Menu
from studio.ui.write.controller import WriteController
from studio.ui.write.pane import WritePane

WORKSPACES = (
    Workspace("canvas", "Canvas", "paint-brush", "Ctrl+1"),
    Workspace("write", "Write", "pen-nib", "Ctrl+2"),
)
BAR_WIDTH = (420, 832)
GAP = 16
MOST_FRAME = 4096
"""Longest side of the generation frame in pixels."""


class Workbench(QWidget):
    """Everything between the top bar and the window's edge. Made anew for each project."""

    workspace_changed = Signal(str)
    settings_wanted = Signal()

    def __init__(self, theme: Theme, session: Session, pickers: FormPickers, results: ResultsStrip,
                 loader: ImageLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.session, self.results = theme, session, results
        self.workspace = "canvas"
        canvas_document, write_document = self._documents()
        self.canvas = CanvasPane(theme, loader)
        self.write = WritePane(theme)
        self.panes: dict[str, CanvasPane | WritePane] = {"canvas": self.canvas, "write": self.write}
        self.canvas_control = CanvasController(session, self.canvas, canvas_document)
        self.shelf = CanvasShelf(self.canvas_control, self)
        self.write_control = WriteController(session, self.write, write_document)
        self.inspector = Inspector(theme, pickers)
        self.dock = StructureDock(theme, self.canvas.document, self.canvas.state)
        self.inspector.set_structure(self.dock)
        self.bar = PromptBar(theme)
        self.composer = Composer(session, self.bar, self.inspector, [
            Bench("canvas", ("image",), self.canvas_control.ask, "diffusion.image", "Describe a picture"),
            Bench("write", ("text",), self.write_control.ask, "language.text",
                  "Say what should happen next, or just continue", "Token"),
        ], self)
        self.live = LivePainter(self.canvas_control, lambda: self.composer.styled(), self._schema, self)
        self.improver = Improver(self.canvas_control, pickers, self)
        self.variations = Variations(self.canvas_control, self)
        self._lay_out(theme)
        self.notice = Notice(theme, self.document, bottom=GAP + 140)
        self.error = ErrorCard(theme, parent=self.document)
        self.error.hide()
        self._save_view = QTimer(self, singleShot=True, interval=500)
        self._save_view.timeout.connect(self.save_view)
        self._connect()

    # ------------------------------------------------------------ building

    def _documents(self) -> tuple[str, str]:
        project = self.session.project
        found = []
        wanted: tuple[tuple[DocumentKind, str], ...] = (("canvas", "Canvas 1"), ("manuscript", "Manuscript"))
        for kind, title in wanted:
            documents = project.documents(kind)
            found.append((documents[0] if documents else project.add_document(kind, title).result()).id)
        last = project.get_state(LAST)
        known = {row.id for row in project.documents("canvas")}
        return last if last in known else found[0], found[1]

    def _lay_out(self, theme: Theme) -> None:
        self.strips = QStackedWidget()
        self.bars = QStackedWidget()
        self.document = QStackedWidget()
        self.tool_strips: dict[str, ToolStrip] = {}
        for name, pane in self.panes.items():
            gear = ToolButton(theme, "sliders-horizontal", "Settings", key="Ctrl+,", checkable=False)
            gear.clicked.connect(self.settings_wanted)
            tools = pane.tools() if isinstance(pane, CanvasPane) else ()
            colours = [colour_foot(theme, pane.state)] if isinstance(pane, CanvasPane) else []
            strip = ToolStrip(theme, tools, [*colours, gear])
            self.tool_strips[name] = strip
            self.strips.addWidget(strip)
            holder = Surface(theme, "chrome", "bottom")
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 1)
            row.addWidget(pane.context_bar())
            self.bars.addWidget(holder)
            self.document.addWidget(pane)
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
        canvas, composer = self.canvas, self.composer
        self.document.installEventFilter(self)
        self.bar.installEventFilter(self)
        self.tool_strips["canvas"].picked.connect(canvas.set_tool)
        canvas.tool_changed.connect(self.tool_strips["canvas"].show_tool)
        self.tool_strips["canvas"].show_tool(canvas.tool)
        canvas.frame_changed.connect(self._frame_changed)
        canvas.aids.changed.connect(self._save_view.start)
        self.canvas_control.looked.connect(lambda _: self.show_mode())
        self.bar.state_changed.connect(lambda _: self.show_mode())
        canvas.view_changed.connect(lambda _: self._save_view.start())
        self.inspector.values_changed.connect(self._form_changed)
        self.session.refused.connect(self._refused)
        self.session.event.connect(self._event)
        self.write.notice.connect(self.session.notice)
        self.session.notice.connect(lambda text: self.notice.show_message(text))
        self.shelf.said.connect(lambda text: self.notice.show_message(text))
        self.session.batch_queued.connect(lambda _: self.error.hide())
        self.error.dismissed.connect(self.error.hide)
        composer.session.discovered.connect(self._discovered)
        self._connect_live()
        self.dock.layers.improve_asked.connect(self.improver.show_menu)
        self.dock.layers.extend_menu = self._extend_layer_menu
        self.results.vary_requested.connect(lambda result, little: self.variations.vary_result(result, a_little=little))

    def _extend_layer_menu(self, menu: Menu) -> None:
        """What generators do with a layer."""
        layer = self.canvas.document.active
        if layer is None:
            return
        menu.addSeparator()
        menu.addMenu(self.improver.menu(menu))
        if layer.result:
            menu.addAction("Vary this").triggered.connect(lambda: self.variations.vary_result(layer.result))
            menu.addAction("Vary it a little").triggered.connect(
                lambda: self.variations.vary_result(layer.result, a_little=True))

    def _connect_live(self) -> None:
        """Live has its place over the picture, a chip in the prompt bar, a tag in the list of layers, and keys."""
        live = self.live
        self.canvas.view.paint_over = live.paint
        self.canvas.take_key = live.take_key
        self.bar.live_toggled.connect(live.set_on)
        live.toggled.connect(self.bar.set_live)
        live.changed.connect(self.show_mode)
        live.toggled.connect(lambda _: self.show_mode())
        self.canvas.document.active_changed.connect(lambda _: self.show_mode())
        self.bar.state_changed.connect(lambda _: live.poke())
        self.inspector.values_changed.connect(lambda *_: live.poke())

    # ------------------------------------------------------------ workspaces

    def show_workspace(self, name: str) -> None:
        if name not in self.panes:
            return
        self.workspace = name
        at = list(self.panes).index(name)
        self.strips.setCurrentIndex(at)
        self.bars.setCurrentIndex(at)
        self.document.setCurrentIndex(at)
        self.bar.raise_()
        self.notice.raise_()
        self.composer.show(name)
        self.inspector.show_structure(name == "canvas")
        self.place_bar()
        focused = QApplication.focusWidget()
        if focused is None or not self.bar.isAncestorOf(focused):
            self.focus_document()  # keys must have somewhere to go as soon as the workspace is there
        self.workspace_changed.emit(name)

    def focus_document(self) -> None:
        self.panes[self.workspace].setFocus()

    def regions(self) -> list[QWidget | None]:
        """The regions that F6 walks through, in the focus order of the design."""
        return [self.strips.currentWidget(), self.bars.currentWidget(), self.panes[self.workspace], self.bar.prompt,
                self.inspector, self.results]

    # ------------------------------------------------------------ the floating bar

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched in (self.document, self.bar):
            self.place_bar()
        return False

    def place_bar(self) -> None:
        """Bottom centre of the document, 16 above the results."""
        room = self.document.rect()
        width = max(min(BAR_WIDTH[1], room.width() - 2 * GAP), min(BAR_WIDTH[0], room.width()))
        if self.workspace == "write":
            width = min(width, 768)
        if self.bar.width() != width:
            self.bar.resize(width, self.bar.height())
            self.bar.fit()
        height = self.bar.height()
        self.bar.move((room.width() - width) // 2, room.height() - height - GAP)
        self.canvas.set_bottom_inset(height + GAP, self.bar.x())
        self.write.set_bottom_inset(height + GAP)
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

    def _schema(self) -> dict[str, Any]:
        """Of the generator that makes pictures."""
        info = self.session.discovery.find(self.composer.drafts["canvas"].generator)
        return info.schema if info is not None else {}

    def show_mode(self) -> None:
        """Say at the frame and in the prompt bar what Generate will do with what lies under the frame."""
        control = self.canvas_control
        self.canvas.set_mode(self.live.words or control.mode_words(self.composer.drafts["canvas"], self._schema()))
        self.dock.layers.set_live(self.canvas.document.picture.active if self.live.on else "")
        self.dock.layers.set_steering(*steerable(self._schema()))
        if self.workspace == "canvas":
            self.bar.set_can_start(control.can_start_from_canvas())

    def _frame_changed(self, rect: Any) -> None:
        if self.workspace == "canvas":
            size = request_size(rect, self._schema())
            self.composer.set_values(width=size.width(), height=size.height())
        self._save_view.start()

    def _form_changed(self, _: str, values: dict[str, Any]) -> None:
        if self.workspace != "canvas":
            return
        rect = self.canvas.frame_rect()
        width, height = values.get("width"), values.get("height")
        size = request_size(rect, self._schema())
        if width and height and (size.width(), size.height()) != (width, height):
            self.canvas.set_frame_size(int(width), int(height))

    def _discovered(self, discovery: Any) -> None:
        info = discovery.find(self.composer.drafts["canvas"].generator)
        if info is not None:
            hints = info.schema.get("properties", {}).get("width", {})
            # A frame may be larger than what the model makes: then it is made smaller and scaled up.
            self.canvas.set_frame_limits(max(16, int(hints.get("multipleOf", 8))), int(hints.get("minimum", 64)),
                                         max(MOST_FRAME, int(hints.get("maximum", 2048))))
        self.show_mode()

    def _refused(self, report: Any, ask: Any) -> None:
        action = f"Install {report.model}" if report.model else ""
        self.show_error(report.message, details=report.details, action=action, source=report.generator)

    def _event(self, event: Any, job: Any) -> None:
        from studio.engine.job import Failed

        if isinstance(event, Failed):
            report = event.error
            if report.field and self.inspector.show_error(report.field, report.message):
                return
            source = f"{report.plugin}" if report.plugin else report.generator
            self.show_error(report.message, details=report.details, source=source,
                            action=f"Install {report.model}" if report.model else "Try again")

    def save_view(self) -> None:
        """Write down where the canvas looks."""
        project = self.session.project
        if not project.read_only:
            self.session.store(project.set_document_state(self.canvas_control.document, self.canvas.view_state()))

    def end(self) -> None:
        """End the threads of the panes; nothing may be asked of them afterwards."""
        self.canvas_control.close()
        self.dock.close_panels()

    def close_documents(self) -> None:
        """Hand everything unsaved to the project."""
        self._save_view.stop()
        if not self.session.project.read_only:
            self.save_view()
            self.canvas_control.flush()
            self.write_control.close()
            self.composer.flush()
