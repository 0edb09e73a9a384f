"""The open document: edits, previews, work off the UI thread, undo."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from studio.project.paint import PaintError, Picture, Rect
from studio.project.paint.edit import crop, paste_array, set_props
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.making import new_picture


@pytest.fixture
def document(qapp: object) -> Iterator[CanvasDocument]:
    document = CanvasDocument(new_picture(600, 300))
    yield document
    document.close()


def paste(picture: Picture, x: int = 0, y: int = 0, name: str = "A") -> Picture:
    pixels = np.full((20, 20, 4), 255, np.uint8)
    return paste_array(picture, pixels, x, y, name)


def names(document: CanvasDocument) -> list[str]:
    return [layer.name for layer, _ in document.picture.walk()]


def test_an_edit_says_which_tiles_are_dirty_and_can_be_undone(qtbot: QtBot, document: CanvasDocument) -> None:
    with qtbot.waitSignals([document.changed, document.committed, document.history_changed]):
        assert document.edit("Paste", lambda picture: paste(picture, 300, 10))
    heard: list[object] = []
    document.changed.connect(heard.append)
    document.edit("Paint", lambda picture: picture.replace(
        picture.active_layer.with_(plane=picture.active_layer.plane.write(
            np.full((5, 5, 4), 9, np.uint8), 310, 20))))
    assert heard == [{(1, 0)}]
    assert document.history.labels() == ["Open", "Paste", "Paint"]
    document.undo()
    document.undo()
    assert names(document) == ["Layer 1"]
    assert not document.can_undo()
    document.jump(2)
    assert names(document) == ["A", "Layer 1"]
    assert not document.can_redo()
    document.jump(99)
    assert document.history.index == 2


def test_a_refused_edit_gives_one_sentence_and_changes_nothing(qtbot: QtBot, document: CanvasDocument) -> None:
    before = document.picture
    with qtbot.waitSignal(document.refused) as said:
        assert not document.edit("Crop", lambda picture: crop(picture, Rect(0, 0, 0, 5)))
    assert said.args[0].endswith(".")
    assert document.picture is before
    assert document.history.labels() == ["Open"]


def test_a_preview_is_shown_and_not_kept(document: CanvasDocument) -> None:
    live = paste(document.picture)
    document.preview(live)
    assert document.shown is live
    assert document.previewing
    assert document.compositor.image(Rect(5, 5, 1, 1)).pixelColor(0, 0).alpha() == 255
    document.preview(None)
    assert document.shown is document.picture
    assert document.compositor.image(Rect(5, 5, 1, 1)).pixelColor(0, 0).alpha() == 0
    assert document.history.labels() == ["Open"]


def test_steps_of_one_slider_are_one(document: CanvasDocument) -> None:
    layer = document.picture.active
    for opacity in (0.9, 0.5, 0.2):
        document.edit("Opacity", lambda picture, value=opacity: set_props(picture, layer, opacity=value), "opacity")
    assert document.history.labels() == ["Open", "Opacity"]
    document.undo()
    assert document.active is not None
    assert document.active.opacity == 1.0


def test_work_off_the_thread_keeps_its_order_and_what_was_painted_meanwhile(
        qtbot: QtBot, document: CanvasDocument) -> None:
    begun, go_on = threading.Event(), threading.Event()
    threads = set()

    def slow(picture: Picture) -> Picture:
        threads.add(threading.current_thread())
        begun.set()
        assert go_on.wait(10)
        return paste(picture, name="slow")

    document.run("Slow", slow)
    document.run("After", lambda picture: paste(picture, name="after"))
    assert begun.wait(10)
    assert document.busy
    document.edit("Quick", lambda picture: paste(picture, name="quick"))
    go_on.set()
    qtbot.waitUntil(lambda: not document.busy)
    assert document.history.labels() == ["Open", "Quick", "Slow", "After"]
    assert names(document) == ["after", "slow", "quick", "Layer 1"]
    assert threading.main_thread() not in threads


def test_work_waits_while_the_pen_is_down(qtbot: QtBot, document: CanvasDocument) -> None:
    done = threading.Event()

    def work(picture: Picture) -> Picture:
        done.set()
        return paste(picture, name="work")

    document.run("Work", work)
    document.preview(paste(document.picture, name="stroke"))
    assert done.wait(10)
    qtbot.waitUntil(lambda: document._waiting_result is not None)
    assert names(document) == ["Layer 1"]
    document.edit("Stroke", lambda picture: paste(picture, name="stroke"))
    qtbot.waitUntil(lambda: not document.busy)
    assert document.history.labels() == ["Open", "Stroke", "Work"]


@pytest.mark.expects_log
def test_work_that_fails_says_so_and_the_next_goes_on(qtbot: QtBot, document: CanvasDocument) -> None:
    said: list[str] = []
    document.refused.connect(said.append)

    def refuse(picture: Picture) -> Picture:
        raise PaintError("The layer is locked; unlock it.")

    def fail(picture: Picture) -> Picture:
        raise MemoryError

    document.run("One", refuse)
    document.run("Two", fail)
    document.run("Three", paste)
    qtbot.waitUntil(lambda: not document.busy)
    assert said[0] == "The layer is locked; unlock it."
    assert "MemoryError" in said[1]
    assert names(document) == ["A", "Layer 1"]


def test_nothing_changes_while_it_is_closed(document: CanvasDocument) -> None:
    said: list[str] = []
    document.refused.connect(said.append)
    document.closed_because = "It is being opened."
    assert not document.edit("Paste", paste)
    document.run("Paste", paste)
    document.preview(paste(document.picture))
    assert document.shown is document.picture
    assert said == ["It is being opened."] * 2


def test_growing_the_artboard_tells_where_its_content_went(qtbot: QtBot, document: CanvasDocument) -> None:
    document.edit("Paste", paste)
    with qtbot.waitSignal(document.resized) as heard:
        document.edit("Crop", lambda picture: crop(picture, Rect(-30, -40, 700, 400)))
    assert heard.args == [30, 40]
    with qtbot.waitSignal(document.resized) as heard:
        document.undo()
    assert heard.args == [-30, -40]


def test_loading_begins_anew(document: CanvasDocument) -> None:
    document.edit("Paste", paste)
    document.run("Never", paste)
    other = new_picture(10, 10)
    document.load(other)
    assert document.picture is other
    assert document.history.labels() == ["Open"]
    assert not document.busy


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(["paste", "opacity", "undo", "redo", "active", "preview"]), max_size=14))
def test_undo_all_and_redo_all_give_the_same_picture(steps: list[str]) -> None:
    document = CanvasDocument(new_picture(40, 40))
    for number, step in enumerate(steps):
        if step == "paste":
            document.edit("Paste", lambda picture, n=number: paste(picture, n, n, f"L{n}"))
        elif step == "opacity":
            document.edit("Opacity", lambda picture, n=number: set_props(picture, picture.active, opacity=n / 20))
        elif step == "preview":
            document.preview(paste(document.picture))
            document.preview(None)
        elif step == "active":
            document.set_active(document.picture.layers[0].id)
        else:
            getattr(document, step)()
    end = document.history.index
    before = document.compositor.image(document.picture.rect)
    while document.can_undo():
        document.undo()
    assert [layer.name for layer in document.picture.layers] == ["Layer 1"]
    document.jump(end)
    assert document.compositor.image(document.picture.rect) == before
    document.close()
