"""The blocks of a story's paragraphs, and what becomes of them when text comes and goes."""

from __future__ import annotations

from collections.abc import Sequence

from studio.project.manuscript.rows import BODY, Block

ONE_LINE = ("h1", "h2", "h3", "break")
"""Behind one of these goes body text on."""


def follower(block: Block) -> Block:
    """Of the paragraph that Enter at the end of another begins."""
    return BODY if block.style in ONE_LINE else block


def spliced(before: Sequence[Block], new: str, *, at_start: bool, rest: bool) -> list[Block]:
    """The blocks after an edit that touched paragraphs with the blocks `before`.

    new: the text that came in. at_start: it begins with its paragraph. rest: text stands behind it in its paragraph.
    """
    first, last = before[0], before[-1]
    lines = new.count("\n")
    if not lines:
        if len(before) > 1 and at_start and rest and not new:
            return [last]  # nothing is left of the first paragraph: what stays keeps its own look
        return [BODY if first.style == "break" and new else first]
    if at_start and rest and new == "\n" and len(before) == 1:
        return [follower(first), first]  # Enter in front of a title moves it down
    then = first if rest and first.style != "break" else follower(first)
    if len(before) > 1 and rest:
        return [first, *[follower(first)] * (lines - 1), last]
    return [first, *[follower(first)] * (lines - 1), then]
