"""The real window and the real Hibari: samples of voices, a cast, a scene of the manuscript, Stop in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app import Studio
from studio.engine.job import AudioChunk
from studio.project.manuscript.rows import Prose
from studio.settings import Paths
from studio.ui.sound.voice.reading import PART

pytestmark = [pytest.mark.model, pytest.mark.timeout(400)]
LONG = 240_000
PARAGRAPH = "The drawer had been painted shut for longer than the house had been standing, which nobody could explain. "


@pytest.fixture
def studio(qtbot: QtBot, starter_home: Path) -> Iterator[Studio]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    studio = Studio(app, Paths.from_env())
    studio.theme.set_reduced_motion(True)
    studio.window.resize(1440, 900)
    assert studio.desk.open_project(starter_home / "t.pieria", create=True)
    studio.window.show()
    studio.window.workbench.show_workspace("sound")
    room = studio.window.workbench.room("sound")
    qtbot.waitUntil(lambda: bool(studio.desk.session.discovery.generators)
                    and not room.pane.document.closed_because, timeout=LONG)
    yield studio
    studio.window.close()


def idle(studio: Studio) -> bool:
    return not [job for job in studio.desk.session.jobs if not job.state.ended]


def test_voices_are_heard_and_a_dialogue_is_cast(qtbot: QtBot, studio: Studio) -> None:
    bench = studio.window.workbench
    room = bench.room("sound")
    control, document, project = room.makers.voice, room.pane.document, studio.desk.session.project
    control.refresh()
    assert list(control.panel.grid.cards) == ["Heart", "Heart, warm", "Heart, low", "Heart, bright", "Heart, young"]
    heard: list[int] = []
    room.pane.player.stream = lambda samples, _rate: heard.append(len(samples))
    control.hear("Heart, low")
    qtbot.waitUntil(lambda: bool(heard), timeout=LONG)
    qtbot.waitUntil(lambda: idle(studio) and not control.samples._job, timeout=LONG)
    control.samples.stop()
    control.hear("Heart, low")  # kept: at once, and nothing is queued
    assert heard == [heard[0]] * 2
    assert not studio.desk.session.jobs
    assert not project.count_results()
    assert not document.arrangement.clips
    control.panel.cast.switch.click()
    bench.bar.prompt.set_text("The door opened.\n\nAnna: Come in!\nBen: Thank you.")
    bench.composer.generate()
    qtbot.waitUntil(lambda: len(document.arrangement.clips) == 3, timeout=LONG)
    assert [(clip.text, clip.recipe["voice"]) for clip in document.arrangement.clips] == [
        ("The door opened.", "Heart"), ("Come in!", "Heart, warm"), ("Thank you.", "Heart, low")]
    assert project.results()[0].recipe["params"]["speakers"] == {"Anna": "Heart, warm", "Ben": "Heart, low"}


def test_a_long_scene_is_heard_while_it_is_made_and_stop_keeps_what_was_spoken(
        qtbot: QtBot, studio: Studio) -> None:
    bench, session = studio.window.workbench, studio.desk.session
    room, project = bench.room("sound"), session.project
    book = project.documents("manuscript") or [project.add_document("manuscript", "Manuscript").result()]
    node = project.add_node(book[0].id, "scene", "The last drawer").result().id
    project.set_prose(node, Prose("\n".join([PARAGRAPH * 8] * 22)), 0).result()
    assert project.manuscript_node(node).words > 3000
    asked: list[Any] = []
    chunks: list[Any] = []
    session.batch_queued.connect(asked.extend)
    session.event.connect(lambda event, _: isinstance(event, AudioChunk) and chunks.append(event))
    room.pane.player.stream = lambda _samples, _rate: None
    room.makers.scenes.ask()
    qtbot.waitUntil(lambda: room.makers.scenes.picker is not None)
    room.makers.scenes.picker.read()
    qtbot.waitUntil(lambda: len(chunks) >= 3, timeout=LONG)
    assert not room.pane.document.arrangement.clips, "it is heard while it is made"
    texts = [job.request.params["prompt"] for job in asked]
    assert sum(text.count("explain.") for text in texts) == 8 * 22, "nothing of it is cut off"
    assert max(map(len, texts)) <= PART
    bench.composer.stop()
    qtbot.waitUntil(lambda: idle(studio) and bool(room.pane.document.arrangement.clips), timeout=LONG)
    clips = room.pane.document.arrangement.clips
    assert len(clips) >= 3
    assert {(clip.name, clip.recipe["scene"]) for clip in clips} == {("The last drawer", "The last drawer")}
    (row,) = project.results()
    assert row.recipe["params"]["sentences"] == len(clips)
    again: list[Any] = []
    session.result_stored.connect(lambda stored, _: again.append(stored))
    session.run_again(row)
    qtbot.waitUntil(lambda: bool(again), timeout=LONG)
    assert again[0].media == row.media, "what was kept is made again to the byte"
