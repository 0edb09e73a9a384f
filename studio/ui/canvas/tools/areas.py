"""What the selection tools share: modes by modifiers, the outline while it is drawn, the edit at the end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QKeyEvent, QPainter, QPainterPath, QPen

from studio.project.paint.picture import Picture
from studio.project.paint.selecting import Mode, cut, select_none, select_path
from studio.ui.canvas.tools.base import CLICK, PointerEvent, Tool, ToolHost

LARGE = 2_000_000
"""A selection over more pixels than this, or a feathered one, is made off the UI thread."""
WORDS: dict[Mode, str] = {"replace": "Select", "add": "Add to selection", "subtract": "Subtract from selection",
                          "intersect": "Intersect selection"}


def mode_of(event: PointerEvent, chosen: Mode, selected: bool) -> Mode:
    """Shift adds, Alt subtracts, both intersect; without them what the bar says. Nothing to change: a new selection."""
    mode: Mode = chosen
    if event.shift or event.alt:
        mode = "intersect" if event.shift and event.alt else "add" if event.shift else "subtract"
    return mode if selected else "replace"


def commit_path(host: ToolHost, tool: str, path: QPainterPath, mode: Mode) -> None:
    """Take the inside of a path into the selection."""
    options, box = host.state.options(tool), path.boundingRect()

    def edit(picture: Picture) -> Picture:
        return select_path(picture, path, mode, feather=options.feather, antialias=options.antialias)

    heavy = options.feather > 0 or box.width() * box.height() > LARGE
    (host.document.run if heavy else host.document.edit)(WORDS[mode], edit)


def paint_outline(painter: QPainter, host: ToolHost, path: QPainterPath, closed: bool = True) -> None:
    """A path of the document as the person draws it: a sky line over a dark one, faintly filled."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape = host.camera.transform().map(path)
    painter.setBrush(host.theme.color("sky", 0.16) if closed else Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 110), 3))
    painter.drawPath(shape)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(host.theme.color("sky"), 1.5))
    painter.drawPath(shape)


def paint_note(painter: QPainter, host: ToolHost, at: QPointF, words: str) -> None:
    """A label at the pointer, inside the view: numbers of what is being dragged."""
    theme = host.theme
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(theme.font("body", tnum=True))
    size = painter.fontMetrics().size(0, words)
    card = QRectF(at.x() + 16, at.y() + 18, size.width() + 16, size.height() + 8)
    area = QRectF(host.widget.rect()).adjusted(4, 4, -4, -4)
    card.moveLeft(min(card.left(), area.right() - card.width()))
    card.moveTop(card.top() if card.bottom() < area.bottom() else at.y() - card.height() - 12)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("label", 0.84))
    painter.drawRoundedRect(card, 5, 5)
    painter.setPen(theme.color("on_label"))
    painter.drawText(card, Qt.AlignmentFlag.AlignCenter, words)


class BoxSelectTool(Tool):
    """Rectangle and ellipse. Once the drag has begun Shift makes the sides equal and Alt draws from the centre; a drag
    that begins inside the selection moves it; a click takes it away."""

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._start: QPointF | None = None
        self._end = QPointF()
        self._from = QPointF()
        self._mode: Mode = "replace"
        self._spent = (False, False)
        self._moving: Picture | None = None
        self._moved = self._centred = False
        self._at = QPointF()

    def shape(self, box: QRectF) -> QPainterPath:
        """The path in a box of the document."""
        raise NotImplementedError

    def press(self, event: PointerEvent) -> None:
        picture = self.host.document.picture
        self._from, self._moved = event.screen, False
        self._start = self._end = whole(self.host.snap(event.pos))
        self._mode = mode_of(event, self.host.state.options(self.id).mode, picture.selection is not None)
        # A modifier that chose the mode does not change the shape before it was let go once.
        self._spent = (event.shift, event.alt)
        inside = self._mode == "replace" and not (event.shift or event.alt) and selected_at(picture, event.pos)
        self._moving = picture if inside else None

    def move(self, event: PointerEvent) -> None:
        if self._start is None:
            return
        if not self._moved and (event.screen - self._from).manhattanLength() < CLICK:
            return
        self._moved = True
        self._spent = (self._spent[0] and event.shift, self._spent[1] and event.alt)
        self._end = whole(self.host.snap(event.pos))
        if self._moving is not None:
            delta = self._end - self._start
            self.host.document.preview(shifted(self._moving, round(delta.x()), round(delta.y())))
            return
        if event.shift and not self._spent[0]:
            self._end = squared(self._start, self._end)
        self._centred = event.alt and not self._spent[1]
        self._at = event.screen
        self.host.update()

    def moves(self, events: Sequence[PointerEvent]) -> None:
        self.move(events[-1])

    def release(self, event: PointerEvent) -> None:
        start, self._start = self._start, None
        if start is None:
            return
        document, moving = self.host.document, self._moving
        self._moving = None
        if not self._moved:
            if self._mode == "replace":
                document.edit("Deselect", select_none)
        elif moving is not None:
            delta = self._end - start
            document.edit("Move selection", lambda p: shifted(p, round(delta.x()), round(delta.y())))
        else:
            commit_path(self.host, self.id, self.shape(self._box(start)), self._mode)
        self._centred = False
        self.host.update()

    def cancel(self) -> bool:
        was, self._start = self._start is not None, None
        if self._moving is not None:
            self._moving = None
            self.host.document.preview(None)
        self.host.update()
        return was

    @property
    def busy(self) -> bool:
        return self._start is not None

    def key_press(self, event: QKeyEvent) -> bool:
        return self._start is not None and event.key() in (Qt.Key.Key_Shift, Qt.Key.Key_Alt)

    def paint(self, painter: QPainter) -> None:
        if self._start is None or not self._moved or self._moving is not None:
            return
        box = self._box(self._start)
        paint_outline(painter, self.host, self.shape(box))
        paint_note(painter, self.host, self._at, f"{box.width():.0f} × {box.height():.0f}")

    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.CrossCursor)

    def _box(self, start: QPointF) -> QRectF:
        if self._centred:
            return QRectF(start * 2 - self._end, self._end).normalized()
        return QRectF(start, self._end).normalized()


def whole(point: QPointF) -> QPointF:
    """The nearest corner of pixels."""
    return QPointF(round(point.x()), round(point.y()))


def squared(start: QPointF, end: QPointF) -> QPointF:
    """`end` moved so that the box has equal sides, the longer ones."""
    delta = end - start
    side = max(abs(delta.x()), abs(delta.y()))
    return start + QPointF(side if delta.x() >= 0 else -side, side if delta.y() >= 0 else -side)


def selected_at(picture: Picture, at: QPointF) -> bool:
    """Whether a document point is selected, by half or more."""
    if picture.selection is None:
        return False
    return bool(picture.selection.read(int(at.x() // 1), int(at.y() // 1), 1, 1)[0, 0] > 127)


def shifted(picture: Picture, dx: int, dy: int) -> Picture:
    """The selection moved, cut to the canvas."""
    if picture.selection is None or (dx, dy) == (0, 0):
        return picture
    return picture.with_selection(cut(picture.selection.translated(dx, dy), picture.rect))
