"""Dragging a layer, or what is selected of it."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QTransform

from studio.project.paint.edit import duplicate
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Rect
from studio.project.paint.transform import Lifted, carried
from studio.ui.canvas.tools.base import CLICK, PointerEvent, ToolHost
from studio.ui.canvas.tools.live import Edit, LivePreview


class LayerDrag:
    """From press to release. Edges and middle snap, Shift keeps it straight, Alt at the press drags a copy."""

    def __init__(self, host: ToolHost, live: LivePreview, layer: str, bounds: Rect | None, event: PointerEvent) -> None:
        self.host, self.live, self.layer, self.bounds = host, live, layer, bounds
        self._start, self._from, self._copies = event.pos, event.screen, event.alt
        self.dx = self.dy = 0
        self.moved = False
        self._lifted: Lifted | None = None

    def move(self, event: PointerEvent) -> None:
        document = self.host.document
        if not self.moved:
            if (event.screen - self._from).manhattanLength() < CLICK:
                return
            self.moved = True
            if document.picture.selection is not None:
                self._lifted = Lifted(document.picture, self.layer)
        self.dx, self.dy = self._delta(event)
        if self._lifted is not None:
            self.live.ask(self._edit())
        else:
            document.preview(self._edit()(document.picture))

    def _delta(self, event: PointerEvent) -> tuple[int, int]:
        delta = event.pos - self._start
        if event.shift:
            delta = QPointF(delta.x(), 0) if abs(delta.x()) >= abs(delta.y()) else QPointF(0, delta.y())
        rect = self.bounds
        if rect is not None:
            places = (QPointF(rect.x, rect.y), QPointF(rect.right, rect.bottom),
                      QPointF(rect.x + rect.w / 2, rect.y + rect.h / 2))
            drawn = [self.host.snap(place + delta) - place - delta for place in places]
            across = min((d.x() for d in drawn if d.x()), key=abs, default=0.0)
            down = min((d.y() for d in drawn if d.y()), key=abs, default=0.0)
            delta += QPointF(across if delta.x() or not event.shift else 0,
                             down if delta.y() or not event.shift else 0)
        return round(delta.x()), round(delta.y())

    def _edit(self) -> Edit:
        dx, dy, copies, lifted = self.dx, self.dy, self._copies, self._lifted

        def edit(picture: Picture) -> Picture:
            if lifted is not None and picture is lifted.picture:
                return lifted.at(QTransform.fromTranslate(dx, dy))
            if copies and picture.selection is None:
                picture = duplicate(picture, self.layer)
                return carried(picture, picture.active, dx, dy)
            return carried(picture, self.layer, dx, dy)

        return edit

    def release(self, event: PointerEvent) -> None:
        if not self.moved:
            return
        if self._lifted is not None:
            self.live.commit("Move selected")
        elif (self.dx, self.dy) == (0, 0):
            self.host.document.preview(None)
        else:
            self.host.document.edit("Duplicate" if self._copies else "Move", self._edit())

    def cancel(self) -> None:
        if self._lifted is not None:
            self.live.cancel()
        elif self.moved:
            self.host.document.preview(None)
