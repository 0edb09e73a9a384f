"""What lies over the picture on the canvas: candidates, edge and name of the artboard, grid, guides, frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from studio.ui.canvas.aids import paint_grid, paint_guides
from studio.ui.canvas.candidates import State
from studio.ui.canvas.making import is_blank
from studio.ui.canvas.painting import (
    paint_board_edge,
    paint_candidate,
    paint_frame,
    paint_image,
    paint_label,
    size_words,
)

if TYPE_CHECKING:
    from studio.ui.canvas.screen import CanvasScreen

MARGIN = 8
"""What is drawn on an edge reaches at most this far from it, in px."""
HINT = "The next picture is made here.\nDescribe it below, drop one in, or paint."


def paint_batch(painter: QPainter, screen: CanvasScreen) -> None:
    """The picture of the candidate in front, at its place. The painter is in widget px."""
    batch = screen.candidates.shown
    image = screen.candidate_image(batch) if batch is not None else None
    painter.save()
    painter.setTransform(screen.camera.transform(), combine=True)
    screen.paint_over(painter)
    if batch is not None and image is not None:
        finished = batch.front is not None and batch.front.state is State.DONE
        # A preview is smaller than its picture: squares would show what is no pixel of it.
        wide = screen.camera.scale * screen.devicePixelRatioF() * batch.rect.width()
        squares = finished and wide >= 2 * image.width()
        paint_image(painter, QRectF(batch.rect), batch.shown_image(image), smooth=not squares, squares=False)
    painter.restore()


def paint_marks(painter: QPainter, screen: CanvasScreen, clip: QRectF) -> None:
    """Everything over the picture but the tool's overlay and the rulers. clip: what is painted anew, in widget px."""
    edge = screen.board_edge()
    paint_board_edge(painter, edge, screen.theme)
    if screen.aids.grid:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        paint_grid(painter, screen.board(), screen.camera, screen.aids.grid_size, screen.theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_guides(painter, screen.aids, QRectF(screen.rect()), screen.camera, screen.theme)
    label, badge, frame = screen.label(), screen.badge(), screen.frame_on_screen()
    if label.intersects(clip):
        words = size_words(screen.document.shown.width, screen.document.shown.height)
        paint_label(painter, label, screen.title, words, screen.theme, screen.label_hovered)
    _paint_batch_words(painter, screen)
    _paint_hint(painter, screen)
    inside = screen.camera.upright and frame.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN).contains(clip)
    around = frame.united(badge).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
    if around.intersects(clip) and (not inside or badge.intersects(clip)):
        focus = screen.hasFocus() and screen.frame_focused()
        paint_frame(painter, screen.frame_edge(), badge, screen.frame_words(), screen.theme, focus)


def _paint_hint(painter: QPainter, screen: CanvasScreen) -> None:
    """On a canvas with nothing on it: what appears here, inside the frame."""
    room = screen.frame_on_screen().adjusted(16, 16, -16, -16)
    if screen.candidates.shown is not None or room.width() < 120 or not is_blank(screen.document.shown):
        return
    painter.setFont(screen.theme.font("body"))
    painter.setPen(screen.theme.color("t3"))
    painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), HINT)


def _paint_batch_words(painter: QPainter, screen: CanvasScreen) -> None:
    batch = screen.candidates.shown
    if batch is None or batch.front is None:
        return
    if batch.rect != screen.frame.rect:
        painter.setPen(QPen(screen.theme.color("iris"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(screen.camera.outline(QRectF(batch.rect)))
    if batch.front.state is not State.DONE:
        paint_candidate(painter, screen.camera.rect_to_screen(QRectF(batch.rect)), batch.front, screen.theme)
