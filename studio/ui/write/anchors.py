"""Places in a story that follow its edits, and room below paragraphs that is no part of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.ui.write.storybase import StoryBase


class Anchor:
    """A stretch of a story that moves with it. What is written at its edges stays outside.

    Attributes:
        start, end: in UTF-16 units.
        alive: False as soon as all of its text was taken away, or another text was loaded; it stays so.
    """

    def __init__(self, story: StoryBase, start: int, end: int) -> None:
        self.story, self.start, self.end = story, start, end
        self.alive = True
        self._point = start == end

    def range(self) -> tuple[int, int]:
        """Start and length in characters."""
        shadow = self.story.shadow
        return shadow.to_chars(self.start), len(shadow.read(self.start, self.end))

    def text(self) -> str:
        return self.story.shadow.read(self.start, self.end)

    def set(self, start: int, end: int) -> None:
        """Lie elsewhere (UTF-16 units) from now on."""
        self.start, self.end, self._point = start, end, start == end

    def shift(self, at: int, removed: int, added: int) -> None:
        """The text changed: `removed` units at `at` gave way to `added`."""
        before = self.end - self.start
        self.start, self.end = _without(self.start, at, removed), _without(self.end, at, removed)
        if before and self.start == self.end:
            self.alive = False
        if added and (at < self.start or (at == self.start and not self._point)):
            self.start += added
            self.end += added
        elif added and at < self.end:
            self.end += added


class Gap:
    """Room below the paragraph in which an anchor ends, for something that is drawn or laid there."""

    def __init__(self, gaps: Gaps, anchor: Anchor, height: int) -> None:
        self._gaps, self.anchor, self.height = gaps, anchor, max(0, height)

    def set_height(self, height: int) -> None:
        """In pixels."""
        if height != self.height:
            self.height = max(0, height)
            self._gaps.apply()

    def remove(self) -> None:
        self._gaps.remove(self)


class Gaps:
    """All gaps of a story. Heights of gaps at one paragraph add up."""

    def __init__(self, story: StoryBase) -> None:
        self.story = story
        self.all: list[Gap] = []
        self._shown: dict[int, int] = {}

    def add(self, anchor: Anchor, height: int) -> Gap:
        gap = Gap(self, anchor, height)
        self.all.append(gap)
        self.apply()
        return gap

    def remove(self, gap: Gap) -> None:
        if gap in self.all:
            self.all.remove(gap)
            self.apply()

    def clear(self) -> None:
        self.all = []
        self._shown = {}

    def height(self, paragraph: int) -> int:
        """Below this paragraph (its number), in pixels."""
        return self._shown.get(paragraph, 0)

    def apply(self, *, dress: bool = True) -> None:
        """Find the paragraphs anew, and dress those that gained or lost room, or leave that to who asks."""
        wanted: dict[int, int] = {}
        for gap in self.all:
            if gap.anchor.alive and gap.height:
                number = self.story.document.findBlock(gap.anchor.end).blockNumber()
                wanted[number] = wanted.get(number, 0) + gap.height
        changed = {n for n in {*wanted, *self._shown} if wanted.get(n, 0) != self._shown.get(n, 0)}
        self._shown = wanted
        for number in changed:
            self.story.mark_paragraphs(number, number)
        if changed and dress:
            self.story.dress()


def _without(position: int, at: int, removed: int) -> int:
    return position if position <= at else max(at, position - removed)
