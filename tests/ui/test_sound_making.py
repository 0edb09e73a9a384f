"""Results become clips: speech by sentences, notes with their sound, labels; what came too late stays aside."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import soundfile
from PySide6.QtWidgets import QApplication

from studio.engine.job import AudioChunk, Discovery, ErrorReport, Failed, GeneratorInfo, Job, Result
from studio.project.sound import Arrangement, SoundError, edits, midi, notes
from studio.project.sound.media import ArrayMedia, ArraySource
from studio.project.sound.score import Note, Part, Score
from studio.ui.requests import Ask
from studio.ui.sound.makers import arriving, asking
from studio.ui.sound.makers.arriving import Arrived
from studio.ui.sound.makers.landing import filled
from tests.ui.conftest import Opened
from tests.ui.fake_engine import recipe

SAID = ({"text": "One moon.", "start": 0.0, "end": 1.0, "voice": "Heart"},
        {"text": "Two moons.", "start": 1.4, "end": 2.5, "voice": "Heart"})


def wav(seconds: float = 2.5, rate: int = 24000) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, 0.2 * np.sin(np.arange(round(seconds * rate)) * 0.05), rate, format="WAV")
    return out.getvalue()


def spoken(media: str = "a", seconds: float = 2.5, **more: Any) -> Arrived:
    return Arrived("audio", media, "audio/wav", seconds, result="r", sentences=SAID, facts={"voice": "Heart"}, **more)


def test_every_sentence_is_a_clip_that_knows_its_words_behind_what_is_there() -> None:
    after, made = arriving.put_sound(Arrangement(), "voice", "", 1.0, spoken())
    clips = [after.clip(name) for name in made]
    assert [(c.start, c.offset, round(c.length, 3), c.text) for c in clips] == [
        (1.0, 0.0, 1.0, "One moon."), (2.4, 1.4, 1.1, "Two moons.")]
    assert after.track(clips[0].track).kind == "voice"
    more, again = arriving.put_sound(after, "voice", clips[0].track, 1.2, spoken("b"))
    assert more.clip(again[0]).start == pytest.approx(3.5)


def test_a_sentence_spoken_again_is_a_take_that_moves_what_follows_where_it_is_as_it_was() -> None:
    before, (one, two) = arriving.put_sound(Arrangement(), "voice", "", 0.0, spoken())
    longer = Arrived("audio", "b", "audio/wav", 2.0, sentences=({"text": "x", "start": 0.0, "end": 2.0},))
    after = arriving.respoken(before, one, "a", "One large moon.", longer)
    assert after.clip(one).text == "One large moon."
    assert after.clip(one).media == "b"
    assert after.clip(two).start == pytest.approx(before.clip(two).start + 1.0)
    late = arriving.respoken(after, one, "a", "late", Arrived("audio", "c", "audio/wav", 1.0)).clip(one)
    assert late.text == "One large moon."
    assert [take.text for take in late.takes] == ["One moon.", "One large moon.", "late"]
    with pytest.raises(SoundError, match="no longer there"):
        arriving.respoken(edits.delete(after, [one]), one, "a", "late", longer)


def test_a_stretch_is_replaced_and_the_rest_stays_to_the_sample() -> None:
    before, (clip,) = arriving.put_sound(Arrangement(), "music", "", 0.0, Arrived("audio", "a", "audio/wav", 10.0))
    after, _ = arriving.put_region(before, clip, "a", 4.0, 6.0, Arrived("audio", "b", "audio/wav", 2.0))
    assert [(c.media, c.start) for c in after.clips if c.media == "b"] == [("b", 4.0)]
    assert after.length == before.length
    assert all(c.offset == pytest.approx(c.start) for c in after.clips if c.media == "a")


def test_only_the_bars_that_were_asked_for_are_others() -> None:
    old = Score((Part("p", 0, False, tuple(Note(480 * n, 60 + n % 5, 240) for n in range(64))),))
    new = Score((Part("p", 0, False, tuple(Note(480 * n, 72, 240) for n in range(64))),))
    made = filled(old, new, 5, 8)
    start, end = old.bar_tick(4), old.bar_tick(8)
    assert [n for n in made.parts[0].notes if not start <= n.start < end] == \
        [n for n in old.parts[0].notes if not start <= n.start < end]
    assert {n.pitch for n in notes.in_region(made, 0, start, end)} == {72}


def test_half_of_a_notes_clip_stays_half_when_its_notes_are_varied() -> None:
    before, _ = arriving.put_score(Arrangement(), "", 0.0, Arrived("score", "s1", "audio/midi", 8.0))
    before = edits.split(before, 3.0)
    half = before.clips[-1]
    after = arriving.take_notes(before, half.id, "s1", Arrived("score", "s2", "audio/midi", 8.0)).clip(half.id)
    assert (after.score, after.offset, after.length) == ("s2", half.offset, half.length)


def test_normalise_allows_for_the_gain_of_the_clip_and_hears_what_is_louder_than_full_scale() -> None:
    info = GeneratorInfo("sound.normalise", "Normalise", "audio", "sound", "1", "1", schema={"properties": {
        "audio": {"x-studio": {"media": "audio"}}, "loudness": {"default": -16, "minimum": -40, "maximum": -6},
        "peak": {"default": -1, "minimum": -12, "maximum": 0}}})
    loud = ArraySource({"a": ArrayMedia(np.full(48000, 1.5, np.float32))}, 48000)
    made, (clip,) = arriving.put_sound(Arrangement(), "music", "", 0.0, Arrived("audio", "a", "audio/wav", 1.0))
    for gain, wanted in ((0.0, {}), (6.0, {"loudness": -22.0, "peak": -7.0}), (-12.0, {"loudness": -6, "peak": 0})):
        old = edits.set_gain(made, [clip], gain).clip(clip)
        ask = asking.ask_effect(info, {}, "d", old, 0.0, 1.0, loud)
        assert {name: value for name, value in ask.params.items() if name != "audio"} == wanted
    heard = soundfile.read(io.BytesIO(next(iter(ask.media.values()))[0]()))[0]
    assert heard.max() == pytest.approx(1.5)
    assert heard.shape == (48000, 2)  # as loud as it is in the mix, where one channel sounds on both sides


def room_of(studio: Opened) -> Any:
    studio.bench.show_workspace("sound")
    room = studio.bench.room("sound")
    studio.qtbot.waitUntil(lambda: not room.pane.document.closed_because)
    return room


def send_all(studio: Opened, ask: Ask) -> list[Job]:
    with studio.qtbot.waitSignal(studio.desk.session.batch_queued) as queued:
        studio.desk.session.generate(ask)
    jobs: list[Job] = queued.args[0]
    return jobs


def send(studio: Opened, ask: Ask) -> Job:
    with studio.qtbot.waitSignal(studio.desk.session.batch_queued) as queued:
        studio.desk.session.generate(ask)
    (job,) = queued.args[0]
    studio.worker.begin(job)
    return job


def test_speech_is_heard_while_it_comes_and_one_step_takes_it_back(studio: Opened, qapp: QApplication) -> None:
    room = room_of(studio)
    target = {"document": room.document, "kind": "clip", "track": "", "start": 0.0, "make": "voice"}
    job = send(studio, Ask("speech.hibari", {"prompt": "One moon. Two moons.", "voice": "Heart"}, 1, {}, (), target))
    studio.worker.progress(job, 5)
    assert room.generating.places[job.id].share == 0.25
    heard: list[int] = []
    room.pane.player.stream = lambda samples, _rate: heard.append(len(samples))
    studio.worker.event.emit(AudioChunk(job.id, np.zeros(2400, "<f4").tobytes(), 24000, 1))
    assert heard == [2400]
    with studio.qtbot.waitSignal(room.generating.placed):
        studio.worker.finish(job, "audio", wav(), "audio/wav", seconds=2.5, sentences=list(SAID))
    document = room.pane.document
    assert [c.text for c in document.arrangement.clips] == ["One moon.", "Two moons."]
    assert not room.generating.places
    document.undo()
    assert not document.arrangement.clips
    assert not document.arrangement.tracks


def test_the_sound_of_notes_is_no_step_and_what_fails_is_said_where_it_would_be(studio: Opened) -> None:
    room = room_of(studio)
    target = {"document": room.document, "kind": "score", "track": "", "start": 0.0, "make": "notes"}
    job = send(studio, Ask("music.transformer", {"prompt": "a reel"}, 1, {}, (), target))
    score = Score((Part("p", 0, False, (Note(0, 60, 480), Note(480, 64, 480))),))
    with studio.qtbot.waitSignal(room.generating.placed):
        studio.worker.finish(job, "score", midi.write(score), "audio/midi")
    document = room.pane.document
    (clip,) = document.arrangement.clips
    assert clip.score
    assert not clip.media
    steps = len(document.history.entries)
    target = {"document": room.document, "kind": "render", "clip": clip.id, "score": clip.score, "hear": False}
    job = send(studio, Ask("music.render", {}, 1, {}, (), target))
    with studio.qtbot.waitSignal(room.generating.placed):
        studio.worker.event.emit(Result(job.id, "audio", wav(), "audio/wav", {"seconds": 2.5}, recipe(job)))
    assert document.arrangement.find(clip.id).media
    assert len(document.history.entries) == steps
    assert not arriving.is_stale(document.arrangement.find(clip.id))
    job = send(studio, Ask("music.render", {}, 1, {}, (), target))
    studio.worker.fail(job, ErrorReport("generator", "No instrument plays this."))
    assert room.generating.places[job.id].error == "No instrument plays this."
    assert room.failed(Failed(job.id, ErrorReport("generator", "x")), job)


def test_space_on_a_result_lets_it_be_heard(studio: Opened) -> None:
    room = room_of(studio)
    job = send(studio, Ask("speech.hibari", {"prompt": "One moon."}, 1, {}, (), {}))
    with studio.qtbot.waitSignal(studio.desk.session.result_stored) as stored:
        studio.worker.finish(job, "audio", wav(), "audio/wav", seconds=2.5)
    heard: list[int] = []
    room.pane.player.stream = lambda samples, rate: heard.append(round(len(samples) / rate * 10))
    studio.bench.results.play_requested.emit(stored.args[0].id)
    studio.qtbot.waitUntil(lambda: heard == [25])


def test_notes_among_the_results_are_rendered_and_heard(studio: Opened) -> None:
    room, qtbot = room_of(studio), studio.qtbot
    job = send(studio, Ask("music.transformer", {"prompt": "a reel"}, 1, {}, (), {}))
    score = Score((Part("p", 0, False, (Note(0, 60, 480),)),))
    with qtbot.waitSignal(studio.desk.session.result_stored) as stored:
        studio.worker.finish(job, "score", midi.write(score), "audio/midi")
    row, said = stored.args[0], list[str]()
    room.said.connect(said.append)
    studio.bench.results.play_requested.emit(row.id)
    assert said == ["The plugin that plays notes is not there; switch “music” on in Settings."]
    assert not room.hearing.result
    renderer = GeneratorInfo("music.render", "Render", "audio", "music", "1", "1", schema={"properties": {}})
    studio.worker.discovered.emit(Discovery((renderer,), (), {"type": "cpu"}))
    heard: list[int] = []
    room.pane.player.stream = lambda samples, rate: heard.append(round(len(samples) / rate * 10))

    def asked() -> Job:
        with qtbot.waitSignal(studio.desk.session.batch_queued) as queued:
            studio.bench.results.play_requested.emit(row.id)
        found: Job = queued.args[0][0]
        studio.worker.begin(found)
        return found

    job = asked()
    assert studio.bench.results.view.tiles.playing == (row.id, 0.0)
    studio.worker.fail(job, ErrorReport("generator", "No instrument plays this."))
    assert studio.bench.results.view.tiles.playing == ("", 0.0)
    job = asked()
    studio.worker.event.emit(Result(job.id, "audio", wav(), "audio/wav", {"seconds": 2.5}, recipe(job)))
    qtbot.waitUntil(lambda: heard == [25])
    assert studio.project.count_results() == 1


def test_a_text_of_another_workspace_is_spoken_at_the_cursor(studio: Opened) -> None:
    room = room_of(studio)
    said: list[str] = []
    room.said.connect(said.append)
    room.speak("One moon.")
    assert said == ["No voice is installed: nothing can be spoken."]


def test_four_results_are_four_takes_of_one_clip_and_one_step(studio: Opened) -> None:
    room = room_of(studio)
    document, takes, qtbot = room.pane.document, room.generating.takes, studio.qtbot
    target = {"document": room.document, "kind": "clip", "track": "", "start": 0.0, "make": "voice"}
    jobs = send_all(studio, Ask("speech.hibari", {"prompt": "One moon. Two moons."}, 4, {}, (), target))
    for place, job in enumerate(jobs):
        studio.worker.begin(job)
        if place == 2:
            studio.worker.fail(job, ErrorReport("generator", "No."))
            continue
        studio.worker.progress(job, 5)
        with qtbot.waitSignal(room.generating.placed):
            studio.worker.finish(job, "audio", wav(2.5 + place / 10), "audio/wav", seconds=2.5 + place / 10,
                                 sentences=list(SAID))
        if place == 0:
            assert takes.coming(document.arrangement.clips[0].id) == 3
    assert [len(clip.takes) for clip in document.arrangement.clips] == [3, 3]
    assert [clip.take for clip in document.arrangement.clips] == [0, 0]
    assert not takes.coming(document.arrangement.clips[0].id)
    assert room.makers.card.takes.label.text() == "Take 1 of 3"
    assert len(document.history.entries) == 2
    document.choose(clips=frozenset({document.arrangement.clips[0].id}))
    panel = room.makers.clip_panel
    assert [panel.take.itemText(n) for n in range(panel.take.count())] == ["1 of 3", "2 of 3", "3 of 3"]
    panel.take.chosen.emit("1")
    assert document.arrangement.clips[0].take == 1
    document.undo()
    assert panel.take.key() == "0"
    card = room.makers.card
    assert not card.buttons["regenerate"].compact
    card._fit(240)
    assert card.buttons["regenerate"].compact
    assert card.takes.label.width() >= card.takes.label.sizeHint().width()
    document.choose(clips=frozenset(clip.id for clip in document.arrangement.clips))
    heard: list[float] = []
    room.pane.player.play = heard.append
    takes.step(-1)
    assert [clip.take for clip in document.arrangement.clips] == [2, 2]
    assert heard == [0.0]
    document.undo()
    assert [clip.take for clip in document.arrangement.clips] == [0, 0]
    takes.keep()
    assert not any(clip.takes for clip in document.arrangement.clips)
    document.undo()
    takes.spread()
    assert len(document.arrangement.tracks) == 5
    assert [track.mute for track in document.arrangement.tracks] == [False, True, True, True, True]
    document.undo()
    document.undo()
    assert not document.arrangement.clips


def test_a_take_that_comes_after_a_restart_finds_its_clip(studio: Opened) -> None:
    room = room_of(studio)
    target = {"document": room.document, "kind": "clip", "track": "", "start": 0.0, "make": "voice"}
    one, two = send_all(studio, Ask("speech.hibari", {"prompt": "One moon. Two moons."}, 2, {}, (), target))
    for job in (one, two):
        studio.worker.begin(job)
        with studio.qtbot.waitSignal(room.generating.placed):
            studio.worker.finish(job, "audio", wav(2.5 + job.request.index / 10), "audio/wav", seconds=2.5,
                                 sentences=list(SAID))
        room.generating.takes._batches.clear()
    assert [len(clip.takes) for clip in room.pane.document.arrangement.clips] == [2, 2]


def test_asked_for_again_and_again_the_newest_take_is_held(studio: Opened) -> None:
    room = room_of(studio)
    document, qtbot = room.pane.document, studio.qtbot
    target = {"document": room.document, "kind": "clip", "track": "", "start": 0.0, "make": "voice"}
    job = send(studio, Ask("speech.hibari", {"prompt": "One moon. Two moons."}, 1, {}, (), target))
    with qtbot.waitSignal(room.generating.placed):
        studio.worker.finish(job, "audio", wav(), "audio/wav", seconds=2.5, sentences=list(SAID))
    one, said = document.arrangement.clips[0], list[str]()
    room.said.connect(said.append)
    target = {"document": room.document, "kind": "sentence", "clip": one.id, "was": one.media, "text": "One moon."}
    jobs = [send(studio, Ask("speech.hibari", {"prompt": "One moon."}, 1, {}, (), target)) for _ in range(3)]
    for place, job in enumerate(jobs):
        if place == 2:
            room.generating.takes.step(-1)
        with qtbot.waitSignal(room.generating.placed):
            studio.worker.finish(job, "audio", wav(1.0 + place / 10), "audio/wav", seconds=1.0 + place / 10)
        found = document.arrangement.clip(one.id)
        assert (found.take, len(found.takes)) == [(1, 2), (2, 3), (1, 4)][place]
    assert said == ["“One moon.” had been changed meanwhile; what was made is its take 4."]


def test_what_was_spoken_until_stop_is_a_take_of_as_many_sentences() -> None:
    before, clips = arriving.put_sound(Arrangement(), "voice", "", 0.0, spoken())
    cut = Arrived("audio", "b", "audio/wav", 1.1, sentences=SAID[:1], facts={"voice": "Heart"})
    after = arriving.more_sound(before, clips, cut)
    assert [len(after.clip(clip).takes) for clip in clips] == [2, 0]


def test_notes_written_anew_are_a_take_and_bars_too(studio: Opened) -> None:
    room = room_of(studio)
    document, qtbot = room.pane.document, studio.qtbot

    def tune(pitch: int) -> bytes:
        return midi.write(Score((Part("p", 0, False, tuple(Note(480 * n, pitch, 240) for n in range(16))),)))

    target = {"document": room.document, "kind": "score", "track": "", "start": 0.0, "make": "notes"}
    job = send(studio, Ask("music.transformer", {"prompt": "a reel"}, 1, {}, (), target))
    with qtbot.waitSignal(room.generating.placed):
        studio.worker.finish(job, "score", tune(60), "audio/midi")
    (clip,) = document.arrangement.clips
    for more in ({"task": "vary"}, {"task": "fill", "first_bar": 2, "last_bar": 3}):
        target = {"document": room.document, "kind": "score", "track": clip.track, "start": 0.0, "clip": clip.id,
                  "was": document.arrangement.clip(clip.id).score, **more}
        job = send(studio, Ask("music.transformer", {}, 1, {}, (), target))
        with qtbot.waitSignal(room.generating.placed):
            studio.worker.finish(job, "score", tune(62 if more["task"] == "vary" else 70), "audio/midi")
    found = document.arrangement.clip(clip.id)
    assert (found.take, len(found.takes)) == (2, 3)
    assert not found.media
    notes_of = [{n.pitch for n in midi.read(studio.project.media(take.score)[0])[0].parts[0].notes}
                for take in found.all_takes]
    assert notes_of == [{60}, {62}, {62, 70}]
    menu = room.pane.menus.clip_menu(found)
    (sub,) = [action.menu() for action in menu.actions() if action.text() == "Take 3 of 3"]
    assert [action.text() for action in sub.actions()][:3] == ["Take 1", "Take 2", "Take 3"]
    sub.actions()[0].trigger()
    assert document.arrangement.clip(clip.id).score == clip.score
