"""Undo as a list of values: going back is taking an older picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from studio.project.paint.picture import Picture

BUDGET = 512 * 1024 * 1024
"""Bytes of tiles that older values may hold on top of the newest one."""


@dataclass(frozen=True, eq=False)
class Entry:
    """A step: what was done, and the picture after it. Steps in a row with the same `merge` key are one."""

    label: str
    picture: Picture
    merge: str = ""


class History:
    """The steps of one document, oldest first; `index` is the current one. The oldest steps go when the older values
    hold more
    than `budget` bytes of tiles that the newest does not share, and `dropped` counts them."""

    def __init__(self, picture: Picture, label: str = "Open", *, budget: int = BUDGET) -> None:
        self.budget = budget
        self.dropped = 0
        self._entries = [Entry(label, picture)]
        self._index = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    @property
    def index(self) -> int:
        return self._index

    @property
    def picture(self) -> Picture:
        return self._entries[self._index].picture

    @property
    def can_undo(self) -> bool:
        return self._index > 0

    @property
    def can_redo(self) -> bool:
        return self._index + 1 < len(self._entries)

    def labels(self) -> list[str]:
        return [entry.label for entry in self._entries]

    def push(self, label: str, picture: Picture, merge: str = "") -> None:
        """A new step; steps ahead of the current one are forgotten. With the last step's `merge` key it becomes that
        step."""
        last = self._entries[self._index]
        del self._entries[self._index + 1:]
        if merge and last.merge == merge and self._index > 0:
            self._entries[self._index] = Entry(label, picture, merge)
        else:
            self._entries.append(Entry(label, picture, merge))
            self._index += 1
        self._trim()

    def undo(self) -> Picture | None:
        return self.jump(self._index - 1) if self.can_undo else None

    def redo(self) -> Picture | None:
        return self.jump(self._index + 1) if self.can_redo else None

    def jump(self, index: int) -> Picture:
        """The picture at a step, which becomes the current one. What follows does not merge into it."""
        if not 0 <= index < len(self._entries):
            raise IndexError(f"there is no step {index}")
        self._index = index
        entry = self._entries[index]
        if entry.merge:
            self._entries[index] = Entry(entry.label, entry.picture)
        return entry.picture

    @property
    def nbytes(self) -> int:
        """Bytes of tiles that the newest value does not share, each counted once."""
        shared = _tiles(self._entries[-1].picture)
        counted: dict[int, int] = {}
        for entry in self._entries[:-1]:
            counted.update((key, size) for key, size in _sizes(entry.picture) if key not in shared)
        return sum(counted.values())

    def _trim(self) -> None:
        while self._index > 0 and len(self._entries) > 1 and self.nbytes > self.budget:
            del self._entries[0]
            self._index -= 1
            self.dropped += 1


def _sizes(picture: Picture) -> Iterator[tuple[int, int]]:
    """Identity and bytes of every tile of a picture."""
    for plane in picture.planes().values():
        for tile in plane.tiles.values():
            yield id(tile), tile.nbytes


def _tiles(picture: Picture) -> set[int]:
    return {key for key, _ in _sizes(picture)}
