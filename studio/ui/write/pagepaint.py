"""What the page paints around its text: title, authorship rules, bullets, quote bars, scene breaks, the focus veil."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QPainter, QPen, QTextBlock

from studio.ui.theme import Theme
from studio.ui.write.look import BAR, INDENT
from studio.ui.write.story import Story

if TYPE_CHECKING:
    from studio.ui.write.manuscript import Manuscript

RULE, RULE_GAP = 3, 24
PLACEHOLDER = "Start writing, or ask for a first line below."
BULLETS = "•◦▪"


class FootNotes:
    """The footnotes of a scene, listed behind its text."""

    GAP = 6

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.all: list[tuple[int, str]] = []

    def read(self, story: Story) -> bool:
        """Take them from the story; whether their number or text has changed."""
        before = [text for _, text in self.all]
        self.all = story.runs.objects("footnote")
        return before != [text for _, text in self.all]

    def _heights(self, width: int) -> list[int]:
        metrics = QFontMetrics(self.theme.font("prompt"))
        box = QRect(0, 0, max(40, width - self.theme.dp(24)), 100_000)
        return [metrics.boundingRect(box, int(Qt.TextFlag.TextWordWrap), text).height() + self.GAP
                for _, text in self.all]

    def height(self, width: int) -> int:
        return sum(self._heights(width)) + 24 if self.all else 0

    def paint(self, painter: QPainter, left: float, top: float, width: int) -> None:
        painter.fillRect(QRectF(left, top, 96, 1), self.theme.color("line2"))
        y, indent = top + 12, self.theme.dp(24)
        for number, ((_, text), height) in enumerate(zip(self.all, self._heights(width), strict=True), 1):
            painter.setFont(self.theme.font("strong", tnum=True))
            painter.setPen(self.theme.color("spring"))
            painter.drawText(QRectF(left, y, indent, self.theme.dp(20)), Qt.AlignmentFlag.AlignVCenter, str(number))
            painter.setFont(self.theme.font("prompt"))
            painter.setPen(self.theme.color("t2"))
            painter.drawText(QRectF(left + indent, y, width - indent, height), int(Qt.TextFlag.TextWordWrap), text)
            y += height

    def at(self, point: QPointF, top: float, width: int) -> int | None:
        """The position in the text of the note under a point."""
        y = top + 12
        for (position, _), height in zip(self.all, self._heights(width), strict=True):
            if y <= point.y() < y + height:
                return position
            y += height
        return None


class PagePainter:
    """Paints for one page; everything in viewport coordinates."""

    def __init__(self, page: Manuscript) -> None:
        self.page = page
        self.notes = FootNotes(page.theme)

    def notes_top(self) -> float:
        """Where the list of footnotes begins: below what stands under the last paragraph."""
        last = self.page.document().lastBlock()
        return self.page.block_rect(last).bottom() + self.page.last_gap() + 28

    def under(self, painter: QPainter, exposed: QRectF) -> None:
        """What lies below the text."""
        page, theme = self.page, self.page.theme
        view = page.viewport()
        painter.fillRect(view.rect(), theme.color("page"))
        painter.fillRect(0, 0, 1, view.height(), theme.color("line"))
        painter.fillRect(view.width() - 1, 0, 1, view.height(), theme.color("line"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._title(painter)
        block = page.cursorForPosition(QPointF(0, max(0.0, exposed.top())).toPoint()).block()
        if block.previous().isValid():
            block = block.previous()  # its room may reach in
        while block.isValid():
            rect = page.block_rect(block)
            if rect.top() > exposed.bottom():
                break
            self._paragraph(painter, block, rect)
            block = block.next()
        if self.notes.all and not block.isValid():
            left = page.document().rootFrame().frameFormat().leftMargin()
            self.notes.paint(painter, left, self.notes_top(), page.column_width())
        if page.document().isEmpty():
            self._placeholder(painter)

    def over(self, painter: QPainter) -> None:
        """What lies over the text: in focus mode a veil over all but the paragraph of the caret."""
        page = self.page
        if not page.focus_mode:
            return
        veil = QColor(page.theme.color("page"))
        veil.setAlphaF(0.62)
        rect = page.block_rect(page.textCursor().block()).toRect()
        view = page.viewport().rect()
        painter.fillRect(view.left() + 1, view.top(), view.width() - 2, max(0, rect.top()), veil)
        painter.fillRect(view.left() + 1, rect.bottom() + 2, view.width() - 2, max(0, view.bottom() - rect.bottom()),
                         veil)

    # ------------------------------------------------------------ parts

    def _title(self, painter: QPainter) -> None:
        page, theme = self.page, self.page.theme
        caption, title = page.head
        if not title and not caption:
            return
        margin = page.document().rootFrame().frameFormat().leftMargin()
        width = page.viewport().width() - 2 * margin
        top = 28.0 - page.verticalScrollBar().value()
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("t3"))
        painter.drawText(QRectF(margin, top, width, theme.dp(18)), Qt.AlignmentFlag.AlignVCenter, caption)
        font = theme.font("chapter")
        painter.setFont(font)
        painter.setPen(theme.color("t1"))
        shown = QFontMetricsF(font).elidedText(title, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRectF(margin, top + theme.dp(20), width, theme.dp(40)), Qt.AlignmentFlag.AlignVCenter, shown)

    def _paragraph(self, painter: QPainter, block: QTextBlock, rect: QRectF) -> None:
        page, story = self.page, self.page.story
        number = block.blockNumber()
        if number >= len(story.blocks):
            return
        look = story.blocks[number]
        if look.style in ("bullet", "number"):
            self._bullet(painter, block, rect)
        elif look.style == "quote":
            self._bars(painter, block, rect)
        elif look.style == "code":
            wide = QRectF(rect.left() + 4, rect.top() - 1, rect.width() - 8, rect.height() + 2)
            painter.fillRect(wide, page.theme.color("control", 0.5))
        elif look.style == "break":
            self._break(painter, rect)
        if page.authorship and story.spans.all and block.length() > 1:
            start = block.position()
            written = story.spans.paragraph(start, start + block.length() - 1)
            if written != "yours":
                self._rule(painter, rect, written == "edited")

    def _bullet(self, painter: QPainter, block: QTextBlock, rect: QRectF) -> None:
        page, theme = self.page, self.page.theme
        number = block.blockNumber()
        look = page.story.blocks[number]
        text = BULLETS[min(look.level, 2)] if look.style == "bullet" else f"{self._count(number)}."
        painter.setFont(theme.font("manuscript"))
        painter.setPen(theme.color("t2"))
        room = theme.dp(INDENT)
        height = theme.line_height("manuscript")
        frame = page.document().rootFrame().frameFormat()
        at = look.level * room
        if block.textDirection() == Qt.LayoutDirection.RightToLeft:
            right = page.viewport().width() - frame.rightMargin() - at
            place = QRectF(right - room, rect.top(), room - 6, height)
        else:
            place = QRectF(frame.leftMargin() + at - 6, rect.top(), room, height)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _count(self, number: int) -> int:
        """Which item of its list a paragraph is."""
        blocks, count = self.page.story.blocks, 1
        level = blocks[number].level
        for at in range(number - 1, -1, -1):
            above = blocks[at]
            if above.style not in ("number", "bullet") or above.level < level:
                break
            if above.level == level:
                if above.style != "number":
                    break
                count += 1
        return count

    def _bars(self, painter: QPainter, block: QTextBlock, rect: QRectF) -> None:
        page, theme = self.page, self.page.theme
        look = page.story.blocks[block.blockNumber()]
        frame = page.document().rootFrame().frameFormat()
        below = block.next()
        joined = below.isValid() and page.story.blocks[below.blockNumber()].style == "quote"
        bottom = page.block_rect(below).top() if joined else rect.bottom()
        for level in range(look.level + 1):
            x = frame.leftMargin() + level * theme.dp(BAR) + 4
            if block.textDirection() == Qt.LayoutDirection.RightToLeft:
                x = page.viewport().width() - frame.rightMargin() - level * theme.dp(BAR) - 4
            painter.fillRect(QRectF(x, rect.top() + 2, 2, bottom - rect.top() - 2), theme.color("line2"))

    def _break(self, painter: QPainter, rect: QRectF) -> None:
        theme, width = self.page.theme, self.page.viewport().width()
        painter.setBrush(theme.color("t3"))
        painter.setPen(Qt.PenStyle.NoPen)
        for offset in (-16, 0, 16):
            painter.drawEllipse(QPointF(width / 2 + offset, rect.top() + theme.line_height("manuscript") / 2), 2, 2)

    def _rule(self, painter: QPainter, rect: QRectF, dashed: bool) -> None:
        page = self.page
        x = page.document().rootFrame().frameFormat().leftMargin() - RULE_GAP + RULE / 2
        pen = QPen(page.theme.color("iris"), RULE)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if dashed else Qt.PenCapStyle.RoundCap)
        if dashed:
            pen.setDashPattern([5 / RULE, 4 / RULE])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, rect.top() + 4), QPointF(x, rect.bottom() - 1))

    def _placeholder(self, painter: QPainter) -> None:
        page = self.page
        margin = page.document().rootFrame().frameFormat().leftMargin()
        painter.setFont(page.theme.font("manuscript"))
        painter.setPen(page.theme.color("t3"))
        top = page.block_rect(page.document().firstBlock()).top()
        line = QRectF(margin, top, page.viewport().width() - 2 * margin, page.theme.line_height("manuscript"))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, PLACEHOLDER)
        if page.hint:
            painter.setFont(page.theme.font("prompt"))
            below = QRectF(margin, line.bottom() + page.theme.dp(20), page.viewport().width() - 2 * margin, 4000)
            painter.drawText(below, int(Qt.TextFlag.TextWordWrap), f"Synopsis: {page.hint}")
