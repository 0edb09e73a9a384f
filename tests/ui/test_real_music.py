"""Music through the real window: the real model composes in sections, bars are edited, and one sound follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from studio.app import Studio
from studio.ui.sound.makers import arriving
from tests.ui.test_real_studio import LONG, open_studio

__all__ = ["open_studio"]
pytestmark = [pytest.mark.model, pytest.mark.timeout(400)]


def test_a_piece_in_sections_is_composed_edited_by_bars_and_sounds_as_it_reads(
        qtbot: QtBot, open_studio: Callable[..., Studio]) -> None:
    studio = open_studio()
    bench = studio.window.workbench
    bench.show_workspace("sound")
    room, session = bench.room("sound"), studio.desk.session
    document, roll = room.pane.document, room.makers.roll
    qtbot.waitUntil(lambda: not document.closed_because, timeout=LONG)
    bench.composer.pick_generator("music.transformer")
    form = bench.inspector.form
    form.editor("instruments").picker.toggle("harp")
    form.set_values({"sections": "ABA", "bars": 12, "style": "waltz"})
    form.changed.emit()
    assert "first_bar" not in form.values()
    bench.bar.prompt.set_text("a waltz in G major")
    bench.composer.generate()
    quiet = lambda: document.arrangement.clips and not any(map(arriving.is_stale, document.arrangement.clips))  # noqa: E731
    qtbot.waitUntil(lambda: bool(quiet()) or bench.error.isVisible(), timeout=LONG)
    assert not bench.error.isVisible(), bench.error.message.text()
    (clip,) = document.arrangement.clips
    room.makers.open(clip.id)
    qtbot.waitUntil(lambda: roll.score.bars == 12, timeout=LONG)
    tune, bar = roll.score.parts[0], roll.score.bar_tick(1)
    assert tune.program == 46
    size = 4 * bar
    sections = [[n._replace(start=n.start - k * size) for n in tune.notes if k * size <= n.start < (k + 1) * size]
                for k in range(3)]
    assert sections[0] == sections[2]
    assert sections[0] != sections[1]

    renders: list[Any] = []
    session.batch_queued.connect(lambda jobs: renders.extend(
        job for job in jobs if job.request.target.get("kind") == "render"))
    x = lambda number: round(roll.space.x(roll.score.bar_tick(number))) + 6  # noqa: E731
    qtbot.mousePress(roll, Qt.MouseButton.LeftButton, pos=QPoint(x(0), 8))
    qtbot.mouseMove(roll, QPoint(x(3), 8))
    qtbot.mouseRelease(roll, Qt.MouseButton.LeftButton, pos=QPoint(x(3), 8))
    assert roll.bars == (0, 4)
    qtbot.keyClick(roll, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(roll, Qt.Key.Key_M)
    qtbot.keyClick(roll, Qt.Key.Key_M)
    qtbot.keyClick(roll, Qt.Key.Key_Insert)
    qtbot.waitUntil(lambda: not roll._saving and not roll._waiting, timeout=LONG)
    assert roll.score.bars == 20
    qtbot.waitUntil(lambda: bool(renders) and bool(quiet()), timeout=LONG)
    assert len(renders) == 1
    made = document.arrangement.find(clip.id)
    assert room.pane.source.facts(made.media).seconds == pytest.approx(roll.score.duration, abs=3.5)
    for _ in range(4):
        document.undo()
    qtbot.waitUntil(lambda: roll.score.bars == 12, timeout=LONG)
    assert document.arrangement.find(clip.id).score == clip.score

    bank = room.makers.desk.bank
    qtbot.waitUntil(lambda: "46" in bank._keys, timeout=LONG)
    struck: list[int] = []
    room.pane.player.stream = lambda samples, _rate: struck.append(len(samples))
    middle = round(roll.space.notes.center().y())
    qtbot.mouseClick(roll, Qt.MouseButton.LeftButton, pos=QPoint(8, middle))
    assert len(struck) == 1
