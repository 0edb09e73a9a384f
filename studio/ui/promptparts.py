"""Parts of the prompt bar: the generator that is chosen, and the running job with Stop."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.engine.job import GeneratorInfo, Job, JobState
from studio.ui.theme import FontRole, Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import BaseButton, PushButton


class GeneratorButton(BaseButton):
    """The generator of the next request: its icon on a tile, its title, where it runs."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.tag, self.compact = "", False
        super().__init__(theme, "Generator", parent=parent)

    def set_compact(self, on: bool) -> None:
        """Show the icon alone."""
        if on != self.compact:
            self.compact = on
            self.updateGeometry()
            self.update()

    def show_generator(self, info: GeneratorInfo | None, tag: str) -> None:
        self.icon_name = info.icon if info else "sparkle"
        self.setText(info.title if info else "No generator")
        self.set_name(f"Generator: {self.text()}")
        self.tag = tag
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        if self.compact:
            return QSize(6 + self.theme.dp(20) + 8 + self.theme.dp(12) + 8, self.theme.dp(32))
        strong = QFontMetrics(self.theme.font("strong")).horizontalAdvance(self.text())
        tag = QFontMetrics(self.theme.font("caption")).horizontalAdvance(self.tag) + 12 if self.tag else 0
        return QSize(6 + self.theme.dp(20) + 8 + strong + (8 + tag if tag else 0) + 8 + self.theme.dp(12) + 8,
                     self.theme.dp(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        box(painter, self.rect(), 6, theme.color("hover" if self.underMouse() else "control"))
        tile, middle = theme.dp(20), self.height() / 2
        area = QRectF(6, middle - tile / 2, tile, tile)
        box(painter, area, 5, theme.color("badge"))
        glyph = theme.dp(14)
        inner = QRectF(0, 0, glyph, glyph)
        inner.moveCenter(area.center())
        theme.icons.paint(painter, inner, self.icon_name, "on_badge")
        if not self.compact:
            self._paint_words(painter, area.right() + 8)
        caret = theme.dp(12)
        at = QRectF(self.width() - caret - 8, middle - caret / 2, caret, caret)
        theme.icons.paint(painter, at, "caret-down", "t3")

    def _paint_words(self, painter: QPainter, x: float) -> None:
        theme = self.theme
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.color("t1"))
        painter.drawText(QRectF(x, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        x += painter.fontMetrics().horizontalAdvance(self.text()) + 8
        if self.tag:
            painter.setFont(theme.font("caption"))
            wide = painter.fontMetrics().horizontalAdvance(self.tag) + 12
            tag = QRectF(x, self.height() / 2 - theme.dp(8), wide, theme.dp(16))
            box(painter, tag, 4, theme.color("spring_t"))
            painter.setPen(theme.color("spring"))
            painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, self.tag)


class RunningPill(Themed, QWidget):
    """236 px: a ring, "Step 12/20", "6 s left", and Stop; the lower edge fills with real progress."""

    stopped = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._unit = "Step"
        self.stop = PushButton(theme, "Stop", icon="stop", key="Ctrl+.")
        self.stop.set_icon("stop", "fill")
        self.stop.clicked.connect(self.stopped)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
        row.addStretch(1)
        row.addWidget(self.stop)
        self.init_theme(theme)
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(244), self.theme.dp(36))

    def show_job(self, job: Job, unit: str) -> None:
        self._job, self._unit = job, unit
        self.setAccessibleName(self._words()[0])
        self.update()

    def _words(self) -> tuple[str, str]:
        job = self._job
        if job is None or job.state is JobState.WAITING:
            return "Waiting", ""
        if not job.of:
            return job.message or "Getting ready", ""
        far = f"{self._unit} {job.step}/{job.of}" if self._unit else f"{job.step * 100 // job.of} %"
        return far, "" if job.seconds_left is None else time_left(job.seconds_left)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, self.rect(), 8, theme.color("spring_t"))
        share = self._job.step / self._job.of if self._job is not None and self._job.of else 0.0
        if share:
            painter.save()
            painter.setClipRect(QRectF(0, self.height() - 2, self.width() * share, 2))
            box(painter, self.rect(), 8, theme.color("spring"))
            painter.restore()
        glyph = theme.dp(16)
        ring = QRectF(12, (self.height() - glyph) / 2, glyph, glyph).adjusted(1.5, 1.5, -1.5, -1.5)
        for token, span in (("line2", 1.0), ("spring", share)):
            pen = painter.pen()
            pen.setColor(theme.color(token))
            pen.setWidthF(2.5)
            painter.setPen(pen)
            painter.drawArc(ring, 90 * 16, -round(span * 360 * 16))
        strong, quiet = self._words()
        x = ring.right() + 10
        limit = self.stop.x() - 6
        parts: tuple[tuple[str, FontRole, str], ...] = ((strong, "strong", "t1"), (quiet, "body", "t2"))
        for text, role, token in parts:
            painter.setFont(theme.font(role, tnum=True))
            painter.setPen(theme.color(token))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(limit - x)))
            painter.drawText(QRectF(x, 0, self.width() - x, self.height()), Qt.AlignmentFlag.AlignVCenter, shown)
            x += painter.fontMetrics().horizontalAdvance(shown) + 8


def time_left(seconds: float) -> str:
    """"6 s left", "2 min left"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s left"
    return f"{round(seconds / 60)} min left"
