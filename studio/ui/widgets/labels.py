"""Text that is only shown: labels, tags, keycaps, and the line between groups."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from studio.ui.theme import FontRole, Theme
from studio.ui.widgets.base import Themed, box

TagKind = Literal["gpu", "cpu", "starter", "live", "ok", "warn", "error", "plain"]


class Label(Themed, QLabel):
    """A line of text in a font role and a text token; `tnum` for numbers that change."""

    def __init__(self, theme: Theme, text: str = "", role: FontRole = "body", tone: str = "t1", *,
                 tnum: bool = False, wrap: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._role, self._tone, self._tnum = role, tone, tnum
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.init_theme(theme)
        self.retheme()

    def set_tone(self, tone: str) -> None:
        self._tone = tone
        self.retheme()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.Polish:
            self.retheme()  # Qt puts the palette of the label's first style back when it is shown for the first time
        return done

    def retheme(self) -> None:
        self.setFont(self.theme.font(self._role, tnum=self._tnum))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, self.theme.color(self._tone))
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText, self.theme.color("t4"))
        self.setPalette(palette)
        super().retheme()


class ElidedLabel(Label):
    """A label of one line that shortens its text with "…" and then gives the whole text as its tool tip."""

    def __init__(self, theme: Theme, text: str = "", role: FontRole = "body", tone: str = "t1", *,
                 mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight, tnum: bool = False,
                 parent: QWidget | None = None) -> None:
        self._mode, self._whole = mode, ""
        super().__init__(theme, "", role, tone, tnum=tnum, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        self._fit()
        self.updateGeometry()

    def whole_text(self) -> str:
        return self._whole

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        line = self._whole.replace("\n", " ")
        return QSize(metrics.horizontalAdvance(line) + 2, max(metrics.height(), self.theme.line_height(self._role)))

    def minimumSizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.font()).horizontalAdvance("…") + 4, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        line = self._whole.replace("\n", " ")
        shown = QFontMetrics(self.font()).elidedText(line, self._mode, max(self.width(), 1))
        super().setText(shown)
        self.setToolTip(self._whole if shown != line else "")


class Tag(Themed, QWidget):
    """A small coloured label: where a model runs, where it comes from, or a state. 16 px high."""

    LOOK: dict[str, tuple[str, str]] = {
        "gpu": ("sky", "sky_t"), "cpu": ("t2", "hover"), "starter": ("spring", "spring_t"), "live": ("iris", "iris_t"),
        "ok": ("spring", "spring_t"), "warn": ("warn", "control"), "error": ("err", "err_t"),
        "plain": ("t2", "control"),
    }

    def __init__(self, theme: Theme, text: str, kind: TagKind = "plain", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._kind = text, kind
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.init_theme(theme)

    def text(self) -> str:
        return self._text

    def sizeHint(self) -> QSize:
        font = self.theme.font("caption")
        font.setWeight(font.Weight.DemiBold)
        return QSize(QFontMetrics(font).horizontalAdvance(self._text) + 10, self.theme.dp(16))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ink, fill = self.LOOK.get(self._kind, self.LOOK["plain"])
        paint_tag(painter, self.theme, QRectF(self.rect()), self._text, ink, fill)


def paint_tag(painter: QPainter, theme: Theme, rect: QRectF, text: str, ink: str, fill: str) -> None:
    """A tag drawn by another widget (list rows, thumbnails)."""
    box(painter, rect, 4, theme.color(fill))
    font = theme.font("caption")
    font.setWeight(font.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(theme.color(ink))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def key_text(sequence: str) -> str:
    """A key sequence as people read it on this system: "Ctrl+K" gives "Ctrl K", or the symbols on macOS."""
    text = QKeySequence(sequence).toString(QKeySequence.SequenceFormat.NativeText) or sequence
    text = text.replace("Return", "Enter")
    if text.endswith("+"):  # the key is "+" itself
        return f"{text[:-1].rstrip('+').replace('+', ' ')} +".strip()
    return text.replace("+", " ")


class Keycap(Themed, QWidget):
    """One key or key combination, outlined."""

    def __init__(self, theme: Theme, sequence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = key_text(sequence)
        self.setAccessibleName(self._text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.init_theme(theme)

    def set_sequence(self, sequence: str) -> None:
        self._text = key_text(sequence)
        self.setAccessibleName(self._text)
        self.retheme()

    def sizeHint(self) -> QSize:
        return QSize(keycap_width(self.theme, self._text), self.theme.dp(18))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_keycap(QPainter(self), self.theme, QRectF(self.rect()), self._text)


def keycap_width(theme: Theme, text: str) -> int:
    return max(QFontMetrics(theme.font("caption")).horizontalAdvance(text) + 10, theme.dp(18))


def paint_keycap(painter: QPainter, theme: Theme, rect: QRectF, text: str, ink: str = "t2") -> None:
    """A keycap drawn by another widget."""
    box(painter, rect, 4, None, theme.color("line2"))
    painter.setFont(theme.font("caption"))
    painter.setPen(theme.color(ink))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


class Separator(Themed, QWidget):
    """A 1 px line, horizontal by default; a vertical one is `length` px long."""

    def __init__(self, theme: Theme, *, vertical: bool = False, length: int = 0, tone: str = "line",
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = tone
        fixed, grow = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(fixed if vertical else grow, grow if vertical else fixed)
        (self.setFixedWidth if vertical else self.setFixedHeight)(1)
        if length:
            (self.setFixedHeight if vertical else self.setFixedWidth)(length)
        self.init_theme(theme)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self.theme.color(self._tone))
