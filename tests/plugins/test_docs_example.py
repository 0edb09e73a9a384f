"""The plugin that docs/plugins.md shows, installed to the letter and run in a real host."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.engine.job import Failed, Finished, Job, Progress, Request, Result, Stopped
from studio.engine.supervisor import Supervisor
from studio.plugins import Image

ROOT = Path(__file__).parents[2]


def documented_files() -> dict[str, str]:
    text = (ROOT / "docs/plugins.md").read_text("utf-8")
    return dict(re.findall(r'```\w+ title="([^"]+)"\n(.*?)```', text, re.DOTALL))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the documented plugin as pip would install it."""
    files = documented_files()
    project = tomllib.loads(files["pyproject.toml"])["project"]
    (module,) = project["entry-points"]["studio.v1"].values()
    folder = tmp_path / "site"
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (folder / f"{module}.py").write_text(files[f"{module}.py"], "utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    (info / "entry_points.txt").write_text("".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in project["entry-points"].items()))
    return folder


@pytest.fixture
def supervisor(site: Path) -> Iterator[Supervisor]:
    one = Supervisor(env={"PYTHONPATH": str(site)})
    yield one
    one.close()
    assert one.join(30)


def test_it_is_short_and_the_same_as_the_example() -> None:
    files = documented_files()
    assert set(files) == {"pyproject.toml", "pieria_plasma.py"}
    assert sum(len(text.splitlines()) for text in files.values()) < 40
    for name, text in files.items():
        assert (ROOT / "examples/pieria-plasma" / name).read_text("utf-8") == text


def test_it_makes_a_picture_with_progress_and_previews(supervisor: Supervisor) -> None:
    pictures = []
    for seed in (7, 7, 8):
        events = run(supervisor, Request("plasma.picture", {"seed": seed, "size": 64}))
        assert isinstance(events[-1], Finished), events[-1]
        steps = [event for event in events if isinstance(event, Progress)]
        assert (steps[-1].step, steps[-1].of) == (24, 24)
        assert any(event.preview for event in steps)
        (result,) = [event for event in events if isinstance(event, Result)]
        assert Image(result.data).pil().size == (64, 64)
        assert result.recipe["generator"]["plugin_version"] == "1.0"
        pictures.append(result.data)
    assert pictures[0] == pictures[1] != pictures[2]


def test_it_can_be_stopped(supervisor: Supervisor) -> None:
    job = Job(Request("plasma.picture", {"size": 1024, "waves": 200}))
    supervisor.submit(job)
    while not isinstance(event := supervisor.events.get(timeout=60), Progress):
        pass
    supervisor.cancel(job.id)
    while not isinstance(event, (Stopped, Finished, Failed)):
        event = supervisor.events.get(timeout=60)
    assert isinstance(event, Stopped)


def test_the_harness_finds_no_fault(site: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "studio.plugins.testing", "plasma"], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(site)}, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAULT" not in done.stdout
    assert "note" not in done.stdout
    assert "Stop ends it" in done.stdout


def run(supervisor: Supervisor, request: Request) -> list[object]:
    job = Job(request)
    supervisor.submit(job)
    events: list[object] = []
    while not events or not isinstance(events[-1], (Finished, Failed, Stopped)):
        events.append(supervisor.events.get(timeout=60))
    return events
