"""The scrolling row of results: how one looks, and the view that holds them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.ui.resultmodel import ResultsModel
from studio.ui.soundtiles import LEFT, RIGHT, track_kind
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.tokens import mix
from studio.ui.widgets.base import box

THUMB, GAP = 80, 8
TRAY = 24

SOUNDS = ("audio", "score")
BOTTOM_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
GLYPHS = {"audio": "waveform", "score": "music-notes", "video": "film-slate", "mesh": "cube"}


def clock(seconds: float) -> str:
    """46.2 s as 0:46."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Thumbnails(QStyledItemDelegate):
    """Paints one result on 80 x 80; tells which of its three small buttons lies where."""

    def __init__(self, theme: Theme, loader: ImageLoader, view: QListView) -> None:
        super().__init__(view)
        self.theme, self.loader, self.view = theme, loader, view
        self.playing: tuple[str, float] = ("", 0.0)
        """Id of the result that is heard, and how far it is, 0 to 1."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(THUMB + GAP, THUMB)

    @staticmethod
    def tile(rect: Any) -> QRectF:
        return QRectF(rect.left(), rect.top(), THUMB, THUMB)

    @staticmethod
    def button_at(tile: QRectF, at: QPointF) -> str:
        """"star", "like" or "dislike" under the pointer, "" for none."""
        if not tile.contains(at) or at.y() < tile.bottom() - TRAY - 2:
            return ""
        return ("star", "like", "dislike")[min(2, int((at.x() - tile.left()) / (THUMB / 3)))]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem,
              index: QModelIndex | QPersistentModelIndex) -> None:
        result = index.data(ResultsModel.ResultRole)
        if result is None:
            return
        theme, tile = self.theme, self.tile(option.rect)  # type: ignore[attr-defined]
        hovered = self.view.indexAt(self.view.viewport().mapFromGlobal(self.view.cursor().pos())) == index \
            and self.view.viewport().underMouse()
        current = self.view.currentIndex() == index
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(tile, 6, 6)
        painter.setClipPath(shape)
        self._paint_content(painter, tile, result)
        if hovered:
            self._paint_tray(painter, tile, result)
        painter.setClipping(False)
        if not hovered:
            self._paint_duration(painter, tile, result)
            if result.get("liked"):
                self._paint_badge(painter, QRectF(tile.left() + 4, tile.top() + 4, 20, 18),
                                  "thumbs-up" if result["liked"] > 0 else "thumbs-down", "#FFFFFF")
        if result.get("starred"):
            self._paint_badge(painter, QRectF(tile.right() - 24, tile.top() + 4, 20, 18), "star", "#F0B95A")
        if current:
            box(painter, tile, 6, None, theme.color("spring"), 2)
            if self.view.hasFocus():
                box(painter, tile.adjusted(3, 3, -3, -3), 4, None, theme.color("label", 0.7), 1)
        else:
            box(painter, tile, 6, None, theme.color("line2", 0.7 if result.get("kind") == "image" else 1.0))
        painter.restore()

    def _paint_content(self, painter: QPainter, tile: QRectF, result: dict[str, Any]) -> None:
        theme, kind = self.theme, result.get("kind")
        if kind == "image":
            painter.fillRect(tile, theme.color("control"))
            side = round(THUMB * self.view.devicePixelRatioF())
            media = str(result.get("media", ""))
            image = self.loader.thumbnail(media, QSize(side, side))
            if image is not None:
                painter.drawImage(tile, image)
            elif self.loader.problem(media):
                theme.icons.paint(painter, QRectF(tile.center() - QPointF(10, 10), QSize(20, 20)), "image-broken", "t3")
        elif kind == "text":
            painter.fillRect(tile, theme.color("page"))
            self._paint_snippet(painter, tile, str(result.get("text_preview") or result.get("prompt") or ""))
        elif kind in SOUNDS:
            self._paint_sound(painter, tile, result)
        else:
            painter.fillRect(tile, theme.color("control"))
            self._paint_glyph(painter, tile, GLYPHS.get(str(kind), "sparkle"), "t2")

    def _paint_glyph(self, painter: QPainter, tile: QRectF, glyph: str, tone: str) -> None:
        self.theme.icons.paint(painter, QRectF(tile.center() - QPointF(16, 18), QSize(32, 32)), glyph, tone)

    def _paint_sound(self, painter: QPainter, tile: QRectF, result: dict[str, Any]) -> None:
        """Its shape or its notes, in the colour of the track it belongs on; how far it is while it is heard."""
        theme, kind, media = self.theme, str(result["kind"]), str(result.get("media", ""))
        tone = track_kind(str(result.get("generator", "")), kind)
        ink = theme.color(tone).name()
        ground = mix(theme.color("panel").name(), ink, 0.18)
        side = round(THUMB * self.view.devicePixelRatioF())
        image = self.loader.drawn(media, QSize(side, side), f"{kind} {ink} {ground}")
        if image is not None:
            painter.drawImage(tile, image)
        else:
            painter.fillRect(tile, QColor(ground))
            if self.loader.problem(media):
                self._paint_glyph(painter, tile, GLYPHS[kind], tone)
        result_id, share = self.playing
        if result_id == result["id"]:
            at = tile.left() + LEFT + (RIGHT - LEFT) * share
            painter.fillRect(QRectF(at, tile.top(), tile.right() - at, tile.height()), theme.color("canvas", 0.5))
            painter.fillRect(QRectF(at - 1, tile.top(), 2, tile.height()), theme.color("t1"))

    def _paint_snippet(self, painter: QPainter, tile: QRectF, text: str) -> None:
        """A few words in the serif face; words are broken only where they must be."""
        font = self.theme.font("manuscript")
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(self.theme.color("t2"))
        metrics, lines, line = QFontMetrics(font), [], ""
        width, most = int(tile.width()) - 20, 4
        queue = " ".join(text.lstrip("# \n").split()[:40]).split(" ")
        for word in queue:
            trial = f"{line} {word}".strip()
            if metrics.horizontalAdvance(trial) <= width or not line:
                line = trial
                continue
            lines.append(line)
            line = word
            if len(lines) == most:
                break
        if line and len(lines) < most:
            lines.append(line)
        elif lines:
            lines[-1] += "…"
        for number, words in enumerate(lines):
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width + 4)
            painter.drawText(QPointF(tile.left() + 10, tile.top() + 21 + number * 16), shown)

    def _paint_duration(self, painter: QPainter, tile: QRectF, result: dict[str, Any]) -> None:
        seconds = (result.get("meta") or {}).get("seconds")
        if not isinstance(seconds, (int, float)) or result.get("kind") not in ("audio", "video", "score"):
            return
        font = self.theme.font("mono")
        font.setPixelSize(11)
        painter.setFont(font)
        text = clock(seconds)
        if result["kind"] in SOUNDS:
            text = clock(max(seconds, 1))
            painter.setPen(self.theme.color("t1"))
            painter.drawText(tile.adjusted(0, 0, -7, -6), BOTTOM_RIGHT, text)
            return
        width = painter.fontMetrics().horizontalAdvance(text) + 8
        tag = QRectF(tile.right() - width - 4, tile.bottom() - 20, width, 16)
        box(painter, tag, 4, self.theme.color("label", 0.76))
        painter.setPen(self.theme.color("on_label"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_badge(self, painter: QPainter, rect: QRectF, icon: str, ink: str) -> None:
        box(painter, rect, 5, self.theme.color("label", 0.76))
        self.theme.icons.paint(painter, rect.adjusted(3, 2, -3, -2), icon, ink, weight="fill")

    def _paint_tray(self, painter: QPainter, tile: QRectF, result: dict[str, Any]) -> None:
        tray = QRectF(tile.left(), tile.bottom() - TRAY, tile.width(), TRAY)
        painter.fillRect(tray, self.theme.color("label", 0.84))
        liked = result.get("liked") or 0
        buttons = (("star", bool(result.get("starred")), "#F0B95A"), ("thumbs-up", liked > 0, "#4BD4B4"),
                   ("thumbs-down", liked < 0, "#FF7B72"))
        for n, (icon, on, ink) in enumerate(buttons):
            spot = QRectF(tray.left() + n * THUMB / 3 + THUMB / 6 - 8, tray.center().y() - 8, 16, 16)
            self.theme.icons.paint(painter, spot, icon, ink if on else "#FFFFFF", weight="fill" if on else "regular")


class ResultsView(QListView):
    """One row that scrolls sideways. It reports clicks on the small buttons; keys go to the strip."""

    button_clicked = Signal(str, str)
    """Result id, and "star", "like" or "dislike"."""
    menu_asked = Signal(object)
    """Where, in global coordinates."""
    key_pressed = Signal(QKeyEvent)
    current_moved = Signal()

    def __init__(self, theme: Theme, loader: ImageLoader, model: ResultsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setModel(model)
        self.tiles = Thumbnails(theme, loader, self)
        self.setItemDelegate(self.tiles)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setDragEnabled(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Results")
        self.setFixedHeight(THUMB + 2)
        self.setStyleSheet("QListView { background: transparent; border: none; padding: 0; }"
                           "QListView::item { padding: 0; margin: 0; min-height: 0; }")
        loader.thumbnail_ready.connect(lambda *_: self.viewport().update())
        loader.failed.connect(lambda *_: self.viewport().update())
        theme.changed.connect(self.viewport().update)

    def currentChanged(self, current: QModelIndex | QPersistentModelIndex,
                       previous: QModelIndex | QPersistentModelIndex) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        self.current_moved.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() * (2 / 3)
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - int(delta.x() or delta.y()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            button = Thumbnails.button_at(Thumbnails.tile(self.visualRect(index)), event.position())
            result = index.data(ResultsModel.ResultRole)
            if button and result is not None and self.currentIndex() == index:
                self.button_clicked.emit(result["id"], button)
                return
            if not Thumbnails.tile(self.visualRect(index)).contains(event.position()):
                return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
        self.key_pressed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(at)
            if index.isValid():
                self.go_to(index.row())
            where = event.globalPos()
        else:
            where = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.menu_asked.emit(where)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.viewport().update()

    def show_playing(self, result: str, share: float) -> None:
        """A result is heard, and so far it is; "" where none is."""
        if (result, share) != self.tiles.playing:
            self.tiles.playing = (result, share)
            self.viewport().update()

    def go_to(self, row: int) -> None:
        index = self.model().index(row, 0)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)
