"""Fill what has a like colour."""

from __future__ import annotations

from PySide6.QtGui import QCursor, QPainter

from studio.project.paint.errors import PaintError
from studio.project.paint.filling import fill
from studio.project.paint.picture import Picture
from studio.ui.canvas.tools.areas import selected_at
from studio.ui.canvas.tools.base import PointerEvent, Tool, ToolHost
from studio.ui.canvas.tools.picking import Picker
from studio.ui.canvas.tools.surfaces import colour_target, with_layer


class FillTool(Tool):
    """A click fills the pixels like the one under it with the foreground colour."""

    id, name, icon, key, group, order = "fill", "Fill", "paint-bucket", "G", "fill", 23
    hint = "Click to fill with the foreground colour. Alt picks a colour."

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._picker = Picker(host)

    def press(self, event: PointerEvent) -> None:
        if event.alt:
            self._picker.press(event)
            return
        host, options = self.host, self.host.state.options(self.id)
        colour, at = host.state.foreground, event.pos
        x, y = int(at.x() // 1), int(at.y() // 1)

        def edit(picture: Picture) -> Picture:
            if picture.selection is not None and not selected_at(picture, at):
                raise PaintError("That is outside the selection; click inside it, or deselect with Ctrl+Shift+A.")
            picture = with_layer(picture)
            target = colour_target(host, picture, colour, options.opacity)
            return fill(picture, target, x, y, tolerance=options.tolerance, contiguous=options.contiguous,
                        all_layers=options.all_layers, grow=options.grow, smooth=options.smooth)

        host.state.use_colour()
        host.document.run("Fill", edit)

    def move(self, event: PointerEvent) -> None:
        if self._picker.active:
            self._picker.move(event)

    def release(self, event: PointerEvent) -> None:
        self._picker.release()

    def cancel(self) -> bool:
        return self._picker.release()

    def paint(self, painter: QPainter) -> None:
        if self._picker.active:
            self._picker.paint(painter)

    def cursor(self) -> QCursor:
        return self._picker.cursor() if self._picker.active else super().cursor()
