"""Commands, the palette, the list of shortcuts, and About."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.ui import licences
from studio.ui.about import AboutPanel
from studio.ui.commandset import Command, CommandSet, fuzzy
from studio.ui.palette import CommandPalette, find
from studio.ui.shortcuts import DEFAULTS, KeyButton, ShortcutsPanel
from studio.ui.theme import Theme

# the offscreen platform says so of windows with a smallest size and of menus
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


class Log:
    """What was run, in order."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.commands = CommandSet()
        for id_, title, group, key in (
            ("generate", "Generate", "Prompt", "Ctrl+Return"), ("stop", "Stop", "Prompt", "Ctrl+."),
            ("undo", "Undo", "Edit", "Ctrl+Z"), ("redo", "Redo", "Edit", "Ctrl+Shift+Z"),
            ("canvas", "Go to Canvas", "View", "Ctrl+1"), ("write", "Go to Write", "View", "Ctrl+2"),
            ("theme", "Toggle dark theme", "View", ""),
        ):
            self.commands.add(Command(id_, title, group, key, lambda id_=id_: self.ran.append(id_)))


@pytest.fixture
def log(qapp: QApplication) -> Log:
    return Log()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.resize(900, 700)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is made)
    return made


# ---------------------------------------------------------------- commands and keys


def test_a_command_runs_and_becomes_recent(log: Log) -> None:
    assert log.commands.run("undo")
    assert log.commands.run("canvas")
    assert log.commands.run("undo")
    assert not log.commands.run("nothing")
    assert log.ran == ["undo", "canvas", "undo"]
    assert log.commands.recent() == ["undo", "canvas"]


def test_a_disabled_command_does_not_run(log: Log) -> None:
    log.commands.add(Command("paste", "Paste", "Edit", "", lambda: log.ran.append("paste"), lambda: False,
                             reason="The clipboard is empty"))
    assert not log.commands.run("paste")
    action = log.commands.action("paste")
    assert not action.isEnabled()
    assert "The clipboard is empty" in action.toolTip()
    assert log.ran == []


def test_actions_carry_the_keys_and_follow_them(log: Log) -> None:
    action = log.commands.action("generate")
    assert action.shortcut() == QKeySequence("Ctrl+Return")
    assert action is log.commands.action("generate")
    assert log.commands.rebind("generate", "F5") == []
    assert action.shortcut() == QKeySequence("F5")
    action.trigger()
    assert log.ran == ["generate"]


def test_overrides_come_from_settings_and_go_back(qtbot: QtBot, log: Log) -> None:
    commands = CommandSet({"undo": "Alt+Backspace", "stop": "", "x": 3})  # type: ignore[dict-item]
    commands.add(*log.commands.all())
    assert commands.shortcut("undo") == "Alt+Backspace"
    assert commands.shortcut("stop") == ""
    with qtbot.waitSignal(commands.rebound) as caught:
        commands.rebind("undo", "Ctrl+Z")
    assert caught.args == [{"stop": ""}]
    commands.reset_shortcuts()
    assert commands.shortcut("stop") == "Ctrl+."


def test_a_taken_key_is_a_conflict_until_it_is_taken_over(log: Log) -> None:
    clash = log.commands.rebind("theme", "Ctrl+Z")
    assert [c.id for c in clash] == ["undo"]
    assert log.commands.shortcut("theme") == ""
    assert log.commands.rebind("theme", "Ctrl+Z", take=True) == []
    assert log.commands.shortcut("theme") == "Ctrl+Z"
    assert log.commands.shortcut("undo") == ""


def test_keys_of_other_workspaces_rest(log: Log) -> None:
    log.commands.add(Command("brush", "Brush", "Canvas", "B", lambda: None, scope="canvas"),
                     Command("beat", "Beat", "Sound", "B", lambda: None, scope="sound"))
    assert log.commands.conflicts("brush", "B") == []
    log.commands.set_scope("canvas")
    assert log.commands.action("brush").shortcut() == QKeySequence("B")
    assert log.commands.action("beat").shortcut().isEmpty()
    log.commands.set_scope("sound")
    assert log.commands.action("brush").shortcut().isEmpty()
    assert log.commands.action("beat").shortcut() == QKeySequence("B")


def test_installed_keys_work_but_not_while_typing(log: Log, window: QWidget, qtbot: QtBot) -> None:
    column = QVBoxLayout(window)
    field = QLineEdit()
    column.addWidget(field)
    log.commands.install(window)
    log.commands.add(Command("brush", "Brush", "Canvas", "B", lambda: log.ran.append("brush")))
    handle = window.windowHandle()
    assert handle is not None
    window.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: log.ran == ["brush"])
    field.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: field.text() == "b")
    QTest.keyClick(handle, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: log.ran == ["brush", "canvas"])


def test_default_keys_are_keys() -> None:
    for id_, key in DEFAULTS.items():
        assert QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText) == key, id_
    assert len(set(DEFAULTS.values())) == len(DEFAULTS)


# ---------------------------------------------------------------- search


@pytest.mark.parametrize(("typed", "text", "fits"), [
    ("gen", "Generate", True), ("gc", "Go to Canvas", True), ("canv", "Go to Canvas", True),
    ("to go", "Go to Canvas", True), ("", "Anything", True), ("xyz", "Generate", False),
    ("eg", "Generate", False), ("ÉCLAIR", "éclair", True)])
def test_fuzzy(typed: str, text: str, fits: bool) -> None:
    assert (fuzzy(typed, text) is not None) == fits


@settings(max_examples=200, deadline=None)
@given(typed=st.text(max_size=20), text=st.text(max_size=40))
def test_fuzzy_takes_any_text(typed: str, text: str) -> None:
    hit = fuzzy(typed, text)
    if hit is not None:
        assert all(0 <= place < len(text) for place in hit[1])


def test_the_best_comes_first(log: Log) -> None:
    assert [line.command.id for line in find(log.commands, "go") if line.command] == ["write", "canvas"]
    assert next(line.command.id for line in find(log.commands, "undo") if line.command) == "undo"
    log.commands.run("canvas")
    assert next(line.command.id for line in find(log.commands, "go") if line.command) == "canvas"
    assert {line.command.id for line in find(log.commands, "edit") if line.command} == {"undo", "redo"}


def test_without_a_search_recent_comes_first_then_groups(log: Log) -> None:
    log.commands.run("stop")
    lines = find(log.commands, " ")
    assert lines[0].heading == "Recent"
    assert lines[1].command is not None
    assert lines[1].command.id == "stop"
    assert [line.heading for line in lines if line.heading] == ["Recent", "Prompt", "Edit", "View"]
    assert sum(1 for line in lines if line.command) == 7


# ---------------------------------------------------------------- the palette


def test_type_and_enter(log: Log, theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    palette = CommandPalette(theme, log.commands, window)
    palette.open()
    assert palette.panel is not None
    field = palette.panel.field
    assert window.focusWidget() is field
    qtbot.keyClicks(field, "canv")
    current = palette.panel.current()
    assert current is not None
    assert current.id == "canvas"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert log.ran == ["canvas"]
    assert not palette.is_open()


def test_arrows_pass_headings_and_go_round(log: Log, theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    palette = CommandPalette(theme, log.commands, window)
    palette.open()
    assert palette.panel is not None
    panel = palette.panel
    seen = []
    for _ in range(8):
        assert panel.current() is not None
        seen.append(panel.current().id)  # type: ignore[union-attr]
        qtbot.keyClick(panel.field, Qt.Key.Key_Down)
    assert seen == ["generate", "stop", "undo", "redo", "canvas", "write", "theme", "generate"]
    qtbot.keyClick(panel.field, Qt.Key.Key_PageDown)
    assert panel.current().id == "theme"  # type: ignore[union-attr]
    qtbot.keyClick(panel.field, Qt.Key.Key_Escape)
    assert not palette.is_open()
    assert log.ran == []


def test_nothing_matches(log: Log, theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    palette = CommandPalette.open_over(window, theme, log.commands)
    assert palette.panel is not None
    palette.panel.field.setText("qqq")
    assert palette.panel.empty.isVisible()
    assert "qqq" in palette.panel.empty.text()
    qtbot.keyClick(palette.panel.field, Qt.Key.Key_Return)
    assert palette.is_open()
    assert CommandPalette.open_over(window, theme, log.commands) is palette
    assert not palette.is_open()


def test_a_disabled_command_stays_and_is_said_so(log: Log, theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    log.commands.add(Command("paste", "Paste picture", "Edit", "", lambda: log.ran.append("paste"), lambda: False,
                             reason="The clipboard is empty"))
    palette = CommandPalette(theme, log.commands, window)
    palette.open("paste")
    assert palette.panel is not None
    index = palette.panel.list.currentIndex()
    assert "The clipboard is empty" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    qtbot.keyClick(palette.panel.field, Qt.Key.Key_Return)
    assert palette.is_open()
    assert log.ran == []
    assert not window.grab().isNull()


def test_the_focus_is_back_before_the_command_runs(log: Log, theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    field = QLineEdit(window)
    field.show()
    field.setFocus()
    where: list[object] = []
    log.commands.add(Command("where", "Where am I", "Help", "", lambda: where.append(window.focusWidget())))
    palette = CommandPalette(theme, log.commands, window)
    palette.open("where")
    assert palette.panel is not None
    qtbot.keyClick(palette.panel.field, Qt.Key.Key_Return)
    assert where == [field]


# ---------------------------------------------------------------- the list of shortcuts


@pytest.fixture
def shortcuts(log: Log, theme: Theme, qtbot: QtBot) -> ShortcutsPanel:
    panel = ShortcutsPanel(theme, log.commands)
    qtbot.addWidget(panel)
    panel.resize(480, 560)
    panel.show()
    return panel


def test_a_new_key_is_recorded(shortcuts: ShortcutsPanel, log: Log, qtbot: QtBot) -> None:
    key = shortcuts.row_of("theme").key
    key.click()
    assert key.recording
    qtbot.keyPress(key, Qt.Key.Key_Control)
    assert key.recording
    qtbot.keyClick(key, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    assert log.commands.shortcut("theme") == "Ctrl+Alt+T"
    assert key.sequence() == "Ctrl+Alt+T"
    assert key.accessibleDescription() == "Ctrl Alt T"
    assert not shortcuts.row_of("theme").back.isHidden()
    shortcuts.row_of("theme").back.click()
    assert log.commands.shortcut("theme") == ""


def test_escape_leaves_and_backspace_takes_a_key_away(shortcuts: ShortcutsPanel, log: Log, qtbot: QtBot) -> None:
    key = shortcuts.row_of("undo").key
    key.click()
    qtbot.keyClick(key, Qt.Key.Key_Escape)
    assert not key.recording
    assert log.commands.shortcut("undo") == "Ctrl+Z"
    key.click()
    qtbot.keyClick(key, Qt.Key.Key_Backspace)
    assert log.commands.shortcut("undo") == ""
    assert shortcuts.reset_button.isEnabled()
    shortcuts.reset_button.click()
    assert log.commands.shortcut("undo") == "Ctrl+Z"
    assert not shortcuts.reset_button.isEnabled()


def test_a_conflict_is_asked_about_in_place(shortcuts: ShortcutsPanel, log: Log, qtbot: QtBot) -> None:
    key = shortcuts.row_of("theme").key
    key.click()
    qtbot.keyClick(key, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert shortcuts.conflict() == "Ctrl Z belongs to “Undo”."
    assert log.commands.shortcut("theme") == ""
    shortcuts.take_button.click()
    assert shortcuts.conflict() == ""
    assert (log.commands.shortcut("theme"), log.commands.shortcut("undo")) == ("Ctrl+Z", "")


def test_shortcuts_are_searched_by_name_and_key(shortcuts: ShortcutsPanel) -> None:
    def shown() -> set[str]:
        return {row.command.id for row in shortcuts._rows if not row.isHidden()}

    shortcuts.field.setText("undo")
    assert shown() == {"undo"}
    shortcuts.field.setText("ctrl 1")
    assert "canvas" in shown()
    shortcuts.field.setText("qqq")
    assert shown() == set()
    assert not shortcuts.none.isHidden()
    shortcuts.field.clear()
    assert len(shown()) == 7
    assert all(key.accessibleName() for key in shortcuts.findChildren(KeyButton))


# ---------------------------------------------------------------- About


def test_about_lists_what_it_is_made_of(theme: Theme, qtbot: QtBot) -> None:
    panel = AboutPanel(theme)
    qtbot.addWidget(panel)
    panel.show()
    with qtbot.waitSignal(panel.loaded, timeout=20_000):
        pass
    names = [panel.list.item(i).text().split()[0] for i in range(panel.list.count())]
    assert {"Pieria", "Third-party", "Inter", "Literata", "JetBrains", "PySide6", "torch", "pluggy"} <= set(names)
    assert "Apache License" in panel.text.toPlainText()
    panel.list.setCurrentRow(1)
    assert "Phosphor" in panel.text.toPlainText()
    panel.field.setText("Phosphor")
    assert panel.text.extraSelections()
    assert panel.find_next()
    panel.field.setText("literata")
    shown = [panel.list.item(i).text() for i in range(panel.list.count()) if not panel.list.item(i).isHidden()]
    assert shown == ["Pieria", "Third-party material", "Literata"]
    panel.list.setCurrentRow(next(i for i in range(panel.list.count()) if panel.list.item(i).text() == "Literata"))
    qtbot.waitUntil(lambda: "SIL OPEN FONT LICENSE" in panel.text.toPlainText(), timeout=10_000)


def test_licence_texts() -> None:
    assert "Apache License" in licences.own_text("LICENSE")
    assert "Inter" in licences.own_text("THIRD_PARTY.md")
    assert licences.own_text("no-such-file") == ""
    fonts = [c for c in licences.components() if c.kind == "font"]
    assert all("SIL OPEN FONT LICENSE" in licences.text_of(c) for c in fonts)
    unknown = licences.Component("no-such-distribution-xyz", "1", "MIT")
    assert "MIT" in licences.text_of(unknown)


def test_markdown_is_readable_as_text() -> None:
    text = licences.readable("## Fonts\n| what | licence |\n| --- | --- |\n| `Inter` | OFL |\n\nEnd")
    assert text == "Fonts\n  Inter  ·  OFL\n\nEnd"
