"""The Voice tab: cards from any plugin's schema, one draft for tab, form and bar, samples, the cast of a dialogue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from studio.engine.job import AudioChunk, ErrorReport, Finished, GeneratorInfo
from studio.project.manuscript.rows import Block, Prose
from studio.ui.requests import Ask
from studio.ui.sound.player import _Stream
from studio.ui.sound.voice.cards import GAP, VoiceGrid
from studio.ui.sound.voice.reading import PART, in_parts, parts_of, words_of_scene
from studio.ui.sound.voice.voices import Voice, assigned, field_of, part_of, voices_in, voices_of
from tests.ui.conftest import Opened
from tests.ui.fake_engine import FOUND

TOLD = {"ada": {"title": "Ada", "about": "warm, low", "language": "English"},
        "bram": {"about": "dry, close", "language": "Dutch", "sample": "Goedenavond."},
        "noor": {"language": "Dutch"}}
CHORUS = GeneratorInfo("chorus.speak", "Chorus", "audio", "chorus", "1.0", "1", schema={"properties": {
    "words": {"type": "string", "maxLength": 9000, "x-studio": {"role": "prompt"}},
    "who": {"enum": list(TOLD), "default": "ada", "x-studio": {"role": "voice", "choices": TOLD, "sample": "Hello."}},
    "pace": {"type": "number", "minimum": 0.5, "maximum": 2.0, "default": 1.0,
             "x-studio": {"role": "speed", "group": "Advanced"}},
    "turns": {"type": "boolean", "default": False, "x-studio": {"role": "dialogue"}},
    "people": {"type": "object", "x-studio": {"role": "speakers", "widget": "none"}},
    "so_many": {"type": "integer", "default": 0, "x-studio": {"role": "part", "widget": "none"}},
    "seed": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1, "default": 0, "x-studio": {"role": "seed"}}}})
FOLDER = GeneratorInfo("chorus.folder", "Folder", "audio", "chorus", "1.0", "1", schema={"properties": {
    "prompt": {"type": "string", "x-studio": {"role": "prompt"}},
    "voice": {"type": "string", "default": "", "x-studio": {"role": "voice", "choices_by": "chorus.names"}},
    "model": {"type": "string", "default": "mine", "x-studio": {"role": "model", "kinds": ["vits"]}}}})
NAMES = GeneratorInfo("chorus.names", "Names", "text", "chorus", "1.0", "1", schema={
    "x-studio": {"listed": False}, "properties": {
        "model": {"type": "string", "x-studio": {"role": "model", "kinds": ["vits"]}}}})
PLAY = "The door opened.\n\nAda: Come in!\nBen (tired): Thank you."


@pytest.fixture
def room(studio: Opened) -> Any:
    """Sound, with the plugin "chorus" installed and its speaker chosen."""
    studio.bench.show_workspace("sound")
    room = studio.bench.room("sound")
    studio.qtbot.waitUntil(lambda: not room.pane.document.closed_because, timeout=20000)
    studio.worker.discovered.emit(replace(FOUND, generators=(*FOUND.generators, CHORUS, FOLDER, NAMES)))
    studio.bench.composer.pick_generator("chorus.speak")
    room.makers.voice.refresh()
    return room


def jobs_of(studio: Opened, act: Any) -> list[Any]:
    """The jobs that something queues."""
    with studio.qtbot.waitSignal(studio.desk.session.batch_queued) as queued:
        act()
    return list(queued.args[0])


# ---------------------------------------------------------------- plain data

def test_cards_come_from_the_schema_alone() -> None:
    ada, bram, noor = voices_of(CHORUS.schema)
    assert (ada.title, ada.about, ada.language, ada.sample) == ("Ada", "warm, low", "English", "Hello.")
    assert (bram.title, bram.sample, noor.title, noor.about) == ("Bram", "Goedenavond.", "Noor", "")
    assert [v.key for v in voices_of(CHORUS.schema) if v.fits("dry CLOSE", "")] == ["bram"]
    assert [v.key for v in voices_of(CHORUS.schema) if v.fits("", "Dutch")] == ["bram", "noor"]
    assert list(part_of(CHORUS.schema)["properties"]) == ["pace"]
    assert "group" not in part_of(CHORUS.schema)["properties"]["pace"]["x-studio"]


@pytest.mark.parametrize("schema", [{}, {"properties": 3}, {"properties": {"voice": 7}}, {"properties": {
    "voice": {"enum": [1, None, "a"], "x-studio": {"choices": {"a": 5}}}}}])
def test_a_schema_of_any_shape_gives_voices_or_none(schema: Any) -> None:
    assert [voice.key for voice in voices_of(schema)] in ([], ["a"])
    assert voices_in("no json", schema) == []
    assert field_of(schema, "pitch") == ""


def test_each_name_gets_a_voice_and_keeps_it() -> None:
    voices = [Voice(key, key) for key in "abc"]
    assert assigned(["Ann", "Ben", "Cid"], {"Ben": "c"}, voices, "a") == {"Ann": "b", "Ben": "c", "Cid": "b"}
    assert assigned(["Ann"], {"Ann": "gone"}, voices, "a") == {"Ann": "b"}
    assert assigned(["Ann"], {}, [], "a") == {}


def test_a_long_text_is_cut_between_paragraphs_and_nothing_is_lost() -> None:
    text = "\n\n".join(f"Paragraph {n}. " + "It goes on and on. " * 30 for n in range(40)) + "\n\n" + "x" * 3 * PART
    parts = parts_of(text)
    assert max(map(len, parts)) <= PART
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(part.startswith(("Paragraph", "x")) for part in parts)
    asked = in_parts(Ask("chorus.speak", {"words": text, "seed": 3}), CHORUS.schema)
    assert [cell["words"] for cell in asked.cells] == parts
    assert asked.target["parts"] == len(parts)
    short = Ask("chorus.speak", {"words": "One."})
    assert in_parts(short, CHORUS.schema) is short


def test_a_scene_is_read_without_breaks_and_pictures() -> None:
    prose = Prose("One\ufffc.\n* * *\n\nTwo.", (Block(), Block("break"), Block(), Block()))
    assert words_of_scene(prose) == "One.\n\nTwo."


def test_sound_that_waits_is_small_and_heard_in_the_rate_of_the_device() -> None:
    stream = _Stream(48000)
    stream.add(np.sin(np.arange(2400) * 0.1) * 0.5, 24000)
    stream.add(np.full((480, 2), 0.25), 48000)
    assert stream.left == 4800 + 480
    assert stream._parts[0][0].nbytes == 2400 * 2
    heard = np.zeros((6000, 2), np.float32)
    for start in range(0, 6000, 500):
        stream.mix(heard[start:start + 500])
    assert not stream.waiting
    assert np.array_equal(heard[:4800, 0], heard[:4800, 1])
    assert np.abs(heard[200:4600, 0] - np.sin(np.arange(200, 4600) * 0.05) * 0.5).max() < 0.01
    assert heard[4800:5280] == pytest.approx(0.25, abs=1e-4)
    assert not heard[5280:].any()
    stream.add(np.zeros(10), 24000)
    stream.clear()
    assert stream.left == 0


# ---------------------------------------------------------------- the tab

def test_tab_form_and_request_are_one(studio: Opened, room: Any) -> None:
    panel, composer, form = room.makers.voice.panel, studio.bench.composer, studio.bench.inspector.form
    assert panel.count.text() == "3"
    assert panel.grid.chosen() == "ada"
    panel.grid.take(panel.grid.cards["bram"])
    assert composer.draft.values["who"] == form.values()["who"] == "bram"
    form.editor("who").set_value("noor")
    form.editor("who").changed.emit()
    studio.qtbot.waitUntil(lambda: panel.grid.chosen() == "noor")
    tab = panel.form("chorus.speak")
    tab.editor("pace").set_value(1.5)
    tab.editor("pace").changed.emit()
    assert form.values()["pace"] == 1.5
    studio.bench.bar.prompt.set_text("One moon.")
    (job,) = jobs_of(studio, composer.generate)
    assert {name: job.request.params[name] for name in ("who", "pace", "words")} == {
        "who": "noor", "pace": 1.5, "words": "One moon."}


def test_keys_walk_and_choose_a_search_finds(studio: Opened, room: Any) -> None:
    grid, qtbot = room.makers.voice.panel.grid, studio.qtbot
    heard: list[str] = []
    grid.heard.connect(heard.append)
    cards = grid.cards
    cards["ada"].setFocus()
    qtbot.keyClick(cards["ada"], Qt.Key.Key_Right)
    qtbot.keyClick(cards["bram"], Qt.Key.Key_Space)
    assert heard == ["bram"]
    qtbot.keyClick(cards["bram"], Qt.Key.Key_Return)
    assert grid.chosen() == "bram"
    assert grid.find("close", "") == 1
    assert [card.isHidden() for card in cards.values()] == [True, False, True]
    room.makers.voice.panel.language.set_key("Dutch")
    room.makers.voice.panel.language.chosen.emit("Dutch")
    assert room.makers.voice.panel.count.text() == "2 of 3"


def test_cards_of_many_voices_lie_two_in_a_row_without_gaps(studio: Opened) -> None:
    grid = VoiceGrid(studio.desk.theme)
    studio.qtbot.addWidget(grid)
    grid.resize(300, 200)
    grid.show()
    grid.set_voices([Voice(str(number), f"Speaker {number}") for number in range(45)])

    def laid() -> list[tuple[str, int, int]]:
        cards = [card for card in grid.cards.values() if not card.isHidden()]
        width, height = grid.cards["0"].width() + GAP, grid.cards["0"].height() + GAP
        return sorted((card.voice.key, card.y() // height, card.x() // width) for card in cards)

    for words in ("", "3", ""):
        keys = [str(number) for number in range(45) if words in f"Speaker {number}"]
        assert grid.find(words, "") == len(keys)
        wanted = sorted((key, number // 2, number % 2) for number, key in enumerate(keys))
        studio.qtbot.waitUntil(lambda wanted=wanted: laid() == wanted)
        assert max(card.geometry().bottom() for card in grid.cards.values() if not card.isHidden()) == grid.height() - 1
    grid.resize(500, grid.height())
    assert grid.cards["1"].geometry().right() == 499


def test_a_sample_is_made_once_and_lies_nowhere(studio: Opened, room: Any) -> None:
    control, heard = room.makers.voice, []
    room.pane.player.stream = lambda samples, rate: heard.append((len(samples), rate))
    card = control.panel.grid.cards["bram"]
    (job,) = jobs_of(studio, lambda: studio.qtbot.mouseClick(
        card, Qt.MouseButton.LeftButton, pos=QPoint(*map(round, card.disc().center().toTuple()))))
    assert control.panel.grid.chosen() == "ada", "hearing is not choosing"
    assert (job.request.params["words"], job.request.params["who"]) == ("Goedenavond.", "bram")
    assert card.state == "waiting"
    studio.worker.begin(job)
    studio.worker.event.emit(AudioChunk(job.id, np.zeros(2400, "<f4").tobytes(), 24000, 1))
    studio.worker.event.emit(Finished(job.id, 0.1))
    assert heard == [(2400, 24000)]
    control.samples.stop()
    control.hear("bram")
    assert heard == [(2400, 24000)] * 2
    assert not room.pane.document.arrangement.clips
    assert not studio.project.count_results()
    control.hear("bram")
    assert control.samples.state == ""
    (job,) = jobs_of(studio, lambda: control.hear("noor"))
    studio.worker.fail(job, ErrorReport("generator", "This voice is damaged."))
    assert studio.bench.error.message.text() == "This voice is damaged."
    assert card.state == ""


def test_the_voices_of_a_model_are_asked_of_its_plugin(studio: Opened, room: Any) -> None:
    control = room.makers.voice
    (job,) = jobs_of(studio, lambda: (studio.bench.composer.pick_generator("chorus.folder"), control.refresh()))
    assert (job.request.generator, job.request.params) == ("chorus.names", {"model": "mine"})
    assert control.panel.note.text() == "The voices of this model are being read…"
    with studio.qtbot.waitSignal(control.book.changed):
        studio.worker.finish_text(job, '{"Speaker 1": {}, "Speaker 2": {"about": "old"}}')
    assert list(control.panel.grid.cards) == ["Speaker 1", "Speaker 2"]
    assert control.panel.grid.chosen() == "Speaker 1"
    control.panel.grid.take(control.panel.grid.cards["Speaker 2"])
    (job,) = jobs_of(studio, lambda: (studio.bench.composer.edit_values(model="other"), control.refresh()))
    with studio.qtbot.waitSignal(control.book.changed):
        studio.worker.finish_text(job, '{"anna": {}}')
    assert studio.bench.composer.draft.values["voice"] == "anna", "the other model has no Speaker 2"


def test_a_generator_without_a_voice_has_one_line_and_one_button(studio: Opened, room: Any) -> None:
    control = room.makers.voice
    studio.bench.composer.pick_generator("language.text")
    control.refresh()
    assert control.panel.body.isHidden()
    assert control.panel.nobody.text() == "Writer does not speak."
    control.panel.instead.click()
    assert studio.bench.composer.draft.generator == "chorus.speak"


# ---------------------------------------------------------------- dialogue

def test_the_cast_follows_the_text_and_is_remembered(studio: Opened, room: Any) -> None:
    control, composer = room.makers.voice, studio.bench.composer
    studio.bench.bar.prompt.set_text(PLAY)
    (job,) = jobs_of(studio, composer.generate)
    assert "people" not in job.request.params
    control.panel.cast.switch.click()
    studio.qtbot.waitUntil(lambda: list(control.panel.cast.rows) == ["", "Ada", "Ben"])
    assert composer.draft.values["people"] == {"Ada": "bram", "Ben": "noor"}
    control.panel.cast.picked.emit("Ben", "ada")
    control.panel.cast.picked.emit("", "noor")
    (job,) = jobs_of(studio, composer.generate)
    assert (job.request.params["turns"], job.request.params["people"], job.request.params["who"]) == (
        True, {"Ada": "bram", "Ben": "ada"}, "noor")
    studio.bench.inspector.form.editor("pace").changed.emit()
    assert composer.draft.values["people"] == {"Ada": "bram", "Ben": "ada"}, "the form has no field for it"
    studio.bench.bar.prompt.set_text("Cid: Who is there?\nBen: I am.")
    studio.bench.composer.generate()  # at once, before the tab has looked
    studio.qtbot.waitUntil(lambda: list(control.panel.cast.rows) == ["", "Cid", "Ben"])
    studio.qtbot.waitUntil(lambda: studio.project.get_state("sound.cast") == {
        "chorus.speak": {"Ada": "bram", "Ben": "ada", "Cid": "bram"}})


def test_a_long_prompt_becomes_parts_behind_each_other(studio: Opened, room: Any) -> None:
    from tests.ui.test_sound_making import wav

    studio.bench.bar.prompt.set_text("\n\n".join(["It was a long night. " * 100] * 5))
    jobs = jobs_of(studio, studio.bench.composer.generate)
    assert len(jobs) == 3
    assert {job.request.batch for job in jobs} == {jobs[0].request.batch}
    document = room.pane.document
    for number, job in enumerate(jobs):
        studio.worker.begin(job)
        studio.worker.progress(job, 3)
        assert room.generating.places[job.id].target["start"] == pytest.approx(number * 2.75)
        with studio.qtbot.waitSignal(room.generating.placed):
            studio.worker.finish(job, "audio", wav(), "audio/wav", seconds=2.5, sentences=[
                {"text": f"Part {number}.", "start": 0.0, "end": 2.5, "voice": "ada"}])
    assert [(clip.text, clip.start, clip.takes) for clip in document.arrangement.clips] == [
        ("Part 0.", 0.0, ()), ("Part 1.", 2.75, ()), ("Part 2.", 5.5, ())]
    document.undo()
    assert not document.arrangement.clips


def test_a_scene_is_put_into_the_prompt_and_keeps_its_title(studio: Opened, room: Any) -> None:
    project, scenes, bar = studio.project, room.makers.scenes, studio.bench.bar
    said: list[str] = []
    room.said.connect(said.append)
    scenes.ask()
    studio.qtbot.waitUntil(lambda: said == ["There is no scene with words in the manuscript yet."])
    book = project.documents("manuscript")
    document = book[0].id if book else project.add_document("manuscript", "Manuscript").result().id
    for title, text in (("The drawer", "One.\nTwo."), ("The lamp", "It woke.")):
        node = project.add_node(document, "scene", title).result()
        project.set_prose(node.id, Prose(text), 0).result()
    scenes.ask()
    studio.qtbot.waitUntil(lambda: scenes.picker is not None)
    picker = scenes.picker
    picker.search.setText("lamp")
    assert picker.list.currentItem().text() == "The lamp"
    picker.search.setText("drawer")
    studio.qtbot.keyClick(picker.list, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    studio.qtbot.waitUntil(lambda: bar.prompt.text() == "One.\n\nTwo.")
    (job,) = jobs_of(studio, studio.bench.composer.generate)
    assert job.request.target["scene"] == "The drawer"
    bar.prompt.set_text("Something else.")
    (job,) = jobs_of(studio, studio.bench.composer.generate)
    assert "scene" not in job.request.target
    studio.bench.show_workspace("write")
    (job,) = jobs_of(studio, lambda: studio.bench.room("write").work.scenes.read_into_sound(node.id))
    assert studio.bench.workspace == "sound"
    assert (job.request.params["words"], job.request.target["scene"]) == ("It woke.", "The lamp")


def test_stop_silences_what_goes_on_being_made(studio: Opened, room: Any) -> None:
    heard: list[int] = []
    room.pane.player.stream = lambda samples, _rate: heard.append(len(samples))
    studio.bench.bar.prompt.set_text("One moon. Two moons.")
    (job,) = jobs_of(studio, studio.bench.composer.generate)
    studio.worker.begin(job)
    chunk = AudioChunk(job.id, np.zeros(2400, "<f4").tobytes(), 24000, 1)
    studio.worker.event.emit(chunk)
    room.pane.player.stop()
    studio.worker.event.emit(chunk)
    assert heard == [2400]
    assert room.generating.places[job.id].heard == pytest.approx(0.2)


# ---------------------------------------------------------------- a sentence

def test_a_chosen_sentence_shows_how_it_was_said_and_is_spoken_again(studio: Opened, room: Any) -> None:
    from tests.ui.test_sound_making import wav

    control, panel = room.makers.voice, room.makers.voice.panel
    room.makers.speak("One moon.", scene="The drawer")
    studio.qtbot.waitUntil(lambda: bool(studio.worker.jobs))
    job = studio.worker.jobs[-1]
    with studio.qtbot.waitSignal(room.generating.placed):
        studio.worker.finish(job, "audio", wav(), "audio/wav", seconds=2.5, sentences=[
            {"text": "One moon.", "start": 0.0, "end": 2.5, "voice": "bram"}])
    (clip,) = room.pane.document.arrangement.clips
    assert clip.name == "The drawer"
    assert control._clip == clip
    assert not control.on_sentence, "what was just made does not take the tab away from the draft"
    room.makers.open(clip.id)
    assert control.on_sentence
    assert panel.sentence.words() == "One moon."
    assert panel.sentence.where.text() == "At 0:00.0 · from “The drawer”"
    assert panel.grid.chosen() == "bram"
    panel.grid.take(panel.grid.cards["noor"])
    assert studio.bench.composer.draft.values.get("who", "ada") == "ada", "the draft is another thing"
    panel.sentence.text.set_text("Two moons.")
    panel.sentence.text.setFocus()
    (job,) = jobs_of(studio, lambda: studio.qtbot.keyClick(panel.sentence.text, Qt.Key.Key_Return,
                                                           Qt.KeyboardModifier.ControlModifier))
    assert job.request.target["kind"] == "sentence", "Ctrl+Enter is not Generate here"
    assert (job.request.params["who"], job.request.params["words"], job.request.params["turns"]) == (
        "noor", "Two moons.", False)
    assert not panel.sentence.button.isEnabled()
    with studio.qtbot.waitSignal(room.generating.placed):
        studio.worker.finish(job, "audio", wav(), "audio/wav", seconds=2.5, sentences=[
            {"text": "Two moons.", "start": 0.0, "end": 2.5, "voice": "noor"}])
    assert room.pane.document.arrangement.find(clip.id).text == "Two moons."
    assert panel.sentence.words() == "Two moons."
    studio.bench.bar.prompt.set_text("And so on.")
    assert not control.on_sentence
