"""The bars of fill, gradient, shapes and eyedropper."""

from __future__ import annotations

from studio.ui.canvas.bars.base import ToolBar
from studio.ui.widgets.choice import Option
from studio.ui.widgets.segmented import Segment


class FillBar(ToolBar):
    def build(self) -> None:
        self.add_colour()
        self.add_slider("Tolerance", *self.option("tolerance"), 0, 255, default=32)
        self.add_slider("Opacity", *self.option("opacity", 100), 0, 100, unit="%", default=100, width=64)
        self.add_number("Grow", *self.option("grow"), 0, 50, unit="px")
        self.add_line()
        self.add_check("Contiguous", *self.option("contiguous"), "Only pixels that touch each other")
        self.add_check("All layers", *self.option("all_layers"), "Look at what is seen, not at the active layer alone")
        self.add_check("Smooth edges", *self.option("smooth"))


class GradientBar(ToolBar):
    def build(self) -> None:
        self.add_colour()
        self.background = self.add_colour("background")
        self.add_segments("Gradient", [
            Segment("linear", "Linear"), Segment("reflected", "Reflected"), Segment("radial", "Radial"),
            Segment("angle", "Angle")], *self.option("kind"))
        self.add_slider("Opacity", *self.option("opacity", 100), 0, 100, unit="%", default=100, width=72)
        self.add_line()
        self.add_check("To transparent", *self.option("to_transparent"))
        self.add_check("Reverse", *self.option("reverse"))
        self.bind(lambda: self.set_away(self.background, self.options().to_transparent))


class ShapeBar(ToolBar):
    """Fill is the foreground, the outline the background colour."""

    def build(self) -> None:
        self.add_segments("Shape", [
            Segment("rectangle", "", "rectangle", name="Rectangle"), Segment("ellipse", "", "circle", name="Ellipse"),
            Segment("line", "", "line-segment", name="Line"), Segment("polygon", "", "hexagon", name="Polygon or star"),
        ], *self.option("kind"))
        self.add_line()
        self.fill = self.add_check("Fill", *self.option("fill"))
        self.fill_colour = self.add_colour()
        self.stroke = self.add_check("Outline", *self.option("stroke"))
        self.stroke_colour = self.add_colour("background")
        self.width_field = self.add_slider("Width", *self.option("width"), 1, 200, unit="px", curve=2.0, width=64)
        self.radius = self.add_slider("Corners", *self.option("radius"), 0, 500, unit="px", curve=2.0, width=64)
        self.sides = self.add_number("Sides", *self.option("sides"), 3, 60)
        self.star = self.add_slider("Star", *self.option("star", 100), 10, 100, unit="%", default=100, width=64)
        self.star.setToolTip("Inner radius; 100 % is no star")
        self.add_line()
        self.add_check("New layer", *self.option("new_layer"), "Each shape becomes a layer of its own")
        self.bind(self._show_kind)

    def _show_kind(self) -> None:
        kind, stroke = self.options().kind, self.options().stroke
        self.set_away(self.fill, kind == "line")
        self.set_away(self.stroke, kind == "line")
        self.set_away(self.stroke_colour, kind == "line" or not stroke)
        self.set_away(self.width_field, kind != "line" and not stroke)
        self.set_away(self.radius, kind != "rectangle")
        self.set_away(self.sides, kind != "polygon")
        self.set_away(self.star, kind != "polygon")


class EyedropperBar(ToolBar):
    def build(self) -> None:
        self.add_colour()
        sizes = [Option("1", "One pixel"), *(Option(str(n), f"{n} × {n} mean") for n in (3, 5, 11, 31, 51))]
        read, write = self.option("side")
        self.add_choice("Sample", sizes, lambda: str(read()), lambda key: write(int(key)), width=132)
        layers, choose = self.option("all_layers")
        self.add_segments("Take from", [Segment("all", "All layers"), Segment("one", "Active layer")],
                          lambda: "all" if layers() else "one", lambda key: choose(key == "all"))
        self.add_hint("Click takes the foreground, Alt+click the background colour")
