"""A real window over a real project file, with the fake engine behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.engine.job import Job
from studio.settings import Paths, SettingsFile
from studio.ui.canvas.toolstate import ToolState
from studio.ui.desk import Desk
from studio.ui.requests import is_preview
from studio.ui.theme import Theme, load_fonts
from studio.ui.window import StudioWindow
from tests.ui.fake_engine import FakeLibrary, FakeWorker


@dataclass
class Opened:
    """A window, its desk, and the fake worker of the open project."""

    qtbot: QtBot
    desk: Desk
    window: StudioWindow
    workers: list[FakeWorker]

    @property
    def worker(self) -> FakeWorker:
        return self.workers[-1]

    @property
    def bench(self) -> Any:
        return self.window.workbench

    @property
    def project(self) -> Any:
        return self.desk.session.project

    def ask(self, prompt: str, count: int = 1) -> list[Job]:
        """Type a prompt, press Generate, and wait until the worker has the jobs."""
        bar = self.bench.bar
        bar.prompt.set_text(prompt)
        if bar.count_chip.isVisible():
            bar._set_count(count)
        asked = self.desk.session.batch_queued
        with self.qtbot.waitSignal(
            asked, check_params_cb=lambda jobs: not is_preview(jobs[0].request.target)
        ) as queued:
            self.desk.open.generate()
        return queued.args[0]

    def make(self, prompt: str = "a red apple", colour: tuple[int, int, int] = (200, 40, 40)) -> Any:
        """One finished picture; returns its row."""
        (job,) = self.ask(prompt)
        self.worker.begin(job)
        with self.qtbot.waitSignal(self.desk.session.result_stored) as stored:
            self.worker.finish_picture(job, colour)
        return stored.args[0]


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """For widgets on their own."""
    return Theme("dark", reduced_motion=True)


@pytest.fixture
def state(qapp: QApplication) -> ToolState:
    """What the tools of the canvas share, as on the first day."""
    return ToolState()


@pytest.fixture
def open_studio(qtbot: QtBot, pieria_home: Path) -> Iterator[Any]:
    """Call it for a window; with a path it opens that project."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    load_fonts()
    theme = Theme("dark", reduced_motion=True)
    theme.apply(app)
    opened: list[Opened] = []

    def open_one(path: Path | None = None) -> Opened:
        paths = Paths.from_env()
        workers: list[FakeWorker] = []

        def make_worker(_project: Any) -> FakeWorker:
            workers.append(FakeWorker())
            return workers[-1]

        window = StudioWindow(theme)
        qtbot.addWidget(window)
        window.resize(1440, 900)
        desk = Desk(theme, window, SettingsFile(paths.settings), paths, FakeLibrary(), make_worker, lambda: None,
                    lambda _: {"studio": "test"})
        one = Opened(qtbot, desk, window, workers)
        opened.append(one)
        if path is None:
            desk.show_start()
        else:
            desk.open_project(path)
        with qtbot.waitExposed(window):
            window.show()
        return one

    yield open_one
    for one in opened:
        one.window.close()
    app.setStyleSheet("")


@pytest.fixture
def studio(open_studio: Any) -> Opened:
    """A window with a new, empty project."""
    one = open_studio()
    assert one.desk.new_project()
    return one
