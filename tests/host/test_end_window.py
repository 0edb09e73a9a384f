"""The end of the session: the window is closed as by the person, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studio.project import Project

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(120)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window(pieria_home: Path, tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "a.pieria"
    with Project.create(path) as project:
        project.set_state("workspace", "sound").result()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    window = subprocess.Popen([sys.executable, "-m", "studio", "open", str(path)], env=environment, cwd=ROOT,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    try:
        while not list(tmp_path.glob("pieria-sound-*/*")):
            with pytest.raises(subprocess.TimeoutExpired):  # it does not end by itself
                window.wait(0.1)
        window.send_signal(number)
        assert window.wait(60) == 0
    finally:
        window.kill()
        window.wait()
    assert not list(tmp_path.glob("pieria-sound-*/*"))
    assert not path.with_name("a.pieria-wal").exists()  # it was closed, not killed
