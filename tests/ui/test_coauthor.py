"""The co-author in a real window over the fake engine: ghost text, cards, branches, chat, notes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from studio.engine.job import ErrorReport, Job
from studio.project.manuscript.authorship import Shares
from studio.project.manuscript.rows import Note
from studio.ui.write.assist.actions import SHORTEN
from studio.ui.write.assist.alternatives import SHADOW, beginning_of
from studio.ui.write.assist.codepage import by_line
from studio.ui.write.assist.figures import percents
from studio.ui.write.assist.ghoststate import Option
from studio.ui.write.assist.parts import ActionButton
from tests.ui.conftest import Opened

Key, Mod = Qt.Key, Qt.KeyboardModifier
STORY = "She steered toward"
PLAIN = "She was very scared of the dark."


class Writing:
    """A person at the page of a window."""

    def __init__(self, studio: Opened) -> None:
        self.studio, self.qtbot = studio, studio.qtbot
        studio.desk.go("write")
        self.bench = studio.bench
        self.co = self.bench.room("write").coauthor
        self.pane, self.page = self.bench.write, self.bench.write.page
        self.co.tab._set(ghost="asked")
        self.page.setFocus()

    def type(self, text: str) -> None:
        for number, line in enumerate(text.split("\n")):
            if number:
                self.key(Key.Key_Return)
            self.qtbot.keyClicks(self.page, line)

    def key(self, key: Key, modifier: Mod = Mod.NoModifier) -> None:
        self.qtbot.keyClick(self.page, key, modifier)

    def queued(self, act: Any) -> list[Job]:
        """Do something that asks the machine, and give the jobs."""
        with self.qtbot.waitSignal(self.studio.desk.session.batch_queued) as queued:
            act()
        jobs: list[Job] = queued.args[0]
        self.qtbot.waitUntil(lambda: jobs[0].id in {job.id for job in self.studio.worker.jobs})
        return jobs

    def ghost(self, *tokens: str, options: Any = ()) -> Job:
        """Ask for a ghost and let the machine say this."""
        (job,) = self.queued(self.co.ghost.ask)
        self.answer(job, *tokens, options=options)
        return job

    def answer(self, job: Job, *tokens: str, options: Any = ()) -> None:
        worker = self.studio.worker
        worker.begin(job)
        for token in tokens:
            worker.token(job, token)
        found = [{"start": sum(map(len, tokens[:n])), "length": len(token), "options": list(options)}
                 for n, token in enumerate(tokens)] if options else []
        worker.finish_text(job, "".join(tokens), alternatives=found)

    def stored(self, act: Any) -> Any:
        with self.qtbot.waitSignal(self.studio.desk.session.result_stored) as stored:
            act()
        return stored.args[0]

    def text(self) -> str:
        return self.pane.text()

    def undo_all(self) -> str:
        while self.pane.can_undo():
            self.pane.undo()
        return self.text()


@pytest.fixture
def at(studio: Opened) -> Writing:
    studio.worker.discover()
    return Writing(studio)


# ---------------------------------------------------------------- ghost text


def test_a_ghost_is_beside_the_text_and_in_neither_text_nor_undo(at: Writing) -> None:
    at.type(STORY)
    job = at.ghost(" the", " one", " patch")
    assert job.request.target["kind"] == "live"
    assert job.request.params["alternatives"] == 10
    assert at.co.ghost.shown == " the one patch"
    assert at.text() == STORY
    assert at.studio.project.count_results() == 0
    at.key(Key.Key_Escape)
    assert not at.co.ghost.shown
    assert at.co.figures.counts.rejected == 1
    assert at.undo_all() == ""


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 800)])
def test_ghost_and_its_keys_stand_clear_of_the_prompt_bar_and_the_list_clear_of_the_line(
        at: Writing, size: tuple[int, int]) -> None:
    window = at.studio.window
    window.resize(*size)
    at.pane.load("\n".join(["A paragraph that is here so that the page is full."] * 30) + f"\n{STORY}")
    at.pane.set_cursor_position(len(at.text()))
    at.ghost(" the", " lighthouse, and then on for as long as there was a lighthouse to steer to.",
             options=[[" the", 0.6], [" a", 0.2]])
    room, page = at.co.painter._room, at.page
    assert room is not None
    for _ in range(2):
        at.qtbot.waitUntil(lambda: room.rect().bottom() <= page.viewport().height() - page.bottom_inset)
        words = at.co.other_words.list
        inner = words.geometry().adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
        line = at.page.caret_rect().toRect().translated(page.viewport().mapTo(at.pane, QPoint()))
        assert words.isVisible()
        assert not inner.intersects(line)
        window.resize(size[0], size[1] - 60)


def test_footnotes_stand_below_the_ghost_of_the_last_paragraph(at: Writing) -> None:
    at.type(STORY)
    at.page.editing.insert_object("footnote", "A note.")
    notes = at.page.painting
    before = notes.notes_top()
    at.ghost(" the lighthouse, and then on for as long as there was a lighthouse to steer to, and longer, and longer.")
    assert notes.notes_top() >= at.co.painter._room.rect().bottom()
    at.co.ghost.dismiss()
    assert notes.notes_top() == before


def test_word_sentence_and_all_are_one_step_each_with_one_recipe(at: Writing) -> None:
    at.type(STORY)
    at.ghost(" the one patch. It hummed.")
    row = at.stored(lambda: at.key(Key.Key_Right, Mod.ControlModifier))
    assert at.text() == STORY + " the"
    at.key(Key.Key_Down, Mod.ControlModifier)
    assert at.text() == STORY + " the one patch."
    at.key(Key.Key_Tab)
    assert at.text() == STORY + " the one patch. It hummed."
    assert {span["recipe"] for span in at.pane.spans()} == {row.id}
    assert {span["origin"] for span in at.pane.spans()} == {"machine"}
    assert at.studio.project.count_results() == 1
    for left in (" the one patch.", " the", ""):
        at.pane.undo()
        assert at.text() == STORY + left
    at.pane.redo()
    at.pane.redo()
    assert {span["recipe"] for span in at.pane.spans()} == {row.id}
    assert at.page.hasFocus()


def test_typing_what_the_ghost_says_keeps_it_and_is_the_persons_own(at: Writing) -> None:
    at.type(STORY)
    at.ghost(" the one")
    at.type(" the")
    assert at.co.ghost.shown == " one"
    assert not at.pane.spans()
    at.type("x")
    assert not at.co.ghost.shown
    assert at.text() == STORY + " thex"


def test_taking_words_while_they_still_come(at: Writing) -> None:
    at.type(STORY)
    (job,) = at.queued(at.co.ghost.ask)
    worker = at.studio.worker
    worker.begin(job)
    worker.token(job, " the one")
    at.key(Key.Key_Right, Mod.ControlModifier)
    worker.token(job, " patch")
    assert at.text() == STORY + " the"
    assert at.co.ghost.shown == " one patch"
    row = at.stored(lambda: worker.finish_text(job, " the one patch"))
    assert [span["recipe"] for span in at.pane.spans()] == [row.id]


def test_what_was_taken_keeps_its_recipe_when_the_person_goes_on_meanwhile(at: Writing) -> None:
    at.type(STORY)
    (job,) = at.queued(at.co.ghost.ask)
    at.studio.worker.begin(job)
    at.studio.worker.token(job, " the one")
    at.key(Key.Key_Right, Mod.ControlModifier)
    at.type("!")
    assert not at.co.ghost.shown
    row = at.stored(lambda: at.studio.worker.finish_text(job, " the one"))
    assert [span["recipe"] for span in at.pane.spans()] == [row.id]


def test_the_newest_ghost_wins(at: Writing) -> None:
    at.type(STORY)
    (first,) = at.queued(at.co.ghost.ask)
    at.type(" a")
    (second,) = at.queued(at.co.ghost.ask)
    assert at.studio.worker.job(first.id).state.ended
    at.studio.worker.token(first, " old")
    at.answer(second, " new")
    assert at.co.ghost.shown == " new"


def test_after_a_pause_at_the_end_of_a_paragraph_and_not_in_its_middle(at: Writing) -> None:
    at.co.tab._set(ghost="pause")
    at.type(STORY)
    assert at.co.ghost._pause.isActive()
    jobs = at.queued(at.co.ghost._paused)
    assert len(jobs) == 1
    at.key(Key.Key_Left)
    at.co.ghost.clear()
    at.co.ghost._paused()
    assert not at.co.ghost.state.proposals
    at.co.tab._set(ghost="off")
    at.type("x")
    assert not at.co.ghost._pause.isActive()


def test_a_ghost_does_not_wait_for_a_busy_machine(at: Writing) -> None:
    at.type(STORY)
    (job,) = at.studio.ask("Go on")
    at.studio.worker.begin(job)
    at.co.ghost._paused()
    assert not at.co.ghost.state.proposals
    at.co.ghost.ask()
    assert "busy" in at.bench.notice.label.text()


def test_another_proposal_and_back(at: Writing) -> None:
    at.type(STORY)
    at.ghost(" the sea")
    (job,) = at.queued(lambda: at.key(Key.Key_BracketRight, Mod.AltModifier))
    at.answer(job, " a storm")
    assert at.co.ghost.shown == " a storm"
    assert job.request.params["seed"] != 0
    at.key(Key.Key_BracketLeft, Mod.AltModifier)
    assert at.co.ghost.shown == " the sea"


def test_another_first_word(at: Writing) -> None:
    at.type(STORY)
    at.ghost(" the", " sea", options=[[" the", 0.41], [" a", 0.22], [" home", 0.05]])
    assert at.co.other_words.list.isVisible()
    assert [o.text for o in at.co.other_words.list.options] == [" the", " a", " home"]
    (job,) = at.queued(lambda: at.key(Key.Key_2, Mod.AltModifier))
    context = at.studio.project.media(job.request.params["context"]["media"])[0].decode()
    assert context == STORY + " a"
    at.answer(job, " storm")
    assert at.co.ghost.shown == " a storm"
    at.stored(lambda: at.key(Key.Key_Tab))
    assert at.text() == STORY + " a storm"


def test_a_word_in_the_text_gives_way_to_another_and_the_rest_is_a_branch(at: Writing) -> None:
    at.type(STORY)
    at.ghost(" the", " sea", " at", " night", options=[[" sea", 0.4], [" moon", 0.3]])
    at.stored(lambda: at.key(Key.Key_Tab))
    at.co.page.set_caret(len(STORY) + 6)
    at.co.other_words.show_here()
    at.qtbot.waitUntil(at.co.other_words.list.isVisible)
    with at.qtbot.waitSignal(at.co.branches.changed):
        at.co.other_words.pick(1)
    assert at.text() == STORY + " the moon"
    (branch,) = at.studio.project.branches(at.co.node())
    assert branch.text == " sea at night"
    assert branch.start == len(STORY) + 4
    at.pane.undo()
    assert at.text() == STORY + " the sea at night"
    assert at.undo_all() == ""


def test_a_failing_ghost_is_one_sentence(at: Writing) -> None:
    at.type(STORY)
    (job,) = at.queued(at.co.ghost.ask)
    at.studio.worker.begin(job)
    at.studio.worker.fail(job, ErrorReport("generator", "The model's template fails.", generator="language.text"))
    assert not at.co.ghost.shown
    assert at.text() == STORY


# ---------------------------------------------------------------- cards


def card(at: Writing, *answers: str, action: str = "shorten") -> Any:
    (job,) = at.queued(lambda: at.co.act(action))
    shown = at.co.cards.shown[-1]
    for n, answer in enumerate(answers):
        if n:
            (job,) = at.queued(lambda: shown.card.step(1))
        at.studio.worker.begin(job)
        at.studio.worker.token(job, answer[:4])
        at.stored(lambda job=job, answer=answer: at.studio.worker.finish_text(job, answer))
    return shown.card


def test_a_suggestion_is_accepted_whole_as_one_step_and_only_its_words_are_the_machines(at: Writing) -> None:
    at.type(PLAIN)
    shown = card(at, "She was scared of the dark.")
    assert shown.answer() == "She was scared of the dark."
    shown.take()
    assert at.text() == "She was scared of the dark."
    assert not at.co.cards.shown
    at.pane.undo()
    assert at.text() == PLAIN


def test_one_hunk_alone(at: Writing) -> None:
    at.type(PLAIN)
    shown = card(at, "He was very scared of the night.")
    places = [n for n, piece in enumerate(shown._pieces) if not piece.same]
    shown.theirs.toggled.emit(places[1])
    assert shown.accept.text() == "Accept 1 of 2"
    shown.take()
    assert at.text() == "She was very scared of the night."
    assert [at.text()[s["start"] : s["start"] + s["length"]] for s in at.pane.spans()] == ["night"]
    assert at.undo_all() == ""


def test_hunks_by_keyboard(at: Writing) -> None:
    at.type(PLAIN)
    shown = card(at, "He was very scared of the night.")
    shown.theirs.setFocus()
    at.qtbot.keyClick(shown.theirs, Key.Key_Right)
    at.qtbot.keyClick(shown.theirs, Key.Key_Space)
    assert shown.accept.text() == "Accept 1 of 2"
    at.qtbot.keyClick(shown.theirs, Key.Key_Space)
    assert shown.accept.text() == "Accept"
    at.qtbot.keyClick(shown, Key.Key_Escape)
    assert not at.co.cards.shown
    assert at.text() == PLAIN


def test_several_versions_are_bolder_each(at: Writing) -> None:
    at.type(PLAIN)
    shown = card(at, "She was scared.", "She was afraid.")
    assert shown.number.text() == "2 of 2"
    shown.step(-1)
    assert shown.theirs.text() == "She was scared."
    temperatures = [job.request.params["temperature"] for job in at.studio.worker.jobs]
    assert temperatures == sorted(set(temperatures))


def test_after_a_button_the_keys_are_those_of_the_card(at: Writing) -> None:
    at.type(PLAIN)
    button = next(b for b in at.co.tab.findChildren(ActionButton) if b.text() == "Shorten")
    button.setFocus()
    (job,) = at.queued(lambda: at.qtbot.mouseClick(button, Qt.MouseButton.LeftButton))
    assert at.page.hasFocus()
    at.studio.worker.begin(job)
    at.stored(lambda: at.studio.worker.finish_text(job, "She feared the dark."))
    at.key(Key.Key_Return, Mod.ControlModifier)
    assert at.text() == "She feared the dark."


def test_the_option_that_a_word_begins_with_is_marked() -> None:
    options = [Option(" were", 0.2), Option(" di", 0.1), Option(" didn", 0.1)]
    assert [beginning_of(word, options) for word in (" didn't", " were", " so")] == [2, 0, 0]


def test_quotes_around_an_answer_go(at: Writing) -> None:
    at.type(PLAIN)
    assert card(at, '"She was scared."').answer() == "She was scared."


def test_the_passage_is_deleted_while_the_machine_writes(at: Writing) -> None:
    at.type(PLAIN)
    (job,) = at.queued(lambda: at.co.act("rewrite"))
    at.page.selectAll()
    at.key(Key.Key_Backspace)
    assert not at.co.cards.shown
    assert "deleted" in at.bench.notice.label.text()
    assert at.studio.worker.job(job.id).state.ended
    at.pane.undo()
    assert at.text() == PLAIN


def test_the_passage_is_changed_before_the_answer_is_accepted(at: Writing) -> None:
    at.type(PLAIN)
    shown = card(at, "She was scared.")
    at.co.page.set_caret(3)
    at.type("!!")
    shown.take()
    assert "changed" in at.bench.notice.label.text()
    assert at.text() == "She!! was very scared of the dark."


def test_two_suggestions_for_one_passage(at: Writing) -> None:
    at.type(PLAIN)
    card(at, "She was scared.")
    at.co.act("rewrite")
    assert len(at.co.cards.shown) == 1
    assert "already" in at.bench.notice.label.text()


def test_an_empty_page_has_nothing_to_rewrite(at: Writing) -> None:
    at.co.cards.ask(SHORTEN)
    assert "nothing to work on" in at.bench.notice.label.text()
    assert not at.co.cards.shown


def test_a_summary_is_put_below(at: Writing) -> None:
    at.type(PLAIN)
    shown = card(at, "Fear.", action="summarise")
    shown.insert.click()
    assert at.text() == PLAIN + "\nFear."
    assert at.undo_all() == ""


def test_a_failed_suggestion_says_so_on_the_card(at: Writing) -> None:
    at.type(PLAIN)
    (job,) = at.queued(lambda: at.co.act("rewrite"))
    at.studio.worker.begin(job)
    at.studio.worker.fail(job, ErrorReport("generator", "It does not fit.", generator="language.edit"))
    shown = at.co.cards.shown[0].card
    assert shown.theirs.text() == "It does not fit."
    assert not shown.accept.isEnabled()


def test_tones_and_languages_reach_the_editor(at: Writing) -> None:
    at.type(PLAIN)
    at.co.tab.chips["Wry"].click()
    (job,) = at.queued(lambda: at.co.act("rewrite"))
    assert (job.request.params["action"], job.request.params["tone"]) == ("tone", "wry")
    at.co.cards.close_all()
    (job,) = at.queued(lambda: at.co.tab.translate_into("German"))
    assert (job.request.params["action"], job.request.params["language"]) == ("translate", "German")


def test_an_own_instruction_of_the_prompt_bar(at: Writing) -> None:
    at.type(PLAIN)
    at.page.selectAll()
    at.bench.bar.prompt.set_text("Make it rhyme")
    (job,) = at.queued(at.studio.desk.open.generate)
    assert job.request.generator == "language.edit"
    assert job.request.params["instruction"] == "Make it rhyme"


# ---------------------------------------------------------------- branches


def test_three_branches_one_is_kept_and_all_are_found(at: Writing) -> None:
    at.type(STORY)
    jobs = at.queued(at.co.compare)
    assert len(jobs) == 3
    for n, job in enumerate(jobs):
        at.studio.worker.begin(job)
        at.studio.worker.token(job, f" way {n}")
        at.stored(lambda job=job, n=n: at.studio.worker.finish_text(job, f" way {n}"))
    at.key(Key.Key_2, Mod.AltModifier)
    assert at.text() == STORY + " way 1"
    node = at.co.node()
    at.qtbot.waitUntil(lambda: any(b.kept for b in at.studio.project.branches(node)))
    found = at.studio.project.branches(node)
    assert sorted((b.text, b.kept) for b in found) == [(" way 0", False), (" way 1", True), (" way 2", False)]
    assert {b.start for b in found} == {len(STORY)}
    at.pane.undo()
    assert at.text() == STORY
    at.co.branches.insert(next(b.id for b in found if b.text == " way 2"))
    assert at.text() == STORY + " way 2"


def test_a_deleted_branch_comes_back(at: Writing) -> None:
    at.type(STORY)
    with at.qtbot.waitSignal(at.co.branches.changed):
        at.co.branches.store(3, "kept aside", "")
    node = at.co.node()
    (branch,) = at.studio.project.branches(node)
    with at.qtbot.waitSignal(at.co.branches.changed):
        at.co.branches.remove(branch.id, at.co.say)
    assert not at.studio.project.branches(node)
    with at.qtbot.waitSignal(at.co.branches.changed):
        at.bench.notice.button.click()
    assert at.studio.project.branches(node) == [branch]


# ---------------------------------------------------------------- chat


def say(at: Writing, text: str) -> Job:
    at.co.chat_panel.line.set_text(text)
    (job,) = at.queued(at.co.chat_panel.send.click)
    at.studio.worker.begin(job)
    return job


def test_a_chat_sees_the_scene_streams_and_is_kept(at: Writing) -> None:
    at.type(PLAIN)
    job = say(at, "Who is scared?")
    context = at.studio.project.media(job.request.params["context"]["media"])[0].decode()
    assert context == PLAIN
    assert job.request.params["messages"] == [{"role": "user", "text": "Who is scared?"}]
    at.studio.worker.token(job, "She ")
    assert at.co.chat_panel.stop.isVisibleTo(at.co.chat_panel)
    at.stored(lambda: at.studio.worker.finish_text(job, "She is."))
    assert [m.text for m in at.co.chat.tree.path()] == ["Who is scared?", "She is."]
    at.qtbot.waitUntil(lambda: at.studio.desk.session._pending == 0)
    (chat,) = at.studio.project.chats(at.co.document)
    assert [m.text for m in at.studio.project.messages(chat.id)] == ["Who is scared?", "She is."]
    assert chat.title == "Who is scared?"
    assert not at.co.chat_panel.running


def test_versions_and_branches_of_a_chat(at: Writing) -> None:
    job = say(at, "Hello")
    at.stored(lambda: at.studio.worker.finish_text(job, "One"))
    first = at.co.chat.tree.leaf
    (job,) = at.queued(lambda: at.co.chat.again(first))
    at.stored(lambda: at.studio.worker.finish_text(job, "Two"))
    second = at.co.chat.tree.leaf
    assert at.co.chat.tree.place(second) == (2, 2)
    at.co.chat_panel.widgets[second].previous.click()
    assert at.co.chat.tree.leaf == first
    asked = at.co.chat.tree.path()[0].id
    (job,) = at.queued(lambda: at.co.chat.edit(asked, "Good evening"))
    at.stored(lambda: at.studio.worker.finish_text(job, "Three"))
    assert [m.text for m in at.co.chat.tree.path()] == ["Good evening", "Three"]
    at.co.chat._step(at.co.chat.tree.path()[0].id, -1)
    assert at.co.chat.tree.path()[0].text == "Hello"


def test_stopping_an_answer_keeps_what_came_and_nothing_is_no_message(at: Writing) -> None:
    job = say(at, "Hello")
    at.studio.worker.token(job, "Half a sen")
    at.co.chat_panel.stop.click()
    assert [m.text for m in at.co.chat.tree.path()] == ["Hello", "Half a sen"]
    job = say(at, "Again")
    at.co.chat_panel.stop.click()
    assert [m.text for m in at.co.chat.tree.path()][-1] == "Again"
    assert at.studio.worker.job(job.id).state.ended


def test_a_deleted_chat_comes_back_and_its_text_goes_into_the_manuscript(at: Writing) -> None:
    job = say(at, "Hello")
    row = at.stored(lambda: at.studio.worker.finish_text(job, "One"))
    at.co.chat_panel.inserted.emit(at.co.chat.tree.leaf)
    assert at.text() == "One"
    assert [span["recipe"] for span in at.pane.spans()] == [row.id]
    at.co.chat.delete()
    assert not at.co.chat.chats
    at.bench.notice.button.click()
    at.qtbot.waitUntil(lambda: bool(at.co.chat.tree.messages))
    assert [m.text for m in at.co.chat.tree.path()] == ["Hello", "One"]


def test_a_failed_answer_is_one_sentence_and_the_question_stays(at: Writing) -> None:
    job = say(at, "Hello")
    at.studio.worker.fail(job, ErrorReport("generator", "The template fails.", generator="language.chat"))
    assert [m.text for m in at.co.chat.tree.path()] == ["Hello"]
    assert "template fails" in at.bench.notice.label.text()


def test_an_answer_that_was_interrupted_comes_into_its_chat(at: Writing) -> None:
    job = say(at, "Hello")
    at.co.errands._open.clear()  # as after the project was opened anew
    at.co.chat._errand = at.co.chat._answer = None
    at.co.chat_panel.set_running("")
    at.co.chat.pick(at.co.chat.chat.id)
    at.stored(lambda: at.studio.worker.finish_text(job, "Here I am."))
    assert [m.text for m in at.co.chat.tree.path()] == ["Hello", "Here I am."]


def test_the_menu_of_the_page_offers_what_the_machine_can_do(at: Writing) -> None:
    from studio.ui.widgets.popup import Menu

    menu = Menu(at.co.theme, parent=at.page)
    at.page.menu_opening.emit(menu, 0)
    titles = [action.text() for action in menu.actions()]
    assert {"Rewrite", "Make a picture of this", "Read aloud"} <= set(titles)
    assert not next(action for action in menu.actions() if action.text() == "Read aloud").isEnabled()
    menu.deleteLater()


# ---------------------------------------------------------------- steering


def test_notes_are_told_where_they_apply(at: Writing) -> None:
    at.co.steer.add_all([Note("", "", "Marzipan", "character", ("Marzipan",), "A ginger cat."),
                         Note("", "", "Magic", "rule", (), "Nobody explains it.", pinned=True)], lambda _: None)
    at.qtbot.waitUntil(lambda: len(at.co.steer.notes) == 2)
    at.type("A stranger came. ")
    (job,) = at.queued(at.co.ghost.ask)
    assert "ginger" not in job.request.params["memory"]
    assert "Nobody explains it." in job.request.params["memory"]
    at.co.ghost.clear()
    at.type("Marzipan looked up. ")
    (job,) = at.queued(at.co.ghost.ask)
    assert "A ginger cat." in job.request.params["memory"]


def test_a_large_lorebook_is_made_ready_beside_the_window(at: Writing) -> None:
    at.type("key7 ")
    at.co.steer.add_all([Note("", "", f"N{n}", "place", (f"key{n}", "recursive"[n:]), f"{n} is recursive")
                         for n in range(1000)], lambda _: None)
    chip = at.bench.bar.notes_chip
    at.qtbot.waitUntil(lambda: len(at.co.steer.memory("key7").ids) > 0)
    at.qtbot.waitUntil(lambda: not chip.isHidden())
    (job,) = at.queued(at.co.ghost.ask)
    assert "7 is recursive" in job.request.params["memory"]


def test_a_note_is_edited_pinned_deleted_and_comes_back(at: Writing) -> None:
    at.type("Marzipan")
    at.page.selectAll()
    at.co.add_note()
    at.qtbot.waitUntil(lambda: bool(at.co.steer.notes))
    form = at.co.notes.form
    assert form.title.text() == "Marzipan"
    form.text.set_text("A cat.")
    form.keys.setText("cat,  the  cat ,cat")
    form.flush()
    (note,) = at.co.steer.notes
    assert (note.text, note.keys) == ("A cat.", ("cat", "the cat"))
    at.co.steer.pin(note.id, True)
    at.qtbot.waitUntil(lambda: at.studio.project.notes(at.co.document)[0].pinned)
    at.co.steer.remove(note.id)
    assert not at.co.steer.notes
    at.bench.notice.button.click()
    at.qtbot.waitUntil(lambda: bool(at.co.steer.notes))
    assert at.co.steer.notes[0] == replace(note, pinned=True)


def test_what_is_typed_into_notes_is_kept_without_leaving_them(at: Writing) -> None:
    at.co.add_note()
    at.qtbot.waitUntil(lambda: at.co.notes.form.note is not None)
    at.qtbot.keyClicks(at.co.notes.form.text, "A cat.")
    at.qtbot.waitUntil(lambda: at.studio.project.notes(at.co.document)[0].text == "A cat.")
    at.qtbot.keyClicks(at.co.notes.author_note, "Rain.")
    key = f"steering.{at.co.document}"
    at.qtbot.waitUntil(lambda: (at.studio.project.get_state(key) or {}).get("author_note") == "Rain.")


def test_a_synopsis_is_kept_told_if_wished_and_undone_as_one_step(at: Writing) -> None:
    at.bench.room("write").work.show_scene_tab(at.co.node())
    form = at.co.notes.scene
    at.qtbot.waitUntil(form.synopsis.hasFocus)

    def kept() -> str:
        return next(n.synopsis for n in at.studio.project.manuscript_nodes(at.co.document) if n.id == at.co.node())

    with at.qtbot.waitSignal(at.co.room.control.structure.changed):
        at.qtbot.keyClicks(form.synopsis, "A cat")
        at.qtbot.keyClick(form.synopsis, Qt.Key.Key_Return)
    assert kept() == "A cat"
    assert form.synopsis.text() == "A cat\n", "what is typed next stands in the new line"
    at.qtbot.keyClick(form.synopsis, Qt.Key.Key_Backspace)
    at.qtbot.keyClicks(form.synopsis, " finds a chart.")
    at.qtbot.waitUntil(lambda: kept() == "A cat finds a chart.")
    at.qtbot.waitUntil(lambda: at.page.hint == "A cat finds a chart.")
    assert form.synopsis.text() == "A cat finds a chart."
    assert "A cat finds a chart." in at.co.params("language.text", "x")["memory"]
    assert "chart" not in at.co.params("language.edit", "x")["memory"]
    form.tell.click()
    assert "chart" not in at.co.params("language.text", "x")["memory"]
    form.status.set_key("revised")
    form.status.chosen.emit("revised")
    at.page.setFocus()
    at.pane.undo()
    at.pane.undo()
    at.qtbot.waitUntil(lambda: kept() == "")
    at.qtbot.waitUntil(lambda: form.synopsis.text() == "")
    at.pane.redo()
    at.qtbot.waitUntil(lambda: kept() == "A cat finds a chart.")


def test_author_note_and_style_sample_go_along_and_are_kept(at: Writing) -> None:
    at.co.notes.author_note.set_text("It should rain.")
    at.co.notes.style_sample.set_text("Short. Dry.")
    at.co.notes.flush()
    at.type(STORY)
    (job,) = at.queued(at.co.ghost.ask)
    assert (job.request.params["author_note"], job.request.params["style_sample"]) == ("It should rain.", "Short. Dry.")


def test_the_context_view_says_what_fell_out(at: Writing) -> None:
    at.type(STORY)
    (job,) = at.queued(at.co.extras.show_context)
    assert job.request.generator == "language.context"
    told = {"window": 100, "tokens": 90, "fim": False, "template": True, "prompt": "<user>…",
            "parts": [{"name": "Memory", "text": "A cat.", "tokens": 10, "dropped": 0},
                      {"name": "Text", "text": STORY, "tokens": 80, "dropped": 40}]}
    at.studio.worker.begin(job)
    at.studio.worker.finish_text(job, json.dumps(told))
    view = at.co.extras.popup.content
    assert "90 of 100 tokens" in view.sum.text()
    assert "40 tokens fell out" in view.sum.text()
    assert view.prompt.toPlainText() == "<user>…"
    assert at.studio.project.count_results() == 0
    at.co.extras.dismiss()


def test_a_plan_becomes_chapters(at: Writing) -> None:
    panel = at.co.extras.show_plan("outline")
    panel.prompt.set_text("A cat maps the sky")
    (job,) = at.queued(panel.go.click)
    at.studio.worker.begin(job)
    at.stored(lambda: at.studio.worker.finish_text(job, "…", items=[{"title": "The Drawer", "text": "A chart."},
                                                                      {"title": "Brass", "text": ""}]))
    panel.entries[1].check.setChecked(False)
    panel.take.click()
    project, document = at.studio.project, at.co.document
    at.qtbot.waitUntil(lambda: len([n for n in project.manuscript_nodes(document) if n.kind == "chapter"]) == 2)
    added = [n for n in project.manuscript_nodes(document) if n.kind == "chapter"][-1]
    assert (added.title, added.synopsis, added.status) == ("The Drawer", "A chart.", "planned")


# ---------------------------------------------------------------- figures and other workspaces


def test_the_share_is_counted(at: Writing) -> None:
    at.type("Mine.")
    at.ghost(" Its own.")
    at.stored(lambda: at.key(Key.Key_Tab))
    at.pane.flush()
    at.qtbot.waitUntil(lambda: at.co.figures.bar.share.machine > 0)
    assert at.co.figures.bar.share == Shares(5, 7, 0)
    assert at.co.figures.counts.accepted == 1


def test_percents_make_a_hundred() -> None:
    assert percents(Shares(3, 4, 3)) == (30, 30, 40)
    assert sum(percents(Shares(1, 1, 1))) == 100
    assert percents(Shares()) == (0, 0, 0)


def test_the_report_names_what_the_machines_words_come_from(at: Writing) -> None:
    at.type("Mine.")
    at.ghost(" Its own.")
    at.stored(lambda: at.key(Key.Key_Tab))
    at.co.extras.show_report()
    view = at.co.extras.popup.content
    at.qtbot.waitUntil(view.copy.isEnabled)
    view.copy.click()
    text = QGuiApplication.clipboard().text()
    assert "Writer" in text
    assert "| Chapter 1 / Scene 1 | 42 % | 0 % | 58 % |" in text
    at.co.extras.dismiss()


def test_lorebooks_and_cards_come_in_and_go_out(at: Writing, tmp_path: Any) -> None:
    book = tmp_path / "book.json"
    entry = {"key": ["lamp"], "content": "Older than the ship.", "comment": "Lamp"}
    book.write_text(json.dumps({"entries": {"0": entry}}))
    at.co.extras.import_notes(book)
    at.qtbot.waitUntil(lambda: bool(at.co.steer.notes))
    (note,) = at.co.steer.notes
    assert (note.title, note.keys, note.text) == ("Lamp", ("lamp",), "Older than the ship.")
    for what, name in (("lorebook", "out.json"), (note.id, "card.json")):
        out = tmp_path / name
        at.co.extras.export_notes(what, out)
        at.qtbot.waitUntil(out.exists)
        at.qtbot.waitUntil(lambda: "Exported" in at.bench.notice.label.text())
        count = len(at.co.steer.notes)
        at.co.extras.import_notes(out)
        at.qtbot.waitUntil(lambda count=count: len(at.co.steer.notes) > count)
        assert at.co.steer.notes[-1].text == note.text


@pytest.mark.parametrize(("name", "data"), [("a.json", b"{"), ("b.png", b"no picture"), ("c.json", b"[]"),
                                            ("d.md", b"# Text"), ("e.docx", b"PK"), ("missing.json", None)])
def test_files_that_hold_no_notes_get_a_sentence(at: Writing, tmp_path: Any, name: str, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    at.bench.notice.label.setText("")
    at.co.extras.import_notes(tmp_path / name)
    at.qtbot.waitUntil(lambda: bool(at.bench.notice.label.text()))
    assert at.bench.notice.label.text().count(".") <= 4
    assert not at.co.steer.notes


def test_a_passage_becomes_the_prompt_of_the_canvas(at: Writing) -> None:
    at.type("A cat on\nthe sea")
    at.page.selectAll()
    at.co.extras.make_picture()
    assert at.bench.workspace == "canvas"
    assert at.bench.bar.prompt.text() == "A cat on the sea"


def test_reading_aloud_says_why_it_cannot(at: Writing) -> None:
    command = at.studio.desk.commands.get("assist.read")
    assert not command.is_enabled
    at.studio.desk.commands.refresh()
    assert "No voice" in at.studio.desk.commands.action("assist.read").toolTip()


def test_the_state_of_the_tab_is_kept(at: Writing, open_studio: Any) -> None:
    at.co.tab.chips["Warm"].click()
    at.co.tab.length.button("page").click()
    path = at.studio.project.path
    at.studio.desk.close_project()
    again = Writing(open_studio(path))
    assert again.co.tab.state.tones == ("Warm",)
    assert again.co.tab.state.length == "page"


def test_copying_an_answer(at: Writing) -> None:
    at.type(PLAIN)
    shown = card(at, "Fear.", action="summarise")
    shown.copy.click()
    assert QGuiApplication.clipboard().text() == "Fear."


# ---------------------------------------------------------------- code


def test_a_page_of_code_has_colours_indentation_and_code_actions(at: Writing) -> None:
    at.co.code.toggle()
    assert at.co.code.on
    at.type("import math\n\ndef area(width):\nreturn 2")
    assert at.text() == "import math\n\ndef area(width):\n    return 2"
    assert at.co.code.on
    at.qtbot.waitUntil(lambda: len(at.co.code._lines) == 4)
    block = at.page.document().findBlockByNumber(2)
    assert (0, 3, "iris") in at.co.code.colours(block)
    keyword = at.co.theme.color("iris")
    at.qtbot.waitUntil(lambda: any(r.format.foreground().color() == keyword for r in block.layout().formats()))
    assert at.co.tab.code.isVisibleTo(at.co.tab)
    (job,) = at.queued(lambda: at.co.act("explain"))
    assert job.request.params["action"] == "explain"
    at.co.cards.close_all()
    job = at.ghost("\n    # done")
    assert job.request.target["kind"] == "live"
    assert at.co.ghost.shown == "\n    # done"
    at.co.ghost.clear()
    at.co.code.toggle()
    assert not at.co.code.on
    assert at.text() == "import math\n\ndef area(width):\n    return 2"


def test_colours_over_lines_are_cut_at_their_ends() -> None:
    found = by_line('x = """a\nb"""\ny = "é😀"', "python")
    assert [line for line, _ in found] == ['x = """a', 'b"""', 'y = "é😀"']
    assert any(token == "emphasis" for _, _, token in found[1][1])
    start, length, _ = max(found[2][1], key=lambda r: r[1])
    assert start + length <= 4 + 5
