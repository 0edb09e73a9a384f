"""The mask brush: where the machine will work."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from studio.project.paint.brush import Brush
from studio.project.paint.picture import Picture
from studio.project.paint.targets import MaskTarget, Target
from studio.ui.canvas.tools.base import PointerEvent
from studio.ui.canvas.tools.strokes import StrokeTool


class MaskBrushTool(StrokeTool):
    """Paints the inpaint mask; Alt, or the pen's other end, does the opposite of what the bar says."""

    id, name, icon, key, order = "mask", "Mask brush", "mask-brush", "Q", 22
    hint = "Drag over what is to be made anew. Alt takes away, Shift+click draws a straight line, [ and ] resize."
    label = "Mask"
    picks = False

    def target(self, picture: Picture, event: PointerEvent, brush: Brush) -> Target:
        adds = (brush.mode == "add") != (event.alt or event.eraser)
        return MaskTarget(picture, "mask", 255 if adds else 0, brush.opacity)

    def _ring(self, painter: QPainter, at: QPointF) -> None:
        super()._ring(painter, at)
        painter.setPen(QPen(self.host.theme.color("mask_edge"), 1.25))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        sign = 4.0
        painter.drawLine(at - QPointF(sign, 0), at + QPointF(sign, 0))
        if self.host.state.brush("mask").mode == "add":
            painter.drawLine(at - QPointF(0, sign), at + QPointF(0, sign))
