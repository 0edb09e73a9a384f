"""The list of layers: choosing, dragging, renaming, and the keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QListView, QWidget

from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.ui.canvas.panels.layerdrag import Landing, landing_at
from studio.ui.canvas.panels.layermodel import Index, LayerModel, Row
from studio.ui.canvas.panels.layerpaint import EYE, INDENT, LayerRows
from studio.ui.canvas.panels.thumbs import Thumbs
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed

Flag = QItemSelectionModel.SelectionFlag
Mods = Qt.KeyboardModifier
NONE = Mods.NoModifier

KEYS: dict[tuple[int, int], str] = {
    (Qt.Key.Key_J, Mods.ControlModifier.value): "duplicate", (Qt.Key.Key_G, Mods.ControlModifier.value): "group",
    (Qt.Key.Key_G, (Mods.ControlModifier | Mods.ShiftModifier).value): "ungroup",
    (Qt.Key.Key_Up, Mods.AltModifier.value): "raise", (Qt.Key.Key_Down, Mods.AltModifier.value): "lower",
    (Qt.Key.Key_Delete, 0): "delete", (Qt.Key.Key_Backspace, 0): "delete", (Qt.Key.Key_F2, 0): "rename",
    (Qt.Key.Key_Space, 0): "visible", (Qt.Key.Key_Left, 0): "fold", (Qt.Key.Key_Right, 0): "unfold",
}
"""What keys do while the list has the focus; they go before the shortcuts of the window."""
TIPS = {"eye": "Show or hide; Alt: show it alone", "lock": "Lock against every change",
        "alpha": "Lock transparency: painting only changes colours", "fold": "Fold or unfold",
        "mask": "Layer mask: click to paint on it, Shift turns it off, Ctrl selects it",
        "thumbnail": "Click to paint on the picture, Ctrl selects what is in it"}


def command_of(event: QKeyEvent) -> str:
    """The command of a key press, "" for none."""
    modifiers = event.modifiers() & ~Mods.KeypadModifier
    return KEYS.get((event.key(), modifiers.value), "")


class LayerList(Themed, QListView):
    """Shows a picture's layers and says what the person does with them; it changes nothing itself."""

    chosen = Signal(str)
    """Another layer is the current one."""
    clicked_part = Signal(str, str, object)
    """Layer, part ("eye", "lock", "alpha", "fold", "thumbnail", "mask") and the keyboard modifiers."""
    renamed = Signal(str, str)
    moved = Signal(list, str, int)
    """Layers, parent and index among its children."""
    commanded = Signal(str)
    menu_asked = Signal(QPoint)
    """Global position."""

    def __init__(self, theme: Theme, thumbs: Thumbs, picture: Picture, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.thumbs, self.picture = thumbs, picture
        self.active, self.live, self.painting_mask = picture.active, "", False
        self._settled: dict[str, Layer] = {}
        self.hovered = -1
        self.hot: tuple[int, str] = (-1, "")
        self.drop_into = ""
        self.by_keyboard = False
        self._press: tuple[QPoint, int, bool] | None = None
        self._anchor = -1
        self._landing: Landing | None = None
        self._dragging = False
        self._at = QPoint()
        self._rows = LayerModel(self)
        self.setModel(self._rows)
        self.delegate = LayerRows(theme, self)
        self.setItemDelegate(self.delegate)
        self._set_up()
        self._scroll = QTimer(self, interval=30)
        self._scroll.timeout.connect(self._scroll_on)
        thumbs.ready.connect(self._thumbnail_ready)
        self.init_theme(theme)

    def _set_up(self) -> None:
        self.setAccessibleName("Layers")
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setProperty("noFocusRing", True)
        self.setStyleSheet("QListView { background: transparent; border: none; }"
                           "QListView::item { padding: 0; margin: 0; min-height: 0; border-radius: 0; }")

    # ------------------------------------------------------------ showing

    def show_picture(self, picture: Picture, settled: Picture | None = None) -> None:
        """Follow the document; what was selected stays selected. Thumbnails are those of `settled`, which is what is
        committed where `picture` is a preview."""
        kept, before = self.selected(), (self.active, self.picture)
        self.picture, self.active = picture, picture.active
        self._settled = {layer.id: layer for layer, _ in settled.walk()} if settled is not None else {}
        if self._rows.show(picture, pixels=settled is None or settled is picture):
            self.thumbs.keep({layer.id for layer, _ in picture.walk()})
            self._select(kept)
        self._follow_active()
        if before[0] != self.active or (before[1].width, before[1].height) != (picture.width, picture.height):
            self.viewport().update()

    def settled(self, layer: Layer) -> Layer:
        """The layer without a preview on it."""
        return self._settled.get(layer.id, layer)

    def _follow_active(self) -> None:
        place = self._rows.place_of(self.active)
        if place < 0 or self.currentIndex().row() == place:
            return
        index = self._rows.index(place, 0)
        flag = Flag.NoUpdate if self.selectionModel().isSelected(index) else Flag.ClearAndSelect
        self.blockSignals(True)
        self.selectionModel().setCurrentIndex(index, flag)
        self.blockSignals(False)
        self.scrollTo(index)

    def _select(self, ids: list[str]) -> None:
        for key in ids:
            if (place := self._rows.place_of(key)) >= 0:
                self.selectionModel().select(self._rows.index(place, 0), Flag.Select)

    def selected(self) -> list[str]:
        """The selected layers, topmost first; the active one where nothing is."""
        chosen = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        ids = [self._rows.rows[row].layer.id for row in chosen if row < len(self._rows.rows)]
        return ids or ([self.active] if self.active else [])

    def set_live(self, layer: str) -> None:
        """The layer that a live generation paints; "" for none."""
        self.live = layer
        self.viewport().update()

    def set_painting_mask(self, on: bool) -> None:
        if on != self.painting_mask:
            self.painting_mask = on
            self.viewport().update()

    def rename(self, layer: str) -> None:
        """Open the field for a layer's name."""
        if (place := self._rows.place_of(layer)) >= 0:
            self.edit(self._rows.index(place, 0))

    def retheme(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.viewport().update()
        super().retheme()

    def _thumbnail_ready(self, layer: str, _: str) -> None:
        if (place := self._rows.place_of(layer)) >= 0:
            self.update(self._rows.index(place, 0))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        row = self._rows.row(current)
        if row is not None and row.layer.id != self.active and not self.signalsBlocked():
            self.chosen.emit(row.layer.id)

    # ------------------------------------------------------------ the pointer

    def _part_at(self, at: QPointF) -> tuple[Index, str]:
        index = self.indexAt(at.toPoint())
        return index, self.delegate.parts(index).at(at) if index.isValid() else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.by_keyboard = False
        index, part = self._part_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            if index.isValid() and not self.selectionModel().isSelected(index):
                self.selectionModel().setCurrentIndex(index, Flag.ClearAndSelect)
            return
        row: Row = index.data(LayerModel.RowRole)
        if part in ("eye", "lock", "alpha", "fold"):
            self.clicked_part.emit(row.layer.id, part, event.modifiers())
            return
        # a press on one of several selected rows may begin a drag of all of them: it chooses on release
        waits = self.selectionModel().isSelected(index) and not event.modifiers()
        if not waits:
            self._choose(index, event.modifiers() if part == "name" else NONE)
        self._press = (event.position().toPoint(), index.row(), waits)
        if part in ("thumbnail", "mask"):
            self.clicked_part.emit(row.layer.id, part, event.modifiers())

    def _choose(self, index: Index, modifiers: Qt.KeyboardModifier) -> None:
        """As lists do it: Ctrl adds or takes out one row, Shift takes all from the row chosen last to this one."""
        model, row = self.selectionModel(), index.row()
        if modifiers & Mods.ShiftModifier and 0 <= self._anchor < len(self._rows.rows):
            first, last = sorted((self._anchor, row))
            span = QItemSelection(self._rows.index(first, 0), self._rows.index(last, 0))
            model.select(span, Flag.ClearAndSelect)
            model.setCurrentIndex(index, Flag.NoUpdate)
        else:
            self._anchor = row
            model.setCurrentIndex(index, Flag.Toggle if modifiers & Mods.ControlModifier else Flag.ClearAndSelect)
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._press is not None and event.buttons() & Qt.MouseButton.LeftButton:
            far = (at.toPoint() - self._press[0]).manhattanLength() >= QApplication.startDragDistance()
            if self._dragging or far:
                self._drag_to(at.toPoint())
            return
        index, part = self._part_at(at)
        hot = (index.row() if index.isValid() else -1, part)
        if hot != self.hot or self.hovered != hot[0]:
            self.hot, self.hovered = hot, hot[0]
            self.setToolTip(TIPS.get(part, ""))
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        press, self._press = self._press, None
        if self._dragging:
            landing = self._landing
            self._end_drag()
            if landing is not None:
                self.moved.emit(self.selected(), landing.parent, landing.index)
        elif press is not None and press[2]:
            self.selectionModel().setCurrentIndex(self._rows.index(press[1], 0), Flag.ClearAndSelect)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index, part = self._part_at(event.position())
        if index.isValid() and part == "name":
            self._press = None
            self.edit(index)
        elif index.isValid() and part in ("eye", "lock", "alpha", "fold"):
            self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered, self.hot = -1, (-1, "")
        self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        where = event.globalPos()
        if event.reason() != QContextMenuEvent.Reason.Mouse:
            where = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.menu_asked.emit(where)

    # ------------------------------------------------------------ dragging

    def _drag_to(self, at: QPoint) -> None:
        if not self._dragging:
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._scroll.start()
        self._at = at
        offset = self.verticalOffset()
        self._landing = landing_at(self.picture, self._rows.rows, QPointF(at.x(), at.y() + offset),
                                   self.delegate.height(), self.selected())
        self.drop_into = self._landing.parent if self._landing is not None and self._landing.gap < 0 else ""
        self.viewport().update()

    def _end_drag(self) -> None:
        self._dragging, self._landing, self.drop_into = False, None, ""
        self._scroll.stop()
        self.unsetCursor()
        self.viewport().update()

    def _scroll_on(self) -> None:
        """Near an edge, a drag scrolls."""
        y, bar = self._at.y(), self.verticalScrollBar()
        step = -8 if y < 20 else 8 if y > self.viewport().height() - 20 else 0
        if step:
            bar.setValue(bar.value() + step)
            self._drag_to(self._at)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        landing = self._landing
        if landing is None or landing.gap < 0:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = landing.gap * self.delegate.height() - self.verticalOffset()
        y = max(2, min(self.viewport().height() - 2, y))
        left = EYE - 4 + landing.depth * INDENT
        colour = self.theme.color("spring")
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(left + 6, y), QPointF(self.viewport().width() - 8, y))
        painter.drawEllipse(QRectF(left - 2, y - 3.5, 7, 7))

    # ------------------------------------------------------------ keys

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and command_of(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.by_keyboard = True
        if self._dragging and event.key() == Qt.Key.Key_Escape:
            self._press = None
            self._end_drag()
            return
        command = command_of(event)
        if command == "rename":
            self.rename(self.active)
        elif command:
            self.commanded.emit(command)
        elif event.text() and not event.modifiers() & (Mods.ControlModifier | Mods.AltModifier) \
                and event.text().isprintable():
            event.ignore()  # single letters are the tools' keys, not a search
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.by_keyboard = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason,
                                              Qt.FocusReason.ShortcutFocusReason)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
