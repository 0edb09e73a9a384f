"""From a paragraph to a finished mix with the real models: killed, reopened, exported and measured by another tool."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from studio.project import Project

pytestmark = [pytest.mark.model, pytest.mark.timeout(500)]


def measured(path: Path) -> float:
    """LUFS of a file, by FFmpeg where it is, else by pyloudnorm."""
    if shutil.which("ffmpeg"):
        command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        return float(told.rpartition("I:")[2].split()[0])
    import pyloudnorm
    import soundfile

    samples, rate = soundfile.read(path)
    return float(pyloudnorm.Meter(rate).integrated_loudness(samples))


def test_speech_and_music_outlive_a_kill_and_are_as_loud_as_was_asked(starter_home: Path, tmp_path: Path) -> None:
    from studio.project.sound.exporting import ExportOptions, export_mix

    path = starter_home / "story.pieria"
    child = subprocess.Popen([sys.executable, "-m", "tests.ui.sound_story_child", str(path)], stdout=subprocess.PIPE,
                             text=True, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    told: dict[str, Any] = {}
    try:
        assert child.stdout is not None
        for line in child.stdout:
            facts = json.loads(line)
            told[facts.get("step", "saved")] = facts
            if "saved" in facts:
                break
    finally:
        family = [*psutil.Process(child.pid).children(recursive=True), psutil.Process(child.pid)]
        for process in family:
            process.send_signal(signal.SIGKILL)
        child.communicate()
        psutil.wait_procs(family, timeout=20)
    print(told)
    assert told["saved"]["saved"]
    assert len(told["speak"]["texts"]) == 3
    assert told["respeak"]["shift"] == pytest.approx(told["respeak"]["grown"], abs=1e-3)
    assert told["read back"]["rate"] <= 0.2
    assert (told["music"]["same"], told["music"]["other"], told["music"]["bars"]) == (True, True, 16)
    assert told["undo"]["clips"] == 0
    assert told["redo"]["same"]
    with Project.open(path) as project:
        arrangement = project.sound(told["saved"]["document"])
        assert [[c.id, c.start, c.media, c.score] for c in arrangement.clips] == told["saved"]["clips"]
        with project.sound_source(arrangement.rate) as source:
            written = export_mix(arrangement, source, tmp_path / "mix.wav", ExportOptions(loudness=-23.0))
    print("LUFS:", measured(tmp_path / "mix.wav"), written)
    assert not written.notes  # nothing kept it from the target
    assert measured(tmp_path / "mix.wav") == pytest.approx(-23.0, abs=0.3)
