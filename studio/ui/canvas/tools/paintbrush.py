"""The brush."""

from __future__ import annotations

from studio.project.paint.brush import Brush
from studio.project.paint.picture import Picture
from studio.project.paint.targets import Target
from studio.ui.canvas.tools.base import PointerEvent
from studio.ui.canvas.tools.strokes import StrokeTool
from studio.ui.canvas.tools.surfaces import colour_target, erase_target, with_layer


class BrushTool(StrokeTool):
    """Paints with the foreground colour on the active layer, or in its grey on the layer's mask. The pen's other end
    erases."""

    id, name, icon, key, order = "brush", "Brush", "paint-brush", "B", 20
    hint = "Drag to paint. Shift+click draws a straight line, Alt picks a colour, [ and ] change the size."
    separated = True
    label = "Brush stroke"

    def prepared(self, picture: Picture) -> Picture:
        return with_layer(picture)

    def brush_for(self, event: PointerEvent) -> Brush:
        return self.host.state.brush("eraser" if event.eraser else "brush")

    def target(self, picture: Picture, event: PointerEvent, brush: Brush) -> Target:
        if event.eraser:
            return erase_target(self.host, picture, brush.opacity)
        return colour_target(self.host, picture, self.host.state.foreground, brush.opacity)

    def stroked(self, event: PointerEvent) -> None:
        if not event.eraser:
            self.host.state.use_colour()
