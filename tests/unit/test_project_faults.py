"""Files cut in half, overwritten, read-only, open twice; a full disk; errors that concern one change alone."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from project_kit import add_picture, add_text, png

from studio.project import Project, ProjectError, ResultQuery, database, errors, schema
from studio.project.check import check
from studio.project.lock import lock_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "work.pieria"
    with Project.create(place, "Work") as project:
        for n in range(12):
            add_picture(project, f"picture {n}", n, data=png(n, width=64) + os.urandom(20_000))
            add_text(project, f"story {n}", "tale")
    return place


def kind_of(call: object, *args: object, **more: object) -> str:
    with pytest.raises(ProjectError) as caught:
        call(*args, **more)  # type: ignore[operator]
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    return caught.value.kind


# ---------------------------------------------------------------- open twice


def test_two_windows(path: Path) -> None:
    with Project.open(path) as first:
        assert kind_of(Project.open, path) == "locked"
        with Project.open(path, read_only=True) as looking:
            first.set_title("Changed").result()
            assert looking.title == "Changed"
        first.set_state("after", 1).result()
        assert check(path).ok
    with Project.open(path) as again:
        assert again.title == "Changed"
    assert not lock_path(path).exists()


def test_another_process_sees_the_lock_and_death_frees_it(path: Path) -> None:
    code = ("import sys; from studio.project import Project; "
            "p = Project.open(sys.argv[1]); print('open', flush=True); sys.stdin.read()")
    child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdin is not None
    with child.stdout, child.stdin:
        assert child.stdout.readline() == b"open\n"
        assert kind_of(Project.open, path) == "locked"
        child.kill()
        child.wait()
    assert lock_path(path).exists()
    Project.open(path).close()


def test_a_link_to_it_is_the_same_project(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.pieria"
    link.symlink_to(path)
    with Project.open(link):
        assert kind_of(Project.open, path) == "locked"


def test_a_project_left_open_is_written_at_the_end_of_the_process(path: Path) -> None:
    code = "import sys; from studio.project import Project; p = Project.open(sys.argv[1]); p.set_title('last words')"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, timeout=60)
    assert not lock_path(path).exists()
    with Project.open(path) as project:
        assert project.title == "last words"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no open file")
def test_a_project_deleted_while_open_can_still_be_copied(path: Path, tmp_path: Path) -> None:
    with Project.open(path) as project:
        project.set_title("Before").result()
        path.rename(tmp_path / "moved.pieria")
        project.set_title("Moved").result()  # it has another name, nothing is lost
        (tmp_path / "moved.pieria").unlink()
        assert kind_of(project.set_title("Late").result) == "missing"
        copy = project.save_copy(tmp_path / "copy.pieria").result()
    with Project.open(copy) as saved:
        assert saved.title == "Moved"
        assert len(saved.results()) == 24


def test_a_copy_never_replaces_an_open_project(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pieria"
    with Project.open(path) as project, Project.create(other, "Other"):
        assert project.save_copy(other).exception().kind == "locked"
    with Project.open(other) as again:
        assert again.title == "Other"


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="reads Linux's table of locks")
def test_looking_at_an_open_project_drops_none_of_its_locks(path: Path) -> None:
    """Closing any descriptor of a database drops the POSIX locks that this process has on it."""

    def locks() -> int:
        here = f":{path.stat().st_ino} "
        return sum(here in line for line in Path("/proc/locks").read_text().splitlines())

    with Project.open(path) as project:
        project.set_title("x").result()
        before = locks()
        assert before > 0
        assert kind_of(Project.open, path) == "locked"
        Project.open(path, read_only=True).close()
        assert check(path).ok
        assert locks() == before


# ---------------------------------------------------------------- what is no project


def test_missing_and_taken(tmp_path: Path, path: Path) -> None:
    assert kind_of(Project.open, tmp_path / "none.pieria") == "missing"
    assert kind_of(Project.create, path) == "exists"
    assert kind_of(Project.create, tmp_path / "no" / "folder.pieria") == "missing"
    assert kind_of(Project.open, tmp_path) == "not-a-project"
    with Project.open_or_create(tmp_path / "new.pieria", "New") as made:
        assert made.title == "New"
    with Project.open_or_create(tmp_path / "new.pieria") as opened:
        assert opened.title == "New"


def test_other_files_are_no_projects(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(png())
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    connection.close()
    before = other.read_bytes()
    assert kind_of(Project.open, picture) == "not-a-project"
    assert kind_of(Project.open, other) == "not-a-project"
    assert other.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["a.png", "other.db"]


def test_the_journal_of_a_file_that_is_gone_is_not_applied(path: Path) -> None:
    path.unlink()
    Path(f"{path}-wal").write_bytes(b"old journal")
    with Project.create(path, "New") as project:
        assert project.title == "New"
    orphans = list(path.parent.glob("*.orphan"))
    assert [p.read_bytes() for p in orphans] == [b"old journal"]


# ---------------------------------------------------------------- damage


def use(path: Path) -> None:
    """Open it and do a little of everything. Only `ProjectError` may come out."""
    with Project.open(path) as project:
        for row in project.results(ResultQuery(limit=1000)):
            project.media(row.media)
            project.thumbnail(row.id)
        project.results(ResultQuery(text="picture"))
        for document in project.documents():
            project.canvas_items(document.id)
        project.jobs()
        error = add_result(project)
        if error is not None:
            raise error


def add_result(project: Project) -> BaseException | None:
    return project.add_result(kind="image", data=os.urandom(50_000), media_type="image/png", meta={}, recipe={},
                              thumbnail=b"x").exception(30)


@pytest.mark.parametrize("part", [0, 0.00001, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_off(path: Path, part: float) -> None:
    whole = path.read_bytes()
    cut = whole[:int(len(whole) * part)]
    path.write_bytes(cut)
    assert kind_of(use, path) == "damaged"
    with pytest.raises(ProjectError, match="studio project check"):
        use(path)
    report = check(path)
    assert not report.ok
    assert report.problems
    assert path.read_bytes() == cut  # neither opening nor checking made it worse


def test_random_bytes(path: Path) -> None:
    noise = os.urandom(100_000)
    path.write_bytes(noise)
    assert kind_of(Project.open, path) == "damaged"
    path.write_bytes(database.MAGIC + noise)
    assert kind_of(Project.open, path) in ("damaged", "not-a-project")
    assert not check(path).ok


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), bytes_hit=st.sampled_from([1, 50, 4000, 60_000]))
@example(seed=1_000_000_001, bytes_hit=50)
def test_overwritten_anywhere(path: Path, seed: int, bytes_hit: int) -> None:
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        hurt = Path(shutil.copy(path, folder))
        data = bytearray(hurt.read_bytes())
        at = dice.randrange(len(data))
        data[at:at + bytes_hit] = dice.randbytes(min(bytes_hit, len(data) - at))
        hurt.write_bytes(data)
        try:
            use(hurt)
        except ProjectError:
            pass
        check(hurt)


def test_check_finds_each_kind_of_damage(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    run = connection.execute
    run("UPDATE media SET data = zeroblob(size) WHERE rowid = 1")
    run("UPDATE result SET recipe = '{broken' WHERE seq = 2")
    run("UPDATE manuscript_prose SET spans = '[{\"start\": 5, \"length\": 9, \"origin\": \"machine\"}]'")
    run("INSERT INTO canvas_item SELECT 'i', id, 'nomedia', NULL, 0, 0, 1, 1, 0, '', 1, 1, 0 FROM document LIMIT 1")
    run("UPDATE document SET state = '[]' WHERE kind = 'canvas'")
    run("INSERT INTO job VALUES ('j', 0, 'foreground', 'waiting', 'no', NULL, 0, NULL, NULL)")
    connection.close()
    before = path.read_bytes()
    report = check(path)
    assert len(report.problems) == 6
    for words in ("bytes have changed", "recipe of result", "refers to a media", "Who wrote what", "state of document",
                  "request of job"):
        assert sum(words in problem for problem in report.problems) == 1
    assert report.version == schema.VERSION
    assert report.counts["result"] == 24
    assert path.read_bytes() == before
    with Project.open(path) as project:  # and all the rest still works
        assert len(project.results()) == 24


def test_check_of_a_killed_file_reads_its_journal_and_leaves_it(path: Path, tmp_path: Path) -> None:
    with Project.open(path) as project:
        add_text(project, "only in the journal")
        shutil.copytree(tmp_path, tmp_path.parent / "killed", ignore=shutil.ignore_patterns("home", "*-shm", "*-lock"))
    killed = tmp_path.parent / "killed" / path.name
    files = {p.name: p.read_bytes() for p in killed.parent.iterdir()}
    assert f"{path.name}-wal" in files
    report = check(killed)
    assert (report.ok, report.counts["result"]) == (True, 25)
    assert {p.name: p.read_bytes() for p in killed.parent.iterdir()} == files
    assert not check(tmp_path / "none.pieria").ok


# ---------------------------------------------------------------- read-only


def test_a_read_only_file_opens_and_refuses_changes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "can_write", lambda _: False)
    before = path.read_bytes()
    heard: list[ProjectError] = []
    with Project.open(path, on_error=heard.append) as project:
        assert project.read_only
        assert len(project.results(ResultQuery(text="picture"))) == 12
        errors = [change.exception() for change in (
            project.set_title("x"), project.put_media(b"x", "text/plain"), project.save_jobs([]),
            project.set_state("view", 1))]
        assert [e.kind for e in errors if isinstance(e, ProjectError)] == ["read-only"] * 4
        assert heard == []
        project.set_title("y")
        project.set_title("z")
        assert [e.kind for e in heard] == ["read-only"]  # once is enough
        assert project.flush()
        copy = project.save_copy(path.with_name("copy.pieria")).result()
    assert path.read_bytes() == before
    with Project.open(copy, on_error=heard.append) as free:
        assert not free.read_only or free.results()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_read_only_folder() -> None:
    """For real: another user looks at a folder that is not theirs, also at a file that was killed while open."""
    code = textwrap.dedent("""
        import os, sys
        from studio.project import Project
        from studio.project.check import check
        if os.getuid() == 0:  # to whom every file is open
            os.setgid(65534); os.setuid(65534)
        for path in sys.argv[1:]:
            with Project.open(path) as project:
                assert project.read_only
                assert project.set_title("x").exception().kind == "read-only"
                print(project.title, len(project.results()), check(path).ok)
    """)
    folder = Path(tempfile.mkdtemp(prefix="pieria-test-"))
    try:
        closed, killed = folder / "closed.pieria", folder / "killed.pieria"
        with Project.create(closed, "Closed") as project:
            add_text(project, "a")
        with Project.create(folder / "open.pieria", "Killed") as project:
            add_text(project, "a")
            add_text(project, "b")
            shutil.copy(project.path, killed)
            shutil.copy(f"{project.path}-wal", f"{killed}-wal")
        for file in folder.iterdir():
            file.chmod(0o444)
        folder.chmod(0o555)
        done = subprocess.run([sys.executable, "-c", code, str(closed), str(killed)], capture_output=True, text=True,
                              check=False, cwd=Path(__file__).parents[2])
        assert (done.stdout, done.stderr) == ("Closed 1 True\nKilled 2 True\n", "")
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


# ---------------------------------------------------------------- a full disk, and changes that fail


def fill_up(project: Project, pages: int) -> None:
    """Let the file grow by `pages` more, as on a disk that is nearly full."""

    def apply(connection: sqlite3.Connection) -> None:
        now = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {now + pages}")

    project._change(apply).result()


def test_a_full_disk_loses_nothing_acknowledged(path: Path) -> None:
    with Project.open(path) as project:
        fill_up(project, 40)
        gate = threading.Event()
        project._change(lambda _: gate.wait(30))  # so that all of these meet in one transaction
        changes = [project.add_result(kind="image", data=os.urandom(size), media_type="image/png", meta={}, recipe={},
                                      thumbnail=b"t") for size in (1000, 5_000_000, 1000, 100_000, 5_000_000, 1000)]
        small = project.set_state("small", 1)
        gate.set()
        errors = [change.exception() for change in changes]
        kinds = [e.kind if isinstance(e, ProjectError) else None for e in errors]
        assert kinds == [None, "full", None, None, "full", None]
        assert small.exception() is None
        kept = {change.result().id for change in changes if change.exception() is None}
        assert kept <= {row.id for row in project.results()}
        fill_up(project, 10_000)  # room again
        assert add_result(project) is None
    assert check(path).ok
    with Project.open(path) as project:
        assert kept <= {row.id for row in project.results()}
        assert project.get_state("small") == 1


def test_a_change_that_raises_harms_no_other(path: Path) -> None:
    with Project.open(path) as project:
        gate = threading.Event()
        project._change(lambda _: gate.wait(30))

        def half(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE meta SET value = 'half' WHERE key = 'title'")
            raise ZeroDivisionError

        def abort(connection: sqlite3.Connection) -> None:
            connection.execute("ROLLBACK")  # what SQLite itself does on some I/O errors
            raise OSError(5, "Input/output error")

        first, bad, worse = project.set_state("a", 1), project._change(half), project._change(abort)
        unprepared = project._change(lambda _, value: value, lambda: 1 // 0)
        last = project.set_state("b", 2)
        gate.set()
        assert [type(c.exception()) for c in (first, bad, worse, unprepared, last)] == [
            type(None), ProjectError, ProjectError, ProjectError, type(None)]
        assert (project.title, project.get_state("a"), project.get_state("b")) == ("Work", 1, 2)


def test_the_sentences_for_the_disk(tmp_path: Path) -> None:
    place = tmp_path / "a.pieria"
    told = {code: errors.from_os(OSError(code, os.strerror(code)), place)
            for code in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EIO)}
    assert [e.kind for e in told.values()] == ["full", "full", "read-only", "read-only", "failed"]
    assert all(str(e).endswith(".") for e in told.values())
