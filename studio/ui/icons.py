"""Icons: Phosphor (MIT) and two drawings of our own, rendered in the colours of the theme."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

if TYPE_CHECKING:
    from studio.ui.theme import Theme

Weight = Literal["regular", "fill", "bold", "light", "thin", "duotone"]

FALLBACK = "sparkle"

# In a square of 256, like Phosphor's. "currentColor" is the asked colour; {token} is a colour of the theme.
MARK = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" fill="none" stroke-width="30"
 stroke-linecap="round"><path stroke="{t1}" d="M26 74 C68 24 188 24 230 74"/>
 <path stroke="{spring}" d="M90 78 C94 138 82 186 46 216"/>
 <path stroke="{iris}" d="M166 78 C162 138 174 186 210 216"/></svg>"""


def _mask_brush() -> str:
    """A dashed circle filled with 45° hatch: where the machine will work."""
    dash = 2 * math.pi * 92 / 22
    lines = []
    for offset in (-56, 0, 56):
        half = math.sqrt(68**2 - (offset / math.sqrt(2)) ** 2) / math.sqrt(2)
        x, y = 128 + offset / 2, 128 + offset / 2
        lines.append(f"M{x - half:.1f} {y + half:.1f} L{x + half:.1f} {y - half:.1f}")
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" fill="none" stroke="currentColor" '
            f'stroke-width="16" stroke-linecap="butt"><circle cx="128" cy="128" r="92" stroke-width="18" '
            f'stroke-dasharray="{dash:.2f} {dash:.2f}"/><path d="{" ".join(lines)}"/></svg>')


def _frame(width: int, height: int) -> str:
    """A rounded rectangle in a proportion, for the aspect presets."""
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" fill="none" stroke="currentColor" '
            f'stroke-width="18"><rect x="{128 - width / 2:g}" y="{128 - height / 2:g}" width="{width}" '
            f'height="{height}" rx="26"/></svg>')


OWN: dict[str, str] = {
    "pieria": MARK,
    "mask-brush": _mask_brush(),
    "aspect-square": _frame(156, 156), "aspect-wide": _frame(190, 126), "aspect-tall": _frame(126, 190),
    "aspect-cinema": _frame(216, 122), "aspect-portrait": _frame(140, 180), "aspect-landscape": _frame(180, 140),
}


@lru_cache(maxsize=512)
def _source(name: str, weight: str) -> str:
    """The SVG text of an icon; an unknown name gives the fallback, since a plugin chooses its own icon."""
    if name in OWN:
        return OWN[name]
    for candidate in (name, FALLBACK):
        path = _path(candidate, weight)
        if path is not None:
            return path.read_text(encoding="utf-8")
    return OWN["aspect-square"]


def _path(name: str, weight: str = "regular") -> Path | None:
    """The file of a Phosphor icon, None if there is none of this name."""
    if not re.fullmatch(r"[a-z0-9-]{1,60}", name):
        return None
    from py_phosphor_icons.svgs import svg_path

    path = svg_path(name, weight)
    return path if path.is_file() else None


def exists(name: str) -> bool:
    """Whether there is an icon of this name."""
    return name in OWN or _path(name) is not None


class Icons:
    """Renders icons for one theme and keeps them; `clear` after the colours changed."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._pixmaps: dict[tuple[str, int, str, float, str], QPixmap] = {}

    def clear(self) -> None:
        self._pixmaps.clear()

    def pixmap(self, name: str, size: int = 16, color: str = "t2", *, weight: Weight = "regular",
               dpr: float = 1.0) -> QPixmap:
        """A square pixmap of `size` px. color: a token or "#RRGGBB"."""
        tone = self._theme.color(color).name(QColor.NameFormat.HexRgb)
        key = (name, size, tone, dpr, weight)
        found = self._pixmaps.get(key)
        if found is None:
            if len(self._pixmaps) > 2000:
                self._pixmaps.clear()
            found = self._pixmaps[key] = self._render(name, size, tone, dpr, weight)
        return found

    def paint(self, painter: QPainter, rect: QRectF, name: str, color: str = "t2", *,
              weight: Weight = "regular") -> None:
        """Draw an icon centred in `rect`, as large as its shorter side, on whole pixels."""
        size = int(min(rect.width(), rect.height()))
        device = painter.device()
        dpr = device.devicePixelRatioF() if device is not None else 1.0
        picture = self.pixmap(name, size, color, weight=weight, dpr=dpr)
        centre = rect.center()
        painter.drawPixmap(round(centre.x() - size / 2), round(centre.y() - size / 2), picture)

    def icon(self, name: str, size: int = 16, *, tone: str = "t2", active: str = "t1", on: str = "spring",
             weight: Weight = "regular", on_weight: Weight | None = None) -> QIcon:
        """A QIcon with a picture for each state: normal, hovered, on, disabled; for menus and actions."""
        icon = QIcon()
        screens = QGuiApplication.screens()
        for dpr in sorted({1.0, *(s.devicePixelRatio() for s in screens)}):
            for mode, state, colour in (
                (QIcon.Mode.Normal, QIcon.State.Off, tone), (QIcon.Mode.Active, QIcon.State.Off, active),
                (QIcon.Mode.Selected, QIcon.State.Off, active), (QIcon.Mode.Disabled, QIcon.State.Off, "t4"),
                (QIcon.Mode.Normal, QIcon.State.On, on), (QIcon.Mode.Active, QIcon.State.On, on),
                (QIcon.Mode.Selected, QIcon.State.On, on), (QIcon.Mode.Disabled, QIcon.State.On, "t4"),
            ):
                chosen = on_weight if on_weight and state == QIcon.State.On else weight
                icon.addPixmap(self.pixmap(name, size, colour, weight=chosen, dpr=dpr), mode, state)
        return icon

    def app_icon(self) -> QIcon:
        """The mark on a dark tile, for the window and the task bar."""
        icon = QIcon()
        for size in (16, 24, 32, 48, 64, 128, 256):
            tile = QPixmap(size, size)
            tile.fill(Qt.GlobalColor.transparent)
            painter = QPainter(tile)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor("#1B1C20"))
            painter.drawRoundedRect(QRectF(0, 0, size, size), size * 0.22, size * 0.22)
            source = MARK.format(t1="#ECEDF0", spring="#4BD4B4", iris="#A78BFF")
            inset = size * 0.14
            QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(tile.rect()).adjusted(
                inset, inset, -inset, -inset))
            painter.end()
            icon.addPixmap(tile)
        return icon

    def _render(self, name: str, size: int, tone: str, dpr: float, weight: Weight) -> QPixmap:
        source = _source(name, weight)
        if name == "pieria":
            tokens = self._theme.tokens
            source = source.format(t1=tokens.t1, spring=tokens.spring, iris=tokens.iris)
        source = source.replace("currentColor", tone)
        picture = QPixmap(QSize(math.ceil(size * dpr), math.ceil(size * dpr)))
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size * dpr, size * dpr))
        painter.end()
        picture.setDevicePixelRatio(dpr)
        return picture
