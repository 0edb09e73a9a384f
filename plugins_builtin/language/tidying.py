"""From an answer to the text alone: without "Here is ...:", quotation marks around it, or a fence of backticks."""

from __future__ import annotations

import re

_PREAMBLE = re.compile(
    r"^\W{0,3}(?:sure|certainly|of course|okay|ok|absolutely|yes|here(?:'|’)?s|here (?:is|are)|this is|below is|"
    r"(?:the |a |my )?(?:re-?written|revised|shorten\w*|short\w*|edited|expanded|correct\w*|translat\w*|summar\w*|"
    r"improved|new|final)\b(?: \w+){0,4}|answer|output|result|version|french|german|spanish)\b.{0,120}?:\s*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?:re-?written|revised|shortened|edited|expanded|corrected|translation|summary|answer|output|result|new)"
    r"(?: (?:text|passage|version|sentence|paragraph))?\s*:\s*",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^\s*```[\w+-]*[ \t]*$")
QUOTES = {'"': '"', "“": "”", "«": "»", "„": "“", "'": "'"}
FIRST_LINE = 160
"""Characters of the first line that are waited for: a longer one is no preamble."""


class Tidy:
    """Takes an answer piece by piece and gives the text alone.

    passage: what was worked on; a quotation mark that it begins with itself belongs to the text.
    """

    def __init__(self, passage: str = "") -> None:
        self._passage = passage.lstrip()
        self._held, self._begun, self._closing, self._fenced = "", False, "", False
        self._done = False

    def add(self, piece: str) -> str:
        if self._done:
            return ""
        self._held += piece
        if not self._begun:
            self._begin()
            if not self._begun:
                return ""
        return self._give(final=False)

    def finish(self) -> str:
        if self._done:
            return ""
        if not self._begun:
            self._held = self._held.lstrip()
            self._open()
        return self._give(final=True)

    def _begin(self) -> None:
        """Look at whole lines until one belongs to the text."""
        while True:
            bare = self._held.lstrip()
            line, newline, rest = bare.partition("\n")
            if not newline and len(line) <= FIRST_LINE:
                return
            if newline and (_PREAMBLE.match(line) or line.strip() == "---"):
                self._held = rest
            elif newline and _FENCE.match(line):
                self._held, self._fenced, self._begun = rest, True, True
                return
            else:
                self._held = bare
                self._open()
                return

    def _open(self) -> None:
        self._begun = True
        label = _LABEL.match(self._held)
        if label and not self._passage.lower().startswith(label.group().lower()):
            self._held = self._held[label.end() :]
        number = re.match(r"1[.)]\s+", self._held)
        if number and not self._passage[:1].isdigit():
            self._held = self._held[number.end() :]
        first = self._held[:1]
        if first in QUOTES and not self._passage.startswith(first) and not self._speech():
            self._held, self._closing = self._held[1:], QUOTES[first]

    def _speech(self) -> bool:
        """Whether the first line has more than one pair of quotation marks, so that they are the text's own."""
        first = self._held[0]
        marks = self._held.partition("\n")[0].count(QUOTES[first])
        return marks > 2 if QUOTES[first] == first else marks > 1

    def _give(self, *, final: bool) -> str:
        if self._fenced:
            return self._give_code(final)
        if not self._closing:
            text, self._held = self._held, ""
            return text
        bare = self._held.rstrip()
        if final:
            self._held = ""
            return bare[: -len(self._closing)] if bare.endswith(self._closing) else bare
        back = len(self._held) - len(bare) + (len(self._closing) if bare.endswith(self._closing) else 0)
        text, self._held = self._held[: len(self._held) - back], self._held[len(self._held) - back :]
        return text

    def _give_code(self, final: bool) -> str:
        body, fence, _ = self._held.partition("\n```")
        if fence or final:
            self._held, self._done = "", True
            return body.removesuffix("```").rstrip() if final and not fence else body
        keep = self._held.rfind("\n")
        if keep < 0:
            return ""
        text, self._held = self._held[:keep], self._held[keep:]
        return text
