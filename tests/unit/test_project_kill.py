"""Kill -9 at random moments: what was acknowledged is there, and the file opens again at once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

from manuscript_child import text_of
from painting_child import SIDE, stroke
from painting_kit import same
from project_kit import text_of as first_text

from studio.project import Project, ResultQuery
from studio.project.check import check
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture

CHILD = Path(__file__).with_name("project_child.py")
PAINTER = Path(__file__).with_name("painting_child.py")
ROUNDS = 60
PAINT_ROUNDS = 6
WRITER = Path(__file__).with_name("manuscript_child.py")
WRITE_ROUNDS = 6


def _run_and_kill(path: Path, lines: int, changes: int, program: Path = CHILD) -> list[str]:
    """Let a child work until it has said `lines` lines, kill it, and return all it said."""
    child = subprocess.Popen([sys.executable, str(program), str(path), str(changes)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child.stdout:
        said = [child.stdout.readline() for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        said += child.stdout.readlines()
    assert child.wait() == -signal.SIGKILL
    return [line.strip() for line in said if line.endswith("\n")]


def _verify_text(project: Project, acknowledged: int) -> None:
    manuscript = first_text(project, project.documents("manuscript")[0].id)
    number = int(manuscript.text.split("\n")[0].split()[1])
    assert number >= acknowledged
    assert manuscript.text == f"line {number}\n" * (1 + number % 40)  # one change, whole
    assert project.results()[0].prompt in (f"word{number}", f"word{number + 1}")  # in the order of the calls


def test_sixty_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "work.pieria"
    Project.create(path).close()
    dice = random.Random(7)
    results: set[str] = set()
    for _ in range(ROUNDS):
        # few changes for each opening: the kill often meets a project that is being opened or closed
        said = _run_and_kill(path, dice.randint(0, 60), dice.choice((1, 3, 25, 1000)))
        results |= {line.split()[1] for line in said if line.startswith("result")}
        texts = [int(line.split()[1]) for line in said if line.startswith("text")]
        if texts:
            with Project.open(path, read_only=True) as project:
                _verify_text(project, texts[-1])
    with Project.open(path) as project:
        kept = {row.id for row in project.results(ResultQuery(limit=10**6))}
    assert results <= kept
    assert len(results) > ROUNDS
    report = check(path)
    assert report.ok, report.problems
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["work.pieria"]


def test_kills_while_painting_lose_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "work.pieria"
    Project.create(path).close()
    dice = random.Random(7)
    for _ in range(PAINT_ROUNDS):
        said = _run_and_kill(path, dice.randint(1, 60), 0, PAINTER)
        acknowledged = max((int(line.split()[1]) for line in said if line.startswith("paint")), default=0)
        with Project.open(path, read_only=True) as project:
            picture, notes = project.paint_with_notes(project.documents("canvas")[0].id)
        assert notes == []
        number = int(picture.layers[0].prompt or 0)
        assert number >= acknowledged
        _verify_strokes(picture, number)
    assert number > PAINT_ROUNDS
    report = check(path)
    assert report.ok, report.problems


def _verify_strokes(picture: Picture, number: int) -> None:
    """One change, whole: both layers hold the stroke of this number, and what it painted over."""
    wanted = Picture(SIDE, SIDE, (Layer("a", "A"), Layer("b", "B")))
    for done in range(1, number + 1):
        wanted = stroke(wanted, done)
    assert same(picture, wanted.with_(active="a"))


def test_kills_while_scenes_are_split_and_joined_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "work.pieria"
    Project.create(path).close()
    dice = random.Random(7)
    last = -1
    for _ in range(WRITE_ROUNDS):
        said = _run_and_kill(path, dice.randint(1, 40), 0, WRITER)
        last = max((int(line.split()[1]) for line in said if line.startswith("merged")), default=last)
        with Project.open(path, read_only=True) as project:
            nodes = project.manuscript_nodes(project.documents("manuscript")[0].id)
            scenes = [project.prose(node.id)[0].text for node in nodes if node.kind == "scene"]
            number = int(scenes[0].split()[1])
            assert number >= last
            assert "\n".join(scenes) == text_of(number)  # whole, whether it is in one scene or in two
    report = check(path)
    assert report.ok, report.problems


def test_a_killed_queue_is_offered_again(tmp_path: Path) -> None:
    path = tmp_path / "work.pieria"
    with Project.create(path) as project:
        project.save_jobs([{"id": "j1", "lane": "foreground", "state": "running", "request": {"generator": "a.b"},
                            "error": None}]).result()
    _run_and_kill(path, 3, 1000)
    with Project.open(path) as project:
        assert project.flush()
        assert project.jobs() == [{"id": "j1", "lane": "foreground", "state": "interrupted",
                                   "request": {"generator": "a.b"}, "error": None}]
