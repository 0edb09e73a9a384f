"""The ruler over the timeline: times, the loop, and the handle of the playhead."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.project.sound import edits
from studio.ui.sound.document import SoundDocument
from studio.ui.sound.timeline import Timeline
from studio.ui.sound.tools.base import CLICK, Hit
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed

HEIGHT = 28
LOOP = 6
"""Pixels at its upper edge that the loop takes."""


class Ruler(Themed, QWidget):
    """A click goes to a time, a drag of the playhead scrubs, a drag elsewhere makes a loop."""

    seek_asked = Signal(float)
    scrub_asked = Signal(float)

    def __init__(self, theme: Theme, document: SoundDocument, timeline: Timeline,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.timeline, self.axis = document, timeline, timeline.axis
        self._from: QPointF | None = None
        self._looping = self._scrubbing = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Ruler")
        self.axis.changed.connect(self.update)
        document.changed.connect(self.update)
        self.init_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(200, self.theme.dp(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.setFont(theme.font("caption", tnum=True))
        line, high = theme.color("line2"), self.height()
        painter.setPen(theme.color("t3"))
        for tick in self.axis.ticks(self.width()):
            x, long = round(tick.x), 10 if tick.label else 4
            painter.fillRect(x, high - long, 1, long, line)
            if tick.label:
                painter.drawText(QRectF(x + 5, 6, 90, self.height() - 8), Qt.AlignmentFlag.AlignVCenter, tick.label)
        loop = self.document.shown.loop
        if loop is not None:
            left, right = self.axis.x(loop.start), self.axis.x(loop.end)
            painter.fillRect(QRectF(left, 0, right - left, LOOP), theme.color("spring" if loop.on else "line2"))
        painter.setPen(theme.color("line"))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        at, bottom = self.axis.x(self.timeline.playhead), self.height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("t1"))
        painter.drawPolygon(QPolygonF([QPointF(at - 6, bottom - 12), QPointF(at + 6, bottom - 12),
                                       QPointF(at + 6, bottom - 6), QPointF(at, bottom), QPointF(at - 6, bottom - 6)]))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position()
            self._scrubbing = abs(event.position().x() - self.axis.x(self.timeline.playhead)) <= 8
            self._looping = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        if self._scrubbing:
            self.scrub_asked.emit(max(self.axis.seconds(event.position().x()), 0.0))
        elif self._looping or abs(event.position().x() - self._from.x()) >= CLICK:
            self._looping = True
            start, end = self._ends(event)
            self.document.preview(lambda old: edits.set_loop(old, start, end) if end > start else old)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        begin, self._from = self._from, None
        if begin is None:
            return
        if self._looping:
            self._from = begin
            start, end = self._ends(event)
            self._from = None
            self.document.preview(None)
            if end > start:
                self.document.edit("Loop", lambda old: edits.set_loop(old, start, end))
        elif not self._scrubbing:
            at = self._snapped(event.position().x(), event)
            self.document.choose(cursor=at, region=None)
            self.seek_asked.emit(at)

    def _ends(self, event: QMouseEvent) -> tuple[float, float]:
        assert self._from is not None
        one, other = self._snapped(self._from.x(), event), self._snapped(event.position().x(), event)
        return min(one, other), max(one, other)

    def _snapped(self, x: float, event: QMouseEvent) -> float:
        seconds = max(self.axis.seconds(x), 0.0)
        return self.timeline.snapped(seconds, Hit(event.position(), seconds, modifiers=event.modifiers()))
