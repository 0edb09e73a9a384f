"""From pieces of the model to pieces for the page: white space, stop strings, banned words, thinking aloud."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_WORDLESS = 0x2E80
"""From here on (Chinese, Japanese, Korean) words are not divided by blanks."""


@dataclass(frozen=True)
class Banned:
    """A banned word has begun. kept: the text before it, in which the next try goes on; word: what was written."""

    kept: str
    word: str


class Flow:
    """Turns pieces from the model into pieces for the page; the pieces joined are exactly the passage.

    It trims white space that the text before the cursor already has, keeps white space at the end back until something
    follows it, and ends at the first stop string, of which no part is shown; nor is any part of a banned word.
    """

    def __init__(
        self, push: Callable[[str], None], stops: Sequence[str] = (), before: str = "\n", banned: Sequence[str] = ()
    ) -> None:
        """before: white space in front of the cursor; "\\n" trims all leading white space, " " blanks, "" nothing."""
        self._push, self._stops = push, [stop for stop in stops if stop]
        self._banned = [word.strip() for word in banned if word.strip()]
        self._pattern = _pattern(self._banned)
        self._trim = " \t\r\n" if "\n" in before else " \t" if before else ""
        self._held, self._begun = "", False
        self.text = ""
        self.lead = ""
        """White space at the beginning that was left out."""
        self.stopped = False

    def add(self, piece: str) -> Banned | None:
        """Take a piece; see `stopped` and what is returned."""
        self._held += piece
        if not self._begun and self._trim:
            bare = self._held.lstrip(self._trim)
            self.lead += self._held[: len(self._held) - len(bare)]
            self._held = bare
        self._begun = self._begun or bool(self._held)
        found = [at for at in (self._held.find(stop) for stop in self._stops) if at >= 0]
        hit = self._find_banned(final=False)
        if hit is not None and (not found or hit.start() < min(found)):
            return self._cut(hit)
        if found:
            self._release(self._held[: min(found)].rstrip())
            self._held, self.stopped = "", True
            return None
        back = max((_overlap(self._held, stop) for stop in self._stops), default=0)
        back = max([back, *(_overlap(self._held.lower(), word.lower(), whole=True) for word in self._banned)])
        self._release(self._held[: len(self._held) - back].rstrip())
        return None

    @property
    def held(self) -> str:
        """What is not shown yet."""
        return self._held

    def end(self) -> Banned | None:
        """The model has ended; a banned word may still stand at the very end."""
        hit = self._find_banned(final=True)
        return self._cut(hit) if hit is not None else None

    def finish(self) -> str:
        """No more pieces come: show what was held back for a stop string. Returns the whole passage."""
        self._release(self._held.rstrip())
        return self.text

    def _find_banned(self, *, final: bool) -> re.Match[str] | None:
        if self._pattern is None:
            return None
        hit = self._pattern.search(self._held, 0)
        if hit is None or (hit.end() == len(self._held) and not final):
            return None
        if hit.start() == 0 and self.text and _joins(self.text[-1], hit.group()):
            return None
        return hit

    def _cut(self, hit: re.Match[str]) -> Banned:
        kept = self._held[: hit.start()].rstrip(" \t")
        self._held = kept
        self._release(kept.rstrip())
        return Banned(self.lead + self.text + self._held, hit.group())

    def _release(self, text: str) -> None:
        if text:
            self._held = self._held[len(text) :]
            self.text += text
            self._push(text)


class Thoughts:
    """Takes out what a model thinks aloud between <think> and </think> before it answers."""

    OPEN, CLOSE = "<think>", "</think>"

    def __init__(self) -> None:
        self._held, self._state = "", "start"

    def add(self, piece: str) -> str:
        """What of the text so far is answer and was not given yet."""
        if self._state == "open":
            return piece
        self._held += piece
        if self._state == "start":
            bare = self._held.lstrip()
            if bare.startswith(self.OPEN):
                self._state = "thinking"
            elif self.OPEN.startswith(bare):
                return ""
            else:
                return self._let_go(self._held)
        _, found, answer = self._held.partition(self.CLOSE)
        return self._let_go(answer.lstrip()) if found else ""

    def finish(self) -> str:
        """What was held back and is no thought."""
        return self._let_go(self._held) if self._state == "start" else ""

    def _let_go(self, text: str) -> str:
        if not text:
            return ""
        self._state, self._held = "open", ""
        return text


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    if not words:
        return None
    parts = []
    for word in sorted(words, key=len, reverse=True):
        front = r"(?<!\w)" if _divided(word[0]) else ""
        back = r"(?!\w)" if _divided(word[-1]) else ""
        parts.append(front + re.escape(word) + back)
    return re.compile("|".join(parts), re.IGNORECASE)


def _divided(letter: str) -> bool:
    return letter.isalnum() and ord(letter) < _WORDLESS


def _joins(last: str, word: str) -> bool:
    """Whether a found word only continues a longer one that is shown already."""
    return _divided(word[0]) and (last.isalnum() or last == "_")


def _overlap(text: str, stop: str, *, whole: bool = False) -> int:
    """Length of the longest end of `text` that is a beginning of `stop`; `whole` counts all of `stop` too."""
    longest = min(len(stop) - (0 if whole else 1), len(text))
    return next((n for n in range(longest, 0, -1) if text.endswith(stop[:n])), 0)
