"""The studio leaves without a crash, whatever lies on the clipboard."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CODE = """
import sys
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from studio.app import settle_clipboard
app = QApplication([])
class Data(QMimeData):
    pass
data = Data()
data.setText("kept")
QGuiApplication.clipboard().setMimeData(data)
del data
settle_clipboard()
sys.exit(0 if QGuiApplication.clipboard().text() == "kept" else 3)
"""


@pytest.mark.skipif(sys.platform == "darwin", reason="the clipboard is the system's")
def test_text_of_ours_on_the_clipboard_does_not_crash_the_exit() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
