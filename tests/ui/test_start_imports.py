"""A project that opens in one workspace imports nothing of the others, nor what only its threads need."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.project import Project

LOOK = """
import json, os, sys
from pathlib import Path
import studio.app
at_import = sorted(sys.modules)
from PySide6.QtWidgets import QApplication
from studio.settings import Paths
app = QApplication([])
made = studio.app.Studio(app, Paths.from_env())
made.window.show()
made.desk.open_project(Path(sys.argv[1]))
before = sorted(sys.modules)
app.processEvents()
import builtins
print(json.dumps([at_import, sorted({*before, *sys.modules}), sorted(made.window.workbench.rooms), before,
                  builtins.__import__ is builtins.__orig_import__, made.window.workbench.composer.current]), flush=True)
made.window.close()
app.processEvents()
"""
ROOMS = {"canvas": "studio.ui.canvas.room", "write": "studio.ui.write.room", "sound": "studio.ui.sound.room"}


@pytest.mark.parametrize("name", ["canvas", "write", "sound"])
def test_only_the_workspace_in_front_is_imported_and_made(name: str, tmp_path: Path) -> None:
    path = tmp_path / "start.pieria"
    with Project.create(path) as project:
        project.set_state("workspace", name).result()
    done = subprocess.run([sys.executable, "-c", LOOK, str(path)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "PIERIA_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"})
    assert done.returncode == 0, done.stderr
    at_import, opened, rooms, before, plain, draft = json.loads(done.stdout.splitlines()[-1])
    assert not {"numpy", "studio.ui.canvas.pane"} & set(at_import)
    assert not {"pydantic", "urllib.request", "importlib.metadata", "studio.models.library"} & set(before)
    assert plain
    assert draft == name
    assert rooms == [name]
    assert {room for room in ROOMS.values() if room in opened} == {ROOMS[name]}
    if name == "write":
        assert not {"numpy", "studio.ui.canvas.pane"} & set(opened)
