"""The canvas of the pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor

from studio.project.paint import Layer, Picture, new_id
from studio.project.paint.edit import add_layer, mask_from_selection, set_props
from studio.project.paint.selecting import grow, invert, select_none, select_similar
from studio.shots.driving import Pen, wait

if TYPE_CHECKING:
    from studio.shots.photographer import Photographer

THINGS = (("a yellow star", "Star", (256, 8)), ("a green tree", "Tree", (490, 150)),
          ("a red apple", "Apple", (40, 216)))
"""Prompt, name of the layer, and where its left upper corner comes to lie."""
SKY = ((-30, "#141F44"), (40, "#1B2A57"), (110, "#3A4D8F"), (200, "#8A6FB0"), (290, "#E59A8B"), (350, "#F6C58F"))
HILLS = ((400, "#4A3B6B"), (470, "#33294F"))
"""Height in pixels, and colour, of the strokes that a scene begins with."""


class Painting:
    """A small picture with named layers, masks, a mode, an inpaint mask and candidates, made by pen and machine."""

    WIDTH, HEIGHT, FRAME = 768, 480, 256

    def __init__(self, photographer: Photographer) -> None:
        self.by = photographer
        self.bench = photographer.window.workbench
        self.canvas, self.pen = self.bench.canvas, Pen(self.bench.canvas)
        self.document = self.canvas.document

    def paint(self) -> None:
        self.bench.canvas_room.shelf.set_size(self.WIDTH, self.HEIGHT)
        self.bench.canvas_room.shelf.rename("Evening")
        self.canvas.zoom_to_fit()
        self._land()
        for prompt, name, place in THINGS:
            self._thing(prompt, name, place)
        self._glow()
        self._mask()
        self.bench.canvas_room.dock.show_tab("layers")

    def _stroke(self, colour: str, points: Sequence[tuple[float, float]], **brush: Any) -> None:
        self.canvas.set_tool("brush")
        self.canvas.state.set_brush("brush", pressure_size=False, stabiliser=0.0, **brush)
        self.canvas.state.set_foreground(QColor(colour))
        self.pen.stroke(points)

    def _name(self, name: str, **props: Any) -> None:
        self.document.edit("Rename", lambda picture: set_props(picture, picture.active, name=name, **props))

    def _layer(self, name: str, **props: Any) -> None:
        self.document.edit("New layer", lambda picture: add_layer(picture, Layer(new_id(), name, **props),
                                                                  picture.active))

    def _land(self) -> None:
        for y, colour in SKY:
            self._stroke(colour, [(x, y + 6 * math.sin(x / 50)) for x in range(-60, self.WIDTH + 60, 12)], size=170,
                         hardness=0.0, opacity=1.0, flow=0.6)
        self._name("Sky wash", locked=True)
        self._layer("Hills")
        for y, colour in HILLS:
            self._stroke(colour, [(x, y + 22 * math.sin(x / 110 + y)) for x in range(-60, self.WIDTH + 60, 12)],
                         size=110, hardness=0.9, opacity=1.0, flow=1.0)

    def _thing(self, prompt: str, name: str, place: tuple[int, int]) -> None:
        """What the machine made on white, without the white: the wand's selection, turned round, becomes the mask."""
        left, top = place
        self.canvas.set_frame_rect(QRect(left, top, self.FRAME, self.FRAME))
        self.bench.bar.start_chip.setChecked(False)
        self.by.generate(prompt)
        layers = len(self.document.picture.layers)
        wait(self.canvas.keep_candidate)
        wait(lambda: len(self.document.picture.layers) > layers)
        corner = max(0, left) + 3, max(0, top) + 3

        def without_white(picture: Picture) -> Picture:
            found = select_similar(picture, *corner, tolerance=40, all_layers=False)
            return select_none(mask_from_selection(invert(grow(found, 2)), picture.active))

        self.document.edit("Mask from selection", without_white)
        self._name(name)

    def _glow(self) -> None:
        self._layer("Glow", blend="screen", opacity=0.6)
        self._stroke("#FFD9A0", [(378, 88), (380, 90)], size=300, hardness=0.0, opacity=1.0, flow=0.8)

    def _mask(self) -> None:
        """A part to be made anew, and four pictures for it to choose from."""
        self.canvas.set_frame_rect(QRect(490, 150, self.FRAME, self.FRAME))
        self.canvas.set_tool("mask")
        self.canvas.state.set_brush("mask", size=64, hardness=0.7, feather=6)
        self.pen.stroke([(618 + 46 * math.cos(t / 6), 250 + 42 * math.sin(t / 6)) for t in range(40)])
        self.pen.stroke([(596 + n, 250) for n in range(0, 44, 4)])
        wait(lambda: "Inpaint" in self.canvas.view.frame_words())
        self.bench.composer.set_values(strength=0.85)
        self.by.generate("a red tree", 4)
