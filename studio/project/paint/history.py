"""The history of a picture, bounded by the memory that its older values hold."""

from __future__ import annotations

from collections import Counter

from studio.project import history
from studio.project.paint.picture import Picture

BUDGET = 512 * 1024 * 1024
"""Bytes of tiles that older values may hold on top of the newest one."""


class History(history.History[Picture]):
    """The oldest steps go when the older values hold more than `budget` bytes of tiles that the newest does not
    share."""

    def __init__(self, picture: Picture, label: str = "Open", *, budget: int = BUDGET) -> None:
        super().__init__(picture, label)
        self.budget = budget
        self._held = _Held()
        self._held.add(picture)

    @property
    def picture(self) -> Picture:
        return self.value

    @property
    def nbytes(self) -> int:
        """Bytes of tiles that the newest value does not share, each counted once."""
        return self._held.nbytes - self._entries[-1].value.nbytes

    def _take(self, value: Picture) -> None:
        self._held.add(value)

    def _let_go(self, value: Picture) -> None:
        self._held.remove(value)

    def _full(self) -> bool:
        return self._held.nbytes > self.budget and self.nbytes > self.budget


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
