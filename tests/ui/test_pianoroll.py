"""The piano roll: notes, whole bars, parts, velocities; what lies where; and renders that wait for a pause."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication

from studio.engine.job import GeneratorInfo, JobState, Result
from studio.project.sound import SoundError, midi, mixing
from studio.project.sound.score import Note, Part, Score
from studio.ui.requests import Ask
from studio.ui.sound.document import Region
from studio.ui.sound.makers.asking import with_bars
from studio.ui.sound.pianoroll import painting
from tests.ui.conftest import Opened
from tests.ui.fake_engine import recipe
from tests.ui.test_sound_making import room_of, send, wav

Key, Mod, Left = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton
BAR = 1920
MELODY = tuple(Note(bar * BAR + beat * 480, 60 + bar * 4 + beat, 480, 80) for bar in range(4) for beat in range(4))
TUNE = Score((Part("Melody", 73, False, MELODY),
              Part("Low part", 43, False, tuple(Note(bar * BAR, 40 + bar, BAR) for bar in range(4)))))


class Bench:
    """A window with the notes of one clip open."""

    def __init__(self, studio: Opened) -> None:
        self.studio, self.qtbot, self.room = studio, studio.qtbot, room_of(studio)
        target = {"document": self.room.document, "kind": "score", "track": "", "start": 0.0, "make": "notes"}
        job = send(studio, Ask("music.transformer", {"prompt": "a reel"}, 1, {}, (), target))
        with self.qtbot.waitSignal(self.room.generating.placed):
            studio.worker.finish(job, "score", midi.write(TUNE), "audio/midi")
        self.document, self.roll = self.room.pane.document, self.room.makers.roll
        (self.clip,) = self.document.arrangement.clips
        self.room.makers.open(self.clip.id)
        self.qtbot.waitUntil(lambda: self.roll.score == TUNE)

    def place(self, tick: int, pitch: int) -> QPoint:
        """A pixel inside a note that begins at `tick`."""
        self.roll.space.centre(pitch)
        return QPoint(round(self.roll.space.x(tick)) + 3, round(self.roll.space.y(pitch) + self.roll.space.row / 2))

    def bars(self, first: int, last: int) -> None:
        """Drag over the numbers of bars, both included."""
        space = self.roll.space
        ends = [QPoint(round(space.x(space.score.bar_tick(bar))) + 5, 8) for bar in (first, last)]
        self.drag(*ends)

    def drag(self, begin: QPoint, end: QPoint, mods: Mod = Mod.NoModifier) -> None:
        self.qtbot.mousePress(self.roll, Left, mods, begin)
        self.qtbot.mouseMove(self.roll, (begin + end) / 2)
        self.qtbot.mouseMove(self.roll, end)
        self.qtbot.mouseRelease(self.roll, Left, mods, end)

    def key(self, key: Key, mods: Mod = Mod.NoModifier) -> None:
        self.qtbot.keyClick(self.roll, key, mods)

    def saved(self) -> Score:
        """The score in the project, once all is written."""
        self.qtbot.waitUntil(lambda: not self.roll._saving and not self.roll._waiting)
        sha = self.document.arrangement.find(self.clip.id).score
        return midi.read(self.studio.project.media(sha)[0])[0]


@pytest.fixture
def bench(studio: Opened) -> Bench:
    return Bench(studio)


def test_each_edit_of_notes_is_a_step(bench: Bench) -> None:
    document, roll, qtbot = bench.document, bench.roll, bench.qtbot
    steps = len(document.history.entries)
    qtbot.mouseClick(roll, Left, pos=bench.place(4 * BAR, 67))
    bench.key(Key.Key_Up)
    bench.key(Key.Key_Up, Mod.AltModifier)
    qtbot.waitUntil(lambda: len(document.history.entries) == steps + 3)
    assert [n for n in bench.saved().parts[0].notes if n.start == 4 * BAR] == [Note(4 * BAR, 68, 240, 98)]
    for _ in range(3):
        document.undo()
    qtbot.waitUntil(lambda: roll.score == TUNE)
    assert document.arrangement.find(bench.clip.id).score == bench.clip.score
    bench.drag(bench.place(0, 60), bench.place(0, 60) + QPoint(0, -2 * roll.space.row))
    assert roll.score.parts[0].notes[0] == Note(0, 62, 480, 80)
    bench.key(Key.Key_Escape)
    assert not roll.isVisible()
    assert bench.room.pane._cover is None


def test_notes_are_copied_cut_pasted_and_doubled(bench: Bench) -> None:
    roll = bench.roll
    first = MELODY[0]
    bench.qtbot.mouseClick(roll, Left, pos=bench.place(0, 60))
    assert roll.chosen == {first}
    bench.key(Key.Key_D, Mod.ControlModifier)
    assert first._replace(start=480) in roll.score.parts[0].notes
    bench.key(Key.Key_X, Mod.ControlModifier)
    assert first._replace(start=480) not in roll.score.parts[0].notes
    bench.bars(2, 2)
    bench.key(Key.Key_V, Mod.ControlModifier)
    assert first._replace(start=2 * BAR) in roll.score.parts[0].notes


def test_whole_bars_are_copied_put_in_and_taken_out_in_all_parts(bench: Bench) -> None:
    roll, document = bench.roll, bench.document
    length = document.arrangement.find(bench.clip.id).length
    bench.bars(1, 2)
    assert roll.bars == (1, 3)
    bench.key(Key.Key_C, Mod.ControlModifier)
    bench.bars(0, 0)
    bench.key(Key.Key_V, Mod.ControlModifier)
    assert roll.score.bars == 6
    assert roll.bars == (0, 2)
    for part, old in zip(bench.saved().parts, TUNE.parts, strict=True):
        moved = [n._replace(start=n.start - BAR) for n in old.notes if BAR <= n.start < 3 * BAR]
        later = [n._replace(start=n.start + 2 * BAR) for n in old.notes]
        assert list(part.notes) == moved + later
    grown = document.arrangement.find(bench.clip.id).length
    assert grown == pytest.approx(length + 2 * 2.0)
    bench.key(Key.Key_X, Mod.ControlModifier)
    assert bench.saved() == TUNE
    assert document.arrangement.find(bench.clip.id).length == pytest.approx(length)
    bench.bars(3, 3)
    bench.key(Key.Key_D, Mod.ControlModifier)
    assert roll.score.bars == 5
    assert [n.pitch for n in roll.score.parts[0].notes[-4:]] == [n.pitch for n in MELODY[-4:]]
    bench.key(Key.Key_Insert)
    assert roll.bars == (4, 5)
    assert not [n for n in roll.score.parts[0].notes if 4 * BAR <= n.start < 5 * BAR]
    bench.key(Key.Key_Delete, Mod.ShiftModifier)
    bench.bars(0, 1)
    bench.key(Key.Key_Delete)
    assert [n.start for n in roll.score.parts[1].notes] == [2 * BAR, 3 * BAR, 4 * BAR]
    bench.saved()
    for _ in range(5):
        document.undo()
    bench.qtbot.waitUntil(lambda: roll.score.bars == 6)


def test_selected_bars_are_repeated_quantised_and_written_anew(bench: Bench) -> None:
    roll, document = bench.roll, bench.document
    bench.bars(1, 2)
    bench.key(Key.Key_L)
    loop = document.arrangement.loop
    assert (loop.on, loop.start, loop.end) == (True, pytest.approx(2.0), pytest.approx(6.0))
    bench.key(Key.Key_L)
    assert not document.arrangement.loop.on
    asked: list[Any] = []
    bench.room.generating.compose = lambda clip, task, **bars: asked.append((clip.id, task, bars))
    bench.key(Key.Key_R)
    assert asked == [(bench.clip.id, "fill", {"first": 2, "last": 3})]
    late = [n._replace(start=n.start + 37) for n in MELODY]
    roll.edit("Late", lambda s: s.with_part(0, s.parts[0].with_notes(late)))
    roll.select_bars((1, 2))
    bench.key(Key.Key_Q)
    starts = [n.start for n in roll.score.parts[0].notes]
    assert starts[:5] == [37, 517, 997, 1477, 1920]
    assert starts[8] == 2 * BAR + 37
    bench.key(Key.Key_Right, Mod.ShiftModifier)
    assert roll.bars == (1, 3)
    bench.key(Key.Key_Escape)
    assert roll.bars is None
    assert roll.isVisible()


def test_the_grid_is_chosen_and_remembered(bench: Bench) -> None:
    grid = bench.room.makers.desk.bar.grid
    grid.set_key("1/16 triplet")
    grid.chosen.emit("1/16 triplet")
    assert bench.roll.grid == 80
    bench.qtbot.waitUntil(lambda: bench.studio.project.get_state("sound.roll_grid") == "1/16 triplet")


def test_velocities_are_drawn_in_their_lane(bench: Bench) -> None:
    roll, space = bench.roll, bench.roll.space
    stem = space.stem(MELODY[0], space.x(0), space.lane)
    at = QPoint(round(stem.center().x()), round(stem.top()))
    bench.drag(at, QPoint(at.x(), round(space.lane.bottom()) - 4))
    assert roll.score.parts[0].notes[0].velocity == 1
    assert roll.score.parts[0].notes[1].velocity == 80
    begin, end = (QPoint(round(space.x(tick)), round(space.lane.top()) + 8) for tick in (BAR - 240, 0))
    bench.drag(begin, end)
    assert [n.velocity for n in roll.score.parts[0].notes[:5]] == [127, 127, 127, 127, 80]


def test_parts_are_listed_shown_silenced_and_given_other_instruments(bench: Bench) -> None:
    roll, rows = bench.roll, bench.room.makers.desk.parts.rows
    assert [(row.name.text(), row.plays.text()) for row in rows] == [("Melody", "Flute"), ("Low part", "Contrabass")]
    bench.qtbot.mouseClick(rows[1], Left, pos=QPoint(20, 60))
    assert roll.part == 1
    rows[0].mute.click()
    assert mixing.is_muted(bench.saved().parts[0])
    rows[0].mute.click()
    assert bench.saved() == TUNE
    rows[1].solo.click()
    assert [mixing.is_muted(p) for p in bench.saved().parts] == [True, False]
    assert rows[0].mute.isChecked()
    assert rows[1].solo.isChecked()
    rows[1].solo.click()
    assert bench.saved() == TUNE
    roll.set_instrument(41)
    assert bench.saved().parts[1].program == 41
    assert rows[1].plays.text() == "Viola"
    bench.room.makers.desk.parts.add.click()
    assert [p.name for p in roll.score.parts] == ["Melody", "Low part", "Part 3"]
    assert roll.part == 2


def test_nothing_lies_under_the_prompt_bar_and_rows_zoom(bench: Bench) -> None:
    roll, space, pane = bench.roll, bench.roll.space, bench.room.pane
    assert pane.timeline.inset > 0
    assert space.lane.bottom() == roll.height() - pane.timeline.inset
    space.scroll_to(1e9)
    assert space.pitch(space.notes.bottom() - 1) == 0
    at = QPointF(300, 200)
    pitch, row = space.pitch(at.y()), space.row
    both = Mod.ControlModifier | Mod.ShiftModifier
    wheel = QWheelEvent(at, QPointF(roll.mapToGlobal(at)), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, both,
                        Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(roll, wheel)
    assert space.row == row + 2
    assert abs(space.pitch(at.y()) - pitch) <= 1


def test_a_drag_at_the_edge_scrolls_on(bench: Bench) -> None:
    roll, axis = bench.roll, bench.room.pane.axis
    axis.zoom(3, 0)
    start = bench.place(0, 60)
    bench.qtbot.mousePress(roll, Left, pos=start)
    bench.qtbot.mouseMove(roll, start + QPoint(40, 0))
    bench.qtbot.mouseMove(roll, QPoint(roll.width() + 80, start.y()))
    bench.qtbot.waitUntil(lambda: axis.start > 1.0, timeout=30_000)
    bench.qtbot.mouseRelease(roll, Left, pos=QPoint(roll.width() + 80, start.y()))
    moved = [n for n in roll.score.parts[0].notes if n.pitch == 60]
    assert moved[0].start >= 1.0 * 960
    stays = axis.start
    bench.qtbot.mouseMove(roll, QPoint(roll.width() + 90, start.y()))
    assert axis.start == stays


def test_quick_edits_are_rendered_once_after_a_pause(bench: Bench) -> None:
    document, generating, worker = bench.document, bench.room.generating, bench.studio.worker
    player = GeneratorInfo("music.render", "Play a score", "audio", "music", "1", "1", schema={
        "properties": {"score": {"x-studio": {"media": "score"}}}})
    generating.find = lambda name: player if name == "music.render" else None
    asked: list[Any] = []
    bench.room.session.batch_queued.connect(lambda jobs: asked.extend(
        job for job in jobs if job.request.target.get("kind") == "render"))
    generating.render_stale()
    bench.qtbot.waitUntil(lambda: len(asked) == 1)  # it has no sound yet
    worker.begin(asked[0])
    with bench.qtbot.waitSignal(generating.placed):
        worker.event.emit(Result(asked[0].id, "audio", wav(8.0), "audio/wav", {"seconds": 8.0}, recipe(asked[0])))
    worker.set_state(asked[0].id, JobState.DONE)
    generating._pause.setInterval(100_000)
    bench.qtbot.mouseClick(bench.roll, Left, pos=bench.place(0, 60))
    for _ in range(5):
        bench.key(Key.Key_Up)
    bench.saved()
    assert len(asked) == 1
    assert generating._pause.isActive()
    generating._pause.setInterval(0)
    bench.qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[1].request.target["score"] == document.arrangement.find(bench.clip.id).score
    bench.key(Key.Key_Up)
    bench.saved()
    bench.qtbot.waitUntil(lambda: len(asked) == 3)
    assert worker.job(asked[1].id).state is JobState.CANCELLED
    document.undo()
    document.undo()


def test_a_key_is_heard_at_once_from_notes_that_were_made_before(bench: Bench) -> None:
    room, roll, worker = bench.room, bench.roll, bench.studio.worker
    bank, player = room.makers.desk.bank, room.pane.player
    heard: list[tuple[int, float]] = []
    player.stream = lambda samples, _rate: heard.append((len(samples), float(abs(samples).max())))
    roll.hear(60)
    assert not heard  # nothing is ready: silence, and no waiting
    info = GeneratorInfo("music.render", "Play a score", "audio", "music", "1", "1", schema={
        "properties": {"score": {"x-studio": {"media": "score"}}}})
    room.generating.find = lambda name: info if name == "music.render" else None
    with bench.qtbot.waitSignal(room.session.batch_queued) as queued:
        bank.prepare()
    bank.prepare()
    (job,) = queued.args[0]
    rate, keys = 8000, 108 - 21 + 1
    out = io.BytesIO()
    steps = np.repeat(np.arange(keys) / 200 + 0.1, rate)  # each key as loud as it is high
    soundfile.write(out, steps, rate, format="WAV")
    with bench.qtbot.waitSignal(bank.ready):
        worker.event.emit(Result(job.id, "audio", out.getvalue(), "audio/wav", {}, recipe(job)))
    at = bench.place(0, 60)
    bench.qtbot.mousePress(roll, Left, pos=QPoint(6, at.y()))
    assert roll.sounding == 60
    bench.qtbot.mouseRelease(roll, Left, pos=QPoint(6, at.y()))
    assert roll.sounding is None
    assert heard == [(round(0.9 * rate), pytest.approx((60 - 21) / 200 + 0.1, abs=0.01))]
    bench.qtbot.mouseClick(roll, Left, pos=bench.place(4 * BAR, 72))
    assert heard[-1][1] == pytest.approx((72 - 21) / 200 + 0.1, abs=0.01)


def test_bars_to_fill_are_those_that_are_selected(bench: Bench) -> None:
    generating, document = bench.room.generating, bench.document
    params = {"task": "fill", "first_bar": 0}
    ask = lambda: with_bars(params, document.arrangement, document.chosen, generating.chosen_bars)  # noqa: E731
    document.choose(clips=frozenset({bench.clip.id}))
    with pytest.raises(SoundError, match="Select the bars"):
        ask()
    bench.bars(1, 2)
    assert (ask()["first_bar"], ask()["last_bar"]) == (2, 3)
    bench.roll.close_roll()
    document.choose(region=Region(2.1, 3.9, (bench.clip.track,)))
    assert (ask()["first_bar"], ask()["last_bar"]) == (2, 2)
    params["first_bar"] = 4
    assert ask() == params


def test_very_many_notes_lie_where_few_do(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    roll = bench.roll
    roll.space.centre(66)
    few = roll.grab().toImage()
    monkeypatch.setattr(painting, "MANY", 0)
    many = roll.grab().toImage()
    spots = [QPoint(round(roll.space.x(note.start)) + 4, round(roll.space.y(note.pitch) + roll.space.row / 2))
             for note in MELODY if roll.space.notes.contains(roll.space.rect(note))]
    assert spots
    ink = roll.theme.color(painting.part_colour(0))
    assert {many.pixelColor(spot).name() for spot in spots} == {ink.name()}
    empty = [spot + QPoint(0, round(2 * roll.space.row)) for spot in spots]
    assert [many.pixelColor(spot) for spot in empty] == [few.pixelColor(spot) for spot in empty]
    lane = roll.space.lane
    foot = QPoint(round(roll.space.x(MELODY[0].start)), round(lane.bottom()) - 6)
    assert many.pixelColor(foot) != many.pixelColor(foot + QPoint(12, 0))


@pytest.mark.parametrize("many", [0, painting.MANY])
def test_what_is_painted_anew_while_it_plays_is_as_the_whole(bench: Bench, many: int,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    roll = bench.roll
    monkeypatch.setattr(painting, "MANY", many)
    roll.select_bars((1, 2))
    whole = QImage(roll.size(), QImage.Format.Format_RGB32)
    painter = QPainter(whole)
    painting.paint_roll(painter, roll, QRectF(roll.rect()))
    painter.end()
    for x in range(0, roll.width() - 5, 5):
        stripe = QImage(5, roll.height(), QImage.Format.Format_RGB32)
        painter = QPainter(stripe)
        painter.translate(-x, 0)
        painting.paint_roll(painter, roll, QRectF(x, 0, 5, roll.height()))
        painter.end()
        assert stripe == whole.copy(x, 0, 5, roll.height())


def test_the_card_offers_what_fits_the_clip_that_is_meant(bench: Bench) -> None:
    document, card = bench.document, bench.room.makers.card
    bench.roll.close_roll()
    target = {"document": bench.room.document, "kind": "clip", "track": "", "start": 0.0, "make": "ambience"}
    job = send(bench.studio, Ask("speech.hibari", {"prompt": "Rain"}, 1, {}, (), target))
    with bench.qtbot.waitSignal(bench.room.generating.placed):
        bench.studio.worker.finish(job, "audio", wav(4.0), "audio/wav", seconds=4.0)

    def offered(*tracks: str) -> set[str]:
        document.choose(clips=frozenset(), region=Region(0.5, 1.5, tracks))
        return {"extend", "denoise"} & {key for key, button in card.buttons.items() if not button.isHidden()}

    sound = next(clip for clip in document.arrangement.clips if not clip.score)
    assert offered(bench.clip.track) == {"extend"}
    assert offered(sound.track) == {"denoise"}
    assert offered(bench.clip.track, sound.track) == {"denoise"}  # of both kinds the sound is meant
