"""The Canvas workspace: a layered picture, the tools on it, and the frame in which the machine works."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from studio.project.paint.picture import Picture
from studio.ui.canvas.aids import Aids
from studio.ui.canvas.bars import CanvasBars
from studio.ui.canvas.bars.wiring import tie_bars
from studio.ui.canvas.candidates import Candidates
from studio.ui.canvas.choosing import Chooser
from studio.ui.canvas.clipping import Clipping
from studio.ui.canvas.column import CandidateColumn
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.drops import Dropped, read_drop
from studio.ui.canvas.frame import GenerationFrame, Preset
from studio.ui.canvas.keys import handle_key
from studio.ui.canvas.making import layer_at, new_picture, place_of, put_layer, rect_of, sizes_menu
from studio.ui.canvas.tools.base import Tool
from studio.ui.canvas.tools.registry import tool_classes
from studio.ui.canvas.toolstate import ToolState
from studio.ui.canvas.view import CanvasView
from studio.ui.canvas.zoombadge import ZoomBadge
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.widgets.popup import Menu

LAID_OUT = 300  # narrower than this, in px, the pane has not been given its place yet
QUICK = 1_500_000  # pictures of more pixels than this are put onto the canvas off the UI thread


class CanvasPane(QWidget):
    """Everything a canvas shows. It knows no project and no engine: pictures go in, `document` says what changed."""

    frame_changed = Signal(QRect)
    candidate_kept = Signal(str, int)
    """Batch and index."""
    candidate_dropped = Signal(str, int)
    files_dropped = Signal(list, QPointF)
    """Paths, and where in document pixels."""
    result_dropped = Signal(dict, QPointF)
    tool_changed = Signal(str)
    view_changed = Signal(float)
    """The scale."""
    undo_changed = Signal(bool, bool)
    """Whether there is something to undo, and to redo."""
    label_clicked = Signal(QPoint)
    """The artboard's name was clicked: where its menu should open, in global px."""

    def __init__(self, theme: Theme, loader: ImageLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.loader = theme, loader
        self.document = CanvasDocument(new_picture(), self)
        self.state = ToolState(self)
        self.frame = GenerationFrame(self)
        self.aids = Aids(self)
        self.candidates = Candidates(self)
        self.view = CanvasView(theme, loader, self.document, self.state, self.frame, self.candidates, self.aids, self)
        self.view.setAccessibleName("Canvas")
        self.column = CandidateColumn(theme, loader, self.candidates, self.view)
        self.chooser = Chooser(self.view, self)
        self.clipping = Clipping(self.document, self)
        self.badge = ZoomBadge(theme, self)
        self.bars = CanvasBars(theme, self.state, self.document, self)
        self._tools: dict[str, Tool] = {cls.id: cls(self.view) for cls in tool_classes()}
        self._tool = ""
        self._bar_left = 10_000
        self._waiting_view: dict[str, Any] | None = {}
        """What to look at once the pane has its size."""
        self.take_key: Callable[[QKeyEvent], bool] = lambda _: False
        """Hears keys before the canvas does."""
        self.setFocusProxy(self.view)
        self._connect()
        tie_bars(self.bars, self)
        self.centre_frame()
        self.set_tool(next(iter(self._tools)))

    def _connect(self) -> None:
        candidates, view, badge, document = self.candidates, self.view, self.badge, self.document
        document.history_changed.connect(lambda: self.undo_changed.emit(self.can_undo(), self.can_redo()))
        document.resized.connect(self._shifted)
        self.frame.changed.connect(self._framed)
        candidates.shown_changed.connect(self._place_column)
        candidates.changed.connect(self._place_column)
        candidates.kept.connect(self.candidate_kept)
        candidates.dropped.connect(self.candidate_dropped)
        self.column.keep_asked.connect(lambda: self.keep_candidate())
        view.view_changed.connect(self._viewed)
        view.key_pressed.connect(self._key)
        view.dropped.connect(self._dropped)
        view.sizes_asked.connect(self.show_sizes)
        view.label_clicked.connect(self._label_clicked)
        view.tool_wanted.connect(self.set_tool)
        view.menu_asked.connect(self._show_menu)
        badge.zoom_in.connect(self.zoom_in)
        badge.zoom_out.connect(self.zoom_out)
        badge.reset.connect(self.zoom_to_100)
        badge.fit.connect(self.zoom_to_fit)

    # ------------------------------------------------------------ the document

    def load(self, picture: Picture, title: str = "") -> None:
        """Show another picture; undo starts anew."""
        self.chooser.clear()
        self.document.load(picture)
        self.set_title(title)
        self._look({})

    def set_title(self, title: str) -> None:
        self.view.title = title
        self.view.update()

    def can_undo(self) -> bool:
        return self.document.can_undo()

    def can_redo(self) -> bool:
        return self.document.can_redo()

    def undo(self) -> None:
        self.view.cancel()
        self.document.undo()

    def redo(self) -> None:
        self.view.cancel()
        self.document.redo()

    def close_document(self) -> None:
        """End what runs; nothing may be asked of the pane afterwards."""
        self.view.cancel()
        self.document.close()

    def add_image(self, image: QImage, name: str = "", at: QPointF | None = None, result: str = "") -> None:
        """Put a picture onto the canvas as a layer: about `at` (document px), or else fitted into the frame's place."""
        place = place_of(image.size(), self.document.picture, self.frame.rect, at)

        def put(picture: Picture) -> Picture:
            return put_layer(picture, layer_at(image, place, name, result))

        if image.width() * image.height() <= QUICK:
            self.document.edit("Add picture", put)
        else:
            self.document.run("Add picture", put)

    def frame_image(self) -> QImage:
        """What lies under the frame, in its size; transparent where there is nothing."""
        return self.document.compositor.image(rect_of(self.frame.rect))

    # ------------------------------------------------------------ what comes from elsewhere

    def paste(self) -> None:
        dropped = read_drop(QGuiApplication.clipboard().mimeData())
        if dropped is not None:
            self._dropped(dropped, self.view.camera.to_document(self.view.centre()))

    def _dropped(self, dropped: Dropped, at: QPointF) -> None:
        if dropped.result:
            self.result_dropped.emit(dropped.result, at)
            self.setFocus()
        elif dropped.paths:
            self.files_dropped.emit(dropped.paths, at)
        elif dropped.image is not None:
            self.add_image(dropped.image, "Pasted", at)

    # ------------------------------------------------------------ frame

    def frame_rect(self) -> QRect:
        """The generation frame in document pixels."""
        return self.frame.rect

    def set_frame_rect(self, rect: QRect) -> None:
        self.frame.set_rect(rect)

    def set_frame_size(self, width: int, height: int) -> None:
        """Change the size about the centre; snapped to what the model can make."""
        self.frame.set_size(width, height)

    def centre_frame(self) -> None:
        """Put the frame into the middle of the artboard."""
        self.frame.centre_in(self.document.picture.width, self.document.picture.height)

    def set_frame_limits(self, step: int, least: int, most: int) -> None:
        """Sides are multiples of `step` from `least` to `most` px."""
        self.frame.set_limits(step, least, most)

    def set_presets(self, presets: Sequence[tuple[str, int, int]]) -> None:
        """Sizes that the menu offers: name, width, height."""
        self.frame.presets = [Preset(*p) for p in presets]

    def set_mode(self, words: str) -> None:
        """Say on the frame what Generate will do there; "" where that goes without saying."""
        self.view.mode_words = words
        self.view.update()

    def sizes_menu(self) -> Menu:
        """The sizes that the frame can take at a click."""
        return sizes_menu(self.theme, self.frame, self)

    def show_sizes(self) -> None:
        """Open the menu of frame sizes at the badge."""
        menu = self.sizes_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        corner = self.view.badge().bottomLeft().toPoint()
        menu.popup(self.view.mapToGlobal(QPoint(max(8, corner.x()), max(8, corner.y() + 4))))

    def _framed(self, rect: QRect) -> None:
        self._place_column()
        self.frame_changed.emit(rect)

    def _shifted(self, dx: int, dy: int) -> None:
        """The artboard has grown or was cut: what is not part of the picture goes along with its content."""
        if dx or dy:
            self.frame.move_by(dx, dy)
            self.candidates.move_by(dx, dy)
            self.aids.move_by(dx, dy)
            self.view.pan(self.view.camera.to_screen(QPointF(0, 0)) - self.view.camera.to_screen(QPointF(dx, dy)))

    # ------------------------------------------------------------ candidates

    def begin_batch(self, batch_id: str, count: int, rect: QRect | None = None) -> None:
        """`count` pictures were asked for at `rect` (default: where the frame is)."""
        self.candidates.begin(batch_id, count, rect if rect is not None else self.frame.rect)
        self.chooser.set_choosing(True)

    def set_batch_mask(self, batch_id: str, mask: QImage) -> None:
        """Where the machine was to work (Alpha8, any size): candidates of the batch show and are kept only there."""
        self.candidates.set_mask(batch_id, mask)

    def set_preview(self, batch_id: str, index: int, image: QImage, step: int, of: int) -> None:
        """The picture so far (a null image leaves the last one) after `step` of `of` steps."""
        self.candidates.set_preview(batch_id, index, image, step, of)

    def set_result(self, batch_id: str, index: int, result: Mapping[str, Any]) -> None:
        """A finished picture: media, and as known result (id), name, width, height."""
        self.candidates.set_result(batch_id, index, result)

    def set_failed(self, batch_id: str, index: int, message: str) -> None:
        self.candidates.set_failed(batch_id, index, message)

    def end_batch(self, batch_id: str) -> None:
        """Nothing more will come for this batch."""
        self.candidates.end(batch_id)

    @property
    def choosing(self) -> bool:
        """Keys flip, keep and drop candidates."""
        return self.chooser.choosing

    def keep_candidate(self, whole: bool = False) -> bool:
        """Make the candidate in front a layer: see `Chooser.keep`."""
        return self.chooser.keep(whole)

    # ------------------------------------------------------------ tools and view

    def tools(self) -> list[Tool]:
        """The tools of this workspace in the order of the strip."""
        return list(self._tools.values())

    @property
    def tool(self) -> str:
        return self._tool

    def set_tool(self, tool: str) -> None:
        if tool != self._tool and tool in self._tools:
            self._tool = tool
            self.view.take_tool(self._tools[tool])
            self.bars.show_tool(self._tools[tool])
            self.tool_changed.emit(tool)

    def take_tool_key(self, key: str) -> bool:
        """Take the tool with this letter; pressed again, the next one of its group. Whether there is one."""
        fitting = [tool.id for tool in self._tools.values() if key and tool.key == key]
        if not fitting:
            return False
        at = fitting.index(self._tool) + 1 if self._tool in fitting else 0
        self.set_tool(fitting[at % len(fitting)])
        return True

    def context_bar(self) -> QWidget:
        """Options of the active tool, for the context bar (40 px high)."""
        return self.bars

    def set_bottom_inset(self, px: int, left: int = 10_000) -> None:
        """How much at the bottom lies under the prompt bar, which begins at `left`: fitting, candidates and the zoom
        badge keep clear of it."""
        self.view.bottom_inset, self._bar_left = px, left
        self._place_badge()
        self._place_column()

    def scale(self) -> float:
        return self.view.camera.scale

    def zoom_in(self) -> None:
        self.view.zoom_at(self.view.centre(), self.scale() * 1.25)

    def zoom_out(self) -> None:
        self.view.zoom_at(self.view.centre(), self.scale() / 1.25)

    def zoom_to_100(self) -> None:
        self.view.zoom_at(self.view.centre(), 1.0)
        self.view.pan(QPointF(0, 0))

    def zoom_to_fit(self) -> None:
        self.view.fit()

    def turn_view(self, degrees: float) -> None:
        self.view.turn(self.view.camera.rotation + degrees)

    def reset_turn(self) -> None:
        """The view upright and not mirrored."""
        self.view.mirror(False)
        self.view.turn(0.0)

    def mirror_view(self) -> None:
        self.view.mirror(not self.view.camera.mirrored)

    def view_state(self) -> dict[str, Any]:
        """Scale, turn, document point in the middle, frame, aids, tool: what reopening restores."""
        rect, camera = self.frame.rect, self.view.camera
        kept = {"frame": [rect.x(), rect.y(), rect.width(), rect.height()], "aids": self.aids.to_json(),
                "tool": self._tool}
        if self._waiting_view is not None:  # never shown: what was to be restored still holds
            return self._waiting_view | kept
        centre = camera.to_document(self.view.centre())
        return {"scale": camera.scale, "x": centre.x(), "y": centre.y(), "rotation": camera.rotation,
                "mirrored": camera.mirrored, **kept}

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Take up what `view_state` gave; anything of another shape is passed over."""
        frame = state.get("frame")
        if isinstance(frame, list) and len(frame) == 4 and all(isinstance(v, int) for v in frame):
            self.frame.set_rect(QRect(*frame))
        aids = state.get("aids")
        if isinstance(aids, Mapping):
            self.aids.restore(aids)
        self.set_tool(str(state.get("tool", "")))
        self._look(state)

    def _look(self, state: Mapping[str, Any]) -> None:
        """Look where the state says, at everything if it says nothing; as soon as the pane has its size."""
        if self.width() < LAID_OUT or self.view.size() != self.size():
            self._waiting_view = dict(state)
            return
        self._waiting_view = None
        numbers = [state.get(key) for key in ("scale", "x", "y")]
        if not all(isinstance(n, (int, float)) for n in numbers):
            self.view.fit()
            return
        scale, x, y = (float(n) for n in numbers if n is not None)
        self.view.mirror(state.get("mirrored") is True)
        rotation = state.get("rotation")
        self.view.turn(float(rotation) if isinstance(rotation, (int, float)) else 0.0)
        self.view.look_at(QPointF(x, y), scale)

    # ------------------------------------------------------------ inside

    def _key(self, event: QKeyEvent) -> None:
        event.setAccepted(self.take_key(event) or handle_key(self, event))

    def space_down(self) -> None:
        """Space pans while it is held; with candidates in front it shows them large."""
        if not (self.choosing and self.chooser.preview()):
            self.view.hold_hand(True)

    def _show_menu(self, at: QPointF) -> None:
        self.clipping.menu(self.theme, self.paste, self).popup(self.view.mapToGlobal(at.toPoint()))

    def _label_clicked(self) -> None:
        corner = self.view.label().bottomLeft().toPoint()
        self.label_clicked.emit(self.view.mapToGlobal(QPoint(max(8, corner.x()), corner.y() + 4)))

    def _viewed(self) -> None:
        self.badge.set_scale(self.scale())
        self._place_column()
        self.view_changed.emit(self.scale())

    def _place_column(self) -> None:
        batch = self.candidates.shown
        if batch is not None:
            beside = self.view.camera.rect_to_screen(QRectF(batch.rect))
            self.column.lay_out(beside, self.view.area())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.view.setGeometry(self.rect())
        self._place_badge()
        if self._waiting_view is not None and self.width() >= LAID_OUT:
            self._look(self._waiting_view)
        self._place_column()

    def _place_badge(self) -> None:
        """Bottom left; above the prompt bar where that reaches so far."""
        size = self.badge.sizeHint()
        under = self.view.bottom_inset if self._bar_left < 16 + size.width() + 8 else 0
        self.badge.setGeometry(16, self.height() - size.height() - 16 - under, size.width(), size.height())
