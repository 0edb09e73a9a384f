"""How the canvas view draws: floor, artboard, labels, generation frame, candidates."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QImage, QPainter, QPen, QPixmap, QPolygonF

from studio.ui.canvas.candidates import Candidate, State
from studio.ui.canvas.frame import HANDLES
from studio.ui.canvas.tilebuffer import CRISP
from studio.ui.theme import Theme
from studio.ui.widgets.base import box

BADGE_GAP = 6
LEAST_HANDLES = 24
"""A frame smaller than this on the screen, in px, shows no handles."""


def checkerboard(theme: Theme, ratio: float) -> QPixmap:
    """A tile of 2 x 2 squares of 8 px. ratio: device pixels per px."""
    side = round(8 * ratio)
    tile = QPixmap(2 * side, 2 * side)
    tile.fill(theme.color("checker_a"))
    painter = QPainter(tile)
    painter.fillRect(side, 0, side, side, theme.color("checker_b"))
    painter.fillRect(0, side, side, side, theme.color("checker_b"))
    painter.end()
    return tile


def paint_board(painter: QPainter, edge: QPolygonF, clip: QRect, tile: QPixmap, theme: Theme) -> None:
    """Floor and checkerboard: what lies under the tiles. `edge`: corners of the artboard, nw, ne, se, sw."""
    painter.fillRect(clip, theme.color("canvas"))
    painter.setBrushOrigin(edge.at(0))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(tile))
    painter.drawConvexPolygon(edge)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_board_edge(painter: QPainter, edge: QPolygonF, theme: Theme) -> None:
    """The hairline around the artboard."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("line2"), 1))
    if is_upright(edge):
        painter.drawRect(edge.boundingRect().adjusted(-0.5, -0.5, 0.5, 0.5))
    else:
        painter.drawPolygon(edge)


def is_upright(edge: QPolygonF) -> bool:
    """Whether the corners nw, ne, se, sw lie as in the file."""
    nw, ne, sw = edge.at(0), edge.at(1), edge.at(3)
    return abs(nw.y() - ne.y()) < 1e-6 and nw.x() < ne.x() and nw.y() < sw.y()


def paint_image(painter: QPainter, target: QRectF, image: QImage, smooth: bool = True, squares: bool = True) -> None:
    """A picture stretched over `target` (painter units are device pixels). squares: show large pixels as squares."""
    crisp = squares and target.width() >= image.width() * CRISP
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth and not crisp)
    painter.drawImage(target, image)


# ---------------------------------------------------------------- over the picture, in widget px


def paint_handles(painter: QPainter, points: list[QPointF], edge: QColor) -> None:
    painter.setPen(QPen(edge, 1.25))
    painter.setBrush(QColor("#FFFFFF"))
    for point in points:
        painter.drawRoundedRect(QRectF(point.x() - 3.5, point.y() - 3.5, 7, 7), 1.5, 1.5)


def polygon_handles(edge: QPolygonF) -> list[QPointF]:
    """The eight handles of a quadrilateral (nw, ne, se, sw), in the order of `frame.HANDLES`."""
    corner = {"nw": edge.at(0), "ne": edge.at(1), "se": edge.at(2), "sw": edge.at(3)}
    middle = {"n": ("nw", "ne"), "e": ("ne", "se"), "s": ("se", "sw"), "w": ("sw", "nw")}
    out = []
    for name in HANDLES:
        if name in corner:
            out.append(QPointF(corner[name]))
        else:
            one, other = middle[name]
            out.append((corner[one] + corner[other]) / 2)
    return out


def label_rect(rect: QRectF, name: str, size: str, theme: Theme, lift: int = 0) -> QRectF:
    """Where the artboard's label lies above the box of its corners."""
    wide = QFontMetrics(theme.font("medium")).horizontalAdvance(name)
    wide += QFontMetrics(theme.font("body", tnum=True)).horizontalAdvance(size) + 8 + theme.dp(20)
    return QRectF(rect.left() - 4, rect.top() - theme.dp(28) - lift, wide + 8, theme.dp(24))


def paint_label(painter: QPainter, area: QRectF, name: str, size: str, theme: Theme, hover: bool) -> None:
    """Name and size of the artboard; a caret says that a click opens a menu."""
    if hover:
        box(painter, area, 5, theme.color("hover"))
    painter.setFont(theme.font("medium"))
    painter.setPen(theme.color("t1"))
    words = area.adjusted(4, 0, 0, 0)
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, name)
    words.adjust(painter.fontMetrics().horizontalAdvance(name) + 8, 0, 0, 0)
    painter.setFont(theme.font("body", tnum=True))
    painter.setPen(theme.color("t3"))
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, size)
    caret = theme.dp(11)
    x = words.left() + painter.fontMetrics().horizontalAdvance(size) + 5
    theme.icons.paint(painter, QRectF(x, area.center().y() - caret / 2, caret, caret), "caret-down",
                      "t2" if hover else "t4")


def size_words(width: int, height: int) -> str:
    return f"{width} × {height}"


def badge_rect(frame: QRectF, text: str, theme: Theme) -> QRectF:
    """Where the badge of the frame lies, in widget px. frame: on the screen."""
    width = QFontMetrics(theme.font("strong", tnum=True)).horizontalAdvance(text) + theme.dp(14) + 22
    height = theme.dp(22)
    return QRectF(round(frame.left()), round(frame.top()) - height - BADGE_GAP, width, height)


def paint_frame(painter: QPainter, edge: QPolygonF, badge: QRectF, text: str, theme: Theme, focus: bool) -> None:
    """The generation frame: dashes over black, eight handles, and the badge with its size. edge: nw, ne, se, sw."""
    edge = QPolygonF([QPointF(round(p.x()), round(p.y())) for p in edge.toList()]) if is_upright(edge) else edge
    painter.setBrush(Qt.BrushStyle.NoBrush)
    under = QPen(QColor(0, 0, 0, 140), 3)
    under.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(under)
    painter.drawPolygon(edge)
    dashes = QPen(theme.color("frame"), 1.5)
    dashes.setDashPattern([7 / 1.5, 5 / 1.5])
    dashes.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(dashes)
    painter.drawPolygon(edge)
    bounds = edge.boundingRect()
    if min(bounds.width(), bounds.height()) >= LEAST_HANDLES:
        paint_handles(painter, polygon_handles(edge), theme.color("badge"))
    paint_badge(painter, badge, text, theme, focus)


def paint_badge(painter: QPainter, badge: QRectF, text: str, theme: Theme, focus: bool) -> None:
    """Size of the frame and what Generate will do there."""
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
