"""Ghost text as a value: what is proposed after the caret, and how much of it has become text. No Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.project.manuscript.patterns import later

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = later(rf"\s*(?:[{_CJK}]|[^\s{_CJK}]+)")
_SENTENCE = later(r"\s*.*?(?:[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？][」』”’]*|\n)", re.DOTALL)


@dataclass(frozen=True)
class Option:
    """Another way to go on: its text and its probability, 0 to 1."""

    text: str
    probability: float


@dataclass(frozen=True)
class Choice:
    """One token of a result: its place in the result's text (code points) and the likeliest tokens there."""

    start: int
    length: int
    options: tuple[Option, ...]


def read_choices(meta: Any) -> tuple[Choice, ...]:
    """The `alternatives` of a result's meta data; what is not of that form is passed over."""
    out = []
    entries = meta.get("alternatives") if isinstance(meta, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        match entry:
            case {"start": int(start), "length": int(length), "options": list(options)} if start >= 0 and length >= 0:
                read = [Option(str(o[0]), float(o[1])) for o in options
                        if isinstance(o, (list, tuple)) and len(o) == 2 and isinstance(o[1], (int, float))]
                out.append(Choice(start, length, tuple(read)))
    return tuple(out)


@dataclass
class Proposal:
    """One continuation.

    Attributes:
        key: of the request that makes it, "" before that is known.
        lead: a beginning that the person chose; the machine's own text follows it.
        text: lead and what has come so far.
        gone: how much of `text` stands in the manuscript already, typed or accepted.
        accepted: how much of it the machine may call its own.
        done: no more will come.
    """

    key: str = ""
    lead: str = ""
    text: str = ""
    gone: int = 0
    accepted: int = 0
    done: bool = False
    choices: tuple[Choice, ...] = ()

    @property
    def rest(self) -> str:
        return self.text[self.gone:]

    def choice(self) -> Choice | None:
        """The alternatives to the token with which the rest begins."""
        at = self.gone - len(self.lead)
        return next((c for c in self.choices if c.start <= at < c.start + c.length), None) if at >= 0 else None


@dataclass
class GhostState:
    """The proposals at one place of the caret; one of them is shown."""

    proposals: list[Proposal] = field(default_factory=list)
    at: int = 0

    @property
    def current(self) -> Proposal | None:
        return self.proposals[self.at] if self.proposals else None

    @property
    def shown(self) -> str:
        """The ghost text, "" where there is none."""
        return self.current.rest if self.current is not None else ""

    @property
    def number(self) -> tuple[int, int]:
        """Which of how many, from 1."""
        return (self.at + 1, len(self.proposals)) if self.proposals else (0, 0)

    # ------------------------------------------------------------ what comes

    def begin(self, key: str = "", lead: str = "") -> Proposal:
        """A further proposal, shown from now on."""
        proposal = Proposal(key, lead, lead)
        self.proposals.append(proposal)
        self.at = len(self.proposals) - 1
        return proposal

    def find(self, key: str) -> Proposal | None:
        return next((p for p in self.proposals if p.key == key), None) if key else None

    def token(self, key: str, text: str) -> bool:
        """More text of a proposal; False where that is none of these any more."""
        proposal = self.find(key)
        if proposal is None:
            return False
        proposal.text += text
        return True

    def finish(self, key: str, text: str | None = None, choices: Sequence[Choice] = ()) -> bool:
        """No more comes. text: what the machine has made in all, if it is known."""
        proposal = self.find(key)
        if proposal is None:
            return False
        proposal.done, proposal.choices = True, tuple(choices)
        if text is not None and (proposal.lead + text).startswith(proposal.text[: proposal.gone]):
            proposal.text = proposal.lead + text
        return True

    # ------------------------------------------------------------ what the person does

    def typed(self, text: str) -> bool:
        """The person has typed what the ghost says: it stays, shorter by that. False: it says something else."""
        return self._advance(text, 0)

    def take(self, text: str) -> bool:
        """A beginning of the ghost has been accepted."""
        return self._advance(text, len(text))

    def _advance(self, text: str, accepted: int) -> bool:
        current = self.current
        if current is None or not text or not current.rest.startswith(text):
            return False
        current.accepted += accepted
        behind = current.text[current.gone : current.gone + len(text)]
        for other in self.proposals:
            if other.rest.startswith(behind) or other is current:
                other.gone += len(behind)
        self.proposals = [p for p in self.proposals if p.text[: p.gone] == current.text[: current.gone]]
        self.at = self.proposals.index(current)
        return True

    def word(self) -> str:
        """The next word of the ghost, with the white space before it."""
        found = _WORD.match(self.shown)
        return found.group() if found else self.shown

    def sentence(self) -> str:
        """Up to the end of the sentence or paragraph."""
        found = _SENTENCE.match(self.shown)
        return found.group() if found and found.group() else self.shown

    def step(self, by: int) -> bool:
        """Show the next or the previous proposal; False at the end, where another must be asked for."""
        if not 0 <= self.at + by < len(self.proposals):
            return False
        self.at += by
        return True

    def clear(self) -> None:
        self.proposals, self.at = [], 0
