"""How a dialogue is written: lines that begin with a name and a colon. The window lists the names that a speech
generator will find."""

from __future__ import annotations

import re

__all__ = ["named", "names_in"]

_NAMED = re.compile(r"^\s*\*{0,2}([^\W\d_][\w .'’-]{0,39}?)\*{0,2}\s*(?:\([^)\n]{0,60}\)\s*)?:\*{0,2}[ \t]*(.*)$")
_TITLES = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Lt|Capt|Sgt|Col|Rev)\. ")


def named(line: str) -> tuple[str, str] | None:
    """The name before a colon and what stands behind it: "Anna (softly): Come in." gives "Anna", "Come in."; None
    where the line does not begin so. A remark in brackets is left out."""
    match = _NAMED.match(line)
    return (match[1].strip(), match[2]) if match else None


def names_in(text: str) -> list[str]:
    """Names that stand before a colon at the beginning of a line, in order of appearance."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = named(line) if ":" in line else None
        if match and match[0][0].isupper() and ". " not in _TITLES.sub("", match[0]) and match[1].strip():
            found.setdefault(match[0].lower(), match[0])
    return list(found.values())
