"""kill -9 of the window or of its host at random moments: nothing that was acknowledged is lost."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from studio.project import Project
from studio.project.check import check
from tests.host.conftest import python_path

WINDOWS, HOSTS = 30, 4
"""30 windows are killed, and 20 hosts: 4 in each of every sixth window."""
ROOT = Path(__file__).resolve().parents[2]


class Child:
    """One window process and what it has said so far."""

    def __init__(self, project: Path) -> None:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen",
                       "PYTHONPATH": os.pathsep.join([str(ROOT), python_path("run")])}
        self.process = subprocess.Popen([sys.executable, "-m", "tests.host.window_child", str(project)], cwd=ROOT,
                                        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            # Half a line, cut off by the kill, was not said.
            if line.endswith(b"\n"):
                self.lines.append(line.decode().strip())

    def wait_for(self, word: str, count: int = 1) -> bool:
        """Until it has said `word` so often; False if it ends first."""
        deadline = time.monotonic() + 120
        while sum(line.startswith(word) for line in self.lines) < count:
            if time.monotonic() > deadline or self.process.poll() is not None:
                return False
            time.sleep(0.01)
        return True

    def said(self, word: str) -> int:
        return sum(line.startswith(word) for line in self.lines)

    def kill_host(self) -> None:
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # the last one killed may still be a zombie
                if "studio.engine.host" in " ".join(child.cmdline()):
                    child.kill()

    def kill(self) -> list[str]:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)
        self._reader.join(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.lines


@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_nothing_acknowledged_is_lost(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path, chance = tmp_path / "k.pieria", random.Random(11)
    results: set[str] = set()
    queued: set[str] = set()
    longest = 0
    for number in range(WINDOWS):
        child = Child(path)
        request.addfinalizer(child.process.kill)  # a failed assertion must not leave a window behind
        assert child.wait_for("ready"), "the window did not come up"
        if number % 3 == 0:
            assert child.wait_for("result"), "nothing was made"
        for _ in range(HOSTS if number % 6 == 0 else 0):
            child.kill_host()
            assert child.wait_for("result", child.said("result") + 1), "the host did not come back"
        time.sleep(chance.uniform(0.0, 0.6))  # the moment of the kill is what is tested; nothing waits on it
        for word, value in (line.split() for line in child.kill()):
            if word == "result":
                results.add(value)
            elif word == "queued":
                queued.add(value)
            elif word == "text":
                longest = max(longest, int(value))
        assert child.lines[0].startswith("ready")
    report = check(path)
    assert report.ok, report.problems
    with Project.open(path) as project:
        for result in results:
            assert project.result(result).id == result
        document = project.documents("manuscript")[0].id
        scene = next(node.id for node in project.manuscript_nodes(document) if node.kind == "scene")
        assert len(project.prose(scene)[0].text) >= longest
    # A job whose host was killed has failed, and was said to have: it is kept as that. Any other waits or has a result.
    with contextlib.closing(sqlite3.connect(path)) as file:
        known = {row[0] for row in file.execute("SELECT id FROM job")} | {
            row[0] for row in file.execute("SELECT job FROM result")}
    assert queued <= known
