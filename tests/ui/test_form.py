"""The form from JSON Schema: what pydantic writes, hints, values, errors, and schemas of any kind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.plugins import api
from studio.ui.form import FormPickers, SchemaForm
from studio.ui.schema import fields_of, sentence_case
from studio.ui.size import SizeEditor
from studio.ui.theme import Theme
from studio.ui.widgets import Choice, MediaWell, SeedField, SliderField, Switch


class Tuning(BaseModel):
    temperature: float = Field(0.8, ge=0, le=2, json_schema_extra=api.ui(step=0.05))
    top_p: float = Field(0.95, gt=0, le=1)


class Params(api.Params):
    prompt: api.Prompt
    negative: api.NegativePrompt = ""
    model: str = api.ModelField("stable-diffusion", default="")
    width: int = Field(256, ge=64, le=1024, multiple_of=8, json_schema_extra=api.ui(role="width"))
    height: int = Field(256, ge=64, le=1024, multiple_of=8, json_schema_extra=api.ui(role="height"))
    steps: int = Field(20, ge=1, le=50, description="Denoising steps", json_schema_extra=api.ui(role="steps"))
    guidance: float = Field(6.5, ge=1, le=20, json_schema_extra=api.ui(step=0.5))
    sampler: Literal["euler", "DPM++ 2M", "ddim"] = "euler"
    seed: api.Seed = 7
    start: api.Image | None = None
    mask: api.Mask | None = None
    tile: bool = Field(False, json_schema_extra=api.ui(group="Advanced"))
    eta: float | None = Field(None, ge=0, le=1, json_schema_extra=api.ui(group="Advanced"))
    stop: list[str] = Field(["END"], json_schema_extra=api.ui(group="Advanced"))
    note: Annotated[str, Field(max_length=10)] = ""
    length: int = Field(10, ge=1, json_schema_extra=api.ui(unit="s"))
    tuning: Tuning = Tuning()
    weights: dict[str, float] = Field(default_factory=dict)


SCHEMA = Params.model_json_schema()

# the offscreen platform says so of windows with a smallest size and of menus
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def form(qtbot: QtBot, theme: Theme) -> SchemaForm:
    made = SchemaForm(SCHEMA, theme, FormPickers(models=lambda _kinds: [("spark", "Spark", "starter"),
                                                                        ("ember", "Ember", "2 GB")]))
    qtbot.addWidget(made)
    made.resize(296, 900)
    made.show()
    return made


def kinds(schema: Any) -> dict[str, str]:
    return {f.name: f.kind for f in fields_of(schema)}


def test_each_field_gets_the_control_that_fits() -> None:
    assert kinds(SCHEMA) == {
        "prompt": "multiline", "negative": "multiline", "model": "model", "width": "slider", "height": "slider",
        "steps": "slider", "guidance": "slider", "sampler": "choice", "seed": "seed", "start": "media", "mask": "media",
        "tile": "switch", "eta": "optional_number", "stop": "lines", "note": "text", "length": "number",
        "tuning.temperature": "slider", "tuning.top_p": "slider", "weights": "json",
    }


class Tune(api.Params):
    task: Literal["new", "fill"] = "new"
    tempo: int = Field(0, ge=0, le=300, json_schema_extra=api.ui(widget="number", unit="bpm", auto=0, usual=96))
    swing: float = Field(-1, ge=-1, le=1, json_schema_extra=api.ui(step=0.1, auto=-1))
    first: int = Field(0, ge=0, json_schema_extra=api.ui(auto=0, when={"task": ["fill"]}))
    deep: int = Field(1, json_schema_extra=api.ui(group="Advanced", when={"task": "fill"}))
    players: str = Field("", json_schema_extra=api.ui(
        widget="chips", auto="", names=[("Strings", ["violin", "double bass"]), ("Pipe", ["flute"])]))
    moods: list[str] = Field(["calm"], json_schema_extra=api.ui(widget="chips", names=["calm", "odd"]))
    orphan: int = Field(3, json_schema_extra=api.ui(when={"nothing": [1]}))


@pytest.fixture
def tune(qtbot: QtBot, theme: Theme) -> SchemaForm:
    made = SchemaForm(Tune.model_json_schema(), theme)
    qtbot.addWidget(made)
    made.resize(296, 600)
    made.show()
    return made


def test_a_value_that_means_automatic_is_a_word(tune: SchemaForm, qtbot: QtBot) -> None:
    field = tune.editor("tempo").focus
    assert field.text() == "Auto"
    assert tune.editor("swing").widget.box.text() == "Auto"
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert tune.values()["tempo"] == 0
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert (field.text(), tune.values()["tempo"]) == ("96 bpm", 96)
    for typed in ("auto", ""):
        tune.set_values({"tempo": 120})
        field.setText(typed)
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert (field.text(), tune.values()["tempo"]) == ("Auto", 0)
    assert Tune(**tune.values()) == Tune()


def test_what_serves_another_task_is_neither_shown_nor_sent(tune: SchemaForm) -> None:
    rows = {name: tune.editor(name).widget for name in ("first", "deep", "orphan")}
    assert not rows["first"].isVisible()
    assert not tune._groups["Advanced"].isVisible()
    assert rows["orphan"].isVisible()
    assert not {"first", "deep"} & set(tune.values())
    assert not tune.set_error("first", "There is no such bar.")
    tune.set_values({"task": "fill", "first": 4})
    assert rows["first"].isVisible()
    assert tune._groups["Advanced"].isVisible()
    assert tune.values()["first"] == 4
    tune.reset()
    assert not rows["first"].isVisible()


def test_names_are_picked_as_chips_and_keep_their_order(tune: SchemaForm, qtbot: QtBot) -> None:
    picker = tune.editor("players").picker
    assert picker.add.text() == "Auto"
    families = [action.menu() for action in picker.menu().actions()]
    assert [f.title() for f in families] == ["Strings", "Pipe"]
    with qtbot.waitSignal(tune.changed):
        families[1].actions()[0].trigger()
    picker.toggle("double bass")
    assert tune.values()["players"] == "flute, double bass"
    assert [chip.text() for chip in picker._chips] == ["Flute", "Double bass"]
    qtbot.keyClick(picker._chips[1], Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert tune.values()["players"] == "double bass, flute"
    qtbot.keyClick(picker._chips[1], Qt.Key.Key_Delete)
    assert tune.values()["players"] == "double bass"
    tune.set_values({"players": "violin, theremin"})
    assert tune.values()["players"] == "violin, theremin"
    assert tune.editor("moods").picker.add.text() == "Add"
    tune.editor("moods").picker.toggle("odd")
    assert tune.values()["moods"] == ["calm", "odd"]


def test_facts_of_a_field() -> None:
    specs = {f.name: f for f in fields_of(SCHEMA)}
    assert specs["steps"].description == "Denoising steps"
    assert (specs["width"].step, specs["width"].maximum) == (8, 1024)
    assert specs["length"].unit == "s"
    assert specs["tuning.temperature"].group == "Tuning"
    assert specs["tile"].group == "Advanced"
    assert specs["mask"].media == "mask"
    assert specs["start"].nullable
    assert specs["model"].kinds == ("stable-diffusion",)
    assert specs["sampler"].choices == (("euler", "Euler"), ("DPM++ 2M", "DPM++ 2M"), ("ddim", "Ddim"))


def test_titles_are_in_sentence_case() -> None:
    assert sentence_case("num_inference_steps") == "Num inference steps"
    assert sentence_case("VAE_tiling") == "VAE tiling"
    assert {f.name: f.title for f in fields_of(SCHEMA)}["tuning.top_p"] == "Top p"


def test_a_plugin_names_its_choices() -> None:
    told = {"a": {"title": "Ada", "about": "warm"}, "b": {"about": "dry"}, "c": "nonsense"}
    (field,) = fields_of({"properties": {"voice": {"enum": ["a", "b", "c"], "x-studio": {"choices": told}}}})
    assert field.choices == (("a", "Ada"), ("b", "B"), ("c", "C"))


def test_the_defaults_make_valid_params(form: SchemaForm) -> None:
    values = form.values()
    assert values["model"] == "spark"
    assert values["start"] is None
    params = Params.model_validate({**values, "prompt": "a red apple"})
    assert params.steps == 20
    assert params.stop == ["END"]
    assert params.tuning == Tuning()


def test_values_go_in_and_come_out(form: SchemaForm) -> None:
    wanted = {
        "prompt": "a cat\nin space 🐈", "negative": "blur", "model": "ember", "width": 512, "height": 384, "steps": 33,
        "guidance": 7.25, "sampler": "ddim", "seed": 2**32 - 1, "start": {"media": "a" * 64, "type": "image/png"},
        "mask": None, "tile": True, "eta": 0.5, "stop": ["one", "two"], "note": "hi", "length": 90,
        "tuning": {"temperature": 1.15, "top_p": 0.5}, "weights": {"a": 1.5},
    }
    form.set_values(wanted)
    assert form.values() == wanted


def test_set_values_is_silent_and_ignores_what_does_not_fit(qtbot: QtBot, form: SchemaForm) -> None:
    before = form.values()
    with qtbot.assertNotEmitted(form.changed):
        form.set_values({"unknown": 1, "steps": "many", "seed": None, "tile": "yes", "sampler": "nope", "guidance": [],
                         "start": 5, "tuning": 3, "stop": "END", "eta": float("nan"), "width": True})
    after = form.values()
    assert after.pop("stop") == []
    assert before.pop("stop") == ["END"]
    assert after == before


def test_out_of_bounds_values_are_clamped(form: SchemaForm) -> None:
    form.set_values({"steps": 10**9, "guidance": -4, "seed": 2**40})
    values = form.values()
    assert (values["steps"], values["guidance"], values["seed"]) == (50, 1.0, 2**32 - 1)


def test_excluded_roles_are_not_shown(qtbot: QtBot, theme: Theme) -> None:
    form = SchemaForm(SCHEMA, theme, exclude_roles=("prompt", "negative", "seed"))
    qtbot.addWidget(form)
    assert not {"prompt", "negative", "seed"} & set(form.values())
    assert form.seed_locked()


def test_a_change_by_the_person_is_told(qtbot: QtBot, form: SchemaForm) -> None:
    slider = next(s for s in form.findChildren(SliderField) if s.slider.accessibleName() == "Steps")
    with qtbot.waitSignal(form.changed):
        qtbot.keyClick(slider.slider, Qt.Key.Key_Right)
    assert form.values()["steps"] == 21
    with qtbot.waitSignal(form.changed):
        qtbot.keyClick(slider.box, Qt.Key.Key_Up)
    assert form.values()["steps"] == 22
    switch = form.findChild(Switch)
    assert switch is not None
    with qtbot.waitSignal(form.changed):
        switch.click()
    assert form.values()["tile"] is True


def test_typing_a_number_with_a_comma(qtbot: QtBot, form: SchemaForm) -> None:
    box = next(s for s in form.findChildren(SliderField) if s.slider.accessibleName() == "Guidance").box
    box.selectAll()
    qtbot.keyClicks(box, "3,75")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert form.values()["guidance"] == 3.75
    box.selectAll()
    qtbot.keyClicks(box, "rubbish")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert form.values()["guidance"] == 3.75


def test_double_click_on_a_label_sets_the_default(qtbot: QtBot, form: SchemaForm) -> None:
    form.set_values({"steps": 44})
    row = form._rows["steps"]
    with qtbot.waitSignal(form.changed):
        qtbot.mouseDClick(row.label, Qt.MouseButton.LeftButton)
    assert form.values()["steps"] == 20
    form.set_values({"guidance": 9})
    slider = form._rows["guidance"].editor.focus
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=slider.rect().center())
    assert form.values()["guidance"] == 6.5


def test_an_error_is_shown_at_its_field_and_goes_with_a_change(form: SchemaForm, qtbot: QtBot) -> None:
    assert form.set_error("steps", "At most 12 steps for this model.")
    assert form.error("steps") == "At most 12 steps for this model."
    assert "At most 12" in form._rows["steps"].editor.focus.accessibleDescription()
    qtbot.keyClick(form._rows["steps"].editor.focus, Qt.Key.Key_Right)
    assert form.error("steps") == ""
    assert not form.set_error("nothing", "x")


def test_an_error_opens_the_folded_group(form: SchemaForm) -> None:
    section = form._groups["Advanced"]
    assert not section.is_open()
    form.set_error("eta", "Not here.")
    assert section.is_open()
    assert form.set_error("tuning", "Too hot.")  # the outer name finds the first inner field
    form.clear_errors()
    assert form.error("eta") == ""


def test_what_was_typed_is_checked_at_once(form: SchemaForm, qtbot: QtBot) -> None:
    form._groups["Advanced"].set_open(True)
    line = form._rows["eta"].editor.widget
    qtbot.keyClicks(line, "abc")
    assert "number" in form.error("eta")
    assert form.values()["eta"] is None
    line.clear()  # type: ignore[attr-defined]
    qtbot.keyClicks(line, "7")
    assert form.error("eta") == ""
    assert form.values()["eta"] == 1.0


def test_open_groups_are_remembered(qtbot: QtBot, theme: Theme) -> None:
    memory: dict[str, bool] = {}
    form = SchemaForm(SCHEMA, theme, memory=memory)
    qtbot.addWidget(form)
    assert not form._groups["Advanced"].is_open()
    form._groups["Advanced"].head.click()
    again = SchemaForm(SCHEMA, theme, memory=memory)
    qtbot.addWidget(again)
    assert again._groups["Advanced"].is_open()


# ---------------------------------------------------------------- size, seed, model, media


def test_presets_keep_the_area_and_the_step(form: SchemaForm, qtbot: QtBot) -> None:
    size = form._size
    assert isinstance(size, SizeEditor)
    assert size.presets.current() == "1:1"
    for key in ("3:2", "2:3", "16:9"):
        with qtbot.waitSignal(form.changed):
            size.presets.button(key).click()
        width, height = form.values()["width"], form.values()["height"]
        assert width % 8 == height % 8 == 0
        assert abs(width * height - 256 * 256) < 0.1 * 256 * 256
        assert size.presets.current() == key
    assert form.values()["width"] == 344
    form.set_values({"width": 500, "height": 96})
    assert size.presets.current() == ""


def test_linked_sides_move_together(form: SchemaForm, qtbot: QtBot) -> None:
    size = form._size
    assert size is not None
    form.set_values({"width": 384, "height": 256})
    size.link.click()
    size.width.field.setFocus()
    qtbot.keyClick(size.width.field, Qt.Key.Key_PageUp)
    assert (form.values()["width"], form.values()["height"]) == (464, 312)
    size.link.click()
    qtbot.keyClick(size.height.field, Qt.Key.Key_Down)
    assert (form.values()["width"], form.values()["height"]) == (464, 304)


def test_the_seed_can_be_rolled_and_locked(form: SchemaForm, qtbot: QtBot) -> None:
    seed = form.findChild(SeedField)
    assert seed is not None
    assert not form.seed_locked()
    form.set_values({"seed": 5})
    with qtbot.waitSignal(form.changed):
        seed.dice.click()
    assert 0 <= form.values()["seed"] < 2**32
    with qtbot.waitSignal(form.changed):
        seed.lock.click()
    assert form.seed_locked()
    kept = form.values()["seed"]
    form.roll_seed()
    assert form.values()["seed"] == kept


def test_a_seed_is_grouped_and_typed_plain(form: SchemaForm, qtbot: QtBot) -> None:
    seed = form.findChild(SeedField)
    assert seed is not None
    seed.set_value(3218407745)
    assert seed.line.text() == "3 218 407 745"
    seed.line.setText("12 345 x")
    qtbot.keyClick(seed.line, Qt.Key.Key_Return)
    assert form.values()["seed"] == 12345
    seed.line.setText("99999999999999999999999")
    qtbot.keyClick(seed.line, Qt.Key.Key_Return)
    assert form.values()["seed"] == 2**32 - 1


def test_a_model_that_is_gone_stays_named(qtbot: QtBot, theme: Theme) -> None:
    installed = [("spark", "Spark", "")]
    form = SchemaForm(SCHEMA, theme, FormPickers(models=lambda _kinds: installed))
    qtbot.addWidget(form)
    form.set_values({"model": "lost"})
    assert form.values()["model"] == "lost"
    installed.append(("ember", "Ember", ""))
    form.refresh_models()
    assert form.values()["model"] == "lost"
    form.set_values({"model": "ember"})
    assert form.values()["model"] == "ember"


def test_without_a_model_there_is_a_way_to_one(qtbot: QtBot, theme: Theme) -> None:
    asked: list[list[str]] = []
    form = SchemaForm(SCHEMA, theme, FormPickers(install=asked.append))
    qtbot.addWidget(form)
    assert form.values()["model"] == ""
    editor = form.editor("model")
    assert editor is not None
    editor.focus.click()  # type: ignore[attr-defined]
    assert asked == [["stable-diffusion"]]


def test_a_dropped_file_becomes_a_reference(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}

    def store(data: bytes, media_type: str) -> str:
        kept["f" * 64] = data
        return "f" * 64

    form = SchemaForm(SCHEMA, theme, FormPickers(store=store))
    qtbot.addWidget(form)
    picture = tmp_path / "apple.png"
    image = QImage(8, 6, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    image.save(str(picture))
    well = form.findChild(MediaWell)
    assert well is not None
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(picture))])
    with qtbot.waitSignal(form.changed):
        assert well.take_mime(mime)
    assert form.values()["start"] == {"media": "f" * 64, "type": "image/png"}
    assert kept["f" * 64] == picture.read_bytes()
    with qtbot.waitSignal(form.changed):
        qtbot.keyClick(well, Qt.Key.Key_Delete)
    assert form.values()["start"] is None


def test_a_file_that_is_no_picture_is_refused_at_the_field(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    form = SchemaForm(SCHEMA, theme, FormPickers(store=lambda _data, _type: "0" * 64))
    qtbot.addWidget(form)
    fake = tmp_path / "fake.png"
    fake.write_bytes(b"not a picture")
    well = form.findChild(MediaWell)
    assert well is not None
    with qtbot.waitSignal(well.failed):
        well.take_file(fake)
    assert "not a picture" in form.error("start")
    with qtbot.waitSignal(well.failed):
        well.take_file(tmp_path / "x.exe")
    with qtbot.waitSignal(well.failed):
        well.take_file(tmp_path / "missing.png")
    assert form.values()["start"] is None


# ---------------------------------------------------------------- any schema


def test_nothing_and_nonsense_make_an_empty_form(qtbot: QtBot, theme: Theme) -> None:
    for schema in ({}, {"properties": 3}, {"type": "string"}, {"properties": {}}):
        form = SchemaForm(schema, theme)  # type: ignore[arg-type]
        qtbot.addWidget(form)
        assert form.values() == {}


def test_a_default_that_only_the_generator_knows_is_left_to_it(form: SchemaForm) -> None:
    assert "weights" not in form.values()
    form.set_values({"weights": {"a": 1}})
    assert form.values()["weights"] == {"a": 1}


def test_a_schema_that_refers_to_itself_ends(qtbot: QtBot, theme: Theme) -> None:
    node = {"type": "object", "properties": {"child": {"$ref": "#/$defs/Node"}, "name": {"type": "string"}}}
    form = SchemaForm({"$defs": {"Node": node}, **node}, theme)
    qtbot.addWidget(form)
    form.set_values({"child": {"name": "x"}})
    assert form.values()["child"]["name"] == "x"
    loop = {"$defs": {"A": {"$ref": "#/$defs/A"}}, "properties": {"a": {"$ref": "#/$defs/A"}}}
    assert [f.kind for f in fields_of(loop)] == ["json"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2**70, 2**70) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=8)

hints = st.fixed_dictionaries({}, optional={
    "role": st.sampled_from(["prompt", "seed", "width", "height", "model", 3]),
    "widget": st.sampled_from(["slider", "number", "text", "multiline", "choice", "switch", "seed", "model", None]),
    "group": st.sampled_from(["", "Advanced", 4]), "label": json_values, "unit": json_values, "step": json_values,
    "kinds": json_values, "media": st.sampled_from(["image", "mask", "audio", "hologram", 1]), "titles": json_values,
    "choices": json_values})

schemas = st.recursive(
    st.fixed_dictionaries({}, optional={
        "type": st.sampled_from(["integer", "number", "string", "boolean", "array", "object", "null", "alien", 5,
                                 ["string", "null"], ["integer", "string"]]),
        "minimum": json_values, "maximum": json_values, "exclusiveMinimum": json_values, "multipleOf": json_values,
        "exclusiveMaximum": json_values, "default": json_values, "title": json_values, "description": json_values,
        "maxLength": json_values, "enum": json_values, "const": json_values, "items": json_values,
        "$ref": st.sampled_from(["#/$defs/A", "#/nowhere", "", 7]), "x-studio": hints | json_values}),
    lambda inner: st.fixed_dictionaries({}, optional={
        "anyOf": st.lists(inner, max_size=3), "allOf": st.lists(inner, max_size=2), "oneOf": json_values,
        "properties": st.dictionaries(st.text(max_size=6), inner, max_size=3), "default": json_values,
        "type": st.just("object"), "required": json_values, "x-studio": hints}),
    max_leaves=6)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(properties=st.dictionaries(st.text(max_size=8), schemas, max_size=4), a=schemas, values=json_values)
def test_any_schema_makes_a_form(qapp: QApplication, properties: dict[str, Any], a: Any, values: Any) -> None:
    form = SchemaForm({"properties": properties, "$defs": {"A": a}}, Theme("dark", reduced_motion=True))
    first = form.values()
    form.set_values(first)
    form.set_values(dict.fromkeys(properties, values))
    form.values()
    form.set_error(next(iter(properties), "x"), "No.")
    form.reset()
    form.deleteLater()


def test_every_control_has_a_name(form: SchemaForm) -> None:
    for child in form.findChildren(Choice) + form.findChildren(SliderField) + form.findChildren(MediaWell):
        widget = child.slider if isinstance(child, SliderField) else child
        assert widget.accessibleName()


def test_the_context_menu_resets(form: SchemaForm, qtbot: QtBot) -> None:
    from PySide6.QtGui import QContextMenuEvent

    from studio.ui.widgets import Menu

    form.set_values({"steps": 3})
    row = form._rows["steps"]
    row.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(2, 2), QPoint(2, 2)))
    menu = row.findChild(Menu)
    assert menu is not None
    menu.actions()[0].trigger()
    menu.close()
    assert form.values()["steps"] == 20


class Drawing(api.Params):
    quality: Literal["Draft", "Quality", "Custom"] = Field(
        "Quality", json_schema_extra=api.ui(presets={"Draft": {"steps": 4}, "Quality": {"steps": 20}}))
    steps: int = Field(20, ge=1, le=150)
    parts: list[Tuning] = Field([], json_schema_extra=api.ui(widget="none"))


def test_a_choice_sets_what_it_stands_for_and_is_let_go_by_hand(qtbot: QtBot, theme: Theme) -> None:
    form = SchemaForm(Drawing.model_json_schema(), theme)
    qtbot.addWidget(form)
    assert form.values() == {"quality": "Quality", "steps": 20}

    def by_hand(name: str, value: Any) -> dict[str, Any]:
        editor = form.editor(name)
        assert editor is not None
        editor.set_value(value)
        editor.changed.emit()
        return form.values()

    assert by_hand("quality", "Draft") == {"quality": "Draft", "steps": 4}
    assert by_hand("steps", 4) == {"quality": "Draft", "steps": 4}
    assert by_hand("steps", 9) == {"quality": "Custom", "steps": 9}
    assert by_hand("quality", "Custom") == {"quality": "Custom", "steps": 9}
    assert by_hand("quality", "Quality") == {"quality": "Quality", "steps": 20}
