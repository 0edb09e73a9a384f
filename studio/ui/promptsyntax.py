"""The prompt's small language: weights ``(word:1.2)``, wildcards ``{a|b}`` and ``__file__``, ``<lora:name:0.8>``."""

from __future__ import annotations

import re

from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from studio.engine.wildcards import pieces
from studio.ui.theme import Theme

WEIGHTED = re.compile(r"\((?:[^()\\]|\\.){1,500}:[+-]?\d{0,3}\.?\d{1,3}\)")
ADD_ON = re.compile(r"<lora:[^<>:]{1,200}(?::[+-]?\d{0,3}\.?\d{1,3})?>")
_WORD = re.compile(r"[^\s,(){}\[\]|<>]+")
LEAST, MOST, STEP = 0.1, 2.0, 0.1


class PromptHighlighter(QSyntaxHighlighter):
    """Shows which parts of a prompt are more than words."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self.theme, self.on = theme, False
        theme.changed.connect(self.rehighlight)

    def set_on(self, on: bool) -> None:
        """Whether the generator in front reads the language; a story has brackets of its own."""
        if on != self.on:
            self.on = on
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        if not self.on:
            return
        at = 0
        for wild, piece in pieces(text):
            if wild:
                self._mark(at, len(piece), "wildcard")
            at += len(piece)
        for pattern, token in ((WEIGHTED, "emphasis"), (ADD_ON, "lora")):
            for match in pattern.finditer(text):
                self._mark(match.start(), match.end() - match.start(), token)

    def _mark(self, start: int, length: int, token: str) -> None:
        look = QTextCharFormat()
        look.setForeground(self.theme.color(token))
        families = self.theme.font("mono").families()
        look.setFontFamilies(families)
        look.setFontStyleHint(QFont.StyleHint.Monospace)
        self.setFormat(start, length, look)


def weigh(text: str, start: int, end: int, delta: float) -> tuple[str, int, int]:
    """Give the selection (or the word at the caret) `delta` more weight; a weight of 1 takes the brackets away.

    Positions count UTF-16 units as Qt does, for text inside the basic plane; returns text, selection start and end.
    """
    found = next((m for m in WEIGHTED.finditer(text) if m.start() <= start and end <= m.end()), None)
    if found is not None:
        inner, _, number = found[0][1:-1].rpartition(":")
        return _put(text, found.start(), found.end(), inner, float(number) + delta)
    if start == end:
        word = next((m for m in _WORD.finditer(text) if m.start() <= start <= m.end()), None)
        if word is None:
            return text, start, end
        start, end = word.start(), word.end()
    chosen = text[start:end]
    left, right = len(chosen) - len(chosen.lstrip()), len(chosen.rstrip())
    if not chosen.strip() or set("()<>") & set(chosen):
        return text, start, end
    return _put(text, start + left, start + right, chosen.strip(), 1.0 + delta)


def _put(text: str, start: int, end: int, inner: str, weight: float) -> tuple[str, int, int]:
    weight = round(min(MOST, max(LEAST, weight)), 2)
    written = inner if abs(weight - 1.0) < 0.005 else f"({inner}:{weight:g})"
    return text[:start] + written + text[end:], start, start + len(written)
