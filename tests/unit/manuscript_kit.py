"""Small makings for the tests of manuscripts."""

from __future__ import annotations

from studio.project.manuscript.rows import OBJECT, Block, Mark, Prose


def rich(picture: str, recipe: str) -> Prose:
    """A prose with something of everything, as version 3 of the golden file keeps it."""
    text = f"Kapitel\nAda 🦊 sagt viel.\n{OBJECT} und {OBJECT}\n\nEnde شكرا"
    return Prose(text, (Block("h1"), Block(), Block("bullet", 1), Block("break"), Block("quote")),
                 (Mark(8, 3, "bold"), Mark(8, 5, "link", "https://example.org/ä"), Mark(14, 4, "italic"),
                  Mark(25, 1, "image", picture), Mark(31, 1, "footnote", "Eine Note.")),
                 ({"start": 14, "length": 4, "origin": "machine", "recipe": recipe, "size": 4},))
