"""Parts of the start screen: the mark, the ways in, what is ready, the card of the prompt."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui.startscenes import Scene
from studio.ui.theme import FontRole, Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import BaseButton, PushButton
from studio.ui.widgets.popup import Card


@dataclass(frozen=True)
class Ready:
    """A generator on the start screen. hue: token of its tile; installed: its model is on this machine; None while
    nobody has looked."""

    title: str
    kind: str
    icon: str
    hue: str
    model: str
    installed: bool | None


class Logo(Themed, QWidget):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.init_theme(theme)
        self.setFixedSize(48, 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.theme.icons.paint(QPainter(self), QRectF(self.rect()), "pieria", "t1")


class WayIn(BaseButton):
    """A large card: a picture of what the workspace is for, its title, a line and its key."""

    focus_radius = 12.0

    def __init__(self, theme: Theme, title: str, line: str, icon: str, key: str, scene: Scene) -> None:
        """scene: paints what the workspace is for."""
        self.line, self.key_text, self.scene = line, key, scene
        super().__init__(theme, title, icon=icon, text=title, key=key)
        self.setAccessibleDescription(line)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(300), self.theme.dp(236))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        box(painter, self.rect(), 12, theme.color("raised" if self.underMouse() else "panel"), theme.color("line2"))
        foot = theme.dp(72)
        top = QRectF(1, 1, self.width() - 2, self.height() - foot - 1)
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addRoundedRect(top, 11, 11)
        path.addRect(QRectF(top.left(), top.bottom() - 12, top.width(), 12))
        painter.save()
        painter.setClipPath(path)
        self.scene(painter, theme, top)
        painter.restore()
        painter.setPen(theme.color("line"))
        painter.drawLine(QPointF(1, top.bottom()), QPointF(self.width() - 1, top.bottom()))
        tile = theme.dp(36)
        area = QRectF(16, top.bottom() + (foot - tile) / 2, tile, tile)
        box(painter, area, 8, theme.color("control"))
        theme.icons.paint(painter, area.adjusted(9, 9, -9, -9), self.icon_name, "t1")
        x = area.right() + 12
        painter.setFont(theme.font("title"))
        painter.setPen(theme.color("t1"))
        half = foot / 2
        painter.drawText(QRectF(x, top.bottom() + 10, 400, half - 8), Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("t2"))
        painter.drawText(QRectF(x, top.bottom() + half + 1, self.width() - x - 8, half - 14),
                         Qt.AlignmentFlag.AlignVCenter, self.line)
        painter.setFont(theme.font("caption"))
        wide = painter.fontMetrics().horizontalAdvance(self.key_text) + 12
        cap = QRectF(self.width() - wide - 14, top.bottom() + 14, wide, theme.dp(18))
        box(painter, cap, 4, None, theme.color("line2"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self.key_text)


class ReadyCard(Themed, QWidget):
    """One generator, with a check when its model is here, else how to get it."""

    install = Signal(str)

    def __init__(self, theme: Theme, ready: Ready, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ready = ready
        self.setFixedHeight(theme.dp(56))
        state = {True: "ready", False: "its model is not installed", None: "looking for its model"}[ready.installed]
        self.setAccessibleName(f"{ready.title}, {ready.kind}, {state}")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.addStretch(1)
        if ready.installed is False:
            button = PushButton(theme, "Install")
            button.clicked.connect(lambda: self.install.emit(ready.model))
            row.addWidget(button)
        self.init_theme(theme)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        box(painter, self.rect(), 8, theme.color("panel"), theme.color("line"))
        tile = theme.dp(32)
        area = QRectF(12, (self.height() - tile) / 2, tile, tile)
        box(painter, area, 8, theme.color("control"))
        theme.icons.paint(painter, area.adjusted(7, 7, -7, -7), self.ready.icon, self.ready.hue)
        x, middle = area.right() + 12, self.height() / 2
        lines: tuple[tuple[str, FontRole, str, float], ...] = (
            (self.ready.title, "strong", "t1", middle - 17), (self.ready.kind, "caption", "t2", middle))
        for text, role, token, top in lines:
            painter.setFont(theme.font(role))
            painter.setPen(theme.color(token))
            painter.drawText(QRectF(x, top, self.width() - x - 40, 17), Qt.AlignmentFlag.AlignVCenter, text)
        if self.ready.installed:
            glyph = theme.dp(18)
            theme.icons.paint(painter, QRectF(self.width() - glyph - 12, middle - glyph / 2, glyph, glyph),
                              "check-circle", "ok", weight="fill")


class FocusCard(Card):
    """The prompt card: spring border and a 3 px ring while the prompt has the focus."""

    def __init__(self, theme: Theme, field: QWidget) -> None:
        super().__init__(theme, surface="raised", edge="line2", radius=14)
        self._field = field
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, on = QPainter(self), self._field.hasFocus()
        if on:
            box(painter, self.rect(), 15, None, self.theme.color("spring_t"), 3)
        box(painter, self.rect().adjusted(2, 2, -2, -2), 12, self.theme.color("raised"),
            self.theme.color("spring" if on else "line2"))
