"""Takes in the real window with the real models: they come, are gone through, outlive undo, a split and a reopening."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]


def test_takes_of_speech_and_music_come_and_stay(starter_home: Path) -> None:
    child = subprocess.run([sys.executable, "-m", "tests.ui.sound_takes_child", str(starter_home / "takes.pieria")],
                           stdout=subprocess.PIPE, text=True, timeout=280,
                           env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, check=False)
    told: dict[str, Any] = {facts["step"]: facts for facts in map(json.loads, child.stdout.splitlines())}
    print(told)
    assert child.returncode == 0
    assert told["speak"] == {"step": "speak", "takes": [3, 3], "held": [0, 0], "entries": 2, "media": [3, 3]}
    assert told["next"]["held"] == [1, 1]
    assert told["next"]["played"]
    assert told["next"]["gap"] == pytest.approx(told["next"]["gap before"], abs=1e-3)
    assert told["again"] == {"step": "again", "takes": [4, 3], "held": [3, 1]}
    assert told["music"]["takes"] == 3
    assert told["music"]["scores"] == 3
    assert told["music"]["rendered"]
    assert told["bars"]["takes"] == 4
    assert told["bars"]["elsewhere same"]
    assert told["region"]["takes"] == 4  # three that were there, cut to the stretch, and the new one
    assert told["region"]["both sides"] == 2
    assert told["undo"] == {"step": "undo", "clips": 0, "same": True}
    assert told["reopened"]["same"]
