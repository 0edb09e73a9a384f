"""The canvas in the window: what Generate does with what lies under the frame, saving, several canvases, files."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from studio.project.paint import Picture, Plane, Rect
from studio.project.paint.edit import paste_array
from studio.project.paint.plane import from_qimage
from studio.ui.canvas.asking import COVERED, Mode, Under, build, look, mask_png, request_size, working_mask
from studio.ui.canvas.making import grown, new_picture, place_of
from studio.ui.prompt import PromptState
from tests.ui.conftest import Opened
from tests.ui.fake_engine import PICTURE

SCHEMA = PICTURE.schema


def block(w: int, h: int, x: int = 0, y: int = 0, size: tuple[int, int] = (512, 512)) -> Picture:
    """An opaque grey rectangle on a transparent artboard."""
    return paste_array(new_picture(*size), np.full((h, w, 4), 255, np.uint8), x, y, "A")


def mask(w: int, h: int, x: int, y: int, value: int = 255) -> Plane:
    return Plane.from_array(np.full((h, w), value, np.uint8), x, y)


FRAME = Rect(128, 128, 256, 256)


# ---------------------------------------------------------------- what lies under the frame


@pytest.mark.parametrize(("picture", "from_canvas", "mode"), [
    (new_picture(), False, Mode.TEXT),
    (new_picture(), True, Mode.TEXT),
    (block(512, 512), False, Mode.TEXT),
    (block(512, 512), True, Mode.IMAGE),
    (block(256, 512), False, Mode.EXTEND),
    (block(256, 512), True, Mode.IMAGE),
    (block(512, 512).with_mask(mask(40, 40, 200, 200)), False, Mode.INPAINT),
    (block(512, 512).with_mask(mask(40, 40, 0, 0)), True, Mode.IMAGE),
    (block(512, 512).with_selection(mask(40, 40, 200, 200, 60)), False, Mode.INPAINT),
    (new_picture().with_mask(mask(40, 40, 200, 200)), False, Mode.TEXT),
    (block(256, 512).with_mask(mask(40, 40, 200, 200)), False, Mode.INPAINT),
])
def test_the_mode_follows_from_what_lies_under_the_frame(picture: Picture, from_canvas: bool, mode: Mode) -> None:
    assert look(picture, FRAME).mode(from_canvas, SCHEMA) is mode


def test_a_generator_without_a_mask_neither_inpaints_nor_extends() -> None:
    plain = {"properties": {k: v for k, v in SCHEMA["properties"].items() if k != "mask"}}
    under = Under(covered=0.5, hole=0.5, masked=True)
    assert under.mode(False, plain) is Mode.TEXT
    assert under.mode(True, plain) is Mode.IMAGE
    assert under.mode(True, {}) is Mode.TEXT


def test_a_frame_off_the_artboard_sees_nothing() -> None:
    under = look(block(512, 512), Rect(2000, -900, 256, 256))
    assert under.covered <= COVERED
    assert under.mode(True, SCHEMA) is Mode.TEXT


def test_soft_masks_stay_soft_and_holes_are_always_made() -> None:
    picture = block(256, 512).with_mask(mask(40, 40, 150, 200, 77))
    alpha = np.zeros((256, 256), np.uint8)
    alpha[:, :128] = 255
    found = working_mask(picture, FRAME, alpha)
    assert (found[:, 128:] == 255).all()
    assert found[90, 30] == 77
    assert found[10, 10] == 0
    edge = found[10, 100:128].astype(int)
    assert 0 < edge[-1] <= 255
    assert (np.diff(edge) >= 0).all()


def test_the_mask_png_is_grey_and_of_the_size_asked_for() -> None:
    data = mask_png(block(512, 512).with_mask(mask(128, 256, 128, 128)), FRAME, QSize(128, 128))
    image = QImage.fromData(data)
    assert image.size().toTuple() == (128, 128)
    assert image.isGrayscale()
    assert (image.pixelColor(10, 60).red(), image.pixelColor(120, 60).red()) == (255, 0)


@settings(deadline=None)
@given(st.integers(64, 4096), st.integers(64, 4096))
def test_the_model_is_never_asked_for_more_than_it_can(width: int, height: int) -> None:
    rect = QRect(0, 0, width // 8 * 8, height // 8 * 8)
    size = request_size(rect, SCHEMA)
    assert max(size.width(), size.height()) <= 2048
    assert min(size.width(), size.height()) >= 64
    assert size.width() % 8 == size.height() % 8 == 0
    if max(rect.width(), rect.height()) <= 2048:
        assert size == rect.size()
    elif min(size.width(), size.height()) > 64:
        assert size.width() / size.height() == pytest.approx(rect.width() / rect.height(), rel=0.07)


def test_extending_starts_over_where_there_is_nothing() -> None:
    state = PromptState(generator="diffusion.image", values={"strength": 0.6})
    picture = block(256, 512)
    ask, mode = build("d", picture, QRect(128, 128, 256, 256), state, SCHEMA, look(picture, FRAME))
    assert mode is Mode.EXTEND
    assert ask.params["strength"] == 1.0
    assert set(ask.media) == {"init_image", "mask"}
    assert ask.target["x"] == 128


# ---------------------------------------------------------------- making layers


@settings(deadline=None)
@given(st.integers(1, 3000), st.integers(1, 3000), st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_a_dropped_picture_lies_on_the_artboard(w: int, h: int, x: float, y: float) -> None:
    place = place_of(QSize(w, h), new_picture(512, 400), QRect(0, 0, 256, 256), QPointF(x, y))
    assert QRect(0, 0, 512, 400).contains(place) or place.isEmpty()


def test_the_artboard_grows_only_as_far_as_it_may() -> None:
    picture = block(10, 10)
    assert grown(picture, QRect(0, 0, 100, 100)) is picture
    wide = grown(picture, QRect(400, -10, 256, 256))
    assert (wide.width, wide.height) == (656, 522)
    assert grown(picture, QRect(40_000, 0, 10, 10)) is picture


# ---------------------------------------------------------------- in the window


def ready(studio: Opened) -> Any:
    """The canvas, once its picture is read."""
    canvas = studio.bench.canvas
    studio.qtbot.waitUntil(lambda: not canvas.document.closed_because)
    return canvas


def fill(canvas: Any, w: int = 512, h: int = 512) -> None:
    pixels = np.zeros((h, w, 4), np.uint8)
    pixels[...] = (60, 120, 200, 255)
    canvas.document.edit("Fill", lambda picture: paste_array(picture, pixels, 0, 0, "Fill"))


def stroke(canvas: Any, tool: str, points: list[tuple[int, int]]) -> None:
    canvas.set_tool(tool)
    places = [canvas.view.camera.to_screen(QPointF(*point)).toPoint() for point in points]
    QTest.mousePress(canvas.view, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas.view, place)
    QTest.mouseRelease(canvas.view, Qt.MouseButton.LeftButton, pos=places[-1])


def test_paint_mask_inpaint_and_keep_inside_the_mask(studio: Opened) -> None:
    canvas = ready(studio)
    fill(canvas)
    stroke(canvas, "mask", [(180, 200), (240, 200)])
    studio.qtbot.waitUntil(lambda: "Inpaint" in canvas.view.frame_words())
    (job,) = studio.ask("a pear")
    params = job.request.params
    sent = QImage.fromData(studio.project.media(params["mask"]["media"])[0])
    assert sent.size().toTuple() == (256, 256)
    assert sent.pixelColor(200 - 128, 200 - 128).red() == 255
    assert sent.pixelColor(5, 5).red() == 0
    studio.worker.begin(job)
    studio.qtbot.waitUntil(lambda: canvas.candidates.shown.mask is not None)
    with studio.qtbot.waitSignal(studio.desk.session.result_stored):
        studio.worker.finish_picture(job, (250, 10, 10))
    with studio.qtbot.waitSignal(canvas.document.committed):
        assert canvas.keep_candidate()
    seen = canvas.document.compositor.image(canvas.document.picture.rect)
    assert seen.pixelColor(200, 200) == QColor(250, 10, 10)
    assert seen.pixelColor(140, 300) == QColor(200, 120, 60)
    assert canvas.document.active.mask is not None


def test_a_frame_half_off_the_picture_extends_it(studio: Opened) -> None:
    canvas = ready(studio)
    fill(canvas)
    canvas.set_frame_rect(QRect(384, 0, 256, 256))
    studio.qtbot.waitUntil(lambda: "Extend" in canvas.view.frame_words())
    (job,) = studio.ask("more of it")
    sent = QImage.fromData(studio.project.media(job.request.params["mask"]["media"])[0])
    assert (sent.pixelColor(200, 100).red(), sent.pixelColor(20, 100).red()) == (255, 0)
    start = QImage.fromData(studio.project.media(job.request.params["init_image"]["media"])[0])
    assert (start.pixelColor(20, 100), start.pixelColor(200, 100).alpha()) == (QColor(200, 120, 60), 0)
    studio.worker.begin(job)
    with studio.qtbot.waitSignal(studio.desk.session.result_stored):
        studio.worker.finish_picture(job, (10, 250, 10))
    with studio.qtbot.waitSignal(canvas.document.committed):
        assert canvas.keep_candidate()
    assert (canvas.document.picture.width, canvas.document.picture.height) == (640, 512)


def test_a_frame_larger_than_the_model_is_made_smaller_and_says_so(studio: Opened) -> None:
    canvas = ready(studio)
    canvas.set_frame_size(4096, 2048)
    studio.qtbot.waitUntil(lambda: "made at 2048 × 1024" in canvas.view.frame_words())
    (job,) = studio.ask("a landscape")
    assert (job.request.params["width"], job.request.params["height"]) == (2048, 1024)
    assert canvas.candidates.shown.rect.width() == 4096


def test_strokes_are_saved_soon_and_come_back(open_studio: Any) -> None:
    studio = open_studio()
    studio.desk.new_project()
    canvas = ready(studio)
    stroke(canvas, "brush", [(100, 100), (200, 160)])
    control = studio.bench.canvas_room.control
    studio.qtbot.waitUntil(lambda: control.keeper._due is None)
    before = canvas.document.compositor.image(canvas.document.picture.rect)
    stroke(canvas, "brush", [(100, 300), (200, 360)])  # not yet due when the window closes
    after = canvas.document.compositor.image(canvas.document.picture.rect)
    assert before != after
    path = studio.project.path
    studio.window.close()
    again = open_studio(path)
    shown = ready(again).document
    assert shown.compositor.image(shown.picture.rect) == after


def test_several_canvases_keep_their_pictures_and_views(studio: Opened) -> None:
    canvas, shelf = ready(studio), studio.bench.canvas_room.shelf
    fill(canvas)
    first = studio.bench.canvas_room.control.document
    canvas.aids.set(rulers=True)
    with studio.qtbot.waitSignal(studio.bench.canvas_room.control.opened):
        shelf.add("Second", new_picture(800, 600))
    assert [row.title for row in shelf.canvases()] == ["Canvas 1", "Second"]
    assert (canvas.document.picture.width, canvas.view.title) == (800, "Second")
    assert not canvas.can_undo()
    with studio.qtbot.waitSignal(studio.bench.canvas_room.control.opened):
        shelf.step(1)
    assert studio.bench.canvas_room.control.document == first
    assert [layer.name for layer in canvas.document.picture.layers] == ["Layer 1", "Fill"]
    assert canvas.aids.rulers
    shelf.rename("Encounter")
    studio.project.flush(5)
    assert [row.title for row in shelf.canvases()] == ["Encounter", "Second"]
    assert [action.text() for action in shelf.menu().actions()][:2] == ["Encounter", "Second"]


def test_canvas_size_scale_and_turn_are_steps_of_the_history(studio: Opened) -> None:
    canvas, shelf = ready(studio), studio.bench.canvas_room.shelf
    document = canvas.document
    shelf.set_size(700, 400)
    assert (document.picture.width, document.picture.height) == (700, 400)
    shelf.set_size(350, 200, scale=True)
    shelf.rotate(1)
    studio.qtbot.waitUntil(lambda: not document.busy)
    assert (document.picture.width, document.picture.height) == (200, 350)
    for _ in range(3):
        studio.desk.open.undo()
    assert (document.picture.width, document.picture.height) == (512, 512)


@pytest.mark.parametrize("ending", ["ora", "psd", "png"])
def test_a_canvas_goes_out_and_comes_back_the_same(studio: Opened, tmp_path: Path, ending: str) -> None:
    canvas, shelf = ready(studio), studio.bench.canvas_room.shelf
    fill(canvas, 300, 200)
    stroke(canvas, "brush", [(100, 100), (200, 160)])
    before = canvas.document.compositor.image(canvas.document.picture.rect)
    path = tmp_path / f"x.{ending}"
    with studio.qtbot.waitSignal(shelf.said):
        shelf.export(path)
    assert path.stat().st_size
    with studio.qtbot.waitSignal(studio.bench.canvas_room.control.opened):
        shelf.bring(path)
    after = canvas.document.compositor.image(canvas.document.picture.rect)
    assert np.abs(from_qimage(before).astype(int) - from_qimage(after)).max() <= 1
    assert canvas.view.title == "x"


def test_what_cannot_be_read_gets_a_sentence(studio: Opened, tmp_path: Path) -> None:
    ready(studio)
    (tmp_path / "a.ora").write_bytes(b"PK\x03\x04 nothing")
    with studio.qtbot.waitSignal(studio.bench.canvas_room.shelf.said) as said:
        studio.desk.open.take_files([str(tmp_path / "a.ora")], QPointF(0, 0))
    assert "a.ora" in said.args[0]


def test_commands_of_the_canvas_rest_elsewhere(studio: Opened) -> None:
    canvas = ready(studio)
    assert studio.desk.commands.run("view.grid")
    assert canvas.aids.grid
    studio.desk.go("write")
    assert not studio.desk.commands.run("view.grid")


def test_a_result_is_placed_where_it_is_wanted(studio: Opened) -> None:
    canvas = ready(studio)
    row = studio.make()
    with studio.qtbot.waitSignal(canvas.document.committed):
        canvas.result_dropped.emit({"id": row.id}, QPointF(100, 90))
    assert canvas.document.active.result == row.id
    assert canvas.document.active.bounds() == (68, 58, 64, 64)


def test_a_canvas_left_and_entered_at_once_is_as_it_was(studio: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that is busy still has the last change when the canvas is opened again."""
    canvas, shelf = ready(studio), studio.bench.canvas_room.shelf
    control = studio.bench.canvas_room.control
    with studio.qtbot.waitSignal(control.opened):
        shelf.add("Second", new_picture(800, 600))
    with studio.qtbot.waitSignal(control.opened):
        shelf.step(1)
    gate, flush = threading.Event(), studio.project.flush
    busy = studio.project._change(lambda *_: None, gate.wait)
    monkeypatch.setattr(studio.project, "flush", lambda *a: (gate.set(), flush(*a))[1])
    fill(canvas)
    with studio.qtbot.waitSignal(control.opened):
        shelf.step(1)
        shelf.step(1)
    gate.set()
    assert busy.result() is None
    assert [layer.name for layer in canvas.document.picture.layers] == ["Layer 1", "Fill"]
