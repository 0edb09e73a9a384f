"""Draw a gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.project.paint.errors import PaintError
from studio.project.paint.filling import RGBA, Gradient, gradient
from studio.project.paint.picture import Picture
from studio.ui.canvas.tools.areas import paint_note
from studio.ui.canvas.tools.base import CLICK, PointerEvent, Tool, ToolHost
from studio.ui.canvas.tools.live import LivePreview
from studio.ui.canvas.tools.polygonlasso import along
from studio.ui.canvas.tools.surfaces import colour_target, rgb, with_layer


class GradientTool(Tool):
    """From where the drag begins to where it ends."""

    id, name, icon, key, group, order = "gradient", "Gradient", "gradient", "G", "fill", 24
    hint = "Drag from the first colour to the last. Shift keeps the line level, upright or at 45 degrees."

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self.live = LivePreview(host.document)
        self._start: QPointF | None = None
        self._end = QPointF()
        self._from = QPointF()
        self._moved = False

    def press(self, event: PointerEvent) -> None:
        host = self.host
        try:
            colour_target(host, with_layer(host.document.picture), host.state.foreground)
        except PaintError as error:
            host.document.refused.emit(str(error))
            return
        self._start = self._end = host.snap(event.pos)
        self._from, self._moved = event.screen, False

    def moves(self, events: Sequence[PointerEvent]) -> None:
        self.move(events[-1])

    def move(self, event: PointerEvent) -> None:
        if self._start is None:
            return
        self._moved = self._moved or (event.screen - self._from).manhattanLength() >= CLICK
        end = self.host.snap(event.pos)
        self._end = along(self._start, end) if event.shift else end
        if self._moved:
            self._ask()
        self.host.update()

    def release(self, event: PointerEvent) -> None:
        if self._start is not None and self._moved:
            self.host.state.use_colour()
            self.live.commit("Gradient")
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
        host, start, end = self.host, self._start or QPointF(), self._end
        options, colour = host.state.options(self.id), host.state.foreground
        first, last = self.colours()
        what = Gradient(options.kind, (start.x(), start.y()), (end.x(), end.y()), first, last)

        def edit(picture: Picture) -> Picture:
            picture = with_layer(picture)
            return gradient(picture, colour_target(host, picture, colour), what)

        self.live.ask(edit)

    def colours(self) -> tuple[RGBA, RGBA]:
        state, options = self.host.state, self.host.state.options(self.id)
        alpha = round(255 * options.opacity)
        first, last = rgb(state.foreground), rgb(state.foreground if options.to_transparent else state.background)
        pair = ((*first, alpha), (*last, 0 if options.to_transparent else alpha))
        return (pair[1], pair[0]) if options.reverse else pair

    def paint(self, painter: QPainter) -> None:
        if self._start is None or not self._moved:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        start, end = self.host.camera.to_screen(self._start), self.host.camera.to_screen(self._end)
        for pen in (QPen(QColor(0, 0, 0, 130), 3.5), QPen(QColor("#FFFFFF"), 1.5)):
            painter.setPen(pen)
            painter.drawLine(start, end)
        first, last = self.colours()
        for place, colour in ((start, first), (end, last)):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(0, 0, 0, 130), 4.5))
            painter.drawEllipse(place, 6.0, 6.0)
            painter.setBrush(QColor(*colour) if colour[3] else Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor("#FFFFFF"), 2))
            painter.drawEllipse(place, 6.0, 6.0)
        delta = self._end - self._start
        turn = -math.degrees(math.atan2(delta.y(), delta.x()))
        paint_note(painter, self.host, end, f"{math.hypot(delta.x(), delta.y()):.0f} px  {turn:.0f}°")
