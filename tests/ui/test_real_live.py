"""Live painting with the real host and the starter model: a stroke goes in, a picture of it comes over the frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QRect
from pytestqt.qtbot import QtBot

from studio.app import Studio
from studio.project.paint.edit import paste_array
from tests.ui.test_real_studio import LONG, open_studio

__all__ = ["open_studio"]
pytestmark = [pytest.mark.model, pytest.mark.timeout(400)]


def stroke(studio: Studio, x: int, colour: tuple[int, int, int]) -> None:
    square = np.full((96, 96, 4), (*colour, 255), np.uint8)
    studio.window.workbench.canvas.document.edit(
        "Stroke", lambda picture: paste_array(picture, square, x, 80, "Square"))


def test_strokes_are_answered_and_only_what_is_accepted_is_kept(
        qtbot: QtBot, open_studio: Callable[..., Studio]) -> None:
    studio = open_studio()
    studio.desk.go("canvas")
    bench = studio.window.workbench
    canvas, live, project = bench.canvas, bench.canvas_room.live, studio.desk.session.project
    qtbot.waitUntil(lambda: not canvas.document.closed_because, timeout=LONG)
    canvas.set_frame_rect(QRect(0, 0, 256, 256))
    bench.bar.prompt.set_text("a red apple on a table")
    stroke(studio, 20, (30, 30, 200))
    live.set_on(True)
    qtbot.waitUntil(lambda: live.shown is not None or bench.error.isVisible(), timeout=LONG)
    assert not bench.error.isVisible(), bench.error.message.text()
    first = live.shown
    stroke(studio, 60, (30, 200, 30))
    stroke(studio, 100, (200, 30, 30))
    qtbot.waitUntil(lambda: live.shown is not None and not live.working, timeout=LONG)
    assert live.shown.result.data != first.result.data
    assert not project.results()
    live.accept()
    qtbot.waitUntil(lambda: bool(canvas.document.picture.layers[-1].result), timeout=LONG)
    (row,) = project.results()
    assert canvas.document.picture.layers[-1].result == row.id
    assert row.recipe["params"]["steps"] == 4
    assert project.media(row.recipe["inputs"][0])[0].startswith(b"\x89PNG")
