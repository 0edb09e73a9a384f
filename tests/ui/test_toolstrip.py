"""The tool strip: tools that share a slot, and the one in hand."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ui.canvas.tools.registry import tool_classes
from studio.ui.icons import exists
from studio.ui.theme import Theme
from studio.ui.toolstrip import ToolStrip


@pytest.fixture
def strip(qtbot: QtBot, qapp: QApplication) -> ToolStrip:
    made = ToolStrip(Theme("dark", reduced_motion=True), tool_classes())
    qtbot.addWidget(made)
    made.resize(44, 800)
    made.show()
    return made


def test_tools_of_a_group_share_a_slot(strip: ToolStrip) -> None:
    ids = [tool.id for slot in strip.slots for tool in slot.tools]
    assert sorted(ids) == sorted(tool.id for tool in tool_classes())
    marquee = next(slot for slot in strip.slots if slot.shown == "select-rect")
    assert [tool.id for tool in marquee.tools] == ["select-rect", "select-ellipse"]
    assert marquee.more
    assert marquee.toolTip().endswith("(M)")
    assert all(exists(tool.icon) for tool in tool_classes())


def test_a_slot_shows_the_tool_taken_last_and_a_click_takes_it(strip: ToolStrip, qtbot: QtBot) -> None:
    strip.show_tool("select-ellipse")
    slot = next(slot for slot in strip.slots if slot.shown == "select-ellipse")
    assert slot.isChecked()
    strip.show_tool("brush")
    assert not slot.isChecked()
    assert slot.accessibleName() == "Ellipse selection"
    with qtbot.waitSignal(strip.picked) as picked:
        QTest.mouseClick(slot, Qt.MouseButton.LeftButton)
    assert picked.args == ["select-ellipse"]


def test_the_menu_of_a_slot_offers_all_its_tools(strip: ToolStrip, qtbot: QtBot) -> None:
    slot = next(slot for slot in strip.slots if slot.shown == "select-rect")
    menu = slot.family_menu()
    assert [action.text() for action in menu.actions()] == ["Rectangle selection\tM", "Ellipse selection\tM"]
    with qtbot.waitSignal(strip.picked) as picked:
        menu.actions()[1].trigger()
    assert picked.args == ["select-ellipse"]
    menu.deleteLater()
