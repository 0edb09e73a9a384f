"""`studio project import` and `export` of manuscripts, lorebooks and cards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from project_kit import add_text, png

from studio.cli import main
from studio.project import Project
from studio.project.manuscript import prose as ops
from studio.project.manuscript.formats import card, files
from studio.project.manuscript.rows import Note, Prose

MARKDOWN = "---\ntitle: The Fox\nauthor: Ada\n---\n\n# One\n\nA **red** fox.\n\n* * *\n\nIt ran.\n\n# Two\n\nThe end.\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "fox.md").write_text(MARKDOWN)
    assert main(["project", "import", str(tmp_path / "work.pieria"), str(tmp_path / "fox.md")]) == 0
    return tmp_path / "work.pieria"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def run(*arguments: object) -> int:
    return main(["project", *map(str, arguments)])


def test_in_and_out_again(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", tmp_path / "more.pieria", tmp_path / "fox.md") == 0
    assert capsys.readouterr().out == ("fox.md: 7 words in 2 chapters and 3 scenes, now the manuscript “The Fox”\n")
    assert run("export", file, "-o", tmp_path / "out.md", "--json") == 0
    wrote, done = lines(capsys)
    assert (wrote["event"], wrote["title"], wrote["words"], done["event"]) == ("file", "The Fox", 7, "done")
    assert (tmp_path / "out.md").read_text() == MARKDOWN
    assert run("info", file, "--json") == 0
    project = lines(capsys)[0]
    assert [(d["kind"], d["title"]) for d in project["documents"]] == [
        ("canvas", "Canvas 1"), ("manuscript", "Manuscript"), ("manuscript", "The Fox")]
    assert (project["words"], project["scenes"]) == (7, 4)


@pytest.mark.parametrize("ending", files.WRITES)
def test_every_format(file: Path, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str],
                      qapp: object) -> None:
    target = tmp_path / f"out{ending}"
    assert run("export", file, "-o", target, "--authorship", "--author", "Someone") == 0
    assert target.stat().st_size > 100
    told = capsys.readouterr()
    assert str(target) in told.out
    assert "a person wrote 100 %" in told.err


def test_authorship_names_the_generator(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Project.open(file) as project:
        result = add_text(project, "a fox")
        book = project.documents("manuscript")[1].id
        scene = next(n.id for n in project.manuscript_nodes(book) if n.kind == "scene")
        project.set_prose(scene, ops.written_by(Prose("A red fox."), 2, 10, result.id), 0).result()
    capsys.readouterr()
    assert run("export", file, "-o", tmp_path / "out.html", "--authorship", "--json") == 0
    told = lines(capsys)[0]["authorship"]
    assert (told["machine"], told["mixed"], told["generators"]) == (7, 0, {"Picture": 7})
    page = (tmp_path / "out.html").read_text()
    assert f'data-origin="machine" data-recipe="{result.id}"' in page
    assert "compositeWithTrainedAlgorithmicMedia" in page
    assert run("export", file, "-o", tmp_path / "out.html", "--no-metadata") == 0
    page = (tmp_path / "out.html").read_text()
    assert "DigitalSourceType" not in page
    assert "data-origin" not in page


def test_lorebooks_and_cards(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lore = tmp_path / "lore.json"
    lore.write_text(json.dumps({"entries": {"0": {"key": ["fox"], "content": "Red."}}}))
    (tmp_path / "mira.png").write_bytes(card.write_png(Note("", "", "Mira", "character", text="A smith."), png()))
    capsys.readouterr()
    assert run("import", file, lore, tmp_path / "mira.png", "--document", "The Fox", "--json") == 0
    assert [(e["event"], e.get("count")) for e in lines(capsys)] == [("notes", 1), ("notes", 1), ("done", None)]
    with Project.open(file, read_only=True) as project:
        fox, mira = project.notes(project.documents("manuscript")[1].id)
        assert (fox.keys, mira.title, mira.kind) == (("fox",), "Mira", "character")
        assert project.media(mira.picture)[0] == png()
    assert run("export", file, "-o", tmp_path / "back.json", "--document", "The Fox") == 0
    assert len(files.read(tmp_path / "back.json").notes) == 2


def test_a_picture_without_a_card_is_a_canvas(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.png").write_bytes(png())
    assert run("import", file, tmp_path / "a.png") == 0
    assert "canvas" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "data", "words"), [
    ("a.docx", b"x", "damaged"), ("a.odt", b"x", "damaged"),
    ("a.rtf", b"x", "save it as .docx"), ("a.json", b"[", "no JSON"),
    ("none.md", None, "no file")])
def test_what_cannot_be_taken_in(file: Path, tmp_path: Path, name: str, data: bytes | None, words: str,
                                 capsys: pytest.CaptureFixture[str]) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    assert run("import", file, tmp_path / name) == 2
    assert words in capsys.readouterr().err
    with Project.open(file, read_only=True) as project:
        assert len(project.documents()) == 3


def test_which_manuscript(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", file, tmp_path / "fox.md", "--title", "Another") == 0
    capsys.readouterr()
    assert run("export", file, "-o", tmp_path / "x.txt") == 2
    assert "name one with --document" in capsys.readouterr().err
    assert run("export", file, "-o", tmp_path / "x.txt", "--document", "Nobody") == 2
    assert "no manuscript called" in capsys.readouterr().err
    assert run("export", file, "-o", tmp_path / "x.txt", "--document", "Another") == 0
    assert run("export", file, "-o", tmp_path / "no" / "x.txt", "--document", "Another") == 2
