"""Composed tiles kept up to a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from studio.project.paint.plane import Key, Pixels


class TileCache:
    """Arrays by (owner, tile key); the least used go first. Owners are compared by equality and kept alive.

    Args:
        budget: bytes of all arrays together. The newest stays even where it alone is larger.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.nbytes = 0
        self._tiles: OrderedDict[tuple[Hashable, Key], Pixels] = OrderedDict()
        self._owners: dict[Hashable, set[Key]] = {}

    def __contains__(self, name: tuple[Hashable, Key]) -> bool:
        return name in self._tiles

    def get(self, name: tuple[Hashable, Key]) -> Pixels | None:
        tile = self._tiles.get(name)
        if tile is not None:
            self._tiles.move_to_end(name)
        return tile

    def put(self, name: tuple[Hashable, Key], tile: Pixels) -> None:
        self.drop(name)
        tile.flags.writeable = False
        self._tiles[name] = tile
        self._owners.setdefault(name[0], set()).add(name[1])
        self.nbytes += tile.nbytes
        while self.nbytes > self.budget and len(self._tiles) > 1:
            self.drop(next(iter(self._tiles)))

    def drop(self, name: tuple[Hashable, Key]) -> None:
        tile = self._tiles.pop(name, None)
        if tile is not None:
            self.nbytes -= tile.nbytes
            keys = self._owners[name[0]]
            keys.discard(name[1])
            if not keys:
                del self._owners[name[0]]

    def owners(self) -> list[Hashable]:
        return list(self._owners)

    def drop_owner(self, owner: Hashable) -> None:
        for key in list(self._owners.get(owner, ())):
            self.drop((owner, key))

    def clear(self) -> None:
        self._tiles.clear()
        self._owners.clear()
        self.nbytes = 0
