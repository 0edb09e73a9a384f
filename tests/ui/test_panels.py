"""The panels of the canvas: layers, masks, colours, history, brushes, by pointer and keys on a real document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from studio.project.paint import Layer, PaintError, Picture, Plane
from studio.ui.canvas.bars.stack import BARS, bar_for
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.panels import layerops as ops
from studio.ui.canvas.panels.dock import StructureDock
from studio.ui.canvas.panels.history import HistoryPanel, memory_line
from studio.ui.canvas.panels.layerdrag import landing_at
from studio.ui.canvas.panels.layerlist import LayerList
from studio.ui.canvas.panels.layermodel import rows_of, words_of
from studio.ui.canvas.panels.layers import LayersPanel
from studio.ui.canvas.panels.masks import MasksPanel, share_of
from studio.ui.canvas.panels.thumbs import Thumbs, framed, shrunk
from studio.ui.canvas.toolstate import ToolState
from studio.ui.theme import Theme

Mods = Qt.KeyboardModifier
CTRL, SHIFT, ALT, NONE = Mods.ControlModifier, Mods.ShiftModifier, Mods.AltModifier, Mods.NoModifier


def square(colour: tuple[int, int, int] = (200, 40, 40), at: tuple[int, int] = (10, 10), side: int = 40) -> Plane:
    red, green, blue = colour
    return Plane.from_array(np.full((side, side, 4), (blue, green, red, 255), np.uint8), *at)


def sample() -> Picture:
    """Two layers, a group of two, and one on top; sizes in px."""
    group = Layer("group", "Characters", "group", children=(
        Layer("cat", "Cat", plane=square()), Layer("ship", "Ship", plane=square(), blend="multiply", opacity=0.8)))
    return Picture(200, 150, (
        Layer("sky", "Sky", plane=square(side=120)), Layer("moon", "Moon", plane=square()), group,
        Layer("rim", "Rim light", plane=square(), visible=False)), "moon")


@pytest.fixture
def document(qapp: QApplication) -> Iterator[CanvasDocument]:
    made = CanvasDocument(sample())
    yield made
    made.close()


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme, document: CanvasDocument) -> Iterator[LayersPanel]:
    made = LayersPanel(theme, document)
    qtbot.addWidget(made)
    made.resize(320, 420)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close_panel()


def order(picture: Picture) -> list[str]:
    """Topmost first, with a dot for each level."""
    return ["." * depth + layer.id for layer, depth in picture.walk()]


def spot(rows: LayerList, layer: str, part: str = "name") -> QPoint:
    """The middle of a part of a row, in px of the viewport."""
    index = rows.model().index([r.layer.id for r in rows.model().rows].index(layer), 0)  # type: ignore[attr-defined]
    parts = rows.delegate.parts(index)
    area = {"name": parts.text}.get(part) or getattr(parts, part)
    return area.center().toPoint()


def click(panel: LayersPanel, layer: str, part: str = "name", modifiers: Mods = NONE) -> None:
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, modifiers, spot(panel.list, layer, part))


def drag(rows: LayerList, layer: str, to: QPoint) -> None:
    view, start = rows.viewport(), spot(rows, layer)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, NONE, start)
    for share in (0.3, 0.7, 1.0):
        point = start + (to - start) * share
        move(view, point)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, NONE, to)


def move(view: QWidget, at: QPoint) -> None:
    """A move with the left button held (QTest.mouseMove holds none on this platform)."""
    left = Qt.MouseButton.LeftButton
    QApplication.sendEvent(view, QMouseEvent(QEvent.Type.MouseMove, QPointF(at), view.mapToGlobal(QPointF(at)),
                                             Qt.MouseButton.NoButton, left, NONE))


# ---------------------------------------------------------------- the list of layers


def test_rows_stand_topmost_first_and_are_heard_as_words(panel: LayersPanel) -> None:
    model = panel.list.model()
    shown = [model.index(n, 0).data(Qt.ItemDataRole.AccessibleTextRole) for n in range(model.rowCount())]
    assert shown == ["Rim light, Normal · 100 %, hidden", "Characters, Normal · 100 % · 2 layers, group",
                     "Ship, Multiply · 80 %", "Cat, Normal · 100 %", "Moon, Normal · 100 %", "Sky, Normal · 100 %"]
    interface = QAccessible.queryAccessibleInterface(panel.list)
    assert interface.text(QAccessible.Text.Name) == "Layers"
    assert interface.childCount() >= 6


def test_a_click_chooses_the_layer_and_the_list_follows_the_document(panel: LayersPanel) -> None:
    click(panel, "ship")
    assert panel.document.picture.active == "ship"
    assert panel.blend.key() == "multiply"
    assert panel.opacity.value() == 80
    panel.document.set_active("sky")
    assert panel.list.currentIndex().data() == "Sky"
    assert panel.list.selected() == ["sky"]


def test_ctrl_and_shift_select_several_and_commands_take_them_all(panel: LayersPanel) -> None:
    click(panel, "moon")
    click(panel, "sky", modifiers=CTRL)
    assert panel.list.selected() == ["moon", "sky"]
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert order(panel.document.picture) == ["rim", "group", ".ship", ".cat"]
    panel.document.undo()
    click(panel, "rim")
    click(panel, "ship", modifiers=SHIFT)
    assert panel.list.selected() == ["rim", "group", "ship"]


def test_eye_lock_and_fold_are_switched_by_a_click(panel: LayersPanel) -> None:
    document = panel.document
    click(panel, "moon", "eye")
    assert not document.picture.layer("moon").visible
    click(panel, "moon", "lock")
    assert document.picture.layer("moon").locked
    click(panel, "group", "fold")
    assert document.picture.layer("group").folded
    assert panel.list.model().rowCount() == 4
    assert document.picture.active == "moon", "the small buttons choose no other layer"
    assert panel.document.history.labels()[1:] == ["Hide", "Lock", "Fold"]


def test_alt_on_the_eye_shows_a_layer_alone_and_again_all(panel: LayersPanel) -> None:
    click(panel, "cat", "eye", ALT)
    seen = {layer.id for layer, _ in panel.document.picture.walk() if layer.visible}
    assert seen == {"cat", "group"}
    click(panel, "cat", "eye", ALT)
    assert all(layer.visible for layer, _ in panel.document.picture.walk())


def test_a_locked_layer_is_not_deleted_and_the_button_says_why(panel: LayersPanel, qtbot: QtBot) -> None:
    click(panel, "moon", "lock")
    assert not panel.buttons["delete"].isEnabled()
    assert "locked" in panel.buttons["delete"].toolTip()
    with qtbot.waitSignal(panel.document.refused) as refused:
        QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert "locked" in refused.args[0]


def test_keys_duplicate_group_move_and_rename(panel: LayersPanel, qtbot: QtBot) -> None:
    document, rows = panel.document, panel.list
    click(panel, "moon")
    QTest.keyClick(rows, Qt.Key.Key_J, CTRL)
    assert document.picture.active_layer.name == "Moon copy"
    QTest.keyClick(rows, Qt.Key.Key_Down, ALT)
    assert [layer.name for layer in document.picture.layers[:3]] == ["Sky", "Moon copy", "Moon"]
    QTest.keyClick(rows, Qt.Key.Key_G, CTRL)
    assert document.picture.active_layer.kind == "group"
    assert [child.name for child in document.picture.active_layer.children] == ["Moon copy"]
    QTest.keyClick(rows, Qt.Key.Key_F2)
    field = rows.findChild(QLineEdit)
    assert field is not None
    assert field.accessibleName() == "Layer name"
    QTest.keyClicks(field, "  Night   sky ")
    with qtbot.waitSignal(document.committed):
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert document.picture.active_layer.name == "Night sky"
    QTest.keyClick(rows, Qt.Key.Key_G, CTRL | SHIFT)
    assert document.picture.active_layer.name == "Moon copy"


def test_arrow_keys_walk_and_fold(panel: LayersPanel) -> None:
    click(panel, "rim")
    QTest.keyClick(panel.list, Qt.Key.Key_Down)
    assert panel.document.picture.active == "group"
    QTest.keyClick(panel.list, Qt.Key.Key_Left)
    assert panel.document.picture.layer("group").folded
    QTest.keyClick(panel.list, Qt.Key.Key_Right)
    QTest.keyClick(panel.list, Qt.Key.Key_Right)
    assert panel.document.picture.active == "ship"
    QTest.keyClick(panel.list, Qt.Key.Key_Left)
    assert panel.document.picture.active == "group"


def test_a_drag_reorders_and_drops_into_a_group(panel: LayersPanel) -> None:
    rows = panel.list
    drag(rows, "sky", spot(rows, "rim") - QPoint(0, 18))
    assert order(panel.document.picture) == ["sky", "rim", "group", ".ship", ".cat", "moon"]
    drag(rows, "moon", spot(rows, "group"))
    assert order(panel.document.picture) == ["sky", "rim", "group", ".moon", ".ship", ".cat"]
    steps = len(panel.document.history.labels())
    drag(rows, "group", spot(rows, "cat"))
    assert order(panel.document.picture) == ["sky", "rim", "group", ".moon", ".ship", ".cat"], "not into itself"
    assert len(panel.document.history.labels()) == steps
    drag(rows, "moon", spot(rows, "sky") - QPoint(0, 18))
    assert order(panel.document.picture)[0] == "moon"


def test_a_drag_ends_with_escape(panel: LayersPanel) -> None:
    rows, before = panel.list, panel.document.picture
    QTest.mousePress(rows.viewport(), Qt.MouseButton.LeftButton, NONE, spot(rows, "sky"))
    move(rows.viewport(), spot(rows, "rim"))
    rows.grab()
    QTest.keyClick(rows, Qt.Key.Key_Escape)
    QTest.mouseRelease(rows.viewport(), Qt.MouseButton.LeftButton, NONE, spot(rows, "rim"))
    assert panel.document.picture.layers is before.layers


def test_a_drag_of_the_opacity_is_one_step_and_shows_at_once(panel: LayersPanel) -> None:
    slider, document = panel.opacity.slider, panel.document
    view_text = lambda: words_of(rows_of(document.shown)[4])  # noqa: E731
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, NONE, QPoint(slider.width() - 8, 14))
    for x in (slider.width() - 30, slider.width() // 2):
        move(slider, QPoint(x, 14))
    assert document.previewing
    assert "100 %" not in view_text()
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, NONE, QPoint(slider.width() // 2, 14))
    assert not document.previewing
    assert document.picture.layer("moon").opacity == panel.opacity.value() / 100 < 0.7
    assert document.history.labels() == ["Open", "Opacity"]


def test_mask_buttons_and_thumbnails_choose_what_is_painted_on(panel: LayersPanel) -> None:
    document = panel.document
    QTest.mouseClick(panel.buttons["mask"], Qt.MouseButton.LeftButton)
    assert document.picture.layer("moon").mask is not None
    assert document.painting_mask
    assert not panel.buttons["mask"].isEnabled()
    click(panel, "moon", "thumbnail")
    assert not document.painting_mask
    click(panel, "moon", "mask")
    assert document.painting_mask
    click(panel, "moon", "mask", SHIFT)
    assert not document.picture.layer("moon").mask_on


def test_ctrl_on_a_thumbnail_selects_what_is_on_the_layer(panel: LayersPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.document.selection_changed):
        click(panel, "cat", "thumbnail", CTRL)
    assert panel.document.picture.selection is not None
    assert tuple(panel.document.picture.selection.bounds()) == (10, 10, 40, 40)


def test_no_layer_and_a_hundred(qtbot: QtBot, theme: Theme) -> None:
    document = CanvasDocument(Picture(64, 64))
    panel = LayersPanel(theme, document)
    qtbot.addWidget(panel)
    panel.resize(320, 400)
    panel.show()
    assert panel.pages.currentWidget() is panel.empty
    assert not panel.blend.isEnabled()
    panel.empty.button.click()
    assert panel.pages.currentWidget() is panel.list
    assert [layer.name for layer in document.picture.layers] == ["Layer 1"]
    for _ in range(99):
        panel.do("add")
    assert panel.list.model().rowCount() == 100
    assert document.picture.active_layer.name == "Layer 100"
    assert not panel.grab().isNull()
    panel.do("delete")
    assert panel.list.model().rowCount() == 99
    panel.close_panel()
    document.close()


def test_the_menu_offers_what_fits_the_layer(theme: Theme) -> None:
    from studio.ui.canvas.panels.layermenu import entries_for

    titles = lambda layer, count=1: [e[1] for e in entries_for(layer, count, False)]  # noqa: E731
    assert titles(None) == ["New layer", "New group"]
    assert "Ungroup" in titles(sample().layer("group"))
    assert "Merge down" in titles(sample().layer("moon"))
    assert "Merge down" not in titles(sample().layer("moon"), 2)
    assert "Delete mask" in titles(sample().layer("moon").with_(mask=Plane.empty(1, 255)))


def test_merge_and_flatten_run_off_the_ui_thread(panel: LayersPanel, qtbot: QtBot) -> None:
    click(panel, "moon")
    with qtbot.waitSignal(panel.document.committed):
        panel.do("merge-down")
    assert "moon" not in order(panel.document.picture)
    with qtbot.waitSignal(panel.document.committed):
        panel.do("flatten")
    assert len(panel.document.picture.layers) == 1


# ---------------------------------------------------------------- moving layers, with any tree


def trees() -> st.SearchStrategy[Picture]:
    """Pictures of up to 12 layers in groups up to three deep; some groups folded."""
    counter = iter(range(10**9))

    def leaf() -> st.SearchStrategy[Layer]:
        return st.builds(lambda: Layer(f"l{next(counter)}", "Layer"))

    def group(inside: st.SearchStrategy[Layer]) -> st.SearchStrategy[Layer]:
        return st.builds(lambda c, f: Layer(f"g{next(counter)}", "Group", "group", children=tuple(c), folded=f),
                         st.lists(inside, max_size=3), st.booleans())

    node = st.recursive(leaf(), group, max_leaves=6)
    return st.lists(node, min_size=1, max_size=4).map(lambda layers: Picture(16, 16, tuple(layers)))


@settings(max_examples=80, deadline=None)
@given(trees(), st.data())
def test_a_drop_anywhere_loses_no_layer_and_keeps_the_order_of_what_moves(picture: Picture, data: Any) -> None:
    rows = rows_of(picture)
    ids = data.draw(st.lists(st.sampled_from([row.layer.id for row in rows]), min_size=1, unique=True))
    at = QPointF(data.draw(st.integers(0, 200)), data.draw(st.floats(0, 44 * (len(rows) + 1))))
    landing = landing_at(picture, rows, at, 44, ids)
    if landing is None:
        return
    moved = ops.outermost(picture, ids)
    after = ops.move_all(picture, ids, landing.parent, landing.index)
    everything = sorted(layer.id for layer, _ in picture.walk())
    assert sorted(layer.id for layer, _ in after.walk()) == everything
    siblings = [layer.id for layer in (after.layer(landing.parent).children if landing.parent else after.layers)]
    places = [siblings.index(key) for key in moved]
    assert places == sorted(places, reverse=True), "topmost first, so their places fall"
    assert max(places) - min(places) == len(places) - 1, "side by side"
    if after.layers == picture.layers:
        assert after is picture, "nothing moved: no step of the history"


@settings(max_examples=60, deadline=None)
@given(trees(), st.booleans(), st.data())
def test_raising_and_lowering_go_one_step_and_back(picture: Picture, up: bool, data: Any) -> None:
    key = data.draw(st.sampled_from([row.layer.id for row in rows_of(picture)]))
    end = picture.layers[-1 if up else 0].id
    if key == end:
        with pytest.raises(PaintError, match="already"):
            ops.shift(picture, [key], up)
        return
    there = ops.shift(picture, [key], up)
    assert order(there) != order(picture)
    assert order(ops.shift(there, [key], not up)) == order(picture)


# ---------------------------------------------------------------- thumbnails


def test_thumbnails_are_made_anew_only_for_other_pixels(qtbot: QtBot, qapp: QApplication) -> None:
    thumbs, picture = Thumbs(), sample()
    moon = picture.layer("moon")
    with qtbot.waitSignal(thumbs.ready) as ready:
        assert thumbs.of_layer(moon, picture) is None
    assert ready.args == ["moon", "pixels"]
    image = thumbs.of_layer(moon, picture)
    assert image is not None
    assert image.pixelColor(image.rect().center()).red() == 200
    with qtbot.assertNotEmitted(thumbs.ready, wait=50):
        assert thumbs.of_layer(moon.with_(name="Other", opacity=0.5), picture) is image
    with qtbot.waitSignal(thumbs.ready):
        shown = thumbs.of_layer(moon.with_(plane=square((10, 220, 10))), picture)
        assert shown is image, "the old one is shown meanwhile"
    thumbs.close()


@pytest.mark.parametrize("offset", [(0, 0), (-300, 77)])
def test_a_thumbnail_shows_what_is_on_the_layer(offset: tuple[int, int]) -> None:
    picture = Picture(1000, 600)
    at = (420 - offset[0], 290 - offset[1])
    layer = Layer("l", "Layer", plane=square(at=at, side=60), dx=offset[0], dy=offset[1])
    rect = framed(layer, picture, 46 / 34)
    inside = rect.translated(*offset)
    assert inside.x <= 420 < 480 <= inside.right
    assert inside.w < 200
    assert abs(rect.w / rect.h - 46 / 34) < 0.05
    image = shrunk(layer.plane, rect, 92)
    assert max(image.width(), image.height()) <= 92
    assert image.pixelColor(image.rect().center()).alpha() == 255
    assert image.pixelColor(0, 0).alpha() == 0
    empty = framed(Layer("e", "Empty"), picture, 46 / 34)
    assert picture.rect.intersected(empty) == empty


def test_strokes_under_way_ask_for_no_thumbnails(panel: LayersPanel, qtbot: QtBot) -> None:
    document = panel.document
    qtbot.waitUntil(lambda: panel.thumbs.of_layer(document.picture.layer("moon"), document.picture) is not None)
    panel.grab()
    qtbot.wait(50)
    painted = document.picture.layer("moon").with_(plane=square((0, 0, 255)))
    with qtbot.assertNotEmitted(panel.thumbs.ready, wait=50):
        document.preview(document.picture.replace(painted))
        panel.grab()
    with qtbot.waitSignal(panel.thumbs.ready):
        document.edit("Brush stroke", lambda picture: picture.replace(painted))
        panel.grab()


# ---------------------------------------------------------------- history


def test_history_jumps_by_click_and_by_key(qtbot: QtBot, theme: Theme, document: CanvasDocument) -> None:
    panel = HistoryPanel(theme, document)
    qtbot.addWidget(panel)
    panel.resize(320, 300)
    panel.show()
    for opacity in (0.9, 0.5, 0.2):
        document.edit(f"Opacity {opacity}", lambda picture, o=opacity: ops.set_all(picture, ["moon"], opacity=o))
    model = panel.list.model()
    assert [model.index(n, 0).data() for n in range(4)] == ["Open", "Opacity 0.9", "Opacity 0.5", "Opacity 0.2"]
    at = panel.list.visualRect(model.index(1, 0)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, NONE, at)
    assert document.picture.layer("moon").opacity == 0.9
    assert model.index(3, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "Opacity 0.2, undone"
    QTest.keyClick(panel.list, Qt.Key.Key_Down)
    assert document.picture.layer("moon").opacity == 0.5
    panel.undo_button.click()
    panel.undo_button.click()
    assert document.history.index == 0
    assert not panel.undo_button.isEnabled()
    assert panel.redo_button.isEnabled()
    assert panel.memory.text().endswith("MB of 512 MB")


def test_the_memory_line_says_what_was_let_go() -> None:
    assert memory_line(0, 512 * 2**20, 0) == "0 MB of 512 MB"
    assert memory_line(3 * 2**19, 512 * 2**20, 1) == "1.5 MB of 512 MB · 1 oldest step let go"
    assert memory_line(300 * 2**20, 512 * 2**20, 7) == "300 MB of 512 MB · 7 oldest steps let go"


# ---------------------------------------------------------------- masks


@pytest.fixture
def masks(qtbot: QtBot, theme: Theme, document: CanvasDocument, state: ToolState) -> Iterator[MasksPanel]:
    thumbs = Thumbs()
    made = MasksPanel(theme, document, state, thumbs)
    qtbot.addWidget(made)
    made.resize(320, 420)
    made.show()
    yield made
    thumbs.close()


def test_the_inpaint_mask_is_made_from_the_selection_and_back(masks: MasksPanel, qtbot: QtBot) -> None:
    document = masks.document
    assert masks.inpaint.words.whole_text() == "Empty"
    assert not masks.clear.isEnabled()
    assert not masks.from_selection.isEnabled()
    half = Plane.from_array(np.full((150, 100), 255, np.uint8))
    document.edit("Select", lambda picture: picture.with_selection(half))
    masks.from_selection.click()
    qtbot.waitUntil(lambda: masks.inpaint.words.whole_text() == "50 % of the canvas")
    with qtbot.waitSignal(document.mask_changed):
        masks.invert.click()
    assert tuple(document.picture.mask.bounds()) == (100, 0, 100, 150)
    masks.grow.field.set_value(10)
    with qtbot.waitSignal(document.mask_changed):
        masks.grow.button.click()
    assert tuple(document.picture.mask.bounds()) == (90, 0, 110, 150)
    masks.to_selection.click()
    assert tuple(document.picture.selection.bounds()) == (90, 0, 110, 150)
    masks.clear.click()
    assert document.picture.mask is None
    assert masks.inpaint.words.whole_text() == "Empty"


def test_how_the_mask_is_shown_is_shared_with_the_bar(masks: MasksPanel) -> None:
    masks.state.set_options("mask-view", show="off")
    assert masks.show_as.key() == "off"
    masks.show_as.set_key("mask")
    masks.show_as.chosen.emit("mask")
    assert masks.state.options("mask-view").show == "mask"


def test_the_layer_mask_is_added_turned_off_applied(masks: MasksPanel, qtbot: QtBot) -> None:
    document = masks.document
    assert not masks.delete.isEnabled()
    masks.add.click()
    assert document.painting_mask
    assert masks.target.isChecked()
    masks.switch.click()
    assert not document.picture.layer("moon").mask_on
    masks.target.click()
    assert not document.painting_mask
    masks.switch.click()
    with qtbot.waitSignal(document.committed):
        masks.layer_invert.click()
    assert document.picture.layer("moon").mask.default == 0
    with qtbot.waitSignal(document.committed):
        masks.apply.click()
    assert document.picture.layer("moon").mask is None
    assert document.picture.layer("moon").plane.bounds() is None, "the mask hid all"


def test_the_share_of_a_mask_counts_soft_pixels_in_part(qapp: QApplication) -> None:
    mask = Plane.from_array(np.full((64, 64), 128, np.uint8))
    image = shrunk(mask, Picture(128, 64).rect, 64)
    assert share_of(image) == pytest.approx(0.25, abs=0.02)
    assert share_of(None) == 0.0


# ---------------------------------------------------------------- all of them


def test_nothing_shows_as_a_window_while_panels_and_bars_are_made(qapp: QApplication, qtbot: QtBot, theme: Theme,
                                                                  document: CanvasDocument, state: ToolState) -> None:
    shown: list[str] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(type(watched).__name__)
            return False

    watch = Watch()
    qapp.installEventFilter(watch)
    dock = StructureDock(theme, document, state)
    qtbot.addWidget(dock)
    for tool in BARS:
        qtbot.addWidget(bar_for(tool, state, document, theme))
    qapp.removeEventFilter(watch)
    assert shown == [], "such a window takes the keyboard away from the real one"
    dock.close_panels()


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_dock_paints_in_both_themes_with_names_and_room(qapp: QApplication, qtbot: QtBot, document: CanvasDocument,
                                                            state: ToolState, mode: Literal["dark", "light"],
                                                            scale: float) -> None:
    theme = Theme(mode, text_scale=scale, reduced_motion=True)
    theme.apply(qapp)
    try:
        document.edit("Mask", lambda p: p.with_mask(Plane.from_array(np.full((50, 50), 200, np.uint8))))
        dock = StructureDock(theme, document, state)
        qtbot.addWidget(dock)
        dock.resize(theme.dp(320), theme.dp(420))
        dock.show()
        for tab in ("masks", "colour", "history", "layers"):
            dock.show_tab(tab)
            assert not dock.grab().isNull()
            buttons = [b for b in dock.findChildren(QAbstractButton) if b.isVisible()]
            assert [b for b in buttons if not b.accessibleName()] == []
            assert [b.accessibleName() for b in buttons if b.width() < 28 or b.height() < 28] == []
        theme.set_mode("light" if mode == "dark" else "dark")
        theme.set_high_contrast(True)
        assert not dock.grab().isNull()
        dock.close_panels()
    finally:
        qapp.setStyleSheet("")
