"""Select by an ellipse."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath

from studio.project.paint.selecting import ellipse
from studio.ui.canvas.tools.areas import BoxSelectTool


class SelectEllipseTool(BoxSelectTool):
    id, name, icon, key, group, order = "select-ellipse", "Ellipse selection", "circle-dashed", "M", "marquee", 11
    hint = "Drag to select. Shift adds, Alt subtracts, both intersect; then Shift rounds it, Alt centres it."

    def shape(self, box: QRectF) -> QPainterPath:
        return ellipse(box.x(), box.y(), box.width(), box.height())
