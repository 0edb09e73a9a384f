"""The screen of the canvas: the artboard on the floor as the camera sees it, and what lies over it."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHideEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QPixmap,
    QPolygonF,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from studio.project.paint.plane import Key
from studio.ui.canvas.aids import RULER, Aids, paint_rulers
from studio.ui.canvas.camera import Camera
from studio.ui.canvas.candidates import Batch, Candidates
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.frame import GenerationFrame
from studio.ui.canvas.marks import paint_batch, paint_marks
from studio.ui.canvas.overlays import MaskOverlay, SelectionAnts
from studio.ui.canvas.painting import badge_rect, checkerboard, label_rect, paint_board, size_words
from studio.ui.canvas.pyramid import Pyramid
from studio.ui.canvas.tilebuffer import TileBuffer
from studio.ui.canvas.toolstate import ToolState
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader

COLUMN_ROOM = 96
"""Fitting leaves this much more at the right, in px: the candidates stand there beside the frame."""
SETTLE_MS = 140
"""After the last move of the camera, tiles are scaled with care."""
FRAME_S = 0.008
"""Time of one repaint that making tiles may take."""
CAREFUL = 2_500_000
"""Windows of more device pixels than this are drawn coarsely while the camera moves."""
ANTS_MS = 110


class CanvasScreen(QWidget):
    """Draws a document through a camera. `CanvasView` adds the pointer, keys and drops."""

    view_changed = Signal()
    """The camera has moved."""

    def __init__(self, theme: Theme, loader: ImageLoader, document: CanvasDocument, state: ToolState,
                 frame: GenerationFrame, candidates: Candidates, aids: Aids, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.loader, self.document, self.state = theme, loader, document, state
        self.frame, self.candidates, self.aids = frame, candidates, aids
        self.camera = Camera()
        self.paint_over: Callable[[QPainter], None] = lambda _: None
        """Paints over the picture, in document pixels."""
        self.bottom_inset = 0
        self.title = ""
        self.mode_words = ""
        """What Generate will do with what lies under the frame; "" where that goes without saying."""
        self.label_hovered = False
        self._pyramid = Pyramid(document.compositor.tile)
        self._scene = TileBuffer(self._pyramid, self._paint_under)
        self.mask_overlay = MaskOverlay(theme.color("mask_fill"), theme.color("mask_edge"))
        self.ants = SelectionAnts()
        self._checker: QPixmap | None = None
        self._fitted = False
        self._coarse = False
        self._progress = QTimer(self, singleShot=True, interval=0)
        self._progress.timeout.connect(self._work)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._settled)
        self._march = QTimer(self, interval=ANTS_MS)
        self._march.timeout.connect(self._step_ants)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        document.changed.connect(self._document_changed)
        document.selection_changed.connect(self._selection_changed)
        document.mask_changed.connect(self._mask_changed)
        for signal in (candidates.changed, candidates.shown_changed, candidates.flipped, frame.changed, loader.ready,
                       loader.failed, aids.changed):
            signal.connect(self._repaint)
        theme.changed.connect(self._retheme)
        state.changed.connect(self._state_changed)
        self._document_changed(None)
        self._selection_changed()
        self._mask_changed()

    # ------------------------------------------------------------ camera

    def pan(self, delta: QPointF) -> None:
        self.camera.pan(delta)
        self.camera.snap(self.devicePixelRatioF())
        self._viewed()

    def zoom_at(self, anchor: QPointF, scale: float) -> None:
        self.camera.zoom_at(anchor, scale)
        self._viewed()

    def turn(self, rotation: float, anchor: QPointF | None = None) -> None:
        """Turn the view to so many degrees, about its middle."""
        self.camera.turn_at(anchor if anchor is not None else self.centre(), rotation)
        self._viewed()

    def mirror(self, mirrored: bool) -> None:
        self.camera.mirror_at(self.centre(), mirrored)
        self._viewed()

    def area(self) -> QRectF:
        """The part of the widget in which work is shown: not under rulers and prompt bar."""
        ruler = RULER if self.aids.rulers else 0
        return QRectF(ruler, ruler, max(1, self.width() - ruler), max(1, self.height() - self.bottom_inset - ruler))

    def board(self) -> QRectF:
        """The artboard in document pixels."""
        return QRectF(0, 0, self.document.shown.width, self.document.shown.height)

    def fit(self, rect: QRectF | None = None) -> None:
        """Show the whole artboard with the frame (or `rect`), at most at 100 %."""
        everything = self.board().united(QRectF(self.frame.rect)) if rect is None else rect
        room = self.area().adjusted(56, 56, -56 - COLUMN_ROOM, -32)
        tight = self.area().adjusted(16, 36, -16 - COLUMN_ROOM, -8)
        if everything.width() <= tight.width() and everything.height() <= tight.height() > room.height():
            room = tight if everything.height() > room.height() or everything.width() > room.width() else room
        self.camera.fit(everything, room if room.isValid() else self.area(), self._most(everything))
        self.camera.snap(self.devicePixelRatioF())
        self._fitted = True
        self._viewed()

    def _most(self, rect: QRectF) -> float:
        """Small pictures are shown larger than they are, by whole steps: they would look lost."""
        room = self.area()
        times = min(room.width() * 0.7 / max(1.0, rect.width()), room.height() * 0.78 / max(1.0, rect.height()))
        return max(1.0, min(4.0, float(int(times))))

    def look_at(self, point: QPointF, scale: float) -> None:
        """Show a document point in the middle of the free area."""
        self.camera.zoom_at(self.centre(), scale)
        self.camera.look_at(point, self.centre())
        self._fitted = True
        self.pan(QPointF(0, 0))

    def centre(self) -> QPointF:
        return self.area().center()

    def _viewed(self) -> None:
        self._settle.start()
        self.update()
        self.view_changed.emit()

    def _settled(self) -> None:
        if self._coarse:
            self._coarse = False
            self._scene.damage_all()
            self.update()

    # ------------------------------------------------------------ what is where, in widget px

    def board_edge(self) -> QPolygonF:
        return self.camera.outline(self.board())

    def frame_edge(self) -> QPolygonF:
        return self.camera.outline(QRectF(self.frame.rect))

    def frame_on_screen(self) -> QRectF:
        """The box of the frame on the screen."""
        return self.frame_edge().boundingRect()

    def frame_words(self) -> str:
        size = size_words(self.frame.rect.width(), self.frame.rect.height())
        return f"{size} · {self.mode_words}" if self.mode_words else size

    def badge(self) -> QRectF:
        """Where the frame's badge lies: over its top left corner as seen, inside the window."""
        badge = badge_rect(self.frame_on_screen(), self.frame_words(), self.theme)
        top = self.area().top() + 4
        if badge.top() < top and self.frame_on_screen().bottom() > top + badge.height():
            badge.moveTop(max(top, self.frame_on_screen().top() + 6))
        return badge

    def label(self) -> QRectF:
        """Where the artboard's name lies."""
        rect = self.board_edge().boundingRect()
        words = size_words(self.document.shown.width, self.document.shown.height)
        area = label_rect(rect, self.title, words, self.theme)
        if area.intersects(self.badge()):
            area = label_rect(rect, self.title, words, self.theme, lift=int(self.badge().height()) + 4)
        return area

    def candidate_image(self, batch: Batch) -> QImage | None:
        """The picture of the candidate in front: the finished one, or the latest preview."""
        front = batch.front
        if front is None:
            return None
        if front.result is not None:
            return self.loader.image(str(front.result.get("media", ""))) or front.preview
        return front.preview

    def snap(self, point: QPointF) -> QPointF:
        """A document point, drawn to guides, grid and edges where snapping is on."""
        return self.aids.snap(point, self.camera, self.document.shown.width, self.document.shown.height)

    # ------------------------------------------------------------ the document has changed

    def _size(self) -> tuple[int, int]:
        return self.document.shown.width, self.document.shown.height

    def _document_changed(self, keys: set[Key] | None) -> None:
        if keys is None or self._size() != self._pyramid.size:
            self._pyramid.reset(*self._size())
            self._scene.damage_all()
            self.mask_overlay.show(self.document.shown.mask, self._size())
            self.ants.show(self.document.shown.selection, self._size())
            self.update()
        elif keys:
            self._update_device(self._scene.damage(keys))

    def _selection_changed(self) -> None:
        old = QRegion(self.ants.where)
        self._update_device(self.ants.show(self.document.shown.selection, self._size()) + old)
        self._check_march()

    def _mask_changed(self) -> None:
        self._update_device(self.mask_overlay.show(self.document.shown.mask, self._size()))

    def _update_device(self, region: QRegion) -> None:
        """Repaint a part of the window given in device pixels."""
        ratio = self.devicePixelRatioF()
        if not region.isEmpty():
            rect = region.boundingRect()
            self.update(QRectF(rect.x() / ratio, rect.y() / ratio, rect.width() / ratio, rect.height() / ratio)
                        .toAlignedRect().adjusted(-1, -1, 1, 1))

    def _work(self) -> None:
        """Go on with tiles that were not ready, a little in each turn of the event loop."""
        deadline = perf_counter() + FRAME_S
        ready = self._scene.work(deadline)
        ready += self.mask_overlay.work(deadline)
        ready += self.ants.work(deadline)
        self._update_device(ready)
        if ready.isEmpty():
            self._go_on()

    def _go_on(self) -> None:
        buffers = (self._scene, self.mask_overlay.on_screen.buffer, self.ants.on_screen.buffer)
        if any(buffer.pending for buffer in buffers) and self.isVisible():
            self._progress.start()

    @property
    def settled(self) -> bool:
        """Everything visible is shown as it is."""
        return self._scene.settled

    def _state_changed(self, what: str) -> None:
        look = self.state.options("mask-view").show
        if what == "mask-view" and look != self.mask_overlay.look:
            self.mask_overlay.set_look(look)
            self.update()

    def _check_march(self) -> None:
        """The ants march while there is a selection to be seen, unless the person wants no motion."""
        wanted = self.document.shown.selection is not None and self.isVisible() and not self.theme.reduced_motion
        if wanted != self._march.isActive():
            self._march.start() if wanted else self._march.stop()

    def _step_ants(self) -> None:
        self.ants.phase = (self.ants.phase + 1) % 8
        self._update_device(QRegion(self.ants.where))

    def _repaint(self, *_: Any) -> None:
        self.update()

    def _retheme(self) -> None:
        self._checker = None
        self._scene.damage_all()
        self._check_march()
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        self._check_march()

    def hideEvent(self, event: QHideEvent) -> None:
        self._march.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if not self._fitted and self.width() > 50 and self.height() > 50:
            self.fit()
        elif event.oldSize().isValid():
            # The middle of the work stays in the middle.
            grown = event.size() - event.oldSize()
            self.pan(QPointF(grown.width() / 2, grown.height() / 2))
        self.view_changed.emit()

    # ------------------------------------------------------------ painting

    def _paint_under(self, painter: QPainter, clip: QRect) -> None:
        if self._checker is None:
            self._checker = checkerboard(self.theme, self.devicePixelRatioF())
        edge = self._scene.transform.map(QPolygonF([self.board().topLeft(), self.board().topRight(),
                                                    self.board().bottomRight(), self.board().bottomLeft()]))
        if self.camera.upright:
            edge = QPolygonF([QPointF(round(p.x()), round(p.y())) for p in edge.toList()])
        paint_board(painter, edge, clip, self._checker, self.theme)

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        self._follow(ratio)
        painter = QPainter(self)
        clip = QRectF(QPointF(event.rect().topLeft()) * ratio, QSize(event.rect().size()).toSizeF() * ratio)
        self._paint_scene(painter, clip.toAlignedRect().intersected(self._scene.image.rect()), ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_marks(painter, self, QRectF(event.rect()))
        self.paint_tool(painter)
        if self.aids.rulers and self.camera.upright:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            paint_rulers(painter, self.rect(), self.camera, self.pointer_place(), self.theme)
        self._go_on()

    def _follow(self, ratio: float) -> None:
        self._scene.follow(self.camera, self.size(), ratio)
        pixels = self._scene.image.width() * self._scene.image.height()
        self._coarse = pixels > CAREFUL and self._settle.isActive()
        self._scene.repair(perf_counter() + FRAME_S, smooth=not self._coarse)
        self.mask_overlay.follow(self.camera, self.size(), ratio)
        self.ants.follow(self.camera, self.size(), ratio)

    def _paint_scene(self, painter: QPainter, clip: QRect, ratio: float) -> None:
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawImage(clip.topLeft(), self._scene.image, clip)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.scale(ratio, ratio)
        paint_batch(painter, self)
        painter.scale(1 / ratio, 1 / ratio)
        self.mask_overlay.paint(painter)
        self.ants.paint(painter, clip)
        painter.restore()

    # ------------------------------------------------------------ what the view with a pointer adds

    def paint_tool(self, painter: QPainter) -> None: ...

    def pointer_place(self) -> QPointF | None:
        return None

    def frame_focused(self) -> bool:
        return False
