"""Ghost text: asked for after a pause or on request, shown beside the text, taken by word, by sentence or whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence

from studio.engine.job import Job, Result
from studio.engine.recipe import media_in
from studio.ui.requests import LIVE
from studio.ui.session import Session
from studio.ui.widgets.notices import announce
from studio.ui.write.assist.errands import Errand, Errands
from studio.ui.write.assist.ghoststate import GhostState, Option, Proposal, read_choices
from studio.ui.write.assist.page import Change, PageSide
from studio.ui.write.text import units

WRITER = "language.text"
PAUSE_MS = 600
TOKENS = 48
ALTERNATIVES = 10
BEFORE, AFTER = 24_000, 2_000
"""Characters of the text around the caret that go along."""
KEYS = {"ghost.accept": "Tab", "ghost.word": "Ctrl+Right", "ghost.sentence": "Ctrl+Down", "ghost.next": "Alt+]",
        "ghost.previous": "Alt+[", "ghost.dismiss": "Escape"}


class Ghost(QObject):
    """One ghost at the caret. Nothing of it is kept or undone until it is accepted.

    Args:
        params: what is set for a generator, with the notes that apply to a text.
        key: the key that holds for a command, as `CommandSet.shortcut` gives it.
    """

    changed = Signal()
    """What is to be painted has changed."""
    accepted = Signal(str)
    """A text of the machine's went into the manuscript."""
    dismissed = Signal()
    problem = Signal(str)

    def __init__(self, session: Session, errands: Errands, page: PageSide,
                 params: Callable[[str, str], dict[str, Any]], key: Callable[[str], str],
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.errands, self.page = session, errands, page
        self._params, self._key = params, key
        self.state = GhostState()
        self.mode = "pause"
        self.origin = 0
        """Where the ghost begins; the caret is there."""
        self._length = self._rested_at = 0
        self._errand: Errand | None = None
        self._made: dict[str, tuple[Result, Job]] = {}
        self._credited: dict[str, str] = {}
        self._kept: set[str] = set()
        self._quiet = False
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._paused)
        session.result_stored.connect(self._stored)

    # ------------------------------------------------------------ what is seen

    @property
    def shown(self) -> str:
        return self.state.shown

    @property
    def waiting(self) -> bool:
        """It was asked for, and nothing has come yet."""
        return not self.state.shown and self.errands.running(self._errand)

    def options(self) -> tuple[Option, ...]:
        """The other words for the one with which the ghost begins."""
        current = self.state.current
        choice = current.choice() if current is not None and self.shown else None
        return choice.options if choice is not None else ()

    # ------------------------------------------------------------ what the page tells

    def text_edited(self) -> None:
        """The text has changed: what the ghost says keeps it, anything else puts it away and may ask anew."""
        if self._quiet:
            return
        caret, length = self.page.caret(), self.page.length()
        grown = length - self._length
        if not grown and caret == self.origin and self.state.proposals:
            return  # only who wrote what has changed
        if self.state.proposals and caret - self.origin == grown > 0:
            typed = self.page.text(self.origin, caret)
            if self.state.typed(typed):
                self._stand()
                self.changed.emit()
                if not self.shown and (self.state.current is None or self.state.current.done):
                    self._rest()
                return
        if self.state.proposals:
            self.clear()
        self._rest()

    def caret_moved(self) -> None:
        """The caret went elsewhere: the ghost does not go along."""
        if self._quiet or self.page.length() != self._length:
            return  # the edit that moved it is told by itself
        if self.state.proposals and self.page.caret() != self.origin:
            self.clear()
        if not self.state.proposals and self.page.caret() != self._rested_at:
            self._pause.stop()

    def _rest(self) -> None:
        """Begin to wait for a pause."""
        self._length, self._rested_at = self.page.length(), self.page.caret()
        if self.mode == "pause":
            self._pause.start()

    def _stand(self) -> None:
        self.origin, self._length = self.page.caret(), self.page.length()

    # ------------------------------------------------------------ asking

    def set_mode(self, mode: str) -> None:
        """ "off", "asked" or "pause"."""
        self.mode = mode
        if mode != "pause":
            self._pause.stop()
        if mode == "off":
            self.clear()

    def _paused(self) -> None:
        """After a pause: only where a person would go on, and where nobody waits for the machine."""
        caret = self.page.caret()
        behind = self.page.text(caret, caret + 1)
        if not self.page.focused() or self.page.selection()[1] or (behind and behind != "\n"):
            return
        if self.page.text(max(0, caret - 200), caret).strip():
            self.ask(silent=True)

    def ask(self, *, silent: bool = False) -> None:
        """Propose how the text goes on at the caret. silent: rather nothing than a word about why not."""
        if not self.errands.known(WRITER):
            if not silent:
                self.problem.emit("No generator that writes is installed; see Models.")
            return
        if self.errands.busy():
            if not silent:
                self.problem.emit("The machine is busy; the ghost comes when it is done, if you ask again.")
            return
        if not silent and not self.page.text(0, self.page.caret()).strip():
            self.problem.emit("There is nothing yet to go on from; write a few words first.")
            return
        self.clear()
        self._stand()
        self._send(self.state.begin())

    def _send(self, proposal: Proposal, *, daring: float = 0.0) -> None:
        """Let the machine make a proposal; the newest wins. daring: added to the temperature, for another one."""
        self._drop_errand()
        caret = self.origin
        before = self.page.text(max(0, caret - BEFORE), caret) + proposal.text[proposal.gone:]
        behind = self.page.text(caret, caret + AFTER)
        params = self._params(WRITER, before)
        code = self.page.is_code(caret)
        params |= {"prompt": "", "max_tokens": TOKENS, "alternatives": ALTERNATIVES,
                   "stop": ["\n\n"] if code else ["\n"], "slot": "code" if code else "manuscript"}
        if daring:
            params["temperature"] = min(2.0, float(params.get("temperature", 0.8)) + daring)
        errand: Errand = self.errands.send(
            WRITER, params, {"context": before, "suffix": behind if behind.strip() else ""}, kind=LIVE,
            token=lambda _, text: self._token(proposal, text), tried=lambda _, r, job: self._tried(proposal, r, job),
            ended=lambda _, sentence: self._ended(proposal, sentence, errand))
        proposal.key = errand.key
        self._errand = errand
        self.changed.emit()

    def _drop_errand(self) -> None:
        """Stop what is being made, unless a part of it was accepted: then it is needed for the recipe."""
        errand = self._errand
        if errand is not None and errand.key not in self._credited:
            self.errands.cancel(errand, patient=True)
        self._errand = None

    def next(self) -> None:
        """The next proposal, or another one."""
        if not self.state.proposals:
            self.ask()
        elif self.state.step(1):
            self._tell()
        elif self.state.current is not None and self.state.current.done:
            current = self.state.current
            taken = current.text[: current.gone]
            fresh = self.state.begin(lead=taken)
            fresh.gone = len(taken)
            self._send(fresh, daring=0.15 * min(4, len(self.state.proposals) - 1))

    def previous(self) -> None:
        if self.state.step(-1):
            self._tell()

    def choose(self, number: int) -> bool:
        """Go on with another first word: the ghost begins with it."""
        options = self.options()
        current = self.state.current
        if current is None or number >= len(options):
            return False
        taken = current.text[: current.gone]
        fresh = self.state.begin(lead=taken + options[number].text)
        fresh.gone = len(taken)
        self._send(fresh)
        return True

    # ------------------------------------------------------------ what comes

    def _token(self, proposal: Proposal, text: str) -> None:
        if self.state.token(proposal.key, text):
            self.changed.emit()
        elif proposal.key in self._credited:
            proposal.text += text

    def _tried(self, proposal: Proposal, result: Result, job: Job) -> None:
        text = result.data.decode("utf-8", "replace")
        self._made[proposal.key] = result, job
        shown = self.state.finish(proposal.key, text, read_choices(result.meta))
        if proposal.key in self._credited:
            self._keep(proposal.key)
        if shown:
            self._tell()

    def _ended(self, proposal: Proposal, sentence: str, errand: Errand) -> None:
        proposal.done = True
        if proposal.key not in self._made:
            self._return({sha for job in errand.jobs for sha, _ in media_in(job.request.params)})
        if sentence:  # a ghost that fails is a ghost that does not come
            self.problem.emit(sentence)
        if not proposal.text and proposal in self.state.proposals and len(self.state.proposals) > 1:
            self.state.proposals.remove(proposal)
            self.state.at = len(self.state.proposals) - 1
        self.changed.emit()

    def _tell(self) -> None:
        self.changed.emit()
        if self.shown:
            announce(self.page.widget(), f"Suggestion: {self.shown}")

    # ------------------------------------------------------------ taking

    def accept(self) -> bool:
        return self._take(self.state.shown)

    def accept_word(self) -> bool:
        return self._take(self.state.word())

    def accept_sentence(self) -> bool:
        return self._take(self.state.sentence())

    def _take(self, piece: str) -> bool:
        """Put a beginning of the ghost into the text, as the machine's, in one step of undo."""
        current = self.state.current
        if not piece or current is None or not self.state.take(piece):
            return False
        key, at = current.key, self.origin
        recipe = self._credited.setdefault(key, f"job:{key}")
        self._quiet = True
        try:
            self.page.change([Change(at, 0, piece, recipe)])
            self.page.set_caret(at + units(piece))
        finally:
            self._quiet = False
        self._stand()
        if key in self._made:
            self._keep(key)
        self.accepted.emit(piece)
        self.changed.emit()
        if not self.shown and current.done:
            self._rest()
        return True

    def _keep(self, key: str) -> None:
        """Put the result of which something was accepted into the project."""
        if key not in self._kept:
            self._kept.add(key)
            self.session.keep_tried(*self._made[key])

    def _stored(self, row: Any, job: Job) -> None:
        key = str(job.request.target.get("errand", ""))
        if key in self._kept:
            self.page.credit(self._credited[key], row.id)
            self._credited[key] = row.id

    def dismiss(self) -> bool:
        """Put the ghost away; False where there is none."""
        if not self.state.proposals:
            return False
        was = bool(self.shown)
        self.clear()
        if was:
            self.dismissed.emit()
        return True

    def clear(self) -> None:
        self._pause.stop()
        self._drop_errand()
        if self.state.proposals:
            self.state.clear()
            self.changed.emit()
        self._give_back()

    def _give_back(self) -> None:
        """What was lent for requests of which nothing was kept is needed no longer."""
        gone = [key for key in self._made if key not in self._kept and self.state.find(key) is None]
        lent = {sha for key in gone for sha, _ in media_in(self._made.pop(key)[1].request.params)}
        self._return(lent)

    def _return(self, lent: set[str]) -> None:
        jobs = [job for _, job in self._made.values()]
        if self._errand is not None and self.errands.running(self._errand):
            jobs += self._errand.jobs
        needed = {sha for job in jobs for sha, _ in media_in(job.request.params)}
        self.session.project.return_media(lent - needed)

    # ------------------------------------------------------------ keys

    def take_key(self, event: QKeyEvent) -> bool:
        """The keys of the ghost, while it is there."""
        if not self.state.proposals:
            return False
        pressed = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
        acts: dict[str, Callable[[], object]] = {
            "ghost.accept": self.accept, "ghost.word": self.accept_word, "ghost.sentence": self.accept_sentence,
            "ghost.next": self.next, "ghost.previous": self.previous, "ghost.dismiss": self.dismiss}
        portable = QKeySequence.SequenceFormat.PortableText
        for name, act in acts.items():
            key = QKeySequence(self._key(name)).toString(portable)
            if not key or key != pressed:
                continue
            if name in ("ghost.accept", "ghost.word", "ghost.sentence") and not self.shown:
                return False
            act()
            return True
        return False
