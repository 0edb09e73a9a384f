"""Paint live: one request at a time, the newest; what it shows, and what is kept of it."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import PIL.Image
import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor

from studio.engine.job import Discovery, ErrorReport, Finished, GeneratorInfo, Job, JobState, Result
from studio.project.paint import Plane
from studio.project.paint.edit import paste_array, set_props
from studio.ui.canvas.live import draft_params
from tests.ui.conftest import Opened
from tests.ui.fake_engine import FOUND, PICTURE, png, recipe


def with_fields(**fields: Any) -> GeneratorInfo:
    """The picture generator with more fields."""
    return replace(PICTURE, schema={**PICTURE.schema, "properties": {**PICTURE.schema["properties"], **fields}})


def found(info: GeneratorInfo) -> Discovery:
    return replace(FOUND, generators=tuple(info if g.id == info.id else g for g in FOUND.generators))


@pytest.fixture
def live(studio: Opened, qtbot: Any) -> Any:
    bench = studio.bench
    studio.worker.discovered.emit(FOUND)
    qtbot.waitUntil(lambda: not bench.canvas.document.closed_because)
    bench.canvas.set_frame_rect(QRect(0, 0, 256, 256))
    return bench.canvas_room.live


def stroke(studio: Opened, x: int = 20, y: int = 20, side: int = 60, value: int = 255) -> None:
    """Paint a square, as one step."""
    square = np.full((side, side, 4), value, np.uint8)
    square[..., 3] = 255
    studio.bench.canvas.document.edit("Stroke", lambda picture: paste_array(picture, square, x, y, "Square"))


def next_job(studio: Opened, act: Any) -> Job:
    with studio.qtbot.waitSignal(studio.desk.session.batch_queued) as queued:
        act()
    (job,) = queued.args[0]
    return job


def finish(studio: Opened, job: Job, colour: tuple[int, int, int] = (10, 200, 30)) -> None:
    studio.worker.begin(job)
    studio.worker.finish_picture(job, colour)


def underway(studio: Opened) -> list[Job]:
    return [job for job in studio.worker.jobs if job.state in (JobState.WAITING, JobState.RUNNING)]


def test_a_stroke_makes_a_draft_of_the_frame_that_lies_over_it(studio: Opened, live: Any, qtbot: Any) -> None:
    stroke(studio)
    studio.bench.bar.prompt.set_text("a red apple")
    job = next_job(studio, lambda: live.set_on(True))
    params = job.request.params
    assert params["steps"] == 4
    assert params["prompt"] == "a red apple"
    assert params["init_image"]["type"] == "image/png"
    assert studio.bench.canvas.view.mode_words == "Live · drawing"
    finish(studio, job)
    qtbot.waitUntil(lambda: live.shown is not None)
    assert studio.bench.canvas.view.mode_words == "Live · Enter keeps it"
    view = studio.bench.canvas.view
    at = view.camera.to_screen(QPointF(200, 200)).toPoint()
    assert view.grab().toImage().pixelColor(at * view.devicePixelRatioF()) == QColor(10, 200, 30)
    assert not studio.project.results()
    assert not studio.project.jobs()
    again = next_job(studio, lambda: stroke(studio, 100))
    assert again.request.params["seed"] == params["seed"]
    assert live.shown is None, "the paint is to be seen until the machine has answered"


def test_a_newer_stroke_takes_the_place_of_the_request_under_way(studio: Opened, live: Any, qtbot: Any) -> None:
    stroke(studio)
    first = next_job(studio, lambda: live.set_on(True))
    qtbot.waitUntil(lambda: len(underway(studio)) == 1)
    studio.worker.begin(first)
    second = next_job(studio, lambda: stroke(studio, 40))
    qtbot.waitUntil(lambda: len(underway(studio)) == 1)
    assert studio.worker.job(first.id).state is JobState.CANCELLED
    assert second.request.params["init_image"] != first.request.params["init_image"]
    stroke(studio, 80)
    stroke(studio, 120)
    qtbot.waitUntil(lambda: len(studio.worker.jobs) == 4 and len(underway(studio)) == 1)
    assert studio.worker.job(second.id).state is JobState.CANCELLED
    last = underway(studio)[0]
    finish(studio, last, (1, 2, 3))
    qtbot.waitUntil(lambda: live.shown is not None)
    assert live.shown.job.id == last.id
    assert not underway(studio)


def test_a_mask_or_a_selection_says_where_it_paints(studio: Opened, live: Any, qtbot: Any) -> None:
    stroke(studio, 0, 0, 256)
    studio.worker.discovered.emit(found(with_fields(mask={"type": "object", "x-studio": {"media": "mask"}})))
    document = studio.bench.canvas.document
    whole = next_job(studio, lambda: live.set_on(True))
    assert "mask" not in whole.request.params
    finish(studio, whole)
    qtbot.waitUntil(lambda: live.shown is not None)
    values = np.zeros((256, 256), np.uint8)
    values[:, :128] = 255
    job = next_job(studio, lambda: document.edit(
        "Select", lambda picture: replace(picture, selection=Plane.from_array(values))))
    data, _ = studio.project.media(job.request.params["mask"]["media"])
    mask = PIL.Image.open(io.BytesIO(data))
    assert (mask.getpixel((10, 200)), mask.getpixel((200, 10))) == (255, 0)
    finish(studio, job)
    qtbot.waitUntil(lambda: live.shown is not None and live.shown.job.id == job.id)
    with qtbot.waitSignal(studio.desk.session.result_stored):
        live.accept()
    layer = document.active
    assert layer.mask.read(0, 0, 256, 256)[10, [10, 200]].tolist() == [255, 0]


def test_enter_keeps_the_picture_as_a_layer_and_as_a_result(studio: Opened, live: Any, qtbot: Any) -> None:
    stroke(studio)
    job = next_job(studio, lambda: live.set_on(True))
    finish(studio, job)
    qtbot.waitUntil(lambda: live.shown is not None)
    document = studio.bench.canvas.document
    before = len(document.picture.layers)
    with qtbot.waitSignal(studio.desk.session.result_stored) as stored:
        qtbot.keyClick(studio.bench.canvas.view, Qt.Key.Key_Return)
    row = stored.args[0]
    qtbot.waitUntil(lambda: len(document.picture.layers) == before + 1)
    assert document.picture.layers[-1].result == row.id
    assert live.shown is None
    assert not live.working, "keeping a picture is no stroke"
    for sha in row.recipe["inputs"] or [job.request.params["init_image"]["media"]]:
        assert studio.project.media(sha)[0].startswith(b"\x89PNG")
    document.undo()
    assert len(document.picture.layers) == before


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Escape])
def test_delete_and_escape_drop_it(studio: Opened, live: Any, qtbot: Any, key: Qt.Key) -> None:
    stroke(studio)
    job = next_job(studio, lambda: live.set_on(True))
    finish(studio, job)
    qtbot.waitUntil(lambda: live.shown is not None)
    layers = studio.bench.canvas.document.picture.layers
    qtbot.keyClick(studio.bench.canvas.view, key)
    assert live.shown is None
    assert studio.bench.canvas.document.picture.layers is layers
    with pytest.raises(KeyError):
        studio.project.media(job.request.params["init_image"]["media"])


def test_paint_elsewhere_and_nothing_under_the_frame_ask_for_nothing(studio: Opened, live: Any, qtbot: Any) -> None:
    live.set_on(True)
    assert not live.working
    stroke(studio, 300, 300)
    assert not live.working
    job = next_job(studio, lambda: stroke(studio, 20, 20))
    assert job.request.target["kind"] == "live"


def test_turned_off_it_stops_and_shows_nothing(studio: Opened, live: Any, qtbot: Any) -> None:
    stroke(studio)
    job = next_job(studio, lambda: studio.bench.bar.live_chip.setChecked(True))
    assert live.on
    qtbot.waitUntil(lambda: len(underway(studio)) == 1)
    studio.worker.begin(job)
    studio.bench.bar.live_chip.setChecked(False)
    qtbot.waitUntil(lambda: not underway(studio))
    assert not live.working
    stroke(studio, 50)
    assert not live.working
    assert studio.bench.canvas.view.mode_words == ""


def test_an_error_turns_it_off_and_is_said(studio: Opened, live: Any, qtbot: Any) -> None:
    stroke(studio)
    job = next_job(studio, lambda: live.set_on(True))
    studio.worker.begin(job)
    studio.worker.fail(job, ErrorReport("generator", "Out of paint; buy some.", generator="diffusion.image"))
    assert not live.on
    assert not studio.bench.bar.live_chip.isChecked()
    assert studio.bench.error.isVisible()


def test_while_the_pen_is_down_the_paint_is_seen(studio: Opened, live: Any, qtbot: Any) -> None:
    stroke(studio)
    finish(studio, next_job(studio, lambda: live.set_on(True)))
    qtbot.waitUntil(lambda: live.shown is not None)
    document = studio.bench.canvas.document
    document.preview(paste_array(document.picture, np.full((9, 9, 4), 255, np.uint8), 0, 0, "Dab"))
    assert live.shown is None
    document.preview(None)
    assert live.shown is not None


def test_the_draft_of_a_generator_is_its_own_or_few_steps() -> None:
    quality = {"quality": {"enum": ["Draft", "Quality"], "x-studio": {"role": "quality"}}}
    own = with_fields(**quality).schema
    assert draft_params({"steps": 30, "quality": "Quality"}, own) == {"quality": "Draft"}
    assert draft_params({"steps": 30}, PICTURE.schema) == {"steps": 4}
    assert draft_params({"steps": 2}, PICTURE.schema) == {"steps": 2}


# ---------------------------------------------------------------- layers that steer

REGIONS = {"regions": {"type": "array", "maxItems": 2, "default": [], "x-studio": {"role": "regions"}}}
def steer(studio: Opened, **changes: Any) -> None:
    document = studio.bench.canvas.document
    document.edit("Steer", lambda picture: set_props(picture, picture.active, **changes))


def test_a_layer_with_a_prompt_speaks_for_where_it_lies(studio: Opened, live: Any, qtbot: Any) -> None:
    studio.worker.discovered.emit(found(with_fields(**REGIONS)))
    stroke(studio, 0, 0, 128)
    steer(studio, prompt="a blue door")
    (job,) = studio.ask("a house")
    (region,) = job.request.params["regions"]
    assert region["prompt"] == "a blue door"
    data, _ = studio.project.media(region["mask"]["media"])
    mask = PIL.Image.open(io.BytesIO(data))
    assert mask.mode == "L"
    assert (mask.getpixel((10, 10)), mask.getpixel((200, 200))) == (255, 0)


def test_a_picture_that_is_decoded_before_its_job_has_ended_is_shown_and_kept(
        studio: Opened, live: Any, qtbot: Any) -> None:
    stroke(studio)
    job = next_job(studio, lambda: live.set_on(True))
    worker = studio.worker
    worker.begin(job)
    worker.progress(job, 1)
    worker.event.emit(Result(job.id, "image", png((10, 200, 30)), "image/png", {}, recipe(job)))
    qtbot.waitUntil(lambda: live.shown is not None)
    worker.set_state(job.id, JobState.DONE)
    worker.event.emit(Finished(job.id, 0.5))
    assert live.shown is not None
    assert not live.working
    with qtbot.waitSignal(studio.bench.canvas.document.committed):
        assert live.accept()
    assert studio.project.media(job.request.params["init_image"]["media"])[0].startswith(b"\x89PNG")
