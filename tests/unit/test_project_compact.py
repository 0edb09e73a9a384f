"""Compacting: what nothing needs goes, all else stays, and a kill in the middle loses nothing."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from painting_kit import same
from project_kit import add_picture, add_text, png, recipe, write_text

from studio.cli import main
from studio.project import CanvasItem, Project, ProjectError, ResultQuery, ResultRow, compact
from studio.project.check import check
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture

CHILD = Path(__file__).with_name("compact_child.py")
LONG_AGO = time.time() - 40 * 86400
BIN = ResultQuery(deleted=True)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "p.pieria")
    yield made
    made.close()


def throw_away(project: Project, *results: str, when: float = LONG_AGO) -> None:
    """As if it had been done then."""
    for result in results:
        project._set(result, "deleted = ?", when).result()


def reopened(project: Project) -> Project:
    project.close()
    return Project.open(project.path)


def made_of(project: Project, data: bytes, **params: Any) -> ResultRow:
    return project.add_result(kind="image", data=data, media_type="image/png", meta={},
                              recipe=recipe("made", **params)).result()


def has(project: Project, sha: str) -> bool:
    return bool(project.media_types([sha]))


def sound(project: Project) -> bool:
    project.close()
    report = check(project.path)
    assert report.ok, report.problems
    return True


def test_the_bin_goes_after_a_while_and_the_file_shrinks(project: Project) -> None:
    kept = add_text(project, "a lighthouse " + "in the fog " * 60, "kept prompt")
    old = add_text(project, "old words " + os.urandom(300_000).hex(), "old prompt")
    young = add_picture(project, "young prompt", seed=3)
    throw_away(project, old.id)
    throw_away(project, young.id, when=time.time() - 3 * 86400)
    with reopened(project) as again:
        done = again.compact().result()
        assert (done.results, done.media) == (1, 1)
        assert done.won > 500_000
        assert done.after == again.path.stat().st_size
        assert [row.id for row in again.results()] == [kept.id]
        assert [row.id for row in again.results(BIN)] == [young.id]
        assert [again.count_results(ResultQuery(text=word, deleted=gone)) for word, gone in (
            ("lighthouse", False), ("fog", False), ("kept", False), ("old", True), ("old", False), ("young", True))
        ] == [1, 1, 1, 0, 0, 1]
        fresh = add_text(again, "fresh words")
        assert [row.id for row in again.results(ResultQuery(text="fresh"))] == [fresh.id]
        assert again.compact(0).result().results == 1
        assert again.results(BIN) == []
        again.restore_result(fresh.id).result()
        assert sound(again)


def test_what_anything_refers_to_stays(project: Project) -> None:
    used = {name: add_picture(project, name, seed=n, data=png(n, 1)) for n, name in enumerate(
        ("input", "layer", "span", "item", "state", "source", "nested", "queued", "draft"))}
    inputs = made_of(project, png(90), init_image={"media": used["input"].media, "type": "x"})
    made_of(project, png(91), regions=[{"mask": {"media": project.put_media(b"mask", "x").result()}}])
    canvas, other = project.documents("canvas")[0].id, project.add_document("canvas", "Old").result().id
    picture = Picture(8, 8, (Layer("one", "One", result=used["layer"].id),), "one")
    project.put_paint(canvas, None, picture)
    project.put_canvas_items([CanvasItem("i", other, used["item"].media, 0, 0, 8, 8, result=used["item"].id)])
    project.set_document_state(other, {"candidates": [used["state"].id]})
    text = project.documents("manuscript")[0].id
    write_text(project, text, "words", [{"start": 0, "length": 5, "origin": "machine",
                                            "recipe": used["span"].id}], 0)
    project.set_state("draft.canvas", {"values": {"image": {"media": used["draft"].media}}})
    project.save_jobs([{"id": "j", "state": "waiting", "request": {"params": {"a": [
        {"media": used["queued"].media, "type": "image/png"}]}, "target": {"of": used["nested"].id}}}])
    project._change(lambda connection: connection.execute(
        "INSERT INTO paint_document VALUES (?, 8, 8, ?, '')",
        (other, json.dumps({"layers": [{"id": "x", "source": {"media": used["source"].media}}]})))).result()
    project.put_media(b"forgotten", "text/plain").result()
    throw_away(project, *(row.id for row in used.values()))
    with reopened(project) as again:
        done = again.compact(0).result()
        left = {row.prompt for row in again.results(BIN)}
        assert left == {"layer", "span", "item", "state", "nested"}  # of the others the bytes are enough
        assert (done.results, done.media) == (4, 1)
        assert all(has(again, row.media) for row in used.values())
        assert again.result(inputs.id).recipe["params"]["init_image"]["media"] == used["input"].media
        assert same(again.paint(canvas), picture)
        assert again.canvas_items(other)[0].result == used["item"].id
        assert sound(again)


def test_what_undo_may_bring_back_stays(project: Project) -> None:
    """Of results thrown away long ago, those that a document named when it was opened; and what this session did."""
    named, layer, gone = (add_picture(project, name, data=png(n, 7)) for n, name in enumerate("abc"))
    text, canvas = project.documents("manuscript")[0].id, project.documents("canvas")[0].id
    span = {"start": 0, "length": 1, "origin": "machine", "recipe": named.id}
    before = Picture(8, 8, (Layer("one", "One", result=layer.id),), "one")
    write_text(project, text, "x", [span], 0)
    project.put_paint(canvas, None, before)
    throw_away(project, named.id, layer.id, gone.id)
    with reopened(project) as again:
        today = add_picture(again, "d", data=png(9, 9))
        again.delete_result(today.id)
        put = again.put_media(b"of a job that is not in the file yet", "text/plain").result()
        write_text(again, text, "", [], 0)
        write_text(again, text, "y", [], 0)
        again.put_paint(canvas, again.paint(canvas), Picture(8, 8, (Layer("two", "Two"),), "two"))
        assert again.compact(0).result().results == 1
        assert {row.id for row in again.results(BIN)} == {named.id, layer.id, today.id}
        assert has(again, put)
        with reopened(again) as third:
            done = third.compact(0).result()
            assert (done.results, done.media) == (3, 4)
            assert not has(third, put)
            assert sound(third)


def test_reading_and_writing_go_on_meanwhile(project: Project) -> None:
    rows = [add_text(project, f"story {n} " * 5000) for n in range(20)]
    done = project.compact(0)
    later = [add_text(project, f"later {n}") for n in range(5)]
    assert project.media(rows[0].media)[0].startswith(b"story 0")
    assert done.result().results == 0
    assert [row.id for row in project.results()] == [row.id for row in reversed(rows + later)]
    assert sound(project)


def test_a_project_that_is_closed_at_once_is_compacted_first(project: Project) -> None:
    row = add_text(project, "waste " * 200_000)
    throw_away(project, row.id)
    done = project.compact(0)
    assert sound(project)
    assert done.result().results == 1
    assert project.path.stat().st_size < 600_000


def test_who_cannot_write_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact.shutil, "disk_usage", lambda _: compact.shutil._ntuple_diskusage(9, 9, 10))
    with pytest.raises(ProjectError, match="make room") as caught:
        project.compact().result()
    assert caught.value.kind == "full"
    monkeypatch.undo()
    project.close()
    with Project.open(project.path, read_only=True) as looking, pytest.raises(ProjectError, match="read-only"):
        looking.compact().result()


def test_a_failure_leaves_everything(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    row = add_text(project, "waste")
    throw_away(project, row.id)

    def breaks(_: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with reopened(project) as again:
        monkeypatch.setattr(compact, "_index_anew", breaks)
        with pytest.raises(ProjectError):
            again.compact(0).result()
        monkeypatch.undo()
        assert [found.id for found in again.results(BIN)] == [row.id]
        assert sound(again)


def test_kills_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "work.pieria"
    with Project.create(path) as project:
        kept = {add_text(project, f"kept {n} " * 3000).id for n in range(12)}
        bound = project.put_media(b"bound", "x").result()
        kept.add(made_of(project, png(1), init_image={"media": bound}).id)
    dice = random.Random(5)
    for _ in range(5):
        child = subprocess.Popen([sys.executable, str(CHILD), str(path), ""], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        with child.stdout:
            for _ in range(dice.randint(1, 5)):
                child.stdout.readline()
            child.send_signal(signal.SIGKILL)
        child.wait()
        with Project.open(path) as project:
            assert {row.id for row in project.results()} == kept
            assert project.count_results(ResultQuery(text="kept")) == 12
            assert has(project, bound)
        report = check(path)
        assert report.ok, report.problems
    with Project.open(path) as project:
        project.compact(0).result()
        assert project.stats()["deleted"] == 0


@given(st.lists(st.text(max_size=60), max_size=20))
@settings(max_examples=60)
def test_names_are_found_wherever_they_stand(texts: list[str]) -> None:
    name = "0123456789abcdef"
    assert compact._named([(text,) for text in texts], {name}) == set()
    assert compact._named([(f"{text} {name}:{text}",) for text in texts] or [(None, name)], {name}) == {name}


def test_the_command(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    row = add_text(project, "waste " * 200_000)
    throw_away(project, row.id)
    path = str(project.path)
    assert main(["project", "compact", path]) == 2
    assert "already open" in capsys.readouterr().err
    project.close()
    assert main(["project", "compact", path, "--days", "-1"]) == 2
    assert "--days" in capsys.readouterr().err
    assert main(["project", "compact", path, "--days", "nan"]) == 2
    assert main(["project", "compact", path, "--days", "60", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["results"] == 0
    assert main(["project", "compact", path]) == 0
    assert "1 results and 1 media went, 1 MB won" in capsys.readouterr().out
    assert check(path).ok


def test_recipes_stay_whole(project: Project) -> None:
    row = add_picture(project, "a", data=png(1))
    assert project.compact().result().results == 0
    assert project.result(row.id).recipe == recipe("a", 7)


def test_what_is_watched_can_be_changed_again_and_again(project: Project) -> None:
    """A painting is written by an upsert, whose conflict clause counts in triggers too."""
    name, before = project.documents("canvas")[0].id, None
    for number in range(4):
        after = Picture(64, 64, (Layer("a", f"Layer {number}"),), "a")
        project.put_paint(name, before, after).result()
        before = after
    again = reopened(project)
    for number in range(3):
        after = Picture(64, 64, (Layer("a", f"Layer {number}"),), "a")
        again.put_paint(name, before, after).result()
        before = after
    assert [layer.name for layer in again.paint(name).layers] == ["Layer 2"]
    again.close()
