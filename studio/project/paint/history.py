"""Undo as a list of values: going back is taking an older picture."""

from __future__ import annotations

from collections import Counter
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
    hold more than `budget` bytes of tiles that the newest does not share, and `dropped` counts them; the last step can
    always be taken back."""

    def __init__(self, picture: Picture, label: str = "Open", *, budget: int = BUDGET) -> None:
        self.budget = budget
        self.dropped = 0
        self._entries = [Entry(label, picture)]
        self._index = 0
        self._held = _Held()
        self._held.add(picture)

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
        """A new step; those ahead of the current one are forgotten. With the last step's `merge` key it becomes that
        step."""
        while self.can_redo:
            self._held.remove(self._entries.pop().picture)
        last = self._entries[self._index]
        if merge and last.merge == merge and self._index > 0:
            self._held.remove(self._entries.pop().picture)
        else:
            self._index += 1
        self._entries.append(Entry(label, picture, merge))
        self._held.add(picture)
        self._trim()

    def settle(self) -> None:
        """Close the current step: what follows does not merge into it."""
        entry = self._entries[self._index]
        if entry.merge:
            self._entries[self._index] = Entry(entry.label, entry.picture)

    def undo(self) -> Picture | None:
        return self.jump(self._index - 1) if self.can_undo else None

    def redo(self) -> Picture | None:
        return self.jump(self._index + 1) if self.can_redo else None

    def jump(self, index: int) -> Picture:
        """The picture at a step, which becomes the current one. What follows does not merge into it."""
        if not 0 <= index < len(self._entries):
            raise IndexError(f"there is no step {index}")
        self._index = index
        self.settle()
        return self.picture

    @property
    def nbytes(self) -> int:
        """Bytes of tiles that the newest value does not share, each counted once."""
        return self._held.nbytes - self._entries[-1].picture.nbytes

    def _trim(self) -> None:
        while len(self._entries) > 2 and self._held.nbytes > self.budget and self.nbytes > self.budget:
            self._held.remove(self._entries.pop(0).picture)
            self._index -= 1
            self.dropped += 1


class _Held:
    """How many pictures hold each plane and how many planes each tile. A stroke costs the tiles of one plane, whatever
    the number of steps. The pictures keep the objects alive, so that their ids stand for them."""

    def __init__(self) -> None:
        self.nbytes = 0
        self._planes: Counter[int] = Counter()
        self._tiles: Counter[int] = Counter()

    def add(self, picture: Picture) -> None:
        for plane in picture.planes().values():
            self._planes[id(plane)] += 1
            if self._planes[id(plane)] == 1:
                for tile in plane.tiles.values():
                    self._tiles[id(tile)] += 1
                    if self._tiles[id(tile)] == 1:
                        self.nbytes += tile.nbytes

    def remove(self, picture: Picture) -> None:
        for plane in picture.planes().values():
            self._planes[id(plane)] -= 1
            if not self._planes[id(plane)]:
                del self._planes[id(plane)]
                for tile in plane.tiles.values():
                    self._tiles[id(tile)] -= 1
                    if not self._tiles[id(tile)]:
                        del self._tiles[id(tile)]
                        self.nbytes -= tile.nbytes
