"""Whatever a plugin is, the registry answers with a report."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from studio.plugins import Generator, Text, hookimpl, registry
from studio.plugins.registry import BrokenPlugin, discover, generators_of, validate


class Fine(Generator):
    id, title, produces = "fine.text", "Fine", "text"

    def run(self, params: Any, ctx: Any) -> Text:
        return Text.of("")


def point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, source: str) -> EntryPoint:
    (tmp_path / f"{name}_module.py").write_text(source)
    if str(tmp_path) not in sys.path:
        monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, f"{name}_module", raising=False)
    return EntryPoint(name, f"{name}_module", registry.GROUP)


GOOD = """
from studio.plugins import Generator, Text, hookimpl
class One(Generator):
    id, title, produces = "{id}", "One", "text"
    def run(self, params, ctx):
        return Text.of("")
@hookimpl
def studio_generators():
    return [One]
"""


@pytest.mark.parametrize(("source", "reason"), [
    ("raise RuntimeError('first line\\nsecond')", "RuntimeError: first line."),
    ("import sys; sys.exit()", "tried to quit"),
    ("raise BaseException", "BaseException"),
    ("import no_such_module_anywhere", "an import failed"),
    ("def x(:", "SyntaxError"),
    ("", "no function studio_generators"),
    ("from studio.plugins import hookimpl\n@hookimpl\ndef studio_generators(): return None", "not a list"),
    ("from studio.plugins import hookimpl\n@hookimpl\ndef studio_generators(): return []", "no generators"),
    ("from studio.plugins import hookimpl\n@hookimpl\ndef studio_generators(): return 'text'", "returned str"),
    ("from studio.plugins import hookimpl\n@hookimpl\ndef studio_generators(wrong): return []", "take no arguments"),
])
def test_a_broken_plugin_is_a_report_and_the_others_are_found(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, reason: str) -> None:
    bad = point(tmp_path, monkeypatch, "bad", source)
    good = point(tmp_path, monkeypatch, "good", GOOD.format(id="good.one"))
    imported: list[str] = []
    found = discover([bad, good], on_import=imported.append)
    assert list(found.generators) == ["good.one"]
    (error,) = found.errors
    assert error.plugin == "bad"
    assert reason in error.message
    assert imported == ["bad", "good"]
    assert [plugin.name for plugin in found.plugins] == ["bad", "good"]


def test_ids_are_unique(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [point(tmp_path, monkeypatch, name, GOOD.format(id="same.id")) for name in ("first", "second")]
    found = discover(points)
    assert found.generators["same.id"].plugin == "first"
    (error,) = found.errors
    assert (error.plugin, error.generator) == ("second", "same.id")


def test_a_skipped_plugin_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = discover([point(tmp_path, monkeypatch, "bad", "raise SystemExit")], skip={"bad"})
    assert not found.generators
    assert not found.errors


@pytest.mark.parametrize("changes", [
    {"id": "Upper.case"}, {"id": "nodot"}, {"id": "two.dots.here"}, {"id": 5}, {"id": "fine.text\n"},
    {"title": ""}, {"title": None}, {"produces": "smell"}, {"requires": 5}, {"libraries": "torch"}, {"Params": dict},
    {"Params": None}, {"summary": 1},
])
def test_declarations_that_are_refused(changes: dict[str, Any]) -> None:
    assert validate(Fine)
    with pytest.raises(BrokenPlugin):
        validate(type("Changed", (Fine,), changes))


@pytest.mark.parametrize("thing", [None, 5, "text", Fine(), Generator, int])
def test_things_that_are_no_generator(thing: Any) -> None:
    with pytest.raises(BrokenPlugin):
        validate(thing)


def test_a_plugin_may_be_an_object() -> None:
    class Plugin:
        @hookimpl
        def studio_generators(self) -> list[type[Generator]]:
            return [Fine]

    assert generators_of(Plugin()) == [Fine]
    with pytest.raises(BrokenPlugin):
        generators_of(SimpleNamespace())


def test_the_built_ins_are_found_like_anyone() -> None:
    names = {point.name for point in registry.installed()}
    assert {"diffusion", "language"} <= names
