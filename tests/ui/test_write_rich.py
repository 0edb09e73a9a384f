"""Rich text on the page: looks and paragraphs in one history with the text, typing shortcuts, the clipboard."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication

from studio.project.manuscript.rows import OBJECT, STYLES, Block, Mark, Prose, tidy
from studio.ui.theme import Theme
from studio.ui.write import WritePane
from studio.ui.write.clipboard import from_html, looks_binary, to_html, whole_prose
from studio.ui.write.runs import Runs, marks_of, runs_of
from studio.ui.write.story import Story
from studio.ui.write.text import Shadow

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def pane(qtbot):
    pane = WritePane(Theme("dark"))
    qtbot.addWidget(pane)
    pane.resize(1000, 700)
    pane.show()
    return pane


def styles(pane: WritePane) -> list[str]:
    return [b.style for b in pane.prose().blocks]


def looks(pane: WritePane) -> set[tuple[str, str]]:
    """(kind, text) of each mark."""
    prose = pane.prose()
    return {(m.kind, prose.text[m.start:m.end]) for m in prose.marks}


# ---------------------------------------------------------------- any order of things

ACTIONS = st.lists(st.one_of(
    st.tuples(st.just("type"), st.integers(0, 30), st.text(alphabet="ab \n😀", min_size=1, max_size=4)),
    st.tuples(st.just("erase"), st.integers(0, 30), st.integers(1, 6)),
    st.tuples(st.just("look"), st.integers(0, 30), st.integers(1, 9), st.sampled_from(["bold", "italic"])),
    st.tuples(st.just("style"), st.integers(0, 30), st.integers(0, 9), st.sampled_from(STYLES)),
    st.tuples(st.just("object"), st.integers(0, 30)),
    st.tuples(st.just("prose"), st.integers(0, 30)),
    st.tuples(st.just("token"), st.text(alphabet="xy\n", min_size=1, max_size=3)),
), max_size=14)
PIECE = Prose("Ti\ntle", (Block("h1"), Block("quote", 1)), (Mark(1, 3, "italic"),))


def act(story: Story, action: tuple) -> None:
    total = len(story.shadow)
    at = min(action[1], total) if isinstance(action[1], int) else 0
    while at and story.shadow.read(at, at + 1) != story.shadow.read(at, at + 1).encode("utf-16", "ignore").decode(
            "utf-16"):
        at -= 1  # not into a pair
    if action[0] == "token":
        story.append("job", action[1])
    elif action[0] in ("type", "erase"):
        cursor = QTextCursor(story.document)
        cursor.setPosition(at)
        if action[0] == "type":
            cursor.insertText(action[2])
        else:
            for _ in range(action[2]):
                cursor.movePosition(QTextCursor.MoveOperation.NextCharacter, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
    elif action[0] == "look":
        story.set_look(at, min(total, at + action[2]), action[3])
    elif action[0] == "style":
        story.set_blocks(at, min(total, at + action[2]), Block(action[3]))
    else:
        story.replace(at, at, PIECE if action[0] == "prose" else Prose(OBJECT, (), (Mark(0, 1, "footnote", "n"),)))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_everything_can_be_undone_to_the_first_letter_and_redone(qapp, actions):
    story = Story()
    start = Prose("One\ntwo 😀\nthree", (Block("h1"), Block(), Block("bullet")), (Mark(4, 3, "bold"),))
    story.load(start)
    story.begin_passage("job", len(story.shadow))
    for action in actions:
        act(story, action)
        assert len(story.blocks) == story.text().count("\n") + 1 == story.document.blockCount()
        assert story.runs.total() == len(story.shadow)
        assert story.text() == story.document.toRawText().replace("\u2029", "\n")
    story.land("job", "r")
    final = tidy(story.prose())
    while story.can_undo():
        story.undo()
    assert tidy(story.prose()) == tidy(start)
    while story.history.undone:
        story.redo()
    assert tidy(story.prose()) == final


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6), st.sampled_from(["bold", "italic", "link"])),
                max_size=6))
def test_marks_survive_as_runs(found):
    text = "a😀bcdefgh ijk😀"
    prose = tidy(Prose(text, (), tuple(Mark(s, n, k, "u" if k == "link" else "") for s, n, k in found)))
    shadow = Shadow(text)
    runs = Runs(runs_of(prose.marks, shadow))
    assert runs.total() == len(shadow)
    assert tidy(Prose(text, (), marks_of(runs.all, shadow))) == prose


# ---------------------------------------------------------------- keys


def test_emphasis_by_key_and_while_typing(qtbot, pane):
    qtbot.keyClicks(pane.page, "plain ")
    qtbot.keyClick(pane.page, Qt.Key.Key_B, CTRL)
    qtbot.keyClicks(pane.page, "bold")
    qtbot.keyClick(pane.page, Qt.Key.Key_B, CTRL)
    qtbot.keyClicks(pane.page, " not")
    assert looks(pane) == {("bold", "bold")}
    pane.select(0, 5)
    qtbot.keyClick(pane.page, Qt.Key.Key_I, CTRL)
    assert ("italic", "plain") in looks(pane)
    qtbot.keyClick(pane.page, Qt.Key.Key_I, CTRL)
    assert looks(pane) == {("bold", "bold")}
    pane.undo()
    assert ("italic", "plain") in looks(pane)


@pytest.mark.parametrize(("typed", "style"), [("# ", "h1"), ("## ", "h2"), ("> ", "quote"), ("- ", "bullet"),
                                              ("1. ", "number")])
def test_markdown_at_the_start_of_a_line(qtbot, pane, typed, style):
    qtbot.keyClicks(pane.page, typed + "word")
    assert pane.text() == "word"
    assert styles(pane) == [style]
    while pane.can_undo():
        pane.undo()
        if pane.text() == typed:
            assert styles(pane) == ["body"]  # one step back is what was typed
            break
    else:
        pytest.fail("the keys themselves never came back")


def test_markdown_in_a_line(qtbot, pane):
    qtbot.keyClicks(pane.page, "a **bold** and *leaning* word")
    assert pane.text() == "a bold and leaning word"
    assert looks(pane) == {("bold", "bold"), ("italic", "leaning")}


def test_shortcuts_can_be_switched_off(qtbot, pane):
    pane.page.editing.markdown = False
    qtbot.keyClicks(pane.page, "# **x**")
    assert pane.text() == "# **x**"


def test_typographic_signs(qtbot, pane):
    pane.page.editing.typographic = True
    qtbot.keyClicks(pane.page, "\"It isn't\" -- so...")
    assert pane.text() == "“It isn’t” — so…"
    pane.undo()
    assert pane.text().endswith("...")


def test_lists_go_on_end_and_indent(qtbot, pane):
    qtbot.keyClicks(pane.page, "- one")
    qtbot.keyClick(pane.page, Qt.Key.Key_Return)
    qtbot.keyClick(pane.page, Qt.Key.Key_Tab)
    qtbot.keyClicks(pane.page, "two")
    assert pane.prose().blocks == (Block("bullet"), Block("bullet", 1))
    qtbot.keyClick(pane.page, Qt.Key.Key_Backtab, SHIFT)
    assert pane.prose().blocks[1] == Block("bullet")
    qtbot.keyClick(pane.page, Qt.Key.Key_Return)
    qtbot.keyClick(pane.page, Qt.Key.Key_Return)
    assert styles(pane) == ["bullet", "bullet", "body"]


def test_enter_behind_a_heading_and_backspace_at_its_start(qtbot, pane):
    qtbot.keyClicks(pane.page, "# Title")
    qtbot.keyClick(pane.page, Qt.Key.Key_Return)
    qtbot.keyClicks(pane.page, "text")
    assert styles(pane) == ["h1", "body"]
    pane.set_cursor_position(0)
    qtbot.keyClick(pane.page, Qt.Key.Key_Return)
    assert styles(pane) == ["body", "h1", "body"]
    pane.set_cursor_position(1)
    qtbot.keyClick(pane.page, Qt.Key.Key_Backspace)
    assert styles(pane) == ["body", "body", "body"]


def test_scene_breaks_by_key_and_by_typing(qtbot, pane):
    qtbot.keyClicks(pane.page, "one")
    pane.page.editing.insert_break()
    qtbot.keyClicks(pane.page, "two")
    assert (pane.text(), styles(pane)) == ("one\n\ntwo", ["body", "break", "body"])
    qtbot.keyClick(pane.page, Qt.Key.Key_Return)
    qtbot.keyClicks(pane.page, "***")
    qtbot.keyClick(pane.page, Qt.Key.Key_Return)
    assert styles(pane)[-2:] == ["break", "body"]


def test_footnotes_are_numbered_in_order_and_listed(qtbot, pane):
    qtbot.keyClicks(pane.page, "ab")
    pane.page.editing.insert_object("footnote", "second")
    pane.set_cursor_position(1)
    pane.page.editing.insert_object("footnote", "first")
    assert [text for _, text in pane.page.painting.notes.all] == ["first", "second"]
    assert pane.page.notes_height() > 0
    pane.undo()
    pane.undo()
    assert pane.page.notes_height() == 0


def test_links(qtbot, pane):
    qtbot.keyClicks(pane.page, "see here now")
    pane.select(4, 4)
    pane.page.editing.set_link("https://example.org")
    assert looks(pane) == {("link", "here")}
    pane.set_cursor_position(8)
    qtbot.keyClicks(pane.page, "!")  # behind a link no link goes on
    assert looks(pane) == {("link", "here")}
    pane.set_cursor_position(6)
    pane.page.editing.set_link("")
    assert not looks(pane)


# ---------------------------------------------------------------- clipboard

FOREIGN = """<html><head><style>p {}</style></head><body><b style="font-weight:normal"><h2>Head</h2>
<p>One <span style="font-weight:700">bold</span> and <em>leaning</em> <a href="https://x.org">link</a>.<script>x()</script></p>
<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul><blockquote><p>said</p></blockquote><hr><p>end</p></b></body></html>"""


def test_html_becomes_prose():
    prose = from_html(FOREIGN)
    assert prose.text == "Head\nOne bold and leaning link.\na\nb\nc\nsaid\n\nend"
    assert [b.style for b in prose.blocks] == ["h2", "body", "bullet", "bullet", "number", "quote", "break", "body"]
    assert {(m.kind, prose.text[m.start:m.end]) for m in prose.marks} == {("bold", "bold"), ("italic", "leaning"),
                                                                         ("link", "link")}
    again = from_html(to_html(prose))
    assert (again.text, again.marks) == (prose.text, prose.marks)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="<>/bipulh1 ax&;\"'=\n", max_size=80))
def test_wild_html_is_some_text(source):
    prose = from_html(source)
    assert tidy(prose).text == prose.text
    assert len(prose.blocks) == prose.text.count("\n") + 1


def test_rich_text_goes_round_by_the_clipboard(qtbot, pane):
    pane.load(Prose("Head\na bold word", (Block("h1"), Block()), (Mark(7, 4, "bold"),)))
    pane.page.selectAll()
    pane.page.copy()
    assert "<h1>Head</h1>" in QApplication.clipboard().mimeData().html()
    pane.load("")
    pane.page.paste()
    assert styles(pane) == ["h1", "body"]
    assert looks(pane) == {("bold", "bold")}
    pane.undo()
    assert pane.text() == ""


def test_binary_pasted_as_text_is_refused_in_a_sentence(qtbot, pane):
    data = QMimeData()
    data.setText("PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00")
    with qtbot.waitSignal(pane.notice) as said:
        pane.page.insertFromMimeData(data)
    assert "no text" in said.args[0]
    assert pane.text() == ""
    assert not looks_binary("An honest\tline\nor two, 日本語 and עברית")


def test_clipboards_that_lie_are_no_prose():
    for lie in (None, 7, {}, {"text": "a", "blocks": [["x", 1]], "marks": [[0, 99, "bold", ""], [1]], "spans": [3]}):
        prose = whole_prose(lie)
        assert prose is None or tidy(prose).text == "a"


@pytest.mark.parametrize("text", ["שלום עולם", "日本語の文章です。", "नमस्ते दुनिया"])
def test_other_scripts_are_typed_looked_up_and_counted(qtbot, pane, text):
    pane.load(text, (), 0)
    pane.select(0, len(text))
    pane.page.editing.toggle("bold")
    pane.page.viewport().repaint()
    assert looks(pane) == {("bold", text)}
    assert pane.page.rect_of(0, 1).isValid()


# ---------------------------------------------------------------- spelling


def test_a_speller_knows_words_and_suggests(qapp):
    from studio.ui.write.speller import Speller, dictionaries

    speller = Speller(dictionaries(None)["en_US"], ["Marzipanish"])
    assert speller.check(["wrld", "world", "don’t", "Marzipanish", "日本"]) == ["wrld"]
    assert "world" in speller.suggest("wrld")
    unknown: list[str] = []
    assert speller.misspelt("😀 wrld neverseen", unknown.append) == [(3, 4)]
    assert unknown == ["neverseen"]


def test_misspelt_words_are_underlined_in_the_looks_that_they_have(pane: WritePane) -> None:
    pane.load(Prose("one twoo thre four fivee", (), (Mark(2, 8, "bold"), Mark(11, 3, "italic"))))
    pane.page.look.misspelt = lambda _: [(4, 4), (9, 4), (19, 9)]  # the last reaches beyond the paragraph
    block = pane.page.document().firstBlock()
    pane.page.look.restyle(block)
    waved = [(r.start, r.length, r.format.fontWeight() > 500, r.format.fontItalic()) for r in block.layout().formats()
             if r.format.underlineStyle() == QTextCharFormat.UnderlineStyle.WaveUnderline]
    assert waved == [(4, 4, True, False), (9, 1, True, False), (10, 1, False, False), (11, 2, False, True),
                     (19, 5, False, False)]
