"""The window as a person uses it: make, choose, keep, undo, write, queue, close, come back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit

from studio.engine.job import ErrorReport, JobState
from studio.ui.firstrun import MAKINGS
from tests.ui import fake_engine
from tests.ui.conftest import Opened
from tests.ui.fake_engine import FOUND, png


def press(studio: Opened, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    studio.qtbot.keyClick(QApplication.focusWidget() or studio.window, key, modifier)


def test_first_prompt_on_the_start_screen_makes_a_picture(open_studio: Any) -> None:
    studio = open_studio()
    assert studio.window.at_start
    studio.window.start.prompt.set_text("a blue car")
    studio.qtbot.keyClick(studio.window.start.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    studio.qtbot.waitUntil(lambda: bool(studio.workers and studio.worker.jobs))
    job = studio.worker.jobs[0]
    assert job.request.generator == "diffusion.image"
    assert job.request.params["prompt"] == "a blue car"
    assert not studio.window.at_start


@pytest.mark.parametrize("kind", ["text", "speech", "music"])
def test_the_start_screen_begins_in_the_right_workspace(open_studio: Any, monkeypatch: pytest.MonkeyPatch,
                                                        kind: str) -> None:
    sounds = [replace(fake_engine.WRITER, id=name, produces=makes) for name, makes in (
        ("speech.hibari", "audio"), ("music.transformer", "score"))]
    monkeypatch.setattr(fake_engine, "FOUND", replace(FOUND, generators=(*FOUND.generators, *sounds)))
    studio, making = open_studio(), MAKINGS[kind]
    studio.window.start.kind.set_current(kind)
    studio.window.start.prompt.set_text("a slow waltz")
    studio.qtbot.mouseClick(studio.window.start.go, Qt.MouseButton.LeftButton)
    studio.qtbot.waitUntil(lambda: bool(studio.workers and studio.worker.jobs))
    assert studio.bench.workspace == making.workspace
    request = studio.worker.jobs[0].request
    assert request.params["prompt"] == "a slow waltz"
    assert request.generator == (making.generator or "language.text")


def test_an_empty_prompt_makes_the_first_example(open_studio: Any) -> None:
    studio = open_studio()
    studio.window.start.kind.set_current("music")
    studio.window.start.kind.changed.emit("music")
    assert studio.window.start.prompt.placeholderText() == "A slow waltz in D minor"
    with studio.qtbot.waitSignal(studio.window.start.made) as made:
        studio.qtbot.mouseClick(studio.window.start.go, Qt.MouseButton.LeftButton)
    assert made.args == ["music", "a slow waltz in D minor"]


def test_ctrl_enter_in_the_prompt_generates(studio: Opened) -> None:
    studio.bench.bar.focus_prompt()
    studio.bench.bar.prompt.set_text("a red apple")
    with studio.qtbot.waitSignal(studio.desk.session.batch_queued):
        press(studio, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    studio.qtbot.waitUntil(lambda: len(studio.worker.jobs) == 1)
    params = studio.worker.jobs[0].request.params
    assert params["prompt"] == "a red apple"
    assert (params["width"], params["height"]) == (256, 256)


def test_four_candidates_flip_keep_and_undo(studio: Opened) -> None:
    jobs = studio.ask("a star", 4)
    assert [j.request.params["seed"] for j in jobs] == [jobs[0].request.params["seed"] + i for i in range(4)]
    studio.worker.begin(jobs[0])
    studio.worker.progress(jobs[0], 10, png())
    assert studio.bench.bar.action.currentWidget() is studio.bench.bar.pill
    for number, job in enumerate(jobs):
        with studio.qtbot.waitSignal(studio.desk.session.result_stored):
            studio.worker.finish_picture(job, (40 * number, 80, 120))
    canvas = studio.bench.canvas
    canvas.setFocus()
    press(studio, Qt.Key.Key_Down)
    press(studio, Qt.Key.Key_Return)
    studio.qtbot.waitUntil(lambda: len(canvas.document.picture.layers) == 2)
    assert studio.project.count_results() == 4
    (kept,) = [layer for layer in kept_layers(studio) if layer.result]
    assert studio.project.result(kept.result).meta["width"] == 64
    assert kept.bounds() == tuple(canvas.frame_rect().getRect())
    studio.desk.open.undo()
    assert not [layer for layer in kept_layers(studio) if layer.result]
    studio.desk.open.redo()
    assert [layer.result for layer in kept_layers(studio) if layer.result] == [kept.result]


def kept_layers(studio: Opened) -> list[Any]:
    """The layers of the canvas as the project file has them."""
    control = studio.bench.canvas_room.control
    control.flush()
    studio.project.flush(5)
    return [layer for layer, _ in studio.project.paint(control.document).walk()]


def test_each_generate_rolls_a_seed_unless_it_is_locked(studio: Opened) -> None:
    first, second = studio.ask("x")[0], studio.ask("x")[0]
    assert first.request.params["seed"] != second.request.params["seed"]
    studio.desk.open.toggle_seed()
    third, fourth = studio.ask("x")[0], studio.ask("x")[0]
    assert third.request.params["seed"] == fourth.request.params["seed"] == second.request.params["seed"]


def test_stop_cancels_the_whole_batch(studio: Opened) -> None:
    jobs = studio.ask("a star", 4)
    studio.worker.begin(jobs[0])
    studio.desk.open.stop()
    assert {studio.worker.job(j.id).state for j in jobs} == {JobState.CANCELLED}
    assert studio.bench.bar.action.currentWidget() is studio.bench.bar.button


def test_image_to_image_starts_from_what_lies_under_the_frame(studio: Opened) -> None:
    row = studio.make("a red apple")
    studio.desk.open.start_from(row)
    studio.qtbot.waitUntil(lambda: studio.bench.canvas_room.control.can_start_from_canvas())
    (job,) = studio.ask("a green apple")
    reference = job.request.params["init_image"]
    data, media_type = studio.project.media(reference["media"])
    assert media_type == "image/png"
    assert data.startswith(b"\x89PNG")
    assert row.media in job.request.parents


def test_delete_and_undo_in_the_strip(studio: Opened) -> None:
    row = studio.make()
    strip = studio.bench.results
    studio.qtbot.waitUntil(lambda: strip.has(row.id))
    strip.deleted.emit(row.id)
    studio.qtbot.waitUntil(lambda: not strip.has(row.id))
    studio.desk.open.results.undo.undo()
    studio.qtbot.waitUntil(lambda: strip.has(row.id))


def test_star_reaches_the_project(studio: Opened) -> None:
    row = studio.make()
    studio.bench.results.starred.emit(row.id, True)
    studio.qtbot.waitUntil(lambda: studio.project.result(row.id).starred)


def test_run_again_asks_for_the_same(studio: Opened) -> None:
    row = studio.make("a red apple")
    with studio.qtbot.waitSignal(studio.desk.session.batch_queued) as queued:
        studio.desk.session.run_again(row)
    again = queued.args[0][0].request
    assert again.params == row.recipe["params"]


def test_export_and_drag_carry_the_recipe(studio: Opened, tmp_path: Path) -> None:
    from studio.project.inspect import inspect_file

    row = studio.make("a red apple")
    path = studio.desk.open.results.write(row, tmp_path / "a.png")
    assert inspect_file(path)["recipe"]["params"]["prompt"] == "a red apple"
    dragged = Path(studio.desk.open.results.export_for_drag(row.id))
    assert dragged.read_bytes() == path.read_bytes()


def test_a_passage_streams_and_one_undo_takes_it_back(studio: Opened) -> None:
    studio.desk.go("write")
    write = studio.bench.write
    studio.qtbot.keyClicks(write.page, "Once there was a lamp.")
    (job,) = studio.ask("")
    context = studio.project.media(job.request.params["context"]["media"])[0].decode()
    assert context == "Once there was a lamp."
    studio.worker.begin(job)
    for token in (" It", " was", " old."):
        studio.worker.token(job, token)
    studio.qtbot.waitUntil(lambda: write.text().endswith(" old."))
    with studio.qtbot.waitSignal(studio.desk.session.result_stored):
        studio.worker.finish(job, "text", b" It was old.", "text/plain; charset=utf-8", tokens=3)
    studio.qtbot.waitUntil(lambda: not write.streaming())
    studio.desk.open.undo()
    assert write.text() == "Once there was a lamp."
    studio.desk.open.redo()
    assert write.text() == "Once there was a lamp. It was old."


def test_failed_job_names_the_culprit_and_can_be_tried_again(studio: Opened) -> None:
    (job,) = studio.ask("x")
    report = ErrorReport("crash", "Picture (diffusion) crashed and was stopped.", "SIGSEGV", plugin="diffusion")
    studio.worker.begin(job)
    studio.worker.fail(job, report)
    card = studio.bench.error
    assert card.isVisible()
    assert "crashed" in card.message.text()
    card.button.click()
    assert studio.worker.job(job.id).state is JobState.WAITING
    assert not card.isVisible()


def test_a_refused_value_is_shown_at_its_field(studio: Opened) -> None:
    (job,) = studio.ask("x")
    studio.worker.fail(job, ErrorReport("params", "Steps must be at most 150.", field="steps"))
    assert studio.bench.inspector.form.error("steps") == "Steps must be at most 150."


def test_everything_is_there_after_the_window_closes(open_studio: Any) -> None:
    studio = open_studio()
    studio.desk.new_project()
    studio.make()
    assert studio.bench.canvas.keep_candidate()
    (waiting,) = studio.ask("a dragon")
    studio.desk.go("write")
    studio.qtbot.keyClicks(studio.bench.write.page, "Typed just now")
    path = studio.project.path
    studio.window.close()
    again = open_studio(path)
    assert again.bench.workspace == "write"
    assert again.bench.write.text() == "Typed just now"
    again.qtbot.waitUntil(lambda: any(layer.result for layer in again.bench.canvas.document.picture.layers))
    assert [job.id for job in again.desk.session.interrupted] == [waiting.id]
    again.qtbot.waitUntil(lambda: again.bench.notice.isVisible())
    assert again.bench.composer.drafts["canvas"].prompt == "a dragon"


def test_a_second_window_on_the_same_project_is_refused_with_a_sentence(open_studio: Any, studio: Opened) -> None:
    second = open_studio(studio.project.path)
    assert second.window.at_start
    assert second.window.start.notice.text()
    assert second.desk.open is None


def test_files_that_are_no_pictures_get_a_sentence(studio: Opened, tmp_path: Path) -> None:
    from PySide6.QtCore import QPointF

    (tmp_path / "a.png").write_bytes(b"not a picture")
    studio.desk.open.take_files([str(tmp_path / "a.png"), str(tmp_path / "gone.png")], QPointF(0, 0))

    def said() -> None:
        text = studio.bench.notice.accessibleName()  # its label breaks long words
        assert all(name in text for name in ("a.png", "gone.png")), text

    studio.qtbot.waitUntil(said)
    assert len(studio.bench.canvas.document.picture.layers) == 1


def test_palette_finds_and_runs_a_command(studio: Opened) -> None:
    studio.desk.show_palette()
    assert studio.desk.palette.is_open()
    studio.desk.commands.run("workspace.write")
    assert studio.bench.workspace == "write"


def test_f6_walks_the_regions(studio: Opened) -> None:
    seen = []
    for _ in range(8):
        studio.window.next_region(1)
        seen.append(QApplication.focusWidget())
    assert len({id(w) for w in seen}) >= 4
    studio.window.next_region(-1)


def test_everything_that_takes_the_keyboard_has_a_name(studio: Opened) -> None:
    for workspace in ("canvas", "write"):
        studio.desk.go(workspace)
        nameless = [w for kind in (QAbstractButton, QLineEdit, QPlainTextEdit) for w in studio.window.findChildren(kind)
                    if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
                    and not w.accessibleName() and not getattr(w, "text", str)()]
        assert nameless == []


def test_both_themes_and_200_percent(studio: Opened) -> None:
    studio.make()
    for mode, scale in (("light", 1.0), ("dark", 2.0), ("light", 2.0), ("dark", 1.0)):
        studio.desk.theme.set_mode(mode)
        studio.desk.theme.set_text_scale(scale)
        assert not studio.window.grab().isNull()


def test_the_inspector_folds_as_soon_as_the_text_is_large(studio: Opened) -> None:
    studio.window.resize(1280, 800)
    inspector, theme = studio.bench.inspector, studio.desk.theme
    studio.qtbot.waitUntil(inspector.isVisible)
    theme.set_text_scale(2.0)
    studio.qtbot.waitUntil(inspector.isHidden)
    theme.set_text_scale(1.0)
    studio.qtbot.waitUntil(inspector.isVisible)


def test_a_20000_character_prompt_and_odd_scripts(studio: Opened) -> None:
    for prompt in ("x" * 20_000, "🍎👩‍🚀 apple", "تفاحة حمراء", "\u202eabc"):
        (job,) = studio.ask(prompt)
        assert job.request.params["prompt"] == prompt


def test_queue_is_reordered_and_paused_from_its_view(studio: Opened) -> None:
    jobs = studio.ask("a", 2) + studio.ask("b", 1)
    studio.desk.open.queue.moved.emit(jobs[2].id, 0)
    assert studio.worker.jobs[0].id == jobs[2].id
    studio.desk.open.queue.paused.emit(True)
    assert studio.worker.paused
    assert studio.window.top.queue.strong == "Paused"


def test_candidates_stay_in_their_places_when_the_theme_changes(studio: Opened) -> None:
    studio.ask("a star", 4)
    column = studio.bench.canvas.column
    before = [button.geometry() for button in column.buttons]
    studio.desk.theme.set_mode("light")
    assert [button.geometry() for button in column.buttons] == before
    assert len({(g.x(), g.y()) for g in before}) == 4


def test_a_new_canvas_shows_its_frame_at_full_size(studio: Opened) -> None:
    canvas = studio.bench.canvas
    assert canvas.scale() == 1.0
    frame = canvas.view.frame_on_screen()
    assert canvas.rect().toRectF().contains(frame)


def test_the_zoom_badge_and_the_prompt_bar_do_not_overlap(studio: Opened) -> None:
    for width in (1000, 1280, 1440, 1900):
        studio.window.resize(width, 860)
        QApplication.processEvents()
        bar = studio.bench.bar.geometry()
        assert not studio.bench.canvas.badge.geometry().intersects(bar), width


def test_what_belongs_below_the_form_of_pictures_is_seen_nowhere_else(studio: Opened) -> None:
    controls = studio.bench.canvas_room.controls
    studio.bench.show_workspace("write")
    studio.worker.discovered.emit(FOUND)
    studio.bench.canvas_room.controls.set_kinds(("edges",))
    assert not controls.isVisible()
