"""The canvas pane: camera, generation frame, candidates, drops and clipboard, as a person uses them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QMimeData, QPoint, QPointF, QRect, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QImage, QMouseEvent, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication

from studio.project.paint.edit import paste_array
from studio.project.paint.picture import Picture
from studio.project.paint.plane import from_qimage
from studio.ui.canvas import RESULT_MIME, CanvasPane
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
    pane.view.setFocus()
    return pane


def paste(pane: CanvasPane, colour: str, width: int, height: int) -> None:
    """A layer of one colour at the top left."""
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(colour))
    pane.document.edit("Paste", lambda picture: paste_array(picture, from_qimage(image), 0, 0, "Paste"))


def settled(qtbot, pane: CanvasPane) -> QImage:
    """What the view shows when all tiles are there."""
    pane.view.grab()
    qtbot.waitUntil(lambda: pane.view.settled)
    return pane.view.grab().toImage()


def layers(pane: CanvasPane) -> list[str]:
    return [layer.name for layer, _ in pane.document.picture.walk()]


def screen(pane: CanvasPane, x: float, y: float) -> QPoint:
    return pane.view.camera.to_screen(QPointF(x, y)).toPoint()


def drag(qtbot, pane: CanvasPane, start: QPoint, end: QPoint, mods=NONE) -> None:
    view = pane.view
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, mods, start)
    # QTest's moves carry no modifiers and no buttons
    for at in ((start + end) / 2, end):
        QApplication.sendEvent(view, QMouseEvent(QEvent.Type.MouseMove, QPointF(at), QPointF(view.mapToGlobal(at)),
                                                 Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, mods))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, mods, end)


def key(qtbot, pane: CanvasPane, which: Qt.Key, mods=NONE) -> None:
    qtbot.keyClick(pane.view, which, mods)


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
    view, at = pane.view, QPoint(200, 150)
    before = view.camera.offset
    wheel(view, at, 120)
    assert view.camera.offset.y() == before.y() + 60
    held = view.camera.to_document(QPointF(at))
    scale = pane.scale()
    wheel(view, at, 120, CTRL)
    assert pane.scale() == pytest.approx(scale * 1.2)
    assert (view.camera.to_document(QPointF(at)) - held).manhattanLength() < 1e-6


def test_pinch_zooms(pane):
    view, scale = pane.view, pane.scale()
    at = QPointF(100, 100)
    QApplication.sendEvent(view, QNativeGestureEvent(Qt.NativeGestureType.ZoomNativeGesture,
                                                     QPointingDevice.primaryPointingDevice(), 2, at, at, at, 0.5,
                                                     QPointF()))
    assert pane.scale() == pytest.approx(scale * 1.5)


def test_keys_zoom_and_the_badge_says_so(qtbot, pane):
    pane.load(Picture(4000, 4000))
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
    view = pane.view
    space = Qt.Key.Key_Space
    for begin, end in ((lambda: qtbot.keyPress(view, space), lambda: qtbot.keyRelease(view, space)),
                       (lambda: pane.set_tool("hand"), lambda: pane.set_tool("frame"))):
        before = view.camera.offset
        begin()
        drag(qtbot, pane, QPoint(100, 100), QPoint(140, 130))
        end()
        assert view.camera.offset - before == QPointF(40, 30)


def test_view_state_comes_back(pane):
    pane.set_frame_rect(QRect(8, 16, 320, 256))
    pane.view.zoom_at(QPointF(300, 200), 2.5)
    pane.turn_view(30)
    pane.mirror_view()
    pane.aids.put_guide("x", 40.0)
    pane.aids.set(grid=True, snapping=False)
    pane.set_tool("hand")
    state = json.loads(json.dumps(pane.view_state()))
    pane.reset_turn()
    pane.zoom_to_100()
    pane.set_frame_rect(QRect(0, 0, 256, 256))
    pane.aids.clear_guides()
    pane.aids.set(grid=False, snapping=True)
    pane.set_tool("frame")
    pane.restore_view(state)
    assert pane.scale() == 2.5
    assert pane.frame_rect() == QRect(8, 16, 320, 256)
    now = pane.view_state()
    assert now["x"] == pytest.approx(state["x"], abs=1)
    assert (now["rotation"], now["mirrored"]) == (pytest.approx(-30), True)
    assert now["aids"] == state["aids"]
    assert pane.tool == "hand"
    pane.restore_view({"frame": "x", "scale": None, "aids": {"guides": 3, "grid_size": -1, "rulers": "yes"}})


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


def test_the_badge_moves_the_frame_with_any_tool(qtbot, pane):
    pane.zoom_to_100()
    pane.set_tool("brush")
    pane.aids.set(snapping=False)
    pane.set_frame_rect(QRect(100, 100, 256, 256))
    badge = pane.view.badge().center().toPoint()
    with qtbot.waitSignal(pane.frame_changed):
        drag(qtbot, pane, badge, badge + QPoint(-40, 24))
    assert pane.frame_rect() == QRect(60, 124, 256, 256)
    assert pane.document.history.labels() == ["Open"]
    with qtbot.waitSignal(pane.view.sizes_asked):
        pane.view.sizes_asked.disconnect(pane.show_sizes)
        qtbot.mouseClick(pane.view, Qt.MouseButton.LeftButton, NONE, pane.view.badge().center().toPoint())


def test_frame_tool_keys_and_presets(qtbot, pane):
    pane.set_frame_rect(QRect(0, 0, 256, 256))
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


def test_what_lies_under_the_frame(pane):
    pane.set_frame_rect(QRect(0, 0, 128, 64))
    paste(pane, "#ff0000", 64, 64)
    image = pane.frame_image()
    assert image.size().toTuple() == (128, 64)
    assert image.pixelColor(10, 10) == QColor("#ff0000")
    assert image.pixelColor(100, 10).alpha() == 0


def test_growing_the_artboard_takes_frame_and_guides_along(pane):
    from studio.project.paint.edit import crop
    from studio.project.paint.plane import Rect

    paste(pane, "#ff0000", 64, 64)
    pane.aids.put_guide("y", 10.0)
    before, at = pane.frame_rect(), pane.view.camera.to_screen(QPointF(0, 0))
    pane.document.edit("Crop", lambda picture: crop(picture, Rect(-32, -16, 600, 600)))
    assert pane.frame_rect() == before.translated(32, 16)
    assert pane.aids.guides["y"] == [26.0]
    assert (pane.view.camera.to_screen(QPointF(32, 16)) - at).manhattanLength() <= 1
    pane.undo()
    assert pane.frame_rect() == before


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
    with qtbot.waitSignal(pane.candidate_kept) as caught, qtbot.waitSignal(pane.document.committed):
        key(qtbot, pane, Qt.Key.Key_Return)
    assert caught.args == ["b", chosen]
    kept = pane.document.active
    assert (kept.bounds(), kept.result, kept.name) == ((16, 16, 256, 256), f"r{chosen}", "apple")
    assert not pane.column.isVisible()
    pane.undo()
    assert layers(pane) == ["Layer 1"]


def test_delete_drops_and_the_last_closes_the_column(qtbot, pane):
    batch_of(pane, 2)
    heard = []
    pane.candidate_dropped.connect(lambda *args: heard.append(args))
    key(qtbot, pane, Qt.Key.Key_Delete)
    assert len(pane.column.buttons) == 1
    key(qtbot, pane, Qt.Key.Key_Delete)
    assert {n for _, n in heard} == {0, 1}
    assert not pane.column.isVisible()
    assert layers(pane) == ["Layer 1"]


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
    at = screen(pane, 150, 160)
    assert pane.view.grab().toImage().pixelColor(at) == QColor("#00ff00")
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
    assert layers(pane) == ["Layer 1"]
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


def test_a_press_on_the_picture_gives_the_keys_back(qtbot, pane):
    batch_of(pane, 2)
    assert pane.choosing
    pane.set_tool("hand")
    qtbot.mouseClick(pane.view, Qt.MouseButton.LeftButton, NONE, QPoint(30, 200))
    assert not pane.choosing
    qtbot.mouseClick(pane.column.buttons[0], Qt.MouseButton.LeftButton)
    assert pane.choosing
    assert pane.candidates.shown.current == 0


def half_mask() -> QImage:
    """White at the left, black at the right; of another size than the candidate."""
    mask = QImage(32, 32, QImage.Format.Format_Alpha8)
    mask.fill(0)
    for x in range(16):
        for y in range(32):
            mask.setPixelColor(x, y, QColor(0, 0, 0, 255))
    return mask


@pytest.mark.parametrize("whole", [False, True])
def test_a_candidate_with_a_mask_is_seen_and_kept_inside_it(qtbot, pane, loader, whole):
    pane.load(Picture(512, 512))
    batch_of(pane, 1)
    load_media(qtbot, loader, "red")
    pane.set_batch_mask("b", half_mask())
    shown = pane.view.grab().toImage()
    assert shown.pixelColor(screen(pane, 16 + 60, 140)) == QColor("#ff0000")
    assert shown.pixelColor(screen(pane, 16 + 200, 140)) != QColor("#ff0000")
    with qtbot.waitSignal(pane.document.committed):
        key(qtbot, pane, Qt.Key.Key_Return, SHIFT if whole else NONE)
    image = pane.document.compositor.image(pane.document.picture.rect)
    assert image.pixelColor(16 + 60, 140) == QColor("#ff0000")
    assert (image.pixelColor(16 + 200, 140).alpha() == 255) is whole
    assert (pane.document.active.mask is None) is whole


def test_keeping_beside_the_artboard_grows_it(qtbot, pane):
    pane.begin_batch("b", 1, QRect(-64, 400, 256, 256))
    pane.set_result("b", 0, {"media": "red", "result": "r"})
    frame = pane.frame_rect()
    with qtbot.waitSignal(pane.document.committed):
        key(qtbot, pane, Qt.Key.Key_Return)
    picture = pane.document.picture
    assert (picture.width, picture.height) == (576, 656)
    assert pane.document.active.bounds() == (0, 400, 256, 256)
    assert pane.frame_rect() == frame.translated(64, 0)


def test_keep_and_drop_by_the_pointer(qtbot, pane):
    batch_of(pane, 2)
    button = pane.column.buttons[1]
    assert button.isChecked()
    tray = button.tray()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, NONE, QPoint(60, int(tray.center().y())))
    assert len(pane.column.buttons) == 1
    button = pane.column.buttons[0]
    with qtbot.waitSignal(pane.document.committed):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton, NONE, QPoint(20, int(tray.center().y())))
    assert layers(pane) == ["apple", "Layer 1"]


def test_space_shows_the_candidate_large(qtbot, pane, loader):
    batch_of(pane, 1)
    load_media(qtbot, loader, "red")
    key(qtbot, pane, Qt.Key.Key_Space)
    assert pane.chooser._preview.isVisible()
    qtbot.keyClick(pane.chooser._preview, Qt.Key.Key_Escape)
    assert not pane.chooser._preview.isVisible()


def test_many_candidates_wrap_inside_the_pane(pane):
    batch_of(pane, 24, finished=1)
    assert pane.view.rect().contains(pane.column.geometry())
    assert all(pane.column.rect().contains(b.geometry()) for b in pane.column.buttons)


# ---------------------------------------------------------------- drops and clipboard


def drop(pane: CanvasPane, data: QMimeData, at: QPoint) -> None:
    event = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NONE)
    pane.view.dropEvent(event)  # Qt delivers drops only within a drag of its own


def result_mime(**more) -> QMimeData:
    data = QMimeData()
    meta = {"width": 64, "height": 64}
    record = {"id": "r1", "kind": "image", "media": "red", "prompt": "apple", "meta": meta, **more}
    data.setData(RESULT_MIME, QByteArray(json.dumps(record).encode()))
    return data


def test_results_and_files_are_passed_on(qtbot, pane, tmp_path):
    at = screen(pane, 500, 300)
    with qtbot.waitSignal(pane.result_dropped) as caught:
        drop(pane, result_mime(), at)
    assert caught.args[0]["id"] == "r1"
    assert (caught.args[1] - QPointF(500, 300)).manhattanLength() < 3
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    with qtbot.waitSignal(pane.files_dropped) as caught:
        drop(pane, data, QPoint(10, 10))
    assert caught.args[0] == [str(tmp_path / "a.png")]


def test_a_pasted_picture_becomes_a_layer_that_fits(qtbot, pane):
    image = QImage(1024, 512, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    QApplication.clipboard().setImage(image)
    key(qtbot, pane, Qt.Key.Key_V, CTRL)
    assert layers(pane) == ["Pasted", "Layer 1"]
    assert pane.document.active.bounds()[2:] == (512, 256)
    pane.undo()
    assert layers(pane) == ["Layer 1"]


def test_copy_takes_what_is_selected_and_cut_leaves_a_hole(qtbot, pane):
    paste(pane, "#ff0000", 100, 80)
    key(qtbot, pane, Qt.Key.Key_C, CTRL)
    assert QApplication.clipboard().image().size().toTuple() == (100, 80)
    key(qtbot, pane, Qt.Key.Key_A, CTRL)
    key(qtbot, pane, Qt.Key.Key_X, CTRL)
    assert QApplication.clipboard().image().size().toTuple() == (512, 512)
    assert pane.document.active.bounds() is None
    with qtbot.waitSignal(pane.document.refused):
        key(qtbot, pane, Qt.Key.Key_D, CTRL)
        key(qtbot, pane, Qt.Key.Key_C, CTRL)
    assert pane.document.picture.selection is None


def test_what_is_no_picture_is_not_taken(pane):
    assert read_drop(result_mime(kind="text")) is None
    broken = QMimeData()
    broken.setData(RESULT_MIME, QByteArray(b"{"))
    assert read_drop(broken) is None
    plain = QMimeData()
    plain.setText("words")
    assert read_drop(plain) is None


# ---------------------------------------------------------------- painting


def test_the_picture_paints_at_any_zoom_and_turn(qtbot, pane):
    paste(pane, "#ff0000", 512, 512)
    for turn in (0, 15, 90):
        pane.turn_view(turn)
        for scale in (0.02, 0.5, 1.0, 3.7, 32.0):
            pane.view.look_at(QPointF(300, 400), scale)
            image = settled(qtbot, pane)
            at = pane.view.centre().toPoint()
            frame = pane.view.frame_edge().boundingRect()  # its line may cross the middle at small scales
            assert image.pixelColor(at) == QColor("#ff0000") or frame.contains(QPointF(at)) or scale < 0.1


def test_tools_are_taken_by_their_letters(qtbot, pane):
    heard = []
    pane.tool_changed.connect(heard.append)
    for letter in (Qt.Key.Key_H, Qt.Key.Key_Z, Qt.Key.Key_B):
        key(qtbot, pane, letter)
    assert heard == ["hand", "zoom", "brush"]
    assert pane.view.accessibleName() == "Canvas"
    assert len({tool.id for tool in pane.tools()}) == len(pane.tools()) >= 15


def test_4_5_and_6_turn_the_view_and_shift_m_mirrors_it(qtbot, pane):
    camera = pane.view.camera
    middle = camera.to_document(pane.view.centre())
    key(qtbot, pane, Qt.Key.Key_6)
    assert camera.rotation == 15
    key(qtbot, pane, Qt.Key.Key_M, SHIFT)
    assert camera.mirrored
    assert (camera.to_document(pane.view.centre()) - middle).manhattanLength() < 1
    key(qtbot, pane, Qt.Key.Key_5)
    assert camera.upright
