"""The project file: opening, results, documents, queue, copies."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from project_kit import Text, add_picture, add_text, pixels, png, recipe, text_of, write_text

from studio.project import CanvasItem, Project, ProjectError, ResultQuery


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "work.pieria", "Work") as made:
        yield made


def reopened(project: Project) -> Project:
    project.close()
    return Project.open(project.path)


def test_importing_it_loads_nothing_heavy() -> None:
    code = ("import studio.project, sys; "
            "print([m for m in ('PySide6', 'numpy', 'PIL', 'torch', 'pydantic') if m in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_new_project_has_a_canvas_and_a_manuscript(project: Project) -> None:
    assert [(d.kind, d.title) for d in project.documents()] == [("canvas", "Canvas 1"), ("manuscript", "Manuscript")]
    assert project.title == "Work"
    assert len(project.id) == 32
    assert text_of(project, project.documents("manuscript")[0].id) == Text()
    assert not project.read_only


def test_one_single_file_remains(project: Project) -> None:
    add_picture(project)
    project.close()
    project.close()
    assert [p.name for p in project.path.parent.iterdir() if p.is_file()] == ["work.pieria"]
    assert project.path.read_bytes()[18:20] == b"\x01\x01"  # a rollback journal, not a write-ahead log


def test_state_and_title_survive(project: Project) -> None:
    project.set_title("Größe 🍎")
    project.set_state("view", {"zoom": 1.5, "at": [1, 2]})
    assert project.get_state("nothing", 3) == 3
    with reopened(project) as again:
        assert again.title == "Größe 🍎"
        assert again.get_state("view") == {"zoom": 1.5, "at": [1, 2]}


def test_media_are_kept_once(project: Project) -> None:
    data = png()
    first, second = project.put_media(data, "image/png"), project.put_media(data, "image/png")
    assert first.result() == second.result() == hashlib.sha256(data).hexdigest()
    assert project.media(first.result()) == (data, "image/png")
    assert project.media_types([first.result(), "unknown"]) == {first.result(): "image/png"}
    assert project.stats()["media"] == 1
    with pytest.raises(KeyError):
        project.media("unknown")
    assert project.media(project.put_media(b"", "text/plain").result()) == (b"", "text/plain")


def test_a_result_comes_back_whole(project: Project) -> None:
    row = add_picture(project, "a red apple", 7, job="j", batch="b", index=2)
    assert (row.kind, row.generator, row.title, row.prompt, row.seed) == (
        "image", "diffusion.image", "Picture", "a red apple", 7)
    assert (row.job, row.batch, row.index, row.media_type) == ("j", "b", 2, "image/png")
    assert row.recipe == recipe()
    assert row.meta == {"width": 32, "height": 24}
    assert project.results() == [row] == [project.result(row.id)]
    with reopened(project) as again:
        assert again.results() == [row]
        with pytest.raises(KeyError):
            again.result("unknown")


def test_pictures_get_a_thumbnail(project: Project) -> None:
    wide = add_picture(project, data=png(width=400, height=100))
    assert pixels(project.thumbnail(wide.id))[1] == (160, 40)
    own = add_picture(project, thumbnail=b"my own")
    assert project.thumbnail(own.id) == b"my own"
    broken = add_picture(project, data=b"\x89PNG\r\n\x1a\nnot really")
    assert project.thumbnail(broken.id) == b""
    assert project.thumbnail(add_text(project, "words").id) == b""


def test_odd_recipes_and_meta_lose_no_result(project: Project) -> None:
    row = project.add_result(kind="image", data=png(), media_type="image/png",
                             meta={"loss": float("nan"), "where": Path("x"), 3: {1}}, recipe={}).result()
    assert (row.generator, row.prompt, row.seed) == ("", "", None)
    assert row.meta == {"loss": None, "where": "x", "3": [1]}
    odd = project.add_result(kind="text", data=b"\xff\xfe", media_type="text/plain", meta={},
                             recipe={"params": {"prompt": "\ud800x\0y", "seed": 2**80}}).result()
    assert odd.seed is None
    assert project.result(odd.id) == odd
    assert odd.recipe["params"] == {"prompt": "\ud800x\0y", "seed": 2**80}


def test_star_like_delete_restore(project: Project) -> None:
    rows = [add_picture(project, f"word{n}", n) for n in range(4)]
    for change in (project.set_starred(rows[0].id, True), project.set_liked(rows[1].id, 1),
                   project.set_liked(rows[2].id, -5), project.delete_result(rows[3].id)):
        change.result()
    seen = [[r.id for r in project.results(q)] for q in (
        ResultQuery(starred=True), ResultQuery(liked=1), ResultQuery(liked=-1), ResultQuery(liked=0),
        ResultQuery(deleted=True), ResultQuery())]
    ids = [r.id for r in rows]
    assert seen == [[ids[0]], [ids[1]], [ids[2]], [ids[0]], [ids[3]], ids[2::-1]]
    assert project.count_results() == 3
    assert project.result(ids[3]).deleted is not None
    project.restore_result(ids[3]).result()
    assert project.results()[0].deleted is None
    assert isinstance(project.set_starred("unknown", True).exception(), ProjectError)


def test_results_are_paged_and_filtered(project: Project) -> None:
    for n in range(7):
        add_picture(project, f"p{n}", n)
        add_text(project, f"story {n}", f"t{n}")
    assert [r.prompt for r in project.results(ResultQuery(kinds=("image",), limit=2, offset=1))] == ["p5", "p4"]
    assert project.count_results(ResultQuery(kinds=("image", "text"))) == 14
    assert project.count_results(ResultQuery(kinds=("audio",))) == 0
    assert [r.prompt for r in project.results(ResultQuery(text="p3"))] == ["p3"]
    assert [r.text_preview for r in project.results(ResultQuery(text="story 4"))] == ["story 4"]


def test_canvas_items(project: Project) -> None:
    canvas = project.documents("canvas")[0].id
    row = add_picture(project)
    back = CanvasItem("i1", canvas, row.media, 1, 2.5, 32, 24, z=1, name="Apple", result=row.id)
    front = CanvasItem("i2", canvas, row.media, -5, 0, 64, 48, z=2, opacity=0.25, visible=False, locked=True)
    project.put_canvas_items([front, back])
    moved = CanvasItem(**{**back.__dict__, "x": 99.0})
    project.put_canvas_items([moved]).result()
    assert project.canvas_items(canvas) == [moved, front]
    project.remove_canvas_items(["i1", "unknown"]).result()
    with reopened(project) as again:
        assert again.canvas_items(canvas) == [front]


def test_an_item_of_unknown_media_is_refused_and_harms_nothing(project: Project) -> None:
    canvas = project.documents("canvas")[0].id
    good = project.set_state("a", 1)
    bad = project.put_canvas_items([CanvasItem("i1", canvas, "0" * 64, 0, 0, 1, 1)])
    later = project.set_state("b", 2)
    assert isinstance(bad.exception(), ProjectError)
    assert bad.exception().kind == "missing"
    assert (good.result(), later.result()) == (None, None)
    assert (project.get_state("a"), project.get_state("b"), project.canvas_items(canvas)) == (1, 2, [])


def test_documents(project: Project) -> None:
    second = project.add_document("canvas", "Second").result()
    text = project.add_document("manuscript", "Book").result()
    project.rename_document(second.id, "Renamed")
    project.set_document_state(second.id, {"zoom": 3}).result()
    assert [d.title for d in project.documents()] == ["Canvas 1", "Manuscript", "Renamed", "Book"]
    assert project.documents("canvas")[1].state == {"zoom": 3}
    assert text_of(project, text.id) == Text()
    with pytest.raises(KeyError):
        text_of(project, second.id)
    assert isinstance(project.rename_document("unknown", "x").exception(), ProjectError)


def test_the_queue_survives(project: Project) -> None:
    jobs = [{"id": f"j{n}", "lane": "background", "state": "waiting", "error": None,
             "request": {"generator": "a.b", "params": {"n": n}}} for n in range(4)]
    project.save_jobs(jobs)
    project.save_jobs([jobs[2], jobs[0], jobs[1]])
    project.mark_job("j0", "failed", {"kind": "generator", "message": "It cannot do that."})
    project.mark_job("unknown", "done")
    project.mark_job("j2", "running").result()
    assert [(j["id"], j["state"]) for j in project.jobs()] == [("j2", "running"), ("j1", "waiting")]
    with reopened(project) as again:
        assert again.jobs() == [{**jobs[2], "state": "interrupted"}, jobs[1]]
        again.save_jobs([]).result()
        assert again.jobs() == []
        assert again.stats()["jobs"] == 1  # what has ended stays as history


def test_a_job_that_crashed_is_offered_until_it_is_discarded(project: Project) -> None:
    crash = {"kind": "crash", "message": "It broke."}
    jobs = [{"id": f"j{n}", "lane": "foreground", "state": "failed", "error": crash,
             "request": {"generator": "a.b", "params": {"n": n}}} for n in range(3)]
    project.save_jobs([*jobs, {**jobs[0], "id": "odd", "error": "no object"}])
    project.mark_job("j1", "cancelled", crash).result()
    assert project.jobs() == []
    with reopened(project) as again:
        assert again.jobs() == [{**jobs[n], "state": "interrupted"} for n in (0, 2)]
        again.mark_job("j0", "cancelled").result()
        with reopened(again) as third:
            assert [job["id"] for job in third.jobs()] == ["j2"]


def test_a_copy_is_a_project_of_its_own(project: Project, tmp_path: Path) -> None:
    row = add_picture(project)
    project.set_state("last", "said")  # not awaited: the copy has it all the same
    target = tmp_path / "copy.pieria"
    target.write_bytes(b"older file")
    assert project.save_copy(target).result() == target
    with Project.open(target) as copy:
        assert copy.results() == [row]
        assert copy.get_state("last") == "said"
        assert copy.id != project.id
        assert copy.results(ResultQuery(text="apple")) == [row]
    assert isinstance(project.save_copy(project.path).exception(), ProjectError)
    assert project.save_copy(tmp_path / "none" / "x.pieria").exception().kind == "missing"
    assert not list(tmp_path.glob(".*.new"))


def test_closing_writes_what_waits_and_refuses_more(project: Project) -> None:
    changes = [project.set_state(f"k{n}", n) for n in range(300)]
    project.close()
    assert [c.result(0) for c in changes] == [None] * 300
    assert project.set_state("late", 1).exception().kind == "closed"
    with pytest.raises(ProjectError, match="is closed"):
        project.results()
    assert project.flush()


def test_a_failure_nobody_awaits_is_reported(tmp_path: Path) -> None:
    heard: list[ProjectError] = []
    with Project.create(tmp_path / "a.pieria", on_error=heard.append) as project:
        project.delete_result("unknown")
        project.flush()
        assert [e.kind for e in heard] == ["missing"]
        assert project.delete_result("unknown").exception() is not None
        awaited = project.delete_result("unknown")
        project.flush()
        assert awaited.exception() is not None  # asked late, but asked
        del awaited
        project.delete_result("unknown").add_done_callback(lambda _: None)
        project.flush()
        assert len(heard) == 1


@pytest.mark.expects_log
def test_without_a_callback_it_is_logged(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.delete_result("unknown")
    project.flush()
    assert "no longer in the project" in caplog.text


def test_a_cancelled_change_does_not_happen(project: Project) -> None:
    gate = threading.Event()
    project._change(lambda _: gate.wait(30))
    change = project.set_state("k", 1)
    assert change.cancel()
    gate.set()
    project.flush()
    assert project.get_state("k") is None


def test_reading_never_waits_for_writing(project: Project) -> None:
    """A reader sees whole changes in order, while the writer is at it, from several threads."""
    manuscript = project.documents("manuscript")[0].id
    ended, seen, errors = threading.Event(), [0, 0, 0], []

    def read(place: int) -> None:
        last = -1
        while not ended.is_set():
            text = text_of(project, manuscript)[0]
            number = int(text.split()[0]) if text else -1
            if number < last or (text and text != f"{number} " * 200):
                errors.append((number, last))
            last = number
            seen[place] += 1

    threads = [threading.Thread(target=read, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    gate = threading.Event()
    changes = [write_text(project, manuscript, f"{n} " * 200, [], n) for n in range(400)]
    changes[-1].result(60)

    def hold(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE manuscript_prose SET text = 'never seen'")
        gate.wait(30)
        connection.execute("UPDATE manuscript_prose SET text = ?", ("400 " * 200,))

    held = project._change(hold)
    before = list(seen)
    while any(now < then + 3 for now, then in zip(seen, before, strict=True)):
        assert project.title == "Work"  # inside the writer's transaction
    gate.set()
    held.result()
    ended.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert text_of(project, manuscript)[0] == "400 " * 200


def test_readers_of_ended_threads_are_closed(project: Project) -> None:
    for _ in range(5):
        thread = threading.Thread(target=project.results)
        thread.start()
        thread.join()
    assert len(project._readers._all) <= 2


def test_many_results_stay_searchable(project: Project) -> None:
    last = None
    for n in range(20_000):
        last = project.add_result(kind="text", data=b"%d" % n, media_type="text/plain", meta={},
                                  recipe=recipe(f"number{n} {'even' if n % 2 == 0 else 'odd'}", n))
    assert last is not None
    last.result(120)
    assert project.count_results() == 20_000
    assert project.count_results(ResultQuery(text="even")) == 10_000
    assert [r.seed for r in project.results(ResultQuery(text="odd", limit=3, offset=9_998))] == [3, 1]
    assert [r.seed for r in project.results(ResultQuery(text="number1999", limit=20))] == [
        *range(19_999, 19_989, -1), 1999]
