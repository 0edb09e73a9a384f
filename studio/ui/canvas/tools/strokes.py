"""What brush, eraser and mask brush share: a stroke from press to release, and the ring that shows the brush."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar
from uuid import uuid4

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QCursor, QKeyEvent, QPainter, QPen

from studio.project.paint.brush import Brush
from studio.project.paint.dabs import Sample, Stamps
from studio.project.paint.errors import PaintError
from studio.project.paint.picture import Picture
from studio.project.paint.stroke import Stroke
from studio.project.paint.targets import Target
from studio.ui.canvas.tools.base import PointerEvent, Tool, ToolHost
from studio.ui.canvas.tools.picking import Picker

OUTSIDE = "Nothing was painted: that is outside the selection. Paint inside it, or deselect with Ctrl+Shift+A."
SMALL = 5.0
"""A ring narrower than this, in px, is shown as a cross."""


class StrokeTool(Tool):
    """Shift+press joins on to the end of the last stroke with a straight line; [ and ] change the size."""

    label: ClassVar[str] = "Brush stroke"
    picks = True
    """Alt picks a colour."""

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self.stroke: Stroke | None = None
        self._stamps = Stamps()
        self._last: Sample | None = None
        """Where the last stroke ended."""
        self._at: QPointF | None = None
        self._before: Callable[[Picture], Picture] | None = None
        self._picker = Picker(host)
        self._seed = 0

    # ------------------------------------------------------------ for subclasses

    def prepared(self, picture: Picture) -> Picture:
        """The picture with what the stroke needs (a first layer); the same where it has it."""
        return picture

    def target(self, picture: Picture, event: PointerEvent, brush: Brush) -> Target:
        """What the stroke paints on; PaintError where it cannot."""
        raise NotImplementedError

    def brush_for(self, event: PointerEvent) -> Brush:
        return self.host.state.brush(self.id)

    def stroked(self, event: PointerEvent) -> None:
        """A stroke was committed."""

    # ------------------------------------------------------------ pointer

    def press(self, event: PointerEvent) -> None:
        if self.picks and event.alt and not event.eraser:
            self._picker.press(event)
            return
        document = self.host.document
        brush = self.brush_for(event)
        try:
            picture = self.prepared(document.picture)
            self._before = self.prepared if picture is not document.picture else None
            self._seed += 1
            self.stroke = Stroke(picture, self.target(picture, event, brush), brush, self._stamps, self._seed)
        except PaintError as error:
            document.refused.emit(str(error))
            return
        if event.shift and self._last is not None:
            self.stroke.add([self._last._replace(time=event.time - 20, pressure=event.pressure)])
        self._feed([event])

    def moves(self, events: Sequence[PointerEvent]) -> None:
        if self._picker.active:
            self._picker.move(events[-1])
            return
        self._feed(events)

    def move(self, event: PointerEvent) -> None:
        self.moves([event])

    def release(self, event: PointerEvent) -> None:
        if self._picker.release():
            self._follow(event.screen)
            return
        stroke, self.stroke = self.stroke, None
        if stroke is None:
            return
        # A pen that leaves the tablet reports no pressure: the last one holds.
        stroke.end()
        self._last = self._sample(event)
        document, after = self.host.document, stroke.picture
        if after is stroke.base:
            document.preview(None)
            if stroke.held_back:
                document.refused.emit(OUTSIDE)
            return
        merge = uuid4().hex if self._before is not None else ""
        if self._before is not None:
            document.edit(self.label, self._before_once(stroke.base), merge)
        if document.edit(self.label, stroke.apply, merge):
            self.stroked(event)

    def hover(self, event: PointerEvent) -> None:
        self._follow(event.screen)

    def leave(self) -> None:
        self._follow(None)

    def cancel(self) -> bool:
        if self._picker.release():
            return True
        stroke, self.stroke = self.stroke, None
        if stroke is None:
            return False
        self.host.document.preview(None)
        return True

    @property
    def busy(self) -> bool:
        return self.stroke is not None

    def _feed(self, events: Sequence[PointerEvent]) -> None:
        if self.stroke is not None:
            self.stroke.add([self._sample(event) for event in events])
            self.host.document.preview(self.stroke.picture)
        self._follow(events[-1].screen)

    def _before_once(self, ready: Picture) -> Callable[[Picture], Picture]:
        """The edit that `prepared` is, giving the very picture that the stroke began on."""
        start = self.host.document.picture
        return lambda picture: ready if picture is start else self.prepared(picture)

    @staticmethod
    def _sample(event: PointerEvent) -> Sample:
        return Sample(event.pos.x(), event.pos.y(), event.pressure, event.tilt_x, event.tilt_y, event.time)

    # ------------------------------------------------------------ keys

    def key_press(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_BracketLeft: -1, Qt.Key.Key_BracketRight: 1}.get(Qt.Key(event.key()))
        if steps is not None and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.host.state.resize_brush(self.id, steps)
            self.host.update()
            return True
        firmer = {Qt.Key.Key_BraceLeft: -0.1, Qt.Key.Key_BraceRight: 0.1}.get(Qt.Key(event.key()))
        if firmer is not None and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.host.state.set_brush(self.id, hardness=self.host.state.brush(self.id).hardness + firmer)
            return True
        if event.key() == Qt.Key.Key_Alt and self.picks:
            self._picker.ready = True
            self.host.refresh_cursor()
        return False

    def key_release(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Alt and self._picker.ready:
            self._picker.ready = False
            self.host.refresh_cursor()
        return False

    # ------------------------------------------------------------ overlay

    def cursor(self) -> QCursor:
        return self._picker.cursor() if self._picker.ready or self._picker.active else QCursor(
            Qt.CursorShape.BlankCursor)

    def paint(self, painter: QPainter) -> None:
        if self._picker.active:
            self._picker.paint(painter)
        elif self._at is not None and not self._picker.ready:
            self._ring(painter, self._at)

    def _radius(self) -> float:
        brush = self.host.state.brush(self.id)
        return (brush.size / 2 + brush.grow) * self.host.camera.scale

    def _ring(self, painter: QPainter, at: QPointF) -> None:
        """A white ring between two dark ones: seen on any picture."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius, brush = self._radius(), self.host.state.brush(self.id)
        for pen in (QPen(QColor(0, 0, 0, 110), 3), QPen(QColor(255, 255, 255, 235), 1.25)):
            painter.setPen(pen)
            if radius * 2 < SMALL:
                for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                    painter.drawLine(at + QPointF(dx * 3, dy * 3), at + QPointF(dx * 8, dy * 8))
                continue
            painter.save()
            painter.translate(at)
            mirrored = -1 if self.host.camera.mirrored else 1
            painter.rotate(self.host.camera.rotation + mirrored * brush.angle)
            painter.drawEllipse(QPointF(), radius, radius * brush.roundness)
            painter.restore()

    def _follow(self, at: QPointF | None) -> None:
        """Move the ring, painting anew only where it was and where it is."""
        reach = max(self._radius(), 12.0) + 4
        for place in (self._at, at):
            if place is not None:
                size = int(2 * reach) + 2
                self.host.update(QRect(int(place.x() - reach), int(place.y() - reach), size, size))
        self._at = QPointF(at) if at is not None else None
