"""What is being made stands on the timeline: a dashed outline in its place, and how far it is."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from studio.ui.sound.generate import Generating, Place
from studio.ui.sound.pane import SoundPane

LETTERS_A_SECOND = 14.0
"""About how fast a text is read; only for the outline."""
LEAST = 3.0


class Places:
    """Paints over the timeline."""

    def __init__(self, generating: Generating, pane: SoundPane) -> None:
        self.generating, self.pane, self.theme = generating, pane, pane.theme
        pane.add_overlay(self.paint)
        generating.changed.connect(lambda: pane.timeline.update())

    def rect(self, place: Place) -> QRectF:
        """Where it will be, in pixels of the timeline."""
        target, timeline, shown = place.target, self.pane.timeline, self.pane.document.shown
        clip = shown.find(str(target.get("clip") or ""))
        if clip is not None:
            whole = timeline.clip_rect(clip)
            if target.get("kind") in ("region", "labels"):
                left, right = self.pane.axis.x(float(target["start"])), self.pane.axis.x(float(target["end"]))
                return QRectF(left, whole.y(), right - left, whole.height())
            return whole
        start = float(target.get("start", 0.0))
        seconds = max(place.heard, len(place.words) / LETTERS_A_SECOND, LEAST)
        lane = timeline.lanes.find(str(target.get("track") or ""))
        top = lane.top + 6 if lane is not None else timeline.lanes.height - timeline.lanes.scroll + 6
        height = lane.height - 12 if lane is not None else self.theme.dp(60)
        return QRectF(self.pane.axis.x(start), top, seconds * self.pane.axis.scale, height)

    def paint(self, painter: QPainter, _dirty: QRect) -> None:
        above: dict[tuple[float, float], int] = {}
        for place in self.generating.places.values():
            rect = self.rect(place)
            row = above[rect.x(), rect.y()] = above.get((rect.x(), rect.y()), -1) + 1
            self._paint(painter, place, rect, row)

    def _paint(self, painter: QPainter, place: Place, rect: QRectF, row: int) -> None:
        """row: how many others in the same place say something above it."""
        theme = self.theme
        tone = "err" if place.error else "iris"
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(tone), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(theme.color(tone, 0.0 if row else 0.10))
        painter.drawRoundedRect(rect, 5, 5)
        if place.share and not place.error:
            painter.fillRect(QRectF(rect.x() + 3, rect.bottom() - 5 - 4 * row, (rect.width() - 6) * place.share, 3),
                             theme.color("iris"))
        words = place.error or (f"{place.words}  {place.share:.0%}".replace("%", " %") if place.share
                                else f"{place.words}…")
        painter.setFont(theme.font("caption"))
        metrics = QFontMetricsF(painter.font())
        x = max(rect.left(), 0.0) + 6
        y = rect.y() + 24 + row * theme.dp(24)
        badge = QRectF(x, y, min(metrics.horizontalAdvance(words) + 14, 360.0), theme.dp(20))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(theme.color("err" if place.error else "t1"))
        painter.drawText(badge.adjusted(7, 0, -7, 0), Qt.AlignmentFlag.AlignVCenter,
                         metrics.elidedText(words, Qt.TextElideMode.ElideRight, badge.width() - 14))
        painter.restore()
