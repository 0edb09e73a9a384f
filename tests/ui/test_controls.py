"""Control layers in the window: what is asked for, what the inspector shows, and what it says where one cannot be."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from PySide6.QtCore import QRect
from PySide6.QtTest import QTest

from studio.engine.job import Discovery, ErrorReport, GeneratorInfo, Job
from studio.models.nets import fits, fitting, has_own, net_for
from studio.project.paint.edit import paste_array, set_props
from studio.project.paint.store import tree_of
from studio.ui.canvas.controls import BY_ID, KINDS, kinds_of, no_net
from studio.ui.canvas.panels.controlcard import ControlCard
from studio.ui.requests import PREVIEW
from tests.ui.conftest import Opened
from tests.ui.fake_engine import FOUND, PICTURE

CONTROLS = {
    "model": {"type": "string", "default": "spark",
              "x-studio": {"role": "model", "widget": "model", "kinds": ["stable-diffusion"]}},
    "controls": {"type": "array", "maxItems": 2, "default": [], "items": {"$ref": "#/$defs/ControlLayer"},
                 "x-studio": {"role": "controls", "widget": "none"}},
}
DEFS = {"ControlLayer": {"properties": {"kind": {"enum": [kind.value for kind in KINDS]}}}}
IMAGE = {"type": "object", "x-studio": {"media": "image", "role": "init_image"}}


@dataclass
class Weights:
    """What the library says of weights."""

    name: str
    kind: str
    path: Path
    title: str = ""
    licence: str = "MIT"


def generator(name: str) -> GeneratorInfo:
    return GeneratorInfo(name, name, "image", "enhance", "0.1.0", "1",
                         schema={"properties": {"image": IMAGE}, "x-studio": {"listed": False}})


@pytest.fixture
def models(tmp_path: Path) -> list[Weights]:
    """A model with a net for edges of its own, and the networks behind outlines and poses."""
    (tmp_path / "spark" / "control-edges").mkdir(parents=True)
    return [Weights("spark", "stable-diffusion", tmp_path / "spark"), Weights("hed", "hed", tmp_path / "hed"),
            Weights("blazepose", "blazepose", tmp_path / "pose")]


@pytest.fixture
def led(studio: Opened, models: list[Weights], monkeypatch: pytest.MonkeyPatch, qtbot: Any) -> Opened:
    """A window whose generator follows control layers, with one painted layer."""
    monkeypatch.setattr(studio.desk.session.library, "installed", lambda: list(models))
    drawing = replace(PICTURE, schema={**PICTURE.schema, "$defs": DEFS,
                                       "properties": {**PICTURE.schema["properties"], **CONTROLS}})
    tools = tuple(generator(name) for name in ("control.edges", "control.hed", "control.pose"))
    studio.worker.discovered.emit(Discovery((drawing, *FOUND.generators[1:], *tools), (), FOUND.device))
    canvas = studio.bench.canvas
    qtbot.waitUntil(lambda: not canvas.document.closed_because)
    canvas.set_frame_rect(QRect(0, 0, 256, 256))
    paint(studio, "Sketch")
    return studio


def paint(studio: Opened, name: str) -> str:
    """A new layer with a square; returns its id."""
    pixels = np.zeros((128, 128, 4), np.uint8)
    pixels[20:100, 20:100] = (30, 60, 200, 255)
    document = studio.bench.canvas.document
    document.edit(name, lambda picture: paste_array(picture, pixels, 0, 0, name))
    return str(document.active.id)


def steer(studio: Opened, layer: str = "", **changes: Any) -> None:
    document = studio.bench.canvas.document
    document.edit("Steer", lambda picture: set_props(picture, layer or picture.active, **changes))


def previews(studio: Opened) -> list[Job]:
    return [job for job in studio.worker.jobs if job.request.target.get("kind") == PREVIEW and not job.state.ended]


def answer(studio: Opened, colour: tuple[int, int, int] = (250, 250, 250)) -> Job:
    """Wait for a preview to be asked for, and give it."""
    studio.qtbot.waitUntil(lambda: bool(previews(studio)))
    (job,) = previews(studio)
    studio.worker.begin(job)
    studio.worker.finish_picture(job, colour)
    return job


# ---------------------------------------------------------------- requests


def test_control_layers_go_into_the_request_and_are_no_part_of_the_picture(led: Opened) -> None:
    steer(led, control="edges", control_weight=0.5, control_end=0.8)
    (job,) = led.ask("a house")
    params = job.request.params
    (item,) = params["controls"]
    data, _ = led.project.media(item.pop("image")["media"])
    assert item == {"kind": "Edges (Canny)", "weight": 0.5, "start": 0.0, "end": 0.8, "model": ""}
    assert PIL.Image.open(io.BytesIO(data)).getpixel((50, 50)) == (200, 60, 30, 255)
    assert params.get("init_image") is None


def test_several_count_topmost_first_up_to_the_limit_and_the_rest_is_said(led: Opened) -> None:
    steer(led, control="edges")
    for kind in ("drawing", "hed"):
        paint(led, kind)
        steer(led, control=kind)
    said: list[str] = []
    led.desk.session.notice.connect(said.append)
    (job,) = led.ask("a house")
    assert [item["kind"] for item in job.request.params["controls"]] == ["Edges (HED)", "Drawing"]
    assert said == ["Only the 2 topmost control layers count."]
    steer(led, control_weight=0.0)
    (job,) = led.ask("a house")
    assert [item["kind"] for item in job.request.params["controls"]] == ["Drawing", "Edges (Canny)"]


def test_what_the_model_cannot_follow_is_left_out_and_said(led: Opened, models: list[Weights], tmp_path: Path) -> None:
    steer(led, control="pose")
    said: list[str] = []
    led.desk.session.notice.connect(said.append)
    (job,) = led.ask("a house")
    assert not job.request.params.get("controls")
    assert said == ["“Sketch” is left out: spark has no control for poses; choose another kind or model, or install a "
                    "net made for it."]
    (row,) = led.bench.canvas_room.controls.rows.values()
    assert "no control for poses" in row.note.text()
    models.append(Weights("my-openpose", "controlnet", tmp_path / "net"))
    (job,) = led.ask("a house")
    assert job.request.params["controls"][0]["model"] == "my-openpose"


# ---------------------------------------------------------------- the inspector


def test_the_list_shows_what_each_layer_hands_on(led: Opened) -> None:
    listed = led.bench.canvas_room.controls
    assert listed.isVisibleTo(led.bench.inspector)
    assert not listed.rows
    assert listed.hint.isVisibleTo(listed)
    steer(led, control="edges", control_weight=0.8)
    (key,) = listed.rows
    row = listed.rows[key]
    assert (row.title.text(), row.name.text(), row.weight.value()) == ("Edges", "Sketch", 0.8)
    assert not row.note.text()
    job = answer(led)
    assert job.request.generator == "control.edges"
    assert job.request.params["method"] == "Canny"
    led.qtbot.waitUntil(lambda: row.thumb.image is not None)
    assert row.thumb.image.pixelColor(5, 5).red() == 250
    assert led.project.jobs() == []
    with pytest.raises(KeyError):
        led.project.media(job.request.params["image"]["media"])
    QTest.qWait(0)
    assert not previews(led)
    steer(led, control="soft")
    job = answer(led, (10, 20, 30))
    assert job.request.params["method"] == "Soft"


def test_a_reference_is_shown_without_the_machine(led: Opened) -> None:
    steer(led, control="reference")
    (row,) = led.bench.canvas_room.controls.rows.values()
    led.qtbot.waitUntil(lambda: row.thumb.image is not None)
    assert not previews(led)
    assert row.thumb.image.size().toTuple() == (256, 256)


def test_a_preview_that_fails_is_no_error_of_the_window(led: Opened) -> None:
    steer(led, control="edges")
    led.qtbot.waitUntil(lambda: bool(previews(led)))
    (job,) = previews(led)
    led.worker.begin(job)
    led.worker.fail(job, ErrorReport("generator", "It broke."))
    assert not led.bench.error.isVisible()
    steer(led, control="soft")
    answer(led)


@pytest.mark.parametrize(("changes", "said"), [
    ({"control": "hed"}, "Install “HED outlines” in Models"),
    ({"control": "edges", "visible": False}, "is hidden"),
    ({"control": "reference"}, "no control for references"),
])
def test_what_a_layer_lacks_is_said_in_its_row(led: Opened, models: list[Weights], changes: dict[str, Any],
                                               said: str) -> None:
    models[:] = [model for model in models if model.kind != "hed"]
    steer(led, **changes)
    (row,) = led.bench.canvas_room.controls.rows.values()
    assert said in row.note.text()
    assert row.note.text().count(".") == 1


def test_add_weigh_change_and_stop_are_steps_of_the_history(led: Opened) -> None:
    listed, document = led.bench.canvas_room.controls, led.bench.canvas.document
    menu = listed.menu(led.bench)
    actions = {action.text().split(" – ")[0]: action for action in menu.actions()}
    actions["Drawing"].trigger()
    assert document.active.control == "drawing"
    row = listed.rows[document.active.id]
    row.weight.set_value(0.4)
    row.weight.value_changed.emit(0.4)
    assert document.active.control_weight == 0.4
    listed.show_card(document.active.id)
    card = led.window.findChild(ControlCard)
    card.kind.set_key("hed")
    card.start.set_value(70)
    card.start.value_changed.emit(70)
    card.end.set_value(60)
    card.end.value_changed.emit(60)
    card._done()
    layer = document.active
    assert (layer.control, layer.control_start, layer.control_end) == ("hed", 0.55, 0.6)
    listed.show_card(layer.id)
    led.window.findChildren(ControlCard)[-1]._remove()
    assert document.active.control == ""
    assert not listed.rows
    for _ in range(4):
        led.desk.open.undo()
    assert document.active.control == ""
    led.desk.open.redo()
    assert document.active.control == "drawing"


def test_the_whole_canvas_can_steer(led: Opened) -> None:
    document = led.bench.canvas.document
    led.bench.canvas_room.controls.add_control("edges", whole=True)
    led.qtbot.waitUntil(lambda: document.active.control == "edges")
    assert document.active.name == "Edges of the canvas"
    assert document.picture.layers[-2].name == "Sketch"
    document.edit("Empty", lambda picture: set_props(picture, picture.active, name="x"))


def test_nothing_to_steer_by_gets_a_sentence(led: Opened) -> None:
    document, said = led.bench.canvas.document, []
    led.bench.canvas_room.said.connect(said.append)
    led.bench.canvas_room.dock.layers.do("add")
    assert document.active.bounds() is None
    led.bench.canvas_room.controls.add_control("edges")
    assert "Choose a layer with something on it" in said[-1]
    assert document.active.control == ""


def test_a_generator_without_controls_has_no_list(led: Opened) -> None:
    led.worker.discovered.emit(FOUND)
    led.bench.canvas_room.show_mode()
    assert not led.bench.canvas_room.controls.isVisibleTo(led.bench.inspector)


# ---------------------------------------------------------------- plain parts


def test_what_a_layer_steers_is_kept_in_the_project(led: Opened) -> None:
    steer(led, control="drawing", control_weight=0.4, control_start=0.1, control_end=0.6, control_model="net")
    tree = tree_of(led.bench.canvas.document.picture)
    layer = next(layer for layer in tree["layers"] if layer["name"] == "Sketch")
    wanted = {"control": "drawing", "control_weight": 0.4, "control_start": 0.1, "control_end": 0.6,
              "control_model": "net"}
    assert {name: layer[name] for name in wanted} == wanted


def test_kinds_of_a_schema_without_controls() -> None:
    assert kinds_of({}, "controls") == ()
    assert kinds_of({"properties": {"controls": {"items": {"$ref": "#/$defs/X"}}}}, "controls") == ()
    assert set(BY_ID) == {kind.id for kind in KINDS}
    assert all(no_net("Spark", kind.id).count(". ") == 0 for kind in KINDS)


def model_folder(root: Path, name: str, width: int) -> Weights:
    (root / name / "unet").mkdir(parents=True)
    (root / name / "unet" / "config.json").write_text(
        f'{{"cross_attention_dim": {width}, "in_channels": 4, "block_out_channels": [8, 16]}}')
    return Weights(name, "stable-diffusion", root / name)


def net(root: Path, name: str, width: int) -> Weights:
    (root / name).mkdir()
    (root / name / "config.json").write_text(
        f'{{"cross_attention_dim": {width}, "in_channels": 4, "block_out_channels": [8, 16]}}')
    return Weights(name, "controlnet", root / name)


def test_the_net_that_fits_model_and_kind_is_chosen(tmp_path: Path) -> None:
    one, two = model_folder(tmp_path, "one", 16), model_folder(tmp_path, "two", 32)
    nets = [net(tmp_path, "control-openpose", 16), net(tmp_path, "sd-canny", 16), net(tmp_path, "wide-canny", 32),
            net(tmp_path, "plain", 16)]
    choose: Callable[..., Any] = net_for
    assert choose(one, "edges", nets) == "sd-canny"
    assert choose(one, "pose", nets) == "control-openpose"
    assert choose(two, "edges", nets) == "wide-canny"
    assert choose(two, "pose", nets) is None
    assert choose(one, "edges", nets, "plain") == "plain"
    assert choose(two, "edges", nets, "plain") == "wide-canny"
    assert fitting(one, "reference", nets) == []
    assert fits(Weights("x", "controlnet", tmp_path / "none"), one)
    (one.path / "control-edges").mkdir()
    assert has_own(one, "drawing")
    assert not has_own(one, "picture")
    assert choose(one, "edges", nets) == ""
