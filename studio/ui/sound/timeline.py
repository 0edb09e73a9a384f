"""The timeline: clips in their lanes, the grid, the playhead, and the tool in hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.project.sound import Clip, edits
from studio.ui.sound.clippaint import ClipPainter, head_height
from studio.ui.sound.document import SoundDocument
from studio.ui.sound.edgescroll import EdgeScroll
from studio.ui.sound.lanes import Lanes
from studio.ui.sound.shapes import Shapes
from studio.ui.sound.timelinepaint import INSET, paint_clips, paint_heads, paint_lanes, paint_region
from studio.ui.sound.tools import TOOLS
from studio.ui.sound.tools.base import CLICK, Hit, Part, TimelineTool
from studio.ui.theme import Theme
from studio.ui.timeaxis import TimeAxis
from studio.ui.widgets.base import Themed
from studio.ui.widgets.media import RESULT_MIME
from studio.ui.widgets.notices import announce

EDGE = 6
"""Pixels at a clip's edge that trim it."""
FADE = 14
"""Pixels at its upper corners that fade it."""
SNAP = 8
"""Pixels within which something is drawn to a line."""
FINE_MS = 70
"""After the last step of a zoom all is painted finely."""
REST_MS = 16
"""What a frame left is painted after so long."""

Overlay = Callable[[QPainter, QRect], None]


class Timeline(Themed, QWidget):
    """Attributes:
        grid: quarter notes between the lines that draw, 0 for bars; snapping: whether anything draws.
        playhead: seconds.
        overlays: paint over everything, in its pixels.
        inset: pixels at its lower edge that lie under the prompt bar.
    """

    seek_asked = Signal(float)
    clip_activated = Signal(str)
    menu_asked = Signal(object, QPoint)
    """Hit, and where on the screen."""
    scrolled = Signal()
    files_dropped = Signal(list, float, str)
    """Paths, seconds and track."""
    result_dropped = Signal(dict, float, str)

    def __init__(self, theme: Theme, document: SoundDocument, axis: TimeAxis, lanes: Lanes, shapes: Shapes,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.axis, self.lanes, self.shapes = document, axis, lanes, shapes
        self.grid, self.snapping = 1.0, True
        self.playhead = 0.0
        self.inset = 0
        self.overlays: list[Overlay] = []
        self.tools: dict[str, TimelineTool] = {tool.id: tool(self) for tool in TOOLS}
        self.tool = next(iter(self.tools.values()))
        self.clips = ClipPainter(theme, shapes, document.arrangement.rate)
        self._dragging = False
        self._pressed = QPointF()
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self._edges = EdgeScroll(self, self._scroll, self._drag_on)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Timeline")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._scale = axis.scale
        self._fine = QTimer(self, singleShot=True, interval=FINE_MS)
        self._fine.timeout.connect(self._refine)
        self._moving = False
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.update)
        axis.changed.connect(self._view_changed)
        document.changed.connect(self._changed)
        document.chosen_changed.connect(self.update)
        shapes.ready.connect(lambda _: self.update())
        shapes.failed.connect(lambda *_: self.update())
        self.init_theme(theme)
        self._changed()

    # ------------------------------------------------------------ geometry

    def clip_rect(self, clip: Clip) -> QRectF:
        """Where a clip lies, in widget pixels; empty where its track is not there."""
        lane = self.lanes.find(clip.track)
        if lane is None:
            return QRectF()
        left, right = self.axis.x(clip.start), self.axis.x(clip.end)
        return QRectF(left, lane.top + INSET, max(right - left, 2.0), lane.height - 2 * INSET)

    def volume_rect(self, track: str) -> QRectF:
        """Where the line of a track's volume lies; empty where the track is not there."""
        lane = self.lanes.find(track)
        if lane is None:
            return QRectF()
        head = head_height(self.theme, lane.height - 2 * INSET)
        return QRectF(0, lane.top + INSET + head + 4, self.width(), lane.height - 2 * INSET - head - 8)

    def region_rect(self) -> QRectF:
        """Where the selected stretch of time lies; empty where there is none."""
        region = self.document.chosen.region
        lanes = [lane for name in (region.tracks if region else ()) if (lane := self.lanes.find(name)) is not None]
        if region is None or not lanes:
            return QRectF()
        top, bottom = min(lane.top for lane in lanes), max(lane.bottom for lane in lanes)
        left, right = self.axis.x(region.start), self.axis.x(region.end)
        return QRectF(left, top + INSET, right - left, bottom - top - 2 * INSET)

    def hit(self, pos: QPointF, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Hit:
        """What lies at a place."""
        lane = self.lanes.at(pos.y())
        seconds = self.axis.seconds(pos.x())
        if lane is None:
            return Hit(pos, seconds, modifiers=modifiers)
        rects = [(clip, self.clip_rect(clip)) for clip in reversed(self.document.shown.on(lane.track))]
        for beside in (0, 2):  # a little beside a clip is still that clip, unless it is another one
            for clip, rect in rects:
                if rect.adjusted(-beside, 0, beside, 0).contains(pos):
                    return Hit(pos, seconds, lane.track, clip, self._part(rect, pos), modifiers)
        return Hit(pos, seconds, lane.track, modifiers=modifiers)

    def _part(self, rect: QRectF, pos: QPointF) -> Part:
        if rect.width() < 4 * EDGE:
            return "body"
        left = pos.x() - rect.left() < rect.right() - pos.x()
        away = min(pos.x() - rect.left(), rect.right() - pos.x())
        if away <= FADE and pos.y() - rect.top() <= FADE and rect.width() > 4 * FADE:
            return "fade-in" if left else "fade-out"
        if away <= EDGE:
            return "start" if left else "end"
        return "body"

    # ------------------------------------------------------------ snapping

    def snapped(self, seconds: float, hit: Hit, without: Iterable[str] = ()) -> float:
        """A time drawn to the nearest line or edge, unless snapping is off (or Ctrl is held)."""
        if not self.snapping or hit.ctrl:
            return max(seconds, 0.0)
        found = edits.snap(self.document.arrangement, seconds, SNAP / self.axis.scale, grid=self.grid, without=without,
                           extra=(self.playhead,))
        return found.time if found is not None else max(seconds, 0.0)

    def snapped_by(self, clips: Iterable[str], by: float, hit: Hit) -> float:
        """By how much clips that are dragged by so many seconds move."""
        if not self.snapping or hit.ctrl:
            return by
        return edits.snapped_shift(self.document.arrangement, clips, by, SNAP / self.axis.scale, grid=self.grid,
                                   extra=(self.playhead,))[0]

    # ------------------------------------------------------------ what is shown

    def set_tool(self, tool: str) -> None:
        self.cancel()
        self.tool = self.tools[tool]
        self.update()

    def set_playhead(self, seconds: float) -> None:
        """Only the two stripes that change are painted anew."""
        for x in (self.axis.x(self.playhead), self.axis.x(seconds)):
            self.update(round(x) - 2, 0, 5, self.height())
        self.playhead = seconds

    def scroll_lanes(self, pixels: int) -> None:
        """Move the lanes up."""
        if self.lanes.scroll_to(self.lanes.scroll + pixels, self.room):
            self.scrolled.emit()
            self.update()

    def show_track(self, track: str) -> None:
        """Bring a lane into view, above the prompt bar where there is room."""
        lane = self.lanes.find(track)
        if lane is None:
            return
        room = max(self.height() - self.inset, lane.height)
        if lane.top < 0:
            self.scroll_lanes(lane.top)
        elif lane.bottom > room:
            self.scroll_lanes(min(lane.bottom - room, lane.top))

    def tell_focus(self) -> None:
        """Say aloud which clip is chosen."""
        clips = self.document.chosen_clips
        if len(clips) == 1:
            track = self.document.shown.find_track(clips[0].track)
            announce(self, clip_words(clips[0], track.name if track is not None else ""))

    def cancel(self) -> None:
        """End a drag without a change."""
        self._dragging = False
        self._edges.stop()
        self.tool.cancel()

    def _changed(self) -> None:
        self.lanes.set_tracks(self.document.shown.tracks, self.theme.text_scale)
        self.lanes.scroll_to(self.lanes.scroll, self.room)
        self.update()

    def _view_changed(self) -> None:
        if self.axis.scale != self._scale:
            self._scale, self.clips.coarse = self.axis.scale, self.isVisible()
            self._fine.start()
        self._moving = self.isVisible()
        self.update()

    def _refine(self) -> None:
        """The view has come to rest: whatever was left is painted, some in each frame."""
        self.clips.coarse = False
        self.update()

    @property
    def room(self) -> int:
        """Pixels of height that lanes can be seen in, above the prompt bar; "Add track" stands below them."""
        return max(self.height() - self.inset - self.theme.dp(40), 80)

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.theme.color("canvas"))
        paint_lanes(painter, self, event.rect())
        self.clips.begin(hurried=self._moving)
        paint_clips(painter, self, QRectF(event.rect()))
        if self.clips.unfinished:
            self._rest.start()
        elif event.rect() == self.rect() and not self.clips.coarse:
            self._moving = False
        paint_region(painter, self)
        self.tool.paint(painter)
        paint_heads(painter, self)
        for overlay in self.overlays:
            overlay(painter, event.rect())

    # ------------------------------------------------------------ pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        hit = self.hit(event.position(), event.modifiers())
        if event.button() == Qt.MouseButton.RightButton:
            if hit.clip is not None and hit.clip.id not in self.document.chosen.clips:
                self.document.choose(clips=frozenset({hit.clip.id}), track=hit.track)
            self.menu_asked.emit(hit, event.globalPosition().toPoint())
        elif event.button() == Qt.MouseButton.LeftButton:
            self._dragging, self._pressed = True, event.position()
            self.tool.press(hit)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hit = self.hit(event.position(), event.modifiers())
        if self._dragging:
            self._modifiers = event.modifiers()
            self.tool.move(hit)
            if self.tool.at_edges and (event.position() - self._pressed).manhattanLength() >= CLICK:
                tall = 0 if "lanes" in self.tool.at_edges else 1_000_000
                room = QRectF(self.rect()).adjusted(0, -tall, 0, tall - self.inset)
                self._edges.follow(event.position(), room)
        self.setCursor(self.tool.cursor(hit))

    def _scroll(self, right: float, down: float) -> None:
        """A drag is at an edge."""
        if right:
            self.axis.scroll(right)
        if down:
            self.scroll_lanes(round(down))

    def _drag_on(self, pos: QPointF) -> None:
        if self._dragging:
            self.tool.move(self.hit(pos, self._modifiers))
        else:
            self._edges.stop()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging and event.button() == Qt.MouseButton.LeftButton:
            self._dragging = False
            self._edges.stop()
            self.tool.release(self.hit(event.position(), event.modifiers()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        hit = self.hit(event.position(), event.modifiers())
        if self.tool.double(hit):
            self.cancel()
        elif hit.clip is not None:
            self.cancel()
            self.clip_activated.emit(hit.clip.id)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the lanes, with Shift the time; with Ctrl it zooms the time at the pointer."""
        steps = event.angleDelta() if event.pixelDelta().isNull() else event.pixelDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.axis.zoom(2 ** (event.angleDelta().y() / 360), event.position().x())
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.axis.scroll(-(steps.y() or steps.x()))
        else:
            self.axis.scroll(-steps.x())
            self.scroll_lanes(-steps.y() // 2)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.tool.left()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the chosen clip, the menu key its menu; Escape ends a drag, then the selection."""
        chosen, clips = self.document.chosen, self.document.chosen_clips
        if event.key() == Qt.Key.Key_Escape and self._dragging:
            self.cancel()
        elif event.key() == Qt.Key.Key_Escape and (chosen.region is not None or clips):
            self.document.choose(region=None, clips=frozenset())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2) and len(clips) == 1:
            self.clip_activated.emit(clips[0].id)
        elif event.key() == Qt.Key.Key_Menu:
            rect = self.clip_rect(clips[0]) if clips else QRectF(self.axis.x(chosen.cursor), 20, 0, 0)
            at = rect.center() if 0 <= rect.center().x() <= self.width() else rect.topLeft()
            self.menu_asked.emit(self.hit(at), self.mapToGlobal(at.toPoint()))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.lanes.scroll_to(self.lanes.scroll, self.room)
        self.scrolled.emit()

    # ------------------------------------------------------------ drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasFormat(RESULT_MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        hit = self.hit(event.position(), event.modifiers())
        at = self.snapped(max(hit.seconds, 0.0), hit)
        mime: Any = event.mimeData()
        if mime.hasFormat(RESULT_MIME):
            try:
                result = json.loads(bytes(mime.data(RESULT_MIME).data()))
            except ValueError:
                return
            if isinstance(result, dict):
                self.result_dropped.emit(result, at, hit.track)
        else:
            files = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
            self.files_dropped.emit(files, at, hit.track)
        event.acceptProposedAction()

    def sizeHint(self) -> QSize:
        return QSize(800, 400)


def clip_words(clip: Clip, track: str) -> str:
    """A clip as it is read aloud."""
    said = f", says “{clip.text}”" if clip.text else ""
    muted = ", muted" if clip.muted else ""
    muted += f", take {clip.take + 1} of {len(clip.takes)}" if clip.takes else ""
    return f"{clip.name or 'Clip'} on {track}, {clip.start:.1f} to {clip.end:.1f} seconds{muted}{said}"
