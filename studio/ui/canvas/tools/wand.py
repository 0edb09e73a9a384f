"""Select what has a like colour."""

from __future__ import annotations

from studio.project.paint.picture import Picture
from studio.project.paint.selecting import select_similar
from studio.ui.canvas.tools.areas import WORDS, mode_of
from studio.ui.canvas.tools.base import PointerEvent, Tool


class WandTool(Tool):
    """A click selects the pixels like the one under it."""

    id, name, icon, key, order = "wand", "Magic wand", "magic-wand", "W", 14
    hint = "Click to select what has a like colour. Shift adds, Alt subtracts, both intersect."

    def press(self, event: PointerEvent) -> None:
        options, document = self.host.state.options(self.id), self.host.document
        mode = mode_of(event, options.mode, document.picture.selection is not None)
        x, y = int(event.pos.x() // 1), int(event.pos.y() // 1)

        def edit(picture: Picture) -> Picture:
            return select_similar(picture, x, y, mode, tolerance=options.tolerance, contiguous=options.contiguous,
                                  all_layers=options.all_layers, antialias=options.antialias, feather=options.feather)

        document.run(WORDS[mode], edit)
