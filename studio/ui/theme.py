"""The theme: which tokens hold now, the fonts, sizes that follow the text scale, and how they reach Qt."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from studio.ui.icons import Icons
from studio.ui.tokens import DARK, LIGHT, Tokens, contrast, mix

__all__ = ["DARK", "LIGHT", "FontRole", "Mode", "Theme", "Tokens", "contrast", "load_fonts", "mix"]

Mode = Literal["system", "dark", "light"]
FontRole = Literal["caption", "body", "medium", "strong", "prompt", "prompt_large", "figure", "loudness", "display",
                   "manuscript", "manuscript_italic", "chapter", "mono", "mono_prompt", "timecode", "title"]

FONTS = Path(__file__).parent / "fonts"

SANS, SERIF, MONO = "Inter", "Literata", "JetBrains Mono"

# role: family, size in px, line height in px, weight
FONT_TABLE: dict[str, tuple[str, int, int, int]] = {
    "caption": (SANS, 11, 16, 400),
    "body": (SANS, 12, 16, 400),
    "medium": (SANS, 12, 16, 500),
    "strong": (SANS, 12, 16, 600),
    "title": (SANS, 15, 22, 600),
    "prompt": (SANS, 14, 21, 400),
    "prompt_large": (SANS, 17, 26, 400),
    "figure": (SANS, 20, 28, 600),
    "loudness": (SANS, 28, 32, 600),
    "display": (SANS, 36, 44, 600),
    "manuscript": (SERIF, 17, 28, 400),
    "manuscript_italic": (SERIF, 17, 28, 400),
    "chapter": (SERIF, 28, 36, 600),
    "mono": (MONO, 12, 16, 400),
    "mono_prompt": (MONO, 13, 21, 400),
    "timecode": (MONO, 17, 24, 500),
}


def load_fonts() -> list[str]:
    """Give the application the faces that come with it; returns the families. Safe to call twice."""
    known = set(QFontDatabase.families())
    if {SANS, SERIF, MONO} <= known:
        return sorted((SANS, SERIF, MONO))
    found: set[str] = set()
    for path in sorted(FONTS.glob("*.ttf")):
        number = QFontDatabase.addApplicationFont(str(path))
        if number >= 0:
            found.update(QFontDatabase.applicationFontFamilies(number))
    return sorted(found)


class Theme(QObject):
    """Tokens, fonts and sizes as they hold now. Widgets take it in their constructor and repaint on `changed`.

    Attributes:
        tokens: the colours of the current theme.
        icons: the icons, in the current colours.
        text_scale: size of text and of what holds it, 1.0 to 2.0.
        reduced_motion: no animation; rings become numbers.
        high_contrast: visible separators and field edges.
    """

    changed = Signal()

    def __init__(self, mode: Mode = "system", *, text_scale: float = 1.0, reduced_motion: bool = False,
                 high_contrast: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mode: Mode = mode
        self.text_scale = min(2.0, max(1.0, text_scale))
        self.reduced_motion = reduced_motion
        self.high_contrast = high_contrast
        self.tokens = self._pick()
        self.icons = Icons(self)
        self._app: QApplication | None = None
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._system_changed)

    # ------------------------------------------------------------ state

    @property
    def is_dark(self) -> bool:
        if self.mode == "system":
            hints = QGuiApplication.styleHints()
            return hints is None or hints.colorScheme() != Qt.ColorScheme.Light
        return self.mode == "dark"

    def set_mode(self, mode: Mode) -> None:
        self.mode = mode
        self._renew()

    def set_text_scale(self, scale: float) -> None:
        """1.0 to 2.0; values outside are clamped."""
        self.text_scale = min(2.0, max(1.0, scale))
        self._renew()

    def set_reduced_motion(self, on: bool) -> None:
        self.reduced_motion = on
        self.changed.emit()

    def set_high_contrast(self, on: bool) -> None:
        self.high_contrast = on
        self._renew()

    def apply(self, app: QApplication) -> None:
        """Make `app` look like this theme, now and after every change."""
        load_fonts()
        self._app = app
        app.setStyle("Fusion")
        self._dress(app)

    # ------------------------------------------------------------ what widgets ask for

    def color(self, token: str, alpha: float = 1.0) -> QColor:
        """The colour of a token (or of "#RRGGBB"), `alpha` 0 to 1."""
        colour = QColor(token if token.startswith("#") else getattr(self.tokens, token))
        if alpha < 1.0:
            colour.setAlphaF(alpha)
        return colour

    def font(self, role: FontRole = "body", *, tnum: bool = False) -> QFont:
        """The font of a role; `tnum` gives figures of one width, for numbers that change or align."""
        family, size, _, weight = FONT_TABLE[role]
        font = QFont(family)
        font.setPixelSize(self.dp(size))
        font.setWeight(QFont.Weight(weight))
        font.setItalic(role == "manuscript_italic")
        if role == "display":
            font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 98)
        if family == MONO:
            font.setStyleHint(QFont.StyleHint.Monospace)
        if tnum:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def line_height(self, role: FontRole) -> int:
        """In px, with the text scale."""
        return self.dp(FONT_TABLE[role][2])

    def dp(self, px: float) -> int:
        """A size in px that grows with the text scale, for text and for what must hold text."""
        return round(px * self.text_scale)

    def duration(self, ms: int) -> int:
        """How long an animation runs: 0 with reduced motion."""
        return 0 if self.reduced_motion else ms

    # ------------------------------------------------------------ inside

    def _pick(self) -> Tokens:
        tokens = DARK if self.is_dark else LIGHT
        return tokens.high_contrast() if self.high_contrast else tokens

    def _system_changed(self, _scheme: Qt.ColorScheme) -> None:
        if self.mode == "system":
            self._renew()

    def _renew(self) -> None:
        self.tokens = self._pick()
        self.icons.clear()
        if self._app is not None:
            self._dress(self._app)
        self.changed.emit()

    def _dress(self, app: QApplication) -> None:
        from studio.ui.style import stylesheet

        app.setFont(self.font("body"))
        app.setPalette(self.palette())
        app.setStyleSheet(stylesheet(self))

    def palette(self) -> QPalette:
        """For what Qt draws by itself: dialogs, native fields, selections."""
        t, palette = self.tokens, QPalette()
        role = QPalette.ColorRole
        for where, colour in {
            role.Window: t.panel, role.WindowText: t.t1, role.Base: t.control, role.AlternateBase: t.panel,
            role.Text: t.t1, role.Button: t.control, role.ButtonText: t.t1, role.BrightText: t.err,
            role.ToolTipBase: t.raised, role.ToolTipText: t.t1, role.PlaceholderText: t.t3, role.Link: t.sky,
            role.Highlight: mix(t.control, t.sky, 0.35), role.HighlightedText: t.t1, role.Accent: t.spring,
            role.Light: t.hover, role.Midlight: t.control, role.Mid: t.line2, role.Dark: t.line,
            role.Shadow: t.canvas,
        }.items():
            palette.setColor(where, QColor(colour))
        for where in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText, role.PlaceholderText):
            palette.setColor(QPalette.ColorGroup.Disabled, where, QColor(t.t4))
        return palette
