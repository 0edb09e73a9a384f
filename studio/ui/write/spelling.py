"""Spelling on the page: a wave under wrong words, suggestions in the menu, words of one's own."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QAction, QTextBlock, QTextCharFormat, QTextCursor

from studio.ui.relay import Relay
from studio.ui.widgets import Menu
from studio.ui.write.speller import BUNDLED, WORD, Speller, dictionaries

if TYPE_CHECKING:
    from studio.ui.write.desk import WriteDesk

log = logging.getLogger(__name__)

STATE, FILE, FOLDER = "dictionary", "dictionary.txt", "dictionaries"
PAUSE_MS, FIRST_MS = 350, 1500
"""New words are looked up so long after they were typed; the first time later, since the dictionary must be read."""


class Spelling(QObject):
    """Asks a speller on a thread of its own about words that were never looked up, and underlines what is wrong."""

    def __init__(self, desk: WriteDesk) -> None:
        super().__init__(desk)
        self.desk, self.page, self.session = desk, desk.pane.page, desk.session
        self.on = False
        self._unknown: set[str] = set()
        self._pool: ThreadPoolExecutor | None = None
        self._relay = Relay(self)
        self._busy = False
        self.speller = Speller(dictionaries(self.folder())[BUNDLED])
        self._timer = QTimer(self, singleShot=True, interval=FIRST_MS)
        self._timer.timeout.connect(self._ask)
        self._look = QTimer(self, singleShot=True, interval=60)
        self._look.timeout.connect(self.refresh)
        self.page.verticalScrollBar().valueChanged.connect(lambda _: self._look.start())
        self.page.theme.changed.connect(lambda *_: self._look.start())
        desk.pane.node_shown.connect(lambda _: self._dress())
        self.use(desk.control.memory.get("options", {}).get("dictionary", BUNDLED))

    # ------------------------------------------------------------ what is known

    def folder(self) -> Path | None:
        """Where further dictionaries lie."""
        return self.desk.data / FOLDER if self.desk.data is not None else None

    def own_words(self) -> set[str]:
        """Of the project and of the person."""
        words = {w for w in self.session.project.get_state(STATE, []) or [] if isinstance(w, str)}
        if self.desk.data is not None:
            try:
                words |= set((self.desk.data / FILE).read_text("utf-8").split())
            except (OSError, UnicodeDecodeError):
                pass
        return words

    def use(self, name: str) -> None:
        """Spell by this dictionary, or the bundled one where it is gone."""
        found = dictionaries(self.folder())
        self.speller.close()
        self.speller = Speller(found.get(name, found[BUNDLED]), self.own_words())
        self._dress()

    def set_on(self, on: bool) -> None:
        self.on = on
        self._dress()

    def _dress(self) -> None:
        look = self.page.look
        look.misspelt = self._misspelt if self.on else lambda _: []
        self.refresh()

    def _misspelt(self, text: str) -> list[tuple[int, int]]:
        found = self.speller.misspelt(text, self._unknown.add)
        if self._unknown and not self._timer.isActive():
            self._timer.start()
        return found

    # ------------------------------------------------------------ asking

    def _ask(self) -> None:
        if self._busy or not self.on or not self._unknown:
            return
        words, self._unknown = self._unknown, set()
        self._busy = True
        self._timer.setInterval(PAUSE_MS)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "spelling")
        speller = self.speller
        self._relay(self._pool.submit(speller.check, sorted(words)), self._checked, self._failed)

    def _checked(self, _wrong: list[str]) -> None:
        self._busy = False
        self.refresh()
        if self._unknown:
            self._timer.start()

    def _failed(self, error: BaseException) -> None:
        self._busy = False
        self.on = False
        log.info("the dictionary %s cannot be used: %s", self.speller.place, error)
        name = self.speller.place.name
        self.session.notice.emit(f"The dictionary “{name}” cannot be read, so spelling is off; choose another one in "
                                 "the menu of the outline.")
        self._dress()

    def refresh(self) -> None:
        """Underline anew what is seen, where that is not as it should be."""
        block = self.page.cursorForPosition(QPoint(0, 0)).block()
        bottom = self.page.viewport().height()
        while block.isValid() and self.page.block_rect(block).top() <= bottom:
            wanted = sum(length for _, length in self.page.look.misspelt(block.text()))
            if wanted != _waved(block):
                self.page.look.rehighlightBlock(block)
            block = block.next()

    # ------------------------------------------------------------ the menu

    def word_at(self, at: int) -> tuple[int, str] | None:
        """Start (UTF-16 units) and text of the wrong word around a position."""
        block = self.page.document().findBlock(at)
        for start, length in self.page.look.misspelt(block.text()):
            low = block.position() + start
            if low <= at <= low + length:
                return low, self.page.story.shadow.read(low, low + length)
        return None

    def fill_menu(self, menu: Menu, at: int) -> None:
        """Put suggestions at the top; they come while the menu is open."""
        found = self.word_at(at) if self.on else None
        if found is None:
            return
        start, word = found
        first = menu.actions()[0]
        waiting = QAction("Looking for suggestions…", menu)
        waiting.setEnabled(False)
        add = QAction(f"Add “{word}” to the dictionary", menu)
        add.triggered.connect(lambda *_: self.add(word))
        menu.insertActions(first, [waiting, add])
        menu.insertSeparator(first)
        open_ = [True]
        menu.destroyed.connect(open_.clear)

        def came(suggestions: list[str]) -> None:
            if not open_:
                return
            for text in suggestions:
                action = QAction(text, menu)
                font = action.font()
                font.setBold(True)
                action.setFont(font)
                action.triggered.connect(lambda *_, t=text: self.replace(start, word, t))
                menu.insertAction(waiting, action)
            waiting.setText("No suggestions")
            waiting.setVisible(not suggestions)

        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "spelling")
        self._relay(self._pool.submit(self.speller.suggest, word), came)

    def replace(self, start: int, word: str, text: str) -> None:
        """Write a suggestion in the place of the word, if that still stands there."""
        story = self.page.story
        end = start + len(word.encode("utf-16-le", "surrogatepass")) // 2
        if story.shadow.read(start, end) == word:
            story.change([(start, end - start, text, "")])
            cursor = QTextCursor(self.page.document())
            cursor.setPosition(start + len(text.encode("utf-16-le")) // 2)
            self.page.setTextCursor(cursor)

    def add(self, word: str) -> None:
        """Keep a word with the project and for the person."""
        self.speller.add(word)
        project, desk = self.session.project, self.desk
        if not project.read_only:
            kept = [w for w in project.get_state(STATE, []) or [] if isinstance(w, str)]
            self.session.store(project.set_state(STATE, sorted({*kept, word})))
        if desk.data is not None:
            try:
                desk.data.mkdir(parents=True, exist_ok=True)
                with (desk.data / FILE).open("a", encoding="utf-8") as file:
                    file.write(word + "\n")
            except OSError as error:
                self.session.notice.emit(f"The word was added to this project alone: {error.strerror or error}.")
        self.refresh()

    def add_choices(self, menu: Menu) -> None:
        """Dictionaries to choose from, where there are several."""
        found = dictionaries(self.folder())
        if len(found) < 2:
            return
        choices = Menu(self.page.theme, "Dictionary", menu)
        for name in found:
            action = choices.addAction(name)
            action.setCheckable(True)
            action.setChecked(self.speller.place == found[name])
            action.triggered.connect(lambda *_, n=name: self._choose(n))
        menu.addMenu(choices)

    def _choose(self, name: str) -> None:
        options = {**self.desk.control.memory.get("options", {}), "dictionary": name}
        self.desk.control.remember(options=options)
        self.use(name)

    def close(self) -> None:
        self.on = False
        self._timer.stop()
        self._look.stop()
        self._relay.close()
        self.speller.close()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def _waved(block: QTextBlock) -> int:
    """How many units of a paragraph are underlined as wrong."""
    wave = QTextCharFormat.UnderlineStyle.WaveUnderline
    layout: Any = block.layout()
    return sum(part.length for part in layout.formats() if part.format.underlineStyle() == wave)


__all__ = ["WORD", "Spelling"]
