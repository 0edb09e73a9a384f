"""Select by corners set one after the other."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPen, QPolygonF

from studio.project.paint.selecting import Mode, polygon
from studio.ui.canvas.tools.areas import commit_path, mode_of, paint_outline
from studio.ui.canvas.tools.base import PointerEvent, Tool, ToolHost

CLOSE = 9.0
"""A click this near to the first corner, in px, closes the outline."""


class PolygonLassoTool(Tool):
    """Each click is a corner; the first corner, a double click or Enter closes; Backspace takes the last one back."""

    id, name, icon, key, group, order = "polygon", "Polygon lasso", "polygon", "L", "lasso", 13
    hint = "Click corners; Enter, a double click or the first corner closes. Backspace takes one back, Esc all."

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._corners: list[QPointF] = []
        self._at = QPointF()
        self._mode: Mode = "replace"

    def press(self, event: PointerEvent) -> None:
        if not self._corners:
            selected = self.host.document.picture.selection is not None
            self._mode = mode_of(event, self.host.state.options(self.id).mode, selected)
        at = self._aimed(event)
        if event.clicks > 1 or (len(self._corners) > 2 and self._near_first(event.screen)):
            self._close()
        else:
            self._corners.append(at)
        self._at = at
        self.host.update()

    def move(self, event: PointerEvent) -> None:
        self.hover(event)

    def hover(self, event: PointerEvent) -> None:
        self._at = self._aimed(event)
        if self._corners:
            self.host.update()

    def _aimed(self, event: PointerEvent) -> QPointF:
        """Shift keeps a side upright, level or at 45 degrees."""
        at = self.host.snap(event.pos)
        return along(self._corners[-1], at) if event.shift and self._corners else at

    def key_press(self, event: QKeyEvent) -> bool:
        if not self._corners:
            return False
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._close()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._corners.pop()
        else:
            return False
        self.host.update()
        return True

    def _close(self) -> None:
        corners, self._corners = self._corners, []
        if len(corners) > 2:
            commit_path(self.host, self.id, polygon([(p.x(), p.y()) for p in corners]), self._mode)

    def cancel(self) -> bool:
        was, self._corners = bool(self._corners), []
        self.host.update()
        return was

    @property
    def busy(self) -> bool:
        return bool(self._corners)

    def paint(self, painter: QPainter) -> None:
        if not self._corners:
            return
        path = QPainterPath()
        path.addPolygon(QPolygonF([*self._corners, self._at]))
        paint_outline(painter, self.host, path)
        first = self.host.camera.to_screen(self._corners[0])
        painter.setPen(QPen(self.host.theme.color("sky"), 1.25))
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawEllipse(first, 4.0, 4.0)

    def _near_first(self, at: QPointF) -> bool:
        return (at - self.host.camera.to_screen(self._corners[0])).manhattanLength() <= CLOSE


def along(start: QPointF, end: QPointF) -> QPointF:
    """`end` moved so that the line from `start` runs level, upright or at 45 degrees."""
    dx, dy = end.x() - start.x(), end.y() - start.y()
    if abs(dx) > 2.414 * abs(dy):
        return QPointF(end.x(), start.y())
    if abs(dy) > 2.414 * abs(dx):
        return QPointF(start.x(), end.y())
    reach = (abs(dx) + abs(dy)) / 2
    return start + QPointF(reach if dx > 0 else -reach, reach if dy > 0 else -reach)
