"""The colours and brushes of the canvas: wheel, sliders, swatches, presets and their strokes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.project.paint.brush import PRESETS
from studio.settings import SettingsFile
from studio.ui.canvas.panels.brushes import BrushPanel
from studio.ui.canvas.panels.channels import hsv_colour, hsv_of
from studio.ui.canvas.panels.colours import ColoursPanel
from studio.ui.canvas.panels.foot import colour_foot
from studio.ui.canvas.panels.strokes import StrokePreviews
from studio.ui.canvas.panels.wheel import ColourWheel
from studio.ui.canvas.toolmemory import ToolMemory
from studio.ui.canvas.toolstate import SWATCHES, ToolState
from studio.ui.theme import Theme

Mods = Qt.KeyboardModifier
SHIFT, ALT, NONE = Mods.ShiftModifier, Mods.AltModifier, Mods.NoModifier


# ---------------------------------------------------------------- colours


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_colours_survive_hue_saturation_and_value(red: int, green: int, blue: int) -> None:
    colour = QColor(red, green, blue)
    hsv = hsv_of(colour, (0.3, 0.4, 0.5))
    assert all(0.0 <= part <= 1.0 for part in hsv)
    assert hsv_colour(hsv).rgb() == colour.rgb()


def test_grey_and_black_keep_the_hue_that_was_there() -> None:
    assert hsv_of(QColor(120, 120, 120), (0.6, 0.5, 0.5))[0] == 0.6
    assert hsv_of(QColor(0, 0, 0), (0.6, 0.5, 0.5)) == (0.6, 0.5, 0.0)


@pytest.fixture
def colours(qtbot: QtBot, theme: Theme, state: ToolState) -> ColoursPanel:
    made = ColoursPanel(theme, state)
    qtbot.addWidget(made)
    made.resize(320, 470)
    made.show()
    return made


def test_the_wheel_changes_the_foreground_while_it_is_dragged(colours: ColoursPanel) -> None:
    wheel, state = colours.editor.wheel, colours.state
    state.set_foreground(QColor("#FF0000"))
    hue, _ = wheel.spot_of((1 / 3, 1.0, 1.0))
    QTest.mousePress(wheel, Qt.MouseButton.LeftButton, NONE, hue.toPoint())
    assert state.foreground.green() > 240
    assert state.foreground.red() < 20
    QTest.mouseRelease(wheel, Qt.MouseButton.LeftButton, NONE, hue.toPoint())
    _, dark = wheel.spot_of((1 / 3, 1.0, 0.0))
    QTest.mousePress(wheel, Qt.MouseButton.LeftButton, NONE, dark.toPoint() - QPoint(0, 1))
    QTest.mouseRelease(wheel, Qt.MouseButton.LeftButton, NONE, dark.toPoint() - QPoint(0, 1))
    assert state.foreground.value() < 10
    assert wheel.hsv()[0] == pytest.approx(1 / 3, abs=0.02), "black keeps the hue"


def test_the_wheel_has_keys(qtbot: QtBot, theme: Theme) -> None:
    wheel = ColourWheel(theme)
    qtbot.addWidget(wheel)
    wheel.set_hsv((0.5, 0.5, 0.5))
    with qtbot.waitSignal(wheel.picked):
        QTest.keyClick(wheel, Qt.Key.Key_Right)
    QTest.keyClick(wheel, Qt.Key.Key_Up, SHIFT)
    QTest.keyClick(wheel, Qt.Key.Key_PageUp)
    assert wheel.hsv() == pytest.approx((0.525, 0.55, 0.51))
    assert wheel.accessibleDescription() == "hue 189°, saturation 55 %, value 51 %"


def test_hex_takes_colours_and_marks_what_is_none(colours: ColoursPanel) -> None:
    editor, state = colours.editor, colours.state
    for typed, name in (("#1a61ba", "#1a61ba"), ("F0B95A", "#f0b95a"), ("teal", "#008080")):
        editor.hex.setText(typed)
        editor.hex.editingFinished.emit()
        assert state.foreground.name() == name
    editor.hex.setText("nonsense")
    editor.hex.editingFinished.emit()
    assert state.foreground.name() == "#008080"
    assert editor.hex.property("invalid")
    assert "#RRGGBB" in editor.hex.toolTip()


def test_sliders_and_numbers_edit_the_chosen_target(colours: ColoursPanel) -> None:
    editor, state = colours.editor, colours.state
    editor.pair.swatch("background").click()
    editor.rgb_rows.slider(0).setValue(10)
    assert state.background.red() == 10
    assert state.foreground.name() == "#3f7be0"
    editor.hsv_rows.field(2).nudge(-50)
    assert state.background.value() < 140
    editor.swap.click()
    assert state.foreground.value() < 140
    editor.reset.click()
    assert (state.foreground.name(), state.background.name()) == ("#000000", "#ffffff")


def test_swatches_are_added_picked_removed_and_restored(colours: ColoursPanel) -> None:
    state = colours.state
    state.set_foreground(QColor("#123456"))
    colours.add.click()
    assert state.swatches[-1] == "#123456"
    assert not colours.add.isEnabled()
    grid = colours.swatches
    at = grid.visualRect(grid.model().index(7, 0)).center()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, NONE, at)
    assert state.foreground.name() == SWATCHES[7].lower()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, ALT, at)
    assert state.background.name() == SWATCHES[7].lower()
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert len(state.swatches) == len(SWATCHES)
    assert SWATCHES[7] not in state.swatches
    menu = colours.swatch_menu()
    menu.actions()[0].trigger()
    assert state.swatches == SWATCHES
    menu.deleteLater()


def test_recent_colours_show_once_there_are_some(colours: ColoursPanel) -> None:
    assert not colours.recent.isVisible()
    colours.state.use_colour(QColor("#C2342B"))
    assert colours.recent.isVisible()
    assert [c.name() for c in colours.recent.colours()] == ["#c2342b"]


def test_the_colours_at_the_foot_swap_reset_and_open_the_wheel(qtbot: QtBot, theme: Theme, state: ToolState) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(500, 500)
    pair = colour_foot(theme, state, window)
    pair.setGeometry(10, 440, 32, 32)
    window.show()
    before = state.foreground
    QTest.keyClick(pair, Qt.Key.Key_X)
    assert state.background == before
    QTest.keyClick(pair, Qt.Key.Key_D)
    assert state.foreground.name() == "#000000"
    assert "foreground #000000" in pair.accessibleDescription()
    QTest.mouseClick(pair, Qt.MouseButton.LeftButton, NONE, pair.place("background").center().toPoint() + QPoint(4, 4))
    wheel = window.findChild(ColourWheel)
    assert wheel is not None
    wheel.picked.emit((0.0, 1.0, 1.0))
    assert state.background.name() == "#ff0000"


# ---------------------------------------------------------------- brushes


def test_presets_are_taken_saved_and_removed(qtbot: QtBot, theme: Theme, state: ToolState) -> None:
    previews = StrokePreviews()
    panel = BrushPanel(theme, state, "brush", previews)
    qtbot.addWidget(panel)
    panel.list.picked.emit(PRESETS[3])
    assert state.brush("brush").name == "Ink pen"
    assert panel.list.chosen == "Ink pen"
    panel.form.fields["spacing"][0].box.nudge(5)
    assert state.brush("brush").spacing == pytest.approx(0.10)
    panel.name.setText("  Mine ")
    panel.save.click()
    assert state.presets[-1].name == "Mine"
    assert state.brush("brush").name == "Mine"
    panel.list.setCurrentIndex(panel.list.model().index(0, 0))
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert "Round" not in [p.name for p in state.presets]
    panel.restore.click()
    assert {p.name for p in PRESETS} <= {p.name for p in state.presets}
    assert "Mine" in [p.name for p in state.presets]


def test_previews_are_painted_by_the_brush_engine(qtbot: QtBot, qapp: QApplication) -> None:
    previews, size = StrokePreviews(), QSize(80, 24)
    with qtbot.waitSignal(previews.ready, timeout=20_000):
        assert previews.get(PRESETS[4], size, QColor("#FFFFFF")) is None
    image = previews.get(PRESETS[4], size, QColor("#FFFFFF"))
    assert image is not None
    assert image.size() == size
    alpha = [[image.pixelColor(x, y).alpha() for x in range(80)] for y in range(24)]
    assert max(map(max, alpha)) > 200
    assert sum(map(sum, alpha)) < 255 * 80 * 24 * 0.6


# ---------------------------------------------------------------- kept from run to run


def test_brushes_and_colours_are_there_in_the_next_run(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    state = ToolState()
    memory = ToolMemory(state, SettingsFile(path))
    state.set_foreground(QColor("#1A61BA"))
    state.set_brush("brush", PRESETS[3], size=21)
    state.set_options("wand", tolerance=77)
    memory.flush()
    other = ToolState()
    ToolMemory(other, SettingsFile(path))
    assert other.foreground.name() == "#1a61ba"
    assert (other.brush("brush").name, other.brush("brush").size) == ("Ink pen", 21)
    assert other.options("wand").tolerance == 77


def test_damaged_tools_in_the_settings_are_passed_over(qapp: QApplication, tmp_path: Path) -> None:
    settings = SettingsFile(tmp_path / "settings.json")
    settings.update(tools={"foreground": 3, "brushes": {"brush": {"size": "wide"}, "x": 1}, "swatches": "no",
                           "options": [], "presets": [1, {"name": 7}]})
    state = ToolState()
    ToolMemory(state, settings)
    assert state.foreground.name() == "#3f7be0"
    assert state.brush("brush").size > 0
