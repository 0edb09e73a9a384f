"""The manuscript in the real window: scenes, outline, split and merge, searching, snapshots, files."""

from __future__ import annotations

import os
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor

from studio.project.manuscript.rows import Block, Mark, Prose

STORY = ("The last chart in the drawer had no stars on it. Marzipan turned it over twice, as one does with a letter "
         "from a stranger, and found only a watermark and the brown ring of somebody’s tea.\n"
         "“It isn’t empty,” said the lamp, who was old and liked to be asked.\n\n"
         "Never trust a lighthouse that hums.\nFour small planets\nA brass kettle\n"
         "She spread it across the console and weighed down its corners.\ufffc")


def story() -> Prose:
    blocks = (Block(), Block(), Block("break"), Block("quote"), Block("bullet"), Block("bullet"), Block())
    at = STORY.index("no stars")
    return Prose(STORY, blocks, (Mark(at, 8, "italic"), Mark(STORY.index("Marzipan"), 8, "bold"),
                                 Mark(len(STORY) - 1, 1, "footnote", "The console came from a lighthouse.")))


@pytest.fixture
def room(studio: Any) -> Any:
    studio.desk.go("write")
    return studio.bench.room("write")


def settle(studio: Any, room: Any) -> None:
    """Let everything that was asked of the project come back."""
    room.pane.flush()
    for _ in range(4):
        room.session.project.flush()
        seen: list[int] = []
        room.session.read(lambda: 1, seen.append)
        studio.qtbot.waitUntil(lambda s=seen: bool(s))
        studio.qtbot.wait(1)


def fill(room: Any, prose: Prose | str) -> None:
    """Put a text on the page and into the project."""
    room.pane.load(prose, (), 0)
    room.pane.story.edited.emit()
    room.pane.flush()


def titles(room: Any) -> list[str]:
    return [n.title for n in room.session.project.manuscript_nodes(room.control.document)]


def test_a_new_manuscript_has_a_scene_on_the_page(studio, room):
    assert titles(room) == ["Chapter 1", "Scene 1"]
    assert room.control.node
    assert room.pane.page.head == ("", "Chapter 1")
    studio.qtbot.keyClicks(room.pane.page, "Once upon")
    settle(studio, room)
    assert room.session.project.prose(room.control.node)[0].text == "Once upon"


def test_looks_come_back_from_the_project(studio, room):
    room.pane.load(story())
    page = room.pane.page
    cursor = page.textCursor()
    cursor.setPosition(0)
    cursor.setPosition(3, QTextCursor.MoveMode.KeepAnchor)
    page.setTextCursor(cursor)
    studio.qtbot.keyClick(page, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    studio.qtbot.keyClick(page, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    settle(studio, room)
    kept, _ = room.session.project.prose(room.control.node)
    assert kept.text == STORY
    assert kept.blocks == story().blocks[:6]
    assert {(m.kind, m.start, m.length) for m in kept.marks} >= {("bold", 0, 3), ("italic", 0, 3), ("footnote",
                                                                                              len(STORY) - 1, 1)}
    if folder := os.environ.get("SHOTS"):
        studio.window.resize(1600, 1000)
        studio.qtbot.wait(300)
        studio.window.grab().save(f"{folder}/write.png")


def test_scenes_keep_their_own_history(studio, room):
    page, first = room.pane.page, room.control.node
    studio.qtbot.keyClicks(page, "one")
    room.work.scenes.add("scene")
    studio.qtbot.waitUntil(lambda: room.control.node != first)
    second = room.control.node
    studio.qtbot.keyClicks(page, "two")
    room.control.step(-1)
    assert room.control.node == first
    assert room.pane.text() == "one"
    assert room.pane.cursor_position() == 3
    room.control.show(second)
    room.pane.undo()
    assert room.pane.text() == ""
    room.pane.undo()  # the scene itself
    settle(studio, room)
    assert titles(room) == ["Chapter 1", "Scene 1"]
    studio.qtbot.waitUntil(lambda: room.control.node == first)
    room.pane.redo()
    settle(studio, room)
    assert titles(room) == ["Chapter 1", "Scene 1", "Scene 2"]


def test_split_and_merge_are_undone_in_order(studio, room):
    fill(room, "First half.\nSecond half.")
    first = room.control.node
    room.pane.set_cursor_position(12)
    room.work.structure.split()
    studio.qtbot.waitUntil(lambda: room.control.node != first)
    settle(studio, room)
    assert room.pane.text() == "Second half."
    assert room.session.project.prose(first)[0].text == "First half."
    room.control.show(first)
    room.work.structure.merge(first)
    settle(studio, room)
    assert room.pane.text() == "First half.\nSecond half."
    assert len(room.work.structure.scenes()) == 1
    room.pane.undo()
    settle(studio, room)
    assert room.pane.text() == "First half."
    assert len(room.work.structure.scenes()) == 2
    room.pane.undo()
    settle(studio, room)
    assert room.pane.text() == "First half.\nSecond half."
    assert len(room.work.structure.scenes()) == 1
    assert room.session.project.prose(first)[0].text == "First half.\nSecond half."


def test_undo_does_not_throw_a_new_scene_away_with_what_was_written_in_it(studio, room):
    first = room.control.node
    fill(room, "First.")
    room.work.scenes.add("scene")
    studio.qtbot.waitUntil(lambda: room.control.node != first)
    second = room.control.node
    room.pane.page.setFocus()
    studio.qtbot.keyClicks(room.pane.page, "Second.")
    room.control.show(first)
    studio.qtbot.waitUntil(lambda: room.control.node == first)
    room.pane.undo()
    assert "Take back first" in studio.bench.notice.label.text()
    studio.qtbot.waitUntil(lambda: room.control.node == second)
    assert room.pane.text() == "Second."
    room.pane.undo()
    room.pane.undo()
    settle(studio, room)
    assert second not in [n.id for n in room.control.structure.nodes]


def test_a_scene_is_thrown_away_and_comes_back(studio, room):
    first = room.control.node
    studio.qtbot.keyClicks(room.pane.page, "kept")
    room.work.scenes.trash(first)
    settle(studio, room)
    assert room.control.node == ""
    assert room.pane.page.isReadOnly()
    room.pane.undo()
    settle(studio, room)
    assert room.control.node == first
    assert room.pane.text() == "kept"


def test_the_outline_moves_renames_and_counts(studio, room):
    structure = room.work.structure
    room.pane.load("four words are here", (), 0)
    studio.qtbot.keyClicks(room.pane.page, " ")
    structure.add("chapter")
    settle(studio, room)
    chapter = structure.nodes[-1]
    assert chapter.kind == "chapter"
    scene = room.control.node
    assert structure.move(scene, chapter.id)
    structure.change(scene, title="Arrival", status="done", goal=100, synopsis="She lands.")
    settle(studio, room)
    assert [n.title for n in structure.nodes] == ["Chapter 1", "Chapter 2", "Arrival"]
    item = room.outline.tree.item_of(scene)
    assert "She lands." in item.toolTip(0)
    assert structure.node(chapter.id).words == 4
    assert not structure.move(chapter.id, scene)
    structure.shift(scene, -1)
    settle(studio, room)
    assert structure.node(scene).parent == structure.nodes[0].id


def test_find_and_replace_over_all_scenes_is_one_step(studio, room):
    first = room.control.node
    fill(room, "The cat and the Cat.")
    room.work.scenes.add("scene")
    studio.qtbot.waitUntil(lambda: room.control.node != first)
    studio.qtbot.keyClicks(room.pane.page, "A cat again")
    second = room.control.node
    settle(studio, room)
    room.work.show_search()
    panel = room.work._search
    panel.query.setText("cat")
    panel.search()
    settle(studio, room)
    assert panel.count.text() == "3 places in 2 scenes"
    panel.go(panel.list.item(0))
    assert room.control.node == first
    assert room.pane.selected_text() == "cat"
    panel.replacement.setText("dog")
    panel.case.setChecked(True)
    panel.replace_all()
    settle(studio, room)
    assert room.session.project.prose(first)[0].text == "The dog and the Cat."
    assert room.session.project.prose(second)[0].text == "A dog again"
    room.pane.undo()
    settle(studio, room)
    assert room.session.project.prose(first)[0].text == "The cat and the Cat."
    assert room.session.project.prose(second)[0].text == "A cat again"
    panel.regex.setChecked(True)
    panel.query.setText("(")
    panel.search()
    settle(studio, room)
    assert panel.list.count() == 0
    assert panel.count.text()


def test_snapshots_are_compared_and_brought_back(studio, room):
    from studio.ui.write.snapshots import SnapshotPanel

    studio.qtbot.keyClicks(room.pane.page, "The old words")
    room.work.take_snapshot()
    settle(studio, room)
    room.pane.replace((4, 3), "new")
    panel = SnapshotPanel(room.work, room.control.node)
    studio.qtbot.addWidget(panel)
    settle(studio, room)
    assert panel.list.count() == 1
    assert "1 words came and 1 went" in panel.said.text()
    panel._restore()
    assert room.pane.text() == "The old words"
    room.pane.undo()
    assert room.pane.text() == "The new words"


def test_files_go_out_and_come_in(studio, room, tmp_path):
    fill(room, story())
    files = room.work._filer()
    values = {"title": "The Chart", "author": "A. Writer", "title_page": True, "authorship": False}
    target = tmp_path / "book.md"
    files.export(target, values)
    studio.qtbot.waitUntil(lambda: not files._busy)
    assert "**Marzipan**" in target.read_text("utf-8")
    files.bring(target)
    studio.qtbot.waitUntil(lambda: not files._busy)
    settle(studio, room)
    assert len(room.work.structure.scenes()) > 1
    room.pane.undo()
    settle(studio, room)
    assert len(room.work.structure.scenes()) == 1
    broken = tmp_path / "broken.docx"
    broken.write_bytes(b"PK\x03\x04 no document")
    said: list[str] = []
    room.said.connect(said.append)
    files.bring(broken)
    studio.qtbot.waitUntil(lambda: not files._busy)
    assert len(said) == 2  # that it is read, and why it cannot be


def test_a_narrow_window_is_the_pages(studio, room):
    window, inspector = studio.window, studio.bench.inspector
    window.resize(1600, 1000)
    studio.qtbot.waitUntil(lambda: inspector.isVisible() and room.outline.isVisible())
    window.setMinimumSize(0, 0)
    window.resize(640, 700)
    studio.qtbot.waitUntil(lambda: not inspector.isVisible())
    studio.qtbot.waitUntil(lambda: not room.outline.isVisible() or room.pane.width() > 600)
    room.pane.resize(500, 600)
    assert not room.outline.isVisible()
    assert room.pane.page.width() == 500
    room.work.toggle_outline()  # over the page
    assert room.outline.isVisible()
    assert room.pane.page.width() == 500
    room.outline.tree.picked.emit(room.control.node)
    assert not room.outline.isVisible()
    window.resize(1600, 1000)
    studio.qtbot.waitUntil(lambda: inspector.isVisible() and room.outline.isVisible())
    assert room.pane.page.width() < room.pane.width()


def test_focus_hides_everything_but_the_page(studio, room):
    bench = studio.bench
    room.work.toggle_focus()
    assert not bench.bar.isVisible()
    assert not room.outline.isVisible()
    assert not bench.inspector.isVisible()
    studio.qtbot.keyClick(room.pane.page, Qt.Key.Key_Escape)
    assert bench.bar.isVisible()
    assert room.outline.isVisible()
    assert bench.inspector.isVisible()
