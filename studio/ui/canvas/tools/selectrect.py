"""Select by a rectangle."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath

from studio.project.paint.selecting import rectangle
from studio.ui.canvas.tools.areas import BoxSelectTool


class SelectRectTool(BoxSelectTool):
    id, name, icon, key, group, order = "select-rect", "Rectangle selection", "selection", "M", "marquee", 10
    hint = "Drag to select. Shift adds, Alt subtracts, both intersect; then Shift squares it, Alt centres it."

    def shape(self, box: QRectF) -> QPainterPath:
        return rectangle(box.x(), box.y(), box.width(), box.height())
