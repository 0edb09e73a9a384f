"""The Captions tab: rows that are edited, merged, split, made of speech; they follow the playhead and are exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from studio.project.sound import Label, captions, edits
from studio.project.sound.values import LONGEST
from studio.ui.requests import Ask
from studio.ui.sound.captions.rows import CaptionsModel
from studio.ui.sound.captions.times import clock, seconds_of
from studio.ui.sound.document import Region
from tests.ui.conftest import Opened
from tests.ui.test_sound_making import send

SAID = (("One moon.", 0.0, 1.0, ""), ("Two moons, and one more of them.", 1.4, 3.0, "Anna"))


@pytest.fixture
def room(studio: Opened) -> Any:
    """Sound with two spoken sentences."""
    studio.bench.show_workspace("sound")
    room = studio.bench.room("sound")
    document = room.pane.document
    studio.qtbot.waitUntil(lambda: not document.closed_because, timeout=20000)
    track = document.edit("Add track", lambda old: edits.add_track(old, "voice"))
    for text, start, end, speaker in SAID:
        piece = edits.Piece("", "audio/wav", end - start, text=text, speaker=speaker or "Heart")
        document.edit("Place", lambda old, piece=piece, start=start: edits.add_clip(
            old, track, start, piece, recipe={"voice": "Heart"}))
    room.makers.show_captions()
    return room


def shown(room: Any) -> list[tuple[float, float, str, str]]:
    return [(round(one.start, 3), round(one.end, 3), one.text, one.speaker)
            for one in room.pane.document.arrangement.labels]


@given(st.floats(0, LONGEST - 1))
def test_a_time_is_read_as_it_is_written(seconds: float) -> None:
    assert seconds_of(clock(seconds)) == pytest.approx(seconds, abs=6e-4)  # milliseconds


@pytest.mark.parametrize(("text", "seconds"), [
    ("62.5", 62.5), ("1:02,5", 62.5), ("1:00:00", 3600), ("", None), ("abc", None), ("1:2:3:4", None), ("9" * 9, None)])
def test_what_is_no_time_is_none(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


def test_speech_becomes_captions_that_are_edited_a_step_each(studio: Opened, room: Any) -> None:
    panel, document, qtbot = room.makers.captions, room.pane.document, studio.qtbot
    assert panel.begin.text() == "Caption the spoken sentences"
    assert panel.list.isHidden()
    panel.begin.click()
    assert shown(room) == [(0.0, 1.0, "One moon.", ""), (1.4, 3.0, SAID[1][0], "Anna")]
    assert panel.nothing.isHidden()
    assert panel.list.rows() == [0]
    editor, steps = panel.editor, document.history.index
    editor.text.setFocus()
    editor.text.selectAll()
    qtbot.keyClicks(editor.text, "One large moon.")
    qtbot.keyClick(editor.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert shown(room)[0] == (0.0, 1.0, "One large moon.", "")
    assert document.history.index == steps + 1
    editor.end.setText("0:01.2")
    editor.end.editingFinished.emit()
    editor.start.setFocus()
    qtbot.keyClick(editor.start, Qt.Key.Key_Up)
    editor.speaker.setText("Ben")
    editor.speaker.editingFinished.emit()
    assert shown(room)[0] == (0.1, 1.2, "One large moon.", "Ben")
    for _ in range(document.history.index - steps):
        document.undo()
    assert shown(room)[0] == (0.0, 1.0, "One moon.", "")
    assert editor.text.toPlainText() == "One moon."
    assert editor.end.text() == "0:01.000"


def test_words_that_were_told_in_a_pause_are_typed_on(studio: Opened, room: Any) -> None:
    panel, qtbot = room.makers.captions, studio.qtbot
    panel.from_speech()
    editor = panel.editor
    editor.text.setFocus()
    editor.text.selectAll()
    qtbot.keyClicks(editor.text, "One ")
    qtbot.waitUntil(lambda: shown(room)[0][2] == "One")
    assert editor.text.toPlainText() == "One ", "what is typed next stands behind the space"
    qtbot.keyClicks(editor.text, "moon")
    panel.list.choose([1])
    assert shown(room)[0][2] == "One moon"
    assert editor.text.toPlainText() == SAID[1][0]


def test_a_wrong_time_is_one_sentence_and_changes_nothing(studio: Opened, room: Any) -> None:
    panel = room.makers.captions
    panel.from_speech()
    panel.list.choose([1])
    editor, before = panel.editor, shown(room)
    for text, sentence in (("soon", "Write a time as 1:02.5, or as seconds."),
                           ("1.0", "A caption ends after it begins.")):
        editor.end.setFocus()
        editor.end.setText(text)
        editor.end.editingFinished.emit()
        assert editor.problem.text() == sentence
        assert shown(room) == before
    panel.list.choose([0])
    assert not editor.problem.text()


def test_captions_are_split_merged_deleted_and_added(studio: Opened, room: Any) -> None:
    panel, document, player = room.makers.captions, room.pane.document, room.pane.player
    panel.from_speech()
    panel.list.choose([1])
    player.seek(2.2)
    panel.editor.split.click()
    assert [one[:3] for one in shown(room)[1:]] == [(1.4, 2.2, "Two moons,"), (2.2, 3.0, "and one more of them.")]
    assert panel.list.rows() == [2]
    panel.list.choose([1])
    panel.editor.merge.click()
    assert shown(room)[1] == (1.4, 3.0, SAID[1][0], "Anna")
    panel.list.choose([0, 1])
    studio.qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert shown(room) == []
    document.undo()
    assert len(shown(room)) == 2
    refused: list[str] = []
    document.refused.connect(refused.append)
    player.seek(9.0)
    panel.list.choose([0])
    panel.split()
    panel.list.choose([1])
    panel.merge()
    panel.from_speech()
    assert refused == ["The playhead is not inside this caption; move it there first.",
                       "Select two captions or more to merge them.",
                       "All spoken sentences have their captions already."]
    document.choose(region=Region(4.0, 5.5, (document.arrangement.tracks[0].id,)), clips=frozenset())
    panel.add_here()
    assert shown(room)[-1] == (4.0, 5.5, "", "")
    assert panel.list.rows() == [2]


def test_a_click_seeks_and_the_row_follows_the_playhead(studio: Opened, room: Any) -> None:
    panel, player = room.makers.captions, room.pane.player
    panel.from_speech()
    panel.list.clicked.emit(panel.model.index(1))
    assert player.position == pytest.approx(1.4, abs=1e-3)
    assert panel.model.now == 1
    assert room.pane.notes.chosen == panel.model.labels[1].id
    player.seek(1.2)
    assert panel.model.now == -1
    player.seek(0.5)
    assert panel.model.now == 0


def test_the_row_at_a_time_is_the_last_that_stands_there() -> None:
    model = CaptionsModel()
    model.take(tuple(Label(name, start, length) for name, start, length in (
        ("long", 0.0, 10.0), ("one", 1.0, 1.0), ("two", 3.0, 1.0), ("late", 12.0, 1.0))))
    assert [model.at(seconds) for seconds in (0.5, 1.5, 2.5, 3.5, 5.0, 10.0, 12.5, 13.0)] == [
        0, 1, 0, 2, 0, -1, 3, -1]


def test_a_transcript_lands_here_and_captions_are_exported(studio: Opened, room: Any, tmp_path: Path,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    panel = room.makers.captions
    studio.bench.inspector.show_tab("voice")
    target = {"document": room.document, "kind": "labels", "clip": "", "start": 10.0, "end": 20.0}
    job = send(studio, Ask("sound.transcribe", {}, 1, {}, (), target))
    said = [{"text": word, "start": n * 0.5, "end": n * 0.5 + 0.4}
            for n, word in enumerate(["It", "is", "late.", "So", "it", "is."])]
    with studio.qtbot.waitSignal(room.generating.captioned):
        studio.worker.finish_text(job, "It is late. So it is.", words=said)
    assert shown(room) == [(10.0, 11.4, "It is late.", ""), (11.5, 12.9, "So it is.", "")]
    assert studio.bench.inspector.tabs.current() == "captions"
    for ending in ("srt", "vtt"):
        path = tmp_path / f"a.{ending}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        with studio.qtbot.waitSignal(room.exporting.said):
            panel.export_asked.emit(ending)
        assert [one.text for one in captions.read_file(path)] == ["It is late.", "So it is."]
    assert room.exporting.plan.part == "mix", "the next export begins as before"
