"""Colours of program text by pygments, in the tokens of the theme."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

MOST = 200_000
"""Characters that are coloured; longer texts stay plain behind it."""

TOKENS = (
    ("Comment", "t3"), ("String.Doc", "t3"), ("String", "emphasis"), ("Keyword", "iris"), ("Name.Function", "sky"),
    ("Name.Class", "sky"), ("Name.Decorator", "lora"), ("Name.Builtin", "wildcard"), ("Name.Tag", "sky"),
    ("Name.Attribute", "wildcard"), ("Number", "lora"), ("Literal", "lora"), ("Operator.Word", "iris"),
    ("Operator", "t2"), ("Punctuation", "t2"), ("Generic.Heading", "sky"), ("Error", "err"),
)
LANGUAGES = ("python", "javascript", "typescript", "rust", "c", "cpp", "java", "go", "html", "css", "bash", "sql",
             "json", "yaml", "markdown", "text")


@lru_cache(maxsize=16)
def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return get_lexer_by_name("text", stripnl=False, ensurenl=False)


@lru_cache(maxsize=1)
def _table() -> list[tuple[Any, str]]:
    from pygments.token import string_to_tokentype

    return [(string_to_tokentype(name), colour) for name, colour in TOKENS]


def guess(text: str) -> str:
    """The language of a text, "python" where nothing speaks for another one."""
    from pygments.lexers import guess_lexer
    from pygments.util import ClassNotFound

    head = text[:4000]
    if not head.strip():
        return "python"
    try:
        found = guess_lexer(head)
    except ClassNotFound:
        return "python"
    name = found.aliases[0] if found.aliases else "text"
    return name if name in LANGUAGES else "python"


def coloured(text: str, language: str) -> list[tuple[int, int, str]]:
    """(start, length, theme token) of each stretch that has a colour of its own; positions in code points."""
    out = []
    for start, kind, value in _lexer(language).get_tokens_unprocessed(text[:MOST]):
        colour = next((token for group, token in _table() if kind in group), "")
        if colour and value.strip():
            out.append((start, len(value), colour))
    return out


def indent_after(line: str, language: str = "python") -> str:
    """The white space that a line after this one begins with."""
    lead = line[: len(line) - len(line.lstrip())]
    end = line.rstrip()[-1:]
    deeper = end == ":" if language in ("python", "yaml") else end in "{[("
    return lead + ("    " if deeper and end else "")
