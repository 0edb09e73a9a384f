"""A box with handles that is dragged, scaled and turned: of the move tool and of crop."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from studio.ui.canvas.tools.base import ToolHost
from studio.ui.canvas.tools.framing import REACH, handle_places
from studio.ui.canvas.toolstate import Box

TURN_REACH = 26.0
"""From this near outside a corner, in px, the pointer turns the box."""
LEAST = 1.0


def box_matrix(box: Box) -> QTransform:
    """From the box's own space (its centre at 0, upright) to the document."""
    turn = QTransform.fromTranslate(box.x + box.w / 2, box.y + box.h / 2)
    return turn.rotate(box.angle)


def corners_of(box: Box, host: ToolHost) -> QPolygonF:
    """The corners nw, ne, se, sw on the screen."""
    inner = QRectF(-box.w / 2, -box.h / 2, box.w, box.h)
    to_screen = box_matrix(box) * host.camera.transform()
    return QPolygonF([to_screen.map(p) for p in (inner.topLeft(), inner.topRight(), inner.bottomRight(),
                                                 inner.bottomLeft())])


def handle_of(box: Box, host: ToolHost, at: QPointF, turns: bool = True) -> str | None:
    """What lies under a widget point: the name of a handle, "turn", "move" or None."""
    to_screen = box_matrix(box) * host.camera.transform()
    places = {name: to_screen.map(place) for name, place in handle_places(
        QRectF(-box.w / 2, -box.h / 2, box.w, box.h)).items()}
    near = {name: max(abs(p.x() - at.x()), abs(p.y() - at.y())) for name, p in places.items()}
    best = min(near, key=lambda name: near[name] - (0.5 if len(name) == 2 else 0))
    inside = corners_of(box, host).containsPoint(at, Qt.FillRule.OddEvenFill)
    tiny = min(abs(box.w), abs(box.h)) * host.camera.scale < 3 * REACH
    if near[best] <= (REACH / 2 if tiny and inside else REACH):
        return best
    if inside:
        return "move"
    corner = min(near[name] for name in ("nw", "ne", "se", "sw"))
    return "turn" if turns and corner <= TURN_REACH else None


@dataclass(frozen=True)
class Grip:
    """A drag of a box that began at the document point `start`."""

    box: Box
    handle: str
    start: QPointF

    def to(self, at: QPointF, *, keep_ratio: bool = False, centred: bool = False, steps: bool = False) -> Box:
        """The box when the pointer is at `at`. steps: turn by 15 degrees, or move straight."""
        if self.handle == "move":
            delta = at - self.start
            if steps:
                delta = QPointF(delta.x(), 0) if abs(delta.x()) >= abs(delta.y()) else QPointF(0, delta.y())
            return replace(self.box, x=self.box.x + delta.x(), y=self.box.y + delta.y())
        return self._turned(at, steps) if self.handle == "turn" else self._sized(at, keep_ratio, centred)

    def _turned(self, at: QPointF, steps: bool) -> Box:
        centre = QPointF(self.box.x + self.box.w / 2, self.box.y + self.box.h / 2)
        first, now = self.start - centre, at - centre
        turn = math.degrees(math.atan2(now.y(), now.x()) - math.atan2(first.y(), first.x()))
        angle = self.box.angle + turn
        angle = round(angle / 15) * 15 if steps else angle
        return replace(self.box, angle=-((180.0 - angle) % 360.0 - 180.0))

    def _sized(self, at: QPointF, keep_ratio: bool, centred: bool) -> Box:
        box, handle = self.box, self.handle
        back = box_matrix(box).inverted()[0]
        delta = back.map(at) - back.map(self.start)
        sx = {"w": -1, "e": 1}.get(handle.strip("ns"), 0)
        sy = {"n": -1, "s": 1}.get(handle.strip("ew"), 0)
        grow = 2 if centred else 1
        w, h = box.w + sx * delta.x() * grow, box.h + sy * delta.y() * grow
        if keep_ratio and box.w and box.h:
            share = w / box.w if not sy else h / box.h if not sx else max(w / box.w, h / box.h, key=abs)
            w, h = box.w * share, box.h * share
        w, h = _least(w, box.w), _least(h, box.h)
        # The opposite edge stays, in the box's own space; then the centre goes back to the document.
        shift = QPointF(0, 0) if centred else QPointF(sx * (w - box.w) / 2, sy * (h - box.h) / 2)
        centre = box_matrix(box).map(shift)
        return Box(centre.x() - w / 2, centre.y() - h / 2, w, h, box.angle)


def _least(side: float, before: float) -> float:
    """A side is never less than a pixel; it may turn over."""
    if abs(side) >= LEAST:
        return side
    return math.copysign(LEAST, side if side else before)


def paint_box(painter: QPainter, box: Box, host: ToolHost, handles: bool = True) -> None:
    """Sky lines with white handles, as the selected content of all workspaces."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    outline = corners_of(box, host)
    for pen in (QPen(QColor(0, 0, 0, 90), 3), QPen(host.theme.color("sky"), 1.5)):
        painter.setPen(pen)
        painter.drawPolygon(outline)
    if not handles:
        return
    to_screen = box_matrix(box) * host.camera.transform()
    inner = QRectF(-box.w / 2, -box.h / 2, box.w, box.h)
    small = min(abs(box.w), abs(box.h)) * host.camera.scale < 40
    painter.setPen(QPen(host.theme.color("sky"), 1.25))
    painter.setBrush(QColor("#FFFFFF"))
    for name, place in handle_places(inner).items():
        if len(name) == 2 or not small:
            at = to_screen.map(place)
            painter.drawRoundedRect(QRectF(at.x() - 3.5, at.y() - 3.5, 7, 7), 1.5, 1.5)


def cursor_of(handle: str | None, box: Box | None, host: ToolHost) -> Qt.CursorShape:
    """The arrow of a handle, turned with the box and the view."""
    if handle is None or box is None:
        return Qt.CursorShape.ArrowCursor
    if handle == "move":
        return Qt.CursorShape.SizeAllCursor
    if handle == "turn":
        return Qt.CursorShape.PointingHandCursor
    x = {"w": -1, "e": 1}.get(handle.strip("ns"), 0)
    y = {"n": -1, "s": 1}.get(handle.strip("ew"), 0)
    to_screen = box_matrix(box) * host.camera.transform()
    way = to_screen.map(QPointF(x, y)) - to_screen.map(QPointF())
    eighth = round(math.degrees(math.atan2(way.y(), way.x())) / 45) % 4
    return (Qt.CursorShape.SizeHorCursor, Qt.CursorShape.SizeFDiagCursor, Qt.CursorShape.SizeVerCursor,
            Qt.CursorShape.SizeBDiagCursor)[eighth]
