"""What other parts of the window build on the page: anchors, replacing, gaps, filters, painters."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from studio.project.manuscript.rows import Prose
from studio.ui.theme import Theme
from studio.ui.write import WritePane

TEXT = "One fine day.\nThe cat slept.\nNobody minded."


@pytest.fixture
def pane(qtbot):
    pane = WritePane(Theme("dark"))
    qtbot.addWidget(pane)
    pane.resize(1000, 700)
    pane.show()
    pane.load(TEXT, (), 0)
    return pane


def test_an_anchor_follows_edits_and_dies_with_its_text(qtbot, pane):
    anchor = pane.anchor(TEXT.index("cat"), 3)
    pane.set_cursor_position(0)
    qtbot.keyClicks(pane.page, "Well: ")
    assert anchor.text() == "cat"
    assert anchor.range() == (TEXT.index("cat") + 6, 3)
    pane.set_cursor_position(anchor.range()[0] + 1)
    qtbot.keyClicks(pane.page, "o")
    assert anchor.text() == "coat"
    pane.select(anchor.range()[0] - 1, 6)
    qtbot.keyClick(pane.page, Qt.Key.Key_Delete)
    assert not anchor.alive
    assert pane.replace(anchor, "dog") is None


def test_an_anchor_counts_characters(pane):
    pane.load("🦊🦊 fox", (), 0)
    anchor = pane.anchor(3, 3)
    assert anchor.text() == "fox"
    assert anchor.range() == (3, 3)


def test_replacing_is_one_step_with_an_author(pane):
    anchor = pane.anchor(TEXT.index("cat"), 3)
    assert pane.replace(anchor, "old dog", recipe="r7") is anchor
    assert anchor.text() == "old dog"
    assert pane.text() == TEXT.replace("cat", "old dog")
    assert pane.span_at(TEXT.index("cat") + 2)["recipe"] == "r7"
    assert pane.span_at(0) is None
    pane.undo()
    assert pane.text() == TEXT
    assert not pane.spans()
    pane.redo()
    assert pane.text() == TEXT.replace("cat", "old dog")
    assert len(pane.spans()) == 1


def test_a_prose_says_itself_who_wrote_it(pane):
    spans = ({"start": 4, "length": 3, "origin": "machine", "recipe": "r1", "size": 3},)
    pane.replace((0, 0), Prose("You dog. ", spans=spans))
    assert [(s["start"], s["length"]) for s in pane.spans()] == [(4, 3)]


def test_replacing_while_a_passage_streams_leaves_it_alone(pane):
    anchor = pane.anchor(0, 3)
    pane.begin_passage("job", len(TEXT))
    pane.append_token("job", " And")
    pane.replace(anchor, "Another")
    pane.append_token("job", " so on.")
    pane.end_passage("job", "r")
    assert pane.text() == "Another" + TEXT[3:] + " And so on."
    pane.undo()
    assert pane.text() == "Another" + TEXT[3:]
    pane.undo()
    assert pane.text() == TEXT


def test_what_stands_around_the_caret(pane):
    pane.set_cursor_position(TEXT.index("cat"))
    assert pane.text_before(4) == "The "
    assert pane.text_after(9) == "cat slept"
    assert pane.paragraph_at(TEXT.index("cat")) == (TEXT.index("The"), len("The cat slept."))


def test_a_gap_is_no_part_of_the_text_and_goes_with_its_paragraph(qtbot, pane):
    before = pane.rect_of(TEXT.index("Nobody"), 6).top()
    gap = pane.page.add_gap(pane.anchor(TEXT.index("cat"), 3), 120)
    assert pane.rect_of(TEXT.index("Nobody"), 6).top() == before + 120
    assert pane.text() == TEXT
    assert not pane.can_undo()
    gap.set_height(60)
    assert pane.rect_of(TEXT.index("Nobody"), 6).top() == before + 60
    pane.set_cursor_position(TEXT.index("cat") + 3)
    qtbot.keyClick(pane.page, Qt.Key.Key_Return)  # " slept." is a paragraph of its own now, without the room
    now = pane.text()
    first, second, third = (pane.rect_of(now.index(w), 2).top() for w in ("cat", "slept", "Nobody"))
    assert second - first > 60 > third - second
    gap.remove()
    first, second = (pane.rect_of(now.index(w), 2).top() for w in ("cat", "slept"))
    assert second - first < 60


def test_filters_are_asked_before_the_page_and_claims_before_the_window(qtbot, pane):
    seen = []
    pane.page.key_filters.append(lambda event: seen.append(event.key()) or event.key() == Qt.Key.Key_Tab)
    pane.page.setFocus()
    qtbot.keyClick(pane.page, Qt.Key.Key_Tab)
    assert pane.page.hasFocus()
    assert pane.text() == TEXT
    qtbot.keyClick(pane.page, Qt.Key.Key_X)
    assert seen == [Qt.Key.Key_Tab, Qt.Key.Key_X]
    assert pane.text() == "x" + TEXT


def test_painters_paint_over_the_text(pane):
    painted = []
    pane.page.overlays.append(lambda _painter, rect: painted.append(rect))
    pane.page.viewport().repaint()
    assert painted
    assert not painted[-1].isEmpty()


def test_signals_of_the_page(qtbot, pane):
    with qtbot.waitSignals([pane.edited, pane.caret_moved]):
        qtbot.keyClicks(pane.page, "x")
