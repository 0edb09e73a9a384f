"""The Canvas workspace on the workbench: the picture, its panels, and what generators do for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from studio.ui.canvas.asking import request_size
from studio.ui.canvas.controller import CanvasController
from studio.ui.canvas.improve import Improver
from studio.ui.canvas.live import LivePainter
from studio.ui.canvas.pane import CanvasPane
from studio.ui.canvas.panels.controls import ControlList
from studio.ui.canvas.panels.dock import StructureDock
from studio.ui.canvas.panels.foot import colour_foot
from studio.ui.canvas.previews import ControlPreviews
from studio.ui.canvas.regions import drawing_model, steerable
from studio.ui.canvas.shelf import LAST, CanvasShelf
from studio.ui.canvas.toolmemory import ToolMemory
from studio.ui.canvas.vary import Variations
from studio.ui.room import Room
from studio.ui.toolstrip import ToolLike
from studio.ui.widgets.popup import Menu

if TYPE_CHECKING:
    from studio.project import ResultRow
    from studio.ui.desk import Desk
    from studio.ui.prompt import PromptState
    from studio.ui.requests import Ask
    from studio.ui.workbench import Workbench

MOST_FRAME = 4096
"""Longest side of the generation frame in pixels."""


class CanvasRoom(Room):
    """Attributes: pane, control, shelf (several canvases), dock (panels), previews and controls (control
    layers), live, improver, variations."""

    id = "canvas"
    pane: CanvasPane
    control: CanvasController
    shelf: CanvasShelf
    dock: StructureDock
    live: LivePainter
    improver: Improver
    variations: Variations

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.pane = CanvasPane(self.theme, bench.loader)
        self.control = CanvasController(self.session, self.pane, self._document())
        self.shelf = CanvasShelf(self.control, self)
        self.dock = StructureDock(self.theme, self.pane.document, self.pane.state)
        self.live = LivePainter(self.control, lambda: bench.composer.styled(), self.schema, self)
        self.improver = Improver(self.control, bench.pickers, self)
        self.variations = Variations(self.control, self)
        self.previews = ControlPreviews(self.control, self)
        self.controls = ControlList(self.theme, self.pane.document, self.previews, self.control.net_for,
                                    lambda control: self.control.nets(self._drawing_model(), control),
                                    self._drawing_model)
        bench.inspector.set_below_form(self.controls)
        self.memory: ToolMemory | None = None
        self._save_view = QTimer(self, singleShot=True, interval=500)
        self._save_view.timeout.connect(self.save_view)
        self._connect()
        self._connect_live()
        self._discovered(self.session.discovery)

    @property
    def results(self) -> Any:
        """The results strip, for the commands."""
        return self.bench.results

    def _document(self) -> str:
        first = self.first_document("canvas", "Canvas 1")
        project = self.session.project
        last = project.get_state(LAST)
        return last if last in {row.id for row in project.documents("canvas")} else first

    def _connect(self) -> None:
        canvas, bench = self.pane, self.bench
        canvas.frame_changed.connect(self._frame_changed)
        canvas.aids.changed.connect(self._save_view.start)
        canvas.view_changed.connect(lambda _: self._save_view.start())
        self.control.looked.connect(lambda _: self.show_mode())
        bench.bar.state_changed.connect(lambda _: self.show_mode())
        self.session.discovered.connect(self._discovered)
        self.shelf.said.connect(self.said)
        self.controls.notice.connect(self.said)
        bench.inspector.values_changed.connect(lambda *_: self.controls.refresh())
        self.dock.layers.improve_asked.connect(self.improver.show_menu)
        self.dock.layers.extend_menu = self._extend_layer_menu
        bench.results.vary_requested.connect(
            lambda result, little: self.variations.vary_result(result, a_little=little))

    def _connect_live(self) -> None:
        """Live has its place over the picture, a chip in the prompt bar, a tag in the list of layers, and keys."""
        live, bar = self.live, self.bench.bar
        self.pane.view.paint_over = live.paint
        self.pane.take_key = live.take_key
        bar.live_toggled.connect(live.set_on)
        live.toggled.connect(bar.set_live)
        live.changed.connect(self.show_mode)
        live.toggled.connect(lambda _: self.show_mode())
        self.pane.document.active_changed.connect(lambda _: self.show_mode())
        bar.state_changed.connect(lambda _: live.poke())
        self.bench.inspector.values_changed.connect(lambda *_: live.poke())

    def _extend_layer_menu(self, menu: Menu) -> None:
        """What generators do with a layer."""
        layer = self.pane.document.active
        if layer is None:
            return
        menu.addSeparator()
        menu.addMenu(self.improver.menu(menu))
        if layer.result:
            menu.addAction("Vary this").triggered.connect(lambda: self.variations.vary_result(layer.result))
            menu.addAction("Vary it a little").triggered.connect(
                lambda: self.variations.vary_result(layer.result, a_little=True))

    def move_in(self, desk: Desk) -> None:
        self.memory = ToolMemory(self.pane.state, desk.settings, self)

    # ------------------------------------------------------------ what the workbench shows of it

    def tools(self) -> Sequence[ToolLike]:
        return self.pane.tools()

    def foot(self) -> list[QWidget]:
        return [colour_foot(self.theme, self.pane.state)]

    def structure(self) -> QWidget | None:
        return self.dock

    def set_bottom_inset(self, height: int, left: int) -> None:
        self.pane.set_bottom_inset(height, left)

    # ------------------------------------------------------------ what it is asked

    def ask(self, state: PromptState, schema: dict[str, Any]) -> Ask:
        return self.control.ask(state, schema)

    def place_result(self, row: ResultRow) -> None:
        self.control.place(row)

    def take_settings(self, params: dict[str, Any]) -> None:
        if params.get("width") and params.get("height"):
            self.pane.set_frame_size(int(params["width"]), int(params["height"]))

    def target(self) -> dict[str, Any]:
        rect = self.pane.frame_rect()
        return {"document": self.control.document, "kind": "frame", "x": rect.x(), "y": rect.y(),
                "width": rect.width(), "height": rect.height()}

    def shown(self) -> None:
        self.show_mode()

    def schema(self) -> dict[str, Any]:
        """Of the generator that makes pictures."""
        info = self.session.discovery.find(self.bench.composer.drafts[self.id].generator)
        return info.schema if info is not None else {}

    def _drawing_model(self) -> str:
        schema = self.schema()
        return drawing_model(schema, self.bench.composer.drafts[self.id].params(schema)) if schema else ""

    def show_mode(self) -> None:
        """Say at the frame and in the prompt bar what Generate will do with what lies under the frame."""
        self.pane.set_mode(self.live.words
                           or self.control.mode_words(self.bench.composer.drafts[self.id], self.schema()))
        self.dock.layers.set_live(self.pane.document.picture.active if self.live.on else "")
        regions, controls = steerable(self.schema())
        self.dock.layers.set_steering(regions, controls)
        self.controls.set_kinds(controls)
        if self.bench.workspace == self.id:
            self.bench.bar.set_can_start(self.control.can_start_from_canvas())

    def form_changed(self, values: dict[str, Any]) -> None:
        rect = self.pane.frame_rect()
        width, height = values.get("width"), values.get("height")
        size = request_size(rect, self.schema())
        if width and height and (size.width(), size.height()) != (width, height):
            self.pane.set_frame_size(int(width), int(height))

    def _frame_changed(self, rect: Any) -> None:
        if self.bench.workspace == self.id:
            size = request_size(rect, self.schema())
            self.bench.composer.set_values(width=size.width(), height=size.height())
        self._save_view.start()

    def _discovered(self, discovery: Any) -> None:
        info = discovery.find(self.bench.composer.drafts[self.id].generator)
        if info is not None:
            hints = info.schema.get("properties", {}).get("width", {})
            # A frame may be larger than what the model makes: then it is made smaller and scaled up.
            self.pane.set_frame_limits(max(16, int(hints.get("multipleOf", 8))), int(hints.get("minimum", 64)),
                                       max(MOST_FRAME, int(hints.get("maximum", 2048))))
        self.show_mode()

    # ------------------------------------------------------------ its end

    def save_view(self) -> None:
        """Write down where the canvas looks."""
        project = self.session.project
        if not project.read_only:
            self.session.store(project.set_document_state(self.control.document, self.pane.view_state()))

    def save(self) -> None:
        self._save_view.stop()
        self.save_view()
        self.control.flush()

    def end(self) -> None:
        if self.memory is not None:
            self.memory.flush()
        self.control.close()
        self.dock.close_panels()
