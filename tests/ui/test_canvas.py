"""The canvas: view, items and undo, generation frame, candidates, drops."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QMimeData, QPoint, QPointF, QRect, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QImage, QMouseEvent, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication

from studio.ui.canvas import RESULT_MIME, CanvasPane
from studio.ui.canvas.board import Item
from studio.ui.canvas.camera import Camera
from studio.ui.canvas.drops import read_drop
from studio.ui.canvas.frame import GenerationFrame, handle_at, resized
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader

Mods = Qt.KeyboardModifier
CTRL, SHIFT, ALT, NONE = Mods.ControlModifier, Mods.ShiftModifier, Mods.AltModifier, Mods.NoModifier


def png(colour: str, width: int = 64, height: int = 64) -> bytes:
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(QColor(colour))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


@pytest.fixture
def loader(qapp):
    media = {"red": png("#ff0000"), "blue": png("#0000ff"), "clear": png("#00000000"), "bad": b"no picture"}
    loader = ImageLoader(lambda sha: media[sha])
    yield loader
    loader.close()


@pytest.fixture
def pane(qtbot, loader):
    pane = CanvasPane(Theme("dark"), loader)
    qtbot.addWidget(pane)
    pane.resize(900, 600)
    pane.show()
    pane.pasteboard.setFocus()
    return pane


def item(item_id: str, media: str = "red", x: float = 0, y: float = 0, size: float = 64, **more) -> dict:
    return {"id": item_id, "media": media, "x": x, "y": y, "width": size, "height": size, "z": 1.0, **more}


def place(pane: CanvasPane, item_id: str) -> tuple[float, float, float, float]:
    found = pane.board.get(item_id)
    return found.x, found.y, found.width, found.height


def screen(pane: CanvasPane, x: float, y: float) -> QPoint:
    return pane.pasteboard.camera.to_screen(QPointF(x, y)).toPoint()


def drag(qtbot, pane: CanvasPane, start: QPoint, end: QPoint, mods=NONE) -> None:
    view = pane.pasteboard
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, mods, start)
    # QTest's moves carry no modifiers and no buttons
    for at in ((start + end) / 2, end):
        QApplication.sendEvent(view, QMouseEvent(QEvent.Type.MouseMove, QPointF(at), QPointF(view.mapToGlobal(at)),
                                                 Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, mods))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, mods, end)


def key(qtbot, pane: CanvasPane, which: Qt.Key, mods=NONE) -> None:
    qtbot.keyClick(pane.pasteboard, which, mods)


def load_media(qtbot, loader: ImageLoader, sha: str) -> None:
    if loader.image(sha) is None:
        with qtbot.waitSignal(loader.ready, check_params_cb=lambda got, _: got == sha):
            pass


# ---------------------------------------------------------------- view


@settings(deadline=None)
@given(st.floats(-2000, 2000), st.floats(-2000, 2000), st.floats(0.001, 100), st.floats(0.02, 32),
       st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_zoom_keeps_the_point_under_the_cursor(x, y, wanted, before, ox, oy):
    camera = Camera()
    camera.scale, camera.offset = before, QPointF(ox, oy)
    anchor = QPointF(x, y)
    held = camera.to_document(anchor)
    camera.zoom_at(anchor, wanted)
    again = camera.to_screen(held)
    assert again.x() == pytest.approx(x, abs=1e-3)
    assert again.y() == pytest.approx(y, abs=1e-3)
    assert 0.02 <= camera.scale <= 32.0


def wheel(view, at: QPoint, turn: int, mods=NONE) -> None:
    QApplication.sendEvent(view, QWheelEvent(QPointF(at), QPointF(view.mapToGlobal(at)), QPoint(), QPoint(0, turn),
                                             Qt.MouseButton.NoButton, mods, Qt.ScrollPhase.NoScrollPhase, False))


def test_wheel_pans_and_control_wheel_zooms_at_the_cursor(pane):
    view, at = pane.pasteboard, QPoint(200, 150)
    before = view.camera.offset
    wheel(view, at, 120)
    assert view.camera.offset.y() == before.y() + 60
    held = view.camera.to_document(QPointF(at))
    scale = pane.scale()
    wheel(view, at, 120, CTRL)
    assert pane.scale() == pytest.approx(scale * 1.2)
    assert (view.camera.to_document(QPointF(at)) - held).manhattanLength() < 1e-6


def test_pinch_zooms(pane):
    view, scale = pane.pasteboard, pane.scale()
    at = QPointF(100, 100)
    QApplication.sendEvent(view, QNativeGestureEvent(Qt.NativeGestureType.ZoomNativeGesture,
                                                     QPointingDevice.primaryPointingDevice(), 2, at, at, at, 0.5,
                                                     QPointF()))
    assert pane.scale() == pytest.approx(scale * 1.5)


def test_keys_zoom_and_the_badge_says_so(qtbot, pane):
    pane.load_items([item("a", size=4000)])
    assert pane.scale() < 0.2
    key(qtbot, pane, Qt.Key.Key_1)
    assert pane.scale() == 1.0
    assert pane.badge.text() == "100 %"
    key(qtbot, pane, Qt.Key.Key_0)
    assert pane.scale() < 0.2
    for _ in range(200):
        key(qtbot, pane, Qt.Key.Key_Plus)
    assert pane.scale() == 32.0
    assert pane.badge.text() == "3200 %"


def test_space_and_the_hand_pan(qtbot, pane):
    view = pane.pasteboard
    space = Qt.Key.Key_Space
    for begin, end in ((lambda: qtbot.keyPress(view, space), lambda: qtbot.keyRelease(view, space)),
                       (lambda: pane.set_tool("hand"), lambda: pane.set_tool("select"))):
        before = view.camera.offset
        begin()
        drag(qtbot, pane, QPoint(100, 100), QPoint(140, 130))
        end()
        assert view.camera.offset - before == QPointF(40, 30)


def test_view_state_comes_back(pane):
    pane.set_frame_rect(QRect(8, 16, 320, 256))
    pane.pasteboard.zoom_at(QPointF(300, 200), 2.5)
    state = json.loads(json.dumps(pane.view_state()))
    pane.zoom_to_100()
    pane.set_frame_rect(QRect(0, 0, 256, 256))
    pane.restore_view(state)
    assert pane.scale() == 2.5
    assert pane.frame_rect() == QRect(8, 16, 320, 256)
    now = pane.view_state()
    assert now["x"] == pytest.approx(state["x"], abs=1)
    pane.restore_view({"frame": "x", "scale": None})


# ---------------------------------------------------------------- items


def test_click_selects_drag_moves_and_undo_takes_it_back(qtbot, pane):
    pane.load_items([item("a", x=-400, y=-300)])
    pane.zoom_to_100()
    pane.pasteboard.look_at(QPointF(-300, -200), 1.0)
    heard = []
    pane.items_changed.connect(heard.append)
    drag(qtbot, pane, screen(pane, -380, -280), screen(pane, -350, -270))
    assert pane.board.selected == ["a"]
    assert place(pane, "a")[:2] == (-370, -290)
    assert heard[-1][0]["x"] == -370
    pane.undo()
    assert place(pane, "a")[:2] == (-400, -300)
    assert heard[-1][0]["x"] == -400
    pane.redo()
    assert place(pane, "a")[:2] == (-370, -290)


def test_arrows_move_by_one_and_ten_as_one_step(qtbot, pane):
    pane.load_items([item("a")])
    pane.board.select(["a"])
    for _ in range(3):
        key(qtbot, pane, Qt.Key.Key_Right)
    key(qtbot, pane, Qt.Key.Key_Down, SHIFT)
    assert place(pane, "a")[:2] == (3, 10)
    assert pane.undo_stack().count() == 1
    pane.undo()
    assert place(pane, "a")[:2] == (0, 0)


def test_a_corner_keeps_the_aspect_and_escape_gives_up(qtbot, pane):
    pane.load_items([{**item("a", x=1000, y=1000), "width": 200, "height": 100}])
    pane.pasteboard.look_at(QPointF(1100, 1050), 1.0)
    pane.board.select(["a"])
    drag(qtbot, pane, screen(pane, 1200, 1100), screen(pane, 1300, 1110))
    assert place(pane, "a") == (1000, 1000, 300, 150)
    pane.undo()
    assert place(pane, "a") == (1000, 1000, 200, 100)
    view = pane.pasteboard
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, NONE, screen(pane, 1050, 1050))
    qtbot.mouseMove(view, screen(pane, 1090, 1090))
    key(qtbot, pane, Qt.Key.Key_Escape)
    assert place(pane, "a") == (1000, 1000, 200, 100)
    assert pane.undo_stack().index() == 0


def test_delete_and_undo(qtbot, pane):
    pane.load_items([item("a"), item("b", x=100), item("c", x=200, locked=True)])
    with qtbot.waitSignal(pane.items_removed) as caught:
        pane.board.select(["a", "b", "c"])
        key(qtbot, pane, Qt.Key.Key_Delete)
    assert sorted(caught.args[0]) == ["a", "b"]
    assert [i["id"] for i in pane.items()] == ["c"]
    with qtbot.waitSignal(pane.items_changed) as caught:
        pane.undo()
    assert {i["id"] for i in caught.args[0]} == {"a", "b"}
    assert len(pane.items()) == 3


def test_raise_and_lower(qtbot, pane):
    pane.load_items([item("a", z=1), item("b", z=2), item("c", z=3)])

    def order() -> str:
        return "".join(i["id"] for i in pane.items())

    pane.board.select(["a"])
    key(qtbot, pane, Qt.Key.Key_BracketRight, CTRL)
    assert order() == "bac"
    key(qtbot, pane, Qt.Key.Key_BracketRight, CTRL | SHIFT)
    assert order() == "bca"
    key(qtbot, pane, Qt.Key.Key_BracketLeft, CTRL | SHIFT)
    assert order() == "abc"
    pane.undo()
    pane.undo()
    pane.undo()
    assert order() == "abc"
    assert pane.board.get("c").z == 3


def test_opacity_from_the_context_bar_is_one_step(qtbot, pane):
    pane.load_items([item("a")])
    pane.board.select(["a"])
    pane.bar.opacity_changed.emit(0.5)
    pane.bar.opacity_changed.emit(0.3)
    assert pane.items()[0]["opacity"] == 0.3
    pane.undo()
    assert pane.items()[0]["opacity"] == 1.0


def test_marquee_select_all_and_tab(qtbot, pane):
    pane.load_items([item("a", x=2000), item("b", x=2100), item("c", x=2300)])
    pane.pasteboard.look_at(QPointF(2150, 0), 1.0)
    drag(qtbot, pane, screen(pane, 1990, -20), screen(pane, 2170, 70))
    assert pane.board.selected == ["a", "b"]
    key(qtbot, pane, Qt.Key.Key_A, CTRL)
    assert pane.board.selected == ["a", "b", "c"]
    key(qtbot, pane, Qt.Key.Key_Escape)
    assert pane.board.selected == []
    key(qtbot, pane, Qt.Key.Key_Tab)
    assert pane.board.selected == ["a"]
    key(qtbot, pane, Qt.Key.Key_Tab)
    assert pane.board.selected == ["b"]


def test_add_duplicate_and_undo(qtbot, pane, loader):
    pane.add_picture({"media": "red", "name": "apple", "width": 512, "height": 256, "result": "r"})
    assert len(pane.items()) == 1
    added = pane.items()[0]
    assert (added["width"], added["height"], added["result"], added["name"]) == (256, 128, "r", "apple")
    assert pane.frame.rect.contains(QRectF(added["x"], added["y"], added["width"], added["height"]).toRect())
    key(qtbot, pane, Qt.Key.Key_D, CTRL)
    assert len(pane.items()) == 2
    pane.undo()
    pane.undo()
    assert pane.items() == []


@pytest.mark.parametrize("wild", [
    {}, {"id": None, "x": "left"}, {"x": float("nan"), "width": float("inf")}, {"width": -5, "height": 0},
    {"opacity": 7, "z": None}, {"unknown": 1},
])
def test_wild_records_become_items(pane, wild):
    pane.load_items([wild])
    only = Item.from_dict(pane.items()[0])
    assert only.width >= 1
    assert 0 <= only.opacity <= 1
    assert only.id
    pane.grab()


# ---------------------------------------------------------------- generation frame


@settings(deadline=None)
@given(st.sampled_from(["nw", "n", "ne", "e", "se", "s", "sw", "w"]), st.floats(-900, 900), st.floats(-900, 900),
       st.booleans())
def test_the_frame_snaps_and_its_other_side_stays(handle, dx, dy, keep):
    frame = GenerationFrame()
    frame.set_limits(16, 128, 512)
    frame.set_rect(QRect(40, 40, 256, 320))
    start = frame.rect
    after = frame.dragged(start, handle, QPointF(dx, dy), keep)
    assert after.width() % 16 == 0
    assert after.height() % 16 == 0
    assert 128 <= after.width() <= 512
    assert 128 <= after.height() <= 512
    if "w" in handle:
        assert after.x() + after.width() == start.x() + start.width()
    if "e" in handle:
        assert after.x() == start.x()
    if "n" in handle:
        assert after.y() + after.height() == start.y() + start.height()
    if "s" in handle:
        assert after.y() == start.y()


def test_shift_keeps_the_ratio():
    rect = resized(QRectF(0, 0, 100, 50), "se", QPointF(100, 0), True)
    assert (rect.width(), rect.height()) == (200, 100)
    assert handle_at(QRectF(0, 0, 100, 50), QPointF(101, 49), 8) == "se"
    assert handle_at(QRectF(0, 0, 100, 50), QPointF(50, 25), 8) is None


def test_drag_the_frame_by_edge_badge_and_handle(qtbot, pane):
    pane.zoom_to_100()
    with qtbot.waitSignal(pane.frame_changed):
        drag(qtbot, pane, screen(pane, 60, 0), screen(pane, 100, 24))
    assert pane.frame_rect().topLeft() == QPoint(40, 24)
    drag(qtbot, pane, screen(pane, 60, 24) - QPoint(0, 16), screen(pane, 20, 0) - QPoint(0, 16))
    assert pane.frame_rect().topLeft() == QPoint(0, 0)
    drag(qtbot, pane, screen(pane, 256, 256), screen(pane, 323, 259))
    assert pane.frame_rect() == QRect(0, 0, 320, 256)


def test_frame_tool_keys_and_presets(qtbot, pane):
    key(qtbot, pane, Qt.Key.Key_F)
    assert pane.tool == "frame"
    key(qtbot, pane, Qt.Key.Key_Right)
    key(qtbot, pane, Qt.Key.Key_Down, SHIFT)
    key(qtbot, pane, Qt.Key.Key_Left, ALT)
    assert pane.frame_rect().topLeft() == QPoint(7, 64)
    key(qtbot, pane, Qt.Key.Key_Right, CTRL)
    assert pane.frame_rect().width() == 264
    pane.set_presets([("Wide", 320, 256), ("Tall", 256, 320)])
    centre = pane.frame_rect().center()
    next(a for a in pane.sizes_menu().actions() if a.text().startswith("Wide")).trigger()
    assert pane.frame_rect().size().toTuple() == (320, 256)
    assert (pane.frame_rect().center() - centre).manhattanLength() <= 2


def test_frame_limits_follow_the_model(pane):
    pane.set_frame_limits(64, 128, 384)
    pane.set_frame_size(1000, 50)
    assert pane.frame_rect().size().toTuple() == (384, 128)


def test_what_lies_under_the_frame(qtbot, pane, loader):
    pane.set_frame_rect(QRect(0, 0, 128, 64))
    assert pane.frame_covers() == 0.0
    pane.load_items([item("a", "red", x=0, y=0)])
    load_media(qtbot, loader, "red")
    image = pane.frame_image()
    assert image.size().toTuple() == (128, 64)
    assert image.pixelColor(10, 10) == QColor("#ff0000")
    assert image.pixelColor(100, 10).alpha() == 0
    assert pane.frame_covers() == 0.5
    pane.load_items([item("a", "red", x=0, y=0, visible=False)])
    assert pane.frame_covers() == 0.0


# ---------------------------------------------------------------- candidates


def batch_of(pane: CanvasPane, count: int, finished: int | None = None) -> None:
    pane.begin_batch("b", count, QRect(16, 16, 256, 256))
    for n in range(count if finished is None else finished):
        pane.set_result("b", n, {"media": "red" if n % 2 == 0 else "blue", "result": f"r{n}", "name": "apple",
                                 "width": 64, "height": 64})


def test_arrows_flip_and_enter_keeps_as_one_step(qtbot, pane):
    batch_of(pane, 4)
    pane.end_batch("b")
    assert [b.isVisible() for b in pane.column.buttons] == [True] * 4
    front = pane.candidates.shown.current
    key(qtbot, pane, Qt.Key.Key_Right)
    key(qtbot, pane, Qt.Key.Key_Down)
    chosen = (front + 2) % 4
    assert pane.candidates.shown.current == chosen
    with qtbot.waitSignal(pane.candidate_kept) as caught, qtbot.waitSignal(pane.items_changed):
        key(qtbot, pane, Qt.Key.Key_Return)
    assert caught.args == ["b", chosen]
    kept = pane.items()[0]
    assert (kept["x"], kept["y"], kept["width"], kept["result"]) == (16, 16, 256, f"r{chosen}")
    assert not pane.column.isVisible()
    pane.undo()
    assert pane.items() == []


def test_delete_drops_and_the_last_closes_the_column(qtbot, pane):
    batch_of(pane, 2)
    heard = []
    pane.candidate_dropped.connect(lambda *args: heard.append(args))
    key(qtbot, pane, Qt.Key.Key_Delete)
    assert len(pane.column.buttons) == 1
    key(qtbot, pane, Qt.Key.Key_Delete)
    assert {n for _, n in heard} == {0, 1}
    assert not pane.column.isVisible()
    assert pane.items() == []


def test_escape_hides_and_escape_shows_again(qtbot, pane):
    batch_of(pane, 2)
    key(qtbot, pane, Qt.Key.Key_Escape)
    assert not pane.column.isVisible()
    key(qtbot, pane, Qt.Key.Key_Escape)
    assert pane.column.isVisible()
    assert pane.choosing


def test_previews_show_in_the_frame_and_follow_the_running_one(qtbot, pane):
    pane.begin_batch("b", 3)
    preview = QImage(32, 32, QImage.Format.Format_RGB32)
    preview.fill(QColor("#00ff00"))
    pane.set_preview("b", 0, QImage(), 1, 20)
    assert pane.candidates.shown.front.preview is None
    pane.set_preview("b", 0, preview, 10, 20)
    at = screen(pane, 128, 128)
    assert pane.pasteboard.grab().toImage().pixelColor(at) == QColor("#00ff00")
    pane.set_preview("b", 0, QImage(), 11, 20)  # no new picture: the last one stays
    assert pane.candidates.shown.front.preview is preview
    pane.set_preview("b", 2, preview, 1, 20)
    assert pane.candidates.shown.current == 2
    key(qtbot, pane, Qt.Key.Key_Left)
    pane.set_preview("b", 2, preview, 2, 20)
    assert pane.candidates.shown.current == 1  # who flips is not pulled away
    assert "step 2 of 20" in pane.column.buttons[2].accessibleName()


def test_an_unfinished_candidate_cannot_be_kept(qtbot, pane):
    pane.begin_batch("b", 1)
    key(qtbot, pane, Qt.Key.Key_Return)
    assert pane.items() == []
    assert pane.column.isVisible()


def test_failed_and_stopped_ones(pane):
    pane.begin_batch("b", 2)
    pane.set_failed("b", 0, "The model ran out of memory.")
    pane.grab()
    assert "out of memory" in pane.column.buttons[0].accessibleName()
    pane.set_failed("b", 1, "Stopped.")
    pane.end_batch("b")
    assert pane.column.isVisible()  # the error is shown where it happened
    pane.begin_batch("c", 2)
    assert list(pane.candidates.batches) == ["c"]
    pane.set_failed("c", 0, "Stopped.")
    pane.end_batch("c")
    assert not pane.column.isVisible()


def test_two_batches_and_the_keys_between_them(qtbot, pane):
    pane.begin_batch("one", 1)
    pane.begin_batch("two", 2)
    assert pane.candidates.shown.id == "one"
    key(qtbot, pane, Qt.Key.Key_PageDown)
    assert pane.candidates.shown.id == "two"
    assert len(pane.column.buttons) == 2


def test_interrupted_candidates_that_run_again_find_their_places(pane):
    pane.begin_batch("b", 1)  # the third of four
    pane.begin_batch("b", 1)  # and the fourth
    assert len(pane.column.buttons) == 2
    pane.set_preview("b", 2, QImage(), 1, 20)
    pane.set_result("b", 3, {"media": "red", "result": "r"})
    assert sorted(c.number for c in pane.candidates.shown.candidates) == [2, 3]
    pane.candidates.show_candidate(0)
    pane.candidates.drop()
    pane.set_preview("b", 2, QImage(), 2, 20)  # dropped: it stays away
    assert [c.number for c in pane.candidates.shown.candidates] == [3]


def test_a_press_on_the_pasteboard_gives_the_keys_back(qtbot, pane):
    pane.load_items([item("a", x=-500, y=-500)])
    pane.pasteboard.look_at(QPointF(-300, -300), 1.0)
    batch_of(pane, 2)
    qtbot.mouseClick(pane.pasteboard, Qt.MouseButton.LeftButton, NONE, screen(pane, -480, -480))
    key(qtbot, pane, Qt.Key.Key_Right)
    assert place(pane, "a")[0] == -499
    qtbot.mouseClick(pane.column.buttons[0], Qt.MouseButton.LeftButton)
    assert pane.choosing
    assert pane.candidates.shown.current == 0


def test_keep_and_drop_by_the_pointer(qtbot, pane):
    batch_of(pane, 2)
    button = pane.column.buttons[1]
    assert button.isChecked()
    tray = button.tray()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, NONE, QPoint(60, int(tray.center().y())))
    assert len(pane.column.buttons) == 1
    button = pane.column.buttons[0]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, NONE, QPoint(20, int(tray.center().y())))
    assert len(pane.items()) == 1


def test_space_shows_the_candidate_large(qtbot, pane, loader):
    batch_of(pane, 1)
    load_media(qtbot, loader, "red")
    key(qtbot, pane, Qt.Key.Key_Space)
    assert pane._preview.isVisible()
    qtbot.keyClick(pane._preview, Qt.Key.Key_Escape)
    assert not pane._preview.isVisible()


def test_many_candidates_wrap_inside_the_pane(pane):
    batch_of(pane, 24, finished=1)
    assert pane.pasteboard.rect().contains(pane.column.geometry())
    assert all(pane.column.rect().contains(b.geometry()) for b in pane.column.buttons)


# ---------------------------------------------------------------- drops and clipboard


def drop(pane: CanvasPane, data: QMimeData, at: QPoint) -> None:
    event = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NONE)
    pane.pasteboard.dropEvent(event)  # Qt delivers drops only within a drag of its own


def result_mime(**more) -> QMimeData:
    data = QMimeData()
    meta = {"width": 64, "height": 64}
    record = {"id": "r1", "kind": "image", "media": "red", "prompt": "apple", "meta": meta, **more}
    data.setData(RESULT_MIME, QByteArray(json.dumps(record).encode()))
    return data


def test_a_result_lands_where_it_is_dropped(pane):
    at = screen(pane, 500, 300)
    drop(pane, result_mime(), at)
    added = pane.items()[0]
    assert (added["result"], added["media"], added["name"], added["width"]) == ("r1", "red", "apple", 64)
    assert added["x"] + 32 == pytest.approx(500, abs=2)
    pane.undo()
    assert pane.items() == []


def test_files_and_pictures_are_passed_on(qtbot, pane, tmp_path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    with qtbot.waitSignal(pane.files_dropped) as caught:
        drop(pane, data, QPoint(10, 10))
    assert caught.args[0] == [str(tmp_path / "a.png")]
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    QApplication.clipboard().setImage(image)
    with qtbot.waitSignal(pane.picture_pasted) as caught:
        key(qtbot, pane, Qt.Key.Key_V, CTRL)
    assert caught.args[0].size() == image.size()


def test_what_is_no_picture_is_not_taken(pane):
    assert read_drop(result_mime(kind="text")) is None
    broken = QMimeData()
    broken.setData(RESULT_MIME, QByteArray(b"{"))
    assert read_drop(broken) is None
    plain = QMimeData()
    plain.setText("words")
    assert read_drop(plain) is None


# ---------------------------------------------------------------- painting


def test_pictures_paint_at_any_zoom(qtbot, pane, loader):
    pane.load_items([item("a", "red", x=0, y=0, size=512), item("b", "bad", x=600), item("c", "clear", x=700)])
    pane.grab()
    load_media(qtbot, loader, "red")
    qtbot.waitUntil(lambda: bool(loader.problem("bad")))
    assert pane.pasteboard.grab().toImage().pixelColor(screen(pane, 300, 400)) == QColor("#ff0000")
    for scale in (0.02, 0.5, 1.0, 3.7, 32.0):
        pane.pasteboard.look_at(QPointF(300, 400), scale)
        pane.grab()
    at = pane.pasteboard.centre().toPoint()
    assert pane.pasteboard.grab().toImage().pixelColor(at) == QColor("#ff0000")


def test_tools_are_named_and_have_keys(qtbot, pane):
    assert [(t.id, t.key) for t in pane.tools()] == [("select", "V"), ("frame", "F"), ("hand", "H"), ("zoom", "Z")]
    heard = []
    pane.tool_changed.connect(heard.append)
    for letter in (Qt.Key.Key_H, Qt.Key.Key_Z, Qt.Key.Key_V):
        key(qtbot, pane, letter)
    assert heard == ["hand", "zoom", "select"]
    assert pane.pasteboard.accessibleName() == "Canvas"
    pane.load_items([item("a", name="apple")])
    pane.board.select(["a"])
    assert "apple" in pane.pasteboard.accessibleDescription()
