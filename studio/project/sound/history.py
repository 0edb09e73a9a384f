"""Undo as a list of values: going back is taking an older arrangement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio.project.sound.arrangement import Arrangement

MOST = 1000
"""Steps that are kept; values share their clips, so that a step costs the tuple of them."""


@dataclass(frozen=True, eq=False)
class Entry:
    """A step: what was done, and the arrangement after it. Steps in a row with the same `merge` key are one."""

    label: str
    arrangement: Arrangement
    merge: str = ""


class History:
    """The steps of one document, oldest first; `index` is the current one. The oldest go when there are more than
    `most`, and `dropped` counts them."""

    def __init__(self, arrangement: Arrangement, label: str = "Open", *, most: int = MOST) -> None:
        self.most = max(most, 2)
        self.dropped = 0
        self._entries = [Entry(label, arrangement)]
        self._index = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    @property
    def index(self) -> int:
        return self._index

    @property
    def arrangement(self) -> Arrangement:
        return self._entries[self._index].arrangement

    @property
    def can_undo(self) -> bool:
        return self._index > 0

    @property
    def can_redo(self) -> bool:
        return self._index + 1 < len(self._entries)

    def labels(self) -> list[str]:
        return [entry.label for entry in self._entries]

    def push(self, label: str, arrangement: Arrangement, merge: str = "") -> None:
        """A new step; those ahead of the current one are forgotten. With the last step's `merge` key it becomes that
        step. An arrangement that is the current one is none."""
        if arrangement is self.arrangement:
            return
        del self._entries[self._index + 1:]
        if merge and self._entries[-1].merge == merge and self._index > 0:
            self._entries.pop()
        self._entries.append(Entry(label, arrangement, merge))
        if len(self._entries) > self.most:
            self._entries.pop(0)
            self.dropped += 1
        self._index = len(self._entries) - 1

    def settle(self) -> None:
        """Close the current step: what follows does not merge into it."""
        entry = self._entries[self._index]
        if entry.merge:
            self._entries[self._index] = Entry(entry.label, entry.arrangement)

    def amend(self, change: Callable[[Arrangement], Arrangement]) -> None:
        """Change every step: what is worked out from a step (the sound of notes) belongs to it and is none itself."""
        self._entries = [Entry(e.label, change(e.arrangement), e.merge) for e in self._entries]

    def undo(self) -> Arrangement | None:
        return self.jump(self._index - 1) if self.can_undo else None

    def redo(self) -> Arrangement | None:
        return self.jump(self._index + 1) if self.can_redo else None

    def jump(self, index: int) -> Arrangement:
        """The arrangement at a step, which becomes the current one. What follows does not merge into it."""
        if not 0 <= index < len(self._entries):
            raise IndexError(f"there is no step {index}")
        self._index = index
        self.settle()
        return self.arrangement
