"""One side of a suggestion: the passage with what goes struck, or with what comes underlined."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed
from studio.ui.widgets.notices import announce
from studio.ui.write.assist.worddiff import Piece, hunks

Side = Literal["old", "new"]
FONT, LINE = 15, 25
"""px of the face, and of a line."""
MOST_SHOWN = 20_000
"""Longest text that is laid out, in characters."""


def line_x(line: Any, at: int) -> float:
    """Where a position of a `QTextLine` is, in pixels from the layout's left."""
    found = line.cursorToX(at)
    return float(found[0] if isinstance(found, tuple) else found)


def line_rects(document: QTextDocument, start: int, end: int) -> list[QRectF]:
    """Where the characters [start, end) (UTF-16 units) are, a rectangle for each line."""
    out = []
    block = document.findBlock(start)
    while block.isValid() and block.position() < end:
        layout, at = block.layout(), block.position()
        corner = layout.position()
        for number in range(layout.lineCount()):
            line = layout.lineAt(number)
            low = max(start - at, line.textStart())
            high = min(end - at, line.textStart() + line.textLength())
            if low < high:
                x0, x1 = line_x(line, low), line_x(line, high)
                out.append(QRectF(corner.x() + min(x0, x1), corner.y() + line.y(), abs(x1 - x0), line.height()))
        block = block.next()
    return out


class DiffText(Themed, QWidget):
    """Shows one side of the pieces. Signal ``toggled(int)``: a person has clicked the hunk at this place of the list,
    or pressed Space on it; Left and Right go from one hunk to the next."""

    toggled = Signal(int)
    focus_radius = 4.0

    def __init__(self, theme: Theme, name: str, side: Side, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.side: Side = side
        self._name = name
        self.pieces: list[Piece] = []
        self.picked: frozenset[int] = frozenset()
        self._at = -1
        self._places: list[tuple[int, int, int]] = []
        self._document = QTextDocument(self)
        self._document.setDocumentMargin(0)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._document.setDefaultTextOption(option)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        self.init_theme(theme)

    # ------------------------------------------------------------ what is shown

    def set_pieces(self, pieces: Sequence[Piece], picked: Collection[int] = ()) -> None:
        """Show these; `picked` are the hunks that were picked out by the person."""
        self.pieces, self.picked = list(pieces), frozenset(picked)
        places = hunks(self.pieces)
        self._at = self._at if self._at in places else -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if places and self.side == "new" else Qt.FocusPolicy.NoFocus)
        self._fill()

    def set_text(self, text: str) -> None:
        """Show a text that is not compared."""
        self.set_pieces([Piece(text, text)] if text else [])

    def text(self) -> str:
        return "".join(p.old if self.side == "old" else p.new for p in self.pieces)

    def _font(self) -> QFont:
        font = self.theme.font("manuscript")
        font.setPixelSize(self.theme.dp(FONT))
        return font

    def _fill(self) -> None:
        self._document.clear()
        self._document.setDefaultFont(self._font())
        cursor = QTextCursor(self._document)
        paragraph = QTextBlockFormat()
        paragraph.setLineHeight(self.theme.dp(LINE), QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor.setBlockFormat(paragraph)
        self._places, shown = [], 0
        for at, piece in enumerate(self.pieces):
            text = (piece.old if self.side == "old" else piece.new)[: MOST_SHOWN - shown]
            shown += len(text)
            look = QTextCharFormat()
            gone = self.side == "old" and not piece.same
            look.setForeground(self.theme.color("t3" if gone or (self._off(at) and not piece.same) else "t1"))
            start = cursor.position()
            cursor.insertText(text, look)
            if not piece.same and text:
                self._places.append((at, start, cursor.position()))
        self.setAccessibleDescription(self.text()[:2000])
        self._fit()
        self.update()

    def _off(self, at: int) -> bool:
        """Whether the person has picked other hunks than this."""
        return bool(self.picked) and at not in self.picked

    def retheme(self) -> None:
        self._fill()

    # ------------------------------------------------------------ size

    def heightForWidth(self, width: int) -> int:
        self._document.setTextWidth(max(40, width))
        height = int(self._document.size().height() + 0.99)
        self._document.setTextWidth(max(40, self.width()))
        return max(height, self.theme.dp(LINE))

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(self.width()))

    def resizeEvent(self, event: object) -> None:
        self._fit()

    def _fit(self) -> None:
        self._document.setTextWidth(max(40, self.width()))
        height = self.heightForWidth(self.width())
        if self.minimumHeight() != height or self.maximumHeight() != height:
            self.setFixedHeight(height)

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rects = {at: line_rects(self._document, start, end) for at, start, end in self._places}
        if self.side == "new":
            for at, found in rects.items():
                self._paint_tint(painter, at, found)
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, self.theme.color("t1"))
        self._document.documentLayout().draw(painter, context)
        for at, found in rects.items():
            self._paint_line(painter, at, found)
        if self.hasFocus() and self._at in rects:
            painter.setPen(QPen(self.theme.color("spring"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for rect in rects[self._at]:
                painter.drawRoundedRect(rect.adjusted(-2, 1, 2, 0), 3, 3)

    def _paint_tint(self, painter: QPainter, at: int, rects: list[QRectF]) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.color("ok", 0.06 if self._off(at) else 0.18)))
        for rect in rects:
            painter.drawRect(rect.adjusted(-1, 3, 1, -1))

    def _paint_line(self, painter: QPainter, at: int, rects: list[QRectF]) -> None:
        """Struck on the side of what goes, underlined on the side of what comes."""
        token = "err" if self.side == "old" else "ok"
        pen = QPen(self.theme.color(token, 0.45 if self._off(at) else 1.0), 2 if self.side == "new" else 1.6)
        if at in self.picked and self.side == "new":
            pen.setWidthF(3)
        painter.setPen(pen)
        for rect in rects:
            y = rect.bottom() - 2 if self.side == "new" else rect.center().y() + 2
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))

    # ------------------------------------------------------------ input

    def hunk_at(self, point: QPointF) -> int:
        """The hunk under a point, -1 if there is none."""
        for at, start, end in self._places:
            if any(rect.contains(point) for rect in line_rects(self._document, start, end)):
                return at
        return -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self.hunk_at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if over >= 0 else Qt.CursorShape.ArrowCursor)
        self.setToolTip("Click to take only this change, or not" if over >= 0 else "")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        over = self.hunk_at(event.position())
        if over >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.toggled.emit(over)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
        if event.key() in steps and not event.modifiers():
            self._go(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Space and self._at >= 0:
            self.toggled.emit(self._at)
        else:
            super().keyPressEvent(event)

    def _go(self, by: int) -> None:
        places = hunks(self.pieces)
        if not places:
            return
        now = places.index(self._at) if self._at in places else (-1 if by > 0 else 0)
        self._at = places[(now + by) % len(places)]
        piece = self.pieces[self._at]
        chosen = ", picked" if self._at in self.picked else ""
        announce(self, f"Change {places.index(self._at) + 1} of {len(places)}: {piece.old.strip() or 'nothing'} "
                       f"becomes {piece.new.strip() or 'nothing'}{chosen}")
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._at < 0:
            self._go(1)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
