"""`studio generate` and its relatives with a real host and a plugin that is installed for the test."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from studio.cli import main
from studio.project import Project

PLUGIN = '''
import os, sys
from pydantic import Field
from studio.plugins import *
from studio.plugins import hookimpl

class Picture(Generator):
    id, title, produces = "fake.picture", "Fake picture", "image"
    class Params(Params):
        prompt: Prompt
        seed: Seed = 0
        steps: int = Field(3, ge=1, le=10)
        tint: Image | None = None
    def run(self, params, ctx):
        import hashlib, PIL.Image
        for step in range(params.steps):
            ctx.progress(step + 1, params.steps)
        digest = hashlib.sha256(f"{params.prompt}{params.seed}{params.steps}".encode()).digest()
        if params.tint is not None:
            digest = bytes(params.tint.pil().getpixel((0, 0))[:3]) + digest[3:]
        return Image.from_pil(PIL.Image.new("RGB", (8, 8), tuple(digest[:3])))

class Words(Generator):
    id, title, produces = "fake.words", "Fake words", "text"
    class Params(Params):
        prompt: Prompt = ""
        seed: Seed = 0
    def run(self, params, ctx):
        print("noise on stdout")
        os.write(1, b"noise on descriptor 1\\n")
        for word in ("once ", "upon ", "a time"):
            ctx.token(word)
        return Text.of(f"once upon a time: {params.prompt}")

class Fails(Generator):
    id, title, produces = "fake.fails", "Fake failure", "audio"
    class Params(Params):
        how: str = "raise"
    def run(self, params, ctx):
        if params.how == "crash":
            os.abort()
        if params.how == "field":
            raise InputError("This will not do.", field="how")
        raise GeneratorError("It could not be made; try another one.")

class Slow(Generator):
    id, title, produces = "fake.slow", "Fake slow", "video"
    def run(self, params, ctx):
        import time
        for step in range(100000):
            ctx.progress(min(step, 99999), 100000)
            time.sleep(0.01)

class Needs(Generator):
    id, title, produces = "fake.needs", "Needs a model", "mesh"
    class Params(Params):
        model: str = ModelField("gguf", default="qwen2.5-coder-0.5b")
    def run(self, params, ctx):
        return Mesh(b"x")

@hookimpl
def studio_generators():
    return [Picture, Words, Fails, Slow, Needs]
'''


@dataclass
class Ended:
    code: int
    lines: list[dict[str, Any]]
    err: str
    out: str

    @property
    def last(self) -> dict[str, Any]:
        return self.lines[-1]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


def install_plugin(place: Path, name: str, source: str) -> None:
    place.mkdir(exist_ok=True)
    (place / f"{name}_plugin.py").write_text(source)
    info = place / f"{name}_plugin-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[studio.v1]\n{name} = {name}_plugin\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PYTHONPATH with the plugin; commands run in tmp_path."""
    place = tmp_path / "site"
    install_plugin(place, "fake", PLUGIN)
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(place), str(Path(__file__).resolve().parents[2])]))
    monkeypatch.chdir(tmp_path)
    return place


def start(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    # A test run in the background inherits an ignored SIGINT; a person's shell gives the default.
    if sys.platform != "win32":
        options.setdefault("preexec_fn", lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    return subprocess.Popen([sys.executable, "-m", "studio", *arguments], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, encoding="utf-8", **options)


def studio(*arguments: str) -> Ended:
    """Run the command in this process; its host is a real one."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    said, words = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
    lines = [json.loads(line) for line in said.splitlines()] if "--json" in arguments else []
    return Ended(code, lines, words, said)


pytestmark = pytest.mark.usefixtures("site")


def generate(*arguments: str) -> Ended:
    return studio("generate", *arguments, "--json")


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    done = generate("a red apple", "--generator", "fake.picture", "--seed", "7", "-o", "a.png")
    assert done.code == 0, done.err
    first = (tmp_path / "a.png").read_bytes()
    (output,) = done.last["outputs"]
    assert output["path"] == "a.png"
    assert (output["kind"], output["seed"]) == ("image", 7)
    assert output["sha256"] == hashlib.sha256(first).hexdigest()
    assert [line["step"] for line in done.of("progress")][-1] == 3
    assert done.of("start")[0]["seed"] == 7
    again = generate("a red apple", "--generator", "fake.picture", "--seed", "7", "-o", "a.png")
    assert again.last["outputs"] == done.last["outputs"]
    assert (tmp_path / "a.png").read_bytes() == first
    other = generate("a red apple", "--generator", "fake.picture", "--seed", "8", "-o", "b.png")
    assert other.last["outputs"][0]["sha256"] != output["sha256"]
    recipe = studio("inspect", "a.png", "--json").of("file")[0]["recipe"]
    assert recipe["params"]["prompt"] == "a red apple"
    assert recipe["seed"] == 7


def test_four_pictures_are_four_runs(tmp_path: Path) -> None:
    done = generate("x", "--generator", "fake.picture", "--seed", "4294967294", "--count", "4", "-o", "p.png")
    assert [o["seed"] for o in done.last["outputs"]] == [4294967294, 4294967295, 0, 1]
    assert [o["path"] for o in done.last["outputs"]] == [f"p-{n}.png" for n in (1, 2, 3, 4)]
    alone = generate("x", "--generator", "fake.picture", "--seed", "0", "-o", "alone.png")
    assert alone.last["outputs"][0]["sha256"] == done.last["outputs"][2]["sha256"]


def test_text_for_a_person() -> None:
    done = studio("generate", "a cat", "--generator", "fake.words", "--seed", "1")
    assert done.code == 0, done.err
    path = Path(done.out.strip())
    assert path == Path("out/a-cat-1.txt")
    assert path.read_text() == "once upon a time: a cat"
    assert Path("out/a-cat-1.txt.recipe.json").is_file()
    assert "noise" not in done.out + done.err


def test_a_prompt_from_stdin_and_a_text_to_stdout() -> None:
    process = start("generate", "-", "--generator", "fake.words", "-o", "-", stdin=subprocess.PIPE)
    assert process.communicate("🍎 ‏תפוח\n")[0] == "once upon a time: 🍎 ‏תפוח"
    tokens = generate("x", "--generator", "fake.words").of("token")
    assert "".join(t["text"] for t in tokens) == "once upon a time"


def test_a_file_as_input(tmp_path: Path) -> None:
    import PIL.Image

    PIL.Image.new("RGB", (4, 4), (1, 2, 3)).save(tmp_path / "in.png")
    done = generate("x", "--generator", "fake.picture", "--input", "tint=in.png", "-o", "o.png",
                    "--project", "p.pieria")
    assert done.code == 0, done.err
    assert PIL.Image.open(tmp_path / "o.png").getpixel((0, 0)) == (1, 2, 3)
    sha256 = hashlib.sha256((tmp_path / "in.png").read_bytes()).hexdigest()
    with Project.open(tmp_path / "p.pieria", read_only=True) as project:
        assert project.media(sha256)[0] == (tmp_path / "in.png").read_bytes()
    replayed = studio("project", "replay", "p.pieria", "last", "--json")
    assert (replayed.code, replayed.last["same"]) == (0, True)


BAD: list[tuple[list[str], str]] = [
    (["--generator", "fake.picture", "--set", "steps=11"], "steps"),
    (["--generator", "fake.picture", "--set", "steps=nan"], "steps"),
    (["--generator", "fake.picture", "--set", "colour=red"], "colour"),
    (["--generator", "fake.picture", "--input", "tint=none.png"], "tint"),
    (["--generator", "fake.picture", "--input", "other=none.png"], "other"),
    (["--generator", "fake.picture", "--seed", "-1"], "seed"),
    (["--generator", "fake.picture", "--count", "0"], "--count"),
    (["--generator", "fake.picture", "-o", "a.xyz"], "--output"),
    (["--generator", "fake.nothing"], "--generator"),
    (["--generator", "fake.picture", "--kind", "text"], "--kind"),
    (["--generator", "fake.slow"], "PROMPT"),
    (["--generator", "fake.picture", "--project", "."], "--project"),
]


def test_bad_arguments_are_two_and_name_the_field() -> None:
    for arguments, field in BAD:
        done = generate("x", *arguments)
        assert done.code == 2, (arguments, done.err)
        assert (done.last["event"], done.last["field"]) == ("error", field)
        assert done.err.count("\n") == 1
        assert not Path("out").exists()


def test_a_long_prompt_and_a_missing_one() -> None:
    assert generate("x" * 20_000, "--generator", "fake.picture").code == 0
    for wrong in (generate("x" * 20_001, "--generator", "fake.picture"), generate("--generator", "fake.picture")):
        assert (wrong.code, wrong.last["field"]) == (2, "prompt")


def test_failures_are_three_and_say_why() -> None:
    done = generate("--generator", "fake.fails")
    assert (done.code, done.last["kind"]) == (3, "generator")
    assert "It could not be made; try another one." in done.err
    crash = generate("--generator", "fake.fails", "--set", "how=crash")
    assert (crash.code, crash.last["kind"]) == (3, "crash")
    assert "fake" in crash.err.lower()


def test_a_missing_model_is_four_and_names_the_command() -> None:
    done = generate("--generator", "fake.needs")
    assert done.code == 4
    assert done.last["command"] == "studio models install qwen2.5-coder-0.5b"
    assert done.last["command"] in done.err


def test_a_damaged_model_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "cut.gguf").write_bytes(b"GGUF\x03")
    assert studio("models", "install", "cut.gguf").code == 0
    assert "damaged" in studio("models").out
    done = generate("--generator", "fake.needs", "--set", "model=cut")
    assert (done.code, done.last["field"]) == (2, "model")
    assert "damaged" in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_is_one_hundred_and_thirty(number: signal.Signals) -> None:
    process = start("generate", "--generator", "fake.slow", "--json")
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "progress":
            break
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(out.splitlines()[-1])["kind"] == "stopped"
    assert "Traceback" not in err


def test_a_project_keeps_what_was_made_and_makes_it_again(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        done = generate("a cat", "--generator", "fake.picture", "--seed", seed, "--project", "p.pieria", "-o", "c.png")
        assert done.code == 0, done.err
    result = done.last["outputs"][0]["result"]
    info = studio("project", "info", "p.pieria", "--json")
    assert info.of("result")[0]["id"] == result
    assert info.of("project")[0]["results"] == 2
    assert studio("project", "check", "p.pieria", "--json").last["ok"] is True
    again = studio("project", "replay", "p.pieria", result[:6], "-o", "again.png", "--json")
    assert (again.code, again.last["same"]) == (0, True), again.err
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "c.png").read_bytes()
    assert studio("project", "replay", "p.pieria", "zzz").code == 2


def test_a_plugin_that_changed_gives_other_bytes_and_says_so(site: Path) -> None:
    generate("a cat", "--generator", "fake.picture", "--seed", "1", "--project", "p.pieria")
    (site / "fake_plugin.py").write_text(PLUGIN.replace("digest[:3]", "digest[3:6]"))
    again = studio("project", "replay", "p.pieria", "last", "--json")
    assert (again.code, again.last["same"]) == (3, False)


def test_listings_know_the_plugin_and_a_broken_one(site: Path) -> None:
    ids = {line["id"]: line for line in studio("generators", "--json").of("generator")}
    assert ids["fake.picture"]["schema"]["properties"]["steps"]["maximum"] == 10
    install_plugin(site, "broken", "raise RuntimeError('no')")
    listing = studio("generators", "--json")
    assert listing.code == 0
    assert [line["plugin"] for line in listing.of("broken")] == ["broken"]
    assert "fake.picture" in {line["id"] for line in listing.of("generator")}
    plugins = {line["name"]: line for line in studio("plugins", "--json").of("plugin")}
    assert plugins["fake"]["version"] == "1.0"
    assert plugins["broken"]["errors"]
    (site / "broken_plugin.py").write_text(PLUGIN.replace("fake.", "mended."))
    assert "mended.words" in {line["id"] for line in studio("generators", "--json").of("generator")}


def test_a_plugin_check(site: Path) -> None:
    assert studio("plugins", "check", "nobody").code == 2
    install_plugin(site, "good", "import os\nfrom studio.plugins import *\nfrom studio.plugins import hookimpl\n"
                   + PLUGIN[PLUGIN.index("class Words"):PLUGIN.index("class Fails")].replace("fake.", "good.")
                   + "@hookimpl\ndef studio_generators():\n    return [Words]\n")
    done = studio("plugins", "check", "good", "--json")
    assert (done.code, done.last["ok"]) == (0, True), done.lines
    assert {f["generator"] for f in done.of("finding")} == {"good.words"}
    (site / "good_plugin.py").write_text("import os; os._exit(7)")
    dead = studio("plugins", "check", "good")
    assert dead.code == 3
    assert "exit code 7" in dead.out
    install_plugin(site, "bad", "raise RuntimeError('no')")
    bad = studio("plugins", "check", "bad", "--json")
    assert (bad.code, bad.last["ok"]) == (3, False)


def test_a_plugin_check_hands_out_installed_models_and_names_those_that_lack(site: Path) -> None:
    install_plugin(site, "weighty", """
from studio.plugins import *
from studio.plugins import ModelField, hookimpl


class _Weighty(Generator):
    title, produces, version, summary = "Weighty", "text", "1", "Writes down what it runs with."

    def load(self, ctx):
        pass

    def run(self, params, ctx):
        files = ctx.model("model")
        ctx.check()
        return Text.of(files.name + " " + str(files.path.exists()))


class Here(_Weighty):
    id = "weighty.here"

    class Params(Params):
        model: str = ModelField("realesrgan", default="")


class Away(_Weighty):
    id = "weighty.away"

    class Params(Params):
        model: str = ModelField("no-such-kind", default="")


@hookimpl
def studio_generators():
    return [Here, Away]
""")
    done = studio("plugins", "check", "weighty", "--json")
    assert (done.code, done.last["ok"]) == (0, True), done.lines
    found = {(f["generator"], f["rule"]): f["message"] for f in done.of("finding")}
    assert found["weighty.here", "run"] == "It made 1 result(s)."
    assert found["weighty.away", "run"].startswith("It was not run. No no-such-kind model is installed; name a folder")


def test_a_listing_that_nobody_reads_to_the_end_is_no_error() -> None:
    process = start("generators")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert "Traceback" not in err


def test_the_default_of_a_kind_is_one_that_can_run() -> None:
    """The built-in one comes first where its model is there; here only the test's own can run."""
    done = generate("x", "--kind", "text", "--seed", "1", "--set", "prompt=replaced")
    assert done.of("start")[0]["generator"] == "fake.words"
    assert done.last["outputs"][0]["path"] == "out/x-1.txt"


def test_the_demo_leaves_a_picture_a_story_and_a_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.cli.generate.PREFERRED", ("fake.picture", "fake.words"))
    done = studio("demo", "a red apple", "-o", "made", "--json")
    assert done.code == 0, done.err
    assert [o["path"] for o in done.last["outputs"]] == ["made/picture.png", "made/story.txt"]
    assert "a red apple" in Path("made/story.txt").read_text()
    assert studio("project", "check", done.last["project"], "--json").last["counts"]["result"] == 2
    assert str(Path("made").resolve()) in done.err


def test_a_benchmark_that_is_not_there() -> None:
    assert studio("bench", "nothing").code == 2
