"""Undo as a list of values: going back is taking an older one. Pictures and arrangements have theirs from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, eq=False)
class Entry(Generic[Value]):
    """A step: what was done, and the value after it. Steps in a row with the same `merge` key are one."""

    label: str
    value: Value
    merge: str = ""


class History(Generic[Value]):
    """The steps of one document, oldest first; `index` is the current one. A subclass says in `_full` when the oldest
    must go; `dropped` counts those that went. The last step can always be taken back."""

    def __init__(self, value: Value, label: str = "Open") -> None:
        self.dropped = 0
        self._entries = [Entry(label, value)]
        self._index = 0

    @property
    def entries(self) -> tuple[Entry[Value], ...]:
        return tuple(self._entries)

    @property
    def index(self) -> int:
        return self._index

    @property
    def value(self) -> Value:
        """As it is at the current step."""
        return self._entries[self._index].value

    @property
    def can_undo(self) -> bool:
        return self._index > 0

    @property
    def can_redo(self) -> bool:
        return self._index + 1 < len(self._entries)

    def labels(self) -> list[str]:
        return [entry.label for entry in self._entries]

    def push(self, label: str, value: Value, merge: str = "") -> None:
        """A new step; those ahead of the current one are forgotten. With the last step's `merge` key it becomes that
        step."""
        while self.can_redo:
            self._let_go(self._entries.pop().value)
        if merge and self._index > 0 and self._entries[-1].merge == merge:
            self._let_go(self._entries.pop().value)
        self._entries.append(Entry(label, value, merge))
        self._take(value)
        while len(self._entries) > 2 and self._full():
            self._let_go(self._entries.pop(0).value)
            self.dropped += 1
        self._index = len(self._entries) - 1

    def settle(self) -> None:
        """Close the current step: what follows does not merge into it."""
        entry = self._entries[self._index]
        if entry.merge:
            self._entries[self._index] = Entry(entry.label, entry.value)

    def undo(self) -> Value | None:
        return self.jump(self._index - 1) if self.can_undo else None

    def redo(self) -> Value | None:
        return self.jump(self._index + 1) if self.can_redo else None

    def jump(self, index: int) -> Value:
        """The value at a step, which becomes the current one. What follows does not merge into it."""
        if not 0 <= index < len(self._entries):
            raise IndexError(f"there is no step {index}")
        self._index = index
        self.settle()
        return self.value

    # ------------------------------------------------------------ what a subclass counts

    def _take(self, value: Value) -> None:
        """A step with this value has come."""

    def _let_go(self, value: Value) -> None:
        """A step with this value has gone."""

    def _full(self) -> bool:
        """Whether the oldest step must go."""
        return False
