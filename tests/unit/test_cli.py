"""The command without a host: arguments, parameters by schema, names of files, what is said where."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from loopback import gguf
from pydantic import Field

from studio.cli import build_parser, main, output
from studio.cli import params as p
from studio.cli.output import CommandError, Output
from studio.cli.outputs import Destination, loose_row
from studio.engine.job import Result
from studio.plugins import Image, ModelField, Params, Prompt, Seed


class Everything(Params):
    prompt: Prompt
    seed: Seed = 0
    steps: int = Field(20, ge=1, le=150)
    guidance: float = Field(7.5, gt=1, le=30)
    size: int = Field(256, multiple_of=8)
    tiled: bool = False
    sampler: str = Field("ddim", json_schema_extra={"enum": ["ddim", "euler"]})
    eta: float | None = None
    stop: list[str] = []
    picture: Image | None = None
    model: str = ModelField("stable-diffusion")


SCHEMA = Everything.model_json_schema()


def test_fields_of_a_real_schema() -> None:
    assert p.with_role(SCHEMA, "prompt") == "prompt"
    assert p.with_role(SCHEMA, "seed") == "seed"
    assert p.with_role(SCHEMA, "strength") == ""
    assert p.media_fields(SCHEMA) == {"picture": "image"}
    assert p.model_fields(SCHEMA) == {"model": ["stable-diffusion"]}


def test_values_get_their_types() -> None:
    given = ["steps=30", "guidance=2", "tiled=yes", "sampler=euler", "eta=null", "stop=a,b", "size=64", "prompt=a=b"]
    values = p.settings(SCHEMA, given)
    assert values == {"steps": 30, "guidance": 2.0, "tiled": True, "sampler": "euler", "eta": None, "stop": ["a", "b"],
                      "size": 64, "prompt": "a=b"}
    assert p.settings(SCHEMA, ['stop=["x, y"]', "eta=0.5"]) == {"stop": ["x, y"], "eta": 0.5}
    Everything.model_validate(values)


@pytest.mark.parametrize(("text", "field", "words"), [
    ("steps=0", "steps", "at least 1"), ("steps=151", "steps", "at most 150"), ("steps=1.5", "steps", "whole number"),
    ("steps=", "steps", "whole number"), ("guidance=nan", "guidance", "must be a number"),
    ("guidance=inf", "guidance", "must be a number"), ("guidance=1", "guidance", "more than 1"),
    ("guidance=x", "guidance", "must be a number"), ("size=65", "size", "multiple of 8"),
    ("tiled=maybe", "tiled", "yes or no"), ("sampler=plms", "sampler", "ddim, euler"),
    ("nope=1", "nope", "no parameter"), ("picture=x.png", "picture", "--input picture=FILE"),
    ("steps", "steps", "NAME=VALUE"), ("=3", "--set", "NAME=VALUE"),
    ("prompt=" + "x" * 20_001, "prompt", "20,000"), ("seed=-1", "seed", "at least 0"),
    ("seed=4294967296", "seed", "at most"),
])
def test_bad_values_name_the_field(text: str, field: str, words: str) -> None:
    with pytest.raises(CommandError, match=words) as caught:
        p.settings(SCHEMA, [text])
    assert (caught.value.field, caught.value.code) == (field, 2)


@hypothesis.given(st.text(max_size=30))
def test_wild_settings_are_taken_or_refused(text: str) -> None:
    for name in SCHEMA["properties"]:
        try:
            values = p.settings(SCHEMA, [f"{name}={text}"])
        except CommandError:
            continue
        json.dumps(values, allow_nan=False)


# ---------------------------------------------------------------- files


def row(prompt: str = "A red, red apple!", seed: int | None = 7, kind: str = "image") -> Any:
    recipe = {"generator": {"id": "a.b", "title": "A"}, "params": {"prompt": prompt, "seed": seed}, "seed": seed}
    return loose_row(Result("job", kind, b"", {"image": "image/png", "text": "text/plain"}[kind], {}, recipe))


def names(given: str, count: int, several: bool = True, seed: int = 7) -> list[str]:
    place = Destination(given, several)
    made = []
    for index in range(count):
        path = place.next(row(seed=seed + index))
        path.touch()
        made.append(path.as_posix())
    return made


def test_where_results_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert names("a.png", 1, several=False) == ["a.png"]
    assert names("a.png", 1, several=False) == ["a.png"], "a named file is replaced"
    assert names("a.png", 2) == ["a-1.png", "a-2.png"]
    assert names("a.png", 2, several=False) == ["a.png", "a-2.png"], "one job may give several things"
    assert names("new/deep/a", 1, several=False) == ["new/deep/a.png"]
    assert names("p-{seed}.jpg", 2) == ["p-7.jpg", "p-8.jpg"]
    assert names("p-{n}-{prompt}-{generator}.png", 1) == ["p-1-a-red-red-apple-a.b.png"]
    assert names("", 2) == ["out/a-red-red-apple-7.png", "out/a-red-red-apple-8.png"]
    assert names("", 1) == ["out/a-red-red-apple-7-2.png"], "nothing in a folder is replaced"
    assert names("folder/", 1) == ["folder/a-red-red-apple-7.png"]


def test_prompts_of_any_script_make_a_name(tmp_path: Path) -> None:
    for prompt in ("🍎🍎", "تفاحة حمراء", "../../etc/passwd", "x" * 5000, "", "a\0b", "CON"):
        path = Destination(f"{tmp_path}/", several=False).next(row(prompt))
        path.touch()
        assert path.parent == tmp_path


def test_names_that_cannot_work_are_refused_early(tmp_path: Path) -> None:
    for given, words in (("a.xyz", "not as .xyz"), ("{nope}.png", "{nope}")):
        with pytest.raises(CommandError, match=words) as caught:
            Destination(given, several=False).check("image")
        assert caught.value.field == "--output"
    Destination("a.xyz", several=False).check("text")
    (tmp_path / "dotted.folder").mkdir()
    Destination(str(tmp_path / "dotted.folder"), several=False).check("image")
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="Nothing can be written into"):
        Destination(str(tmp_path / "file" / "a.png"), several=False).check("image")
    with pytest.raises(CommandError, match="cannot be made"):
        Destination(str(tmp_path / "file" / "a.png"), several=False).next(row())


# ---------------------------------------------------------------- what is said


def test_json_lines_and_words_do_not_mix() -> None:
    out = Output(json=True, out=io.StringIO(), err=io.StringIO())
    out.print("for a person")
    out.say("hello")
    out.emit({"event": "token", "text": "🍎\nשלום \ud800"})
    out.progress(1, 2, "x")
    assert out.fail(CommandError("steps must be less.", field="steps")) == 2
    lines = [json.loads(line) for line in out.out.getvalue().splitlines()]  # type: ignore[attr-defined]
    assert [line["event"] for line in lines] == ["token", "error"]
    assert lines[1] == {"event": "error", "code": 2, "kind": "params", "field": "steps",
                        "message": "steps must be less."}
    assert out.err.getvalue() == "hello\nstudio: steps must be less.\n"  # type: ignore[attr-defined]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_drawn_on_a_terminal_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count()
    monkeypatch.setattr(output, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    out = Output(out=io.StringIO(), err=Terminal())
    with out.bar():
        out.progress(5, 10, "Making", "5/10")
        out.progress(0, 0, "Loading")
    text = out.err.getvalue()
    assert "Making" in text
    assert "50%" in text
    assert text.endswith("\r")


def test_sizes_and_times_for_people() -> None:
    assert [output.size(n) for n in (0, 999, 98_362_432, 2_500_000_000)] == ["0 B", "999 B", "98 MB", "2.5 GB"]
    assert [output.left(s) for s in (0.4, 59, 125, 3725)] == ["0 s", "59 s", "2:05", "1:02:05"]
    assert output.table([("a", "b"), ("long", "c")]) == "a     b\nlong  c"


# ---------------------------------------------------------------- the parser and the light commands


def test_every_command_leads_somewhere() -> None:
    parser = build_parser()
    lines = ["generate x", "generators", "plugins", "plugins check x", "models", "models install x", "models remove x",
             "project info f", "project check f", "project replay f r", "inspect f", "bench", "demo", "open f"]
    for line in lines:
        if line in ("bench", "generators", "plugins", "plugins check x", "generate x", "demo", "project replay f r"):
            pytest.importorskip("studio.engine.supervisor")
        module, _, function = parser.parse_args(line.split()).run.partition(":")
        assert callable(getattr(import_module(module), function))


def test_json_may_stand_before_or_after_a_part() -> None:
    parser = build_parser()
    for line in ("plugins --json check x", "plugins check x --json", "models --json", "project info f --json"):
        assert parser.parse_args(line.split()).json is True


def test_argparse_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["generate", "x", "--count", "many"])
    assert caught.value.code == 2
    assert "--count" in capsys.readouterr().err


def test_help_imports_nothing_heavy() -> None:
    code = ("import sys; from studio.cli import main\n"
            "try: main(['--help'])\n"
            "except SystemExit: pass\n"
            "print(sorted({'torch','PySide6','pydantic','numpy','PIL','huggingface_hub'} & set(sys.modules)),"
            "file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.strip() == "[]"
    assert "generate" in done.stdout


def test_models_from_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "tale.gguf").write_bytes(gguf())
    assert main(["models", "install", str(tmp_path / "mine")]) == 0
    assert main(["models", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["path"] for line in lines if line.get("name") == "tale"] == [str(tmp_path / "mine" / "tale.gguf")]
    assert lines[-1]["event"] == "done"
    assert main(["models", "remove", "tale"]) == 2
    assert main(["models", "remove", str(tmp_path / "mine")]) == 0
    capsys.readouterr()
    assert main(["models"]) == 0
    assert "tale" not in capsys.readouterr().out
    assert main(["models", "install", "--json", "nope"]) == 2
    assert json.loads(capsys.readouterr().out)["field"] == "NAME"
    assert main(["models", "install"]) == 2
    assert (tmp_path / "mine" / "tale.gguf").is_file()


def test_no_screen_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    if sys.platform in ("win32", "darwin"):
        pytest.skip("there is always a screen")
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == 2
    assert "studio demo" in capsys.readouterr().err


def test_project_commands_on_files_that_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("studio.engine.supervisor")
    (tmp_path / "cut.pieria").write_bytes(b"SQLite format 3\0 cut")
    for line in (["project", "info", "none.pieria"], ["project", "check", "none.pieria"], ["inspect", "none.png"],
                 ["project", "info", str(tmp_path / "cut.pieria")]):
        assert main(line) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert main(["project", "check", str(tmp_path / "cut.pieria"), "--json"]) == 3
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["ok"] is False
    (tmp_path / "plain.txt").write_text("hello")
    assert main(["inspect", str(tmp_path / "plain.txt")]) == 0


@pytest.mark.expects_log
def test_what_nobody_thought_of_is_one_sentence_too(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from studio.cli import models

    def fail() -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(models, "open_library", fail)
    assert main(["models", "--json"]) == 3
    said = capsys.readouterr()
    assert "ZeroDivisionError" in said.err
    assert "Traceback" not in said.err
    assert "Traceback" in json.loads(said.out)["details"]
    monkeypatch.setattr(models, "open_library", lambda: Path("none").read_text())
    assert main(["models"]) == 3
    assert capsys.readouterr().err == "studio: none: No such file or directory.\n"


def test_files_go_into_items_of_lists() -> None:
    image = {"x-studio": {"media": "image"}, "type": "object"}
    schema = {"properties": {"layers": {"type": "array", "items": {"$ref": "#/$defs/Layer"}}, "image": image},
              "$defs": {"Layer": {"properties": {"picture": image, "kind": {"type": "string"}}}}}
    assert p.media_fields(schema) == {"image": "image", "layers.N.picture": "image"}
    assert p.without_places("layers.12.picture") == "layers.N.picture"
    values: dict[str, Any] = {"layers": [{"kind": "a"}, {"kind": "b"}]}
    p.put(values, {"layers.1.picture": {"media": "x"}, "image": {"media": "y"}})
    assert values == {"layers": [{"kind": "a"}, {"kind": "b", "picture": {"media": "x"}}], "image": {"media": "y"}}
    for name in ("layers.2.picture", "layers.x.picture", "none.0.picture"):
        with pytest.raises(CommandError, match="give it first"):
            p.put(values, {name: {"media": "z"}})
