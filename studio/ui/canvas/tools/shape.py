"""Draw rectangles, ellipses, lines and polygons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from studio.project.paint.edit import add_layer, new_id
from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.shapes import draw_shape, shape_path
from studio.ui.canvas.tools.areas import paint_note, squared, whole
from studio.ui.canvas.tools.base import CLICK, PointerEvent, Tool, ToolHost
from studio.ui.canvas.tools.live import LivePreview
from studio.ui.canvas.tools.polygonlasso import along
from studio.ui.canvas.tools.surfaces import colour_target, with_layer


class ShapeTool(Tool):
    """From corner to corner; Shift makes the sides equal (a line level, upright or at 45 degrees), Alt draws from the
    centre."""

    id, name, icon, key, order = "shape", "Shape", "shapes", "U", 25
    hint = "Drag to draw. Shift makes the sides equal, Alt draws from the centre."

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self.live = LivePreview(host.document)
        self._start: QPointF | None = None
        self._box = (QPointF(), QPointF())
        self._from = self._at = QPointF()
        self._moved = False
        self._layer = ""

    def press(self, event: PointerEvent) -> None:
        host = self.host
        try:
            if not host.state.options(self.id).new_layer:
                colour_target(host, with_layer(host.document.picture), host.state.foreground)
        except PaintError as error:
            host.document.refused.emit(str(error))
            return
        self._start = whole(host.snap(event.pos))
        self._box = (self._start, self._start)
        self._from, self._moved, self._layer = event.screen, False, new_id()

    def moves(self, events: Sequence[PointerEvent]) -> None:
        self.move(events[-1])

    def move(self, event: PointerEvent) -> None:
        if self._start is None:
            return
        self._at = event.screen
        self._moved = self._moved or (event.screen - self._from).manhattanLength() >= CLICK
        start, end = self._start, whole(self.host.snap(event.pos))
        if event.shift:
            end = along(start, end) if self.host.state.options(self.id).kind == "line" else squared(start, end)
        self._box = (start * 2 - end if event.alt else start, end)
        if self._moved:
            self._ask()
        self.host.update()

    def release(self, event: PointerEvent) -> None:
        if self._start is not None and self._moved:
            self.host.state.use_colour()
            self.live.commit(self.host.state.options(self.id).kind.capitalize())
        self._start = None
        self.host.update()

    def cancel(self) -> bool:
        was, self._start = self._start is not None, None
        self.host.update()
        return self.live.cancel() or was

    @property
    def busy(self) -> bool:
        return self._start is not None or self.live.active

    def _ask(self) -> None:
        host, options = self.host, self.host.state.options(self.id)
        start, end = ((point.x(), point.y()) for point in self._box)
        path = shape_path(options.kind, start, end, radius=options.radius, sides=options.sides, star=options.star)
        fills = options.fill and options.kind != "line"
        strokes = options.stroke or not fills
        front, back, layer = host.state.foreground, host.state.background, self._layer

        def edit(picture: Picture) -> Picture:
            if options.new_layer:
                above = picture.active or None
                picture = add_layer(picture, Layer(layer, options.kind.capitalize()), above)
            picture = with_layer(picture)
            inside = colour_target(host, picture, front) if fills else None
            line = colour_target(host, picture, back if fills else front) if strokes else None
            return draw_shape(picture, path, inside, line, options.width)

        self.live.ask(edit)

    def paint(self, painter: QPainter) -> None:
        if self._start is not None and self._moved:
            box = QRectF(*self._box).normalized()
            paint_note(painter, self.host, self._at, f"{box.width():.0f} × {box.height():.0f}")
