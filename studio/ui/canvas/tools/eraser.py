"""The eraser."""

from __future__ import annotations

from studio.project.paint.brush import Brush
from studio.project.paint.picture import Picture
from studio.project.paint.targets import Target
from studio.ui.canvas.tools.base import PointerEvent
from studio.ui.canvas.tools.strokes import StrokeTool
from studio.ui.canvas.tools.surfaces import erase_target


class EraserTool(StrokeTool):
    """Makes the active layer transparent, or hides with its mask; with alpha lock it paints the background colour."""

    id, name, icon, key, order = "eraser", "Eraser", "eraser", "E", 21
    hint = "Drag to erase. Shift+click erases in a straight line, [ and ] change the size."
    label = "Erase"
    picks = False

    def target(self, picture: Picture, event: PointerEvent, brush: Brush) -> Target:
        return erase_target(self.host, picture, brush.opacity)
