"""The studio leaves without a crash, whatever lies on the clipboard."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CODE = """
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from studio.app import leave
app = QApplication([])
data = QMimeData()
data.setText("cut from the page")
QGuiApplication.clipboard().setMimeData(data)
print("closing")
leave(0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the clipboard is the system's")
def test_text_of_ours_on_the_clipboard_does_not_crash_the_exit() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b"closing\n"
