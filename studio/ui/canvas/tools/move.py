"""Move, scale, turn and mirror."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor, QKeyEvent, QPainter

from studio.project.paint.edit import flip, rotate90
from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane, Rect
from studio.project.paint.transform import carried
from studio.ui.canvas.frame import CURSORS
from studio.ui.canvas.tools.areas import paint_note
from studio.ui.canvas.tools.base import PointerEvent, Tool, ToolHost
from studio.ui.canvas.tools.boxes import Grip, cursor_of, handle_of, paint_box
from studio.ui.canvas.tools.framing import FrameDrag, frame_handle
from studio.ui.canvas.tools.layerdrag import LayerDrag
from studio.ui.canvas.tools.live import LivePreview
from studio.ui.canvas.tools.transforming import Session, layer_at
from studio.ui.canvas.toolstate import Box

ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class MoveTool(Tool):
    """Drags a layer, or what is selected of it. Its handles scale and turn; Enter applies that, Esc takes it back. At
    its edge the generation frame is dragged."""

    id, name, icon, key, order = "move", "Move and transform", "cursor", "V", 1
    hint = "Drag a layer; its handles scale it, beside a corner it turns. Alt drags a copy, arrows move by a pixel."

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self.live = LivePreview(host.document)
        self.session: Session | None = None
        """A transformation that waits for Enter or Esc."""
        self._drag: LayerDrag | FrameDrag | None = None
        self._grip: Grip | None = None
        self._at: QPointF | None = None
        self._bounds: tuple[Layer | None, Plane | None, Rect | None] = (None, None, None)

    # ------------------------------------------------------------ life

    def activate(self) -> None:
        document, state = self.host.document, self.host.state
        state.asked.connect(self._asked)
        state.box_asked.connect(self._box_asked)
        document.committed.connect(self._show)
        for signal in (document.layers_changed, document.active_changed, document.selection_changed):
            signal.connect(self._show)
        self._show()

    def deactivate(self) -> None:
        self._drop_drag()
        self.apply()
        document, state = self.host.document, self.host.state
        state.asked.disconnect(self._asked)
        state.box_asked.disconnect(self._box_asked)
        document.committed.disconnect(self._show)
        for signal in (document.layers_changed, document.active_changed, document.selection_changed):
            signal.disconnect(self._show)
        state.show_box(None)

    @property
    def busy(self) -> bool:
        return self.session is not None or self._drag is not None or self.live.active

    @property
    def box(self) -> Box | None:
        """The box around what would be moved; None where there is nothing."""
        if self.session is not None:
            return self.session.box
        bounds = self._subject()
        return Box(*bounds) if bounds is not None else None

    # ------------------------------------------------------------ pointer

    def press(self, event: PointerEvent) -> None:
        self._at = event.screen
        handle = handle_of(self.box, self.host, event.screen) if self.box is not None else None
        if self.session is not None:
            if handle is None:
                self.apply()
            else:
                self._grip = Grip(self.session.box, handle, event.pos)
        elif handle not in (None, "move") and self._begin():
            self._grip = Grip(self.session.box, handle, event.pos) if self.session is not None and handle else None
        elif (edge := frame_handle(self.host, event.screen, inside=False)) is not None:
            self._drag = FrameDrag(self.host, event, edge)
        else:
            self._grab(event, handle == "move")

    def move(self, event: PointerEvent) -> None:
        self._at = event.screen
        if isinstance(self._drag, FrameDrag):
            self._drag.move(event)
        elif self._drag is not None:
            try:
                self._drag.move(event)
            except PaintError as error:
                self._drop_drag()
                self.host.document.refused.emit(str(error))
        elif self._grip is not None and self.session is not None:
            keep = self.host.state.options(self.id).keep_ratio != event.shift
            at = event.pos if self._grip.handle == "turn" else self.host.snap(event.pos)
            steps = event.shift and self._grip.handle in ("turn", "move")
            self.session.set(self._grip.to(at, keep_ratio=keep, centred=event.alt, steps=steps))
            self._show()
        self.host.update()

    def release(self, event: PointerEvent) -> None:
        drag, self._drag, self._grip = self._drag, None, None
        if drag is not None:
            drag.release(event)
        if self.session is not None and not self.session.changed:
            self._end()
        self._show()

    def hover(self, event: PointerEvent) -> None:
        self._at = event.screen
        self.host.refresh_cursor()

    def leave(self) -> None:
        self._at = None

    def cancel(self) -> bool:
        if self._drop_drag():
            return True
        if self.session is None:
            return False
        self._end()
        self.live.cancel()
        self._show()
        return True

    def cursor(self) -> QCursor:
        box = self.box
        handle = handle_of(box, self.host, self._at) if box is not None and self._at is not None else None
        if handle not in (None, "move") or (handle and self.session is not None):
            return QCursor(cursor_of(handle, box, self.host))
        edge = frame_handle(self.host, self._at, inside=False) if self._at is not None else None
        return QCursor(CURSORS.get(edge or "", Qt.CursorShape.ArrowCursor))

    # ------------------------------------------------------------ keys

    def key_press(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.session is not None:
            self.apply()
            return True
        step = ARROWS.get(Qt.Key(event.key()))
        mods = event.modifiers()
        if step is None or mods & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        far = 10 if mods & Qt.KeyboardModifier.ShiftModifier else 1
        return self._nudge(step[0] * far, step[1] * far)

    def _nudge(self, dx: int, dy: int) -> bool:
        document, layer = self.host.document, self.host.document.active
        if self.session is not None:
            box = self.session.box
            self.session.set(Box(box.x + dx, box.y + dy, box.w, box.h, box.angle))
        elif layer is None or self._subject() is None:
            return False
        else:
            document.edit("Move", lambda picture: carried(picture, layer.id, dx, dy), "nudge")
        self._show()
        return True

    # ------------------------------------------------------------ layers

    def _grab(self, event: PointerEvent, in_box: bool) -> None:
        """Begin to drag the layer under the pointer, or the active one."""
        document = self.host.document
        picture = document.picture
        wants = self.host.state.options(self.id).auto_select != event.ctrl
        if wants and picture.selection is None:
            hit = layer_at(picture, event.pos)
            if hit and picture.active not in picture.path(hit):
                document.set_active(hit)
            in_box = bool(hit)
        if not in_box or document.active is None:
            return
        self._drag = LayerDrag(self.host, self.live, document.active.id, self._subject(), event)

    def _drop_drag(self) -> bool:
        drag, self._drag, self._grip = self._drag, None, None
        if drag is not None:
            drag.cancel()
        return drag is not None

    def _subject(self) -> Rect | None:
        """Around the active layer, or what is selected of it."""
        document = self.host.document
        layer, selection = document.active, document.shown.selection
        if layer is not self._bounds[0] or selection is not self._bounds[1]:
            bounds = layer.bounds() if layer is not None else None
            if bounds is not None and selection is not None:
                bounds = (selection.bounds() or bounds).intersected(bounds)
            self._bounds = (layer, selection, None if bounds is None or bounds.empty else bounds)
        return self._bounds[2]

    # ------------------------------------------------------------ the transformation

    def _begin(self) -> bool:
        """Start a transformation of what is in the box; whether that can be."""
        layer, bounds = self.host.document.active, self._subject()
        if self.session is not None:
            return True
        if layer is None or bounds is None:
            return False
        try:
            self.session = Session(self.host, self.live, layer.id, bounds)
        except PaintError as error:
            self.host.document.refused.emit(str(error))
        return self.session is not None

    def apply(self) -> None:
        """Make the transformation a step; nothing happens where there is none."""
        session = self.session
        self._end()
        if session is not None:
            session.apply()
            self._show()

    def _end(self) -> None:
        self.session = self._grip = None

    def _box_asked(self, box: Box) -> None:
        if self._begin() and self.session is not None:
            self.session.set(box)
            self._show()

    def _asked(self, what: str) -> None:
        if what == "apply":
            self.apply()
        elif what == "cancel":
            self.cancel()
        elif self.session is None and what != "fit" and self._exactly(what):
            return
        elif self.box is not None and self._begin() and self.session is not None:
            whole = not self.session.changed
            self.session.set(_changed(self.session.box, what, self.host.document.picture))
            if whole and what != "fit":
                self.apply()
            self._show()

    def _exactly(self, what: str) -> bool:
        """Mirror or turn a whole layer without a resampled pixel; False where that is not what is asked for."""
        document, layer = self.host.document, self.host.document.active
        if layer is None or layer.kind == "text" or document.picture.selection is not None:
            return False
        if what.startswith("flip"):
            document.run("Flip", lambda p: flip(p, what == "flip-h", layer.id))
        else:
            document.run("Rotate", lambda p: rotate90(p, 1 if what == "rotate-right" else 3, layer.id))
        return True

    def _show(self, *_: object) -> None:
        """The box, for the bar and the overlay. Where something else changed the picture, or another was loaded, what
        is previewed on the old one is dropped."""
        if self.session is not None and self.session.picture is not self.host.document.picture:
            self._end()
            self.live.cancel()
        if self._drag is None:
            self.host.state.show_box(self.box)
        self.host.update()

    def paint(self, painter: QPainter) -> None:
        box = self.box
        if box is None or isinstance(self._drag, FrameDrag):
            return
        dragging = self._drag is not None
        paint_box(painter, box, self.host, handles=not dragging)
        if self._at is not None and self._grip is not None:
            words = f"{box.angle:.1f}°" if self._grip.handle == "turn" else f"{abs(box.w):.0f} × {abs(box.h):.0f}"
            paint_note(painter, self.host, self._at, words)
        elif self._at is not None and isinstance(self._drag, LayerDrag) and self._drag.moved:
            paint_note(painter, self.host, self._at, f"{self._drag.dx:+d}, {self._drag.dy:+d}")


def _changed(box: Box, what: str, picture: Picture) -> Box:
    """The box after a button of the bar."""
    if what == "flip-h":
        return Box(box.x + box.w, box.y, -box.w, box.h, -box.angle)
    if what == "flip-v":
        return Box(box.x, box.y + box.h, box.w, -box.h, -box.angle)
    if what in ("rotate-left", "rotate-right"):
        return Box(box.x, box.y, box.w, box.h, box.angle + (90 if what == "rotate-right" else -90))
    scale = min(picture.width / abs(box.w), picture.height / abs(box.h))
    w, h = box.w * scale, box.h * scale
    return Box((picture.width - w) / 2, (picture.height - h) / 2, w, h)
