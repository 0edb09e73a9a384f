"""Select by a line drawn by hand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from studio.project.paint.selecting import Mode, polygon, select_none
from studio.ui.canvas.tools.areas import commit_path, mode_of, paint_outline
from studio.ui.canvas.tools.base import CLICK, PointerEvent, Tool, ToolHost


class LassoTool(Tool):
    """The line closes itself at the release; a click takes the selection away."""

    id, name, icon, key, group, order = "lasso", "Lasso", "lasso", "L", "lasso", 12
    hint = "Draw around what is to be selected. Shift adds, Alt subtracts, both intersect."

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._points: list[QPointF] = []
        self._from = QPointF()
        self._mode: Mode = "replace"
        self._moved = False

    def press(self, event: PointerEvent) -> None:
        self._points, self._from, self._moved = [event.pos], event.screen, False
        selected = self.host.document.picture.selection is not None
        self._mode = mode_of(event, self.host.state.options(self.id).mode, selected)

    def moves(self, events: Sequence[PointerEvent]) -> None:
        if self._points:
            self._points += [event.pos for event in events]
            self._moved = self._moved or any((e.screen - self._from).manhattanLength() >= CLICK for e in events)
            self.host.update()

    def move(self, event: PointerEvent) -> None:
        self.moves([event])

    def release(self, event: PointerEvent) -> None:
        points, self._points = self._points, []
        if self._moved:
            commit_path(self.host, self.id, polygon([(p.x(), p.y()) for p in points]), self._mode)
        elif points and self._mode == "replace":
            self.host.document.edit("Deselect", select_none)
        self.host.update()

    def cancel(self) -> bool:
        was, self._points = bool(self._points), []
        self.host.update()
        return was

    @property
    def busy(self) -> bool:
        return bool(self._points)

    def paint(self, painter: QPainter) -> None:
        if self._moved and len(self._points) > 1:
            path = QPainterPath()
            path.addPolygon(QPolygonF(self._points))
            paint_outline(painter, self.host, path)
