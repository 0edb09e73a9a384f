"""One picture from the first stroke of the pen to a file of another program: the real window, the real host, the
starter models, and a kill -9 on the way."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app import Studio
from studio.models import install
from studio.models.packs import find_pack, load_catalogue
from studio.project.check import check
from studio.project.formats import files
from studio.project.paint import from_qimage
from studio.project.paint.compositor import compose
from studio.settings import Paths
from tests.plugins.tiny_models import write_onnx
from tests.ui.story_child import digest

pytestmark = [pytest.mark.model, pytest.mark.timeout(400),
              pytest.mark.skipif(sys.platform == "win32", reason="kill -9")]
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240_000


def cutout_network(home: Path) -> None:
    """U2-Net is a pack of its own that tests do not fetch: in its place stands a network of its form that finds what
    is red."""
    models = home / "data" / "models"
    packs = list(models.resolve().iterdir())
    models.unlink()
    (models / "u2net").mkdir(parents=True)
    for pack in packs:
        if pack.name != "u2net":
            (models / pack.name).symlink_to(pack, target_is_directory=True)
    network = write_onnx(models / "u2net" / "u2net.onnx", "matte")
    files_ = [{"path": network.name, "size": network.stat().st_size, "mtime_ns": network.stat().st_mtime_ns,
               "sha256": hashlib.sha256(network.read_bytes()).hexdigest()}]
    pack = find_pack(load_catalogue(), "u2net")
    assert pack is not None
    (models / "u2net" / install.MANIFEST).write_text(json.dumps(install.manifest(pack, files_)), "utf-8")


def told_and_killed(path: Path, log: Path) -> list[list[str]]:
    """Let the window paint until all is saved, kill it, and give what it has said."""
    with log.open("wb") as errors:
        child = subprocess.Popen([sys.executable, "-m", "tests.ui.story_child", str(path)], cwd=ROOT, env=os.environ,
                                 stdout=subprocess.PIPE, stderr=errors)
        lines: list[list[str]] = []
        try:
            assert child.stdout is not None
            for line in child.stdout:
                lines.append(line.decode().split())
                if lines[-1][0] == "saved":
                    break
        finally:
            family = psutil.Process(child.pid).children(recursive=True) if child.poll() is None else []
            child.send_signal(signal.SIGKILL)
            child.wait(30)
            psutil.wait_procs(family, 30)  # a host whose window is gone ends by itself
            child.stdout.close()
    assert [line[0] for line in lines[-1:]] == ["saved"], log.read_text("utf-8", "replace")[-6000:]
    return lines


@pytest.fixture
def window(qtbot: QtBot, starter_home: Path) -> Iterator[Studio]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    studio = Studio(app, Paths.from_env())
    studio.theme.set_reduced_motion(True)
    studio.window.resize(1440, 900)
    yield studio
    studio.window.close()


def test_sketch_to_file(qtbot: QtBot, starter_home: Path, tmp_path: Path, window: Studio) -> None:
    cutout_network(starter_home)
    path, out = tmp_path / "story.pieria", tmp_path / "story.ora"
    *steps, (_, saved) = told_and_killed(path, tmp_path / "story.log")
    assert [title for _, title, *_ in steps] == ["sketch", "from_sketch", "inpaint", "extend", "cut_out", "upscale",
                                                   "back_and_forth"]
    assert steps[-1][-1] == saved
    report = check(path)
    assert report.ok, report.problems

    assert window.desk.open_project(path)
    window.window.show()
    bench = window.window.workbench
    document = bench.canvas.document
    qtbot.waitUntil(lambda: not document.closed_because, timeout=PATIENCE)
    assert digest(document.picture) == saved
    before = document.picture

    with qtbot.waitSignal(bench.canvas_room.shelf.said, timeout=PATIENCE) as said:
        bench.canvas_room.shelf.export(out)
    assert said.args[0].startswith("Exported")
    with qtbot.waitSignal(bench.canvas_room.control.opened, timeout=PATIENCE):
        bench.canvas_room.shelf.bring(out)
    after = document.picture
    assert after is not before
    assert digest(after) == saved
    assert [layer.name for layer, _ in after.walk()] == [layer.name for layer, _ in before.walk()]
    flat = files.read(out).picture
    assert np.array_equal(from_qimage(compose(flat, flat.rect)), from_qimage(compose(before, before.rect)))
