"""Every tool of the canvas, driven by pointer events on a real document, and what it leaves in the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent
from pytestqt.qtbot import QtBot

from studio.project.paint.compositor import compose
from studio.project.paint.edit import add_layer, paste_array
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane, Rect, from_qimage
from studio.project.paint.selecting import rectangle, select_path
from studio.ui.canvas import CanvasPane
from studio.ui.canvas.tools.base import PointerEvent, Tool
from studio.ui.canvas.tools.registry import tool_classes
from studio.ui.canvas.toolstate import Box, ToolState
from studio.ui.icons import exists
from studio.ui.theme import Theme, load_fonts
from studio.ui.thumbnails import ImageLoader

Mods = Qt.KeyboardModifier
SHIFT, ALT, CTRL, NONE = Mods.ShiftModifier, Mods.AltModifier, Mods.ControlModifier, Mods.NoModifier
SIDE = 400
BGRA_RED = [0, 0, 255, 255]


class Desk:
    """A pane at 100 % with a picture of 400 x 400, and hands for its tools."""

    def __init__(self, qtbot: QtBot, pane: CanvasPane) -> None:
        self.qtbot, self.pane, self.document, self.state = qtbot, pane, pane.document, pane.state
        self.said: list[str] = []
        self.document.refused.connect(self.said.append)
        self.time = 0
        self.aimed = pane.view.camera

    @property
    def picture(self) -> Picture:
        return self.document.picture

    @property
    def tool(self) -> Any:
        return self.pane.view.tool

    def take(self, tool: str) -> Any:
        self.pane.set_tool(tool)
        return self.tool

    def show(self, picture: Picture) -> None:
        self.document.load(picture)

    def event(self, x: float, y: float, mods: Mods = NONE, **more: Any) -> PointerEvent:
        self.time += 8
        at = QPointF(x, y)
        return PointerEvent(at, self.aimed.to_screen(at), modifiers=mods, time=self.time, **more)

    def drag(self, *points: tuple[float, float], mods: Mods = NONE, held: Mods | None = None, release: bool = True,
             **more: Any) -> None:
        """Press, move through the points, let go. held: modifiers after the press, as at the press by default."""
        later = mods if held is None else held
        self.tool.press(self.event(*points[0], mods, **more))
        for point in points[1:]:
            self.tool.moves([self.event(*point, later, **more)])
        if release:
            self.tool.release(self.event(*points[-1], later, **more))

    def click(self, x: float, y: float, mods: Mods = NONE, **more: Any) -> None:
        self.drag((x, y), mods=mods, **more)

    def key(self, key: Qt.Key, text: str = "", mods: Mods = NONE) -> bool:
        return bool(self.tool.key_press(QKeyEvent(QEvent.Type.KeyPress, key, mods, text)))

    def settle(self) -> None:
        """Until nothing is worked out any more."""
        live = getattr(self.tool, "live", None)
        self.qtbot.waitUntil(lambda: not self.document.busy and (live is None or live._running is None))

    def pixel(self, x: int, y: int, layer: str = "") -> list[int]:
        found = self.picture.layer(layer or self.picture.active)
        return found.plane.read(x - found.dx, y - found.dy, 1, 1)[0, 0].tolist()

    def selected(self, x: int, y: int, of: str = "selection") -> int:
        plane = getattr(self.picture, of)
        return 0 if plane is None else int(plane.read(x, y, 1, 1)[0, 0])

    def labels(self) -> list[str]:
        return self.document.history.labels()


def layered(**changes: Any) -> Picture:
    """A locked white paper, and above it "Sky" with a blue square at (100, 100), 80 wide."""
    paper = Layer("paper", "Paper", plane=Plane.from_array(np.full((SIDE, SIDE, 4), 255, np.uint8)), locked=True)
    square = np.zeros((80, 80, 4), np.uint8)
    square[:] = (255, 0, 0, 255)
    sky = Layer("sky", "Sky", plane=Plane.from_array(square, 100, 100), **changes)
    return Picture(SIDE, SIDE, (paper, sky), active="sky")


@pytest.fixture
def desk(qtbot: QtBot, qapp: Any) -> Iterator[Desk]:
    load_fonts()
    loader = ImageLoader(lambda _: b"")
    pane = CanvasPane(Theme("dark", reduced_motion=True), loader)
    qtbot.addWidget(pane)
    pane.resize(900, 700)
    pane.aids.set(snapping=False)
    made = Desk(qtbot, pane)
    made.show(layered())
    pane.set_frame_rect(QRect(500, 500, 256, 256))
    made.state.set_foreground(QColor("#ff0000"))
    made.state.set_background(QColor("#00ff00"))
    for name in ("brush", "eraser", "mask"):
        made.state.set_brush(name, size=20, hardness=1.0, pressure_size=False, stabiliser=0.0, feather=0.0)
    pane.zoom_to_100()
    yield made
    pane.document.close()
    loader.close()


# ---------------------------------------------------------------- what there is


def test_the_tools_of_the_strip() -> None:
    classes = tool_classes()
    assert [tool.id for tool in classes] == [
        "move", "select-rect", "select-ellipse", "lasso", "polygon", "wand", "brush", "eraser", "mask", "fill",
        "gradient", "shape", "eyedropper", "frame", "crop", "text", "hand", "zoom"]
    assert {tool.id: tool.key for tool in classes if tool.id in ("move", "brush", "mask", "frame", "text", "crop")} == {
        "move": "V", "brush": "B", "mask": "Q", "frame": "F", "text": "T", "crop": "C"}
    for tool in classes:
        assert exists(tool.icon), tool.icon
        assert tool.hint.endswith("."), tool.id
        assert tool.name


@pytest.mark.parametrize("tool", [tool.id for tool in tool_classes()])
def test_any_tool_survives_anything(desk: Desk, tool: str) -> None:
    """Presses off the canvas, zero drags, Esc in the middle, no layer: a sentence at most, never an exception."""
    for picture in (layered(), Picture(SIDE, SIDE), Picture(1, 1), layered(locked=True), layered(visible=False)):
        desk.show(picture)
        desk.take(tool)
        desk.click(-5000, 9000)
        desk.click(150, 150)
        desk.drag((150, 150), (150, 150))
        desk.drag((-90, -90), (800, 820), (3, 2))
        desk.drag((50, 50), (200, 60), release=False)
        desk.tool.cancel()
        desk.tool.hover(desk.event(30, 30))
        desk.pane.view.grab()
        desk.tool.leave()
        desk.settle()
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Backspace, Qt.Key.Key_Left, Qt.Key.Key_BracketLeft):
            desk.key(key)
        desk.take("hand")
        desk.settle()
        assert not desk.document.previewing
    assert all(said.endswith((".", "!")) for said in desk.said)


def test_cursors(desk: Desk) -> None:
    for tool in desk.pane.tools():
        desk.take(tool.id)
        desk.tool.hover(desk.event(100, 100))
        assert desk.tool.cursor() is not None


# ---------------------------------------------------------------- painting


def test_a_brush_stroke_is_one_step(desk: Desk) -> None:
    desk.take("brush")
    desk.drag((20, 20), (40, 20), (60, 20), release=False)
    assert desk.document.previewing
    assert desk.pixel(30, 20) == [0, 0, 0, 0]  # not committed while the pen is down
    desk.tool.release(desk.event(60, 20))
    assert desk.pixel(30, 20) == BGRA_RED
    assert desk.labels()[-1] == "Brush stroke"
    assert desk.state.recent == ("#ff0000",)
    desk.document.undo()
    assert desk.pixel(30, 20) == [0, 0, 0, 0]


def test_esc_takes_a_stroke_back(desk: Desk) -> None:
    before = desk.picture
    desk.take("brush")
    desk.drag((20, 20), (60, 20), release=False)
    assert desk.tool.busy
    assert desk.tool.cancel()
    assert desk.picture is desk.document.shown is before
    desk.tool.release(desk.event(60, 20))
    assert desk.picture is before


def test_shift_joins_on_and_alt_picks(desk: Desk) -> None:
    desk.take("brush")
    desk.click(20, 20)
    desk.click(20, 380, SHIFT)
    assert desk.pixel(20, 200) == BGRA_RED
    desk.click(150, 150, ALT)
    assert desk.state.foreground == QColor("#0000ff")
    assert desk.labels().count("Brush stroke") == 2


def test_the_first_stroke_makes_a_layer(desk: Desk) -> None:
    desk.show(Picture(SIDE, SIDE))
    desk.take("brush")
    desk.drag((20, 20), (60, 20))
    assert [layer.name for layer, _ in desk.picture.walk()] == ["Layer 1"]
    assert desk.pixel(40, 20) == BGRA_RED
    assert len(desk.labels()) == 2
    desk.document.undo()
    assert desk.picture.layers == ()


@pytest.mark.parametrize(("change", "words"), [({"locked": True}, "locked"), ({"visible": False}, "hidden")])
def test_a_layer_that_cannot_be_painted_on_says_so(desk: Desk, change: dict[str, Any], words: str) -> None:
    desk.show(layered(**change))
    desk.take("brush")
    desk.drag((20, 20), (60, 20))
    assert len(desk.said) == 1
    assert "“Sky”" in desk.said[0]
    assert words in desk.said[0]
    assert not desk.document.can_undo()


def test_a_stroke_off_the_canvas_is_no_step(desk: Desk) -> None:
    desk.take("brush")
    desk.drag((-300, -300), (-200, -100))
    assert not desk.document.can_undo()
    assert not desk.document.previewing


def test_a_stroke_outside_the_selection_says_so(desk: Desk) -> None:
    desk.show(select_path(layered(), rectangle(300, 300, 50, 50)))
    desk.take("brush")
    desk.drag((20, 20), (60, 20))
    assert ["outside the selection" in said for said in desk.said] == [True]
    assert not desk.document.can_undo()


def test_erasing_and_the_pens_other_end(desk: Desk) -> None:
    desk.take("eraser")
    desk.drag((110, 140), (170, 140))
    assert desk.pixel(140, 140) == [0, 0, 0, 0]
    desk.take("brush")
    desk.drag((110, 110), (170, 110), eraser=True)
    assert desk.pixel(140, 110) == [0, 0, 0, 0]
    assert desk.state.recent == ()
    desk.show(layered(alpha_locked=True))
    desk.take("eraser")
    desk.drag((110, 140), (170, 140))
    assert desk.pixel(140, 140) == [0, 255, 0, 255]  # the background colour


def test_painting_on_a_layer_mask(desk: Desk) -> None:
    desk.show(layered(mask=Plane.empty(1, 255)))
    desk.document.set_painting_mask(True)
    desk.state.set_foreground(QColor("#000000"))
    desk.take("brush")
    desk.drag((100, 140), (180, 140))
    mask = desk.picture.layer("sky").mask
    assert mask is not None
    assert mask.read(140, 140, 1, 1)[0, 0] == 0
    assert desk.pixel(140, 140) == [255, 0, 0, 255]
    assert from_qimage(compose(desk.picture, Rect(140, 140, 1, 1)))[0, 0].tolist() == [255] * 4


def test_the_mask_brush_adds_and_takes_away(desk: Desk) -> None:
    desk.take("mask")
    desk.drag((50, 50), (150, 50))
    assert desk.selected(100, 50, "mask") == 255
    desk.drag((100, 20), (100, 80), mods=ALT)
    assert (desk.selected(100, 50, "mask"), desk.selected(60, 50, "mask")) == (0, 255)
    desk.state.set_brush("mask", mode="subtract", size=400)
    desk.click(100, 50)
    assert desk.picture.mask is None


def test_brackets_change_the_size(desk: Desk) -> None:
    desk.take("brush")
    assert desk.key(Qt.Key.Key_BracketRight, "]")
    wider = desk.state.brush().size
    assert wider > 20
    assert desk.key(Qt.Key.Key_BracketLeft, "[")
    assert desk.state.brush().size < wider
    assert not desk.key(Qt.Key.Key_A, "a")


# ---------------------------------------------------------------- selecting


def test_rectangles_are_selected_and_combined(desk: Desk) -> None:
    desk.take("select-rect")
    desk.drag((50, 60), (70, 80), (150, 100))
    assert desk.picture.selection is not None
    assert desk.picture.selection.bounds() == Rect(50, 60, 100, 40)
    desk.drag((200, 200), (240, 220), mods=SHIFT)
    assert desk.selected(210, 210) == desk.selected(60, 70) == 255
    desk.drag((40, 50), (100, 120), mods=ALT)
    assert (desk.selected(60, 70), desk.selected(120, 70)) == (0, 255)
    desk.drag((100, 50), (150, 120), mods=SHIFT | ALT)
    assert desk.picture.selection.bounds() == Rect(100, 60, 50, 40)
    desk.click(300, 300)
    assert desk.picture.selection is None
    assert desk.labels()[1:] == ["Select", "Add to selection", "Subtract from selection", "Intersect selection",
                                 "Deselect"]


def test_shift_and_alt_shape_the_drag(desk: Desk) -> None:
    desk.take("select-rect")
    desk.drag((100, 100), (150, 120), mods=NONE, held=SHIFT)
    assert desk.picture.selection is not None
    assert desk.picture.selection.bounds() == Rect(100, 100, 50, 50)
    desk.click(300, 300)
    desk.drag((100, 100), (150, 120), mods=NONE, held=ALT)
    assert desk.picture.selection is not None
    assert desk.picture.selection.bounds() == Rect(50, 80, 100, 40)


def test_a_selection_is_moved_by_its_inside(desk: Desk) -> None:
    desk.take("select-ellipse")
    desk.drag((50, 60), (150, 160))
    assert sum(desk.selected(x, 110) > 127 for x in range(SIDE)) == 100
    desk.drag((100, 110), (120, 105))
    assert desk.picture.selection is not None
    assert desk.picture.selection.bounds() == Rect(70, 55, 100, 100)
    assert desk.pixel(150, 150) == [255, 0, 0, 255]  # pixels stay
    assert desk.labels()[-1] == "Move selection"


def test_lassos(desk: Desk) -> None:
    desk.take("lasso")
    desk.drag((50, 50), (150, 50), (150, 150), (50, 150))
    assert (desk.selected(100, 100), desk.selected(200, 100)) == (255, 0)
    desk.take("polygon")
    for corner in ((200, 200), (300, 200), (300, 300)):
        desk.click(*corner, mods=SHIFT if corner == (200, 200) else NONE)
    desk.click(10, 390)
    assert desk.key(Qt.Key.Key_Backspace)
    assert desk.key(Qt.Key.Key_Return)
    assert (desk.selected(290, 210), desk.selected(210, 290), desk.selected(100, 100)) == (255, 0, 255)
    for corner in ((10, 10), (60, 10), (60, 60)):
        desk.click(*corner)
    desk.click(12, 11)  # near the first corner
    assert (desk.selected(50, 20), desk.selected(100, 100)) == (255, 0)
    desk.click(10, 10)
    assert desk.tool.cancel()
    assert not desk.key(Qt.Key.Key_Return)


def test_the_wand_runs_off_the_ui_thread(desk: Desk) -> None:
    desk.take("wand")
    desk.state.set_options("wand", antialias=False)
    desk.click(150, 150)
    desk.settle()
    assert desk.picture.selection is not None
    assert desk.picture.selection.bounds() == Rect(100, 100, 80, 80)
    desk.click(5, 5, SHIFT)
    desk.settle()
    assert desk.selected(5, 5) == desk.selected(150, 150) == 255
    desk.click(-5, 5)
    desk.settle()
    assert "outside the canvas" in desk.said[-1]


def test_feathered_selections_are_soft(desk: Desk) -> None:
    desk.take("select-rect")
    desk.state.set_options("select-rect", feather=20)
    desk.drag((100, 100), (300, 300))
    desk.settle()
    assert 100 < desk.selected(100, 200) < 156


# ---------------------------------------------------------------- filling, shapes, colours


def test_filling(desk: Desk) -> None:
    desk.take("fill")
    desk.click(150, 150)
    desk.settle()
    assert desk.pixel(110, 110) == BGRA_RED
    assert desk.pixel(50, 50) == [0, 0, 0, 0]
    desk.show(select_path(layered(), rectangle(0, 0, 50, 50)))
    desk.click(150, 150)
    desk.settle()
    assert "outside the selection" in desk.said[-1]
    desk.click(20, 20)
    desk.settle()
    assert desk.pixel(20, 20) == BGRA_RED
    assert desk.pixel(60, 20) == [0, 0, 0, 0]


def test_gradients_are_previewed_and_committed(desk: Desk) -> None:
    desk.take("gradient")
    desk.drag((0, 0), (200, 3), (400, 3), mods=NONE, held=SHIFT, release=False)
    desk.settle()
    assert desk.document.previewing
    desk.tool.release(desk.event(400, 3, SHIFT))
    desk.settle()
    desk.qtbot.waitUntil(lambda: not desk.tool.busy)
    assert desk.labels() == ["Open", "Gradient"]
    assert desk.pixel(200, 100)[1:3] == pytest.approx([128, 128], abs=2)
    desk.drag((0, 0), (400, 3), release=False)
    assert desk.tool.cancel()
    assert desk.document.shown is desk.picture


@pytest.mark.parametrize(("kind", "inside", "outside"), [
    ("rectangle", (31, 31), (120, 200)), ("ellipse", (65, 90), (31, 31)), ("line", (65, 90), (35, 145)),
    ("polygon", (65, 90), (31, 31))])
def test_shapes(desk: Desk, kind: str, inside: tuple[int, int], outside: tuple[int, int]) -> None:
    desk.take("shape")
    desk.state.set_options("shape", kind=kind, new_layer=kind == "ellipse")
    desk.drag((30, 30), (60, 60), (100, 150))
    desk.qtbot.waitUntil(lambda: not desk.tool.busy)
    assert desk.pixel(*inside) == BGRA_RED
    assert desk.pixel(*outside)[3] == 0
    assert desk.labels() == ["Open", kind.capitalize()]
    assert len(desk.picture.layers) == (3 if kind == "ellipse" else 2)


def test_the_eyedropper(desk: Desk) -> None:
    desk.take("eyedropper")
    desk.click(150, 150)
    assert desk.state.foreground == QColor("#0000ff")
    desk.click(20, 20, ALT)
    assert desk.state.background == QColor("#ffffff")
    desk.state.set_options("eyedropper", all_layers=False)
    desk.click(20, 20)
    assert desk.state.foreground == QColor("#0000ff")  # the layer is empty there
    desk.drag((20, 20), (150, 150), (900, 900))
    assert desk.state.foreground == QColor("#0000ff")
    assert not desk.document.can_undo()


# ---------------------------------------------------------------- moving and transforming


def test_moving_takes_the_layer_under_the_pointer(desk: Desk) -> None:
    red = np.zeros((40, 40, 4), np.uint8)
    red[:] = (0, 0, 255, 255)
    desk.show(paste_array(layered(), red, 250, 250, "Spot").with_active("sky"))
    desk.take("move")
    desk.drag((260, 260), (300, 230))
    assert desk.document.active is not None
    assert desk.document.active.name == "Spot"
    assert desk.document.active.bounds() == Rect(290, 220, 40, 40)
    assert desk.labels() == ["Open", "Move"]
    desk.drag((20, 20), (90, 90))  # the paper is locked: it is not taken
    assert desk.labels() == ["Open", "Move"]
    desk.state.set_options("move", auto_select=False)
    desk.drag((300, 240), (305, 270), mods=SHIFT)
    assert desk.document.active.bounds() == Rect(290, 250, 40, 40)


def test_alt_drags_a_copy_and_arrows_nudge(desk: Desk) -> None:
    desk.take("move")
    desk.drag((150, 150), (250, 150), mods=ALT)
    assert [layer.name for layer, _ in desk.picture.walk()] == ["Sky copy", "Sky", "Paper"]
    assert desk.document.active is not None
    assert desk.document.active.bounds() == Rect(200, 100, 80, 80)
    for _ in range(3):
        assert desk.key(Qt.Key.Key_Left)
    assert desk.key(Qt.Key.Key_Down, mods=SHIFT)
    assert desk.document.active.bounds() == Rect(197, 110, 80, 80)
    assert desk.labels() == ["Open", "Duplicate", "Move"]


def test_a_locked_layer_is_not_moved(desk: Desk) -> None:
    desk.show(layered(locked=True))
    desk.take("move")
    desk.state.set_options("move", auto_select=False)
    desk.drag((150, 150), (250, 150))
    desk.key(Qt.Key.Key_Left)
    desk.state.ask_box(w=10)
    assert not desk.document.can_undo()
    assert not desk.document.previewing
    assert [("“Sky” is locked" in said) for said in desk.said] == [True, True, True]


def test_handles_scale_until_enter(desk: Desk) -> None:
    desk.take("move")
    assert desk.state.box == Box(100, 100, 80, 80)
    desk.drag((180, 180), (200, 230), (260, 260))
    desk.settle()
    assert desk.tool.busy
    assert desk.state.box == Box(100, 100, 160, 160)
    assert desk.document.previewing
    assert not desk.document.can_undo()
    assert desk.key(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: not desk.tool.busy)
    assert desk.labels() == ["Open", "Transform"]
    assert desk.picture.layer("sky").bounds() == Rect(100, 100, 160, 160)
    assert desk.pixel(250, 250) == [255, 0, 0, 255]


def test_esc_takes_a_transformation_back(desk: Desk) -> None:
    before = desk.picture
    desk.take("move")
    desk.drag((180, 140), (300, 140), (320, 140))
    desk.settle()
    assert desk.tool.cancel()
    assert desk.document.shown is before
    assert desk.state.box == Box(100, 100, 80, 80)
    assert not desk.tool.cancel()


def test_numbers_turn_and_mirror(desk: Desk) -> None:
    desk.take("move")
    desk.state.ask_box(angle=45)
    desk.settle()
    desk.state.asked.emit("apply")
    desk.qtbot.waitUntil(lambda: not desk.tool.busy)
    bounds = desk.picture.layer("sky").bounds()
    assert bounds is not None
    assert bounds[2:] == pytest.approx((113, 113), abs=2)
    assert desk.pixel(140, 140) == [255, 0, 0, 255]
    assert desk.pixel(102, 102)[3] == 0
    desk.show(layered())
    desk.drag((196, 88), (204, 140), mods=NONE, held=SHIFT, release=False)  # beside the corner: turn
    desk.tool.release(desk.event(204, 140, SHIFT))
    assert desk.state.box is not None
    assert desk.state.box.angle % 15 == 0
    assert desk.state.box.angle > 0


def test_buttons_mirror_and_rotate_exactly(desk: Desk) -> None:
    mark = np.zeros((10, 20, 4), np.uint8)
    mark[:] = (0, 255, 0, 255)
    start = layered()
    sky = start.layer("sky")
    desk.show(start.replace(sky.with_(plane=sky.plane.write(mark, 100, 100))))
    desk.take("move")
    desk.state.asked.emit("flip-h")
    desk.settle()
    assert desk.pixel(165, 105) == [0, 255, 0, 255]
    desk.state.asked.emit("rotate-right")
    desk.settle()
    assert desk.pixel(175, 165) == [0, 255, 0, 255]
    assert desk.labels() == ["Open", "Flip", "Rotate"]
    desk.state.asked.emit("fit")
    desk.settle()
    assert desk.state.box == Box(0, 0, 400, 400)
    desk.take("hand")  # another tool applies what is pending
    desk.qtbot.waitUntil(lambda: len(desk.labels()) == 4)
    assert desk.picture.layer("sky").bounds() == Rect(0, 0, 400, 400)


def test_selected_pixels_are_moved(desk: Desk) -> None:
    desk.show(select_path(layered(), rectangle(100, 100, 40, 80)))
    desk.take("move")
    desk.drag((110, 110), (60, 110), (10, 110))
    desk.qtbot.waitUntil(lambda: not desk.tool.busy)
    assert desk.pixel(10, 110) == [255, 0, 0, 255]
    assert desk.pixel(110, 110)[3] == 0
    assert desk.pixel(150, 110) == [255, 0, 0, 255]
    assert desk.picture.selection is not None
    assert desk.picture.selection.bounds() == Rect(0, 100, 40, 80)
    assert desk.labels() == ["Open", "Move selected"]


def test_an_edit_elsewhere_ends_a_transformation(desk: Desk) -> None:
    desk.take("move")
    desk.drag((180, 140), (320, 140))
    desk.settle()
    desk.document.edit("Layer", lambda picture: add_layer(picture, Layer("x", "New")))
    assert not desk.tool.busy
    assert desk.document.shown is desk.picture
    assert desk.state.box is None  # the new layer is empty


def test_another_document_ends_what_is_under_way(desk: Desk) -> None:
    desk.take("move")
    desk.drag((180, 140), (320, 140))
    desk.settle()
    desk.show(layered())
    assert not desk.tool.busy
    desk.take("text")
    desk.click(40, 300)
    desk.tool.card.field.setPlainText("Hill")
    desk.show(layered())
    assert desk.tool.card is None
    desk.take("crop")
    desk.drag((50, 60), (250, 160))
    desk.show(Picture(90, 90))
    assert desk.state.box == Box(0, 0, 90, 90)
    assert not desk.document.can_undo()
    assert not desk.document.previewing


# ---------------------------------------------------------------- text, crop, frame, view


def test_writing_and_changing_a_text(desk: Desk) -> None:
    desk.take("text")
    desk.state.set_options("text", size=40)
    desk.click(40, 300)
    card = desk.tool.card
    card.field.setPlainText("Hill")
    assert desk.document.previewing
    desk.state.set_options("text", bold=True)
    desk.tool.finish()
    layer = desk.document.active
    assert layer is not None
    assert layer.text is not None
    assert (layer.kind, layer.name, layer.text["bold"], layer.text["colour"]) == ("text", "Hill", True, "#ff0000")
    assert desk.labels() == ["Open", "Text"]
    desk.click(60, 300)
    assert desk.tool.card.field.toPlainText() == "Hill"
    desk.tool.card.field.setPlainText("Hills")
    desk.click(390, 10)  # beside it: done
    assert desk.tool.card is None
    assert desk.document.active.name == "Hills"
    assert len(desk.picture.layers) == 3


def test_texts_are_moved_cancelled_and_emptied(desk: Desk) -> None:
    desk.take("text")
    desk.click(40, 300)
    desk.tool.card.field.setPlainText("Hill")
    assert desk.tool.cancel()
    assert len(desk.picture.layers) == 2
    desk.click(40, 300)
    desk.tool.finish()  # no words: no layer
    assert desk.labels() == ["Open"]
    desk.click(40, 300)
    desk.tool.card.field.setPlainText("Hill")
    desk.tool.finish()
    before = desk.document.active.bounds()
    desk.drag((60, 300), (90, 320))
    assert desk.document.active.bounds() == before.translated(30, 20)
    desk.click(90, 320)
    desk.tool.card.field.setPlainText("  ")
    desk.tool.finish()
    assert len(desk.picture.layers) == 2
    assert desk.labels()[-1] == "Remove text"


def test_cropping(desk: Desk) -> None:
    desk.take("crop")
    assert desk.state.box == Box(0, 0, 400, 400)
    desk.drag((50, 60), (100, 100), (250, 160))
    assert desk.state.box == Box(50, 60, 200, 100)
    desk.drag((250, 160), (260, 180))
    assert desk.state.box == Box(50, 60, 210, 120)
    desk.state.ask_box(w=200, h=100)
    assert desk.key(Qt.Key.Key_Return)
    assert (desk.picture.width, desk.picture.height) == (200, 100)
    assert desk.picture.layer("sky").bounds() == Rect(50, 40, 80, 80)
    assert desk.state.box == Box(0, 0, 200, 100)
    desk.state.ask_box(x=-50, w=300)
    assert desk.tool.cancel()
    assert desk.state.box == Box(0, 0, 200, 100)
    assert not desk.tool.cancel()
    desk.take("hand")
    assert desk.state.box is None


def test_the_frame_is_drawn_moved_and_sized(desk: Desk) -> None:
    desk.take("frame")
    desk.drag((500 + 100, 600), (620, 640))
    assert desk.pane.frame_rect() == QRect(520, 540, 256, 256)
    desk.drag((776, 796), (800, 830))
    assert desk.pane.frame_rect() == QRect(520, 540, 280, 288)
    desk.drag((100, 100), (300, 230))
    assert desk.pane.frame_rect() == QRect(100, 100, 200, 128)
    desk.click(310, 310)
    assert desk.pane.frame_rect().center() == QRect(210, 246, 200, 128).center()
    before = desk.pane.frame_rect()
    desk.drag((300, 300), (350, 350), release=False)
    assert desk.tool.cancel()
    assert desk.pane.frame_rect() == before
    desk.take("move")
    desk.drag((210, 290), (215, 290))  # its edge
    assert desk.pane.frame_rect() == before.translated(5, 0)


def test_hand_and_zoom_move_the_view(desk: Desk) -> None:
    camera = desk.pane.view.camera
    desk.take("hand")
    before = QPointF(camera.offset)
    press, there = desk.event(50, 50), desk.event(50, 50)
    desk.tool.press(press)
    desk.tool.move(there.with_(screen=there.screen + QPointF(30, -10)))
    desk.tool.release(there)
    assert camera.offset - before == QPointF(30, -10)
    desk.take("zoom")
    desk.click(50, 50)
    assert camera.scale == 2
    desk.click(50, 50, ALT)
    assert camera.scale == 1


# ---------------------------------------------------------------- what tools share


def test_the_state_is_kept_as_plain_data(qapp: Any) -> None:
    state = ToolState()
    state.set_brush("brush", size=77)
    state.set_options("fill", tolerance=999)
    state.swap_colours()
    state.use_colour(QColor("#123456"))
    told: list[str] = []
    other = ToolState()
    other.changed.connect(told.append)
    other.from_json(state.to_json())
    assert other.to_json() == state.to_json()
    assert {"brush", "fill", "foreground", "recent"} <= set(told)
    assert other.options("fill").tolerance == 255
    fresh = ToolState().to_json()
    odd = ToolState()
    odd.from_json({"foreground": 3, "recent": "x", "presets": [1], "brushes": [], "swatches": ["nothing"],
                   "options": {"fill": {"tolerance": "x"}}})
    assert odd.to_json() == fresh


def test_wider_and_narrower_always_change(qapp: Any) -> None:
    state = ToolState()
    for size in (1, 2, 3, 10, 500, 999):
        state.set_brush("brush", size=size)
        state.resize_brush("brush", 1)
        assert state.brush().size > size
        state.set_brush("brush", size=size + 1)
        state.resize_brush("brush", -1)
        assert state.brush().size < size + 1


def test_a_tool_is_a_class_in_a_file(desk: Desk) -> None:
    modules: Sequence[str] = [tool.__module__ for tool in tool_classes()]
    assert len(set(modules)) == len(modules)
    assert all(isinstance(tool, Tool) for tool in desk.pane.tools())
