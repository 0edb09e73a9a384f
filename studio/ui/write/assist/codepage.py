"""Code in a manuscript: colours by pygments, indentation, and a whole scene as a page of code. Nothing is run.

A page of code is a scene whose paragraphs are all code, so that every export knows it as such.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QTextBlock

from studio.project.manuscript.rows import Block
from studio.ui.session import Session
from studio.ui.write.assist import codecolours
from studio.ui.write.assist.joined import JoinedPage
from studio.ui.write.text import units

LATE_MS = 150
LONGEST_LINE = 400
"""A longer line waits for the colours of the whole."""
Ranges = list[tuple[int, int, str]]
"""Start and length in UTF-16 units, and the token of the theme."""


def by_line(text: str, language: str) -> list[tuple[str, Ranges]]:
    """Every line with the ranges in it that have a colour; what goes over lines is cut at their ends."""
    lines = text.split("\n")
    out: list[tuple[str, Ranges]] = [(line, []) for line in lines]
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    number = 0
    for start, length, token in codecolours.coloured(text, language):
        while number + 1 < len(starts) and starts[number + 1] <= start:
            number += 1
        here, end = number, start + length
        while here < len(lines) and starts[here] < end:
            low, high = max(start, starts[here]) - starts[here], min(end - starts[here], len(lines[here]))
            if low < high:
                line = lines[here]
                out[here][1].append((units(line[:low]), units(line[low:high]), token))
            here += 1
    return out


class CodePage(QObject):
    """The code of the scene on the page. Colours of the whole come from another thread; the line that is typed in has
    colours of its own until then."""

    def __init__(self, session: Session, page: JoinedPage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.page = session, page
        self.language = "python"
        self._known: dict[str, Ranges] = {}
        self._lines: list[tuple[str, Ranges]] = []
        self._first = 0
        self._late = QTimer(self, singleShot=True, interval=LATE_MS)
        self._late.timeout.connect(self.colour)
        page.edited.connect(self._edited)
        page.pane.node_shown.connect(lambda _: self._shown())
        self._shown()

    # ------------------------------------------------------------ a page of code

    @property
    def on(self) -> bool:
        """Whether the whole scene is code."""
        return all(block.style == "code" for block in self.page.story.blocks)

    def toggle(self) -> None:
        """Make the scene a page of code, or prose again; one step of undo."""
        block = Block() if self.on else Block("code")
        self.page.story.set_blocks(0, self.page.length(), block)
        self._late.start()

    def is_code(self, at: int) -> bool:
        return self.page.is_code(at)

    # ------------------------------------------------------------ colours

    def _shown(self) -> None:
        dresser: Any = self.page.story.dresser
        if dresser is not None:
            dresser.coloured = self.colours
        self._known, self._lines = {}, []
        self._late.start()

    def _edited(self) -> None:
        self._late.start()  # whether there is any code is looked at when the keys rest, not at each of them

    def colours(self, block: QTextBlock) -> Ranges:
        """Of one paragraph of code, as it is highlighted."""
        text, number = block.text(), block.blockNumber() - self._first
        if 0 <= number < len(self._lines) and self._lines[number][0] == text:
            return self._lines[number][1]
        if text not in self._known:
            if len(self._known) > 2000:
                self._known.clear()
            self._known[text] = by_line(text, self.language)[0][1] if len(text) <= LONGEST_LINE else []
        return self._known[text]

    def colour(self) -> None:
        """Find the colours of all code anew."""
        story = self.page.story
        numbers = [n for n, block in enumerate(story.blocks) if block.style == "code"]
        if not numbers:
            return
        first, last = numbers[0], numbers[-1]
        begin = story.document.findBlockByNumber(first)
        end = story.document.findBlockByNumber(last)
        text = self.page.text(begin.position(), end.position() + end.length() - 1)

        def found() -> tuple[str, list[tuple[str, Ranges]]]:
            language = codecolours.guess(text)
            return language, by_line(text, language)

        self.session.read(found, lambda got: self._coloured(story, first, *got))

    def _coloured(self, story: Any, first: int, language: str, lines: list[tuple[str, Ranges]]) -> None:
        if story is not self.page.story or story.dresser is None:
            return
        before = {n + self._first: ranges for n, (_, ranges) in enumerate(self._lines)}
        self.language, self._first, self._lines = language, first, lines
        for number, (text, ranges) in enumerate(lines, first):
            block = story.document.findBlockByNumber(number)
            if block.isValid() and block.text() == text and before.get(number) != ranges:
                story.dresser.restyle(block)

    # ------------------------------------------------------------ keys

    def take_key(self, event: QKeyEvent) -> bool:
        """Enter keeps the indentation, and deepens it behind a colon or an open bracket."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or event.modifiers() & ~(
                Qt.KeyboardModifier.KeypadModifier):
            return False
        cursor = self.page.page.textCursor()
        if cursor.hasSelection() or not self.is_code(cursor.position()):
            return False
        if not cursor.block().text() and not self.on:
            return False  # an empty line leaves a piece of code, but not a page of it
        line = cursor.block().text()[: cursor.positionInBlock()]
        cursor.insertText("\n" + codecolours.indent_after(line, self.language))
        self.page.page.ensureCursorVisible()
        return True
