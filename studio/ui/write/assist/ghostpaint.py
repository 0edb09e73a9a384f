"""Paints the ghost after the caret, in as many lines as it needs, and the keys that take it below."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen, QTextLayout, QTextOption

from studio.ui.theme import Theme
from studio.ui.widgets.base import box
from studio.ui.widgets.labels import key_text
from studio.ui.write.assist.difftext import line_x
from studio.ui.write.assist.ghost import Ghost
from studio.ui.write.assist.page import PageSide, Room

HINTS = (("ghost.accept", "accept"), ("ghost.word", "word"), ("ghost.next", "next"), ("", "other word"))
HINT_ROOM = 44
SEEN_LINES = 3
"""So many lines are kept clear of the prompt bar from the first word on: the page does not move line by line."""
ARROWS = {"Right": "→", "Left": "←", "Down": "↓", "Up": "↑"}


def short_key(sequence: str) -> str:
    """A key as the hint shows it: "Ctrl+Right" gives "Ctrl →"."""
    return " ".join(ARROWS.get(part, part) for part in key_text(sequence).split(" "))


class GhostPainter:
    """Holds the room below the paragraph while there is a ghost."""

    def __init__(self, theme: Theme, ghost: Ghost, page: PageSide, key: Callable[[str], str]) -> None:
        self.theme, self.ghost, self.page, self._key = theme, ghost, page, key
        self._room: Room | None = None
        self._at = -1
        self._clear = 0.0
        """Height below the caret's line that was scrolled free of the prompt bar."""
        self._lead = ""
        """What stands before the ghost's text in the layout, and is no part of it."""
        self.first_word = QRectF()
        """Where the first word is, for the list of other words."""
        ghost.changed.connect(self.follow)

    # ------------------------------------------------------------ room

    def follow(self) -> None:
        """Make the room that the ghost needs, or give it back."""
        ghost = self.ghost
        if not ghost.shown:
            if self._room is not None:
                self._room.remove()
                self._room = None
            self._clear = 0.0
            self.page.repaint()
            return
        moved = self._at != ghost.origin and self.page.paragraph(self._at) != self.page.paragraph(ghost.origin)
        if self._room is not None and moved:
            self._room.remove()
            self._room = None
        if self._room is None:
            self._room = self.page.room(ghost.origin)
        if self._at != ghost.origin:
            self._clear = 0.0
        self._at = ghost.origin
        layout, below = self._lay_out()
        last = layout.lineAt(layout.lineCount() - 1)
        over = 0.0 if below else self._line()
        self._room.set_height(int(max(0.0, last.y() + self._line() - over)) + self.theme.dp(HINT_ROOM))
        self._keep_clear(last.y() + self._line(), below)
        self.page.repaint()

    def fit(self) -> None:
        """The page has another size."""
        self._clear = 0.0
        if self.ghost.shown:
            self.follow()

    def _keep_clear(self, height: float, below: bool) -> None:
        """Let ghost and hints stand above the prompt bar, as soon as they need more room than they had."""
        wanted = max(height, SEEN_LINES * self._line()) + self.theme.dp(HINT_ROOM)
        caret = self.page.caret_rect()
        if wanted <= self._clear or caret.bottom() < 0 or caret.top() > self.page.widget().height():
            return
        self._clear = wanted
        top = self._room.rect().top() if below and self._room is not None else caret.top()
        self.page.reveal(QRectF(caret.left(), top, 2, wanted))

    def _line(self) -> float:
        return float(max(self.page.line_height(self.ghost.origin), QFontMetrics(self._font()).height()))

    def _font(self) -> QFont:
        return self.page.font(self.ghost.origin)

    def _below(self) -> bool:
        """In the middle of a paragraph there is no room behind the caret: the ghost stands below it."""
        start, length = self.page.paragraph(self.ghost.origin)
        return bool(self.page.text(self.ghost.origin, start + length).strip())

    def _lay_out(self) -> tuple[QTextLayout, bool]:
        """The text in lines, relative to the left edge of the text and the top of its first line."""
        left, right = self.page.margins(self.ghost.origin)
        below = self._below()
        caret = self.page.caret_rect()
        indent = 0.0 if below else caret.left() - left + 3
        self._lead = "… " if below else ""
        first = self.ghost.state.word().rstrip()
        if not below and QFontMetrics(self._font()).horizontalAdvance(first) > right - left - indent:
            self._lead = "\u2028"  # a word that does not fit behind the caret begins the next line
        shown = self.ghost.shown.replace("\n", "\u2028")
        text = self._lead + (shown.lstrip(" ") if self._lead == "\u2028" else shown)
        layout = QTextLayout(text, self._font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        y = 0.0
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            begin = indent if y == 0 else 0.0
            line.setLineWidth(max(40.0, right - left - begin))
            line.setPosition(QPointF(begin, y))
            y += self._line()
        layout.endLayout()
        return layout, below

    # ------------------------------------------------------------ painting

    def paint_once(self) -> None:
        """Find out where the first word is before it is painted."""
        from PySide6.QtGui import QPixmap

        nowhere = QPixmap(1, 1)
        painter = QPainter(nowhere)
        self.paint(painter)
        painter.end()

    def paint(self, painter: QPainter) -> None:
        """In the coordinates of the page's viewport."""
        if not self.ghost.shown or self._room is None:
            return
        layout, below = self._lay_out()
        left, _right = self.page.margins(self.ghost.origin)
        caret = self.page.caret_rect()
        height = QFontMetrics(self._font()).height()
        top = self._room.rect().top() + 4 if below else caret.center().y() - height / 2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setPen(self.theme.color("ghost"))
        layout.draw(painter, QPointF(left, top))
        self._underline_first(painter, layout, QPointF(left, top), height)
        last = layout.lineAt(layout.lineCount() - 1)
        self._paint_hints(painter, QPointF(left, top + last.y() + self._line() + self.theme.dp(10)))
        painter.restore()

    def _underline_first(self, painter: QPainter, layout: QTextLayout, corner: QPointF, height: float) -> None:
        """The word that other words are offered for is underlined in iris."""
        word = self.ghost.state.word()
        blank = 0 if self._lead == "\u2028" else len(word) - len(word.lstrip())
        lead = blank + len(self._lead)
        line = layout.lineForTextPosition(lead)
        if not line.isValid() or not word.strip():
            return
        a, b = line_x(line, lead), line_x(line, lead + len(word.strip()))
        self.first_word = QRectF(corner.x() + a, corner.y() + line.y(), b - a, height)
        if self.ghost.options():
            painter.setPen(QPen(self.theme.color("iris"), 1.5))
            under = self.first_word.translated(0, 1)
            painter.drawLine(under.bottomLeft(), under.bottomRight())

    def _paint_hints(self, painter: QPainter, at: QPointF) -> None:
        theme, x = self.theme, at.x()
        caption = theme.font("caption")
        metrics = QFontMetrics(caption)
        number, of = self.ghost.state.number
        for command, words in HINTS:
            if not command and not self.ghost.options():
                continue
            key = short_key(self._key(command)) if command else f"Alt 1–{min(5, len(self.ghost.options()))}"
            if not key:
                continue
            wide = metrics.horizontalAdvance(key) + 10
            cap = QRectF(x, at.y(), wide, theme.dp(18))
            painter.setFont(caption)
            box(painter, cap, 4, None, theme.color("line2"))
            painter.setPen(theme.color("t2"))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
            told = f"{words} ({number} of {of})" if command == "ghost.next" and of > 1 else words
            long = metrics.horizontalAdvance(told)
            painter.setPen(theme.color("t3"))
            painter.drawText(QRectF(x + wide + 6, at.y(), long + 2, theme.dp(18)), Qt.AlignmentFlag.AlignVCenter, told)
            x += wide + 6 + long + 16
