"""What this session has brought: words, the machine's part, what was accepted and what was not; and the whole
manuscript's share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from studio.project.manuscript.authorship import Shares
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import Label
from studio.ui.write.assist.parts import column, row


def percents(share: Shares) -> tuple[int, int, int]:
    """You, edited and machine; together 100 where there is text."""
    if not share.total:
        return 0, 0, 0
    edited, machine = round(100 * share.share("mixed")), round(100 * share.share("machine"))
    return 100 - edited - machine, edited, machine


class ShareBar(Themed, QWidget):
    """You, edited, machine as one bar, 6 px; the middle part is dashed, so that hue is not alone."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.share = Shares()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Who wrote what")
        self.init_theme(theme)

    def set_share(self, share: Shares) -> None:
        self.share = share
        you, edited, machine = percents(share)
        self.setAccessibleDescription(f"You {you} %, edited {edited} %, machine {machine} %")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, width = QPainter(self), self.theme, self.width()
        box(painter, self.rect(), 3, theme.color("line2"))
        if not self.share.total:
            return
        you, edited, _ = (part * width / self.share.total for part in
                          (self.share.person, self.share.mixed, self.share.machine))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        box(painter, self.rect(), 3, theme.color("iris" if self.share.machine else "t2"))
        painter.setBrush(theme.color("t2"))
        if you > 0:
            painter.drawRoundedRect(QRectF(0, 0, you, 6), 3, 3)
            if you < width - 3:
                painter.drawRect(QRectF(max(0.0, you - 3), 0, min(3.0, you), 6))
        painter.setBrush(theme.color("panel"))
        painter.drawRect(QRectF(you, 0, edited, 6))
        painter.setBrush(theme.color("iris"))
        x = you + 2
        while x < you + edited - 1:
            painter.drawRect(QRectF(x, 0, min(4.0, you + edited - x), 6))
            x += 6
        painter.restore()


class _Figure(QWidget):
    def __init__(self, theme: Theme, caption: str) -> None:
        super().__init__()
        self.value = Label(theme, "0", "figure", tnum=True)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.value)
        inside.addWidget(Label(theme, caption, "caption", "t3"))
        self.caption = caption

    def show_value(self, text: str) -> None:
        self.value.setText(text)
        self.setAccessibleName(f"{text} {self.caption}")


@dataclass
class Counts:
    """Since the project was opened. written: words now less those at the start, at least 0."""

    began: float = 0.0
    first: int = -1
    written: int = 0
    accepted: int = 0
    rejected: int = 0
    shares_first: Shares | None = None
    shares_now: Shares | None = None

    def note_share(self, share: Shares) -> None:
        """Who wrote how much of the whole manuscript by now."""
        self.shares_first = share if self.shares_first is None else self.shares_first
        self.shares_now = share

    def note_words(self, total: int) -> None:
        self.first = total if self.first < 0 else self.first
        self.written = max(0, total - self.first)

    @property
    def by_machine(self) -> int:
        """Percent of what came in this session: passages, ghost text and suggestions, edited or not."""
        first, now = self.shares_first, self.shares_now
        if first is None or now is None:
            return 0
        made = (now.machine + now.mixed) - (first.machine + first.mixed)
        came = made + now.person - first.person
        return min(100, max(0, round(100 * made / came))) if came > 0 else 0


class SessionFigures(QWidget):
    """The foot of the assist tab. `counts` is changed by the co-author; then `refresh`."""

    def __init__(self, theme: Theme, clock: Callable[[], float] = time.monotonic,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.counts = Counts(began=clock())
        self.report = IconButton(theme, "file-text", "Report of who wrote what")
        self._time = Label(theme, "", "body", "t3", tnum=True)
        self.figures = {name: _Figure(theme, name) for name in ("words", "by machine", "accepted", "rejected")}
        self.bar = ShareBar(theme)
        self._shares = [Label(theme, "", "caption", "t3", tnum=True) for _ in range(3)]
        lines = column((12, 10, 12, 12))
        head = row(Label(theme, "This session", "strong"), 1, self._time, self.report)
        lines.addLayout(head)
        lines.addLayout(row(*self.figures.values(), gap=12))
        lines.addWidget(self.bar)
        lines.addLayout(row(self._shares[0], 1, self._shares[1], 1, self._shares[2]))
        self.setLayout(lines)
        self._minute = QTimer(self, interval=30_000)
        self._minute.timeout.connect(self.refresh)
        self._minute.start()
        self.show_share(Shares())
        self.refresh()

    def refresh(self) -> None:
        counts = self.counts
        values = (f"{counts.written:,}".replace(",", "\u2009"), f"{counts.by_machine} %", str(counts.accepted),
                  str(counts.rejected))
        for figure, value in zip(self.figures.values(), values, strict=True):
            figure.show_value(value)
        self._time.setText(f"{int((self._clock() - counts.began) // 60)} min")

    def show_share(self, share: Shares) -> None:
        """Of the whole manuscript."""
        self.bar.set_share(share)
        for label, name, value in zip(self._shares, ("You", "Edited", "Machine"), percents(share), strict=True):
            label.setText(f"{name} {value} %")
