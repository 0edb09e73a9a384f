"""Ties the bars that look around or size the frame to the canvas they stand above."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from studio.ui.canvas.bars.stack import CanvasBars

if TYPE_CHECKING:
    from studio.ui.canvas.pane import CanvasPane

TURN = 15.0
"""Degrees of one press."""


def tie_bars(bars: CanvasBars, pane: CanvasPane) -> None:
    """Let the bars' buttons act on `pane`, and show them its frame."""
    zooms: dict[str, Callable[[], object]] = {
        "in": pane.zoom_in, "out": pane.zoom_out, "100": pane.zoom_to_100, "fit": pane.zoom_to_fit}
    turns: dict[str, Callable[[], object]] = {
        "left": lambda: pane.turn_view(-TURN), "right": lambda: pane.turn_view(TURN), "reset": pane.reset_turn,
        "mirror": pane.mirror_view}
    frame = pane.frame

    def show_frame() -> None:
        rect = frame.rect
        bars.show_frame(rect.width(), rect.height(), frame.step, frame.least, frame.most)

    bars.zoomed.connect(lambda what: zooms[what]())
    bars.turned.connect(lambda what: turns[what]())
    bars.size_chosen.connect(pane.set_frame_size)
    bars.sizes_asked.connect(pane.show_sizes)
    frame.changed.connect(lambda _: show_frame())
    show_frame()
