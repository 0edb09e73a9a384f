"""What keys and buttons do with the prose on the page: styles, emphasis, lists, and the shortcuts of Markdown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor

from studio.project.manuscript.rows import BODY, MAX_LEVEL, OBJECT, Block, Mark, Prose, Style

if TYPE_CHECKING:
    from studio.ui.write.manuscript import Manuscript

LISTS = ("bullet", "number", "quote")
CTRL, SHIFT, ALT = (Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier,
                    Qt.KeyboardModifier.AltModifier)
LOOK_KEYS: dict[tuple[Qt.Key, Qt.KeyboardModifier], str] = {
    (Qt.Key.Key_B, CTRL): "bold", (Qt.Key.Key_I, CTRL): "italic", (Qt.Key.Key_U, CTRL): "underline",
    (Qt.Key.Key_X, CTRL | SHIFT): "strike", (Qt.Key.Key_M, CTRL | SHIFT): "code",
}
"""Keys of the page itself: Ctrl+I is the inspector's everywhere else."""
MARKDOWN: tuple[tuple[str, Block], ...] = (
    ("# ", Block("h1")), ("## ", Block("h2")), ("### ", Block("h3")), ("> ", Block("quote")), ("- ", Block("bullet")),
    ("* ", Block("bullet")), ("1. ", Block("number")), ("1) ", Block("number")),
)
INLINE = (
    (re.compile(r"(?<!\*)\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*$"), "bold"),
    (re.compile(r"(?<![*\w])\*(?=[^\s*])([^*\n]+?)(?<=\S)\*$"), "italic"),
    (re.compile(r"(?<![_\w])_(?=[^\s_])([^_\n]+?)(?<=\S)_$"), "italic"),
    (re.compile(r"~~(?=\S)([^~\n]+?)(?<=\S)~~$"), "strike"),
    (re.compile(r"`(?=\S)([^`\n]+?)(?<=\S)`$"), "code"),
)
BREAKS = ("***", "---", "* * *", "#")
OPENERS = " \t\n([{<-–—/" + OBJECT


class Editing:
    """Acts on the story of one page.

    Attributes:
        markdown: "# ", "- ", "**bold**" and the like become what they mean as they are typed.
        typographic: straight quotes, double hyphens and three dots become what printers use.
    """

    def __init__(self, page: Manuscript) -> None:
        self.page = page
        self.markdown = True
        self.typographic = False

    # ------------------------------------------------------------ looks

    def _selection(self) -> tuple[int, int]:
        cursor = self.page.textCursor()
        return cursor.selectionStart(), cursor.selectionEnd()

    def toggle(self, kind: str) -> None:
        """Give the selection a look, or take it away; without a selection what is typed next."""
        self.page.story.toggle_look(*self._selection(), kind)
        self.page.format_changed.emit()

    def has(self, kind: str) -> bool:
        start, end = self._selection()
        story = self.page.story
        if start == end:
            return any(name == kind for name, _ in story.looks_for_typing(start))
        return story.runs.everywhere(start, end, kind)

    def clear_looks(self) -> None:
        start, end = self._selection()
        story = self.page.story
        for kind in ("bold", "italic", "underline", "strike", "code", "link"):
            story.set_look(start, end, kind, on=False)

    def style(self) -> Block:
        return self.page.story.block_at(self.page.textCursor().position())

    def set_style(self, style: Style) -> None:
        """Give the paragraphs of the selection a style; the same again makes them body text."""
        start, end = self._selection()
        story = self.page.story
        first, last = story.paragraph_of(start), story.paragraph_of(end)
        same = all(b.style == style for b in story.blocks[first:last + 1])
        new: Style = "body" if same and style != "body" else style
        story.set_blocks(start, end, lambda b: Block(new, b.level if new in LISTS and b.style in LISTS else 0))
        self.page.format_changed.emit()

    def indent(self, by: int) -> bool:
        """Put list items and quotes a level in or out; False where there are none."""
        start, end = self._selection()
        story = self.page.story
        if story.block_at(start).style not in LISTS:
            return False

        def moved(block: Block) -> Block:
            if block.style not in LISTS:
                return block
            return BODY if block.level + by < 0 else replace(block, level=min(MAX_LEVEL, block.level + by))

        story.set_blocks(start, end, moved)
        self.page.format_changed.emit()
        return True

    def insert_object(self, kind: str, value: str) -> None:
        """A footnote or a picture at the caret, as one step."""
        _, end = self._selection()
        mark = Mark(0, 1, kind, value)  # type: ignore[arg-type]
        self._put(end, end, Prose(OBJECT, (), (mark,)))

    def insert_break(self) -> None:
        """A scene break behind the paragraph of the caret, and a paragraph to go on in."""
        story, cursor = self.page.story, self.page.textCursor()
        block = cursor.block()
        empty = block.length() <= 1
        at = block.position() if empty else block.position() + block.length() - 1
        prose = Prose("\n", (Block("break"), BODY)) if empty else Prose("\n\n", (story.block_at(at), Block("break"),
                                                                                   BODY))
        self._put(at, at, prose)

    def set_link(self, url: str) -> None:
        """Link the selection (or the link around the caret) to an address; "" takes it away."""
        start, end = self._selection()
        if start == end:
            start, end = self.stretch_of("link", start)
        if start == end and url:
            self._put(start, end, Prose(url, (), (Mark(0, len(url), "link", url),)))
        elif start < end:
            self.page.story.set_look(start, end, "link", url, on=bool(url))

    def stretch_of(self, kind: str, at: int) -> tuple[int, int]:
        """Where the look around a position begins and ends; nothing where it is not there."""
        position = 0
        for length, looks in self.page.story.runs.all:
            if position <= at <= position + length and any(k == kind for k, _ in looks):
                return position, position + length
            position += length
        return at, at

    def _put(self, start: int, end: int, prose: Prose) -> None:
        self.page.go(self.page.story.replace(start, end, prose))

    # ------------------------------------------------------------ keys

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether the key was one of the prose's own."""
        key, mods = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        look = LOOK_KEYS.get((key, mods))
        if look is not None:
            self.toggle(look)
            return True
        plain = mods in (Qt.KeyboardModifier.NoModifier, SHIFT)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            return self._enter()
        if key == Qt.Key.Key_Backspace and mods == Qt.KeyboardModifier.NoModifier:
            return self._backspace()
        if key == Qt.Key.Key_Tab and mods == Qt.KeyboardModifier.NoModifier:
            return self._tab()
        if key == Qt.Key.Key_Backtab or (key == Qt.Key.Key_Tab and mods == SHIFT):
            return self.indent(-1)
        text = event.text()
        if text and text.isprintable() and not mods & (CTRL | ALT):
            return self._typed(text)
        return False

    def _tab(self) -> bool:
        cursor = self.page.textCursor()
        if self.page.story.block_at(cursor.position()).style == "code":
            cursor.insertText("    ")
            return True
        return self.indent(1)

    def _enter(self) -> bool:
        cursor, story = self.page.textCursor(), self.page.story
        block = story.block_at(cursor.position())
        if not cursor.hasSelection() and cursor.block().length() <= 1 and block.style in (*LISTS, "code"):
            story.set_blocks(cursor.position(), cursor.position(),
                             replace(block, level=block.level - 1) if block.level else BODY)
        elif not cursor.hasSelection() and cursor.block().text().strip() in BREAKS and self.markdown \
                and block.style == "body":
            at = cursor.block().position()
            self._put(at, at + cursor.block().length() - 1, Prose("\n", (Block("break"), BODY)))
        else:
            cursor.insertBlock()  # Shift+Enter too: a line break inside a paragraph is no prose
            self.page.ensureCursorVisible()
        self.page.format_changed.emit()
        return True

    def _backspace(self) -> bool:
        """At the start of a styled paragraph it first becomes body text."""
        cursor, story = self.page.textCursor(), self.page.story
        if cursor.hasSelection() or not cursor.atBlockStart():
            return False
        block = story.block_at(cursor.position())
        if block == BODY or block.style == "break":
            return False
        if block.level and block.style in LISTS:
            return self.indent(-1)
        story.set_blocks(cursor.position(), cursor.position(), BODY)
        self.page.format_changed.emit()
        return True

    # ------------------------------------------------------------ as it is typed

    def _typed(self, text: str) -> bool:
        cursor = self.page.textCursor()
        if self.typographic and (better := self._typographic(cursor, text)) is not None:
            drop, new = better
            start = cursor.selectionStart() - drop
            if drop:
                cursor.insertText(text)  # one step brings the plain keys back
                self.page.story.change([(start, drop + 1, new, "")])
            else:
                cursor.insertText(new)
            self.page.ensureCursorVisible()
            return True
        if not self.markdown or cursor.hasSelection():
            return False
        if text == " " and self._block_shortcut(cursor):
            return True
        if text in "*_~`":
            cursor.insertText(text)
            self._inline_shortcut()
            self.page.ensureCursorVisible()
            return True
        return False

    def _block_shortcut(self, cursor: QTextCursor) -> bool:
        story, start = self.page.story, cursor.block().position()
        line = story.shadow.read(start, cursor.position()) + " "
        found = next((block for mark, block in MARKDOWN if mark == line), None)
        if found is None or story.block_at(start).style != "body":
            return False
        cursor.insertText(" ")
        story.replace(start, start + len(line), Prose("", (found,)))
        self.page.go(start)
        self.page.format_changed.emit()
        return True

    def _inline_shortcut(self) -> None:
        cursor, story = self.page.textCursor(), self.page.story
        at, start = cursor.position(), cursor.block().position()
        line = story.shadow.read(start, at)
        if story.block_at(at).style == "code":
            return
        for pattern, kind in INLINE:
            found = pattern.search(line)
            if found is None:
                continue
            inner = found.group(1)
            begin = at - len(found.group().encode("utf-16-le")) // 2
            mark = Mark(0, len(inner), kind)  # type: ignore[arg-type]
            end = story.replace(begin, at, Prose(inner, (), (mark,)))
            self.page.go(end)
            story.typing = tuple(look for look in story.looks_for_typing(end) if look[0] != kind)
            return

    def _typographic(self, cursor: QTextCursor, text: str) -> tuple[int, str] | None:
        """How many characters before the caret to drop, and what to write instead; None: as typed."""
        start = cursor.selectionStart()
        before = self.page.story.shadow.read(max(0, start - 2), start)
        if self.page.story.block_at(start).style == "code" or self.has("code"):
            return None
        opens = not before or before[-1] in OPENERS or before[-1] in "“‘"
        if text == '"':
            return 0, "“" if opens else "”"
        if text == "'":
            return 0, "‘" if opens else "’"
        if text == "-" and before[-1:] == "-":
            return 1, "—"
        if text == "." and before == "..":
            return 2, "…"
        return None

