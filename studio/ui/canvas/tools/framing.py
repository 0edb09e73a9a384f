"""Dragging the generation frame: of the frame tool, and of the move tool at the frame's edge."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF

from studio.ui.canvas.frame import HANDLES
from studio.ui.canvas.tools.base import CLICK, PointerEvent, ToolHost

REACH = 9.0
"""How near the pointer must be to a handle, in px."""
EDGE = 5.0


def frame_handle(host: ToolHost, at: QPointF, inside: bool) -> str | None:
    """The handle of the frame under a widget point; "move" on its edge, or anywhere in it where `inside`."""
    rect, turn = QRectF(host.frame.rect), host.camera.transform()
    scale = host.camera.scale
    if min(rect.width(), rect.height()) * scale >= 24:
        places = handle_places(rect)
        near = {name: (turn.map(place) - at) for name, place in places.items()}
        name = min(near, key=lambda n: max(abs(near[n].x()), abs(near[n].y())) - (0.1 if len(n) == 2 else 0))
        if max(abs(near[name].x()), abs(near[name].y())) <= REACH:
            return name
    spot, reach = host.camera.to_document(at), EDGE / scale
    if not rect.adjusted(-reach, -reach, reach, reach).contains(spot):
        return None
    deep = rect.adjusted(reach, reach, -reach, -reach).contains(spot)
    return "move" if inside or not deep else None


def handle_places(rect: QRectF) -> dict[str, QPointF]:
    """The eight handles of a rectangle, by their names."""
    x = {"w": rect.left(), "": rect.center().x(), "e": rect.right()}
    y = {"n": rect.top(), "": rect.center().y(), "s": rect.bottom()}
    return {name: QPointF(x[name.strip("ns")], y[name.strip("ew")]) for name in HANDLES}


class FrameDrag:
    """From press to release: move or resize the frame, or with no handle draw it anew. A click off the frame brings it
    there."""

    def __init__(self, host: ToolHost, event: PointerEvent, handle: str | None) -> None:
        self.host, self.handle = host, handle
        self._start, self._from = event.pos, event.screen
        self.before = host.frame.rect
        self.moved = False

    def move(self, event: PointerEvent) -> None:
        self.moved = self.moved or (event.screen - self._from).manhattanLength() >= CLICK
        if not self.moved:
            return
        frame, end = self.host.frame, self.host.snap(event.pos)
        if self.handle == "move":
            corner = self.host.snap(QPointF(self.before.topLeft()) + event.pos - self._start)
            frame.set_rect(self.before.translated(round(corner.x()) - self.before.x(),
                                                  round(corner.y()) - self.before.y()))
        elif self.handle is not None:
            delta = end - handle_places(QRectF(self.before))[self.handle]
            frame.set_rect(frame.dragged(self.before, self.handle, delta, event.shift))
        else:
            start = self.host.snap(self._start)
            delta = end - start
            handle = ("n" if delta.y() < 0 else "s") + ("w" if delta.x() < 0 else "e")
            frame.set_rect(frame.dragged(QRect(round(start.x()), round(start.y()), 0, 0), handle, delta, False))

    def release(self, event: PointerEvent) -> None:
        if not self.moved and self.handle is None:
            rect = self.before
            self.host.frame.set_rect(QRect(round(event.pos.x() - rect.width() / 2),
                                           round(event.pos.y() - rect.height() / 2), rect.width(), rect.height()))

    def cancel(self) -> None:
        self.host.frame.set_rect(self.before)


