"""The whole machine: the real window, the real host process, the starter models."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app import Studio
from studio.engine.job import JobState, Progress, Token
from studio.settings import Paths

pytestmark = [pytest.mark.model, pytest.mark.timeout(400)]
LONG = 240_000


@pytest.fixture
def open_studio(qtbot: QtBot, starter_home: Path) -> Iterator[Callable[..., Studio]]:
    opened: list[Studio] = []

    def open_one(path: Path | None = None) -> Studio:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        studio = Studio(app, Paths.from_env())
        opened.append(studio)
        studio.theme.set_reduced_motion(True)
        studio.window.resize(1440, 900)
        path = path or starter_home / "t.pieria"
        assert studio.desk.open_project(path, create=not path.exists())
        studio.window.show()
        qtbot.waitUntil(lambda: bool(studio.desk.session.discovery.generators), timeout=LONG)
        return studio

    yield open_one
    for studio in opened:
        studio.window.close()


def generate(qtbot: QtBot, studio: Studio, prompt: str, count: int = 1) -> list[Any]:
    """Type, press Generate, wait for the results; returns their rows."""
    rows: list[Any] = []
    take = lambda row, _job: rows.append(row)  # noqa: E731
    session = studio.desk.session
    session.result_stored.connect(take)
    bench = studio.window.workbench
    bench.bar.prompt.set_text(prompt)
    if bench.workspace == "canvas":
        bench.bar._set_count(count)
    studio.desk.open.generate()
    qtbot.waitUntil(lambda: len(rows) >= count or bench.error.isVisible(), timeout=LONG)
    session.result_stored.disconnect(take)
    assert not bench.error.isVisible(), bench.error.message.text()
    return rows


def host_of(studio: Studio) -> psutil.Process:
    children = [c for c in psutil.Process().children(recursive=True)
                if c.status() != psutil.STATUS_ZOMBIE and "studio.engine.host" in " ".join(c.cmdline())]
    assert children
    return children[-1]


def test_a_picture_forms_is_kept_and_comes_again_to_the_byte(
        qtbot: QtBot, open_studio: Callable[..., Studio]) -> None:
    studio = open_studio()
    studio.desk.go("canvas")
    previews: list[int] = []
    studio.desk.session.event.connect(
        lambda e, _: isinstance(e, Progress) and e.preview and previews.append(len(e.preview)))
    (row,) = generate(qtbot, studio, "a red apple")
    assert previews, "no preview was decoded from the latents"
    project = studio.desk.session.project
    assert project.media(row.media)[0].startswith(b"\x89PNG")
    again: list[Any] = []
    studio.desk.session.result_stored.connect(lambda r, _: again.append(r))
    studio.desk.session.run_again(row)
    qtbot.waitUntil(lambda: bool(again), timeout=LONG)
    assert again[0].media == row.media
    assert again[0].recipe == row.recipe


def test_image_to_image_over_the_canvas(qtbot: QtBot, open_studio: Callable[..., Studio]) -> None:
    studio = open_studio()
    studio.desk.go("canvas")
    (row,) = generate(qtbot, studio, "a red apple")
    studio.desk.open.start_from(row)
    qtbot.waitUntil(studio.window.workbench.canvas_room.control.can_start_from_canvas, timeout=LONG)
    (second,) = generate(qtbot, studio, "a green apple")
    assert second.recipe["params"]["init_image"]["media"] in second.recipe["inputs"]
    assert row.media in second.recipe["parents"]
    assert second.media != row.media


def test_a_passage_streams_into_the_page_and_is_taken_back(
        qtbot: QtBot, open_studio: Callable[..., Studio]) -> None:
    studio = open_studio()
    studio.desk.go("write")
    write = studio.window.workbench.write
    qtbot.keyClicks(write.page, "The lamp had been dark for a week when the cat came up the stairs.")
    before = write.text()
    tokens: list[str] = []
    studio.desk.session.event.connect(lambda e, _: isinstance(e, Token) and tokens.append(e.text))
    (row,) = generate(qtbot, studio, "")
    qtbot.waitUntil(lambda: not write.streaming(), timeout=LONG)
    assert len(tokens) > 1
    assert write.text().startswith(before)
    assert len(write.text()) > len(before) + 20
    assert row.kind == "text"
    studio.desk.open.undo()
    assert write.text() == before


def test_stop_frees_the_worker_and_keeps_what_was_written(
        qtbot: QtBot, open_studio: Callable[..., Studio]) -> None:
    studio = open_studio()
    studio.desk.go("write")
    session, bench = studio.desk.session, studio.window.workbench
    bench.composer.set_values(max_tokens=2000)
    bench.bar.prompt.set_text("Write a long story about the sea.")
    seen: list[str] = []
    session.event.connect(lambda e, _: isinstance(e, Token) and seen.append(e.text))
    studio.desk.open.generate()
    qtbot.waitUntil(lambda: len(seen) > 3, timeout=LONG)
    studio.desk.open.stop()
    qtbot.waitUntil(lambda: not [j for j in session.jobs if not j.state.ended], timeout=LONG)
    assert bench.write.text().strip()


def test_a_killed_host_is_named_and_the_job_can_be_tried_again(
        qtbot: QtBot, open_studio: Callable[..., Studio]) -> None:
    studio = open_studio()
    studio.desk.go("write")
    session, bench = studio.desk.session, studio.window.workbench
    bench.composer.set_values(max_tokens=1000)
    bench.bar.prompt.set_text("Write a long story about the sea.")
    studio.desk.open.generate()
    qtbot.waitUntil(lambda: any(j.step > 2 for j in session.jobs), timeout=LONG)
    os.kill(host_of(studio).pid, signal.SIGKILL)
    qtbot.waitUntil(bench.error.isVisible, timeout=LONG)
    assert "Writer" in bench.error.message.text() or "language" in bench.error.message.text()
    bench.composer.set_values(max_tokens=12)
    failed = next(j for j in session.jobs if j.state is JobState.FAILED)
    rows: list[Any] = []
    session.result_stored.connect(lambda row, job: job.id == failed.id and rows.append(row))
    bench.error.button.click()
    qtbot.waitUntil(lambda: bool(rows), timeout=LONG)


def test_close_while_it_runs_and_come_back(qtbot: QtBot, open_studio: Callable[..., Studio]) -> None:
    studio = open_studio()
    studio.desk.go("write")
    studio.window.workbench.composer.set_values(max_tokens=2000)
    studio.window.workbench.bar.prompt.set_text("Write a long story about the sea.")
    studio.desk.open.generate()
    session = studio.desk.session
    qtbot.waitUntil(lambda: any(j.step > 2 for j in session.jobs), timeout=LONG)
    path = session.project.path
    studio.window.close()
    again = open_studio(path)
    assert len(again.desk.session.interrupted) == 1
    assert again.window.workbench.write.text().strip()
