"""Settings, paths, log and diagnostics."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio import diagnostics, logs
from studio.settings import CHECKS, MAX_RECENT, Paths, Settings, SettingsError, SettingsFile

VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                      lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner))


@pytest.fixture
def path() -> Path:
    return Paths.from_env().settings


def test_all_paths_lie_below_pieria_home(pieria_home: Path) -> None:
    paths = Paths.from_env()
    for place in (paths.data, paths.config, paths.cache, paths.models, paths.plugins, paths.projects, paths.settings,
                  paths.log, paths.discovery):
        assert place.is_relative_to(pieria_home)
    assert not pieria_home.exists(), "nothing is made before something is written"


def test_without_it_the_system_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PIERIA_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert Paths.from_env().data.name == "pieria"


def test_what_is_changed_is_there_next_time(path: Path) -> None:
    file = SettingsFile(path)
    assert file.value == Settings()
    file.update(theme="dark", scale=1.25)
    file.remember_params("diffusion.image", {"steps": 20})
    again = SettingsFile(path)
    assert (again.value.theme, again.value.scale) == ("dark", 1.25)
    assert again.value.last_params == {"diffusion.image": {"steps": 20}}
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_unknown_keys_are_kept(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text('{"version": 7, "of_the_future": {"a": 1}, "theme": "light"}')
    SettingsFile(path).update(theme="dark")
    assert json.loads(path.read_text()) | {"of_the_future": {"a": 1}, "theme": "dark", "version": 7} == json.loads(
        path.read_text())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe\x00", b'"x"', b"[" * 100_000])
def test_a_damaged_file_is_set_aside_with_a_sentence(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    file = SettingsFile(path)
    assert file.value == Settings()
    assert file.notice.endswith("settings.json.damaged.")
    assert path.with_name("settings.json.damaged").read_bytes() == data
    file.update(theme="dark")
    assert SettingsFile(path).notice == ""


def test_one_bad_value_costs_only_itself(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text('{"theme": "purple", "scale": 99, "recent_projects": ["a.pieria"], "first_run_done": true}')
    value = SettingsFile(path).value
    assert (value.theme, value.scale) == ("system", 1.0)
    assert (value.recent_projects, value.first_run_done) == (["a.pieria"], True)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from(list(CHECKS)) | st.text(max_size=5), VALUES))
def test_wild_settings_never_stop_the_start(tmp_path: Path, data: dict[str, Any]) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(data))
    assert isinstance(SettingsFile(path).value, Settings)


def test_every_setting_has_a_check_that_its_default_passes() -> None:
    assert [*CHECKS, "unknown"] == [each.name for each in fields(Settings)]
    assert all(makes_sense(getattr(Settings(), name)) for name, makes_sense in CHECKS.items())


@pytest.mark.parametrize(("name", "value"), [
    ("version", True), ("theme", ["dark"]), ("reduced_motion", 1), ("scale", float("nan")), ("scale", 0.4),
    ("scale", True), ("recent_projects", [1]), ("last_params", {"a": 1}), ("shortcuts", {"a": None}),
    ("styles", [{"name": 1}]), ("styles", {}), ("tools", [])])
def test_values_of_the_wrong_kind_make_no_sense(name: str, value: Any) -> None:
    settings, bad = Settings.from_json({name: value, "first_run_done": True})
    assert (bad, settings) == ([name], Settings(first_run_done=True))


def test_wrong_changes_are_refused_and_nothing_is_lost(path: Path) -> None:
    file = SettingsFile(path)
    file.update(theme="dark")
    with pytest.raises(SettingsError, match="no value for theme"):
        file.update(theme="purple")
    assert SettingsFile(path).value.theme == "dark"


def test_recent_projects(path: Path) -> None:
    file = SettingsFile(path)
    for number in range(20):
        file.remember_project(Path(f"{number % 15}.pieria"))
    assert file.value.last_project == "4.pieria"
    assert file.value.recent_projects[:2] == ["4.pieria", "3.pieria"]
    assert len(file.value.recent_projects) == MAX_RECENT == len(set(file.value.recent_projects))


def test_two_windows_keep_each_others_changes(path: Path) -> None:
    one, two = SettingsFile(path), SettingsFile(path)
    one.update(theme="dark")
    two.update(model_folders=["/models"])
    one.remember_project(Path("a.pieria"))
    value = SettingsFile(path).value
    assert (value.theme, value.model_folders, value.last_project) == ("dark", ["/models"], "a.pieria")


def test_threads_do_not_tear_the_file(path: Path) -> None:
    file = SettingsFile(path)
    threads = [threading.Thread(target=file.remember_params, args=(f"g.{n}", {"n": n})) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(SettingsFile(path).value.last_params) == 8


@pytest.mark.expects_log
def test_a_full_disk_costs_the_settings_not_the_studio(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = SettingsFile(path)

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file, "_write", full)
    assert file.update(theme="dark").theme == "dark"


# ---------------------------------------------------------------- log and diagnostics


@pytest.fixture
def log_file() -> Iterator[Path]:
    path = Paths.from_env().log
    end = logs.set_up(path)
    yield path
    end()


def test_the_log_is_written_and_bounded(log_file: Path) -> None:
    for number in range(3):
        logging.getLogger("studio.test").info("line %d", number)
    assert logs.tail(log_file, 2)[-1].endswith("studio.test: line 2")
    assert len(logs.tail(log_file, 2)) == 2
    assert logs.tail(log_file.with_name("none")) == []


def test_a_log_that_cannot_be_written_does_not_stop_the_start(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    before = list(logging.getLogger().handlers)
    logs.set_up(tmp_path / "file" / "log")()
    assert logging.getLogger().handlers == before
    assert "There will be no log" in capsys.readouterr().err


def test_diagnostics_tell_no_prompt_and_no_place(log_file: Path) -> None:
    home = Path.home()
    log = logging.getLogger("studio.test")
    log.info("opened %s/secret/plan.pieria", home)
    log.info('request {"prompt": "my \\"private\\" wish", "steps": 4}')
    log.info("prompt='another private wish' negative_prompt=private seed=3")
    log.info("said: the dragon sleeps")
    found = diagnostics.collect(log_file, {"device": {"type": "cpu"}, "generators": [
        {"id": "a.b", "version": "1", "plugin": "a", "plugin_version": "2", "schema": {"x": 1}}],
        "errors": [{"plugin": "bad", "message": "The plugin failed.", "details": f"File {home}/x.py"}]},
        secrets=["the dragon sleeps"])
    text = json.dumps(found)
    for private in ("private", "wish", "dragon", "secret", "plan.pieria"):
        assert private not in text
    assert found["generators"] == [{"id": "a.b", "version": "1", "plugin": "a", "plugin_version": "2"}]
    assert found["studio"]
    assert found["versions"]["torch"]
    assert "seed=3" in text


@pytest.mark.parametrize(("line", "told"), [
    ('File "/home/ann/v/site-packages/torch/nn.py", line 3', 'File "…/site-packages/torch/nn.py", line 3'),
    ('File "/srv/code/studio/engine/host.py", line 9', 'File "…/studio/engine/host.py", line 9'),
    ("opened /home/ann/My Novel/chapter 1.pieria: done", "opened [path]: done"),
    (r"opened C:\Users\ann\Novel\a b.pieria: done", "opened [path]: done"),
    ("read /mnt/disk/ann/weights.gguf in 3 s", "read [path] in 3 s"),
    ("3/4 steps, 5.0 steps/s, image/png, http status 200", "3/4 steps, 5.0 steps/s, image/png, http status 200"),
])
def test_places_are_taken_out_and_the_rest_stays(line: str, told: str) -> None:
    assert diagnostics.scrub(line) == told


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_scrubbing_takes_anything(text: str) -> None:
    diagnostics.scrub(text, ["secret"])
