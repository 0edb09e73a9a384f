"""The context bars: each option shows the state and writes to it; what finds no room is behind "More"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.project.paint import Layer, Picture, Plane
from studio.ui.canvas.bars.base import ToolBar
from studio.ui.canvas.bars.boxes import CropBar, MoveBar
from studio.ui.canvas.bars.brush import MaskBar
from studio.ui.canvas.bars.fields import CurvedField
from studio.ui.canvas.bars.fill import ShapeBar
from studio.ui.canvas.bars.select import ModifyForm, SelectBar
from studio.ui.canvas.bars.stack import BARS, CanvasBars, bar_for
from studio.ui.canvas.bars.text import TextBar
from studio.ui.canvas.bars.view import FrameBar, ZoomBar
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.tools.registry import tool_classes
from studio.ui.canvas.toolstate import Box, ToolState
from studio.ui.theme import Theme
from studio.ui.widgets.choice import Check
from studio.ui.widgets.segmented import Segmented


@pytest.fixture
def document(qapp: QApplication) -> Iterator[CanvasDocument]:
    layer = Layer("one", "One", plane=Plane.from_array(np.full((60, 60, 4), 255, np.uint8)))
    made = CanvasDocument(Picture(100, 80, (layer,), "one"))
    yield made
    made.close()


@pytest.fixture
def make(qtbot: QtBot, theme: Theme, state: ToolState, document: CanvasDocument) -> Any:
    """Call it with a tool id for its bar, in a window of a width."""

    windows: list[QWidget] = []

    def make_bar(tool: str, width: int = 1236) -> Any:
        window = QWidget()
        windows.append(window)
        qtbot.addWidget(window)
        window.resize(width, 400)
        bar = bar_for(tool, state, document, theme)
        bar.setParent(window)
        bar.setGeometry(0, 0, width, 40)
        window.show()
        return bar

    return make_bar


def test_every_tool_of_the_strip_has_a_bar_of_its_own(qapp: QApplication) -> None:
    assert {tool.id for tool in tool_classes()} <= set(BARS)


def test_a_tool_of_a_plugin_shows_its_name_and_hint(theme: Theme, state: ToolState, document: CanvasDocument,
                                                    qtbot: QtBot) -> None:
    bar = bar_for("sprinkle", state, document, theme, "Sprinkle", "drop", "Drag to sprinkle.")
    qtbot.addWidget(bar)
    assert bar.accessibleName() == "Sprinkle options"
    assert bar.label.text() == "Drag to sprinkle."  # type: ignore[attr-defined]


@pytest.mark.parametrize("tool", list(BARS))
@pytest.mark.parametrize("width", [1500, 900, 420])
def test_no_part_is_cut_off(make: Any, tool: str, width: int) -> None:
    bar: ToolBar = make(tool, width)
    QApplication.processEvents()
    shown = [part for part in [*bar._parts, *bar._tail] if part.isVisible()]
    for part in shown:
        assert part.geometry().right() <= width, part
        assert part.width() >= min(part.sizeHint().width(), part.maximumWidth()), part
    assert bar.more.isVisible() == bool(bar.spilled())
    assert not bar.grab().isNull()


@pytest.mark.parametrize("tool", [tool for tool in BARS if tool not in ("crop", "frame", "hand", "zoom")])
def test_sliders_checks_and_segments_follow_the_state_and_change_it(make: Any, state: ToolState, tool: str) -> None:
    bar: ToolBar = make(tool, 2400)
    before = state.to_json()
    for field in bar.findChildren(CurvedField):
        value = field.value()
        field.box.nudge(1 if value < field.box.maximum else -1)
        assert field.value() != value
    for check in bar.findChildren(Check):
        if check.isVisible():
            check.click()
    for tray in bar.findChildren(Segmented):
        tray.button(tray.keys()[-1]).click()
    after = state.to_json()
    assert after != before
    state.from_json(before)
    assert state.to_json() == before
    fresh: ToolBar = make(tool, 2400)
    for old, new in zip(bar.findChildren(CurvedField), fresh.findChildren(CurvedField), strict=True):
        assert old.value() == new.value()


def test_sizes_have_a_curve_and_wide_brushes_are_typed(make: Any, state: ToolState) -> None:
    bar = make("brush")
    field = bar.size_field
    field.slider.setValue(field.slider.maximum() // 2)
    assert 60 < state.brush("brush").size < 110, "half the way is a brush for painting, not 250 px"
    field.box.setText("800")
    field.box.editingFinished.emit()
    assert state.brush("brush").size == 800
    assert field.slider.value() == field.slider.maximum()
    state.resize_brush("brush", -1)
    assert field.value() == state.brush("brush").size


def test_the_mask_bar_paints_away_inverts_and_clears(make: Any, state: ToolState, document: CanvasDocument,
                                                     qtbot: QtBot) -> None:
    bar: MaskBar = make("mask")
    assert not bar.clear.isEnabled()
    QTest.mouseClick(bar.findChild(Segmented).button("subtract"), Qt.MouseButton.LeftButton)
    assert state.brush("mask").mode == "subtract"
    with qtbot.waitSignal(document.mask_changed):
        bar.invert.click()
    assert tuple(document.picture.mask.bounds()) == (0, 0, 100, 80)
    bar.clear.click()
    assert document.picture.mask is None
    assert document.history.labels()[1:] == ["Invert mask", "Clear mask"]
    bar.show_as.choice.chosen.emit("off")
    assert state.options("mask-view").show == "off"


def test_the_selection_is_modified_by_numbers_and_given_to_the_mask(make: Any, document: CanvasDocument,
                                                                    qtbot: QtBot) -> None:
    bar: SelectBar = make("select-rect")
    assert not bar.to_mask.isEnabled()
    assert "Nothing is selected" in bar.modify.toolTip()
    part = Plane.from_array(np.full((20, 20), 255, np.uint8), 30, 30)
    document.edit("Select", lambda picture: picture.with_selection(part))
    bar.modify.show_popup()
    form = bar.window().findChild(ModifyForm)
    assert form is not None
    form.fields["grow"].set_value(5)
    with qtbot.waitSignal(document.selection_changed):
        form.buttons["grow"].click()
    assert tuple(document.picture.selection.bounds()) == (25, 25, 30, 30)
    form.fields["shrink"].set_value(10)
    with qtbot.waitSignal(document.selection_changed):
        form.buttons["shrink"].click()
    assert tuple(document.picture.selection.bounds()) == (35, 35, 10, 10)
    bar.modify.popup.dismiss()
    bar.to_mask.click()
    assert tuple(document.picture.mask.bounds()) == (35, 35, 10, 10)
    bar.none.click()
    assert document.picture.selection is None
    bar.all.click()
    assert tuple(document.picture.selection.bounds()) == (0, 0, 100, 80)


def test_the_box_of_a_transformation_is_shown_asked_for_and_applied(make: Any, state: ToolState, qtbot: QtBot,
                                                                    document: CanvasDocument) -> None:
    bar: MoveBar = make("move")
    assert not bar.numbers.isVisible()
    state.show_box(Box(10, 20, 60, 40, 15))
    assert bar.numbers.isVisible()
    assert [field.value() for field in bar.numbers.fields.values()] == [10, 20, 60, 40, 15]
    with qtbot.waitSignal(state.box_asked) as asked:
        bar.numbers.fields["w"].nudge(5)
    assert asked.args[0] == Box(10, 20, 65, 40, 15)
    assert not bar.apply.isEnabled()
    document.preview(document.picture.with_(layers=document.picture.layers[:1]))
    assert bar.apply.isEnabled()
    with qtbot.waitSignal(state.asked) as what:
        bar.apply.click()
    assert what.args == ["apply"]
    state.show_box(None)
    assert not bar.numbers.isVisible()


def test_a_crop_takes_a_ratio_and_numbers(make: Any, state: ToolState, qtbot: QtBot) -> None:
    bar: CropBar = make("crop")
    assert bar.hint.isVisible()
    state.show_box(Box(0, 0, 50, 40))
    assert not bar.hint.isVisible()
    assert bar.apply.isVisible()
    state.set_options("crop", ratio=16 / 9)
    assert bar._ratio_key(state.options("crop").ratio) == "1.7778"
    with qtbot.waitSignal(state.asked) as what:
        bar.fit.click()
    assert what.args == ["fit"]


def test_shapes_show_what_their_kind_has(make: Any, state: ToolState) -> None:
    bar: ShapeBar = make("shape", 1600)
    assert bar.radius.isVisible()
    assert not bar.sides.isVisible()
    state.set_options("shape", kind="polygon")
    assert bar.sides.isVisible()
    assert bar.star.isVisible()
    assert not bar.radius.isVisible()
    state.set_options("shape", kind="line")
    assert not bar.fill.isVisible()
    assert bar.width_field.isVisible()


def test_fonts_are_read_when_the_list_is_opened(make: Any, state: ToolState) -> None:
    bar: TextBar = make("text")
    assert bar.font_choice.key() == state.options("text").family
    assert bar.font_choice.count() == 1
    state.set_options("text", family="A font of another machine")
    assert bar.font_choice.key() == "A font of another machine"
    bar.font_choice.showPopup()
    assert bar.font_choice.key() == "A font of another machine"
    bar.font_choice.hidePopup()


def test_what_spills_comes_back_from_the_popup(make: Any, state: ToolState) -> None:
    bar: MaskBar = make("mask", 640)
    spilled = bar.spilled()
    assert bar.clear in spilled
    popup = bar.show_more()
    assert all(part.isVisible() and part.window() is bar.window() for part in spilled)
    assert all(popup.isAncestorOf(part) for part in spilled)
    bar.show_as.choice.chosen.emit("mask")
    assert state.options("mask-view").show == "mask"
    popup.dismiss()
    assert all(bar.isAncestorOf(part) for part in spilled)
    bar.resize(1300, 40)
    assert bar.spilled() == []
    assert all(part.isVisible() for part in spilled)
    places = [bar._row.indexOf(part) for part in bar._parts]
    assert places == sorted(places), "in the old order"


def test_frame_and_view_bars_say_what_is_asked(qtbot: QtBot, theme: Theme, state: ToolState,
                                               document: CanvasDocument) -> None:
    bars = CanvasBars(theme, state, document)
    qtbot.addWidget(bars)
    bars.resize(1200, 40)
    bars.show()
    bars.show_frame(320, 256, 16, 64, 1024)
    classes = {tool.id: tool for tool in tool_classes()}
    frame = bars.show_tool(classes["frame"])
    assert isinstance(frame, FrameBar)
    assert frame.fields["W"].value() == 320
    with qtbot.waitSignal(bars.size_chosen) as chosen:
        frame.fields["W"].nudge(1)
    assert chosen.args == [336, 256]
    hand = bars.show_tool(classes["hand"])
    assert isinstance(hand, ZoomBar)
    assert bars.show_tool(classes["hand"]) is hand, "made once"
    buttons = {button.text(): button for button in hand.findChildren(QAbstractButton)}
    with qtbot.waitSignal(bars.zoomed) as zoomed:
        buttons["Show everything"].click()
    assert zoomed.args == ["fit"]
    with qtbot.waitSignal(bars.turned) as turned:
        buttons["Mirror"].click()
    assert turned.args == ["mirror"]


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_bars_paint_in_both_themes_with_names_and_room(qapp: QApplication, qtbot: QtBot, state: ToolState,
                                                       document: CanvasDocument,
                                                       mode: Literal["dark", "light"]) -> None:
    theme = Theme(mode, text_scale=1.5, reduced_motion=True)
    theme.apply(qapp)
    try:
        for tool in BARS:
            bar = bar_for(tool, state, document, theme)
            qtbot.addWidget(bar)
            bar.resize(1500, 60)
            bar.show()
            assert not bar.grab().isNull()
            buttons = [b for b in bar.findChildren(QAbstractButton) if b.isVisible()]
            assert [b for b in buttons if not b.accessibleName()] == []
            assert [b.accessibleName() for b in buttons if b.width() < 28 or b.height() < 28] == []
    finally:
        qapp.setStyleSheet("")
