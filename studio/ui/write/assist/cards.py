"""Suggestion cards on the page: asked for, streamed in, accepted whole or by hunk, or put away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, QRect, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent

from studio.project import ResultRow
from studio.ui.requests import Ask
from studio.ui.session import Session
from studio.ui.theme import Theme
from studio.ui.write.assist.actions import CODE, Action
from studio.ui.write.assist.card import SuggestionCard, Version
from studio.ui.write.assist.errands import Errand, Errands
from studio.ui.write.assist.page import Change, PageSide, Place, Room
from studio.ui.write.assist.worddiff import Piece, hunks, pieces
from studio.ui.write.text import units

EDITOR = "language.edit"
WIDTH = 672
AROUND = 4_000
"""Characters before and after the passage that go along."""
MOST = 12_000
"""Longest passage that a card takes, in characters."""
GAP = 12
DARING = 0.2
"""What each further version adds to the temperature."""


@dataclass
class Shown:
    """A card and what belongs to it."""

    card: SuggestionCard
    action: Action
    place: Place
    room: Room
    params: dict[str, Any] = field(default_factory=dict)
    errands: list[Errand] = field(default_factory=list)


def trimmed(text: str, passage: str) -> str:
    """An answer without the quotes that models like to put around it, ending in white space as the passage does."""
    out = text.strip()
    for left, right in (('"', '"'), ("“", "”"), ("«", "»")):
        inner = out[1:-1]
        if len(out) > 1 and out[0] == left and out[-1] == right and left not in inner and passage[:1] != left:
            out = inner.strip()
    lead = passage[: len(passage) - len(passage.lstrip())]
    tail = passage[len(passage.rstrip()):]
    return lead + out + tail if passage.strip() else out


def changes_of(found: list[Piece], start: int, taken: set[int] | list[int], recipe: str) -> list[Change]:
    """The hunks at these places as changes of the text that begins at `start`."""
    out = []
    for at, piece in enumerate(found):
        if at in taken and not piece.same:
            out.append(Change(start, units(piece.old), piece.new, recipe))
        start += units(piece.old)
    return out


class Cards(QObject):
    """All cards of the page. What a card stands for follows edits; where it is deleted, the card says so."""

    accepted = Signal(str)
    """A text of the machine's went into the manuscript."""
    rejected = Signal()
    said = Signal(str)
    """One sentence for the person."""
    changed = Signal()

    def __init__(self, theme: Theme, session: Session, errands: Errands, page: PageSide,
                 params: Callable[[str, str], dict[str, Any]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme, self.session, self.errands, self.page, self._params = theme, session, errands, page, params
        self.shown: list[Shown] = []
        self._seen = QTimer(self, singleShot=True, interval=40)  # the page has its new height by then
        self._seen.timeout.connect(self._reveal)

    # ------------------------------------------------------------ asking

    def passage(self, action: Action) -> tuple[int, int]:
        """What an action would take: the selection, or the paragraph of the caret."""
        start, length = self.page.selection()
        if not length and action.needs == "passage":
            start, length = self.page.paragraph(self.page.caret())
        text = self.page.text(start, start + length)
        lead = len(text) - len(text.lstrip())
        return start + lead, units(text.strip())

    def ask(self, action: Action, **own: Any) -> SuggestionCard | None:
        """Begin a card. own: parameters of the action, such as its instruction or tone. None, and a sentence, where
        that cannot be."""
        start, length = self.passage(action)
        problem = self._problem(action, start, length)
        if problem:
            self.said.emit(problem)
            return None
        shown, ask = self._begin(action, start, length, own)
        self.session.generate(ask)
        return shown.card

    def ask_later(self, action: Action, **own: Any) -> Ask | None:
        """Begin a card whose request somebody else queues."""
        start, length = self.passage(action)
        problem = self._problem(action, start, length)
        if problem:
            self.said.emit(problem)
            return None
        return self._begin(action, start, length, own)[1]

    def _begin(self, action: Action, start: int, length: int, own: dict[str, Any]) -> tuple[Shown, Ask]:
        passage = self.page.text(start, start + length)
        card = SuggestionCard(self.theme, action.title, action.icon, passage, action.mode, self.page.widget())
        shown = Shown(card, action, self.page.place(start, length), self.page.room(start + length), dict(own))
        self.shown.append(shown)
        self._connect(shown)
        ask = self._version(shown)
        card.show()
        self.place()
        self._seen.start()
        self.changed.emit()
        return shown, ask

    def _problem(self, action: Action, start: int, length: int) -> str:
        if not self.errands.known(EDITOR):
            return "No generator that edits text is installed; see Models."
        if not length and action.needs == "passage":
            return "There is nothing to work on: select some text, or put the caret into a paragraph."
        if length > MOST:
            return f"This passage is longer than {MOST:,} characters; select a part of it."
        for other in self.shown:
            if not other.place.alive or action.mode == "answer" or other.action.mode == "answer":
                continue
            at, long = other.place.range()
            if at < start + length and start < at + long:
                return "There is a suggestion for this passage already: accept or reject it first."
        return ""

    def _connect(self, shown: Shown) -> None:
        card = shown.card
        card.accepted.connect(lambda _text, result: self._accept(shown, result))
        card.rejected.connect(lambda: self.close(shown, rejected=True))
        card.more_asked.connect(lambda: self.session.generate(self._version(shown)))
        card.inserted.connect(lambda text, result: self._insert(shown, text, result))
        card.copied.connect(lambda text: QGuiApplication.clipboard().setText(text))
        card.resized.connect(self.place)

    def _version(self, shown: Shown) -> Ask:
        """Ask for an answer; each further one is a little bolder."""
        version = shown.card.begin_version()
        start, length = shown.place.range()
        before = self.page.text(max(0, start - AROUND), start)
        behind = self.page.text(start + length, start + length + AROUND)
        passage = shown.card.passage
        params = {**self._params(EDITOR, before + passage), "action": shown.action.action, **shown.params}
        params["temperature"] = round(min(1.5, float(params.get("temperature", 0.3))
                                          + DARING * (len(shown.card.versions) - 1)), 3)
        if shown.action in CODE:
            params["slot"] = "code"
        errand, ask = self.errands.make(
            EDITOR, params, {"passage": passage or before[-AROUND:], "before": before, "after": behind},
            kind="card",
            token=lambda _, text: shown.card.append(version, text),
            result=lambda _, row: self._result(shown, version, row),
            ended=lambda _, sentence: self._ended(shown, version, sentence))
        shown.errands.append(errand)
        return ask

    def _result(self, shown: Shown, version: Version, row: ResultRow) -> None:
        text = self.session.project.media(row.media)[0].decode("utf-8", "replace")
        diff = shown.action.mode == "diff"
        shown.card.finish(version, trimmed(text, shown.card.passage if diff else ""), row.id)
        self.place()
        if shown in self.shown[-1:]:
            self._seen.start()

    def _ended(self, shown: Shown, version: Version, sentence: str) -> None:
        if not version.done and shown in self.shown:
            shown.card.fail(version, sentence or "It was stopped.")
            self.place()

    # ------------------------------------------------------------ acting

    def _accept(self, shown: Shown, result: str) -> None:
        """Only what differs is put in, so that the other words stay whose they are."""
        if not shown.place.alive:
            self._orphan(shown)
            return
        start, length = shown.place.range()
        if self.page.text(start, start + length) != shown.card.passage:
            self.said.emit("The passage has been changed since; ask again, or copy the suggestion from the results.")
            return
        version = shown.card.version
        if version is None:
            return
        found = pieces(shown.card.passage, version.text)
        taken = version.picked or set(hunks(found))
        changes = changes_of(found, start, taken, result)
        self.close(shown)
        self.page.change(changes)
        self.accepted.emit(" ".join(change.text for change in changes))

    def _insert(self, shown: Shown, text: str, result: str) -> None:
        """Put an answer behind the paragraph of the passage."""
        if not shown.place.alive:
            self._orphan(shown)
            return
        start, length = shown.place.range()
        at, long = self.page.paragraph(start + length)
        self.close(shown)
        lead = "\n" if long else ""
        self.page.change([Change(at + long, 0, lead + text, result)])
        self.accepted.emit(text)

    def _orphan(self, shown: Shown) -> None:
        self.close(shown)
        self.said.emit("The passage of this suggestion was deleted; the suggestion is kept in the results.")

    def close(self, shown: Shown, *, rejected: bool = False) -> None:
        """Put a card away, and stop what is still made for it."""
        if shown not in self.shown:
            return
        self.shown.remove(shown)
        for errand in shown.errands:
            if self.errands.running(errand):
                self.errands.cancel(errand)
        focused = shown.card.isAncestorOf(shown.card.window().focusWidget() or shown.card.window())
        shown.room.remove()
        shown.card.hide()
        shown.card.deleteLater()
        if focused or shown.card.hasFocus():
            self.page.widget().parentWidget().setFocus()
        if rejected:
            self.rejected.emit()
        self.changed.emit()

    def close_all(self) -> None:
        """Another scene comes: what is on the cards is in the results, as far as it has come."""
        for shown in [*self.shown]:
            self.close(shown)

    # ------------------------------------------------------------ on the page

    def text_edited(self) -> None:
        """Cards whose passage is gone say so and go."""
        for shown in [*self.shown]:
            if not shown.place.alive:
                self._orphan(shown)
        self.place()

    def place(self) -> None:
        """Lay every card into its room."""
        view = self.page.widget()
        width = min(self.theme.dp(WIDTH), view.width() - 16)
        for shown in self.shown:
            height = shown.card.height_for(width)
            shown.room.set_height(height + GAP)
            rect = shown.room.rect()
            shown.card.setGeometry(QRect((view.width() - width) // 2, round(rect.top()), width, height))

    def _reveal(self) -> None:
        """Bring the latest card into sight, if it begins there."""
        view = self.page.widget()
        if self.shown and -40 < self.shown[-1].room.rect().top() < view.height():
            self.page.reveal(self.shown[-1].room.rect())
            self.place()

    def front(self) -> Shown | None:
        """The card that keys act upon while the page has the focus: the one around the caret, or the latest."""
        caret = self.page.caret()
        for shown in self.shown:
            start, length = shown.place.range()
            if start <= caret <= start + length:
                return shown
        return self.shown[-1] if self.shown else None

    def claims(self, event: QKeyEvent) -> bool:
        """Whether a key is a card's rather than the window's."""
        shown = self.front()
        return shown is not None and shown.card.claims(event)

    def take_key(self, event: QKeyEvent) -> bool:
        shown = self.front()
        return shown is not None and shown.card.take_key(event)
