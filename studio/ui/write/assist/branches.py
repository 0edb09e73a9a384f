"""Several continuations of one place: compared side by side, one is kept, all are stored."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, QRect, QTimer, Signal
from PySide6.QtGui import QKeyEvent

from studio.project import ResultRow
from studio.project.manuscript.rows import Branch
from studio.ui.requests import Ask
from studio.ui.session import Session
from studio.ui.theme import Theme
from studio.ui.write.assist.branchespanel import BranchesPanel, CompareCard
from studio.ui.write.assist.errands import Errand, Errands
from studio.ui.write.assist.page import Change, PageSide, Place, Room
from studio.ui.write.text import units

WIDTH = 704
GAP = 12
BEFORE_SHOWN = 40


@dataclass
class Compared:
    card: CompareCard
    place: Place
    room: Room
    node: str
    errand: Errand
    stored: dict[int, Branch]
    height: int = 0


class Branches(QObject):
    """At most one comparison is open."""

    accepted = Signal(str)
    rejected = Signal()
    said = Signal(str)
    changed = Signal()

    def __init__(self, theme: Theme, session: Session, errands: Errands, page: PageSide, node: Callable[[], str],
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme, self.session, self.errands, self.page, self._node = theme, session, errands, page, node
        self.open: Compared | None = None
        self._late = QTimer(self, singleShot=True, interval=120)
        self._late.timeout.connect(self.layout_card)
        self._seen = QTimer(self, singleShot=True, interval=40)  # the page has its new height by then
        self._seen.timeout.connect(self._reveal)
        self.panel: BranchesPanel | None = None

    # ------------------------------------------------------------ making

    def ask(self, generator: str, params: dict[str, Any], texts: dict[str, str], count: int) -> Ask | None:
        """Begin to compare continuations at the caret: what is to be queued for them."""
        if self.open is not None:
            self.said.emit("Continuations are being compared already: keep one, or none, first.")
            return None
        at, node = self.page.caret(), self._node()
        card = CompareCard(self.theme, count, self.page.widget())
        errand, ask = self.errands.make(
            generator, params, texts, kind="branch", count=count, token=self._token, result=self._result,
            ended=self._ended, target={"node": node, "position": self.page.to_chars(at)})
        self.open = Compared(card, self.page.place(at, 0), self.page.room(at), node, errand, {})
        card.kept.connect(self.keep)
        card.closed.connect(lambda: self.close(rejected=True))
        card.show()
        self.layout_card()
        self.page.reveal(self.open.room.rect())
        self.layout_card()
        self.changed.emit()
        return ask

    def _token(self, number: int, text: str) -> None:
        if self.open is not None:
            self.open.card.append(number, text)
            self._late.start()

    def _result(self, number: int, row: ResultRow) -> None:
        text = self.session.project.media(row.media)[0].decode("utf-8", "replace")
        if self.open is None:
            return
        start, _ = self.open.place.range()
        branch = Branch(secrets.token_hex(8), self.open.node, self.page.to_chars(start), text, row.id, time.time())
        self.open.stored[number] = branch
        self.session.store(self.session.project.put_branch(branch), lambda _: self.changed.emit())
        self.open.card.finish(number, text=text, result=row.id)
        self.layout_card()

    def _ended(self, number: int, sentence: str) -> None:
        if self.open is not None and not self.open.card.strands[number].done:
            self.open.card.finish(number, problem=sentence or "It was stopped.")
            self.layout_card()

    def keep(self, number: int) -> None:
        """Put one into the text, as one step of undo; the others stay as branches."""
        if self.open is None:
            return
        strand, stored = self.open.card.strands[number], self.open.stored.get(number)
        at, _ = self.open.place.range()
        if stored is not None:
            self.session.store(self.session.project.put_branch(replace(stored, kept=True)),
                               lambda _: self.changed.emit())
        self.close()
        self.page.change([Change(at, 0, strand.text, strand.result)])
        self.page.set_caret(at + units(strand.text))
        self.accepted.emit(strand.text)

    def close(self, *, rejected: bool = False) -> None:
        """Put the comparison away; what has come is found under Branches."""
        compared, self.open = self.open, None
        if compared is None:
            return
        if self.errands.running(compared.errand):
            self.errands.cancel(compared.errand)
        compared.room.remove()
        compared.card.hide()
        compared.card.deleteLater()
        self.page.widget().parentWidget().setFocus()
        if rejected:
            self.rejected.emit()
        self.changed.emit()

    def layout_card(self) -> None:
        if self.open is None:
            return
        view = self.page.widget()
        width = min(self.theme.dp(WIDTH), view.width() - 8)
        height = self.open.card.height_for(width)
        grown = height + GAP > self.open.height
        self.open.height = height + GAP
        self.open.room.set_height(height + GAP)
        rect = self.open.room.rect()
        if grown and 0 < rect.top() < view.height():
            self._seen.start()
        self.open.card.setGeometry(QRect((view.width() - width) // 2, round(rect.top()), width, height))

    def _reveal(self) -> None:
        if self.open is not None:
            self.page.reveal(self.open.room.rect())
            self.layout_card()

    def take_key(self, event: QKeyEvent) -> bool:
        return self.open is not None and self.open.card.take_key(event)

    # ------------------------------------------------------------ finding

    def store(self, start: int, text: str, result: str) -> None:
        """Keep a stretch that another word took the place of."""
        if text.strip():
            branch = Branch(secrets.token_hex(8), self._node(), self.page.to_chars(start), text, result, time.time())
            self.session.store(self.session.project.put_branch(branch), lambda _: self.changed.emit())

    def fill(self, panel: BranchesPanel) -> None:
        """Show the branches of the scene."""
        self.panel = panel
        found = self.session.project.branches(self._node())
        found.sort(key=lambda branch: -branch.created)
        places = [self.page.from_chars(branch.start) for branch in found]
        after = [" ".join(self.page.text(max(0, at - BEFORE_SHOWN), at).split()) for at in places]
        panel.show_branches(found, after)

    def insert(self, branch: str) -> None:
        """Put a branch where it belongs, or at the end where the text is shorter by now."""
        found = self._find(branch)
        if found is not None:
            at = self.page.from_chars(found.start)
            self.page.change([Change(at, 0, found.text, found.result)])
            self.page.set_caret(at + units(found.text))
            self.accepted.emit(found.text)

    def show_place(self, branch: str) -> None:
        found = self._find(branch)
        if found is not None:
            self.page.set_caret(self.page.from_chars(found.start))

    def remove(self, branch: str, say: Callable[..., object]) -> None:
        """Delete a branch; what takes that back is offered."""
        found = self._find(branch)
        if found is None:
            return
        project = self.session.project
        self.session.store(project.remove_branch(branch), lambda _: self.changed.emit())
        say("Deleted the branch.", lambda: self.session.store(project.put_branch(found),
                                                              lambda _: self.changed.emit()))

    def _find(self, branch: str) -> Branch | None:
        return next((b for b in self.session.project.branches(self._node()) if b.id == branch), None)
