"""`studio project export` and `studio project import`."""

from __future__ import annotations

import json
from pathlib import Path

import PIL.Image
import pytest
from painting_kit import painting, same

from studio.cli import main
from studio.project import Project
from studio.project.formats import files


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A project with a painted canvas and an empty one."""
    path = tmp_path / "work.pieria"
    with Project.create(path, "Work") as project:
        project.put_paint(project.documents("canvas")[0].id, None, painting()).result()
        project.add_document("canvas", "Second").result()
    return path


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_out_and_in_again(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["project", "export", str(file), "-o", str(tmp_path / "x.ora"), "--json"]) == 0
    wrote, done = lines(capsys)
    assert (wrote["event"], wrote["width"], wrote["layers"], done["event"]) == ("file", 300, 8, "done")
    assert main(["project", "import", str(tmp_path / "new.pieria"), str(tmp_path / "x.ora"), "--json"]) == 0
    made, _ = lines(capsys)
    assert (made["event"], made["title"], made["layers"]) == ("document", "x", 8)
    with Project.open(tmp_path / "new.pieria") as project:
        assert same(project.paint(made["id"]), painting())
    # the empty canvas that every project starts with is not in the way
    assert main(["project", "export", str(tmp_path / "new.pieria"), "-o", str(tmp_path / "y.ora")]) == 0
    assert (tmp_path / "y.ora").read_bytes() == (tmp_path / "x.ora").read_bytes()


@pytest.mark.parametrize("ending", files.WRITES)
def test_every_format(file: Path, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"x{ending}"
    assert main(["project", "export", str(file), "-o", str(target), "--document", "Canvas 1", "--quality", "80"]) == 0
    picture = files.read(target).picture
    assert (picture.width, picture.height) == (300, 280)


def test_several_pictures_and_a_title(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.png", "b.jpg"):
        PIL.Image.new("RGB", (20, 10), "red").save(tmp_path / name)
    assert main(["project", "import", str(file), str(tmp_path / "a.png"), str(tmp_path / "b.jpg")]) == 0
    assert main(["project", "import", str(file), str(tmp_path / "a.png"), "--title", "Third"]) == 0
    with Project.open(file) as project:
        assert [d.title for d in project.documents("canvas")] == ["Canvas 1", "Second", "a", "b", "Third"]
    assert "canvas “a”" in capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["project", *map(str, arguments), "--json"]) == 2
    captured = capsys.readouterr()
    error = json.loads(captured.out.splitlines()[-1])
    assert error["event"] == "error"
    return f"{error['field']}: {error['message']}"


def test_bad_arguments(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ".gif" in refused(capsys, "export", file, "-o", tmp_path / "x.gif")
    assert "“Third”" in refused(capsys, "export", file, "-o", tmp_path / "x.png", "--document", "Third")
    assert refused(capsys, "export", tmp_path / "none.pieria", "-o", tmp_path / "x.png").startswith("FILE: There is no")
    assert refused(capsys, "export", file, "-o", tmp_path / "none" / "x.png").startswith("-o: The folder")
    assert refused(capsys, "import", file, tmp_path / "none.png").startswith("PICTURE: There is no file")
    assert refused(capsys, "import", tmp_path / "x.txt", file).startswith("PICTURE:")
    (tmp_path / "text.pieria").write_text("text" * 500)
    PIL.Image.new("RGB", (2, 2)).save(tmp_path / "a.png")
    assert refused(capsys, "import", tmp_path / "text.pieria", tmp_path / "a.png").startswith("FILE:")
    with Project.open(file) as project:
        document = project.add_document("canvas", "Third").result()
        project.put_paint(document.id, None, painting()).result()
        assert refused(capsys, "import", file, tmp_path / "a.png").startswith("FILE: ")
        assert "--document" in refused(capsys, "export", file, "-o", tmp_path / "x.png")  # reading works meanwhile
        assert main(["project", "export", str(file), "-o", str(tmp_path / "x.png"), "--document", document.id]) == 0


def test_one_broken_picture_imports_nothing(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    PIL.Image.new("RGB", (2, 2)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n rubbish")
    assert "damaged" in refused(capsys, "import", file, tmp_path / "a.png", tmp_path / "b.png")
    with Project.open(file) as project:
        assert len(project.documents("canvas")) == 2
