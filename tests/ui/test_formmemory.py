"""Forms are remembered across projects, as far as the generator still takes the values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.job import GeneratorInfo
from studio.settings import SettingsFile
from studio.ui.formmemory import FormMemory

SCHEMA: dict[str, Any] = {"type": "object", "properties": {
    "prompt": {"type": "string", "x-studio": {"role": "prompt"}},
    "seed": {"type": "integer", "minimum": 0, "maximum": 9, "x-studio": {"role": "seed"}},
    "width": {"type": "integer", "minimum": 64, "maximum": 512, "x-studio": {"role": "width"}},
    "steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
    "sampler": {"enum": ["euler", "ddim"], "default": "euler"},
    "tiling": {"type": "boolean", "default": False},
    "guidance": {"anyOf": [{"type": "number", "minimum": 0, "maximum": 20}, {"type": "null"}], "default": None},
    "init_image": {"anyOf": [{"type": "object", "x-studio": {"media": "image"}}, {"type": "null"}]},
    "upscale": {"type": "object", "properties": {"by": {"type": "integer", "minimum": 1, "maximum": 4}}},
}}
INFO = GeneratorInfo("a.b", "A", "image", "a", "1", "1", schema=SCHEMA)
GOOD = {"steps": 30, "sampler": "ddim", "tiling": True, "guidance": None, "upscale": {"by": 2}}


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.json")


def kept(settings: SettingsFile, values: Any) -> dict[str, Any]:
    settings.update(last_params={"a.b": values})
    return FormMemory(settings).values(INFO)


def test_what_belongs_to_the_request_or_the_project_is_left_out(qtbot, settings):
    own = {"prompt": "a cat", "seed": 3, "width": 128, "init_image": {"media": "ab"}, "unknown": 1}
    assert kept(settings, GOOD | own) == GOOD


@pytest.mark.parametrize("bad", [
    {"steps": 0}, {"steps": 51}, {"steps": 1.5}, {"steps": True}, {"steps": None}, {"steps": "20"}, {"sampler": "heun"},
    {"sampler": None}, {"tiling": 1}, {"guidance": -1}, {"upscale": 3}, {"upscale": {"by": 9}}])
def test_what_the_generator_no_longer_takes_is_left_out(qtbot, settings, bad):
    name = next(iter(bad))
    assert kept(settings, GOOD | bad) == {key: value for key, value in GOOD.items() if key != name}


@given(values=st.dictionaries(st.sampled_from(sorted(SCHEMA["properties"])), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["by", "x"]), inner, max_size=2))))
def test_odd_values_are_passed_over(qapp, tmp_path_factory, values):
    memory = FormMemory(SettingsFile(tmp_path_factory.getbasetemp() / "none.json"))
    memory.note("a.b", values)
    found = memory.values(INFO)
    assert set(found) <= set(GOOD)
    assert found.get("steps", 20) in range(1, 51)
    memory._timer.stop()


def test_without_settings_nothing_is_remembered(qtbot):
    memory = FormMemory()
    memory.note("a.b", GOOD)
    memory.flush()
    assert memory.values(INFO) == {}


def test_a_new_project_begins_with_the_form_as_it_was_left(qtbot, studio):
    composer = studio.window.workbench.composer
    form = studio.window.workbench.inspector.form
    form.set_values({"steps": 33})
    form.changed.emit()
    assert composer.drafts["canvas"].values["steps"] == 33
    first = studio.desk.open.project.path
    assert studio.desk.new_project()
    again = studio.window.workbench.composer
    assert again is not composer
    assert again.drafts["canvas"].values == {"steps": 33, "strength": 0.6}
    assert studio.window.workbench.inspector.form.values()["steps"] == 33
    studio.window.workbench.inspector.form.set_values({"steps": 5})
    studio.window.workbench.inspector.form.changed.emit()
    assert studio.desk.open_project(first)
    assert studio.window.workbench.composer.drafts["canvas"].values["steps"] == 33  # a project keeps its own
