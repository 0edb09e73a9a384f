"""The colours at the foot of the tool strip, tied to the tools' state."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.ui.canvas.bars.fields import show_colour_editor
from studio.ui.canvas.panels.swatches import ColourPair
from studio.ui.canvas.toolstate import ToolState
from studio.ui.theme import Theme


def colour_foot(theme: Theme, state: ToolState, parent: QWidget | None = None) -> ColourPair:
    """Foreground over background; a click opens the wheel."""
    pair = ColourPair(theme, parent=parent)

    def show(name: str = "foreground") -> None:
        if name in ("foreground", "background"):
            pair.set_colours(state.foreground, state.background)

    pair.asked.connect(lambda which: show_colour_editor(theme, state, pair, which, "above"))
    pair.swap_asked.connect(state.swap_colours)
    pair.default_asked.connect(state.reset_colours)
    state.changed.connect(show)
    show()
    return pair
