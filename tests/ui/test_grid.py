"""The X/Y grid in the window: the popup, its jobs, the sheet."""

from __future__ import annotations

import io

import PIL.Image
import pytest
from pytestqt.qtbot import QtBot

from studio.engine.grid import GridError
from studio.ui.grid import GridForm, ask_grid
from tests.ui.conftest import Opened


def form(studio: Opened) -> GridForm:
    composer = studio.bench.composer
    info = composer.info
    assert info is not None
    ask = composer.benches["canvas"].ask(composer.styled(), info.schema)
    return ask_grid(composer.bar.theme, composer.bar.count_chip, info, ask.params,
                    lambda grid: composer._make_grid(ask, grid))


def test_what_is_wrong_is_said_in_place(studio: Opened) -> None:
    popup = form(studio)
    assert popup.button.isEnabled()
    popup.values[0].setText("4, many")
    assert "takes numbers, not “many”" in popup.words.text()
    assert not popup.button.isEnabled()
    popup.values[0].setText("4, 100000")
    assert "out of reach" in popup.words.text()
    popup.values[0].setText("")
    with pytest.raises(GridError):
        popup.grid()


def test_a_grid_makes_its_pictures_and_then_the_sheet(studio: Opened, qtbot: QtBot) -> None:
    studio.bench.bar.prompt.set_text("a red apple")
    popup = form(studio)
    popup.fields[0].set_key("steps")
    popup.values[0].setText("4, 8")
    popup.fields[1].set_key("prompt")
    popup.values[1].setText("red, green")
    assert popup.words.text().startswith("4 pictures.")
    with qtbot.waitSignal(studio.desk.session.batch_queued) as queued:
        popup.button.click()
    jobs = queued.args[0]
    assert [(j.request.params["steps"], j.request.params["prompt"]) for j in jobs] == [
        (4, "a red apple"), (8, "a red apple"), (4, "a green apple"), (8, "a green apple")]
    assert len({j.request.params["seed"] for j in jobs}) == 1
    for job in jobs:
        studio.worker.begin(job)
        studio.worker.finish_picture(job)
    qtbot.waitUntil(lambda: any(r.generator == "studio.grid" for r in studio.project.results()))
    row = next(r for r in studio.project.results() if r.generator == "studio.grid")
    assert len(row.recipe["cells"]) == 4
    assert PIL.Image.open(io.BytesIO(studio.project.media(row.media)[0])).width > 100
