"""The Sound workspace in the real window: keys, keeping, results."""

from __future__ import annotations

import secrets
import threading
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from studio.project import ProjectError
from studio.project.sound import edits
from studio.settings import SettingsFile
from studio.ui.keeping import NOTHING, UNREAD
from studio.ui.sound.choices import Choices
from studio.ui.sound.exportcard import ExportPlan
from studio.ui.sound.memory import recalled
from studio.ui.soundcommands import sound_commands
from tests.ui.test_sound_pane import PulledSink, tone, wav


@pytest.fixture
def room(studio: Any) -> Any:
    """The Sound room with a clip of 2 seconds at 1."""
    studio.bench.show_workspace("sound")
    room = studio.bench.room("sound")
    room.pane.player._make_sink = PulledSink
    studio.qtbot.waitUntil(lambda: not room.pane.document.closed_because, timeout=20000)
    sha = studio.project.put_media(wav(tone(2)), "audio/wav").result()
    track = room.pane.document.edit("Add track", lambda old: edits.add_track(old, "voice"))
    piece = edits.Piece(sha, "audio/wav", 2.0, source_length=2.0, name="Tone")
    room.pane.document.edit("Place", lambda old: edits.add_clip(old, track, 1.0, piece))
    return room


def test_sound_is_entered_without_waiting_for_the_file(studio: Any) -> None:
    assert not studio.project.documents("sound")
    gate = threading.Event()
    writing = studio.project._change(lambda _: gate.wait(20))
    studio.bench.show_workspace("sound")
    keeper = studio.bench.room("sound").keeper
    assert not writing.done(), "the window waited for the project's writer"
    gate.set()
    studio.qtbot.waitUntil(lambda: not keeper.document.closed_because, timeout=20000)
    assert [row.id for row in studio.project.documents("sound")] == [keeper.name]


def test_where_nothing_can_be_made_the_document_says_why(studio: Any, room: Any) -> None:
    room.keeper.open("")
    assert room.pane.document.closed_because == NOTHING


def press(studio: Any, widget: Any, key: Any, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    widget.setFocus()
    studio.qtbot.keyClick(widget, key, modifier)


def test_keys_work_on_the_timeline_and_not_in_the_prompt(studio: Any, room: Any) -> None:
    studio.qtbot.waitUntil(lambda: QApplication.activeWindow() is not None, timeout=10000)
    pane, timeline = room.pane, room.pane.timeline
    press(studio, timeline, Qt.Key.Key_Right)
    assert len(pane.document.chosen_clips) == 1
    pane.go_to(2.0)
    press(studio, timeline, Qt.Key.Key_S)
    assert [clip.start for clip in pane.document.arrangement.clips] == [1.0, 2.0]
    press(studio, timeline, Qt.Key.Key_Space)
    assert pane.player.playing
    press(studio, timeline, Qt.Key.Key_Space)
    assert not pane.player.playing
    press(studio, timeline, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    prompt = studio.bench.bar.prompt
    prompt.setFocus()
    for key in (Qt.Key.Key_S, Qt.Key.Key_Space, Qt.Key.Key_M):
        studio.qtbot.keyClick(QApplication.focusWidget(), key)
    assert prompt.text() == "s m"
    studio.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Delete)
    assert len(pane.document.arrangement.clips) == 2
    assert not pane.document.arrangement.tracks[0].mute
    press(studio, timeline, Qt.Key.Key_M)
    assert pane.document.arrangement.tracks[0].mute
    press(studio, timeline, Qt.Key.Key_Delete)
    assert not pane.document.arrangement.clips


def test_tab_walks_the_transport_as_it_stands(room: Any) -> None:
    bar = room.pane.bar
    order, widget = [], bar.to_start
    while widget.nextInFocusChain() is not bar.to_start:
        if bar.isAncestorOf(widget) and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            order.append(widget)
        widget = widget.nextInFocusChain()
    assert len(order) > 8
    places = [one.mapTo(bar, one.rect().topLeft()).x() for one in order]
    assert places == sorted(places), [one.accessibleName() for one in order]
    assert all(one.accessibleName() for one in order)


def test_tab_walks_inside_a_region_and_f6_between_them(studio: Any, room: Any) -> None:
    window, bench = studio.window, studio.bench
    window.activateWindow()
    for region in (room.pane, bench.bars.currentWidget(), bench.bar, bench.inspector, bench.results, window.top):
        wanted = {widget for widget in [region, *region.findChildren(QWidget)] if widget.isVisible()
                  and widget.isEnabled() and not widget.focusProxy()
                  and widget.focusPolicy() & Qt.FocusPolicy.TabFocus}
        first = next(iter(wanted))
        for key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            first.setFocus()
            seen = set()
            for _ in range(len(wanted)):
                window.focusNextPrevChild(key == Qt.Key.Key_Tab)
                seen.add(window.focusWidget())
            assert len(seen) > 1
            assert all(widget is region or region.isAncestorOf(widget) for widget in seen)
            if region in (room.pane, bench.bar):  # of a row of tabs or segments only the chosen one takes Tab
                assert seen == wanted, region
                assert window.focusWidget() is first  # and round


def test_no_two_commands_have_the_same_key_here(studio: Any) -> None:
    commands = studio.desk.commands
    for command in sound_commands(studio.desk):
        key = commands.shortcut(command.id)
        assert not commands.conflicts(command.id, key), (command.id, key)
        assert command.icon


def test_what_was_done_is_there_again(open_studio: Any, studio: Any, room: Any) -> None:
    room.pane.go_to(2.0)
    room.pane.editing.split()
    room.pane.document.edit("Marker", lambda old: edits.add_marker(old, 1.5, "Here"))
    before = room.pane.document.arrangement
    path = Path(studio.project.path)
    studio.window.close()
    again = open_studio(path)
    again.bench.show_workspace("sound")
    after = again.bench.room("sound").pane.document
    again.qtbot.waitUntil(lambda: not after.closed_because, timeout=20000)
    assert after.arrangement.equals(before)


def fill_disk(project: Any, full: bool) -> None:
    """Let SQLite find its disk full."""
    def apply(connection: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages if full else 1 << 30}")

    project._change(apply).result()


def label(document: Any, number: int) -> None:
    document.edit("Label", lambda old: edits.add_label(old, number, 1.0, f"{number} {secrets.token_hex(40_000)}"))


def test_what_a_full_disk_refused_is_written_once_there_is_room(open_studio: Any, studio: Any, room: Any) -> None:
    document, keeper, project = room.pane.document, room.keeper, studio.project
    keeper._again.setInterval(50)
    keeper.flush()
    project.flush()
    fill_disk(project, True)
    with studio.qtbot.waitSignal(studio.desk.session.notice, check_params_cb=lambda said: "disk is full" in said):
        label(document, 1)
    studio.qtbot.waitUntil(lambda: keeper._lost)
    states: list[bool] = []
    studio.desk.session.saved.connect(states.append)
    fill_disk(project, False)
    studio.qtbot.waitUntil(lambda: not keeper._lost and states[-1:] == [True])  # with nothing done by the person
    assert project.sound(keeper.name).equals(document.arrangement)
    keeper._again.setInterval(600_000)
    fill_disk(project, True)
    label(document, 2)
    studio.qtbot.waitUntil(lambda: keeper._lost)
    fill_disk(project, False)
    before, path = document.arrangement, Path(project.path)
    studio.window.close()  # and the window is closed at once
    again = open_studio(path)
    again.bench.show_workspace("sound")
    after = again.bench.room("sound").pane.document
    again.qtbot.waitUntil(lambda: not after.closed_because, timeout=20000)
    assert after.arrangement.equals(before)


def test_a_document_that_cannot_be_made_says_what_to_do(studio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: Future[Any] = Future()
    refused.set_exception(ProjectError("The disk is full."))
    monkeypatch.setattr(studio.project, "add_document", lambda *_: refused)
    said: list[str] = []
    studio.desk.session.notice.connect(said.append)
    studio.bench.show_workspace("sound")
    document = studio.bench.room("sound").pane.document
    studio.qtbot.waitUntil(lambda: document.closed_because == UNREAD)
    assert said[0] == "The disk is full."
    assert len(said) == 2


def test_choices_are_remembered_and_the_view_belongs_to_the_project(open_studio: Any, studio: Any, room: Any) -> None:
    bar, pane = room.pane.bar, room.pane
    studio.qtbot.waitUntil(lambda: room.memory._shown)
    bar.grid.set_key("0.25")
    bar.grid.chosen.emit("0.25")
    bar.snap.setChecked(False)
    bar.metronome.setChecked(True)
    plan = replace(room.exporting.plan, format="ogg", loudness=-16.0, dither=False, title="Not me")
    room.exporting.planned.emit(plan)
    room.makers.loudness.target.set_key("-23")
    room.makers.loudness.target.chosen.emit("-23")
    pane.axis.set(12.5, 33.0)
    pane.document.choose(cursor=2.0)
    path = Path(studio.project.path)
    studio.window.close()
    again = open_studio(path)
    again.bench.show_workspace("sound")
    room = again.bench.room("sound")
    bar, pane = room.pane.bar, room.pane
    assert (bar.grid.key(), pane.timeline.grid, pane.timeline.snapping) == ("0.25", 0.25, False)
    assert bar.metronome.isChecked()
    assert pane.player.metronome.on
    plan = room.exporting.plan
    assert (plan.format, plan.loudness, plan.dither) == ("ogg", -16.0, False)
    assert plan.title != "Not me"
    assert room.makers.loudness.target.key() == "-23"
    studio.qtbot.waitUntil(lambda: room.memory._shown)
    assert (pane.axis.start, pane.axis.scale, pane.document.chosen.cursor) == (12.5, 33.0, 2.0)


@pytest.mark.parametrize("kept", [{}, {"format": "exe", "depth": 3, "quality": "much"},
                                  {"loudness": [], "dither": None}])
def test_odd_choices_are_left_aside(kept: dict[str, Any]) -> None:
    assert recalled(ExportPlan(), kept) == ExportPlan()


def test_choices_keep_their_kind(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "settings.json")
    choices = Choices(file)
    choices.put("latency", 12.0)
    choices.put("count_in", True)
    choices.put("folder", str(tmp_path))
    choices.flush()
    again = Choices(SettingsFile(tmp_path / "settings.json"))
    assert (again.get("latency", 0.0), again.get("count_in", False), again.get("count_in", "")) == (12.0, True, "")
    assert again.folder("folder") == str(tmp_path)
    assert again.folder("gone") == ""
