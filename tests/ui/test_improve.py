"""Improve and vary: what is asked for, and where what comes back belongs."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import PIL.Image
import pytest
from PySide6.QtCore import QRect

from plugins_builtin.enhance.cutout import Cutout
from plugins_builtin.enhance.denoise import Denoise
from plugins_builtin.enhance.style import Style
from plugins_builtin.enhance.upscale import Upscale
from studio.engine.job import ErrorReport, GeneratorInfo, Job
from studio.project.paint.compositor import compose
from studio.project.paint.edit import paste_array, set_props
from studio.project.paint.layer import Layer
from studio.project.paint.plane import Rect, from_qimage
from studio.ui.canvas.improve import OptionsCard
from studio.ui.canvas.vary import SUBTLE
from tests.ui import fake_engine
from tests.ui.conftest import Opened

TOOLS = tuple(GeneratorInfo(tool.id, tool.title, "image", "enhance", "0.1.0", "1", icon=tool.icon,
                            schema=tool.Params.model_json_schema()) for tool in (Upscale, Cutout, Denoise, Style))


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture tools are there."""
    found = replace(fake_engine.FOUND, generators=(*fake_engine.FOUND.generators, *TOOLS))
    monkeypatch.setattr(fake_engine, "FOUND", found)


@pytest.fixture
def painted(studio: Opened, qtbot: Any) -> Opened:
    """A canvas of 512 x 512 with a red square of 200 px at (100, 50) on a layer of its own."""
    qtbot.waitUntil(lambda: bool(studio.bench.canvas_room.improver.offered()))
    document = studio.bench.canvas.document
    qtbot.waitUntil(lambda: not document.closed_because)
    square = np.zeros((200, 200, 4), np.uint8)
    square[:] = (0, 0, 255, 255)
    document.edit("Square", lambda picture: paste_array(picture, square, 100, 50, "Square"))
    return studio


def png(pixels: Any) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(np.asarray(pixels, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def begin(studio: Opened, act: Any) -> list[Job]:
    with studio.qtbot.waitSignal(studio.desk.session.batch_queued) as queued:
        act()
    jobs = queued.args[0]
    studio.qtbot.waitUntil(lambda: jobs[-1].id in {job.id for job in studio.worker.jobs})
    return jobs


def improve(studio: Opened, what: str) -> Job:
    (job,) = begin(studio, lambda: studio.bench.canvas_room.improver.start(what))
    return job


def finish(studio: Opened, job: Job, pixels: Any) -> None:
    """The picture comes; wait until it is in the document."""
    document = studio.bench.canvas.document
    before = document.picture
    studio.worker.begin(job)
    studio.worker.finish(job, "image", png(pixels), "image/png", width=pixels.shape[1], height=pixels.shape[0])
    studio.qtbot.waitUntil(lambda: document.picture is not before and not document.busy)


def sent(studio: Opened, job: Job) -> PIL.Image.Image:
    data, _ = studio.project.media(job.request.params["image"]["media"])
    return PIL.Image.open(io.BytesIO(data))


def active(studio: Opened) -> Layer:
    layer = studio.bench.canvas.document.active
    assert layer is not None
    return layer


def seen(studio: Opened, x: int, y: int) -> tuple[int, ...]:
    """Blue, green, red and alpha of what the canvas shows at a pixel."""
    return tuple(int(v) for v in from_qimage(compose(studio.bench.canvas.document.picture, Rect(x, y, 1, 1)))[0, 0])


def test_upscaling_grows_the_canvas_under_the_new_picture_in_one_step(painted: Opened) -> None:
    document = painted.bench.canvas.document
    steps = len(document.history.labels())
    job = improve(painted, "upscale-2")
    assert job.request.params["scale"] == 2
    assert sent(painted, job).size == (512, 512)
    finish(painted, job, np.full((1024, 1024, 3), (10, 20, 30)))
    picture = document.picture
    assert (picture.width, picture.height) == (1024, 1024)
    assert picture.layers[-1].name == "Upscaled 2×"
    assert picture.layers[-1].result
    assert seen(painted, 900, 900) == (30, 20, 10, 255)
    assert picture.layers[-2].bounds() == Rect(200, 100, 400, 400)
    assert len(document.history.labels()) == steps + 1
    document.undo()
    assert (document.picture.width, document.picture.height) == (512, 512)


def test_a_cut_out_becomes_the_mask_of_its_layer_wherever_that_is_by_then(painted: Opened) -> None:
    document, layer = painted.bench.canvas.document, active(painted)
    job = improve(painted, "cutout")
    assert sent(painted, job).size == (200, 200)
    document.edit("Move", lambda picture: set_props(picture, layer.id, dx=40))
    document.edit("New layer", lambda picture: paste_array(picture, np.full((9, 9, 4), 255, np.uint8), 0, 0, "Dab"))
    matte = np.zeros((200, 200))
    matte[:, :100] = 255
    finish(painted, job, matte)
    masked = document.picture.find(layer.id)
    assert masked is not None
    assert masked.mask is not None
    assert seen(painted, 100 + 40 + 20, 100) == (0, 0, 255, 255)
    assert seen(painted, 100 + 40 + 180, 100) == (0, 0, 0, 0)
    assert document.history.labels()[-1] == "Cut out"


def test_what_comes_back_for_a_scaled_canvas_stays_among_the_results(painted: Opened, qtbot: Any) -> None:
    document = painted.bench.canvas.document
    for what in ("cutout", "select"):
        job = improve(painted, what)
        painted.bench.canvas_room.shelf.set_size(document.picture.width // 2, document.picture.height // 2, scale=True)
        qtbot.waitUntil(lambda: not document.busy)
        before = document.picture
        painted.worker.begin(job)
        with qtbot.waitSignal(painted.desk.session.notice) as said:
            painted.worker.finish(job, "image", png(np.full((200, 200), 255)), "image/png", width=200, height=200)
        assert "scaled or turned" in said.args[0]
        assert document.picture is before


def test_a_picture_of_nothing_is_left_as_it_is(painted: Opened, qtbot: Any) -> None:
    layer = active(painted)
    job = improve(painted, "cutout")
    painted.worker.begin(job)
    with qtbot.waitSignal(painted.desk.session.notice) as said:
        painted.worker.finish(job, "image", png(np.zeros((200, 200))), "image/png")
    assert "stands out" in said.args[0]
    assert active(painted).mask is layer.mask is None


def test_what_stands_out_is_selected(painted: Opened) -> None:
    matte = np.zeros((512, 512))
    matte[60:90, 110:140] = 255
    finish(painted, improve(painted, "select"), matte)
    selection = painted.bench.canvas.document.picture.selection
    assert selection is not None
    assert selection.bounds() == Rect(110, 60, 30, 30)


def test_options_are_asked_for_and_the_result_lies_above_its_layer(painted: Opened, qtbot: Any) -> None:
    bench, layer = painted.bench, active(painted)
    bench.canvas_room.improver.start("style")
    card = painted.window.findChild(OptionsCard)
    assert card is not None
    card.form.set_values({"style": "Dusk", "strength": 0.5})
    (job,) = begin(painted, card.button.click)
    assert job.request.params["style"] == "Dusk"
    assert job.request.params["strength"] == 0.5
    document = bench.canvas.document
    document.edit("Blend", lambda picture: set_props(picture, layer.id, blend="multiply"))
    finish(painted, job, np.full((200, 200, 3), (1, 2, 3)))
    made = active(painted)
    assert (made.name, made.blend, made.bounds()) == ("Dusk", "multiply", Rect(100, 50, 200, 200))
    source = document.picture.find(layer.id)
    assert source is not None
    assert not source.visible, "two layers that multiply would darken twice"
    assert painted.project.result(made.result).recipe["params"]["style"] == "Dusk"


def test_what_cannot_be_improved_is_said(painted: Opened, qtbot: Any) -> None:
    improver, document = painted.bench.canvas_room.improver, painted.bench.canvas.document
    said: list[str] = []
    painted.desk.session.notice.connect(said.append)
    document.edit("Lock", lambda picture: set_props(picture, picture.active, locked=True))
    improver.start("cutout")
    assert "locked" in said[-1]
    document.set_active(document.picture.layers[0].id)
    improver.start("denoise")
    assert "is empty" in said[-1]
    assert not painted.worker.jobs


def test_a_missing_model_offers_to_install_it(painted: Opened, qtbot: Any) -> None:
    job = improve(painted, "cutout")
    painted.worker.begin(job)
    painted.worker.fail(job, ErrorReport("model-missing", "The model u2net is not installed.", model="u2net"))
    assert painted.bench.error.isVisible()
    assert painted.bench.error.button.text() == "Install u2net"


def test_the_layer_menu_and_the_palette_hold_them(painted: Opened) -> None:
    menu = painted.bench.canvas_room.dock.layers.menu(painted.bench)
    titles = [action.text() for sub in menu.actions() if sub.menu() for action in sub.menu().actions()]
    assert "Cut out the background" in titles
    menu.deleteLater()
    command = painted.desk.commands.get("improve.upscale-4")
    assert command is not None
    assert command.is_enabled


# ---------------------------------------------------------------- vary


def test_vary_this_takes_the_recipe_with_new_seeds_where_the_picture_lies(painted: Opened, qtbot: Any) -> None:
    bench = painted.bench
    bench.canvas.set_frame_rect(QRect(304, 256, 192, 192))
    row = painted.make("a red apple")
    jobs = begin(painted, lambda: bench.canvas_room.variations.vary())
    assert len(jobs) == 4
    assert {job.request.params["prompt"] for job in jobs} == {"a red apple"}
    assert len({job.request.params["seed"] for job in jobs} | {row.seed}) == 5
    assert jobs[0].request.target["width"] == 192
    assert not jobs[0].request.params.get("init_image")
    little = begin(painted, lambda: bench.canvas_room.variations.vary_result(row.id, a_little=True))
    params = little[0].request.params
    assert params["init_image"]["media"] == row.media
    assert params["strength"] == SUBTLE
    assert little[0].request.parents == (row.media,)


def test_what_has_no_seed_cannot_be_varied(painted: Opened, qtbot: Any) -> None:
    said: list[str] = []
    painted.desk.session.notice.connect(said.append)
    finish(painted, improve(painted, "upscale-2"), np.full((1024, 1024, 3), 9))
    assert painted.bench.canvas_room.variations.vary() is False
    assert "same picture each time" in said[-1]
