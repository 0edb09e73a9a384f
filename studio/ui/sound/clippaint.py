"""How a clip looks: its head with the name, its body with the shape of the sound, its fades, its spoken words."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import thread_time
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from studio.project.sound import Clip, Track
from studio.ui.sound.notepaint import paint_notes
from studio.ui.sound.shapes import Shapes
from studio.ui.sound.spectra import Spectra
from studio.ui.sound.waveform import waveform
from studio.ui.theme import Theme
from studio.ui.timeaxis import TimeAxis
from studio.ui.tokens import mix
from studio.ui.widgets.base import box

if TYPE_CHECKING:
    from studio.project.sound.peaks import Peaks
    from studio.project.sound.score import Score

HEAD = 20
FOOT = 20
"""Pixels of the strip with the name, and of that with spoken words."""
RADIUS = 5.0
TILE = 256
"""Pixels of a waveform that are drawn at once."""
WIDEST = 2400
"""Pixels of the widest clip that is kept as a picture."""
KEPT = 400
"""Pictures of waveforms that are kept."""
HURRY = 0.006
"""Seconds of a frame that are spent on new pictures of clips while the view moves; the rest comes with the next."""
SMOOTH = 400
"""Pixels from which on only the curve of a fade has a smooth edge, and not what it takes away."""
TINY = 10.0
"""Pixels below which a clip is only a bar of colour."""


@dataclass(frozen=True)
class ClipLook:
    """What of a clip is as the window has it, and not in the arrangement."""

    chosen: bool = False
    silent: bool = False
    """Nothing of it is heard now: its track is mute, or another is solo."""


def clip_colour(theme: Theme, track: Track, clip: Clip) -> QColor:
    """The colour of a clip: its own, that of its track, or that of the kind of track."""
    return theme.color(clip.colour or track.colour or track.kind)


def head_height(theme: Theme, height: float) -> float:
    """The strip with the name, none where a lane is too low for it."""
    return float(theme.dp(HEAD)) if height >= theme.dp(40) else 0.0


class ClipPainter:
    """Paints clips; waveforms are drawn once for each place and size."""

    def __init__(self, theme: Theme, shapes: Shapes, rate: int) -> None:
        self.theme, self.shapes, self.rate = theme, shapes, rate
        self.spectra: Spectra | None = None
        self.scores: Callable[[str], Score | None] = lambda _: None
        """Gives the notes of a score by its hash, None while they are on their way."""
        self._kept: OrderedDict[tuple[object, ...], QImage] = OrderedDict()
        self._whole: OrderedDict[tuple[object, ...], tuple[Clip, QImage]] = OrderedDict()
        self._newest: dict[str, QImage] = {}
        self.coarse = False
        """While the zoom moves: what is not kept is pulled from what is."""
        self.unfinished = False
        """Whether the last painting left something to the next."""
        self._drew = False
        self._until = math.inf
        self._flat: dict[str, tuple[QColor, QColor, QColor]] = {}
        theme.changed.connect(self._forget)
        shapes.ready.connect(self._forget)
        shapes.failed.connect(self._forget)

    def _forget(self, *_: object) -> None:
        self._kept.clear()
        self._whole.clear()
        self._newest.clear()
        self._flat.clear()

    def begin(self, *, hurried: bool) -> None:
        """A painting begins. hurried: it may leave something to the next."""
        self.unfinished = self._drew = False
        self._until = thread_time() + HURRY if hurried else math.inf

    def _colours(self, clip: Clip, track: Track) -> tuple[QColor, QColor, QColor]:
        """Of a clip's body, of its head, and of one that is too narrow for either."""
        key = clip.colour or track.colour or track.kind
        found = self._flat.get(key)
        if found is None:
            base, own = self.theme.color("panel").name(), clip_colour(self.theme, track, clip).name()
            found = self._flat[key] = QColor(mix(base, own, 0.15)), QColor(mix(base, own, 0.26)), QColor(
                mix(base, own, 0.4))
        return found

    def paint(self, painter: QPainter, rect: QRectF, visible: QRectF, clip: Clip, track: Track, axis: TimeAxis,
              look: ClipLook) -> None:
        """rect: the whole clip in the widget. visible: what of the widget is painted anew. A clip is painted once and
        kept, so that scrolling only moves it; the words of one that is not seen whole are painted each time, since they
        stay in view."""
        rect = QRectF(rect.toRect())
        if rect.width() < TINY:
            painter.fillRect(rect, self.theme.color("sky") if look.chosen else self._colours(clip, track)[2])
            return
        if track.view == "spectrogram" or rect.width() > WIDEST or (
                clip.media and self.shapes.peaks(clip.media) is None) or (
                clip.score and self.scores(clip.score) is None):
            self._paint(painter, rect, visible, clip, track, axis, look)
            return
        if self.coarse:
            self._stretched(painter, rect, clip, track)
            return
        whole = rect.left() >= 0 and rect.right() <= painter.window().right()
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        # by its identity, for a clip takes long to compare; what is kept keeps it alive
        key = (id(clip), track.colour, track.kind, look, rect.width(), rect.height(), axis.scale, ratio, whole)
        kept = self._whole.get(key)
        if kept is None and self._drew and thread_time() > self._until:
            self.unfinished = True
            self._stretched(painter, rect, clip, track)
            return
        if kept is None:
            self._drew = True
            kept = self._whole[key] = clip, self._drawn(rect, clip, track, axis, look, ratio, words=whole)
            while len(self._whole) > KEPT:
                self._whole.popitem(last=False)
        self._newest[clip.id] = kept[1]
        painter.drawImage(rect.topLeft() - QPointF(2, 2), kept[1])
        if not whole:
            self._say(painter, rect, visible, clip, look)

    def _drawn(self, rect: QRectF, clip: Clip, track: Track, axis: TimeAxis, look: ClipLook, ratio: float, *,
               words: bool) -> QImage:
        """A clip as a picture, two pixels larger on each side."""
        size = QSize(math.ceil((rect.width() + 4) * ratio), math.ceil((rect.height() + 4) * ratio))
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(0)
        inner = QPainter(image)
        inner.translate(2 - rect.left(), 2 - rect.top())
        self._paint(inner, rect, rect.adjusted(-2, -2, 2, 2), clip, track, axis, look, words=words)
        inner.end()
        return image

    def _say(self, painter: QPainter, rect: QRectF, visible: QRectF, clip: Clip, look: ClipLook) -> None:
        """Only the words of a clip."""
        painter.save()
        painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
        if look.silent or clip.muted:
            painter.setOpacity(0.5)
        if head := head_height(self.theme, rect.height()):
            self._head(painter, QRectF(rect.x(), rect.y(), rect.width(), head), visible, clip, False)
        if foot := self._foot(rect, clip):
            self._words(painter, QRectF(rect.x(), rect.bottom() - foot - 2, rect.width(), foot), visible, clip)
        painter.restore()

    def _foot(self, rect: QRectF, clip: Clip) -> float:
        """The strip with spoken words, none where a lane is too low for it."""
        return float(self.theme.dp(FOOT)) if clip.text and rect.height() > self.theme.dp(84) else 0.0

    def _stretched(self, painter: QPainter, rect: QRectF, clip: Clip, track: Track) -> None:
        """A clip while the view moves: as it was seen last, pulled to its new width."""
        image = self._newest.get(clip.id)
        if image is not None:
            painter.drawImage(rect.adjusted(-2, -2, 2, 2), image)
            return
        body, head = self._colours(clip, track)[:2]
        painter.fillRect(rect, body)
        painter.fillRect(QRectF(rect.x(), rect.y(), rect.width(), head_height(self.theme, rect.height())), head)

    def _paint(self, painter: QPainter, rect: QRectF, visible: QRectF, clip: Clip, track: Track, axis: TimeAxis,
               look: ClipLook, *, words: bool = True) -> None:
        theme, base = self.theme, self.theme.color("panel")
        colour = clip_colour(theme, track, clip)
        painter.save()
        if look.silent or clip.muted:
            painter.setOpacity(0.5)
        head = head_height(theme, rect.height())
        # of one that goes far beyond what is seen, only that: paths cost by their length
        left, right = max(rect.left(), visible.left() - 16), min(rect.right(), visible.right() + 16)
        shown = QRectF(left, rect.y(), right - left, rect.height())
        flat = self._colours(clip, track)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if left > rect.left() and right < rect.right():
            painter.fillRect(shown, flat[0])
            painter.setClipRect(shown, Qt.ClipOperation.IntersectClip)
        else:
            outline = QPainterPath()
            outline.addRoundedRect(shown, RADIUS, RADIUS)
            painter.fillPath(outline, flat[0])
            painter.setClipPath(outline, Qt.ClipOperation.IntersectClip)
        painter.fillRect(QRectF(left, rect.y(), right - left, head), flat[1])
        foot = self._foot(rect, clip)
        body = rect.adjusted(0, head + 2, 0, -foot - 2)
        spectral = track.view == "spectrogram" and self.spectra is not None and clip.media not in self.shapes.problems
        if spectral and self.spectra is not None and clip.media:
            body = rect.adjusted(0, head, 0, 0)
            self.spectra.paint(painter, body, visible, clip, axis)
            foot = 0.0
        else:
            self.body(painter, body, visible, clip, axis, colour)
        self._fades(painter, body, visible, clip, axis)
        if head and words:
            self._head(painter, QRectF(rect.x(), rect.y(), rect.width(), head), visible, clip, spectral)
        if foot and words:
            self._words(painter, QRectF(rect.x(), rect.bottom() - foot - 2, rect.width(), foot), visible, clip)
        painter.restore()
        edge = theme.color("sky") if look.chosen else QColor(mix(base.name(), colour.name(), 0.55))
        box(painter, shown, RADIUS, None, edge, 2.0 if look.chosen else 1.0)

    def body(self, painter: QPainter, body: QRectF, visible: QRectF, clip: Clip, axis: TimeAxis,
             colour: QColor) -> None:
        """The shape of the sound, or why there is none yet."""
        area = body.intersected(visible)
        if area.width() < 1 or body.height() < 4:
            return
        score = self.scores(clip.score) if clip.score else None
        if score is not None:
            paint_notes(painter, body, area, score, clip, axis, colour)
            return
        problem = self.shapes.problems.get(clip.media, "")
        if problem or not clip.media:
            self._note(painter, body, visible, problem or "Not rendered yet", "err" if problem else "t3")
            return
        peaks = self.shapes.peaks(clip.media)
        if peaks is None:
            return
        left = round(body.left())
        for number in range(max(0, int(area.left() - left) // TILE), int(area.right() - left) // TILE + 1):
            image = self._tile(clip, peaks, number, round(body.height()), axis.scale, colour)
            painter.drawImage(QPointF(left + number * TILE, round(body.y())), image)

    def _tile(self, clip: Clip, peaks: Peaks, number: int, height: int, scale: float, colour: QColor) -> QImage:
        """A piece of the shape of a sound, TILE pixels wide, counted from the clip's beginning: so scrolling draws
        pieces that are there already."""
        begin = clip.offset + number * TILE / scale
        key = (clip.media, round(begin * self.rate), height, scale, colour.name(), clip.gain)
        found = self._kept.get(key)
        if found is None:
            bins = peaks.view(begin * peaks.rate, (begin + TILE / scale) * peaks.rate, TILE) * 10 ** (clip.gain / 20)
            ink = QColor(colour)
            ink.setAlphaF(0.85)
            found = self._kept[key] = waveform(bins, height, ink)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found

    def _fades(self, painter: QPainter, body: QRectF, visible: QRectF, clip: Clip, axis: TimeAxis) -> None:
        """What a fade takes away is darker, with its curve as a line."""
        shade = self.theme.color("canvas", 0.45)
        pen = QPen(self.theme.color("t2"), 1.2)
        for seconds, rising in ((clip.fade_in, True), (clip.fade_out, False)):
            width = seconds * axis.scale
            if width < 2:
                continue
            area = QRectF(body.left() if rising else body.right() - width, body.y(), width, body.height())
            seen = area.intersected(QRectF(visible.x() - 4, body.y(), visible.width() + 8, body.height()))
            if seen.width() <= 0:
                continue
            curve = _curve(clip.in_shape if rising else clip.out_shape, area, seen, rising)
            above = QPainterPath(curve)
            above.lineTo(seen.topRight())
            above.lineTo(seen.topLeft())
            above.closeSubpath()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, seen.width() < SMOOTH)
            painter.fillPath(above, shade)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(curve)

    def _head(self, painter: QPainter, head: QRectF, visible: QRectF, clip: Clip, spectral: bool) -> None:
        """The name stays in view while its clip does."""
        theme = self.theme
        x = max(head.left(), visible.left(), 0.0) + 8
        right = head.right() - 6
        if spectral and head.width() > self.theme.dp(220):
            right = self._badge(painter, head, visible)
        if clip.takes:
            right = paint_takes(painter, theme, head, visible, clip, right)
        if clip.result:
            size = float(theme.dp(12))
            if x + size < right:
                theme.icons.paint(painter, QRectF(x, head.center().y() - size / 2, size, size), "sparkle", "iris")
            x += size + 5
        self._text(painter, QRectF(x, head.y(), right - x, head.height()), clip.name or "Clip", "t1", bold=True)

    def _badge(self, painter: QPainter, head: QRectF, visible: QRectF) -> float:
        """Says at the right that this is a spectrogram; gives where it begins."""
        theme = self.theme
        painter.setFont(theme.font("caption"))
        width = QFontMetricsF(painter.font()).horizontalAdvance("Spectrogram") + 30
        right = min(head.right(), visible.right()) - 4
        area = QRectF(right - width, head.y() + 2, width, head.height() - 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("spring_t"))
        painter.drawRoundedRect(area, 4, 4)
        theme.icons.paint(painter, QRectF(area.x() + 5, area.center().y() - 6, 12, 12), "chart-bar", "spring")
        painter.setPen(theme.color("spring"))
        painter.drawText(area.adjusted(21, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, "Spectrogram")
        return area.left() - 6

    def _words(self, painter: QPainter, rect: QRectF, visible: QRectF, clip: Clip) -> None:
        x = max(rect.left(), visible.left(), 0.0) + 8
        painter.setFont(_small_serif(self.theme))
        metrics = QFontMetricsF(painter.font())
        room = rect.right() - 6 - x
        if room > 24:
            painter.setPen(self.theme.color("t2"))
            text = metrics.elidedText(" ".join(clip.text.split()), Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(x, rect.y(), room, rect.height()), Qt.AlignmentFlag.AlignVCenter, text)

    def _note(self, painter: QPainter, body: QRectF, visible: QRectF, text: str, tone: str) -> None:
        x = max(body.left(), visible.left(), 0.0) + 8
        self._text(painter, QRectF(x, body.y(), body.right() - 6 - x, body.height()), text, tone)

    def _text(self, painter: QPainter, rect: QRectF, text: str, tone: str, *, bold: bool = False) -> None:
        if rect.width() < 16:
            return
        font = self.theme.font("caption")
        font.setWeight(font.Weight.DemiBold if bold else font.Weight.Normal)
        painter.setFont(font)
        painter.setPen(self.theme.color(tone))
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, shown)


def paint_takes(painter: QPainter, theme: Theme, head: QRectF, visible: QRectF, clip: Clip, right: float) -> float:
    """Which of how many takes is held, at the right of a clip's head; gives where it begins."""
    font = theme.font("caption")
    font.setWeight(font.Weight.DemiBold)
    painter.setFont(font)
    text = f"{clip.take + 1}/{len(clip.takes)}"
    width = QFontMetricsF(font).horizontalAdvance(text) + 10
    right = min(right + 2, visible.right() - 4)
    if right - width < head.left() + 24:
        return right
    area = QRectF(right - width, head.y() + 2.5, width, head.height() - 5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("canvas", 0.55))
    painter.drawRoundedRect(area, 4, 4)
    painter.setPen(theme.color("t1"))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
    return area.left() - 6


def _curve(shape: str, rect: QRectF, seen: QRectF, rising: bool) -> QPainterPath:
    """The gain of a fade over `rect`, from the bottom (nothing) to the top; of it what is `seen`."""
    path, steps = QPainterPath(), max(2, min(24, round(seen.width() / 4)))
    for index in range(steps + 1):
        x = seen.left() + index / steps * seen.width()
        share = (x - rect.left()) / rect.width()
        share = share if rising else 1 - share
        gains = {"power": math.sin(share * math.pi / 2), "smooth": 0.5 - 0.5 * math.cos(share * math.pi)}
        point = QPointF(x, rect.bottom() - gains.get(shape, share) * rect.height())
        if index:
            path.lineTo(point)
        else:
            path.moveTo(point)
    return path


def _small_serif(theme: Theme) -> QFont:
    font = theme.font("manuscript")
    font.setPixelSize(theme.dp(12))
    return font
