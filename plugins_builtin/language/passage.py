"""The prose side: what the model is asked, and how its tokens become a passage that fits where the cursor is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plugins_builtin.language.backend import Backend, fit_window
from studio.plugins import GeneratorError


@dataclass(frozen=True)
class Asked:
    """Tokens for the model, how many of the manuscript's were left out, and the white space before the cursor."""

    tokens: list[int]
    dropped: int = 0
    before: str = ""


WRITER = "You are a skilled writer. You write vivid, coherent prose in one voice."
PASSAGE = "Write a long, vivid passage."


def instruction(backend: Backend, prompt: str, system: str, room: int) -> Asked:
    """Ask for what `prompt` says: as a conversation where the model knows one, as plain text where not."""
    tokens = _conversation(backend, system, prompt)
    if tokens is None:
        plain = f"{system}\n\n{prompt}".strip()
        tokens = backend.tokenize(f"{plain}\n\n", start=True)
    return Asked(*_without_middle(tokens, room))


def continuation(backend: Backend, passage: str, prompt: str, system: str, room: int) -> Asked:
    """Continue `passage`: the model sees it as the beginning of its own answer, ending where the cursor stands.

    A small chat model that is told "continue this story" answers with talk about the story; one that finds the prose
    in its own mouth writes on. A model without a chat template sees the bare prose, a wish before it as a note.
    """
    bare = passage.rstrip(" \t")  # tokenizers join a blank to the word after it, so a passage must not end in one
    wish = prompt.strip()
    head = _conversation(backend, system or WRITER, f"{PASSAGE} {wish}".strip())
    if head is None:
        head = backend.tokenize(f"[{wish}]\n\n", start=True) if wish else backend.tokenize("", start=True)
    head, _ = _without_middle(head, room // 2)
    tokens, dropped = fit_window(backend.tokenize(bare, start=False), room - len(head))
    return Asked([*head, *tokens], dropped, passage[len(bare) :] or ("\n" if bare.endswith("\n") else ""))


def _conversation(backend: Backend, system: str, user: str) -> list[int] | None:
    said = [{"role": "user", "content": user}]
    if not system:
        return backend.chat(said)
    try:
        return backend.chat([{"role": "system", "content": system}, *said])
    except GeneratorError:  # some templates know no system role
        return backend.chat([{"role": "user", "content": f"{system}\n\n{user}"}])


def _without_middle(tokens: list[int], room: int) -> tuple[list[int], int]:
    """Cut out the middle: a conversation ends in control words, so both the beginning and the end must stay."""
    dropped = len(tokens) - room
    if dropped <= 0:
        return tokens, 0
    head = room // 2
    return tokens[:head] + tokens[head + dropped :], dropped


class Flow:
    """Turns pieces from the model into pieces for the page; the pieces joined are exactly the passage.

    It trims white space that the text before the cursor already has, keeps white space at the end back until something
    follows it, and ends at the first stop string, of which no part is shown.
    """

    def __init__(self, push: Callable[[str], None], stops: Sequence[str] = (), before: str = "\n") -> None:
        """before: white space in front of the cursor; "\\n" trims all leading white space, " " blanks, "" nothing."""
        self._push, self._stops = push, [stop for stop in stops if stop]
        self._trim = " \t\r\n" if "\n" in before else " \t" if before else ""
        self._held, self._begun = "", False
        self.text = ""

    def add(self, piece: str) -> bool:
        """Take a piece; True once a stop string was found."""
        self._held += piece
        if not self._begun:
            self._held = self._held.lstrip(self._trim) if self._trim else self._held
            self._begun = bool(self._held)
        found = [at for at in (self._held.find(stop) for stop in self._stops) if at >= 0]
        if found:
            self._release(self._held[: min(found)].rstrip())
            self._held = ""
            return True
        ready = len(self._held) - max((_overlap(self._held, stop) for stop in self._stops), default=0)
        self._release(self._held[:ready].rstrip())
        return False

    def finish(self) -> str:
        """No more pieces come: show what was held back for a stop string. Returns the whole passage."""
        self._release(self._held.rstrip())
        return self.text

    def _release(self, text: str) -> None:
        if text:
            self._held = self._held[len(text) :]
            self.text += text
            self._push(text)


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that is a beginning of `stop`."""
    return next((n for n in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:n])), 0)
