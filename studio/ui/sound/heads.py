"""The heads of the tracks: name, mute, solo, record, volume, pan and a meter."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.project.sound import Arrangement, Track, edits
from studio.ui.sound.document import SoundDocument
from studio.ui.sound.lanes import LEAST, MOST, Lanes
from studio.ui.sound.meters import NOTHING, Level, Meter
from studio.ui.surface import Surface
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, tooltip
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import SliderField
from studio.ui.widgets.popup import Menu
from studio.ui.widgets.text import TextField

WIDTH = 216
ICONS = {"voice": "microphone", "music": "music-notes", "ambience": "wind", "notes": "piano-keys"}
KINDS = {"voice": "Voice", "music": "Music", "ambience": "Ambience", "notes": "Notes"}
QUIETEST, LOUDEST = -60.0, 12.0
"""What the slider of a track reaches, dB; the value may be typed lower."""


class PanKnob(Themed, QWidget):
    """A small dial from left to right: drag up and down, arrow keys, double-click for the middle."""

    value_changed = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = 0.0
        self._drag: tuple[float, float] | None = None
        """Where a drag began, and the value there."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Pan")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.init_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(28), self.theme.dp(28))

    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        """Without `value_changed`."""
        self._value = min(max(value, -1.0), 1.0)
        self.setToolTip(tooltip(f"Pan: {pan_words(self._value)}"))
        self.setAccessibleDescription(pan_words(self._value))
        self.update()

    def _change(self, value: float) -> None:
        before = self._value
        self.set_value(round(value, 2))
        if self._value != before:
            self.value_changed.emit(self._value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag = (event.position().y(), self._value)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            fine = 0.1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
            self._change(self._drag[1] + (self._drag[0] - event.position().y()) / 60 * fine)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._change(0.0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -0.1, Qt.Key.Key_Down: -0.1, Qt.Key.Key_Right: 0.1, Qt.Key.Key_Up: 0.1}
        key = Qt.Key(event.key())
        if key in steps:
            self._change(self._value + steps[key])
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Home):
            self._change(0.0)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = theme.dp(18)
        area = QRectF(0, 0, side, side)
        area.moveCenter(QRectF(self.rect()).center())
        painter.setPen(QPen(theme.color("line2"), 1.5))
        painter.setBrush(theme.color("control"))
        painter.drawEllipse(area)
        angle = self._value * math.radians(135)
        centre, reach = area.center(), side / 2 - 2
        tip = centre + QPointF(math.sin(angle) * reach, -math.cos(angle) * reach)
        pen = QPen(theme.color("t1"), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(centre, tip)


def pan_words(value: float) -> str:
    """Such as "30 % left"."""
    return "middle" if abs(value) < 0.005 else f"{abs(value):.0%} {'left' if value < 0 else 'right'}".replace("%", " %")


class RecordButton(IconButton):
    """Red while it is on."""

    def __init__(self, theme: Theme, name: str, key: str = "", parent: QWidget | None = None, *,
                 always: bool = False) -> None:
        """always: red while it is off too."""
        self._always = always
        super().__init__(theme, "record", name, key=key, checkable=True, filled=not always, parent=parent)
        self.icon_weight = "fill"

    def ink(self) -> str:
        return "err" if self.isEnabled() and (self._always or self.isChecked()) else super().ink()

    def fill(self) -> QColor | None:
        return self.theme.color("err_t") if self.isChecked() else super().fill()


class TrackHead(Surface):
    """One track. It changes the document itself."""

    menu_asked = Signal(str, QPoint)
    dragged = Signal(str, int)
    """Id, and how far down in the list of tracks the pointer is, in pixels: it is to be put elsewhere."""
    dropped = Signal(str, int)

    def __init__(self, theme: Theme, track: Track, document: SoundDocument, parent: QWidget | None = None) -> None:
        super().__init__(theme, "panel", "bottom", parent)
        self.document, self.track = document, track
        self._press: tuple[int, int, bool] | None = None  # where it was pressed (y), the lane's height, at its edge?
        self._dragging = False
        self.setMouseTracking(True)
        self.setAccessibleName(f"Track {track.name}")
        self.name = TextField(theme, "Name", text=track.name)
        self.name.setFrame(False)
        self.name.setProperty("bare", True)
        self.name.editingFinished.connect(self._rename)
        more = IconButton(theme, "dots-three", "Track menu")
        more.clicked.connect(lambda: self.menu_asked.emit(self.track.id, more.mapToGlobal(QPoint(0, more.height()))))
        self.mute = PushButton(theme, "M", variant="secondary", name="Mute", key="M", checkable=True)
        self.solo = PushButton(theme, "S", variant="secondary", name="Solo", key="Shift+M", checkable=True)
        self.arm = RecordButton(theme, "Record here", key="Shift+R")
        self.pan, self.meter = PanKnob(theme), Meter(theme, f"Level of {track.name}", upright=True, channels=1)
        self.gain = SliderField(theme, "Volume", QUIETEST, LOUDEST, value=0.0, step=0.5, default=0.0)
        for button, field in ((self.mute, "mute"), (self.solo, "solo"), (self.arm, "armed")):
            button.toggled.connect(lambda on, name=field: self._set(**{name: on}))
        self.gain.value_changed.connect(lambda value: self._set("Volume", gain=value))
        self.pan.value_changed.connect(lambda value: self._set("Pan", pan=value))
        self._lay_out(theme, more)
        self.show_track(track)

    def _lay_out(self, theme: Theme, more: QWidget) -> None:
        top, middle, low = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        top.setSpacing(6)
        top.addSpacing(theme.dp(26))
        top.addWidget(self.name, 1)
        top.addWidget(more)
        middle.setSpacing(6)
        for widget in (self.mute, self.solo, self.arm):
            middle.addWidget(widget)
        middle.addStretch(1)
        pan = Label(theme, "Pan", "body", "t3")
        middle.addWidget(pan)
        middle.addWidget(self.pan)
        low.addWidget(self.gain)
        column = QVBoxLayout()
        column.setSpacing(4)
        for row in (top, middle, low):
            column.addLayout(row)
        column.addStretch(1)
        across = QHBoxLayout(self)
        across.setContentsMargins(10, 8, 8, 8)
        across.setSpacing(8)
        across.addLayout(column, 1)
        across.addWidget(self.meter)
        self._middle = [self.mute, self.solo, self.arm, self.pan, pan]
        for button in (self.mute, self.solo, self.arm, more):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click Space still plays

    def show_track(self, track: Track) -> None:
        """The document has another value for it."""
        self.track = track
        for button, on in ((self.mute, track.mute), (self.solo, track.solo), (self.arm, track.armed)):
            button.blockSignals(True)
            button.setChecked(on)
            button.blockSignals(False)
        if not self.name.hasFocus():
            self.name.setText(track.name)
        self.gain.set_value(track.gain)
        self.pan.set_value(track.pan)
        self.update()

    def _rename(self) -> None:
        name = " ".join(self.name.text().split())
        if name and name != self.track.name:
            self.document.edit("Rename the track", lambda old: edits.set_track(old, self.track.id, name=name))
        else:
            self.name.setText(self.track.name)

    def _set(self, label: str = "", **changes: object) -> None:
        name = label or next(iter(changes)).capitalize()
        self.document.edit(name, lambda old: edits.set_track(old, self.track.id, **changes),
                           merge=f"{label}:{self.track.id}" if label else "")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.document.choose(track=self.track.id)
        if event.button() == Qt.MouseButton.RightButton:
            self.menu_asked.emit(self.track.id, event.globalPosition().toPoint())
        elif event.button() == Qt.MouseButton.LeftButton:
            y = round(event.position().y())
            self._press, self._dragging = (y, self.height(), self._at_edge(y)), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        y = round(event.position().y())
        if self._press is None:
            self.setCursor(Qt.CursorShape.SizeVerCursor if self._at_edge(y) else Qt.CursorShape.ArrowCursor)
            return
        begin, height, edge = self._press
        self._dragging = self._dragging or abs(y - begin) >= 5
        if edge:
            self.document.preview(self._resize(height + y - begin))
        elif self._dragging:
            self.dragged.emit(self.track.id, self.y() + y)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        press, self._press = self._press, None
        if press is None or not self._dragging:
            self.document.preview(None)
            return
        y = round(event.position().y())
        if press[2]:
            self.document.edit("Height", self._resize(press[1] + y - press[0]))
        else:
            self.dropped.emit(self.track.id, self.y() + y)

    def _at_edge(self, y: int) -> bool:
        return y >= self.height() - 5

    def _resize(self, pixels: int) -> Callable[[Arrangement], Arrangement]:
        height = min(max(round(pixels / self.theme.text_scale), LEAST), MOST)
        return lambda old: edits.set_track(old, self.track.id, height=height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A low lane keeps name and buttons only."""
        self.gain.setVisible(self.height() >= self.theme.dp(104))
        for widget in self._middle:
            widget.setVisible(self.height() >= self.theme.dp(72))

    def paintEvent(self, event: QPaintEvent) -> None:
        chosen = self.document.chosen.track == self.track.id
        self._token = "raised" if chosen else "panel"
        super().paintEvent(event)
        painter, theme = QPainter(self), self.theme
        colour = self.track.colour or self.track.kind
        painter.fillRect(0, 0, 3, self.height() - 1, theme.color(colour))
        size = theme.dp(16)
        place = QRectF(14, 8 + (theme.dp(28) - size) / 2, size, size)
        theme.icons.paint(painter, place, ICONS[self.track.kind], colour)


class TrackHeads(Surface):
    """All heads, at the heights of their lanes, with the count above and "Add track" below."""

    scrolled = Signal(int)
    menu_asked = Signal(str, QPoint)

    def __init__(self, theme: Theme, document: SoundDocument, lanes: Lanes, parent: QWidget | None = None) -> None:
        super().__init__(theme, "chrome", "right", parent)
        self.document, self.lanes = document, lanes
        self.heads: dict[str, TrackHead] = {}
        self.add = PushButton(theme, "Add track", variant="quiet", icon="plus", parent=self)
        self.add.clicked.connect(self._add_menu)
        self._line = Surface(theme, "spring", parent=self)
        """Where a track that is dragged would come."""
        self._line.hide()
        self.setFixedWidth(theme.dp(WIDTH))
        self.setAccessibleName("Tracks")
        document.changed.connect(self.refresh)
        document.chosen_changed.connect(self._chosen)
        self.refresh()

    def refresh(self) -> None:
        """A head for each track, in order and in place."""
        tracks = self.document.shown.tracks
        for gone in set(self.heads) - {track.id for track in tracks}:
            self.heads.pop(gone).deleteLater()
        for track in tracks:
            head = self.heads.get(track.id)
            if head is None:
                head = self.heads[track.id] = TrackHead(self.theme, track, self.document, self)
                head.menu_asked.connect(self.menu_asked)
                head.dragged.connect(self._show_place)
                head.dropped.connect(self._put)
                head.show()
            elif head.track is not track:
                head.show_track(track)
        self.place()

    def place(self) -> None:
        """Follow the lanes."""
        for lane in self.lanes.all():
            if (head := self.heads.get(lane.track)) is not None:
                head.setGeometry(0, lane.top, self.width() - 1, lane.height)
        self.add.ensurePolished()
        self.add.setGeometry(8, self.lanes.height - self.lanes.scroll + 6, self.add.sizeHint().width(),
                             self.theme.dp(28))

    def rename(self, track: str) -> None:
        """Let a track's name be typed."""
        if (head := self.heads.get(track)) is not None:
            head.name.setFocus()
            head.name.selectAll()

    def _place_at(self, y: int) -> int:
        """Before which lane something at a height comes."""
        return sum(1 for lane in self.lanes.all() if y > lane.top + lane.height / 2)

    def _show_place(self, _track: str, y: int) -> None:
        lanes, place = self.lanes.all(), self._place_at(y)
        top = lanes[place].top if place < len(lanes) else lanes[-1].bottom
        self._line.setGeometry(0, top - 1, self.width(), 2)
        self._line.show()
        self._line.raise_()

    def _put(self, track: str, y: int) -> None:
        self._line.hide()
        now = next(index for index, lane in enumerate(self.lanes.all()) if lane.track == track)
        place = self._place_at(y)
        place -= place > now
        if place != now:
            self.document.edit("Move the track", lambda old: edits.move_track(old, track, place))

    def meters(self) -> list[Meter]:
        """Those of all tracks."""
        return [head.meter for head in self.heads.values()]

    def show_levels(self, levels: dict[str, Level]) -> None:
        for track, head in self.heads.items():
            head.meter.show_level(levels.get(track, NOTHING))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.place()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.scrolled.emit(-event.angleDelta().y() // 2)
        event.accept()

    def _chosen(self) -> None:
        for head in self.heads.values():
            head.update()

    def _add_menu(self) -> None:
        menu = Menu(self.theme, "Add track", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind, title in KINDS.items():
            action = menu.addAction(self.theme.icons.icon(ICONS[kind]), title)
            action.triggered.connect(lambda _=False, kind=kind: self.document.edit("Add track", _adder(kind)))
        menu.popup(self.add.mapToGlobal(QPoint(0, self.add.height() + 2)))


def _adder(kind: str) -> Callable[[Arrangement], tuple[Arrangement, str]]:
    return lambda old: edits.add_track(old, kind, KINDS[kind])  # type: ignore[arg-type]
