"""The pasteboard: an endless floor with pictures, the generation frame, and what is being made in it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.ui.canvas.board import Board, Item
from studio.ui.canvas.boardtools import Drag, Pan, cursor_for, drag_for
from studio.ui.canvas.camera import Camera
from studio.ui.canvas.candidates import Batch, Candidates, State
from studio.ui.canvas.drops import Dropped, read_drop
from studio.ui.canvas.frame import GenerationFrame, fitted
from studio.ui.canvas.painting import (
    PicturePainter,
    checkerboard,
    device_rect,
    paint_candidate,
    paint_floor,
    paint_frame,
    paint_image,
    paint_label,
    paint_selection,
    size_words,
    tiled,
)
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.widgets.base import box

COLUMN_ROOM = 76
"""Fitting leaves this much more at the right, in px: the candidates stand there beside the frame."""
SETTLE_MS = 140
"""After the last zoom step, pictures are scaled with care."""


class Pasteboard(QWidget):
    """Paints and takes the pointer. Keys are bound in `keys.py`; the pane owns the records that it shows."""

    view_changed = Signal()
    """Scale or offset."""
    dropped = Signal(object, QPointF)
    """A `Dropped` and where, in scene pixels."""
    sizes_asked = Signal()
    """The person clicked the size badge."""
    key_pressed = Signal(QKeyEvent)
    focused = Signal(bool)
    pressed = Signal()

    def __init__(self, theme: Theme, loader: ImageLoader, board: Board, frame: GenerationFrame, candidates: Candidates,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.loader, self.board, self.frame, self.candidates = theme, loader, board, frame, candidates
        self.camera = Camera()
        self.tool = "select"
        self.hand_held = False
        self.bottom_inset = 0
        self._drag: Drag | None = None
        self._pictures = PicturePainter(theme, loader)
        self._tile: QPixmap | None = None
        self._fitted = False
        self._drop_at: QPointF | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.update)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        for signal in (board.changed, candidates.changed, candidates.shown_changed, frame.changed, loader.ready,
                       loader.scaled_ready, loader.failed):
            signal.connect(self._repaint)
        theme.changed.connect(self._retheme)

    # ------------------------------------------------------------ view

    def pan(self, delta: QPointF) -> None:
        self.camera.pan(delta)
        self.camera.snap(self.devicePixelRatioF())
        self._viewed()

    def zoom_at(self, anchor: QPointF, scale: float) -> None:
        self.camera.zoom_at(anchor, scale)
        self._settle.start()
        self._viewed()

    def area(self) -> QRectF:
        """The part of the widget in which work is shown: not under the prompt bar."""
        return QRectF(0, 0, self.width(), max(1, self.height() - self.bottom_inset))

    def fit(self, rect: QRectF | None = None) -> None:
        """Show everything (or `rect`), at most at 100 %."""
        everything = self.board.bounds().united(QRectF(self.frame.rect)) if rect is None else rect
        room = self.area().adjusted(56, 56, -56 - COLUMN_ROOM, -40)
        self.camera.fit(everything, room if room.isValid() else self.area())
        self.camera.snap(self.devicePixelRatioF())
        self._fitted = True
        self._viewed()

    def look_at(self, point: QPointF, scale: float) -> None:
        """Show a scene point in the middle of the free area."""
        self.camera.zoom_at(self.centre(), scale)
        self._fitted = True
        self.pan(self.centre() - self.camera.to_screen(point))

    def centre(self) -> QPointF:
        return self.area().center()

    def _viewed(self) -> None:
        self.update()
        self.view_changed.emit()

    def _repaint(self, *_: Any) -> None:
        self.update()

    def _retheme(self) -> None:
        self._tile = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if not self._fitted and self.width() > 50 and self.height() > 50:
            self.fit()
        elif event.oldSize().isValid():
            # The middle of the work stays in the middle.
            grown = event.size() - event.oldSize()
            self.pan(QPointF(grown.width() / 2, grown.height() / 2))
        self.view_changed.emit()

    # ------------------------------------------------------------ what is where

    def frame_on_screen(self) -> QRectF:
        return self.camera.rect_to_screen(QRectF(self.frame.rect))

    def frame_words(self) -> str:
        return size_words(self.frame.rect.width(), self.frame.rect.height())

    def selection_rect(self) -> QRectF | None:
        """What the selected pictures cover, in scene pixels."""
        rect = QRectF()
        for item in self.board.selection():
            if item.visible:
                rect = rect.united(item.rect)
        return None if rect.isEmpty() else rect

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_floor(painter, QRectF(self.rect()), self.camera, self.theme)
        tiled(painter, self._whole(self.frame_on_screen()), self._checker())
        self._paint_pictures(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_batch_words(painter)
        self._paint_selection(painter)
        focus = self.hasFocus() and self.tool == "frame"
        paint_frame(painter, self.frame_on_screen(), self.frame_words(), self.theme, focus)
        if self._drag is not None:
            self._drag.paint(painter)
        if self._drop_at is not None:
            painter.setPen(QPen(self.theme.color("spring"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _whole(self, rect: QRectF) -> QRectF:
        return QRectF(round(rect.left()), round(rect.top()), round(rect.width()), round(rect.height()))

    def _checker(self) -> QPixmap:
        if self._tile is None:
            self._tile = checkerboard(self.theme)
        return self._tile

    def _paint_pictures(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        settled = not self._settle.isActive()
        seen = self.camera.rect_to_document(QRectF(self.rect()))
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        for item in self.board.items():
            if item.visible and item.rect.intersects(seen):
                self._pictures.paint(painter, item, self.camera, ratio, settled)
        batch = self.candidates.shown
        if batch is not None and (image := self.candidate_image(batch)) is not None:
            finished = batch.front is not None and batch.front.state is State.DONE
            place = fitted(image.size(), batch.rect) if finished else QRectF(batch.rect)
            # A preview is smaller than its picture: squares would show what is no pixel of it.
            paint_image(painter, device_rect(place, self.camera, ratio), image, squares=finished)
        painter.restore()

    def candidate_image(self, batch: Batch) -> QImage | None:
        """The picture of the candidate in front: the finished one, or the latest preview."""
        front = batch.front
        if front is None:
            return None
        if front.result is not None:
            return self.loader.image(str(front.result.get("media", ""))) or front.preview
        return front.preview

    def _paint_batch_words(self, painter: QPainter) -> None:
        batch = self.candidates.shown
        if batch is None or batch.front is None:
            return
        rect = self.camera.rect_to_screen(QRectF(batch.rect))
        if batch.rect != self.frame.rect:
            box(painter, rect, 0, None, self.theme.color("iris"), 1.5)
        if batch.front.state is not State.DONE:
            paint_candidate(painter, rect, batch.front, self.theme)

    def _paint_selection(self, painter: QPainter) -> None:
        selected = [item for item in self.board.selection() if item.visible]
        for item in selected:
            alone = len(selected) == 1 and not item.locked
            paint_selection(painter, self._whole(self.camera.rect_to_screen(item.rect)), self.theme, alone)
        if len(selected) == 1:
            item = selected[0]
            words = size_words(round(item.width), round(item.height))
            place = self.camera.rect_to_screen(item.rect)
            if not self._under_badge(place):
                paint_label(painter, place, item.name, words, self.theme)
        elif len(selected) > 1 and (rect := self.selection_rect()) is not None:
            paint_selection(painter, self._whole(self.camera.rect_to_screen(rect)), self.theme, True)

    def _under_badge(self, place: QRectF) -> bool:
        frame = self.frame_on_screen()
        return abs(frame.left() - place.left()) < 160 and abs(frame.top() - place.top()) < 24

    # ------------------------------------------------------------ pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        at = event.position()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._drag = Pan(self, at)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()
            self._drag = drag_for(self, at, event.modifiers())
        if isinstance(self._drag, Pan):
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self._drag.move(event.position(), event.modifiers())
            self.update()
        else:
            self.setCursor(cursor_for(self, event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.release(event.position(), event.modifiers())
            self.update()
        self.setCursor(cursor_for(self, event.position()))

    @property
    def dragging(self) -> bool:
        return self._drag is not None and self._drag.moved

    def cancel_drag(self) -> bool:
        """Take back a drag under way; whether there was one."""
        drag, self._drag = self._drag, None
        if drag is None:
            return False
        drag.cancel()
        self.update()
        return True

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turn = event.angleDelta().y() or event.pixelDelta().y()
            self.zoom_at(event.position(), self.camera.scale * 1.2 ** (turn / 120))
        else:
            delta = QPointF(event.pixelDelta()) if not event.pixelDelta().isNull() else QPointF(event.angleDelta()) / 2
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and delta.x() == 0:
                delta = QPointF(delta.y(), 0)
            self.pan(delta)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_at(event.position(), self.camera.scale * (1.0 + event.value()))
            return True
        return super().event(event)

    # ------------------------------------------------------------ keys and focus

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
        self.key_pressed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.hold_hand(False)
        else:
            super().keyReleaseEvent(event)

    def hold_hand(self, held: bool) -> None:
        self.hand_held = held
        self.setCursor(Qt.CursorShape.OpenHandCursor if held else Qt.CursorShape.ArrowCursor)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab walks through the pictures, then on to the next widget."""
        items = [item.id for item in self.board.items() if item.visible]
        if self.tool == "select" and items:
            chosen = self.board.selected
            at = items.index(chosen[-1]) + (1 if forward else -1) if chosen and chosen[-1] in items else (
                0 if forward else len(items) - 1)
            if 0 <= at < len(items):
                self.board.select([items[at]])
                return True
            self.board.select([])
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.focused.emit(True)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.hold_hand(False)
        self.focused.emit(False)
        self.update()

    # ------------------------------------------------------------ drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if read_drop(event.mimeData()) is not None:
            self._drop_at = event.position()
            event.acceptProposedAction()
            self.update()

    def dragLeaveEvent(self, event: QEvent) -> None:
        self._drop_at = None
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_at = None
        self.update()
        dropped: Dropped | None = read_drop(event.mimeData())
        if dropped is not None:
            event.acceptProposedAction()
            self.dropped.emit(dropped, self.camera.to_document(event.position()))

    # ------------------------------------------------------------ content of the frame

    def picture_of(self, rect: QRect) -> QImage:
        """What lies under `rect` (scene pixels) in its own size, transparent where there is nothing."""
        image = QImage(rect.size(), QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(-rect.x(), -rect.y())
        for item in self.board.items():
            if item.visible and item.rect.intersects(QRectF(rect)) and (picture := self._decoded(item)) is not None:
                painter.setOpacity(item.opacity)
                painter.drawImage(item.rect, picture)
        painter.end()
        return image.convertToFormat(QImage.Format.Format_ARGB32)

    def _decoded(self, item: Item) -> QImage | None:
        image = self.loader.image(item.media)
        if image is None or image.width() <= item.width * 2:
            return image
        # Bilinear sampling skips source pixels below half size; a filtered copy does not.
        return image.scaled(round(item.width), round(item.height), Qt.AspectRatioMode.IgnoreAspectRatio,
                            Qt.TransformationMode.SmoothTransformation)
