"""The shared widgets: keyboard, names, states, focus ring, popups; both themes without a Qt warning."""

from __future__ import annotations

from typing import Literal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.gallery import Gallery
from studio.ui.theme import Theme
from studio.ui.widgets import (
    Choice,
    ElidedLabel,
    EmptyState,
    ErrorCard,
    FocusRing,
    FoldSection,
    IconButton,
    MediaWell,
    Notice,
    NumberField,
    Option,
    Popup,
    PushButton,
    Ring,
    Segmented,
    Slider,
    SliderField,
    TabBar,
    TextArea,
    TextField,
    ToolButton,
    key_text,
)
from studio.ui.widgets.number import decimals_of, nice_step, parse_number

# the offscreen platform says so of windows with a smallest size and of menus
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.resize(640, 480)
    qtbot.addWidget(made)
    return made


# ---------------------------------------------------------------- all of them


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_every_widget_paints_in_both_themes(qapp: QApplication, qtbot: QtBot, mode: Literal["dark", "light"],
                                            scale: float) -> None:
    theme = Theme(mode, text_scale=scale, reduced_motion=True)
    theme.apply(qapp)
    try:
        gallery = Gallery(theme)
        qtbot.addWidget(gallery)
        gallery.resize(gallery.sizeHint())
        gallery.show()
        assert not gallery.grab().isNull()
        theme.set_mode("light" if mode == "dark" else "dark")
        theme.set_high_contrast(True)
        assert not gallery.grab().isNull()
    finally:
        qapp.setStyleSheet("")


def test_every_control_has_a_name_and_is_large_enough_to_hit(qtbot: QtBot, theme: Theme) -> None:
    gallery = Gallery(theme)
    qtbot.addWidget(gallery)
    gallery.resize(gallery.sizeHint())
    gallery.show()
    controls = [w for w in gallery.findChildren(QWidget)
                if isinstance(w, QAbstractButton | QLineEdit | QPlainTextEdit | Slider | Choice | MediaWell)
                and w.isVisible() and not isinstance(w.parent(), TextField)]
    assert len(controls) > 60
    nameless = [w for w in controls if not w.accessibleName()]
    assert nameless == []
    interfaces = [QAccessible.queryAccessibleInterface(w) for w in controls]
    assert all(i is not None and i.text(QAccessible.Text.Name) for i in interfaces)
    small = [(type(w).__name__, w.accessibleName(), w.width(), w.height()) for w in controls
             if not isinstance(w, QLineEdit) and w.isEnabled() and (w.width() < 28 or w.height() < 28)]
    assert small == []


# ---------------------------------------------------------------- buttons


def test_a_tool_tip_tells_key_and_reason(theme: Theme, qtbot: QtBot) -> None:
    tool = ToolButton(theme, "paint-brush", "Brush", key="B")
    qtbot.addWidget(tool)
    assert tool.toolTip() == "Brush (B)"
    tool.set_available(False, "Open a canvas first")
    assert not tool.isEnabled()
    assert tool.toolTip() == "Brush (B)\nOpen a canvas first"
    assert tool.accessibleDescription() == "Open a canvas first"
    tool.set_available(True)
    assert tool.toolTip() == "Brush (B)"
    plain = PushButton(theme, "Export")
    qtbot.addWidget(plain)
    assert plain.toolTip() == ""


def test_buttons_work_with_the_space_bar(theme: Theme, qtbot: QtBot) -> None:
    button = PushButton(theme, "Generate", variant="primary")
    qtbot.addWidget(button)
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Space)
    tool = ToolButton(theme, "lasso", "Lasso")
    qtbot.addWidget(tool)
    qtbot.keyClick(tool, Qt.Key.Key_Space)
    assert tool.isChecked()


def test_key_text_reads_like_people_say_it() -> None:
    assert key_text("Ctrl+Return") == "Ctrl Enter"
    assert key_text("+") == "+"
    assert key_text("Ctrl++") == "Ctrl +"
    assert key_text("F6") == "F6"


# ---------------------------------------------------------------- one of several


def test_segments_follow_the_arrow_keys(theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    tray = Segmented(theme, "Workspace", [("a", "Canvas"), ("b", "Write"), ("c", "Sound")])
    QVBoxLayout(window).addWidget(tray)
    window.show()
    tray.set_current("a")
    seen: list[str] = []
    tray.changed.connect(seen.append)
    tray.button("a").setFocus()
    qtbot.keyClick(tray.button("a"), Qt.Key.Key_Right)
    qtbot.keyClick(tray.button("b"), Qt.Key.Key_Right)
    assert seen == ["b", "c"]
    tray.set_current("a")
    assert seen == ["b", "c"]
    tray.set_item_available("b", False, "Not yet")
    qtbot.keyClick(tray.button("a"), Qt.Key.Key_Right)
    qtbot.keyClick(tray.button("c"), Qt.Key.Key_Home)
    assert seen == ["b", "c", "c", "a"]
    tray.set_current("nothing")
    assert tray.current() == ""


def test_tabs_grow_and_tell(theme: Theme, qtbot: QtBot) -> None:
    tabs = TabBar(theme, "Inspector", [("generate", "Generate"), ("details", "Details")])
    qtbot.addWidget(tabs)
    tabs.add_tab("more", "More")
    assert tabs.current() == "generate"
    with qtbot.waitSignal(tabs.changed) as caught:
        tabs.button("more").click()
    assert caught.args == ["more"]
    assert tabs.sizeHint().height() == 36


def test_a_choice_by_keyboard_and_popup(theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    choice = Choice(theme, "Model", [Option("a", "Atelier", "6 GB"), Option("b", "Quill"), "plain"])
    QVBoxLayout(window).addWidget(choice)
    window.show()
    seen: list[str] = []
    choice.chosen.connect(seen.append)
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert seen == ["b"]
    choice.showPopup()
    popup = window.findChild(Popup)
    assert popup is not None
    qtbot.keyClick(popup.content, Qt.Key.Key_Down)
    qtbot.keyClick(popup.content, Qt.Key.Key_Return)
    assert choice.key() == "plain"
    assert seen == ["b", "plain"]
    assert not popup.is_open()
    choice.showPopup()
    choice.hidePopup()
    assert choice.set_key("a")
    assert not choice.set_key("nope")
    choice.set_options(["x", "a"])
    assert choice.key() == "a"
    assert seen == ["b", "plain"]


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(("text", "value"), [
    ("12", 12), ("0,5", 0.5), ("1 024 px", 1024), ("−3", -3), (".5", 0.5), ("3e2", 300), ("", None), ("px", None),
    ("1e999", None), ("92 BPM", 92)])
def test_numbers_are_read_as_people_write_them(text: str, value: float | None) -> None:
    assert parse_number(text) == value


def test_steps() -> None:
    assert decimals_of(0.05) == 2
    assert decimals_of(8) == 0
    assert nice_step(1) == 0.01
    assert nice_step(19) == pytest.approx(0.2)
    assert nice_step(float("inf")) == 1


def test_slider_keys_fine_steps_and_default(theme: Theme, qtbot: QtBot) -> None:
    field = SliderField(theme, "Strength", 0, 1, step=0.05, default=0.7)
    qtbot.addWidget(field)
    seen: list[float] = []
    field.value_changed.connect(seen.append)
    qtbot.keyClick(field.slider, Qt.Key.Key_Right)
    assert field.value() == 0.75
    qtbot.keyClick(field.slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert field.value() == 0.755
    qtbot.keyClick(field.slider, Qt.Key.Key_Home)
    assert field.value() == 0
    qtbot.keyClick(field.slider, Qt.Key.Key_End)
    assert field.value() == 1
    qtbot.keyClick(field.slider, Qt.Key.Key_Delete)
    assert field.value() == 0.7
    assert seen == [0.75, 0.755, 0, 1, 0.7]
    field.set_value(5)
    assert field.value() == 1
    assert len(seen) == 5


def test_slider_by_mouse(theme: Theme, qtbot: QtBot) -> None:
    field = SliderField(theme, "Steps", 0, 100, whole=True, default=20)
    qtbot.addWidget(field)
    field.resize(300, 32)
    field.show()
    slider = field.slider
    middle = QPoint(slider.width() // 2, slider.height() // 2)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=middle)
    assert field.value() == 50
    qtbot.mouseMove(slider, QPoint(slider.width() + 40, middle.y()))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton)
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=middle)
    assert field.value() == 20


def test_value_text_keeps_its_decimals(theme: Theme, qtbot: QtBot) -> None:
    field = NumberField(theme, "Guidance", minimum=0, maximum=20, step=0.5, value=6.5)
    qtbot.addWidget(field)
    assert field.text() == "6.5"
    field.set_value(7)
    assert field.text() == "7.0"
    field.set_value(7.25)
    assert field.text() == "7.25"
    whole = NumberField(theme, "Size", whole=True, unit="px", value=60)
    qtbot.addWidget(whole)
    assert whole.text() == "60 px"
    assert NumberField(theme, "Pitch", value=-2, whole=False, step=1, unit="st").text() == "−2 st"


def test_typing_into_a_value(theme: Theme, qtbot: QtBot) -> None:
    field = NumberField(theme, "Width", minimum=64, maximum=2048, whole=True, step=8, value=512)
    qtbot.addWidget(field)
    field.selectAll()
    with qtbot.waitSignal(field.value_changed):
        qtbot.keyClicks(field, "768")
        qtbot.keyClick(field, Qt.Key.Key_Return)
    field.selectAll()
    qtbot.keyClicks(field, "99999")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 2048
    field.selectAll()
    qtbot.keyClicks(field, "7")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "2048"
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert field.value() == 2040


# ---------------------------------------------------------------- text


def test_an_area_grows_to_six_lines(theme: Theme, qtbot: QtBot) -> None:
    area = TextArea(theme, "Prompt", most=6)
    qtbot.addWidget(area)
    area.resize(300, 40)
    area.show()
    heights = []
    for lines in (1, 2, 3, 6, 9):
        area.set_text("\n".join("word" for _ in range(lines)))
        heights.append(area.height())
    assert heights == sorted(heights)
    assert heights[3] == heights[4]
    assert heights[0] >= 28


def test_tab_leaves_an_area(theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    column = QVBoxLayout(window)
    area, after = TextArea(theme, "Prompt"), PushButton(theme, "Next")
    column.addWidget(area)
    column.addWidget(after)
    window.show()
    area.setFocus()
    qtbot.keyClick(area, Qt.Key.Key_Tab)
    assert window.focusWidget() is after


def test_a_clear_button_clears(theme: Theme, qtbot: QtBot) -> None:
    field = TextField(theme, "Search", text="whale", clearable=True)
    qtbot.addWidget(field)
    button = field.findChild(IconButton)
    assert button is not None
    button.click()
    assert field.text() == ""


def test_an_elided_label_keeps_the_whole_text(theme: Theme, qtbot: QtBot) -> None:
    label = ElidedLabel(theme, "a rather long name of a layer")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert label.text().endswith("…")
    assert label.toolTip() == label.accessibleName() == label.whole_text() == "a rather long name of a layer"
    label.resize(900, 20)
    assert label.toolTip() == ""


# ---------------------------------------------------------------- popups, focus, notices


def test_a_popup_takes_and_gives_back_the_focus(theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    column = QVBoxLayout(window)
    anchor = PushButton(theme, "Open")
    column.addWidget(anchor)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    anchor.setFocus()
    content = QWidget()
    inside = QVBoxLayout(content)
    first, second = PushButton(theme, "One"), PushButton(theme, "Two")
    inside.addWidget(first)
    inside.addWidget(second)
    content.setFocusProxy(first)
    popup = Popup(theme, anchor, content)
    popup.open()
    assert window.focusWidget() is first
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    assert window.focusWidget() is second
    qtbot.keyClick(second, Qt.Key.Key_Tab)
    assert window.focusWidget() is first
    assert window.rect().contains(popup.card.geometry())
    with qtbot.waitSignal(popup.closed):
        qtbot.keyClick(first, Qt.Key.Key_Escape)
    assert window.focusWidget() is anchor


def test_content_of_a_popup_can_be_shown_again(theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    window.show()
    content = PushButton(theme, "Queue")
    for _ in range(3):
        popup = Popup(theme, window, content)
        popup.open()
        assert content.isVisible()
        with qtbot.waitSignal(popup.destroyed):
            popup.dismiss()
    assert not content.isVisible()
    assert content.text() == "Queue"


def test_a_press_outside_closes_a_popup(theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    window.show()
    popup = Popup(theme, window, PushButton(theme, "In"), place="centre")
    popup.open()
    qtbot.mousePress(popup, Qt.MouseButton.LeftButton, pos=popup.card.geometry().center())
    assert popup.is_open()
    qtbot.mousePress(popup, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert not popup.is_open()


def test_the_focus_ring_is_for_the_keyboard_only(theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    column = QVBoxLayout(window)
    one, two = PushButton(theme, "One"), PushButton(theme, "Two")
    column.addWidget(one)
    column.addWidget(two)
    ring = FocusRing(theme, window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    handle = window.windowHandle()
    assert handle is not None
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=one.geometry().center())
    qtbot.waitUntil(one.hasFocus)
    assert ring.target() is None
    QTest.keyClick(handle, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: ring.target() is two)
    assert ring.geometry() == two.geometry().adjusted(-3, -3, 3, 3)
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=one.geometry().center())
    qtbot.waitUntil(lambda: ring.target() is None)
    QTest.keyClick(handle, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: ring.target() is two)
    two.setParent(None)
    two.deleteLater()
    qtbot.waitUntil(lambda: ring.target() is not two)


def test_a_long_notice_is_read_whole_and_stays_above_what_is_below(theme: Theme, window: QWidget,
                                                                   qtbot: QtBot) -> None:
    window.resize(500, 400)
    with qtbot.waitExposed(window):
        window.show()
    notice = Notice(theme, window)
    notice.show_message("Short.")
    low = notice.geometry()
    notice.show_message(f"{'x' * 200}.mp3 is damaged or not sound that Pieria knows; open it elsewhere and save it as "
                        "WAV or FLAC.")
    label = notice.label
    assert window.rect().contains(notice.geometry().adjusted(0, 0, 0, -24))
    assert label.heightForWidth(label.width()) <= label.height()
    assert notice.height() > low.height()
    notice.set_bottom(200)
    assert notice.geometry().bottom() - 24 <= window.height() - 200


def test_a_notice_undoes_once(theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    window.show()
    notice = Notice(theme, window)
    undone: list[int] = []
    notice.show_message("Deleted “Moon”", lambda: undone.append(1))
    assert notice.isVisible()
    assert notice.accessibleName() == "Deleted “Moon”"
    notice.button.click()
    assert undone == [1]
    assert not notice.isVisible()
    notice.show_message("Saved")
    assert not notice.button.isVisible()


def test_an_error_card_unfolds_details(theme: Theme, qtbot: QtBot) -> None:
    card = ErrorCard(theme, "The model is missing.", details="Traceback", action="Install it", source="language.text")
    qtbot.addWidget(card)
    card.show()
    assert card.accessibleName() == "Error: The model is missing."
    assert not card.details.isVisible()
    card.more.click()
    assert card.details.isVisible()
    with qtbot.waitSignal(card.action):
        card.button.click()
    card.copy.click()
    assert "Traceback" in QApplication.clipboard().text()
    card.show_error("Another one.")
    assert not card.details.isVisible()
    assert not card.button.isVisible()


def test_an_empty_state_offers_one_action(theme: Theme, qtbot: QtBot) -> None:
    state = EmptyState(theme, "Results appear here.", "Write a prompt")
    qtbot.addWidget(state)
    with qtbot.waitSignal(state.activated):
        state.button.click()
    state.set_text("Nothing matches.")
    assert state.button.isHidden()


def test_a_fold_tells_its_state(theme: Theme, qtbot: QtBot) -> None:
    section = FoldSection(theme, "Advanced")
    qtbot.addWidget(section)
    section.show()
    assert section.head.accessibleDescription() == "folded"
    with qtbot.waitSignal(section.folded) as caught:
        qtbot.keyClick(section.head, Qt.Key.Key_Space)
    assert caught.args == [False]
    assert section.content.isVisible()
    with qtbot.assertNotEmitted(section.folded):
        section.set_open(False)


def test_a_ring_shows_real_progress_at_once_and_unknown_late(theme: Theme, qtbot: QtBot) -> None:
    ring = Ring(theme)
    qtbot.addWidget(ring)
    ring.show()
    blank = ring.grab().toImage()
    ring.set_progress(0, 0)
    assert ring.grab().toImage() == blank
    qtbot.waitUntil(lambda: ring.grab().toImage() != blank, timeout=3000)
    ring.set_progress(12, 20)
    assert (ring.value(), ring.maximum()) == (12, 20)
    ring.set_progress(99, 20)
    assert ring.value() == 20
    ring.clear()
    assert ring.grab().toImage() == blank
