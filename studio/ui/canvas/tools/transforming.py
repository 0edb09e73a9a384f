"""A transformation under way: a layer, or the selected part of it, in a box that is scaled and turned."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QTransform

from studio.project.paint.picture import Picture
from studio.project.paint.plane import Rect
from studio.project.paint.transform import Lifted, box_transform, transform_layer
from studio.ui.canvas.tools.base import ToolHost
from studio.ui.canvas.tools.live import Edit, LivePreview
from studio.ui.canvas.toolstate import Box


class Session:
    """From the first change of the box to Enter or Esc. PaintError where the layer cannot be transformed."""

    def __init__(self, host: ToolHost, live: LivePreview, layer: str, bounds: Rect) -> None:
        self.host, self.live, self.layer = host, live, layer
        picture = self.picture = host.document.picture
        self._lifted = Lifted(picture, layer) if picture.selection is not None else None
        self.before = self._lifted.bounds if self._lifted is not None else bounds
        self.first = self.box = Box(*self.before)
        if self._lifted is None:
            transform_layer(picture, layer, QTransform())  # refuses now what it would refuse at the end

    @property
    def changed(self) -> bool:
        return self.box != self.first

    def set(self, box: Box) -> None:
        """Show the box elsewhere. An upright one keeps to whole pixels, so that edges stay sharp."""
        if box.angle == 0:
            box = Box(round(box.x), round(box.y), round(box.w) or 1, round(box.h) or 1)
        if box != self.box:
            self.box = box
            self.live.ask(self._edit(box, draft=True))

    def apply(self) -> None:
        """Make it a step of the history."""
        if self.changed:
            self.live.ask(self._edit(self.box, draft=False))
            self.live.commit("Transform")
        else:
            self.live.cancel()

    def _edit(self, box: Box, draft: bool) -> Edit:
        smooth = self.host.state.options("move").smooth
        by = box_transform(self.before, box.x, box.y, box.w, box.h, box.angle)

        def edit(picture: Picture) -> Picture:
            lifted = self._lifted
            if lifted is None:
                return transform_layer(picture, self.layer, by, smooth=smooth, draft=draft)
            start = lifted if picture is lifted.picture else Lifted(picture, self.layer)
            return start.at(by, smooth=smooth, draft=draft)

        return edit


def layer_at(picture: Picture, at: QPointF) -> str:
    """The topmost visible, unlocked layer with a pixel under a document point; "" for none."""
    x, y = int(at.x() // 1), int(at.y() // 1)
    if not (0 <= x < picture.width and 0 <= y < picture.height):
        return ""
    for layer, _ in picture.walk():
        if layer.kind == "group":
            continue
        if layer.plane.read(x - layer.dx, y - layer.dy, 1, 1)[0, 0, 3] < 12:
            continue
        if layer.mask is not None and layer.mask_on and layer.mask.read(x - layer.dx, y - layer.dy, 1, 1)[0, 0] < 12:
            continue
        steps = [picture.layer(step) for step in picture.path(layer.id)]
        if all(step.visible and not step.locked for step in steps):
            return layer.id
    return ""
