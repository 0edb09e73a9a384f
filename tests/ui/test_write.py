"""The page: streaming, one history for person and machine, authorship, find, paste."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QInputMethodEvent, QKeySequence, QTextCursor
from PySide6.QtWidgets import QApplication

from studio.project.manuscript.rows import Block, Prose
from studio.ui.theme import Theme
from studio.ui.write import WritePane, pasting
from studio.ui.write.story import Story
from studio.ui.write.text import clean, minutes, words

UNDO, REDO = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo


@pytest.fixture
def pane(qtbot):
    theme = Theme("dark")
    pane = WritePane(theme)
    qtbot.addWidget(pane)
    pane.resize(1000, 700)
    pane.show()
    return pane


def type_text(qtbot, pane: WritePane, text: str) -> None:
    qtbot.keyClicks(pane.page, text)


def undo(qtbot, pane: WritePane) -> None:
    qtbot.keyClick(pane.page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def redo(qtbot, pane: WritePane) -> None:
    qtbot.keyClick(pane.page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)


def stream(pane: WritePane, job: str, position: int, tokens: list[str], result: str = "r1") -> None:
    pane.begin_passage(job, position)
    for token in tokens:
        pane.append_token(job, token)
    pane.end_passage(job, result)


# ---------------------------------------------------------------- streaming and undo


def test_one_undo_takes_back_fifty_tokens_and_one_redo_brings_them_back(qtbot, pane):
    type_text(qtbot, pane, "Once upon a time")
    before = pane.text()
    tokens = [f" word{n}" for n in range(50)]
    stream(pane, "job", pane.cursor_position(), tokens)
    after = pane.text()
    assert after == before + "".join(tokens)
    undo(qtbot, pane)
    assert pane.text() == before == "Once upon a time"
    redo(qtbot, pane)
    assert pane.text() == after
    undo(qtbot, pane)
    assert pane.text() == before
    assert pane.can_undo()  # what was typed is still a step of its own
    while pane.can_undo():
        pane.undo()
    assert pane.text() == ""


def test_typing_before_the_passage_while_it_streams(qtbot, pane):
    pane.load("Start. End.", (), 0)
    pane.begin_passage("job", 7)
    pane.append_token("job", "One ")
    pane.set_cursor_position(0)
    type_text(qtbot, pane, ">> ")
    pane.append_token("job", "two ")
    pane.end_passage("job", "r")
    assert pane.text() == ">> Start. One two End."
    undo(qtbot, pane)
    assert pane.text() == ">> Start. End."
    undo(qtbot, pane)
    assert pane.text() == "Start. End."
    redo(qtbot, pane)
    redo(qtbot, pane)
    assert pane.text() == ">> Start. One two End."


def test_typing_behind_the_passage_while_it_streams(qtbot, pane):
    pane.load("A.", (), 2)
    pane.begin_passage("job", 2)
    pane.append_token("job", " B.")
    assert pane.cursor_position() == 5  # the caret went along with the passage
    type_text(qtbot, pane, " mine")
    pane.append_token("job", " C.")
    pane.end_passage("job", "r")
    assert pane.text() == "A. B. C. mine"
    undo(qtbot, pane)
    assert pane.text() == "A. mine"


def test_typing_in_the_passage_belongs_to_it(qtbot, pane):
    pane.load("", (), 0)
    pane.begin_passage("job", 0)
    pane.append_token("job", "abcd")
    pane.set_cursor_position(2)
    type_text(qtbot, pane, "XY")
    pane.append_token("job", "ef")
    pane.end_passage("job", "r")
    assert pane.text() == "abXYcdef"
    assert {s["origin"] for s in pane.spans()} == {"edited"}
    undo(qtbot, pane)
    assert pane.text() == ""
    redo(qtbot, pane)
    assert pane.text() == "abXYcdef"


def test_typing_where_the_first_token_will_come_stays_before_it(qtbot, pane):
    pane.load("A ", (), 2)
    pane.begin_passage("job", 2)
    type_text(qtbot, pane, "b ")
    pane.append_token("job", "C")
    pane.end_passage("job", "r")
    assert pane.text() == "A b C"


def test_deleting_across_the_edge_of_a_streaming_passage(qtbot, pane):
    pane.load("0123456789", (), 0)
    pane.begin_passage("job", 5)
    pane.append_token("job", "abcd")
    pane.select(3, 4)  # "34ab"
    qtbot.keyClick(pane.page, Qt.Key.Key_Delete)
    pane.append_token("job", "ef")
    assert pane.text() == "012cdef56789"
    pane.end_passage("job", "r")
    undo(qtbot, pane)
    assert pane.text() == "01256789"
    undo(qtbot, pane)
    assert pane.text() == "0123456789"


def test_deleting_a_passage_while_it_streams_stops_it_and_undo_brings_all_back(qtbot, pane):
    type_text(qtbot, pane, "Mine ")
    pane.begin_passage("job", 5)
    pane.append_token("job", "its own\nwords")
    type_text(qtbot, pane, "!")
    whole = pane.text()
    pane.page.selectAll()
    with qtbot.waitSignal(pane.passage_undone) as caught:
        qtbot.keyClick(pane.page, Qt.Key.Key_Delete)
    assert caught.args == ["job"]
    pane.append_token("job", " too late")
    pane.end_passage("job", "r")
    assert pane.text() == ""
    undo(qtbot, pane)
    assert pane.text() == whole
    assert sum(s["length"] for s in pane.spans()) == len("its own") + len("words")
    while pane.can_undo():
        pane.undo()
    assert pane.text() == ""
    while pane.can_redo():
        pane.redo()
    assert pane.text() == ""
    undo(qtbot, pane)
    assert pane.text() == whole


def test_deleting_a_part_of_a_passage_lets_it_go_on(qtbot, pane):
    pane.begin_passage("job", 0)
    pane.append_token("job", "one two")
    pane.select(0, 4)
    qtbot.keyClick(pane.page, Qt.Key.Key_Delete)
    pane.append_token("job", " three")
    pane.end_passage("job", "r")
    assert pane.text() == "two three"


def test_undo_while_streaming_stops_the_stream(qtbot, pane):
    type_text(qtbot, pane, "Before")
    pane.begin_passage("job", 6)
    pane.append_token("job", " and after")
    with qtbot.waitSignal(pane.passage_undone) as caught:
        undo(qtbot, pane)
    assert caught.args == ["job"]
    assert pane.text() == "Before"
    pane.append_token("job", " too late")
    pane.end_passage("job", "r")
    assert pane.text() == "Before"
    assert pane.streaming() == []
    redo(qtbot, pane)
    assert pane.text() == "Before and after"


def test_a_stopped_passage_stays_and_is_one_step(qtbot, pane):
    type_text(qtbot, pane, "Before")
    pane.begin_passage("job", 6)
    pane.append_token("job", " some")
    pane.append_token("job", " more")
    pane.fail_passage("job")
    assert pane.text() == "Before some more"
    assert [s["recipe"] for s in pane.spans()] == [""]
    undo(qtbot, pane)
    assert pane.text() == "Before"


def test_a_passage_without_tokens_leaves_no_step(qtbot, pane):
    type_text(qtbot, pane, "word")
    pane.begin_passage("job", 4)
    pane.fail_passage("job")
    undo(qtbot, pane)
    assert pane.text() == ""


def test_two_passages_keep_apart(qtbot, pane):
    pane.load("AB", (), 0)
    pane.begin_passage("one", 1)
    pane.begin_passage("two", 2)
    for n in "123":
        pane.append_token("one", n)
        pane.append_token("two", n.replace("1", "x").replace("2", "y").replace("3", "z"))
    assert pane.text() == "A123Bxyz"
    pane.end_passage("one", "r1")
    pane.end_passage("two", "r2")
    undo(qtbot, pane)
    assert pane.text() == "A123B"
    undo(qtbot, pane)
    assert pane.text() == "AB"
    redo(qtbot, pane)
    redo(qtbot, pane)
    assert pane.text() == "A123Bxyz"


def test_tokens_wait_while_an_input_method_composes(qtbot, pane):
    pane.load("ab", (), 1)
    pane.begin_passage("job", 2)
    QApplication.sendEvent(pane.page, QInputMethodEvent("ni", []))
    pane.append_token("job", "X")
    assert pane.text() == "ab"
    commit = QInputMethodEvent("", [])
    commit.setCommitString("你")
    QApplication.sendEvent(pane.page, commit)
    assert pane.text() == "a你bX"


def test_undo_groups_words(qtbot, pane):
    type_text(qtbot, pane, "one two")
    undo(qtbot, pane)
    assert pane.text() == "one "
    undo(qtbot, pane)
    assert pane.text() == ""


def test_undo_of_erasing_and_of_replacing_a_selection(qtbot, pane):
    pane.load("hello world", (), 11)
    for _ in range(5):
        qtbot.keyClick(pane.page, Qt.Key.Key_Backspace)
    assert pane.text() == "hello "
    undo(qtbot, pane)
    assert pane.text() == "hello world"
    pane.select(0, 5)
    type_text(qtbot, pane, "H")
    assert pane.text() == "H world"
    undo(qtbot, pane)
    assert pane.text() == "hello world"


# ---------------------------------------------------------------- any order of things

WORDS = st.text(alphabet="ab \n😀é", min_size=1, max_size=4)
ACTIONS = st.lists(st.one_of(
    st.tuples(st.just("type"), st.integers(0, 40), WORDS),
    st.tuples(st.just("erase"), st.integers(0, 40), st.integers(1, 6)),
    st.tuples(st.just("token"), st.sampled_from(["p", "q"]), WORDS),
), max_size=14)


def edit(story: Story, at: int, length: int, text: str) -> None:
    """As the person would: at a character, replacing `length` characters."""
    start, end = story.shadow.to_units(at), story.shadow.to_units(at + length)
    cursor = QTextCursor(story.document)
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    cursor.insertText(text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.text(alphabet="xyz \n😀", max_size=20), places=st.tuples(st.integers(0, 20), st.integers(0, 20)),
       actions=ACTIONS)
def test_any_interleaving_can_be_undone_and_redone(qapp, start, places, actions):
    story = Story()
    story.load(start, ())
    story.begin_passage("p", story.shadow.to_units(places[0]))
    story.begin_passage("q", story.shadow.to_units(places[1]))
    for action in actions:
        if action[0] == "token":
            story.append(action[1], action[2])
        elif action[0] == "type":
            edit(story, action[1], 0, action[2])
        else:
            edit(story, action[1], action[2], "")
        assert story.text() == story.document.toRawText().replace("\u2029", "\n")
    story.land("p", "r1")
    story.land("q", "r2")
    final, spans = story.text(), story.span_dicts()
    seen = [final]
    while story.can_undo():
        story.undo()
        seen.append(story.text())
        assert story.text() == story.document.toRawText().replace("\u2029", "\n")
    assert story.text() == clean(start)
    assert story.spans.all == []
    for text in reversed(seen[:-1]):
        story.redo()
        assert story.text() == text
    assert story.text() == final
    assert story.span_dicts() == spans


# ---------------------------------------------------------------- authorship


def rules(pane: WritePane) -> list[str]:
    out, block = [], pane.story.document.begin()
    while block.isValid():
        start = block.position()
        out.append(pane.story.spans.paragraph(start, start + block.length() - 1))
        block = block.next()
    return out


def test_authorship_of_paragraphs(qtbot, pane):
    pane.load("Mine.\n", (), 6)
    stream(pane, "job", 6, ["First.", "\n", "Second.", "\n", "Third."])
    assert rules(pane) == ["yours", "machine", "machine", "machine"]
    pane.set_cursor_position(pane.text().index("Second") + 3)
    type_text(qtbot, pane, "!")
    assert rules(pane) == ["yours", "machine", "edited", "machine"]
    pane.set_cursor_position(len(pane.text()))
    qtbot.keyClick(pane.page, Qt.Key.Key_Backspace)
    assert rules(pane) == ["yours", "machine", "edited", "edited"]
    undo(qtbot, pane)
    undo(qtbot, pane)
    assert rules(pane) == ["yours", "machine", "machine", "machine"]


def test_spans_come_back_from_a_load(qtbot, pane):
    pane.load("😀 mine. ", (), 8)
    stream(pane, "job", 8, ["théirs", " and 😀", " more"])
    text, spans = pane.text(), pane.spans()
    assert text[spans[0]["start"]:][:spans[0]["length"]] == "théirs and 😀 more"
    assert spans[0]["origin"] == "machine"
    assert spans[0]["recipe"] == "r1"
    pane.load(text, spans, 3)
    assert pane.spans() == spans
    assert pane.cursor_position() == 3
    assert pane.text() == text


@pytest.mark.parametrize("spans", [
    [{"start": -1, "length": 3}], [{"start": 2, "length": 10**9}], [{"start": "x", "length": 1}], [{}],
    [{"start": 0, "length": 3}, {"start": 1, "length": 3}], [{"start": 0, "length": 2, "origin": "you"}],
])
def test_spans_that_do_not_fit_are_cut(pane, spans):
    pane.load("short", spans, 99)
    for span in pane.spans():
        assert 0 <= span["start"] < span["start"] + span["length"] <= 5
    assert pane.cursor_position() == 5


def test_cutting_and_pasting_does_not_change_who_wrote_it(qtbot, pane):
    pane.load("Mine. ", (), 6)
    stream(pane, "job", 6, ["The machine's."])
    pane.select(4, 16)
    mods = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(pane.page, Qt.Key.Key_X, mods)
    assert pane.text() == "Mine"
    assert pane.spans() == []
    pane.set_cursor_position(0)
    qtbot.keyClick(pane.page, Qt.Key.Key_V, mods)
    assert pane.text() == ". The machine's.Mine"
    (span,) = pane.spans()
    assert (span["start"], span["length"], span["recipe"], span["origin"]) == (2, 14, "r1", "machine")
    undo(qtbot, pane)
    assert pane.spans() == []
    redo(qtbot, pane)
    assert pane.spans() == [span]


def test_a_clipboard_that_lies_about_its_spans_is_plain_text(pane):
    for lie in (b"{", b"7", b"[[0, 99, \"r\", 1], [2, 1, \"\", 0], [\"x\"]]"):
        data = QMimeData()
        data.setText("abc")
        data.setData("application/x-pieria-spans", lie)
        pane.page.insertFromMimeData(data)
    assert pane.text() == "abcabcabc"
    assert pane.spans() == []


def test_put_passage_is_machine_text_and_one_step(qtbot, pane):
    pane.load("Hello ", (), 6)
    pane.put_passage("from a result", "r9")
    assert pane.text() == "Hello from a result"
    assert pane.spans()[0]["recipe"] == "r9"
    assert pane.cursor_position() == 19
    undo(qtbot, pane)
    assert pane.text() == "Hello "


# ---------------------------------------------------------------- text in and out


def test_changed_is_told_once_for_a_burst_of_keys(qtbot, pane):
    heard = []
    pane.changed.connect(lambda *args: heard.append(args))
    with qtbot.waitSignal(pane.changed, timeout=5000):
        type_text(qtbot, pane, "abc")
    assert [(prose.text, caret) for _, prose, caret in heard] == [("abc", 3)]


def test_flush_tells_at_once(qtbot, pane):
    type_text(qtbot, pane, "abc")
    with qtbot.waitSignal(pane.changed, timeout=0) as caught:
        pane.flush()
    assert caught.args[1].text == "abc"


def test_context_and_selection(pane):
    pane.load("One 😀 two three", (), 0)
    pane.set_cursor_position(9)
    assert pane.context_before_cursor(100) == "One 😀 two"
    assert pane.context_before_cursor(5) == "😀 two"[-5:]
    assert pane.context_before_cursor(0) == ""
    pane.select(4, 5)
    assert pane.selected_text() == "😀 two"
    assert pane.context_before_cursor(100) == "One "


@pytest.mark.parametrize(("wild", "expected"), [
    ("a\x00b", "ab"), ("a\r\nb\rc", "a\nb\nc"), ("x\u2028y\u2029z", "x\ny\nz"),
    ("lone \ud83d half", "lone \ufffd half"),
    ("\ud83d\ude00", "😀"), ("\ufdd0\ufdd1\ufffc", ""), ("tab\tstays", "tab\tstays"),
])
def test_clean(wild, expected):
    assert clean(wild) == expected


def test_wild_tokens_and_paste(qtbot, pane):
    pane.begin_passage("job", 0)
    pane.append_token("job", "a\x00\ud83db\r\nc\ufdd0")
    assert pane.text() == "a\ufffdb\nc"
    data = QMimeData()
    data.setText("x\x00y")
    pane.page.insertFromMimeData(data)
    assert "xy" in pane.text()


def test_a_paste_beyond_the_bound_is_cut_with_a_notice(qtbot, pane, monkeypatch):
    monkeypatch.setattr(pasting, "MAX_PASTE", 1000)
    data = QMimeData()
    data.setText("word " * 1000)
    with qtbot.waitSignal(pane.notice) as caught:
        pane.page.insertFromMimeData(data)
    assert len(pane.text()) == 1000
    assert "too long" in caught.args[0]


def test_words_and_minutes(qtbot, pane):
    heard = []
    pane.stats_changed.connect(lambda *args: heard.append(args))
    pane.load("one two three\nfour", (), 0)
    assert heard[-1] == (4, 1)
    assert words("") == 0
    assert minutes(0) == 0
    assert minutes(1486) == 7


# ---------------------------------------------------------------- looks and find


def test_titles_are_dressed(pane):
    pane.load(Prose("The Blank Chart\nBody", (Block("h1"),)), (), 20)
    block = pane.story.document.begin()
    assert [r.format.font().pixelSize() for r in block.layout().formats()] == [28]
    assert not block.next().layout().formats()
    assert not pane.can_undo()


def test_the_page_is_720_wide_with_a_column_of_592(pane):
    assert pane.page.viewport().width() == 720
    assert pane.story.document.textWidth() == 720
    assert pane.story.document.rootFrame().frameFormat().leftMargin() == 64
    pane.resize(500, 600)
    assert pane.page.viewport().width() == 500


def test_the_caret_keeps_clear_of_the_prompt_bar(qtbot, pane):
    pane.set_bottom_inset(200)
    pane.load("line\n" * 60, (), 0)
    pane.set_cursor_position(len(pane.text()))
    assert pane.page.cursorRect().bottom() <= pane.page.viewport().height() - 200


def test_streaming_scrolls_only_while_the_caret_is_visible(pane):
    pane.load("line\n" * 100, (), 0)
    pane.set_cursor_position(len(pane.text()))
    pane.page.verticalScrollBar().setValue(0)
    stream(pane, "job", len(pane.text()), ["word\n"] * 30)
    assert pane.page.verticalScrollBar().value() == 0
    pane.set_cursor_position(len(pane.text()))
    before = pane.page.verticalScrollBar().value()
    stream(pane, "next", len(pane.text()), ["word\n"] * 30)
    assert pane.page.verticalScrollBar().value() > before
    assert pane.page.caret_visible()


def test_find(qtbot, pane):
    pane.load("The cat sat on the mat by the door", (), 0)
    qtbot.keyClick(pane.page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bar = pane.find_bar
    assert bar.isVisible()
    bar.field.setText("the")
    assert bar.count.text() == "1 of 3"
    bar.step(1)
    assert bar.count.text() == "2 of 3"
    assert pane.page.textCursor().selectionStart() == 15
    bar.step(-1)
    bar.step(-1)
    assert bar.count.text() == "3 of 3"
    bar.field.setText("nowhere")
    assert bar.count.text() == "None"
    qtbot.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_empty_page_and_rules_paint(qtbot, pane):
    pane.grab()
    stream(pane, "job", 0, ["One.\n", "Two.\n"])
    pane.set_cursor_position(2)
    type_text(qtbot, pane, "x")
    image = pane.page.viewport().grab().toImage()
    margin = pane.story.document.rootFrame().frameFormat().leftMargin()
    rect = pane.page.block_rect(pane.story.document.begin().next())
    at = QPointF(margin - 24 + 1.5, rect.center().y()).toPoint()
    assert image.pixelColor(at) == pane.theme.color("iris")


def test_accessible_names(pane):
    assert pane.page.accessibleName() == "Manuscript"
    assert pane.find_bar.accessibleName()
    assert pane.context_bar().accessibleName()


# ---------------------------------------------------------------- long scenes


def test_a_long_scene_is_dressed_once_and_a_key_dresses_its_paragraph(qtbot, pane, monkeypatch):
    from studio.ui.write.look import Look

    dressed: list[str] = []
    real = Look.highlightBlock

    def highlight(look: Look, text: str) -> None:
        if not look._loading:
            dressed.append(text)
        real(look, text)

    monkeypatch.setattr(Look, "highlightBlock", highlight)
    lines = [f"Paragraph {number} of a scene that is long." for number in range(400)]
    pane.show_scene("long", Prose("\n".join(lines)), 5)
    QApplication.processEvents()
    assert sorted(dressed) == sorted(lines)
    dressed.clear()
    type_text(qtbot, pane, "x")
    QApplication.processEvents()
    assert set(dressed) == {"Paragxraph 0 of a scene that is long."}
    dressed.clear()
    pane.set_bottom_inset(200)
    pane.set_head("Chapter 1", "The lamp")
    pane.resize(800, 500)
    QApplication.processEvents()
    assert dressed == []


def test_a_scene_opened_far_down_shows_its_caret_above_the_prompt_bar(qtbot):
    pane = WritePane(Theme("dark"))
    qtbot.addWidget(pane)
    pane.show_scene("long", Prose("\n".join(["A line of a long scene."] * 600)), 24 * 300)
    pane.resize(1000, 700)
    pane.set_bottom_inset(160)
    pane.show()
    page = pane.page
    qtbot.waitUntil(lambda: page.cursorRect().top() >= 0
                    and page.cursorRect().bottom() <= page.viewport().height() - page.bottom_inset)
