"""Every past version of the project file opens for ever; a newer one is refused and left alone."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from manuscript_kit import rich
from painting_kit import painting, same
from project_kit import Text, text_of

from studio.project import CanvasItem, Project, ProjectError, ResultQuery, schema
from studio.project.check import check
from studio.project.manuscript.rows import Note

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def v1(tmp_path: Path) -> Path:
    return Path(shutil.copy(GOLDEN / "v1.pieria", tmp_path / "v1.pieria"))


@pytest.mark.parametrize("version", range(1, schema.VERSION + 1))
def test_every_version_opens(tmp_path: Path, version: int) -> None:
    path = Path(shutil.copy(GOLDEN / f"v{version}.pieria", tmp_path / "old.pieria"))
    report = check(path)
    assert (report.version, report.ok, report.problems) == (version, True, [])
    with Project.open(path) as project:
        story, apple = project.results()
        assert (apple.prompt, apple.seed, apple.starred, apple.liked) == ("a red apple", 7, True, 1)
        assert [r.prompt for r in project.results(ResultQuery(deleted=True))] == ["a blue car, سيارة زرقاء"]
        assert story.text_preview == "Once upon a time, ein Märchen."
        assert project.results(ResultQuery(text="marchen")) == [story]
        assert project.media(apple.media)[0].startswith(b"\x89PNG")
        assert project.thumbnail(apple.id)
        canvas, manuscript = project.documents()[:2]
        assert canvas.state == {"zoom": 2.0}
        assert project.canvas_items(canvas.id) == [
            CanvasItem("item1", canvas.id, apple.media, 10, 20, 256, 256, 1, "Apple", 0.5, result=apple.id)]
        assert text_of(project, manuscript.id) == Text(
            "Hello. Once upon a time.", ({"start": 7, "length": 17, "origin": "machine", "recipe": story.id},), 24)
        assert [job["id"] for job in project.jobs()] == ["job1"]
        assert project.get_state("prompt") == {"text": "draft"}
        assert project.title == "Golden 🍎"
    assert check(path).problems == []


def test_the_apple_of_version_1_is_a_layer(v1: Path) -> None:
    with Project.open(v1) as project:
        picture = project.paint(project.documents("canvas")[0].id)
    assert (picture.width, picture.height) == (256, 256)
    (layer,) = picture.layers
    assert (layer.name, layer.opacity, layer.bounds()) == ("Apple", 0.5, (0, 0, 256, 256))
    assert layer.plane.read(100, 100, 1, 1).tolist() == [[[30, 20, 220, 255]]]


def test_the_painting_of_version_2(tmp_path: Path) -> None:
    path = Path(shutil.copy(GOLDEN / "v2.pieria", tmp_path / "v2.pieria"))
    with Project.open(path) as project:
        picture, notes = project.paint_with_notes(project.documents("canvas")[0].id)
    assert notes == []
    assert (picture.width, picture.height, picture.active) == (300, 280, "clip")
    assert [(layer.id, depth) for layer, depth in picture.walk()] == [
        ("empty", 0), ("words", 0), ("group", 0), ("hidden", 1), ("clip", 1), ("base", 1), ("soft", 0), ("back", 0)]
    assert same(picture, painting())


@pytest.mark.parametrize("version", [1, 2])
def test_an_old_manuscript_is_a_chapter_with_a_scene(tmp_path: Path, version: int) -> None:
    path = Path(shutil.copy(GOLDEN / f"v{version}.pieria", tmp_path / "old.pieria"))
    with Project.open(path) as project:
        chapter, scene = project.manuscript_nodes(project.documents("manuscript")[0].id)
        assert (chapter.kind, chapter.title, chapter.parent, chapter.words) == ("chapter", "Chapter 1", "", 5)
        assert (scene.kind, scene.title, scene.parent, scene.words) == ("scene", "Scene 1", chapter.id, 5)
        prose, cursor = project.prose(scene.id)
        assert (prose.text, prose.blocks, prose.marks, cursor) == ("Hello. Once upon a time.", (), (), 24)
        assert [(span["start"], span["length"], span["origin"]) for span in prose.spans] == [(7, 17, "machine")]


def test_the_manuscript_of_version_3(tmp_path: Path) -> None:
    path = Path(shutil.copy(GOLDEN / "v3.pieria", tmp_path / "v3.pieria"))
    with Project.open(path) as project:
        story, apple = project.results()
        document = project.documents("manuscript")[0].id
        tree = [(node.kind, node.title, node.status, node.goal, node.words)
                for node in project.manuscript_nodes(document)]
        assert tree == [("chapter", "Chapter 1", "draft", 0, 5), ("scene", "Scene 1", "draft", 0, 5),
                        ("part", "Part Two", "draft", 0, 7), ("chapter", "الفصل ٢", "draft", 0, 7),
                        ("scene", "Späte Szene", "revised", 500, 7)]
        (gone,) = project.manuscript_nodes(document, trashed=True)
        assert gone.title == "Thrown away"
        scene = project.manuscript_nodes(document)[-1]
        assert project.prose(scene.id) == (rich(apple.media, story.id), 3)
        (snapshot,) = project.snapshots(scene.id)
        assert (snapshot.title, snapshot.words) == ("First try", 2)
        assert project.snapshot_prose(snapshot.id).text == "Früher Versuch"
        assert project.notes(document) == [Note("note1", document, "Ada", "character", ("Ada", "/the \\w+/"),
                                                "She is 🦊.", True, False, 5, 0, apple.media, {"secondary": ["x"]})]
        (branch,) = project.branches(scene.id)
        assert (branch.start, branch.text, branch.result, branch.kept) == (6, "another way", story.id, True)
        (chat,) = project.chats(document)
        assert (chat.title, chat.character, chat.system, chat.state) == ("Talk", "Ada", "Be short.", {"leaf": "m2"})
        assert [(m.id, m.parent, m.role, m.text, m.result) for m in project.messages(chat.id)] == [
            ("m1", "", "user", "Hello?", ""), ("m2", "m1", "assistant", "Hello.", story.id)]
        (sound,) = project.documents("sound")
        with project._read() as connection:
            assert connection.execute("SELECT * FROM sound_piece").fetchall() == [
                (sound.id, "clip", "c1", f'{{"media":"{apple.media}"}}')]
            assert connection.execute("SELECT * FROM sound_peaks").fetchall() == [(apple.media, b"peaks")]


def test_there_is_a_golden_file_and_a_step_for_each_version() -> None:
    for version in range(1, schema.VERSION + 1):
        assert (GOLDEN / f"v{version}.pieria").is_file()
    assert set(schema.MIGRATIONS) == set(range(1, schema.VERSION))


def columns(path: Path) -> dict[str, list]:
    """What each table is made of, however its statement is laid out."""
    connection = sqlite3.connect(path)
    try:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type <> 'trigger'")]
        return {name: connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
                + connection.execute(f"PRAGMA index_xinfo({name})").fetchall()
                + [row[2:] for row in connection.execute(f"PRAGMA foreign_key_list({name})")] for name in names}
    finally:
        connection.close()


@pytest.mark.parametrize("version", range(1, schema.VERSION + 1))
def test_every_version_ends_with_the_tables_of_a_new_project(tmp_path: Path, version: int) -> None:
    path = Path(shutil.copy(GOLDEN / f"v{version}.pieria", tmp_path / "old.pieria"))
    Project.open(path).close()
    Project.create(tmp_path / "new.pieria").close()
    assert columns(path) == columns(tmp_path / "new.pieria")


def test_a_newer_version_is_refused_and_left_alone(v1: Path) -> None:
    connection = sqlite3.connect(v1)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    before = v1.read_bytes()
    with pytest.raises(ProjectError, match="newer Pieria") as caught:
        Project.open(v1)
    assert caught.value.kind == "newer"
    assert "newer" in check(v1).problems[0]
    assert v1.read_bytes() == before


def test_migration_is_all_or_nothing(v1: Path) -> None:
    def add_table(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE extra (x)")

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE more (x)")
        raise RuntimeError("broken step")

    connection = sqlite3.connect(v1, isolation_level=None)
    try:
        with pytest.raises(RuntimeError):
            schema.migrate(connection, 1, {1: add_table, 2: fail}, target=3)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'extra'").fetchall()
        schema.migrate(connection, 1, {1: add_table}, target=2)
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM extra").fetchone() == (0,)
    finally:
        connection.close()
