"""Other words at a place: of the ghost's first word, and of words that a machine wrote into the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QPoint, QRect, Signal
from PySide6.QtGui import QKeyEvent

from studio.project import ResultRow
from studio.ui.session import Session
from studio.ui.theme import Theme
from studio.ui.write.assist.alternatives import Alternatives
from studio.ui.write.assist.branches import Branches
from studio.ui.write.assist.ghost import Ghost
from studio.ui.write.assist.ghostpaint import GhostPainter
from studio.ui.write.assist.ghoststate import Choice, read_choices
from studio.ui.write.assist.joined import JoinedPage
from studio.ui.write.assist.page import Change
from studio.ui.write.text import units

GHOST_MOST = 5
"""So many are offered beside the ghost; ten for a word in the text."""


@dataclass(frozen=True)
class Found:
    """A word in the text and what else could stand there: start, and the end of what the machine wrote from it on."""

    start: int
    end: int
    choice: Choice
    result: str


class OtherWords(QObject):
    """One list over the page."""

    accepted = Signal(str)
    said = Signal(str)

    def __init__(self, theme: Theme, session: Session, page: JoinedPage, ghost: Ghost, painter: GhostPainter,
                 branches: Branches, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.page, self.ghost, self.painter, self.branches = session, page, ghost, painter, branches
        self.list = Alternatives(theme, page.pane)
        self.found: Found | None = None
        self._asked = False
        self._length = 0
        """The list was asked for by command, not by the pointer."""
        self._texts: dict[str, tuple[str, tuple[Choice, ...]]] = {}
        self.list.picked.connect(self.pick)
        self.list.closed.connect(lambda: page.page.setFocus())
        ghost.changed.connect(self._ghost_changed)
        page.hovered.connect(self._hovered)
        page.pressed.connect(self.close)
        page.edited.connect(self._left)
        page.page.verticalScrollBar().valueChanged.connect(lambda _: self._scrolled())
        page.resized.connect(self._resized)

    # ------------------------------------------------------------ the ghost

    def _ghost_changed(self) -> None:
        options = self.ghost.options()[:GHOST_MOST]
        if self.found is not None:
            if not self.ghost.shown:
                return
            self.found = None
        if not options or not self.page.focused():
            self.list.hide()
            return
        self.painter.paint_once()
        self._open(options, self.painter.first_word.toAlignedRect(), self.ghost.state.word())

    def _resized(self) -> None:
        if self.found is not None:
            self._place()
        elif self.list.isVisible():
            self._ghost_changed()

    def _open(self, options: Any, rect: QRect, current: str) -> None:
        """Beside the column of the text, at the height of the word."""
        view = self.page.widget()
        _, right = self.page.margins()
        near = QRect(view.mapTo(self.page.pane, QPoint(int(right), rect.top())), rect.size())
        near.setWidth(1)
        self.list.show_options(options, near, current=current, covered=self.page.pane.page.bottom_inset)

    # ------------------------------------------------------------ words in the text

    def _hovered(self, at: int) -> None:
        if at < 0:
            if self.found is not None and not self._asked and not self.list.underMouse():
                self.close()
            return
        if not self.ghost.shown:
            self.look(at)

    def show_here(self) -> None:
        """At the caret, by command: the list takes the focus."""
        at = self.page.caret()
        if not self.look(at, focus=True) and not self.look(at - 1, focus=True):
            self.said.emit("The words here are not a machine's, or it kept no other words for them.")

    def look(self, at: int, *, focus: bool = False) -> bool:
        """Offer other words for the one at a position; False where there can be none."""
        span = self.page.span(at)
        if span is None or not span[2]:
            if self.found is not None:
                self.close()
            return False
        result = span[2]
        if result in self._texts:
            return self._show(at, result, focus)
        self.session.read(lambda: self._read(result), lambda read: self._known(result, read, at, focus))
        return True

    def _read(self, result: str) -> tuple[str, tuple[Choice, ...]]:
        try:
            row: ResultRow = self.session.project.result(result)
            return self.session.project.media(row.media)[0].decode("utf-8", "replace"), read_choices(row.meta)
        except KeyError:
            return "", ()

    def _known(self, result: str, read: tuple[str, tuple[Choice, ...]], at: int, focus: bool) -> None:
        self._texts[result] = read
        if not self._show(at, result, focus) and focus:
            self.said.emit("The machine kept no other words for this place.")

    def _show(self, at: int, result: str, focus: bool) -> bool:
        found = self.locate(at, result)
        self.found, self._asked = found, focus
        if found is None:
            self.list.hide()
            return False
        self._length = self.page.length()
        self._place()
        if focus:
            self.list.setFocus()
        return True

    def _word_end(self, found: Found) -> int:
        text, _ = self._texts[found.result]
        return found.start + units(text[found.choice.start : found.choice.start + found.choice.length])

    def locate(self, at: int, result: str) -> Found | None:
        """The token of the result that stands at a position, by what stands around it."""
        span = self.page.span(at)
        if span is None:
            return None
        text, choices = self._texts[result]
        start, end, _ = span
        piece = self.page.text(start, end)
        offset = text.find(piece)
        if offset < 0 or not piece:
            return None
        here = offset + len(self.page.text(start, at))
        choice = next((c for c in choices if c.start <= here < c.start + c.length and c.options), None)
        if choice is None or choice.start < offset:
            return None
        return Found(start + units(text[offset : choice.start]), end, choice, result)

    # ------------------------------------------------------------ picking

    def pick(self, number: int) -> None:
        """Go on from another word: with the ghost, or in the text from this place on."""
        found, self.found = self.found, None
        if found is None:
            self.list.hide()
            self.page.page.setFocus()
            self.ghost.choose(number)
            return
        option = found.choice.options[number]
        self.list.hide()
        self.page.page.setFocus()
        rest = self.page.text(found.start, found.end)
        self.branches.store(found.start, rest, found.result)
        self.page.change([Change(found.start, found.end - found.start, option.text, found.result)])
        self.page.set_caret(found.start + units(option.text))
        self.accepted.emit(option.text)
        self.ghost.ask()

    def close(self) -> None:
        self.found = None
        self.list.hide()

    def _left(self) -> None:
        """The text has changed; who wrote it may change without that."""
        if self.found is not None and self.page.length() != self._length:
            self.close()

    def _scrolled(self) -> None:
        if self.found is not None and not self._asked:
            self.close()
        elif self.found is not None:
            self._place()
        elif self.list.isVisible():
            self._ghost_changed()

    def _place(self) -> None:
        """Beside its word, wherever that is by now."""
        found = self.found
        if found is not None:
            rect = self.page.rect(found.start, self._word_end(found) - found.start).toAlignedRect()
            self._open(found.choice.options, rect, self.page.text(found.start, self._word_end(found)))

    def take_key(self, event: QKeyEvent) -> bool:
        return self.list.take_key(event)
