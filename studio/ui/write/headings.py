"""Chapter titles: a line that starts with "# " stands in the chapter face; its marks show only at the caret."""

from __future__ import annotations

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextBlock, QTextCharFormat, QTextDocument

from studio.ui.theme import Theme


def mark_length(line: str) -> int:
    """Length of the title mark "# " or "## ", 0 for body text."""
    for mark in ("# ", "## ", "### "):
        if line.startswith(mark) and len(line) > len(mark):
            return len(mark)
    return 0


class Headings(QSyntaxHighlighter):
    """Dresses titles without touching the document, so that it needs no undo."""

    def __init__(self, theme: Theme, document: QTextDocument) -> None:
        super().__init__(document)
        self.theme = theme
        self._caret = -1

    def set_caret(self, block: QTextBlock) -> None:
        """Show the marks of the title in which the caret is, hide those of the one it left."""
        number = block.blockNumber()
        if number == self._caret:
            return
        old, self._caret = self._caret, number
        document = self.document()
        for each in (document.findBlockByNumber(old), block):
            if each.isValid() and mark_length(each.text()):
                self.rehighlightBlock(each)

    def highlightBlock(self, text: str) -> None:
        length = mark_length(text)
        if not length:
            return
        title = QTextCharFormat()
        font = self.theme.font("chapter" if length == 2 else "manuscript")
        font.setWeight(font.Weight.DemiBold)
        if length == 3:
            font.setPixelSize(self.theme.dp(21))
        title.setFont(font)
        title.setForeground(self.theme.color("t1"))
        self.setFormat(length, len(text) - length, title)
        mark = QTextCharFormat(title)
        mark.setForeground(self.theme.color("t4"))
        if self.currentBlock().blockNumber() != self._caret:
            hidden = self.theme.font("caption")
            hidden.setPixelSize(1)
            mark.setFont(hidden)
            mark.setForeground(QColor(0, 0, 0, 0))
        self.setFormat(0, length, mark)
