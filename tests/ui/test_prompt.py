"""The prompt bar's language, history and styles."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.settings import SettingsFile
from studio.ui.promptsyntax import weigh
from studio.ui.styles import STYLES, Style, StyleBook, read_styles
from tests.ui.conftest import Opened

Key, Mods = Qt.Key, Qt.KeyboardModifier


@pytest.mark.parametrize(("text", "start", "end", "delta", "made"), [
    ("a red apple", 2, 5, 0.1, "a (red:1.1) apple"), ("a red apple", 3, 3, 0.1, "a (red:1.1) apple"),
    ("a (red:1.1) apple", 4, 4, 0.1, "a (red:1.2) apple"), ("a (red:1.1) apple", 4, 4, -0.1, "a red apple"),
    ("a red apple", 2, 5, -0.1, "a (red:0.9) apple"), ("a red apple", 2, 11, 0.1, "a (red apple:1.1)"),
    ("a (red:2) apple", 4, 4, 0.1, "a (red:2) apple"), ("a  b", 2, 2, 0.1, "a  b"), ("", 0, 0, 0.1, ""),
    ("a ( b", 0, 5, 0.1, "a ( b"), ("<lora:x:1>", 0, 10, 0.1, "<lora:x:1>"),
])
def test_weights(text: str, start: int, end: int, delta: float, made: str) -> None:
    assert weigh(text, start, end, delta)[0] == made


@given(st.text(alphabet="ab(): .1<>{}", max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_up_and_down_again_is_where_it_began(text: str, a: int, b: int) -> None:
    start, end = min(a, b, len(text)), min(max(a, b), len(text))
    up, first, last = weigh(text, start, end, 0.1)
    assert 0 <= first <= last <= len(up)


def test_ctrl_up_weighs_and_one_undo_takes_it_back(studio: Opened, qtbot: QtBot) -> None:
    prompt = studio.bench.bar.prompt
    prompt.setPlainText("a red apple")
    cursor = prompt.textCursor()
    cursor.setPosition(4)
    prompt.setTextCursor(cursor)
    qtbot.keyClick(prompt, Key.Key_Up, Mods.ControlModifier)
    qtbot.keyClick(prompt, Key.Key_Up, Mods.ControlModifier)
    assert prompt.toPlainText() == "a (red:1.2) apple"
    prompt.undo()
    assert prompt.toPlainText() == "a (red:1.1) apple"


def test_prompts_are_remembered_and_the_draft_comes_back(studio: Opened, qtbot: QtBot) -> None:
    bar, composer = studio.bench.bar, studio.bench.composer
    for words in ("a fish", "a moon", "a fish"):
        bar.prompt.setPlainText(words)
        composer.generate()
    bar.prompt.setPlainText("not sent")
    qtbot.keyClick(bar.prompt, Key.Key_Up, Mods.AltModifier)
    assert bar.prompt.toPlainText() == "a fish"
    qtbot.keyClick(bar.prompt, Key.Key_Up, Mods.AltModifier)
    assert bar.prompt.toPlainText() == "a moon"
    for _ in range(2):
        qtbot.keyClick(bar.prompt, Key.Key_Down, Mods.AltModifier)
    assert bar.prompt.toPlainText() == "not sent"
    qtbot.waitUntil(lambda: studio.project.get_state("prompts.canvas") == ["a fish", "a moon"])


def test_a_style_goes_into_the_request_and_not_into_the_draft(studio: Opened) -> None:
    bar, composer = studio.bench.bar, studio.bench.composer
    bar.prompt.setPlainText("a fox")
    bar._set_style("Flat icon")
    assert composer.styled().prompt == "a fox, flat icon"
    assert (composer.draft.prompt, composer.draft.style) == ("a fox", "Flat icon")
    assert bar.style_chip.text() == "Flat icon"
    bar._set_style("")
    assert composer.styled().prompt == "a fox"


def test_own_styles_are_kept_and_removed(tmp_path: Path, qtbot: QtBot) -> None:
    settings = SettingsFile(tmp_path / "settings.json")
    book = StyleBook(settings)
    book.save(Style("Mine", "oil painting of {prompt}, thick", "photo"))
    again = StyleBook(SettingsFile(tmp_path / "settings.json"))
    assert again.names() == [*(style.name for style in STYLES), "Mine"]
    style = again.find("Mine")
    assert style is not None
    assert style.apply("a cat", "blurry") == ("oil painting of a cat, thick", "blurry, photo")
    again.remove("Mine")
    assert again.find("Mine") is None


@pytest.mark.parametrize("data", [None, 3, "x", [1, None, {}], [{"name": 3}], [{"name": " "}], [{"name": "a"}]])
def test_odd_styles_are_passed_over(data: object) -> None:
    assert read_styles(data) == []


@pytest.mark.parametrize("width", [600, 640, 768, 832])
def test_the_bar_never_cuts_its_buttons(studio: Opened, width: int) -> None:
    bar = studio.bench.bar
    bar.removeEventFilter(studio.bench)  # which would give it its own width back
    bar._set_style("Flat icon")
    for job in (None, studio.ask("a fox")[0]):
        bar.show_running(job)
        bar.resize(width, bar.height())
        bar.layout().activate()
        right = bar.action.mapTo(bar, bar.action.rect().bottomRight()).x()
        assert right <= width - 8
        assert bar.seed_chip.geometry().right() < bar.action.geometry().left()
