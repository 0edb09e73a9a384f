"""Tokens, contrast, fonts, icons, and following the system."""

from __future__ import annotations

import re
from itertools import product
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QFontInfo, QIcon, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.ui import icons
from studio.ui.style import stylesheet
from studio.ui.theme import DARK, FONT_TABLE, LIGHT, Theme, Tokens, contrast, load_fonts, mix
from studio.ui.widgets.labels import Label

THEMES = {"dark": DARK, "light": LIGHT}


@pytest.mark.parametrize(("tokens", "text", "surface"), [
    (tokens, text, surface)
    for tokens, text, surface in product(THEMES.values(), ("t1", "t2", "t3"),
                                         ("canvas", "chrome", "panel", "raised", "page", "control"))])
def test_text_is_readable_on_every_surface(tokens: Tokens, text: str, surface: str) -> None:
    assert contrast(getattr(tokens, text), getattr(tokens, surface)) >= 4.5


@pytest.mark.parametrize("tokens", THEMES.values(), ids=THEMES)
def test_coloured_text_is_readable_where_it_is_used(tokens: Tokens) -> None:
    pairs = [("on_spring", "spring"), ("on_spring", "spring_hover"), ("on_spring", "spring_press"),
             ("spring", "spring_t"), ("spring", "panel"), ("spring", "raised"), ("iris", "panel"), ("sky", "sky_t"),
             ("sky", "panel"), ("err", "panel"), ("err", "err_t"), ("warn", "panel"), ("ok", "panel"),
             ("emphasis", "raised"), ("wildcard", "raised"), ("lora", "raised"), ("t1", "spring_t"), ("t1", "hover"),
             ("ghost", "page"), ("on_badge", "badge")]
    low = {pair: contrast(getattr(tokens, pair[0]), getattr(tokens, pair[1])) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert mix("#000000", "#FFFFFF", 0.5) == "#808080"


def test_every_token_is_a_colour() -> None:
    for tokens in THEMES.values():
        for name in Tokens.names():
            assert re.fullmatch(r"#[0-9A-F]{6}", getattr(tokens, name)), name


def test_the_faces_load(qapp: QApplication) -> None:
    assert {"Inter", "Literata", "JetBrains Mono"} <= set(load_fonts())
    assert load_fonts() == load_fonts()
    theme = Theme("dark")
    for role in FONT_TABLE:
        font = theme.font(role)  # type: ignore[arg-type]
        assert QFontInfo(font).family() == font.family()
        assert font.pixelSize() >= 11


def test_tnum_gives_figures_of_one_width(qapp: QApplication) -> None:
    from PySide6.QtGui import QFontMetricsF

    load_fonts()
    metrics = QFontMetricsF(Theme("dark").font("body", tnum=True))
    assert metrics.horizontalAdvance("1111") == pytest.approx(metrics.horizontalAdvance("8888"))


def test_set_mode_changes_tokens_and_tells(qtbot: QtBot) -> None:
    theme = Theme("dark")
    assert theme.tokens == DARK
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("light")
    assert theme.tokens == LIGHT
    assert not theme.is_dark


class FakeHints(QObject):
    """The system's colour scheme, as QStyleHints tells it."""

    colorSchemeChanged = Signal(Qt.ColorScheme)  # noqa: N815  (Qt's name)
    scheme = Qt.ColorScheme.Dark

    def colorScheme(self) -> Qt.ColorScheme:
        return self.scheme

    def change(self, scheme: Qt.ColorScheme) -> None:
        self.scheme = scheme
        self.colorSchemeChanged.emit(scheme)


def test_a_label_shown_after_a_change_has_the_new_colour(qtbot: QtBot, qapp: QApplication) -> None:
    theme, page = Theme("dark"), QWidget()
    qtbot.addWidget(page)
    sheet = qapp.styleSheet()
    theme.apply(qapp)
    label = Label(theme, "Pieria", parent=page)
    theme.set_mode("light")
    page.show()
    assert label.palette().windowText().color().name().upper() == LIGHT.t1
    qapp.setStyleSheet(sheet)


def test_system_mode_follows_the_system(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    hints = FakeHints()
    monkeypatch.setattr("studio.ui.theme.QGuiApplication", SimpleNamespace(styleHints=lambda: hints))
    theme = Theme("system")
    assert theme.tokens == DARK
    with qtbot.waitSignal(theme.changed):
        hints.change(Qt.ColorScheme.Light)
    assert theme.tokens == LIGHT
    hints.change(Qt.ColorScheme.Dark)
    assert theme.tokens == DARK
    theme.set_mode("light")
    with qtbot.assertNotEmitted(theme.changed):
        hints.change(Qt.ColorScheme.Light)
        hints.change(Qt.ColorScheme.Dark)
    assert theme.tokens == LIGHT


def test_text_scale_is_clamped_and_reaches_sizes() -> None:
    theme = Theme("dark", text_scale=9)
    assert theme.text_scale == 2.0
    assert theme.font("body").pixelSize() == 24
    assert theme.dp(28) == 56
    theme.set_text_scale(0)
    assert theme.dp(28) == 28


def test_reduced_motion_takes_all_durations_away() -> None:
    theme = Theme("dark")
    assert theme.duration(120) == 120
    theme.set_reduced_motion(True)
    assert theme.duration(120) == 0


def test_high_contrast_strengthens_lines() -> None:
    theme = Theme("dark", high_contrast=True)
    assert theme.tokens.line == DARK.t3
    assert contrast(theme.tokens.line2, theme.tokens.panel) >= 3


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_the_style_sheet_has_no_holes(qapp: QApplication, mode: str) -> None:
    sheet = stylesheet(Theme(mode))  # type: ignore[arg-type]
    assert "$" not in sheet
    assert sheet.count("{") == sheet.count("}")


def test_apply_dresses_the_application_and_renews_it(qapp: QApplication) -> None:
    theme = Theme("dark")
    theme.apply(qapp)
    try:
        assert qapp.style().objectName().lower() in ("fusion", "")
        assert qapp.palette().window().color().name().upper() == DARK.panel
        theme.set_mode("light")
        assert qapp.palette().window().color().name().upper() == LIGHT.panel
        assert qapp.font().family() == "Inter"
    finally:
        qapp.setStyleSheet("")


# ---------------------------------------------------------------- icons


def colours(image: QImage) -> set[str]:
    """The colours of the solid pixels."""
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
            if image.pixelColor(x, y).alpha() == 255}


@pytest.mark.parametrize("name", [
    "cursor", "waveform", "lasso", "metronome", "piano-keys", "graphics-card", "film-slate", "feather", "broom",
    "images", "text-b", "arrows-horizontal", "mask-brush", "pieria", "aspect-wide", "dice-five", "lock-simple-open"])
def test_the_icons_of_the_design_exist(qapp: QApplication, name: str) -> None:
    assert icons.exists(name)
    picture = Theme("dark").icons.pixmap(name, 32, "spring").toImage()
    assert any(picture.pixelColor(x, y).alpha() for x in range(32) for y in range(32))


def test_an_icon_takes_the_colour_and_changes_with_the_theme(qapp: QApplication) -> None:
    theme = Theme("dark")
    assert colours(theme.icons.pixmap("square", 32, "spring", weight="fill").toImage()) == {DARK.spring.lower()}
    theme.set_mode("light")
    assert colours(theme.icons.pixmap("square", 32, "spring", weight="fill").toImage()) == {LIGHT.spring.lower()}


def test_the_mark_is_arch_and_two_streams(qapp: QApplication) -> None:
    found = colours(Theme("dark").icons.pixmap("pieria", 128).toImage())
    assert {DARK.t1.lower(), DARK.spring.lower(), DARK.iris.lower()} <= found


@pytest.mark.parametrize("name", ["", "no-such-icon", "../../secret", "a\\b", "x" * 300])
def test_an_unknown_icon_falls_back(qapp: QApplication, name: str) -> None:
    theme = Theme("dark")
    assert not icons.exists(name)
    assert theme.icons.pixmap(name, 16).toImage() == theme.icons.pixmap("sparkle", 16).toImage()


def test_pixmaps_are_kept_and_sharp_at_every_ratio(qapp: QApplication) -> None:
    theme = Theme("dark")
    once = theme.icons.pixmap("cursor", 18, dpr=2.0)
    assert once is theme.icons.pixmap("cursor", 18, dpr=2.0)
    assert once.width() == 36
    assert once.devicePixelRatio() == 2.0


def test_a_qicon_has_every_state(qapp: QApplication) -> None:
    icon = Theme("dark").icons.icon("square", 16, weight="fill")
    normal = icon.pixmap(16, QIcon.Mode.Normal, QIcon.State.Off).toImage()
    on = icon.pixmap(16, QIcon.Mode.Normal, QIcon.State.On).toImage()
    off = icon.pixmap(16, QIcon.Mode.Disabled, QIcon.State.Off).toImage()
    assert len({frozenset(colours(i)) for i in (normal, on, off)}) == 3


def test_paint_centres_the_icon(qapp: QApplication) -> None:
    canvas = QImage(40, 20, QImage.Format.Format_ARGB32_Premultiplied)
    canvas.fill(0)
    painter = QPainter(canvas)
    Theme("dark").icons.paint(painter, QRectF(0, 0, 40, 20), "square", "t1", weight="fill")
    painter.end()
    assert canvas.pixelColor(20, 10).alpha() == 255
    assert canvas.pixelColor(4, 10).alpha() == 0
