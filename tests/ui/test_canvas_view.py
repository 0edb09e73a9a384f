"""What the view is drawn from: camera, tiles at all sizes, masks on the screen, rulers and snapping, pen events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QInputDevice, QPainter, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.project.paint.plane import TILE, Plane, Rect
from studio.ui.canvas.aids import Aids, tick_step
from studio.ui.canvas.camera import Camera
from studio.ui.canvas.overlays import MaskOverlay, SelectionAnts, contour, outline
from studio.ui.canvas.pane import CanvasPane
from studio.ui.canvas.pyramid import Pyramid, level_for
from studio.ui.canvas.tilebuffer import TileBuffer
from studio.ui.canvas.tools.base import PointerEvent, Tool
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader

NEVER = 1e18
"""A deadline that does not come."""


# ---------------------------------------------------------------- camera


@settings(deadline=None)
@given(st.floats(-500, 500), st.floats(-500, 500), st.floats(-720, 720), st.booleans(), st.floats(0.02, 32))
def test_turns_and_mirrors_keep_the_point_under_the_anchor(
        x: float, y: float, turn: float, mirrored: bool, scale: float) -> None:
    camera, anchor = Camera(), QPointF(x, y)
    camera.zoom_at(QPointF(3, 4), scale)
    held = camera.to_document(anchor)
    camera.mirror_at(anchor, mirrored)
    camera.turn_at(anchor, turn)
    again = camera.to_document(anchor)
    assert again.x() == pytest.approx(held.x(), abs=1e-3)
    assert again.y() == pytest.approx(held.y(), abs=1e-3)
    assert -180 < camera.rotation <= 180
    point = camera.to_document(camera.to_screen(QPointF(12, 34)))
    assert (point - QPointF(12, 34)).manhattanLength() < 1e-3


def test_a_turned_picture_fits_too() -> None:
    camera, area = Camera(), QRectF(0, 0, 400, 300)
    camera.turn_at(QPointF(), 30)
    camera.fit(QRectF(0, 0, 1000, 1000), area)
    assert area.adjusted(-1, -1, 1, 1).contains(camera.rect_to_screen(QRectF(0, 0, 1000, 1000)))


# ---------------------------------------------------------------- tiles


class Source:
    """Tiles of one grey each, and how often each was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.grey = 40

    def __call__(self, column: int, row: int) -> QImage:
        self.asked.append((column, row))
        image = QImage(TILE, TILE, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(QColor(self.grey, self.grey, self.grey + column))
        return image


def test_a_level_is_the_finer_one_halved_and_only_what_changed_is_made_anew() -> None:
    source = Source()
    pyramid = Pyramid(source)
    pyramid.reset(4 * TILE, 4 * TILE)
    assert pyramid.make(2, (0, 0), NEVER)
    assert len(source.asked) == 16
    image = pyramid.image(2, (0, 0))
    assert image is not None
    assert image.pixelColor(200, 10) == QColor(40, 40, 43)
    source.grey = 90
    source.asked.clear()
    pyramid.invalidate({(3, 1)})
    assert not pyramid.fresh(2, (0, 0))
    assert image.pixelColor(200, 100) == QColor(40, 40, 43)
    assert pyramid.make(2, (0, 0), NEVER)
    assert source.asked == [(3, 1)]
    again = pyramid.image(2, (0, 0))
    assert again is not None
    assert again.pixelColor(200, 100) == QColor(90, 90, 93)
    assert again.pixelColor(200, 10) == QColor(40, 40, 43)


def test_a_deadline_ends_the_work_and_a_later_call_goes_on() -> None:
    source = Source()
    pyramid = Pyramid(source)
    pyramid.reset(4 * TILE, 4 * TILE)
    calls = 0
    while not pyramid.make(2, (0, 0), 0.0):
        calls += 1
        source_calls = len(source.asked)
        assert source_calls <= 16
        if calls > 50:
            break
        pyramid.make(0, (calls % 4, calls // 4 % 4), NEVER)
    assert pyramid.make(2, (0, 0), NEVER)
    assert sorted(set(source.asked)) == [(c, r) for c in range(4) for r in range(4)]


def test_memory_is_bounded() -> None:
    pyramid = Pyramid(Source(), limit=20 * TILE * TILE * 4)
    pyramid.reset(64 * TILE, TILE)
    for column in range(64):
        pyramid.make(0, (column, 0), NEVER)
    assert sum(pyramid.image(0, (c, 0)) is not None for c in range(64)) <= 20


@pytest.mark.parametrize(("scale", "level"), [(4.0, 0), (1.0, 0), (0.75, 0), (0.5, 1), (0.3, 1), (0.25, 2), (0.02, 5)])
def test_the_level_is_as_fine_as_the_screen(scale: float, level: int) -> None:
    assert level_for(scale) == level


def test_a_buffer_redraws_only_what_changed() -> None:
    source = Source()
    pyramid = Pyramid(source)
    pyramid.reset(1000, 600)
    drawn: list[tuple[int, ...]] = []
    buffer = TileBuffer(pyramid, lambda _, clip: drawn.append(clip.getRect()))
    camera = Camera()
    buffer.follow(camera, QSize(500, 400), 1.0)
    buffer.repair(NEVER)
    assert buffer.settled
    assert buffer.image.pixelColor(300, 300) == QColor(40, 40, 41)
    source.grey = 90
    region = buffer.damage({(0, 0), (3, 0)})
    assert region.boundingRect().getRect() == (0, 0, 256, 256)
    buffer.repair(NEVER)
    assert drawn[-1] == (0, 0, 256, 256)
    assert buffer.image.pixelColor(10, 10) == QColor(90, 90, 90)
    assert buffer.image.pixelColor(300, 10) == QColor(40, 40, 41)
    buffer.repair(NEVER)
    assert len(drawn) == 2


def test_a_buffer_shows_the_old_look_until_tiles_are_ready() -> None:
    source = Source()
    pyramid = Pyramid(source)
    pyramid.reset(2048, 2048)
    buffer = TileBuffer(pyramid, lambda painter, clip: painter.fillRect(clip, Qt.GlobalColor.black))
    camera = Camera()
    buffer.follow(camera, QSize(400, 400), 1.0)
    buffer.repair(NEVER)
    camera.zoom_at(QPointF(0, 0), 0.25)
    buffer.follow(camera, QSize(400, 400), 1.0)
    buffer.repair(0.0)
    assert buffer.pending
    assert buffer.image.pixelColor(50, 50) == QColor(40, 40, 40)  # what was there, smaller
    while buffer.pending:
        assert not buffer.work(perf_counter() + 0.05).isEmpty() or buffer.pending
    buffer.repair(NEVER)
    assert buffer.settled
    assert buffer.image.pixelColor(350, 350) == QColor(40, 40, 45)


# ---------------------------------------------------------------- mask and selection


def block(x: int, y: int, w: int, h: int) -> Plane:
    return Plane.from_array(np.full((h, w), 255, np.uint8), x, y)


def test_the_outline_runs_along_the_edge() -> None:
    alpha = np.zeros((40, 40), np.uint8)
    alpha[10:30, 10:30] = 255
    line, ants = outline(alpha), contour(alpha)
    assert ants.sum() // 255 == 76
    assert (line[9, 20] > 0, line[10, 20] > 0, line[20, 20] > 0, line[5, 5] > 0) == (True, True, False, False)


def test_the_mask_shows_as_tint_or_grey_or_not_at_all(qapp: QApplication) -> None:
    overlay = MaskOverlay(QColor("#A488FF"), QColor("#C9B8FF"))
    camera, size = Camera(), QSize(300, 200)
    overlay.show(block(50, 50, 100, 80), (300, 200))

    def painted() -> QImage:
        overlay.follow(camera, size, 1.0)
        out = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        out.fill(Qt.GlobalColor.black)
        painter = QPainter(out)
        overlay.paint(painter)
        painter.end()
        return out

    tint = painted()
    inside, rim, outside = tint.pixelColor(100, 90), tint.pixelColor(50, 90), tint.pixelColor(20, 20)
    assert outside == QColor("black")
    assert inside.blue() > inside.green() > 0
    assert rim.blue() > 120
    overlay.show(block(50, 50, 100, 80).write(np.zeros((80, 50), np.uint8), 50, 50), (300, 200))
    assert painted().pixelColor(75, 90) == QColor("black")
    overlay.set_look("mask")
    assert painted().pixelColor(120, 90) == QColor("white")
    overlay.set_look("off")
    assert painted().pixelColor(120, 90) == QColor("black")
    overlay.show(None, (300, 200))
    painted()


def test_ants_cover_the_edge_of_the_selection_at_any_camera(qapp: QApplication) -> None:
    ants, camera = SelectionAnts(), Camera()
    ants.show(block(20, 20, 60, 60), (200, 200))
    for scale, turn in ((1.0, 0), (3.0, 0), (0.3, 0), (1.0, 33)):
        camera.zoom_at(QPointF(), scale)
        camera.turn_at(QPointF(50, 50), turn)
        ants.follow(camera, QSize(300, 300), 1.0)
        out = QImage(300, 300, QImage.Format.Format_ARGB32_Premultiplied)
        out.fill(Qt.GlobalColor.transparent)
        painter = QPainter(out)
        ants.paint(painter, out.rect())
        painter.end()
        seen = np.argwhere(np.frombuffer(out.constBits(), np.uint8).reshape(300, 300, 4)[..., 3])
        assert len(seen)
        box = camera.rect_to_screen(QRectF(20, 20, 60, 60)).adjusted(-2, -2, 2, 2)
        assert all(box.contains(QPointF(x, y)) for y, x in seen)


# ---------------------------------------------------------------- rulers, grid, guides


def test_points_snap_to_guides_grid_edges_and_middle() -> None:
    aids, camera = Aids(), Camera()
    assert aids.snap(QPointF(3, 496), camera, 200, 500) == QPointF(0, 500)
    assert aids.snap(QPointF(98, 40), camera, 200, 500) == QPointF(100, 40)
    aids.put_guide("y", 44.0)
    assert aids.snap(QPointF(60, 40), camera, 200, 500) == QPointF(60, 44)
    aids.set(grid=True, grid_size=64)
    assert aids.snap(QPointF(60, 90), camera, 200, 500) == QPointF(64, 90)
    camera.zoom_at(QPointF(), 8.0)  # the reach is on the screen, not in the picture
    assert aids.snap(QPointF(60, 90), camera, 200, 500) == QPointF(60, 90)
    aids.set(snapping=False)
    assert aids.snap(QPointF(0.5, 0.5), camera, 200, 500) == QPointF(0.5, 0.5)


@settings(deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["guides", "x", "y", "grid_size", "rulers"]), inner, max_size=4), max_leaves=12))
def test_wild_states_are_passed_over(state: object) -> None:
    aids = Aids()
    aids.restore(state if isinstance(state, dict) else {"guides": state})
    assert 1 <= aids.grid_size <= 4096
    json.dumps(aids.to_json(), allow_nan=False)


@settings(deadline=None)
@given(st.floats(0.02, 32))
def test_ticks_are_round_and_far_enough_apart(scale: float) -> None:
    step = tick_step(scale)
    assert 55 <= step * scale <= 56 * 2.6
    assert float(f"{step:.1e}") == pytest.approx(step)


# ---------------------------------------------------------------- pointer


class Recorder(Tool):
    """Keeps what it hears."""

    id, name, icon = "recorder", "Recorder", "cursor"

    def activate(self) -> None:
        self.heard: list[tuple[str, PointerEvent]] = []

    def press(self, event: PointerEvent) -> None:
        self.heard.append(("press", event))

    def move(self, event: PointerEvent) -> None:
        self.heard.append(("move", event))

    def release(self, event: PointerEvent) -> None:
        self.heard.append(("release", event))

    def hover(self, event: PointerEvent) -> None:
        self.heard.append(("hover", event))


@pytest.fixture
def pane(qtbot: QtBot) -> Iterator[CanvasPane]:
    loader = ImageLoader(lambda _: b"")
    pane = CanvasPane(Theme("dark", reduced_motion=True), loader)
    qtbot.addWidget(pane)
    pane.resize(900, 600)
    pane.show()
    yield pane
    pane.close_document()
    loader.close()


def pen(pane: CanvasPane, kind: QEvent.Type, x: float, y: float, pressure: float, *, eraser: bool = False) -> None:
    end = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
    device = QPointingDevice("pen", 7, QInputDevice.DeviceType.Stylus, end,
                             QInputDevice.Capability.Position | QInputDevice.Capability.Pressure, 1, 3, "",
                             QPointingDeviceUniqueId())
    at = QPointF(x, y)
    button = Qt.MouseButton.LeftButton if kind != QEvent.Type.TabletMove else Qt.MouseButton.NoButton
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletRelease else Qt.MouseButton.LeftButton
    event = QTabletEvent(kind, device, at, QPointF(pane.view.mapToGlobal(at)), pressure, 12.0, -7.0, 0.0, 30.0, 0.0,
                         Qt.KeyboardModifier.NoModifier, button, held)
    QApplication.sendEvent(pane.view, event)
    assert event.isAccepted()


def test_a_stroke_of_the_pen_arrives_whole(pane: CanvasPane) -> None:
    tool = Recorder(pane.view)
    pane.view.take_tool(tool)
    pen(pane, QEvent.Type.TabletPress, 300, 200, 0.1)
    for n in range(1, 50):
        pen(pane, QEvent.Type.TabletMove, 300 + n * 0.25, 200, n / 50)
    pen(pane, QEvent.Type.TabletRelease, 312.5, 200, 0.0)
    kinds = [kind for kind, _ in tool.heard]
    assert kinds == ["press", *["move"] * 49, "release"]
    moves = [event for kind, event in tool.heard if kind == "move"]
    assert [event.pressure for event in moves] == pytest.approx([n / 50 for n in range(1, 50)], abs=1e-4)
    assert moves[0].screen.x() == pytest.approx(300.25)
    assert (moves[0].pos - pane.view.camera.to_document(moves[0].screen)).manhattanLength() < 1e-6
    assert (moves[0].tilt_x, moves[0].tilt_y, moves[0].rotation) == (12.0, -7.0, 30.0)
    assert not moves[0].eraser


def test_the_other_end_of_the_pen_is_known(pane: CanvasPane) -> None:
    tool = Recorder(pane.view)
    pane.view.take_tool(tool)
    pen(pane, QEvent.Type.TabletPress, 300, 200, 0.5, eraser=True)
    pen(pane, QEvent.Type.TabletRelease, 300, 200, 0.0, eraser=True)
    assert [event.eraser for _, event in tool.heard] == [True, True]


def test_rulers_give_guides_and_take_them_back(qtbot: QtBot, pane: CanvasPane) -> None:
    from PySide6.QtCore import QPoint

    pane.aids.set(rulers=True)
    pane.zoom_to_100()
    view, left = pane.view, Qt.MouseButton.LeftButton
    to = view.camera.to_screen(QPointF(100, 50)).toPoint()
    qtbot.mousePress(view, left, pos=QPoint(400, 5))
    qtbot.mouseMove(view, to)
    qtbot.mouseRelease(view, left, pos=to)
    assert pane.aids.guides == {"x": [], "y": [50.0]}
    pane.view.grab()
    pane.set_tool("move")
    qtbot.mousePress(view, left, pos=to)
    qtbot.mouseMove(view, QPoint(400, 5))
    qtbot.mouseRelease(view, left, pos=QPoint(400, 5))
    assert pane.aids.guides == {"x": [], "y": []}


def test_a_big_picture_is_composed_in_turns(qtbot: QtBot, pane: CanvasPane) -> None:
    from studio.project.paint.layer import Layer
    from studio.project.paint.picture import Picture

    plane = Plane.from_array(np.full((3000, 3000, 4), 200, np.uint8))
    pane.load(Picture(3000, 3000, (Layer("a", "A", plane=plane),), "a"))
    pane.zoom_to_fit()
    pane.view.grab()
    qtbot.waitUntil(lambda: pane.view.settled)
    seen = pane.view.grab().toImage().pixelColor(pane.view.camera.to_screen(QPointF(2900, 100)).toPoint())
    assert seen.red() >= 200


def test_rect_keys_stay_inside_the_picture() -> None:
    pyramid = Pyramid(Source())
    pyramid.reset(300, 300)
    assert list(pyramid.keys(0, Rect(-5000, -5000, 10000, 10000))) == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert list(pyramid.keys(1, Rect(400, 0, 10, 10))) == []
