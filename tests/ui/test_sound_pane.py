"""The timeline with its tools, strips and helpers over a real project file."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from studio.project import Project
from studio.project.sound import Arrangement, AutomationPoint, Clip, TempoMap, edits
from studio.project.sound import exporting as writing
from studio.project.sound.decode import Decoder
from studio.project.sound.loudness import measure
from studio.project.sound.score import Note, Part, Score
from studio.ui.sound import bouncing, notepaint, tape
from studio.ui.sound.bringing import Bringing
from studio.ui.sound.document import Region
from studio.ui.sound.exportcard import ExportPlan
from studio.ui.sound.exporting import Exporting
from studio.ui.sound.meters import NOTHING, Meter, SegmentMeter
from studio.ui.sound.metronome import Metronome
from studio.ui.sound.pane import SoundPane
from studio.ui.sound.recording import Recording
from studio.ui.sound.recordmenu import RecordMenu
from studio.ui.sound.sinks import Sink
from studio.ui.sound.volumeline import gain_at, y_of
from studio.ui.theme import Theme
from studio.ui.timeaxis import TimeAxis

RATE = 48000


class PulledSink(Sink):
    """The test takes the frames itself."""


class FakeMicrophone(QObject):
    """Gives what the test says."""

    came = Signal(object)
    lost = Signal(str)

    def __init__(self, problem: str = "") -> None:
        super().__init__()
        self.rate, self.channels, self.problem, self.running, self.device = RATE, 1, problem, False, ""

    def inputs(self) -> list[tuple[str, str]]:
        return [] if self.problem else [("front", "Front microphone"), ("line", "Line in")]

    def start(self, rate: int) -> str:
        self.running = not self.problem
        return self.problem

    def stop(self) -> None:
        self.running = False


@dataclass
class FakeSession:
    """A session that reads at once."""

    project: Project
    said: list[str] = field(default_factory=list)

    def read(self, fetch: Callable[[], Any], done: Callable[[Any], object]) -> None:
        done(fetch())

    def store(self, future: Any, done: Callable[[Any], object] | None = None) -> None:
        value = future.result()
        if done is not None:
            done(value)

    def export_metadata(self) -> bool:
        return True


def tone(seconds: float, pitch: float = 440.0, level: float = 0.5) -> Any:
    time = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * pitch * time)).astype(np.float32)


def wav(samples: Any) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, RATE, "PCM_24", format="WAV")
    return out.getvalue()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project.create(tmp_path / "a.pieria")
    yield project
    project.close()


@pytest.fixture
def pane(qtbot: QtBot, theme: Theme, project: Project, tmp_path: Path) -> Iterator[SoundPane]:
    """With a voice track that has a clip of 4 seconds at 1, and an empty music track."""
    pane = SoundPane(theme, project, project.sound_source(RATE, tmp_path / "decoded"), sink=PulledSink)
    qtbot.addWidget(pane)
    pane.resize(1000, 700)
    sha = project.put_media(wav(tone(4)), "audio/wav").result()
    document = pane.document
    voice = document.edit("Add track", lambda old: edits.add_track(old, "voice", "Narrator"))
    document.edit("Add track", lambda old: edits.add_track(old, "music", "Music"))
    piece = edits.Piece(sha, "audio/wav", 4.0, source_length=4.0, name="Tone")
    document.edit("Place", lambda old: edits.add_clip(old, voice, 1.0, piece))
    document.choose(track=voice)
    with qtbot.waitExposed(pane):
        pane.show()
    pane.axis.set(0.0, 100.0)
    yield pane
    pane.close_document()


def spot(pane: SoundPane, seconds: float, row: int = 0, share: float = 0.5) -> QPoint:
    lane = pane.lanes.all()[row]
    return QPoint(round(pane.axis.x(seconds)), round(lane.top + lane.height * share))


def drag(qtbot: QtBot, widget: Any, start: QPoint, end: QPoint, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(widget, left, modifier, start)
    for share in (0.4, 1.0):
        step = start + (QPointF(end - start) * share).toPoint()
        event_move(widget, step, modifier)
    qtbot.mouseRelease(widget, left, modifier, end)


def event_move(widget: Any, pos: QPoint, modifier: Any) -> None:
    """A move with the button held: QTest's own moves carry no button."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    place = QPointF(pos)
    QApplication.sendEvent(widget, QMouseEvent(QEvent.Type.MouseMove, place, QPointF(widget.mapToGlobal(pos)),
                                               Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton, modifier))


def clips(pane: SoundPane) -> list[tuple[float, float]]:
    return [(round(clip.start, 3), round(clip.length, 3)) for clip in pane.document.arrangement.clips]


# ---------------------------------------------------------------- tools

def test_what_a_frame_has_no_time_for_comes_with_the_next(pane: SoundPane, qtbot: QtBot,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = pane.timeline
    pane.document.edit("Split", lambda old: edits.split(edits.split(old, 2.0), 3.0))
    qtbot.waitUntil(lambda: bool(pane.shapes._peaks), timeout=10000)
    monkeypatch.setattr("studio.ui.sound.clippaint.HURRY", -1.0)
    left: list[bool] = []
    begin = timeline.clips.begin
    monkeypatch.setattr(timeline.clips, "begin", lambda hurried: (left.append(timeline.clips.unfinished),
                                                                  begin(hurried=hurried)))
    pane.axis.zoom(1.5, 0)
    qtbot.waitUntil(lambda: not timeline._moving and not timeline.clips.coarse, timeout=10000)
    assert any(left)
    assert not timeline.clips.unfinished
    in_pieces = timeline.grab().toImage()
    timeline.clips._forget()
    assert timeline.grab().toImage() == in_pieces


def test_scissors_cut_where_they_are_clicked(pane: SoundPane, qtbot: QtBot) -> None:
    pane.set_tool("scissors")
    qtbot.mouseClick(pane.timeline, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, spot(pane, 3.0))
    assert clips(pane) == [(1.0, 2.0), (3.0, 2.0)]
    pane.undo()
    assert clips(pane) == [(1.0, 4.0)]


def test_time_is_selected_over_clips_and_its_edge_is_dragged(pane: SoundPane, qtbot: QtBot) -> None:
    pane.set_tool("region")
    free = Qt.KeyboardModifier.ControlModifier
    drag(qtbot, pane.timeline, spot(pane, 2.0), spot(pane, 3.0), free)
    region = pane.document.chosen.region
    assert region is not None
    assert (region.start, region.end) == pytest.approx((2.0, 3.0), abs=0.02)
    assert len(region.tracks) == 1
    drag(qtbot, pane.timeline, spot(pane, 3.0), spot(pane, 4.0), free)
    assert pane.document.chosen.region.end == pytest.approx(4.0, abs=0.02)
    pane.editing.delete()
    assert clips(pane) == [(1.0, pytest.approx(1.0, abs=0.03)), (pytest.approx(4.0, abs=0.03),
                                                                 pytest.approx(1.0, abs=0.03))]


def test_a_drag_at_the_edge_of_the_timeline_scrolls_on(pane: SoundPane, qtbot: QtBot) -> None:
    timeline, free = pane.timeline, Qt.KeyboardModifier.ControlModifier
    edge = QPoint(timeline.width() - 3, spot(pane, 2.0).y())
    qtbot.mousePress(timeline, Qt.MouseButton.LeftButton, pos=spot(pane, 2.0))
    event_move(timeline, edge, free)
    qtbot.waitUntil(lambda: pane.axis.start > 2.0, timeout=30_000)
    event_move(timeline, QPoint(300, edge.y()), free)
    at = pane.axis.start
    qtbot.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=QPoint(300, edge.y()))
    assert clips(pane)[0][0] == pytest.approx(1.0 + at + 3.0 - 2.0, abs=0.2)
    pane.set_tool("hand")
    qtbot.mousePress(timeline, Qt.MouseButton.LeftButton, pos=QPoint(400, 60))
    event_move(timeline, edge, free)
    assert not timeline._edges._timer.isActive()
    qtbot.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=edge)


def test_the_volume_is_drawn_moved_and_taken_away(pane: SoundPane, qtbot: QtBot) -> None:
    pane.set_tool("automation")
    track, free = pane.document.arrangement.tracks[0].id, Qt.KeyboardModifier.ControlModifier
    rect = pane.timeline.volume_rect(track)
    here = QPoint(200, round(y_of(-12.0, rect)))
    qtbot.mouseClick(pane.timeline, Qt.MouseButton.LeftButton, free, here)
    (point,) = pane.document.arrangement.track(track).volume
    assert point.time == pytest.approx(2.0)
    assert point.gain == pytest.approx(-12, abs=1)
    drag(qtbot, pane.timeline, here, QPoint(300, round(y_of(-24.0, rect))), free)
    (point,) = pane.document.arrangement.track(track).volume
    assert (point.time, point.gain) == (pytest.approx(3.0), pytest.approx(-24, abs=1))
    qtbot.mouseClick(pane.timeline, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier,
                     QPoint(300, round(y_of(-24.0, rect))))
    assert not pane.document.arrangement.track(track).volume
    drag(qtbot, pane.timeline, QPoint(100, round(rect.top() + 20)), QPoint(200, round(rect.bottom() - 20)),
         Qt.KeyboardModifier.ShiftModifier)
    drawn = pane.document.arrangement.track(track).volume
    assert len(drawn) >= 2
    assert drawn[0].gain > drawn[-1].gain


def test_heights_of_a_lane_and_gains_belong_together() -> None:
    from PySide6.QtCore import QRectF

    rect = QRectF(0, 30, 500, 120)
    for gain in (12.0, 0.0, -11.5, -48.0):
        assert gain_at(y_of(gain, rect), rect) == gain
    assert gain_at(-1000, rect) == 12.0


# ---------------------------------------------------------------- editing

def test_copy_paste_duplicate_and_ripple(pane: SoundPane) -> None:
    editing, document = pane.editing, pane.document
    said: list[str] = []
    document.refused.connect(said.append)
    editing.paste()
    editing.copy()
    assert len(said) == 2
    editing.choose_all()
    editing.copy()
    document.choose(cursor=6.0)
    editing.paste()
    assert clips(pane) == [(1.0, 4.0), (6.0, 4.0)]
    editing.duplicate()
    assert clips(pane)[-1] == (10.0, 4.0)
    document.choose(clips=frozenset({document.arrangement.clips[0].id}))
    editing.ripple_delete()
    assert clips(pane) == [(2.0, 4.0), (6.0, 4.0)]
    document.choose(clips=frozenset(), region=Region(3.0, 5.0, (document.arrangement.tracks[0].id,)))
    editing.cut()
    assert clips(pane) == [(2.0, 1.0), (5.0, 1.0), (6.0, 4.0)]
    for _ in range(3):
        document.undo()
    assert document.history.labels()[-1] == "Cut"


def test_split_join_and_crossfade(pane: SoundPane) -> None:
    editing, document = pane.editing, pane.document
    pane.go_to(3.0)
    editing.split()
    assert clips(pane) == [(1.0, 2.0), (3.0, 2.0)]
    editing.choose_all()
    editing.crossfade()
    left, right = document.arrangement.clips
    assert left.fade_out == right.fade_in == pytest.approx(0.5)
    document.undo()
    editing.choose_all()
    editing.join()
    assert clips(pane) == [(1.0, 4.0)]
    said: list[str] = []
    document.refused.connect(said.append)
    pane.go_to(9.0)
    editing.split()
    assert said


def test_where_clips_meet_the_pointer_is_in_the_one_it_is_over(pane: SoundPane) -> None:
    pane.document.edit("Split", lambda old: edits.split(old, 3.0))
    left, right = pane.document.arrangement.clips
    lane = pane.lanes.all()[0]
    for x, clip, part in ((298, left, "end"), (299, left, "end"), (301, right, "start"), (99, left, "start")):
        hit = pane.timeline.hit(QPointF(x, lane.top + 60))
        assert (hit.clip, hit.part) == (clip, part)


def test_split_where_nothing_lies_across_says_so(pane: SoundPane) -> None:
    said: list[str] = []
    pane.document.refused.connect(said.append)
    pane.go_to(1.0)  # the beginning of the clip
    pane.editing.split()
    assert said == ["No clip lies at the playhead; move it into a clip to split there."]
    assert len(clips(pane)) == 1


def test_trim_leaves_the_selected_stretch(pane: SoundPane) -> None:
    said: list[str] = []
    pane.document.refused.connect(said.append)
    pane.editing.trim()
    assert said == ["Select the stretch of time first that should be left."]
    pane.document.choose(region=Region(2.0, 3.5, (pane.document.chosen.track,)))
    pane.editing.trim()
    assert clips(pane) == [(2.0, 1.5)]
    assert pane.document.arrangement.clips[0].offset == 1.0
    pane.undo()
    assert clips(pane) == [(1.0, 4.0)]


def test_what_undo_brings_back_is_chosen(pane: SoundPane) -> None:
    clip = pane.document.arrangement.clips[0].id
    pane.document.choose(clips=frozenset({clip}))
    pane.editing.delete()
    assert pane.document.chosen.clips == frozenset()
    pane.undo()
    assert pane.document.chosen.clips == {clip}
    pane.redo()
    assert pane.document.chosen.clips == frozenset()


def test_the_keyboard_walks_and_nudges(pane: SoundPane) -> None:
    editing, document = pane.editing, pane.document
    editing.choose_all()
    editing.duplicate()
    editing.choose_none()
    document.choose(cursor=0.0)
    editing.step(1)
    assert document.chosen_clips[0].start == 1.0
    editing.step(1)
    assert document.chosen_clips[0].start == 5.0
    editing.step(1)
    assert document.chosen_clips[0].start == 1.0
    editing.nudge(1)
    editing.nudge(1)
    assert document.chosen_clips[0].start == 2.0
    document.undo()
    assert clips(pane)[0] == (1.0, 4.0)
    editing.shift_rows(1)
    assert document.chosen_clips[0].track == document.arrangement.tracks[1].id
    editing.step_track(-1)
    assert document.chosen.track == document.arrangement.tracks[0].id


def test_clips_are_mixed_down_to_what_was_heard(pane: SoundPane, qtbot: QtBot) -> None:
    pane.document.edit("Gain", lambda old: edits.set_gain(old, [old.clips[0].id], -6.0))
    before, _ = writing.bounce(pane.document.arrangement, pane.source, 0.0, 5.0)
    pane.editing.choose_all()
    with qtbot.waitSignal(pane.working.ended, timeout=20000):
        pane.editing.mix_down()
    (clip,) = pane.document.arrangement.clips
    assert (clip.start, clip.gain) == (1.0, 0.0)
    after, _ = writing.bounce(pane.document.arrangement, pane.source, 0.0, 5.0)
    assert np.abs(after - before).max() < 1e-4


def test_what_is_too_long_to_be_mixed_down_is_said(pane: SoundPane, qtbot: QtBot,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bouncing, "LONGEST", 3.0)
    with qtbot.waitSignal(pane.working.said) as said:
        pane.bouncing.everything()
    assert said.args == ["More than an hour cannot be mixed down to a clip; export it instead."]
    assert clips(pane) == [(1.0, 4.0)]


# ---------------------------------------------------------------- markers and labels

def test_markers_and_labels_are_named_in_place(pane: SoundPane, qtbot: QtBot) -> None:
    assert pane.notes.isHidden()
    pane.go_to(2.0)
    pane.editing.marker()
    assert pane.notes.isVisible()
    pane.notes.field.setText("Second scene")
    qtbot.keyClick(pane.notes.field, Qt.Key.Key_Return)
    assert [(m.time, m.name) for m in pane.document.arrangement.markers] == [(2.0, "Second scene")]
    pane.document.choose(region=Region(3.0, 4.0, (pane.document.chosen.track,)))
    pane.editing.label()
    pane.notes.field.setText("It is shy")
    qtbot.keyClick(pane.notes.field, Qt.Key.Key_Return)
    (label,) = pane.document.arrangement.labels
    assert (label.start, label.end, label.text) == (3.0, 4.0, "It is shy")
    assert pane.notes.field.isHidden()  # Enter does not open it again
    rect = pane.notes.note_rect(label).toRect()
    drag(qtbot, pane.notes, rect.center(), rect.center() + QPoint(100, 0), Qt.KeyboardModifier.ControlModifier)
    assert pane.document.arrangement.labels[0].start == pytest.approx(4.0, abs=0.02)
    pane.notes.choose(label.id)
    qtbot.keyClick(pane.notes, Qt.Key.Key_Delete)
    assert not pane.document.arrangement.labels
    assert pane.timeline.y() > pane.ruler.height()


def test_a_name_is_typed_and_the_keys_go_back_to_the_timeline(pane: SoundPane, qtbot: QtBot) -> None:
    pane.window().activateWindow()
    pane.timeline.setFocus()
    pane.editing.marker()
    pane.notes.field.setText("Here")
    qtbot.keyClick(pane.notes.field, Qt.Key.Key_Return)
    assert pane.window().focusWidget() is pane.timeline
    pane.notes.setFocus()
    pane.notes.rename(pane.document.arrangement.markers[0].id)
    qtbot.keyClick(pane.notes.field, Qt.Key.Key_Escape)
    assert pane.window().focusWidget() is pane.notes


# ---------------------------------------------------------------- heads

def test_heads_are_dragged_to_another_place_and_height(pane: SoundPane, qtbot: QtBot) -> None:
    names = [track.name for track in pane.document.arrangement.tracks]
    first = pane.heads.heads[pane.document.arrangement.tracks[0].id]
    drag(qtbot, first, QPoint(20, 90), QPoint(20, first.height() + 120))
    assert [track.name for track in pane.document.arrangement.tracks] == names[::-1]
    pane.undo()
    low = first.height()
    drag(qtbot, first, QPoint(20, low - 2), QPoint(20, low + 48))
    assert pane.lanes.all()[0].height == low + 50
    assert pane.document.history.labels()[-1] == "Height"


def test_menus_offer_what_can_be_done(pane: SoundPane) -> None:
    clip = pane.document.arrangement.clips[0]
    pane.document.choose(clips=frozenset({clip.id}))
    titles = [action.text() for action in pane.menus.clip_menu(clip).actions()]
    assert {"Rename…", "Delete and close the gap", "Mix down", "Gain and fades…", "Colour"} <= set(titles)
    track = pane.document.arrangement.tracks[0]
    menu = {action.text(): action for action in pane.menus.track_menu(track).actions()}
    assert not menu["Move up"].isEnabled()
    menu["Move down"].trigger()
    assert pane.document.arrangement.tracks[1].id == track.id
    pane.document.choose(track=track.id)
    menu["Spectrogram"].trigger()
    assert pane.document.arrangement.track(track.id).view == "spectrogram"
    menu["Duplicate"].trigger()
    assert len(pane.document.arrangement.tracks) == 3


# ---------------------------------------------------------------- what is seen and measured

def test_a_spectrogram_is_bright_where_the_tone_is(pane: SoundPane, qtbot: QtBot) -> None:
    clip = pane.document.arrangement.clips[0]
    body = pane.timeline.clip_rect(clip)
    image = QImage(1000, 200, QImage.Format.Format_RGB32)

    def paint() -> None:
        painter = QPainter(image)
        pane.spectra.paint(painter, body, body, clip, pane.axis)
        painter.end()

    paint()
    qtbot.waitUntil(lambda: bool(pane.spectra._tiles) and not pane.spectra._asked, timeout=20000)
    paint()
    column = [image.pixelColor(300, y).lightness() for y in range(round(body.top()) + 1, round(body.bottom()) - 1)]
    brightest = int(np.argmax(column)) / len(column)
    wanted = 1 - np.log(440 / 40) / np.log(24000 / 40)
    assert max(column) > 150
    assert brightest == pytest.approx(wanted, abs=0.04)
    assert min(column) < 40


def test_loudness_is_measured_once_changes_settle(pane: SoundPane, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: pane.loudness.found is not None, timeout=40000)
    heard, _ = writing.bounce(pane.document.arrangement, pane.source, 0.0, 5.0)
    assert pane.loudness.found.integrated == pytest.approx(measure([heard], RATE).integrated, abs=0.05)
    assert pane.bar.loudness.text().endswith("LUFS")
    pane.editing.marker()
    assert pane.loudness.found is not None
    pane.editing.choose_all()
    pane.editing.change_gain(-3)
    assert pane.bar.loudness.text() == ""


def test_the_metronome_clicks_on_the_beats_and_over_the_loop() -> None:
    arrangement = edits.set_tempo(Arrangement(), 120)
    out = np.zeros((RATE * 2, 2), np.float32)
    metronome = Metronome(RATE)
    for at in range(0, len(out), 1000):
        metronome.mix(out[at:at + 1000], at, arrangement)
    loud = np.abs(out[:, 0]) > 0.01
    begins = np.flatnonzero(loud[1:] & ~np.convolve(loud, np.ones(4000), "full")[:len(loud)][:-1].astype(bool))
    assert [round(at / RATE, 2) for at in begins] == [0.0, 0.5, 1.0, 1.5]
    looped = edits.set_loop(arrangement, 0.5, 1.0)
    part = np.zeros((4000, 2), np.float32)
    metronome.mix(part, RATE - 2000, looped)
    assert not np.abs(part[:2000]).any()
    assert np.abs(part[2000:]).max() > 0.1


def test_playing_is_pulled_and_stops_where_the_cursor_is(pane: SoundPane, qtbot: QtBot) -> None:
    pane.go_to(1.0)
    pane.player.play()
    sink = pane.player._sink
    assert sink is not None
    pane.source.open(pane.document.arrangement.clips[0].media)
    heard = []
    for _ in range(400):
        qtbot.wait(1)
        heard.append(sink.take(512))
        if np.abs(heard[-1]).max() > 0.3:
            break
    assert np.abs(heard[-1]).max() > 0.3
    assert pane.player.position > 1.0
    pane.player.stop()
    assert not pane.player.playing
    assert pane.player.position == 1.0


def test_a_cut_is_heard_before_it_is_made(pane: SoundPane, qtbot: QtBot) -> None:
    said: list[str] = []
    pane.document.refused.connect(said.append)
    pane.cut.play()
    assert said == ["Select the stretch of time first that should be left out."]
    before, track = pane.document.arrangement, pane.document.chosen.track
    pane.source.open(before.clips[0].media)
    pane.document.choose(region=Region(2.5, 3.5, (track,)), cursor=2.5)
    pane.cut.play()
    assert (pane.document.shown.length, pane.document.arrangement) == (4.0, before)
    assert pane.player.position == 0.5
    sink = pane.player._sink
    assert sink is not None
    frames = 0
    with qtbot.waitSignal(pane.player.playing_changed, check_params_cb=lambda on: not on, timeout=20000):
        while pane.player.playing and frames < 8 * RATE:
            frames += len(sink.take(4096))
            qtbot.wait(1)
    assert pane.document.shown is before
    assert (pane.document.can_undo(), pane.player.position) == (True, 2.5)
    pane.cut.play()
    pane.cut.play()  # the key once more stops it
    assert not pane.player.playing
    assert pane.document.shown is before


# ---------------------------------------------------------------- files

@pytest.fixture
def bringing(pane: SoundPane, project: Project) -> Bringing:
    session = FakeSession(project)
    bringing = Bringing(session, pane)  # type: ignore[arg-type]
    bringing.said.connect(session.said.append)
    pane.working.said.connect(session.said.append)
    bringing.heard = session.said  # type: ignore[attr-defined]
    return bringing


def test_sound_notes_and_captions_are_taken_in(bringing: Bringing, pane: SoundPane, qtbot: QtBot,
                                               tmp_path: Path) -> None:
    from studio.project.sound import midi
    from studio.project.sound.score import Note, Part, Score

    (tmp_path / "rain.wav").write_bytes(wav(tone(2)))
    note = Note(0, 480, 60, 90)
    (tmp_path / "box.mid").write_bytes(midi.write(Score((Part("Box").with_notes([note]),))))
    (tmp_path / "words.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n", "utf-8")
    music = pane.document.arrangement.tracks[1].id
    paths = [str(tmp_path / name) for name in ("rain.wav", "box.mid", "words.srt")]
    pane.files_dropped.emit(paths, 2.5, music)
    qtbot.waitUntil(lambda: not pane.working.busy, timeout=30000)
    arrangement = pane.document.arrangement
    (rain,) = arrangement.on(music)
    assert (rain.start, rain.length, rain.name) == (2.5, 2.0, "rain")
    notes = next(track for track in arrangement.tracks if track.kind == "notes")
    assert arrangement.on(notes.id)[0].score
    assert [label.text for label in arrangement.labels] == ["Hello"]
    assert bringing.heard == []  # type: ignore[attr-defined]


def test_a_file_that_is_no_sound_gets_a_sentence(bringing: Bringing, pane: SoundPane, qtbot: QtBot,
                                                 tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"no sound at all")
    before = pane.document.arrangement
    bringing.take([str(tmp_path / "bad.wav"), str(tmp_path / "gone.wav")], 0.0, "")
    qtbot.waitUntil(lambda: not pane.working.busy, timeout=30000)
    said = bringing.heard  # type: ignore[attr-defined]
    assert len(said) == 2
    assert all(sentence.endswith(".") and "Traceback" not in sentence for sentence in said)
    assert pane.document.arrangement is before


def test_results_are_placed_where_they_suit(bringing: Bringing, pane: SoundPane, project: Project,
                                            qtbot: QtBot) -> None:
    recipe = {"generator": "speech.hibari", "params": {"prompt": "It is shy.", "voice": "ada"}}
    row = project.add_result(kind="audio", data=wav(tone(1)), media_type="audio/wav", meta={"seconds": 1.0},
                             recipe=recipe).result()
    pane.document.choose(cursor=2.0)
    with qtbot.waitSignal(pane.working.ended, timeout=20000):
        bringing.place(row)
    clip = next(clip for clip in pane.document.arrangement.clips if clip.result == row.id)
    assert clip.start == 5.0  # behind the clip that is at the cursor
    assert clip.text == row.prompt
    with qtbot.waitSignal(pane.working.ended, timeout=20000):
        pane.result_dropped.emit({"id": row.id, "kind": "audio"}, 0.25, pane.document.arrangement.tracks[1].id)
    assert pane.document.arrangement.on(pane.document.arrangement.tracks[1].id)[0].start == 0.25
    pane.result_dropped.emit({"id": "gone"}, 0.0, "")
    assert bringing.heard == ["This result is no longer in the project."]  # type: ignore[attr-defined]


def test_what_is_exported_is_what_is_heard(pane: SoundPane, project: Project, qtbot: QtBot, tmp_path: Path) -> None:
    said: list[str] = []
    exporting = Exporting(FakeSession(project), pane)  # type: ignore[arg-type]
    exporting.said.connect(said.append)
    pane.working.said.connect(said.append)
    card = exporting.ask()
    assert [card.part.itemData(n) is not None for n in range(card.part.count())] == [True] * 2  # the mix, stems
    card.artist.setText("Ada")
    card.target.set_key("-16")
    plans: list[ExportPlan] = []
    card.chosen.disconnect()
    card.chosen.connect(plans.append)
    card.take()
    assert (plans[0].loudness, plans[0].artist) == (-16.0, "Ada")
    exporting.write(plans[0], tmp_path / "mix.wav")
    qtbot.waitUntil(lambda: len(said) == 1, timeout=30000)
    assert said[0].startswith("Exported as mix.wav.")
    with Decoder(tmp_path / "mix.wav", RATE) as decoder:
        heard = np.concatenate([np.stack(block, axis=1) for block in decoder.blocks()])
    assert measure([heard], RATE).integrated == pytest.approx(-16, abs=0.2)
    exporting.write(ExportPlan(), tmp_path / "no folder" / "mix.wav")
    qtbot.waitUntil(lambda: len(said) == 2, timeout=30000)
    assert "mix.wav" in said[1] or "folder" in said[1]
    pane.document.edit("Label", lambda old: edits.add_label(old, 1.0, 2.0, "Hello"))
    exporting.write(ExportPlan("labels", "srt"), tmp_path / "words.srt")
    qtbot.waitUntil(lambda: len(said) == 3, timeout=30000)
    assert "Hello" in (tmp_path / "words.srt").read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix in (".wav", ".srt", ".part")) == [
        "mix.wav", "words.srt"]


def test_an_export_that_is_stopped_leaves_nothing(pane: SoundPane, project: Project, qtbot: QtBot,
                                                  tmp_path: Path) -> None:
    said: list[str] = []
    pane.working.said.connect(said.append)

    def work(progress: Callable[[float], None], stopped: Callable[[], bool]) -> str:
        pane.working.stop()
        return str(writing.export_mix(pane.document.arrangement, pane.source, tmp_path / "mix.flac",
                                      progress=progress, stopped=stopped))

    pane.working.run("Exporting", work, said.append)
    qtbot.waitUntil(lambda: bool(said), timeout=20000)
    assert said == ["Stopped; nothing was changed."]
    assert not list(tmp_path.glob("mix*"))


# ---------------------------------------------------------------- recording

def test_a_recording_lands_on_the_armed_track(pane: SoundPane, project: Project, qtbot: QtBot, tmp_path: Path) -> None:
    session, microphone = FakeSession(project), FakeMicrophone()
    recording = Recording(session, pane, lambda: "doc", microphone)  # type: ignore[arg-type]
    music = pane.document.arrangement.tracks[1].id
    pane.document.edit("Arm", lambda old: edits.set_track(old, music, armed=True))
    pane.go_to(2.0)
    recording.toggle()
    assert recording.on
    assert pane.player.playing
    spoken = tone(1.5, 300)
    for at in range(0, len(spoken), 4800):
        microphone.came.emit(spoken[at:at + 4800, None])
    (path,) = tape.left_behind(Path(project.path))
    assert pane.heads.heads[music].meter._bars[0] > 0.5
    with qtbot.waitSignal(pane.working.ended, timeout=20000):
        recording.toggle()
    (clip,) = pane.document.arrangement.on(music)
    assert clip.start == pytest.approx(2.0, abs=0.01)
    assert clip.length == pytest.approx(1.5)
    assert microphone.running  # the track is still armed
    pane.document.edit("Disarm", lambda old: edits.set_track(old, music, armed=False))
    assert not microphone.running
    assert not path.exists()
    kept, _ = soundfile.read(io.BytesIO(project.media(clip.media)[0]))
    assert np.abs(kept - spoken).max() < 1e-5


@pytest.fixture
def recording(pane: SoundPane, project: Project) -> Recording:
    """With a fake microphone, and the second track armed."""
    made = Recording(FakeSession(project), pane, lambda: "doc", FakeMicrophone())  # type: ignore[arg-type]
    made.heard = []  # type: ignore[attr-defined]
    made.said.connect(made.heard.append)  # type: ignore[attr-defined]
    track = pane.document.arrangement.tracks[1].id
    pane.document.edit("Arm", lambda old: edits.set_track(old, track, armed=True))
    return made


def play_in(recording: Recording, seconds: float) -> None:
    """Let the microphone give a second's tone of rising loudness, again and again."""
    whole = np.tile(tone(1.0, 300) * np.linspace(0.1, 1, RATE, dtype=np.float32), 16)[:round(seconds * RATE)]
    for at in range(0, len(whole), 4800):
        recording.microphone.came.emit(whole[at:at + 4800, None])


def test_in_a_loop_each_pass_is_a_take_and_again_further_ones(recording: Recording, pane: SoundPane,
                                                              qtbot: QtBot) -> None:
    track = pane.document.arrangement.tracks[1].id
    pane.document.edit("Loop", lambda old: edits.set_loop(old, 2.0, 3.0))
    for number, seconds in enumerate((3.1, 1.5)):
        pane.go_to(2.6)
        recording.toggle()
        assert pane.player.position == pytest.approx(2.0, abs=0.1)
        play_in(recording, seconds)
        assert pane.grab().width() > 0
        with qtbot.waitSignal(pane.working.ended, timeout=20000):
            recording.toggle()
        (clip,) = pane.document.arrangement.on(track)
        assert (clip.start, clip.length) == (2.0, 1.0)
        if number == 0:
            assert [round(take.offset, 3) for take in clip.all_takes] == [0.0, 1.0, 2.0]
            assert clip.take == 2
        else:
            assert [round(take.length, 3) for take in clip.all_takes] == [1.0, 1.0, 1.0, 1.0, 0.5]
            assert clip.take == 3
    pane.document.undo()
    assert len(pane.document.arrangement.on(track)[0].takes) == 3
    pane.document.undo()
    assert not pane.document.arrangement.on(track)


def test_a_crash_in_a_loop_leaves_its_passes(recording: Recording, pane: SoundPane, project: Project,
                                             qtbot: QtBot) -> None:
    track = pane.document.arrangement.tracks[1].id
    left = tape.Tape(Path(project.path), tape.TapeFacts("doc", track, 3.0, RATE, 1, 0.5, 1.0))
    left.add(tone(3.0)[:, None])
    left.close()
    with qtbot.waitSignal(pane.working.ended, timeout=20000):
        recording.recover()
    (clip,) = pane.document.arrangement.on(track)
    assert [(round(take.offset, 3), round(take.length, 3)) for take in clip.all_takes] == [(0, 1), (1, 1), (2, 0.5)]
    assert (clip.start, clip.take) == (3.0, 1)


def test_a_bar_is_counted_in_and_what_comes_late_is_moved(recording: Recording, pane: SoundPane, qtbot: QtBot) -> None:
    track = pane.document.arrangement.tracks[1].id
    recording.choices.put("count_in", True)
    recording.choices.put("latency", 0.25)
    pane.go_to(1.0)
    recording.toggle()
    heard = pane.player._take(RATE)
    assert np.abs(heard[:2000]).max() > 0.2  # a click
    assert pane.player.position == 1.0
    play_in(recording, 1.0)
    recording.toggle()
    assert recording.heard == ["It was stopped before anything was recorded: the count-in takes a bar."]  # type: ignore[attr-defined]
    assert not pane.document.arrangement.on(track)
    assert len(pane.player.metronome.lead(10)) == 0
    recording.toggle()
    play_in(recording, 4.0)
    with qtbot.waitSignal(pane.working.ended, timeout=20000):
        recording.toggle()
    (clip,) = pane.document.arrangement.on(track)
    assert (clip.start, clip.offset) == (1.0, 0.0)
    assert clip.length == pytest.approx(4.0 - 2.0 - 0.25)


def test_an_armed_track_shows_its_level_and_a_lost_microphone_is_said(recording: Recording, pane: SoundPane) -> None:
    track = pane.document.arrangement.tracks[1].id
    assert recording.microphone.running
    play_in(recording, 0.5)
    assert pane.heads.heads[track].meter._bars[0] > 0.5
    pane.hide()
    assert not recording.microphone.running
    pane.show()
    assert recording.microphone.running
    recording.choose("line")
    assert (recording.microphone.device, recording.microphone.running) == ("line", True)
    menu = RecordMenu(recording).menu()
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["Line in"]
    recording.toggle()
    play_in(recording, 1.0)
    recording.microphone.running = False
    recording.microphone.lost.emit("Gone.")
    assert not recording.on
    assert recording.heard == ["Gone."]  # type: ignore[attr-defined]
    recording.pane.working.close()
    recording.microphone.lost.emit("Gone.")
    assert recording.heard[-1].startswith("The microphone was taken away")  # type: ignore[attr-defined]


def test_arming_without_a_microphone_says_so(pane: SoundPane, project: Project) -> None:
    said: list[str] = []
    microphone = FakeMicrophone("There is no microphone; plug one in.")
    made = Recording(FakeSession(project), pane, lambda: "doc", microphone)  # type: ignore[arg-type]
    made.said.connect(said.append)
    track = pane.document.arrangement.tracks[1].id
    pane.document.edit("Arm", lambda old: edits.set_track(old, track, armed=True))
    assert said == ["There is no microphone; plug one in."]
    texts = [action.text() for action in RecordMenu(made).menu().actions()]
    assert "There is no microphone" in texts
    pane.document.edit("Mute", lambda old: edits.set_track(old, track, mute=True))
    assert len(said) == 1


def test_what_a_crash_left_of_a_recording_is_put_in(pane: SoundPane, project: Project, qtbot: QtBot) -> None:
    session = FakeSession(project)
    track = pane.document.arrangement.tracks[1].id
    take = tape.Tape(Path(project.path), tape.TapeFacts("doc", track, 3.0, RATE, 1))
    take.add(tone(1.0)[:, None])
    take.close()
    with take.path.open("ab") as file:
        file.write(b"\x01\x02")  # torn off in the middle of a sample
    empty = tape.Tape(Path(project.path), tape.TapeFacts("doc", track, 3.0, RATE, 1))
    empty.close()
    recording = Recording(session, pane, lambda: "doc", FakeMicrophone())  # type: ignore[arg-type]
    recording.recover()
    qtbot.waitUntil(lambda: not pane.working.busy, timeout=20000)
    (clip,) = pane.document.arrangement.on(track)
    assert (clip.start, clip.length, clip.name) == (3.0, 1.0, "Recovered recording")
    assert not tape.left_behind(Path(project.path))


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_a_kill_loses_nothing_that_came(tmp_path: Path) -> None:
    child = """
import os, signal, sys
from pathlib import Path
import numpy as np
from studio.ui.sound import tape
take = tape.Tape(Path(sys.argv[1]), tape.TapeFacts("doc", "t", 1.5, 48000, 2))
for number in range(40):
    take.add(np.full((960, 2), number / 40, np.float32))
os.kill(os.getpid(), signal.SIGKILL)
"""
    place = tmp_path / "a [1].pieria"
    assert subprocess.run([sys.executable, "-c", child, str(place)], check=False).returncode == -9
    (path,) = tape.left_behind(place)
    found = tape.read(path)
    assert found is not None
    facts, samples = found
    assert (facts.start, facts.channels) == (1.5, 2)
    assert samples.shape == (40 * 960, 2)
    assert samples[-1, 0] == np.float32(39 / 40)


@pytest.mark.parametrize("data", [b"", b"{}\n", b"\xff\xfe\n12345678", b'{"document": 1}\n',
                                  b'{"document":"d","track":"t","start":0,"rate":1,"channels":0}\n1234'])
def test_what_is_no_recording_is_left_alone(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    assert tape.read(tmp_path / "x") is None


def test_without_a_microphone_there_is_a_sentence(pane: SoundPane, project: Project) -> None:
    recording = Recording(FakeSession(project), pane, lambda: "doc",  # type: ignore[arg-type]
                          FakeMicrophone("There is no microphone; plug one in."))
    said: list[str] = []
    recording.said.connect(said.append)
    recording.toggle()
    assert said == ["There is no microphone; plug one in."]
    assert not recording.on
    assert not tape.left_behind(Path(project.path))


def test_very_many_notes_are_painted_as_few_ones_are() -> None:
    notes = tuple(Note(480 * n, 60 + n % 5, 480, 127) for n in range(40))
    clip, axis = Clip("c", "t", 1.0, 20.0), TimeAxis()
    axis.set(0.0, 20.0)
    colour, body = QColor("#EE8FB0"), QRectF(20, 4, 400, 70)

    def painted(score: Score, many: int) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(notepaint, "MANY", many)
            image = QImage(440, 80, QImage.Format.Format_ARGB32)
            image.fill(0)
            painter = QPainter(image)
            notepaint.paint_notes(painter, body, body, score, clip, axis, colour)
            painter.end()
        return np.frombuffer(image.constBits(), np.uint32).reshape(80, 440).copy() >> 24 > 100

    score = Score((Part("Melody", notes=notes),), TempoMap().with_tempo(8, 60))
    assert score.table[0].tolist() == pytest.approx([score.seconds(note.start) for note in notes])
    assert score.table[1].tolist() == pytest.approx([score.seconds(note.end) for note in notes])
    few, many = painted(score, 2000), painted(score, 1)
    assert few.any()
    assert (few != many).mean() < 0.03  # but for the gaps between notes
    assert not painted(Score(), 0).any()


def test_points_of_the_volume_are_painted_only_where_there_are_some(pane: SoundPane) -> None:
    track = pane.document.arrangement.tracks[1].id
    plain = pane.timeline.grab().toImage()
    pane.document.edit("Draw", lambda old: edits.set_points(old, track, [AutomationPoint(1.0, -20.0)]))
    assert pane.timeline.grab().toImage() != plain


def test_clips_have_names_and_places_for_screen_readers(pane: SoundPane) -> None:
    pane.proxies.refresh()
    (proxy,) = pane.proxies.clips.values()
    assert proxy.accessibleName() == "Tone on Narrator, 1.0 to 5.0 seconds"
    assert proxy.geometry() == pane.clip_rect(pane.document.arrangement.clips[0].id)
    pane.editing.choose_all()
    pane.editing.delete()
    pane.proxies.refresh()
    assert not pane.proxies.clips


def test_a_low_bar_leaves_out_words_before_buttons(pane: SoundPane, qtbot: QtBot) -> None:
    qtbot.addWidget(pane.bar)
    pane.bar.resize(1400, 40)
    pane.bar.show()
    assert all(part.isVisible() for part in pane.bar._roomy)
    pane.bar.resize(760, 40)
    assert not pane.bar._roomy[0].isVisible()
    assert pane.bar.export.isVisible()
    assert pane.bar.record.geometry().right() < pane.bar.width()


def test_meters_hold_their_peak_light_up_and_fall_after_the_end(pane: SoundPane, qtbot: QtBot) -> None:
    meter = Meter(pane.theme, "Mix", upright=False)
    qtbot.addWidget(meter)
    meter.resize(112, 12)
    meter.show_level((1.0, 0.5, 0.4, 0.2))
    assert meter.clipped == [True, False]
    first = meter._bars[0]
    meter.show_level(NOTHING)
    assert 0 < meter._bars[0] < first
    assert meter._peaks[0][0] == first
    assert not meter.quiet
    qtbot.mouseClick(meter, Qt.MouseButton.LeftButton)
    assert meter.clipped == [False, False]
    for _ in range(200):
        meter.show_level(NOTHING)
    assert meter.quiet
    pane.bar.meter.show_level((0.9, 0.9, 0.5, 0.5))
    pane.player.playing_changed.emit(False)
    qtbot.waitUntil(lambda: pane.bar.meter.quiet and not pane._fall.isActive(), timeout=10000)


def test_the_meter_of_the_mix_shows_a_result_that_is_heard_by_itself(pane: SoundPane, qtbot: QtBot) -> None:
    levels: list[Any] = []
    pane.level_changed.connect(levels.append)
    pane.player.stream(tone(0.2) * 0.5, RATE)
    pane.player._take(4800)
    pane.player._frame()
    assert levels[-1][0] == pytest.approx(0.5 * np.abs(tone(0.2)).max(), abs=0.01)
    assert not pane.bar.meter.quiet
    pane.player._take(4800)
    pane.player._frame()
    assert levels[-1] is None
    qtbot.waitUntil(lambda: pane.bar.meter.quiet and not pane._fall.isActive(), timeout=10000)


def test_segments_show_the_level_or_the_whole_and_are_yellow_above_the_target(pane: SoundPane, qtbot: QtBot) -> None:
    meter = SegmentMeter(pane.theme)
    qtbot.addWidget(meter)
    meter.resize(58, 120)
    assert meter.lit() == (0, 0)
    meter.show_whole(-16.0, -16.0)
    assert meter.lit() == (12, 12)
    before = meter.grab().toImage()
    meter.show_whole(-16.0, -23.0)
    assert meter.grab().toImage() != before
    meter.show_level((1.0, 0.1, 10 ** (-10 / 20), 0.0))
    assert meter.lit() == (15, 0)
    meter.show_level(None)
    assert meter.lit() == (12, 12)
