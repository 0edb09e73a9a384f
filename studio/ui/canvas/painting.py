"""How the pasteboard draws: floor, pictures, selection, generation frame."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QImage, QPainter, QPen, QPixmap

from studio.ui.canvas.board import Item
from studio.ui.canvas.camera import Camera
from studio.ui.canvas.candidates import Candidate, State
from studio.ui.canvas.frame import handle_points
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.widgets.base import box

MOST_CACHED = 8_000_000
"""Pictures that cover more device pixels than this are scaled while they are drawn."""
CRISP = 2.0
"""From this magnification on, picture pixels are drawn as squares."""
BADGE_GAP = 6


def device_rect(rect: QRectF, camera: Camera, ratio: float) -> QRect:
    """A scene rectangle in whole device pixels; rectangles that touch in the scene touch here."""
    on_screen = camera.rect_to_screen(rect)
    left, top = round(on_screen.left() * ratio), round(on_screen.top() * ratio)
    right, bottom = round(on_screen.right() * ratio), round(on_screen.bottom() * ratio)
    return QRect(left, top, max(1, right - left), max(1, bottom - top))


def paint_floor(painter: QPainter, area: QRectF, camera: Camera, theme: Theme) -> None:
    """The pasteboard: its colour and a faint grid of dots that hold to the scene."""
    painter.fillRect(area, theme.color("canvas"))
    spacing = 32.0 * camera.scale
    spacing *= 2.0 ** math.ceil(math.log2(28.0 / spacing)) if spacing < 28 or spacing >= 56 else 1.0
    x0 = camera.offset.x() % spacing
    y0 = camera.offset.y() % spacing
    columns = range(int((area.width() - x0) / spacing) + 1)
    rows = range(int((area.height() - y0) / spacing) + 1)
    painter.setPen(QPen(theme.color("line2", 0.55), 1))
    points = [QPoint(int(x0 + c * spacing), int(y0 + r * spacing)) for r in rows for c in columns]
    if points:
        painter.drawPoints(points)


def checkerboard(theme: Theme) -> QPixmap:
    """A tile of 2 x 2 squares of 8 px."""
    tile = QPixmap(16, 16)
    tile.fill(theme.color("checker_a"))
    painter = QPainter(tile)
    painter.fillRect(8, 0, 8, 8, theme.color("checker_b"))
    painter.fillRect(0, 8, 8, 8, theme.color("checker_b"))
    painter.end()
    return tile


def paint_image(painter: QPainter, target: QRect, image: QImage, smooth: bool = True, squares: bool = True) -> None:
    """A picture stretched over `target` (device pixels). squares: show pixels as squares when they are large."""
    crisp = squares and target.width() >= image.width() * CRISP
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth and not crisp)
    painter.drawImage(target, image)


class PicturePainter:
    """Draws items from decoded pictures; scaled copies come from the loader's threads."""

    def __init__(self, theme: Theme, loader: ImageLoader) -> None:
        self.theme, self.loader = theme, loader

    def paint(self, painter: QPainter, item: Item, camera: Camera, ratio: float, settled: bool) -> None:
        """Draw one item; the painter is in device pixels. settled: no zoom under way, so quality is worth its time."""
        target = device_rect(item.rect, camera, ratio)
        image = self.loader.image(item.media)
        if image is None:
            self._placeholder(painter, target, self.loader.problem(item.media))
            return
        painter.setOpacity(item.opacity)
        if image.size() == target.size():
            painter.drawImage(target.topLeft(), image)
        elif (scaled := self._scaled(item.media, image, target.size(), settled)) is not None:
            painter.drawImage(target.topLeft(), scaled)
        else:
            paint_image(painter, target, image, settled)
        painter.setOpacity(1.0)

    def _scaled(self, media: str, image: QImage, size: QSize, settled: bool) -> QImage | None:
        small = size.width() * size.height() <= MOST_CACHED
        return self.loader.scaled(media, size) if settled and small and size.width() < image.width() * CRISP else None

    def _placeholder(self, painter: QPainter, target: QRect, problem: str) -> None:
        painter.fillRect(target, self.theme.color("control"))
        if problem:
            painter.setPen(QPen(self.theme.color("err"), 1))
            painter.drawRect(target.adjusted(0, 0, -1, -1))
            spot = QRectF(target.center() - QPoint(12, 12), QSize(24, 24))
            self.theme.icons.paint(painter, spot, "image-broken", "err")


# ---------------------------------------------------------------- over the pictures, in screen coordinates


def paint_handles(painter: QPainter, points: list[QPointF], edge: QColor) -> None:
    painter.setPen(QPen(edge, 1.25))
    painter.setBrush(QColor("#FFFFFF"))
    for point in points:
        painter.drawRoundedRect(QRectF(point.x() - 3.5, point.y() - 3.5, 7, 7), 1.5, 1.5)


def paint_selection(painter: QPainter, rect: QRectF, theme: Theme, handles: bool) -> None:
    """The sky outline of a selected picture; corner handles where it can be resized."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("sky"), 1.5))
    painter.drawRect(rect)
    if handles:
        corners = handle_points(rect)
        paint_handles(painter, [corners["nw"], corners["ne"], corners["se"], corners["sw"]], theme.color("sky"))


def paint_label(painter: QPainter, rect: QRectF, name: str, size: str, theme: Theme) -> None:
    """Name and size over the top left corner of a picture."""
    painter.setFont(theme.font("medium"))
    metrics = painter.fontMetrics()
    y = rect.top() - theme.dp(10)
    room = max(60, int(rect.width()) - metrics.horizontalAdvance(size) - 12)
    name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
    painter.setPen(theme.color("t1"))
    painter.drawText(QPointF(rect.left(), y), name)
    x = rect.left() + metrics.horizontalAdvance(name) + (8 if name else 0)
    painter.setFont(theme.font("body", tnum=True))
    painter.setPen(theme.color("t3"))
    painter.drawText(QPointF(x, y), size)


def paint_marquee(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    painter.setPen(QPen(theme.color("sky"), 1))
    painter.setBrush(theme.color("sky", 0.24))
    painter.drawRect(rect)


def size_words(width: int, height: int) -> str:
    return f"{width} × {height}"


def badge_rect(frame: QRectF, text: str, theme: Theme) -> QRectF:
    """Where the size badge of the frame lies, in screen coordinates."""
    width = QFontMetrics(theme.font("strong", tnum=True)).horizontalAdvance(text) + theme.dp(14) + 22
    height = theme.dp(22)
    return QRectF(round(frame.left()), round(frame.top()) - height - BADGE_GAP, width, height)


def paint_frame(painter: QPainter, rect: QRectF, text: str, theme: Theme, focus: bool) -> None:
    """The generation frame: dashes over black, eight handles, and the badge with its size."""
    edge = QRectF(round(rect.left()), round(rect.top()), round(rect.width()), round(rect.height()))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    under = QPen(QColor(0, 0, 0, 140), 3)
    under.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(under)
    painter.drawRect(edge)
    dashes = QPen(theme.color("frame"), 1.5)
    dashes.setDashPattern([7 / 1.5, 5 / 1.5])
    dashes.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(dashes)
    painter.drawRect(edge)
    if min(rect.width(), rect.height()) >= 24:
        paint_handles(painter, list(handle_points(edge).values()), theme.color("badge"))
    badge = badge_rect(rect, text, theme)
    box(painter, badge, 5, theme.color("badge"))
    icon = theme.dp(14)
    theme.icons.paint(painter, QRectF(badge.left() + 8, badge.center().y() - icon / 2, icon, icon), "frame-corners",
                      "on_badge")
    painter.setFont(theme.font("strong", tnum=True))
    painter.setPen(theme.color("on_badge"))
    painter.drawText(badge.adjusted(icon + 14, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, text)
    if focus:
        box(painter, badge.adjusted(-3, -3, 3, 3), 8, None, theme.color("spring"), 2)


def paint_candidate(painter: QPainter, rect: QRectF, candidate: Candidate, theme: Theme) -> None:
    """What is known of the candidate in front besides its picture: progress, waiting or the error, inside the frame."""
    if candidate.state is State.RUNNING:
        groove = QRectF(rect.left() + 2, rect.bottom() - 5, rect.width() - 4, 3)
        painter.fillRect(groove, theme.color("label", 0.55))
        painter.fillRect(QRectF(groove.topLeft(), QSize(round(groove.width() * candidate.share), 3)),
                         theme.color("iris"))
    elif candidate.state is State.WAITING:
        _note(painter, rect, "Waiting", "hourglass", theme, "on_label")
    elif candidate.state is State.FAILED:
        _note(painter, rect, candidate.message or "This picture could not be made.", "warning-circle", theme, "err")


def _note(painter: QPainter, rect: QRectF, text: str, icon: str, theme: Theme, tone: str) -> None:
    painter.setFont(theme.font("medium"))
    room = QRectF(0, 0, max(140.0, min(300.0, rect.width() - 24)) - 44, 400)
    words = painter.boundingRect(room, int(Qt.TextFlag.TextWordWrap), text)
    card = QRectF(0, 0, words.width() + 46, max(theme.dp(28), words.height() + 16))
    card.moveCenter(rect.center())
    box(painter, card, 8, theme.color("label", 0.84))
    glyph = theme.dp(16)
    # Labels on a picture are the same in both themes, and so is their red.
    ink = "#FF7B72" if tone == "err" else tone
    theme.icons.paint(painter, QRectF(card.left() + 12, card.center().y() - glyph / 2, glyph, glyph), icon, ink)
    painter.setPen(theme.color("on_label"))
    painter.drawText(card.adjusted(36, 8, -8, -8),
                     int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)


def tiled(painter: QPainter, rect: QRectF, tile: QPixmap) -> None:
    """Fill with the checkerboard, held to the corner of `rect`."""
    painter.setBrushOrigin(rect.topLeft())
    painter.fillRect(rect, QBrush(tile))
